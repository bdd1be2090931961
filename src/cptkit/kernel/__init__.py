"""Work on columns by compiled code, where it was built: ``kernel.c``, through ctypes.

Every function here answers None where the compiled part is not there, and whoever asks then does the same with numpy, in
more steps and more time; what is found is the same. The part is built with the package where there is a C compiler
(``hatch_build.py``). ``CPTKIT_KERNEL=off`` in the environment sets it aside.
"""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = [
    "NAME",
    "Beside",
    "Parted",
    "apart",
    "beside",
    "by_ids",
    "cells",
    "held_at",
    "is_built",
    "library",
    "numbered",
    "one_behind_the_other",
    "parted",
    "repeated",
    "require_below",
    "sorted_keys",
    "texts",
]

NAME = "_kernel.so"
"""Of the compiled part, on every system: ctypes does not ask for another ending."""

_SWITCH = "CPTKIT_KERNEL"
_P, _LONG, _INT, _WORD = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32, ctypes.c_uint64
_TAKES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bits": (None, (_LONG, _P, _LONG, _P, _P)),
    "pairs": (_LONG, (_P, _LONG, *(_P,) * 7, _LONG, _P, _P, _P)),
    "repeated": (ctypes.c_int, (_LONG, _P, _P, _LONG, _P)),
    "cells": (ctypes.c_int, (_LONG, _P, _INT, _P, _P, _P, _LONG, _INT, _P)),
    "by_ids": (ctypes.c_int, (_LONG, _P, _P, _P)),
    "numbered": (_LONG, (_LONG, _P, _P, _P, _LONG, _P, _P)),
    "over": (None, (_LONG, _P, _P, _P, _INT, _P, _P, _P, _P)),
    "sorted": (ctypes.c_int, (_LONG, _P, _P)),
    "apart": (_LONG, (_LONG, _P, _INT, _INT, _P, _P, _P, _LONG, _P, _P)),
    "beside": (_LONG, (_LONG, *(_P,) * 5, _LONG, _P, _P, _INT, _LONG, _LONG, _P, _LONG, _P, _P)),
    "texts": (ctypes.c_int, (_LONG, _P, _INT, _P, _P, _LONG, _WORD, ctypes.c_int, _LONG, _P)),
    "source": (ctypes.c_char_p, ()),
}


@cache
def library() -> Any:
    """The compiled part; None where it was not built, cannot be loaded here, or is set aside."""
    if os.environ.get(_SWITCH, "").casefold() == "off":
        return None
    try:
        found = ctypes.CDLL(str(Path(__file__).with_name(NAME)))
        for name, (answers, takes) in _TAKES.items():
            function = getattr(found, f"cptkit_{name}")
            function.restype, function.argtypes = answers, takes
    except (OSError, AttributeError):
        return None
    return found


def is_built() -> bool:
    """Whether the compiled part is there, and not set aside."""
    return library() is not None


def one_behind_the_other(values: Any, kind: Any) -> "NDArray[Any]":
    """The values one behind the other, as the compiled part reads them."""
    return np.ascontiguousarray(values, kind)


def held_at(array: Any) -> int:
    """Where the values of an array begin."""
    found: int = array.ctypes.data
    return found


def require_below(values: "NDArray[Any]", many: int) -> None:
    """Numbers that say where to look: the compiled part does not ask whether they may.

    :raises IndexError: one is below 0, or not below so many.
    """
    if len(values) and (values.min() < 0 or values.max() >= many):
        raise IndexError(f"a number is not from 0 to {many - 1}")


def _held(answer: int) -> int:
    if answer < 0:
        raise MemoryError
    return answer


def repeated(starts: "Places", code: "Small", codes: int) -> "Bools | None":
    """Whether the code of each line stands on another line of its encounter; ``codes``: how many there are."""
    run = library()
    if run is None:
        return None
    starts, code = one_behind_the_other(starts, np.int64), one_behind_the_other(code, np.int32)
    require_below(code, codes)
    found = np.empty(len(code), bool)
    _held(run.cptkit_repeated(len(starts) - 1, held_at(starts), held_at(code), codes, held_at(found)))
    return found


def cells(
    group: "NDArray[Any]", number: "Small", rows: "Small", table: "NDArray[np.int32]", nothing: int
) -> "tuple[Small, bool] | None":
    """The cell of each line by the row of its group and its number, and whether any holds ``nothing``.

    None too where a group has no row.
    """
    run = library()
    if run is None or group.dtype.kind != "i" or group.dtype.itemsize == 1:
        return None
    group, number = one_behind_the_other(group, group.dtype), one_behind_the_other(number, np.int32)
    found = np.empty(len(number), np.int32)
    size, width = group.dtype.itemsize, table.shape[1]
    require_below(group, len(rows))
    require_below(number, width)
    told = run.cptkit_cells(
        len(number),
        held_at(group),
        size,
        *map(held_at, (number, rows, table)),
        width,
        nothing,
        held_at(found),
    )
    return None if told > 1 else (found, bool(told))


def apart(
    value: "Small",
    keep: int,
    count: int,
    span: "NDArray[np.int16]",
    group: "Small",
    number: "Small",
    width: int,
) -> "tuple[Places, Places] | None":
    """The lines whose value is to be kept; and those with the value to count, by the group of their span and their number.

    ``group``: of each span. Counts are told as one row of ``width`` numbers a group.
    """
    run = library()
    if run is None:
        return None
    value, number = one_behind_the_other(value, np.int32), one_behind_the_other(number, np.int32)
    span, group = one_behind_the_other(span, np.int16), one_behind_the_other(group, np.int32)
    require_below(span, len(group))
    require_below(number, width)
    lines = np.empty(len(value), np.int64)
    counts = np.zeros((int(group.max(initial=-1)) + 1) * width, np.int64)
    given = map(held_at, (span, group, number))
    found = run.cptkit_apart(
        len(value), held_at(value), keep, count, *given, width, held_at(lines), held_at(counts)
    )
    return lines[:found].copy(), counts


class Beside(NamedTuple):
    """Of lines which have what they surely stand on; of the others each, with each line that it may stand on."""

    is_sure: "Bools"
    on: "Places"
    beside: "Places"


def beside(
    lines: "Places",
    relation: "Places",
    encounter: "Small",
    starts: "Places",
    code: "Small",
    table: "tuple[Places, Places]",
    *,
    shift: int,
    may_be: int,
    sure: int,
) -> "Beside | None":
    """What stands beside lines in their encounters, by a relation of each of them to codes.

    ``table``: keys in their order, a relation ``shift`` bits up with the number of a code, and what each says.
    """
    run = library()
    if run is None:
        return None
    given = [
        one_behind_the_other(column, kind)
        for column, kind in zip(
            (lines, relation, encounter, starts, code, *table),
            (np.int64, np.int64, np.int32, np.int64, np.int32, np.uint64, np.int64),
            strict=True,
        )
    ]
    is_sure, room = np.empty(len(lines), bool), 2 * len(lines) + 1024
    while True:
        on, other = np.empty(room, np.int64), np.empty(room, np.int64)
        found = run.cptkit_beside(
            len(lines),
            *map(held_at, given[:5]),
            len(table[0]),
            *map(held_at, given[5:]),
            shift,
            may_be,
            sure,
            held_at(is_sure),
            room,
            held_at(on),
            held_at(other),
        )
        if found <= room:
            return Beside(is_sure, on[:found].copy(), other[:found].copy())
        room = found


def by_ids(starts: "Places", ids: "Places", order: "Places | None") -> "tuple[Places | None, bool] | None":
    """Places of lines, those of each encounter by their ids, and whether two of an encounter share one.

    Lines of one id keep their order. ``order``: the places; None for all lines as they stand, and in the answer too
    where none moved.
    """
    run = library()
    if run is None:
        return None
    starts, ids = one_behind_the_other(starts, np.int64), one_behind_the_other(ids, np.int64)
    places = np.arange(len(ids)) if order is None else np.array(order, np.int64)
    told = _held(run.cptkit_by_ids(len(starts) - 1, held_at(starts), held_at(ids), held_at(places)))
    return places if told & 1 or order is not None else None, told > 1


def numbered(
    one: "Small", two: "Small", three: "Small", base: int
) -> "tuple[tuple[Places, Places, Places], Small] | None":
    """Every three values that occur, in the order in which they are first met, and the number of each line's.

    Values are -1 or more, those of the first column 0 or more; those of the others less than ``base`` - 1.
    """
    run = library()
    if run is None or len(one) >= 1 << 31:
        return None
    columns = [one_behind_the_other(column, np.int32) for column in (one, two, three)]
    number, distinct = np.empty(len(one), np.int32), np.empty(len(one), np.int64)
    found = _held(
        run.cptkit_numbered(len(one), *map(held_at, columns), base, held_at(number), held_at(distinct))
    )
    rest, third = np.divmod(distinct[:found], base)
    first, second = np.divmod(rest, base)
    return (first, second - 1, third - 1), number


class Parted(NamedTuple):
    """Lines over the limit of a code that stands alone, those whose code stands on several, those of unknown limit."""

    over: "Places"
    several: "Places"
    silent: "Places"


def parted(units: "Small", limit: "Small", repeated: "Bools", unknown: int) -> "Parted | None":
    """Lines by the limit of their code; ``unknown`` stands for a limit that is not known."""
    run = library()
    if run is None:
        return None
    units, limit = one_behind_the_other(units, np.int32), one_behind_the_other(limit, np.int32)
    repeated = one_behind_the_other(repeated, np.bool_)
    found, lengths = np.empty((3, len(units)), np.int64), np.zeros(3, np.int64)
    run.cptkit_over(
        len(units), *map(held_at, (units, limit, repeated)), unknown, *map(held_at, found), held_at(lengths)
    )
    return Parted(*(each[:length].copy() for each, length in zip(found, lengths.tolist(), strict=True)))


def sorted_keys(key: "Places") -> "Places | None":
    """The places of keys, none of which is below 0, in their order; those of one key as they stand."""
    run = library()
    if run is None:
        return None
    key = one_behind_the_other(key, np.int64)
    order = np.empty(len(key), np.int64)
    _held(run.cptkit_sorted(len(key), held_at(key), held_at(order)))
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
    run = library()
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
