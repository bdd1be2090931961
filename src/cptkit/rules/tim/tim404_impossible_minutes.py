"""The minutes cannot be those of one day, or of the days that the code counts.

**Fails**: -5 minutes; 2,000 minutes of ``90837``; 50,000 minutes of the monthly ``99490``.

**Passes**: 47 minutes; 2,000 minutes of ``99490``.

**Cure**: the documented minutes. Until then nothing that depends on them is judged.

**Limits**: a warning where no time rule counts the minutes of the code. Says nothing about minutes that are possible yet
unlikely.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.columns import NONE, Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, number
from cptkit.rules.findings import Finding, FixKind, Severity
from cptkit.rules.tim.sessions import DAY_MINUTES, judged
from cptkit.rules.tim.wording import span_of

RULE = ("TIM404", "impossible-minutes")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line whose minutes are negative or more than its days have."""
    for line in encounter.lines:
        if line.minutes is None or 0 <= line.minutes <= DAY_MINUTES:
            continue
        most = _most(encounter, context, line)
        if not 0 <= line.minutes <= most:
            rule = context.time_rule(line.code)
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"{number(line.minutes)} minutes cannot be those of {span_of(most)}, at most {most}",
                severity=Severity.WARNING if rule is None else Severity.ERROR,
                evidence=() if rule is None else (rule.citation,),
                denial=context.denial("units-not-supported-by-time"),
                fixes=(fix(FixKind.ASK, line, None, "enter the documented minutes"),),
            )


def _most(encounter: Encounter, context: Context, line: Line) -> int:
    """The most minutes that a line can have: those of a day, unless its rule counts more of them."""
    session = judged(encounter, context).session_of(line)
    if session is not None:
        return session.most
    rule = context.time_rule(line.code)
    return DAY_MINUTES * (1 if rule is None else rule.scope.days)


def columns(block: Encounters) -> Asked:
    """The encounters with a line whose minutes a day does not have."""
    wrong = (block.minutes != NONE) & ((block.minutes < 0) | (block.minutes > DAY_MINUTES))
    return Asked(*block.whole(block.holding(wrong)))
