"""Notes of the published add-on edits, and the add-ons that go with a line that is dropped."""

import csv

import pytest

from cptkit import Basis, Severity, apply_fix
from cptkit.edits import AddOnEdit, Quarter, Setting


@pytest.mark.parametrize(
    ("services", "setting", "expected"),
    [
        (["W9923", "W9901"], "practitioner", {}),
        (["W9923", "W9901"], "hospital", {"findings": ["ADD302 1"]}),
        (["W9923", "W9901", "W9902"], "hospital", {}),
        (["W9924", "W9901"], "hospital", {}),
        (["W9924", "W9901"], "practitioner", {"findings": ["ADD302 1"]}),
        (["W9924", "W9901"], "dme", {"findings": ["ADD302 1"]}),
        (["W9924"], "practitioner", {"findings": ["ADD302 1"]}),
        # a note that is not read decides where no other primary is there
        (["W9925", "W9901"], "practitioner", {"not_checked": ["ADD302 1"]}),
        (["W9925", "W9901", "W9902"], "practitioner", {}),
        (["W9925", "W9902"], "hospital", {}),
        (["W9925"], "practitioner", {"findings": ["ADD302 1"]}),
        (["W9926", "W9901"], "practitioner", {"not_checked": ["ADD302 1"]}),
    ],
)
def test_whose_primary_a_row_names(checked, told, services, setting, expected):
    assert told(checked(*services, setting=setting, select="ADD302")) == expected


def test_what_is_said_of_a_note(checked):
    (finding,) = checked("W9923", "W9901", setting="hospital", select="ADD302").findings
    assert finding.message == (
        "W9923 is an add-on, and W9901 is no primary of it on a claim of setting hospital: the note of its "
        "published edit (2026q1) is 'W9901 Practitioner Only'"
    )
    assert finding.severity is Severity.ERROR
    assert [(row.primary, row.note) for row in finding.edits] == [("W9901", "W9901 Practitioner Only")]
    (finding,) = checked("W9924", select="ADD302").findings
    assert "none of its published primaries (W9901; 2026q1) is there" in finding.message
    (entry,) = checked("W9925", "W9901", select="ADD302").not_checked
    assert entry.reason == "whether W9901 is a primary of W9925 here rests on a note: 'see elsewhere'"


def test_a_row_of_others_may_not_hide_on_another_claim(checked, told):
    assert told(checked("W9924", "W9901@")) == {"findings": ["ADD302 1"]}
    assert told(checked("W9925", "W9901@")) == {"not_checked": ["ADD302 1"]}


def test_an_add_on_on_one_whose_note_leaves_it_alone(checked, told):
    """W9927 hangs on W9924, which only facilities report."""
    services = ["W9901", "W9924", "W9927"]
    assert told(checked(*services)) == {"findings": ["ADD302 2", "ADD303 3"]}
    (entry,) = checked(*services, select="ADD303").findings
    assert "W9924 on line 2 (it stands without a" in entry.message


@pytest.mark.parametrize("code", ["", "W9901 "])
@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Practitioner Only", [True, False, False]),
        ("practitioners only", [True, False, False]),
        ("PRACTITIONER-ONLY", [True, False, False]),
        ("Facility only", [False, True, False]),
        ("may be reported by facilities only", [False, True, False]),
        ("nonpractitioner only", [None, None, None]),
        ("practitioner", [None, None, None]),
        ("only practitioners", [None, None, None]),
        ("facility onlyx", [None, None, None]),
    ],
)
def test_phrases(code, note, expected):
    row = AddOnEdit("W9911", "W9901", 1, None, None, None, None, code + note, Quarter(2026, 1), "aoc.txt")
    assert [row.counts(Setting(each)) for each in ("practitioner", "hospital", "dme")] == expected


def test_every_note_of_a_real_table_in_force_is_read(real_data):
    """Of the notes of Q2 2024 one, on rows that had ended, says something else."""
    with (real_data / "aoc" / "aoc_2024q2_mcr.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["AOC_Edit_DelDT"]]
    said = {}
    for row in rows:
        note = row["Special_Instruction_Notes"]
        edit = AddOnEdit(row["Add-On_Code"], row["Primary_Code"], 1, *4 * [None], note, Quarter(2024, 2), "")
        verdict = tuple(edit.counts(Setting(each)) for each in ("practitioner", "hospital"))
        said[verdict] = said.get(verdict, 0) + 1
    assert set(said) == {(True, True), (True, False), (False, True)}
    assert (said[True, False], said[False, True]) == (4, 4)


def drops(report):
    return [
        (fix.line, fix.provided)
        for finding in report.findings
        for fix in finding.fixes
        if fix.kind.value == "drop-line"
    ]


@pytest.mark.parametrize(
    ("services", "select", "expected"),
    [
        (
            ["90837", "99214", "90836"],
            "PTP701",
            [
                (
                    "2",
                    "99214 was part of 90837; 90836 on line 3, an add-on, goes with it, as no other primary is here",
                )
            ],
        ),
        (
            ["W9903", "96130", "96131"],
            "PTP701",
            [("2", "96131 on line 3, an add-on, goes with it, as no other primary is here")],
        ),
        (["90837", "99214", "99213", "90836"], "PTP701", [("2", "99214 was part of 90837")]),
        (
            ["W9901", "W9903", "W9911", "W9919", "W9923"],
            "PTP701",
            [
                (
                    "1",
                    "W9901 was part of W9903; W9911 on line 3, W9923 on line 5, add-ons, go with it, as no other primary is here",
                ),
                (
                    "3",
                    "W9911 was part of W9903; W9919 on line 4, an add-on, goes with it, as no other primary is here",
                ),
            ],
        ),
        (
            ["W9906", "W9922"],
            "MUE",
            [("1", "W9922 on line 2, an add-on, goes with it, as no other primary is here")],
        ),
        (["W9906", "W9906", "W9922"], "MUE", [("2", ""), ("1", "")]),
    ],
)
def test_add_ons_go_with_the_line_that_is_dropped(checked, services, select, expected):
    assert drops(checked(*services, select=select, basis=Basis.MEDICARE)) == expected


def test_without_them_an_add_on_stands_alone(checked, told):
    """What the fix says must be provided: without it the next check finds the add-on."""
    claim = checked.claim("90837", "99214", "90836")
    (finding,) = checked.claims(claim, select="PTP").findings
    (fix,) = [fix for fix in finding.fixes if fix.kind.value == "drop-line"]
    assert told(checked.claims(apply_fix(claim, fix))) == {"findings": ["ADD301 3"]}
