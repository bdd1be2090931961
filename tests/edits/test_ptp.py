"""Pair edits: days, directions, indicators, quarters; what is not there is never a pass."""

import datetime as dt

import pytest

from cptkit.edits import Origin, Quarter, Setting
from cptkit.errors import (
    BrokenEdits,
    InvalidCode,
    InvalidDate,
    InvalidQuarter,
    UnknownTable,
)

A, B, C, D, E = "W9901", "W9902", "X9903", "0999T", "00009"
DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2024, 7, 8), dt.date(2024, 8, 20)
TODAY = dt.date(2024, 8, 1)


def ask(edits, code, other, day=TODAY, **more):
    return edits.ptp(code, other, date_of_service=day, **{"setting": "practitioner"} | more)


@pytest.mark.parametrize(
    ("day", "active"),
    [(FIRST - DAY, False), (FIRST, True), (FIRST + DAY, True), (LAST, True), (LAST + DAY, False)],
)
def test_the_days_of_a_row_are_both_included(tables, kit, day, active):
    edits = tables([kit.says(A, B, 1, FIRST, LAST)])
    assert (ask(edits, A, B, day).edit is not None) is active
    assert (ask(edits, B, A, day).edit is not None) is active
    assert ask(edits, A, B, day).is_checked


def test_the_row_says_everything_that_the_file_said(tables, kit):
    edits = tables([kit.says(B, A, 0, FIRST, LAST, prior=True, rationale="a reason of ours")])
    edit = ask(edits, A, B).edit
    assert (edit.column1, edit.column2, edit.indicator) == (B, A, 0)
    assert (edit.first_day, edit.last_day, edit.prior_to_1996) == (FIRST, LAST, True)
    assert (edit.rationale, edit.setting, edit.quarter) == (
        "a reason of ours",
        Setting.PRACTITIONER,
        Quarter(2024, 3),
    )
    assert edit.in_force(LAST)
    assert not edit.in_force(LAST + DAY)
    assert str(edit) == f"{B}/{A} indicator 0 from 2024-07-08 to 2024-08-20 (practitioner 2024q3)"


def test_a_row_with_an_open_end_has_none(tables, kit):
    edit = ask(tables([kit.says(A, B, 1, FIRST)]), A, B).edit
    assert edit.last_day is None
    assert edit.in_force(dt.date.max)


@pytest.mark.parametrize(("code", "other"), [(A, B), (B, A), (A, D), (E, A), (D, E), (C, B)])
def test_column_1_is_that_of_the_file_whichever_code_is_asked_first(tables, kit, code, other):
    edits = tables([kit.says(code, other)])
    for asked in ((code, other), (other, code)):
        found = ask(edits, *asked).edit
        assert (found.column1, found.column2) == (code, other)


def test_the_direction_may_flip_from_one_day_to_the_next(tables, kit):
    turn = dt.date(2024, 8, 1)
    edits = tables([kit.says(A, B, 0, dt.date(2010, 1, 1), turn - DAY), kit.says(B, A, 1, turn)])
    before, after = ask(edits, A, B, turn - DAY).edit, ask(edits, A, B, turn).edit
    assert (before.column1, before.indicator) == (A, 0)
    assert (after.column1, after.indicator) == (B, 1)


def test_a_pair_may_end_and_begin_again(tables, kit):
    edits = tables(
        [
            kit.says(A, B, 1, dt.date(2000, 1, 1), dt.date(2005, 12, 31)),
            kit.says(A, B, 0, dt.date(2010, 1, 1), dt.date(2015, 12, 31)),
            kit.says(A, B, 1, dt.date(2024, 7, 1)),
        ]
    )
    pinned = {
        day: ask(edits, A, B, day, quarter="2024q3").edit
        for day in (dt.date(2005, 12, 31), dt.date(2006, 1, 1), dt.date(2012, 1, 1), dt.date(2020, 1, 1))
    }
    assert [edit and edit.indicator for edit in pinned.values()] == [1, None, 0, None]
    assert ask(edits, A, B).edit.indicator == 1


def test_indicator_9_is_never_active(tables, kit):
    edits = tables([kit.says(A, B, 9, FIRST, FIRST), kit.says(A, C, 9, FIRST, None)])
    assert ask(edits, A, B, FIRST).edit is None
    assert ask(edits, A, C, FIRST).edit is None
    assert [row.indicator for row in edits.ptp_rows(A, setting="practitioner", quarter="2024q3")] == [9, 9]


def test_without_a_first_day_a_row_holds_until_it_ends(tables, kit):
    edits = tables([kit.says(A, B, 0, None, FIRST - DAY), kit.says(A, B, 1), kit.says(A, C, 1, None, LAST)])
    assert ask(edits, A, B, FIRST - DAY).edit.indicator == 0
    assert ask(edits, A, B, FIRST).edit.indicator == 1
    assert ask(edits, A, B, dt.date(1999, 1, 1), quarter="2024q3").edit.indicator == 0
    assert ask(edits, A, B).edit.first_day is None
    assert ask(edits, A, C, LAST).edit is not None
    assert ask(edits, A, C, LAST + DAY).edit is None
    assert str(ask(edits, A, B).edit) == f"{A}/{B} indicator 1 from before records (practitioner 2024q3)"


def test_a_row_whose_first_day_is_known_wins_over_one_without(tables, kit):
    edits = tables([kit.says(A, B, 0, None, LAST), kit.says(A, B, 1, FIRST, LAST)])
    assert ask(edits, A, B, FIRST).edit.indicator == 1
    assert ask(edits, A, B, FIRST - DAY).edit.indicator == 0


# ---- no edit, and not checked --------------------------------------------------------------------


def test_codes_without_an_edit(tables, kit):
    edits = tables([kit.says(A, B), kit.says(B, C)])
    for code, other in ((A, C), (A, A), (A, "W9999"), ("W9999", A), ("W9998", "W9999"), ("00100", A)):
        answer = ask(edits, code, other)
        assert answer.edit is None
        assert answer.is_checked
        assert answer.quarter == Quarter(2024, 3)


def test_spellings_of_a_code_are_forgiven(tables, kit):
    edits = tables([kit.says(A, D)])
    assert ask(edits, " w9901 ", "0999t").edit.column2 == D
    assert ask(edits, "Ｗ9901", D).edit.column1 == A  # noqa: RUF001 - a full-width letter is meant


@pytest.mark.parametrize("bad", ["9083", "", "W99 1", "+9901", "9_901", None, 99901])
def test_what_can_be_no_code_is_refused(tables, kit, bad):
    edits = tables([kit.says(A, B)])
    for quarter in (None, "2020q1"):
        with pytest.raises(InvalidCode):
            ask(edits, A, bad, quarter=quarter)
        with pytest.raises(InvalidCode):
            ask(edits, bad, A, quarter=quarter)


def test_a_quarter_that_is_not_there_is_not_checked(tables, kit):
    edits = tables([kit.says(A, B)])
    for day in (dt.date(2024, 6, 30), dt.date(2024, 10, 1), dt.date(1990, 1, 1), dt.date(9999, 12, 31)):
        answer = ask(edits, A, B, day)
        assert answer.edit is None
        assert not answer.is_checked
        assert answer.quarter == Quarter.of(day)
        assert answer.not_checked == (
            f"no pair edits of practitioner for {Quarter.of(day)}; there are 2024q3"
        )
    assert ask(edits, A, B, dt.date(2024, 7, 1)).is_checked
    assert ask(edits, A, B, dt.date(2024, 9, 30)).is_checked


def test_a_setting_that_is_not_there_is_not_checked(tables, kit):
    edits = tables([kit.says(A, B)])
    for setting in ("hospital", "dme", Setting.DME):
        answer = ask(edits, A, B, setting=setting)
        assert answer.not_checked == f"no pair edits of {setting} for 2024q3; there are none"
        assert answer.setting == setting
        among = edits.ptp_among([A, B], date_of_service=TODAY, setting=setting)
        assert (among.edits, among.is_checked) == ((), False)


def test_a_setting_quarter_or_day_that_is_none_is_refused(tables, kit):
    edits = tables([kit.says(A, B)])
    with pytest.raises(ValueError, match="no such setting: 'office'"):
        ask(edits, A, B, setting="office")
    with pytest.raises(InvalidQuarter):
        ask(edits, A, B, quarter="2024")
    for day in ("2024-08-01", dt.datetime(2024, 8, 1), None):  # noqa: DTZ001 - any time of day is refused
        with pytest.raises(InvalidDate):
            ask(edits, A, B, day)
        with pytest.raises(InvalidDate):
            edits.ptp_among([A, B], date_of_service=day, setting="practitioner")


# ---- quarters ------------------------------------------------------------------------------------


def test_the_day_chooses_the_quarter_and_a_quarter_can_be_pinned(tables, kit):
    tables([kit.says(A, B, 0)], "2024q2")
    edits = tables([kit.says(A, B, 1), kit.says(A, C, 0)], "2024q3")
    spring, summer = dt.date(2024, 6, 30), dt.date(2024, 7, 1)
    assert ask(edits, A, B, spring).edit.indicator == 0
    assert ask(edits, A, B, summer).edit.indicator == 1
    assert ask(edits, A, B, summer, quarter="2024q2").edit.indicator == 0
    assert ask(edits, A, B, spring, quarter=Quarter(2024, 3)).edit.indicator == 1
    assert ask(edits, A, C, summer, quarter="2024q2").edit is None
    assert ask(edits, A, C, summer).edit.quarter == Quarter(2024, 3)
    assert edits.quarters("ptp", "practitioner") == (Quarter(2024, 2), Quarter(2024, 3))
    assert edits.quarters("ptp", "hospital") == ()
    with pytest.raises(UnknownTable, match="no such table: 'aoc'; expected one of ptp, mue, addons, pfs"):
        edits.quarters("aoc")


def test_settings_have_tables_of_their_own(tables, kit):
    tables([kit.says(A, B, 0)], setting="practitioner")
    edits = tables([kit.says(B, A, 1)], setting="hospital")
    assert ask(edits, A, B).edit.indicator == 0
    found = ask(edits, A, B, setting=Setting.HOSPITAL).edit
    assert (found.column1, found.indicator, found.setting) == (B, 1, Setting.HOSPITAL)


def test_the_file_of_a_row_is_told_by_the_pairs_each_file_begins_and_ends_with(tables, kit):
    names = [("f1", A + B, A + C), ("f2", A + "Y0000", B + C), ("f3", None, None)]
    origins = [Origin(name, None, kit.no_digest, 1, first, last) for name, first, last in names]
    edits = tables([kit.says(A, B), kit.says(B, C), kit.says(D, E)], origins=origins)
    assert ask(edits, A, B).edit.file == "f1 or f3"
    assert ask(edits, B, C).edit.file == "f2 or f3"
    assert ask(edits, D, E).edit.file == "f3"


def test_the_file_of_a_row_that_no_range_holds_is_any_of_them(tables, kit):
    origins = [Origin(name, "ptp.zip", kit.no_digest, 1, A + B, A + B) for name in ("f1", "f2")]
    edits = tables([kit.says(B, C)], origins=origins)
    assert ask(edits, B, C).edit.file == "f1 or f2"


# ---- many at once --------------------------------------------------------------------------------


def test_all_edits_among_the_codes_of_a_claim(tables, kit):
    edits = tables(
        [kit.says(B, A), kit.says(A, C), kit.says(C, D), kit.says(B, E, 9), kit.says(A, E, 1, LAST)]
    )
    answer = edits.ptp_among([E, D, C, B, A, A, "W9999"], date_of_service=TODAY, setting="practitioner")
    assert [(edit.column1, edit.column2) for edit in answer.edits] == [(A, C), (B, A), (C, D)]
    assert answer.is_checked
    assert edits.ptp_among([D, C], date_of_service=TODAY, setting="practitioner").edits == answer.edits[2:]
    assert (answer.setting, answer.quarter) == (Setting.PRACTITIONER, Quarter(2024, 3))
    pinned = edits.ptp_among([A, B], date_of_service=TODAY, setting="practitioner", quarter="2024q2")
    assert not pinned.is_checked


@pytest.mark.parametrize("codes", [[], [A], [A, A], ["W9999"], ["W9998", "W9999"]])
def test_no_pair_among_less_than_two_codes_of_the_table(tables, kit, codes):
    answer = tables([kit.says(A, B)]).ptp_among(codes, date_of_service=TODAY, setting="practitioner")
    assert answer.edits == ()
    assert answer.is_checked


def test_among_refuses_what_can_be_no_code(tables, kit):
    edits = tables([kit.says(A, B)])
    for quarter in (None, "2020q1"):
        with pytest.raises(InvalidCode):
            edits.ptp_among([A, "9083"], date_of_service=TODAY, setting="practitioner", quarter=quarter)


def test_every_row_with_a_code(tables, kit):
    rows = [kit.says(A, B), kit.says(C, A, 0, FIRST, LAST), kit.says(A, D, 9, FIRST, FIRST), kit.says(B, C)]
    tables([kit.says(A, E)], "2024q2")
    edits = tables(rows, "2024q3")
    found = [kit.said(row) for row in edits.ptp_rows("w9901", setting="practitioner", quarter="2024q3")]
    assert sorted(map(repr, found)) == sorted(map(repr, rows[:3]))
    found = [kit.said(row) for row in edits.ptp_rows(B, setting="practitioner", quarter="2024q3")]
    assert sorted(map(repr, found)) == sorted(
        map(repr, (rows[0], rows[3]))
    )  # and none with the lower code of D
    assert list(edits.ptp_rows("W9999", setting="practitioner", quarter="2024q3")) == []
    with pytest.raises(InvalidCode):
        list(edits.ptp_rows("9", setting="practitioner", quarter="2024q3"))
    with pytest.raises(
        UnknownTable, match="no pair edits of practitioner for 2023q1; there are 2024q2, 2024q3"
    ):
        edits.ptp_rows(A, setting="practitioner", quarter="2023q1")


def test_a_pair_that_is_met_again_is_answered_by_the_same_value(tables, kit):
    edits = tables([kit.says(A, B), kit.says(A, C), kit.says(B, C)])
    assert ask(edits, A, B) is ask(edits, B, A)
    assert ask(edits, A, E) is ask(edits, E, B)


def test_what_is_kept_of_answers_is_bounded(tables, kit, monkeypatch):
    monkeypatch.setattr("cptkit.edits.ptp._MOST_MET", 2)
    edits = tables([kit.says(A, B), kit.says(A, C), kit.says(B, C)])
    for _ in range(3):
        for code, other in ((A, B), (A, C), (B, C)):
            assert ask(edits, code, other).edit.column2 == other
    assert len(edits.pair_table("2024q3", setting="practitioner")[1]._met) <= 2


def test_tables_that_were_closed_say_so(tables, kit):
    edits = tables([kit.says(A, B)])
    quarter = edits.pair_table("2024q3", setting="practitioner")[1]
    assert quarter.find(A, B, TODAY).edit is not None
    with edits:
        assert edits.mapped_bytes > 0
    assert edits.mapped_bytes == 0
    with pytest.raises(BrokenEdits, match="closed"):
        ask(edits, A, B)
    with pytest.raises(BrokenEdits, match="closed"):
        quarter.find(A, B, TODAY)
    with pytest.raises(BrokenEdits, match="closed"):
        quarter.find(C, B, TODAY)
    with pytest.raises(BrokenEdits, match="closed"):
        quarter.among([A, B], TODAY)
    with pytest.raises(BrokenEdits, match="closed"):
        list(quarter.rows(A))
