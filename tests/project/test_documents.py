"""Every example in the README and the documentation runs and shows what it says.

Two kinds of fenced block are run. ``pycon``: a Python session; the blocks of one page share their
names. ``console``: lines that start with ``$ cptkit`` are run from the repository's root, and
their output is compared; other commands are for reading. ``...`` stands for anything.

Tables need packages that cptkit does not ask for. A block that imports one that is not installed is left out (with
all that follows it, where that is pyarrow), and the page's test is skipped with its name once the others have run;
so is a command with ``--columns``.
"""

import doctest
import os
import re
import shlex
import subprocess
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if page.is_file() and "_build" not in page.parts]
BLOCK = re.compile(r"^```(?P<kind>pycon|console)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS
OPTIONAL = re.compile(r"^>>> (?:import|from)\b.*?\b(pyarrow|polars|duckdb|pandas|matplotlib)\b", re.MULTILINE)


def blocks(page: Path, kind: str) -> list[tuple[int, str]]:
    """Line number and text of each block of a kind."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, hit.start("body")), hit["body"])
        for hit in BLOCK.finditer(text)
        if hit["kind"] == kind
    ]


def python_pages() -> list[Path]:
    return [page for page in PAGES if blocks(page, "pycon")]


def commands() -> list[tuple[str, int, str, str]]:
    """Page, line, command and expected output of each ``$ cptkit`` line."""
    found = []
    for page in PAGES:
        for start, body in blocks(page, "console"):
            line = start
            for part in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
                command, _, expected = part.partition("\n")
                if command.startswith("$ cptkit"):
                    found.append((page.relative_to(ROOT).as_posix(), line + 1, command[2:], expected))
                line += part.count("\n")
    return found


@pytest.mark.parametrize("page", python_pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_examples(page: Path) -> None:
    parser = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    names: dict[str, object] = {"__name__": "__main__"}
    report: list[str] = []
    lacking: dict[str, None] = {}
    for line, body in blocks(page, "pycon"):
        if missing := [name for name in OPTIONAL.findall(body) if find_spec(name) is None]:
            lacking |= dict.fromkeys(missing)
            if "pyarrow" in missing:
                break
            continue
        example = parser.get_doctest(body, names, page.name, str(page), line)
        assert example.examples, f"{page}:{line}: a pycon block without >>>"
        # A test gets a copy of the names; hand it the page's own, and take them back.
        example.globs = names
        runner.run(example, out=report.append, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)
    if lacking:
        pytest.skip(f"the rest was run; not installed: {', '.join(lacking)}")


@pytest.mark.parametrize(
    ("page", "line", "command", "expected"),
    commands(),
    ids=[f"{page}:{line}" for page, line, *_ in commands()],
)
def test_commands(page: str, line: int, command: str, expected: str) -> None:
    words = shlex.split(command)
    if "|" in words or ">" in words or "&&" in words:
        pytest.fail(f"{page}:{line}: show one command at a time, without the shell's own signs")
    if "--columns" in words and find_spec("pyarrow") is None:
        pytest.skip("pyarrow is not installed")
    words[0] = str(Path(sysconfig.get_path("scripts")) / words[0])
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    shown = "".join(f"{text.rstrip()}\n" for text in done.stdout.splitlines())
    wanted = "".join(f"{text.rstrip()}\n" for text in expected.splitlines())
    assert done.returncode in {0, 1}, f"{page}:{line}: {command} ended with {done.returncode}\n{shown}"
    same = doctest.OutputChecker().check_output(wanted, shown, FLAGS)
    assert same, f"{page}:{line}: {command}\n--- the page says\n{wanted}--- it prints\n{shown}"


def test_the_readme_gives_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 'pip install ".[cli]" && cptkit check examples/clinic-week.csv' in text
    assert "pip install nox && nox -s tests" in text
