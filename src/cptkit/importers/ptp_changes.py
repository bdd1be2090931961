"""The quarterly lists of changes to the pair edits: pairs added, pairs ended, indicators revised.

A list is a notice and a header whose first cells are ``Column 1`` and ``Column 2`` and which has a
column for the modifier indicator, but neither of the days of the full tables. Which kind of change it
is stands in a column of its own, in what is above the header, in the name of the worksheet, or in the
name of the file; a list that says nowhere is refused.
"""

import re
from collections.abc import Iterator, Sequence

import attrs

from cptkit.errors import UnknownLayout
from cptkit.importers.cells import Unfit, blank_or_day, code, key, one_of, start_of
from cptkit.importers.grids import Grid, grids
from cptkit.importers.lines import Record
from cptkit.importers.names import claims_of
from cptkit.importers.opening import Member
from cptkit.importers.rows import PtpChangeRow, Rejected

__all__ = ["is_header", "read"]

_INDICATORS = ("0", "1", "9")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:addition|added|add|new)", re.IGNORECASE), "added"),
    (re.compile(r"\b(?:deletion|deleted|delete|ended|termination)", re.IGNORECASE), "ended"),
    (re.compile(r"\b(?:revis|modifier indicator change|changed?\b)", re.IGNORECASE), "revised"),
)
_BEFORE = re.compile(r"old|prior|previous|from")
_DAYS = re.compile(r"effective|deletion|date")


@attrs.frozen
class _Columns:
    change: int | None
    indicator: int | None
    previous: int | None
    day: int | None


def is_header(cells: Sequence[str]) -> bool:
    r"""Whether these are the column names of a list of changes, and not of a full table of pair edits.

    >>> is_header(["Column 1", "Column 2", "Modifier\nIndicator"])
    True
    >>> is_header(["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "Rationale"])
    False
    """
    names = [key(cell) for cell in cells]
    return (
        len(names) >= 3
        and names[0] in {"column1", "column1code"}
        and names[1] in {"column2", "column2code"}
        and any("modifier" in name or "indicator" in name for name in names[2:])
        and not any("existence" in name for name in names)
        and not (_begins(names, "effective") and _begins(names, "deletion"))
    )


def _begins(names: Sequence[str], word: str) -> bool:
    return any(name.startswith(word) for name in names)


def read(member: Member) -> Iterator[PtpChangeRow | Rejected]:
    """The changes of a list.

    :raises UnknownLayout: when it is none, or does not say what kind of change it lists.
    :raises UnreadableFile: when it cannot be read.
    """
    for grid in grids(member, is_header):
        columns = _columns(grid.header)
        change = None
        if columns.change is None:
            change = _change(grid, member)
            if change is None:
                raise UnknownLayout(
                    "a list of changes that does not say whether its pairs were added, ended or revised",
                    expected="a file whose title or name says it (additions, deletions, revisions)",
                    where=member.shown,
                )
        for record in grid.rows:
            if isinstance(record, Rejected):
                yield record
                continue
            try:
                yield _row(record, columns, change)
            except Unfit as unfit:
                yield Rejected(record.line_number, start_of(record.cells), str(unfit))


def _columns(header: Sequence[str]) -> _Columns:
    names = [key(cell) for cell in header]
    indicators = [
        at for at, name in enumerate(names) if at > 1 and ("modifier" in name or "indicator" in name)
    ]
    previous = [at for at in indicators if _BEFORE.search(names[at])]
    current = [at for at in indicators if at not in previous]
    changes = [
        at for at, name in enumerate(names) if name in {"change", "action", "changetype", "typeofchange"}
    ]
    days = [at for at, name in enumerate(names) if at > 1 and at not in indicators and _DAYS.search(name)]
    return _Columns(*(found[0] if found else None for found in (changes, current, previous, days)))


def _change(grid: Grid, member: Member) -> str | None:
    """The kind of change that the title, the worksheet or the file names; the nearest one counts."""
    for text in (grid.title(), grid.sheet):
        found = {word for pattern, word in _WORDS if pattern.search(text)}
        if len(found) == 1:
            return found.pop()
    return claims_of(member.name).change or claims_of(member.archive or "").change


def _row(record: Record, columns: _Columns, change: str | None) -> PtpChangeRow:
    cells = record.cells
    if columns.change is not None:
        said = {word for pattern, word in _WORDS if pattern.search(cells[columns.change])}
        if len(said) != 1:
            raise Unfit(f"the change is none of added, deleted, revised: {cells[columns.change][:60]!r}")
        change = said.pop()
    column1, column2 = code(cells[0], "column 1"), code(cells[1], "column 2")
    if column1 == column2:
        raise Unfit(f"a code is paired with itself: {column1}")

    def indicator(at: int | None) -> int | None:
        blank = ("", *_INDICATORS) if change == "ended" else _INDICATORS
        text = "" if at is None else one_of(cells[at], blank, "the indicator")
        return int(text) if text else None

    return PtpChangeRow(
        record.line_number,
        change or "",
        column1,
        column2,
        indicator(columns.indicator),
        indicator(columns.previous),
        None if columns.day is None else blank_or_day(cells[columns.day], "the day"),
    )
