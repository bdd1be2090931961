"""The list of telehealth services as POS004 asks it: whose list answers, and what is remembered."""

import datetime as dt
import json

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, Report, check, check_claims
from cptkit.edits import TelehealthAnswer, TelehealthService, Writer, attach
from cptkit.importers import import_files
from cptkit.rules import rule
from cptkit.rules.edits import NO_TABLES, EditsOfDay

DAY = dt.date(2026, 3, 2)
LISTS = {"telehealth 2025": ["97010", "90834"], "telehealth 2026": ["90834 Proposed Action: Maintain"]}


@pytest.fixture(scope="module")
def tables(edit_tables):
    return edit_tables(LISTS)


def line(code, day=DAY, **values):
    return Line(code, date_of_service=day, **{"place_of_service": "10"} | values)


def report_on(tables, *lines, **options):
    return check(
        Claim(lines), Catalog.bundled(tables=tables), **{"select": ["POS004"], "basis": "medicare"} | options
    )


def told(report):
    found = [(entry.outcome.value, *entry.lines) for entry in (*report.findings, *report.bypassed)]
    return found + [("not_checked", *entry.lines) for entry in report.not_checked]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-12-31", [("not_checked", "1")]),
        ("2025-01-01", []),
        ("2025-12-30", []),
        ("2025-12-31", []),
        ("2026-01-01", [("fail", "1")]),
        ("2026-01-02", [("fail", "1")]),
    ],
)
def test_the_list_of_the_year_of_the_date_of_service_answers(tables, day, expected):
    report = report_on(tables, line("97010", dt.date.fromisoformat(day)))
    assert told(report) == expected
    for entry in report.findings:
        assert "telehealth list of 2026 (telehealth-2026.txt)" in entry.message
        assert entry.edits == ()
    for entry in report.not_checked:
        assert entry.reason == "no list of telehealth services for 2024; there are 2025, 2026"


def test_lines_of_two_years_are_each_judged_by_theirs(tables):
    claim = Claim([line("97010", dt.date(2025, 12, 31)), line("97010", dt.date(2026, 1, 1))])
    report = check_claims([claim], Catalog.bundled(tables=tables), select=["POS004"], basis="medicare")
    assert told(report) == [("fail", "2")]


@pytest.mark.parametrize("basis", Basis)
def test_without_tables_it_is_left_out(basis):
    report = report_on(None, line("97010"), select=["ALL"], basis=basis)
    assert "POS004" in report.left_out
    assert "POS004" not in {entry.rule for entry in (*report.findings, *report.not_checked)}


@pytest.mark.parametrize("place", ["10", "10 ", 10])
def test_a_place_says_telehealth_however_it_is_written(tables, place):
    assert told(report_on(tables, line("97010", place_of_service=place))) == [("fail", "1")]


@pytest.mark.parametrize(
    ("values", "denial"),
    [
        ({}, "pos-mismatch"),
        ({"modifiers": "GP 95"}, "pos-mismatch"),
        ({"modifiers": "GP 95", "place_of_service": "11"}, "modifier-inconsistent"),
        ({"modifiers": "GP GT", "place_of_service": None}, "modifier-inconsistent"),
    ],
)
def test_the_likely_denial_is_that_of_what_says_telehealth(tables, values, denial):
    (finding,) = report_on(tables, line("97010", **values)).findings
    assert finding.denial.check == denial
    assert finding.codes == ("97010",)
    assert "in person" in finding.fixes[0].text


def test_evidence_is_what_says_telehealth(tables):
    (finding,) = report_on(tables, line("97010", modifiers="95 GP")).findings
    assert [each.fact for each in finding.evidence] == [
        "modifiers/95@2017-01-01",
        "conventions/telehealth-places@2022-01-01",
    ]
    assert finding.message.endswith(
        "and 95 and place 10 (telehealth with the patient at home) say telehealth"
    )


def test_the_first_modifier_that_expects_a_denial_is_told(tables):
    (entry,) = report_on(tables, line("97010", modifiers="GP GZ GY")).bypassed
    assert entry.message.endswith("says telehealth; with GZ the line expects that")
    assert [each.fact.partition("@")[0] for each in entry.evidence] == [
        "conventions/telehealth-places",
        "modifiers/GZ",
    ]


def test_a_list_with_a_row_that_could_not_be_read_leaves_out_no_code(tmp_path):
    with Writer(tmp_path) as writer:
        writer.put_telehealth(
            [TelehealthService("90834", "", 2026, "list.txt")], 2026, [], rejected=["", "97110"]
        )
        writer.commit()
    with attach(tmp_path) as edits:
        report = report_on(edits, line("97010"), line("90834"), line("97110"), line("97010"))
    assert told(report) == [("not_checked", "1", "4"), ("not_checked", "3")]
    assert [entry.reason for entry in report.not_checked] == [
        "a row of the list of 2026 was rejected when it was imported, and its code could not be read",
        "a row of 97110 was rejected when the table was imported",
    ]


def test_it_looks_at_lines_with_modifiers_alone_and_with_places_alone(tables):
    """Rules that look at one of the two are not run on lines that have only the other."""
    assert rule("POS004").row.looks_at == ""
    for values in ({"modifiers": "95", "place_of_service": None}, {"modifiers": ()}):
        assert told(report_on(tables, line("97010", **values))) == [("fail", "1")]


def test_a_row_that_another_rule_cites_goes_through_json(tables):
    (finding,) = report_on(tables, line("97010")).findings
    row = tables.telehealth("90834", date_of_service=DAY).row
    report = attrs.evolve(report_on(tables, line("97010")), findings=(attrs.evolve(finding, edits=(row,)),))
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["findings"][0]["edits"] == [
        {
            "table": "telehealth",
            "code": "90834",
            "remark": "Proposed Action: Maintain",
            "year": 2026,
            "file": "telehealth-2026.txt",
        }
    ]
    assert Report.from_dict(plain) == report


# ---- what is remembered ------------------------------------------------------------------------


class Asked:
    """Tables that count how often they are asked."""

    def __init__(self, tables):
        self._tables, self.times = tables, 0

    def telehealth(self, code, *, date_of_service):
        self.times += 1
        return self._tables.telehealth(code, date_of_service=date_of_service)


def test_an_answer_is_remembered_and_what_is_no_code_has_none(tables):
    counting = Asked(tables)
    edits = EditsOfDay(counting, DAY)
    for _ in range(2):
        assert edits.telehealth("90834").is_listed
        assert not edits.telehealth("97010").is_listed
        assert edits.telehealth("9083O") is None
    assert counting.times == 2


def test_no_more_is_remembered_than_there_are_codes(tables, monkeypatch):
    monkeypatch.setattr("cptkit.rules.edits._MOST", 1)
    counting = Asked(tables)
    edits = EditsOfDay(counting, DAY)
    for _ in range(2):
        edits.telehealth("90834")
        edits.telehealth("97010")
    assert counting.times == 3


def test_without_tables_the_answer_says_so():
    assert EditsOfDay(None, DAY).telehealth("90834") == TelehealthAnswer("90834", None, 2026, "", NO_TABLES)


# ---- as published ------------------------------------------------------------------------------


def test_the_excerpt_as_published(real_data, tmp_path):
    import_files(
        [real_data / "excerpts-2026" / "cy2026_telehealth_list.excerpt.redacted.txt"], tmp_path / "tables"
    )
    with attach(tmp_path / "tables") as edits:
        listed = [
            line(code, modifiers="95") for code in ("90791", "90834", "90837", "90847", "90785", "90849")
        ]
        assert told(report_on(edits, *listed, line("97010", modifiers="95"))) == [("fail", "7")]
        report = report_on(
            edits, *(attrs.evolve(each, date_of_service=dt.date(2025, 12, 31)) for each in listed)
        )
        assert told(report) == [("not_checked", *"123456")]
