"""Windows of days: they open with the first minute outside the one before, or stand in a row."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import InvalidDate, InvalidTimeLog
from cptkit.timerule.logs.intervals import Interval
from cptkit.timerule.logs.timelog import TimeLog
from cptkit.timerule.logs.windows import DeviceWindow, OnlineWindow, device_windows, online_windows

FIRST = dt.date(2026, 3, 2)


def plus(days, first=FIRST):
    return first + dt.timedelta(days=days)


def took(start, stop, activity="online"):
    return Interval(dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(stop), activity)


def replies(*written):
    """Stretches of (days after the first, seconds) in the evening of each day."""
    intervals = []
    for days, seconds in written:
        start = dt.datetime.combine(plus(days), dt.time(18))
        intervals.append(Interval(start, start + dt.timedelta(seconds=seconds), "online"))
    return TimeLog(intervals, "America/Chicago").stretches()


def found(windows):
    return [((window.first - FIRST).days, window.minutes) for window in windows]


# --- windows that open with the first minute -------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "windows"),
    [
        ([], []),
        ([(0, 300)], [(0, 5)]),
        ([(0, 300), (6, 360)], [(0, 11)]),
        ([(0, 300), (7, 360)], [(0, 5), (7, 6)]),
        ([(0, 300), (6, 60), (8, 60), (14, 60), (15, 60)], [(0, 6), (8, 2), (15, 1)]),
        ([(0, 300), (30, 60)], [(0, 5), (30, 1)]),
        ([(0, 40), (1, 40), (2, 40)], [(0, 2)]),
        ([(0, 30)], [(0, 0)]),
    ],
)
def test_a_window_opens_with_the_first_minute_outside_the_one_before(written, windows):
    assert found(online_windows(replies(*written), length=7)) == windows
    assert found(online_windows(reversed(replies(*written)), length=7)) == windows


def test_a_window_has_its_last_day():
    (window,) = online_windows(replies((0, 300)), length=7)
    assert window == OnlineWindow(FIRST, dt.date(2026, 3, 8), 5)
    (window,) = online_windows(replies((0, 300)), length=1)
    assert (window.first, window.last) == (FIRST, FIRST)


def test_a_stretch_past_midnight_belongs_to_the_window_it_began_in():
    night = took("2026-03-08 23:50", "2026-03-09 00:10")
    log = TimeLog([night, took("2026-03-02 18:00", "2026-03-02 18:05")], "UTC")
    assert found(online_windows(log.stretches(), length=7)) == [(0, 25)]


def test_time_reported_elsewhere_opens_no_window():
    hour = ("2026-03-02 09:00", "2026-03-02 09:30")
    later = took("2026-03-04 09:00", "2026-03-04 09:12")
    log = TimeLog([took(*hour, "visit"), took(*hour), later], "UTC")
    assert found(online_windows(log.stretches("online", apart_from="visit"), length=7)) == [(2, 12)]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 600)), max_size=12, unique_by=lambda each: each[0]),
    st.integers(1, 12),
)
def test_windows_hold_every_second_once(written, length):
    expected = []
    for days, seconds in sorted(written):
        if expected and days < expected[-1][0] + length:
            expected[-1] = (expected[-1][0], expected[-1][1] + seconds)
        else:
            expected.append((days, seconds))
    windows = online_windows(replies(*written), length=length)
    assert found(windows) == [(days, seconds // 60) for days, seconds in expected]
    assert all((window.last - window.first).days == length - 1 for window in windows)


# --- windows in a row ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ([], [0]),
        ([0], [1]),
        ([29], [1]),
        ([0, 29, 29, 0], [2]),
        ([30], [0, 1]),
        ([0, 29, 30, 59, 60], [2, 2, 1]),
        ([95], [0, 0, 0, 1]),
        (list(range(16)), [16]),
    ],
)
def test_days_with_data_in_each_window(days, counts):
    windows = device_windows(map(plus, days), first_day=FIRST, length=30)
    assert [window.days for window in windows] == counts
    assert [window.first for window in windows] == [plus(30 * place) for place in range(len(counts))]
    assert [window.last for window in windows] == [plus(30 * place + 29) for place in range(len(counts))]


def test_the_windows_of_a_leap_year():
    windows = device_windows([dt.date(2028, 2, 29)], first_day=dt.date(2028, 1, 30), length=30)
    assert windows == (
        DeviceWindow(dt.date(2028, 1, 30), dt.date(2028, 2, 28), 0),
        DeviceWindow(dt.date(2028, 2, 29), dt.date(2028, 3, 29), 1),
    )


@given(st.lists(st.integers(0, 200)), st.integers(1, 40))
def test_windows_in_a_row_hold_every_day_once(days, length):
    windows = device_windows([plus(day) for day in days], first_day=FIRST, length=length)
    assert sum(window.days for window in windows) == len(set(days))
    assert windows[-1].last >= plus(max(days, default=0))
    assert all(0 <= window.days <= length for window in windows)
    for window in windows:
        assert window.days == len({day for day in days if window.first <= plus(day) <= window.last})
    for one, other in pairwise(windows):
        assert other.first == plus(1, one.last)


def test_the_days_of_a_log_go_into_windows():
    log = TimeLog([took("2026-03-04 09:00", "2026-03-04 09:01", "device")], "UTC")
    (window,) = device_windows(log.by_day("device"), first_day=FIRST, length=30)
    assert window.days == 1


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, -1, 7.0, True, "7", None])
def test_a_window_has_a_whole_number_of_days(length):
    with pytest.raises(
        InvalidTimeLog, match=r"^not a number of days.*expected a whole number from 1"
    ) as caught:
        online_windows((), length=length)
    assert caught.value.given == length
    with pytest.raises(InvalidTimeLog, match=r"^not a number of days"):
        device_windows((), first_day=FIRST, length=length)


def test_data_before_the_first_day_are_refused():
    with pytest.raises(InvalidTimeLog) as caught:
        device_windows([plus(3), plus(-1), plus(-2)], first_day=FIRST, length=30)
    assert str(caught.value) == (
        "a day with data lies before the first day: '2026-02-28'; expected days from 2026-03-02 on"
    )


@pytest.mark.parametrize("day", ["2026-03-02", dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), None])
def test_a_day_of_a_window_is_a_date(day):
    with pytest.raises(
        InvalidDate, match=r"^a day of a window is not a date.*expected a datetime.date"
    ) as caught:
        device_windows([day], first_day=FIRST, length=30)
    assert caught.value.given == day
    with pytest.raises(InvalidDate, match=r"^a day of a window is not a date"):
        device_windows([], first_day=day, length=30)


def test_the_end_of_the_calendar_is_refused():
    with pytest.raises(
        InvalidTimeLog, match=r"^a window past the end of the calendar: '30 days from 9999-12-10'"
    ):
        device_windows([], first_day=dt.date(9999, 12, 10), length=30)
    with pytest.raises(InvalidTimeLog, match="expected fewer days"):
        online_windows(replies((0, 300)), length=10**12)
