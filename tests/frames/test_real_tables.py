"""Columns and claims say the same by the real tables of 2024 Q3, where CPTKIT_REAL_DATA names their folder."""

import csv
import datetime as dt
import gzip

import pytest

from cptkit import Basis, Catalog
from cptkit.edits import AddOnEdit, Quarter, Setting, Writer, attach
from cptkit.importers import mue, ptp_loading
from cptkit.importers.opening import members

Q3 = Quarter(2024, 3)
FIRST, LAST = dt.date(2024, 7, 1), dt.date(2024, 9, 30)
DAYS = (FIRST - dt.timedelta(1), FIRST, dt.date(2024, 8, 14), LAST, LAST + dt.timedelta(1))
PAIRS = {
    Setting.PRACTITIONER: "ptp_practitioner_2024q3_v302.txt.gz",
    Setting.HOSPITAL: "ptp_hospital_2024q3_v302.txt.gz",
}
LIMITS = {Setting.PRACTITIONER: "PractitionerServices", Setting.HOSPITAL: "OutpatientHospitalServices"}
STEP = 977  # every so many rows of pair edits one whose codes stand together on lines
FEW = 4  # times as likely as others
ENCOUNTERS = 2_500


def addons(real_data):
    """The add-on edits; the copy has none of their days."""
    with (real_data / "aoc" / "aoc_2024q3_active_pairs.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            primary = None if row["Primary_Code"] == "CCCCC" else row["Primary_Code"]
            kind = int(row["AOC_Edit_Type"])
            yield AddOnEdit(row["Add-On_Code"], primary, kind, None, None, None, None, "", Q3, "aoc.csv")


@pytest.fixture(scope="module")
def catalog(real_data, tmp_path_factory):
    """The bundled editions, with the tables of both settings as CMS wrote them."""
    folder = tmp_path_factory.mktemp("real")
    unpacked = folder / "unpacked.txt"
    with Writer(folder / "tables") as writer:
        for setting, name in PAIRS.items():
            unpacked.write_bytes(gzip.decompress((real_data / "ptp" / name).read_bytes()))
            builder = writer.pairs(setting, Q3)
            (member,) = members(unpacked)
            ptp_loading.load(member, builder)
            writer.put_pairs(builder, [])
            (member,) = members(real_data / "mue" / f"MCR_MUE_{LIMITS[setting]}_Eff_07-01-2024.csv")
            writer.put_mue(list(mue.read(member)), setting, Q3, [])
        writer.put_addons(list(addons(real_data)), Q3, [])
        writer.commit()
    unpacked.unlink()
    with attach(folder / "tables") as edits:
        yield Catalog.bundled(tables=edits)


@pytest.fixture(scope="module")
def together(real_data) -> list[str]:
    """Codes that stand together in the tables, two by two."""
    with gzip.open(real_data / "ptp" / PAIRS[Setting.PRACTITIONER], "rt", encoding="latin-1") as lines:
        rows = [line.replace("\t", " ") for line in lines if line[5:6] == line[11:12] == "\t"]
    edits = list(addons(real_data))
    chosen = [f"{each.addon} {each.primary or '99214'}" for each in edits[:: max(1, len(edits) // 800)]]
    return [*rows[::STEP], *chosen, *(by_line(real_data) * FEW)]


def by_line(real_data) -> list[str]:
    """The codes whose limit counts lines: they are so few that a draw may miss them."""
    found = []
    for name in LIMITS.values():
        path = real_data / "mue" / f"MCR_MUE_{name}_Eff_07-01-2024.csv"
        with path.open(encoding="latin-1", newline="") as file:
            found += [
                f"{row[0]} {row[0]}"
                for row in csv.reader(file)
                if len(row[0]) == 5 and row[2].startswith("1")
            ]
    return found


@pytest.mark.parametrize(
    ("setting", "basis", "providers"),
    [
        ("practitioner", Basis.MEDICARE, ("A", "A", "A", "B")),
        ("practitioner", Basis.CPT, ("A", "B", None)),
        ("hospital", Basis.MEDICARE, ("A", None)),
    ],
)
def test_the_same_findings(paths, catalog, together, setting, basis, providers) -> None:
    """On the day before the quarter, its first and last day, one between, and the day after."""
    rows = paths.drawing.rows(24, ENCOUNTERS, providers=providers, days=DAYS, pairs=together)
    asked = {"basis": basis, "setting": setting}
    by_claims, by_columns = (each(rows, catalog, **asked) for each in (paths.by_claims, paths.by_columns))
    assert by_columns.findings == by_claims.findings
    assert by_columns.not_checked == by_claims.not_checked
    said = {rule for _, rule, *_ in by_claims.findings}
    assert said >= {"PTP701", "PTP703", "MUE801", "MUE802", "MUE803", "ADD302", "COD102"}
    day_of = {row.line: row.day for row in rows}
    days = {day_of[line] for line, rule, *_ in by_claims.findings if rule == "PTP701"}
    assert days == {FIRST, dt.date(2024, 8, 14), LAST}
