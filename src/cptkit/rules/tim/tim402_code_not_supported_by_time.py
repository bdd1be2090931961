"""The minutes do not support the code.

Each timed code answers for a span of minutes. Fewer minutes than it needs make a claim for a
service that was not given; more than it covers mean that another code describes the session.

**Fails**: ``90837`` with 50 minutes (they are 90834), ``90832`` with 15 (nothing is reportable),
``90832`` with 45 (90834; a warning, because too little was asked).

**Passes**: ``90834`` with 38 and with 52 minutes.

**Cure**: the code that the documented minutes support.

**Not checked**: no minutes given, or more than there can be, or such of a base that may hold
those of its add-on; minutes at which a code counts in one reading only, where no source settles which one holds; a
visit below the minutes of its level, which may rest on decision making instead; a timed code for which
the edition has no time rule; a session of which a row that could not be read may be part.

**Limits**: judges the documented minutes, not whether the length was needed. More minutes than the longest
code of a family covers are a warning: what is reported then was not read. A visit without
minutes, or longer than its level asks, is taken to be levelled by decision making, which is not
judged; TIM406 asks about the longer one. Units, and codes that are counted in units, are TIM403;
codes of a calendar month are TIM409.
"""

from collections.abc import Iterator

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, not_checked
from cptkit.rules.findings import Finding, NotChecked, Severity
from cptkit.rules.tim.picked import Standing, cures, mismatch, standing
from cptkit.rules.tim.sessions import Session, goes_by_time, judged
from cptkit.rules.tim.wording import UNSETTLED, obstacle, severity_of
from cptkit.timerule import Kind, Scope

RULE = ("TIM402", "code-not-supported-by-time")

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every code that its session's minutes do not give."""
    found = judged(encounter, context)
    for session in found.in_question:
        if session.rule.kind is Kind.PER_UNIT or session.rule.scope is Scope.MONTH:
            continue  # units decide, and under Medicare those of the whole day: TIM403; months: TIM409
        if session.minutes is None:
            if any(line.code in session.heads and session.needs_time(line) for line in session.lines):
                yield not_checked(RULE, encounter, session.lines, "no minutes are given")
        elif reason := obstacle(session):
            yield not_checked(RULE, encounter, session.lines, reason)
        else:
            for line in session.lines:
                if line.code in session.heads:
                    yield from _judge(encounter, context, session, line, session.minutes)
    for line in found.without_rule:
        record = context.record(line.code)
        status = context.standing(line.code)
        if record is None or status is None or not record.timed or status.in_force is False:
            continue
        if not context.has_time_rule(line.code):
            yield not_checked(RULE, encounter, (line,), _without_rule(line, context))


def _without_rule(line: Line, context: Context) -> str:
    other = context.other_basis
    if timerule.is_named(line.code, context.day, context.codeset, other):
        return f"{line.code} has no time rule under {context.basis}; under {other} it has one"
    return f"edition {context.codeset.edition} has no time rule for {line.code} on that day"


def _judge(
    encounter: Encounter, context: Context, session: Session, line: Line, minutes: int
) -> Iterator[Finding | NotChecked]:
    rule = session.rule
    answers, _ = context.minutes.earned(rule, minutes)
    found = standing(rule, line.code, minutes, answers, context)
    if found is Standing.SUPPORTED:
        return
    if found is Standing.UNSETTLED:
        yield not_checked(RULE, encounter, (line,), f"{minutes} minutes of {line.code}: {UNSETTLED}")
    elif not rule.optional:
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            mismatch(rule, line.code, minutes, answers, context),
            severity=severity_of(rule) if found is Standing.SHORT else Severity.WARNING,
            evidence=(rule.citation,),
            denial=context.denial("units-not-supported-by-time"),
            fixes=cures(session, line, minutes, answers, found),
        )
    elif found is Standing.SHORT:
        # a visit that ran long may still be of that level by decision making: TIM406 asks about it
        reason = f"{minutes} minutes are fewer than {line.code} needs by time; its level may rest on decision making"
        yield not_checked(RULE, encounter, (line,), reason)
