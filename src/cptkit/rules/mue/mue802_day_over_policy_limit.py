"""The units of a day are over a published limit that is policy.

Of a code whose unit limit (MUE) has the adjudication indicator 2, all units of the day are added, over
all lines of the patient and clinician; with a history those on other claims count too. Over the limit all
of them are denied, and no record overrides it: the limit follows from what the code is, or from CMS policy.

**Fails**: ``90839`` with 2 units, or on two lines, where the limit is 1; any unit where the limit is 0.

**Passes**: units of two days that are within the limit on each.

**Cure**: the units that were done, as the code counts them. There is no modifier for it. A code whose limit
is 0 is not paid by Medicare in the setting at all: no cure but not to bill it there.

**Not checked**: days of a quarter of which no limits are there; units within the limit where more of the
code stands on a line without a clinician or, as long as no history is given, on another claim of the day
that is checked too, or where a row could not be read.

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
from cptkit.rules.mue.wording import day_over_limit

RULE = ("MUE802", "day-over-policy-limit")

_WAY_OUT = "check the units against the record: no appeal lifts this limit"


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether the limit of a line's code is of that kind, or not known."""
    return is_limited(alone, context, 2)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every code whose units of the day are over a limit of policy."""
    return day_over_limit(RULE, encounter, context, mai=2, denial="mue-day-policy", way_out=_WAY_OUT)


def columns(block: Encounters) -> Asked:
    """The lines over such a limit."""
    from cptkit.rules.mue.columns import limits_in_columns

    return limits_in_columns(block, check, frozenset({2}))
