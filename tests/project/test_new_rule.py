"""A new rule's scaffold: where it is put, that its own tests fail until it is filled in, and hold then."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ["src", "tests/rules", "CHANGELOG.md", "pyproject.toml", "facts"]

FILLED = '''"""The code is W9901.

**Fails**: ``W9901``.

**Passes**: ``W9902``.

**Cure**: none.

**Limits**: one code.
"""

from cptkit.rules.emit import finding, fix
from cptkit.rules.findings import FixKind

RULE = ("COD199", "code-of-the-test")


def check(encounter, context):
    """One finding for every line with the code."""
    for line in encounter.lines:
        if line.code == "W9901":
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                "W9901 is there",
                denial=context.denial("code-syntax"),
                fixes=(fix(FixKind.ASK, line, None, "look at it"),),
            )
'''


@pytest.fixture(scope="module")
def script():
    place = importlib.util.spec_from_file_location("new_rule", ROOT / "tools" / "new_rule.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.fixture
def copy(tmp_path):
    """What a new rule is written into, and its tests, apart from the repository."""
    for name in NEEDED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def verdicts(copy, which):
    """How the tests about one rule end, and what they print."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    files = ["tests/rules/test_table.py", "tests/rules/test_cases.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", "-p", "no:cov", "-k", which, *files],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_scaffold_fails_its_own_tests_until_it_is_filled_in(script, copy):
    written = script.new_rule("COD199", "code-of-the-test", copy)
    module = "src/cptkit/rules/cod/cod199_code_of_the_test.py"
    assert written == ["CHANGELOG.md", module, "src/cptkit/rules/table.py", "tests/rules/cases/COD199.toml"]
    status, shown = verdicts(copy, "COD199 or scaffold")
    assert status == 1
    assert "fill in: cod199_code_of_the_test.py, COD199.toml, CHANGELOG.md" in shown
    assert "findings: the report has nothing, the case has COD199 1" in shown
    assert "test_the_docstring_is_the_documentation_page[COD199] FAILED" not in shown
    assert "test_the_module_is_the_rule[COD199] PASSED" in shown

    (copy / module).write_text(FILLED)
    cases = copy / "tests/rules/cases/COD199.toml"
    text = cases.read_text().replace("(fill in)", "W9901")
    head, _, clean = text.rpartition('code = "W9901"')
    cases.write_text(f'{head}code = "W9902"{clean}')
    changelog = copy / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("- (fill in) (COD199).", "- A rule (COD199)."))
    status, shown = verdicts(copy, "COD199 or scaffold")
    assert status == 0, shown


def test_the_row_and_the_line_stand_in_their_places(script, tmp_path):
    rules, cases = tmp_path / "src/cptkit/rules", tmp_path / "tests/rules/cases"
    rules.mkdir(parents=True)
    cases.mkdir(parents=True)
    table, changelog = rules / "table.py", tmp_path / "CHANGELOG.md"
    table.write_text(
        'RULES: tuple[RuleRow, ...] = (\n    RuleRow("ADD301", "a-b", "add.x", ()),\n'
        '    RuleRow(\n        "COD101",\n        "c-d",\n        "cod.y",\n        ("codes",),\n    ),\n)\n\nTABLE = 1\n'
    )  # fmt: skip
    changelog.write_text("# Changelog\n\n## Code\n\n- One.\n\n## Data\n\n- Two.\n")
    long = "name-of-many-words-that-make-the-row-longer"
    script.new_rule("XYZ001", "last-one", tmp_path)
    script.new_rule("ABC001", long, tmp_path)
    script.new_rule("BCD001", "second-one", tmp_path)
    ids = [
        line.split('"')[1]
        for line in table.read_text().splitlines()
        if '"' in line and line.split('"')[1].isupper()
    ]
    assert ids == ["ABC001", "ADD301", "BCD001", "COD101", "XYZ001"]
    assert (
        f'    RuleRow(\n        "ABC001", "{long}", "abc.abc001_{long.replace("-", "_")}", ()\n    ),\n'
        in table.read_text()
    )
    assert table.read_text().endswith('"xyz.xyz001_last_one", ()),\n)\n\nTABLE = 1\n')
    assert changelog.read_text() == (
        "# Changelog\n\n## Code\n\n- One.\n- (fill in) (XYZ001).\n- (fill in) (ABC001).\n- (fill in) (BCD001).\n\n"
        "## Data\n\n- Two.\n"
    )  # fmt: skip
    assert (rules / "xyz" / "__init__.py").read_text() == '"""Rules about (fill in)."""\n'


@pytest.mark.parametrize(
    ("rule_id", "name", "why"),
    [
        ("cod199", "what-was-found", "'cod199' is no id"),
        ("COD19", "what-was-found", "'COD19' is no id"),
        ("COD199", "found", "'found' is no name"),
        ("COD199", "What-was-found", "'What-was-found' is no name"),
        ("COD101", "what-was-found", "COD101 is taken"),
        ("COD199", "malformed-code", "malformed-code is taken"),
    ],
)
def test_an_id_or_name_that_will_not_do(script, rule_id, name, why):
    with pytest.raises(ValueError, match=why):
        script.new_rule(rule_id, name, ROOT)


def test_the_command_says_what_is_wrong(script, capsys):
    assert script.main(["COD101", "what-was-found"]) == 2
    assert script.main(["COD199"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "COD101 is taken: ids and names never change their meaning",
        "give an id and a name: COD199 what-was-found",
    ]


def test_the_command_names_what_it_wrote(script, monkeypatch, capsys):
    monkeypatch.setattr(script, "new_rule", lambda rule_id, name: [f"{rule_id}.toml", f"{name}.py"])
    assert script.main(["COD199", "what-was-found"]) == 0
    assert capsys.readouterr().out.startswith("COD199.toml\nwhat-was-found.py\nFill in what says (fill in); ")
