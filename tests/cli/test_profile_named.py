"""A finding that rests on what a payer's profile holds names the profile, in text and in HTML."""

import datetime as dt
import re

import pytest

from cptkit.rules.profiles.reading import profile_of
from cptkit.sources import Citation, Confidence, by_standing

LINES = "claim,patient,dos,clinician,code,units,minutes\nC-1,P-1,2026-03-02,A,97153,33,495\n"
MINE = """format = 1
id = "mine"
title = "Our payer"
basis = "cpt"

[[denial]]
check = "frequency-exceeded"
group = "CO"
carc = "119"
sources = ["OWN"]
confidence = "verified"
checked = 2026-03-02

[sources.OWN]
grade = "B"
where = "a letter"
"""
LIMIT = """
[[convention]]
name = "units-a-day/97153"
history = [
  { from = 2026-01-01, value = "32 for 97153", text = "own words", sources = ["OWN"], confidence = "verified", checked = 2026-03-02 },
]
"""


@pytest.fixture
def put(tmp_path):
    def put(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return put


def words(answer):
    return re.sub(r"\s+", " ", answer.out)


def test_in_the_lines_of_its_sources_and_denial(call, put):
    file, profile = put("lines.csv", LINES), put("mine.toml", MINE + LIMIT)
    text = words(call("check", file, "--profile", profile, "--select", "FRQ004"))
    assert "why: FRQ004 day-over-payer-limit; verified in profile mine: OWN; edition 2026.1" in text
    assert "denial: likely CO-119 by profile mine" in text
    page = words(call("check", file, "--profile", profile, "--select", "FRQ004", "--format", "html"))
    assert "edition 2026.1; verified in profile mine: OWN; denial: likely CO-119 by profile mine</p>" in page


def test_but_not_of_what_an_edition_holds(call, put):
    file = put("lines.csv", LINES.replace("97153,33,495", "90837,1,50"))
    for profile in (put("mine.toml", MINE), "cpt"):
        for form in ("table", "html"):
            text = words(call("check", file, "--profile", profile, "--select", "TIM402", "--format", form))
            assert "TIM402" in text
            assert "in profile" not in text
            assert "by profile" not in text


def test_standings_are_ordered_and_told_apart():
    day = dt.date(2026, 3, 2)
    told = [
        ("profiles/b/x@2026-01-01", Confidence.VERIFIED),
        ("conventions/x@2026-01-01", Confidence.DISPUTED),
        ("profiles/a/y@2026-01-01", Confidence.VERIFIED),
        ("conventions/profiles/x@2026-01-01", Confidence.VERIFIED),
        ("profiles/b/z@2026-01-01", Confidence.VERIFIED),
    ]
    cited = [Citation(fact, ("S",), confidence, day) for fact, confidence in told]
    assert [(standing, [each.fact for each in found]) for standing, found in by_standing(cited)] == [
        ("verified", [told[3][0]]),
        ("verified in profile a", [told[2][0]]),
        ("verified in profile b", [told[0][0], told[4][0]]),
        ("disputed", [told[1][0]]),
    ]


def test_a_bundled_profile_names_itself():
    for each in (*profile_of("tricare").conventions, *profile_of("medicare").denials):
        assert each.citation.profile in {"tricare", "medicare"}
