"""CMS's own tables, where CPTKIT_REAL_DATA names their folder: counted to the row.

Some of them are copies that lost their layout (see the README of the folder). They are put back into
it here, in a folder of the test, before they are read: what is tested is the reader, on real values.
"""

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path

import attrs
import pytest

from cptkit.importers import Kind, read_all, survey
from cptkit.importers.aoc import read as read_aoc
from cptkit.importers.hcpcs import read as read_hcpcs
from cptkit.importers.opening import members
from cptkit.importers.pfs import read as read_fees
from cptkit.importers.rows import Rejected

MUE = {
    "PractitionerServices_Eff_07-01-2024": ("practitioner", 14677, 41, 5157, 9479, 2667),
    "OutpatientHospitalServices_Eff_07-01-2024": ("hospital", 14628, 42, 5802, 8784, 1435),
    "DMESupplierServices_Eff_07-01-2024": ("dme", 2928, 23, 1256, 1649, 977),
    "PractitionerServices_Eff_04-01-2024": ("practitioner", 14679, 41, 5135, 9503, 2682),
    "OutpatientHospitalServices_Eff_04-01-2024": ("hospital", 14629, 42, 5780, 8807, 1449),
    "DMESupplierServices_Eff_04-01-2024": ("dme", 2894, 23, 1198, 1673, 995),
}
EXCERPTS = {
    "ccipra-v322r0-f1.excerpt.txt": (Kind.PTP, 154),
    "MCR_MUE_PractitionerServices_Eff_07-01-2026.excerpt.csv": (Kind.MUE, 44),
    "PPRRVU2026_Jul_nonQPP.excerpt.redacted.csv": (Kind.PFS, 61),
    "HCPC2026_OCT_ANWEB.excerpt.csv": (Kind.HCPCS, 8),
    "cy2026_telehealth_list.excerpt.redacted.txt": (Kind.TELEHEALTH, 58),
}
FEE_HEADER = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,"
    "PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT"
)
RELEASES = [  # of which the rows and the lost zeros of global days are counted
    ("2020", "rvu20a_jan", 17236, 0),
    ("2020", "rvu20d_oct", 17346, 5521),
    ("2022", "rvu22d_oct", 17726, 0),
    ("2024", "rvu24ar_jan", 18499, 0),
    ("2024", "rvu24c_jul", 18664, 0),
]


@pytest.mark.parametrize("name", MUE)
def test_unit_limits(real_data, name):
    setting, rows, *mai, zero = MUE[name]
    (table,) = survey(real_data / "mue" / f"MCR_MUE_{name}.csv").tables
    assert table.recognised.setting == setting
    _, summary = read_all(table)
    assert (summary.rows_read, summary.rows_kept, summary.rows_rejected) == (rows, rows, 0)
    assert summary.counts == {"MAI 1": mai[0], "MAI 2": mai[1], "MAI 3": mai[2], "limit of zero": zero}


@pytest.mark.parametrize("name", EXCERPTS)
def test_every_excerpt_of_2026(real_data, name):
    kind, rows = EXCERPTS[name]
    (table,) = survey(real_data / "excerpts-2026" / name).tables
    assert table.recognised.kind is kind
    _, summary = read_all(table)
    assert (summary.rows_kept, summary.rows_rejected) == (rows, 0)


@pytest.mark.parametrize(("year", "records"), [("2018", 6559), ("2019", 6800)])
def test_hcpcs_from_both_forms(real_data, year, records):
    pytest.importorskip("python_calamine", reason="pip install cptkit[xlsx]")
    path = real_data / "hcpcs" / f"{year}-Alpha-Numeric-HCPCS-File.zip"
    forms = {}
    for member in members(path):
        if "ANWEB" in member.name:
            rows = list(read_hcpcs(member))
            assert not [row for row in rows if isinstance(row, Rejected)]
            forms[Path(member.name).suffix] = {row.code: attrs.evolve(row, line_number=0) for row in rows}
    text, workbook = forms[".txt"], forms[".xlsx"]
    assert (len(text), len(workbook)) == (records, records)
    assert list(text) == list(workbook)
    differ = Counter(
        field.name
        for code, row in text.items()
        for field in attrs.fields(type(row))
        if getattr(row, field.name) != getattr(workbook[code], field.name)
    )
    # In 2019 CMS's workbook lacks a day that its text has, and has two types of service that the text lacks.
    assert differ == ({"action_day": 115, "types_of_service": 2} if year == "2019" else {})
    if year == "2019":
        assert {row.action_day for code, row in workbook.items() if row != text[code]} >= {None}


def test_hcpcs_archives_say_what_is_not_read(real_data):
    found = survey(real_data / "hcpcs" / "2019-Alpha-Numeric-HCPCS-File.zip")
    assert [table.member.name for table in found.tables] == ["HCPC2019_CONTR_ANWEB.txt"]
    assert len(found.skipped) == 6
    _, summary = read_all(found.tables[0])
    assert summary.counts == {"codes": 6440, "ended": 515, "modifiers": 360}
    assert (summary.first_day, summary.last_day) == (dt.date(1982, 1, 1), dt.date(2019, 1, 1))


def addons(real_data):
    """The add-on edits with days of the right form: the copy kept only the years of most of them."""
    with (real_data / "aoc" / "aoc_2024q2_mcr.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            kind, addon, addon_end, primary, primary_end, first, last, note = row.values()
            ends = [f"{year}365" if year else "" for year in (addon_end, primary_end)]
            yield kind, addon, ends[0], primary, ends[1], f"{first}001", last, note


def test_addon_edits_in_both_forms(real_data, tmp_path, csv_text):
    rows = list(addons(real_data))
    assert len(rows) == 8186
    lines = [f"{a}{b}{c:7}{d}{e:7}{f}{g:7}{h[:58]:58}\r\n" for a, b, c, d, e, f, g, h in rows]
    names = "AOC_Edit_Type Add-On_Code AOC_DelDT Primary_Code Primary_Code_DelDT AOC_Edit_EffDT AOC_Edit_DelDT Notes"
    (tmp_path / "AOC_V2024Q2-F-MCR.txt").write_text("".join(lines), newline="")
    (tmp_path / "AOC_V2024Q2-MCR.csv").write_text(csv_text([names.split(), *rows]), newline="")
    found = []
    for path in sorted(tmp_path.iterdir()):
        (member,) = members(path)
        found.append([attrs.evolve(row, line_number=0) for row in read_aoc(member)])
    assert [len(part) for part in found] == [8186, 8186]
    assert not [row for part in found for row in part if isinstance(row, Rejected)]
    assert Counter(row.edit_type for row in found[0]) == {1: 7496, 2: 41, 3: 649}
    assert sum(row.primary is None for row in found[0]) == 49
    assert len({row.addon for row in found[0]}) == 743
    current = [row for row in found[0] if not (row.last_day or row.addon_last_day or row.primary_last_day)]
    assert len(current) == 7157
    assert [attrs.evolve(row, note="") for row in found[0]] == [
        attrs.evolve(row, note="") for row in found[1]
    ]


@pytest.mark.parametrize(("year", "release", "rows", "lost"), RELEASES)
def test_relative_values(real_data, tmp_path, csv_text, year, release, rows, lost):
    with gzip.open(real_data / "pfs" / f"pprrvu_{year}.csv.gz", "rt", newline="", encoding="utf-8") as stream:
        table = [row for row in csv.DictReader(stream) if row["source_file"] == release]
    outside = {"source_file", "date_start", "date_end"}
    cells = [[plain(cell) for name, cell in row.items() if name not in outside] for row in table]
    path = tmp_path / f"{release}.csv"
    path.write_text(
        csv_text([[""] * 31, FEE_HEADER.split(","), *([*row[:2], "", *row[2:]] for row in cells)]), newline=""
    )
    (member,) = members(path)
    found = list(read_fees(member))
    assert not [row for row in found if isinstance(row, Rejected)]
    assert len(found) == rows
    assert sum("global_days" in row.mended for row in found) == lost
    assert {row.global_days for row in found} == {"000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"}
    assert [row.code for row in found] == [row["hcpcs"].zfill(5) for row in table]


def plain(cell):
    """A number without the noise that the copy's way through a workbook left behind."""
    try:
        return f"{float(cell):.15g}" if "." in cell else cell
    except ValueError:
        return cell


def test_places_of_service(real_data):
    (table,) = survey(real_data / "lists" / "pos_codes.csv").tables
    _, summary = read_all(table)
    assert summary.counts == {"facility": 18, "non-facility": 34, "unassigned": 47}
    assert summary.rows_rejected == 0
