"""The lines of encounters in an order of their own, which hangs on no order of the rows.

By their ids; those of one id, as where each claim counts its lines from 1, by the ids of their claims; and those that
share these too by all that they say.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from cptkit import kernel
from cptkit.frames.lines import Lines
from cptkit.rules.columns import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Ranks = Callable[[Places], Places]

__all__ = ["by_line_ids"]

_BITS = 63  # of a whole number that is not negative
_VALUES = ("provider", "units", "minutes", "start", "stop", "charge")


@overload
def by_line_ids(
    lines: Lines, order: "Places", begins: "Places", ids: "Places", claims: "Ranks | None"
) -> "Places": ...


@overload
def by_line_ids(
    lines: Lines, order: None, begins: "Places", ids: "Places", claims: "Ranks | None"
) -> "Places | None": ...


def by_line_ids(
    lines: Lines, order: "Places | None", begins: "Places", ids: "Places", claims: "Ranks | None"
) -> "Places | None":
    """The same places of lines, those of each encounter in their order; None for all lines as they stand.

    ``begins``: where each encounter begins, with the end. ``ids``: numbers that rise as the ids of lines do. ``claims``:
    of lines at places, numbers that rise as the ids of their claims do; None where there are none.
    """
    compiled = kernel.by_ids(begins, ids, order)
    if compiled is not None:
        order, is_shared = compiled
        if not is_shared:
            return order
    else:
        order = _by_ids(order, begins, ids)
    own = ids if order is None else ids.take(order)
    same = own[1:] == own[:-1]
    same[begins[1:-1] - 1] = False
    if not same.any():
        return order
    tied = np.flatnonzero(np.append(False, same) | np.append(same, False))
    stretch = np.cumsum(~np.append(False, same)[tied])
    order = np.arange(len(own)) if order is None else order.copy()
    at = order.take(tied)
    keys = [_by_text(lines.texts.places.values, lines.place[at])]
    keys += [column[at] for name in _VALUES if (column := getattr(lines, name)) is not None]
    keys += [_by_text(lines.texts.modifiers.values, lines.modifiers[at])]
    keys += [_by_text(lines.texts.codes.values, lines.code[at])]
    keys += [] if claims is None else [claims(at)]
    order[tied] = at.take(np.lexsort((*keys, stretch)))
    return order


def _by_text(texts: Sequence[Any], numbers: "NDArray[np.int32]") -> "Places":
    """Numbers that rise as the texts do that are meant; the numbers of texts hang on which were met first."""
    met, which = np.unique(numbers, return_inverse=True)
    meant = ["" if texts[number] is None else texts[number] for number in met.tolist()]
    rank = np.empty(len(met), np.int64)
    rank[sorted(range(len(met)), key=meant.__getitem__)] = np.arange(len(met))
    return rank[which]


def _by_ids(order: "Places | None", begins: "Places", ids: "Places") -> "Places | None":
    """By the ids alone; those of one id keep their order."""
    own = ids if order is None else ids.take(order)
    falls = own[1:] < own[:-1]
    falls[begins[1:-1] - 1] = False
    wrong = np.flatnonzero(falls) + 1
    if not len(wrong):
        return order
    order = np.arange(len(own)) if order is None else order
    of = np.searchsorted(begins, wrong, side="right") - 1
    chosen = of[np.append(True, of[1:] != of[:-1])]
    members, parts = ranges(begins[chosen], begins[chosen + 1])
    part = np.repeat(np.arange(len(chosen)), np.diff(parts))
    held = own.take(members)
    held -= held.min()
    bits = int(held.max()).bit_length()
    if bits + len(chosen).bit_length() < _BITS:  # one number by which few lines stand wrong is sorted faster
        held |= part << bits
        moved = np.argsort(held, kind="stable")
    else:
        moved = np.lexsort((held, part))
    mended = order.copy()
    mended[members] = order.take(members.take(moved))
    return mended
