"""ADD302: what the published add-on edits say beyond the edition's own lists."""

import datetime as dt

import pytest

from cptkit import Basis, Catalog, Severity
from cptkit.rules import RULES
from cptkit.rules.table import RuleStatus

STABLE = [row for row in RULES if row.status is RuleStatus.STABLE]
LEFT_OUT = tuple(row.id for row in STABLE if row.needs_edits or row.needs_history or row.payer_facts)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        # add-ons that no edition knows: closed, the contractor's, open
        (["W9911", "W9901"], {}),
        (["W9902", "W9911"], {}),
        (["W9911"], {"findings": ["ADD302 1"]}),
        (["W9911", "W9903"], {"findings": ["ADD302 1"]}),
        (["W9911", "W9911"], {"findings": ["ADD302 1", "ADD302 2"]}),
        (["W9912"], {"not_checked": ["ADD302 1"]}),
        (["W9912", "W9901"], {"not_checked": ["ADD302 1"]}),
        (["W9913", "W9901"], {}),
        (["W9913", "W9902"], {"not_checked": ["ADD302 1"]}),
        (["W9914", "W9901"], {}),
        (["W9914", "W9902"], {"not_checked": ["ADD302 1"]}),
        (["W9919", "W9919"], {"findings": ["ADD302 1", "ADD302 2"]}),
        (["W9901"], {}),
        (["?", "W9901", ""], {}),
        # ADD301 says it already
        (["90785"], {"findings": ["ADD301 1"]}),
        (["90840", "90837"], {"findings": ["ADD301 1"]}),
        (["96161"], {"not_checked": ["ADD301 1"]}),
        # both accept it
        (["90785", "90834"], {}),
        (["90840", "90839"], {}),
        # the edition accepts a primary that is not published
        (["90785", "90832"], {"findings": ["ADD302 1"]}),
        (["90836", "99215"], {"findings": ["ADD302 1"]}),
        # the edition leaves it open, the published list is closed
        (["96131"], {"findings": ["ADD302 1"], "not_checked": ["ADD301 1"]}),
        (["90836", "98001"], {"findings": ["ADD302 1"], "not_checked": ["ADD301 1"]}),
        # the edition's list is closed, and the published table leaves it to the contractor
        (["90833"], {"findings": ["ADD301 1"], "not_checked": ["ADD302 1"]}),
        (["90833", "99213"], {"not_checked": ["ADD302 1"]}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_verdicts(checked, told, services, expected):
    assert told(checked(*services, select=["ADD301", "ADD302"])) == expected


@pytest.mark.parametrize(
    ("addon", "day", "is_edited"),
    [
        ("W9915", "2026-01-31", False),
        ("W9915", "2026-02-01", True),
        ("W9915", "2026-02-28", True),
        ("W9915", "2026-03-01", False),
        ("W9916", "2026-02-13", True),
        ("W9916", "2026-02-14", True),
        ("W9916", "2026-02-15", False),
        ("W9916", "2026-02-16", False),
    ],
)
def test_days_of_an_edit_and_of_an_add_on(checked, told, addon, day, is_edited):
    report = checked(addon, day=dt.date.fromisoformat(day), select="ADD302")
    assert told(report) == ({"findings": ["ADD302 1"]} if is_edited else {})


@pytest.mark.parametrize(
    ("day", "is_listed"),
    [("2026-02-13", True), ("2026-02-14", True), ("2026-02-15", False), ("2026-02-16", False)],
)
def test_a_primary_counts_until_its_last_day(checked, told, day, is_listed):
    report = checked("W9917", "W9901", day=dt.date.fromisoformat(day), select="ADD302")
    assert told(report) == ({} if is_listed else {"findings": ["ADD302 1"]})
    assert told(checked("W9917", "W9902", day=dt.date.fromisoformat(day), select="ADD302")) == {}


def test_other_days_and_clinicians_are_other_encounters(checked, told):
    for other in ({"date_of_service": dt.date(2026, 3, 3)}, {"rendering_provider": "B"}):
        assert told(checked("W9911", checked.line("W9901", **other))) == {"findings": ["ADD302 1"]}


class TestWhatIsSaid:
    def test_nothing_in_the_edition(self, checked):
        (finding,) = checked("W9911", "W9903").findings
        assert finding.message == (
            "W9911 is an add-on, and none of its published primaries (W9901, W9902; 2026q1) is there for the same "
            "clinician and day"
        )
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "addon-without-primary")
        assert [(fix.kind.value, fix.line) for fix in finding.fixes] == [("ask", "1"), ("drop-line", "1")]
        assert finding.fixes[1].provided
        assert [row.primary for row in finding.edits] == ["W9901", "W9902"]
        assert finding.to_dict()["edits"][0]["table"] == "addons"

    def test_a_long_list_is_evidence_by_its_first_row(self, checked):
        (finding,) = checked("W9918").findings
        assert len(finding.edits) == 1
        assert len(checked("W9921").findings[0].edits) == 12
        assert "W9810" in finding.message

    @pytest.mark.parametrize("services", [("90785", "90832"), ("96131", "99213"), ("90836", "98001")])
    def test_where_edition_and_table_differ_the_basis_decides(self, checked, services):
        by_cpt, by_medicare = (
            checked(*services, select="ADD302", basis=basis).findings[0].severity
            for basis in (Basis.CPT, Basis.MEDICARE)
        )
        assert (by_cpt, by_medicare) == (Severity.WARNING, Severity.ERROR)

    def test_what_the_edition_accepts_is_named(self, checked):
        (finding,) = checked("90785", "90832", "90838", select="ADD302").findings
        assert finding.message.endswith("; edition 2026.1 accepts 90832, 90838, the published edits do not")
        (finding,) = checked("96131", select="ADD302").findings
        assert "accepts" not in finding.message


class TestNotChecked:
    def test_without_a_table_of_the_quarter(self, checked, told):
        """What the edition knows to be no add-on is not concerned."""
        report = checked("90837", "90785", "W9901", "?", day=dt.date(2026, 4, 1), select="ADD302")
        assert told(report) == {"not_checked": ["ADD302 2 3"]}
        assert report.not_checked[0].reason == "no add-on edits for 2026q2; there are 2026q1"
        assert told(checked("90837", day=dt.date(2026, 4, 1), select="ADD302")) == {}

    def test_the_first_and_last_days_of_tables(self, checked, told):
        for day, expected in (
            ("2025-12-30", {"not_checked": ["ADD302 1"]}),
            ("2025-12-31", {"not_checked": ["ADD302 1"]}),
            ("2026-01-01", {"findings": ["ADD302 1"]}),
            ("2026-01-02", {"findings": ["ADD302 1"]}),
            ("2026-03-31", {"findings": ["ADD302 1"]}),
            ("2026-04-01", {"not_checked": ["ADD302 1"]}),
        ):
            assert told(checked("W9911", day=dt.date.fromisoformat(day))) == expected

    def test_without_tables(self, checked, told):
        bare = Catalog.from_editions("2026.1")
        assert told(checked("90785", "90834", catalog=bare)) == {"not_checked": ["ADD302 1", "ADD303 1"]}
        assert checked("90785", catalog=bare, select="ALL").left_out == LEFT_OUT

    def test_a_primary_without_a_clinician(self, checked, told):
        report = checked("W9911", "W9901@")
        assert told(report) == {"not_checked": ["ADD302 1"]}
        assert (
            "W9901 stands on another claim of the day or without a clinician" in report.not_checked[0].reason
        )
        assert told(checked("W9911", "W9903@")) == {"findings": ["ADD302 1"]}

    def test_a_primary_on_another_claim(self, checked):
        one, other = (
            checked.claim(code, id=name, patient="P") for name, code in (("a", "W9911"), ("b", "W9901"))
        )
        report = checked.claims(one, other)
        assert [(entry.rule, entry.claim) for entry in report.not_checked] == [("ADD302", "a")]
        assert report.findings == ()

    def test_a_row_that_could_not_be_read(self, checked, told):
        report = checked.claims(checked.claim("W9911", id="a"), incomplete=["a"])
        assert told(report) == {"not_checked": ["ADD302 1"]}
        assert "could not be read" in report.not_checked[0].reason

    def test_the_contractor_decides(self, checked):
        (entry,) = checked("W9914", select="ADD302").not_checked
        assert "the contractor decides" in entry.reason
