"""Whether modifiers that payers differ about may stand together: the profile decides, and the finding says so."""

import datetime as dt

import pytest

import cptkit
from cptkit import Catalog, Claim, Line, Severity, check
from cptkit.errors import BrokenProfile

DAY = dt.date(2026, 3, 2)
DIFFERING = {found.name for found in cptkit.codeset("2026.1").modifier_sets if found.strength == "payer"}


def row(value, confidence="verified", day="2026-01-01"):
    return (
        f'{{ from = {day}, value = "{value}", text = "by the manual", sources = ["NS-MOD"], '
        f'confidence = "{confidence}", checked = 2026-03-02 }}'
    )


@pytest.fixture
def judged(profile):
    """The findings on modifiers of one line where a profile settles a set."""

    def judged(modifiers, text, name="surgeon-roles", day=DAY):
        mine = profile(f'[[convention]]\nname = "modifier-set/{name}"\nhistory = [{text}]\n')
        claim = Claim([Line("27447", modifiers=modifiers, date_of_service=day)])
        return check(claim, Catalog.bundled(), profile=mine, select="MOD204").findings

    return judged


def plain(modifiers):
    claim = Claim([Line("27447", modifiers=modifiers, date_of_service=DAY)])
    (found,) = check(claim, Catalog.bundled(), select="MOD204").findings
    return found


@pytest.mark.parametrize("modifiers", ["80 AS", "62 80"])
def test_a_payer_that_takes_them_together(judged, modifiers):
    assert "payers differ" in plain(modifiers).message
    assert plain(modifiers).severity is Severity.WARNING
    assert judged(modifiers, row("together")) == ()


@pytest.mark.parametrize(
    ("confidence", "severity"),
    [
        ("verified", Severity.ERROR),
        ("derived", Severity.ERROR),
        ("single-source", Severity.WARNING),
        ("disputed", Severity.WARNING),
    ],
)
def test_a_payer_that_takes_one(judged, confidence, severity):
    (found,) = judged("80 AS", row("one", confidence))
    assert found.message == "modifiers 80 and AS exclude each other (by the manual)"
    assert found.severity is severity
    assert [citation.fact for citation in found.evidence] == [
        "profiles/mine/modifier-set/surgeon-roles@2026-01-01"
    ]


def test_before_its_first_day_payers_differ(judged):
    (found,) = judged("80 AS", row("together", day="2026-03-03"))
    assert found == plain("80 AS")


def test_what_no_payer_takes_stays_a_fault(judged):
    """95 and 93 stand in a set that payers differ about, and in one that they do not."""
    (found,) = judged("95 93", row("together"), name="telehealth-mode")
    assert found == plain("95 93")
    assert judged("93 FQ", row("together"), name="telehealth-mode") == ()


def test_only_what_payers_differ_about_is_settled(judged):
    assert {"laterality", "surgeon-roles", "telehealth-mode"} <= DIFFERING
    for name in ("components", "surgeon-role"):
        with pytest.raises(BrokenProfile, match=f"no rule reads such a fact: 'modifier-set/{name}'"):
            judged("26 TC", row("together"), name=name)
    with pytest.raises(BrokenProfile, match="the rules cannot read it: 'both'; expected one or together"):
        judged("80 AS", row("both"))
