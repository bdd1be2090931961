"""The plan does not pay the service at all.

What a plan leaves out of its benefits is the payer's own word. The codes are in a profile; without one that
names some, the rule is left out.

**Fails**: ``90846`` where the plan does not pay for care of the family. A review where it usually does not.

**Passes**: codes that the payer's list does not name.

**Bypassed**: ``90846-GY``; with GA, GX, GY or GZ the line is billed in order to be denied.

**Cure**: see what the plan says of the patient's benefits, before the patient is billed.

**Not checked**: no profile that says so; a list that is not on record for the day.

**Limits**: the benefits of one patient, such as a visit that was the last one of the year, are not on a claim.
Lines that take units back are not judged.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import expected_unpaid
from cptkit.rules.pay.judging import judged
from cptkit.rules.profiles.payer_facts import PayerFact
from cptkit.rules.profiles.severity import severity_of

RULE = ("PAY101", "service-not-covered")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line and list of codes that the plan does not pay."""
    return judged(RULE, "not-covered", "what the plan does not pay", _judge, encounter, context)


def _judge(
    encounter: Encounter, context: Context, fact: PayerFact, line: Line
) -> Iterator[Finding | NotChecked]:
    if line.units <= 0:
        return
    says = f"the plan {'usually ' if fact.usually else ''}does not pay {line.code}: {fact.convention.text}"
    record = expected_unpaid(line, context)
    if record is not None:
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{says}; with {record.code} the line expects that",
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(fact.convention.citation, record.history[-1].citation),
        )
        return
    yield finding(
        RULE,
        encounter,
        context,
        (line,),
        says,
        severity=severity_of(fact),
        evidence=(fact.convention.citation,),
        denial=None if fact.usually else context.denial("non-covered-program"),
        fixes=(fix(FixKind.ASK, line, None, "see what the plan pays for this patient"),),
    )
