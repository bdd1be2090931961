"""Intervals, and the stretches and sentences that are made of them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cptkit.errors import InvalidTimeLog
from cptkit.timerule.logs.intervals import Interval, cut, spell_time, union
from cptkit.timerule.logs.stretches import Stretch
from cptkit.timerule.logs.timelog import TimeLog

CHICAGO = "America/Chicago"
NINE = dt.datetime.fromisoformat("2026-03-02 09:00")


def clock(text, day="2026-03-02"):
    return dt.datetime.fromisoformat(text if " " in text else f"{day} {text}")


def took(start, stop, activity="psychotherapy", **more):
    return Interval(clock(start), clock(stop), activity, **more)


# --- what an interval refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": "09:00"}, "the start is not a time of a day: '09:00'; expected a datetime.datetime"),
        ({"stop": dt.date(2026, 3, 2)}, "the stop is not a time of a day"),
        ({"activity": 7}, "an activity or a clinician is text: 7; expected a str"),
        ({"activity": ""}, "an interval without an activity; expected a word such as 'psychotherapy'"),
        ({"activity": "  "}, "an interval without an activity"),
        (
            {"activity": "Lunch break"},
            "an activity that is nearly a break: 'Lunch break'; expected 'break' alone",
        ),
        ({"activity": "breaks"}, "an activity that is nearly a break"),
        ({"clinician": None}, "an activity or a clinician is text"),
        ({"patient_present": 1}, "patient_present is not a yes or no: 1; expected True or False"),
        ({"stop": NINE.replace(tzinfo=dt.UTC)}, "one of two times has a zone: '2026-03-02 09:00 to 09:00'"),
        (
            {"start": NINE.replace(tzinfo=dt.UTC)},
            "one of two times has a zone: '2026-03-02 09:00 to 10:00'; expected both with a zone, or none",
        ),
    ],
)
def test_a_value_of_another_kind_is_refused(changed, message):
    given = {"start": NINE, "stop": NINE.replace(hour=10), "activity": "visit"} | changed
    with pytest.raises(InvalidTimeLog) as caught:
        Interval(**given)
    assert str(caught.value).startswith(message)


def test_clinician_and_presence_are_named():
    with pytest.raises(TypeError):
        Interval(NINE, NINE.replace(hour=10), "visit", "Ames")
    with pytest.raises(TypeError):
        Interval(NINE, NINE.replace(hour=10), "visit", patient_present=True, clinician="Ames", present=False)


def test_names_are_trimmed_and_kept_as_written():
    interval = Interval(NINE, NINE.replace(hour=10), " Breakfast group ", clinician=" Dr. Ames ")
    assert (interval.activity, interval.clinician) == ("Breakfast group", "Dr. Ames")
    assert not interval.is_break
    assert Interval(NINE, NINE.replace(hour=10), " BREAK").is_break


LATER = "a later stop"
FOLD = "a later stop; the clock showed that hour twice, and fold=1 is the second one"
SHORTER = "at most 24 hours; one interval for each day"


@pytest.mark.parametrize(
    ("start", "stop", "message", "given", "expected"),
    [
        ("09:00", "09:00", "the stop is not after the start", "2026-03-02 09:00 to 09:00", LATER),
        ("09:00", "08:00", "the stop is not after the start", "2026-03-02 09:00 to 08:00", LATER),
        (
            "2026-03-03 09:00",
            "09:30",
            "the stop is not after the start",
            "2026-03-03 09:00 to 2026-03-02 09:30",
            LATER,
        ),
        (
            "2026-11-01 01:40",
            "2026-11-01 01:10",
            "the stop is not after the start",
            "2026-11-01 01:40 to 01:10",
            FOLD,
        ),
        (
            "2026-11-01 03:00",
            "2026-11-01 01:10",
            "the stop is not after the start",
            "2026-11-01 03:00 to 01:10",
            FOLD,
        ),
        (
            "2026-11-01 01:10",
            "2026-11-01 00:10",
            "the stop is not after the start",
            "2026-11-01 01:10 to 00:10",
            FOLD,
        ),
        (
            "09:00",
            "2026-03-03 09:00:01",
            "an interval of more than a day",
            "2026-03-02 09:00 to 2026-03-03 09:00:01",
            SHORTER,
        ),
        (
            "2026-10-31 12:00",
            "2026-11-01 12:00",
            "an interval of more than a day",
            "2026-10-31 12:00 to 2026-11-01 12:00",
            SHORTER,
        ),
        (
            "2026-03-08 01:30",
            "2026-03-08 02:30",
            "the clock never showed that time",
            "2026-03-08 02:30",
            "a time that exists in America/Chicago",
        ),
        (
            "9999-12-31 23:00",
            "9999-12-31 23:30",
            "a time beyond the calendar",
            "9999-12-31 23:00",
            "a year from 2 to 9998",
        ),
    ],
)
def test_a_time_that_cannot_be_is_refused_as_soon_as_its_zone_is_known(start, stop, message, given, expected):
    local = took(start, stop)
    with pytest.raises(InvalidTimeLog) as in_a_log:
        TimeLog([took("07:00", "07:30"), local], CHICAGO)
    zone = ZoneInfo(CHICAGO)
    with pytest.raises(InvalidTimeLog) as alone:
        Interval(local.start.replace(tzinfo=zone), local.stop.replace(tzinfo=zone), "visit")
    for error in (in_a_log.value, alone.value):
        assert (error.message, error.given, error.expected) == (message, given, expected)
    assert (in_a_log.value.where, alone.value.where) == ("interval 2", None)


def test_a_whole_day_is_an_interval():
    assert TimeLog([took("09:00", "2026-03-03 09:00")], CHICAGO).minutes() == 24 * 60
    assert TimeLog([took("2026-10-31 12:00", "2026-11-01 11:00")], CHICAGO).minutes() == 24 * 60


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([NINE], "a time without a zone: '2026-03-02 09:00'; expected zone= with an IANA name"),
        ([NINE.replace(tzinfo=dt.UTC)], "an offset is not a zone: '2026-03-02 09:00+00:00'"),
        (
            [NINE.replace(tzinfo=ZoneInfo("Europe/Berlin")), NINE.replace(tzinfo=ZoneInfo(CHICAGO))],
            "the times have several zones: 'America/Chicago, Europe/Berlin'; expected zone=",
        ),
        ([], "an empty log has no zone of its own; expected zone="),
    ],
)
def test_a_log_needs_one_zone(times, message):
    hour = dt.timedelta(hours=1)
    with pytest.raises(InvalidTimeLog) as caught:
        TimeLog([Interval(time, time + hour, "visit") for time in times])
    assert str(caught.value).startswith(message)
    assert caught.value.where == ("interval 1" if len(times) == 1 else None)
    assert len(TimeLog([Interval(time, time + hour, "visit") for time in times], CHICAGO)) == len(times)


def test_a_zone_on_one_side_and_another_on_the_other():
    start = NINE.replace(tzinfo=ZoneInfo(CHICAGO))
    interval = Interval(start, start.astimezone(ZoneInfo("Europe/Berlin")) + dt.timedelta(hours=1), "visit")
    assert TimeLog([interval], CHICAGO).minutes() == 60
    with pytest.raises(InvalidTimeLog, match=r"^the times have several zones"):
        TimeLog([interval])


def test_only_intervals_make_a_log():
    with pytest.raises(
        InvalidTimeLog, match=r"^a log is made of intervals: \('09:00', '09:30'\); see interval 2"
    ):
        TimeLog([took("09:00", "09:30"), ("09:00", "09:30")], CHICAGO)


def test_moments_beyond_the_calendar_of_a_zone_are_refused():
    start = dt.datetime(1, 1, 1, 0, 0, tzinfo=dt.UTC)
    interval = Interval(start, start + dt.timedelta(hours=1), "visit")
    with pytest.raises(InvalidTimeLog, match=r"^a time beyond the calendar: '0001-01-01 00:00'"):
        TimeLog([interval], CHICAGO)


# --- spans -----------------------------------------------------------------------------------------------


def test_spans_that_touch_become_one():
    assert union([(5, 6), (1, 3), (3, 4), (1, 2), (8, 9)]) == [(1, 4), (5, 6), (8, 9)]
    assert union([(1, 9), (2, 3), (9, 10)]) == [(1, 10)]
    assert union([]) == []


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(10, 20)]),
        ([(0, 10), (20, 30)], [(10, 20)]),
        ([(0, 11)], [(11, 20)]),
        ([(19, 30)], [(10, 19)]),
        ([(10, 20)], []),
        ([(0, 30)], []),
        ([(0, 2), (12, 13), (15, 16), (18, 25), (40, 50)], [(10, 12), (13, 15), (16, 18)]),
        ([(10, 12), (18, 20)], [(12, 18)]),
    ],
)
def test_what_is_left_of_a_span(taken, left):
    assert cut((10, 20), taken) == left


@pytest.mark.parametrize(
    ("time", "spelled"),
    [
        ({}, "0 minutes"),
        ({"seconds": 1}, "1 second"),
        ({"seconds": 30}, "30 seconds"),
        ({"milliseconds": 500}, "0.5 seconds"),
        ({"microseconds": 59_999_999}, "59.999999 seconds"),
        ({"minutes": 1}, "1 minute"),
        ({"minutes": 2, "seconds": 1}, "2 minutes 1 second"),
        ({"hours": 25, "seconds": 20}, "1500 minutes 20 seconds"),
    ],
)
def test_time_in_words(time, spelled):
    assert spell_time(dt.timedelta(**time)) == spelled


# --- stretches and explanations --------------------------------------------------------------------------


def only(log, **asked):
    (stretch,) = log.stretches(**asked)
    return stretch


def test_a_stretch_in_words():
    def told(start, stop):
        return str(only(TimeLog([took(start, stop)], CHICAGO)))

    assert told("09:00", "09:47") == "2026-03-02 09:00 to 09:47, 47 minutes"
    assert told("09:00", "09:47:30") == "2026-03-02 09:00 to 09:47:30, 47 minutes 30 seconds"
    assert told("23:30", "2026-03-03 00:17") == (
        "2026-03-02 23:30 to 2026-03-03 00:17, 47 minutes; it belongs to 2026-03-02"
    )
    assert told("2026-03-08 01:30", "2026-03-08 03:30") == (
        "2026-03-08 01:30 to 03:30, 60 minutes; the clock was put forward by 60 minutes"
    )
    assert told("2026-11-01 01:30", "2026-11-01 02:30") == (
        "2026-11-01 01:30 to 02:30, 120 minutes; the clock was put back by 60 minutes"
    )


def test_a_stretch_is_a_value():
    stretch = only(TimeLog([took("09:00", "09:47:59")], CHICAGO))
    zone = ZoneInfo(CHICAGO)
    elapsed = dt.timedelta(minutes=47, seconds=59)
    assert stretch == Stretch(NINE.replace(tzinfo=zone), clock("09:47:59").replace(tzinfo=zone), elapsed)
    assert (stretch.day, stretch.minutes, stretch.elapsed) == (dt.date(2026, 3, 2), 47, elapsed)
    assert (stretch.start.tzinfo, stretch.stop.tzinfo) == (zone, zone)


def test_an_explanation_says_what_was_not_counted():
    log = TimeLog(
        [
            took("09:00", "10:00", "Visit", clinician="Dr. Ames"),
            took("09:10", "09:30:20", clinician="Dr. Ames"),
            took("09:25", "10:10", "visit", clinician="Dr. Bo"),
            took("09:50", "09:55", "break"),
            took("11:00", "11:05", "break"),
        ],
        CHICAGO,
    )
    assert log.explain("visit", apart_from="Psychotherapy").splitlines() == [
        "Visit, apart from psychotherapy, America/Chicago: 44 minutes",
        "  2026-03-02 09:00 to 09:50, 50 minutes; 20 minutes 20 seconds of it reported for another activity",
        "  2026-03-02 09:50 to 09:55, 5 minutes: a break, removed",
        "  2026-03-02 09:55 to 10:10, 15 minutes",
        "  30 minutes logged more than once: counted once",
        "  40 seconds short of a completed minute: dropped",
    ]
    assert log.explain("psychotherapy", clinician="dr. ames", patient_present=True).splitlines() == [
        "psychotherapy, Dr. Ames, patient present, America/Chicago: 20 minutes",
        "  2026-03-02 09:10 to 09:30:20, 20 minutes 20 seconds",
        "  20 seconds short of a completed minute: dropped",
    ]
    assert log.explain("psychotherapy", patient_present=False).splitlines() == [
        "psychotherapy, patient absent, America/Chicago: 0 minutes",
        "  the log has none of it",
    ]
    assert log.explain(apart_from=["visit", "psychotherapy"]).splitlines()[0] == (
        "all activities, apart from Visit and psychotherapy, America/Chicago: 0 minutes"
    )


def test_a_break_beside_another_days_stretch_is_not_of_the_day():
    log = TimeLog(
        [
            took("09:00", "10:00"),
            took("09:20", "09:30", "break"),
            took("2026-03-03 09:00", "2026-03-03 09:10"),
        ],
        CHICAGO,
    )
    assert log.explain(on=dt.date(2026, 3, 3)).splitlines()[1:] == ["  2026-03-03 09:00 to 09:10, 10 minutes"]


def test_an_explanation_of_a_day_holds_the_breaks_beside_it():
    log = TimeLog(
        [
            took("08:00", "08:20", "visit"),
            took("08:00", "08:20", "break"),
            took("23:00", "2026-03-03 01:00", "visit"),
            took("23:10", "23:20", "visit"),
            took("23:50", "2026-03-03 00:10", "break"),
            took("2026-03-03 00:30", "2026-03-03 00:45", "visit"),
            took("2026-03-03 09:00", "2026-03-03 09:20", "visit"),
            took("2026-03-03 09:05", "2026-03-03 09:06", "break"),
        ],
        CHICAGO,
    )
    assert log.explain(on=dt.date(2026, 3, 2)).splitlines() == [
        "all activities, 2026-03-02, America/Chicago: 50 minutes",
        "  2026-03-02 08:00 to 08:20, 20 minutes: a break, removed",
        "  2026-03-02 23:00 to 23:50, 50 minutes",
        "  2026-03-02 23:50 to 2026-03-03 00:10, 20 minutes: a break, removed",
        "  10 minutes logged more than once: counted once",
    ]
    assert log.explain(on=dt.date(2026, 3, 3)).splitlines() == [
        "all activities, 2026-03-03, America/Chicago: 69 minutes",
        "  2026-03-02 23:50 to 2026-03-03 00:10, 20 minutes: a break, removed",
        "  2026-03-03 00:10 to 01:00, 50 minutes",
        "  2026-03-03 09:00 to 09:05, 5 minutes",
        "  2026-03-03 09:05 to 09:06, 1 minute: a break, removed",
        "  2026-03-03 09:06 to 09:20, 14 minutes",
        "  15 minutes logged more than once: counted once",
    ]
    assert log.explain(on=dt.date(2026, 3, 4)).splitlines()[1:] == ["  the log has none of it"]
    nobody = log.explain(clinician="").splitlines()[0]
    assert nobody == "all activities, no clinician named, America/Chicago: 119 minutes"
