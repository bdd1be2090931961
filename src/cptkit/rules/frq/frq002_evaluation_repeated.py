"""A psychiatric evaluation is repeated sooner than payers expect.

CPT leaves it to need, and lets one evaluation take several days, with informants. Payers want a new
onset, or some months between two evaluations of one clinician.

**Fails**: ``90791`` two months after ``90791`` of the same clinician; a review.

**Passes**: ``90791`` half a year later.

**Cure**: see that the record shows why it was repeated, or that the days belong to one evaluation.

**Not checked**: no history, or one that begins too late; an evaluation of which one side names no
clinician.

**Limits**: how long to wait is each payer's: the fact is marked as disputed. Two evaluations on one day are
another rule's.
"""

import datetime as dt
from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.dated import months_before
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.whose import Whose, earlier, unknown_days, whose

RULE = ("FRQ002", "evaluation-repeated")

_FAMILY = "diagnostic-evaluation"
_DAY = dt.timedelta(days=1)


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One review for every evaluation that follows another one too soon."""
    for line in encounter.lines:
        if _is_evaluation(context, line.code):
            yield from _judge(encounter, context, line)


def _is_evaluation(context: Context, code: str) -> bool:
    rule = context.time_rule(code)
    return rule is not None and rule.id == _FAMILY


def _judge(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding | NotChecked]:
    months = context.convention("evaluation-again-months")
    past, day = encounter.past, encounter.date_of_service
    if months is None:
        reason = f"when an evaluation is repeated is not on record for {day}"
        yield not_checked(RULE, encounter, (line,), reason)
        return
    if past is None:
        yield not_checked(RULE, encounter, (line,), unknown_days(encounter, day))
        return
    first = months_before(day, int(months.value)) + _DAY
    unclear = ""
    for each in earlier(past, first, day - _DAY):
        if not _is_evaluation(context, each.line.code):
            continue
        who = whose(encounter, past.claim, each)
        told = f"{each.line.code} on {each.line.date_of_service} ({each.name})"
        if who is Whose.SAME:
            message = f"{line.code} follows {told} within {months.value} months; what payers expect differs"
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                message,
                severity=Severity.REVIEW,
                evidence=(months.citation,),
                fixes=(fix(FixKind.ASK, line, None, "see that the record shows why it was repeated"),),
            )
            return
        if who is Whose.UNNAMED:
            unclear = unclear or f"{told} may be this clinician's: one side names none"
    reason = unclear or unknown_days(encounter, first)
    if reason:
        yield not_checked(RULE, encounter, (line,), reason)
