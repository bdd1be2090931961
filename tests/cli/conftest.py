"""The command line as a process of its own, and the same in this process for coverage."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cptkit.cli import main

ROOT = Path(__file__).parents[2]
HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
CLEAN = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\n"
FAILING = CLEAN + "C-2,P-2,2026-03-02,SW-COLE,90837,,1,50\n"
UNCHECKED = CLEAN + "C-2,P-2,2026-03-02,SW-COLE,27447,,1,\n"
REJECTED = CLEAN + "C-2,P-2,2026-02-30,SW-COLE,90834,,1,47\n"


class Answer(NamedTuple):
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run() -> Callable[..., Answer]:
    """Run ``python -m cptkit`` in a process of its own; standard input and settings may be given."""

    def run(*arguments: str | Path, stdin: bytes = b"", **settings: str) -> Answer:
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **settings}
        environment.pop("COLUMNS", None) if "COLUMNS" not in settings else None
        done = subprocess.run(
            [sys.executable, "-m", "cptkit", *map(str, arguments)],
            input=stdin,
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def call(capfdbinary, monkeypatch) -> Callable[..., Answer]:
    """Run the command line in this process."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: str | Path) -> Answer:
        status = main([str(argument) for argument in arguments])
        captured = capfdbinary.readouterr()
        return Answer(status, captured.out.decode(), captured.err.decode())

    return call


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """A file of claim lines with this content."""

    def file(content: str | bytes, name: str = "claims.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file
