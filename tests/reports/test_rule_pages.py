"""A page for each rule, and the page of the checks: what they hold, and that nothing is left out."""

import re
import tomllib
from pathlib import Path

import pytest

import cptkit
from cptkit.errors import BrokenFacts
from cptkit.reports import checks_page, rule_pages
from cptkit.reports.checks_page import answered_by, read_checks
from cptkit.rules import RULES, RuleTable
from cptkit.rules.explaining import explained
from cptkit.rules.registry import Rule

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "docs" / "checks.toml"
NONE = RuleTable(())


@pytest.fixture(scope="module")
def edition():
    return cptkit.codeset("2026.1")


@pytest.fixture(scope="module")
def pages(edition):
    return rule_pages(edition)


@pytest.fixture(scope="module")
def denials():
    return [
        row["check"] for row in tomllib.loads((ROOT / "facts/denials/denials.toml").read_text())["denial"]
    ]


# ---- rules ---------------------------------------------------------------------------------


def test_every_rule_has_its_page_and_stands_in_the_index(pages, cells):
    assert list(pages) == [*(f"{row.id}.md" for row in RULES), "index.md"]
    rows = cells(pages["index.md"].splitlines(), "| id | name | finds | status | since |")
    assert [row[:2] for row in rows] == [[f"[{row.id}]({row.id}.md)", row.name] for row in RULES]
    assert {row[3] for row in rows} <= {"preview", "stable", "deprecated"}


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_a_page_has_its_parts_in_order(row, pages):
    page = pages[f"{row.id}.md"]
    headings = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
    assert headings[:3] == [f"{row.id} {row.name}", "A claim that fails", "A claim that passes"]
    assert headings[-1] == "What it rests on"
    labels = re.findall(r"^\*\*([A-Z][a-z ]+)\*\*: ", page, flags=re.MULTILINE)
    assert labels[:2] == ["Fails", "Passes"]
    assert labels[-1] == "Limits"
    assert f"{row.status.capitalize()}, since {row.since}. Answers from: " in page
    assert "\n- " in page.partition("## What it rests on")[2], "no source"


def test_a_page_shows_the_case_the_codes_and_the_sources(pages):
    page = pages["TIM402.md"]
    assert "1. `90837, 50 minutes`\n\n> 50 minutes are 90834, not 90837 (90837 takes 53 or more)" in page
    assert "| units-not-supported-by-time | CO | 152 | - |" in page
    assert "Facts: `time/anaesthesia`, " in page
    assert "- NS-ADJ (D): [https://" in page
    assert "With:\n\n- `mue: " in pages["MUE801.md"]


def test_a_rule_without_cases_has_a_page_without_examples(edition):
    row = RULES[0]
    told = explained(
        Rule(cptkit.rules.RuleRow("acme:ABC101", "no-referral", "x.y"), "It is so.", list), edition
    )
    assert (told.what, told.why, dict(told.parts), told.fails, told.sources) == (
        "It is so.",
        (),
        {},
        None,
        (),
    )
    assert told.to_dict()["example_fails"] is None
    assert rule_pages(edition, RuleTable((row,))).keys() == {f"{row.id}.md", "index.md"}


# ---- checks --------------------------------------------------------------------------------


def test_every_kind_of_denial_is_on_the_page_and_nothing_else(denials, edition, cells):
    assert sorted(read_checks(CHECKS)) == sorted(denials)
    rows = cells(
        checks_page(CHECKS, edition).splitlines(), "| check | what it asks | likely codes | answered by |"
    )
    assert [row[0].strip("`") for row in rows] == list(read_checks(CHECKS))
    assert all(row[3] for row in rows)


def test_a_check_is_answered_by_a_rule_or_it_says_why_none_does(edition):
    answers = answered_by(edition)
    for name, told in read_checks(CHECKS).items():
        rules = {*answers.get(name, ()), *told.get("rules", ())}
        assert bool(rules) is not ("why" in told), (
            f"{name}: {sorted(rules)} answer it now: take `why` out of docs/checks.toml" if rules else
            f"{name}: no rule answers it: say why in docs/checks.toml"
        )  # fmt: skip
        assert not ("open" in told and "why" in told), name


def test_what_is_written_of_a_check_is_written_well():
    known = {row.id for row in RULES}
    for name, told in read_checks(CHECKS).items():
        assert set(told.get("rules", ())) <= known, name
        assert all(told.get(key, "x.").endswith(".") for key in ("says", "why", "open")), name
        named = set(re.findall(r"\b[A-Z]{3}\d{3}\b", " ".join(map(str, told.values()))))
        assert named <= known, f"{name} names {named - known}"


def test_cells_of_the_page(edition, cells):
    rows = cells(
        checks_page(CHECKS, edition).splitlines(), "| check | what it asks | likely codes | answered by |"
    )
    told = {row[0].strip("`"): row[2:] for row in rows}
    assert told["time-missing"] == ["(CO-252 M127)", "[TIM401](rules/TIM401.md)"]
    assert told["code-syntax"][0] == "CO-16 M51 M20 MA130"
    assert told["modifier-order"][0] == "-"
    assert told["age-mismatch"][1] == "A claim here carries no birth date."
    assert told["code-invalid-on-date"][1].startswith("[COD102](rules/COD102.md). COD102 tells")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[check]]\ncheck = "a"\nsays = "b."\nbecause = "c"', "a check with or without because: 'a'"),
        ('[[check]]\ncheck = "a"', "a check with or without says: 'a'"),
        (2 * '[[check]]\ncheck = "a"\nsays = "b."\n', "a check stands twice: 'a'"),
        ('[[check]]\ncheck = "a"\nsays = "b."', "no such check in the edition: 'a'"),
    ],
)
def test_a_file_of_checks_that_is_wrong(tmp_path, edition, text, why):
    path = tmp_path / "checks.toml"
    path.write_text(text)
    with pytest.raises(BrokenFacts) as caught:
        checks_page(path, edition, NONE)
    assert why in str(caught.value)
    assert "checks.toml" in str(caught.value)
