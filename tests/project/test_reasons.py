"""The page on what was not checked names every reason that a rule gives, and none that no rule gives."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cptkit.testing.rule_cases import read_cases

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "read-what-was-not-checked.md"
RULES = sorted((ROOT / "src/cptkit/rules").rglob("*.py"))
REFUSING = {"installed.py", "reading.py"}  # their reasons are why a package or a profile is refused
STATUSES = ROOT / "src" / "cptkit" / "codesets" / "records.py"  # some of its reasons are those of rules
LOOKUPS = ROOT / "src" / "cptkit" / "edits" / "lookups.py"  # so are those of tables
HOLE = "..."
WORDS = re.compile(r"[a-z]{2,}")


def told() -> list[str]:
    """The reasons that the page names, a hole where they name codes, lines or days."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \|$", text, flags=re.MULTILINE)
    return [row for row in rows if row not in {"the reason says", "---"}]


def pattern(reason: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, reason.split(HOLE))), re.DOTALL)


ROWS = {row: pattern(row) for row in told()}


def template(node: ast.AST) -> str | None:
    """The text of a literal, a hole where something is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
        return "".join(map(str, parts))
    return None


def whole(node: ast.AST) -> Iterator[str]:
    """The texts in an expression, each as a whole."""
    text = template(node)
    if text is not None:
        yield text
        return
    for child in ast.iter_child_nodes(node):
        yield from whole(child)


def written() -> Iterator[tuple[str, str]]:
    """What the modules of rules write as a reason: where, and its text."""
    for module in (module for module in RULES if module.name not in REFUSING):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            given: ast.AST | None = None
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
                given = node.value
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "not_checked":
                given = node.args[3] if len(node.args) > 3 else None
            for text in () if given is None else whole(given):
                if len(WORDS.findall(text)) > 3:
                    yield f"{module.name}:{node.lineno}", text


def strings() -> set[str]:
    trees = (ast.parse(module.read_text(encoding="utf-8")) for module in (*RULES, STATUSES, LOOKUPS))
    return {text for tree in trees for node in ast.walk(tree) if (text := template(node))}


@pytest.fixture(scope="module")
def given() -> dict[str, str]:
    """The reasons that the cases of the rules give, each with a case."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests" / "rules" / "cases").glob("*.toml")):
        once = {case.id: case for case in read_cases(path) if case.not_checked}
        for case in once.values():
            found |= {entry.reason: str(case) for entry in case.check(select=[case.rule]).not_checked}
    return found


def test_every_reason_of_a_case_stands_on_the_page(given):
    lacking = {
        reason: case
        for reason, case in given.items()
        if not any(row.fullmatch(reason) for row in ROWS.values())
    }
    assert lacking == {}
    assert len(given) > len(ROWS)


def test_every_reason_that_a_rule_writes_stands_on_the_page():
    found = list(written())
    lacking = [entry for entry in found if not any(row.fullmatch(entry[1]) for row in ROWS.values())]
    assert lacking == []
    assert len(found) > 40


def test_every_reason_on_the_page_is_given_or_written(given):
    known = strings()
    for row, shape in ROWS.items():
        if not any(map(shape.fullmatch, given)):
            parts = [part for part in row.split(HOLE) if part.strip(" :;.,()")]
            assert any(all(part in text for part in parts) for text in known), row


def test_no_reason_stands_there_twice():
    assert len(told()) == len(ROWS)
