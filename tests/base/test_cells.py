"""Cells: what is read, what is refused, and the reason a person sees."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.cells import clock, code_and_modifiers, day, money, whole

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02",
        "2026-3-2",
        "2026/03/02",
        "03/02/2026",
        "3/2/2026",
        "20260302",
        "02MAR2026",
        "2-Mar-2026",
        "2026-03-02 00:00",
        "2026-03-02 23:59:59.999",
        "2026-03-02T00:00:00Z",
        "2026-03-02T00:00:00.000+00:00",
        "2026-03-02T23:30:00-0500",
        "2026-03-02 10:00:00 UTC",
    ],
)
def test_dates(text):
    assert day(text) == DAY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no date of service"),
        ("2026-02-30", "not a day of the calendar$"),
        ("13/02/2026", r"not a day of the calendar \(read as month/day/year\)"),
        ("20261302", "not a day of the calendar$"),
        ("2026/02/30", "not a day of the calendar$"),
        ("02-MAR2026", "cannot be read; write it"),
        ("02MRZ2026", "cannot be read; write it"),
        ("0000-01-01", "not a day of the calendar"),
        (
            "0026-03-02",
            r"date of service '0026-03-02' is before 1900; write the year's four digits, as in 2026$",
        ),
        ("1899-12-31", "is before 1900"),
        ("3/2/26", "cannot be read; write it"),
        ("March 2", "cannot be read; write it"),
        ("٢٠٢٦-٠٣-٠٢", "cannot be read; write it"),
        ("2026-03-02 00.01", "cannot be read; write it"),
        ("2026-03-02T10:00:00 noon", "cannot be read; write it"),
        ("x" * 500, r"xxx\.\.\.' cannot be read"),
    ],
)
def test_dates_that_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        day(text)


@given(st.dates(min_value=dt.date(1900, 1, 1)))
def test_every_date_is_read_in_all_its_spellings(date):
    spellings = [
        date.isoformat(),
        date.isoformat().replace("-", ""),
        f"{date.month}/{date.day}/{date.year:04}",
    ]
    assert {day(text) for text in spellings} == {date}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1.0", 1),
        ("2.", 2),
        ("+3", 3),
        ("-1", -1),
        ("0", 0),
        ("-0", 0),
        ("0000000001", 1),
        ("-999999999", -999999999),
    ],
)
def test_whole_numbers(text, number):
    assert whole(text, "units") == number


@pytest.mark.parametrize(
    ("text", "what", "reason"),
    [
        ("1.5", "units", "units '1.5': a whole number is needed"),
        ("47.5", "minutes", "minutes '47.5': whole completed minutes are needed"),
        (".5", "minutes", "whole completed minutes"),
        ("NaN", "minutes", "minutes 'NaN': no number; write it 47"),
        ("47,0", "minutes", "minutes '47,0': no number; write it 47"),
        ("2,0", "units", "units '2,0': no number; write it 2"),
        ("inf", "units", "no number"),
        ("1e3", "units", "no number"),
        ("²", "units", "no number"),
        ("1,000", "units", "no number"),
        ("9" * 5000, "units", "too many digits"),
    ],
)
def test_numbers_that_are_refused(text, what, reason):
    with pytest.raises(ValueError, match=reason):
        whole(text, what)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("9:05", dt.time(9, 5)),
        ("09:05", dt.time(9, 5)),
        ("09:05:30", dt.time(9, 5, 30)),
        ("2:15 PM", dt.time(14, 15)),
        ("2:15pm", dt.time(14, 15)),
        ("12:00 am", dt.time(0, 0)),
        ("12:30 p.m.", dt.time(12, 30)),
        ("0:00", dt.time(0, 0)),
        ("23:59", dt.time(23, 59)),
    ],
)
def test_clock_times(text, time):
    assert clock(text, "start") == time


@pytest.mark.parametrize(
    "text", ["24:00", "9:60", "9:05:60", "13:00 PM", "0:30 AM", "9", "0.375", "noon", ""]
)
def test_clock_times_that_are_refused(text):
    with pytest.raises(ValueError, match="is not a time of day"):
        clock(text, "start")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("150", "150"), ("150.00", "150.00"), ("$1,150.00", "1150.00"), ("$ 20", "20"), ("-5.25", "-5.25")],
)
def test_amounts(text, amount):
    assert money(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e9", "1,15", "€5", "."])
def test_amounts_that_are_refused(text):
    with pytest.raises(ValueError, match="is no amount"):
        money(text)


@pytest.mark.parametrize(
    ("text", "code", "modifiers"),
    [
        ("90834", "90834", ()),
        (" g2212 ", "G2212", ()),
        ("90834-95", "90834", ("95",)),
        ("90834 95 HO", "90834", ("95", "HO")),
        ("99213:25:59", "99213", ("25", "59")),
        ("9083495", "90834", ("95",)),
        ("90834-9", "90834", ("9",)),
        ("9O834-95", "9O834", ("95",)),
        ("908345", "908345", ()),
        ("9083", "9083", ()),
        ("9083-95", "9083-95", ()),
        ("therapy", "THERAPY", ()),
        ("g2212-\xe9", "G2212", ("\xe9",)),
    ],
)
def test_code_cells(text, code, modifiers):
    assert code_and_modifiers(text) == (code, modifiers)


@given(
    st.from_regex(r"[gG9]\d{3}[0-9fF][-/ :|]?[a-zA-Z0-9\xe9\u0130 -]{0,6}", fullmatch=True)
    | st.text(min_size=1)
)
def test_a_code_that_was_read_is_read_as_itself(text):
    try:
        code, _ = code_and_modifiers(text)
    except ValueError:
        assert not text.strip()
        return
    assert code_and_modifiers(code) == (code, ())


def test_a_blank_code():
    with pytest.raises(ValueError, match="no code"):
        code_and_modifiers("  ")


@pytest.mark.parametrize(
    "text", ["2026-03-02 00:00", "2026-03-02T00:00:00", "2026-03-02 00:00:00.000", "20260302"]
)
def test_a_midnight_behind_a_date_is_the_date(text):
    assert day(text) == dt.date(2026, 3, 2)
