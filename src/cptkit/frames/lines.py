"""Claim lines as columns of numbers: what a table was converted to, and what every rule in columns reads.

Texts are interned: a code, a set of modifiers or a place is a small number, which stands for the text at
that place of its ``Names``. One ``Interned`` goes with all batches of a run, so a number means one text.
"""

from typing import TYPE_CHECKING, Any

import attrs

from cptkit.frames.naming import ReadCodes
from cptkit.rules.columns import NONE
from cptkit.rules.spans import Numbers as Names
from cptkit.setting import Setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Int16 = NDArray[np.int16]
    Int32 = NDArray[np.int32]
    Int64 = NDArray[np.int64]
    UInt64 = NDArray[np.uint64]

__all__ = ["ANY_DAY", "NONE", "Interned", "Lines", "Names", "trace_of"]

ANY_DAY = -(2**31)
"""The day of a row whose day could not be read: it may be any of the patient's."""


class Interned:
    """The texts of a run.

    ``codes``: trimmed and upper-cased, as ``Line.code`` has them, whatever their shape. ``modifiers``: tuples in
    the order billed; number 0 is the empty one. ``places``: places of service as billed; number 0 is none.
    ``has_modifiers`` says whether any column could hold some. ``read_codes``: cells of codes that were read.
    """

    __slots__ = ("code_hashes", "codes", "has_modifiers", "modifiers", "places", "read_codes")

    def __init__(self, *, has_modifiers: bool = True) -> None:
        self.code_hashes: Any = ()
        self.codes: Names[str] = Names()
        self.modifiers: Names[tuple[str, ...]] = Names([()])
        self.places: Names[str | None] = Names([None])
        self.has_modifiers: bool = has_modifiers
        self.read_codes: ReadCodes = ReadCodes()


@attrs.frozen(slots=True, eq=False)
class Lines:
    """Claim lines as arrays of one length, each in the order of the input.

    ``row``: the place of the line in the input, from 0, counted over all files. ``patient``: a hash of the
    patient's id with 64 bits; of the claim's id where the input has no patients. ``provider``: the same of the
    rendering provider, blanks around and case set aside; 0 where none is named. ``day``: days since 1970-01-01. ``code``,
    ``modifiers``, ``place``: numbers of ``texts``. ``units``: as billed, whole. ``minutes``, ``start``, ``stop``
    (seconds of the day): ``NONE`` where there is none. ``charge``: in hundredths of a cent, None where charges
    are not read; its least value stands for no charge. ``setting``: the setting of all of them.
    """

    texts: Interned
    row: "Int64"
    patient: "UInt64"
    provider: "UInt64"
    day: "Int32"
    code: "Int32"
    modifiers: "Int32"
    place: "Int32"
    units: "Int32"
    minutes: "Int32"
    start: "Int32"
    stop: "Int32"
    charge: "Int64 | None"
    setting: Setting = Setting.PRACTITIONER

    def __len__(self) -> int:
        return len(self.row)

    def take(self, places: "NDArray[np.int64] | slice") -> "Lines":
        """The lines at some places."""
        columns: dict[str, Any] = {
            field.name: _at(value, places)
            for field in attrs.fields(Lines)
            if field.name not in _SHARED and (value := getattr(self, field.name)) is not None
        }
        return attrs.evolve(self, **columns)


def _at(column: "NDArray[Any]", places: "NDArray[np.int64] | slice") -> "NDArray[Any]":
    """The values at some places; one value that stands for all of them takes no room here either."""
    if column.strides != (0,) or isinstance(places, slice) or not len(places):
        return column[places] if isinstance(places, slice) else column.take(places)
    import numpy as np

    return np.broadcast_to(column[0], (len(places),))


def trace_of(lines: Lines) -> int:
    """A number that other lines, or the same ones in another order, hardly share: of patient, day, clinician, code.

    That of a table is the sum of those of its batches, modulo 2 to the 64th.
    """
    import numpy as np

    from cptkit import kernel
    from cptkit.frames.arrow import pa
    from cptkit.frames.hashing import CHUNK, CLAIM, hashed

    codes = lines.texts.code_hashes
    if len(codes) < len(lines.texts.codes):
        texts = pa.array(list(lines.texts.codes.values), pa.string())
        codes = lines.texts.code_hashes = hashed(texts, CLAIM)
    words = lines.patient, lines.provider, codes
    compiled = kernel.trace(lines.day, CLAIM, words, lines.code, lines.row)
    if compiled is not None:
        return compiled
    trace = 0
    for start in range(0, len(lines), CHUNK):
        chunk = slice(start, start + CHUNK)
        told = lines.day[chunk].astype(np.uint64) * np.uint64(CLAIM)
        told ^= lines.patient[chunk]
        told ^= lines.provider[chunk] >> np.uint64(1)
        told ^= codes[lines.code[chunk]]
        told *= lines.row[chunk].astype(np.uint64) * np.uint64(2) + np.uint64(1)
        trace += int(told.sum(dtype=np.uint64))
    return trace % 2**64


_SHARED = frozenset({"texts", "setting"})
