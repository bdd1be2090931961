"""Columns of days, whole numbers, clock times and money: every type they come in, and what is refused."""

import datetime as dt
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

from cptkit.frames.values import clock_times, days, money, whole_numbers  # noqa: E402 - behind the skip
from cptkit.rules.columns import NO_CHARGE, NONE  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)
EPOCH = dt.date(1970, 1, 1)


def array(cells, kind=None):
    return cells if isinstance(cells, pa.Array) else pa.array(cells, kind)


def reasons(read):
    """The reasons of a column that was read, with their rows."""
    return [] if read.why is None else [(read.reasons[why], row) for row, why in enumerate(read.why) if why]


class TestWholeNumbers:
    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            ([3, -2, None], pa.int8()),
            ([3, -2, None], pa.int64()),
            ([3.0, -2.0, None], pa.float32()),
            ([Decimal("3.000"), Decimal(-2), None], pa.decimal128(12, 3)),
            (["3.0", " -2", ""], pa.string()),
            ([b"3", b"-2", None], pa.binary()),
        ],
    )
    def test_units_of_every_type_and_one_where_there_is_none(self, cells, kind):
        assert whole_numbers(array(cells, kind), "units", 1).values.tolist() == [3, -2, 1]
        assert whole_numbers(array(cells, kind), "minutes", NONE).values.tolist() == [3, -2, NONE]

    @pytest.mark.parametrize(
        ("cell", "words"),
        [
            ("1.5", "units: a whole number is needed"),
            (1.5, "units: a whole number is needed"),
            (Decimal("0.25"), "units: a whole number is needed"),
            (float("inf"), "units: no number; write it 2"),
            ("one", "units: no number; write it 2"),
            (10**9, "units: too many digits"),
            (-(10**9), "units: too many digits"),
            (1e12, "units: too many digits"),
        ],
    )
    def test_what_is_no_whole_number_is_rejected(self, cell, words):
        assert reasons(whole_numbers(array([cell]), "units", 1)) == [(words, 0)]

    def test_an_unsigned_number_over_all_bounds(self):
        assert reasons(whole_numbers(array([2**64 - 1, 1], pa.uint64()), "units", 1)) == [
            ("units: too many digits", 0)
        ]


class TestDays:
    @pytest.mark.parametrize(
        "cells",
        [
            pa.array([DAY]),
            pa.array([DAY], pa.date64()),
            pa.array([1772495999], pa.timestamp("s")),
            pa.array([1772409600000], pa.timestamp("ms")),
            pa.array([dt.datetime(2026, 3, 3, 4, 59, tzinfo=dt.UTC)], pa.timestamp("ns", "America/New_York")),
            pa.array(["2026-03-02"]),
            pa.array([" 3/2/2026 "]),
            pa.array(["2026-03-02 00:00:00"]),
            pa.array(["02-Mar-2026"]),
            pa.array(["2-MAR-2026"]),
            pa.array([20260302]),
            pa.array([20260302.0]),
            pa.array(["20260302"]).dictionary_encode(),
        ],
    )
    def test_every_type_is_the_day(self, cells):
        assert days(cells).values.tolist() == [(DAY - EPOCH).days]

    @pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.timestamp("us")])
    def test_days_before_1970_and_the_bounds(self, kind):
        cells = [
            dt.date(1900, 1, 1),
            dt.date(1899, 12, 31),
            dt.date(1969, 12, 31),
            None,
            dt.date(9999, 12, 31),
        ]
        midnights = pa.array([None if day is None else dt.datetime.combine(day, dt.time()) for day in cells])
        done = days(midnights.cast(kind))
        read = [EPOCH + dt.timedelta(days=int(day)) for day in done.values]
        assert [read[0], read[2], read[4]] == [cells[0], cells[2], cells[4]]
        assert done.values.dtype == np.int32
        early = "date of service is before 1900; write the year's four digits, as in 2026"
        assert reasons(done) == [(early, 1), ("no date of service", 3)]

    @pytest.mark.parametrize("unit", ["s", "ms"])
    def test_a_time_stamp_out_of_all_bounds_is_no_day(self, unit):
        cells = pa.array([2**62, -(2**62), 0], pa.int64()).cast(pa.timestamp(unit))
        assert [row for _, row in reasons(days(cells))] == [0, 1]

    def test_a_day_that_no_calendar_has(self):
        assert reasons(days(pa.array([2932897, 20514], pa.int32()).cast(pa.date32()))) == [
            ("date of service is not a day of the calendar", 0)
        ]

    @pytest.mark.parametrize(
        ("cell", "words"),
        [
            ("2026-02-30", "date of service is not a day of the calendar"),
            ("30-Feb-2026", "date of service is not a day of the calendar"),
            (
                "02-Mrz-2026",
                "date of service cannot be read; write it 2026-03-02, 03/02/2026 .month first. or 20260302",
            ),
            ("2026-03-02 at ten", "date of service cannot be read"),
            ("", "no date of service"),
            (20261302, "date of service is not a day of the calendar"),
            (2026, "date of service cannot be read"),
            (20260302.5, "date of service cannot be read"),
        ],
    )
    def test_what_is_no_day_is_rejected(self, cell, words):
        ((reason, row),) = reasons(days(pa.array([cell])))
        assert reason.startswith(words.replace(".month first.", "(month first)"))
        assert row == 0


class TestTimes:
    @pytest.mark.parametrize(
        "kind", [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.string()]
    )
    def test_every_type(self, kind):
        start, stop = [dt.time(9, 5), None, dt.time(0)], [dt.time(23, 59, 59), None, dt.time(0, 1)]
        if pa.types.is_string(kind):
            start, stop = ([None if cell is None else str(cell) for cell in cells] for cells in (start, stop))
        assert clock_times(array(start, kind), "start").values.tolist() == [32700, NONE, 0]
        assert clock_times(array(stop, kind), "stop").values.tolist() == [86399, NONE, 60]

    def test_what_is_no_time_of_a_day_is_rejected(self):
        words = "start is not a time of day; write it 14:15 or 2:15 PM"
        assert reasons(clock_times(array(["25:00", "2:15 PM", "9"]), "start")) == [(words, 0), (words, 2)]
        cells = pa.array([86400, -1, None, 86399], pa.int32()).cast(pa.time32("s"))
        assert reasons(clock_times(cells, "start")) == [(words, 0), (words, 1)]


class TestMoney:
    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            ([150, -3, None], pa.int16()),
            ([150.0, -3.0, None], pa.float64()),
            ([150.0, -3.0, None], pa.float32()),
            ([Decimal("150.000000"), Decimal(-3), None], pa.decimal128(28, 6)),
            ([Decimal(150), Decimal(-3), None], pa.decimal128(9, 0)),
            ([Decimal("150.00"), Decimal(-3), None], pa.decimal256(40, 2)),
            (["$150.00", "-3", ""], pa.string()),
        ],
    )
    def test_every_type(self, cells, kind):
        assert money(array(cells, kind)).values.tolist() == [1_500_000, -30_000, NO_CHARGE]

    def test_fractions_that_four_decimals_write(self):
        assert money(array([0.1, 12.3456, 1e9 + 0.01])).values.tolist() == [
            1000,
            123456,
            10_000_000_000_100,
        ]
        assert money(pa.array([0.1], pa.float32())).values.tolist() == [1000]

    @pytest.mark.parametrize(
        "cell",
        [
            1 / 3,
            float("inf"),
            1e300,
            10**18,
            -(10**18),
            Decimal("0.00001"),
            Decimal(10) ** 20,
            "1e3",
            "9" * 30,
            "0.12345",
        ],
    )
    def test_what_is_no_amount_is_rejected(self, cell):
        ((reason, row),) = reasons(money(pa.array([cell])))
        assert reason in {"charge is no amount", "charge has too many digits"}
        assert row == 0


@pytest.mark.parametrize("read", [days, money, lambda cells: whole_numbers(cells, "units", 1)])
@pytest.mark.parametrize("kind", [pa.int8(), pa.float64(), pa.string(), pa.decimal128(9, 2)])
def test_no_rows(read, kind):
    found = read(pa.array([], kind))
    assert len(found.values) == 0
    assert found.why is None


def test_no_rows_of_days_and_times():
    assert len(days(pa.array([], pa.date32())).values) == 0
    assert len(clock_times(pa.array([], pa.time32("s")), "stop").values) == 0


def test_decimals_of_a_slice():
    cells = pa.array([Decimal("1.25"), None, Decimal("-7.50"), Decimal("3.00")], pa.decimal128(12, 2))
    assert money(cells.slice(1)).values.tolist() == [NO_CHARGE, -75_000, 30_000]


@pytest.mark.parametrize("read", [lambda array: whole_numbers(array, "units", 1), money])
def test_a_float_that_is_no_number_is_blank(read):
    """As pandas writes an empty cell, and as null is read."""
    found, blank = read(pa.array([float("nan"), 2.0])), read(pa.array([None, 2.0]))
    assert found.values.tolist() == blank.values.tolist()
    assert found.why is None


@pytest.mark.parametrize("amount", [100.1 * 3, 0.1 + 0.2, 1.1 * 1.1, -(0.1 + 0.2)])
def test_what_arithmetic_leaves_of_an_amount_is_none(amount):
    assert money(pa.array([amount])).values.tolist() == [round(amount * 10_000)]
