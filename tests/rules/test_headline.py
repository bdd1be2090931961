"""What is said first of a report without findings: nothing that was not judged reads as right."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, Outcome, Profile, check, check_claims
from cptkit.errors import UnknownRule
from cptkit.rules.headline import headline

DAY = dt.date(2026, 3, 2)
CATALOG = Catalog.from_editions("2026.1")


def claim(*lines, name="C-1"):
    return Claim([Line(code, minutes=minutes, date_of_service=day) for code, minutes, day in lines], id=name)


RIGHT, UNKNOWN, NO_EDITION = ("90834", 47, DAY), ("36415", None, DAY), ("90834", 47, dt.date(2012, 3, 2))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "No line was checked"),
        ((RIGHT,), "Nothing wrong was found"),
        ((NO_EDITION,), "No line could be judged"),
        ((NO_EDITION, NO_EDITION), "No line could be judged"),
        ((UNKNOWN,), "No line could be checked in full. Nothing wrong was found in what could be checked"),
        (
            (UNKNOWN, NO_EDITION),
            "No line could be checked in full. Nothing wrong was found in what could be checked",
        ),
        ((RIGHT, NO_EDITION), "Nothing wrong was found in what could be checked"),
        (
            (RIGHT, UNKNOWN),
            "Nothing wrong was found in what could be checked",
        ),
    ],
)
def test_what_is_said(lines, said):
    report = check(claim(*lines), CATALOG)
    assert not report.findings
    assert headline(report) == said
    partly = "Nothing wrong was found in what could be checked"
    assert headline(report, lost=True) == (partly if said == "Nothing wrong was found" else said)


def test_claims_of_one_name_are_counted_each():
    alike = [claim(NO_EDITION), claim(NO_EDITION)]
    assert headline(check_claims(alike, CATALOG)) == "No line could be judged"
    assert "No line could be checked in full" in headline(
        check_claims([claim(NO_EDITION), claim(UNKNOWN)], CATALOG)
    )


@pytest.mark.parametrize("kind", ["bypassed", "waived"])
def test_a_line_that_was_lifted_was_judged(kind):
    report = check(claim(UNKNOWN), CATALOG)
    (failed,) = check(claim(("90837", 50, DAY)), CATALOG).findings
    lifted = attrs.evolve(failed, outcome=Outcome.BYPASSED)
    report = attrs.evolve(report, **{kind: (lifted,)})
    assert headline(report) == "Nothing wrong was found in what could be checked"


def test_a_report_counts_one_as_one():
    def counts(report):
        return str(report).partition("\n")[0]

    wrong = ("90837", 50, DAY)
    assert counts(check(claim(wrong), CATALOG)).startswith(
        "1 line: 0 passed everything, 1 finding, 0 bypassed"
    )
    two = check(claim(RIGHT, RIGHT), CATALOG, select=["TIM402"])
    assert counts(two) == "2 lines: 2 passed everything, 0 findings, 0 bypassed, 0 not checked"


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ({"ignore": ("ALL",)}, "; the profile mine selects ALL and ignores ALL'"),
        ({"select": ("TIM", "DUP")}, "; the profile mine selects TIM, DUP and ignores nothing'"),
    ],
)
def test_a_profile_that_leaves_no_rule_is_named(ways, told):
    mine = Profile("mine", "Ours", Basis.CPT, **ways)
    with pytest.raises(UnknownRule) as caught:
        check(claim(RIGHT), CATALOG, profile=mine, select=["MOD"])
    assert f"'select MOD, ignore nothing{told}" in str(caught.value)
