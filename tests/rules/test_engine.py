"""Running rules over claims: editions by date, encounters, several claims, what may be given."""

import datetime as dt
import json

import pytest

from cptkit import Basis, Catalog, Claim, Line, Outcome, check, check_claims, codeset
from cptkit.errors import CptkitError, InvalidClaim, UnknownRule
from cptkit.rules import RULES, NotChecked, RuleStatus
from cptkit.rules.report import FORMAT

DAY = dt.date(2026, 3, 2)


def line(code="90834", **values):
    return Line(code, **{"date_of_service": DAY, "minutes": 45, **values})


def found(report):
    return [(entry.rule, entry.lines) for entry in report.findings]


# ---- editions ------------------------------------------------------------------------------


def test_the_date_of_each_line_chooses_the_edition(catalog):
    days = [dt.date(2024, 12, 31), dt.date(2025, 1, 1), dt.date(2026, 1, 1)]
    report = check(Claim([line("9083", date_of_service=day) for day in days]), catalog)
    assert [finding.edition for finding in report.findings] == ["2024.1", "2025.1", "2026.1"]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("2024.1", ["2024-01-01", "2024-12-31"], ["2023-12-31", "2025-01-01"]),
        ("2025.1", ["2025-01-01", "2025-12-31"], ["2024-12-31", "2026-01-01"]),
        ("2026.1", ["2026-01-01", "2026-12-31"], ["2025-12-31", "2027-01-01"]),
    ],
)
def test_a_catalog_of_one_edition_answers_for_its_year(name, inside, outside):
    catalog = Catalog.from_editions(name)
    for day in map(dt.date.fromisoformat, inside):
        report = check(Claim([line(date_of_service=day)]), catalog)
        assert (report.clean, report.outcome) == (True, Outcome.PASS)
        assert [pin.name for pin in report.pins] == [name]
    for day in map(dt.date.fromisoformat, outside):
        report = check(Claim([line(date_of_service=day, rendering_provider="A")], id="C"), catalog)
        assert (report.clean, report.outcome, report.passed) == (False, Outcome.NOT_CHECKED, 0)
        reason = f"the catalog has no edition for {day.year}"
        assert report.not_checked == (NotChecked("ALL", "no-edition", "C", ("1",), day, reason),)


def test_a_catalog_without_editions_checks_nothing():
    report = check(Claim([line(), line("9083")]), Catalog(()))
    assert [entry.name for entry in report.not_checked] == ["no-edition"]
    assert report.not_checked[0].lines == ("1", "2")
    assert report.pins == ()


def test_a_line_without_an_edition_hides_nothing_of_the_others(catalog):
    claim = Claim(
        [line(date_of_service=dt.date(1999, 1, 1)), line("9083"), line(date_of_service=dt.date.max)]
    )
    report = check(claim, catalog)
    assert found(report) == [("COD101", ("2",))]
    assert [entry.lines for entry in report.not_checked] == [("1",), ("3",)]
    assert report.passed == 0


def test_pins_name_every_edition_of_the_catalog(catalog):
    report = check(Claim([line()]), catalog)
    assert [(pin.name, pin.digest) for pin in report.pins] == [
        (name, codeset(name).digest) for name in (f"{year}.1" for year in range(2021, 2027))
    ]


def test_a_codeset_alone_is_a_catalog_of_one():
    """Whatever the catalog would say, its codeset says, for one claim and for many."""
    claim = Claim([line("90837", minutes=50), line("90833"), line(date_of_service=dt.date(2025, 1, 1))])
    one = codeset("2026.1")
    expected = check(claim, Catalog.from_editions(one))
    assert check(claim, one) == check_claims([claim], one) == expected
    assert [(pin.name, pin.digest) for pin in expected.pins] == [("2026.1", one.digest)]
    assert found(expected) == [
        ("TIM402", ("1",)),
        ("BHX501", ("1", "2")),
        ("ADD301", ("2",)),
        ("TIM402", ("2",)),
    ]
    assert [entry.reason for entry in expected.not_checked] == ["the catalog has no edition for 2025"]


@pytest.mark.parametrize("wrong", [None, "2026.1", [codeset("2026.1")], ("2026.1",), 2026, Catalog], ids=str)
def test_claims_are_checked_against_a_catalog(wrong):
    def unread():
        raise AssertionError
        yield

    with pytest.raises(InvalidClaim, match="claims are checked against a catalog") as caught:
        check(Claim([line()]), wrong)
    assert caught.value.given == wrong
    assert "Catalog.from_editions('2026.1'), or a codeset" in str(caught.value)
    with pytest.raises(InvalidClaim, match="claims are checked against a catalog"):
        check_claims(unread(), wrong)


def test_later_editions_of_the_catalog_are_asked_for_what_starts_in_them():
    """The finding says which edition knew; without a later one nobody does."""
    claim = Claim([line("98016", minutes=None, date_of_service=dt.date(2023, 7, 1))])
    for others, edition in ((["2024.1", "2026.1"], "2026.1"), (["2025.1", "2026.1"], "2025.1")):
        report = check(claim, Catalog.from_editions("2023.1", *others))
        (finding,) = report.findings
        assert finding.message == f"98016 is not in force yet: it starts on 2025-01-01 (edition {edition})"
        assert finding.edition == "2023.1"
        assert [cited.fact for cited in finding.evidence] == ["codes/98016@2025-01-01"]
    for alone in (codeset("2023.1"), Catalog.from_editions("2022.1", "2023.1", "2024.1")):
        report = check(claim, alone)
        assert [entry.reason for entry in report.not_checked] == ["edition 2023.1 does not cover 98016"]
        assert report.findings == ()


# ---- encounters ----------------------------------------------------------------------------


def test_lines_meet_by_clinician_and_day(catalog):
    """Twelve equal lines: two clinicians and none, two days, twice each, are six duplicates."""
    lines = [
        line(date_of_service=day, rendering_provider=provider)
        for day in (DAY, DAY + dt.timedelta(1))
        for provider in ("B", "A", None)
        for _ in range(2)
    ]
    report = check(Claim(lines), catalog, select=["DUP"])
    assert [finding.lines for finding in report.findings] == [
        ("1", "2"),
        ("3", "4"),
        ("5", "6"),
        ("7", "8"),
        ("9", "10"),
        ("11", "12"),
    ]


def test_an_empty_name_of_a_clinician_is_none(catalog):
    report = check(
        Claim([line(rendering_provider=""), line(rendering_provider=None)]), catalog, select=["DUP"]
    )
    assert found(report) == [("DUP601", ("1", "2"))]


def test_findings_come_by_day_then_line_then_rule(catalog):
    lines = [
        line("9083", id="L10", modifiers="9"),
        line("9083", id="L2"),
        line("9083", id="L1", date_of_service=dt.date(2026, 1, 1)),
    ]
    report = check(Claim(lines), catalog, ignore=["DUP"])
    assert found(report) == [
        ("COD101", ("L1",)),
        ("COD101", ("L2",)),
        ("COD101", ("L10",)),
        ("MOD201", ("L10",)),
    ]


# ---- several claims ------------------------------------------------------------------------


def claims():
    return [
        Claim([line("90833"), line()], id="b"),
        Claim([line(), line(), line("27447")], id="a"),
        Claim([], id="c"),
        Claim([line("90837", minutes=None)], id="d"),
        Claim([line(date_of_service=dt.date(2020, 1, 1))], id="e"),
        Claim(
            [line("90847", minutes=50), line("90837", minutes=60, modifiers="59"), line("99417")],
            id="f",
        ),
    ]


@pytest.mark.parametrize("basis", Basis, ids=str)
@pytest.mark.parametrize("selection", [{}, {"select": ["TIM", "BHX"]}, {"ignore": ["TIM40"]}], ids=str)
def test_many_claims_are_the_sum_of_each(catalog, basis, selection):
    given = claims()
    together = check_claims(iter(given), catalog, basis=basis, **selection)
    apart = [check(claim, catalog, basis=basis, **selection) for claim in sorted(given, key=lambda c: c.id)]
    for part in ("findings", "bypassed", "not_checked"):
        assert getattr(together, part) == tuple(entry for one in apart for entry in getattr(one, part))
    assert together.lines == sum(one.lines for one in apart)
    assert together.passed == sum(one.passed for one in apart)
    assert {(together.pins, together.basis, together.rules)} == {
        (one.pins, one.basis, one.rules) for one in apart
    }


def test_claims_do_not_meet(catalog):
    """The same line on two claims, and a primary on another claim: each claim is judged alone."""
    given = [Claim([line("90834")], id="a"), Claim([line("90834")], id="b"), Claim([line("99213")], id="c")]
    assert check_claims(given, catalog, ignore=["TIM"]).clean
    report = check_claims([Claim([line("90833")]), Claim([line("99213")])], catalog, select=["ADD"])
    assert found(report) == [("ADD301", ("1",))]
    assert (report.lines, report.passed) == (2, 1)


def test_lines_of_one_name_on_two_claims_are_counted_apart(catalog):
    report = check_claims([Claim([line("9083")]), Claim([line()])], catalog)
    assert (report.lines, report.passed) == (2, 1)


# ---- the report ----------------------------------------------------------------------------


def test_outcomes_from_worst_to_best(catalog):
    bypassed = [line("90847", minutes=50, modifiers="59"), line("90837", minutes=60)]
    cases = {
        Outcome.FAIL: (False, [line("9083"), line("27447")]),
        Outcome.NOT_CHECKED: (False, [line("27447"), *bypassed]),
        Outcome.BYPASSED: (True, bypassed),
        Outcome.PASS: (True, [line()]),
    }
    for outcome, (is_clean, lines) in cases.items():
        report = check(Claim(lines), catalog)
        assert (report.outcome, report.clean) == (outcome, is_clean)


def test_the_report_as_json(catalog):
    claim = Claim(
        [
            line("90847", minutes=50),
            line("90837", minutes=60, modifiers="59"),
            line("27447"),
            line("9083"),
            line("9083"),
        ],
        id="C-1",
    )
    whole = check(claim, catalog, basis=Basis.MEDICARE)
    told = json.loads(json.dumps(whole.to_dict()))
    assert list(told) == [
        *("format", "pins", "basis", "profile", "settings", "rules", "left_out"),
        *("findings", "bypassed", "not_checked", "waived", "idle_waivers"),
        *("waivers_as_of", "history", "summary"),
    ]
    assert (told["format"], told["basis"]) == (FORMAT, "medicare")
    assert sorted(told["rules"] + told["left_out"]) == [
        row.id for row in RULES if row.status is RuleStatus.STABLE
    ]
    assert [len(told["summary"].pop(name)) for name in ("causes", "reasons")] == [2, 1]
    assert told["summary"] == {
        "lines": 5,
        "passed": 0,
        "findings": 3,
        "bypassed": 1,
        "not_checked": 1,
        "waived": 0,
        "by_severity": {"error": 3},
        "by_rule": {"COD101": 2, "DUP601": 1},
    }
    (bypassed,) = told["bypassed"]
    assert bypassed["lines"] == ["1", "2"]
    assert (bypassed["outcome"], bypassed["severity"], bypassed["denial"]) == ("bypassed", "review", None)
    assert bypassed["evidence"][0]["fact"].startswith("exclusions/family-with-individual@")
    assert bypassed["evidence"][0]["confidence"] == "single-source"
    assert told["not_checked"] == [
        {
            "rule": "COD102",
            "name": "code-not-in-force",
            "claim": "C-1",
            "lines": ["3"],
            "date_of_service": "2026-03-02",
            "reason": "edition 2026.1 does not cover 27447",
        }
    ]
    first = told["findings"][0]
    assert first["confidence"] == "derived"
    assert first["denial"]["carc"] == "16"
    assert first["fixes"] == [
        {
            "kind": "ask",
            "line": "4",
            "code": "9083",
            "value": None,
            "text": "enter the code that was documented",
            "provided": "",
        }
    ]


def test_the_report_as_text(catalog):
    """Counts first, then each finding and each thing not checked, a line each."""
    claim = Claim([line("90837", minutes=50), line("27447"), line("9083"), line("9083")])
    report = check(claim, catalog)
    counts, first, second, *others, last, left_out = str(report).splitlines()
    assert counts == "4 lines: 0 passed everything, 4 findings, 0 bypassed, 1 not checked"
    assert first == (
        "error on line 1: 50 minutes are 90834, not 90837 (90837 takes 53 or more) "
        "[TIM402 code-not-supported-by-time]"
    )
    assert second.startswith("error on line 3: '9083' is not a code: ")
    assert second.endswith(" [COD101 malformed-code]")
    assert others == [str(finding) for finding in report.findings[2:]]
    assert last == "not checked on line 2: edition 2026.1 does not cover 27447 [COD102]"
    lacking = "edit tables, a history or a payer's profile"
    assert left_out == f"not run without {lacking}: {', '.join(report.left_out)}"
    assert str(report.findings[2]).startswith("error on line 3, 4: ")
    assert str(check(Claim([line()]), catalog, select=["TIM"])) == (
        "1 line: 1 passed everything, 0 findings, 0 bypassed, 0 not checked"
    )


def test_nothing_to_check_is_clean(catalog):
    for report in (check(Claim([]), catalog), check_claims([], catalog)):
        assert (report.clean, report.lines, report.passed) == (True, 0, 0)


# ---- what may be given ---------------------------------------------------------------------


def test_one_selector_may_be_given_as_text(catalog):
    modifiers = tuple(row.id for row in RULES if row.id.startswith("MOD"))
    assert check(Claim([line()]), catalog, select="MOD", ignore="MOD204").rules == tuple(
        rule for rule in modifiers if rule != "MOD204"
    )
    assert len(modifiers) >= 4
    assert check_claims([], catalog, select="unknown-modifier").rules == ("MOD202",)


def test_a_basis_may_be_given_as_text(catalog):
    assert check(Claim([line()]), catalog, basis="medicare").basis is Basis.MEDICARE
    assert check_claims([], catalog, basis="cpt").basis is Basis.CPT
    assert check(Claim([line()]), catalog, basis=None).basis is Basis.CPT
    for wrong in ("aetna", 3):
        with pytest.raises(ValueError, match=r"^no such basis: "):
            check(Claim([line()]), catalog, basis=wrong)


@pytest.mark.parametrize(
    "wrong", [None, "claim", [line()], line(), {"lines": []}, 3], ids=lambda wrong: type(wrong).__name__
)
def test_only_claims_are_checked(catalog, wrong):
    with pytest.raises(InvalidClaim, match="only a claim can be checked") as caught:
        check(wrong, catalog)
    assert caught.value.given == wrong
    with pytest.raises(InvalidClaim, match="only a claim can be checked"):
        check_claims([Claim([]), wrong], catalog)


def test_an_unknown_rule_is_named_before_any_claim_is_read(catalog):
    def unread():
        raise AssertionError
        yield

    for options in ({"select": ["XYZ"]}, {"ignore": ["XYZ"]}):
        with pytest.raises(UnknownRule, match="'XYZ'"):
            check_claims(unread(), catalog, **options)
        with pytest.raises(UnknownRule, match="'XYZ'"):
            check(Claim([]), catalog, **options)


@pytest.mark.parametrize(
    "values",
    [
        {"code": None},
        {"code": 90834},
        {"units": None},
        {"units": 1.0},
        {"units": True},
        {"minutes": 47.5},
        {"minutes": "47"},
        {"modifiers": 95},
        {"modifiers": [95]},
        {"modifiers": [None]},
        {"start": "10:00", "stop": "10:47"},
        {"start": dt.datetime(2026, 3, 2, 10), "stop": dt.datetime(2026, 3, 2, 11)},  # noqa: DTZ001 - local times
        {"rendering_provider": 5},
        {"rendering_provider": float("nan")},
        {"id": 7},
        {"date_of_service": None},
        {"date_of_service": dt.datetime(2026, 3, 2)},  # noqa: DTZ001 - a date with a time, zone or not
    ],
    ids=str,
)
def test_a_line_that_no_rule_could_read_is_refused_when_it_is_made(catalog, values):
    """So that nothing in a claim makes a check raise."""
    with pytest.raises(CptkitError):
        check(Claim([Line(**{"code": "90834", "date_of_service": DAY, **values}), line("90837")]), catalog)


@pytest.mark.parametrize(("select", "ignore"), [([], []), (["ALL"], ["ALL"]), (["MOD"], ["MOD"])])
def test_a_selection_that_leaves_no_rule_is_refused(catalog, select, ignore):
    """A report without any rule would look clean."""
    with pytest.raises(UnknownRule, match="leaves no rule"):
        check(Claim([line()]), catalog, select=select, ignore=ignore)
