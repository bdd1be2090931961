"""What cptkit says to published cases; their file and its words are described in conftest.py."""

import pytest

from cptkit import codes, codeset
from cptkit.edits import Quarter
from cptkit.errors import InvalidCode
from cptkit.importers import aoc, mue
from cptkit.importers.opening import members
from cptkit.rules.profiles.reading import profile_of

NEWEST = "2026.1"
UNIT_LIMITS = (
    'A notice\nover two lines,,,\n"HCPCS/\nCPT Code",MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
)
ADD_ONS = (
    "AOC_Edit_Type,Add-On_Code,AOC_DelDT,Primary_Code,Primary_Code_DelDT,AOC_Edit_EffDT,AOC_Edit_DelDT,Notes"
)


def test_reports(published, edit_tables, told):
    tables = published.headed()
    report = published.report(edit_tables(tables) if tables else None)
    assert told(report, published.expected) == published.expected


# ---- other questions -------------------------------------------------------------------------------


def category(row, _folder):
    """The kind of a code, if it has the shape of one."""
    try:
        found = codes.parse(row.claim).category
    except InvalidCode:
        return "refused"
    return f"{found.value}, retired" if found.is_retired else found.value


def section(row, _folder):
    """The section of a code in the edition of the day, and its family where the edition lists it."""
    edition = codeset(f"{row.date.year}.1")
    listed = edition.get(row.claim)
    return ", ".join([str(edition.section_of(row.claim)), *([listed.family] if listed else [])])


def status(row, _folder):
    """Whether a code is in force, and which of the published codes are said to follow it."""
    found = codeset(NEWEST).status(row.claim, date_of_service=row.date)
    if found.in_force:
        return "in force"
    if found.first_day is not None and found.first_day > row.date:
        return "not yet in force"
    assert found.last_day is not None
    assert found.last_day < row.date
    named = [code for code in row.expected.removeprefix("deleted, see ").split() if code in found.successors]
    return f"deleted, see {' '.join(named)}" if named else "deleted"


def denial(row, _folder):
    """Group, reason and remarks of what a payer is likely to answer; by a profile where one is named."""
    return "; ".join(likely_denial(*reversed(each.split())) for each in row.claim.split("; "))


def likely_denial(name, profile=None):
    told = codeset(NEWEST).denial(name)
    if profile is not None:
        (told,) = (each for each in profile_of(profile).denials if each.check == name)
    return " ".join([told.group, told.carc, *told.rarc])


def unit_limits(row, folder):
    """What a file of one unit limit is read as; the header has a line break in its first cell."""
    is_value = row.claim.isdigit()
    value, indicator = (row.claim, "1 Line Edit") if is_value else ("1", row.claim or "1 Line Edit")
    file = folder / "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"
    file.write_text(f"{UNIT_LIMITS}W9901,{value},{indicator},own words\n", encoding="latin-1")
    (member,) = members(file)
    (limit,) = mue.read(member)
    assert limit.code == "W9901"
    if is_value:
        return f"value {limit.value}"
    return f"MAI {limit.mai}" if row.claim else "one header"


def add_ons(row, folder):
    """What a file of one add-on edit is read as: its primary, or its first day."""
    primary, first_day = ("W9901", row.claim) if row.claim.isdigit() else (row.claim, "2013091")
    file = folder / "AOC_V2026Q2-MCR.csv"
    file.write_text(f"{ADD_ONS}\n1,W9911,,{primary},,{first_day},,\n")
    (member,) = members(file)
    (edit,) = aoc.read(member)
    return str(edit.first_day) if row.claim.isdigit() else f"primary {edit.primary}"


def version(row, _folder):
    """The first day of the quarter of a version."""
    return str(Quarter.from_version(row.claim).first_day)


QUESTIONS = {
    "category": category,
    "section": section,
    "status": status,
    "denial": denial,
    "unit-limits": unit_limits,
    "add-ons": add_ons,
    "version": version,
}


def test_answers(question, tmp_path):
    if question.ask == "global-days":
        pytest.skip("asks a published fee schedule; test_real_published.py puts it to the real one")
    assert QUESTIONS[question.ask](question, tmp_path) == question.expected


# ---- every case is accounted for -------------------------------------------------------------------

COUNTS = {  # by topic: answered as published, still answered otherwise, not decidable here
    "addon": (55, 0, 0),
    "change": (9, 0, 0),
    "denial": (7, 0, 1),
    "files": (6, 0, 1),
    "global": (4, 0, 0),
    "modifier": (64, 0, 4),
    "mue": (41, 0, 0),
    "new-patient": (3, 0, 1),
    "pfs": (13, 0, 0),
    "practice": (29, 0, 7),
    "ptp": (63, 0, 0),
    "ptp-bypass": (12, 0, 0),
    "section": (12, 0, 0),
    "syntax": (19, 0, 0),
    "telehealth": (6, 0, 1),
    "validity": (32, 1, 0),
}


def test_every_case_is_asked_or_has_a_reason(rows):
    assert len({row.case for row in rows}) == len(rows) == 391
    unasked = [row for row in rows if not row.ask]
    assert all(row.note and not (row.claim or row.given or row.expected) for row in unasked)
    counted = {
        topic: (
            sum(bool(row.ask) and not row.is_open for row in rows if row.topic == topic),
            sum(row.is_open for row in rows if row.topic == topic),
            sum(row.topic == topic for row in unasked),
        )
        for topic in {row.topic for row in rows}
    }
    assert counted == COUNTS
