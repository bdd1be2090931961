"""The minutes are more than the time from start to stop.

Breaks make the minutes fewer than the clock; nothing makes them more. Where both stand on a line
and the minutes are more, one of them is wrong, and an auditor counts the smaller.

**Fails**: 60 minutes from 10:00 to 10:45.

**Passes**: 45 minutes from 10:00 to 10:45; 40 minutes from 10:00 to 10:45, with a break.

**Cure**: correct the one that is wrong from the record.

**Limits**: a stop at or before the start is read as past midnight. Nothing is said where only one
of the two is given, nor of codes that count the minutes of several days (``99490``): a clock shows one.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.columns import NONE, Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, number
from cptkit.rules.findings import Finding, FixKind, Severity
from cptkit.rules.tim.sessions import DAY_MINUTES, judged

RULE = ("TIM405", "minutes-exceed-clock")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line with more minutes than its start and stop hold."""
    for line in encounter.lines:
        if line.minutes is None or line.clock_minutes is None or line.minutes <= line.clock_minutes:
            continue
        session = judged(encounter, context).session_of(line)
        if session is not None and session.most > DAY_MINUTES:
            continue
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{number(line.minutes)} minutes, and from {line.start} to {line.stop} are {line.clock_minutes}",
            severity=Severity.WARNING,
            denial=context.denial("units-not-supported-by-time"),
            fixes=(fix(FixKind.ASK, line, None, "correct the minutes or the clock times from the record"),),
        )


def columns(block: Encounters) -> Asked:
    """The encounters with a line that has minutes beside its start and stop, and more than these."""
    timed = (block.minutes != NONE) & (block.start != NONE) & (block.stop != NONE)
    seconds = block.stop - block.start
    held = (seconds + (seconds <= 0) * (60 * DAY_MINUTES)) // 60
    return Asked(*block.whole(block.holding(timed & (block.minutes > held))))
