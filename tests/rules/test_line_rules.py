"""What the findings about a line's code and modifiers say beside what their cases compare."""

import datetime as dt
from decimal import Decimal

import pytest

from cptkit import Catalog, Claim, Line, check, check_claims

DAY = dt.date(2026, 3, 2)


def report_of(rule, *given, **options):
    lines = [Line(code, **{"date_of_service": DAY} | values) for code, values in given]
    return check(Claim(lines), Catalog.bundled(), select=[rule], **options)


def found(rule, *given, **options):
    return report_of(rule, *given, **options).findings


@pytest.mark.parametrize(
    ("modifiers", "basis", "order"),
    [
        ("GA 26", "cpt", "26, GA"),
        ("52 GA 26 LT", "cpt", "26, 52, GA, LT"),
        ("QS AA P3", "cpt", "AA, QS, P3"),
        ("59 KX CQ GP", "medicare", "CQ, GP, 59, KX"),
        ("59 51 22 ZQ", "cpt", "22, 59, 51, ZQ"),
    ],
)
def test_the_order_is_written_out(modifiers, basis, order):
    """Each modifier of the line stands there once, and those alike keep their order."""
    (finding,) = found("MOD206", ("71046", {"modifiers": modifiers}), basis=basis)
    (asked,) = finding.fixes
    assert asked.text == f"write them as {order}"


@pytest.mark.parametrize(
    ("rule", "code", "values", "facts"),
    [
        ("MOD205", "90837", {"modifiers": "95 HO U1 59 HE"}, ["conventions/modifier-places@2016-07-01"]),
        ("MOD206", "71046", {"modifiers": "GA 26"}, ["conventions/modifier-order/pricing@2005-06-01"]),
        ("MOD207", "99213", {"modifiers": "51"}, ["modifiers/51@2020-01-01", "conventions/code-kind/E/M@2021-01-01"]),
        ("MOD208", "97530", {"modifiers": "CO"}, ["modifiers/CO@2019-01-01"]),
        ("ADD304", "90785", {"modifiers": "51"}, ["conventions/add-on-modifiers/further-procedure@2014-01-01", "modifiers/51@2020-01-01"]),
        ("COD104", "3074F", {"charge": Decimal(5)}, ["conventions/tracking-codes/II@2014-01-01"]),
        ("COD105", "97039", {}, ["conventions/unlisted-codes@2017-05-31"]),
    ],
)  # fmt: skip
def test_the_evidence_is_the_facts(rule, code, values, facts):
    (finding,) = found(rule, (code, values))
    assert [cited.fact for cited in finding.evidence] == facts


def test_payers_differ_on_one_of_the_modifiers_of_add_ons():
    for modifier, differ in (("50", True), ("51", False)):
        (finding,) = found("ADD304", ("64484", {"modifiers": modifier}))
        assert finding.message.endswith("; payers differ") is differ


CHARGES = {
    "a number nobody writes": 10**5000,
    "an exponent": "1e999999",
    "digits": "9" * 5000,
    "without end": float("inf"),
    "no number": object(),
    "nothing": "",
    "a truth": True,
}


@pytest.mark.parametrize("charge", CHARGES.values(), ids=CHARGES)
def test_a_charge_that_is_none_raises_nothing(charge):
    """And what is told of a large one is short."""
    report = report_of("COD104", ("3074F", {"charge": charge}))
    (entry,) = (*report.findings, *report.not_checked)
    assert len(str(entry)) < 250


def test_a_day_of_visits_and_clinicians():
    """No clinician on the lines is told; one who is named is not."""
    for provider, told in (("A", False), (None, True)):
        line = {"rendering_provider": provider}
        (finding,) = found("DUP602", ("99213", line), ("99214", line))
        assert ("no clinician is given" in finding.message) is told


def test_a_lost_row_may_be_another_visit():
    """One visit of a claim of which a row was lost is not checked; two, and what is no visit, are as ever."""
    day = {"date_of_service": DAY, "rendering_provider": "A"}
    codes = {"one": ["99213"], "again": ["99213", "99213"], "two": ["99213", "99214"], "none": ["90834"]}
    claims = [Claim([Line(code, **day) for code in codes[name]], id=name) for name in codes]
    for incomplete, expected in ((set(codes), {"one", "again"}), (set(), set())):
        report = check_claims(claims, Catalog.bundled(), select=["DUP602"], incomplete=incomplete)
        assert [entry.claim for entry in report.findings] == ["two"]
        assert {entry.claim for entry in report.not_checked} == expected
        assert {entry.reason for entry in report.not_checked} <= {
            "a row that could not be read may be another visit"
        }


def test_a_modifier_that_stands_there_twice_is_asked_about():
    """What the fix would have been under one condition is asked under the same."""
    for modifiers, said in (
        ("93", ["remove 93", "the code is right"]),
        ("93 93", ["remove 93 wherever it stands on the line, if the code is right", ""]),
    ):
        (finding,) = found("POS005", ("98005", {"modifiers": modifiers}))
        assert [finding.fixes[-1].text, finding.fixes[-1].provided] == said
