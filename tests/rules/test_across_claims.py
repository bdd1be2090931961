"""What stands outside an encounter: other claims, lines without a clinician, rows that were lost."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, History, Line, check, check_claims, codeset
from cptkit.errors import InvalidChoice
from cptkit.rules.add.denied import carried, hang
from cptkit.rules.context import Context

DAY = dt.date(2026, 3, 2)
CATALOG = Catalog.from_editions("2026.1")


def line(code, clinician="A", **values):
    return Line(code, **{"date_of_service": DAY, "rendering_provider": clinician, **values})


VISIT = line("99214", modifiers="25")
THERAPY = line("90833", minutes=20)


def reasons(report):
    return [entry.reason for entry in report.not_checked]


def rules(report):
    return [finding.rule for finding in report.findings]


class TestAPrimaryOnAnotherClaim:
    """Clause: an add-on whose primary stands on another claim of the encounter is not checked."""

    def test_of_the_same_patient_clinician_and_day(self):
        claims = [Claim([VISIT], id="C1", patient="P"), Claim([THERAPY], id="C2", patient="P")]
        report = check_claims(claims, CATALOG)
        assert rules(report) == []
        assert reasons(report) == [
            "99214 stands on another claim of the day or without a clinician: it may be the primary of 90833"
        ]
        assert report == check_claims(claims[::-1], CATALOG)

    @pytest.mark.parametrize(
        "visit",
        [
            Claim([VISIT], id="C1", patient="Q"),
            Claim([VISIT], id="C1"),
            Claim([line("99214", "B")], id="C1", patient="P"),
            Claim([line("99214", date_of_service=dt.date(2026, 3, 3))], id="C1", patient="P"),
        ],
        ids=["another patient", "no patient", "another clinician", "another day"],
    )
    def test_but_not_of_another(self, visit):
        report = check_claims([visit, Claim([THERAPY], id="C2", patient="P")], CATALOG)
        assert rules(report) == ["ADD301"]

    def test_a_claim_alone_knows_no_other(self):
        assert rules(check(Claim([THERAPY], id="C2", patient="P"), CATALOG)) == ["ADD301"]


class TestDaysApart:
    """Clause: days that are judged apart say nothing of what the others could change."""

    MONTH = (line("99490", minutes=20), line("99439", minutes=20, date_of_service=dt.date(2026, 3, 20)))

    def test_an_add_on_of_the_month(self):
        (claim,) = claims = [Claim(self.MONTH, id="C1")]
        assert check(claim, CATALOG, select=["ADD301"]).clean
        apart = check_claims(claims, CATALOG, select=["ADD301"], days_apart=True)
        assert (rules(apart), reasons(apart)) == (
            [],
            ["the other days of the month were not looked at, and its primary may stand on one of them"],
        )

    def test_an_add_on_of_the_day_has_no_other_day(self):
        claims = [Claim([THERAPY, line("99214", date_of_service=dt.date(2026, 3, 3))])]
        assert rules(check_claims(claims, CATALOG, select=["ADD301"], days_apart=True)) == ["ADD301"]

    def test_minutes_of_the_month(self):
        few = [attrs.evolve(each, code="99490", minutes=10) for each in self.MONTH]
        apart = check_claims([Claim(few)], CATALOG, select=["TIM409"], days_apart=True)
        assert rules(apart) == []
        assert reasons(apart) == 2 * [
            "10 minutes are too few alone, and the other days of the month were not looked at"
        ]
        enough = [attrs.evolve(each, minutes=20) for each in few]
        assert check_claims([Claim(enough)], CATALOG, select=["TIM409"], days_apart=True).clean

    def test_an_add_on_of_the_month_is_not_denied_for_want_of_a_primary(self):
        """Where the primary stands on another day, and where nobody looked at other days."""
        context = Context(codeset("2026.1"), dt.date(2026, 3, 20), Basis.CPT)
        both, alone = Claim(self.MONTH), Claim(self.MONTH[1:])
        (later,) = [each for each in both.encounters() if each.date_of_service == context.day]
        (single,) = alone.encounters()
        assert hang(later, context, carried(later, context)) == {}
        apart = attrs.evolve(single, days_apart=True)
        assert hang(apart, context, carried(apart, context)) == {}
        (cause,) = hang(single, context, carried(single, context)).values()
        assert cause.why == "it stands without a primary"

    def test_not_with_a_history(self):
        with pytest.raises(InvalidChoice, match="judged apart, or by a history"):
            check_claims([Claim(self.MONTH)], CATALOG, history=[], days_apart=True)


class TestALostRow:
    """Clause: what a row that could not be read may change is not checked."""

    def test_its_add_on(self):
        report = check_claims([Claim([THERAPY], id="C1")], CATALOG, incomplete={"C1"})
        assert rules(report) == []
        assert reasons(report) == ["a row that could not be read may be the primary of 90833"]

    def test_of_another_claim_changes_nothing(self):
        both = [Claim([THERAPY], id="C1"), Claim([], id="C2")]
        assert rules(check_claims(both, CATALOG, incomplete={"C2"})) == ["ADD301"]


class TestALineWithoutAClinician:
    """Clause: a line that names no clinician may be anybody's, and a reader is told how it was read."""

    @pytest.mark.parametrize("clinicians", [("A", None), (None, "A"), ("A", " ")])
    def test_may_hold_the_primary(self, clinicians):
        first, second = clinicians
        claim = Claim([line("99214", first, modifiers="25"), line("90833", second, minutes=20)])
        assert rules(check(claim, CATALOG)) == []

    def test_case_and_blanks_make_no_other_clinician(self):
        claim = Claim([line("99214", "md-a "), line("90833", "MD-A", minutes=20)])
        assert check(claim, CATALOG).clean

    def test_is_read_as_one_clinician_s_and_says_so(self):
        claim = Claim([line("90791", None), line("90834", None, minutes=45)])
        (finding,) = check(claim, CATALOG).findings
        assert "no clinician is given" in finding.message
        named = Claim([line("90791"), line("90834", minutes=45)])
        (finding,) = check(named, CATALOG).findings
        assert "no clinician is given" not in finding.message


def test_each_claim_is_told_once_it_is_judged():
    claims = [Claim([VISIT], id="C1"), Claim([THERAPY], id="C2")]
    seen = []
    check_claims(claims, CATALOG, on_claim=lambda claim: seen.append(claim.id))
    assert seen == ["C1", "C2"]


def test_therapy_plans_are_totalled_apart_under_medicare():
    """Ten minutes of physical and ten of occupational therapy earn a unit each, not one together."""
    claim = Claim([line("97110", modifiers="GP", minutes=10), line("97530", modifiers="GO", minutes=10)])
    assert check(claim, CATALOG, basis=Basis.MEDICARE, select=["TIM403"]).clean
    together = Claim([line("97110", modifiers="GP", minutes=10), line("97530", modifiers="GP", minutes=10)])
    assert rules(check(together, CATALOG, basis=Basis.MEDICARE, select=["TIM403"])) == ["TIM403"]


@pytest.mark.parametrize(
    ("code", "units", "found"), [("90791", 1, []), ("90791", 2, ["TIM403"]), ("96127", 2, [])]
)
def test_codes_without_minutes_that_are_reported_once(code, units, found):
    report = check(Claim([line(code, units=units)]), CATALOG, select=["TIM403"])
    assert rules(report) == found


def test_telemedicine_visits_are_neither_primaries_nor_none():
    claim = Claim([line("98005"), line("90833", minutes=20)])
    report = check(claim, CATALOG, select=["ADD301"])
    assert rules(report) == []
    assert "whether 98005 is a primary of 90833 is not settled" in reasons(report)[0]


class TestWhatALaterEditionKnows:
    """Clause: only what has not begun by the day is said to start later."""

    context = Context(codeset("2024.1"), dt.date(2025, 6, 2), Basis.CPT, (codeset("2025.1"),))
    before = Context(codeset("2024.1"), dt.date(2024, 6, 3), Basis.CPT, (codeset("2025.1"),))

    def test_of_codes(self):
        assert self.context.starts_later("98000") is None
        edition, status = self.before.starts_later("98000")
        assert (edition.edition, status.in_force, str(status.first_day)) == ("2025.1", False, "2025-01-01")
        assert self.before.starts_later("27447") is None

    def test_of_modifiers(self):
        old = Context(codeset("2021.1"), dt.date(2021, 12, 31), Basis.CPT, (codeset("2026.1"),))
        new = Context(codeset("2021.1"), dt.date(2022, 1, 1), Basis.CPT, (codeset("2026.1"),))
        assert str(old.modifier_starts_later("93").first_day) == "2022-01-01"
        assert new.modifier_starts_later("93") is None
        assert new.modifier_starts_later("ZQ") is None


def test_the_report_says_which_history_was_given():
    past = History([Claim([Line("90791", date_of_service=DAY)], id="H-1", patient="P")], since=DAY)
    reports = [
        check(Claim([], patient="P"), CATALOG, history=past),
        check_claims([Claim([], patient="P")], CATALOG, history=past),
    ]
    assert [(report.history.claims, report.history.since) for report in reports] == [(1, DAY), (1, DAY)]
    assert check_claims([], CATALOG).history is None
