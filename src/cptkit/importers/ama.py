"""The AMA's licensed CPT files: the codes, and their texts only where they are asked for.

Two layouts, as programs that load them describe them in public:

- the consolidated list: a notice, then a header with ``Concept Id``, ``CPT Code``, ``Long``,
  ``Medium``, ``Short`` and others, parted by tabs, among them ``Current Descriptor Effective Date``;
- a file of long, medium or short descriptions (LONGULT, MEDU, SHORTU): a notice, then lines of a code
  and its text, parted by a tab or (medium, short) by a blank.

Texts are dropped while they are read, line by line, unless ``keep_descriptors`` says otherwise. A
rejected row is named by its line and its code alone. Which of the three a file of descriptions is
follows from the longest text in it: the AMA's limits are 28 and 48 characters.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import closing

from cptkit.codes import Owner, category_of
from cptkit.importers.cells import Unfit, key
from cptkit.importers.grids import Grid, grids, is_workbook
from cptkit.importers.lines import decoded, numbered_lines
from cptkit.importers.opening import Member
from cptkit.importers.rows import CptRow, Rejected

__all__ = ["is_descriptions", "is_header", "kind_of_descriptions", "read"]

_LINE = re.compile(r"([0-9]{4}[0-9A-Z])(\t| )(?=[^\t]*[A-Za-z]{2})(\S[^\t]*)")
_ANY_LINE = re.compile(r"[0-9A-Z]{5}[\t ]")
_MOST_TEXT = 16 * 1024
_TEXTS = ("long", "medium", "short")
_LIMITS = ((28, "short"), (48, "medium"))
_LOOKED_AT = 400
_ENOUGH = 0.9
_DAYS = (
    (re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"), (1, 2, 3)),
    (re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})"), (3, 1, 2)),
)


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the column names of the consolidated list.

    >>> is_header(["Concept Id", "CPT Code", "Long", "Medium", "Short"])
    True
    >>> is_header(["CPT Code", "Long"])
    False
    """
    names = {key(cell) for cell in cells}
    return {"conceptid", "cptcode", "long"} <= names


def is_descriptions(member: Member) -> bool:
    """Whether a text has lines of a code and its description and, above them, at most a notice.

    :raises UnreadableFile: when it cannot be read.
    """
    fitting = others = 0
    with closing(member.open()) as stream:
        for count, (_, line) in enumerate(numbered_lines(stream, member.shown)):
            if _LINE.fullmatch(decoded(line)) is not None:
                fitting += 1
            elif fitting and line.strip():
                others += 1
            if count == _LOOKED_AT:
                break
    return fitting >= 1 and fitting >= _ENOUGH * (fitting + others)


def kind_of_descriptions(longest: int) -> str:
    """Which description a file holds, by its longest text: ``short``, ``medium`` or ``long``.

    >>> kind_of_descriptions(28), kind_of_descriptions(48), kind_of_descriptions(49)
    ('short', 'medium', 'long')
    """
    return next((kind for limit, kind in _LIMITS if longest <= limit), "long")


def read(member: Member, *, keep_descriptors: bool = False) -> Iterator[CptRow | Rejected]:
    """The codes of a licensed file; a code that comes twice is rejected the second time.

    :param keep_descriptors: also give the texts, which stay under the licence of the file.
    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    seen: dict[str, int] = {}
    if not is_workbook(member.head()) and is_descriptions(member):
        kind = kind_of_descriptions(_longest(member)) if keep_descriptors else ""
        yield from _once(_descriptions(member, kind), seen)
        return
    for grid in grids(member, is_header):
        yield from _once(_consolidated(grid, keep_descriptors=keep_descriptors), seen)


def _once(rows: Iterator[CptRow | Rejected], seen: dict[str, int]) -> Iterator[CptRow | Rejected]:
    for row in rows:
        if isinstance(row, CptRow):
            first = seen.setdefault(row.code, row.line_number)
            if first != row.line_number:
                yield Rejected(
                    row.line_number, row.code, f"the code comes twice: {row.code}, first in line {first}"
                )
                continue
        yield row


def _longest(member: Member) -> int:
    with closing(member.small()) as stream:
        lines = (_LINE.fullmatch(decoded(line)) for _, line in numbered_lines(stream, member.shown))
        return max((len(hit[3].rstrip()) for hit in lines if hit), default=0)


def _descriptions(member: Member, kind: str) -> Iterator[CptRow | Rejected]:
    started = False
    with closing(member.small()) as stream:
        for line_number, line in numbered_lines(stream, member.shown):
            text = decoded(line)
            hit = _LINE.fullmatch(text)
            started = started or hit is not None
            if not started or not text.strip():
                continue
            if hit is None:
                shown = text[:5] if _ANY_LINE.match(text) else ""
                yield Rejected(line_number, shown, "the line is not a code and its description")
                continue
            kept = hit[3].strip()
            try:
                yield CptRow(
                    line_number,
                    _cpt_code(hit[1]),
                    None,
                    kept if kind == "long" else None,
                    kept if kind == "medium" else None,
                    kept if kind == "short" else None,
                )
            except Unfit as unfit:
                yield Rejected(line_number, hit[1], str(unfit))


def _consolidated(grid: Grid, *, keep_descriptors: bool) -> Iterator[CptRow | Rejected]:
    places = {key(cell): at for at, cell in enumerate(grid.header)}
    day = places.get("currentdescriptoreffectivedate")
    for record in grid.rows:
        if isinstance(record, Rejected):
            yield record
            continue
        cells = record.cells
        try:
            yield CptRow(
                record.line_number,
                _cpt_code(cells[places["cptcode"]]),
                None if day is None else _day(cells[day]),
                *(
                    cells[places[kind]] or None if keep_descriptors and kind in places else None
                    for kind in _TEXTS
                ),
            )
        except Unfit as unfit:
            name = cells[places["cptcode"]]
            yield Rejected(record.line_number, name[:5] if len(name) <= 5 else "", str(unfit))


def _cpt_code(cell: str) -> str:
    category = category_of(cell)
    if category is None or category.owner is not Owner.AMA:
        shown = f": {cell!r}" if len(cell) <= 5 else ""  # longer, it may be a text
        raise Unfit(f"not a CPT code{shown}")
    return cell


def _day(cell: str) -> dt.date | None:
    """A day in one of the ways the list was seen with; empty where the list does not say."""
    if not cell:
        return None
    for pattern, (year, month, day) in _DAYS:
        hit = pattern.fullmatch(cell)
        if hit is not None:
            try:
                return dt.date(int(hit[year]), int(hit[month]), int(hit[day]))
            except ValueError:
                break
    raise Unfit(f"not a day such as 20260101: {cell[:12]!r}")
