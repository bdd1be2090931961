"""``cptkit import``: what it prints, how it ends, and that a refusal is one line and writes nothing."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from cptkit.edits import Writer, attach, verify

pytest.importorskip("click", reason="pip install cptkit[cli]")


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A folder that is not there yet; named from where it is, so that no line is long."""
    monkeypatch.chdir(tmp_path)
    return Path("tables")


def refused(answer, *words):
    assert answer.status == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("cptkit: ")
    assert answer.err.count("\n") == 1
    for word in words:
        assert word in answer.err


def test_the_summary(call, downloads, tables):
    answer = call("import", *downloads.everything(), "--into", tables)
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "5 tables in tables: 5 new"
    assert "ptp practitioner 2024q3           6          6          0  new" in lines
    assert "  pairs: 6, open: 4, indicator 0: 3, indicator 1: 2, indicator 9: 1" in lines
    assert "  rows begin on days from 1996-01-01 to 2024-04-01" in lines
    assert "  medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f1.zip to f4" in lines
    assert "  MAI 1: 1, MAI 3: 1, limit of zero: 1" in lines
    assert lines[-2] == "13 rows read = 13 kept + 0 rejected"
    with attach(tables) as edits:
        assert lines[-1] == f"the tables have the digest {edits.digest}"
    assert max(map(len, lines[:-1])) <= 80
    assert verify(tables) == ()


def test_a_folder_and_what_is_not_read(call, downloads, tables):
    downloads.everything()
    downloads.write("README.txt", "how to read this")
    downloads.write("pos.csv", "Place of Service Code(s),Place of Service Name\n97,own words\n")
    answer = call("import", downloads.folder, "--into", tables)
    assert answer.status == 0
    assert "\nREAD AND COUNTED, BUT NOT PUT INTO THE TABLES\n" in answer.out
    assert "\n  next: no table holds this list yet" in answer.out
    assert "\nNOT READ\n  this is none of the tables that cptkit reads\n    README.txt\n" in answer.out


def test_what_no_table_holds(call, downloads, tables):
    path = downloads.write("pos.csv", "Place of Service Code(s),Place of Service Name\n97,own words\n")
    answer = call("import", path, "--into", tables)
    assert answer.status == 0
    assert answer.out.startswith("Nothing was put into tables\n")
    assert "digest" not in answer.out
    assert not tables.exists()


def test_doubts_and_what_was_mended_are_told(call, downloads, tables):
    (row,) = downloads.fee_rows
    old = downloads.limits().read_text().replace("An invented notice", "Copyright 2019")
    files = [
        downloads.fees(rows=[row.replace(",010,", ",10,")]),
        downloads.write("MCR_MUE_PractitionerServices_Eff_07-01-2024.csv", old),
        downloads.write(
            "medicaid-ncci-2024q3-practitioner-ptp-edits.txt",
            downloads.pair_text(["W9901\tW9902\t\t20200101\t*\t1\town"]),
        ),
    ]
    answer = call("import", *files, "--into", tables)
    assert answer.status == 0
    assert "  mended: global_days: 1 cell got lost zeros back\n" in answer.out
    assert "  note: the notice above the table is of 2019: is it really 2024q3?\n" in answer.out
    assert "\npair edits (PTP) medicaid practitioner 2024q3\n" in answer.out  # too long for its column
    assert max(map(len, answer.out.splitlines()[:-1])) <= 80


def test_rejected_rows(call, downloads, tables):
    rows = ["W9901,1,1 Line Edit,x", *(f"W99O{number:02},1,1 Line Edit,x" for number in range(25))]
    answer = call("import", downloads.limits(rows=rows), "--into", tables)
    assert answer.status == 1
    assert "\nREJECTED: these rows are in no table, and answer as if they had not been" in answer.out
    assert "mue practitioner 2024q3: 25 x the code is not a code" in answer.out
    assert "    line 6: the code is not a code: 'W99O00'\n" in answer.out
    assert "    and 15 more\n" in answer.out
    assert "\n26 rows read = 1 kept + 25 rejected\n" in answer.out
    with attach(tables) as edits:
        assert [mue.code for mue in edits.mue_rows(setting="practitioner", quarter="2024q3")] == ["W9901"]


def test_json(call, downloads, tables):
    answer = call("import", *downloads.everything(), "--into", tables, "--format", "json")
    report = json.loads(answer.out)
    assert (report["rows_read"], report["rows_kept"], report["dry_run"]) == (13, 13, False)
    with attach(tables) as edits:
        assert report["digest"] == edits.digest


def test_a_dry_run(call, downloads, tables):
    answer = call("import", *downloads.everything(), "--into", tables, "--dry-run")
    assert answer.status == 0
    assert answer.out.startswith("Dry run, nothing was written. Of 5 tables for tables: 5 new\n")
    assert "the tables would have the digest sha256:" in answer.out
    assert not tables.exists()


def test_again(call, downloads, tables):
    call("import", *downloads.everything(), "--into", tables)
    downloads.limits(rows=["W9901,5,1 Line Edit,own words"])
    answer = call("import", downloads.folder, "--into", tables)
    assert answer.out.startswith("5 tables in tables: 1 replaced, 4 unchanged\n")


def test_what_a_name_does_not_say_is_said(call, downloads, tables):
    path = downloads.write("table.csv", downloads.limits().read_bytes())
    refused(call("import", path, "--into", tables), "the quarter stands neither in the file nor in its name")
    assert call("import", path, "--into", tables, "--quarter", "2024-Q4").status == 0
    part = downloads.write("part.txt", downloads.pair_text(["W9901\tW9902\t\t20200101\t*\t1\town"]))
    said = ("--quarter", "2024q4", "--setting", "hospital")
    assert call("import", part, "--into", tables, *said).status == 0
    with attach(tables) as edits:
        assert [part.name for part in edits.parts] == ["ptp hospital 2024q4", "mue practitioner 2024q4"]


def test_parts_and_days_are_said(call, downloads, tables):
    files = downloads.pairs()
    refused(call("import", files[0], "--into", tables), "not complete: f2, f3, f4 are missing", "--parts")
    assert call("import", files[0], "--into", tables, "--parts", "1").status == 0
    revised = downloads.fees("24AR")
    refused(call("import", revised, "--into", tables), "a revised release may hold from a day", "--first-day")
    assert call("import", revised, "--into", tables, "--first-day", "2024-03-09").status == 0


def test_two_tables_of_relative_values(call, downloads, tables):
    priced = downloads.fees("24C").read_bytes()
    with zipfile.ZipFile(io.BytesIO(priced)) as archive:
        text = archive.read("PPRRVU24_JUL.csv").decode()
    path = downloads.write("PPRRVU2026_Jul.csv", text)
    refused(call("import", path, "--into", tables), "for qualifying participants, or not", "--qpp")
    assert call("import", path, "--into", tables, "--qpp").status == 0
    assert call("import", path, "--into", tables, "--no-qpp").status == 0
    with attach(tables) as edits:
        assert [part.name for part in edits.parts] == ["pfs 26C", "pfs 26C qpp"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--quarter", "Q3 2024"], "not a quarter: 'Q3 2024'"),
        (["--setting", "office"], "'office' is not one of"),
        (["--first-day", "soon"], "cannot be read"),
        (["--parts", "0"], "0 is not in the range"),
    ],
)
def test_options_that_cannot_be(call, downloads, tables, options, words):
    answer = call("import", downloads.limits(), "--into", tables, *options)
    assert answer.status == 2
    assert words in answer.err
    assert not tables.exists()


def test_usage(call, tables):
    assert "Missing option '--into'" in call("import", "x.zip").err
    assert "Missing argument 'FILES...'" in call("import", "--into", tables).err


# ---- refusals ----------------------------------------------------------------------------------


def bomb():
    """A small zip whose member unpacks to a hundred megabytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ccipra-v302r0-f1.TXT", b"0" * (100 * 1024**2))
    return data.getvalue()


def forged():
    """A zip whose directory lies about the size of its member."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ccipra-v302r0-f1.TXT", "x")
    whole = bytearray(data.getvalue())
    at = whole.rfind(b"PK\x01\x02")
    whole[at + 24 : at + 28] = struct.pack("<I", 2**31)
    return bytes(whole)


def nested():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
    return data.getvalue()


FILES = {
    "a web page": ("ptp-f1.zip", b"<html><title>AMA License Agreement</title>", "it looks like a web page"),
    "cut short": ("ptp-f1.zip", b"PK\x03\x04" + bytes(60), "cut short or damaged"),
    "a bomb": ("ptp-f1.zip", bomb(), "it looks like a zip bomb"),
    "a forged size": ("ptp-f1.zip", forged(), "it looks like a zip bomb"),
    "a zip in a zip": ("ptp-f1.zip", nested(), "a zip archive"),
    "nothing": ("ptp-f1.zip", b"", "an empty file"),
    "a picture": ("ptp-f1.zip", b"\x89PNG\r\n\x1a\n", "a picture"),
    "another table": ("table.csv", b"name,city\nx,y\n", "none of the tables that cptkit reads"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_read(call, downloads, tables, kind):
    name, content, words = FILES[kind]
    path = downloads.write(name, content)
    for more in ([], ["--dry-run"]):
        refused(call("import", downloads.limits(), path, "--into", tables, *more), words, name)
    assert not tables.exists()


def test_a_file_that_is_not_there(call, downloads, tables):
    path = downloads.folder / "none.zip"
    refused(call("import", downloads.limits(), path, "--into", tables), "No such file", "none.zip")
    assert not tables.exists()


def test_the_wrong_quarter_and_the_other_setting(call, downloads, tables):
    late = downloads.pairs(parts=[[f"W990{n}\tW9902\t\t2025010{n}\t*\t1\town"] for n in (1, 3, 4, 5)])
    refused(call("import", *late, "--into", tables), "these are not the pair edits of 2024q3")
    refused(
        call("import", downloads.limits(), "--into", tables, "--setting", "dme"),
        "its content says practitioner",
    )
    refused(
        call("import", downloads.addons(), "--into", tables, "--quarter", "2024q2"), "whose quarter is this"
    )
    assert not tables.exists()


def test_a_folder_in_use(call, downloads, tables):
    with Writer(tables):
        refused(call("import", downloads.limits(), "--into", tables), "another process is writing")


def test_damaged_tables(call, downloads, tables):
    call("import", downloads.limits(), "--into", tables)
    (tables / "manifest.json").write_text("{")
    refused(call("import", downloads.addons(), "--into", tables), "the manifest is not JSON", "manifest.json")


def test_a_folder_that_cannot_be_made(call, downloads, tables):
    tables.write_text("notes")
    answer = call("import", downloads.limits(), "--into", tables / "below")
    refused(answer, "cannot be written")
    assert "Traceback" not in answer.err


def test_names_that_move_the_cursor_are_spelled_out(call, downloads, tables):
    rows = ["W9901,1,1 Line Edit,x", "W\x1b[2J,1,1 Line Edit,x"]
    answer = call("import", downloads.limits(rows=rows), "--into", tables)
    assert answer.status == 1
    assert "\x1b" not in answer.out


# ---- progress ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("long", "shown"), [(0, True), (10**9, False)])
def test_a_bar_on_a_terminal_alone(call, downloads, tables, monkeypatch, long, shown):
    monkeypatch.setattr("cptkit.cli.import_files._LONG", long)
    assert call("import", downloads.limits(), "--into", tables, "--dry-run").err == ""
    monkeypatch.setattr("cptkit.cli.import_files.is_terminal", lambda _stream: True)
    answer = call("import", downloads.limits(), "--into", tables)
    assert answer.status == 0
    assert ("writing" in answer.err) is shown
