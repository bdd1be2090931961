"""What tests of tables share: claims as Parquet in a folder at work, and the summary of a check."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ("person_id", "claim_id", "claim_line_number", "claim_line_start_date", "hcpcs_code")


@pytest.fixture(scope="session")
def tuva() -> Callable[..., Any]:
    """Makes a table of one patient's lines of a day, with Tuva's names."""
    pytest.importorskip("numpy", reason="pip install cptkit[frames]")
    pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

    def tuva(*codes: str, patient: str = "P-1", day: str = "2026-03-02") -> Any:
        lines = [(patient, f"C-{place}", place, day, code) for place, code in enumerate(codes)]
        return pa.table(dict(zip(NAMES, map(list, zip(*lines, strict=True)), strict=True)))

    return tuva


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tuva: Callable[..., Any]) -> Path:
    """A folder at work: ``claims.parquet`` has a finding (an add-on alone), ``clean.parquet`` none."""
    from pyarrow import parquet

    monkeypatch.chdir(tmp_path)
    parquet.write_table(tuva("90785"), "claims.parquet")
    parquet.write_table(tuva("99213"), "clean.parquet")
    return tmp_path


@pytest.fixture
def folder(home: Path, tuva: Callable[..., Any]) -> Path:
    """A folder of three files; one of them below."""
    from pyarrow import parquet

    path = home / "claims"
    (path / "late").mkdir(parents=True)
    for place, name in enumerate(("a", "b", "late/c")):
        parquet.write_table(tuva("90785", patient=f"P-{place}"), path / f"{name}.parquet")
    return path


@pytest.fixture
def summary(call: Callable[..., Any]) -> Callable[..., Any]:
    """Run a check and read its summary."""

    def summary(*arguments: str | Path, status: int = 1) -> Any:
        answer = call("check", *arguments, "--format", "json")
        assert (answer.status, answer.err) == (status, "")
        return json.loads(answer.out)

    return summary


@pytest.fixture(scope="session")
def refused() -> Callable[..., None]:
    """Says that a command line was refused in so many words."""

    def refused(answer: Any, words: str) -> None:
        assert (answer.status, answer.out) == (2, "")
        assert words in " ".join(answer.err.split())
        assert "Traceback" not in answer.err

    return refused


@pytest.fixture(scope="session")
def names_in() -> Callable[[Path], list[str]]:
    """The files of a folder and of those below."""

    def names_in(path: Path) -> list[str]:
        return sorted(each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file())

    return names_in
