"""A code of a calendar month is reported twice in the month.

The minutes of care management and remote monitoring are summed over a calendar month and reported once,
when the month, or its threshold, is reached.

**Fails**: ``99490`` on the 10th and again on the 31st by one clinician: the later one.

**Passes**: ``99490`` on the last day of one month and on the last day of the next.

**Cure**: report the month once, with all its minutes.

**Not checked**: no history, or one that begins after the first day of the month; an earlier line of which
one side names no clinician; one of a colleague of the same billing provider, or of another clinician where a
side names none: whether both may report the month is not on a claim.

**Limits**: clinicians of two billing providers are not held against each other. Codes that count 30 days with data
are not of a calendar month. A second report on the same day is DUP601's.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.tim.wording import severity_of
from cptkit.rules.whose import repeated, told, uncertain
from cptkit.timerule import Scope, TimeRule

RULE = ("FRQ003", "monthly-code-repeated")


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line has a code that is reported once a month."""
    return _is_monthly(context, alone.lines[0])


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every monthly code that stood on an earlier day of the month."""
    for line in encounter.lines:
        rule = context.time_rule(line.code)
        if rule is not None and _is_monthly(context, line):
            yield from _judge(encounter, context, line, rule)


def _is_monthly(context: Context, line: Line) -> bool:
    rule = context.time_rule(line.code)
    return rule is not None and rule.scope is Scope.MONTH and line.code in context.minutes.heads(rule)


def _judge(
    encounter: Encounter, context: Context, line: Line, rule: TimeRule
) -> Iterator[Finding | NotChecked]:
    heads = context.minutes.heads(rule)
    first = encounter.date_of_service.replace(day=1)
    found = repeated(encounter, first, lambda other: other.code in heads, uncertain)
    if isinstance(found, PastLine):
        provided = f"its minutes are counted with those of {found.name}"
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{line.code} is reported once a calendar month, and {told(found)} is of the same month",
            severity=severity_of(rule),
            evidence=(rule.citation,),
            denial=context.denial("frequency-exceeded"),
            fixes=(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided),),
        )
    elif found:
        yield not_checked(RULE, encounter, (line,), found)
