"""Rules of edit tables in a catalog without any: left out and named, or asked for and not checked."""

import datetime as dt

import pytest

from cptkit import Catalog, Claim, Line, check, check_claims
from cptkit.edits import Setting
from cptkit.errors import InvalidClaim, UnknownRule
from cptkit.rules.table import RULES, RuleStatus

DAY = dt.date(2026, 3, 2)
STABLE = [row for row in RULES if row.status is RuleStatus.STABLE]
MORE = tuple(row.id for row in STABLE if row.needs_history or row.payer_facts)
LEFT_OUT = tuple(row.id for row in STABLE if row.needs_edits or row.id in MORE)
OTHERS = tuple(row.id for row in STABLE if row.id not in LEFT_OUT)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_editions("2026.1")


@pytest.fixture(scope="module")
def tables(written):
    return written({"mue practitioner 2026q1": ["90834 2 3"]})


@pytest.fixture
def claim():
    return Claim([Line("90834", minutes=45, date_of_service=DAY, rendering_provider="N1")], id="C-1")


def told(report):
    return [(entry.rule, entry.reason) for entry in report.not_checked]


def test_there_are_such_rules_and_others():
    assert LEFT_OUT
    assert MORE
    assert OTHERS


def test_without_tables_they_are_left_out_and_named(catalog, claim):
    for report in (check(claim, catalog), check_claims([claim], catalog)):
        assert report.left_out == LEFT_OUT
        assert report.rules == OTHERS
        assert report.clean
        assert str(report).endswith(
            f"not run without edit tables, a history or a payer's profile: {', '.join(LEFT_OUT)}"
        )
        assert report.to_dict()["left_out"] == list(LEFT_OUT)


@pytest.mark.parametrize("select", [["MUE"], ["ALL", "MUE"], ["MUE803"], "day-over-clinical-limit"])
def test_one_that_is_named_runs_and_has_not_checked(catalog, claim, select):
    report = check(claim, catalog, select=select)
    assert "MUE803" in report.rules
    assert "MUE803" not in report.left_out
    assert not report.clean
    reasons = {entry.reason for entry in report.not_checked if entry.rule == "MUE803"}
    assert reasons == {"the catalog holds no edit tables"}


def test_a_rule_that_is_ignored_is_not_left_out(catalog, claim):
    report = check(claim, catalog, ignore=["MUE"])
    assert not any(name.startswith("MUE") for name in (*report.left_out, *report.rules))


def test_when_all_that_is_selected_is_left_out_there_is_nothing_to_check_with(catalog, claim):
    with pytest.raises(UnknownRule, match="leaves no rule to check with"):
        check(claim, catalog, ignore=list(OTHERS))


def test_with_tables_all_run(catalog, claim, tables):
    catalog = Catalog(catalog.editions, Catalog.bundled(tables=tables).tables)
    report = check(claim, catalog)
    assert report.left_out == MORE
    assert report.rules == tuple(row.id for row in STABLE if row.id not in MORE)
    # the tables hold one limit: what the other rules need is not checked, and said
    assert report.findings == ()
    fees = "no release of the fee schedule for 2026q1"
    assert told(report) == [("PFS907", fees), ("PFS909", fees)]
    beside = Line("90785", date_of_service=DAY, rendering_provider="N1")
    pairs = "no pair edits of practitioner for 2026q1; there are none"
    assert told(check(Claim([*claim.lines, beside]), catalog)) == [
        ("PFS907", fees),
        ("PFS909", fees),
        ("PTP701", pairs),
        ("PTP702", pairs),
        ("ADD302", "no add-on edits for 2026q1; there are none"),
        ("ADD303", f"whether their primaries are denied is not known: {pairs}"),
    ]


@pytest.mark.parametrize("setting", ["hospital", Setting.HOSPITAL])
def test_the_setting_of_a_claim_chooses_the_table(catalog, claim, tables, setting):
    catalog = Catalog.from_editions("2026.1", tables=tables)
    other = Claim(claim.lines, setting=setting)
    assert other.setting is Setting.HOSPITAL
    assert check(claim, catalog, select=["MUE"]).clean
    reasons = {entry.reason for entry in check(other, catalog, select=["MUE"]).not_checked}
    assert reasons == {"no unit limits of hospital for 2026q1; there are none"}


@pytest.mark.parametrize("setting", ["office", "", None, 3])
def test_a_claim_of_no_setting(claim, setting):
    with pytest.raises(InvalidClaim) as caught:
        Claim(claim.lines, setting=setting)
    assert caught.value.expected == "one of practitioner, hospital, dme"
