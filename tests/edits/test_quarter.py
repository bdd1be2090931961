"""Quarters: their days, their order, and the versions of NCCI."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit.edits
from cptkit.edits import Quarter, Setting
from cptkit.errors import InvalidDate, InvalidQuarter

quarters = st.builds(Quarter, st.integers(1, 9999), st.integers(1, 4))


@given(st.dates())
def test_a_day_lies_in_its_quarter_and_in_no_other(day):
    quarter = Quarter.of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert Quarter.of(quarter.first_day) == Quarter.of(quarter.last_day) == quarter


@given(quarters)
def test_a_quarter_is_read_as_it_is_written(quarter):
    assert Quarter.parse(str(quarter).upper()) == quarter
    assert Quarter.from_index(quarter.index) == quarter
    assert Quarter.parse(quarter) is quarter


@given(quarters, quarters)
def test_quarters_are_in_the_order_of_their_days(one, other):
    assert (one < other) is (one.first_day < other.first_day) is (one.index < other.index)


@pytest.mark.parametrize(
    ("version", "quarter"),
    [("v301", "2024q2"), ("v302r0", "2024q3"), ("V313", "2025q4"), ("v320", "2026q1"), ("v323r1", "2026q4")],
)
def test_versions_of_ncci(version, quarter):
    assert str(Quarter.from_version(version)) == quarter
    assert Quarter.parse(quarter).version == version[:4].lower()


@pytest.mark.parametrize("text", ["2024", "2024q0", "2024q5", "24q3", "q3 2024", "", "0000q1", None, 20243])
def test_what_is_no_quarter(text):
    with pytest.raises(InvalidQuarter):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["302", "v304", "v30", "v3022", "", None])
def test_what_is_no_version(text):
    with pytest.raises(InvalidQuarter):
        Quarter.from_version(text)


def test_no_version_is_older_than_ncci_counts():
    assert Quarter(1994, 1).version == "v000"
    with pytest.raises(InvalidQuarter, match="no NCCI version is that old: '1993q4'"):
        _ = Quarter(1993, 4).version


@pytest.mark.parametrize("day", ["2024-07-01", dt.datetime(2024, 7, 1), None])  # noqa: DTZ001 - refused anyway
def test_what_is_no_day(day):
    with pytest.raises(InvalidDate):
        Quarter.of(day)


def test_settings_are_their_names():
    assert [str(setting) for setting in Setting] == ["practitioner", "hospital", "dme"]


def test_public_names_are_sorted_documented_and_loaded_when_asked_for():
    assert list(cptkit.edits.__all__) == sorted(cptkit.edits.__all__) == dir(cptkit.edits)
    for name in cptkit.edits.__all__:
        assert getattr(cptkit.edits, name).__doc__
    with pytest.raises(AttributeError, match=r"module 'cptkit\.edits' has no attribute 'atach'"):
        cptkit.edits.atach  # noqa: B018 - the access is what is tested
