"""Session logs: what counts, what does not, to which day it belongs; nights on which the clock is changed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cptkit.errors import InvalidDate, InvalidTimeLog
from cptkit.timerule.logs.intervals import BREAK, Interval
from cptkit.timerule.logs.timelog import TimeLog

CHICAGO = "America/Chicago"
DAY = dt.date(2026, 3, 2)


def clock(text, day="2026-03-02"):
    return dt.datetime.fromisoformat(text if " " in text else f"{day} {text}")


def took(start, stop, activity="psychotherapy", **more):
    return Interval(clock(start), clock(stop), activity, **more)


def log_of(*intervals, zone=CHICAGO):
    return TimeLog(intervals, zone)


# --- what counts -----------------------------------------------------------------------------------------


def test_minutes_of_an_activity_and_of_all():
    log = log_of(took("09:00", "09:47"), took("10:00", "10:20", "visit"))
    assert log.minutes() == 67
    assert log.minutes("psychotherapy") == 47
    assert log.minutes(" Visit ") == 20
    assert log.minutes("psychotherapy", apart_from="visit") == 47


def test_seconds_are_dropped_once_from_the_sum():
    log = log_of(*(took(f"{hour:02}:00:00", f"{hour:02}:10:40") for hour in (9, 10, 11)))
    assert [stretch.minutes for stretch in log.stretches()] == [10, 10, 10]
    assert log.minutes() == 32
    assert log_of(took("09:00", "09:00:59.999999")).minutes() == 0
    assert log_of(took("09:00:00.000001", "09:01")).minutes() == 0
    assert log_of(took("09:00:00.5", "09:01:00.5")).minutes() == 1


def test_minutes_where_intervals_overlap_count_once():
    log = log_of(
        took("09:00", "10:00", clinician="A"),
        took("09:30", "10:30", clinician="B"),
        took("09:10", "09:20", clinician="B"),
    )
    assert log.minutes() == 90
    assert log.minutes(clinician="a ") == 60
    assert log.minutes(clinician="B") == 70
    assert len(log.stretches()) == 1


def test_minutes_with_and_without_the_patient():
    log = log_of(
        took("09:00", "09:30", "family"),
        took("09:20", "09:50", "family", patient_present=False),
        took("11:00", "11:05", "notes", patient_present=False),
    )
    assert log.minutes("family") == 50
    assert log.minutes("family", patient_present=True) == 30
    assert log.minutes("family", patient_present=False) == 30
    assert log.minutes("notes", patient_present=True) == 0


def test_a_break_is_taken_from_what_it_overlaps():
    log = log_of(
        took("09:00", "09:30"), took("09:20", "10:00", "visit"), took("09:25", "09:40", "Break"), zone=CHICAGO
    )
    assert log.minutes("psychotherapy") == 25
    assert log.minutes("visit") == 25
    assert log.minutes() == 45
    assert [str(stretch)[17:] for stretch in log.stretches()] == [
        "to 09:25, 25 minutes",
        "to 10:00, 20 minutes",
    ]


@pytest.mark.parametrize(
    ("whose", "counted"),
    [
        ("", {"A": 50, "B": 50, "": 50}),
        ("A", {"A": 50, "B": 60, "": 50}),
        ("b", {"A": 60, "B": 50, "": 50}),
        ("C", {"A": 60, "B": 60, "": 50}),
    ],
)
def test_a_break_is_its_clinicians_and_of_those_who_name_none(whose, counted):
    log = log_of(
        *(took("09:00", "10:00", clinician=name) for name in ("A", "B", "")),
        took("09:20", "09:30", BREAK, clinician=whose),
    )
    assert {name: log.minutes(clinician=name) for name in ("A", "B", "")} == counted
    assert log.minutes() == max(counted.values())


@pytest.mark.parametrize(
    ("start", "stop", "left"),
    [
        ("08:00", "09:00", 60),
        ("08:00", "09:01", 59),
        ("08:00", "11:00", 0),
        ("09:00", "10:00", 0),
        ("09:00", "09:01", 59),
        ("09:59", "10:00", 59),
        ("09:59", "10:30", 59),
        ("10:00", "10:30", 60),
    ],
)
def test_a_break_at_the_edges(start, stop, left):
    log = log_of(took("09:00", "10:00"), took(start, stop, BREAK))
    assert log.minutes() == left
    assert sum(log.by_day().values()) == left


def test_breaks_that_overlap_count_once():
    log = log_of(
        took("09:00", "10:00"),
        took("09:10", "09:20", BREAK),
        took("09:15", "09:25", BREAK),
        took("09:40", "09:45", BREAK),
    )
    assert log.minutes() == 40
    assert len(log.stretches()) == 3


# --- activities apart from each other --------------------------------------------------------------------


def test_a_minute_belongs_to_the_activity_named_first():
    log = log_of(took("09:00", "10:10", "visit"), took("09:20", "09:40"), took("10:00", "10:20", "notes"))
    assert log.split("psychotherapy", "visit") == {"psychotherapy": 20, "visit": 50}
    assert log.split("visit", "psychotherapy") == {"visit": 70, "psychotherapy": 0}
    assert list(log.split("psychotherapy", "notes", "visit").items()) == [
        ("psychotherapy", 20),
        ("notes", 20),
        ("visit", 40),
    ]
    assert log.split("VISIT") == {"VISIT": 70}


def test_a_break_within_the_first_activity_gives_its_minutes_to_nobody():
    log = log_of(took("09:00", "10:00", "visit"), took("09:20", "09:40"), took("09:30", "09:35", BREAK))
    assert log.split("psychotherapy", "visit") == {"psychotherapy": 15, "visit": 40}


def test_each_part_of_a_split_drops_its_seconds():
    log = log_of(took("09:00:00", "09:30:00", "visit"), took("09:10:00", "09:20:30"))
    assert log.split("psychotherapy", "visit") == {"psychotherapy": 10, "visit": 19}
    assert log.minutes() == 30


def test_a_split_asks_all_activities_alike():
    log = log_of(
        took("09:00", "10:00", "visit", clinician="A"),
        took("09:30", "10:00", clinician="B", patient_present=False),
    )
    assert log.split("psychotherapy", "visit") == {"psychotherapy": 30, "visit": 30}
    assert log.split("psychotherapy", "visit", clinician="A") == {"psychotherapy": 0, "visit": 60}
    assert log.split("psychotherapy", "visit", patient_present=True) == {"psychotherapy": 0, "visit": 60}
    assert log.split("psychotherapy", "visit", on=DAY) == {"psychotherapy": 30, "visit": 30}
    assert log.split("psychotherapy", "visit", on=dt.date(2026, 3, 3)) == {"psychotherapy": 0, "visit": 0}


def test_time_reported_elsewhere_makes_no_gap():
    log = log_of(
        took("2026-03-02 23:30", "2026-03-03 00:30", "visit"), took("2026-03-02 23:50", "2026-03-03 00:10")
    )
    assert log.split("psychotherapy", "visit", on=DAY) == {"psychotherapy": 20, "visit": 40}
    (stretch,) = log.stretches("visit", apart_from=["psychotherapy"])
    assert (stretch.elapsed, stretch.minutes) == (dt.timedelta(minutes=40), 40)
    assert log.by_day("visit", apart_from="psychotherapy") == {DAY: 40}
    assert log.by_month("visit", apart_from="psychotherapy") == {(2026, 3): 40}
    assert log.month(2026, 3, "visit", apart_from="psychotherapy") == 40
    assert log.by_day(apart_from=("psychotherapy", "visit")) == {DAY: 0}


# --- days and months -------------------------------------------------------------------------------------


def test_a_stretch_past_midnight_belongs_to_its_first_day():
    log = log_of(took("2026-03-02 23:00", "2026-03-03 02:00", "hydration"))
    assert log.by_day() == {DAY: 180}
    assert log.minutes("hydration", on=DAY) == 180
    assert log.minutes("hydration", on=dt.date(2026, 3, 3)) == 0
    assert log.minutes("hydration", on=dt.date(2026, 3, 1)) == 0


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        (("23:30", "2026-03-03 00:00"), ("2026-03-03 00:00", "2026-03-03 00:30"), {2: 60}),
        (("23:30", "2026-03-03 00:00"), ("2026-03-03 00:00:01", "2026-03-03 00:30"), {2: 30, 3: 29}),
        (("23:30", "23:59:59"), ("2026-03-03 00:00", "2026-03-03 00:30"), {2: 29, 3: 30}),
        (("23:30", "23:59"), ("23:59", "2026-03-03 00:00"), {2: 30}),
        (("00:00", "00:30"), ("2026-03-01 23:30", "00:00"), {1: 60}),
    ],
)
def test_midnight_itself(first, second, days):
    log = log_of(took(*first), took(*second))
    assert log.by_day() == {dt.date(2026, 3, day): minutes for day, minutes in days.items()}


def test_a_break_over_midnight_starts_a_new_stretch():
    night = ("2026-03-02 23:00", "2026-03-03 01:00")
    log = log_of(took(*night), took("2026-03-02 23:50", "2026-03-03 00:10", BREAK))
    assert log.by_day() == {DAY: 50, dt.date(2026, 3, 3): 50}
    beside = log + log_of(took(*night, "visit"))
    assert beside.by_day("visit") == {DAY: 50, dt.date(2026, 3, 3): 50}


def test_a_break_of_one_of_two_makes_no_gap():
    night = ("2026-03-02 23:00", "2026-03-03 01:00")
    log = log_of(
        took(*night, clinician="A"),
        took(*night, clinician="B"),
        took("2026-03-02 23:50", "2026-03-03 00:10", BREAK, clinician="A"),
    )
    assert log.by_day() == {DAY: 120}
    assert log.by_day(clinician="A") == {DAY: 50, dt.date(2026, 3, 3): 50}


def test_a_stretch_may_be_longer_than_a_day():
    log = log_of(took("2026-03-02 12:00", "2026-03-03 12:00"), took("2026-03-03 12:00", "2026-03-04 00:00"))
    assert log.by_day() == {DAY: 36 * 60}


@pytest.mark.parametrize(
    ("start", "stop", "months"),
    [
        ("2026-03-31 23:30", "2026-04-01 00:30", {(2026, 3): 60}),
        ("2026-03-31 23:59", "2026-04-01 00:00", {(2026, 3): 1}),
        ("2026-04-01 00:00", "2026-04-01 00:20", {(2026, 4): 20}),
        ("2028-02-29 23:00", "2028-03-01 01:00", {(2028, 2): 120}),
        ("2027-02-28 23:00", "2027-03-01 01:00", {(2027, 2): 120}),
        ("2026-12-31 23:50", "2027-01-01 00:10", {(2026, 12): 20}),
    ],
)
def test_a_stretch_counts_in_the_month_it_began(start, stop, months):
    log = log_of(took(start, stop))
    assert log.by_month() == months
    ((year, month),) = months
    assert log.month(year, month) == months[year, month]
    assert log.month(year + 1, month) == 0


def test_seconds_add_up_over_a_month():
    log = log_of(*(took(f"2026-03-{day:02} 09:00:00", f"2026-03-{day:02} 09:01:30") for day in range(1, 32)))
    assert set(log.by_day().values()) == {1}
    assert log.month(2026, 3) == 46
    assert log.by_month() == {(2026, 3): 46}


def test_days_and_months_come_in_order():
    log = log_of(took("2026-04-01 09:00", "2026-04-01 09:10"), took("2025-03-02 09:00", "2025-03-02 09:10"))
    assert list(log.by_day()) == [dt.date(2025, 3, 2), dt.date(2026, 4, 1)]
    assert list(log.by_month()) == [(2025, 3), (2026, 4)]


def test_days_and_months_are_asked_like_minutes():
    log = log_of(
        took("09:00", "09:10", clinician="A"),
        took("10:00", "10:20", "visit", clinician="B", patient_present=False),
    )
    for asked, minutes in [
        ({"activity": "visit"}, 20),
        ({"clinician": "A"}, 10),
        ({"patient_present": False}, 20),
        ({"apart_from": "visit"}, 10),
    ]:
        assert sum(stretch.minutes for stretch in log.stretches(**asked)) >= minutes
        assert sum(log.by_day(**asked).values()) == minutes
        assert sum(log.by_month(**asked).values()) == minutes
        assert log.month(2026, 3, **asked) == minutes
        assert log.minutes(**asked) == minutes


@pytest.mark.parametrize(
    ("year", "month"), [(2026, 0), (2026, 13), (0, 1), ("2026", 3), (2026, None), (2026, 3.0), (10**20, 1)]
)
def test_there_are_twelve_months(year, month):
    with pytest.raises(
        InvalidDate, match=r"^not a calendar month: .*; expected a year, and a month from 1 to 12$"
    ) as caught:
        log_of(took("09:00", "09:10")).month(year, month)
    assert caught.value.given == (year, month)


# --- nights on which the clock is put forward or back ----------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "stop", "minutes"),
    [
        ("America/New_York", "2026-03-08 00:00", "2026-03-09 00:00", 23 * 60),
        ("America/New_York", "2026-03-08 01:30", "2026-03-08 03:30", 60),
        ("America/New_York", "2026-03-08 01:59", "2026-03-08 03:00", 1),
        ("America/New_York", "2026-03-07 23:30", "2026-03-08 03:30", 180),
        ("America/New_York", "2026-11-01 00:30", "2026-11-01 02:30", 180),
        ("America/New_York", "2026-11-01 00:59", "2026-11-01 01:00", 1),
        ("America/New_York", "2026-10-31 23:00", "2026-11-01 03:00", 300),
        ("America/Phoenix", "2026-03-08 01:30", "2026-03-08 03:30", 120),
        ("America/Phoenix", "2026-03-08 02:30", "2026-03-08 03:30", 60),
        ("Europe/Berlin", "2026-03-29 01:30", "2026-03-29 03:30", 60),
        ("Europe/Berlin", "2026-10-25 01:30", "2026-10-25 03:30", 180),
        ("Australia/Lord_Howe", "2026-04-05 01:00", "2026-04-05 03:00", 150),
        ("Australia/Lord_Howe", "2026-10-04 01:00", "2026-10-04 03:00", 90),
        ("UTC", "2026-03-08 01:30", "2026-03-08 03:30", 120),
    ],
)
def test_minutes_are_those_that_passed(zone, start, stop, minutes):
    log = log_of(took(start, stop), zone=zone)
    assert log.minutes() == minutes
    assert log.by_day() == {dt.date.fromisoformat(start[:10]): minutes}


@pytest.mark.parametrize(
    ("start_fold", "stop_fold", "start", "stop", "minutes"),
    [
        (0, 0, "01:10", "01:40", 30),
        (1, 1, "01:10", "01:40", 30),
        (0, 1, "01:10", "01:40", 90),
        (0, 1, "01:40", "01:10", 30),
        (0, 1, "01:30", "01:30", 60),
        (1, 0, "01:10", "02:00", 50),
        (0, 0, "01:10", "02:00", 110),
    ],
)
def test_fold_chooses_in_the_repeated_hour(start_fold, stop_fold, start, stop, minutes):
    night = "2026-11-01"
    first, last = clock(start, night).replace(fold=start_fold), clock(stop, night).replace(fold=stop_fold)
    log = log_of(Interval(first, last, "watch"), zone="America/New_York")
    assert log.minutes() == minutes
    assert TimeLog.from_dict(log.to_dict()) == log
    (interval,) = log
    assert (interval.start.fold, interval.stop.fold) == (start_fold, stop_fold)


def test_the_two_hours_of_the_night_are_two():
    first = Interval(clock("2026-11-01 01:10"), clock("2026-11-01 01:40"), "watch")
    second = Interval(first.start.replace(fold=1), first.stop.replace(fold=1), "watch")
    log = log_of(second, first, zone="America/New_York")
    assert first != second
    assert log != log_of(first, first, zone="America/New_York")
    assert (log.minutes(), len(log.stretches())) == (60, 2)
    one, other = log.stretches()
    assert one != other
    assert [each.start.fold for each in log] == [0, 1]


def test_a_log_knows_the_moments_of_other_zones():
    berlin = ZoneInfo("Europe/Berlin")
    call = Interval(
        clock("2026-03-03 00:30").replace(tzinfo=berlin),
        clock("2026-03-03 01:00").replace(tzinfo=berlin),
        "call",
    )
    assert TimeLog([call]).by_day() == {dt.date(2026, 3, 3): 30}
    assert log_of(call).by_day() == {DAY: 30}
    assert log_of(call, took("18:00", "18:10", "notes")).by_day() == {DAY: 40}


def test_several_activities_are_counted_together():
    log = log_of(
        took("09:00", "09:20", "visit"),
        took("09:15", "09:30", "charting"),
        took("09:30", "10:00"),
    )
    assert log.minutes(("visit", "charting")) == 30
    assert log.minutes(["Visit", "charting"], apart_from="psychotherapy") == 30
    assert log.minutes({"visit"}) == log.minutes("visit") == 20
    assert "visit and charting" in log.explain(("visit", "charting"))
    for wrong in ((), ("visit", "visit")):
        with pytest.raises(InvalidTimeLog):
            log.minutes(wrong)
    with pytest.raises(InvalidTimeLog, match="not text"):
        log.minutes(7)
