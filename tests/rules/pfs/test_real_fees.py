"""The rules on CMS's own rows of July 2024, where they are there; the cases are in our own words."""

import csv
import datetime as dt
import gzip
import os
from pathlib import Path

import pytest

from cptkit import Basis, Catalog, Severity, codeset
from cptkit.rules import RULES

REAL = os.environ.get("CPTKIT_REAL_DATA")
pytestmark = pytest.mark.skipif(not REAL, reason="CPTKIT_REAL_DATA is not set")

RELEASE, DAY = "24C", dt.date(2024, 7, 15)
OF_ONE_DAY = tuple(row.id for row in RULES if row.id.startswith("PFS") and not row.needs_history)
OF_MEDICARE_ALONE = ("PFS908", "PFS910")
COLUMNS = {
    "status": "status_code",
    "global_days": "glob_days",
    "pctc": "pctc_ind",
    "mult": "mult_proc",
    "bilat": "bilat_surg",
    "asst": "asst_surg",
    "cosurg": "co_surg",
    "team": "team_surg",
}


@pytest.fixture(scope="module")
def real(edit_tables):
    """The release of July 2024 as tables."""
    with gzip.open(Path(REAL, "pfs", "pprrvu_2024.csv.gz"), "rt", encoding="latin-1", newline="") as file:
        rows = [
            f"{row['hcpcs'].strip()}-{row['mod'].strip()} "
            + " ".join(f"{name}={row[column].strip()}" for name, column in COLUMNS.items())
            for row in csv.DictReader(file)
            if row["source_file"] == "rvu24c_jul"
        ]
    assert len(rows) == 18_664
    return Catalog.bundled(tables=edit_tables({"pfs 2024q3": rows}))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # the reading of an X-ray, and both parts on a line, which another rule finds
        (["71046-26"], []),
        (["71046-26-TC"], []),
        # the whole heart trace, its reading, a talk, a screening: none has that part
        (["93000-26"], [("PFS901", "modifier-inconsistent")]),
        (["93010-26"], [("PFS901", "modifier-inconsistent")]),
        (["90837-TC"], [("PFS901", "modifier-inconsistent")]),
        (["96127-26"], [("PFS901", "modifier-inconsistent")]),
        # laboratory tests with a row for their reading, the second listed with 26 alone
        (["83020-26"], []),
        (["86153-26"], []),
        # which have no technical part to bill
        (["83020-TC"], [("PFS901", "modifier-inconsistent")]),
        (["84165-TC"], [("PFS901", "modifier-inconsistent")]),
        (["86153-TC"], [("PFS901", "modifier-inconsistent")]),
        (["80053-TC"], [("PFS901", "modifier-inconsistent")]),
        # a joint injection by sides; a screening of both sides; an add-on without sides
        (["20610-50"], []),
        (["20610-LT", "20610-RT"], []),
        (["77067-50"], [("PFS902", "modifier-inconsistent")]),
        (["90838-50"], [("PFS902", "modifier-inconsistent")]),
        # an assistant who is paid, and one who is not
        (["47562-80"], []),
        (["66984-80"], [("PFS903", "assistant-not-allowed")]),
        (["17110-62"], [("PFS904", "modifier-inconsistent")]),
        (["47562-66"], [("PFS905", "modifier-inconsistent")]),
        # 25 on an eye visit beside a procedure of 90 days, on a visit beside one of 10, and 57 the other way
        (["92004-25", "66984"], [("PFS906", "modifier-inconsistent")]),
        (["99213-57", "66984"], []),
        (["99213-25", "17110"], []),
        (["99213-57", "17110"], [("PFS906", "modifier-inconsistent")]),
        (["17110-25"], [("PFS906", "modifier-inconsistent")]),
        # on therapy, a talk and an X-ray, which are neither visit nor procedure
        (["97110-25"], [("PFS906", "modifier-inconsistent")]),
        (["90834-24"], [("PFS906", "modifier-inconsistent")]),
        (["71046-57"], [("PFS906", "modifier-inconsistent")]),
        (["G0463-25"], []),
        # statuses N, B, I; then C, C, X, J, which pass
        (["90875"], [("PFS908", "code-payer-not-accepted")]),
        (["90887"], [("PFS907", "separate-payment-never")]),
        (["99215", "99417"], [("PFS908", "code-payer-not-accepted")]),
        (["90899"], []),
        (["97153"], []),
        (["G0463"], []),
        (["00104-AA"], []),
        # a blood draw beside a visit, and alone
        (["36592", "99213"], [("PFS909", "separate-payment-never")]),
        (["36592"], []),
        (["90846"], [("PFS910", "coverage-policy")]),
    ],
    ids=lambda value: (
        " ".join(value) if isinstance(value, list) and value and isinstance(value[0], str) else ""
    ),
)
def test_case(real, judged, lines, expected):
    report = judged(OF_ONE_DAY, *lines, catalog=real, day=DAY)
    told = [(finding.rule, finding.denial and finding.denial.check) for finding in report.findings]
    assert told == expected
    assert not report.not_checked
    by_cpt = judged(OF_ONE_DAY, *lines, catalog=real, day=DAY, basis=Basis.CPT).findings
    assert [(finding.rule, finding.severity) for finding in by_cpt] == [
        (rule, Severity.WARNING) for rule, _ in expected if rule not in OF_MEDICARE_ALONE
    ]


def test_a_visit_in_a_period_that_is_not_seen(real, judged):
    """24 is right where an earlier procedure's period runs, and that is not on the claim."""
    report = judged(OF_ONE_DAY, "99213-24", catalog=real, day=DAY)
    assert not report.findings
    assert [entry.rule for entry in report.not_checked] == ["PFS906"]


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ("90837", "XXX"),
        ("20610", "000"),
        ("0373T", "YYY"),
        ("96131", "ZZZ"),
        ("G2212", "XXX"),
        ("17110", "010"),
        ("27447", "090"),
    ],
)
def test_global_days(real, code, days):
    assert real.tables.pfs(code, date_of_service=DAY).row.global_days == days


@pytest.mark.parametrize(
    ("code", "surgery", "visit", "within"),
    [
        ("17110", dt.date(2024, 7, 15), dt.date(2024, 7, 25), True),
        ("17110", dt.date(2024, 7, 15), dt.date(2024, 7, 26), False),
        ("17110", dt.date(2025, 1, 5), dt.date(2025, 1, 4), False),
        ("17110", dt.date(2025, 1, 5), dt.date(2025, 1, 15), True),
        ("27447", dt.date(2025, 1, 5), dt.date(2025, 1, 3), False),
        ("27447", dt.date(2025, 1, 5), dt.date(2025, 1, 4), True),
        ("27447", dt.date(2025, 1, 5), dt.date(2025, 4, 5), True),
        ("27447", dt.date(2025, 1, 5), dt.date(2025, 4, 6), False),
    ],
)
def test_what_lies_within_a_global_period(real, code, surgery, visit, within):
    """The days of the row and the facts give the period; no rule sees two days of a claim at once."""
    days = real.tables.pfs(code, date_of_service=surgery, release=RELEASE).row.global_days
    said = codeset("2026.1").convention(f"pfs-global/{days}", date_of_service=surgery)
    before, after = (dt.timedelta(days=int(number)) for number in said.value.split())
    assert (surgery - before <= visit <= surgery + after) is within


def test_every_value_of_the_release_has_a_meaning(real):
    """So that no line of the day is left unjudged for want of a fact."""
    known = set(codeset("2024.1").conventions)
    edition = codeset("2024.1")
    names = {"status", "pctc", "bilat", "asst", "cosurg", "team", "mult"}
    asked = 0
    for code in edition:
        row = real.tables.pfs(code, date_of_service=DAY).row
        if row is not None:
            asked += 1
            said = {f"pfs-{name}/{getattr(row, name)}" for name in names} | {f"pfs-global/{row.global_days}"}
            assert said <= known, code
    assert asked > 400
