"""``cptkit check --out``: files of findings, whole or not at all, and what is done before."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import pyarrow.csv as pa_csv  # noqa: E402 - behind the skip
import pyarrow.parquet as pq  # noqa: E402 - behind the skip

import cptkit  # noqa: E402 - behind the skip
from cptkit import frames  # noqa: E402 - behind the skip
from cptkit.cli import check_findings, check_tables_run  # noqa: E402 - behind the skip
from cptkit.cli.check_tally import Tally  # noqa: E402 - behind the skip

COLUMNS = ["row", "line", "claim", "rule", "outcome", "severity", "evidence", "group", "carc"]


# ---- findings files --------------------------------------------------------------------------------


def read(path):
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".csv":
        return pa_csv.read_csv(path)
    return pa.ipc.open_file(path).read_all()


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".arrow", ".CSV"])
def test_findings_are_those_of_frames(call, home, ending):
    out = home / f"found{ending}"
    assert call("check", "claims.parquet", "--out", out).status == 1
    wanted = frames.check("claims.parquet", cptkit.Catalog.bundled()).table
    found = read(out.rename(out.with_suffix(ending.lower())))
    assert found.column_names == COLUMNS
    wanted_rows = wanted.select(COLUMNS[:-1]).to_pylist()
    assert found.select(COLUMNS[:-1]).to_pylist() == wanted_rows
    assert [str(carc) for carc in found["carc"].to_pylist()] == wanted["carc"].to_pylist()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("kind", ["string", "large_string"])  # as pandas and Polars write texts
def test_an_id_that_a_spreadsheet_would_run(call, tuva, kind):
    names = ["=1+1", "-5", "+5.0", "-5+cmd", "@x", "plain"]
    table = pa.concat_tables([tuva("90785", patient=name) for name in names])
    pq.write_table(table.set_column(1, "claim_id", pa.array(names, kind)), "claims.parquet")
    call("check", "claims.parquet", "--select", "ADD301", "--out", "found.csv")
    written = [line.split(",")[2].strip('"') for line in Path("found.csv").read_text().splitlines()[1:]]
    assert written == ["'=1+1", "-5", "+5.0", "'-5+cmd", "'@x", "plain"]


def test_findings_are_replaced_and_nothing_else_is(call, home, refused):
    assert call("check", "claims.parquet", "--out", "found.csv").status == 1
    before = Path("found.csv").read_bytes()
    assert call("check", "clean.parquet", "--out", "found.csv").status in {0, 1}
    assert Path("found.csv").read_bytes() != before
    for name in ("notes.csv", "notes.parquet", "notes.arrow"):
        (home / name).write_text("mine\n", encoding="utf-8")
        refused(call("check", "claims.parquet", "--out", name), "--out is a file that holds no findings")
        assert (home / name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("claims/found.parquet", "--out lies in the folder FILE"),
        ("claims", "--out lies in the folder FILE"),
        ("claims/../claims/deep/er", "--out lies in the folder FILE"),
        ("found.xlsx", "--out ends in .xlsx: name a file that ends in .parquet, .csv or .arrow, or a folder"),
        ("plain", "--out is a file without an ending"),
        ("own.toml", "--out ends in .toml"),
        ("none/found.parquet", "found.parquet cannot be written (No such file or directory)"),
    ],
)
def test_an_out_that_cannot_be(call, folder, home, out, words, refused):
    (home / "plain").write_text("", encoding="utf-8")
    refused(call("check", folder, "--out", home / out), words)


@pytest.mark.usefixtures("home")
def test_findings_over_the_input(call, refused):
    before = Path("claims.parquet").read_bytes()
    refused(call("check", "claims.parquet", "--out", "./claims.parquet"), "--out is FILE itself")
    refused(call("check", "claims.parquet", "--out", "found"), "--out takes the findings of one file")
    assert Path("claims.parquet").read_bytes() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_folder_that_cannot_be_written(call, home, refused):
    (home / "shut").mkdir(mode=0o500)
    refused(
        call("check", "claims.parquet", "--out", "shut/found.csv"), "cannot be written (Permission denied)"
    )


@pytest.mark.parametrize("out", ["found.parquet", "found"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_what_ends_in_the_middle_leaves_nothing(call, folder, home, monkeypatch, out, error, names_in):
    def fail(*_given):
        raise error

    monkeypatch.setattr(check_findings.os, "fsync", fail)
    answer = call("check", folder, "--out", out)
    assert answer.status == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert [name for name in names_in(home) if "found" in name] == []


@pytest.mark.parametrize(
    ("out", "words"),
    [
        (("--out", "found"), "that are done stand in found: the same command goes on from there"),
        (("--out", "found.csv"), "no file is left half written"),
        ((), "no file is left half written"),
    ],
)
def test_an_interrupt_is_told(call, folder, monkeypatch, out, words):
    def interrupted(*_given, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(check_tables_run.TableRun, "check", interrupted)
    answer = call("check", folder, *out)
    assert (answer.status, answer.out) == (130, "")
    assert answer.err.startswith("cptkit: interrupted; ")
    assert answer.err.endswith(f"{words}\n")


WAITS = """
import pathlib, sys, time
from cptkit.cli import check_tables_run, main

def waits(run, path, on_rows, check=check_tables_run.TableRun.check):
    if path.name != "z.parquet":
        return check(run, path, on_rows)
    pathlib.Path("waits").touch()
    time.sleep(600)

check_tables_run.TableRun.check = waits
sys.exit(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="interrupts are otherwise there")
def test_an_interrupt_of_a_process(folder, home):
    """While it is at the last file, behind those that are done."""
    shutil.copy(folder / "a.parquet", folder / "z.parquet")
    command = [sys.executable, "-c", WAITS, "check", str(folder), "--out", "found"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        assert process.poll() is None, process.communicate()
        if (home / "waits").exists():
            break
        time.sleep(0.05)
    for _ in range(12):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it came just before the wait, and woke nobody
            process.wait(timeout=10)
            break
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err.count("\n")) == (130, "", 1)
    assert "the same command goes on from there" in err


# ---- done before -----------------------------------------------------------------------------------


def test_what_is_done_is_not_done_again(summary, folder, home, tuva, names_in):
    first = summary(folder, "--out", "found")
    files = {name: (home / "found" / name).read_bytes() for name in names_in(home / "found")}
    assert sorted(files) == [f"{name}.parquet.findings.parquet" for name in ("a", "b", "late/c")]
    again = summary(folder, "--out", "found")
    assert (again["files"]["done"], again["files"]["skipped"]) == (0, 3)
    assert {**again, "files": None} == {**first, "files": None}
    pq.write_table(tuva("90785", "90785"), folder / "b.parquet")
    (home / "found" / "a.parquet.findings.parquet").unlink()
    third = summary(folder, "--out", "found")
    assert (third["files"]["done"], third["files"]["skipped"], third["rows"]) == (2, 1, 4)
    assert (home / "found" / "a.parquet.findings.parquet").read_bytes() == files["a.parquet.findings.parquet"]


@pytest.mark.parametrize(
    ("given", "is_done"),
    [
        (("--select", "ADD301"), False),
        (("--basis", "medicare"), False),
        (("--profile", "medicare"), False),
        (("--edition", "2026.1"), False),
        (("--columns", "tuva"), False),
        (("--setting", "hospital"), False),
        (("--select", "ALL"), True),
        (("--threads", "1", "--batch-rows", "3", "--grouped"), True),
        (("--kept", "kept"), True),
    ],
)
def test_other_options_do_it_again(summary, folder, given, is_done):
    summary(folder, "--out", "found")
    told = summary(folder, "--out", "found", *given)
    assert told["files"]["skipped"] == (3 if is_done else 0)


@pytest.mark.parametrize(
    "told", [b"{", b"[]", b'{"format": 1}', b'{"format": 1, "run": "x", "input": {}, "counts": 3}']
)
def test_a_record_that_is_none(summary, folder, home, told):
    summary(folder, "--out", "found")
    path = home / "found" / "a.parquet.findings.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({b"cptkit": told}), path)
    assert summary(folder, "--out", "found")["files"]["done"] == 1


@pytest.mark.parametrize(("codes", "start"), [(("90785",), 0), (("90785",), 4), ((), 0)])
def test_findings_that_are_damaged_inside(summary, folder, home, tuva, codes, start):
    pq.write_table(tuva(*codes * 40, "99213"), folder / "a.parquet")
    first = summary(folder, "--out", "found")
    path = home / "found" / "a.parquet.findings.parquet"
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    path.write_bytes(whole[:start] + bytes(len(whole) - start - footer) + whole[-footer:])
    again = summary(folder, "--out", "found")
    assert (again["files"]["done"], again["files"]["skipped"]) == (1, 2)
    assert {**again, "files": None} == {**first, "files": None}
    assert path.read_bytes() == whole


def test_one_sign_of_the_findings_that_is_another(summary, folder, home):
    """Pages that still can be read, and say something else, are found by their checksums."""
    summary(folder, "--out", "found")
    path = home / "found" / "a.parquet.findings.parquet"
    whole = path.read_bytes()
    assert whole.count(b"ADD301") >= 1
    at = whole.index(b"ADD301")
    path.write_bytes(whole[:at] + b"ADD302" + whole[at + 6 :])
    assert summary(folder, "--out", "found")["files"]["done"] == 1
    assert path.read_bytes() == whole


def test_findings_that_are_fewer_than_were_counted(summary, folder, home):
    summary(folder, "--out", "found")
    path = home / "found" / "a.parquet.findings.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert summary(folder, "--out", "found")["files"]["done"] == 1


def test_how_files_were_judged_is_told(call, summary, folder):
    words = "Judged file by file: where the lines of a patient and day are split over files"
    assert summary(folder)["judged"] == "as one table"
    assert summary(folder, "--out", "found.csv")["judged"] == "as one table"
    assert words not in call("check", folder).out
    assert summary(folder, "--out", "found")["judged"] == "file by file"
    page = call("check", folder, "--out", "found").out
    assert words in " ".join(page.split())


def test_counts_that_are_none():
    whole = Tally(rows=1, cells=1, lines=1).record()
    assert Tally.from_record(whole) == Tally(rows=1, cells=1, lines=1)
    for wrong in ({"rows": -1}, {"rows": True}, {"lines": 0}, {"findings": [["ADD301", "fail", "1"]]}):
        with pytest.raises(ValueError, match=r"whole number|not the lines"):
            Tally.from_record(whole | wrong)


def test_findings_of_a_file_that_broke_are_removed(summary, folder, home, names_in):
    summary(folder, "--out", "found")
    (folder / "a.parquet").write_bytes(b"PAR1 and no more")
    (folder / "b.parquet").unlink()
    told = summary(folder, "--out", "found")
    assert [each["path"] for each in told["files"]["broken"]] == [str(folder / "a.parquet")]
    assert told["files"]["stray"] == ["found/b.parquet.findings.parquet"]
    assert "found/a.parquet.findings.parquet" not in names_in(home)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--columns", "omop"), 2),
        (("--column", "code=hcpcs"), 2),
        (("--select", "COD", "--memory", "0.1KB"), 1),
        (("--grouped", "--select", "ADD301"), 1),
    ],
)
def test_findings_stand_where_options_are_at_fault(
    call, summary, folder, home, tuva, names_in, options, status
):
    """The files are as they were: what was found in them by other options is not lost."""
    pq.write_table(
        pa.concat_tables(
            [tuva("90785", patient="P-1"), tuva("90785", patient="P-2"), tuva("99213", patient="P-1")]
        ),
        folder / "b.parquet",
    )
    summary(folder, "--out", "found")
    before = (home / "found" / "b.parquet.findings.parquet").read_bytes()
    answer = call("check", folder, "--out", "found", *options)
    assert answer.status == status
    assert "what an earlier run found in it stands: found/" in " ".join((answer.out + answer.err).split())
    assert len(list(names_in(home / "found"))) == 3
    assert (home / "found" / "b.parquet.findings.parquet").read_bytes() == before


@pytest.mark.usefixtures("folder")
def test_an_empty_name_is_no_folder(refused, call):
    """As of a variable that is not set; the folder in which the process stands is named by a dot."""
    refused(call("check", ""), "FILE is empty: name a file or folder.")
    refused(call("check", "", "--columns", "auto"), "FILE is empty: name a file or folder.")
    assert call("check", ".").status == 1


@pytest.mark.usefixtures("home")
def test_columns_of_modifiers_are_numbered(refused, call):
    given = ("--column", "modifiers=M1", "--column", "modifiers=M2")
    words = "two columns are given for modifiers: M1 and M2; modifier1, modifier2 and so on have one each"
    refused(call("check", "claims.parquet", *given), words)
