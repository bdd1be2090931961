"""ADD303: an add-on whose primaries are all denied by published edits."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Severity, apply_fix, codeset
from cptkit.edits import AddOnAnswer, Quarter, Setting
from cptkit.rules.add import denied
from cptkit.rules.edits import EditsOfDay


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        # nothing is denied, or not every primary
        (["90785", "90834"], {}),
        (["90785", "90834", "90837"], {}),
        (["90834", "90837"], {}),
        (["90785"], {}),
        # column 2 of a pair, over a limit, and both
        (["W9901", "W9903", "W9911"], {"findings": ["ADD303 3"]}),
        (["W9901", "W9903-59", "W9911-59"], {}),
        (["W9901", "W9903", "W9911", "W9902"], {}),
        (["W9901", "W9903", "W9911", "W9902 x2"], {"findings": ["ADD303 3"]}),
        (["90791 x2", "90785"], {"findings": ["ADD303 2"]}),
        (["90791", "90791", "90785"], {"findings": ["ADD303 3"]}),
        (["90791", "90785"], {}),
        (["90834", "90837 x3", "90785"], {"findings": ["ADD303 3"]}),
        # by either list: the edition's 99214 for 90836, the table's W9901
        (["90837", "99214", "90836"], {"findings": ["ADD303 3"]}),
        (["90837", "99214", "99213", "90836"], {}),
        (["90837", "99214-25", "90836"], {}),
        # an add-on on an add-on: 90785 on 90836 on 99214, W9919 on W9911
        (["90837 x3", "99214", "90836", "90785"], {"findings": ["ADD303 3", "ADD303 4"]}),
        (["W9901", "W9903", "W9911", "W9919"], {"findings": ["ADD303 3", "ADD303 4"]}),
        (["W9919", "W9911", "W9903", "W9901"], {"findings": ["ADD303 1", "ADD303 2"]}),
        (["W9911", "W9919"], {"findings": ["ADD303 2"]}),
        (["W9911", "W9919", "W9901"], {}),
        # the edition accepts 99215 under 90836, the published list does not; of 90838 it has no row
        (["99215", "90836", "90785"], {"findings": ["ADD303 3"]}),
        (["99214", "90836", "90785"], {}),
        (["99213", "90838", "90785"], {}),
        # the add-on denied itself
        (["W9901", "W9903-59", "W9911"], {}),
        # lists that are open, or a primary on another day
        (["W9901", "W9903", "W9914"], {"not_checked": ["ADD303 3"]}),
        (["W9901", "W9903", "W9914", "W9920"], {"not_checked": ["ADD303 3"]}),
        (["W9903", "96130", "96131"], {"not_checked": ["ADD303 3"]}),
        (["W9912", "W9901"], {}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_verdicts(checked, told, services, expected):
    assert told(checked(*services, select="ADD303")) == expected


def test_what_stands_in_doubt_for_the_edition_may_carry(checked, told):
    """98001 is a primary of 90836 or not, no source says; it is not denied."""
    assert told(checked("90837", "99214", "98001", "90836", select="ADD303")) == {}


def test_what_is_said(checked):
    (finding,) = checked("W9901", "W9903", "W9911", "W9902 x2", select="ADD303").findings
    assert finding.message == (
        "W9911 is an add-on, and its primary is denied: W9901 on line 1 (column 2 of W9903), W9902 on line 4 "
        "(over its unit limit)"
    )
    assert (finding.severity, finding.denial.check) == (Severity.ERROR, "addon-primary-denied")
    assert [type(row).__name__ for row in finding.edits] == ["AddOnEdit", "AddOnEdit", "PtpEdit", "Mue"]
    assert [row.primary for row in finding.edits[:2]] == ["W9901", "W9902"]
    assert finding.evidence == ()
    assert [(fix.kind.value, fix.line) for fix in finding.fixes] == [("ask", "3"), ("drop-line", "3")]
    assert finding.fixes[1].provided == "its primary is not billed"


def test_a_line_denied_twice(checked):
    (finding,) = checked("90837", "99214 x1", "90837-59", "90836", select="ADD303").findings
    assert "99214 on line 2 (column 2 of 90837)" in finding.message
    (finding,) = checked("90791", "90791", "90785", select="ADD303").findings
    assert [type(row).__name__ for row in finding.edits] == ["AddOnEdit", "Mue"]
    assert [citation.fact.partition("@")[0] for citation in finding.evidence] == ["addons/90785"]


def test_a_primary_that_is_over_its_limit_and_in_column_2(checked):
    (finding,) = checked("W9901 x10", "W9903", "W9911", select="ADD303").findings
    assert "W9901 on line 1 (column 2 of W9903; over its unit limit)" in finding.message
    assert [type(row).__name__ for row in finding.edits] == ["AddOnEdit", "PtpEdit", "Mue"]


def test_links_of_a_chain_are_named(checked):
    first, second = checked("90837 x3", "99214", "90836", "90785", select="ADD303").findings
    assert "99214 on line 2 (column 2 of 90837)" in first.message
    assert "90837 on line 1 (over its unit limit)" in second.message
    assert "90836 on line 3 (its own primary is denied)" in second.message
    assert (first.severity, second.severity) == (Severity.ERROR, Severity.ERROR)
    (finding,) = checked("W9911", "W9919", select="ADD303").findings
    assert "W9911 on line 1 (it stands without a primary)" in finding.message


def test_a_denial_that_rests_on_a_reading_is_a_warning(checked):
    """59 never stands on a visit, yet a payer may let it pass."""
    (finding,) = checked("90837", "99214-59", "90836", select="ADD303").findings
    assert finding.severity is Severity.WARNING
    chain = checked("90837 x3", "99214-59", "90836", "90785", select="ADD303").findings
    assert [(found.lines, found.severity.value) for found in chain] == [
        (("3",), "warning"),
        (("4",), "warning"),
    ]
    # surely denied for another reason, it is an error
    (finding,) = checked("W9901-RT x10", "W9903", "W9911", select="ADD303").findings
    assert "(column 2 of W9903; over its unit limit)" in finding.message
    assert finding.severity is Severity.ERROR
    # one unsure link makes a chain unsure
    found = checked("W9901-RT", "W9902 x2", "W9905", "W9911", "W9919", select="ADD303").findings
    assert [(each.lines, each.severity.value) for each in found] == [(("4",), "warning"), (("5",), "warning")]


def test_an_add_on_without_a_primary_carries_nothing(checked):
    (finding,) = checked("W9911", "W9919", select="ADD303").findings
    assert finding.severity is Severity.ERROR
    assert [(row.addon, row.primary) for row in finding.edits] == [("W9919", "W9911"), ("W9911", "W9901")]
    by_cpt, by_medicare = (
        checked("99215", "90836", "90785", select="ADD303", basis=basis).findings[0]
        for basis in (Basis.CPT, Basis.MEDICARE)
    )
    assert "90836 on line 2 (it stands without a published primary)" in by_cpt.message
    assert (by_cpt.severity, by_medicare.severity) == (Severity.WARNING, Severity.ERROR)
    assert [(row.addon, row.primary) for row in by_cpt.edits] == [("90836", "99213")]


class TestNotChecked:
    @pytest.mark.parametrize(
        ("only", "reason"),
        [("mue", "no pair edits of practitioner"), ("ptp", "no unit limits of practitioner")],
    )
    def test_one_table_is_not_enough(self, checked, alone, told, only, reason):
        report = checked("90834", "90785", "90836", "99213", catalog=alone[only], select="ADD303")
        assert told(report) == {"not_checked": ["ADD303 2 3"]}
        assert report.not_checked[0].reason.startswith(
            f"whether their primaries are denied is not known: {reason}"
        )

    def test_what_is_denied_by_the_one_that_is_there(self, checked, alone, told):
        assert told(checked("90791 x2", "90785", catalog=alone["mue"], select="ADD303")) == {
            "findings": ["ADD303 2"]
        }
        assert told(checked("90837", "99214", "90836", catalog=alone["ptp"], select="ADD303")) == {
            "findings": ["ADD303 3"]
        }

    def test_without_a_primary_there_is_nothing_to_ask(self, checked, told):
        bare = Catalog.from_editions("2026.1")
        assert told(checked("90785", "97110", catalog=bare, select="ADD303")) == {}
        assert told(checked("90834", "90837", catalog=bare, select="ADD303")) == {}
        report = checked("90785", "90834", catalog=bare, select="ADD303")
        assert told(report) == {"not_checked": ["ADD303 1"]}

    def test_another_primary_without_a_clinician(self, checked, told):
        lines = [checked.line(each, id=each[:5]) for each in ("90791 x2", "90785")]
        other = checked.line("90834@", id="o")
        report = checked(*lines, other, select="ADD303")
        assert told(report) == {"not_checked": ["ADD303 90785"]}
        assert (
            "90834 stands on another claim of the day or without a clinician" in report.not_checked[0].reason
        )
        unrelated = checked.line("97110@", id="o")
        assert told(checked(*lines, unrelated, select="ADD303")) == {"findings": ["ADD303 90785"]}

    def test_what_another_claim_may_carry_does_not_bring_down_a_chain(self, checked, told):
        assert told(checked("W9911", "W9919", "W9901@", select="ADD303")) == {}

    def test_a_row_that_could_not_be_read(self, checked, told):
        claim = checked.claim("90791 x2", "90785", id="a")
        report = checked.claims(claim, incomplete=["a"], select="ADD303")
        assert told(report) == {"not_checked": ["ADD303 2"]}
        chain = checked.claim("99215", "90836", "90785", id="a")
        assert told(checked.claims(chain, incomplete=["a"], select="ADD303")) == {}
        assert report.not_checked[0].reason == (
            "the primaries of 90785 on this claim are denied, and a row could not be read"
        )

    def test_an_open_list(self, checked):
        (entry,) = checked("W9901", "W9903", "W9914", select="ADD303").not_checked
        assert "its list is open, or its primary may be on another day" in entry.reason


def test_curing_the_primary_cures_the_add_on(checked, told):
    claim = checked.claim("90837", "99214", "90836")
    report = checked(*claim.lines, select=["PTP", "ADD303"])
    assert told(report) == {"findings": ["PTP701 1 2", "ADD303 3"]}
    (pair,) = [finding for finding in report.findings if finding.rule == "PTP701"]
    fixed = apply_fix(claim, pair.fixes[0])
    assert told(checked(*fixed.lines, select=["PTP", "ADD303"])) == {"bypassed": ["PTP701 1 2"]}


@pytest.mark.parametrize(
    ("values", "closed"), [({}, True), ({"aoc_type": 2}, False), ({"aoc_type": 3}, False)]
)
def test_a_list_of_the_contractor_is_open(values, closed):
    """Whatever an edition of one's own says of it besides."""
    addon = attrs.evolve(codeset("2026.1").addon("90840", date_of_service=dt.date(2026, 3, 2)), **values)
    nothing = AddOnAnswer("90840", (), dt.date(2026, 3, 2), Quarter(2026, 1))
    assert denied._merged("90840", Setting.PRACTITIONER, addon, nothing).closed is closed


def test_days_without_an_edition(checked, told):
    assert told(
        checked("90791 x2", "90785", catalog=checked.catalog, day=dt.date(2019, 1, 1), select="ADD303")
    ) == {"not_checked": ["ALL 1 2"]}


def test_tables_are_asked_once_for_all_rules(checked, told, monkeypatch):
    asked = []
    for name, of in (("pairs", EditsOfDay.pairs), ("limit", EditsOfDay.limit)):

        def counted(self, *given, _name=name, _of=of):
            asked.append(_name)
            return _of(self, *given)

        monkeypatch.setattr(EditsOfDay, name, counted)
    for _ in range(2):  # the first time the rules are asked, too, of each service alone
        asked.clear()
        report = checked("90834", "90837 x3", "90785", select=["ADD303", "MUE", "PTP"])
    assert told(report) == {"findings": ["PTP701 1 2", "MUE803 2", "ADD303 3"]}
    assert sorted(asked) == ["limit", "limit", "limit", "pairs"]
