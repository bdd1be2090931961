"""The column 2 code of a pair edit stands beside its column 1 code, and no modifier bypasses it.

Of two codes that the published pair edits (NCCI, PTP) name together, column 1 is paid and column 2
denied, for one patient, clinician and day, whatever the order on the claim. With indicator 1 a
modifier may say that the two were separate services; with indicator 0 none does. Pairs that exclude
each other are PTP702; a modifier that does not bypass its edit is PTP703.

**Fails**: ``99213`` beside ``90847`` without a modifier (indicator 1); ``99213`` beside ``90837``
(indicator 0).

**Passes**: two codes that no edit of the day names together; the same pair on two days.

**Bypassed**: ``90847`` and ``99213-25``, a visit of its own that the record shows. Each line of the
column 2 code needs its own modifier, unless every line of column 1 has one.

**Cure**: drop the column 2 line if it was part of the other service. If it was not, and the indicator
is 1, the modifier that says why, on a record that shows it: for a visit 57 where column 1 has 90 global days
in the fee schedule, 25 where it has fewer, and a question where that is not told. An add-on without another
primary goes with the line. The patient may not be billed.

**Not checked**: days of a quarter of which no pair edits are there; a column 1 code on a line without a
clinician or on another claim of the day; all lines where a row could not be read.

**Limits**: these are Medicare's edits, under either basis; other payers have their own. Same clinician is
read as same provider: no text says whether a group counts as one. A pair is judged even where column 1 is
itself denied by another edit. Units below 1 are COD103's, and no service here. Modifiers are read as their facts say: 25 on visits alone, 59 on none.
Whether a record supports a modifier is not seen here.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.ptp.wording import second_column

RULE = ("PTP701", "column-two-without-bypass")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every column 2 line of a pair that does not exclude each other."""
    return second_column(RULE, encounter, context, exclusive=False)


def columns(block: Encounters) -> Asked:
    """The pairs of codes between which such an edit is in force."""
    from cptkit.rules.ptp.columns import pairs_in_columns

    return pairs_in_columns(block, check, exclusive=False)
