"""The strategies draw what they say, and a check answers for everything they draw."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Category, Claim, check, codes
from cptkit.errors import InvalidClaim
from cptkit.modifiers import is_valid_modifier, parse_service
from cptkit.testing import strategies, synthetic_codeset

SYNTHETIC = synthetic_codeset()
REAL = Catalog.bundled()


@given(strategies.codes())
def test_codes_have_a_code_s_shape(code):
    assert codes.format(code) == code


@pytest.mark.parametrize("category", Category, ids=str)
def test_codes_of_one_kind(category):
    @given(strategies.codes(categories=[category]))
    def all_of_that_kind(code):
        assert codes.category_of(code) is category

    all_of_that_kind()


@given(strategies.codes(codeset=SYNTHETIC, categories=[Category.II, Category.III]))
def test_codes_of_an_edition(code):
    assert code in {"9990F", "9990T"}


def test_malformed_codes_are_drawn_only_when_asked_for():
    assert not codes.is_valid(find(strategies.codes(malformed=True), lambda code: not codes.is_valid(code)))
    assert codes.is_valid(find(strategies.codes(malformed=True), codes.is_valid))


@given(strategies.modifiers(), strategies.modifiers(codeset=SYNTHETIC))
def test_modifiers_have_a_modifier_s_shape(any_one, of_the_edition):
    assert is_valid_modifier(any_one)
    assert of_the_edition in SYNTHETIC.modifiers


@given(strategies.services())
def test_services_are_read_again(service):
    assert parse_service(str(service)) == service
    assert len(set(service.modifiers)) == len(service.modifiers) <= 4


@given(strategies.lines(codeset=SYNTHETIC))
def test_lines_are_of_the_coding_year(line):
    assert line.code in SYNTHETIC
    assert line.date_of_service.year == 2026
    assert line.units >= 1


def test_lines_of_a_day_or_of_days():
    day = dt.date(2026, 3, 2)
    for given_days in (day, st.just(day)):
        line = find(strategies.lines(date_of_service=given_days), lambda line: line.units)
        assert line.date_of_service == day


@pytest.mark.parametrize("given_day", ["2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 3])
def test_what_is_no_day_is_refused_at_once(given_day):
    with pytest.raises(InvalidClaim, match="the date of service is not a date"):
        strategies.lines(date_of_service=given_day)


@pytest.mark.parametrize(
    ("strategy", "arguments"),
    [
        (strategies.codes, {"categories": []}),
        (strategies.codes, {"categories": [], "codeset": SYNTHETIC}),
        (strategies.modifiers, {"codeset": SimpleNamespace(modifiers=())}),
        (strategies.services, {"max_modifiers": -1}),
        (strategies.claims, {"max_lines": -1}),
    ],
)
def test_what_cannot_be_drawn(strategy, arguments):
    with pytest.raises(ValueError, match="no "):
        strategy(**arguments)


def first(strategy, condition):
    """Some value of a strategy for which the condition holds, not made smaller."""
    return find(
        strategy, condition, settings=settings(phases=[Phase.generate], max_examples=2000, database=None)
    )


@pytest.mark.parametrize("count", [2, 3])
def test_the_lines_of_a_claim_meet(count):
    def meet(claim):
        return any(len(encounter.lines) >= count for encounter in claim.encounters())

    assert isinstance(first(strategies.claims(codeset=SYNTHETIC), meet), Claim)


def test_claims_are_of_two_days_at_most():
    @given(strategies.claims(codeset=SYNTHETIC, max_lines=4))
    def all_of_them(claim):
        assert len(claim.lines) <= 4
        assert len({line.date_of_service for line in claim.lines}) <= 2

    all_of_them()


class TestNothingDrawnMakesACheckRaise:
    """Clause: a malformed line is a finding, never an error, whichever edition answers."""

    @given(strategies.claims(codeset=SYNTHETIC), st.sampled_from(Basis))
    def test_invented_codes(self, claim, basis):
        report = check(claim, SYNTHETIC, basis=basis)
        assert report.lines == len(claim.lines)

    @given(strategies.claims(codeset=SYNTHETIC, malformed=True), st.sampled_from(Basis))
    def test_invented_and_mistyped_codes(self, claim, basis):
        assert check(claim, SYNTHETIC, basis=basis).to_dict()

    @given(strategies.claims(malformed=True), st.sampled_from(Basis))
    def test_any_codes_and_the_bundled_editions(self, claim, basis):
        assert check(claim, REAL, basis=basis).to_dict()

    @given(strategies.claims(codeset=REAL.editions[-1]), st.sampled_from(Basis))
    def test_bundled_codes(self, claim, basis):
        assert check(claim, REAL, basis=basis).to_dict()

    @pytest.mark.parametrize("rule", ["ADD301", "BHX501", "MOD204", "TIM402"])
    def test_rules_of_more_than_one_line_do_speak(self, rule):
        """Else the tests above would prove little."""
        first(
            strategies.claims(codeset=SYNTHETIC),
            lambda claim: rule in {finding.rule for finding in check(claim, SYNTHETIC).findings},
        )
