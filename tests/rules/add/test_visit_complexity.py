"""ADD305: what no case can say, a row that was lost and an edition with fewer facts."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, check_claims, codeset
from cptkit.rules import Severity, rule
from cptkit.rules.context import Context
from cptkit.sources import Confidence

BAR, VISITS = "visit-complexity/barred", "visit-complexity/office-visits"
PREVENTIVE, OTHERS = "visit-complexity/preventive", "not-preventive"


def claim(day, *lines):
    made = [
        Line(code, modifiers=modifiers, date_of_service=day, rendering_provider="A")
        for code, _, modifiers in (line.partition("-") for line in lines)
    ]
    return Claim(made, id="a")


@pytest.mark.parametrize("day", [dt.date(2024, 7, 15), dt.date(2025, 7, 15)])
def test_a_row_that_was_lost_may_be_a_visit_or_prevention(day):
    given = claim(day, "99214-25", "20610", "G2211")
    report = check_claims(
        [given], Catalog.bundled(), select=["ADD305"], basis=Basis.MEDICARE, incomplete=["a"]
    )
    assert [(entry.lines, entry.reason) for entry in report.not_checked] == [
        (("3",), "a row that could not be read may be its visit or a preventive service")
    ]
    assert not report.findings


def test_a_row_that_was_lost_takes_nothing_from_what_lifts_the_bar():
    given = claim(dt.date(2025, 7, 15), "99214-25", "G0439", "G2211")
    report = check_claims(
        [given], Catalog.bundled(), select=["ADD305"], basis=Basis.MEDICARE, incomplete=["a"]
    )
    assert report.clean


class TestAnEditionOfItsOwn:
    """A context that knows some of the facts alone."""

    DAY = dt.date(2025, 7, 15)

    def facts(self, *names):
        context = Context(codeset("2025.1"), self.DAY, Basis.MEDICARE)
        return {name: context.convention(name) for name in names}

    def judged(self, facts, *lines):
        context = Context(codeset("2025.1"), self.DAY, Basis.MEDICARE)
        names = [
            name for name in context.codeset.conventions if name.startswith(("visit-complexity/", OTHERS))
        ]
        context._conventions.update({**dict.fromkeys(names), **facts})
        (encounter,) = claim(self.DAY, *lines).encounters()
        return list(rule("ADD305").check(encounter, context))

    def test_without_a_list_of_visits_nothing_is_said(self):
        assert self.judged(self.facts(BAR), "99214-25", "G2211") == []

    def test_without_a_list_of_what_lifts_it_nothing_does(self):
        facts = self.facts(BAR, VISITS)
        (found,) = self.judged(facts, "99214-25", "G0439", "G2211")
        assert "preventive" not in found.message
        assert [citation.fact for citation in found.evidence] == [
            f"conventions/{BAR}@2024-01-01",
            f"conventions/{VISITS}@2024-01-01",
        ]

    def test_without_a_list_of_what_is_none_no_service_is_told_to_be_none(self):
        facts = self.facts(BAR, VISITS, PREVENTIVE)
        (entry,) = self.judged(facts, "99214-25", "20610", "G2211")
        assert entry.reason.startswith("whether 20610 is one")

    def test_all_that_it_rests_on_is_cited_and_a_weak_fact_warns(self):
        facts = self.facts(BAR, VISITS, PREVENTIVE, OTHERS)
        (found,) = self.judged(facts, "99214-25", "20610", "G2211")
        assert [citation.fact.partition("@")[0] for citation in found.evidence] == [
            f"conventions/{name}" for name in (BAR, VISITS, PREVENTIVE, OTHERS)
        ]
        assert found.severity is Severity.ERROR
        (alone,) = self.judged(facts, "99214-25", "G2211")
        assert len(alone.evidence) == 3
        weak = attrs.evolve(
            facts[OTHERS],
            citation=attrs.evolve(facts[OTHERS].citation, confidence=Confidence.SINGLE_SOURCE),
        )
        (found,) = self.judged({**facts, OTHERS: weak}, "99214-25", "20610", "G2211")
        assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("lines", "fixes"),
    [
        (
            ("99214-25", "20610", "11900", "20610", "G2211"),
            [
                ("1", "whether 99214 needs 25 beside 20610, 11900 is in the record", ""),
                ("5", "drop G2211", "99214 needs 25"),
            ],
        ),
        (
            ("99213-25", "99214-25", "G2211"),
            [
                ("1", "remove 25", "no other service of the day needs it"),
                ("2", "remove 25", "no other service of the day needs it"),
                ("3", "drop G2211", "99213 needs 25 and 99214 needs 25"),
            ],
        ),
    ],
)
def test_what_a_fix_asks_and_provides(lines, fixes):
    given = claim(dt.date(2025, 7, 15), *lines)
    report = check_claims([given], Catalog.bundled(), select=["ADD305"], basis=Basis.MEDICARE)
    (found,) = report.findings
    assert [(fix.line, fix.text, fix.provided) for fix in found.fixes] == fixes
