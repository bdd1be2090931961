"""A code that only counts is billed with a charge.

Codes of Category II, and codes of status M in Medicare's fee schedule, tell what was done for a measure. They
are never paid: the line carries no charge, or the cent that some software asks for.

**Fails**: ``3074F`` with a charge of 10.00.

**Passes**: ``3074F`` with a charge of 0, or of 0.01; ``90834`` with any charge.

**Cure**: no charge on the line. What was done for the measure is billed by its own code.

**Not checked**: lines without a charge, as it is not known then; days before the record begins.

**Limits**: status M is asked only where the fee schedule of the day is there, and is Medicare's: under another
basis it is a warning.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter, Line
from cptkit.codes import Category, category_of
from cptkit.codesets import Convention
from cptkit.rules.charges import charged
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits.telling import EditRow

RULE = ("COD104", "tracking-code-with-charge")

_TRACKING = "tracking-codes/II"
_MEASURE = "measure"


@attrs.frozen(slots=True)
class _Counted:
    """A line whose code only counts, the amount it is billed with, and what says so; where these are known."""

    line: Line
    amount: Decimal | None
    by: Convention | None
    rows: "tuple[EditRow, ...]"


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether the code of a line only counts."""
    return context.kept(_by, alone.lines[0].code) is not None


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line that only counts and has a charge."""
    counted = [found for line in encounter.lines if (found := _counted(context, line)) is not None]
    return _check(encounter, context, counted) if counted else ()


def _counted(context: Context, line: Line) -> _Counted | None:
    by = context.kept(_by, line.code)
    return None if by is None else _Counted(line, charged(line), *by)


def _by(code: str, context: Context) -> "tuple[Convention | None, tuple[EditRow, ...]] | None":
    """What says that a code only counts, with the row that says so; None where nothing does."""
    if category_of(code) is Category.II:
        return context.convention(_TRACKING), ()
    answer = context.edits.fee_row(code)
    if answer is None or answer.row is None:
        return None
    status = context.convention(f"pfs-status/{answer.row.status}")
    return (status, (answer.row,)) if status is not None and status.value == _MEASURE else None


def _check(encounter: Encounter, context: Context, counted: list[_Counted]) -> Iterator[Finding | NotChecked]:
    tracking = context.convention(_TRACKING)
    allowed = Decimal(0 if tracking is None else tracking.value)
    for each in counted:
        if each.by is None:
            reason = f"whether {each.line.code} may have a charge is not on record for {context.day}"
            yield not_checked(RULE, encounter, (each.line,), reason)
        elif each.amount is None:
            reason = f"{each.line.code} is never paid, and its charge is not known"
            yield not_checked(RULE, encounter, (each.line,), reason)
        elif each.amount > allowed:
            yield _judge(encounter, context, each, each.amount, each.by)


def _judge(
    encounter: Encounter, context: Context, each: _Counted, amount: Decimal, by: Convention
) -> Finding:
    follows = not each.rows or context.basis is Basis.MEDICARE
    sure = follows and by.citation.confidence in SURE
    return finding(
        RULE,
        encounter,
        context,
        (each.line,),
        f"{each.line.code} has a charge of {amount:.12g}: {by.text}",
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=(by.citation,),
        denial=context.denial("tracking-code-charge"),
        fixes=(fix(FixKind.ASK, each.line, None, "enter no charge; bill what was done by its own code"),),
        edits=each.rows,
    )
