"""A person should see that the note of a service holds what the payer looks for in it.

No claim says what a note holds. The rule lists, line by line, what the payer's reviewers look for: it is no
part of ``ALL``, and runs where it is named, or where a profile selects it. What notes hold is in a profile.

**Fails**: ``90837`` under Medicare: start and stop or all minutes, the kind of intervention, progress, the
plan, a signature, and why it took more than 52 minutes; ``90853``: how many were in the group. A review.

**Passes**: codes of which the profile says nothing.

**Cure**: read the note; mend it as the payer's rules of amendment allow, or bill what it shows.

**Not checked**: no profile that says what a note holds, or none for the day.

**Limits**: nothing is read here but the code. Missing minutes are TIM401's, and minutes that do not carry the
code are TIM402's.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.profiles.context import payer_facts

RULE = ("DOC001", "note-to-be-read")

_NAMES = frozenset({"note-holds"})


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One review for every line whose note the payer wants to hold something."""
    by_code = payer_facts(context, _NAMES)
    if by_code is None:
        yield not_checked(RULE, encounter, encounter.lines, "no profile says what a note must hold")
        return
    for line in encounter.lines:
        facts = by_code.get(line.code, ())
        known = [fact.convention for fact in facts if fact.known]
        if known:
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"the note of {line.code} must hold {'; '.join(each.text for each in known)}",
                severity=Severity.REVIEW,
                evidence=tuple(each.citation for each in known),
                fixes=(fix(FixKind.ASK, line, None, "read the note before the line is billed"),),
            )
        elif facts:
            reason = f"what a note must hold is not on record for {encounter.date_of_service}"
            yield not_checked(RULE, encounter, (line,), reason)
