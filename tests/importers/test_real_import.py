"""One import of the folder that CPTKIT_REAL_DATA names, end to end, as a user would run it: counted to the row.

Tables that lost their layout on the way there are put back into it first, in a folder of the test.
"""

import csv
import datetime as dt
import gzip
import io
import json
import shutil
import time
import zipfile

import pytest

from cptkit.edits import attach, verify
from cptkit.importers import Became, import_files

PTP = {
    "ptp practitioner 2024q2": (2_545_089, 1_669_187, 738_981, 1_707_255, 98_853),
    "ptp practitioner 2024q3": (2_546_017, 1_669_820, 739_553, 1_707_611, 98_853),
    "ptp hospital 2024q3": (1_775_818, 1_335_857, 60_675, 1_685_259, 29_884),
}
MUE = {
    "mue practitioner 2024q3": (14_677, 41, 5_157, 9_479, 2_667),
    "mue hospital 2024q3": (14_628, 42, 5_802, 8_784, 1_435),
    "mue dme 2024q3": (2_928, 23, 1_256, 1_649, 977),
    "mue practitioner 2024q2": (14_679, 41, 5_135, 9_503, 2_682),
    "mue hospital 2024q2": (14_629, 42, 5_780, 8_807, 1_449),
    "mue dme 2024q2": (2_894, 23, 1_198, 1_673, 995),
}
FEE_HEADER = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,"
    "PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT"
)
MOST_SECONDS = 60  # of CPU, for 6.9 million rows of pair edits; far above what it takes


def put_pairs(real_data, folder):
    """The practitioner table of July in four zips, the others each as one text."""
    for name, stem in (
        ("ptp_practitioner_2024q2_v301.txt.gz", "ccipra-v301r0"),
        ("ptp_hospital_2024q3_v302.txt.gz", "ccioph-v302r0"),
    ):
        (folder / f"{stem}.TXT").write_bytes(gzip.decompress((real_data / "ptp" / name).read_bytes()))
    whole = gzip.decompress((real_data / "ptp" / "ptp_practitioner_2024q3_v302.txt.gz").read_bytes())
    *lines, last = whole.split(b"\r\n")
    assert last == b""
    above, rows = lines[:6], lines[6:]
    step = -(-len(rows) // 4)
    for part in range(4):
        stem = f"ccipra-v302r0-f{part + 1}"
        quarter = rows[part * step : (part + 1) * step]
        with zipfile.ZipFile(folder / f"medicare-ncci-2024q3-practitioner-{stem}.zip", "w") as archive:
            archive.writestr(f"{stem}.TXT", b"\r\n".join([*above, *quarter, b""]))


def put_addons(real_data, folder):
    """The add-on edits in their fixed-width form; of most days the copy kept the year alone."""
    lines = []
    with (real_data / "aoc" / "aoc_2024q2_mcr.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            kind, addon, addon_end, primary, primary_end, first, last, note = row.values()
            ends = [f"{year}365" if year else "" for year in (addon_end, primary_end)]
            lines.append(f"{kind}{addon}{ends[0]:7}{primary}{ends[1]:7}{first}001{last:7}{note[:58]:58}\r\n")
    (folder / "AOC_V2024Q2-F-MCR.txt").write_text("".join(lines), newline="")


def put_fees(real_data, folder):
    """A release of the relative values with its header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[""] * 31, FEE_HEADER.split(",")])
    with gzip.open(real_data / "pfs" / "pprrvu_2024.csv.gz", "rt", newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["source_file"] == "rvu24c_jul":
                cells = [
                    cell
                    for name, cell in row.items()
                    if name not in {"source_file", "date_start", "date_end"}
                ]
                writer.writerow([*cells[:2], "", *(plain(cell) for cell in cells[2:])])
    (folder / "PPRRVU24_JUL.csv").write_text(out.getvalue(), newline="")


def plain(cell):
    """A number without the noise that the copy's way through a workbook left behind."""
    try:
        return f"{float(cell):.15g}" if "." in cell else cell
    except ValueError:
        return cell


@pytest.fixture(scope="module")
def imported(real_data, tmp_path_factory):
    """The report of the one import, the folder of tables, and the seconds of CPU it took."""
    downloads = tmp_path_factory.mktemp("downloads")
    put_pairs(real_data, downloads)
    put_addons(real_data, downloads)
    put_fees(real_data, downloads)
    paths = [downloads, *(real_data / "mue").glob("*.csv"), real_data / "lists" / "pos_codes.csv"]
    paths.append(real_data / "hcpcs" / "2019-Alpha-Numeric-HCPCS-File.zip")
    tables = tmp_path_factory.mktemp("tables") / "tables"
    start = time.process_time()
    report = import_files(paths, tables)
    seconds = time.process_time() - start
    shutil.rmtree(downloads)  # some hundred megabytes, which pytest would keep
    return report, tables, seconds


def test_the_figures_of_every_table(imported):
    report, _, seconds = imported
    found = {table.name: table for table in report.tables}
    for name, (rows, is_open, *indicators) in PTP.items():
        counts = found[name].counts
        assert (found[name].rows_read, found[name].rows_kept) == (rows, rows)
        assert [counts["open"], *(counts[f"indicator {one}"] for one in (0, 1, 9))] == [is_open, *indicators]
        assert "repeated" not in counts
    for name, (rows, *mai, zero) in MUE.items():
        assert found[name].rows_kept == rows
        assert found[name].counts == {
            "MAI 1": mai[0],
            "MAI 2": mai[1],
            "MAI 3": mai[2],
            "limit of zero": zero,
        }
    addons = found["addons 2024q2"]
    assert addons.rows_kept == 8_186
    assert [addons.counts[f"type {one}"] for one in (1, 2, 3)] == [7_496, 41, 649]
    assert found["pfs 24C"].rows_kept == 18_664
    assert found["HCPCS Level II 2019q1"].counts == {"codes": 6440, "ended": 515, "modifiers": 360}
    assert found["places of service"].counts == {"facility": 18, "non-facility": 34, "unassigned": 47}
    assert report.rows_rejected == 0
    assert report.rows_read == report.rows_kept == sum(table.rows_kept for table in report.tables)
    assert {table.name for table in report.tables if table.became is Became.COUNTED} == {
        "HCPCS Level II 2019q1",
        "places of service",
    }
    assert seconds < MOST_SECONDS


def test_the_tables_are_whole(imported):
    report, tables, _ = imported
    assert verify(tables) == ()
    with attach(tables, digest=report.digest) as edits:
        assert len(edits.parts) == 11


def test_what_july_changed(imported, call):
    pytest.importorskip("click", reason="pip install cptkit[cli]")
    _, tables, _ = imported
    asked = ("edits", "diff", "2024q2", "2024q3", "--setting", "practitioner", "--tables", tables)
    told = json.loads(call(*asked, "--format", "json").out)
    assert (told["counts"]["added"], told["counts"]["ended"]) == (925, 295)
    assert told["counts"]["replaced"] == 0
    limits = json.loads(call(*asked, "--table", "mue", "--format", "json").out)["counts"]
    assert limits["new"] - limits["gone"] == 14_677 - 14_679


def test_a_pair_in_both_settings(imported, call):
    pytest.importorskip("click", reason="pip install cptkit[cli]")
    _, tables, _ = imported
    asked = ("pair", "90834", "90837", "--on", "2024-07-15", "--tables", tables, "--format", "json")
    practitioner, hospital = json.loads(call(*asked).out)["answers"]
    for answer, indicator in ((practitioner, 0), (hospital, 1)):
        edit = answer["edit"]
        assert (edit["column1"], edit["column2"], edit["indicator"]) == ("90837", "90834", indicator)
    assert practitioner["edit"]["file"] == "ccipra-v302r0-f4.TXT"


def test_the_day_decides_on_the_quarter(imported):
    _, tables, _ = imported
    with attach(tables) as edits:
        asked = {"setting": "hospital", "date_of_service": dt.date(2024, 5, 1)}
        assert not edits.ptp("90834", "90837", **asked).is_checked
        assert edits.pfs("99213", date_of_service=dt.date(2024, 8, 1)).row.status == "A"


def test_the_excerpts_of_2026_by_the_same_way(real_data, tmp_path):
    report = import_files([real_data / "excerpts-2026"], tmp_path / "tables", parts=1)
    assert {table.name: table.rows_kept for table in report.tables} == {
        "ptp practitioner 2026q3": 154,
        "mue practitioner 2026q3": 44,
        "pfs 26C": 61,
        "HCPCS Level II 2026q4": 8,
        "telehealth 2026": 58,
    }
    assert report.rows_rejected == 0
    assert [one.member.name for one in report.skipped] == ["SOURCE.md"]
    assert verify(tmp_path / "tables") == ()
