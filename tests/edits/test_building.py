"""Marks: what tells that the rows of a code are those of a quarter that is already there."""

import datetime as dt

import pytest

from cptkit.edits import Quarter, Setting, Writer, attach, verify
from cptkit.edits.building import Base, PairBuilder
from cptkit.edits.pairs import EPOCH

A, B, C, D = "W9901", "W9902", "X9903", "Y9904"
MARK, OTHER = b"1" * 16, b"2" * 16
Q2, Q3, Q4 = Quarter(2024, 2), Quarter(2024, 3), Quarter(2024, 4)


def on_top_of(kit, rows, marks):
    """A builder of the third quarter over a second one with these rows."""
    union = kit.alone(rows, "2024q2")
    return PairBuilder("practitioner", Q3, union=union, base=Base(Q2, marks))


def test_rows_of_a_known_group_are_carried_over(kit):
    builder = on_top_of(
        kit,
        [kit.says(A, B), kit.says(C, A, 0), kit.says(B, D), kit.says(D, B, 0)],
        {A: MARK, C: MARK, D: MARK},
    )
    assert builder.known_group(A, MARK)
    assert not builder.known_group(B, MARK)  # the second quarter left no mark of it
    assert not builder.known_group(C, OTHER)
    assert builder.known_group(D, MARK)
    built = kit.fill(builder, [kit.says(B, D, 1), kit.says(C, D, 1)]).finish()
    expected = kit.alone([kit.says(A, B), kit.says(B, D, 1), kit.says(C, D, 1), kit.says(D, B, 0)])
    assert built.alone.to_bytes() == expected.to_bytes()
    assert built.marks == {A: MARK, B: MARK, C: OTHER, D: MARK}


def test_rows_of_other_quarters_are_not_carried_over(kit):
    first = kit.fill(PairBuilder("practitioner", Quarter(2024, 1)), [kit.says(A, C), kit.says(A, B)]).finish()
    second = kit.fill(PairBuilder("practitioner", Q2, union=first.table), [kit.says(A, B)]).finish()
    builder = PairBuilder("practitioner", Q3, union=second.table, base=Base(Q2, {A: MARK}))
    assert builder.known_group(A, MARK)
    assert builder.finish().alone.to_bytes() == kit.alone([kit.says(A, B)]).to_bytes()


def test_a_group_that_comes_in_two_places_has_no_mark(kit):
    builder = on_top_of(kit, [kit.says(A, B)], {A: MARK})
    assert builder.known_group(A, MARK)
    assert not builder.known_group(A, MARK)
    built = kit.fill(builder, [kit.says(A, B), kit.says(A, C)]).finish()
    assert built.alone.to_bytes() == kit.alone([kit.says(A, B), kit.says(A, C)]).to_bytes()
    assert built.marks == {}


def test_a_group_that_was_forgotten_is_not_known_any_more(kit):
    builder = on_top_of(kit, [kit.says(A, B)], {A: MARK})
    builder.forget_group(A)
    assert not builder.known_group(A, MARK)
    assert builder._marks == {}
    builder.known_group(B, MARK)
    builder.known_group("00000", MARK)
    builder.forget_group(B)  # which had left one already
    assert builder._marks == {"00000": MARK}


def test_what_is_no_code_leaves_no_mark(kit):
    builder = on_top_of(kit, [kit.says(A, B)], {})
    assert not builder.known_group("W99", MARK)
    assert not builder.known_group("", MARK)
    assert builder._marks == {}


def test_all_rows_may_be_carried_over_or_none(kit):
    rows = [kit.says(A, B), kit.says(C, A, 0)]
    builder = on_top_of(kit, rows, {A: MARK, C: MARK})
    assert all([builder.known_group(A, MARK), builder.known_group(C, MARK)])
    assert builder.finish().alone.to_bytes() == kit.alone(rows).to_bytes()
    assert len(on_top_of(kit, rows, {A: MARK}).finish().alone) == 0


def test_the_nearest_quarter_with_marks_is_the_base(tmp_path, kit):
    with Writer(tmp_path) as writer:
        for quarter, marks in ((Q2, {A: MARK}), (Q4, {A: OTHER}), (Quarter(2025, 4), {})):
            builder = writer.pairs(Setting.HOSPITAL, quarter)
            for code, mark in marks.items():
                builder.known_group(code, mark)
            writer.put_pairs(kit.fill(builder, [kit.says(A, B, quarter.number % 2)]), [])
        writer.commit()
    with Writer(tmp_path) as writer:
        assert writer.pairs(Setting.HOSPITAL, Quarter(2024, 1)).known_group(A, MARK)
        assert writer.pairs(Setting.HOSPITAL, Quarter(2025, 1)).known_group(A, OTHER)
        again = writer.pairs(Setting.HOSPITAL, Q4)  # never on top of itself
        assert again.known_group(A, MARK)
        part = writer.put_pairs(again, [])
        assert part.rows == 1
        writer.commit()
    with attach(tmp_path) as edits:
        asked = {"setting": "hospital", "date_of_service": dt.date(2024, 10, 1)}
        assert edits.ptp(A, B, **asked).edit.indicator == Q2.number % 2
    assert verify(tmp_path) == ()


def test_the_newest_day_of_the_rows(kit):
    days = [dt.date(2024, 5, 1), dt.date(2024, 7, 1), dt.date(2024, 6, 1)]
    builder = PairBuilder("practitioner", Q3)
    assert kit.fill(builder, [kit.says(A, B)]).newest_day is None
    kit.fill(builder, [kit.says(A, C, 1, days[0], days[1]), kit.says(A, D, 9, days[2], days[2])])
    assert builder.newest_day == days[1].toordinal() - EPOCH


@pytest.mark.parametrize("empty", [True, False])
def test_a_quarter_replaces_itself_even_when_it_was_the_only_one(kit, empty):
    union = kit.alone([kit.says(A, B)])
    rows = [] if empty else [kit.says(A, C)]
    built = kit.fill(PairBuilder("practitioner", Q3, union=union), rows).finish()
    assert built.table.to_bytes() == kit.alone(rows).to_bytes()
