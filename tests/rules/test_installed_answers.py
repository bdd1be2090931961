"""What a rule of another package gives: an answer about its encounter, or a reason why it is none."""

import datetime as dt
import sys
from types import SimpleNamespace

import pytest

import cptkit
from cptkit.rules import Report, RuleRow, RuleTable, installed, registry
from cptkit.rules.wellformed import problems

ROW = RuleRow("acme:ABC101", "any-line", "acme_rules.any_line", ("codes",), package="acme-rules")
DAY = dt.date(2026, 3, 2)
MODULE = """
import attrs
from cptkit import Finding, Fix, FixKind, NotChecked, Outcome, Severity

RULE = ("acme:ABC101", "any-line")


def check(encounter, context):
    finding = Finding(
        *RULE, Outcome.FAIL, Severity.REVIEW, encounter.claim, ("1",), encounter.date_of_service,
        context.codeset.edition, "a line is there",
    )
    unjudged = NotChecked(*RULE, encounter.claim, ("1",), encounter.date_of_service, "who knows")
    {body}
"""


@pytest.fixture
def judge(tmp_path, monkeypatch, catalog, forget_rules):
    """The report of a claim of two lines, by a rule of another package that ends with the given text."""

    def judge(body, head=""):
        folder = tmp_path / "acme_rules"
        folder.mkdir()
        folder.joinpath("any_line.py").write_text(head + MODULE.replace("{body}", body))
        monkeypatch.syspath_prepend(str(tmp_path))
        offers = (installed.Offer("acme", "acme-rules", (ROW,)),)
        monkeypatch.setattr(registry, "offers", lambda: offers)
        lines = [cptkit.Line(code, minutes=45, date_of_service=DAY) for code in ("90834", "90785")]
        return cptkit.check(cptkit.Claim(lines, id="C-1"), catalog, select=["acme"])

    forget_rules()
    yield judge
    for name in ("acme_rules", "acme_rules.any_line"):
        sys.modules.pop(name, None)
    forget_rules()


@pytest.mark.parametrize("outcome", ["FAIL", "BYPASSED"])
def test_what_is_an_answer_stays(judge, outcome):
    report = judge(f"return [attrs.evolve(finding, outcome=Outcome.{outcome}), unjudged]")
    assert (len(report.findings + report.bypassed), len(report.not_checked), report.passed) == (1, 1, 1)
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("rule='COD101'", "a finding of COD101, not acme:ABC101"),
        ("name='other'", "a finding of other, not any-line"),
        ("lines=('x',)", "a finding on line 'x', which it was not given"),
        ("lines=('1', 2)", "a finding on line 2, which it was not given"),
        ("lines=()", "a finding without lines"),
        ("lines='1'", "a finding with lines of type str, not a tuple of line ids"),
        ("lines=['1']", "a finding with lines of type list, not a tuple of line ids"),
        ("outcome=Outcome.PASS", "a finding with outcome <Outcome.PASS: 'pass'>, not Outcome.FAIL or "),
        ("outcome='fail'", "a finding with outcome 'fail', not Outcome.FAIL or Outcome.BYPASSED"),
        ("severity='error'", "a finding with severity 'error', not a cptkit.Severity"),
        ("message=None", "a finding with a message of type NoneType, not a text"),
        ("claim='C-2'", "a finding on claim 'C-2', not 'C-1'"),
        ("date_of_service=dt.date(2026, 3, 3)", "a finding of 2026-03-03, not 2026-03-02"),
        ("fixes=(Fix(FixKind.ASK, '7', None, 'ask'),)", "a finding with a fix for line '7', which it was not given"),
        ("fixes=[Fix(FixKind.ASK, '1', None, 'ask')]", "a finding that no report can hold"),
        ("edition=None", "a finding that no report can hold (edition: "),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_not_checked_and_says_why(judge, change, why):
    report = judge(f"return [attrs.evolve(finding, {change})]", head="import datetime as dt\n")
    (entry,) = report.not_checked
    assert entry.reason.startswith(f"the rule failed (TypeError: it gave {why}")
    assert (report.findings, report.bypassed, entry.lines, report.passed) == ((), (), ("1", "2"), 0)
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("rule='COD101'", "a NotChecked of COD101, not acme:ABC101"),
        ("lines=('x',)", "a NotChecked on line 'x', which it was not given"),
        ("reason=None", "a NotChecked with a reason of type NoneType, not a text"),
    ],
)
def test_an_entry_that_is_not_checked_is_held_to_the_same(judge, change, why):
    (entry,) = judge(f"yield attrs.evolve(unjudged, {change})").not_checked
    assert entry.reason == f"the rule failed (TypeError: it gave {why})"


@pytest.mark.parametrize(
    "body", ["raise SystemExit(3)", "return int('x')", "yield finding; raise SystemExit(3)"]
)
def test_what_is_raised_is_told_with_its_file_and_line(judge, body):
    report = judge(body)
    told = "ValueError: invalid literal for int() with base 10: 'x'" if "int" in body else "SystemExit: 3"
    assert report.not_checked[-1].reason == f"the rule failed ({told}; any_line.py, line 14)"
    assert len(report.findings) == ("yield" in body)


def test_an_interrupt_is_nobodys_failure(judge):
    with pytest.raises(KeyboardInterrupt):
        judge("raise KeyboardInterrupt")


def test_a_rule_without_a_page_is_a_problem(monkeypatch):
    table, modules = RuleTable((ROW,)), sys.modules
    monkeypatch.setitem(modules, "acme_rules", SimpleNamespace())
    for doc, told in (("A page.", ()), (None, 1), (" ", 1)):
        monkeypatch.setitem(modules, "acme_rules.any_line", SimpleNamespace(__doc__=doc))
        found = problems(table, "acme")
        assert found == (
            told and (f"{ROW.id}: the module {ROW.path} has no docstring, which is the page of the rule",)
        )
    monkeypatch.setitem(modules, "acme_rules.any_line", None)
    assert problems(table, "acme") == ()


@pytest.mark.parametrize(
    ("concerns", "asked"),
    [
        ('alone.lines[0].code == "90785"', True),
        ('alone.lines[0].code == "90791"', False),
        ("None", False),
        ("1 / 0", True),
        ("(_ for _ in ()).throw(SystemExit(3))", True),
    ],
)
def test_a_rule_says_which_lines_concern_it(judge, concerns, asked):
    """Where it cannot say so, it is asked."""
    head = f"def concerns(alone, context):\n    return {concerns}\n\n\n"
    report = judge("return [finding]", head)
    assert [entry.rule for entry in report.findings] == ["acme:ABC101"] * asked
