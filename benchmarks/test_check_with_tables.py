"""A claim of four lines against every rule, with edit tables of all kinds: invented rows, real size of a claim."""

import datetime as dt
import random
import time
from functools import partial

import attrs
import pytest

import cptkit
from cptkit.edits import AddOnEdit, Mue, PfsRow, Quarter, Setting, Writer
from cptkit.rules import RULES

DAY = dt.date(2026, 3, 2)
QUARTER = Quarter(2026, 1)
THERAPY = {"97110": 30, "97140": 15, "97116": 15, "97035": 10}
CODES = (*THERAPY, "99214", "90836", "90785", "96127")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> cptkit.Catalog:
    """The newest edition beside a pair, and for each code a limit, a fee row and, for two, add-on edits."""
    folder = tmp_path_factory.mktemp("tables")
    days = dict.fromkeys(("first_day", "last_day", "addon_last_day", "primary_last_day"))
    texts = dict.fromkeys((field.name for field in attrs.fields(PfsRow)), "0")
    with Writer(folder) as writer:
        pairs = writer.pairs(Setting.PRACTITIONER, QUARTER)
        says = pairs.row(None, None, 1, prior_to_1996=False, rationale="own words")
        pairs.extend([pairs.code("99214")], [pairs.code("96127")], [says])
        pairs.extend(
            [pairs.code("97110")],
            [pairs.code("97140")],
            [pairs.row(None, 0, 9, prior_to_1996=False, rationale="")],
        )
        writer.put_pairs(pairs, [])
        limits = (Mue(code, 8, 3, "own words", Setting.PRACTITIONER, QUARTER, "mue.csv") for code in CODES)
        writer.put_mue(limits, Setting.PRACTITIONER, QUARTER, [])
        addons = (
            AddOnEdit(addon, primary, 1, **days, note="", quarter=QUARTER, file="aoc.txt")
            for addon, primary in (("90836", "99214"), ("90785", "90836"))
        )
        writer.put_addons(addons, QUARTER, [])
        about = {"status": "A", "global_days": "XXX", "modifier": "", "release": "26A"}
        about |= {"first_day": QUARTER.first_day, "qpp": False, "file": "pprrvu.csv"}
        writer.put_pfs(
            (PfsRow(**texts | about | {"code": code}) for code in CODES), "26A", QUARTER.first_day, []
        )
        writer.commit()
    return cptkit.Catalog.from_editions("2026.1", tables=folder)


def line(code: str, minutes: int | None = None, modifiers: str = "", units: int = 1) -> cptkit.Line:
    return cptkit.Line(
        code,
        minutes=minutes,
        modifiers=modifiers,
        units=units,
        date_of_service=DAY,
        rendering_provider="A",
    )


def test_four_lines(speed, catalog) -> None:
    lines = [line(code, minutes, "GP", -(-minutes // 15)) for code, minutes in THERAPY.items()]
    claim = cptkit.Claim(lines)
    report = cptkit.check(claim, catalog)
    assert report.clean
    asked = {row.id for row in RULES if row.needs_edits and not row.needs_history}
    assert asked <= set(report.rules)
    speed("a 4-line claim, all rules and edit tables, warm", partial(cptkit.check, claim, catalog), 100)


def test_four_lines_with_add_ons_and_a_pair(speed, catalog) -> None:
    """No bar of the design: what a finding costs besides."""
    claim = cptkit.Claim([line("99214"), line("90836", 45), line("90785"), line("96127")])
    assert [finding.rule for finding in cptkit.check(claim, catalog).findings] == ["PTP701"]
    what = "a 4-line claim with add-ons and a denied pair, all rules and edit tables, warm"
    speed(what, partial(cptkit.check, claim, catalog), 200)


def test_two_lines(speed, catalog) -> None:
    claim = cptkit.Claim([line("99214", modifiers="25"), line("90836", 45)])
    assert cptkit.check(claim, catalog).clean
    what = "a 2-line claim, all rules and edit tables, warm"
    speed(what, partial(cptkit.check, claim, catalog), 100)


def test_twenty_lines(speed, catalog) -> None:
    """Five days of four lines, as a claim of a week has them."""
    lines = [
        attrs.evolve(line(code, minutes, "GP", -(-minutes // 15)), date_of_service=DAY + dt.timedelta(day))
        for day in range(5)
        for code, minutes in THERAPY.items()
    ]
    claim = cptkit.Claim(lines)
    assert len(claim.lines) == 20
    assert cptkit.check(claim, catalog).clean
    speed("a 20-line claim, all rules and edit tables, warm", partial(cptkit.check, claim, catalog), 1000)


def test_twenty_lines_of_one_day(speed, catalog) -> None:
    """No bar of the design: everything meets everything, and much of it fails."""
    lines = [line(code, 20, units=number % 3 + 1) for number in range(5) for code in THERAPY]
    claim = cptkit.Claim(lines)
    assert cptkit.check(claim, catalog).findings
    speed("20 lines of one day that repeat each other", partial(cptkit.check, claim, catalog), 3000)


# What practices bill, and every tenth with a fault: an add-on alone, an edited pair, too few minutes.
SOUND = [
    [("90834", 45, "", 1)],
    [("90837", 60, "95", 1)],
    [("90847", 50, "", 1)],
    [("99213", None, "", 1)],
    [("99214", None, "25", 1), ("90836", 45, "", 1)],
    [("99214", None, "25", 1), ("90836", 45, "", 1), ("90785", None, "", 1)],
    [("97110", 30, "GP", 2), ("97140", 15, "GP", 1)],
    [("97110", 30, "GP", 2), ("97140", 15, "GP", 1), ("97116", 15, "GP", 1), ("97035", 10, "GP", 1)],
    [("90791", None, "", 1)],
]
FAULTY = [
    [("90836", 45, "", 1)],
    [("99214", None, "", 1), ("96127", None, "", 1)],
    [("90837", 50, "", 1)],
]


def test_many_claims(bar, catalog) -> None:
    """A plain loop over claims that differ in days, clinicians and services.

    The bar is ten thousand a second; a busy machine has half of an idle one's speed, and stays below it.
    """
    choose = random.Random(7)  # noqa: S311 - the same claims on every run
    days = [dt.date(2026, 1, 2) + dt.timedelta(number) for number in range(80)]
    claims = []
    for number in range(4000):
        day, clinician = choose.choice(days), f"N{choose.randrange(40)}"
        services = [
            attrs.evolve(line(*service), date_of_service=day, rendering_provider=clinician)
            for service in choose.choice(SOUND if number % 10 else FAULTY)
        ]
        claims.append(cptkit.Claim(services, id=f"C-{number}", patient=f"P-{number}"))
    failing = [bool(cptkit.check(claim, catalog).findings) for claim in claims]
    assert failing == [number % 10 == 0 for number in range(len(claims))]

    def ten_thousand() -> float:
        start = time.perf_counter()
        for claim in claims:
            cptkit.check(claim, catalog)
        return (time.perf_counter() - start) * 10_000 / len(claims)

    bar("10,000 different claims in a plain loop", ten_thousand, 1, "s")
