"""`python -m cptkit.codesets.build`: writes, compares, and leaves released editions alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cptkit
from cptkit.codesets import Codeset
from cptkit.codesets.build import __main__ as command
from cptkit.codesets.files import MANIFEST


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def change_a_fact(facts, old='label = "session"', new='label = "talk"'):
    path = facts / "codes" / "lives.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def release(lock):
    lock.write_text(lock.read_text(encoding="utf-8").replace(" draft\n", " released\n"), encoding="utf-8")


# ---- writing -------------------------------------------------------------------------------


def test_writing_gives_editions_that_load_and_a_lock_with_their_digests(
    build, data, lock, compiled, whole, capsys
):
    assert build() == 0
    assert sorted(path.name for path in data.iterdir()) == ["2025.1", "2026.1", "shared"]
    assert whole(data / "2026.1") == dict(compiled)
    rows = [
        line.split() for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    loaded = {name: Codeset.from_folder(data / name) for name in ("2025.1", "2026.1")}
    assert rows == [[name, codeset.digest, "draft"] for name, codeset in loaded.items()]
    assert loaded["2026.1"].digest in capsys.readouterr().out
    assert "90785" not in loaded["2025.1"]


def test_writing_twice_changes_nothing(build, data, lock):
    build()
    before = contents(data) | {"lock": lock.read_bytes()}
    assert build() == 0
    assert contents(data) | {"lock": lock.read_bytes()} == before


def test_writing_replaces_the_whole_folder_of_an_edition(build, data):
    build()
    (data / "2026.1" / "left-over.tsv").write_text("x", encoding="utf-8")
    (data / "2026.1" / "codes.tsv").unlink()
    assert build() == 0
    assert "left-over.tsv" not in contents(data / "2026.1")
    assert build("--check") == 0


def test_nothing_is_left_beside_the_editions_when_writing_fails(build, facts_copy, data, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "no space left on device")

    build()
    before = contents(data)
    change_a_fact(facts_copy)
    monkeypatch.setattr(command.Path, "chmod", full)
    with pytest.raises(OSError, match="no space"):
        build()
    assert contents(data) == before
    assert sorted(path.name for path in data.iterdir()) == ["2025.1", "2026.1", "shared"]


def test_an_edition_can_be_read_by_everybody(build, data):
    build()
    assert (data / "2026.1").stat().st_mode & 0o777 == 0o755


# ---- comparing -----------------------------------------------------------------------------


def test_a_check_passes_after_a_write_and_writes_nothing(build, data, lock, capsys):
    build()
    before = contents(data) | {"lock": lock.read_bytes()}
    assert build("--check") == 0
    assert contents(data) | {"lock": lock.read_bytes()} == before
    captured = capsys.readouterr()
    assert "2 editions compared, 0 difference(s)" in captured.out
    assert captured.err == ""


def test_a_check_before_any_write_fails_and_writes_nothing(build, data, lock, capsys):
    assert build("--check") == 1
    assert not data.exists()
    assert not lock.exists()
    assert "2026.1 is locked as nothing" in capsys.readouterr().err


def test_a_changed_byte(build, data, capsys):
    build()
    path = data / "2026.1" / "codes.tsv"
    path.write_bytes(path.read_bytes().replace(b"session", b"sessioN"))
    assert build("--check") == 1
    captured = capsys.readouterr()
    assert captured.err == "2026.1/codes.tsv is not what the facts say\n"
    assert "1 difference(s)" in captured.out


def test_a_missing_edition(build, data, capsys):
    build()
    shutil.rmtree(data / "2025.1")
    assert build("--check") == 1
    assert "2025.1/manifest.json is not what the facts say" in capsys.readouterr().err


def test_a_missing_file_and_a_file_too_many(build, data, capsys):
    build()
    (data / "2026.1" / "codes.tsv").unlink()
    (data / "2026.1" / "notes.txt").write_text("x", encoding="utf-8")
    assert build("--check") == 1
    assert capsys.readouterr().err.splitlines() == [
        "2026.1/codes.tsv is not what the facts say",
        "2026.1/notes.txt is not what the facts say",
    ]


def test_a_folder_too_many(build, data, capsys):
    build()
    (data / "2019.1").mkdir()
    assert build("--check") == 1
    assert capsys.readouterr().err == "2019.1 has no facts behind it\n"


def test_a_folder_within_an_edition_is_a_difference(build, data, capsys):
    build()
    (data / "2026.1" / "more").mkdir()
    assert build("--check") == 1
    assert "2026.1/more is not what the facts say" in capsys.readouterr().err


def test_a_stale_lock(build, lock, capsys):
    build()
    found = lock.read_text(encoding="utf-8").splitlines()[-1].split()[1]
    stale = "sha256:" + "0" * 64
    lock.write_text(lock.read_text(encoding="utf-8").replace(found, stale), encoding="utf-8")
    assert build("--check") == 1
    assert capsys.readouterr().err == f"2026.1 is locked as {stale}, the facts give {found}\n"


def test_a_lock_without_an_edition(build, lock, capsys):
    build()
    lines = lock.read_text(encoding="utf-8").splitlines(keepends=True)
    lock.write_text("".join(line for line in lines if not line.startswith("2025.1")), encoding="utf-8")
    assert build("--check") == 1
    assert "2025.1 is locked as nothing, the facts give sha256:" in capsys.readouterr().err


def test_a_lock_with_an_edition_too_many(build, lock, capsys):
    build()
    with lock.open("a", encoding="utf-8") as file:
        file.write("2019.1 sha256:0 released\n")
    assert build("--check") == 1
    assert "2019.1" in capsys.readouterr().err


def test_a_changed_fact(build, facts_copy, capsys):
    build()
    change_a_fact(facts_copy)
    assert build("--check") == 1
    errors = capsys.readouterr().err
    assert "2026.1/codes.tsv is not what the facts say" in errors
    assert "2026.1 is locked as sha256:" in errors


def test_broken_facts_are_told_and_nothing_is_written(build, facts_copy, data, lock, capsys):
    (facts_copy / "broken.toml").write_text("[[cod]]\n", encoding="utf-8")
    assert build() == 1
    assert "broken.toml: extra fields found (cod) @ $" in capsys.readouterr().err
    assert not data.exists()
    assert not lock.exists()


# ---- the lock ------------------------------------------------------------------------------


def test_a_draft_may_change(build, facts_copy, data, lock):
    build()
    before = lock.read_bytes()
    change_a_fact(facts_copy)
    assert build() == 0
    assert b"\ttalk\t" in (data / "2026.1" / "codes.tsv").read_bytes()
    assert lock.read_bytes() != before
    assert build("--check") == 0


def test_a_released_edition_refuses_to_change(build, facts_copy, data, lock, capsys):
    build()
    release(lock)
    before = contents(data) | {"lock": lock.read_bytes()}
    change_a_fact(facts_copy)
    assert build() == 1
    assert "2025.1 is released and never changes: add a revision" in capsys.readouterr().err
    assert contents(data) | {"lock": lock.read_bytes()} == before
    assert build("--check") == 1


def test_a_released_edition_without_a_change_stays_released(build, lock, data):
    build()
    release(lock)
    shutil.rmtree(data / "2026.1")
    assert build() == 0
    assert (data / "2026.1" / MANIFEST).exists()
    assert lock.read_text(encoding="utf-8").count(" released\n") == 2
    assert build("--check") == 0


def test_a_change_of_a_later_year_leaves_a_released_edition_alone(build, facts_copy, lock):
    build()
    lock.write_text(lock.read_text(encoding="utf-8").replace(" draft\n", " released\n", 1), encoding="utf-8")
    change_a_fact(facts_copy, 'label = "add-on"', 'label = "more"')  # a code that starts in 2026
    assert build() == 0
    assert [line.split()[2] for line in lock.read_text(encoding="utf-8").splitlines()[1:]] == [
        "released",
        "draft",
    ]


def test_a_correction_is_a_new_revision_and_the_released_one_stays(
    build, facts_copy, data, lock, whole, monkeypatch
):
    """A correction makes 2026.2; 2026.1 stays loadable, byte for byte."""
    build()
    release(lock)
    before = {name: whole(data / name) for name in ("2025.1", "2026.1")}
    change_a_fact(facts_copy, 'label = "add-on"', 'label = "more"')
    monkeypatch.setattr(command, "EDITIONS", ((2025, 1), (2026, 1), (2026, 2)))
    assert build() == 0
    assert {name: whole(data / name) for name in ("2025.1", "2026.1")} == before
    assert Codeset.from_folder(data / "2026.2")["90785"].label == "more"
    assert Codeset.from_folder(data / "2026.1")["90785"].label == "add-on"
    states = {line.split()[0]: line.split()[2] for line in lock.read_text(encoding="utf-8").splitlines()[1:]}
    assert states == {"2025.1": "released", "2026.1": "released", "2026.2": "draft"}
    assert build("--check") == 0


@pytest.mark.parametrize(
    "line", ["2026.1", "2026.1 sha256:0", "2026.1 sha256:0 draft extra", "2026.1 sha256:0 relased"]
)
def test_a_lock_that_cannot_be_read_is_told(build, lock, line, capsys):
    """A misspelt state must not make a released edition a draft."""
    lock.write_text(line + "\n", encoding="utf-8")
    assert build() == 1
    assert str(lock) in capsys.readouterr().err


def test_blank_lines_and_comments_of_a_lock_are_skipped(tmp_path):
    path = tmp_path / "editions.lock"
    path.write_text("# a comment\n\n2026.1 sha256:ab released\n", encoding="utf-8")
    assert command.read_lock(path) == {"2026.1": command.Locked("sha256:ab", "released")}
    assert command.read_lock(tmp_path / "none") == {}


# ---- the repository's own editions ---------------------------------------------------------


def test_the_command_runs_as_a_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cptkit.codesets.build", str(tmp_path / "nowhere"), "data", "lock", "--check"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "problem(s) in the facts" in done.stderr
    assert list(tmp_path.iterdir()) == []
