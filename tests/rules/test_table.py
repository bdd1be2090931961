"""The table, the rule files, their documentation pages and the cases tell of the same rules."""

import ast
import re
from importlib import import_module, resources
from pathlib import Path

import pytest

from cptkit import codeset
from cptkit.rules import RULES, rule
from cptkit.rules.rows import EDIT_TABLES, HISTORY, NEEDS
from cptkit.testing.rule_cases import lacking

HERE = Path(__file__).parent
FAMILIES = {"ADD", "BHX", "COD", "DOC", "DUP", "FRQ", "MOD", "MUE", "PAY", "PFS", "POS", "PTP", "TIM"}
TABLES = {
    "addons": lambda edition: edition.addon("90785", date_of_service=edition.first_day),
    "codes": lambda edition: edition["90834"],
    "conventions": lambda edition: edition.conventions,
    "exclusions": lambda edition: edition.exclusions(date_of_service=edition.first_day),
    "modifiers": lambda edition: edition.modifier("95"),
    "modifier-sets": lambda edition: edition.modifier_sets,
    "timerules": lambda edition: edition.timerules["families"],
}

# Leaves unchecked what no bundled edition holds, so no case can show it: test_own_edition.py does.
OF_OWN_EDITIONS = {"MOD202"}

each_row = pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)


def rule_files():
    """The modules of rules below ``cptkit.rules``, as the table spells them."""
    return {
        f"{folder.name}.{file.name.removesuffix('.py')}"
        for folder in resources.files("cptkit.rules").iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if re.match(r"[a-z]{3}\d", file.name)
    }


def test_ids_and_names_are_told_once_and_in_order():
    ids = [row.id for row in RULES]
    assert ids == sorted(set(ids))
    assert len({row.name for row in RULES}) == len(RULES)


def test_every_rule_file_has_its_row():
    assert rule_files() == {row.module for row in RULES}


def test_every_case_file_has_its_row():
    """Rules of edit tables have tests beside larger tables besides, in a folder of their family."""
    assert {path.name for path in (HERE / "cases").iterdir()} == {f"{row.id}.toml" for row in RULES}


@each_row
def test_a_row_is_well_formed(row):
    assert re.fullmatch(r"[A-Z]{3}\d{3}", row.id)
    assert row.id[:3] in FAMILIES
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", row.name)
    assert row.module == f"{row.id[:3].lower()}.{row.id.lower()}_{row.name.replace('-', '_')}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", row.since)
    assert set(row.needs) <= NEEDS


@each_row
def test_the_tables_a_rule_needs_are_in_every_edition(row):
    for name in ("2024.1", "2025.1", "2026.1"):
        for need in set(row.needs) & set(TABLES):
            assert TABLES[need](codeset(name)), f"{name} has no {need}"


@each_row
def test_the_module_is_the_rule(row):
    module = import_module(f"cptkit.rules.{row.module}")
    assert (row.id, row.name) == module.RULE
    assert rule(row.id).check is module.check
    assert rule(row.id).doc == module.__doc__
    assert module.check.__doc__


@each_row
def test_the_docstring_is_the_documentation_page(row):
    text = rule(row.id).doc
    title = text.partition("\n")[0]
    assert title.endswith("."), "the first line says what was found, as a sentence"
    headings = re.findall(r"^\*\*([A-Z][a-z ]+)\*\*:", text, flags=re.MULTILINE)
    required = ["Fails", "Passes", "Cure", "Limits"]
    assert [heading for heading in headings if heading in required] == required
    assert set(headings) <= {*required, "Bypassed", "Not checked"}


@each_row
def test_a_rule_can_be_read_apart_from_the_engine(row):
    """A rule is a pure function: it takes no engine, no catalog, no registry."""
    source = Path(import_module(f"cptkit.rules.{row.module}").__file__).read_text(encoding="utf-8")
    taken = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not taken & {"cptkit.rules.engine", "cptkit.rules.registry", "cptkit.rules.report", "cptkit.rules"}


@each_row
def test_the_cases_show_every_outcome_that_the_page_names(row, cases):
    unshown = ("not checked: only the page names it",) if row.id in OF_OWN_EDITIONS else ()
    assert lacking(cases, row.id) == unshown


def test_the_needs_of_rules_are_the_tables_there_are_and_what_a_check_is_given_besides():
    besides = {need for need in NEEDS if need.startswith("profile/")}
    assert {*TABLES, *EDIT_TABLES, HISTORY, *besides} == NEEDS


def test_nothing_of_a_scaffold_is_left():
    """``nox -s new_rule`` writes what is to be filled in."""
    modules = [Path(import_module(row.path).__file__) for row in RULES]
    files = [*modules, *(HERE / "cases").iterdir(), HERE.parents[1] / "CHANGELOG.md"]
    left = [path.name for path in files if "(fill in)" in path.read_text(encoding="utf-8")]
    assert not left, f"fill in: {', '.join(left)}"


@each_row
def test_no_function_of_a_rule_is_decorated(row):
    """Mutation tools pass over decorated functions: what is remembered goes through ``Context.kept``."""
    tree = ast.parse(Path(import_module(row.path).__file__).read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert "check" in {node.name for node in found}
    assert [node.name for node in found if node.decorator_list] == []
