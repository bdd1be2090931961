"""Lines of one code whose modifiers differ (DUP601), beyond what its cases show."""

import datetime as dt

import pytest

from cptkit import Catalog, Claim, Line, check
from cptkit.rules.dup.repeats import PARTING, clocks_apart

DAY = dt.date(2026, 3, 2)
EARLY, LATE = dt.time(9), dt.time(11)


def line(code="90834", modifiers="", **values):
    return Line(code, modifiers=modifiers, date_of_service=DAY, **({"rendering_provider": "A"} | values))


def entries(*lines):
    report = check(Claim(lines, id="C-1"), Catalog.bundled(), select=["DUP601"])
    return [*report.findings, *report.bypassed]


def test_a_clock_may_name_its_zone():
    """Times are local: one with a zone and one without are compared as they stand."""
    zoned = line(start=EARLY.replace(tzinfo=dt.UTC), stop=dt.time(10, tzinfo=dt.UTC))
    (told,) = entries(zoned, line(modifiers="95", start=LATE, stop=dt.time(12)))
    assert (
        told.message
        == "the lines of 90834 are told apart by their clock times: the record must show two services"
    )
    assert told.evidence == ()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((EARLY, None), (LATE, None), True),
        ((LATE, None), (EARLY, None), True),
        ((EARLY, None), (EARLY, None), False),
        ((EARLY, LATE), (LATE, None), True),
        ((EARLY, dt.time(11, 1)), (LATE, None), False),
        ((LATE, None), (EARLY, LATE), True),
        ((EARLY, EARLY), (LATE, None), False),
        ((LATE, EARLY), (dt.time(12), None), False),
        ((None, LATE), (LATE, None), False),
        ((EARLY, LATE), (None, None), False),
        ((EARLY, LATE), (EARLY, LATE), False),
    ],
)
def test_when_clocks_are_apart(one, other, apart):
    both = [line(start=start, stop=stop) for start, stop in (one, other)]
    assert clocks_apart(*both) is clocks_apart(*both[::-1]) is apart


def test_what_parts_two_lines_is_cited():
    (told,) = entries(line(), line(modifiers="59"))
    assert [cited.fact for cited in told.evidence] == [f"conventions/{PARTING}@2013-04-01"]
    assert (told.denial, told.fixes) == (None, ())


@pytest.mark.parametrize(
    ("modifiers", "severity"), [("95", "warning"), ("HO", "warning"), ("AJ", "warning"), ("U1", "review")]
)
def test_what_parts_none_is_likely_denied_as_the_same_line(modifiers, severity):
    (told,) = entries(line(), line(modifiers=modifiers))
    assert (told.severity.value, told.denial.group, told.denial.carc) == (severity, "OA", "18")
    assert [(fix.kind.value, fix.line) for fix in told.fixes] == [("ask", "2"), ("drop-line", "2")]


def test_each_code_is_judged_for_itself():
    found = entries(line(), line(modifiers="95"), line("90837"), line("90837", "76"), line("90832"))
    assert [(each.lines, each.outcome.value) for each in found] == [
        (("1", "2"), "fail"),
        (("3", "4"), "bypassed"),
    ]
