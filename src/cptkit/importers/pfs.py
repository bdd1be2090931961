"""The fee schedule's relative values (PPRRVU): 31 columns, 32 from 2026 on, as .csv, text or .xlsx.

Above the rows stand title lines and a header over several lines. The last of them, which begins
``HCPCS, MOD, DESCRIPTION``, repeats names (five columns are called ``SURG`` or ``OP``), so columns are
known by position; each name must be the one expected there, or the layout is refused. The
descriptions are the AMA's and are not read. A row may be of a D code, which is the ADA's.

A spreadsheet that takes texts for numbers drops zeros. Global days ``0``, ``10`` and ``90`` and
one-digit levels of supervision are given theirs back; so is a code of anaesthesia (``100``), but only
in a row that lost another zero, since it could be a code cut short. The row says so (``mended``).
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.errors import UnknownLayout
from cptkit.importers.cells import Unfit, code, key, number, once, one_of
from cptkit.importers.grids import Grid, grids
from cptkit.importers.lines import Record
from cptkit.importers.opening import Member
from cptkit.importers.rows import FeeRow, Rejected

__all__ = ["FeeTitle", "is_header", "read", "title_of"]

_NAMES = (
    *("hcpcs", "mod", "description", "code", "payment", "rvu", "pervu", "indicator", "pervu", "indicator"),
    *("rvu", "total", "total", "ind", "days", "op", "op", "op", "proc", "surg", "surg", "surg", "surg"),
    *("ind", "base", "factor", "procedures", "flag", "indicator", "amount", "amount", "amount"),
)
_PRICED_AT = 23
_WIDTHS = (len(_NAMES) - 1, len(_NAMES))
_GLOBAL = ("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ")
_LOST_ZEROS = {"0": "000", "10": "010", "90": "090"}
_ANESTHESIA = re.compile(r"[1-9][0-9]{2}|1[0-9]{3}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_TITLE = re.compile(r"(20[0-9]{2})\s+National Physician Fee Schedule Relative Value File", re.IGNORECASE)
_MONTH = re.compile(r"\b(January|April|July|October)\b[^.]{0,40}\bRelease", re.IGNORECASE)
_RELEASED = re.compile(r"RELEASED\s+([0-9]{1,2})/([0-9]{1,2})/(20[0-9]{2})", re.IGNORECASE)
_QUARTERS = {"january": 1, "april": 2, "july": 3, "october": 4}


@attrs.frozen(slots=True)
class FeeTitle:
    """What the title lines say: the year, the quarter of the release, the day it was released."""

    year: int | None
    quarter: Quarter | None
    released: dt.date | None


def is_header(cells: Sequence[str]) -> bool:
    """Whether this is the last line of the header of a table of relative values.

    >>> is_header(["HCPCS", "MOD", "DESCRIPTION", *["TOTAL"] * 28])
    True
    >>> is_header(["HCPCS", "MOD", "DESCRIPTION"])
    False
    """
    return [key(cell) for cell in cells[:3]] == list(_NAMES[:3]) and len(cells) > 20


def title_of(title: str) -> FeeTitle:
    """What the lines above the header say of the release.

    >>> title_of("2026 National Physician Fee Schedule Relative Value File July Release RELEASED 06/30/2026")
    FeeTitle(year=2026, quarter=Quarter(year=2026, number=3), released=datetime.date(2026, 6, 30))
    >>> title_of("REDACTED")
    FeeTitle(year=None, quarter=None, released=None)
    """
    year = _TITLE.search(title)
    month = _MONTH.search(title)
    released = _RELEASED.search(title)
    quarter = Quarter(int(year[1]), _QUARTERS[month[1].lower()]) if year and month else None
    day = None
    if released:
        try:
            day = dt.date(int(released[3]), int(released[1]), int(released[2]))
        except ValueError:  # a day that is none says nothing
            day = None
    return FeeTitle(int(year[1]) if year else None, quarter, day)


def read(member: Member) -> Iterator[FeeRow | Rejected]:
    """The rows of a table of relative values.

    :raises UnknownLayout: when it is none, or its columns are not those of 2020 to 2026.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    for grid in grids(member, is_header):
        priced = _check_columns(grid, member.shown)
        for record in grid.rows:
            if isinstance(record, Rejected):
                yield record
                continue
            try:
                row = _row(record, priced=priced)
                once(f"{row.code} {row.modifier}", record.line_number, seen)
            except Unfit as unfit:
                yield Rejected(record.line_number, " ".join(record.cells[:2])[:12], str(unfit))
            else:
                yield row


def _check_columns(grid: Grid, shown: str) -> bool:
    """Whether the table has the column PRIC IND; every other column is where it should be."""
    names = [key(cell) for cell in grid.header]
    if len(names) not in _WIDTHS:
        given = f"{len(names)} columns"
        expected = f"{_WIDTHS[0]} or {_WIDTHS[1]}"
        raise UnknownLayout(
            "not a known table of relative values", given=given, expected=expected, where=shown
        )
    priced = len(names) == _WIDTHS[1]
    wanted = _NAMES if priced else _NAMES[:_PRICED_AT] + _NAMES[_PRICED_AT + 1 :]
    for at, (name, expected) in enumerate(zip(names, wanted, strict=True), start=1):
        if name != expected:
            message = f"column {at} of the relative values has another name"
            raise UnknownLayout(message, given=grid.header[at - 1], expected=expected.upper(), where=shown)
    return priced


def _row(record: Record, *, priced: bool) -> FeeRow:
    cells = list(record.cells)
    if not priced:
        cells.insert(_PRICED_AT, "")
    mended: list[str] = []
    days = cells[14]
    if days in _LOST_ZEROS:
        days = _LOST_ZEROS[days]
        mended.append("global_days")
    supervision = cells[26]
    if len(supervision) == 1 and supervision.isdigit():
        supervision = "0" + supervision
        mended.append("supervision")
    name = cells[0]
    if mended and _ANESTHESIA.fullmatch(name):
        name = name.zfill(5)
        mended.append("code")
    return FeeRow(
        line_number=record.line_number,
        code=code(name),
        modifier=_modifier(cells[1]),
        status=_short(cells[3], "the status", 1),
        not_used=one_of(cells[4], ("", "+"), "NOT USED FOR MEDICARE PAYMENT"),
        work_rvu=number(cells[5], "WORK RVU"),
        nonfacility_pe_rvu=number(cells[6], "NON-FAC PE RVU"),
        nonfacility_na=_short(cells[7], "NON-FAC NA INDICATOR", 2, blank=True),
        facility_pe_rvu=number(cells[8], "FACILITY PE RVU"),
        facility_na=_short(cells[9], "FACILITY NA INDICATOR", 2, blank=True),
        mp_rvu=number(cells[10], "MP RVU"),
        nonfacility_total=number(cells[11], "NON-FACILITY TOTAL"),
        facility_total=number(cells[12], "FACILITY TOTAL"),
        pctc=_short(cells[13], "PCTC IND", 1),
        global_days=one_of(days, _GLOBAL, "the global days"),
        preoperative=number(cells[15], "PRE OP"),
        intraoperative=number(cells[16], "INTRA OP"),
        postoperative=number(cells[17], "POST OP"),
        mult=_short(cells[18], "MULT PROC", 1),
        bilat=_short(cells[19], "BILAT SURG", 1),
        asst=_short(cells[20], "ASST SURG", 1),
        cosurg=_short(cells[21], "CO-SURG", 1),
        team=_short(cells[22], "TEAM SURG", 1),
        priced=_short(cells[23], "PRIC IND", 2) if priced else None,
        endo_base=code(cells[24], "ENDO BASE") if cells[24] else "",
        conversion_factor=number(cells[25], "CONV FACTOR"),
        supervision=_short(supervision, "PHYSICIAN SUPERVISION", 2, blank=True),
        calculation_flag=_short(cells[27], "CALCULATION FLAG", 1, blank=True),
        imaging_family=_short(cells[28], "DIAGNOSTIC IMAGING FAMILY INDICATOR", 2, blank=True),
        opps_nonfacility_pe=number(cells[29], "NON-FACILITY PE USED FOR OPPS"),
        opps_facility_pe=number(cells[30], "FACILITY PE USED FOR OPPS"),
        opps_mp=number(cells[31], "MP USED FOR OPPS"),
        mended=tuple(mended),
    )


def _modifier(cell: str) -> str:
    if cell and _MODIFIER.fullmatch(cell) is None:
        raise Unfit(f"the modifier is not two letters or digits: {cell[:12]!r}")
    return cell


def _short(cell: str, column: str, most: int, *, blank: bool = False) -> str:
    """An indicator: letters and digits, no longer than it can be."""
    if not cell and blank:
        return ""
    if not cell or len(cell) > most or not (cell.isascii() and cell.isalnum()):
        shown = f": {cell[:12]!r}" if cell else ""
        raise Unfit(f"{column} is not an indicator of {most} character{'s' if most > 1 else ''}{shown}")
    return cell
