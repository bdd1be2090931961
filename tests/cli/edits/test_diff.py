"""``cptkit edits diff``: what a quarter changed, as lists for people and as rows for programs."""

import csv
import io
import json

import pytest


def rows(call, tables, *more):
    asked = ("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner", "--tables", tables)
    return list(csv.DictReader(io.StringIO(call(*asked, *more, "--format", "csv").out)))


def test_pair_edits(call, tables):
    answer = call("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner", "--tables", tables)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(
        "Pair edits of practitioner, 2024q2 to 2024q3\n"
        "added 32, reopened 1, ended 2, replaced 0, indicator changed 1\n"
        "column 1/column 2 (modifier indicator)\n"
        "\n"
        "ADDED: 32\n"
        "  from 2024-07-01, Added together\n"
        "    W9920/W9930 (1)   W9920/W9931 (1)   W9920/W9932 (1)   W9920/W9933 (1)\n"
    )
    assert "\n    and 12 more: --all, or --format csv\n" in answer.out
    assert "\nREOPENED: 1 (pairs of which the older table had ended rows only)\n" in answer.out
    assert (
        "\nENDED: 2\n  up to 2024-06-30, Mutually exclusive\n    W9906/W9907 (0)   W9908/W9909 (0)\n"
        in answer.out
    )
    assert answer.out.endswith(
        "\nINDICATOR CHANGED: 1\n  from 2024-07-01, Mutually exclusive\n    W9908/W9909 (0 to 1)\n"
    )
    assert max(map(len, answer.out.splitlines())) <= 80


def test_all_of_them(call, tables):
    asked = ("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner", "--tables", tables, "--all")
    out = call(*asked).out
    assert "more: --all" not in out
    assert out.count("W9920/") == 32


def test_pair_edits_as_rows(call, tables):
    found = rows(call, tables)
    kinds = [row["change"] for row in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "added": 32,
        "reopened": 1,
        "ended": 2,
        "indicator": 1,
    }
    assert found[-1] == {
        "change": "indicator",
        "column1": "W9908",
        "column2": "W9909",
        "indicator": "1",
        "indicator_before": "0",
        "first_day": "2024-07-01",
        "last_day": "",
        "rationale": "Mutually exclusive",
        "file": "ccipra-v302r0-f1.TXT",
    }


def test_the_formats_say_the_same(call, tables):
    asked = ("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner", "--tables", tables, "--format")
    told = json.loads(call(*asked, "json").out)
    assert told["counts"] == {"added": 32, "reopened": 1, "ended": 2, "replaced": 0, "indicator changed": 1}
    assert (told["table"], told["older"], told["newer"]) == ("ptp", "2024q2", "2024q3")
    lines = [json.loads(line) for line in call(*asked, "jsonl").out.splitlines()]
    assert lines == told["changes"]
    assert [row["column2"] for row in rows(call, tables)] == [line["column2"] for line in lines]


def test_backwards(call, tables):
    answer = call("edits", "diff", "2024q3", "2024q2", "--setting", "practitioner", "--tables", tables)
    assert "\nENDED: 33\n" in answer.out


def test_nothing_changed(call, tables):
    answer = call("edits", "diff", "2024q3", "2024q3", "--setting", "practitioner", "--tables", tables)
    assert answer.out == (
        "Pair edits of practitioner, 2024q3 to 2024q3\n"
        "added 0, reopened 0, ended 0, replaced 0, indicator changed 0\n"
    )


def test_unit_limits(call, tables):
    asked = (
        "edits",
        "diff",
        "2024q2",
        "2024q3",
        "--setting",
        "practitioner",
        "--tables",
        tables,
        "--table",
        "mue",
    )
    assert call(*asked).out == (
        "Unit limits of practitioner, 2024q2 to 2024q3\n"
        "up 1, down 1, new 1, gone 1, judged otherwise 1\n"
        "\n"
        "UP: 1\n"
        "    W9901 1 to 2\n"
        "\n"
        "DOWN: 1\n"
        "    W9902 3 to 2\n"
        "\n"
        "NEW: 1\n"
        "    W9905 0\n"
        "\n"
        "GONE: 1 (no longer published, which is not the same as no limit)\n"
        "    W9904 2\n"
        "\n"
        "JUDGED OTHERWISE: 1\n"
        "    W9903 MAI 3 to 2\n"
    )
    assert [
        (row["change"], row["code"], row["value_before"], row["value"])
        for row in rows(call, tables, "--table", "mue")
    ] == [
        ("up", "W9901", "1", "2"),
        ("down", "W9902", "3", "2"),
        ("new", "W9905", "", "0"),
        ("gone", "W9904", "2", ""),
        ("judged otherwise", "W9903", "5", "5"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["2024q2", "2024q3", "--setting", "hospital"],
            "no pair edits of hospital for 2024q2; there are 2024q3",
        ),
        (
            ["2024q2", "2025q1", "--setting", "practitioner", "--table", "mue"],
            "no unit limits of practitioner for 2025q1",
        ),
        (["2024q2", "2024q3", "--setting", "dme"], "no pair edits of dme"),
        (["2024q2", "2024q3"], "Missing option '--setting'"),
        (["2024q2", "--setting", "dme"], "Missing argument 'QUARTER'"),
        (["2024q2", "Q3", "--setting", "dme"], "not a quarter: 'Q3'"),
        (["2024q2", "2024q3", "--setting", "dme", "--table", "pfs"], "'pfs' is not one of"),
    ],
)
def test_questions_that_cannot_be_answered(call, tables, arguments, words):
    answer = call("edits", "diff", *arguments, "--tables", tables)
    assert answer.status == 2
    assert answer.out == ""
    assert words in answer.err


def test_where_the_tables_are(call, tables, monkeypatch):
    asked = ("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner")
    assert "CPTKIT_TABLES" in call(*asked).err
    monkeypatch.setenv("CPTKIT_TABLES", str(tables))
    assert call(*asked).status == 0
