"""The repository keeps its own laws: names, lengths, reasons, and nothing of any one machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400

# Words that say nothing about what is inside.
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}

# Put together here, so that this file does not break the law it checks.
REGISTRIES = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
]
REGISTRY_OPTIONS = ["--index" + "-url", "extra-index" + "-url", "find" + "-links"]
MACHINE_PATH = re.compile(r"(?:^|[^\w.$~}])(/(?:work|root|farm|home|Users|tmp)/[\w.-]+)")

SILENCED = re.compile(r"#\s*(type|pyright|mypy):\s*(ignore|disable)(?P<codes>\[[\w\s,-]+\])?(?P<rest>.*)")
UNLINTED = re.compile(r"#\s*noqa(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?P<rest>.*)")
UNCOVERED = re.compile(r"#\s*pragma:\s*no (?:cover|branch)(?P<rest>.*)")


def files() -> list[Path]:
    """The files of the repository, or of an unpacked source archive, without what tools leave behind."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is on PATH or not here
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = list(ROOT.rglob("*"))
    left = {"__pycache__", "_build", "mutants", "build", "dist"}
    return sorted(
        path
        for path in paths
        if path.is_file()
        and not any(
            part in left or (part.startswith(".") and part != ".ci")
            for part in path.relative_to(ROOT).parts[:-1]
        )
    )


def texts(*suffixes: str) -> list[tuple[str, str]]:
    """Name and text of the files with one of these suffixes (of all files, without any)."""
    found = []
    for path in files():
        if suffixes and path.suffix not in suffixes:
            continue
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8", errors="replace")))
    return found


def lines_of(*suffixes: str) -> list[tuple[str, str]]:
    return [
        (f"{name}:{number}", line)
        for name, text in texts(*suffixes)
        for number, line in enumerate(text.splitlines(), start=1)
    ]


def test_the_repository_was_found() -> None:
    assert "src/cptkit/errors.py" in dict(texts(".py"))


def test_no_source_file_is_longer_than_it_should_be() -> None:
    long = {name: text.count("\n") for name, text in texts(".py") if text.count("\n") > MOST_LINES}
    assert not long, f"split along a real seam (at most {MOST_LINES} lines): {long}"


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    vague = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if NO_NAMES & {part.split(".")[0].strip("_").lower() for part in path.relative_to(ROOT).parts}
    ]
    assert not vague, f"name it for what is inside: {vague}"


def test_no_path_of_a_machine() -> None:
    found = [(where, hit[1]) for where, line in lines_of() if (hit := MACHINE_PATH.search(line))]
    assert not found, f"paths of one machine: {found}"


@pytest.mark.parametrize("word", [*REGISTRIES, *REGISTRY_OPTIONS])
def test_no_package_registry(word: str) -> None:
    found = [where for where, line in lines_of() if word in line]
    assert not found, f"pip finds its registry by its own settings: {found}"


def complaint(line: str) -> str:
    """What is wrong with the way a line silences a tool; empty when nothing is."""
    for pattern, must_name in ((SILENCED, True), (UNLINTED, True), (UNCOVERED, False)):
        hit = pattern.search(line)
        if hit is None:
            continue
        if must_name and not hit["codes"]:
            return "silences everything: name the check in question"
        if not re.search(r"\w{3,}", hit["rest"]):
            return "gives no reason: write it after the check, `# type: ignore[code]  # why`"
    return ""


def test_every_silenced_check_names_itself_and_its_reason() -> None:
    found = [
        (where, wrong)
        for where, line in lines_of(".py")
        if not is_about_silencing(where) and (wrong := complaint(line))
    ]
    assert not found, found


def is_about_silencing(where: str) -> bool:
    return where.startswith("tests/project/test_laws.py:")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("x = f()  # type: ignore", "silences everything"),
        ("x = f()  # type: ignore[arg-type]", "gives no reason"),
        ("x = f()  # type: ignore[arg-type]  # the stub lags behind", ""),
        ("x = f()  # pyright: ignore[reportUnknownMemberType]", "gives no reason"),
        ("x = f()  # noqa", "silences everything"),
        ("x = f()  # noqa: S603", "gives no reason"),
        ("x = f()  # noqa: S603 - our own command", ""),
        ("    raise AssertionError  # pragma: no cover", "gives no reason"),
        ("x = f()  # a plain comment", ""),
    ],
)
def test_the_check_of_silenced_checks(line: str, wrong: str) -> None:
    assert complaint(line).startswith(wrong)
    assert bool(complaint(line)) is bool(wrong)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("open('/" + "home/ann/claims.csv')", True),
        ("#!/usr/bin/env bash", False),
        ("see docs/home/index.md and https://example.org/home/page", False),
        ("cd ../shared/data", False),
    ],
)
def test_the_check_of_machine_paths(line: str, *, found: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is found
