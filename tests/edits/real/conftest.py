"""Real tables of CMS, where CPTKIT_REAL_DATA names their folder; imported once for all tests of them.

Beside them stands a reader of the raw files that is as plain as it can be, and shares nothing with the
importers and the tables.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from cptkit.edits import Edits, Origin, Quarter, Setting, Writer, attach
from cptkit.importers import aoc, mue, ptp_loading
from cptkit.importers.opening import digest_of, members
from cptkit.importers.rows import Rejected

PRACTITIONER, HOSPITAL, DME = Setting
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
PTP = {
    (PRACTITIONER, Q2): "ptp_practitioner_2024q2_v301.txt.gz",
    (PRACTITIONER, Q3): "ptp_practitioner_2024q3_v302.txt.gz",
    (HOSPITAL, Q3): "ptp_hospital_2024q3_v302.txt.gz",
}
MUE = {
    PRACTITIONER: "PractitionerServices",
    HOSPITAL: "OutpatientHospitalServices",
    DME: "DMESupplierServices",
}
AOC = {Q2: "aoc_2024q2_mcr.csv", Q3: "aoc_2024q3_active_pairs.csv"}
AOC_HEADER = (
    "AOC_Edit_Type,Add-On_Code,AOC_DelDT,Primary_Code,Primary_Code_DelDT,AOC_Edit_EffDT,AOC_Edit_DelDT,Notes"
)


@attrs.frozen
class Plain:
    """The raw files, line by line."""

    folder: Path

    def pairs(self, setting: Setting, quarter: Quarter) -> Iterator[str]:
        """Each row of the pair edits, as its line: two codes of five characters, a tab behind each."""
        path = self.folder / "ptp" / PTP[setting, quarter]
        with gzip.open(path, "rt", encoding="latin-1", newline="") as lines:
            for line in lines:
                if line[5:6] == line[11:12] == "\t":
                    yield line.rstrip("\r\n")

    def mue_path(self, setting: Setting, quarter: Quarter) -> Path:
        day = "07-01-2024" if quarter == Q3 else "04-01-2024"
        return self.folder / "mue" / f"MCR_MUE_{MUE[setting]}_Eff_{day}.csv"

    def limits(self, setting: Setting, quarter: Quarter) -> dict[str, tuple[int, int, str]]:
        with self.mue_path(setting, quarter).open(encoding="latin-1", newline="") as file:
            return {
                row[0]: (int(row[1]), int(row[2][0]), row[3]) for row in csv.reader(file) if len(row[0]) == 5
            }

    def addons(self, quarter: Quarter) -> list[dict[str, str]]:
        """Add-on edits; the copies kept only the years of most days of Q2, and none of Q3."""
        with (self.folder / "aoc" / AOC[quarter]).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def releases(self, year: int) -> dict[str, list[dict[str, str]]]:
        """The rows of the relative values of a year, by release."""
        found: dict[str, list[dict[str, str]]] = {}
        with gzip.open(self.folder / "pfs" / f"pprrvu_{year}.csv.gz", "rt", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["source_file"], []).append(row)
        return found


@pytest.fixture(scope="session")
def plain(real_data: Path) -> Plain:
    return Plain(real_data)


def addon_lines(rows: list[dict[str, str]]) -> Iterator[str]:
    """Add-on edits in the layout of CMS, with the days that the copy lost: first and last of their years."""
    yield AOC_HEADER
    for row in rows:
        ends = [
            f"{year}365" if (year := row.get(name, "")) else ""
            for name in ("AOC_Del_Year", "Primary_Code_Del_Year")
        ]
        begins = row.get("AOC_Edit_Eff_Year", "2013") + "001"
        cells = (
            *(row["AOC_Edit_Type"], row["Add-On_Code"], ends[0], row["Primary_Code"], ends[1], begins),
            row.get("AOC_Edit_DelDT", ""),
            f'"{row.get("Special_Instruction_Notes", "")}"',
        )
        yield ",".join(cells)


@pytest.fixture(scope="session")
def real_tables(plain: Plain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table, imported as a user would; pair edits straight from the text."""
    folder = tmp_path_factory.mktemp("real")
    unpacked = folder / "unpacked"
    with Writer(folder / "tables") as writer:
        for (setting, quarter), name in PTP.items():
            unpacked.write_bytes(gzip.decompress((plain.folder / "ptp" / name).read_bytes()))
            (member,) = members(unpacked)
            builder = writer.pairs(setting, quarter)
            loaded = ptp_loading.load(member, builder)
            assert loaded.rejected == 0
            ptp_loading.check_quarter(builder)
            origin = Origin(name, None, digest_of(unpacked), loaded.kept, loaded.first, loaded.last)
            writer.put_pairs(builder, [origin])
        for setting in Setting:
            for quarter in (Q2, Q3):
                (member,) = members(plain.mue_path(setting, quarter))
                rows = list(mue.read(member))
                assert not [row for row in rows if isinstance(row, Rejected)]
                origin = Origin(member.name, None, digest_of(member.path), len(rows))
                writer.put_mue(rows, setting, quarter, [origin])
        for quarter, name in AOC.items():
            unpacked.write_text("\r\n".join(addon_lines(plain.addons(quarter))), newline="")
            (member,) = members(unpacked)
            rows = list(aoc.read(member))
            assert not [row for row in rows if isinstance(row, Rejected)]
            writer.put_addons(rows, quarter, [Origin(name, None, digest_of(unpacked), len(rows))])
        writer.commit()
    unpacked.unlink()
    return folder / "tables"


@pytest.fixture(scope="session")
def real_edits(real_tables: Path) -> Iterator[Edits]:
    with attach(real_tables) as edits:
        yield edits
