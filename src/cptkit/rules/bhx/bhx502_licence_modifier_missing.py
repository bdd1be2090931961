"""A line is without the credential modifier that the payer wants, or has one that it does not take.

Some payers read who gave a service off a modifier of the line (HM to HP), by their own list. The lists are in
a profile; without one that holds some, the rule is left out.

**Fails**: ``97153`` without any where the payer wants HM, HN, HO or HP; ``97151-HN`` where it takes HO alone;
``97155-HM`` where it has no rate for HM.

**Passes**: ``97151-HO``; codes that the payer's list does not name.

**Cure**: the modifier of the person who gave the service, if the payer takes the service from that person.

**Not checked**: no profile that says which modifiers; a list that is not on record for the day.

**Limits**: whether the modifier is that of the clinician is not on a claim. What HO means differs: in Colorado
Medicaid it tells of supervision, which no profile here says. Two of them on one line are MOD204's.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.modifiers import has_room
from cptkit.rules.profiles.context import payer_facts
from cptkit.rules.profiles.payer_facts import PayerFact

RULE = ("BHX502", "licence-modifier-missing")

_REFUSED = "licence-modifiers-refused"
_NAMES = frozenset({"licence-modifiers", _REFUSED})
_KIND = "licence-level"
_LACKING, _WRONG = "licence-modifier-missing", "modifier-inconsistent"


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line and list of the payer that do not agree."""
    by_code = payer_facts(context, _NAMES)
    if by_code is None:
        reason = "no profile says which credential modifiers the payer takes"
        yield not_checked(RULE, encounter, encounter.lines, reason)
        return
    for line in encounter.lines:
        for fact in by_code.get(line.code, ()):
            if not fact.known:
                day = encounter.date_of_service
                reason = f"which credential modifiers the payer takes is not on record for {day}"
                yield not_checked(RULE, encounter, (line,), reason)
            elif fact.heading == _REFUSED:
                yield from _refused(encounter, context, line, fact)
            elif set(fact.modifiers).isdisjoint(line.modifiers):
                yield _missing(encounter, context, line, fact)


def _refused(encounter: Encounter, context: Context, line: Line, fact: PayerFact) -> Iterator[Finding]:
    for modifier in fact.modifiers:
        if modifier in line.modifiers:
            message = f"{modifier} on {line.code}: {fact.convention.text}"
            yield _finding(encounter, context, line, fact, message, _WRONG, (_asked(line),))


def _missing(encounter: Encounter, context: Context, line: Line, fact: PayerFact) -> Finding:
    wanted = " or ".join(fact.modifiers)
    wrong = [each for each in line.modifiers if _is_of_licence(context, each)]
    if wrong:
        message = f"{line.code} is with {' and '.join(wrong)}, and the payer takes {wanted}"
        return _finding(encounter, context, line, fact, message, _WRONG, (_asked(line),))
    message = f"{line.code} is without {wanted}: {fact.convention.text}"
    return _finding(
        encounter, context, line, fact, message, _LACKING, (_adding(context, line, fact, wanted),)
    )


def _is_of_licence(context: Context, modifier: str) -> bool:
    record = context.modifier(modifier)
    return record is not None and _KIND in record.kinds


def _adding(context: Context, line: Line, fact: PayerFact, wanted: str) -> Fix:
    """The one modifier that there is, where the line has a place for it; else a question."""
    if len(fact.modifiers) == 1 and has_room(line, context):
        provided = "the clinician who gave the service holds that credential"
        return fix(FixKind.ADD_MODIFIER, line, wanted, f"add {wanted} to {line.code}", provided)
    return fix(FixKind.ASK, line, None, f"add {wanted}: that of the clinician who gave the service")


def _asked(line: Line) -> Fix:
    return fix(FixKind.ASK, line, None, "see who gave the service, and whether the payer takes it from them")


def _finding(
    encounter: Encounter,
    context: Context,
    line: Line,
    fact: PayerFact,
    message: str,
    check_name: str,
    fixes: tuple[Fix, ...],
) -> Finding:
    citation = fact.convention.citation
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.ERROR if citation.confidence in SURE else Severity.WARNING,
        evidence=(citation,),
        denial=context.denial(check_name),
        fixes=fixes,
    )
