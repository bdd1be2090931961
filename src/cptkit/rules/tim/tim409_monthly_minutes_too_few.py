"""The minutes of the calendar month are fewer than the code takes.

Care management and remote monitoring are reported by the month: the minutes of its days are added up, and
below the first threshold nothing is reportable, however often there was contact.

**Fails**: ``99490`` with 15 minutes in the month; ``99457`` with 15 (from 2026 on they are ``99470``).

**Passes**: ``99490`` with 20 minutes.

**Bypassed**: ``99490`` with 12 minutes and, on an earlier day of the month, on the claim or in a history, 12 more
of the same clinician: what was added is told. A line that reaches the code alone keeps its minutes.

**Cure**: the documented minutes of the whole month, if more stand on other days; otherwise nothing is
reported.

**Not checked**: no minutes given, or more than a month has; minutes at which a code counts in one reading
only, where no source settles which one holds; codes that count days with data, since a claim line carries
no days; a line of another day whose minutes are not known, or which may be the clinician's; too few minutes
where each day is judged by itself, as in tables; a session of which a row that could not be read may be part.

**Limits**: takes the minutes of the line as those of the month where it reaches the code with them. Whether the
minutes of several lines are each day's own or sums up to the day is not on a claim. More minutes than the code covers are TIM406's, further units TIM403's.
"""

from collections.abc import Iterator

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, not_checked
from cptkit.rules.findings import Finding, NotChecked, Outcome, Severity
from cptkit.rules.month import rest_of_month
from cptkit.rules.tim.picked import Standing, cures, mismatch, standing
from cptkit.rules.tim.sessions import Session, goes_by_time, judged
from cptkit.rules.tim.wording import UNSETTLED, doubt, obstacle, severity_of
from cptkit.rules.whose import Whose, told, uncertain
from cptkit.timerule import Scope

RULE = ("TIM409", "monthly-minutes-too-few")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every monthly code that its minutes do not reach."""
    found = judged(encounter, context)
    for session in found.in_question:
        if session.rule.scope is Scope.MONTH and any(line.code in session.heads for line in session.lines):
            yield from _judge(encounter, context, session)
    for line in found.by_days:
        yield not_checked(
            RULE, encounter, (line,), f"{line.code} counts days with data, and a claim line carries no days"
        )


def _judge(encounter: Encounter, context: Context, session: Session) -> Iterator[Finding | NotChecked]:
    rule, minutes = session.rule, session.minutes
    if minutes is None:
        yield not_checked(RULE, encounter, session.lines, "no minutes are given")
        return
    if reason := obstacle(session):
        yield not_checked(RULE, encounter, session.lines, reason)
        return
    answers = rule.answers_at(minutes)
    for line in session.lines:
        if line.code not in session.heads:
            continue
        how = standing(rule, line.code, minutes, answers, context)
        if how is Standing.UNSETTLED:
            yield not_checked(RULE, encounter, (line,), f"{minutes} minutes of {line.code}: {UNSETTLED}")
        elif how is Standing.SHORT:
            yield _with_the_month(encounter, context, session, line, minutes)


@attrs.frozen(slots=True)
class _Rest:
    """Minutes on the other days of the month, and where they stand; ``unclear``: why there may be more."""

    minutes: int = 0
    said: tuple[str, ...] = ()
    unclear: str = ""


def _rest(encounter: Encounter, context: Context, session: Session) -> _Rest:
    """What the clinician's lines of the family on other days add; nothing where one of them is reported rightly."""
    rule, found = session.rule, _Rest()
    for each, who in rest_of_month(encounter):
        code, minutes = each.line.code, each.line.minutes
        if code not in rule.codes or who not in {Whose.SAME, Whose.UNNAMED}:
            continue
        why = uncertain(each, who)
        if not why and (minutes is None or not 0 <= minutes <= rule.most):
            why = f"the minutes of {told(each)} are not known"
        if why or minutes is None:
            found = attrs.evolve(found, unclear=found.unclear or why)
        elif code in session.heads and minutes >= context.minutes.takes(rule, code)[0]:
            return _Rest()  # the month is reported there, and its minutes are that line's
        else:
            said = (*found.said, f"{minutes} of {told(each)}")
            found = attrs.evolve(found, minutes=found.minutes + minutes, said=said)
    return found


def _with_the_month(
    encounter: Encounter, context: Context, session: Session, line: Line, minutes: int
) -> Finding | NotChecked:
    """What is said of a code that the minutes of its day do not reach: those of other days may."""
    if encounter.days_apart:
        reason = f"{minutes} minutes are too few alone, and the other days of the month were not looked at"
        return not_checked(RULE, encounter, (line,), reason)
    rule, day, rest = session.rule, encounter.date_of_service, _rest(encounter, context, session)
    total = minutes + rest.minutes
    if total > rule.most:
        return not_checked(RULE, encounter, (line,), f"{total} minutes cannot be those of a month")
    answers = rule.answers_at(total)
    how = standing(rule, line.code, total, answers, context)
    of = f" of {_MONTHS[day.month - 1]} {day.year}"
    if rest.said:
        of += f" ({minutes} here, {', '.join(rest.said)})"
    if how is Standing.UNSETTLED:
        return not_checked(RULE, encounter, (line,), f"{total} minutes{of}: {UNSETTLED}")
    if how is Standing.SUPPORTED:
        message = (
            f"{total} minutes{of} support {line.code} together: the record must show that they are added once"
        )
        return finding(
            RULE,
            encounter,
            context,
            (line,),
            message + doubt(rule, context),
            severity=Severity.REVIEW,
            outcome=Outcome.BYPASSED,
            evidence=(rule.citation,),
        )
    if rest.unclear:
        return not_checked(
            RULE, encounter, (line,), f"{minutes} minutes{of} are too few alone; {rest.unclear}"
        )
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        mismatch(rule, line.code, total, answers, context, of=of),
        severity=severity_of(rule),
        evidence=(rule.citation,),
        denial=context.denial("units-not-supported-by-time"),
        fixes=cures(session, line, total, answers, how),
    )
