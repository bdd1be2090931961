"""What the rules of edit tables find in real tables, where CPTKIT_REAL_DATA names their folder.

``real_edits.csv`` holds claims with what must be found, and nothing of the tables: ``97110-59@B x2`` is a
line with a modifier, a clinician and units. Of the pair edits only those among its codes are read.
"""

import csv
import datetime as dt
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from cptkit import codeset

CLAIMS = list(csv.DictReader(Path(__file__).with_name("real_edits.csv").read_text("utf-8").splitlines()))
SERVICE = re.compile(r"\S+(?: x\d+)?")
CODE = re.compile(r"\b\w{5}\b")
PAIRS = (
    ("practitioner", "2024q2", "ptp_practitioner_2024q2_v301.txt.gz"),
    ("practitioner", "2024q3", "ptp_practitioner_2024q3_v302.txt.gz"),
    ("hospital", "2024q3", "ptp_hospital_2024q3_v302.txt.gz"),
)
LIMITS = {"practitioner": "PractitionerServices", "hospital": "OutpatientHospitalServices"}
ADDONS = "aoc_2024q3_active_pairs.csv"


def pairs_of(path, codes):
    """The rows of which both codes are among these."""
    with gzip.open(path, "rt", encoding="latin-1") as file:
        for line in file:
            if line[:5] in codes and line[6:11] in codes:
                column1, column2, _, first, last, indicator, rationale = line.rstrip("\r\n").split("\t")
                yield f"{column1} {column2} {indicator} {first.strip('*')}..{last.strip('*')} {rationale}"


def limits_of(path):
    with path.open(encoding="latin-1", newline="") as file:
        for code, value, mai, *_ in csv.reader(file):
            if len(code) == 5:
                yield f"{code} {value} {mai[0]}"


def addons_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield f"{row['Add-On_Code']} {row['Primary_Code']} {row['AOC_Edit_Type']}"


@pytest.fixture(scope="module")
def checked(real_data, checker):
    codes = {code for row in CLAIMS for code in CODE.findall(row["lines"])}
    tables = {
        f"ptp {setting} {quarter}": pairs_of(real_data / "ptp" / name, codes)
        for setting, quarter, name in PAIRS
    }
    for setting, name in LIMITS.items():
        path = real_data / "mue" / f"MCR_MUE_{name}_Eff_07-01-2024.csv"
        tables[f"mue {setting} 2024q3"] = limits_of(path)
    tables["aoc 2024q3"] = addons_of(real_data / "aoc" / ADDONS)
    return checker(tables, select=("ADD", "MUE", "PTP"), day=dt.date(2024, 7, 15))


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['lines']}|{row['setting']}|{row['day']}")
def test_claims(checked, row):
    services = SERVICE.findall(row["lines"])
    report = checked(*services, day=dt.date.fromisoformat(row["day"]), setting=row["setting"])
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
def test_every_limit_lets_its_own_value_pass_and_no_unit_more(checked, setting):
    found = dict.fromkeys((1, 2, 3), 0)
    for mue in checked.catalog.tables.mue_rows(setting=setting, quarter="2024q3"):
        for more in (0, 1):
            report = checked(f"{mue.code} x{mue.value + more}", setting=setting, select="MUE")
            assert [finding.rule for finding in report.findings] == [f"MUE80{mue.mai}"] * more
            assert report.not_checked == ()
        found[mue.mai] += 1
    assert found == (
        {1: 41, 2: 5_157, 3: 9_479} if setting == "practitioner" else {1: 42, 2: 5_802, 3: 8_784}
    )


def test_every_add_on_is_carried_by_each_of_its_primaries(checked, real_data):
    """As far as the edition has no say: it knows some add-ons, and ADD301 judges those by its own lists."""
    codes = {row[:5] for row in addons_of(real_data / "aoc" / ADDONS)}
    answers = {
        code: checked.catalog.tables.addon(code, date_of_service=checked.day) for code in sorted(codes)
    }
    edition, alone = codeset("2024.1"), {}
    for code, answer in answers.items():
        report = checked(code, select="ADD302")
        alone[code] = "finding" if report.findings else "not checked" if report.not_checked else "by ADD301"
        known, closed = edition.addon(code, date_of_service=checked.day), answer.edit_types == (1,)
        if known is not None and not (known.is_open and closed):
            expected = "by ADD301"
        else:
            expected = "finding" if closed else "not checked"
        assert alone[code] == expected, code
    assert Counter(alone.values()) == {"finding": 554, "not checked": 40, "by ADD301": 74}
    for code, answer in answers.items():
        for primary in answer.primaries:
            beside = checked(code, primary, select="ADD302")
            # the primary may be an add-on itself, and hang on nothing here
            hangs = alone.get(primary, "by ADD301") == "by ADD301" or code in answers[primary].primaries
            said_of = [entry.lines for entry in (*beside.findings, *beside.not_checked)]
            assert said_of == ([] if hangs else [("2",)]), (code, primary)


def test_units_on_two_claims_of_a_day(checked):
    """96136 once on each: its limit of the day is 1, and what the other claim holds is not added here."""
    report = checked.claims(*(checked.claim("96136", id=name, patient="P") for name in "ab"), select="MUE")
    assert [(entry.rule, entry.claim) for entry in report.not_checked] == [("MUE802", "a"), ("MUE802", "b")]
    one = checked("96136", "96136-59", select="MUE")
    assert [(finding.rule, finding.lines) for finding in one.findings] == [("MUE802", ("1", "2"))]
