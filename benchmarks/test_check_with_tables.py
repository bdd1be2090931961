"""A claim of four lines against every rule, with edit tables of all kinds: invented rows, real size of a claim."""

import datetime as dt
from functools import partial

import attrs
import pytest

import cptkit
from cptkit.edits import AddOnEdit, Mue, PfsRow, Quarter, Setting, Writer

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
    assert not report.left_out
    speed("a 4-line claim, all rules and edit tables, warm", partial(cptkit.check, claim, catalog), 100)


def test_four_lines_with_add_ons_and_a_pair(speed, catalog) -> None:
    """No bar of the design: what a finding costs besides."""
    claim = cptkit.Claim([line("99214"), line("90836", 45), line("90785"), line("96127")])
    assert [finding.rule for finding in cptkit.check(claim, catalog).findings] == ["PTP701"]
    what = "a 4-line claim with add-ons and a denied pair, all rules and edit tables, warm"
    speed(what, partial(cptkit.check, claim, catalog), 200)
