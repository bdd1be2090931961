"""``cptkit pair``: an edit with all it says, no edit, or that nothing was checked."""

import json

import pytest

from cptkit.edits import Writer


def refused(answer, *words):
    assert answer.status == 2, answer
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_an_edit(call, tables):
    answer = call(
        "pair", "W9901", "W9903", "--on", "2024-08-01", "--tables", tables, "--setting", "practitioner"
    )
    assert answer.out == (
        "W9901 and W9903 on 2024-08-01\n"
        "\n"
        "practitioner, table of 2024q3\n"
        "  W9903 (column 1) is paid, W9901 (column 2) is denied\n"
        "  indicator: 0, no modifier parts the pair\n"
        "  in force:  since 1996-01-01 (in existence prior to 1996)\n"
        "  rationale: More extensive\n"
        "  file:      ccipra-v302r0-f1.TXT\n"
    )


def test_every_setting_that_is_there(call, tables):
    answer = call("pair", "w9901", " W9902 ", "--on", "8/1/2024", "--tables", tables)
    assert answer.status == 0
    assert "\npractitioner, table of 2024q3\n  W9901 (column 1) is paid, W9902" in answer.out
    assert "\n  indicator: 1, a modifier parts the pair where two separate services are\n" in answer.out
    assert answer.out.endswith(
        "\nhospital, table of 2024q3\n  no edit between them is in force\n"
        "  the table has no row at all of W9902: mind a slip\n"
    )


def test_rows_that_are_not_in_force_are_told(call, tables):
    asked = ("pair", "W9905", "W9901", "--tables", tables, "--setting", "practitioner", "--on")
    answer = call(*asked, "2024-08-01")
    assert "  indicator: 0, no modifier parts the pair\n  in force:  since 2024-07-01\n" in answer.out
    assert answer.out.endswith("  other row: W9905/W9901 indicator 1, from 2020-01-01 to 2024-03-31\n")
    earlier = call(*asked, "2024-05-01")
    assert "table of 2024q2\n  no edit between them is in force\n  other row: W9905/W9901" in earlier.out
    never = call("pair", "W9904", "W9901", "--tables", tables, "--on", "2024-08-01")
    assert (
        "  no edit between them is in force\n  other row: W9904/W9901 indicator 9, on 2020-01-01 alone\n"
        in never.out
    )


def test_an_edit_without_days_or_rationale(call, tables):
    answer = call("pair", "W9912", "W9911", "--on", "2024-08-01", "--tables", tables)
    assert "  in force:  since before records\n  rationale: none is published\n" in answer.out


def test_not_checked_is_said_and_is_an_answer(call, tables):
    answer = call("pair", "W9901", "W9902", "--on", "2024-12-01", "--tables", tables)
    assert (answer.status, answer.err) == (0, "")
    assert "  NOT CHECKED: no pair edits of practitioner for 2024q4; there are 2024q2," in answer.out
    assert "no edit" not in answer.out
    dme = call("pair", "W9901", "W9902", "--on", "2024-08-01", "--tables", tables, "--setting", "dme")
    assert "NOT CHECKED: no pair edits of dme for 2024q3; there are none" in dme.out


def test_the_table_of_another_quarter(call, tables):
    answer = call("pair", "W9901", "W9902", "--on", "2024-12-01", "--quarter", "2024q3", "--tables", tables)
    assert "practitioner, table of 2024q3\n  W9901 (column 1) is paid" in answer.out


def test_json(call, tables):
    answer = call("pair", "W9905", "W9901", "--on", "2024-08-01", "--tables", tables, "--format", "json")
    told = json.loads(answer.out)
    assert (told["code"], told["other"], told["date_of_service"]) == ("W9905", "W9901", "2024-08-01")
    practitioner, hospital = told["answers"]
    assert practitioner["edit"]["indicator"] == 0
    assert practitioner["edit"]["file"] == "ccipra-v302r0-f1.TXT"
    assert [row["last_day"] for row in practitioner["other_rows"]] == ["2024-03-31"]
    assert hospital == {
        "setting": "hospital",
        "quarter": "2024q3",
        "not_checked": "",
        "edit": None,
        "other_rows": [],
        "without_rows": ["W9905"],
    }
    assert told["tables"].startswith("sha256:")
    later = call("pair", "W9905", "W9901", "--on", "2025-08-01", "--tables", tables, "--format", "json")
    assert [each["not_checked"][:13] for each in json.loads(later.out)["answers"]] == ["no pair edits"] * 2


def test_where_the_tables_are_may_stand_in_the_environment(call, tables, monkeypatch):
    asked = ("pair", "W9901", "W9903", "--on", "2024-08-01")
    refused(call(*asked), "--tables DIR, or the variable CPTKIT_TABLES")
    monkeypatch.setenv("CPTKIT_TABLES", str(tables))
    assert call(*asked).status == 0
    refused(call(*asked, "--tables", "elsewhere"), "no edit tables can be read here", "elsewhere")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["W9901", "W9901", "--on", "2024-08-01"], "A code is not paired with itself"),
        (["W9901", "9O834", "--on", "2024-08-01"], "9O834"),
        (["W9901", "90834-59", "--on", "2024-08-01"], "90834-59"),
        (["W9901", "W9902"], "Missing option '--on'"),
        (["W9901", "W9902", "--on", "2024-02-30"], "not a day of the calendar"),
        (["W9901", "W9902", "--on", "2024-08-01", "--quarter", "q3"], "not a quarter: 'q3'"),
        (["W9901", "W9902", "--on", "2024-08-01", "--setting", "office"], "'office' is not one of"),
        (["W9901", "--on", "2024-08-01"], "Missing argument 'OTHER'"),
    ],
)
def test_questions_that_cannot_be_answered(call, tables, arguments, words):
    refused(call("pair", *arguments, "--tables", tables), words)


def test_damaged_tables(call, tables):
    (path,) = tables.glob("ptp-practitioner-*.bin")
    path.write_bytes(path.read_bytes()[:100])
    refused(call("pair", "W9901", "W9903", "--on", "2024-08-01", "--tables", tables), "ptp-practitioner")


@pytest.mark.usefixtures("tables")
def test_no_tables_of_pairs_at_all(call):
    with Writer("empty") as writer:
        writer.commit()
    answer = call("pair", "W9901", "W9903", "--on", "2024-08-01", "--tables", "empty")
    assert answer.status == 0
    assert answer.out.count("NOT CHECKED") == 2
