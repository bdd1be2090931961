"""The list of places of service: a number of two digits (or a range of them) and a name.

CMS shows the list as a page with the columns ``Place of Service Code(s)``, ``Place of Service Name``
and ``Place of Service Description``; saved as .csv, text or .xlsx it is read here. A column that says
which rate is paid (facility or non-facility) is read where there is one; descriptions are not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cptkit.importers.cells import Unfit, key, start_of
from cptkit.importers.grids import grids
from cptkit.importers.lines import Record
from cptkit.importers.opening import Member
from cptkit.importers.rows import PlaceRow, Rejected

__all__ = ["is_header", "read"]

_CODES = {"placeofservicecodes", "placeofservicecode", "poscode", "poscodes"}
_NAMES = {"placeofservicename", "posname"}
_KINDS = {"postype", "type", "facilitynonfacility", "paymentrate", "medicarepaymentrate"}
_RATES = {
    "facility": True,
    "f": True,
    "nonfacility": False,
    "nf": False,
    "unassigned": None,
    "": None,
}
_NUMBER = re.compile(r"[0-9]{1,2}")
_RANGE = re.compile(r"([0-9]{1,2})\s*(?:-|\u2013|to)\s*([0-9]{1,2})")


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the column names of a list of places of service.

    >>> is_header(["Place of Service Code(s)", "Place of Service Name", "Place of Service Description"])
    True
    >>> is_header(["Code", "Name"])
    False
    """
    names = {key(cell) for cell in cells}
    return bool(names & _CODES) and bool(names & _NAMES)


def read(member: Member) -> Iterator[PlaceRow | Rejected]:
    """The places of service, a row for each number; a number that comes twice is rejected.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    for grid in grids(member, is_header, ragged=True):
        names = [key(cell) for cell in grid.header]
        at = [
            next((at for at, name in enumerate(names) if name in known), None)
            for known in (_CODES, _NAMES, _KINDS)
        ]
        for record in grid.rows:
            if isinstance(record, Rejected):
                yield record
                continue
            try:
                rows = _rows(record, at)
                _check_new(rows, seen)
            except Unfit as unfit:
                yield Rejected(record.line_number, start_of(record.cells, 2), str(unfit))
            else:
                seen.update((row.code, record.line_number) for row in rows)
                yield from rows


def _check_new(rows: Iterable[PlaceRow], seen: Mapping[str, int]) -> None:
    for row in rows:
        if row.code in seen:
            raise Unfit(f"the number comes twice: {row.code}, first in line {seen[row.code]}")


def _rows(record: Record, at: Sequence[int | None]) -> list[PlaceRow]:
    number, name, kind = ("" if place is None else record.cells[place] for place in at)
    rate = key(kind)
    if rate not in _RATES:
        raise Unfit(f"neither facility nor non-facility: {kind[:60]!r}")
    if not name:
        raise Unfit("the name is missing")
    assigned = key(name) != "unassigned"
    if _NUMBER.fullmatch(number):
        mended = () if len(number) == 2 else ("code",)
        return [PlaceRow(record.line_number, number.zfill(2), name, _RATES[rate], assigned, mended)]
    hit = _RANGE.fullmatch(number)
    if hit is None or int(hit[2]) < int(hit[1]) or assigned:
        raise Unfit(f"not a number of two digits, nor a range of unassigned ones: {number[:60]!r}")
    span = range(int(hit[1]), int(hit[2]) + 1)
    return [PlaceRow(record.line_number, f"{one:02}", name, _RATES[rate], assigned=False) for one in span]
