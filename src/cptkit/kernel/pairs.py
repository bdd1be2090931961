"""A table of pair edits, as the compiled part reads it."""

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cptkit.kernel import loading
from cptkit.kernel.loading import (
    INT,
    LONG,
    POINTER,
    WORD,
    held_at,
    one_behind_the_other,
    require_below,
    require_same_length,
    require_starts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["PairTable", "bits_of"]

_BLOCK_BITS = 9  # of the numbers of a block


def bits_of(
    numbers: "NDArray[np.uint32]", many: int, *, rising: bool
) -> "tuple[NDArray[np.uint8], Small] | None":
    """So many bits with those of the numbers set, and how many are set before each block of 512, where numbers rise.

    None where there is no compiled part.

    :raises IndexError: there is no such bit, or the numbers do not rise.
    """
    run = loading.library()
    if run is None:
        return None
    numbers = one_behind_the_other(numbers, np.uint32)
    require_below(numbers, many)
    if rising and (numbers[1:] <= numbers[:-1]).any():
        raise IndexError("the numbers do not rise")
    bits, before = np.zeros(many >> 3, np.uint8), np.zeros(many >> _BLOCK_BITS, np.int32)
    run.cptkit_bits(
        len(numbers), held_at(numbers), len(before), held_at(bits), held_at(before) if rising else 0
    )
    return bits, before


class _Table(ctypes.Structure):
    """``Pairs`` of pairs.c."""

    _fields_ = (
        ("bits", POINTER),
        ("before", POINTER),
        ("keys", POINTER),
        ("pairs", LONG),
        ("spread", WORD),
        ("filter_bits", INT),
        ("shift", INT),
        ("classes", POINTER),
        ("steps", POINTER),
        ("step_count", LONG),
        ("class_count", LONG),
        ("seen", POINTER),
        ("seen_words", LONG),
        ("first", POINTER),
        ("last", POINTER),
        ("turned", POINTER),
        ("never_ends", INT),
    )


class PairTable:
    """The rows of pair edits; ``in_force`` finds those between the lines of encounters.

    It is there only where the compiled part is.

    :raises IndexError: a number of the table leads nowhere.
    """

    def __init__(
        self,
        bits: "NDArray[np.uint8]",
        before: "Small",
        keys: "NDArray[Any]",
        *,
        spread: int,
        shift: int,
        classes: "Small",
        steps: "Sequence[Small]",
        seen: "NDArray[np.uint32]",
        first: "Small",
        last: "Small",
        turned: "NDArray[np.bool_]",
        never_ends: int,
    ) -> None:
        held: dict[str, NDArray[Any]] = {
            "bits": bits,
            "before": before,
            "keys": one_behind_the_other(keys, np.uint64) if spread else np.zeros(0, np.uint64),
            "classes": one_behind_the_other(classes, np.int32),
            "steps": one_behind_the_other(np.concatenate([np.zeros(0, np.int32), *steps]), np.int32),
            "seen": one_behind_the_other(seen, np.uint32),
            "first": one_behind_the_other(first, np.int32),
            "last": one_behind_the_other(last, np.int32),
            "turned": one_behind_the_other(turned, np.bool_),
        }
        require_same_length(first, last, turned, seen)
        require_same_length(keys, classes)
        for step in steps:
            require_same_length(step, steps[0])
            require_below(step + 1, len(first) + 1)  # -1 stands for no row
        if steps:
            require_below(classes, len(steps[0]))
        self._quarters: int = 32 * seen.shape[1]
        self._held = held  # the table below holds where they are, and not them
        self._table = _Table(
            **{name: held_at(array) for name, array in held.items()},
            pairs=len(keys),
            spread=spread,
            filter_bits=(len(bits) * 8).bit_length() - 1,
            shift=shift,
            step_count=len(steps),
            class_count=len(held["steps"]) // max(len(steps), 1),
            seen_words=seen.shape[1],
            never_ends=never_ends,
        )

    def in_force(
        self,
        starts: "Places",
        code: "Small",
        units: "Small",
        day: "Small",
        span: "NDArray[np.int16]",
        place: "NDArray[np.uint32]",
        quarter: "Places",
    ) -> "tuple[Places, Places, Small]":
        """Every two lines of an encounter, both with units, between which an edit is in force.

        The line of column 1, that of column 2, and the row. ``starts``: where each encounter begins, with the end.
        ``day``: counted from 1970-01-01. ``place``: of each code in the table, by its number. ``quarter``: of each span
        of days its place in the table, or -1.
        """
        given = [
            one_behind_the_other(starts, np.int64),
            *(one_behind_the_other(column, np.int32) for column in (code, units, day)),
            one_behind_the_other(span, np.int16),
            one_behind_the_other(place, np.uint32),
            one_behind_the_other(quarter, np.int64),
        ]
        require_same_length(*given[1:5])
        require_starts(given[0], len(code))
        require_below(given[1], len(place))
        require_below(given[4], len(quarter))
        require_below(given[6] + 1, self._quarters + 1)  # -1 stands for none
        room = len(code) // 4 + 1024
        while True:
            one, two, row = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int32)
            found = loading.library().cptkit_pairs(
                ctypes.addressof(self._table),
                len(starts) - 1,
                *map(held_at, given),
                room,
                *map(held_at, (one, two, row)),
            )
            if found <= room:
                return one[:found], two[:found], row[:found]
            room = found
