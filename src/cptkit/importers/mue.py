"""Unit limits (MUE) in their three settings, as .csv with a notice of many lines, as text, or as .xlsx.

The header is found by content; the setting stands in it. Files carry no dates. Medicaid's files have
no adjudication indicator (``mai`` is then None).
"""

import re
from collections.abc import Iterator, Sequence

from cptkit.edits.records import Setting
from cptkit.importers.cells import Unfit, code, key, once, start_of, whole
from cptkit.importers.grids import grids
from cptkit.importers.lines import Record
from cptkit.importers.opening import Member
from cptkit.importers.rows import MueRow, Rejected

__all__ = ["has_indicator", "is_header", "read", "setting_of"]

_SETTINGS = (
    ("practitioner", Setting.PRACTITIONER),
    ("hospital", Setting.HOSPITAL),
    ("dme", Setting.DME),
    ("durable", Setting.DME),
)
_INDICATOR = re.compile(r"([0-9])(?:\s+(.+))?")
_INDICATORS = {
    1: "line edit",
    2: "date of service edit: policy",
    3: "date of service edit: clinical",
}


def is_header(cells: Sequence[str]) -> bool:
    r"""Whether these are the column names of a table of unit limits.

    >>> is_header(["HCPCS/\nCPT Code", "DME Supplier Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"])
    True
    >>> is_header(["HCPCS", "MOD", "DESCRIPTION"])
    False
    """
    names = [key(cell) for cell in cells]
    return (
        len(names) >= 2
        and names[0] in {"hcpcscptcode", "cpthcpcscode"}
        and re.search(r"mue(?:value|values)$", names[1]) is not None
    )


def setting_of(header: Sequence[str]) -> Setting | None:
    """The setting that the header names, or None.

    >>> setting_of(["HCPCS/CPT Code", "Outpatient Hospital Services MUE Values"])
    <Setting.HOSPITAL: 'hospital'>
    >>> setting_of(["HCPCS/CPT Code", "MUE Values"]) is None
    True
    """
    name = key(header[1])
    return next((setting for word, setting in _SETTINGS if word in name), None)


def has_indicator(header: Sequence[str]) -> bool:
    """Whether the table has a column for the adjudication indicator: Medicaid's have none.

    >>> has_indicator(["HCPCS/CPT Code", "MUE Values", "MUE Rationale"])
    False
    """
    return any("adjudicationindicator" in key(cell) for cell in header)


def read(member: Member) -> Iterator[MueRow | Rejected]:
    """The rows of a table of unit limits; a code that comes twice is rejected the second time.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    for grid in grids(member, is_header):
        names = [key(cell) for cell in grid.header]
        mai = next((at for at, name in enumerate(names) if "adjudicationindicator" in name), None)
        rationale = next((at for at, name in enumerate(names) if name.endswith("rationale")), None)
        for record in grid.rows:
            if isinstance(record, Rejected):
                yield record
                continue
            try:
                row = _row(record, mai, rationale)
                once(row.code, record.line_number, seen)
            except Unfit as unfit:
                yield Rejected(record.line_number, start_of(record.cells), str(unfit))
            else:
                yield row


def _row(record: Record, mai: int | None, rationale: int | None) -> MueRow:
    cells = record.cells
    return MueRow(
        record.line_number,
        code(cells[0]),
        whole(cells[1], "the value"),
        None if mai is None else _indicator(cells[mai]),
        "" if rationale is None else cells[rationale],
    )


def _indicator(cell: str) -> int:
    """The digit of ``2 Date of Service Edit: Policy``; digit and words must agree."""
    hit = _INDICATOR.fullmatch(cell)
    if hit is None or int(hit[1]) not in _INDICATORS:
        raise Unfit(f"the indicator does not begin with 1, 2 or 3: {cell[:60]!r}")
    number, words = int(hit[1]), (hit[2] or "").lower()
    if words in _INDICATORS.values() and words != _INDICATORS[number]:
        raise Unfit(f"the indicator's digit and words disagree: {cell[:60]!r}")
    return number
