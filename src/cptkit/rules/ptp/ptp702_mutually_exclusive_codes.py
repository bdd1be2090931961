"""Two codes that cannot both have been done, by the published rationale of their pair edit.

Some pair edits (NCCI, PTP) give as their rationale that the two procedures are mutually exclusive: two
lengths of one session, two ways to the same end. It is read from the words with which the published
rationale begins. Column 1 is paid and column 2 denied, as for PTP701, whatever the order on the claim;
a modifier that does not bypass
its edit is PTP703.

**Fails**: ``90834`` beside ``90837`` (indicator 0), whichever comes first.

**Passes**: ``90837`` alone; the two on two days.

**Bypassed**: a pair with indicator 1 where a modifier says that each was a service of its own.

**Cure**: keep the line of what was done. Which of the two that was, the record says and not the edit: a
payer that denies column 2 has not found out either.

**Not checked**: days of a quarter of which no pair edits are there; a column 1 code on a line without a
clinician or on another claim of the day; all lines where a row could not be read.

**Limits**: as for PTP701. Where the rationale has other words, PTP701 says it.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.ptp.wording import second_column

RULE = ("PTP702", "mutually-exclusive-codes")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every column 2 line of a pair that excludes each other."""
    return second_column(RULE, encounter, context, exclusive=True)


def columns(block: Encounters) -> Asked:
    """The pairs of codes between which such an edit is in force."""
    from cptkit.rules.ptp.columns import pairs_in_columns

    return pairs_in_columns(block, check, exclusive=True)
