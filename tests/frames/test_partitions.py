"""What a worker does with a partition, without the engine that spreads them."""

import pickle
import sys
import types

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

import attrs
import pyarrow as pa

import cptkit
from cptkit import Basis, Catalog
from cptkit.codesets import Pin
from cptkit.errors import BrokenEdits, DigestMismatch, NotInstalled, UnknownEdition, UnreadableClaims
from cptkit.frames import check, spark
from cptkit.frames.maps import detect
from cptkit.frames.partitions import Plan, Work, catalog_of, pinned, told_schema
from cptkit.rules.profiles.reading import profile_of
from cptkit.testing.edit_tables import write_edit_tables

TEXT = pa.string()
OTHER = "sha256:" + "0" * 64


def plan_for(table, catalog, **changes):
    held = detect(table.column_names)
    ids = tuple((held.fields.get(field) or (None,))[0] for field in ("claim", "line"))
    given = {
        "pinned": pinned(catalog, None),
        "names": tuple(table.column_names),
        "columns": held.map,
        "by": Basis.CPT,
        "select": ("ALL",),
        "ignore": (),
        "setting": "practitioner",
        "ids": ids,
        "wide": held.lines,
        "version": cptkit.__version__,
    }
    return Plan(**given | changes)


def told(plan, table):
    """What comes back, row by row, from a plan that has travelled."""
    work = pickle.loads(pickle.dumps(Work(plan)))  # noqa: S301 - pickled on the same line
    named = table.rename_columns([f"column{place}" for place in range(table.num_columns)])
    batches = list(work(iter(named.to_batches(max_chunksize=3))))
    assert all(batch.schema.equals(told_schema(table.schema, plan.ids)) for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.fixture
def lines():
    return pa.table(
        {
            "patient": ["P-1", " P-1", "P-2", "P-3", "P-4"],
            "claim": ["C-1", "C-1", "C-2", "C-3", "C-4"],
            "line": ["1", "2", "1", "1", "1"],
            "dos": ["2026-03-02", "2026-03-02", "2026-02-30", "2026-03-02", "2026-03-02"],
            "cpt": ["90837", "90785", "90834", "90785", "27447"],
            "minutes": [50, None, 45, None, None],
            "modifiers": ["95", None, None, None, None],
        }
    )


@pytest.fixture
def catalog():
    return Catalog.from_editions("2026.1")


def test_all_that_a_check_says_comes_back(lines, catalog) -> None:
    rows = told(plan_for(lines, catalog), lines)
    usual = check(lines, catalog)
    names = ("claim", "line", "rule", "outcome", "severity", "evidence", "group", "carc")
    found = [{name: row[name] for name in names} for row in rows if row["kind"] == "finding"]
    assert found == usual.table.select(names).to_pylist()
    assert {row["rule"] for row in found} >= {"TIM402", "ADD301"}
    unchecked = {(row["rule"], row["reason"]): row["number"] for row in rows if row["kind"] == "not_checked"}
    assert unchecked == {(row["rule"], row["reason"]): row["lines"] for row in usual.not_checked.to_pylist()}
    assert unchecked
    (reject,) = (row for row in rows if row["kind"] == "reject")
    assert (reject["claim"], reject["line"]) == ("C-2", "1")
    assert reject["reason"] == "date of service is not a day of the calendar"
    totals = {row["reason"]: row["number"] for row in rows if row["kind"] == "total"}
    assert totals == {"rows": 5, "cells": 5, "lines": 4, "rejected": 1}


def test_an_empty_partition_says_nothing(lines, catalog) -> None:
    assert list(Work(plan_for(lines, catalog))(iter([]))) == []


def test_rows_of_several_lines_are_told_by_their_place(catalog) -> None:
    rows = {"DESYNPUF_ID": ["A", "B"], "CLM_ID": [11, 12], "CLM_FROM_DT": [20260302, 20260230]}
    rows |= {f"HCPCS_CD_{place}": pa.nulls(2, TEXT) for place in range(1, 14)}
    rows |= {f"PRF_PHYSN_NPI_{place}": ["1", "1"] for place in range(1, 14)}
    table = pa.table(rows | {"HCPCS_CD_2": ["90785", "90834"]})
    plan = plan_for(table, catalog, select=("DUP", "ADD"))
    found = told(plan, table)
    assert {(row["claim"], row["line"]) for row in found if row["kind"] == "finding"} == {(11, 2)}
    assert [(row["claim"], row["line"]) for row in found if row["kind"] == "reject"] == [(12, 2)]


def test_without_claims(lines, catalog) -> None:
    table = lines.drop_columns(["claim"])
    rows = told(plan_for(table, catalog), table)
    assert {(row["kind"], row["claim"]) for row in rows} >= {("finding", None), ("reject", None)}


def test_rows_of_a_patient_that_stand_apart(lines, catalog) -> None:
    table = lines.take([0, 3, 1])
    with pytest.raises(UnreadableClaims, match="do not stand together"):
        told(plan_for(table, catalog), table)


def test_a_profile_judges(lines, catalog) -> None:
    profile = attrs.evolve(profile_of("medicare"), severities={"TIM402": "review"})
    rows = told(plan_for(lines, catalog, by=profile, select=("TIM402",)), lines)
    assert [row["severity"] for row in rows if row["kind"] == "finding"] == ["review"]


class TestTheCatalog:
    def test_is_made_once(self, catalog) -> None:
        given = pinned(catalog, None)
        assert given.editions == catalog.pins
        assert catalog_of(given) is catalog_of(pickle.loads(pickle.dumps(given)))  # noqa: S301 - pickled here
        assert catalog_of(given).pins == catalog.pins

    def test_an_edition_without_a_name_travels_itself(self, catalog) -> None:
        own = catalog.editions[0]
        renamed = pickle.loads(pickle.dumps(own))  # noqa: S301 - pickled here
        renamed.digest = OTHER
        given = pinned(Catalog((renamed,)), None)
        assert (given.editions, given.own) == ((), (renamed,))
        assert catalog_of(given).pins == (Pin("2026.1", OTHER),)

    def test_another_edition_is_refused(self, lines, catalog) -> None:
        given = attrs.evolve(pinned(catalog, None), editions=(Pin("2026.1", OTHER),))
        with pytest.raises(DigestMismatch, match=OTHER):
            told(plan_for(lines, catalog, pinned=given), lines)

    def test_an_edition_that_is_not_there(self, lines, catalog) -> None:
        given = attrs.evolve(pinned(catalog, None), editions=(Pin("2026.1+acme", OTHER),))
        with pytest.raises(UnknownEdition, match="acme"):
            told(plan_for(lines, catalog, pinned=given), lines)

    def test_edit_tables_by_path_and_digest(self, tmp_path) -> None:
        write_edit_tables(tmp_path / "here", {"mue practitioner 2026q1": ["90837 1 2"]})
        write_edit_tables(tmp_path / "there", {"mue practitioner 2026q1": ["90837 1 2"]})
        write_edit_tables(tmp_path / "other", {"mue practitioner 2026q1": ["90837 2 2"]})
        catalog = Catalog.from_editions("2026.1", tables=tmp_path / "here")
        given = pinned(catalog, None)
        assert given.tables == Pin(str((tmp_path / "here").resolve()), catalog.tables.digest)
        assert catalog_of(given).pins == catalog.pins
        assert catalog_of(pinned(catalog, tmp_path / "there")).tables.folder == tmp_path / "there"
        with pytest.raises(DigestMismatch, match="edit tables"):
            catalog_of(pinned(catalog, tmp_path / "other"))
        with pytest.raises(BrokenEdits, match="no edit tables"):
            catalog_of(pinned(catalog, tmp_path / "nowhere"))

    def test_another_version_is_refused(self, lines, catalog) -> None:
        with pytest.raises(NotInstalled, match="not the version of the driver; expected cptkit 0"):
            told(plan_for(lines, catalog, version="0.0.7"), lines)


class TestTheDoorWithoutSpark:
    def test_the_extra_is_named(self, catalog, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "pyspark", None)
        monkeypatch.setitem(sys.modules, "pyspark.sql.functions", None)
        with pytest.raises(NotInstalled, match=r"pip install cptkit\[spark\]"):
            spark.check(types.SimpleNamespace(mapInArrow=None), catalog)

    def test_what_is_no_dataframe(self, catalog) -> None:
        with pytest.raises(UnreadableClaims, match="no DataFrame of Spark"):
            spark.check([], catalog)
