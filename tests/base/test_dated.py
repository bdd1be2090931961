"""Spans and timelines: the day before, the first, the last and the day after; no gaps, no overlaps."""

import datetime as dt
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.dated import Span, Timeline

ONE_DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)

day = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
rows = st.dictionaries(day, st.integers(), max_size=8).map(lambda table: list(table.items()))


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        (FIRST - ONE_DAY, False),
        (FIRST, True),
        (dt.date(2026, 6, 1), True),
        (LAST, True),
        (LAST + ONE_DAY, False),
    ],
)
def test_both_ends_of_a_span_are_inside(asked, *, inside):
    assert (asked in Span(FIRST, LAST)) is inside


@pytest.mark.parametrize(
    ("span", "before_first", "after_last", "text"),
    [
        (Span(FIRST, LAST), False, False, "2026-01-01 to 2026-12-31"),
        (Span(FIRST, None), False, True, "from 2026-01-01"),
        (Span(None, LAST), True, False, "up to 2026-12-31"),
        (Span(), True, True, "always"),
    ],
)
def test_an_open_end_has_no_edge(span, before_first, after_last, text):
    assert (FIRST - ONE_DAY in span) is before_first
    assert (LAST + ONE_DAY in span) is after_last
    assert FIRST in span
    assert LAST in span
    assert str(span) == text


def test_a_span_of_one_day():
    span = Span(FIRST, FIRST)
    assert [FIRST - ONE_DAY in span, FIRST in span, FIRST + ONE_DAY in span] == [False, True, False]


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="a span ends before it starts: 2026-01-01 to 2025-12-31"):
        Span(FIRST, FIRST - ONE_DAY)


def test_a_value_holds_until_the_day_before_the_next():
    line = Timeline.of([(dt.date(2024, 1, 1), "new"), (dt.date(2023, 1, 1), "old")])
    assert line.at(dt.date(2022, 12, 31)) is None
    assert line.at(dt.date(2023, 1, 1)) == "old"
    assert line.at(dt.date(2023, 12, 31)) == "old"
    assert line.at(dt.date(2024, 1, 1)) == "new"
    assert line.at(dt.date(2199, 1, 1)) == "new"


def test_two_rows_of_one_day_are_refused_wherever_they_stand():
    with pytest.raises(ValueError, match="two rows start on 2023-01-01"):
        Timeline.of([(dt.date(2023, 1, 1), 1), (dt.date(2024, 1, 1), 2), (dt.date(2023, 1, 1), 1)])


def test_a_timeline_without_rows_answers_none():
    empty = Timeline.of([])
    assert empty.at(FIRST) is None
    assert list(empty.spans()) == []


def test_a_timeline_holds_values_that_cannot_be_compared():
    line = Timeline.of([(LAST, {"minutes": 2}), (FIRST, {"minutes": 1})])
    assert line.at(FIRST) == {"minutes": 1}


class TestSpansPartitionTheDays:
    """Clause: after the first day of a timeline every day lies in exactly one of its spans."""

    @given(rows, day)
    def test_at_agrees_with_the_spans(self, table, asked):
        line = Timeline.of(table)
        holding = [value for span, value in line.spans() if asked in span]
        answer = line.at(asked)
        assert holding == ([] if answer is None else [answer])

    @given(rows)
    def test_no_gap_and_no_overlap(self, table):
        spans = [span for span, _ in Timeline.of(table).spans()]
        assert len(spans) == len(table)
        assert all(newer.first == older.last + ONE_DAY for older, newer in pairwise(spans))
        if spans:
            assert spans[0].first == min(first for first, _ in table)
            assert spans[-1].last is None


class TestRowsInAnyOrder:
    """Clause: a timeline is what its rows say, whatever their order."""

    @given(rows, st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_does_not_matter(self, table, random):
        shuffled = list(table)
        random.shuffle(shuffled)
        assert Timeline.of(shuffled) == Timeline.of(table)
        assert dict(zip(Timeline.of(table).starts, Timeline.of(table).values, strict=True)) == dict(table)

    @given(rows, day)
    def test_at_is_the_newest_row_that_has_started(self, table, asked):
        started = [row for row in table if row[0] <= asked]
        assert Timeline.of(table).at(asked) == (max(started)[1] if started else None)

    @given(rows)
    def test_pickling(self, table):
        line = Timeline.of(table)
        assert pickle.loads(pickle.dumps(line)) == line  # noqa: S301 - our own bytes
