"""Lines in any order, brought together by patient, day and clinician.

Only what heads a run of lines of one patient and day is sorted, by a hash packed with its place into one number; a
hash that two of them share is seen by comparing neighbours, and mended.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.rules.columns import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Rows = NDArray[Any]  # of int32, or of int64 where they are many
    Part = tuple[NDArray[np.uint64], NDArray[np.int32]]

__all__ = ["Grouped", "by_day", "grouped"]

_PLACE_BITS = 24
_MOST_RUNS = 1 << _PLACE_BITS
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_MIX_DAY = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_BITS = np.uint64(_PLACE_BITS)
_MOST_ROWS = 1 << 31
_FEW = 1 << 18  # heads that are not parted


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
    order, days = by_day([(patient, day)]) if days is None else (None, days)
    who = provider if order is None else provider[order]
    order, who = _by_clinician(order, who, days)
    starts = np.append(True, who[1:] != who[:-1])
    starts[days[:-1]] = True
    return Grouped(order, np.append(np.flatnonzero(starts), count), days)


def by_day(parts: "Sequence[Part]", threads: int = 1) -> "tuple[Rows | None, Places]":
    """The order that brings the lines of one patient and day together, and where each of these begins in it, with the end.

    ``parts``: patient and day of lines, batch after batch. None for an order that is that of the input. Runs that are
    met once stay where they are; behind them come those that are brought together.
    """
    count = sum(len(patient) for patient, _ in parts)
    if not count:
        return None, np.zeros(1, np.int64)
    heads, patient, day = _heads(parts, np.int32 if count < _MOST_ROWS else np.int64)
    runs, new = _sorted_runs(patient, day, threads)
    if new.all():
        return None, np.append(heads, count).astype(np.int64)
    again = np.flatnonzero(~new)
    moved = np.zeros(len(heads), bool)
    moved[runs[again]] = moved[runs[again - 1]] = True
    lengths = np.diff(heads, append=heads.dtype.type(count))
    together = moved[runs]
    runs, new = runs[together], new[together]
    stays = ~moved
    starts, lengths = (np.append(each[stays], each[runs]) for each in (heads, lengths))
    ends = np.cumsum(lengths, dtype=np.int64)
    # memory that is touched first is dear: two arrays of all lines, and no more
    order = np.repeat(starts - (ends - lengths).astype(starts.dtype), lengths)
    order += np.arange(count, dtype=order.dtype)
    begins = (ends - lengths)[np.append(np.ones(int(stays.sum()), bool), new)]
    return order, np.append(begins, count)


def _heads(parts: "Sequence[Part]", kind: Any) -> "tuple[Rows, NDArray[np.uint64], NDArray[np.int32]]":
    """The lines that head a run of one patient and day: their places, patients and days."""
    places: list[Rows] = []
    patients: list[NDArray[np.uint64]] = []
    days: list[NDArray[np.int32]] = []
    begin, last = 0, None
    for patient, day in parts:
        if not len(patient):
            continue
        is_head = _firsts(patient, day)
        is_head[0] = last != (patient[0], day[0])
        at = np.flatnonzero(is_head)
        patients.append(patient[at])
        days.append(day[at])
        places.append(at.astype(kind) + kind(begin))
        begin, last = begin + len(patient), (patient[-1], day[-1])
    return np.concatenate(places), np.concatenate(patients), np.concatenate(days)


def _sorted_runs(
    patient: "NDArray[np.uint64]", day: "NDArray[np.int32]", threads: int
) -> "tuple[Places, NDArray[np.bool_]]":
    """The places of the heads so that equal ones stand together, each in its order; and which is the first of its kind.

    They are parted by their hash, so that each part can be sorted by itself.
    """
    mixed = (patient ^ (day.astype(np.uint64) * _MIX_DAY)) * _MIX
    mixed ^= mixed >> _HALF
    mixed *= _MIX
    least = max(min(threads, len(mixed) // _FEW), len(mixed) // _MOST_RUNS + 1)
    bits = (least - 1).bit_length()
    if not bits:
        return _part(mixed, patient, day)
    which = (mixed >> np.uint64(64 - bits)).astype(np.uint16)

    def sorted_part(number: int) -> "tuple[Places, NDArray[np.bool_]]":
        at = np.flatnonzero(which == number)
        runs, new = _part(mixed[at], patient[at], day[at])
        return at[runs], new

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(sorted_part, range(1 << bits)))
    return np.concatenate([runs for runs, _ in parts]), np.concatenate([new for _, new in parts])


def _part(
    mixed: "NDArray[np.uint64]", patient: "NDArray[np.uint64]", day: "NDArray[np.int32]"
) -> "tuple[Places, NDArray[np.bool_]]":
    """The same of some heads; ``mixed``: their hashes, of which the lower bits are given up."""
    if len(mixed) > _MOST_RUNS:  # more of one hash than any input has
        runs = np.lexsort((day, patient))
        return runs, _firsts(patient[runs], day[runs])
    mixed >>= _BITS
    mixed <<= _BITS
    mixed |= np.arange(len(mixed), dtype=np.uint64)
    mixed.sort()
    runs = (mixed & np.uint64(_MOST_RUNS - 1)).astype(np.int64)
    mixed >>= _BITS
    new = np.append(np.ones(min(len(mixed), 1), bool), mixed[1:] != mixed[:-1])
    # only neighbours that share a hash must be looked at: they are one patient and day, or their hash is one by chance
    again = np.flatnonzero(~new)
    one, other = runs[again], runs[again - 1]
    clash = again[(patient[one] != patient[other]) | (day[one] != day[other])]
    if len(clash):
        _mend(runs, new, clash, patient, day)
    return runs, new


def _firsts(patient: "NDArray[np.uint64]", day: "NDArray[np.int32]") -> "NDArray[np.bool_]":
    return np.append(True, (patient[1:] != patient[:-1]) | (day[1:] != day[:-1]))


def _mend(
    runs: "Places",
    new: "NDArray[np.bool_]",
    clash: "Places",
    patient: "NDArray[np.uint64]",
    day: "NDArray[np.int32]",
) -> None:
    """Sort the stretches of one hash by what they are, where several share it; ``clash``: places inside these."""
    edges = np.append(np.flatnonzero(new), len(new))
    for stretch in np.unique(np.searchsorted(edges, clash, side="right") - 1).tolist():
        start, end = edges[stretch], edges[stretch + 1]
        part = runs[start:end]
        part = part[np.lexsort((part, day[part], patient[part]))]
        runs[start:end] = part
        new[start:end] = _firsts(patient[part], day[part])


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
