"""What the rules of edit tables find in real tables, where CPTKIT_REAL_DATA names their folder.

``real_edits.csv`` holds claims with what must be found, and nothing of the tables: ``97110-59@B x2`` is a
line with a modifier, a clinician and units. Of the pair edits only those among its codes are read.
"""

import csv
import datetime as dt
import gzip
import re
from pathlib import Path

import pytest

from cptkit import Catalog, Claim, Line, check, check_claims
from cptkit.edits import AddOnEdit, Mue, Quarter, Setting, Writer, attach
from cptkit.edits.pairs import EPOCH

CLAIMS = list(csv.DictReader(Path(__file__).with_name("real_edits.csv").read_text("utf-8").splitlines()))
SERVICE = re.compile(r"(\w{5})((?:-\w\w)*)(?:@(\w))?(?: x(\d+))?")
PAIRS = (
    ("practitioner", "2024q2", "ptp_practitioner_2024q2_v301.txt.gz"),
    ("practitioner", "2024q3", "ptp_practitioner_2024q3_v302.txt.gz"),
    ("hospital", "2024q3", "ptp_hospital_2024q3_v302.txt.gz"),
)
LIMITS = {"practitioner": "PractitionerServices", "hospital": "OutpatientHospitalServices"}
OWN = ("ADD", "MUE", "PTP")
SUMMER = dt.date(2024, 7, 15)


def lines_of(text, day=SUMMER):
    for code, modifiers, clinician, units in SERVICE.findall(text):
        values = {"date_of_service": day, "rendering_provider": clinician or "A", "units": int(units or 1)}
        yield Line(code, modifiers=modifiers.split("-")[1:], **values)


def put_pairs(writer, path, setting, quarter, codes):
    def number(text):
        return None if text in {"", "*"} else dt.datetime.strptime(text, "%Y%m%d").toordinal() - EPOCH  # noqa: DTZ007 - a day has no zone

    builder = writer.pairs(setting, quarter)
    with gzip.open(path, "rt", encoding="latin-1") as file:
        for line in file:
            if line[:5] in codes and line[6:11] in codes:
                column1, column2, _, first, last, indicator, rationale = line.rstrip("\r\n").split("\t")
                days = number(first), number(last)
                row = builder.row(*days, int(indicator), prior_to_1996=False, rationale=rationale)
                builder.extend([builder.code(column1)], [builder.code(column2)], [row])
    writer.put_pairs(builder, [])


def limits_of(path, setting, quarter):
    with path.open(encoding="latin-1", newline="") as file:
        for code, value, mai, *_ in csv.reader(file):
            if len(code) == 5:
                yield Mue(code, int(value), int(mai[0]), "", setting, quarter, path.name)


def addons_of(path, quarter):
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            primary = None if row["Primary_Code"] == "CCCCC" else row["Primary_Code"]
            kind = int(row["AOC_Edit_Type"])
            yield AddOnEdit(row["Add-On_Code"], primary, kind, None, None, None, None, "", quarter, path.name)


@pytest.fixture(scope="module")
def tables(real_data, tmp_path_factory):
    codes = {line.code for row in CLAIMS for line in lines_of(row["lines"])}
    folder = tmp_path_factory.mktemp("real") / "tables"
    third = Quarter(2024, 3)
    with Writer(folder) as writer:
        for setting, quarter, name in PAIRS:
            put_pairs(writer, real_data / "ptp" / name, Setting(setting), Quarter.parse(quarter), codes)
        for setting, name in LIMITS.items():
            path = real_data / "mue" / f"MCR_MUE_{name}_Eff_07-01-2024.csv"
            rows = list(limits_of(path, Setting(setting), third))
            writer.put_mue(rows, Setting(setting), third, [])
        writer.put_addons(addons_of(real_data / "aoc" / "aoc_2024q3_active_pairs.csv", third), third, [])
        writer.commit()
    with attach(folder) as edits:
        yield edits


@pytest.fixture(scope="module")
def catalog(tables):
    return Catalog.from_editions("2024.1", tables=tables)


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['lines']}|{row['setting']}|{row['day']}")
def test_claims(catalog, row):
    claim = Claim(lines_of(row["lines"], dt.date.fromisoformat(row["day"])), setting=row["setting"])
    report = check(claim, catalog, select=OWN)
    told = [
        f"{start}{entry.rule} {' '.join(entry.lines)}"
        for start, entries in (
            ("", report.findings),
            ("bypassed ", report.bypassed),
            ("not checked ", report.not_checked),
        )
        for entry in entries
    ]
    assert told == [each for each in row["expected"].split("; ") if each], row["why"]


@pytest.mark.parametrize("setting", ["practitioner", "hospital"])
def test_every_limit_lets_its_own_value_pass_and_no_unit_more(catalog, tables, setting):
    found = dict.fromkeys((1, 2, 3), 0)
    for mue in tables.mue_rows(setting=setting, quarter="2024q3"):
        for more in (0, 1):
            line = Line(mue.code, units=mue.value + more, date_of_service=SUMMER, rendering_provider="A")
            report = check(Claim([line], setting=setting), catalog, select="MUE")
            assert [finding.rule for finding in report.findings] == [f"MUE80{mue.mai}"] * more
            assert report.not_checked == ()
        found[mue.mai] += 1
    assert found == (
        {1: 41, 2: 5_157, 3: 9_479} if setting == "practitioner" else {1: 42, 2: 5_802, 3: 8_784}
    )


def test_every_add_on_is_carried_by_each_of_its_primaries(catalog, tables, real_data):
    """As far as the edition has no say: it knows some add-ons, and ADD301 judges those by its own lists."""
    codes = {
        row.addon for row in addons_of(real_data / "aoc" / "aoc_2024q3_active_pairs.csv", Quarter(2024, 3))
    }
    alone = {"finding": 0, "not checked": 0, "said by ADD301": 0}
    for code in sorted(codes):
        answer = tables.addon(code, date_of_service=SUMMER)
        report = check(Claim(lines_of(code)), catalog, select="ADD302")
        said = "finding" if report.findings else "not checked" if report.not_checked else "said by ADD301"
        alone[said] += 1
        assert report.findings == () or answer.edit_types == (1,)
        for primary in answer.primaries:
            beside = check(Claim(lines_of(f"{code} {primary}")), catalog, select="ADD302")
            # the primary may be an add-on itself
            assert {line for entry in (*beside.findings, *beside.not_checked) for line in entry.lines} <= {
                "2"
            }
    assert sum(alone.values()) == 668
    assert alone["not checked"] >= 30


def test_units_on_two_claims_of_a_day(catalog):
    """96136 once on each: its limit of the day is 1, and what the other claim holds is not added here."""
    claims = [Claim(lines_of("96136"), id=name, patient="P") for name in "ab"]
    report = check_claims(claims, catalog, select="MUE")
    assert [(entry.rule, entry.claim) for entry in report.not_checked] == [("MUE802", "a"), ("MUE802", "b")]
    one = check(Claim(lines_of("96136 96136-59")), catalog, select="MUE")
    assert [(finding.rule, finding.lines) for finding in one.findings] == [("MUE802", ("1", "2"))]
