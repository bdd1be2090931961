"""No text of a time bar touches another, a line or the border: for the bundled rules, and for any rule."""

import datetime as dt
from itertools import combinations
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cptkit
from cptkit import timerule
from cptkit.errors import CptkitError
from cptkit.sources import Basis
from cptkit.timerule import Attainment, ServiceUnits
from cptkit.timerule.pictures import time_bar
from cptkit.timerule.pictures.layout import text_width

SVG = "{http://www.w3.org/2000/svg}"
DAY = dt.date(2026, 3, 2)
CODESET = cptkit.codeset("2026.1")
FAMILIES = {family["id"]: family["codes"] for family in CODESET.timerules["families"]}


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own text


def sizes(root):
    """The width and height of the canvas, and the width and height it is shown in."""
    return *map(float, root.get("viewBox").split()[2:]), int(root.get("width")), int(root.get("height"))


def box(text):
    """Left, top, right and foot of a text."""
    size, x, y = (float(text.get(name)) for name in ("font-size", "x", "y"))
    wide = text_width(text.text, size, bold=text.get("font-weight") == "bold")
    left = x - {None: 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
    return left, y - 0.76 * size, left + wide, y + 0.22 * size


def touch(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def span(line):
    x1, y1, x2, y2 = (float(line.get(name)) for name in ("x1", "y1", "x2", "y2"))
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def clashes(svg):
    """What touches what."""
    root = parsed(svg)
    wide, high, *_ = sizes(root)
    boxes = [(each.text, box(each)) for each in root.iter(f"{SVG}text")]
    lines = [span(each) for each in root.iter(f"{SVG}line")]
    found = [(one, other) for (one, mine), (other, its) in combinations(boxes, 2) if touch(mine, its)]
    found += [(text, line) for text, mine in boxes for line in lines if touch(mine, line)]
    return found + [
        (text, "border")
        for text, (left, top, right, foot) in boxes
        if not 0 <= left < right <= wide or not 0 <= top < foot <= high
    ]


def test_clashes_are_seen():
    text = '<text x="10" y="30" font-size="10">{}</text>'
    svg = f'<svg xmlns="{SVG[1:-1]}" viewBox="0 0 50 40" width="50" height="40">{text}{text}{{}}</svg>'
    assert clashes(svg.format("a", "b", "")) == [("a", "b")]
    line = '<line x1="12" y1="0" x2="12" y2="40" />'
    assert clashes(svg.format("a", "", line).replace(text.format(""), "")) == [("a", (12, 0, 12, 40))]
    assert clashes(svg.format("too long", "", "").replace(text.format(""), "")) == [("too long", "border")]


def rules_of(name):
    """The rules of a family, one of those that differ in nothing but the code."""
    rules = {}
    for basis in Basis:
        for target in (name, *FAMILIES[name]):
            try:
                rule = timerule.family(target, date_of_service=CODESET.last_day, codeset=CODESET, basis=basis)
            except CptkitError:
                continue
            rules.setdefault((rule.kind, rule.basis, rule.floors, rule.code is None), rule)
    return rules.values()


def minutes_to_try(rule):
    """Nothing, the first threshold and the minute before it, a middle one, a whole day, the most."""
    first = rule.floors[1] if len(rule.floors) > 1 else 1
    middle = rule.floors[len(rule.floors) // 2] if rule.floors else 30
    return [None, *sorted({0, first - 1, first, middle, min(1440, rule.most), rule.most})]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_text_touches_another(name):
    for rule in rules_of(name):
        for minutes in minutes_to_try(rule):
            svg = time_bar(rule, minutes)
            assert clashes(svg) == [], (rule, minutes)
            assert sizes(parsed(svg))[0] == 720


def test_every_kind_is_drawn():
    kinds = {rule.kind for name in FAMILIES for rule in rules_of(name)}
    assert kinds == set(timerule.Kind)


CODES = st.sampled_from([f"X00{number:02}" for number in range(20)])
SERVICES = st.lists(st.builds(ServiceUnits, CODES, st.integers(1, 3000)), max_size=3).map(tuple)
ANSWERS = st.lists(SERVICES, min_size=1, max_size=3, unique=True).map(tuple)


@settings(max_examples=200)
@given(
    bands=st.dictionaries(st.integers(1, 60) | st.integers(1, 1440), ANSWERS, max_size=15),
    minutes=st.none() | st.integers(0, 1440),
    width=st.integers(200, 1500),
    attainment=st.sampled_from([None, Attainment.UNSETTLED]),
)
def test_no_text_touches_another_whatever_the_rule(fake, bands, minutes, width, attainment):
    rule = timerule.family("tie", date_of_service=DAY, codeset=fake)
    floors = (0, *sorted(bands))
    answers = (((),), *(bands[first] for first in floors[1:]))
    rule = attrs.evolve(rule, floors=floors, answers=answers, attainment=attainment)
    svg = time_bar(rule, minutes, width=width)
    assert clashes(svg) == []
    assert sizes(parsed(svg))[0] <= max(width, 800)


@given(title=st.text(alphabet=st.characters(codec=None)), doubt=st.text(max_size=20))
def test_any_title_is_well_formed(fake, title, doubt):
    rule = timerule.family("tie", date_of_service=DAY, codeset=fake)
    svg = time_bar(rule, 20, title=title, doubt=doubt).encode()
    assert parsed(svg).find(f"{SVG}title").text
    assert clashes(svg) == []


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("", "tie"),
        (" \n", "tie"),
        ('a < b & "c"\n\td', 'a < b & "c" d'),
        ("bell\x07 and half \ud83d", "bell\ufffd and half \ufffd"),
        ("no \ufffe, no \uffff", "no \ufffd, no \ufffd"),
    ],
)
def test_titles(ask, title, shown):
    root = parsed(time_bar(ask("tie"), title=title).encode())
    assert root.find(f"{SVG}title").text == root.find(f"{SVG}text").text == shown


def test_long_titles_go_on_below(ask):
    root = parsed(time_bar(ask("tie"), title="one of many words " * 12 + "W" * 100))
    lines = [each.text for each in root.iter(f"{SVG}text") if each.get("font-size") == "16"]
    assert " ".join(lines[:-3]) == ("one of many words " * 12).strip()
    assert "".join(lines[-3:]) == "W" * 100
    assert max(text_width(line, 16, bold=True) for line in lines) <= 680
    assert min(text_width(line, 16, bold=True) for line in lines[:2]) > 600


def test_texts_are_measured_rather_too_wide():
    assert text_width("90834", 10) == pytest.approx(32)
    assert text_width("90834", 10, bold=True) == pytest.approx(35.2)
    assert text_width("i", 10) < text_width("a", 10) < text_width("M", 10) == text_width("\u65e5", 10)


@pytest.mark.parametrize("width", [199, 0, -720, 720.0, "720", True, None])
def test_widths_that_are_none(ask, width):
    with pytest.raises(ValueError, match="at least 200 pixels"):
        time_bar(ask("tie"), width=width)


def test_what_needs_more_room_is_scaled_down(ask):
    svg = time_bar(ask("office-new"), 1000, width=200)
    canvas, high, width, height = sizes(parsed(svg))
    assert (width, height) == (200, round(high * 200 / canvas))
    assert canvas > 200
    assert clashes(svg) == []
    assert sizes(parsed(time_bar(ask("tie"), width=2000)))[0] == 2000
