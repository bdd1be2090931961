"""The container of a binary table: a header that can be checked at once, and sections of plain numbers.

Everything is little-endian. ``docs/reference/edits-format.md`` describes every byte. Opening checks
the header and that the sections fit into the file; what the numbers say is checked by ``verify``.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import attrs

from cptkit.errors import BrokenEdits

__all__ = ["FORMAT", "MAGIC", "Section", "numbers", "pack", "sections_of"]

MAGIC = b"\x89PTP\r\n\x1a\n"  # not text, and spoilt by whatever changes line ends
FORMAT = 1
_HEAD = struct.Struct("<8sIIQ16sII")
_CRC_AT = _HEAD.size - 4
_ENTRY = struct.Struct("<12sIIQQ")
_ALIGNED = 8
_MOST_SECTIONS = 64
TypeCode = Literal["B", "H", "I", "i"]
_UNSIGNED: Mapping[int, TypeCode] = {1: "B", 2: "H", 4: "I"}
_SIGNED: Mapping[int, TypeCode] = {4: "i"}


class Kind(NamedTuple):
    """What a section may be: its widths in bytes, and whether its numbers are signed."""

    widths: tuple[int, ...]
    signed: bool = False


# The sections of a table of pair edits, in their order.
KINDS: Mapping[str, Kind] = {
    "codes": Kind((4,)),
    "quarters": Kind((4,)),
    "offsets": Kind((4,)),
    "partners": Kind((2, 4)),
    "classes": Kind((2,)),
    "classes_high": Kind((1,)),
    "class_from": Kind((4,)),
    "class_rows": Kind((4,)),
    "row_first": Kind((4,), signed=True),
    "row_last": Kind((4,), signed=True),
    "row_what": Kind((4,)),
    "row_seen": Kind((4,)),
    "rationales": Kind((1,)),
}


@attrs.frozen(slots=True)
class Section:
    """Where a section stands in the file: its first byte, how many numbers, how wide each one is."""

    name: str
    offset: int
    count: int
    width: int

    @property
    def typecode(self) -> TypeCode:
        """The letter of ``struct``, ``array`` and ``memoryview.cast``."""
        return (_SIGNED if KINDS[self.name].signed else _UNSIGNED)[self.width]


def pack(setting: str, contents: Mapping[str, bytes | Sequence[int]]) -> bytes:
    """The bytes of a file with these sections; an array keeps its width, other numbers take their section's first."""
    table: list[bytes] = []
    bodies: list[bytes] = []
    place = _aligned(_HEAD.size + _ENTRY.size * len(KINDS))
    start = place
    for name, kind in KINDS.items():
        values = contents[name]
        width = values.itemsize if isinstance(values, array) else kind.widths[0]
        body = values if isinstance(values, bytes) else _little(values, width, kind)
        table.append(_ENTRY.pack(name.encode(), width, 0, place, len(values)))
        bodies.append(body.ljust(_aligned(len(body)), b"\0"))
        place += len(bodies[-1])
    head = _HEAD.pack(MAGIC, FORMAT, len(KINDS), place, setting.encode(), 0, 0) + b"".join(table)
    head = head[:_CRC_AT] + struct.pack("<I", zlib.crc32(head)) + head[_HEAD.size :]
    return b"".join((head.ljust(start, b"\0"), *bodies))


def _little(values: Sequence[int], width: int, kind: Kind) -> bytes:
    made = array((_SIGNED if kind.signed else _UNSIGNED)[width], values)  # its own, to be turned
    if sys.byteorder != "little":
        made.byteswap()
    return made.tobytes()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def sections_of(data: memoryview, where: str) -> tuple[str, dict[str, Section]]:
    """The setting and the sections of a file, once its header was found whole.

    :raises BrokenEdits: when it is no such file, of another format, cut short or its header damaged.
    """
    if bytes(data[:8]) != MAGIC or len(data) < _HEAD.size:
        raise BrokenEdits("this is no table of pair edits", where=where)
    _, version, count, length, setting, _, crc = _HEAD.unpack_from(data)
    if version != FORMAT:
        expected = f"format {FORMAT}; a newer cptkit reads newer formats"
        raise BrokenEdits("the table has another format", given=version, expected=expected, where=where)
    if length != len(data):
        message = f"the table has {len(data):,} bytes, its header says {length:,}: it is cut short or damaged"
        raise BrokenEdits(message, where=where)
    end = _HEAD.size + _ENTRY.size * count
    if count > _MOST_SECTIONS or end > len(data):
        raise _damaged("its list of sections does not fit", where)
    head = bytearray(data[:end])
    head[_CRC_AT : _CRC_AT + 4] = b"\0\0\0\0"
    if zlib.crc32(head) != crc:
        raise _damaged("its checksum is another one", where)
    sections: dict[str, Section] = {}
    for number in range(count):
        raw, width, _, offset, numbers_in = _ENTRY.unpack_from(data, _HEAD.size + _ENTRY.size * number)
        name = raw.rstrip(b"\0").decode("latin-1")
        kind = KINDS.get(name)
        if (
            kind is None
            or name in sections
            or width not in kind.widths
            or offset % _ALIGNED
            or offset < end
            or offset + width * numbers_in > length
        ):
            raise _damaged(f"section {name!r} is not as it must be", where)
        sections[name] = Section(name, offset, numbers_in, width)
    missing = KINDS.keys() - sections.keys()
    if missing:
        raise _damaged(f"sections are missing: {', '.join(sorted(missing))}", where)
    problem = _counts_problem({name: section.count for name, section in sections.items()})
    if problem:
        raise _damaged(problem, where)
    return setting.rstrip(b"\0").decode("latin-1"), sections


def _counts_problem(counts: Mapping[str, int]) -> str:
    """How the lengths of the sections contradict each other; empty when they do not."""
    rows = counts["row_first"]
    agree = {
        "offsets": counts["codes"] + 1,
        "classes": counts["partners"],
        "row_last": rows,
        "row_what": rows,
        "row_seen": rows * -(-counts["quarters"] // 32),
    }
    for name, expected in agree.items():
        if counts[name] != expected:
            return f"section {name!r} has {counts[name]:,} numbers where the others ask for {expected:,}"
    if counts["classes_high"] not in {0, counts["classes"]}:
        return "section 'classes_high' is neither empty nor as long as 'classes'"
    return "" if counts["class_from"] else "section 'class_from' is empty"


def numbers(data: memoryview, section: Section) -> memoryview:
    """A section as a sequence of numbers: the mapped bytes themselves where the machine reads them so."""
    part = data[section.offset : section.offset + section.count * section.width]
    if sys.byteorder == "little" or section.width == 1:
        return part.cast(section.typecode)
    turned = array(section.typecode, part.tobytes())
    turned.byteswap()
    return memoryview(turned)


def _damaged(what: str, where: str) -> BrokenEdits:
    return BrokenEdits(f"the header of the table is damaged: {what}", where=where)
