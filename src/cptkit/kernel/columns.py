"""Columns of any kind, by the compiled part; None where it is not there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cptkit.kernel import loading
from cptkit.kernel.loading import (
    held_at,
    one_behind_the_other,
    require_below,
    require_memory,
    require_same_length,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["Spots", "in_turn", "sets", "sorted_keys", "spots", "texts", "trace"]


def in_turn(number: "Small", order: "Places", distinct: int) -> "tuple[Small, Places] | None":
    """Numbers in another order, told anew from 0 in the order in which they are first met; and which they were.

    ``distinct``: how many numbers there may be.
    """
    run = loading.library()
    if run is None:
        return None
    number, order = one_behind_the_other(number, np.int32), one_behind_the_other(order, np.int64)
    require_below(number, distinct)
    require_below(order, len(number))
    told, met = np.empty(len(order), np.int32), np.empty(distinct, np.int64)
    given = map(held_at, (number, order))
    found = require_memory(run.cptkit_in_turn(len(order), *given, distinct, held_at(told), held_at(met)))
    return told, met[:found].copy()


def sorted_keys(key: "Places") -> "Places | None":
    """The places of keys in their order, those of one key as they stand.

    :raises IndexError: a key is below 0.
    """
    run = loading.library()
    if run is None:
        return None
    key = one_behind_the_other(key, np.int64)
    require_below(key, 1 << 63)
    order = np.empty(len(key), np.int64)
    require_memory(run.cptkit_sorted(len(key), held_at(key), held_at(order)))
    return order


def texts(
    offsets: "NDArray[Any]",
    data: "NDArray[np.uint8]",
    there: "tuple[NDArray[np.uint8], int] | None",
    *,
    seed: int,
    fold: bool,
    longest: int,
) -> "NDArray[np.uint64] | None":
    """The hash of each text, as ``frames.hashing`` tells it; None too where one needs a reader of Unicode, or is longer.

    ``offsets``: where each text begins in ``data``, with the end. ``there``: a bit for each text that is there, and
    which is the first one's.
    """
    run = loading.library()
    if run is None:
        return None
    offsets, many = one_behind_the_other(offsets, offsets.dtype), len(offsets) - 1
    found = np.empty(many, np.uint64)
    bits, first = (0, 0) if there is None else (held_at(there[0]), there[1])
    told = run.cptkit_texts(
        many,
        held_at(offsets),
        offsets.dtype.itemsize,
        held_at(data),
        bits,
        first,
        seed,
        fold,
        longest,
        held_at(found),
    )
    return None if told else found


_FITS = {"int32": ("int16", "int32"), "int64": ("int64",), "uint64": ("uint64",)}
"""What is read into a column, by its type."""


def _is_plain(column: "NDArray[Any]") -> bool:
    return column.flags.c_contiguous and column.flags.aligned


class Spots(NamedTuple):
    """Places among the lines of batches that stand one behind the other: the batch of each, and the place in it."""

    batch: "Small"
    local: "Places"

    def gathered(self, columns: "Sequence[NDArray[Any]]", kind: Any) -> "NDArray[Any] | None":
        """The values at these places of a column that is held batch by batch, as that kind; None where it is no such."""
        run, kind = loading.library(), np.dtype(kind)
        fits = _FITS.get(kind.name, ())
        if run is None or not all(
            each.dtype.name in fits and each.dtype.isnative and _is_plain(each) for each in columns
        ):
            return None
        size, sizes = kind.itemsize, np.array([column.dtype.itemsize for column in columns], np.int32)
        found = np.empty(len(self.batch), kind)
        places = np.array([held_at(column) for column in columns], np.uint64)
        given = map(held_at, (self.batch, self.local, places, sizes))
        run.cptkit_gathered(len(found), *given, size, held_at(found))
        return found


def spots(places: "Places", ends: "Places") -> "Spots | None":
    """The batch of each place among all lines, and the place in it; ``ends``: where each batch ends."""
    run = loading.library()
    if run is None:
        return None
    places, ends = one_behind_the_other(places, np.int64), one_behind_the_other(ends, np.int64)
    require_below(places, int(ends[-1]))
    found = Spots(np.empty(len(places), np.int32), np.empty(len(places), np.int64))
    run.cptkit_spots(len(places), held_at(places), len(ends), *map(held_at, (ends, *found)))
    return found


def trace(
    day: "Small", of_day: int, words: "Sequence[NDArray[np.uint64]]", code: "Small", rows: "Places"
) -> int | None:
    """The sum, modulo 2 to the 64th, of what each line comes to, times its row.

    ``words``: the patient and the clinician of each line, and the hash of each code by its number. ``of_day``: by which a
    day is multiplied.
    """
    run = loading.library()
    if run is None:
        return None
    patient, provider, hashes = (one_behind_the_other(each, np.uint64) for each in words)
    day, code = one_behind_the_other(day, np.int32), one_behind_the_other(code, np.int32)
    rows = one_behind_the_other(rows, np.int64)
    require_same_length(day, patient, provider, code, rows)
    require_below(code, len(hashes))
    given = map(held_at, (patient, provider, code, hashes, rows))
    found: int = run.cptkit_trace(len(day), held_at(day), of_day, *given)
    return found


def sets(columns: "Sequence[Small]") -> "tuple[Small, Places] | None":
    """A number for every row of columns, from 1 in the order in which its values are first met, and the first row of each.

    Values below 0 are none; a row without any has the number 0.
    """
    run = loading.library()
    if run is None:
        return None
    held = [one_behind_the_other(column, np.int32) for column in columns]
    require_same_length(*held)
    many = len(held[0])
    number, firsts = np.empty(many, np.int32), np.empty(many, np.int64)
    places = np.array([held_at(column) for column in held], np.uint64)
    found = require_memory(run.cptkit_sets(many, len(held), *map(held_at, (places, number, firsts))))
    return number, firsts[:found].copy()
