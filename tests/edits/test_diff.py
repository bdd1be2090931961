"""What changed between quarters of the pair edits, as the files say it."""

import datetime as dt

import pytest

from cptkit.edits import Quarter, Setting, ptp_diff
from cptkit.errors import InvalidQuarter, UnknownTable

OLD, END, NEW = dt.date(2020, 1, 1), dt.date(2024, 6, 30), dt.date(2024, 7, 1)
A, B, C = "W9901", "W9902", "X9903"


@pytest.fixture
def compare(tables):
    def compared(older, newer, **more):
        tables(older, "2024q2")
        return ptp_diff(tables(newer, "2024q3"), "2024q2", "2024q3", setting="practitioner", **more)

    return compared


def names(found):
    lists = {
        name: [f"{row.column1}/{row.column2}" for row in getattr(found, name)]
        for name in ("added", "reopened", "ended")
    }
    changes = {
        name: [f"{change.after.column1}/{change.after.column2}" for change in getattr(found, name)]
        for name in ("replaced", "changed", "indicator_changes")
    }
    return {name: rows for name, rows in (lists | changes).items() if rows}


def test_nothing_changed(compare, kit):
    rows = [kit.says(A, B, 1, OLD), kit.says(A, C, 0, OLD, END), kit.says(B, C, 9, OLD, OLD)]
    found = compare(rows, rows)
    assert names(found) == {}
    assert (found.setting, found.older, found.newer) == (
        Setting.PRACTITIONER,
        Quarter(2024, 2),
        Quarter(2024, 3),
    )


def test_pairs_added_and_ended(compare, kit):
    found = compare(
        [kit.says(A, B, 1, OLD)],
        [kit.says(A, B, 1, OLD, END), kit.says(C, A, 0, NEW), kit.says(A, C, 9, NEW, NEW)],
    )
    assert names(found) == {"added": [f"{C}/{A}"], "ended": [f"{A}/{B}"]}
    assert (found.ended[0].last_day, found.ended[0].quarter) == (END, Quarter(2024, 3))
    assert found.added[0].first_day == NEW


def test_a_pair_that_turned_round_ended_and_was_added(compare, kit):
    found = compare([kit.says(A, B, 1, OLD)], [kit.says(A, B, 1, OLD, END), kit.says(B, A, 1, NEW)])
    assert names(found) == {"added": [f"{B}/{A}"], "ended": [f"{A}/{B}"]}


def test_a_pair_that_is_open_again(compare, kit):
    ended = kit.says(A, B, 1, OLD, dt.date(2021, 12, 31))
    assert names(compare([ended], [ended, kit.says(A, B, 0, NEW)])) == {"reopened": [f"{A}/{B}"]}


@pytest.mark.parametrize(("indicator", "more"), [(1, {}), (0, {"indicator_changes": [f"{A}/{B}"]})])
def test_a_row_that_ended_and_another_in_its_place(compare, kit, indicator, more):
    found = compare(
        [kit.says(A, B, 1, OLD)],
        [kit.says(A, B, 1, OLD, END), kit.says(A, B, indicator, NEW, rationale="new")],
    )
    assert names(found) == {"ended": [f"{A}/{B}"], "replaced": [f"{A}/{B}"]} | more
    (change,) = found.replaced
    assert (change.before.indicator, change.before.quarter) == (1, Quarter(2024, 2))
    assert (change.after.indicator, change.after.quarter) == (indicator, Quarter(2024, 3))


def test_an_indicator_that_changed_in_its_row(compare, kit):
    found = compare([kit.says(A, B, 1, OLD)], [kit.says(A, B, 0, OLD)])
    assert names(found) == {"changed": [f"{A}/{B}"], "indicator_changes": [f"{A}/{B}"]}
    assert (found.changed[0].before.indicator, found.changed[0].after.indicator) == (1, 0)


def test_another_rationale_is_no_change_of_the_edit(compare, kit):
    assert names(compare([kit.says(A, B, 1, OLD)], [kit.says(A, B, 1, OLD, rationale="others")])) == {}


def test_a_row_that_vanished_ended_without_a_last_day(compare, kit):
    found = compare([kit.says(A, B, 1, OLD), kit.says(A, C, 0, OLD)], [kit.says(A, C, 0, OLD)])
    assert names(found) == {"ended": [f"{A}/{B}"]}
    assert (found.ended[0].last_day, found.ended[0].quarter) == (None, Quarter(2024, 2))


def test_a_closed_row_of_long_ago_is_not_the_end_of_an_open_one(compare, kit):
    old = kit.says(A, B, 1, OLD, dt.date(2021, 12, 31))
    found = compare(
        [old, kit.says(A, B, 1, dt.date(2022, 1, 1))], [old, kit.says(A, B, 0, dt.date(2022, 1, 1))]
    )
    assert names(found) == {"changed": [f"{A}/{B}"], "indicator_changes": [f"{A}/{B}"]}


def test_lists_are_in_the_order_of_columns(compare, kit):
    found = compare(
        [kit.says("Y9909", "Z9909")],
        [kit.says("Y9909", "Z9909"), kit.says(C, A), kit.says(B, C), kit.says(A, C)],
    )
    assert names(found) == {"added": [f"{A}/{C}", f"{B}/{C}", f"{C}/{A}"]}


def test_every_list_is_in_the_order_of_columns(compare, kit):
    """Four pairs, not in the order of their lower codes, and to each the same happened."""
    pairs = [(C, A), (B, C), (A, B), (B, A)]
    rising = [f"{A}/{B}", f"{B}/{A}", f"{B}/{C}", f"{C}/{A}"]
    open_, ended = ({"first": OLD}, {"first": OLD, "last": END})
    told = {
        "added": ([], [kit.says(*pair) for pair in pairs]),
        "reopened": ([kit.says(*pair, **ended) for pair in pairs],) * 2,
        "ended": ([kit.says(*pair, **open_) for pair in pairs], [kit.says(*pair, **ended) for pair in pairs]),
        "changed": ([kit.says(*pair, 0) for pair in pairs], [kit.says(*pair, 1) for pair in pairs]),
    }
    told["reopened"] = (
        told["reopened"][0],
        [*told["reopened"][1], *(kit.says(*pair, first=NEW) for pair in pairs)],
    )
    told["replaced"] = (told["ended"][0], [*told["ended"][1], *(kit.says(*pair, 0, NEW) for pair in pairs)])
    beside = kit.says("Y9909", "Z9909")
    for name, (older, newer) in told.items():
        found = names(compare([*older, beside], [*newer, beside]))
        assert found.pop(name) == rising
        more = {"changed": ["indicator_changes"], "replaced": ["ended", "indicator_changes"]}.get(name, [])
        assert found == dict.fromkeys(more, rising)


def test_rows_that_are_never_active_are_neither_open_nor_ended(compare, kit):
    never = [kit.says(A, B, 9, OLD), kit.says(A, C, 9)]
    assert names(compare([*never, kit.says(B, C)], [kit.says(B, C)])) == {}
    assert names(compare([kit.says(B, C)], [*never, kit.says(B, C)])) == {}


def test_an_open_row_that_became_one_never_active_has_ended(compare, kit):
    found = compare([kit.says(A, B, 1, OLD), kit.says(B, C)], [kit.says(A, B, 9, OLD), kit.says(B, C)])
    assert names(found) == {"ended": [f"{A}/{B}"]}


@pytest.mark.parametrize(
    ("closed", "last"),
    [
        ({}, END),
        ({"rationale": "another"}, None),
        ({"indicator": 0}, None),
        ({"first": dt.date(2020, 1, 2)}, None),
    ],
)
def test_the_end_of_a_row_is_that_of_a_row_alike_but_for_its_last_day(compare, kit, closed, last):
    row = {"indicator": 1, "first": OLD, "rationale": "own"} | closed
    found = compare([kit.says(A, B, 1, OLD, rationale="own")], [kit.says(A, B, last=END, **row)])
    assert [(edit.column1, edit.column2, edit.last_day) for edit in found.ended] == [(A, B, last)]


def test_quarters_that_are_not_there(tables, kit):
    edits = tables([kit.says(A, B)], "2024q3")
    for older, newer in (("2024q2", "2024q3"), ("2024q3", "2024q4")):
        with pytest.raises(UnknownTable, match="no pair edits of practitioner for 2024q"):
            ptp_diff(edits, older, newer, setting="practitioner")
    with pytest.raises(InvalidQuarter):
        ptp_diff(edits, "2024", "2024q3", setting="practitioner")
    with pytest.raises(ValueError, match="no such setting"):
        ptp_diff(edits, "2024q3", "2024q3", setting="office")
    assert names(ptp_diff(edits, "2024q3", "2024q3", setting="practitioner")) == {}
