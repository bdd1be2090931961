"""Columns of days, whole numbers, clock times and money as numbers, with the reason where a cell cannot be read.

What a text may be is what ``cptkit.cells`` reads; each distinct text is read once. A reason does not tell the
value, so that alike ones are counted together.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cptkit import cells
from cptkit.frames.arrow import Array, pa, pc
from cptkit.frames.distinct import Read, looked_up, plain
from cptkit.rules.columns import NO_CHARGE, NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["clock_times", "days", "money", "whole_numbers"]

_EPOCH = 719163  # the ordinal of 1970-01-01
_FIRST_DAY, _LAST_DAY = -25567, 2932896  # 1900-01-01, 9999-12-31
_MOST_UNITS = 999_999_999
_MOST_MONEY = 9 * 10**14  # dollars that hundredths of a cent still hold
_IN_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_PLACES = 4
_CENTS = 10**_PLACES
_NOISE, _NOISE_OF_SHORT = 1e-12, 1e-6  # of amounts as floats of 64 and 32 bits
_REMEMBERED = 1 << 16


def days(array: Array) -> Read:
    """Days since 1970-01-01. Of a time stamp the day, in the zone of the column where it has one.

    >>> days(pa.array(["2026-03-02", "3/2/2026", "02-Mar-2026", "20260302"])).values.tolist()
    [20514, 20514, 20514, 20514]
    >>> days(pa.array(["2026-02-30"])).reasons[1]
    'date of service is not a day of the calendar'
    """
    array = plain(array)
    kind = array.type
    if pa.types.is_timestamp(kind):
        array = pc.local_timestamp(array) if kind.tz else array
        in_day = 24 * 3600 * _IN_SECOND[kind.unit]
    elif pa.types.is_date(kind):
        in_day = 24 * 3600 * 1000 if pa.types.is_date64(kind) else 1
    else:
        return looked_up(array, _day, _day(""), np.int32)
    values, empty = _numbers(array.cast(pa.int32() if pa.types.is_date32(kind) else pa.int64()))
    values = values if in_day == 1 else values // in_day  # a cast would wrap what is out of all bounds
    why = np.zeros(len(values), dtype=np.int32)
    if len(values) and (values.min() < _FIRST_DAY or values.max() > _LAST_DAY):
        why[values < _FIRST_DAY] = 1
        why[values > _LAST_DAY] = 2
        values = np.where(why == 0, values, values.dtype.type(0))
    values = values.astype(np.int32, copy=False)
    if empty is not None:
        why[empty] = 3
    reasons = ["", _day("18991231")[1], _day("20260230")[1], _day("")[1]]
    return Read(values, why, reasons) if why.any() else Read(values)


def whole_numbers(array: Array, what: str, blank: int) -> Read:
    """Whole numbers, ``blank`` where there is none; those below zero are kept, for the rules to report.

    >>> whole_numbers(pa.array([1.0, 3.0, None]), "units", 1).values.tolist()
    [1, 3, 1]
    >>> whole_numbers(pa.array(["1.5"]), "units", 1).reasons[1]
    'units: a whole number is needed'
    """
    array = plain(array)
    if not pa.types.is_integer(array.type):
        return looked_up(array, partial(_whole, what=what), (blank, ""), np.int32)
    values, empty = _numbers(array)
    why = None
    if len(values) and (values.min() < -_MOST_UNITS or values.max() > _MOST_UNITS):
        why = ((values < -_MOST_UNITS) | (values > _MOST_UNITS)).astype(np.int32)
        values = np.where(why == 0, values, values.dtype.type(0))
    found = values.astype(np.int32, copy=False)
    if empty is not None:
        found = np.where(empty, np.int32(blank), found)
    return Read(found) if why is None else Read(found, why, ["", _whole("9" * 10, what)[1]])


def clock_times(array: Array, what: str) -> Read:
    """Seconds of the day, ``NONE`` where there is none.

    >>> clock_times(pa.array(["9:05", "2:15 PM", None]), "start").values.tolist()[:2]
    [32700, 51300]
    >>> clock_times(pa.array(["25:00"]), "stop").reasons[1]
    'stop is not a time of day; write it 14:15 or 2:15 PM'
    """
    array = plain(array)
    if not pa.types.is_time(array.type):
        return looked_up(array, partial(_clock, what=what), (NONE, ""), np.int32)
    in_second = _IN_SECOND[array.type.unit]
    values, empty = _numbers(array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64()))
    seconds = values // in_second
    why = ((seconds < 0) | (seconds >= 24 * 3600)).astype(np.int32)
    found = np.where(why == 0, seconds, NONE).astype(np.int32)
    if empty is not None:
        found[empty] = NONE
        why[empty] = 0
    return Read(found, why, ["", _clock("25:00", what)[1]]) if why.any() else Read(found)


def money(array: Array) -> Read:
    """Hundredths of a cent, ``NO_CHARGE`` where there is none.

    >>> money(pa.array(["$1,150.00", "0.5", None])).values.tolist()[:2]
    [11500000, 5000]
    >>> money(pa.array(["NaN"])).reasons[1]
    'charge is no amount'
    """
    array = plain(array)
    kind = array.type
    if pa.types.is_integer(kind):
        values, empty = _numbers(array)
        why = (
            (values > _MOST_MONEY) | (values < -_MOST_MONEY if values.dtype.kind == "i" else False)
        ).astype(np.int32)
        found = np.where(why == 0, values, 0).astype(np.int64) * _CENTS
    elif pa.types.is_float64(kind) or pa.types.is_float32(kind):
        values, empty = _numbers(array.cast(pa.float64()))
        is_amount = np.abs(values) < _MOST_MONEY  # false of what is no number, too
        scaled = np.rint(np.where(is_amount, values, 0) * _CENTS)
        # a fraction that four decimals do not write is no amount; what arithmetic leaves of a float is none
        noise = _NOISE if pa.types.is_float64(kind) else _NOISE_OF_SHORT
        is_amount &= np.abs(scaled / _CENTS - values) <= noise * np.maximum(np.abs(values), 1)
        why = np.where(is_amount, 0, np.where(np.abs(values) >= _MOST_MONEY, 1, 2)).astype(np.int32)
        found = np.where(is_amount, scaled, 0).astype(np.int64)
    elif pa.types.is_decimal128(kind) and (exact := _of_decimals(array)) is not None:
        return Read(exact)
    else:
        return looked_up(array, _money, (NO_CHARGE, ""), np.int64)
    if empty is not None:
        found[empty] = NO_CHARGE
        why[empty] = 0
    return Read(found, why, ["", _money("9" * 16)[1], _money("x")[1]]) if why.any() else Read(found)


def _of_decimals(array: Array) -> "NDArray[np.int64] | None":
    """Hundredths of a cent, where every value is small and has no more than four decimals; else None."""
    kind = array.type
    halves = np.frombuffer(array.buffers()[1] or b"", dtype=np.int64).reshape(-1, 2)
    low, high = halves[array.offset : array.offset + len(array)].T
    empty = None
    if array.null_count:
        empty = pc.is_null(array).to_numpy(zero_copy_only=False)
        low, high = np.where(empty, 0, low), np.where(empty, 0, high)
    more = 10 ** max(_PLACES - kind.scale, 0)
    less = 10 ** max(kind.scale - _PLACES, 0)
    most = _MOST_MONEY * _CENTS // more
    if less > most or (high != low >> 63).any() or (np.abs(low // less) > most).any() or (low % less).any():
        return None
    found = low // less * more
    return found if empty is None else np.where(empty, NO_CHARGE, found)


def _numbers(array: Array) -> "tuple[NDArray[Any], NDArray[np.bool_] | None]":
    """The values, 0 for none; and where there is none."""
    if not array.null_count:
        return array.to_numpy(), None
    return array.fill_null(0).to_numpy(), pc.is_null(array).to_numpy(zero_copy_only=False)


def _asked(text: str, read: Callable[[], int], stand_in: int) -> tuple[int, str]:
    """What a text means, or the reason why it means nothing, which does not tell the text."""
    try:
        return read(), ""
    except ValueError as error:
        return stand_in, str(error).replace(f" {cells.quoted(text)}", "", 1)


@lru_cache(_REMEMBERED)
def _day(text: str) -> tuple[int, str]:
    return _asked(text, lambda: cells.day(text).toordinal() - _EPOCH, 0)


@lru_cache(_REMEMBERED)
def _whole(text: str, what: str) -> tuple[int, str]:
    return _asked(text, lambda: cells.whole(text, what), 0)


@lru_cache(_REMEMBERED)
def _clock(text: str, what: str) -> tuple[int, str]:
    def seconds() -> int:
        time = cells.clock(text, what)
        return time.hour * 3600 + time.minute * 60 + time.second

    return _asked(text, seconds, NONE)


@lru_cache(_REMEMBERED)
def _money(text: str) -> tuple[int, str]:
    whole, point, fraction = text.partition(".")
    text = whole + (point + fraction[:4] + fraction[4:].rstrip("0") if point else "")
    amount, reason = _asked(text, lambda: int(cells.money(text) * _CENTS), 0)
    return (amount, reason) if abs(amount) <= _MOST_MONEY * _CENTS else (0, "charge has too many digits")
