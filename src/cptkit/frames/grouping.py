"""Lines in any order, brought together by patient, day and clinician.

Only what heads a run of lines of one patient and day is sorted, by a hash packed with its place into one number; a
hash that two of them share is seen by comparing neighbours, and mended.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.frames.hashing import CHUNK
from cptkit.frames.threads import in_threads
from cptkit.kernel.again import heads_of, met_again, of_part
from cptkit.rules.columns import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Rows = NDArray[Any]  # of int32, or of int64 where they are many

__all__ = ["Days", "Grouped", "Heads", "brought_together", "by_day", "grouped", "in_turn"]

_MIX = np.uint64(0xBF58476D1CE4E5B9)
_MIX_DAY = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_MOST_ROWS = 1 << 31
_LEAST_BITS = 1  # of the place of a head
_FEW = 1 << 18  # heads that are not parted
_MOST = 1 << 20  # heads of a part


@attrs.frozen(slots=True, eq=False)
class Grouped:
    """Lines by encounter: ``order`` are their places in the input, ``encounters`` where each encounter begins, with the end.

    ``days``: where each patient and day begins, with the end. ``None`` for ``order`` where the lines stand in order.
    """

    order: "Rows | None"
    encounters: "Places"
    days: "Places"


def grouped(
    patient: "NDArray[np.uint64]",
    day: "NDArray[np.int32]",
    provider: "NDArray[np.uint64]",
    days: "Places | None" = None,
) -> Grouped:
    """The lines by patient and day, in the order in which these are met first, and within them by clinician.

    Within an encounter lines keep their order. ``days``: where each patient and day begins, with the end, where their
    lines are known to stand together.
    """
    count = len(patient)
    if not count:
        return Grouped(None, np.zeros(1, np.int64), np.zeros(1, np.int64))
    order, days = by_day(patient, day) if days is None else (None, days)
    who = provider if order is None else provider.take(order)
    order, who = _by_clinician(order, who, days)
    starts = np.append(True, who[1:] != who[:-1])
    starts[days[:-1]] = True
    return Grouped(order, np.append(np.flatnonzero(starts), count), days)


def in_turn(patient: "NDArray[np.uint64]", day: "NDArray[np.int32]") -> "Places | None":
    """Where each day begins, with the end, of lines that stand together by patient; None where days take turns."""
    same = patient[1:] == patient[:-1]
    if (same & (day[1:] < day[:-1])).any():
        return None
    same &= day[1:] == day[:-1]
    return np.concatenate([[0], np.flatnonzero(~same) + 1, [len(patient)]])


@attrs.frozen(slots=True, eq=False)
class Heads:
    """The lines of a batch that head a run of lines of one patient and day.

    ``at``: their places in the batch; ``mixed``: each patient and day, mixed so that on one day no two patients are
    alike; ``rows``: those of the batch.
    """

    at: "NDArray[np.int32]"
    mixed: "NDArray[np.uint64]"
    day: "NDArray[np.int32]"
    rows: int

    @classmethod
    def of(cls, patient: "NDArray[np.uint64]", day: "NDArray[np.int32]") -> "Heads":
        """Those of a batch."""
        compiled = heads_of(patient, day, int(_MIX_DAY), int(_MIX)) if len(patient) < _MOST_ROWS else None
        if compiled is not None:
            return cls(*compiled, len(patient))
        at = np.flatnonzero(_firsts(patient, day)) if len(patient) else np.zeros(0, np.int64)
        of_day, mixed = day.take(at), patient.take(at)
        for start in range(0, len(at), CHUNK):
            part = mixed[start : start + CHUNK]
            part ^= of_day[start : start + CHUNK].astype(np.uint64) * _MIX_DAY
            part *= _MIX
            part ^= part >> _HALF
            part *= _MIX
        return cls(at.astype(np.int32), mixed, of_day, len(patient))

    def lengths(self) -> "NDArray[np.int32]":
        """How many lines each run has."""
        return np.diff(self.at, append=np.int32(self.rows))


@attrs.frozen(slots=True, eq=False)
class Days:
    """The lines of batches by patient and day.

    ``stays``: of each batch's heads, whether its run is all that there is of a patient and day. ``order``: the places of
    all other lines, brought together; ``begins``: where each patient and day begins in it, with the end.
    """

    stays: "tuple[NDArray[np.bool_], ...]"
    order: "Rows"
    begins: "Places"


def by_day(patient: "NDArray[np.uint64]", day: "NDArray[np.int32]") -> "tuple[Rows | None, Places]":
    """The order that brings the lines of one patient and day together, and where each of these begins in it, with the end.

    None for an order that is that of the input. Runs that are met once stay where they are; behind them come those that
    are brought together.
    """
    if not len(patient):
        return None, np.zeros(1, np.int64)
    heads = Heads.of(patient, day)
    found = brought_together([heads])
    begins, lengths, stays = heads.at, heads.lengths(), found.stays[0]
    if not len(found.order):
        return None, np.append(begins, len(patient)).astype(np.int64)
    order = np.concatenate([np.flatnonzero(np.repeat(stays, lengths)).astype(found.order.dtype), found.order])
    ends = np.cumsum(lengths[stays], dtype=np.int64)
    there = len(order) - len(found.order)
    return order, np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1], found.begins + there])


def brought_together(heads: "Sequence[Heads]", threads: int = 1) -> Days:
    """The days of batches, in which a patient's day may be met again and again."""
    first_heads = np.cumsum([0, *(len(each.at) for each in heads)])
    count = int(first_heads[-1])
    if not count:
        return Days(tuple(np.zeros(0, bool) for _ in heads), np.zeros(0, np.int32), np.zeros(1, np.int64))
    parts = 1 << max(min(threads, count // _FEW), -(-count // _MOST) - 1).bit_length()
    days, starts = np.concatenate([each.day for each in heads]), _starts_of(heads)
    made = partial(_met_again, heads, days, starts, parts)
    found = list(in_threads(made, ((part,) for part in range(parts)), min(threads, parts)))
    moved = np.zeros(count, bool)
    for each in found:
        moved[each.number] = True
    befores = np.cumsum([0, *(len(each.order) for each in found)])
    begins = [each.begins + before for each, before in zip(found, befores.tolist(), strict=False)]
    order = np.concatenate([each.order for each in found])
    return Days(tuple(np.split(~moved, first_heads[1:-1])), order, np.concatenate([*begins, befores[-1:]]))


@attrs.frozen(slots=True, eq=False)
class _Again:
    """Heads of patients and days that are met more than once.

    ``number``: of each head; ``order``: the places of their lines, brought together; ``begins``: where each patient and
    day begins in it.
    """

    number: "Places"
    order: "Rows"
    begins: "Places"


def _starts_of(heads: "Sequence[Heads]") -> "Rows":
    """Where the run of each head begins among all lines, with the end."""
    rows = np.cumsum([0, *(each.rows for each in heads)])
    found = np.empty(sum(len(each.at) for each in heads) + 1, np.int32 if rows[-1] < _MOST_ROWS else np.int64)
    begin = 0
    for first, each in zip(rows.tolist(), heads, strict=False):
        np.add(each.at, found.dtype.type(first), out=found[begin : begin + len(each.at)])
        begin += len(each.at)
    found[-1] = rows[-1]
    return found


def _met_again(
    heads: "Sequence[Heads]", days: "NDArray[np.int32]", starts: "Rows", parts: int, part: int
) -> _Again:
    """Those of one part of the heads, which are parted by the upper bits of their hashes.

    They are sorted by the upper bits, the lower ones give way to their place. ``days``, ``starts``: of all heads.
    """
    mixed, number = _of_part(heads, parts, part)
    bits = np.uint64(max(len(mixed).bit_length(), _LEAST_BITS))
    mask = (np.uint64(1) << bits) - np.uint64(1)
    packed = mixed & ~mask
    packed |= np.arange(len(mixed), dtype=np.uint64)
    packed.sort()
    compiled = met_again(packed, int(bits), mixed, number, days, starts)
    if compiled is not None:
        return _Again(*compiled)
    again = np.zeros(len(packed), bool)
    for start in range(0, len(packed), CHUNK):
        shared = packed[max(start - 1, 0) : start + CHUNK] >> bits
        again[max(start, 1) : start + CHUNK] = shared[1:] == shared[:-1]
    met = np.flatnonzero(again | np.append(again[1:], False))
    again, at = again.take(met), (packed.take(met) & mask).astype(np.int64)
    del packed
    mixed, number = mixed.take(at), number.take(at)
    day = days.take(number)
    alike = np.append(False, (mixed[1:] == mixed[:-1]) & (day[1:] == day[:-1]))
    # neighbours that share a part of a hash are of one patient and day, or share it by chance
    if (clash := np.flatnonzero(again & ~alike)).size:
        order = _mended(again, clash, mixed, day)
        number, mixed, day = number.take(order), mixed.take(order), day.take(order)
        alike = np.append(False, (mixed[1:] == mixed[:-1]) & (day[1:] == day[:-1]))
        several = np.flatnonzero(alike | np.append(alike[1:], False))
        number, alike = number.take(several), alike.take(several)
    else:
        alike = again
    begin = starts.take(number)
    length = starts.take(number + 1)
    length -= begin
    new = np.flatnonzero(~alike)
    if not len(length) or length.max() == 1:
        return _Again(number, begin, new)
    begins = np.cumsum(length, dtype=np.int64)
    begins -= length
    # memory that is touched first is dear: one array of these lines, and no more
    begin -= begins.astype(begin.dtype)
    order = np.repeat(begin, length)
    order += np.arange(len(order), dtype=order.dtype)
    return _Again(number, order, begins.take(new))


def _of_part(heads: "Sequence[Heads]", parts: int, part: int) -> "tuple[NDArray[np.uint64], Places]":
    """What the heads of a part are, and their numbers among all heads."""
    if parts == 1:
        mixed = np.concatenate([each.mixed for each in heads])
        return mixed, np.arange(len(mixed))
    shift = 64 - (parts - 1).bit_length()
    compiled = of_part([each.mixed for each in heads], shift, part)
    if compiled is not None:
        return compiled
    top = np.uint64(shift)
    found, numbers, first = [], [], 0
    for each in heads:
        at = np.flatnonzero(each.mixed >> top == np.uint64(part))
        found.append(each.mixed.take(at))
        at += first
        numbers.append(at)
        first += len(each.mixed)
    return np.concatenate(found), np.concatenate(numbers)


def _mended(
    again: "NDArray[np.bool_]", clash: "Places", mixed: "NDArray[np.uint64]", day: "NDArray[np.int32]"
) -> "Places":
    """The order in which each stretch of one hash is sorted by what its heads are, where several share it.

    ``clash``: places inside such stretches.
    """
    order = np.arange(len(again))
    edges = np.append(np.flatnonzero(~again), len(again))
    for stretch in np.unique(np.searchsorted(edges, clash, side="right") - 1).tolist():
        part = slice(edges[stretch], edges[stretch + 1])
        order[part] = order[part][np.lexsort((day[part], mixed[part]))]
    return order


def _firsts(patient: "NDArray[np.uint64]", day: "NDArray[np.int32]") -> "NDArray[np.bool_]":
    return np.append(True, (patient[1:] != patient[:-1]) | (day[1:] != day[:-1]))


def _by_clinician(
    order: "Rows | None", who: "NDArray[np.uint64]", days: "Places"
) -> "tuple[Rows | None, NDArray[np.uint64]]":
    """The same order with the lines of each clinician together, where a day has several."""
    starts = np.zeros(len(who), bool)
    starts[days[:-1]] = True
    changes = np.flatnonzero((who[1:] != who[:-1]) & ~starts[1:])
    if not len(changes):
        return order, who
    mixed = np.unique(np.searchsorted(days, changes, side="right") - 1)
    places, begins = ranges(days[mixed], days[mixed + 1])
    of = np.repeat(np.arange(len(mixed)), np.diff(begins))
    moved = places[np.lexsort((places, who[places], of))]
    new = np.arange(len(who)) if order is None else order.copy()
    new[places] = new[moved] if order is None else order[moved]
    sorted_who = who.copy()
    sorted_who[places] = who[moved]
    return new, sorted_who
