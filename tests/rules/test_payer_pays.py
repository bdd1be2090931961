"""Whether, how much and until when a payer pays: beside other claims, files and other profiles."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, check, check_claims
from cptkit.errors import BrokenProfile, InvalidClaim
from cptkit.rules import load_profile
from cptkit.rules.charges import charged
from cptkit.rules.profiles.payer_facts import ALL_CODES, facts_by_code
from cptkit.testing.case_profiles import case_profile

DAY = dt.date(2026, 3, 2)
PAY = ["PAY101", "PAY102", "PAY103"]
FACTS = {
    "not-covered/family": "90846",
    "allowed-amount/90834": "110.50 for 90834",
    "filing-days/mine": "90 for all",
}
PROFILE = case_profile(FACTS, Basis.CPT)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_editions("2026.1")


@pytest.fixture
def claim():
    line = Line("90834", minutes=45, charge=150, date_of_service=DAY, rendering_provider="A")
    return Claim([line], id="C-1", patient="P", filed=DAY + dt.timedelta(91))


def found(report):
    return [(each.claim, each.rule, each.lines) for each in report.findings]


@pytest.mark.parametrize("name", sorted(FACTS))
def test_each_rule_runs_with_the_fact_that_it_reads(catalog, claim, name):
    report = check(claim, catalog, profile=case_profile({name: FACTS[name]}, Basis.CPT))
    (own,) = set(PAY).intersection(report.rules)
    assert sorted({own, *set(PAY).intersection(report.left_out)}) == PAY
    assert dict(zip(FACTS, PAY, strict=True))[name] == own


def test_each_claim_has_its_own_day_of_filing(catalog, claim):
    early = attrs.evolve(claim, id="C-2", filed=DAY + dt.timedelta(90))
    unsaid = attrs.evolve(claim, id="C-3", filed=None)
    report = check_claims([claim, early, unsaid], catalog, profile=PROFILE, select=["PAY103"], history=[])
    assert found(report) == [("C-1", "PAY103", ("1",))]
    assert [(each.claim, each.lines) for each in report.not_checked] == [("C-3", ("1",))]


def test_a_charge_over_the_amount_is_told_of_its_own_claim(catalog, claim):
    within = attrs.evolve(claim, id="C-2", lines=[attrs.evolve(claim.lines[0], charge=Decimal("110.50"))])
    report = check_claims([claim, within], catalog, profile=PROFILE, select=["PAY102"], history=[])
    assert found(report) == [("C-1", "PAY102", ("1",))]
    assert report.findings[0].denial.carc == "45"


def test_what_holds_for_all_codes_stands_under_a_word_that_is_no_code():
    facts = facts_by_code(PROFILE, DAY, frozenset({"filing-days", "allowed-amount"}))
    assert list(facts) == ["90834", ALL_CODES]
    (amount,), (days,) = facts["90834"], facts[ALL_CODES]
    assert (amount.amount, days.most, days.codes) == (Decimal("110.50"), 90, ())


def test_two_numbers_of_days_are_each_judged(catalog, claim):
    profile = case_profile({"filing-days/a": "90 for all", "filing-days/b": "91 for all"}, Basis.CPT)
    assert found(check(claim, catalog, profile=profile, select=PAY)) == [("C-1", "PAY103", ("1",))]
    later = attrs.evolve(claim, filed=DAY + dt.timedelta(92))
    assert len(found(check(later, catalog, profile=profile, select=PAY))) == 2


def test_a_bad_number_is_refused_with_file_and_line(tmp_path):
    file = tmp_path / "mine.toml"
    text = (
        'format = 1\nid = "mine"\ntitle = "Mine"\nbasis = "cpt"\n[sources.OWN]\ngrade = "B"\nwhere = "a letter"\n'
        '[[convention]]\nname = "NAME"\n[[convention.history]]\nfrom = 2026-01-01\nvalue = "VALUE"\n'
        'text = "own words"\nsources = ["OWN"]\nconfidence = "verified"\nchecked = 2026-03-02\n'
    )
    for name, value, example in (
        ("allowed-amount/90834", "110,50 for 90834", "110.50 for 90834"),
        ("filing-days/mine", "0 for all", "90 for all"),
        ("not-covered/family", "never 90846", "90846 90849"),
    ):
        file.write_text(text.replace("NAME", name).replace("VALUE", value), encoding="utf-8")
        with pytest.raises(BrokenProfile, match=rf"mine\.toml:12: .*such as '{example}'"):
            load_profile(file)


@pytest.mark.parametrize(
    ("charge", "amount"),
    [(None, None), ("", None), ("much", None), (Decimal("NaN"), None), (float("inf"), None), (12.5, "12.5")],
)
def test_the_charge_as_an_amount(charge, amount):
    line = Line("90834", charge=charge, date_of_service=DAY)
    assert charged(line) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("given", ["2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 90])
def test_a_day_of_filing_is_a_date(claim, given):
    with pytest.raises(InvalidClaim, match="the day of filing is not a date"):
        attrs.evolve(claim, filed=given)


def test_the_day_of_filing_is_that_of_every_encounter(claim):
    other = attrs.evolve(claim.lines[0], id="2", date_of_service=DAY + dt.timedelta(1))
    longer = attrs.evolve(claim, lines=(*claim.lines, other))
    assert [each.filed for each in longer.encounters()] == [claim.filed] * 2
    assert attrs.evolve(claim, filed=None).encounters()[0].filed is None
