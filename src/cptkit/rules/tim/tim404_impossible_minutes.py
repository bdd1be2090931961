"""The minutes cannot be those of one day.

**Fails**: -5 minutes; 2,000 minutes.

**Passes**: 47 minutes.

**Cure**: the documented minutes. Until then nothing that depends on them is judged.

**Limits**: says nothing about minutes that are possible yet unlikely.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, number
from cptkit.rules.findings import Finding, FixKind
from cptkit.rules.tim.sessions import DAY_MINUTES

RULE = ("TIM404", "impossible-minutes")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line whose minutes are negative or more than a day has."""
    for line in encounter.lines:
        if line.minutes is not None and not 0 <= line.minutes <= DAY_MINUTES:
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"{number(line.minutes)} minutes cannot be those of one day, which has {DAY_MINUTES}",
                denial=context.denial("units-not-supported-by-time"),
                fixes=(fix(FixKind.ASK, line, None, "enter the documented minutes"),),
            )
