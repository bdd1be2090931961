"""The example of the README: a week of a small practice, and each of its mistakes."""

import json
from pathlib import Path

import pytest

WEEK = Path(__file__).parents[2] / "examples" / "clinic-week.csv"

FINDINGS = {
    ("TIM402", "7"),  # 50 minutes are not 90837
    ("ADD301", "18"),  # 90833 without its visit
    ("BHX501", "19 20"),  # 90834 beside a visit: 90836
    ("BHX501", "23 24"),  # an evaluation and therapy
    ("COD102", "26"),  # 99354 is deleted
    ("MOD204", "27"),  # 95 and 93
    ("COD101", "28"),  # a letter O
    ("BHX501", "39 40"),  # family and individual therapy, no 59
    ("TIM401", "41"),  # no time
    ("MOD202", "42"),  # 9T is no modifier
    ("ADD301", "44"),  # 90785 beside family therapy alone
    ("TIM403", "46"),  # 90840 three times in 110 minutes
    ("DUP601", "51 52"),
    ("BHX501", "55 56"),  # crisis and therapy
    ("COD103", "57"),  # no units
}


@pytest.fixture
def report(call):
    answer = call("check", WEEK, "--format", "json")
    assert answer.status == 1
    return json.loads(answer.out)


def keys(entries) -> set[tuple[str, str]]:
    return {(entry["rule"], " ".join(entry["lines"])) for entry in entries}


def test_every_mistake_is_found_and_nothing_else(report):
    assert keys(report["findings"]) == FINDINGS
    assert len(report["findings"]) == len(FINDINGS)


def test_what_is_bypassed(report):
    assert keys(report["bypassed"]) == {("BHX501", "53 54")}


def test_what_is_not_checked(report):
    lines = {line for entry in report["not_checked"] for line in entry["lines"]}
    assert {"37", "41", "59"} <= lines
    reasons = " ".join(entry["reason"] for entry in report["not_checked"])
    assert "does not cover 36415" in reasons
    assert "96131 has no same-day edit" in reasons


def test_the_rows_are_accounted_for(report):
    rows = report["input"]
    assert (rows["rows_read"], rows["rows_checked"]) == (66, 65)
    assert [row["line"] for row in rows["rejected"]] == [58]
    assert rows["columns_ignored"] == []
    touched = {
        line
        for kind in ("findings", "bypassed", "not_checked")
        for entry in report[kind]
        for line in entry["lines"]
    }
    assert report["summary"]["passed"] == rows["rows_checked"] - len(touched)
    assert report["summary"]["passed"] > 35


def test_no_id_could_be_a_real_one():
    for line in WEEK.read_text(encoding="utf-8").splitlines()[1:]:
        claim, patient, _, clinician, *_ = line.split(",")
        assert claim.startswith("C-")
        assert patient.startswith("P-")
        assert not any(character.isdigit() for character in clinician)  # a provider number has ten digits
