"""A profile made in a program: what is like its values becomes them, and anything else is refused."""

import datetime as dt

import pytest

from cptkit import Basis, Catalog, Claim, Line, Profile, check
from cptkit.errors import BrokenProfile
from cptkit.rules import Severity
from cptkit.timerule import UnitPolicy

CLAIM = Claim([Line("90837", minutes=50, date_of_service=dt.date(2026, 3, 2))], id="C-1")
EXACT = Profile(
    "mine",
    "Our practice",
    Basis.MEDICARE,
    select=("TIM", "PFS"),
    ignore=("PFS",),
    unit_policy=UnitPolicy.CPT_PER_CODE,
    severities=(("TIM402", Severity.REVIEW),),
)


def made(**given):
    return Profile("mine", "Our practice", **{"basis": Basis.CPT, **given})


@pytest.mark.parametrize("severities", [{"TIM402": "review"}, [["TIM402", Severity.REVIEW]]])
def test_what_is_like_its_values_becomes_them(severities):
    alike = made(
        basis="medicare",
        select=["TIM", "PFS"],
        ignore="PFS",
        unit_policy=UnitPolicy.CPT_PER_CODE.value,
        severities=severities,
        conventions=[],
        denials=[],
        sources=[],
    )
    assert alike == EXACT
    assert (hash(alike), alike.digest) == (hash(EXACT), EXACT.digest)


@pytest.mark.parametrize("ignore", ["TIM", ["TIM"], ("TIM",), {"TIM"}])
def test_it_judges(ignore):
    report = check(CLAIM, Catalog.from_editions("2026.1"), profile=made(ignore=ignore, basis="medicare"))
    assert report.basis is Basis.MEDICARE
    assert report.rules
    assert not [rule for rule in report.rules if rule.startswith("TIM")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"basis": "mine"}, "the basis is none that there is: 'mine'; expected one of cpt, medicare"),
        ({"basis": None}, "the basis is none that there is"),
        ({"basis": ["cpt"]}, "the basis is none that there is"),
        ({"unit_policy": "mine"}, "the unit policy is none that there is: 'mine'; expected one of "),
        ({"select": 1}, "selectors are several: 1; expected a tuple of them"),
        ({"ignore": [1]}, "these are no selectors: 1; expected texts"),
        ({"ignore": None}, "selectors are several"),
        ({"severities": {"TIM402": "fatal"}}, "the severity of TIM402 is none that there is: 'fatal'"),
        ({"severities": ["TIM402"]}, "severities are told by rule"),
        ({"severities": 1}, "severities are told by rule: 1; expected pairs of a rule and a severity"),
        ({"severities": {1: "review"}}, "these are no rules: 1; expected texts"),
        (
            {"conventions": ["mine"]},
            "these are no conventions: 'mine'; expected values of cptkit's Convention",
        ),
        ({"denials": ["mine"]}, "these are no denials"),
        ({"sources": "MINE"}, "these are no sources"),
        ({"note": None}, "the note of a profile is no text"),
    ],
)
def test_what_is_not_is_refused(given, words):
    with pytest.raises(BrokenProfile) as caught:
        made(**given)
    assert words in str(caught.value)


def test_its_names_are_texts():
    with pytest.raises(BrokenProfile, match="the id of a profile is no text: 1; expected a text"):
        Profile(1, "Our practice", Basis.CPT)
    with pytest.raises(BrokenProfile, match="the title of a profile is no text"):
        Profile("mine", 1, Basis.CPT)
