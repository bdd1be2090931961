"""A small edition with every kind of life in it, and folders of it to break."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import cptkit
from cptkit.codesets import Codeset
from cptkit.codesets.build import __main__ as command
from cptkit.codesets.build import compile_edition, read_facts
from cptkit.codesets.build.own import build_edition
from cptkit.codesets.build.own import write_edition as place_edition
from cptkit.codesets.files import MANIFEST, digest_of, read_edition
from cptkit.errors import BrokenTables

HERE = Path(__file__).parent

WriteEdition = Callable[..., Path]


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The folder with these files in it, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def whole() -> Callable[[Path], Mapping[str, bytes]]:
    """Reads every file of an edition, by name: those of its folder and those it shares with others."""

    def read(folder: Path) -> Mapping[str, bytes]:
        texts = read_edition(folder).texts
        return {name: text.encode() for name, text in texts.items()} | {
            MANIFEST: (folder / MANIFEST).read_bytes()
        }

    return read


@pytest.fixture
def copied_whole(whole: Callable[[Path], Mapping[str, bytes]], tmp_path: Path) -> Path:
    """A copy of the bundled edition 2026.1 with all its files, to change."""
    return written(whole(Path(cptkit.__file__).parent / "data" / "2026.1"), tmp_path / "2026.1")


@pytest.fixture(scope="session")
def small_facts() -> Path:
    """The facts of the small edition; tests that change some take a copy."""
    return HERE / "small_facts"


@pytest.fixture
def facts_copy(small_facts: Path, tmp_path: Path) -> Path:
    """A copy of the small facts to change."""
    return Path(shutil.copytree(small_facts, tmp_path / "facts"))


@pytest.fixture(scope="session")
def compiled(small_facts: Path) -> Mapping[str, bytes]:
    """The files of the small edition 2026.1."""
    return compile_edition(read_facts(small_facts), 2026, 1)


@pytest.fixture(scope="session")
def small_folder(compiled: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small edition 2026.1 on disk; not to be changed."""
    return written(compiled, tmp_path_factory.mktemp("small") / "2026.1")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where ``build`` puts editions."""
    return tmp_path / "data"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Where ``build`` puts their digests."""
    return tmp_path / "editions.lock"


@pytest.fixture
def build(facts_copy: Path, data: Path, lock: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command that builds editions, for two of them, on a copy of the small facts."""
    monkeypatch.setattr(command, "EDITIONS", ((2025, 1), (2026, 1)))

    def run(*options: str) -> int:
        return command.main([str(facts_copy), str(data), str(lock), *options])

    return run


@pytest.fixture(scope="session")
def small(small_folder: Path) -> Codeset:
    """The small edition 2026.1, loaded."""
    return Codeset.from_folder(small_folder)


@pytest.fixture
def write_edition(compiled: Mapping[str, bytes], tmp_path: Path) -> WriteEdition:
    """Writes the small edition with some files changed and the manifest made to agree with them.

    ``files``: name to new bytes, or None to leave the file out. ``manifest``: keys of the
    manifest to set, or to leave out where the value is None.
    """

    def write(
        files: Mapping[str, bytes | None] | None = None, manifest: Mapping[str, Any] | None = None
    ) -> Path:
        tables = {name: data for name, data in compiled.items() if name != MANIFEST} | dict(files or {})
        kept = {name: data for name, data in tables.items() if data is not None}
        says = json.loads(compiled[MANIFEST]) | {
            "files": {name: {"digest": digest_of(data)} for name, data in kept.items()}
        }
        says |= manifest or {}
        text = json.dumps({key: value for key, value in says.items() if value is not None})
        return written(kept | {MANIFEST: text.encode()}, tmp_path / "edition")

    return write


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of tables of one's own: those of ``own_tables``, or others."""

    def write(files: Mapping[str, str | bytes] | None = None) -> Path:
        if files is None:
            files = {table.name: table.read_bytes() for table in (HERE / "own_tables").iterdir()}
        return written(
            {name: text.encode() if isinstance(text, str) else text for name, text in files.items()},
            tmp_path / "tables",
        )

    return write


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., Codeset]:
    """Builds an edition of one's own and loads it."""

    def build(folder: Path, edition: str = "2026.1+own", **options: Any) -> Codeset:
        return Codeset.from_folder(place_edition(build_edition(folder, edition, **options), tmp_path / "own"))

    return build


@pytest.fixture
def problems_of() -> Callable[..., list[str]]:
    """The problems that tables of one's own are refused for."""

    def refused(folder: Path, **options: Any) -> list[str]:
        with pytest.raises(BrokenTables) as caught:
            build_edition(folder, "2026.1+own", **options)
        first, *rest = str(caught.value).split("\n  ")
        assert first == f"{len(rest)} problem(s) in the tables of {folder}"
        return rest

    return refused


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in a process of its own, in the test's folder."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cptkit", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run
