"""Lines of encounters, one after another, by the compiled part; None where it is not there."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cptkit.kernel import loading
from cptkit.kernel.loading import (
    held_at,
    one_behind_the_other,
    require_below,
    require_memory,
    require_same_length,
    require_starts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["Beside", "Parted", "apart", "beside", "by_ids", "cells", "parted", "repeated"]


def repeated(starts: "Places", code: "Small", codes: int) -> "Bools | None":
    """Whether the code of each line stands on another line of its encounter; ``codes``: how many there are."""
    run = loading.library()
    if run is None:
        return None
    starts, code = one_behind_the_other(starts, np.int64), one_behind_the_other(code, np.int32)
    require_starts(starts, len(code))
    require_below(code, codes)
    found = np.empty(len(code), bool)
    require_memory(
        run.cptkit_repeated(len(starts) - 1, held_at(starts), held_at(code), codes, held_at(found))
    )
    return found


def cells(
    group: "NDArray[Any]", number: "Small", rows: "Small", table: "NDArray[np.int32]", nothing: int
) -> "tuple[Small, bool] | None":
    """The cell of each line by the row of its group and its number, and whether any holds ``nothing``.

    None too where a group has no row.
    """
    run = loading.library()
    if run is None or group.dtype.kind != "i" or group.dtype.itemsize == 1:
        return None
    group, number = one_behind_the_other(group, group.dtype), one_behind_the_other(number, np.int32)
    found = np.empty(len(number), np.int32)
    size, width = group.dtype.itemsize, table.shape[1]
    rows, table = one_behind_the_other(rows, np.int32), one_behind_the_other(table, np.int32)
    require_same_length(group, number)
    require_below(group, len(rows))
    require_below(number, width)
    if rows.max(initial=-1) >= len(table):
        raise IndexError(f"no row of {len(table)}")
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
    run = loading.library()
    if run is None:
        return None
    value, number = one_behind_the_other(value, np.int32), one_behind_the_other(number, np.int32)
    span, group = one_behind_the_other(span, np.int16), one_behind_the_other(group, np.int32)
    require_same_length(value, span, number)
    require_below(group, len(group) and int(group.max()) + 1)
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
    run = loading.library()
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
    require_same_length(lines, relation)
    require_same_length(encounter, code)
    require_same_length(*table)
    require_starts(given[3], len(code))
    require_below(lines, len(code))
    require_below(encounter, len(starts) - 1)
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
    run = loading.library()
    if run is None:
        return None
    starts, ids = one_behind_the_other(starts, np.int64), one_behind_the_other(ids, np.int64)
    places = np.arange(len(ids)) if order is None else np.array(order, np.int64)
    require_starts(starts, len(places))
    require_below(places, len(ids))
    told = require_memory(run.cptkit_by_ids(len(starts) - 1, held_at(starts), held_at(ids), held_at(places)))
    return places if told & 1 or order is not None else None, told > 1


class Parted(NamedTuple):
    """Lines over the limit of a code that stands alone, those whose code stands on several, those of unknown limit."""

    over: "Places"
    several: "Places"
    silent: "Places"


def parted(units: "Small", limit: "Small", repeated: "Bools", unknown: int) -> "Parted | None":
    """Lines by the limit of their code; ``unknown`` stands for a limit that is not known."""
    run = loading.library()
    if run is None:
        return None
    units, limit = one_behind_the_other(units, np.int32), one_behind_the_other(limit, np.int32)
    repeated = one_behind_the_other(repeated, np.bool_)
    require_same_length(units, limit, repeated)
    found, lengths = np.empty((3, len(units)), np.int64), np.zeros(3, np.int64)
    run.cptkit_over(
        len(units), *map(held_at, (units, limit, repeated)), unknown, *map(held_at, found), held_at(lengths)
    )
    return Parted(*(each[:length].copy() for each, length in zip(found, lengths.tolist(), strict=True)))
