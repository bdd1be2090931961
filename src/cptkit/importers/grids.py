"""Tables with a header somewhere near the top: the header is found by content, whatever stands above it.

The same rows come from comma-separated text, tab-separated text and .xlsx. What stands above the
header (notices, titles, wrapped lines) is kept, because it may say whose table it is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import attrs

from cptkit.errors import UnknownLayout
from cptkit.importers.lines import COMMA, TAB, Record, Records
from cptkit.importers.opening import Member
from cptkit.importers.rows import Rejected
from cptkit.importers.sheets import sheets

__all__ = ["MOST_ABOVE", "Grid", "grids", "heads", "is_workbook"]

MOST_ABOVE = 300
"""How many records may stand above the header."""

IsHeader = Callable[[Sequence[str]], bool]


@attrs.frozen(slots=True)
class Grid:
    """A table: its header, what stands above it, and its rows, which can be iterated once.

    ``sheet`` is the name of the worksheet, empty for text. Every row has as many cells as the header.
    """

    header: tuple[str, ...]
    above: tuple[Record, ...]
    sheet: str
    rows: Iterator[Record | Rejected]

    def title(self) -> str:
        """What stands above the header, as one text."""
        return " ".join(cell for record in self.above for cell in record.cells if cell)


def is_workbook(head: bytes) -> bool:
    """Whether a file begins as an .xlsx workbook does: as a zip."""
    return head.startswith(b"PK\x03\x04")


def grids(member: Member, is_header: IsHeader, *, ragged: bool = False) -> Iterator[Grid]:
    """The tables of a member whose header is the one asked for: one of a text, any number of a workbook.

    ``ragged``: rows may lack empty cells at their end, as spreadsheets sometimes write text.

    :raises UnknownLayout: when there is none.
    :raises UnreadableFile: when it cannot be read.
    """
    head = member.head()
    found = False
    if is_workbook(head):
        for sheet in sheets(member):
            grid = _grid(iter(sheet), is_header, sheet.name, ragged=ragged)
            if grid is not None:
                found = True
                yield grid
    else:
        for delimiter in (TAB, COMMA):
            if any(is_header(cells) for cells in _cells_above(member, delimiter)):
                found = True
                with closing(member.small()) as stream:
                    records = Records(stream, member.shown, delimiter)
                    grid = _grid(iter(records), is_header, "", ragged=ragged)
                    if grid is not None:
                        records.width = None if ragged else len(grid.header)
                        yield grid
                break
    if not found:
        raise UnknownLayout("no header of this layout was found", where=member.shown)


def heads(member: Member) -> Iterator[tuple[str, str, list[tuple[str, ...]]]]:
    """The first records of a member in each way it can be read: delimiter or nothing, sheet, cells."""
    if is_workbook(member.head()):
        for sheet in sheets(member):
            cells: list[tuple[str, ...]] = []
            for record in sheet:
                cells.append(record.cells)
                if len(cells) == MOST_ABOVE:
                    break
            yield "", sheet.name, cells
        return
    for delimiter in (TAB, COMMA):
        yield delimiter, "", list(_cells_above(member, delimiter))


def _cells_above(member: Member, delimiter: str) -> Iterator[tuple[str, ...]]:
    """The cells of the first records of a text, none of them cut in the middle."""
    with closing(member.open()) as stream:
        for count, record in enumerate(Records(stream, member.shown, delimiter)):
            if count == MOST_ABOVE:
                return
            if isinstance(record, Record):
                yield record.cells


def _grid(
    records: Iterator[Record | Rejected], is_header: IsHeader, sheet: str, *, ragged: bool
) -> Grid | None:
    above: list[Record] = []
    for record in records:
        if isinstance(record, Rejected):  # a stray quote in a notice is no row
            continue
        if is_header(record.cells):
            header = _trimmed(record.cells)
            return Grid(header, tuple(above), sheet, _fitted(records, len(header), ragged=ragged))
        above.append(record)
        if len(above) == MOST_ABOVE:
            return None
    return None


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """A header without the empty cells at its end, which a spreadsheet leaves behind."""
    last = max(index for index, cell in enumerate(cells) if cell)
    return tuple(cells[: last + 1])


def _fitted(records: Iterator[Record | Rejected], width: int, *, ragged: bool) -> Iterator[Record | Rejected]:
    """Each row with as many cells as the header; one with another number of cells is rejected."""
    for record in records:
        if isinstance(record, Rejected) or len(record.cells) == width:
            yield record
        elif len(record.cells) > width and not any(record.cells[width:]):
            yield Record(record.line_number, record.cells[:width])
        elif ragged and len(record.cells) < width:
            yield Record(record.line_number, record.cells + ("",) * (width - len(record.cells)))
        else:
            reason = f"the row has another number of cells than the header: {len(record.cells)}, not {width}"
            yield Rejected(record.line_number, record.cells[0][:12], reason)
