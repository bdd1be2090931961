"""The minutes of the calendar month are fewer than the code takes.

Care management and remote monitoring are reported by the month: the minutes of its days are added up, and
below the first threshold nothing is reportable, however often there was contact.

**Fails**: ``99490`` with 15 minutes in the month; ``99457`` with 15 (from 2026 on they are ``99470``).

**Passes**: ``99490`` with 20 minutes.

**Cure**: the documented minutes of the whole month, if more stand on other days; otherwise nothing is
reported.

**Not checked**: no minutes given, or more than a month has; minutes at which a code counts in one reading
only, where no source settles which one holds; codes that count days with data, since a claim line carries
no days.

**Limits**: takes the minutes of the line as those of the month: other days of the month stand on no line
of the encounter. More minutes than the code covers are TIM406's, further units TIM403's.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, not_checked
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.tim.picked import Standing, cures, mismatch, standing
from cptkit.rules.tim.sessions import Session, judged
from cptkit.rules.tim.wording import UNSETTLED, obstacle, severity_of
from cptkit.timerule import Scope

RULE = ("TIM409", "monthly-minutes-too-few")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


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
    day, answers = encounter.date_of_service, rule.answers_at(minutes)
    for line in session.lines:
        if line.code not in session.heads:
            continue
        how = standing(rule, line.code, minutes, answers, context)
        if how is Standing.UNSETTLED:
            yield not_checked(RULE, encounter, (line,), f"{minutes} minutes of {line.code}: {UNSETTLED}")
        elif how is Standing.SHORT:
            of = f" of {_MONTHS[day.month - 1]} {day.year}"
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                mismatch(rule, line.code, minutes, answers, context, of=of),
                severity=severity_of(rule),
                evidence=(rule.citation,),
                denial=context.denial("units-not-supported-by-time"),
                fixes=cures(session, line, minutes, answers, how),
            )
