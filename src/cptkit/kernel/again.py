"""Heads of runs of lines that are met more than once, found by the compiled part."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cptkit.kernel import loading
from cptkit.kernel.loading import (
    held_at,
    one_behind_the_other,
    require_below,
    require_same_length,
    require_starts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

__all__ = ["Met", "heads_of", "met_again", "of_part"]


class Met(NamedTuple):
    """``head``: the place of each head; ``order``: the lines that they head; ``begins``: where each day begins in it."""

    head: "Places"
    order: "NDArray[Any]"
    begins: "Places"


def heads_of(
    patient: "NDArray[np.uint64]", day: "NDArray[np.int32]", mix_day: int, mix: int
) -> "tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32]] | None":
    """The first line of each run of lines of one patient and day: its place, both mixed to one number, and its day.

    ``mix_day``, ``mix``: by which a day is multiplied, and then the number, twice.
    """
    run = loading.library()
    if run is None:
        return None
    patient, day = one_behind_the_other(patient, np.uint64), one_behind_the_other(day, np.int32)
    require_same_length(patient, day)
    many = len(patient)
    require_below(np.array([many]), 1 << 31)  # places take 32 bits
    at, mixed, of_day = np.empty(many, np.int32), np.empty(many, np.uint64), np.empty(many, np.int32)
    given = held_at(patient), held_at(day), mix_day, mix, *map(held_at, (at, mixed, of_day))
    found = run.cptkit_heads(many, *given)
    return at[:found].copy(), mixed[:found].copy(), of_day[:found].copy()


def of_part(
    heads: "Sequence[NDArray[np.uint64]]", shift: int, part: int
) -> "tuple[NDArray[np.uint64], Places] | None":
    """Of numbers batch by batch those whose bits from ``shift`` on are the part, and their places among all."""
    run = loading.library()
    if run is None:
        return None
    found: list[NDArray[np.uint64]] = []
    places: list[Places] = []
    first = 0
    for each in heads:
        mixed = one_behind_the_other(each, np.uint64)
        of, place = np.empty(len(mixed), np.uint64), np.empty(len(mixed), np.int64)
        given = held_at(mixed), shift, part, first, held_at(of), held_at(place)
        many = run.cptkit_of_part(len(mixed), *given)
        found.append(of[:many].copy())
        places.append(place[:many].copy())
        first += len(mixed)
    return np.concatenate(found), np.concatenate(places)


def met_again(
    packed: "NDArray[np.uint64]",
    bits: int,
    mixed: "NDArray[np.uint64]",
    place: "Places",
    days: "NDArray[np.int32]",
    starts: "NDArray[Any]",
) -> Met | None:
    """Those that are met more than once; None too where some share the upper bits of a number by chance.

    ``packed``: numbers in their order, of each head the upper bits of what it is mixed to, below them its place in
    ``mixed`` and ``place``; ``place``: among all heads, whose ``days`` are given, and where their lines begin, with the end.
    """
    run = loading.library()
    if run is None:
        return None
    mixed, place = one_behind_the_other(mixed, np.uint64), one_behind_the_other(place, np.int64)
    packed, days = one_behind_the_other(packed, np.uint64), one_behind_the_other(days, np.int32)
    starts, size = one_behind_the_other(starts, starts.dtype), starts.dtype.itemsize
    require_same_length(packed, mixed, place)
    require_same_length(days, starts[1:])
    require_below(place, len(days))
    require_starts(starts, int(starts[-1]))
    head, is_new, lines = np.empty(len(packed), np.int64), np.empty(len(packed), bool), np.zeros(1, np.int64)
    given = map(held_at, (mixed, place, days, starts))
    many = run.cptkit_met(
        len(packed), held_at(packed), bits, *given, size, *map(held_at, (head, is_new, lines))
    )
    if many < 0:
        return None
    head = head[:many].copy()
    order, begins = np.empty(int(lines[0]), starts.dtype), np.empty(many, np.int64)
    new = run.cptkit_headed(many, *map(held_at, (head, is_new, starts)), size, *map(held_at, (order, begins)))
    return Met(head, order, begins[:new].copy())
