"""What pages say once and whole: the fields of the report, a package of rules, how the documentation is read."""

import inspect
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


def rows_of(text: str) -> list[list[str]]:
    """The cells of the rows of tables, without what marks code."""
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [[cell.strip().replace("`", "") for cell in row.split(" |")] for row in rows]


def test_the_page_of_tables_names_every_map_and_what_it_holds() -> None:
    from cptkit import frames
    from cptkit.frames.columns import FIELDS

    _, _, rest = page("reference/frames.md").partition("\n| map | needs")
    told = {row[0]: row[1:] for row in rows_of(rest.partition("\n\n")[0])[1:]}
    held = {
        name: {*each.names, *(["modifiers"] if each.modifier_columns else [])}
        for name, each in frames.bundled_maps().items()
    }
    assert told == {
        name: [", ".join(each.detect), ", ".join(field for field in FIELDS if field not in held[name])]
        for name, each in frames.bundled_maps().items()
    }
    _, _, rest = page("reference/frames.md").partition("\n| field | types besides")
    fields = [name for row in rows_of(rest.partition("\n\n")[0])[1:] for name in row[0].split(", ")]
    assert fields == list(FIELDS)


def test_the_page_of_tables_names_every_argument_and_column() -> None:
    pytest.importorskip("numpy", reason="pip install cptkit[frames]")
    pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
    from cptkit import frames
    from cptkit.frames.findings import COLUMNS

    _, _, rest = page("reference/frames.md").partition("\n| argument | what |")
    told = [name for row in rows_of(rest.partition("\n\n")[0]) for name in row[0].split(", ")][1:]
    assert sorted(told) == sorted(inspect.signature(frames.check).parameters)
    _, _, rest = page("reference/frames.md").partition("\n| column | what |")
    told = [name for row in rows_of(rest.partition("\n\n")[0]) for name in row[0].split(", ")][1:]
    assert told == list(COLUMNS)
