"""What pages say once and whole: the fields of the report, a package of rules, how the documentation is read."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_report_has_each_field_once() -> None:
    _, _, rest = page("reference/json-report.md").partition("\n## The report\n")
    fields = re.findall(r"^\| `(\w+)` \|", rest.partition("\n## ")[0], re.MULTILINE)
    assert {"format", "history", "summary"} <= set(fields)
    assert [name for name, times in Counter(fields).items() if times > 1] == []


def test_a_package_of_rules_is_shown_whole() -> None:
    text = page("how-to/rules-of-your-own-package.md")
    blocks = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (project,) = (found for found in map(tomllib.loads, blocks) if "project" in found)
    assert project["build-system"]["build-backend"].startswith(project["build-system"]["requires"][0])
    assert project["project"]["entry-points"]["cptkit.rules"] == {"acme": "acme_rules:RULES"}
    assert {"name", "version", "dependencies"} <= set(project["project"])
    assert 'pip install -e ".[test]"' in text
    for folder in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"  {folder}/__init__.py\n" in text


@pytest.mark.parametrize("path", ["README.md", "docs/index.md"])
def test_how_the_documentation_is_built_and_read(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert "nox -s docs" in text
    assert "docs/_build/html/index.html" in text


def test_signatures_can_be_read_without_building() -> None:
    assert "python -m pydoc cptkit.check" in page("reference/api.md")


def test_a_claim_of_a_hospital_is_shown() -> None:
    assert "setting=Setting.HOSPITAL" in page("how-to/check-against-edits.md")
