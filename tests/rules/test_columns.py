"""Rules in columns: what they say of all cases is what they say of each."""

import itertools
import re
from collections import Counter
from decimal import Decimal

import pytest

from cptkit import Claim, Finding, check_claims
from cptkit.edits.telling import row_key
from cptkit.rules import RULES
from cptkit.rules.registry import rule
from cptkit.testing.case_profiles import case_profile

pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

MOST = 10**9
ONE_BY_ONE = {
    ("POS003", "hospital-and-emergency-before-the-facts"): "the reason names codes of several lines",
}
WITH_HISTORY = "a table holds no history"


# a reason of columns is told of the first day of a span on which all facts are the same, not of the line's own day
OWN_DAY = re.compile(r"(?:(?<=\bon )|(?<=\bfor ))20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")


def undated(reason):
    return OWN_DAY.sub("its day", reason)


def said(entry):
    """What an entry says, but for its lines and words that name them."""
    if not isinstance(entry, Finding):
        return (entry.rule, undated(entry.reason))
    denial = entry.denial
    facts = [row_key(row) for row in entry.edits] or [each.fact for each in entry.evidence]
    codes = ("", "") if denial is None else (denial.group or "", denial.carc or "")
    return (entry.rule, str(entry.outcome), str(entry.severity), "; ".join(facts), *codes)


# ---- cases -----------------------------------------------------------------------------------------


def is_money(charge):
    """Whether it is a number of hundredths of a cent."""
    return isinstance(charge, Decimal | int) and Decimal(charge).is_finite() and charge * 10_000 % 1 == 0


def why_left_out(case):
    """Why a table cannot say what a case says; empty where it can."""
    lines = case.claim.lines
    if case.history is not None:
        return WITH_HISTORY
    if case.filed is not None:
        return "a table does not say when a claim was filed"
    if any(
        (line.start is None) is not (line.stop is None) or (line.start and line.start == line.stop)
        for line in lines
    ):
        return "one end of a time, or both at once, is a row that is rejected"
    if any(max(abs(line.units), abs(line.minutes or 0)) >= MOST or not line.code.strip() for line in lines):
        return "a number beyond all bounds, or no code, is a row that is rejected"
    if not all(line.charge is None or is_money(line.charge) for line in lines):
        return "no amount of money is a row that is rejected"
    if any("-" in line.code for line in lines):
        return "a code cell may hold a whole service"
    if (case.rule, case.id) in ONE_BY_ONE:
        return ONE_BY_ONE[case.rule, case.id]
    return ""


def judged_alike(case):
    """What cases must share to be rows of one table."""
    tables = (
        None
        if case.tables is None
        else tuple((name, tuple(rows)) for name, rows in sorted(case.tables.items()))
    )
    return (
        repr(case.profile),
        case.basis,
        case.edition,
        case.setting,
        tables,
        case.day if tables else case.day.year if case.edition else 0,
    )


def options_of(case):
    if case.profile is None:
        return {"basis": case.basis}
    own = None if isinstance(case.profile, str) else case_profile(case.profile, case.basis)
    return {"profile": own or case.profile}


def table_of(cases):
    """The lines of cases, each case a patient."""
    import pyarrow as pa

    rows = [(str(case), line) for case in cases for line in case.claim.lines]
    columns = {
        "patient": [name for name, _ in rows],
        "line": [line.id for _, line in rows],
        "dos": [line.date_of_service for _, line in rows],
        "cpt": [line.code for _, line in rows],
        "npi": [line.rendering_provider for _, line in rows],
        "modifiers": [" ".join(line.modifiers) for _, line in rows],
        "units": [line.units for _, line in rows],
        "minutes": pa.array([line.minutes for _, line in rows], pa.int64()),
        "start": pa.array([line.start for _, line in rows], pa.time64("us")),
        "stop": pa.array([line.stop for _, line in rows], pa.time64("us")),
        "pos": pa.array([line.place_of_service for _, line in rows], pa.string()),
        "charge": pa.array(
            [None if line.charge is None else str(line.charge) for _, line in rows], pa.string()
        ),
        "claim": [name for name, _ in rows],
    }
    return pa.table(columns)


def by_columns(cases, **options):
    """Findings by case and line, and the lines not checked."""
    from cptkit.frames.running import check as check_table

    told = check_table(
        table_of(cases), cases[0].catalog, setting=cases[0].setting, **options_of(cases[0]), **options
    )
    assert told.rejects.to_pylist() == []
    names = ("claim", "line", "rule", "outcome", "severity", "evidence", "group", "carc")
    findings = Counter(tuple(row[name] for name in names) for row in told.table.to_pylist())
    unchecked = Counter()
    for row in told.not_checked.to_pylist():
        unchecked[row["rule"], undated(row["reason"])] += row["lines"]
    return findings, unchecked


def by_claims(cases, **options):
    """The same by ``cptkit.check_claims``, the days of a case apart."""
    findings, unchecked = Counter(), Counter()
    for case in cases:
        claim = Claim(case.claim.lines, setting=case.setting)
        report = check_claims([claim], case.catalog, days_apart=True, **options_of(case), **options)
        order = [line.id for line in claim.lines]
        for entry in (*report.findings, *report.bypassed):
            findings[(str(case), min(entry.lines, key=order.index), *said(entry))] += 1
        for entry in report.not_checked:
            unchecked[said(entry)] += len(entry.lines)
    return findings, unchecked


def differences(cases, **options):
    """What one says and the other does not: missing and added findings, then lines not checked."""
    columns, claims = by_columns(cases, **options), by_claims(cases, **options)
    return [
        dict(one - other)
        for one, other in (
            (claims[0], columns[0]),
            (columns[0], claims[0]),
            (claims[1], columns[1]),
            (columns[1], claims[1]),
        )
    ]


def in_turn():
    """All rules; those that have no column form are asked by what they read, which other tests hold too."""
    for row in RULES:
        marks = () if rule(row.id).columns else (pytest.mark.exhaustive,)
        yield pytest.param(row, marks=marks, id=row.id)


@pytest.mark.parametrize("row", list(in_turn()))
def test_cases(cases, row) -> None:
    """Of every case of a rule columns say what its report says: by the rule alone, and by all rules."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
    own = [case for case in cases if case.rule == row.id]
    asked = [case for case in own if not why_left_out(case) and case.lines]
    if not asked:
        pytest.skip("; ".join(sorted({why_left_out(case) for case in own})))
    for _, alike in itertools.groupby(
        sorted(asked, key=lambda case: repr(judged_alike(case))), key=judged_alike
    ):
        together = list(alike)
        for select in ([row.id],) if together[0].tables else ([row.id], ["ALL"]):
            assert differences(together, select=select) == [{}, {}, {}, {}]


def test_few_cases_are_left_out(cases) -> None:
    """Most can be told as a table."""
    reasons = Counter(map(why_left_out, cases))
    assert reasons[""] > 0.8 * len(cases)
    assert reasons[WITH_HISTORY] == sum(case.history is not None for case in cases)
