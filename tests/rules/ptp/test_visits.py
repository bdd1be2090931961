"""Which modifier takes a visit out of a pair hangs on the global days of its column 1 code."""

import datetime as dt

import pytest


def test_57_beside_a_major_one(beside):
    (finding,) = beside("27447", "99213").findings
    assert beside.fixes(finding) == ["add-modifier 2 57", "drop-line 2"]
    said = finding.fixes[0].provided
    assert said.startswith("the visit decided on 27447, global days 090 in Medicare's fee schedule (")
    assert said.endswith("), and the record shows it")


@pytest.mark.parametrize("code", ["20610", "27365"])
def test_25_beside_others(beside, code):
    (finding,) = beside(code, "99213").findings
    assert beside.fixes(finding) == ["add-modifier 2 25", "drop-line 2"]
    assert finding.fixes[0].provided.startswith("the visit was significant")


@pytest.mark.parametrize(("code", "days"), [("59400", "MMM"), ("27130", "YYY")])
def test_days_that_decide_nothing(beside, code, days):
    (finding,) = beside(code, "99213").findings
    assert beside.fixes(finding) == ["ask 2", "drop-line 2"]
    assert f": 25 or 57, as the global days of {code} are; global days {days} in" in finding.fixes[0].text
    assert finding.fixes[0].text.endswith(" do not say")


def test_without_a_schedule(checker):
    found = checker({"ptp practitioner 2026q1": ["20610 99213 1"]}, select="PTP")
    (finding,) = found("20610", "99213").findings
    assert found.fixes(finding) == ["ask 2", "drop-line 2"]
    assert ": 25 or 57, as the global days of 20610 are; no release of the fee" in finding.fixes[0].text


@pytest.mark.parametrize(
    ("day", "code", "first"),
    [
        (dt.date(2016, 6, 30), "27447", "ask 2"),
        (dt.date(2016, 7, 1), "27447", "add-modifier 2 57"),
        (dt.date(2016, 6, 30), "20610", "ask 2"),
        (dt.date(2016, 7, 1), "20610", "add-modifier 2 25"),
    ],
)
def test_from_the_first_day_of_the_fact(beside, day, code, first):
    """That of the places a line has for modifiers."""
    (finding,) = beside(code, "99213", day=day).findings
    assert beside.fixes(finding) == [first, "drop-line 2"]


def test_a_full_line_is_asked_about(beside):
    (finding,) = beside("27447", "99213-GC-KX-Q6-AI").findings
    assert beside.fixes(finding) == ["ask 2", "drop-line 2"]


def test_a_full_line_of_a_hospital_is_asked_about_without_global_days(checker):
    """The fee schedule is that of practitioners."""
    found = checker({"ptp hospital 2026q1": ["27447 99213 1"]}, select="PTP")
    (finding,) = found("27447", "99213-GC-KX-Q6-AI", setting="hospital").findings
    assert found.fixes(finding) == ["ask 2", "drop-line 2"]
    assert finding.fixes[0].text.endswith("let the modifier say so that the record supports")
