"""A timed code has no time.

A code that is chosen by minutes rests on documented minutes: start and stop, or the total. Time
missing from the record is the commonest reason for which psychotherapy fails an audit.

**Fails**: ``90834`` without minutes and without start and stop; ``99417`` on a visit of which nobody
gives the minutes.

**Passes**: ``90834`` with 47 minutes, or from 10:00 to 10:47.

**Cure**: enter the documented time. A time is never made up afterwards.

**Limits**: a warning, because the time need not stand on the claim itself. Visits whose level may
rest on decision making are left out, and codes that any length gives (``99238``, ``99483``). Minutes of
a month are not read from a clock, which shows one day of it.
A session of which a row that could not be read may be part is *not checked*.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.tim.sessions import goes_by_time, judged
from cptkit.rules.tim.wording import LOST

RULE = ("TIM401", "time-missing")

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every session of a timed code without minutes."""
    for session in judged(encounter, context).in_question:
        if session.minutes is not None or not session.rests_on_time:
            continue
        without = tuple(
            line for line in session.lines if session.minutes_of(line) is None and session.needs_time(line)
        )
        if session.may_lack:
            yield not_checked(RULE, encounter, without, LOST)
            continue
        codes = sorted({line.code for line in without})
        verb = "is" if len(codes) == 1 else "are"
        how = (
            "enter the minutes of the whole time, as noted"
            if session.spans_days
            else "enter the minutes, or start and stop, as noted"
        )
        yield finding(
            RULE,
            encounter,
            context,
            without,
            f"{' and '.join(codes)} {verb} chosen by time, and no minutes are given",
            severity=Severity.WARNING,
            evidence=(session.rule.citation,),
            denial=context.denial("time-missing"),
            fixes=(fix(FixKind.ASK, without[0], None, how),),
        )
