"""Add-on code edits (AOC): the fixed-width .txt without a header, and .xlsx or text with one.

Days are the year and the day within it (``2023181`` is 30 June 2023). The primary ``CCCCC`` says
that the contractor decides. A line of the fixed-width form is at most 97 characters long::

    1 type    2-6 add-on    7-13 its last day    14-18 primary    19-25 its last day
    26-32 first day of the edit    33-39 its last day    40-97 note
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain

from cptkit.codes import category_of
from cptkit.errors import UnknownLayout
from cptkit.importers.cells import Unfit, blank_or_day_of_year, code, day_of_year, key, once, one_of, start_of
from cptkit.importers.grids import Grid, grids, is_workbook
from cptkit.importers.lines import decoded, numbered_lines
from cptkit.importers.opening import Member
from cptkit.importers.rows import AddOnRow, Rejected

__all__ = ["is_fixed", "is_header", "read"]

CONTRACTOR = "CCCCC"
_COLUMNS = (
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Special_Instruction_Notes",
)
_KEYS = tuple(key(name) for name in _COLUMNS)
_FIXED = ((0, 1), (1, 6), (6, 13), (13, 18), (18, 25), (25, 32), (32, 39), (39, 97))
_LINE = re.compile(r"[1-9][0-9A-Z]{5}(?:[0-9]{7}| {7})[0-9A-Z]{5}(?:[0-9]{7}| {7})[0-9]{7}")
_START = re.compile(r"[0-9][0-9A-Z]{5}[0-9 ]")
_MOST_NOTE = 97
_LOOKED_AT = 40


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the column names of the add-on edits, with or without ``Julian`` behind the days.

    >>> is_header(["AOC_Edit_Type", "Add-On_Code", "AOC_DelDT_Julian", "Primary_Code",
    ...            "Primary_Code_DelDT_Julian", "AOC_Edit_EffDT_Julian", "AOC_Edit_DelDT_Julian"])
    True
    >>> is_header(["AOC_Edit_Type", "Add-On_Code"])
    False
    """
    names = {_plain(cell) for cell in cells}
    return set(_KEYS[:7]) <= names


def is_fixed(member: Member) -> bool:
    """Whether most of the first lines have the fixed-width form.

    :raises UnreadableFile: when they cannot be read.
    """
    fitting = looked_at = 0
    with closing(member.open()) as stream:
        for _, line in numbered_lines(stream, member.shown):
            if not line.strip():
                continue
            looked_at += 1
            fitting += _LINE.match(decoded(line)) is not None and _is_addon_line(decoded(line))
            if looked_at == _LOOKED_AT:
                break
    return fitting * 2 > looked_at


def read(member: Member) -> Iterator[AddOnRow | Rejected]:
    """The rows of the add-on edits, in either form; one that comes twice is rejected the second time.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    fixed = not is_workbook(member.head()) and is_fixed(member)
    tables = [_fixed(member)] if fixed else (_table(grid, member.shown) for grid in grids(member, is_header))
    for row in chain.from_iterable(tables):
        if isinstance(row, AddOnRow):
            name = f"{row.addon} {row.primary or CONTRACTOR} {row.first_day}"
            try:
                once(name, row.line_number, seen)
            except Unfit as unfit:
                yield Rejected(row.line_number, name, str(unfit))
                continue
        yield row


def _fixed(member: Member) -> Iterator[AddOnRow | Rejected]:
    started = False
    with closing(member.small()) as stream:
        for line_number, line in numbered_lines(stream, member.shown):
            text = decoded(line)
            started = started or _START.match(text) is not None
            if not started or not text.strip():  # a notice above the first row is no row
                continue
            if len(text.rstrip()) > _MOST_NOTE:
                yield Rejected(line_number, text[:18], f"the line is longer than {_MOST_NOTE} characters")
                continue
            yield _judged(line_number, [text[first:last] for first, last in _FIXED])


def _table(grid: Grid, shown: str) -> Iterator[AddOnRow | Rejected]:
    places = {_plain(cell): at for at, cell in enumerate(grid.header)}
    if len(places) != len(grid.header):
        given = ", ".join(grid.header)
        raise UnknownLayout("two columns of the add-on edits have one name", given=given, where=shown)
    for record in grid.rows:
        if isinstance(record, Rejected):
            yield record
        else:
            cells = [record.cells[places[name]] if name in places else "" for name in _KEYS]
            yield _judged(record.line_number, cells)


def _judged(line_number: int, cells: Sequence[str]) -> AddOnRow | Rejected:
    try:
        return _row(line_number, [cell.strip() for cell in cells])
    except Unfit as unfit:
        return Rejected(line_number, start_of(cells), str(unfit))


def _row(line_number: int, cells: Sequence[str]) -> AddOnRow:
    edit_type = int(one_of(cells[0], ("1", "2", "3"), "the type of the edit"))
    row = AddOnRow(
        line_number,
        code(cells[1], "the add-on"),
        None if cells[3] == CONTRACTOR else code(cells[3], "the primary"),
        edit_type,
        day_of_year(cells[5], "the first day"),
        blank_or_day_of_year(cells[6], "the last day"),
        blank_or_day_of_year(cells[2], "the add-on's last day"),
        blank_or_day_of_year(cells[4], "the primary's last day"),
        cells[7],
    )
    if row.last_day is not None and row.last_day < row.first_day:
        raise Unfit(f"the edit ends before it starts: {row.first_day} to {row.last_day}")
    return row


def _is_addon_line(text: str) -> bool:
    return category_of(text[1:6]) is not None and (
        text[13:18] == CONTRACTOR or category_of(text[13:18]) is not None
    )


def _plain(cell: str) -> str:
    """The name of a column without the suffix that says how days are written."""
    return key(cell).removesuffix("julian")
