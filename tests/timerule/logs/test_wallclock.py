"""Clock times and zones: daylight-saving nights, names that are nearly right, computers without zones."""

import datetime as dt
import io
import struct
from zoneinfo import ZoneInfo

import pytest

from cptkit.errors import InvalidTimeLog, NotInstalled, UnknownZone
from cptkit.timerule.logs import wallclock
from cptkit.timerule.logs.wallclock import clock_of, is_repeated, moment_of, shown, zone_named

UTC = dt.UTC
NEW_YORK = ZoneInfo("America/New_York")


def at(text, zone="America/New_York", fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("zone", "clock", "before", "after"),
    [
        ("America/New_York", "2026-03-08 02:00", "2026-03-08 01:59", "2026-03-08 03:00"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 01:59", "2026-03-08 03:00"),
        ("America/New_York", "2026-03-08 02:59:59", "2026-03-08 01:59", "2026-03-08 03:00"),
        ("America/New_York", "2026-03-08 02:30:15.5", "2026-03-08 01:59", "2026-03-08 03:00"),
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:59", "2026-03-29 03:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 01:59", "2026-10-04 02:30"),
        ("America/Havana", "2026-03-08 00:30", "2026-03-07 23:59", "2026-03-08 01:00"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-29 23:59", "2011-12-31 00:00"),
        ("Pacific/Apia", "2011-12-30 00:00", "2011-12-29 23:59", "2011-12-31 00:00"),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_was_left_out_names_the_nearest_ones(zone, clock, before, after, fold):
    with pytest.raises(InvalidTimeLog, match=r"^the clock never showed that time") as caught:
        moment_of(at(clock, zone, fold))
    assert caught.value.near == (before, after)
    assert caught.value.given == shown(dt.datetime.fromisoformat(clock))
    assert caught.value.expected == f"a time that exists in {zone}"


@pytest.mark.parametrize(
    ("clock", "fold", "moment"),
    [
        ("2026-03-08 01:59:59", 0, "2026-03-08 06:59:59"),
        ("2026-03-08 03:00", 0, "2026-03-08 07:00"),
        ("2026-11-01 01:30", 0, "2026-11-01 05:30"),
        ("2026-11-01 01:30", 1, "2026-11-01 06:30"),
        ("2026-11-01 02:00", 0, "2026-11-01 07:00"),
        ("2026-11-01 12:00", 1, "2026-11-01 17:00"),
    ],
)
def test_a_time_stands_for_a_moment(clock, fold, moment):
    assert moment_of(at(clock, fold=fold)) == dt.datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "repeated"),
    [
        ("2026-11-01 00:59:59", False),
        ("2026-11-01 01:00", True),
        ("2026-11-01 01:59:59", True),
        ("2026-11-01 02:00", False),
    ],
)
def test_only_one_hour_is_repeated(clock, repeated):
    assert is_repeated(at(clock)) is repeated
    assert is_repeated(at(clock, fold=1)) is repeated


def test_the_end_of_the_calendar_is_refused():
    with pytest.raises(
        InvalidTimeLog, match=r"^a time beyond the calendar: '9999-12-31 23:59'; expected a year"
    ):
        moment_of(at("9999-12-31 23:59"))
    with pytest.raises(InvalidTimeLog, match=r"^a time beyond the calendar: '0001-01-01 00:00'"):
        clock_of(dt.datetime(1, 1, 1, tzinfo=UTC), NEW_YORK)


def test_times_are_shown_with_seconds_only_where_there_are_any():
    assert shown(at("2026-03-02 09:05")) == "2026-03-02 09:05"
    assert shown(at("2026-03-02 09:05:07")) == "2026-03-02 09:05:07"
    assert shown(at("2026-03-02 09:05:00.25")) == "2026-03-02 09:05:00.250000"


def test_a_zone_is_a_name_or_itself():
    assert zone_named("Europe/Berlin") is ZoneInfo("Europe/Berlin")
    assert zone_named(NEW_YORK) is NEW_YORK


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("America/Chigaco", "America/Chicago"),
        ("america/chicago", "America/Chicago"),
        ("New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("Los Angeles", "America/Los_Angeles"),
        ("Berlin", "Europe/Berlin"),
        ("rome", "Europe/Rome"),
        (" Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_a_name_nearly_right_is_answered_with_the_right_one(given, near):
    with pytest.raises(UnknownZone, match=r"^no such time zone: ") as caught:
        zone_named(given)
    assert near in caught.value.near
    assert caught.value.given == given
    assert caught.value.expected == "an IANA name such as 'America/Chicago'"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("given", ["", "qqqqqq", "../etc/passwd", "/etc/localtime", "America", "a\0b"])
def test_a_name_of_no_zone_is_unknown(given):
    with pytest.raises(UnknownZone, match="no such time zone"):
        zone_named(given)


@pytest.mark.parametrize("given", [None, -6, dt.UTC])
def test_what_is_neither_a_name_nor_a_zone_is_refused(given):
    with pytest.raises(InvalidTimeLog, match=r"^a zone is a name or a ZoneInfo") as caught:
        zone_named(given)
    assert (caught.value.given, caught.value.expected) == (given, "an IANA name such as 'America/Chicago'")


def test_a_zone_without_a_name_is_refused():
    # the first version of the format: one offset of 0 seconds, no changes
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    nameless = ZoneInfo.from_file(io.BytesIO(b"TZif" + bytes(16) + counts + bytes(6) + b"UTC\0"))
    with pytest.raises(InvalidTimeLog, match=r"^a zone without a name") as caught:
        zone_named(nameless)
    assert caught.value.given == str(nameless)
    assert caught.value.expected == "an IANA name such as 'America/Chicago'"


@pytest.mark.parametrize("failure", [KeyError, ValueError, PermissionError])
def test_a_computer_without_zones_names_the_package(monkeypatch, failure):
    class NoZones:
        def __init__(self, key):
            raise failure(key)

    monkeypatch.setattr(wallclock, "ZoneInfo", NoZones)
    monkeypatch.setattr(wallclock, "available_timezones", set)
    with pytest.raises(NotInstalled, match=r"^time zones are not on this computer") as caught:
        zone_named("America/Chicago")
    assert caught.value.given == "America/Chicago"
    assert caught.value.expected == "the package tzdata (pip install tzdata)"
    monkeypatch.setattr(wallclock, "available_timezones", lambda: {"America/Chicago"})
    with pytest.raises(UnknownZone):
        zone_named("America/Chicago")
