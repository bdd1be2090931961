"""Prolonged time and its visits: each pair is right, found once, or said to be not checked."""

import datetime as dt

import pytest

from cptkit import Basis, Claim, Line, check, timerule

PROLONGED = ["99417", "99418", "G2212", "G0316", "G0317", "G0318", "99359", "G0514"]
DAYS = [dt.date(year, month, day) for year in range(2021, 2027) for month, day in ((1, 1), (12, 31))]
# No minutes are on record under CPT: of 99417 on 99483, and of what is Medicare's alone.
UNJUDGED = {(*pair, Basis.CPT) for pair in [("99483", "99417"), ("99483", "G2212"), ("G0513", "G0514")]}


def stands(codeset, code, day):
    return code in codeset and codeset.status(code, date_of_service=day).in_force


def visits(codeset, day):
    """Every code that minutes may choose a level of, and those with prolonged time besides."""
    ids = timerule.families(codeset)
    rules = [
        rule
        for basis in Basis
        for name in ids
        if (rule := timerule.timed_family(name, day, codeset, basis)) is not None
    ]
    codes = {code for rule in rules if rule.optional for code in rule.codes} | {"99483", "99358", "G0513"}
    return sorted(code for code in codes if code not in PROLONGED and stands(codeset, code, day))


def goes_on_top(codeset, visit, code, day, basis):
    rule = timerule.timed_family(visit, day, codeset, basis)
    answers = () if rule is None else (answer for answers in rule.answers for answer in answers)
    return any(answer and answer[0].code == visit and code in {s.code for s in answer} for answer in answers)


def found(catalog, basis, day, *codes):
    """The rules that find something on the last line, and whether any left it unchecked."""
    lines = [Line(code, date_of_service=day) for code in codes]
    report = check(Claim(lines), catalog, basis=basis, select=["ADD301", "TIM402", "TIM403", "TIM408"])
    last = str(len(codes))
    unchecked = any(last in entry.lines for entry in report.not_checked)
    return [entry.rule for entry in report.findings if last in entry.lines], unchecked


@pytest.mark.parametrize("basis", Basis, ids=str)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_on_every_visit_of_the_day(catalog, basis, day):
    codeset = catalog.edition_for(day)
    wrong = []
    for code in (code for code in PROLONGED if stands(codeset, code, day)):
        for visit in visits(codeset, day):
            rules, unchecked = found(catalog, basis, day, visit, code)
            if goes_on_top(codeset, visit, code, day, basis):
                expected = []
            elif visit not in codeset.addon(code, date_of_service=day).primaries:
                expected = ["ADD301"]
            else:
                expected = [] if (visit, code, basis) in UNJUDGED else ["TIM408"]
            if (rules, unchecked) != (expected, True):
                wrong.append((visit, code, rules, unchecked))
    assert wrong == []


@pytest.mark.parametrize("basis", Basis, ids=str)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_alone_it_has_no_primary(catalog, basis, day):
    codeset = catalog.edition_for(day)
    for code in PROLONGED:
        if stands(codeset, code, day):
            assert found(catalog, basis, day, code) == (["ADD301"], True), code
