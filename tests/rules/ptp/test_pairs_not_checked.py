"""Pairs that could not be looked up, or whose other side is not seen."""

import datetime as dt

import pytest

from cptkit import Catalog
from cptkit.rules import RULES
from cptkit.rules.table import RuleStatus

STABLE = [row for row in RULES if row.status is RuleStatus.STABLE]
LEFT_OUT = tuple(row.id for row in STABLE if row.needs_edits or row.needs_history or row.payer_facts)


def test_without_a_table_of_the_quarter(checked, told):
    report = checked("97530", "97140", "99213-25", "9714-59", "-24", day=dt.date(2026, 4, 1))
    assert told(report) == {"not_checked": ["PTP701 1 2 3", "PTP702 1 2 3", "PTP703 3"]}
    (entry, *_) = report.not_checked
    assert entry.reason.startswith("no pair edits of practitioner for 2026q2; there are 2014q4, ")


def test_the_last_and_first_days_of_tables(checked, told):
    for day, expected in (
        ("2025-12-30", {"not_checked": ["PTP701 1 2", "PTP702 1 2"]}),
        ("2025-12-31", {"not_checked": ["PTP701 1 2", "PTP702 1 2"]}),
        ("2026-01-01", {"findings": ["PTP701 1 2"]}),
        ("2026-01-02", {"findings": ["PTP701 1 2"]}),
        ("2026-03-31", {"findings": ["PTP701 1 2"]}),
        ("2026-04-01", {"not_checked": ["PTP701 1 2", "PTP702 1 2"]}),
    ):
        assert told(checked("97530", "97140", day=dt.date.fromisoformat(day))) == expected


def test_suppliers_have_no_pair_edits(checked, told):
    report = checked("97530", "97140", setting="dme")
    assert told(report) == {"not_checked": ["PTP701 1 2", "PTP702 1 2"]}


def test_without_tables(checked, told):
    bare = Catalog.from_editions("2026.1")
    report = checked("97530", "97140-59", catalog=bare)
    assert told(report) == {"not_checked": ["PTP701 1 2", "PTP702 1 2", "PTP703 2"]}
    assert {entry.reason for entry in report.not_checked} == {"the catalog holds no edit tables"}
    report = checked("97530", "97140-59", catalog=bare, select="ALL")
    assert report.left_out == LEFT_OUT


@pytest.mark.parametrize("services", [["97530"], ["97530", "97530-59"], ["97530", "9714"], ["", "?"]])
def test_one_code_alone_has_no_pair(checked, told, services):
    assert told(checked(*services, day=dt.date(2026, 4, 1))) == {}


def test_column_1_without_a_clinician(checked, told):
    report = checked("97530@", "97140")
    assert told(report) == {"not_checked": ["PTP701 2"]}
    assert "97530 stands on another claim of the day or without a clinician" in report.not_checked[0].reason
    report = checked("90837@", "90834")
    assert told(report) == {"not_checked": ["PTP702 2"]}


def test_column_1_on_another_claim(checked, told):
    one, other = (
        checked.claim(code, id=name, patient="P") for name, code in (("a", "97530"), ("b", "97140"))
    )
    report = checked.claims(one, other)
    assert [(entry.rule, entry.claim) for entry in report.not_checked] == [("PTP701", "b")]
    assert told(checked.claims(one)) == {}


def test_other_claims_before_the_tables(checked):
    day = dt.date(2026, 4, 1)
    one, other = (
        checked.claim(code, day=day, id=name, patient="P") for name, code in (("a", "97530"), ("b", "97140"))
    )
    report = checked.claims(one, other, select="PTP701")
    assert [(entry.claim, entry.lines) for entry in report.not_checked] == [("a", ("1",)), ("b", ("1",))]


def test_a_row_that_could_not_be_read(checked, told):
    claim = checked.claim("97530", "97140-59", "?", id="a")
    report = checked.claims(claim, incomplete=["a"])
    assert told(report) == {"bypassed": ["PTP701 1 2"], "not_checked": ["PTP701 1 2", "PTP702 1 2"]}
    assert "could not be read" in report.not_checked[0].reason
    alone = checked.claim("97110", id="a")
    assert told(checked.claims(alone, incomplete=["a"])) == {"not_checked": ["PTP701 1", "PTP702 1"]}
    assert told(checked.claims(checked.claim("?", id="a"), incomplete=["a"])) == {}
