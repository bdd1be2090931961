"""The commands about rules: which there are, what one is, and what is told of old names."""

import csv
import json
import re
import warnings

import attrs
import pytest

from cptkit.cli.told import deprecations_told
from cptkit.rules import RULES, RuleRow, RuleTable, choosing, installed, registry
from cptkit.rules.installed import Offer

CLEAN = """\
claim,patient,dos,clinician,code,modifiers,units,minutes
C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47
"""


def refused(answer, *words: str) -> None:
    assert answer.status == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_explain(run):
    answer = run("explain", "ADD301")
    assert answer.status == 0
    assert answer.out.startswith("ADD301 add-on-without-primary\nstable, since 0.1.0; answers from: addons\n")
    assert "\nFails: 90833 alone;" in answer.out
    assert "``" not in answer.out
    assert "**" not in answer.out
    assert run("explain", "add-on-without-primary") == answer


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_every_rule_can_be_explained(call, row):
    answer = call("explain", row.id.lower())
    assert answer.status == 0
    assert row.name in answer.out
    lines = answer.out.splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= 80  # an address cannot be broken
    for part in ("A claim that fails, ", "A claim that passes, ", "  says  ", "Sources of these "):
        assert any(line.startswith(part) for line in lines), part


def test_a_rule_explained_for_programs(call):
    told = json.loads(call("explain", "tim402", "--format", "json").out)
    assert list(told)[:6] == ["id", "name", "status", "since", "needs", "package"]
    assert told["id"] == "TIM402"
    assert told["what"] == "The minutes do not support the code."
    assert {"fails", "passes", "cure", "not_checked", "limits"} <= set(told)
    assert told["example_fails"]["lines"] == ["90837, 50 minutes"]
    assert told["example_fails"]["says"] == ["50 minutes are 90834, not 90837 (90837 takes 53 or more)"]
    assert told["example_passes"]["says"] == []
    assert "time/psychotherapy" in told["facts"]
    assert told["denials"] == [
        {"check": "units-not-supported-by-time", "group": "CO", "carc": "152", "rarc": []}
    ]
    assert all(source["where"] for source in told["sources"])
    assert len(told["sources"]) > 12


def test_a_rule_of_many_sources_names_the_rest(call):
    out = call("explain", "TIM402").out
    assert "; --format json has their addresses" in " ".join(out.split())


def test_an_unknown_rule(run):
    refused(run("explain", "ADD310"), "no such rule: 'ADD310'", "did you mean ADD305 or ADD304 or ADD303?")


def test_addresses_hang_under_their_sources(call):
    lines = call("explain", "DOC001").out.splitlines()
    place = next(place for place, line in enumerate(lines) if line == "  CMS-PMIN (A)")
    assert lines[place + 1].startswith("    https://")


PACKAGES = "rules with a namespace come from packages, and none that is installed has the namespace"


@pytest.fixture
def offers(monkeypatch, forget_rules):
    """In the place of the packages that are installed, these offers."""

    def put(*given):
        monkeypatch.setattr(installed, "offers", lambda: given)
        monkeypatch.setattr(registry, "offers", lambda: given)
        forget_rules()

    yield put
    monkeypatch.undo()
    forget_rules()


def test_a_rule_of_a_package_that_is_not_installed(call, file, offers):
    offers()
    for command in (
        ("explain", "acme:ABC101"),
        ("rules", "acme:ABC101"),
        ("check", file(CLEAN), "--select", "acme:ABC101"),
        ("check", file(CLEAN), "--ignore", "acme:ABC101"),
    ):
        refused(call(*command))
    answer = call("explain", "acme:ABC101")
    assert answer.err == f"cptkit: no such rule: 'acme:ABC101'; {PACKAGES} 'acme'; installed: none\n"


def test_the_namespaces_that_are_installed_are_named(call, offers):
    row = RuleRow("other:ABC101", "any-line", "no_such_module.any_line", package="other-rules")
    offers(Offer("another", "another-rules", reason="half installed"), Offer("other", "other-rules", (row,)))
    answer = call("explain", "acme:ABC101")
    assert answer.err.endswith(f"{PACKAGES} 'acme'; installed: another, other\n")
    assert "of another-rules cannot be read: half installed: 'acme:ABC101'; " in answer.err
    assert "did you mean other:ABC101?" in call("explain", "other:ABC102").err
    assert PACKAGES not in call("explain", "OTHER:ABC102").err


def test_a_rule_that_cannot_be_loaded(call, file, offers):
    row = RuleRow("other:ABC101", "any-line", "no_such_module.any_line", package="other-rules")
    offers(Offer("other", "other-rules", (row,)))
    why = "the rule other:ABC101 of other-rules cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"
    answer = call("rules", "other")
    assert (answer.status, "any-line. cannot be loaded" in answer.out) == (1, True)
    assert answer.err == f"{why}; see `cptkit check --ignore other:ABC101`, to check without it\n"
    answer = call("check", file(CLEAN))
    assert answer == (2, "", f"cptkit: {why}; see --ignore other:ABC101, to check without it\n")


def test_rules(call):
    answer = call("rules")
    assert answer.status == 0
    assert all(f"{row.id}  {row.name}. " in answer.out for row in RULES)
    assert "\n        since 0.1.0; answers from: addons\n" in answer.out
    assert "; needs no table\n" in answer.out


def test_rules_by_prefix_and_name(call):
    answer = call("rules", "tim40", "malformed-code")
    assert answer.status == 0
    assert re.findall(r"^[A-Z]{3}\d{3}", answer.out, flags=re.MULTILINE) == [
        "COD101",
        *(row.id for row in RULES if row.id.startswith("TIM40")),
    ]
    refused(call("rules", "TIM5"), "no such rule: 'TIM5'; expected ALL, a prefix, a rule id or a name")


def test_rules_for_programs(call):
    told = json.loads(call("rules", "--format", "json").out)
    assert [each["id"] for each in told] == [row.id for row in RULES]
    assert [each["needs"] for each in told] == [list(row.needs) for row in RULES]
    row = next(each for each in told if each["id"] == "COD103")
    assert row == {
        "id": "COD103",
        "name": "impossible-units",
        "status": "stable",
        "since": "0.1.0",
        "needs": [],
        "package": "cptkit",
        "what": "The units are zero or negative.",
    }
    rows = list(csv.DictReader(call("rules", "PFS906", "--format", "csv").out.splitlines()))
    assert [(each["id"], each["needs"], each["status"]) for each in rows] == [
        ("PFS906", "conventions modifiers pfs", "stable")
    ]


# ---- old names and statuses of rules ------------------------------------------------------


@pytest.fixture
def made_up(monkeypatch):
    """A table with an old id, a preview rule and a deprecated one in the place of the bundled one."""
    rows = {row.id: row for row in RULES}
    statuses = {"COD102": "preview", "COD103": "deprecated"}
    table = RuleTable(
        tuple(
            attrs.evolve(rows[id_], status=statuses.get(id_, "stable"), since="9.9.9")
            for id_ in ("COD101", "COD102", "COD103")
        ),
        {"COD100": "COD101"},
    )
    monkeypatch.setattr(registry, "TABLE", table)
    for cached in (registry._selected, registry._everything):
        cached.cache_clear()
    choosing._runnable.cache_clear()
    yield
    for cached in (registry._selected, registry._everything):
        cached.cache_clear()
    choosing._runnable.cache_clear()


@pytest.mark.usefixtures("made_up")
def test_old_and_deprecated_rules_are_told_on_standard_error(call, file):
    path = file(CLEAN)
    assert call("explain", "COD100").err == "cptkit: rule COD100 is COD101 now\n"
    assert call("rules", "COD100").err == "cptkit: rule COD100 is COD101 now\n"
    answer = call("check", path, "--select", "COD100,COD103")
    assert (answer.status, answer.err) == (
        0,
        "cptkit: rule COD100 is COD101 now\ncptkit: rule COD103 is deprecated\n",
    )
    assert "\n        deprecated; since 9.9.9; needs no table\n" in call("rules").out


@pytest.mark.usefixtures("made_up")
def test_preview_rules_run_when_asked_for(call, file):
    def ran(*more):
        return json.loads(call("check", file(CLEAN), "--format", "json", *more).out)["rules"]

    assert ran() == ["COD101"]
    assert ran("--preview") == ["COD101", "COD102"]
    assert ran("--select", "COD102") == ["COD102"]


def test_other_warnings_go_their_own_way(capsys):
    with pytest.warns(UserWarning, match="rule of thumb"), deprecations_told():
        warnings.warn("rule of thumb", UserWarning, stacklevel=1)
    with pytest.warns(DeprecationWarning, match="rule of thumb"), deprecations_told():
        warnings.warn("rule of thumb", DeprecationWarning, stacklevel=1)
    assert capsys.readouterr().err == ""
