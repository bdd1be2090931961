"""Windows of days: online care summed over the days from its first minute, devices counted in a row.

How many days a window has belongs to the time rule, not to this module: ``length`` is 7 where a rule's
scope is ``seven-days``, 30 where it is ``thirty-days``.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import attrs

from cptkit.errors import InvalidDate, InvalidTimeLog
from cptkit.timerule.logs.stretches import Stretch, completed

__all__ = ["DeviceWindow", "OnlineWindow", "device_windows", "online_windows"]


@attrs.frozen(slots=True)
class OnlineWindow:
    """Days from ``first`` to ``last``, both inclusive, with the completed minutes of all of them.

    Made by ``online_windows``; ``minutes`` goes into ``timerule.select``.

    >>> window = OnlineWindow(dt.date(2026, 3, 2), dt.date(2026, 3, 8), 12)
    >>> window.minutes
    12
    >>> window.minutes = 21
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    first: dt.date
    last: dt.date
    minutes: int


@attrs.frozen(slots=True)
class DeviceWindow:
    """Days from ``first`` to ``last``, both inclusive, and on how many of them there are data.

    Made by ``device_windows``; ``days`` goes into ``timerule.select``.

    >>> window = DeviceWindow(dt.date(2026, 3, 2), dt.date(2026, 3, 31), 16)
    >>> window.days
    16
    >>> window.days = 17
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    first: dt.date
    last: dt.date
    days: int


def online_windows(stretches: Iterable[Stretch], *, length: int) -> tuple[OnlineWindow, ...]:
    """Windows that open with the first counted time outside the one before, and their minutes.

    A window has ``length`` calendar days, the first included. A stretch belongs to the window of the day
    it began. Seconds add up over the window, and what is short of a minute is dropped from its sum.

    :param stretches: those of one question, from ``TimeLog.stretches``, in any order.
    :param length: days of a window: 7 where the scope of the rule is ``seven-days``.
    :raises InvalidTimeLog: a length that is no whole number of days from 1, or past the calendar's end.

    >>> from cptkit.timerule.logs.timelog import Interval, TimeLog
    >>> def reply(day, minutes):
    ...     start = dt.datetime(2026, 3, day, 18)
    ...     return Interval(start, start + dt.timedelta(minutes=minutes), "online", patient_present=False)
    >>> log = TimeLog([reply(2, 6), reply(8, 5), reply(9, 7)], zone="America/Chicago")
    >>> for window in online_windows(log.stretches("online"), length=7):
    ...     print(window.first, window.last, window.minutes)
    2026-03-02 2026-03-08 11
    2026-03-09 2026-03-15 7
    >>> online_windows(log.stretches("online"), length=0)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidTimeLog: not a number of days: 0; expected a whole number from 1
    """
    _check_length(length)
    opened: list[tuple[dt.date, list[Stretch]]] = []
    for stretch in sorted(stretches, key=lambda stretch: stretch.day):
        if not stretch.elapsed:
            continue
        if not opened or (stretch.day - opened[-1][0]).days >= length:
            opened.append((stretch.day, []))
        opened[-1][1].append(stretch)
    return tuple(OnlineWindow(first, _last(first, length), completed(inside)) for first, inside in opened)


def device_windows(
    days_with_data: Iterable[dt.date], *, first_day: dt.date, length: int
) -> tuple[DeviceWindow, ...]:
    """Windows in a row from a first day on, with the number of distinct days with data in each.

    The windows go on to the last day with data, those without any between included; the first one is
    always there.

    :param days_with_data: local days, in any order; one given twice counts once.
    :param first_day: the first day of the first window, such as the day the device was set up.
    :param length: days of a window: 30 where the scope of the rule is ``thirty-days``.
    :raises InvalidTimeLog: a day with data before the first day; a length as for ``online_windows``.
    :raises InvalidDate: what is given is no date.

    >>> days = [dt.date(2026, 1, 5) + dt.timedelta(days=each) for each in range(0, 60, 2)]
    >>> for window in device_windows(days, first_day=dt.date(2026, 1, 5), length=30):
    ...     print(window.first, window.last, window.days)
    2026-01-05 2026-02-03 15
    2026-02-04 2026-03-05 15
    >>> device_windows(days, first_day=dt.date(2026, 1, 6), length=30)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidTimeLog: a day with data lies before the first day: '2026-01-05'; expected days from 2026-01-06 on
    """
    _check_length(length)
    first = _day(first_day)
    days = {_day(day) for day in days_with_data}
    early = min(days, default=first)
    if early < first:
        raise InvalidTimeLog(
            "a day with data lies before the first day", given=str(early), expected=f"days from {first} on"
        )
    counted = Counter((day - first).days // length for day in days)
    windows: list[DeviceWindow] = []
    for place in range(max(counted, default=0) + 1):
        opens = first + dt.timedelta(days=place * length)
        windows.append(DeviceWindow(opens, _last(opens, length), counted[place]))
    return tuple(windows)


def _check_length(length: object) -> None:
    if type(length) is not int or length < 1:
        raise InvalidTimeLog("not a number of days", given=length, expected="a whole number from 1")


def _day(given: object) -> dt.date:
    if isinstance(given, dt.date) and not isinstance(given, dt.datetime):
        return given
    raise InvalidDate("a day of a window is not a date", given=given, expected="a datetime.date")


def _last(first: dt.date, length: int) -> dt.date:
    try:
        return first + dt.timedelta(days=length - 1)
    except OverflowError:
        raise InvalidTimeLog(
            "a window past the end of the calendar",
            given=f"{length} days from {first}",
            expected="fewer days",
        ) from None
