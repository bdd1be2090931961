"""A rule's file is loaded by its row of the table alone: to select one rule loads no other."""

import ast
from pathlib import Path

import pytest

import cptkit
from cptkit.rules import RULES

SOURCES = Path(cptkit.__file__).parent
RULE_FILES = {row.module.rpartition(".")[2] for row in RULES}


def imported_rules(source):
    """The files of rules that a module names in its imports, wherever in it they stand."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names += [node.module or "", *(each.name for each in node.names)]
        elif isinstance(node, ast.Import):
            names += [each.name for each in node.names]
    return {part for name in names for part in name.split(".")} & RULE_FILES


def test_no_module_imports_the_file_of_a_rule():
    """What two rules share has a module of its own."""
    files = {path.relative_to(SOURCES).as_posix(): path for path in SOURCES.rglob("*.py")}
    assert {path.stem for path in files.values()} >= RULE_FILES
    found = {name: imported_rules(path.read_text(encoding="utf-8")) for name, path in files.items()}
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from cptkit.rules.add.add301_add_on_without_primary import check", True),
        ("from cptkit.rules.add import add301_add_on_without_primary as first", True),
        ("import cptkit.rules.add.add301_add_on_without_primary", True),
        ("from .add301_add_on_without_primary import check", True),
        ("def check():\n    from . import add301_add_on_without_primary", True),
        ("if TYPE_CHECKING:\n    from cptkit.rules.add.add301_add_on_without_primary import check", True),
        ("from cptkit.rules.add.unjudged import why_unjudged", False),
        ("import hashlib", False),
        ("name = 'add301_add_on_without_primary'", False),
    ],
)
def test_the_check_of_imports(source, found):
    assert bool(imported_rules(source)) is found
