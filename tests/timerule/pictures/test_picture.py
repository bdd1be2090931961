"""The picture of a rule: what is on it, and where it stands.

When a picture on record is rightly different, look at the new one and write it:
CPTKIT_WRITE_SNAPSHOTS=1 pytest tests/timerule/pictures/test_picture.py
"""

import datetime as dt
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import pytest

from cptkit import timerule
from cptkit.errors import InvalidMinutes
from cptkit.timerule import ServiceUnits
from cptkit.timerule.pictures import time_bar

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = Path(__file__).parents[2] / "snapshots" / "pictures"


class Picture:
    """A picture taken apart: what is written on it, in which patterns, and where the session stands."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)  # noqa: S314 - our own text
        self.title, self.told = (self.root.find(f"{SVG}{name}") for name in ("title", "desc"))
        written = list(self.root.iter(f"{SVG}text"))
        self.texts = [each.text for each in written]
        self.bold = [each.text for each in written if each.get("font-weight")]
        self.ticks = [each.text for each in written if each.text.isdigit() and len(each.text) < 5]
        self.places = {each.text: float(each.get("x")) for each in written}
        self.looks = re.findall(r"url\(#timebar-[0-9a-f]{12}-(\w+)\)", svg)
        self.shapes = list(self.root.iter(f"{SVG}polygon"))
        self.borders = [each for each in self.shapes if each.get("stroke-width") == "4"]

    @property
    def pole(self):
        """Where the session stands."""
        return next(
            float(each.get("x1")) for each in self.root.iter(f"{SVG}line") if each.get("stroke-width") == "2"
        )


@pytest.fixture
def made_up(edition_of):
    """A made-up rule of the codes X0001 and X0002."""

    def made_up(kind, *, scope="session", chain=(), **values):
        fact = {"sources": ["SOURCE"], "confidence": "verified", "checked": "2026-11-21"}
        row = fact | {"from": "2020-01-01", "kind": kind, "basis": ["cpt", "medicare"]} | values
        if chain:
            row["chain"] = [fact | each for each in chain]
        family = {"id": "made-up", "title": "made up", "codes": ["X0001", "X0002"], "scope": scope}
        family |= {"whose_time": "the clinician's", "optional": False, "rules": [row]}
        return timerule.family("made-up", date_of_service=dt.date(2026, 3, 2), codeset=edition_of(family))

    return made_up


def on_record(name, svg):
    """Whether a picture is the one on record."""
    record = PICTURES / f"{name}.svg"
    if os.environ.get("CPTKIT_WRITE_SNAPSHOTS"):
        record.parent.mkdir(exist_ok=True)
        record.write_text(svg, encoding="utf-8", newline="\n")
    return svg == record.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "target", "minutes"),
    [
        ("session", "psychotherapy", 47),
        ("session-far-out", "psychotherapy", 1440),
        ("session-up-a-ladder", "crisis", 1000),
        ("levels-on-flags", "office-established", 1000),
        ("tie-of-one-minute", "tie", 35),
        ("no-minutes", "90791", None),
        ("no-code", "therapy-timed", 30),
    ],
)
def test_pictures_are_those_on_record(ask, name, target, minutes):
    assert on_record(name, time_bar(ask(target), minutes))


def test_a_session_on_its_bands(ask):
    picture = Picture(time_bar(ask("psychotherapy"), 47))
    assert picture.title.text == "psychotherapy"
    assert picture.told.text == (
        "psychotherapy, cpt. Minutes 0 to 15: nothing; 16 to 37: 90832; 38 to 52: 90834; 53 or more: 90837. "
        "47 minutes: 90834."
    )
    assert picture.texts == [
        "psychotherapy",
        "Minutes in one session: the clinician's. Basis cpt, from 2023-01-01.",
        "47 minutes",
        *("nothing", "90832", "90834", "90837"),
        *("0", "16", "38", "53", "minutes"),
    ]
    assert picture.bold == ["psychotherapy", "47 minutes", "90834"]
    assert picture.looks == ["nothing"]


def test_lengths_are_as_the_minutes_say(ask):
    picture = Picture(time_bar(ask("psychotherapy"), 47))
    places = [picture.places[text] for text in ("0", "16", "38", "53")]
    scale = (places[3] - places[0]) / 53
    assert places == pytest.approx([20, 20 + 16 * scale, 20 + 38 * scale, 20 + 53 * scale], abs=0.11)
    assert picture.pole == pytest.approx(20 + 47.5 * scale, abs=0.11)


def test_a_rule_without_a_session(ask):
    picture = Picture(time_bar(ask("psychotherapy")))
    assert picture.bold == ["psychotherapy"]
    assert "90837." in picture.told.text[-7:]
    assert picture.borders == []


def test_the_band_of_the_session_has_a_border_of_its_own(ask):
    picture = Picture(time_bar(ask("psychotherapy"), 0))
    (border,) = picture.borders
    assert border.get("fill") == "none"
    assert border.get("points").startswith("20,")
    assert picture.pole > 20


def test_an_open_end_is_an_arrow_and_a_session_far_out_stands_behind_a_break(ask):
    near, far = (Picture(time_bar(ask("psychotherapy"), minutes)) for minutes in (75, 1440))
    for picture, polygons in ((near, 6), (far, 7)):
        corners = [each.get("points").split() for each in picture.shapes]
        assert len(corners) == polygons
        assert len(corners[-1]) == 5
    assert near.places["53"] < near.pole < far.pole < 700


def test_equally_right_answers_are_both_there(ask):
    picture = Picture(time_bar(ask("twins"), 20))
    assert "X0003 or X0004" in picture.texts
    assert picture.looks == ["nothing", "tie"]
    narrow = Picture(time_bar(ask("tie"), 35))
    assert narrow.told.text.endswith("35: X0001 or X0002; 36 or more: X0002. 35 minutes: X0001 or X0002.")
    assert [text for text in narrow.texts if text.startswith(("X", "or"))] == [
        *("X0001", "or X0002"),
        *("X0001", "X0002"),
    ]


def test_a_ladder_is_shown_by_its_first_rungs(ask):
    picture = Picture(time_bar(ask("97110")))
    assert picture.ticks == ["0", "8", "23", "38", "53", "68", "83"]
    assert "And one more 97110 for each further 15 minutes." in picture.texts
    assert "and so on" in picture.texts
    assert picture.told.text.endswith("68 to 82: 97110 x 5. And one more 97110 for each further 15 minutes.")


@pytest.mark.parametrize(
    ("minutes", "ticks"),
    [
        (110, ["0", "30", "75", "105", "135", "165", "195"]),
        (170, ["0", "30", "75", "105", "135", "165", "195", "225"]),
        (200, ["0", "30", "75", "105", "135", "165", "195", "225", "255"]),
        (230, ["0", "30", "75", "105", "135", "195", "225", "255", "285"]),
        (1395, ["0", "30", "75", "105", "135", "1365", "1395", "1425"]),
        (1440, ["0", "30", "75", "105", "135", "1395", "1425"]),
    ],
)
def test_a_session_far_up_a_ladder_is_shown_with_its_neighbours(ask, minutes, ticks):
    picture = Picture(time_bar(ask("crisis"), minutes))
    assert picture.ticks == ticks
    assert ("..." in picture.texts) == (minutes > 200)
    assert ("and so on" in picture.texts) == (minutes < 1395)
    assert len(list(picture.root.iter(f"{SVG}polyline"))) == (2 if minutes > 200 else 0)
    assert "And one more 90840 for each further 30 minutes." in picture.texts


def test_a_ladder_that_ends_says_where(made_up):
    rung = {"after": "X0001", "code": "X0002", "from_minutes": 40, "step": 20, "max_units": 9}
    rule = made_up("base-plus-each", scope="month", base="X0001", base_from=20, chain=[rung])
    picture = Picture(time_bar(rule, 44640))
    assert "And one more X0002 for each further 20 minutes, 9 at most." in picture.texts
    assert "200 or more: X0001 + X0002 x 9. 44640 minutes: X0001 + X0002 x 9." in picture.told.text
    short = attrs.evolve(rule, floors=rule.floors[:7], answers=rule.answers[:7])
    assert "further" not in time_bar(short)


def test_many_bands_that_are_no_ladder(ask):
    rule = ask("psychotherapy")
    few = attrs.evolve(rule, floors=tuple(range(0, 48, 4)), answers=rule.answers * 3)
    assert "not shown" not in time_bar(few)
    many = attrs.evolve(rule, floors=tuple(range(0, 64, 4)), answers=rule.answers * 4)
    assert "10 bands are not shown." in Picture(time_bar(many)).texts
    assert "11 bands are not shown." in Picture(time_bar(many, 30)).texts


def test_a_ladder_of_two_readings(made_up):
    nominal = {"X0001": 60, "X0002": 30}
    values = {"base": "X0001", "addon": "X0002", "attainment": "unsettled", "confidence": "disputed"}
    rule = made_up("base-plus-each", nominal=nominal, **values)
    picture = Picture(time_bar(rule, 80))
    assert picture.told.text.startswith(
        "made up, cpt. Minutes 0 to 30: nothing; 31 to 59: nothing or X0001, not settled; 60 to 75: X0001; "
        "76 to 89: X0001 or X0001 + X0002, not settled; 90 to 105: X0001 + X0002; "
    )
    assert on_record("two-readings", time_bar(rule, 80))
    assert "And one more X0002 for each further 30 minutes." in picture.texts
    assert "not settled" in picture.texts
    assert set(picture.looks) == {"nothing", "unsettled"}
    assert "Not settled: no source says from which minute the time counts; both readings are shown." in (
        picture.texts
    )
    assert "Not verified: the rule is disputed." in picture.texts


def test_answers_that_do_not_move_alike_are_no_ladder(ask):
    rule = ask("psychotherapy")
    one, two = ServiceUnits("X0001"), ServiceUnits("X0002")
    both = tuple(
        ((attrs.evolve(one, units=units),), (attrs.evolve(two, units=units),)) for units in range(1, 21)
    )
    rule = attrs.evolve(rule, floors=tuple(range(0, 200, 10)), answers=both)
    assert "14 bands are not shown." in Picture(time_bar(rule)).texts


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("90791", "No minutes decide: 90791 is reported whatever the time"),
        ("99211", "No minutes decide: 99211 is reported whatever the time"),
        ("psychiatric-untimed", "No minutes decide: each code is reported whatever the time"),
        ("therapy-timed", "No code is named: each counts its minutes alone"),
        ("each-alone", "No code is named: each counts its minutes alone"),
    ],
)
@pytest.mark.parametrize("minutes", [None, 0, 30, 1440])
def test_where_minutes_name_no_code_the_bar_says_so(ask, target, said, minutes):
    rule = ask(target)
    picture = Picture(time_bar(rule, minutes))
    assert said in picture.texts
    assert f"{said}." in picture.told.text
    assert (f"Codes: {', '.join(rule.codes)}." in picture.texts) is (rule.code is None)
    assert any(text.startswith("Minutes ") for text in picture.texts) is rule.is_timed
    assert ("1440 minutes" in picture.texts) is (minutes == 1440)


def test_codes_that_are_not_chosen_by_time(made_up):
    picture = Picture(time_bar(made_up("not-by-time"), 20, width=200))
    assert picture.told.text == (
        "made up, cpt. No minutes decide: none of these codes is chosen by time. 20 minutes. "
        "Codes: X0001, X0002."
    )
    assert picture.texts[3:5] == ["No minutes decide:", "none of these codes is chosen by time"]


def test_days_are_counted_as_days(made_up):
    rule = made_up("day-count", scope="thirty-days", floors={"X0001": 2, "X0002": 16})
    picture = Picture(time_bar(rule, 1))
    assert {"1 day", "days", "Days in thirty days: the clinician's. Basis cpt, from 2020-01-01."} < set(
        picture.texts
    )
    assert picture.told.text.startswith(
        "made up, cpt. Days 0 to 1: nothing; 2 to 15: X0001; 16 or more: X0002."
    )
    with pytest.raises(InvalidMinutes, match="not whole days"):
        time_bar(rule, 31)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (None, "Each 15 minutes are one time unit, counted to a tenth."),
        ("X0001", "X0001 once, and its time units: each 15 minutes are one time unit, counted to a tenth."),
    ],
)
def test_units_of_anaesthesia(made_up, code, said):
    rule = attrs.evolve(made_up("anaesthesia-units", unit_minutes=15), code=code)
    picture = Picture(time_bar(rule, 84))
    assert "84 minutes, 5.6 units" in picture.texts
    assert picture.ticks == ["0", "15", "30", "45", "60", "75", "90", "105"]
    assert said in picture.texts
    assert "75 to 89: unit 6; 90 to 104: unit 7. 84 minutes, 5.6 units. " in picture.told.text
    assert code or on_record("units-of-anaesthesia", time_bar(rule, 84))
    last = Picture(time_bar(rule, 1440))
    assert {"1440 minutes, 96.0 units", "unit 96"} < set(last.texts)


def test_doubt_is_written_on_it(ask, made_up):
    assert "Not verified" not in time_bar(ask("psychotherapy"))
    assert "Not verified: the rule is derived." in Picture(time_bar(ask("96158"))).texts
    rungs = [
        {"after": "X0001", "code": "X0002", "from_minutes": first, "confidence": confidence}
        for first, confidence in ((40, "single-source"), (60, "disputed"))
    ]
    values = {"code": "X0001", "from_minutes": 20, "confidence": "disputed"}
    rule = made_up("threshold", chain=rungs, **values)
    assert "Not verified: the rule and X0002 are disputed." in Picture(time_bar(rule)).texts
    rule = made_up("threshold", chain=rungs[:1], **values)
    assert "Not verified: the rule is disputed; X0002 is single-source." in Picture(time_bar(rule)).texts
    late = [rungs[0] | {"from_minutes": 1441}]
    rule = made_up("threshold", chain=late, code="X0001", from_minutes=20)
    assert "Not verified" not in time_bar(rule)
    told = Picture(time_bar(ask("psychotherapy"), 47, doubt="borrowed from <cpt>."))
    assert "Not verified: borrowed from <cpt>." in told.texts
    assert told.told.text.endswith("Not verified: borrowed from <cpt>.")


def test_what_to_know_besides(ask, made_up):
    assert (
        "By time alone: the level may rest on something other than time."
        in Picture(time_bar(ask("office-new"))).texts
    )
    rule = made_up("threshold", code="X0001", from_minutes=20, status="announced")
    assert "Announced, not yet in force when last checked." in Picture(time_bar(rule)).texts


def test_for_readers_of_screens_and_of_dark_pages(ask):
    picture = Picture(time_bar(ask("psychotherapy"), 47))
    assert picture.root.get("role") == "img"
    assert picture.root.get("aria-labelledby") == f"{picture.title.get('id')} {picture.told.get('id')}"
    ground = picture.root.find(f"{SVG}rect")
    assert ground.attrib == {"fill": "#ffffff", "width": "720", "height": picture.root.get("height")}
    assert {each.get("fill") for each in picture.root.iter(f"{SVG}text")} == {"#111111"}


def test_the_same_question_gives_the_same_text_and_no_other_has_its_ids(ask):
    rule = ask("psychotherapy")
    pictures = [
        time_bar(rule, 47),
        time_bar(rule, 48),
        time_bar(rule, 47, title="mine"),
        time_bar(ask("tie")),
    ]
    assert time_bar(rule, 47) == pictures[0]
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in pictures]
    for svg, own in zip(pictures, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(own)
        assert len(own) == len(set(own))
    assert len(set().union(*ids)) == sum(map(len, ids))


@pytest.mark.parametrize("minutes", [-1, 1441, 47.0, "47", True])
def test_minutes_that_are_none(ask, minutes):
    for target in ("psychotherapy", "therapy-timed", "90791"):
        with pytest.raises(InvalidMinutes, match="not whole minutes"):
            time_bar(ask(target), minutes)
