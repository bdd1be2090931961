"""Unit limits, add-on edits and the fee schedule: zero is a limit, not published is not no limit."""

import datetime as dt

import pytest

from cptkit.edits import Origin, Quarter, Setting, Writer, attach, mue_diff, verify
from cptkit.edits.listed import mue_limits, mue_table
from cptkit.edits.manifest import Part
from cptkit.errors import BrokenEdits, DigestMismatch, InvalidCode, InvalidDate, UnknownTable

Q3 = Quarter(2024, 3)
TODAY = dt.date(2024, 8, 1)
DAY = dt.timedelta(days=1)
LAST = dt.date(2024, 8, 20)
OTHER_COLUMNS = "the table has other columns, or its end is missing"
NOT_UTF8 = "the table is not UTF-8: 'utf-8' codec can't decode byte 0xff in position 35: invalid start byte"


@pytest.fixture
def folder(tmp_path, kit):
    origin = [Origin("mue.csv", "mue.zip", kit.no_digest, 3)]
    with Writer(tmp_path) as writer:
        mues = [
            kit.mue("W9901", 0, 2),
            kit.mue("W9902", 3, 1, "words\tof  ours"),
            kit.mue("X9903", 90_000, None),
        ]
        writer.put_mue(mues, Setting.PRACTITIONER, Q3, origin)
        writer.put_mue([kit.mue("W9901", 4, 3)], Setting.DME, Q3, origin)
        addons = [
            kit.addon("W9911", "W9901", last_day=LAST),
            kit.addon("W9911", "W9902", primary_last_day=LAST),
            kit.addon("W9911", "W9903", addon_last_day=LAST),
            kit.addon("W9911", "W9904", first_day=LAST, note="own note"),
            kit.addon("W9912", None, 2, None),
            kit.addon("W9913", "W9901", 3),
            kit.addon("W9913", None, 3),
        ]
        writer.put_addons(addons, Q3, origin)
        writer.put_pfs(
            [kit.pfs("W9901"), kit.pfs("W9901", "26", pctc="1")], "24C", dt.date(2024, 7, 1), origin
        )
        writer.put_pfs([kit.pfs("W9901", global_days="090")], "24CR", dt.date(2024, 8, 9), origin)
        writer.put_pfs([kit.pfs("W9901", status="N")], "24C", dt.date(2024, 7, 1), origin, qpp=True)
        writer.commit()
    return tmp_path


@pytest.fixture
def edits(folder):
    with attach(folder) as edits:
        yield edits


# ---- unit limits ---------------------------------------------------------------------------------


def mue(edits, code, setting="practitioner", day=TODAY, **more):
    return edits.mue(code, date_of_service=day, setting=setting, **more)


def test_zero_is_a_limit(edits):
    answer = mue(edits, "W9901")
    assert (answer.mue.value, answer.mue.mai, answer.is_published, answer.is_checked) == (0, 2, True, True)
    assert str(answer.mue) == "W9901 at most 0 MAI 2 (practitioner 2024q3)"


def test_not_published_is_not_no_limit(edits):
    answer = mue(edits, "W9999")
    assert (answer.mue, answer.is_published, answer.is_checked) == (None, False, True)


def test_a_limit_says_where_it_comes_from(edits):
    limit = mue(edits, " w9902 ").mue
    assert (limit.code, limit.value, limit.mai, limit.rationale) == ("W9902", 3, 1, "words of ours")
    assert (limit.setting, limit.quarter, limit.file) == (Setting.PRACTITIONER, Q3, "mue.csv")
    without = mue(edits, "X9903").mue
    assert (without.value, without.mai, str(without)) == (
        90_000,
        None,
        "X9903 at most 90000 (practitioner 2024q3)",
    )


def test_settings_have_limits_of_their_own(edits):
    assert mue(edits, "W9901", Setting.DME).mue.value == 4
    assert not mue(edits, "W9902", "dme").is_published


def test_a_quarter_of_limits_that_is_not_there(edits):
    for more in ({"day": dt.date(2024, 10, 1)}, {"quarter": "2024q4"}):
        answer = mue(edits, "W9901", **more)
        assert (answer.is_checked, answer.is_published, answer.quarter) == (False, False, Quarter(2024, 4))
        assert answer.not_checked == "no unit limits of practitioner for 2024q4; there are 2024q3"
    assert mue(edits, "W9901", day=dt.date(2024, 10, 1), quarter="2024q3").mue.value == 0
    assert mue(edits, "W9901", "hospital").not_checked.endswith("there are none")
    with pytest.raises(InvalidCode):
        mue(edits, "W99", "hospital")
    with pytest.raises(InvalidCode):
        mue(edits, "W99")
    with pytest.raises(InvalidDate):
        mue(edits, "W9901", day=None)
    with pytest.raises(ValueError, match="no such setting"):
        mue(edits, "W9901", "office")


def test_all_limits_of_a_quarter(edits):
    assert [row.code for row in edits.mue_rows(setting="practitioner", quarter=Q3)] == [
        "W9901",
        "W9902",
        "X9903",
    ]
    with pytest.raises(UnknownTable, match="no unit limits of hospital for 2024q3"):
        edits.mue_rows(setting="hospital", quarter=Q3)


def test_all_limits_of_a_quarter_without_their_records(edits):
    """By code, with the indicator where there is one: as the rows say it."""
    for setting in ("practitioner", Setting.DME):
        rows = edits.mue_rows(setting=setting, quarter="2024q3")
        expected = {row.code: (row.value, row.mai) for row in rows}
        assert edits.mue_limits(setting=setting, quarter=Q3) == expected
    assert edits.mue_limits(setting="practitioner", quarter="2024q3") == {
        "W9901": (0, 2),
        "W9902": (3, 1),
        "X9903": (90_000, None),
    }


@pytest.mark.parametrize(("setting", "quarter"), [("hospital", Q3), ("practitioner", "2024q4")])
def test_limits_that_are_not_there(edits, folder, kit, setting, quarter):
    there = "2024q3" if setting == "practitioner" else "none"
    missing = f"no unit limits of {setting} for {quarter}; there are {there}"
    for asked in (edits.mue_limits, edits.mue_rows):
        with kit.raises(UnknownTable(missing, where=str(folder))):
            asked(setting=setting, quarter=quarter)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("W9901\tfour\t2\town words", "a row is damaged: not a whole number: 'four'"),
        ("W9901\t4\t-\town words", "a row is damaged: not a whole number: '-'"),
        ("W9901\t4\t2", "a row is damaged"),
        ("W99\t4\t2\town words", "a row is damaged"),
    ],
)
def test_a_limit_that_is_damaged(kit, line, why):
    """Told with its line and its file; what stands before it is read."""
    data = f"code\tvalue\tmai\trationale\nW9900\t4\t\town words\n{line}\n".encode()
    part = Part("mue", Setting.PRACTITIONER, Q3, "mue.tsv", kit.no_digest, 2)
    table = mue_table(part, data, "here/mue.tsv")
    error = BrokenEdits(why, given=line, where="here/mue.tsv")
    read = table.read(tuple)
    assert next(read)[0] == "W9900"
    for asked in (lambda: mue_limits(table), lambda: list(table)):
        with kit.raises(error):
            asked()


def test_what_changed_in_unit_limits(tmp_path, kit):
    older = [
        kit.mue("W9901", 1),
        kit.mue("W9902", 2),
        kit.mue("W9903", 3),
        kit.mue("W9904", 4, 1),
        kit.mue("W9905", 0),
    ]
    newer = [
        kit.mue("W9901", 2),
        kit.mue("W9902", 0),
        kit.mue("W9904", 4, 3),
        kit.mue("W9905", 0),
        kit.mue("W9906", 0),
    ]
    with Writer(tmp_path) as writer:
        writer.put_mue(older, Setting.HOSPITAL, Quarter(2024, 2), [])
        writer.put_mue(newer, Setting.HOSPITAL, Q3, [])
        writer.commit()
    with attach(tmp_path) as edits:
        found = mue_diff(edits, "2024q2", "2024q3", setting="hospital")
    assert (found.setting, found.older, found.newer) == (Setting.HOSPITAL, Quarter(2024, 2), Q3)
    lists = {name: getattr(found, name) for name in ("up", "down", "new", "gone", "judged")}
    assert {name: [(c.before or c.after).code for c in changes] for name, changes in lists.items()} == {
        "up": ["W9901"],
        "down": ["W9902"],
        "new": ["W9906"],
        "gone": ["W9903"],
        "judged": ["W9904"],
    }
    assert (found.down[0].before.value, found.down[0].after.value) == (2, 0)
    assert (found.new[0].before, found.gone[0].after) == (None, None)


# ---- add-on edits --------------------------------------------------------------------------------


def addon(edits, code, day=TODAY, **more):
    return edits.addon(code, date_of_service=day, **more)


def test_the_days_of_an_add_on_edit(edits):
    assert addon(edits, "w9911").primaries == ("W9901", "W9902", "W9903")
    assert addon(edits, "W9911", LAST - DAY).primaries == ("W9901", "W9902", "W9903")
    assert addon(edits, "W9911", LAST).primaries == ("W9901", "W9902", "W9903", "W9904")
    assert addon(edits, "W9911", LAST + DAY).primaries == ("W9904",)
    assert addon(edits, "W9911", LAST + DAY).rows[0].note == "own note"


def test_the_types_of_add_on_edits(edits):
    closed, contractor, open_list = (addon(edits, code) for code in ("W9911", "W9912", "W9913"))
    assert (closed.edit_types, closed.is_contractor_defined) == ((1,), False)
    assert (contractor.edit_types, contractor.primaries, contractor.is_contractor_defined) == ((2,), (), True)
    assert (open_list.edit_types, open_list.primaries) == ((3,), ("W9901",))
    assert open_list.is_contractor_defined
    assert contractor.rows[0].first_day is None
    assert contractor.rows[0].in_force(dt.date.min)


def test_a_code_without_an_add_on_edit(edits):
    answer = addon(edits, "W9901")
    assert (answer.is_addon, answer.is_checked, answer.rows) == (False, True, ())
    before = addon(edits, "W9913", dt.date(2019, 12, 31), quarter="2024q3")
    assert (before.is_addon, before.is_checked) == (False, True)


def test_a_quarter_of_add_on_edits_that_is_not_there(edits):
    answer = addon(edits, "W9911", dt.date(2024, 6, 30))
    assert (answer.is_checked, answer.is_addon) == (False, False)
    assert answer.not_checked == "no add-on edits for 2024q2; there are 2024q3"
    with pytest.raises(UnknownTable, match="no add-on edits for 2024q2"):
        edits.addon_rows("W9911", quarter="2024q2")
    with pytest.raises(InvalidCode):
        addon(edits, "W99")


def test_all_rows_of_an_add_on(edits):
    rows = edits.addon_rows("w9911", quarter="2024q3")
    assert [row.primary for row in rows] == ["W9901", "W9902", "W9903", "W9904"]
    assert (rows[0].quarter, rows[0].file, rows[0].edit_type) == (Q3, "mue.csv", 1)
    assert edits.addon_rows("W9901", quarter="2024q3") == ()


# ---- fee schedule --------------------------------------------------------------------------------


def pfs(edits, code, modifier="", day=TODAY, **more):
    return edits.pfs(code, modifier, date_of_service=day, **more)


def test_a_row_of_the_fee_schedule(edits):
    answer = pfs(edits, "w9901", "26")
    assert (answer.row.pctc, answer.row.modifier, answer.release) == ("1", "26", "24C")
    assert (answer.row.first_day, answer.row.qpp, answer.row.file) == (dt.date(2024, 7, 1), False, "mue.csv")
    assert pfs(edits, "W9901").row.pctc == "0"
    assert pfs(edits, "W9901", qpp=True).row.status == "N"


@pytest.mark.parametrize(
    ("day", "release"),
    [
        (dt.date(2024, 7, 1), "24C"),
        (dt.date(2024, 8, 8), "24C"),
        (dt.date(2024, 8, 9), "24CR"),
        (dt.date(2024, 9, 30), "24CR"),
    ],
)
def test_the_newest_release_that_holds_on_the_day(edits, day, release):
    assert pfs(edits, "W9901", day=day).release == release


@pytest.mark.parametrize("day", [dt.date(2024, 6, 30), dt.date(2024, 10, 1), dt.date(2020, 1, 1)])
def test_a_release_of_another_quarter_does_not_answer(edits, day):
    answer = pfs(edits, "W9901", day=day)
    assert (answer.row, answer.is_checked, answer.release) == (None, False, "")
    assert answer.not_checked == f"no release of the fee schedule for {Quarter.of(day)}"
    assert pfs(edits, "W9901", day=day, release="24cr").row.global_days == "090"


def test_a_code_that_the_release_does_not_list(edits):
    for answer in (pfs(edits, "W9999"), pfs(edits, "W9901", "TC")):
        assert (answer.row, answer.is_checked) == (None, True)
    missing = pfs(edits, "W9901", release="23A", qpp=True)
    assert missing.not_checked == "no release of the fee schedule for 23A (qpp)"
    with pytest.raises(InvalidCode):
        pfs(edits, "W99")


def test_all_rows_of_a_code_in_a_release(edits):
    assert [row.modifier for row in edits.pfs_rows("W9901", release="24c")] == ["", "26"]
    assert [row.status for row in edits.pfs_rows("W9901", release="24C", qpp=True)] == ["N"]
    with pytest.raises(UnknownTable, match="no such release of the fee schedule: '23A'"):
        edits.pfs_rows("W9901", release="23A")


# ---- files ---------------------------------------------------------------------------------------


def test_rows_of_a_code_are_made_once(edits):
    assert mue(edits, "W9902").mue is mue(edits, "W9902").mue


def test_two_limits_for_one_code_are_refused(tmp_path, kit):
    with Writer(tmp_path) as writer:
        with kit.raises(BrokenEdits("two rows for one code", given="W9901")):
            writer.put_mue([kit.mue("W9901", 1), kit.mue("W9901", 2)], Setting.DME, Q3, [])
        rows = [kit.pfs("W9901", "26"), kit.pfs("W9901", "26", status="N")]
        with kit.raises(BrokenEdits("two rows for one code", given="W9901 26")):
            writer.put_pfs(rows, "24C", dt.date(2024, 7, 1), [])
        with kit.raises(BrokenEdits("not a code that a table can hold", given="W99")):
            writer.put_mue([kit.mue("W99", 1)], Setting.DME, Q3, [])
        with pytest.raises(BrokenEdits, match="there are no rows to put in place: 'mue dme 2024q3'"):
            writer.put_mue([], Setting.DME, Q3, [])
        assert writer.parts == ()


@pytest.mark.parametrize(
    ("old", "new", "words", "given"),
    [
        (b"code\tvalue", b"code\tunits", OTHER_COLUMNS, None),
        (b"code\tvalue", b"code value", OTHER_COLUMNS, None),
        (b"words\n", b"words", OTHER_COLUMNS, None),
        (b"code\tvalue\tmai\trationale\n", b"code\tvalue\tmai\trationale", OTHER_COLUMNS, None),
        (b"W9901\t0", b"W9901\t-1", "a row is damaged: not a whole number: '-1'", "W9901\t-1\t2\town words"),
        (b"\t2", b"\tx", "a row is damaged: not a whole number: 'x'", "W9901\t0\tx\town words"),
        (
            b"\t2",
            b"\t" + b"1" * 30,
            f"a row is damaged: not a whole number: '{'1' * 20}'",
            f"W9901\t0\t{'1' * 30}\town words",
        ),
        (b"W9901\t0\t2", b"W9901\t0", "a row is damaged", "W9901\t0\town words"),
        (b"W9901", b"W990!", "a row is damaged", "W990!\t0\t2\town words"),
        (b"\t2\town", b"\t" + b"y" * 60, "a row is damaged", "W9901\t0\t" + "y" * 52),
        (
            b"\t2\town",
            b"\tx\t" + b"y" * 60,
            "a row is damaged: not a whole number: 'x'",
            "W9901\t0\tx\t" + "y" * 50,
        ),
        (b"own", b"\xff", NOT_UTF8, None),
    ],
)
def test_a_damaged_table(kit, old, new, words, given):
    from cptkit.edits import Part
    from cptkit.edits.listed import mue_bytes, table_of

    data = mue_bytes([kit.mue("W9901", 0)])
    assert old in data
    part = Part("mue", Setting.DME, Q3, "mue.tsv", kit.no_digest, 1)
    with kit.raises(BrokenEdits(words, given=given, where="here")):
        list(table_of(part, data.replace(old, new), "here"))


@pytest.mark.parametrize(("table", "setting"), [("mue", Setting.DME), ("addons", None), ("pfs", None)])
def test_every_table_says_where_it_is_damaged(kit, table, setting):
    from cptkit.edits import Part
    from cptkit.edits.listed import table_of

    part = Part(table, setting, Q3, "file", kit.no_digest, 1)
    with kit.raises(BrokenEdits(OTHER_COLUMNS, where="here")):
        table_of(part, b"code\n", "here")


def test_a_day_that_is_none_in_a_damaged_table(kit):
    from cptkit.edits import Part
    from cptkit.edits.listed import addon_bytes, table_of

    data = addon_bytes([kit.addon("W9911", "W9901")]).replace(b"2020-01-01", b"2020-13-01")
    table = table_of(Part("addons", None, Q3, "addons.tsv", kit.no_digest, 1), data, "addons.tsv")
    with pytest.raises(BrokenEdits, match="a row is damaged: month must be in") as caught:
        table.of("W9911")
    assert caught.value.given == "W9911\tW9901\t1\t2020-13-01\t\t\t\t"


def test_a_byte_that_changed_is_found_when_a_table_is_first_asked(folder):
    (path,) = folder.glob("mue-dme-*.tsv")
    path.write_bytes(path.read_bytes().replace(b"\t4\t", b"\t5\t"))
    with (
        attach(folder) as edits,
        pytest.raises(DigestMismatch, match=r"mue-dme-.* was changed: its digest is"),
    ):
        mue(edits, "W9901", "dme")
    path.unlink()
    with pytest.raises(BrokenEdits, match="no readable mue-dme-"):
        attach(folder)


def test_all_of_it_is_whole(folder):
    assert verify(folder) == ()
