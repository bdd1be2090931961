"""One encounter that stands on several claims: its lines are judged together, and told of each claim.

Pair edits, unit limits, add-ons and repeated lines look at the lines of one patient, clinician and day,
whichever claims hold them. A finding is told for the claim that is checked when one of its own lines is
part of it; lines of other claims are named with their claim, and no fix changes them.
"""

import attrs

from cptkit.claims import Claim, Encounter
from cptkit.history import Past
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome
from cptkit.rules.whose import Whose, whose

__all__ = ["joined", "own_part"]


def joined(encounter: Encounter, claim: Claim, past: Past) -> Encounter:
    """The encounter with the lines of the day on other claims that are the same clinician's.

    Codes of lines that may be this clinician's, because one side names none, are added to ``elsewhere``.
    """
    day, taken = encounter.date_of_service, {line.id for line in claim.lines}
    lines, unclear = list(encounter.lines), set(encounter.elsewhere)
    for each in past.between(day, day):
        if each.claim is claim:
            continue
        who = whose(encounter, claim, each)
        if who is Whose.UNNAMED:
            unclear.add(each.line.code)
        elif who is Whose.SAME:
            name = each.name
            while name in taken:
                name += "'"
            taken.add(name)
            lines.append(attrs.evolve(each.line, id=name))
    return attrs.evolve(encounter, lines=tuple(lines), elsewhere=frozenset(unclear), past=past)


def own_part(entry: Finding | NotChecked, claim: Claim) -> Finding | NotChecked | None:
    """What an entry says of the claim; None where it is about lines of other claims alone."""
    own = {line.id for line in claim.lines}
    lines = [line for line in entry.lines if line in own]
    if len(lines) == len(entry.lines):
        return entry
    if not lines:
        return None
    if isinstance(entry, NotChecked):
        return entry
    fixes = tuple(fix for fix in entry.fixes if fix.line in own)
    if entry.outcome is Outcome.FAIL and not fixes:
        code = next(line.code for line in claim.lines if line.id == lines[0])
        others = ", ".join(line for line in entry.lines if line not in own)
        text = f"see which is right: line {lines[0]} here, or {others}, which is not changed from here"
        fixes = (Fix(FixKind.ASK, lines[0], None, text, "", code),)
    return attrs.evolve(entry, fixes=fixes)
