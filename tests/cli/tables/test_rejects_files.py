"""``cptkit check --rejects``: the rows of a table that are no lines, each with its reason."""

from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import pyarrow.csv as pa_csv  # noqa: E402 - behind the skip
import pyarrow.parquet as pq  # noqa: E402 - behind the skip

WHY = "date of service is not a day of the calendar"


def read(path):
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".csv":
        return pa_csv.read_csv(path)
    return pa.ipc.open_file(path).read_all()


@pytest.fixture
def bad(home, tuva):
    """A table of three rows, of which the second is no line."""
    rows = [tuva("99213"), tuva("90834", day="2026-02-30"), tuva("90785", patient="P-2")]
    pq.write_table(pa.concat_tables(rows), home / "bad.parquet")
    return home / "bad.parquet"


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".arrow"])
@pytest.mark.usefixtures("bad")
def test_rejected_rows(summary, home, ending):
    told = summary("bad.parquet", "--rejects", f"rejected{ending}")
    found = read(home / f"rejected{ending}")
    assert found.column_names == ["row", "reason"]
    assert found.to_pylist() == [{"row": 1, "reason": WHY}]
    assert (told["rejected"], told["rejects_out"]) == (1, f"rejected{ending}")
    assert told["rejects"] == [{"reason": WHY, "cells": 1, "row": 1}]


@pytest.mark.usefixtures("bad")
def test_beside_findings(call, summary, home):
    page = call("check", "bad.parquet", "--out", "found.csv", "--rejects", "rejected.csv").out
    assert "Findings: found.csv\nRejected rows: rejected.csv\n" in page
    assert read(home / "found.csv").num_rows >= 1
    assert summary("clean.parquet", "--rejects", "rejected.csv", status=0)["rejected"] == 0
    assert read(home / "rejected.csv").num_rows == 0


def test_a_folder_as_one_table(summary, folder, bad, home):
    bad.rename(folder / "b.parquet")
    told = summary(folder, "--out", "found.parquet", "--rejects", "rejected.parquet")
    assert read(home / "rejected.parquet").to_pylist() == [
        {"row": 2, "reason": WHY}
    ]  # behind that of a.parquet
    assert (told["rejected"], told["judged"]) == (1, "as one table")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--out", "found"), "with a folder in --out rows are counted file by file"),
        (("--rejects", "plain"), "name a file that ends in .parquet, .csv or .arrow"),
        (("--rejects", "x.xlsx"), "name a file that ends in .parquet, .csv or .arrow"),
        (("--rejects", "claims/a.parquet"), "--rejects lies in the folder FILE"),
        (("--rejects", "claims/new.csv"), "--rejects lies in the folder FILE"),
        (("--out", "rejected.csv"), "--rejects is the file of --out"),
        (("--rejects", "notes.csv"), "--rejects is a file that holds no rejected rows"),
        (("--rejects", "none/rejected.csv"), "rejected.csv cannot be written (No such file or directory)"),
    ],
)
def test_rejects_that_cannot_be(call, folder, home, given, words, refused, names_in):
    Path("notes.csv").write_text("mine\n", encoding="utf-8")
    before = {name: (home / name).read_bytes() for name in names_in(home)}
    rejects = () if "--rejects" in given else ("--rejects", "rejected.csv")
    refused(call("check", folder, *given, *rejects), words)
    assert {name: (home / name).read_bytes() for name in names_in(home)} == before


def test_rejects_over_inputs(call, bad, refused):
    before = bad.read_bytes()
    refused(call("check", "bad.parquet", "--rejects", "./bad.parquet"), "--rejects is FILE itself")
    Path("link.parquet").hardlink_to("bad.parquet")
    refused(call("check", "bad.parquet", "--rejects", "link.parquet"), "--rejects is FILE itself")
    assert call("check", "bad.parquet", "--out", "found.parquet").status == 1
    refused(
        call("check", "bad.parquet", "--rejects", "found.parquet"),
        "--rejects is a file that holds no rejected rows",
    )
    assert bad.read_bytes() == before


def test_rejects_of_claims(call, file, refused):
    line = "patient,dos,cpt,minutes\nP-1,2026-03-02,90834,47\n"
    refused(call("check", file(line), "--rejects", "x.csv"), "--rejects is for tables")
