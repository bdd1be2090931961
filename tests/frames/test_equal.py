"""Columns say of every line what claims say: the same findings, and the same lines not checked for the same reasons.

The rows of each patient and day are judged as a claim by ``cptkit.check_claims``, its days apart, and all at once by
``cptkit.frames``. Everything that a rule may look at is drawn: codes, modifiers, places, units, minutes, clock
times, charges, clinicians, days at every boundary, edit tables with gaps.
"""

import datetime as dt
import itertools
import os
from collections import Counter

import attrs
import pytest

from cptkit import Basis, Catalog
from cptkit.edits import AddOnEdit, Mue, Quarter, Setting, Writer, attach
from cptkit.rules import RULES

DAY = dt.date(2026, 3, 2)
CODES = ("90834", "90847")
ORDERS = ("90834 90847", "90847 90834")

SETTINGS = ("practitioner", "hospital", "dme")
MIXED = ("A", "A", "B", None)
UNNAMED = (None,)
SEEDS = (1, 2, 3)
DRAWN = 120  # encounters of a seed
MANY = 12_000
PROFILES = ("tricare", "noridian", "optum-commercial", "medicaid-texas", "ngs", "medicare")


@pytest.fixture(scope="module")
def drawn_tables(paths):
    return paths.drawing.tables(7, settings=SETTINGS)


@pytest.fixture(scope="module")
def catalog(drawn_tables, catalog_of) -> Catalog:
    return catalog_of(drawn_tables)


@pytest.fixture(scope="module")
def pairs(drawn_tables) -> list[str]:
    return [row for heading, rows in drawn_tables.items() if heading.startswith("ptp") for row in rows]


def check(*given, **options):
    """As users call it; numpy may be missing when this file is read."""
    from cptkit.frames.running import check as check_table

    return check_table(*given, **options)


def differences(paths, rows, catalog, **options):
    """What one path says and the other does not, by line, with the line's patient; and what both say."""
    claims, columns = paths.by_claims(rows, catalog, **options), paths.by_columns(rows, catalog, **options)
    missing, extra = claims.findings - columns.findings, columns.findings - claims.findings
    unlike = (claims.not_checked - columns.not_checked, columns.not_checked - claims.not_checked)
    of_line = {row.line: row for row in rows}
    told = [
        (word, key, of_line[key[0]])
        for word, keys in (("no", missing), ("more", extra))
        for key in list(keys)[:3]
    ]
    return (told, [dict(each) for each in unlike]), claims


SAME = ([], [{}, {}])


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("seed", SEEDS)
def test_all_rules(paths, catalog, pairs, seed, basis) -> None:
    """With edit tables, named clinicians."""
    rows = paths.drawing.rows(seed, DRAWN, pairs=pairs)
    unlike, said = differences(paths, rows, catalog, basis=basis)
    assert unlike == SAME
    assert len(said.rules) > 25


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("providers", [MIXED, UNNAMED], ids=["some-unnamed", "all-unnamed"])
def test_unnamed_clinicians(paths, catalog, pairs, providers, basis) -> None:
    rows = paths.drawing.rows(11, DRAWN, pairs=pairs, providers=providers)
    unlike, said = differences(paths, rows, catalog, basis=basis)
    assert unlike == SAME
    assert len(said.rules) > 25


@pytest.mark.parametrize("setting", SETTINGS[1:])
@pytest.mark.parametrize("providers", [("A",), UNNAMED], ids=["named", "unnamed"])
def test_other_settings(paths, catalog, pairs, setting, providers) -> None:
    rows = paths.drawing.rows(12, DRAWN, pairs=pairs, providers=providers)
    unlike, said = differences(paths, rows, catalog, basis=Basis.MEDICARE, setting=setting)
    assert unlike == SAME
    assert len(said.rules) > 20


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles(paths, catalog, pairs, profile) -> None:
    """With the facts of a payer."""
    rows = paths.drawing.rows(14, DRAWN, pairs=pairs, providers=MIXED)
    unlike, _ = differences(paths, rows, catalog, profile=profile)
    assert unlike == SAME


@pytest.mark.parametrize("basis", list(Basis))
def test_without_tables(paths, basis) -> None:
    """Rules of edit tables that are named say of each line that there are none."""
    rows = paths.drawing.rows(15, DRAWN, providers=MIXED)
    for select in (["ALL"], ["ALL", "PTP", "MUE", "ADD302", "PFS", "PREVIEW"]):
        unlike, _ = differences(paths, rows, Catalog.bundled(), basis=basis, select=select)
        assert unlike == SAME


@pytest.mark.parametrize("row", RULES, ids=[row.id for row in RULES])
def test_each_rule_alone(paths, catalog, pairs, row) -> None:
    """Selected by itself a rule says what it says among others."""
    providers = MIXED if len(row.name) % 2 else ("A", "B")
    rows = paths.drawing.rows(len(row.name), DRAWN, pairs=pairs, providers=providers)
    unlike, said = differences(paths, rows, catalog, basis=Basis.MEDICARE, select=[row.id])
    assert unlike == SAME
    assert said.rules <= {row.id, "ALL"}


def test_an_edition_as_a_catalog(paths) -> None:
    """What no other edition says is not known, nor are days of other years."""
    rows = paths.drawing.rows(16, DRAWN)
    catalog = Catalog.from_editions("2025.1")
    unlike, said = differences(paths, rows, catalog)
    assert unlike == SAME
    assert {reason for rule, reason in said.not_checked if rule == "ALL"} >= {
        "the catalog has no edition for 2026"
    }


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("seed", range(6))
def test_two_codes_on_both_sides_of_every_boundary(paths, catalog_of, seed, basis) -> None:
    """All that pair edits and limits may say of two codes, with every row of the pair and each of its days."""
    turns = ("2026-01-01..2026-03-01", "2026-03-02..2026-03-02", "2026-03-03..")
    pairs = [
        f"{ORDERS[(place + seed) % 2]} {(0, 1, 9)[(place * 2 + seed) % 3]} {turn}"
        + (" Mutually exclusive" if place == seed % 3 else " own words")
        for place, turn in enumerate(turns)
    ]
    limits = [f"90834 {seed % 3} {seed % 3 + 1}", "90847 1 3"]
    catalog = catalog_of({"ptp practitioner 2026q1": pairs, "mue practitioner 2026q1": limits})
    lines = list(itertools.product((-1, 0, 1, 31), ((), ("59",), ("95",), ("LT",)), (1, 0, 2), CODES))
    rows = [
        paths.row(
            number, f"{together}-{number // together}", DAY + dt.timedelta(shift), code, "A", modifiers, units
        )
        for together in (2, 3)
        for number, (shift, modifiers, units, code) in enumerate(lines, 1000 * together)
    ]
    unlike, said = differences(paths, rows, catalog, basis=basis, select=["PTP", "MUE", "DUP"])
    assert unlike == SAME
    assert said.rules >= {"MUE803", "PTP701", "PTP702"} - (
        {"PTP702"} if pairs[seed % 3].split()[2] == "9" else set()
    )


def test_rejected_rows_of_tables(paths, tmp_path) -> None:
    """Of a code whose row could not be read when the table was imported nothing is known."""
    when = Quarter.parse("2026q1")
    with Writer(tmp_path) as writer:
        limits = [Mue("90837", 1, 2, "own words", Setting.PRACTITIONER, when, "mue.csv")]
        writer.put_mue(limits, Setting.PRACTITIONER, when, [], rejected=["90834"])
        row = AddOnEdit("W9911", "99213", 1, None, None, None, None, note="", quarter=when, file="aoc.txt")
        writer.put_addons([row], when, [], rejected=["90785"])
        builder = writer.pairs(Setting.PRACTITIONER, when)
        says = builder.row(None, None, 1, prior_to_1996=False, rationale="own words")
        builder.extend([builder.code("90834")], [builder.code("90847")], [says])
        writer.put_pairs(builder, [], rejected=3)
        writer.commit()
    codes = ("90785", "90834", "90837", "99213", "99417", "90847", "ABC", "9083")
    drawn = paths.drawing.rows(18, 150, providers=MIXED, days=(DAY, dt.date(2026, 4, 1)))
    rows = [attrs.evolve(row, code=codes[row.line % len(codes)]) for row in drawn]
    with attach(tmp_path) as edits:
        unlike, said = differences(paths, rows, Catalog.bundled(tables=edits), basis=Basis.MEDICARE)
    assert unlike == SAME
    told = {rule for rule, reason in said.not_checked if "rejected" in reason}
    assert told >= {"ADD302", "MUE801", "MUE802", "MUE803"}


def test_a_pair_of_which_one_line_is_not_billed(paths, catalog_of) -> None:
    """No units, no edit; with units on another line of the code there is one."""
    catalog = catalog_of({"ptp practitioner 2026q1": ["90834 90847 0"]})
    for units, found in (((1, 1), 1), ((1, 0), 0), ((0, 1), 0), ((1, 0, 1), 1), ((-1, 1), 0)):
        codes = ("90834", "90847", "90847")
        rows = [paths.row(n, "P", DAY, codes[n], units=each) for n, each in enumerate(units)]
        unlike, said = differences(paths, rows, catalog, select=["PTP701"])
        assert unlike == SAME
        assert said.findings.total() == found


def test_units_below_zero_take_none_away(paths, catalog_of) -> None:
    """Of lines of one code what is not above zero counts as none."""
    catalog = catalog_of({"mue practitioner 2026q1": ["90834 2 2", "90847 2 3", "90853 2 1"]})
    for units, found in (
        ((3, -2), 1),
        ((1, 1), 0),
        ((2, -5, 1), 1),
        ((2, 0), 0),
        ((1, 1, 1), 1),
        ((-1, -1), 0),
    ):
        for code in ("90834", "90847", "90853"):
            rows = [paths.row(n, "P", DAY, code, units=each) for n, each in enumerate(units)]
            unlike, said = differences(paths, rows, catalog, select=["MUE"])
            assert unlike == SAME
            assert said.findings.total() == found


def test_add_ons_that_may_be_primaries_of_others(paths, catalog_of) -> None:
    """Each is told of once, though it stands in what is asked about the other."""
    rows_of = [
        "W9911 W9912 1 note=as the contractor says",
        "W9912 W9913 1",
        "W9914 W9912 1",
        "W9915 W9911 1 note=see above",
    ]
    catalog = catalog_of({"aoc 2026q1": rows_of})
    codes = ("W9911", "W9912", "W9913", "W9914", "W9915")
    chosen = [each for size in (1, 2, 3) for each in itertools.permutations(codes, size)]
    rows = [
        paths.row(10 * number + place, f"P-{number}", DAY, code)
        for number, each in enumerate(chosen)
        for place, code in enumerate(each)
    ]
    unlike, said = differences(paths, rows, catalog, select=["ADD302"])
    assert unlike == SAME
    assert said.findings.total() > 50


@pytest.mark.parametrize("pairs_at_a_time", [1, 7])
def test_add_ons_beside_many_lines(paths, catalog, monkeypatch, pairs_at_a_time) -> None:
    """Of which only so many pairs are made at a time."""
    from cptkit.rules.add import columns

    monkeypatch.setattr(columns, "_MOST_PAIRS", pairs_at_a_time)
    rows = paths.drawing.rows(25, DRAWN)
    together = [attrs.evolve(row, patient="P", day=DAY) if row.line % 4 == 0 else row for row in rows]
    unlike, said = differences(paths, together, catalog, select=["ADD301", "ADD302"])
    assert unlike == SAME
    assert said.findings.total() > 50


@pytest.mark.parametrize("providers", [("A", "B"), MIXED], ids=["named", "some-unnamed"])
def test_without_a_column_of_modifiers(paths, catalog, pairs, providers) -> None:
    """What a modifier might take away is not checked, and counted; all else is as if none were billed."""
    drawn = paths.drawing.rows(19, 200, providers=providers, pairs=pairs, days=(DAY, dt.date(2025, 2, 3)))
    rows = [attrs.evolve(row, modifiers=()) for row in drawn]
    table = paths.table(rows)
    bare = paths.said(check(table.drop_columns(["modifiers"]), catalog, basis=Basis.MEDICARE))
    blank = paths.by_claims(rows, catalog, basis=Basis.MEDICARE)
    assert bare.findings - blank.findings == {}
    assert blank.not_checked - bare.not_checked == {}
    untold = Counter[str]()
    for key, count in (blank.findings - bare.findings).items():
        untold[key[1]] += count
    reasons = {reason for _, reason in bare.not_checked - blank.not_checked}
    assert all(reason.startswith("the input has no modifiers") for reason in reasons)
    counted = Counter[str]()
    for (rule, _), count in (bare.not_checked - blank.not_checked).items():
        counted[rule] += count
    assert counted == untold
    assert {"PTP701", "PTP702"} <= set(untold)
    assert {key[1] for key in bare.findings} >= {
        "PTP701",
        "MUE802",
    }  # edits that nothing bypasses, and limits


@pytest.mark.large
@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("providers", [("A", "B"), MIXED, UNNAMED], ids=["named", "some-unnamed", "unnamed"])
def test_many(paths, catalog_of, basis, providers) -> None:
    """Many encounters, with other tables; as many as CPTKIT_DRAWN says, some thousands at a time."""
    tables = paths.drawing.tables(8)
    pairs = [row for heading, rows in tables.items() if heading.startswith("ptp") for row in rows]
    for turn in range(max(int(os.environ.get("CPTKIT_DRAWN", "0")) // MANY, 1)):
        rows = paths.drawing.rows(17 + 1000 * turn, MANY, providers=providers, pairs=pairs)
        unlike, _ = differences(paths, rows, catalog_of(tables), basis=basis)
        assert unlike == SAME, turn


@pytest.mark.parametrize("setting", SETTINGS[1:])
def test_who_works_in_a_hospital_does_not_matter(paths, catalog, pairs, setting) -> None:
    """Its lines are one encounter a day, whoever is named on them."""
    rows = paths.drawing.rows(13, DRAWN, pairs=pairs, providers=MIXED)
    unlike, _ = differences(paths, rows, catalog, basis=Basis.MEDICARE, setting=setting)
    assert unlike == SAME
