"""The bands of a rule in short: nothing is lost but the repetition of a ladder."""

import datetime as dt

import pytest

import cptkit
from cptkit import timerule
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis
from cptkit.timerule import outline

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)


@pytest.fixture
def rule():
    def ask(name, basis=Basis.MEDICARE):
        return timerule.family(name, date_of_service=DAY, codeset=cptkit.codeset("2026.1"), basis=basis)

    return ask


def test_few_bands_are_all_shown(rule):
    found = outline(rule("psychotherapy"))
    assert found.further is None
    assert found.lines() == (
        "0 to 15 minutes: nothing",
        "16 to 37 minutes: 90832",
        "38 to 52 minutes: 90834",
        "53 or more minutes: 90837",
    )


def test_a_capped_ladder_ends(rule):
    assert outline(rule("chronic-care-staff")).lines()[-1] == "60 or more minutes: 99490 + 99439 x 2"


@pytest.mark.parametrize(
    ("name", "rungs", "lines"),
    [
        (
            "office-established",
            1,
            ("69 to 83 minutes: 99215 + G2212", "one more G2212 for each further 15 minutes"),
        ),
        ("97110", 1, ("8 to 22 minutes: 97110", "one more 97110 for each further 15 minutes")),
        (
            "community-health-integration",
            1,
            (
                "76 to 89 minutes: G0019 or G0019 + G0022, not settled",
                "90 to 105 minutes: G0019 + G0022",
                "106 to 119 minutes: G0019 + G0022 or G0019 + G0022 x 2, not settled",
                "one more G0022 for each further 30 minutes",
            ),
        ),
    ],
)
def test_an_endless_ladder_shows_its_first_rungs(rule, name, rungs, lines):
    assert outline(rule(name), rungs=rungs).lines()[-len(lines) :] == lines


def test_days_and_one_minute(rule):
    assert outline(rule("99454")).lines()[1:] == ("2 to 15 days: 99445", "16 or more days: 99454")
    assert outline(rule("hospital-discharge")).lines()[0] == "0 minutes: nothing"


def test_rules_without_bands_say_how_they_answer(rule):
    assert outline(rule("emergency")).lines() == ("minutes do not choose among these codes",)
    assert outline(rule("anaesthesia")).lines()[0].startswith("minutes over 15 are the time units")
    assert outline(rule("90791")).lines() == ("0 or more minutes: 90791",)
    with pytest.raises(NoTimeRule, match="counts alone"):
        outline(rule("therapy-timed"))


def test_plain_values(rule):
    found = outline(rule("crisis"), rungs=1)
    assert found.bands[-1].to_dict() == {
        "first": 75,
        "last": 104,
        "services": [{"code": "90839", "units": 1}, {"code": "90840", "units": 1}],
        "alternatives": [],
        "is_settled": True,
    }
    assert found.further.to_dict() == {"code": "90840", "each": 30}


@pytest.mark.parametrize("basis", Basis)
def test_what_goes_on_goes_on_to_the_end(basis):
    """Every family: going on from the shown bands by the sentence gives the very bands of the rule."""
    edition = cptkit.codeset("2026.1")
    checked = 0
    for name in timerule.families(edition):
        raw = next(each for each in edition.timerules["families"] if each["id"] == name)
        for asked in (name, *raw["codes"]):
            try:
                rule = timerule.family(asked, date_of_service=DAY, codeset=edition, basis=basis)
                short = outline(rule)
            except NoTimeRule:
                continue
            bands = rule.bands()
            shown = [(band.first, band.last, band.answers) for band in short.bands]
            assert tuple(shown) == bands[: len(shown)]
            if short.further is None:
                assert len(shown) in {0, len(bands)}
                continue
            checked += 1
            period = next(
                place
                for place in range(1, len(shown))
                if bands[len(shown)][0] - bands[len(shown) - place][0] == short.further.each
            )
            for place in range(len(shown), len(bands)):
                first, _, answers = bands[place]
                earlier_first, _, earlier = bands[place - period]
                assert first - earlier_first == short.further.each
                for before, after in zip(earlier, answers, strict=True):
                    grown = {each.code: each.units for each in after}
                    assert grown.pop(short.further.code) - 1 == next(
                        each.units for each in before if each.code == short.further.code
                    )
    assert checked > 20
