"""What a line must look like is a fact too: an edition that does not say it makes warnings, no errors."""

import datetime as dt

import pytest

from cptkit import Basis, Catalog, Claim, Line, Severity, check, codeset
from cptkit.rules.context import Context
from cptkit.rules.emit import by_shape
from cptkit.testing.rule_cases import for_all_days

DAY = dt.date(2026, 3, 2)
FIRST = dt.date(2003, 1, 1)


@pytest.mark.parametrize("what", ["code", "modifier", "listed-modifier", "units", "repeated"])
def test_on_record_from_its_first_day_on(what):
    edition = codeset("2026.1")
    evidence, severity = by_shape(Context(edition, FIRST, Basis.CPT), what)
    assert severity is Severity.ERROR
    assert [each.fact for each in evidence] == [f"conventions/line-shape/{what}@{FIRST}"]
    before = FIRST - dt.timedelta(days=1)
    assert by_shape(Context(edition, before, Basis.CPT), what) == ((), Severity.WARNING)


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("COD101", [{"code": "9083"}]),
        ("COD103", [{"code": "90834", "units": 0}]),
        ("MOD201", [{"code": "90834", "modifiers": "9"}]),
        ("DUP601", [{"code": "90834"}, {"code": "90834"}]),
        ("POS001", [{"code": "90834", "place_of_service": "123"}]),
    ],
)
def test_each_rule_cites_what_it_rests_on(rule, lines):
    claim = Claim([Line(**each, rendering_provider="A", date_of_service=DAY) for each in lines])
    (finding,) = check(claim, Catalog.bundled(), select=rule).findings
    (cited,) = finding.evidence
    assert finding.severity is Severity.ERROR
    assert cited.fact.startswith("conventions/")
    assert finding.confidence is cited.confidence


def test_a_place_of_another_shape_before_the_list_is_a_warning():
    line = Line("90834", place_of_service="123", date_of_service=dt.date(2002, 12, 31))
    report = check(Claim([line]), Catalog((for_all_days(codeset("2026.1")),)), select="POS001")
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]
