"""The units are zero or negative.

Units are whole and at least one; a line of no units cannot be paid and is rejected.

**Fails**: units 0, units -1.

**Passes**: units 1.

**Cure**: the units that the documentation supports.

**Limits**: says nothing about too many units: time is TIM403, unit limits are a table of their own.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.columns import Asked, Encounters, Reads, each
from cptkit.rules.context import Context
from cptkit.rules.emit import by_shape, finding, fix, number
from cptkit.rules.findings import Finding, FixKind

RULE = ("COD103", "impossible-units")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line with fewer than one unit."""
    for line in encounter.lines:
        if line.units < 1:
            evidence, severity = by_shape(context, "units")
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"{line.code} with units {number(line.units)}: a line has at least one unit",
                severity=severity,
                evidence=evidence,
                denial=context.denial("units-zero-or-fraction"),
                fixes=(fix(FixKind.ASK, line, None, "enter the units that the documentation supports"),),
            )


def columns(block: Encounters) -> Asked:
    """The lines with fewer than one unit."""
    import numpy as np

    lines = np.flatnonzero(block.units < 1)
    return Asked(*each(lines), frozenset({Reads.CODE, Reads.UNITS}))
