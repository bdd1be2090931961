"""A line has more units than the published limit lets a line have.

Of a code whose unit limit (MUE) has the adjudication indicator 1, each line is held against the limit
alone, and all units of a line over it are denied. Several lines stand each for itself where a modifier
says why there are several (59, XE, XP, XS, XU, 76, 77, 91 or a site); lines without any are read as one
service, which is a warning.

**Fails**: ``99486`` with 5 units where the limit is 4; ``99486`` twice with 4 units and no modifier.

**Passes**: ``99486`` with 4 units, and ``99486-59`` with 4 more.

**Cure**: the units that were done. Where more were needed and documented, lines of their own, each within the
limit and with the modifier that says why. A code whose limit is 0 is not paid by Medicare in the setting at all: no cure
but not to bill it there.

**Not checked**: days of a quarter of which no limits are there; lines that are over a limit together
where the table says nothing of how it counts (as those of Medicaid, which are read by line).

**Limits**: a code without a published limit is not limitless: some limits are kept secret, and nothing is
said of it. The limits are Medicare's, and those above zero count under either basis, though other payers have
their own. A limit of zero says only what Medicare does not pay: under another basis it is a warning, and no line
is dropped for it. Units below 1 are COD103.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.mue.units import is_limited
from cptkit.rules.mue.wording import line_over_limit

RULE = ("MUE801", "line-over-limit")

_WAY_OUT = "check the units; if more were needed and documented, give them lines of their own with the modifier that says why"


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether the limit of a line's code is of that kind, or not known."""
    return is_limited(alone, context)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line that is over its limit alone."""
    return line_over_limit(RULE, encounter, context, denial="mue-line", way_out=_WAY_OUT)


def columns(block: Encounters) -> Asked:
    """The lines over such a limit."""
    from cptkit.rules.mue.columns import limits_in_columns

    return limits_in_columns(block, check, frozenset())
