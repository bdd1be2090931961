"""The pair edits of a setting as arrays: many pairs of codes are looked up at once, in the mapped bytes themselves.

Most pairs of codes on claims are not edited. A bit for each pair says so at once; only those whose bit is set are
looked for: by search, or where many are, by how many bits are set before. ``cptkit.edits.attach`` needs none of this,
nor numpy.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cptkit.edits.pairs import NEVER_ENDS
from cptkit.edits.ptp import MappedPairs
from cptkit.errors import BrokenEdits
from cptkit.kernel.pairs import PairTable, bits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Keys = NDArray[Any]  # of uint32 or uint64; places of codes may be of int32 too

__all__ = ["PairArrays"]

Made = TypeVar("Made")

_INACTIVE = 9
_MANY = 1 << 12  # from so many pairs on they are counted out
_CHUNK = 1 << 14  # pairs at a time, so that they stay in the cache
_EXACT_BITS = 14  # of a code's place: below 16,384 codes each pair has a bit of its own
_FILTER_BITS = 2 * _EXACT_BITS
_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class PairArrays:
    """The rows of a mapped table of pair edits.

    ``rows``: what a row says, by its number: ``indicator``, ``turned`` (column 1 is the higher code) and ``reason``.
    ``nowhere``: the place of a code that the table does not hold. ``compiled``: the table as the kernel reads it, where
    that was built.
    """

    def __init__(self, pairs: MappedPairs) -> None:
        views = pairs.arrays()
        self._where = pairs.where
        self.codes: Sequence[int] = views["codes"]
        count = len(self.codes)
        offsets = np.asarray(views["offsets"]).astype(np.int64)
        self.nowhere: int = count
        shift = max(_EXACT_BITS, count.bit_length())
        # below 16,384 codes a key is small, and a bit of its own
        self._key: Any = np.uint32 if shift == _EXACT_BITS else np.uint64
        self._shift = self._key(shift)
        # each pair once and in order: the place of a key is also how many bits are set before its own
        self._keys: Keys = np.repeat(np.arange(count, dtype=self._key), np.diff(offsets))
        self._keys <<= self._shift
        self._keys |= np.asarray(views["partners"]).astype(self._key, copy=False)
        spots = self._spots(self._keys)
        compiled = self._whole(bits_of, spots, 1 << _FILTER_BITS, rising=spots is self._keys)
        self._filter = _bits_of(spots) if compiled is None else compiled[0]
        self._before: Ints | None = None  # how many bits are set before each word of 64 of the filter
        self._classes = np.asarray(views["classes"]).astype(np.int32)
        if len(views["classes_high"]):
            self._classes |= np.asarray(views["classes_high"]).astype(np.int32) << 16
        self._quarters = np.asarray(views["quarters"]).astype(np.int64)
        self.first: Ints = np.asarray(views["row_first"]).astype(np.int32)
        self.last: Ints = np.asarray(views["row_last"]).astype(np.int32)
        what = np.asarray(views["row_what"]).astype(np.int64)
        self.turned: NDArray[np.bool_] = (what & 1).astype(bool)
        self.indicator: Ints = (what >> 8 & 0xFF).astype(np.int32)
        self.reason: Ints = (what >> 16).astype(np.int32)
        words = -(-len(self._quarters) // 32)
        self._seen = np.asarray(views["row_seen"]).astype(np.uint32).reshape(len(self.first), words)
        self._steps = self._whole(
            self._in_order,
            np.asarray(views["class_from"]).astype(np.int64),
            np.asarray(views["class_rows"]).astype(np.int64),
        )
        self.compiled: PairTable | None = None
        if compiled is not None:
            self.compiled = self._whole(
                PairTable,
                *compiled,
                self._keys,
                spread=0 if self._key is np.uint32 else int(_SPREAD),
                shift=shift,
                classes=self._classes,
                steps=self._steps,
                seen=self._seen,
                first=self.first,
                last=self.last,
                turned=self.turned,
                never_ends=NEVER_ENDS,
            )

    def _whole(self, make: "Callable[..., Made]", *given: Any, **more: Any) -> "Made":
        """What is made of the numbers of the table.

        :raises BrokenEdits: one of them leads nowhere.
        """
        try:
            return make(*given, **more)
        except IndexError as error:
            raise BrokenEdits("these edit tables are damaged", where=self._where) from error

    def _in_order(self, starts: "NDArray[np.int64]", rows: "NDArray[np.int64]") -> "list[Ints]":
        """For each class its row that is asked first, second and so on; -1 where it has no more.

        As ``QuarterOfPairs`` asks them: the one that began last comes first, of these the one that ends first.
        """
        of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        active = self.indicator[rows] != _INACTIVE
        of, rows = of[active], rows[active]
        order = np.lexsort((self.last[rows], -self.first[rows].astype(np.int64), of))
        of, rows = of[order], rows[order]
        begins = np.searchsorted(of, np.arange(len(starts) - 1))
        rank = np.arange(len(of)) - begins[of]
        steps = []
        for step in range(int(rank.max(initial=-1)) + 1):
            found = np.full(len(starts) - 1, -1, np.int32)
            found[of[rank == step]] = rows[rank == step]
            steps.append(found)
        return steps

    def _spots(self, keys: "Keys") -> "NDArray[np.uint32]":
        """Where the bit of each pair stands: its own where codes are few enough, else one that others share."""
        if self._key is np.uint32:
            return keys
        return ((keys * _SPREAD) >> np.uint64(64 - _FILTER_BITS)).astype(np.uint32)

    def place(self, number: int) -> int:
        """Where a code stands in the table, by its number (``code_number``); -1 where it does not.

        :raises BrokenEdits: the tables were closed.
        """
        try:
            place = bisect_left(self.codes, number)
        except ValueError as error:
            raise BrokenEdits("these edit tables were closed", where=self._where) from error
        return place if number >= 0 and place < len(self.codes) and self.codes[place] == number else -1

    def quarter_places(self, quarters: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """Where each quarter stands in the table, by its index; -1 where the table does not hold it."""
        if not len(self._quarters):
            return np.full(len(quarters), -1)
        place = np.minimum(np.searchsorted(self._quarters, quarters), len(self._quarters) - 1)
        return np.where(self._quarters[place] == quarters, place, -1)

    def _keys_of(self, one: "Keys", other: "Keys") -> "Keys":
        keys = np.minimum(one, other).astype(self._key, copy=False)
        keys <<= self._shift
        keys |= np.maximum(one, other).astype(self._key, copy=False)
        return keys

    def may_be(self, one: "Keys", other: "Keys") -> "NDArray[np.bool_]":
        """Of pairs of places of codes, also of ``nowhere``: whether an edit may be among them."""
        spots = self._spots(self._keys_of(one, other))
        shift = spots.astype(np.uint8)
        shift &= np.uint8(7)
        spots >>= np.uint32(3)
        bits = self._filter.take(spots)
        bits >>= shift
        bits &= np.uint8(1)
        found: NDArray[np.bool_] = bits.view(bool)
        return found

    def find(self, one: "Keys", other: "Keys", days: "Ints", places: "NDArray[np.int64]") -> "Ints":
        """The number of the row in force between two codes on a day, by the file of a quarter; -1 where none is.

        ``days``: counted from 1970-01-01. ``places``: of quarters, as ``quarter_places`` gives them.
        """
        keys = self._keys_of(one, other)
        found = np.full(len(keys), -1, np.int32)
        if not len(self._keys) or not len(keys):
            return found
        at, there = self._ranked(keys) if self._is_ranked(len(keys)) else self._searched(keys)
        hit = np.flatnonzero(there & (places >= 0))
        kind, day, place = self._classes[at[hit]], days[hit], places[hit]
        left = np.ones(len(hit), bool)
        for step in self._steps:
            row = step[kind]
            asked = left & (row >= 0)
            row = np.maximum(row, 0)
            word = self._seen[row, place >> 5] >> (place & 31).astype(np.uint32) & 1
            holds = (
                asked & (self.first[row] <= day) & ((self.last[row] >= day) | (self.last[row] == NEVER_ENDS))
            )
            holds &= word.astype(bool)
            found[hit[holds]] = row[holds]
            left &= ~holds
        return found

    def _is_ranked(self, many: int) -> bool:
        """Whether so many pairs are counted out: each has a bit of its own, and counting them once pays."""
        return many >= _MANY and self._key is np.uint32 and hasattr(np, "bitwise_count")

    def _ranked(self, keys: "Keys") -> "tuple[NDArray[Any], NDArray[np.bool_]]":
        """The place of each key by the bits that are set before its own, and whether its own is."""
        words = self._filter.view("<u8")
        if self._before is None:
            counts = np.bitwise_count(words)
            self._before = np.cumsum(counts, dtype=np.int32) - counts
        at = keys >> np.uint32(6)
        word, bit = words.take(at), np.uint64(1) << (keys & np.uint32(63)).astype(np.uint64)
        there = word & bit > 0
        bit -= np.uint64(1)
        bit &= word
        place = self._before.take(at) + np.bitwise_count(bit)
        return np.minimum(place, len(self._keys) - 1), there

    def _searched(self, keys: "Keys") -> "tuple[NDArray[Any], NDArray[np.bool_]]":
        """The same by search."""
        order = np.argsort(keys)  # a search in order stays in the same part of the table
        at = np.empty(len(keys), np.int64)
        at[order] = np.minimum(np.searchsorted(self._keys, keys[order]), len(self._keys) - 1)
        return at, self._keys[at] == keys


def _bits_of(spots: "NDArray[np.uint32]") -> "NDArray[np.uint8]":
    """A bitmap with these bits set."""
    bits = np.zeros(1 << (_FILTER_BITS - 3), np.uint8)
    if (spots[1:] < spots[:-1]).any():
        spots = np.sort(spots)
    for start in range(0, len(spots), _CHUNK):
        part = spots[start : start + _CHUNK]
        byte, bit = part >> np.uint32(3), _BIT.take(part & np.uint32(7))
        starts = np.flatnonzero(np.append(True, byte[1:] != byte[:-1]))
        bits[byte.take(starts)] |= np.bitwise_or.reduceat(bit, starts)
    return bits
