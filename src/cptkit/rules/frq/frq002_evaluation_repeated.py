"""A psychiatric evaluation is repeated sooner than payers expect.

CPT leaves it to need, and lets one evaluation take several days, with informants. Payers want a new
onset, or some months between two evaluations of one clinician.

**Fails**: ``90791`` two months after ``90791`` of the same clinician; a review.

**Passes**: ``90791`` half a year later.

**Cure**: see that the record shows why it was repeated, or that the days belong to one evaluation.

**Not checked**: no history, or one that begins too late; an evaluation of which one side names no
clinician; one of a colleague of the same billing provider, or of another clinician where a side names none.

**Limits**: how long to wait is each payer's: the fact is marked as disputed. Two evaluations on one day are
another rule's.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from cptkit.claims import Encounter, Line
from cptkit.dated import months_before
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.whose import repeated, told, uncertain

RULE = ("FRQ002", "evaluation-repeated")

_FAMILY = "diagnostic-evaluation"
_DAY = dt.timedelta(days=1)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is an evaluation."""
    return _is_evaluation(context, alone.lines[0])


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One review for every evaluation that follows another one too soon."""
    for line in encounter.lines:
        if _is_evaluation(context, line):
            yield from _judge(encounter, context, line)


def _is_evaluation(context: Context, line: Line) -> bool:
    rule = context.time_rule(line.code)
    return rule is not None and rule.id == _FAMILY


def _judge(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding | NotChecked]:
    months = context.convention("evaluation-again-months")
    if months is None:
        reason = f"when an evaluation is repeated is not on record for {encounter.date_of_service}"
        yield not_checked(RULE, encounter, (line,), reason)
        return
    first = months_before(encounter.date_of_service, int(months.value)) + _DAY
    found = repeated(encounter, first, partial(_is_evaluation, context), uncertain)
    if isinstance(found, PastLine):
        message = (
            f"{line.code} follows {told(found)} within {months.value} months; what payers expect differs"
        )
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
    elif found:
        yield not_checked(RULE, encounter, (line,), found)
