"""Medicare's list of telehealth services: a title, a header, and a row for each code.

The columns besides the code change from year to year (``Proposed Action``, ``Status``, whether audio
only will do); each row gives them by their names. The descriptors are the AMA's and are not read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from cptkit.importers.cells import Unfit, code, key, once, start_of
from cptkit.importers.grids import grids
from cptkit.importers.opening import Member
from cptkit.importers.rows import Rejected, TelehealthRow

__all__ = ["is_header", "read", "year_of"]

_CODES = {"hcpcs", "code", "codes", "hcpcscode", "cpthcpcs", "cpthcpcscode", "hcpcscptcode"}
_TEXTS = {"shortdescriptor", "shortdescription", "descriptor", "description", "longdescriptor"}
_TEXT = "descri"  # in the name of any column of descriptors
_YEAR = re.compile(
    r"\b(?:CY|calendar year|effective[^0-9]{0,20}(?:[0-9]{1,2},)?)\s*(20[0-9]{2})\b", re.IGNORECASE
)
_MOST_REMARK = 500


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the column names of a list of telehealth services.

    >>> is_header(["HCPCS", "Short Descriptor", "Proposed Action"])
    True
    >>> is_header(["HCPCS", "MOD", "DESCRIPTION"])
    False
    """
    names = [key(cell) for cell in cells[:2]]
    return len(names) == 2 and names[0] in _CODES and names[1] in _TEXTS


def year_of(title: str) -> int | None:
    """The year that a title names, if it is about telehealth.

    >>> year_of("CY 2026 Final List of Medicare Telehealth Services")
    2026
    >>> year_of("CY 2026 Final List of something else") is None
    True
    """
    hit = _YEAR.search(title)
    return int(hit[1]) if hit and "telehealth" in title.lower() else None


def read(member: Member) -> Iterator[TelehealthRow | Rejected]:
    """The codes of a telehealth list; one that comes twice is rejected the second time.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    for grid in grids(member, is_header, ragged=True):
        texts = {at for at, cell in enumerate(grid.header) if _TEXT in key(cell)}
        for record in grid.rows:
            if isinstance(record, Rejected):
                yield record
                continue
            remarks = tuple(
                (" ".join(name.split()), cell)
                for at, (name, cell) in enumerate(zip(grid.header, record.cells, strict=True))
                if at and at not in texts and name and cell
            )
            try:
                name = code(record.cells[0])
                once(name, record.line_number, seen)
                _check_length(remarks)
            except Unfit as unfit:
                yield Rejected(record.line_number, start_of(record.cells, 1)[:12], str(unfit))
            else:
                yield TelehealthRow(record.line_number, name, remarks)


def _check_length(remarks: Iterable[tuple[str, str]]) -> None:
    if any(len(remark) > _MOST_REMARK for _, remark in remarks):
        raise Unfit(f"a remark is longer than {_MOST_REMARK} characters")
