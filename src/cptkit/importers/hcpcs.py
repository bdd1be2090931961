"""HCPCS Level II codes and modifiers: 320-byte records, or 48 columns as .xlsx, .csv or text.

A long text of the fixed-width form goes on in further records (types 4 and 8), in pieces of 80
characters; the same happens now and then in a workbook. A code and its continuations are one row.
Above the rows may stand a disclaimer of any length. Texts are CMS's own; those of a D code (the ADA's)
or a CPT code (the AMA's), should one be there, are dropped while reading.

Source: CMS's record layout of the contractor file, as in its zips of 2018 and 2019.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain

import attrs

from cptkit.codes import Category, category_of
from cptkit.errors import UnknownLayout
from cptkit.importers.cells import Unfit, blank_or_day, day, key, once, start_of, whole
from cptkit.importers.grids import Grid, grids, is_workbook
from cptkit.importers.lines import decoded, numbered_lines
from cptkit.importers.opening import Member
from cptkit.importers.rows import HcpcsRow, Rejected

__all__ = ["is_fixed", "is_header", "read"]

# column of the table, position in the fixed-width record (from 1), width, how often it stands there
_FIELDS: tuple[tuple[str, int, int, int], ...] = (
    ("PRICE", 120, 2, 4),
    ("MULT_PI", 128, 1, 1),
    ("CIM", 129, 6, 3),
    ("MCM", 147, 8, 3),
    ("STATUTE", 171, 10, 1),
    ("LABCERT", 181, 3, 8),
    ("XREF", 205, 5, 5),
    ("COV", 230, 1, 1),
    ("ASC_GRP", 231, 2, 1),
    ("ASC_DT", 233, 8, 1),
    ("OPPS", 241, 3, 1),
    ("OPPS_PI", 244, 1, 1),
    ("OPPS_DT", 245, 8, 1),
    ("PROCNOTE", 253, 4, 1),
    ("BETOS", 257, 3, 1),
    ("TOS", 261, 1, 5),
    ("ANEST_BU", 266, 3, 1),
    ("ADD DT", 269, 8, 1),
    ("ACT EFF DT", 277, 8, 1),
    ("TERM DT", 285, 8, 1),
    ("ACTION CD", 293, 1, 1),
)
_FIRST = ("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION")
_COLUMNS = (
    *_FIRST,
    *(f"{name}{at + 1}" if times > 1 else name for name, _, _, times in _FIELDS for at in range(times)),
)
_KEYS = tuple(key(name) for name in _COLUMNS)
_CODE = re.compile(r"(?:[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]| {3}[0-9A-Z]{2})[0-9]{5}[3478]")
_RECORD = 91  # code, sequence, type and a piece of text; the rest may be missing on a continuation
_WIDEST = 320
_MOST_PIECES = 200
_LOOKED_AT = 60
_MODIFIER = re.compile(r"[0-9A-Z]{2}")


@attrs.frozen
class _Record:
    """A record as it stands in the file: a code with all its columns, or a piece of its text."""

    line_number: int
    name: str
    kind: str
    cells: Mapping[str, str]


_CONTINUES = {"3": "4", "7": "8"}


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the column names of the HCPCS table.

    >>> is_header(["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "PRICE1"])
    True
    >>> is_header(["HCPCS", "MOD", "DESCRIPTION"])
    False
    """
    return [key(cell) for cell in cells[:5]] == list(_KEYS[:5])


def is_fixed(member: Member) -> bool:
    """Whether fixed-width records stand among the first lines.

    :raises UnreadableFile: when they cannot be read.
    """
    with closing(member.open()) as stream:
        for count, (_, line) in enumerate(numbered_lines(stream, member.shown)):
            if _CODE.match(decoded(line)) and len(line) >= _RECORD:
                return True
            if count == _LOOKED_AT:
                break
    return False


def read(member: Member) -> Iterator[HcpcsRow | Rejected]:
    """The codes and modifiers of a HCPCS file, in either form; one that comes twice is rejected the second time.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    fixed = not is_workbook(member.head()) and is_fixed(member)
    tables = [_fixed(member)] if fixed else (_table(grid, member.shown) for grid in grids(member, is_header))
    for row in chain.from_iterable(map(_joined, tables)):
        if isinstance(row, HcpcsRow):
            try:
                once(row.code, row.line_number, seen)
            except Unfit as unfit:
                yield Rejected(row.line_number, row.code, str(unfit))
                continue
        yield row


def _fixed(member: Member) -> Iterator[_Record | Rejected]:
    """The records of the fixed-width form; what precedes the first one is a disclaimer."""
    started = False
    with closing(member.small()) as stream:
        for line_number, line in numbered_lines(stream, member.shown):
            text = line.decode("latin-1")  # positions are bytes
            started = started or _CODE.match(text) is not None
            if not started or not text.strip():
                continue
            if _CODE.match(text) is None:
                yield Rejected(
                    line_number, text[:11], "the record does not begin with code, sequence and type"
                )
            elif len(text.rstrip()) > _WIDEST:
                yield Rejected(line_number, text[:11], f"the record is longer than {_WIDEST} characters")
            else:
                yield _Record(line_number, text[:5].strip(), text[10], _positions(text))


def _positions(text: str) -> Mapping[str, str]:
    cells = {
        "longdescription": decoded(text[11:91].encode("latin-1")),
        "shortdescription": text[91:119].strip(),
    }
    for name, first, width, times in _FIELDS:
        for at in range(times):
            start = first - 1 + at * width
            cells[key(f"{name}{at + 1}" if times > 1 else name)] = text[start : start + width].strip()
    return cells


def _table(grid: Grid, shown: str) -> Iterator[_Record | Rejected]:
    places = {key(cell): at for at, cell in enumerate(grid.header)}
    missing = [name for name, wanted in zip(_COLUMNS, _KEYS, strict=True) if wanted not in places]
    if missing:
        given = ", ".join(missing)
        raise UnknownLayout("the HCPCS table lacks columns", given=given, where=shown)
    for record in grid.rows:
        if isinstance(record, Rejected):
            yield record
            continue
        cells = {name: record.cells[places[name]] for name in _KEYS}
        kind = cells["recid"]
        if kind in _CONTINUES or kind in _CONTINUES.values():
            yield _Record(record.line_number, cells["hcpc"], kind, cells)
        else:
            reason = f"RECID is none of 3, 4, 7, 8: {kind[:12]!r}"
            yield Rejected(record.line_number, start_of(record.cells, 3), reason)


def _joined(records: Iterator[_Record | Rejected]) -> Iterator[HcpcsRow | Rejected]:
    """Each code with all pieces of its text; a piece without its code is rejected."""
    head: _Record | None = None
    pieces: list[str] = []
    for record in records:
        if isinstance(record, _Record) and record.kind not in _CONTINUES:
            piece = record.cells["longdescription"]
            if head is not None and record.name == head.name and record.kind == _CONTINUES[head.kind]:
                if len(pieces) == _MOST_PIECES:
                    yield Rejected(record.line_number, record.name, "the text goes on for too long")
                else:
                    pieces.append(piece)
            else:
                yield Rejected(
                    record.line_number, record.name, "a text goes on for a code that is not above it"
                )
            continue
        if head is not None:
            yield _judged(head, pieces)
        head, pieces = None, []
        if isinstance(record, Rejected):
            yield record
        else:
            head, pieces = record, [record.cells["longdescription"]]
    if head is not None:
        yield _judged(head, pieces)


def _judged(record: _Record, pieces: Sequence[str]) -> HcpcsRow | Rejected:
    try:
        return _row(record, pieces)
    except Unfit as unfit:
        return Rejected(record.line_number, record.name, str(unfit))


def _row(record: _Record, pieces: Sequence[str]) -> HcpcsRow:
    cells = record.cells
    is_modifier = record.kind == "7"
    ours = is_modifier or category_of(record.name) is Category.HCPCS_II
    if is_modifier and _MODIFIER.fullmatch(record.name) is None:
        raise Unfit(f"not a modifier of two characters: {record.name[:12]!r}")
    if not is_modifier and category_of(record.name) is None:
        raise Unfit(f"not a code: {record.name[:12]!r}")

    def several(name: str, times: int) -> tuple[str, ...]:
        found = (cells[key(f"{name}{at + 1}")] for at in range(times))
        return tuple(cell for cell in found if cell)

    row = HcpcsRow(
        line_number=record.line_number,
        code=record.name,
        is_modifier=is_modifier,
        long=" ".join(" ".join(pieces).split()) if ours else None,
        short=cells["shortdescription"] if ours else None,
        first_day=day(cells["adddt"], "ADD DT"),
        action_day=blank_or_day(cells["acteffdt"], "ACT EFF DT"),
        last_day=blank_or_day(cells["termdt"], "TERM DT"),
        action=cells["actioncd"],
        coverage=cells["cov"],
        pricing=several("PRICE", 4),
        multiple_pricing=cells["multpi"],
        coverage_manual=several("CIM", 3),
        carriers_manual=several("MCM", 3),
        statute=cells["statute"],
        lab_certifications=several("LABCERT", 8),
        cross_references=several("XREF", 5),
        asc_group=cells["ascgrp"],
        asc_date=cells["ascdt"],
        opps=cells["opps"],
        opps_indicator=cells["oppspi"],
        opps_date=cells["oppsdt"],
        processing_note=cells["procnote"],
        betos=cells["betos"],
        types_of_service=several("TOS", 5),
        anesthesia_units=whole(cells["anestbu"], "ANEST_BU") if cells["anestbu"] else None,
    )
    if row.last_day is not None and row.last_day < row.first_day:
        raise Unfit(f"the code ends before it starts: {row.first_day} to {row.last_day}")
    return row
