"""Rows that contradict themselves are refused, with words that say where and why."""

import datetime as dt

import pytest

from cptkit.errors import BrokenEdition
from cptkit.timerule import Attainment, family

DAY = dt.date(2026, 3, 2)
NOMINAL = {"X0001": 30, "X0002": 45}
CHAIN = {
    "after": "X0001",
    "code": "X0009",
    "from_minutes": 60,
    "sources": ["S"],
    "confidence": "verified",
    "checked": "2026-01-01",
}


def codeset_of(edition_of, row, without=()):
    whole = {
        "from": "2020-01-01",
        "basis": ["cpt"],
        "sources": ["S"],
        "confidence": "verified",
        "checked": "2026-01-01",
    }
    whole = {key: value for key, value in (whole | row).items() if key not in without}
    described = {
        "id": "made-up",
        "title": "",
        "codes": ["X0001"],
        "scope": "day",
        "whose_time": "",
        "optional": False,
    }
    return edition_of(described | {"rules": [whole]})


def compiled(edition_of, row, without=()):
    return family("made-up", date_of_service=DAY, codeset=codeset_of(edition_of, row, without))


def threshold(**values):
    return {"kind": "threshold", "code": "X0001", "from_minutes": 30} | values


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "by-feel"}, "'by-feel' is not a valid Kind"),
        (threshold(until=60), "threshold has no until"),
        (threshold(ceilng=60, base_from=5), "threshold has no base_from, ceilng"),
        ({"kind": "untimed", "floors": {}}, "untimed has no floors"),
        (threshold(confidence="sure"), "'sure' is not a valid Confidence"),
        (threshold(checked="lately"), "Invalid isoformat string: 'lately'"),
        (threshold(from_minutes="30"), "not a whole number above zero: '30'"),
        (threshold(from_minutes=30.0), "not a whole number above zero: 30.0"),
        (threshold(from_minutes=True), "not a whole number above zero: True"),
        (threshold(from_minutes=0), "not a whole number above zero: 0"),
        (threshold(ceiling=0), "not a whole number above zero: 0"),
        (threshold(from_minutes=1441), "no minute of a day makes anything reportable"),
        (threshold(ceiling=20), "the first minutes do not rise: [0, 30, 21]"),
        (threshold(max_units={"X0001": 0}), "not a whole number above zero: 0"),
        (threshold(nominal={"X0001": 50}), "a threshold has either from_minutes or nominal minutes"),
        ({"kind": "threshold", "code": "X0001"}, "a threshold has either from_minutes or nominal minutes"),
        (
            {"kind": "threshold", "code": "X0001", "nominal": {"X0002": 50}, "attainment": "midpoint"},
            "X0001 is missing",
        ),
        ({"kind": "threshold", "nominal": {"X0001": 50}}, "attainment is midpoint or whole here"),
        (
            {"kind": "threshold", "nominal": {"X0001": 50}, "attainment": "nearest"},
            "attainment is midpoint or whole here",
        ),
        (
            {"kind": "threshold", "nominal": {"X0001": 50}, "attainment": "about"},
            "'about' is not a valid Attainment",
        ),
        (
            {"kind": "threshold", "nominal": {"X0001": 0}, "attainment": "whole"},
            "not a whole number above zero: 0",
        ),
        (
            {"kind": "pick-by-band", "nominal": NOMINAL},
            "nominal minutes of a band are attained by the nearest",
        ),
        (
            {"kind": "pick-by-band", "nominal": NOMINAL, "attainment": "midpoint"},
            "nominal minutes of a band are attained by the nearest",
        ),
        (
            {"kind": "pick-by-band", "nominal": NOMINAL, "attainment": "nearest", "floors": NOMINAL},
            "a pick has either floors or nominal minutes",
        ),
        ({"kind": "pick-by-band"}, "a pick has either floors or nominal minutes"),
        (
            {"kind": "pick-by-band", "nominal": {"X0001": "30"}, "attainment": "nearest"},
            "not a whole number above zero: '30'",
        ),
        ({"kind": "pick-by-threshold", "nominal": NOMINAL}, "pick-by-threshold has no nominal"),
        ({"kind": "pick-by-threshold", "floors": {"X0001": -5}}, "not a whole number above zero: -5"),
        ({"kind": "base-plus-each", "base": "X0001"}, "a base has either base_from or nominal minutes"),
        (
            {"kind": "base-plus-each", "base": "X0001", "base_from": 16, "nominal": NOMINAL},
            "a base has either base_from or nominal minutes",
        ),
        (
            {"kind": "base-plus-each", "base": "X0001", "base_from": 16, "addon": "X0002"},
            "an add-on without nominal minutes belongs in a chain",
        ),
        (
            {"kind": "base-plus-each", "base": "X0003", "nominal": NOMINAL, "attainment": "midpoint"},
            "X0003 is missing",
        ),
        (
            {
                "kind": "base-plus-each",
                "base": "X0001",
                "addon": "X0003",
                "nominal": NOMINAL,
                "attainment": "midpoint",
            },
            "X0003 is missing",
        ),
        ({"kind": "per-unit", "attainment": "midpoint"}, "unit_minutes is missing"),
        ({"kind": "per-unit", "unit_minutes": 15}, "attainment is midpoint or whole here"),
        ({"kind": "per-unit", "unit_minutes": 0, "attainment": "whole"}, "not a whole number above zero: 0"),
        (
            threshold(chain=[CHAIN | {"after": "X0002"}]),
            "a chain hangs on X0002, which the row does not know",
        ),
        (threshold(chain=[CHAIN | {"until": 90}]), "a chain has no until"),
        (threshold(chain=[CHAIN | {"until": 90, "steep": 2}]), "a chain has no steep, until"),
        (threshold(chain=[CHAIN | {"step": 0}]), "not a whole number above zero: 0"),
        (threshold(chain=[CHAIN | {"from_minutes": 0}]), "not a whole number above zero: 0"),
        (threshold(chain=[CHAIN | {"max_units": 0}]), "not a whole number above zero: 0"),
        (threshold(chain=[CHAIN | {"confidence": "sure"}]), "'sure' is not a valid Confidence"),
    ],
)
def test_a_row_that_cannot_be_read(edition_of, row, words):
    with pytest.raises(BrokenEdition) as caught:
        compiled(edition_of, row)
    assert (
        str(caught.value) == f"the time rule time/made-up@2020-01-01 cannot be read: {words}; see facts/time"
    )


@pytest.mark.parametrize("missing", ["sources", "confidence", "checked"])
def test_a_row_without_its_source(edition_of, missing):
    with pytest.raises(BrokenEdition, match=f"cannot be read: {missing} is missing"):
        compiled(edition_of, threshold(), without=[missing])


@pytest.mark.parametrize("missing", ["after", "code", "from_minutes", "sources"])
def test_a_chain_without_a_part(edition_of, missing):
    bare = {key: value for key, value in CHAIN.items() if key != missing}
    with pytest.raises(BrokenEdition, match=missing):
        compiled(edition_of, threshold(chain=[bare]))


@pytest.mark.parametrize(
    ("row", "method"),
    [
        (threshold(), "X0001 from 30 minutes"),
        (threshold(chain=[CHAIN]), "X0001 from 30 minutes; X0009 on top of X0001 from 60"),
        (
            threshold(chain=[CHAIN | {"step": 20}]),
            "X0001 from 30 minutes; X0009 on top of X0001 from 60, one more for each further 20",
        ),
        (threshold(chain=[CHAIN | {"from_minutes": 1441, "step": 20}]), "X0001 from 30 minutes"),
        (
            {"kind": "per-unit", "unit_minutes": 15, "attainment": "midpoint"},
            "X0001 counts each 15 minutes, the last of them from more than half (8)",
        ),
        (
            {"kind": "per-unit", "unit_minutes": 15, "attainment": "whole"},
            "X0001 counts each 15 minutes, each of them whole",
        ),
        (
            {"kind": "base-plus-each", "base": "X0001", "base_from": 30},
            "X0001 from 30 minutes",
        ),
        (
            {
                "kind": "base-plus-each",
                "base": "X0001",
                "addon": "X0002",
                "nominal": {"X0001": 30, "X0002": 15},
                "attainment": "whole",
            },
            "X0001 from 30 minutes; X0002 on top of X0001 from 45, one more for each further 15",
        ),
        (
            {"kind": "pick-by-threshold", "floors": {"X0002": 30, "X0001": 15}},
            "each code has a first minute: X0001 from 15, X0002 from 30",
        ),
        ({"kind": "untimed"}, "X0001 has no minutes: it is reported once"),
    ],
)
def test_the_method_is_told_in_words(edition_of, row, method):
    assert compiled(edition_of, row).method == method


def test_a_rule_keeps_how_its_units_are_reached(edition_of):
    rule = compiled(edition_of, {"kind": "per-unit", "unit_minutes": 15, "attainment": "whole"})
    assert (rule.unit_minutes, rule.attainment, rule.max_units) == (15, Attainment.WHOLE, None)
    assert rule.floors[:3] == (0, 15, 30)


def test_a_chain_keeps_its_own_citation(edition_of):
    rule = compiled(edition_of, threshold(chain=[CHAIN | {"note": "why"}]))
    (link,) = rule.chain
    assert (link.after, link.code, link.citation.fact) == ("X0001", "X0009", "time/made-up@2020-01-01/X0009")
    assert (link.citation.note, rule.citation.note) == ("why", "")


def test_a_chain_may_stand_on_a_chain(edition_of):
    second = CHAIN | {"after": "X0009", "code": "X0008", "from_minutes": 90}
    rule = compiled(edition_of, threshold(chain=[CHAIN, second]))
    assert [str(each) for each in rule.services(90)] == ["X0001", "X0009", "X0008"]
    assert [str(each) for each in rule.services(60)] == ["X0001", "X0009"]


def test_a_chain_may_stand_on_one_code_of_several(edition_of):
    row = {
        "kind": "pick-by-threshold",
        "floors": {"X0001": 10, "X0002": 100},
        "chain": [CHAIN | {"step": 15}],
    }
    rule = compiled(edition_of, row)
    assert [str(each) for each in rule.services(99)] == ["X0001", "X0009 x 3"]
    assert [str(each) for each in rule.services(100)] == ["X0002"]


@pytest.mark.parametrize(
    ("ceiling", "bands"),
    [
        (58, [(0, 29), (30, 58), (59, 59), (60, None)]),
        (59, [(0, 29), (30, 59), (60, None)]),
        (60, [(0, 29), (30, 59), (60, 60), (61, None)]),
        (1440, [(0, 29), (30, 59), (60, None)]),
    ],
)
def test_a_chain_that_starts_over_the_ceiling_lifts_it(edition_of, ceiling, bands):
    rule = compiled(edition_of, threshold(ceiling=ceiling, chain=[CHAIN]))
    assert [(first, last) for first, last, _ in rule.bands()] == bands


def test_the_first_of_several_chains_lifts_the_ceiling(edition_of):
    chains = [CHAIN | {"from_minutes": 90}, CHAIN | {"code": "X0008", "from_minutes": 80}]
    rule = compiled(edition_of, threshold(ceiling=70, chain=chains))
    assert [str(each) for each in rule.services(80)] == ["X0001", "X0008"]
    assert rule.services(79) == ()


def test_a_chain_on_a_lower_code_lifts_no_ceiling(edition_of):
    row = {"kind": "pick-by-threshold", "floors": {"X0001": 10, "X0002": 20}, "ceiling": 50, "chain": [CHAIN]}
    assert compiled(edition_of, row).services(60) == ()


def test_a_limit_of_a_chain_holds(edition_of):
    row = threshold(chain=[CHAIN | {"step": 10}], max_units={"X0009": 3})
    assert compiled(edition_of, row).services(1440)[1].units == 3
    row = threshold(chain=[CHAIN | {"step": 10, "max_units": 2}])
    assert compiled(edition_of, row).services(1440)[1].units == 2
