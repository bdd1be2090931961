"""A small edition in the row format, so that timerule is tested without any other part."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

import cptkit
from cptkit import timerule
from cptkit.sources import Basis
from cptkit.timerule import TimedCodeset
from cptkit.timerule.tables import tables_of

FIRST = "2013-01-01"


@attrs.frozen(eq=False)
class FakeCodeset:
    """What timerule asks of a codeset, and nothing more; equal only to itself."""

    edition: str
    last_day: dt.date
    timerules: Mapping[str, Any]


def fact(**values: Any) -> dict[str, Any]:
    return {"sources": ["SOURCE"], "confidence": "verified", "checked": "2026-11-21"} | values


def row(first: str, kind: str, *basis: str, **values: Any) -> dict[str, Any]:
    return fact(**{"from": first, "kind": kind, "basis": list(basis) or ["cpt", "medicare"]} | values)


def chain(after: str, code: str, from_minutes: int, **values: Any) -> dict[str, Any]:
    return fact(after=after, code=code, from_minutes=from_minutes, **values)


def family(name: str, codes: str, *rules: dict[str, Any], **values: Any) -> dict[str, Any]:
    described = {"title": name, "scope": "session", "whose_time": "the clinician's", "optional": False}
    return described | {"id": name, "codes": codes.split(), "rules": list(rules)} | values


def band(first: str, nominal: dict[str, int], *basis: str, **values: Any) -> dict[str, Any]:
    return row(first, "pick-by-band", *basis, nominal=nominal, attainment="nearest", **values)


def office(name: str, codes: str, floors: dict[str, int], top: str, late: int, later: int) -> dict[str, Any]:
    untimed = {"untimed": ["99211"]} if "99211" in codes else {}
    rules = [
        row(
            first,
            "pick-by-threshold",
            basis,
            floors=floors,
            chain=[chain(top, code, start, step=15)],
            **untimed,
        )
        for first in ("2021-01-01", "2024-01-01")
        for basis, code, start in (("cpt", "99417", late), ("medicare", "G2212", later))
    ]
    return family(name, codes, *rules, scope="day", optional=True, scope_note="Or by medical decisions.")


def pair(name: str, base: str, minutes: int, addon: str, each: int) -> dict[str, Any]:
    rule = row(
        "2019-01-01",
        "base-plus-each",
        "cpt",
        base=base,
        addon=addon,
        nominal={base: minutes, addon: each},
        attainment="midpoint",
        confidence="derived",
    )
    return family(name, f"{base} {addon}", rule, scope="day")


TALK = {"90832": 30, "90834": 45, "90837": 60}
LONG = [chain("90837", "99354", 90), chain("90837", "99355", 135, step=30)]
LONG_MEDICARE = [each | {"confidence": "derived", "note": "borrowed minutes"} for each in LONG]

CARE = [
    family(
        "psychotherapy",
        "90832 90834 90837",
        band(FIRST, TALK),
        band("2016-01-01", TALK, "cpt", chain=LONG),
        band("2016-01-01", TALK, "medicare", chain=LONG_MEDICARE),
        band("2023-01-01", TALK, max_units={"90837": 1}, note="one unit whatever the length"),
    ),
    family(
        "psychotherapy-with-em", "90833 90836 90838", band(FIRST, {"90833": 30, "90836": 45, "90838": 60})
    ),
    family(
        "crisis",
        "90839 90840",
        row(
            FIRST,
            "base-plus-each",
            "cpt",
            base="90839",
            base_from=30,
            chain=[chain("90839", "90840", 75, step=30, note="vendors differ")],
        ),
        scope="day",
    ),
    *(
        family(
            name,
            code,
            row(
                "2017-01-01",
                "threshold",
                "cpt",
                code=code,
                nominal={code: 50},
                attainment="midpoint",
                confidence="disputed",
            ),
        )
        for name, code in (("family-without-patient", "90846"), ("family-with-patient", "90847"))
    ),
    family("psychiatric-untimed", "90791 90792 90853", row(FIRST, "untimed")),
    office(
        "office-new",
        "99202 99203 99204 99205",
        {"99202": 15, "99203": 30, "99204": 45, "99205": 60},
        "99205",
        75,
        89,
    ),
    office(
        "office-established",
        "99211 99212 99213 99214 99215",
        {"99212": 10, "99213": 20, "99214": 30, "99215": 40},
        "99215",
        55,
        69,
    ),
    family("health-behaviour-assessment", "96156", row("2020-01-01", "untimed")),
    pair("health-behaviour-individual", "96158", 30, "96159", 15),
    pair("health-behaviour-group", "96164", 30, "96165", 15),
    pair("health-behaviour-family-with-patient", "96167", 30, "96168", 15),
    pair("health-behaviour-family-without-patient", "96170", 30, "96171", 15),
    pair("neurobehavioural-exam", "96116", 60, "96121", 60),
    pair("developmental-testing", "96112", 60, "96113", 30),
    pair("psychological-evaluation", "96130", 60, "96131", 60),
    pair("neuropsychological-evaluation", "96132", 60, "96133", 60),
    pair("testing-by-clinician", "96136", 30, "96137", 30),
    pair("testing-by-technician", "96138", 30, "96139", 30),
    family(
        "therapy-timed",
        "97035 97110 97112 97116 97140 97530",
        row("2018-01-01", "per-unit", unit_minutes=15, attainment="midpoint"),
        scope="day",
        pool="therapy",
    ),
    family("therapy-untimed", "97010 G0283", row("2017-01-01", "untimed"), scope="day"),
]

# Families that exist nowhere, for what the present facts do not reach. Their codes are local ones.
MADE_UP = [
    family("tie", "X0001 X0002", band(FIRST, {"X0001": 30, "X0002": 40})),
    family("twins", "X0003 X0004", band(FIRST, {"X0004": 30, "X0003": 30})),
    family(
        "closed", "X0010 X0011", row(FIRST, "pick-by-threshold", floors={"X0010": 5, "X0011": 11}, ceiling=20)
    ),
    family("bands", "X0012 X0013", row(FIRST, "pick-by-band", floors={"X0012": 1, "X0013": 31})),
    family("brief", "X0014", row(FIRST, "threshold", code="X0014", from_minutes=5, ceiling=15)),
    family(
        "gap",
        "X0015",
        row(
            FIRST,
            "threshold",
            code="X0015",
            from_minutes=30,
            ceiling=74,
            chain=[chain("X0015", "X0016", 89, step=15, max_units=2)],
        ),
    ),
    family(
        "no-gap",
        "X0017",
        row(
            FIRST, "threshold", code="X0017", from_minutes=30, ceiling=74, chain=[chain("X0017", "X0018", 75)]
        ),
    ),
    family(
        "cut-short",
        "X0019",
        row(
            FIRST,
            "threshold",
            code="X0019",
            from_minutes=30,
            ceiling=80,
            chain=[chain("X0019", "X0020", 60, step=15)],
        ),
    ),
    family(
        "each-alone",
        "X0021 X0022",
        row(FIRST, "threshold", nominal={"X0021": 20, "X0022": 40}, attainment="whole"),
    ),
    family("sole", "X0023", row(FIRST, "threshold", nominal={"X0023": 30}, attainment="midpoint")),
    family("standby", "99360", row(FIRST, "per-unit", unit_minutes=30, attainment="whole")),
    family("whole-quarters", "T1017", row(FIRST, "per-unit", unit_minutes=15, attainment="whole")),
    family("hours", "96105", row(FIRST, "per-unit", unit_minutes=60, attainment="midpoint")),
    family(
        "limited",
        "X0025",
        row(FIRST, "per-unit", unit_minutes=15, attainment="midpoint", max_units={"X0025": 4}),
    ),
    family(
        "whole-base",
        "X0026 X0027",
        row(
            FIRST,
            "base-plus-each",
            base="X0026",
            addon="X0027",
            nominal={"X0026": 60, "X0027": 30},
            attainment="whole",
            max_units={"X0027": 2},
        ),
    ),
    family(
        "base-alone",
        "X0028",
        row(FIRST, "base-plus-each", base="X0028", nominal={"X0028": 60}, attainment="midpoint"),
    ),
    family(
        "over",
        "X0029 X0030",
        row(FIRST, "pick-by-threshold", floors={"X0029": 10, "X0030": 10, "X0032": 20}),
        row("2020-01-01", "pick-by-threshold", status="ended"),
    ),
    family("moved", "X0033", row(FIRST, "untimed"), row("2020-01-01", "untimed", "medicare", status="ended")),
    family(
        "promised", "X0034", row("2026-07-01", "threshold", code="X0034", from_minutes=10, status="announced")
    ),
    family("medicare-only", "G0323", row(FIRST, "threshold", "medicare", code="G0323", from_minutes=20)),
    family(
        "medicare-later",
        "X0035",
        row(FIRST, "threshold", "cpt", code="X0035", from_minutes=20),
        row("2020-01-01", "threshold", "medicare", code="X0035", from_minutes=30),
        row("2022-01-01", "threshold", "cpt", code="X0035", from_minutes=25),
    ),
    family("first-home", "X0036", row(FIRST, "untimed")),
    family("second-home", "X0036", row(FIRST, "untimed")),
    family("never-used", "X0037", row(FIRST, "untimed", status="ended")),
    family(
        "late-chain",
        "X0038",
        row(FIRST, "threshold", code="X0038", from_minutes=30, chain=[chain("X0038", "X0039", 1441)]),
    ),
]

POLICIES = [
    fact(
        id="medicare-total",
        title="Medicare total",
        unit_minutes=15,
        attainment="midpoint",
        disciplines=["GN", "GO", "GP"],
        rule="the total fixes the units",
        note="disputed for pairs such as 24 and 8",
    ),
    fact(
        id="cpt-per-code",
        title="CPT per code",
        unit_minutes=15,
        attainment="midpoint",
        rule="each code alone",
        confidence="single-source",
    ),
    fact(
        id="payer-whole-units",
        title="whole units",
        unit_minutes=15,
        attainment="whole",
        rule="each code alone, whole units",
    ),
]


@pytest.fixture(scope="session")
def fake() -> TimedCodeset:
    return FakeCodeset("2026.1", dt.date(2026, 12, 31), {"families": CARE + MADE_UP, "policies": POLICIES})


@pytest.fixture
def edition_of() -> Callable[..., TimedCodeset]:
    """An edition of one family, or of whatever rules are given."""

    def make(*families: dict[str, Any], policies: list[dict[str, Any]] = POLICIES) -> TimedCodeset:
        return FakeCodeset(
            "test.1", dt.date(2026, 12, 31), {"families": list(families), "policies": policies}
        )

    return make


@pytest.fixture(params=["fake", "bundled"])
def edition_for(request: pytest.FixtureRequest, fake: TimedCodeset) -> Callable[[dt.date], TimedCodeset]:
    """The edition that answers for a day: the fake one, then the bundled one of that year.

    For days before 2021 it is that of 2021, which answers for the years before it as well.
    """
    if request.param == "fake":
        return lambda _: fake
    return lambda day: cptkit.codeset(f"{max(day.year, 2021)}.1")


@pytest.fixture
def ask(fake: FakeCodeset) -> Callable[..., timerule.TimeRule]:
    """The rule of the small edition for a code or family on a day."""

    def ask(target: str, day: dt.date = dt.date(2026, 3, 2), basis: Basis = Basis.CPT) -> timerule.TimeRule:
        return timerule.family(target, date_of_service=day, codeset=fake, basis=basis)

    return ask


@pytest.fixture
def afresh() -> None:
    """Rows are read anew: an answer must not lean on what another test asked before."""
    tables_of.cache_clear()
