"""Whole answers: each look-up, where a table answers, where it knows nothing, and where nothing was checked."""

import datetime as dt

import attrs
import pytest

from cptkit.edits import (
    AddOnAnswer,
    AddOnEdit,
    Edits,
    Mue,
    MueAnswer,
    Origin,
    PfsAnswer,
    PfsRow,
    PtpAnswer,
    PtpEdit,
    PtpSetAnswer,
    Quarter,
    Setting,
    Writer,
    attach,
)
from cptkit.edits.lookups import ListedTables
from cptkit.edits.ptp import MappedPairs

A, B, C, LOST = "00000", "W9902", "X9903", "Y9904"  # the first that can be, so its number is 0
Q3, Q4 = Quarter(2024, 3), Quarter(2024, 4)
DAY, LATER = dt.date(2024, 8, 1), dt.date(2024, 10, 1)
HERE, NOT_HERE = Setting.PRACTITIONER, Setting.DME
DAYS = [dt.date(2020, 1, number) for number in (1, 2)]
PTP = PtpEdit(B, A, 0, DAYS[0], None, True, "own words", HERE, Q3, "ptp.txt")
MUE = Mue(A, 0, 2, "own words", HERE, Q3, "mue.csv")
PLAIN = Mue(B, 7, None, "", HERE, Q3, "mue.csv")
ADDON = AddOnEdit(A, B, 3, *DAYS, dt.date(2030, 1, 1), dt.date(2031, 1, 1), "own note", Q3, "aoc.txt")
OPEN = AddOnEdit(A, None, 2, None, None, None, None, "", Q3, "aoc.txt")
FEE = PfsRow(A, "26", *(f"f{number}" for number in range(15)), "24CR", dt.date(2024, 7, 15), False, "fee.csv")
QPP = attrs.evolve(FEE, modifier="", release="24C", first_day=dt.date(2024, 7, 1), qpp=True)
REJECTED = f"a row of {LOST} was rejected when the table was imported"


@pytest.fixture
def edits(tmp_path, kit):
    def origin(name):
        return [Origin(name, None, kit.no_digest, 1)]

    with Writer(tmp_path) as writer:
        rows = [kit.says(B, A, 0, DAYS[0], prior=True), kit.says(B, C, 9)]
        writer.put_pairs(kit.fill(writer.pairs(HERE, Q3), rows), origin("ptp.txt"))
        writer.put_mue([MUE, PLAIN], HERE, Q3, origin("mue.csv"), rejected=[LOST])
        writer.put_addons([ADDON, OPEN], Q3, origin("aoc.txt"), rejected=[LOST])
        writer.put_pfs([FEE], "24CR", FEE.first_day, origin("fee.csv"), rejected=[LOST])
        writer.put_pfs([QPP], "24C", QPP.first_day, origin("fee.csv"), qpp=True)
        writer.commit()
    with attach(tmp_path) as edits:
        yield edits


def no(words, quarter="2024q4", there="2024q3"):
    return f"no {words} for {quarter}; there are {there}"


@pytest.mark.parametrize(
    ("asked", "day", "setting", "expected"),
    [
        ((A, B), DAY, HERE, PtpAnswer(PTP, HERE, Q3)),
        ((" w9902 ", A), DAY, "practitioner", PtpAnswer(PTP, HERE, Q3)),
        ((B, C), DAY, HERE, PtpAnswer(None, HERE, Q3)),
        ((A, LOST), DAY, HERE, PtpAnswer(None, HERE, Q3)),
        ((A, B), LATER, "practitioner", PtpAnswer(None, HERE, Q4, no("pair edits of practitioner"))),
        ((A, B), DAY, "dme", PtpAnswer(None, NOT_HERE, Q3, no("pair edits of dme", "2024q3", "none"))),
    ],
)
def test_pair_edits_of_two_codes_and_of_several(edits, asked, day, setting, expected):
    found = [edits.ptp(*order, date_of_service=day, setting=setting) for order in (asked, asked[::-1])]
    assert found == [expected, expected]
    among = edits.ptp_among(asked, date_of_service=day, setting=setting)
    active = () if expected.edit is None else (expected.edit,)
    assert among == PtpSetAnswer(active, expected.setting, expected.quarter, expected.not_checked)
    assert {type(answer.setting) for answer in (*found, among)} == {Setting}


@pytest.mark.parametrize(
    ("code", "day", "setting", "expected"),
    [
        (A, DAY, HERE, MueAnswer(A, MUE, HERE, Q3)),
        (" w9902", DAY, "practitioner", MueAnswer(B, PLAIN, HERE, Q3)),
        ("x9903", DAY, HERE, MueAnswer(C, None, HERE, Q3)),
        ("y9904", DAY, HERE, MueAnswer(LOST, None, HERE, Q3, REJECTED)),
        ("x9903", LATER, "practitioner", MueAnswer(C, None, HERE, Q4, no("unit limits of practitioner"))),
        (A, DAY, "dme", MueAnswer(A, None, NOT_HERE, Q3, no("unit limits of dme", "2024q3", "none"))),
    ],
)
def test_unit_limits(edits, code, day, setting, expected):
    answer = edits.mue(code, date_of_service=day, setting=setting)
    assert answer == expected
    assert type(answer.setting) is Setting


@pytest.mark.parametrize(
    ("code", "day", "quarter", "expected"),
    [
        (A, DAYS[1], "2024q3", AddOnAnswer(A, (OPEN, ADDON), DAYS[1], Q3)),
        (A, DAY, None, AddOnAnswer(A, (OPEN,), DAY, Q3)),
        ("x9903", DAY, None, AddOnAnswer(C, (), DAY, Q3)),
        ("y9904", DAY, None, AddOnAnswer(LOST, (), DAY, Q3, REJECTED)),
        ("x9903", LATER, None, AddOnAnswer(C, (), LATER, Q4, no("add-on edits"))),
        (A, DAY, "2024-Q4", AddOnAnswer(A, (), DAY, Q4, no("add-on edits"))),
    ],
)
def test_add_on_edits(edits, code, day, quarter, expected):
    assert edits.addon(code, date_of_service=day, quarter=quarter) == expected


@pytest.mark.parametrize(
    ("asked", "day", "more", "expected"),
    [
        ((A, "26"), DAY, {}, PfsAnswer(A, "26", FEE, DAY, "24CR")),
        ((A,), DAY, {"qpp": True}, PfsAnswer(A, "", QPP, DAY, "24C")),
        ((A, "TC"), DAY, {}, PfsAnswer(A, "TC", None, DAY, "24CR")),
        (("x9903", "26"), DAY, {}, PfsAnswer(C, "26", None, DAY, "24CR")),
        (("y9904", "26"), DAY, {}, PfsAnswer(LOST, "26", None, DAY, "24CR", REJECTED)),
        (("x9903", "26"), LATER, {}, PfsAnswer(C, "26", None, LATER, "", "2024q4")),
        ((A,), LATER, {"qpp": True}, PfsAnswer(A, "", None, LATER, "", "2024q4 (qpp)")),
        ((A,), DAY, {"release": "23a"}, PfsAnswer(A, "", None, DAY, "23a", "23a")),
        # the one release of the quarter begins only later
        ((A, "26"), dt.date(2024, 7, 14), {}, PfsAnswer(A, "26", None, dt.date(2024, 7, 14), "", "2024q3")),
    ],
)
def test_the_fee_schedule(edits, asked, day, more, expected):
    if expected.not_checked and expected.not_checked != REJECTED:
        told = f"no release of the fee schedule for {expected.not_checked}"
        expected = attrs.evolve(expected, not_checked=told)
    assert edits.pfs(*asked, date_of_service=day, **more) == expected


def test_of_two_releases_that_begin_on_one_day_the_later_name_answers(tmp_path, kit):
    with Writer(tmp_path) as writer:
        for release in ("24CR", "24C", "24A"):
            day = dt.date(2024, 1 if release == "24A" else 7, 1)
            writer.put_pfs([kit.pfs(A, status=release)], release, day, [])
        writer.commit()
    with attach(tmp_path) as edits:
        assert edits.pfs(A, date_of_service=DAY).row.status == "24CR"


def test_every_row_of_a_code(edits):
    assert list(edits.mue_rows(setting="practitioner", quarter="2024q3")) == [MUE, PLAIN]
    assert edits.addon_rows(f" {A}", quarter="2024q3") == (OPEN, ADDON)
    assert edits.pfs_rows(f" {A}", release="24cr") == (FEE,)
    assert edits.pfs_rows(A, release="24c", qpp=True) == (QPP,)
    never = attrs.evolve(PTP, column2=C, indicator=9, first_day=None, prior_to_1996=False)
    assert list(edits.ptp_rows("w9902", setting="practitioner", quarter="2024q3")) == [PTP, never]


def test_quarters_are_those_of_a_table_and_a_setting(edits):
    assert edits.quarters("mue") == edits.quarters("mue", "practitioner") == (Q3,)
    assert edits.quarters("mue", "dme") == edits.quarters("ptp", "dme") == ()
    assert edits.quarters("pfs") == (Q3,)


def test_a_look_up_that_was_made_before_goes_straight_to_the_pair(edits, monkeypatch):
    asked = {"date_of_service": DAY, "setting": HERE}
    first = edits.ptp(A, B, **asked), edits.ptp_among([A, B], **asked)
    monkeypatch.delattr(Edits, "_quarter_of_pairs")
    monkeypatch.delattr(MappedPairs, "number_of")
    assert (edits.ptp(A, B, **asked), edits.ptp_among([A, B], **asked)) == first
    assert edits.ptp(A, B, **asked) is edits.ptp(B, A, **asked)


def test_a_code_that_is_spelled_as_the_table_spells_it_is_not_read_as_a_code(edits, monkeypatch):
    monkeypatch.delattr("cptkit.codes.format")
    assert edits.mue(A, date_of_service=DAY, setting=HERE).mue == MUE
    assert edits.addon(A, date_of_service=DAY).rows == (OPEN,)
    assert edits.pfs(A, "26", date_of_service=DAY).row == FEE
    assert edits.ptp(A, B, date_of_service=DAY, setting=HERE).edit == PTP


def test_tables_are_read_once(edits, monkeypatch):
    def ask():
        return [
            edits.mue(A, date_of_service=DAY, setting=HERE).mue,
            edits.addon(A, date_of_service=DAY).rows[0],
            edits.pfs(A, "26", date_of_service=DAY).row,
        ]

    first = ask()
    missing = edits.mue(A, date_of_service=LATER, setting=HERE)
    for name in ("_read", "parts"):
        monkeypatch.delattr(ListedTables, name)
    assert all(one is other for one, other in zip(first, ask(), strict=True))
    assert edits.mue(A, date_of_service=LATER, setting=HERE) == missing


@pytest.mark.parametrize(
    ("note", "verdicts"),
    [
        ("", (True, True)),
        ("W9902 Practitioner Only", (True, False)),
        ("practitioners - only", (True, False)),
        ("Facility only", (False, True)),
        ("FACILITIES ONLY", (False, True)),
        ("practitioner only, facility only", (None, None)),
        ("Based on own words", (True, True)),
        ("Contractor Defined Primary Codes here", (True, True)),
        ("see what it is based on elsewhere", (None, None)),
        ("based on own words, facility only", (False, True)),
        ("based on practitioner only and facility only", (None, None)),
    ],
)
def test_what_the_note_of_an_add_on_edit_says_of_a_setting(note, verdicts):
    row = attrs.evolve(ADDON, note=note)
    assert tuple(row.counts(setting) for setting in (Setting.PRACTITIONER, Setting.HOSPITAL)) == verdicts
