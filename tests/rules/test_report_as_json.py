"""A report through JSON and back: equal, strict, and as its schema says."""

import copy
import datetime as dt
import json
import pickle
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, NotChecked, Report, check, check_claims
from cptkit.errors import BrokenReport
from cptkit.rules.report import FORMAT, GivenHistory
from cptkit.rules.waivers import IdleWaiver, Waived, Waiver, WaiverState
from cptkit.rules.written import schema
from cptkit.testing import strategies, synthetic_codeset

jsonschema = pytest.importorskip("jsonschema")

CATALOG = Catalog.bundled()
SYNTHETIC = synthetic_codeset()
VALIDATOR = jsonschema.Draft202012Validator(
    schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
INPUT = {
    "rows_read": 2,
    "rows_checked": 1,
    "rejected": [{"line": 3, "claim": "", "reason": "own words", "text": "a;b"}],
    "columns": {"code": "cpt"},
    "columns_ignored": ["weather"],
}


def through_json(report):
    return json.loads(json.dumps(report.to_dict()))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == f"urn:cptkit:report:{FORMAT}"
    assert json.dumps(schema()) == json.dumps(schema())


@pytest.fixture(scope="module")
def reports(cases):
    """One report for each case, of all rules together."""
    return [case.check() for case in cases]


def test_every_report_comes_back_equal(reports):
    for report in reports:
        again = Report.from_dict(through_json(report))
        assert again == report
        assert (hash(again), str(again)) == (hash(report), str(report))


def test_every_report_is_as_the_schema_says(reports):
    seen = set()
    for report in reports:
        written = through_json(report)
        shown = json.dumps(written)
        if shown not in seen:
            seen.add(shown)
            VALIDATOR.validate(written)
    assert len(seen) > 100


@given(claim=strategies.claims(malformed=True), basis=st.sampled_from(Basis))
def test_what_a_check_says_of_any_claim_comes_back(claim, basis):
    report = check(claim, CATALOG, basis=basis)
    written = through_json(report)
    VALIDATOR.validate(written)
    assert Report.from_dict(written) == report
    assert Report.from_dict(written).to_dict() == written


@given(claims=st.lists(strategies.claims(codeset=SYNTHETIC), max_size=3))
def test_several_claims_of_an_edition_of_ones_own(claims):
    report = check_claims(claims, SYNTHETIC)
    assert Report.from_dict(through_json(report)) == report


# ---- what is refused -----------------------------------------------------------------------


def kind_of(entry):
    """Entries of one kind have the same fields filled."""
    if isinstance(entry, NotChecked):
        return "not checked"
    tables = tuple(sorted({type(row).__name__ for row in entry.edits}))
    return (tables, bool(entry.evidence), bool(entry.denial))


@pytest.fixture(scope="module")
def rich(reports):
    """A report with everything in it, as JSON: evidence, published rows, fixes, a denial."""
    found = {"findings": {}, "bypassed": {}, "not_checked": {}}
    for report in reports:
        for name, kinds in found.items():
            for entry in getattr(report, name):
                kinds.setdefault(kind_of(entry), entry)
    waiver = Waiver("TIM402", "own words", lines=["1"], claim="C-1", expires=None)
    found["waived"] = {"": Waived(next(iter(found["findings"].values())), waiver)}
    found["idle_waivers"] = {"": IdleWaiver(waiver, WaiverState.EXPIRED, "own words")}
    lists = {name: tuple(kinds.values()) for name, kinds in found.items()}
    return through_json(attrs.evolve(reports[0], **lists, history=GivenHistory(2, 3, dt.date(2026, 1, 1))))


def test_the_rich_report_is_one(rich):
    VALIDATOR.validate(rich)
    assert Report.from_dict(rich).to_dict() == rich
    tables = {row["table"] for entry in rich["findings"] + rich["bypassed"] for row in entry["edits"]}
    assert tables == {"ptp", "mue", "addons", "pfs"}
    assert {len(entry["fixes"]) > 0 for entry in rich["findings"]} >= {True}


def leaves(value, path=()):
    """The path of each value in an object, the object itself first."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inside:
        yield from leaves(each, (*path, part))


def changed(value, path, change):
    """A copy with a change at that path; what lies beside the path is not copied."""
    copied = target = copy.copy(value)
    for part in path[:-1]:
        target[part] = copy.copy(target[part])
        target = target[part]
    change(target, path[-1])
    return copied


def put(value):
    def change(target, part):
        target[part] = value

    return change


def drop(target, part):
    del target[part]


def add(target, part):
    target[part] = {**target[part], "extra": 1}


def assert_refused(given, place):
    with pytest.raises(BrokenReport) as caught:
        Report.from_dict(given)
    assert (caught.value.where or "").startswith(place), str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - made here


def named(path):
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def test_a_field_of_another_type_is_refused_at_its_place(rich):
    """Nothing that stands in a report may be a list of numbers, a fraction or true where it was none."""
    paths = [path for path in leaves(rich) if path]
    # one of each kind of place: which entry of a list it is makes no difference
    kinds = {tuple("*" if isinstance(part, int) else part for part in path): path for path in paths}
    assert len(kinds) > 100
    for path in kinds.values():
        open_names = path[0] == "summary" and path[1:2] in {("by_rule",), ("by_severity",)}
        for wrong in ([1.5], 1.5):
            broken = changed(rich, path, put(wrong))
            assert not VALIDATOR.is_valid(broken), path
            assert_refused(broken, "" if open_names else named(path))


def test_a_field_too_many_or_too_few_is_refused(rich):
    open_names = {"by_rule", "by_severity"}
    objects = {}
    for path in leaves(rich):
        value = rich
        for part in path:
            value = value[part]
        if isinstance(value, dict) and not (path and path[-1] in open_names):
            objects[tuple("*" if isinstance(part, int) else part for part in path)] = (path, value)
    for path, value in objects.values():
        grown = {**rich, "extra": 1} if not path else changed(rich, path, add)
        assert not VALIDATOR.is_valid(grown), path
        assert_refused(grown, named(path))
        for name in value:
            shrunk = changed(rich, (*path, name), drop)
            assert not VALIDATOR.is_valid(shrunk), (path, name)
            assert_refused(shrunk, named(path))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("basis",), "mine", "'mine'; expected one of cpt, medicare; see basis"),
        (("rules",), "ALL", "'ALL'; expected a list; see rules"),
        (("rules", 0), 7, "7; expected text; see rules[0]"),
        (("format",), 0, "0; expected 1; see format"),
        (("format",), True, "true; expected 1; see format"),
        (("format",), "1", "'1'; expected 1; see format"),
        (("summary", "lines"), -1, "-1; expected a count; see summary.lines"),
        (("summary", "lines"), True, "true; expected a count; see summary.lines"),
        (("summary", "findings"), 0, "which follows from the rest; see summary.findings"),
        (
            ("summary", "by_rule", "TIM499"),
            1,
            "1; expected nothing, which follows from the rest; see summary.by_rule.TIM499",
        ),
        (
            ("summary", "causes"),
            [],
            "nothing; expected an object, which follows from the rest; see summary.causes[0]",
        ),
        (("summary", "causes", 0, "claims"), 99, "which follows from the rest; see summary.causes[0].claims"),
        (("findings", 0, "rule"), "TIM4O2", "which follows from the rest; see summary.by_rule."),
        (("findings", 0, "outcome"), "bypassed", "expected one of fail; see findings[0].outcome"),
        (
            ("findings", 0, "confidence"),
            "disputed",
            "which follows from the rest; see findings[0].confidence",
        ),
        (("findings", 0, "date_of_service"), "20260302", "expected a day such as 2026-03-02"),
        (("findings", 0, "date_of_service"), "2026-02-30", "expected a day such as 2026-03-02"),
        (("findings", 0, "message"), None, "null; expected text"),
        (("findings", 0, "message"), 10**70, "a number that is too long to show; expected text"),
        (("findings", 0, "lines"), {}, "an object; expected a list"),
        (("findings", 0, "severity"), "x" * 99, "'" + "x" * 60 + "...'; expected one of error"),
        (("findings", 0, "denial"), [], "a list; expected an object"),
        (("findings", 0, "fixes", 0, "value"), True, "true; expected text, a whole number or null"),
        (("pins", 0, "digest"), 1.0, "1.0; expected text; see pins[0].digest"),
        (("summary", "by_rule"), [], "a list; expected an object; see summary.by_rule"),
        (("summary", "by_rule"), {"TIM402": "1"}, "expected a count; see summary.by_rule.TIM402"),
        (("input",), {}, "expected a field rows_read; see input"),
        (("comparison",), 1, "1; expected an object; see comparison"),
        (("waived", 0, "waiver", "reason"), " ", "see waived[0].waiver"),
        (("findings", 0, "message"), Decimal(1), "a value of the type Decimal; expected text"),
        (("summary", "lines"), dt.date(2026, 3, 2), "a value of the type date; expected a count"),
        (("rules", 0), b"TIM402", "a value of the type bytes; expected text"),
        (("rules",), {"TIM402"}, "a value of the type set; expected a list"),
        (("summary", "by_rule"), {1: 1}, "1; expected a text for each name; see summary.by_rule"),
        (("summary", "passed"), 10**6, "1000000; expected at most the "),
        (("findings", 0, "lines"), [], "a list; expected a list of 1 or more; see findings[0].lines"),
        (("bypassed", 0, "lines"), [], "a list; expected a list of 1 or more; see bypassed[0].lines"),
        (("findings", 0, "codes"), ["90834"] * 9, "expected one code for each of "),
        (("history", "claims"), -1, "-1; expected a count; see history.claims"),
        (("history", "since"), "soon", "expected a day such as 2026-03-02; see history.since"),
        (("profile",), {"name": "plan"}, "expected a field digest; see profile"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(rich, path, value, words):
    with pytest.raises(BrokenReport) as caught:
        Report.from_dict(changed(rich, path, put(value)))
    assert words in str(caught.value)


def rows_of(rich, table):
    return next(
        ("findings" if entry["outcome"] == "fail" else "bypassed", place, at)
        for entries in (rich["findings"], rich["bypassed"])
        for place, entry in enumerate(entries)
        for at, row in enumerate(entry["edits"])
        if row["table"] == table
    )


@pytest.mark.parametrize(
    ("table", "field", "value", "words"),
    [
        ("ptp", "table", "mine", "expected one of ptp, mue, addons, pfs"),
        ("ptp", "table", 1, "expected one of ptp, mue, addons, pfs"),
        ("ptp", "table", "mue", "expected no field but table, code"),
        ("ptp", "quarter", "2024q5", "expected a quarter such as 2024q3"),
        ("ptp", "quarter", "2024-Q3", "expected 2024q3"),
        ("ptp", "prior_to_1996", 0, "expected true or false"),
        ("ptp", "setting", "office", "expected one of practitioner"),
        ("mue", "value", "2", "expected a whole number"),
        ("addons", "first_day", "", "expected a day"),
        ("pfs", "status", 1, "expected text"),
    ],
)
def test_a_published_row_is_read_as_strictly(rich, table, field, value, words):
    name, place, at = rows_of(rich, table)
    with pytest.raises(BrokenReport) as caught:
        Report.from_dict(changed(rich, (name, place, "edits", at, field), put(value)))
    assert words in str(caught.value)
    assert caught.value.where.startswith(f"{name}[{place}].edits[{at}].{field}") or field == "table"


def test_a_row_that_is_no_object(rich):
    name, place, at = rows_of(rich, "ptp")
    with pytest.raises(BrokenReport, match="expected an object; see"):
        Report.from_dict(changed(rich, (name, place, "edits", at), put("ptp")))


def test_a_report_of_a_newer_format(rich):
    with pytest.raises(BrokenReport, match=r"newer version of cptkit.*expected format 1"):
        Report.from_dict({**rich, "format": FORMAT + 1, "and": "whatever"})


@pytest.mark.parametrize("given", [None, [], "report", 1, {}, {"format": 1}])
def test_what_is_no_report_at_all(given):
    with pytest.raises(BrokenReport, match="not a report"):
        Report.from_dict(given)


def test_what_the_command_line_adds_is_read_over(rich):
    beside = {"input": INPUT, "comparison": {"differences": ["own words"], "new": rich["findings"][:1]}}
    beside["comparison"] |= {"unchanged": [], "fixed": [], "not_judged": [], "waived": []}
    VALIDATOR.validate({**rich, **beside})
    assert Report.from_dict({**rich, **beside}) == Report.from_dict(rich)


# ---- the summary ---------------------------------------------------------------------------


def test_the_commonest_come_first(reports):
    whole = attrs.evolve(
        reports[0],
        findings=tuple(finding for report in reports for finding in report.findings),
        not_checked=tuple(entry for report in reports for entry in report.not_checked),
    )
    causes, reasons = whole.summary()["causes"], whole.summary()["reasons"]
    assert {cause["rule"]: cause["findings"] for cause in causes} == whole.summary()["by_rule"]
    order = [(-cause["findings"], cause["rule"]) for cause in causes]
    assert order == sorted(order)
    first = next(finding for finding in whole.findings if finding.rule == causes[0]["rule"])
    assert (causes[0]["example"], causes[0]["name"]) == (first.message, first.name)
    claims = {finding.claim for finding in whole.findings if finding.rule == causes[0]["rule"]}
    assert causes[0]["claims"] == len(claims) < causes[0]["findings"]
    assert len(reasons) == 10
    order = [(-reason["entries"], reason["reason"]) for reason in reasons]
    assert order == sorted(order)
    told = [entry.rule for entry in whole.not_checked if entry.reason == reasons[0]["reason"]]
    assert (reasons[0]["entries"], reasons[0]["rules"]) == (len(told), sorted(set(told)))


def test_an_empty_report_has_no_causes():
    summary = check(Claim([]), CATALOG).summary()
    assert (summary["causes"], summary["reasons"]) == ([], [])


def test_a_finding_need_not_tell_its_codes(rich):
    told = changed(rich, ("findings", 0, "codes"), put([]))
    assert Report.from_dict(told).findings[0].codes == ()
