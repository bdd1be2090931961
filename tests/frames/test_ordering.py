"""What is found hangs on no order of the rows, also where claims count their lines from 1 each."""

import datetime as dt
import itertools
import random
from collections import Counter

import attrs
import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import Basis, Catalog  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)
NAMES = ("claim", "line", "rule", "outcome", "severity", "evidence", "group", "carc")


@pytest.fixture(scope="module")
def tables(paths) -> dict[str, list[str]]:
    return paths.drawing.tables(55)


@pytest.fixture(scope="module")
def catalog(catalog_of, tables) -> Catalog:
    return catalog_of(tables)


def said(found):
    """What is told of which line of which claim, and what was not checked."""
    return Counter(tuple(row[name] for name in NAMES) for row in found.table.to_pylist()), Counter(
        tuple(row.values()) for row in found.not_checked.to_pylist()
    )


@pytest.mark.parametrize("grouped", [False, True])
def test_lines_of_one_number(paths, catalog, grouped) -> None:
    """They stand in the order of their claims."""
    billed = [("C1", 1, "90834"), ("C2", 1, "90834"), ("C1", 2, "90847"), ("C2", 2, "90791")]
    rows = [
        paths.row(line, "P-1", DAY, code, claim=claim, modifiers=("95",), minutes=45)
        for claim, line, code in billed
    ]
    told = [
        said(check(paths.table(each), catalog, grouped=grouped, select=["BHX", "DUP"]))
        for each in itertools.permutations(rows)
    ]
    assert all(each == told[0] for each in told)
    assert {key[:3] for key in told[0][0]} == {
        ("C1", 1, "BHX501"),
        ("C1", 1, "DUP601"),
        ("C1", 2, "BHX501"),
    }


@pytest.mark.parametrize("kind", ["numbers", "texts", "no claims"])
@pytest.mark.parametrize("seed", range(3))
def test_claims_that_count_their_lines(paths, catalog, tables, seed, kind) -> None:
    """By edit tables, with several clinicians or none on some days; some rows are there twice."""
    pairs = [row for heading, rows in tables.items() if heading.startswith("ptp") for row in rows]
    providers = [("A", "B"), ("A", None), ("A",)][seed]
    drawn = paths.drawing.rows(seed, 120, pairs=pairs, providers=providers)
    met = Counter()
    rows = []
    for row in drawn:
        claim = f"{row.patient}/{row.claim}"
        met[claim] += 1
        line = met[claim] if kind != "texts" else f"L{met[claim]}"
        rows.append(attrs.evolve(row, claim=claim if kind != "no claims" else None, line=line))
    rows += rows[::7]
    shuffle = random.Random(seed).shuffle  # noqa: S311 - the same on every run
    first = None
    for options in ({}, {"batch_rows": 50}, {"threads": 2}, {"batch_rows": 7, "grouped": True}):
        shuffle(rows)
        given = sorted(rows, key=lambda row: row.patient) if options.get("grouped") else rows
        told = said(check(paths.table(given), catalog, basis=Basis.MEDICARE, **options))
        first = first or told
        assert told == first, options
    assert len(first[0]) > 100
