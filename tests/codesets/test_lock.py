"""The lock file: exactly what it names is loaded; all else is refused, each problem with its line."""

import os
import shutil

import pytest

import cptkit
from cptkit import Catalog
from cptkit.cli import main
from cptkit.codesets import Codeset, lookup
from cptkit.codesets.files import digest_of
from cptkit.codesets.lockfile import Locked, load_lock, lock_text, read_lock, write_lock
from cptkit.errors import BrokenLock, CptkitError, DigestMismatch, LockMismatch

ZEROS = "sha256:" + "0" * 64


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "cptkit.lock"


@pytest.fixture
def data(tmp_path, small_folder, monkeypatch):
    """A data folder with one small edition, which stands for those that come with a version."""
    folder = tmp_path / "data"
    shutil.copytree(small_folder, folder / "2026.1")
    monkeypatch.setattr(lookup, "_data", lambda: folder)
    lookup.bundled_editions.cache_clear()
    yield folder
    lookup.bundled_editions.cache_clear()


def entry(name, digest):
    return f'[[edition]]\nname = "{name}"\ndigest = "{digest}"\n'


# ---- writing -------------------------------------------------------------------------------


def test_a_lock_is_sorted_commented_and_read_back(lock):
    catalog = Catalog.from_editions("2026.1", "2025.1")
    write_lock(catalog, lock)
    text = lock.read_text(encoding="utf-8")
    assert text == catalog.lock_text() == lock_text(reversed(catalog.editions))
    assert text.startswith("# ")
    assert [(found.name, found.digest) for found in read_lock(lock)] == [
        (pin.name, pin.digest) for pin in catalog.pins
    ]
    assert Catalog.from_lock(lock) == catalog
    assert Catalog.from_lock(str(lock)).pins == catalog.pins


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_beside(lock):
    for _ in range(2):
        write_lock(Catalog.from_editions("2026.1"), lock)
    assert [path.name for path in lock.parent.iterdir()] == ["cptkit.lock"]


def test_a_lock_that_cannot_be_written_leaves_the_old_one(lock, monkeypatch):
    write_lock(Catalog.from_editions("2025.1"), lock)
    before = lock.read_bytes()

    def full(*_arguments):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_lock(Catalog.from_editions("2026.1"), lock)
    assert lock.read_bytes() == before
    assert [path.name for path in lock.parent.iterdir()] == ["cptkit.lock"]


def test_an_edition_in_a_folder_is_locked_with_its_place(lock, small_folder, tmp_path):
    folder = tmp_path / "own" / "2026.1"
    shutil.copytree(small_folder, folder)
    small = Codeset.from_folder(folder)
    write_lock(Catalog.from_editions(small), lock, folders={"2026.1": folder})
    assert read_lock(lock) == (Locked("2026.1", small.digest, "own/2026.1"),)
    assert Catalog.from_lock(lock).editions == (small,)
    moved = tmp_path.parent / f"{tmp_path.name}-moved"
    tmp_path.rename(moved)
    assert Catalog.from_lock(moved / "cptkit.lock").editions == (small,)


# ---- an older revision ---------------------------------------------------------------------


def test_a_lock_of_an_older_revision_loads_it_when_a_newer_one_is_there(data, lock, write_edition):
    write_lock(Catalog.bundled(), lock)
    old = Catalog.from_lock(lock).pins
    shutil.copytree(write_edition({}, {"edition": "2026.2", "revision": 2}), data / "2026.2")
    lookup.bundled_editions.cache_clear()
    assert cptkit.codeset("2026").edition == "2026.2"
    assert [pin.name for pin in Catalog.bundled().pins] == ["2026.2"]
    assert Catalog.from_lock(lock).pins == old
    assert old[0].name == "2026.1"


# ---- refusing ------------------------------------------------------------------------------


def test_another_digest_is_refused_with_both_and_the_line(lock):
    lock.write_text("format = 1\n\n" + entry("2026.1", ZEROS), encoding="utf-8")
    with pytest.raises(LockMismatch) as caught:
        Catalog.from_lock(lock)
    found = cptkit.codeset("2026.1").digest
    assert f"{lock}:3: 2026.1: the digest here is {found}, the lock says {ZEROS}" in str(caught.value)
    assert isinstance(caught.value, DigestMismatch)


def test_every_edition_that_is_missing_or_changed_is_named(lock):
    right = entry("2025.1", cptkit.codeset("2025.1").digest)
    text = "format = 1\n" + entry("2026.1", ZEROS) + right + entry("2019.1", ZEROS) + entry("2020.3", ZEROS)
    lock.write_text(text, encoding="utf-8")
    with pytest.raises(LockMismatch) as caught:
        load_lock(lock)
    lines = str(caught.value).splitlines()
    assert lines[0] == "3 of the 4 editions that the lock names cannot be used"
    assert [line.split()[0] for line in lines[1:]] == [f"{lock}:{number}:" for number in (2, 8, 11)]
    assert "no such edition: '2019.1'" in lines[2]
    assert "2026.1" in lines[2]  # those that are here
    assert "cptkit codeset --help" in lines[2]  # and how to add one


def test_one_changed_byte_of_an_edition_is_refused(data, lock):
    write_lock(Catalog.bundled(), lock)
    lookup._loaded.clear()
    path = data / "2026.1" / "codes.tsv"
    path.write_bytes(path.read_bytes().replace(b"session", b"sessioN", 1))
    with pytest.raises(LockMismatch, match=r"codes\.tsv was changed: its digest is sha256:.*sha256:"):
        Catalog.from_lock(lock)


def test_an_edition_of_a_newer_format_is_refused(data, lock, write_edition):
    folder = write_edition({}, {"format": 2})
    shutil.rmtree(data / "2026.1")
    shutil.copytree(folder, data / "2026.1")
    lookup._loaded.clear()
    digest = digest_of((data / "2026.1" / "manifest.json").read_bytes())
    lock.write_text("format = 1\n" + entry("2026.1", digest), encoding="utf-8")
    with pytest.raises(LockMismatch, match="cannot be loaded: the edition has another format"):
        Catalog.from_lock(lock)


def test_a_folder_that_holds_another_edition_is_refused(lock, small_folder, tmp_path):
    shutil.copytree(small_folder, tmp_path / "own")
    digest = Codeset.from_folder(small_folder).digest
    lock.write_text("format = 1\n" + entry("2026.1+own", digest) + 'folder = "own"\n', encoding="utf-8")
    with pytest.raises(LockMismatch, match=r"the folder holds another edition: '2026\.1'"):
        Catalog.from_lock(lock)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the lock file has another format: 'none'; expected format 1"),
        ("format = 2\n", "the lock file has another format: 2"),
        ("format = true\n", "the lock file has another format: True"),
        ("format = 1\n", "no [[edition]] is named"),
        ("format = 1\nedition = 3\n", "no [[edition]] is named"),
        ("format = 1\nedition = [3]\n", "an edition is a table with a name and a digest"),
        ("format = \n", "is not TOML: Invalid value (at line 1"),
        ("format = 1\ntable = 2\n" + entry("2026.1", ZEROS), "unknown key 'table'"),
        ("format = 1\ntables = 2\n" + entry("2026.1", ZEROS), "[tables] is one table with a digest"),
        ("format = 1\n" + entry("2026.1", ZEROS) + "[tables]\n", ":5: [tables] names no folder"),
        (
            "format = 1\n" + entry("2026.1", ZEROS) + f'[tables]\nfoldr = "t"\ndigest = "{ZEROS}"\n',
            ":5: unknown key 'foldr'; did you mean folder?",
        ),
        (
            "format = 1\n" + entry("2026.1", ZEROS) + f'[tables]\nfolder = 1\ndigest = "{ZEROS}"\n',
            ":5: folder 1 is not a text",
        ),
        ("format = 1\n" + entry("2026", ZEROS), ":2: name '2026' is not an edition with its revision"),
        ("format = 1\n" + entry("2026.1", "sha256:12"), ":2: digest 'sha256:12' is not sha256: and 64"),
        ("format = 1\n[[edition]]\n", ":2: name None is not an edition"),
        (
            "format = 1\n" + entry("2026.1", ZEROS) + "digset = 1\n",
            ":2: unknown key 'digset'; did you mean digest?",
        ),
        ("format = 1\n" + entry("2026.1", ZEROS) + "folder = 1\n", ":2: folder 1 is not a text"),
        (
            "format = 1\n" + entry("2026.1", ZEROS) + entry("2026.1+acme", ZEROS),
            ":5: 2026.1+acme is a second edition of 2026, after 2026.1 in line 2",
        ),
    ],
)
def test_a_file_that_is_no_lock(lock, text, told):
    lock.write_text(text, encoding="utf-8")
    for read in (read_lock, load_lock, Catalog.from_lock):
        with pytest.raises(BrokenLock) as caught:
            read(lock)
        assert told in str(caught.value)
        assert str(lock) in str(caught.value)


def test_every_problem_is_told_at_once(lock):
    text = "format = 1\nmore = 1\n" + entry("2026", "x") + entry("2019.1", ZEROS) + "[[edition]]\n"
    lock.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenLock) as caught:
        load_lock(lock)
    lines = str(caught.value).splitlines()
    assert len(lines) == 7
    assert lines[0] == "6 problem(s) in the lock file"
    assert "no such edition: '2019.1'" in lines[-1]


def test_a_lock_that_is_missing_or_no_text(lock):
    with pytest.raises(BrokenLock, match=r"cannot be read.*cptkit lock"):
        read_lock(lock)
    lock.write_bytes(b"\xff")
    with pytest.raises(BrokenLock, match="not TOML"):
        read_lock(lock)
    assert issubclass(BrokenLock, CptkitError)


# ---- the command ---------------------------------------------------------------------------


def test_the_command_writes_and_checks_in_a_process_of_its_own(run, lock):
    assert run("lock").returncode == 0
    assert Catalog.from_lock(lock) == Catalog.bundled()
    done = run("lock", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2026.1  ok  sha256:" in done.stdout
    lock.write_text(lock.read_text(encoding="utf-8").replace('"sha256:', '"sha256:0'))
    done = run("lock", "--check")
    assert done.returncode == 2
    assert f"cptkit: {len(Catalog.bundled().pins)} problem(s) in the lock file\n  cptkit.lock:" in done.stderr
    lock.write_text("format = 1\n" + entry("2026.1", ZEROS))
    done = run("lock", "--check")
    assert (done.returncode, done.stdout) == (1, "")
    assert ZEROS in done.stderr
    assert cptkit.codeset("2026.1").digest in done.stderr


def test_a_check_of_claims_is_pinned_by_a_lock(run, lock, tmp_path):
    (tmp_path / "claims.csv").write_text("claim,dos,code,minutes\nC-1,2026-03-02,90834,47\n")
    assert run("lock", "--edition", "2025.1").returncode == 0
    done = run("check", "claims.csv", "--lock", "cptkit.lock", "--format", "json")
    assert "the catalog has no edition for 2026" in done.stdout
    done = run("check", "claims.csv", "--lock", "cptkit.lock", "--edition", "2026.1")
    assert done.returncode == 2
    assert "leave out --edition" in done.stderr
    lock.write_text("format = 1\n" + entry("2026.1", ZEROS))
    done = run("check", "claims.csv", "--lock", "cptkit.lock")
    assert done.returncode == 2
    assert "\n  cptkit.lock:2: 2026.1: the digest here is sha256:" in done.stderr


def test_the_command_tells_what_it_changes(lock, capsys):
    lock.write_text("format = 1\n" + entry("2026.1", ZEROS) + entry("2024.1", ZEROS))
    assert main(["lock", str(lock), "--edition", "2026"]) == 0
    shown = capsys.readouterr().out
    assert f"was {ZEROS}" in shown
    assert "2024.1  is no longer in" in shown
    assert [found.name for found in read_lock(lock)] == ["2026.1"]


def test_a_file_that_is_no_lock_is_not_written_over(lock, capsys):
    lock.write_text("claim,code\n")
    assert main(["lock", str(lock)]) == 2
    assert "is there and is not a lock" in capsys.readouterr().err
    assert lock.read_text() == "claim,code\n"


def test_a_check_holds_the_lock_against_the_editions_asked_for(lock, capsys):
    assert main(["lock", str(lock), "--edition", "2025.1", "--edition", "2026.1"]) == 0
    both = ["--edition", "2026.1", "--edition", "2025.1"]
    assert main(["lock", str(lock), "--check", *both]) == 0
    capsys.readouterr()
    assert main(["lock", str(lock), "--check", "--edition", "2026.1", "--edition", "2024.1"]) == 1
    errors = capsys.readouterr().err
    assert "does not name 2024.1" in errors
    assert "names 2025.1 besides" in errors


def test_the_folder_of_an_edition_may_be_named(lock, small_folder, capsys):
    assert main(["lock", str(lock), "--edition", str(small_folder)]) == 0
    assert Catalog.from_lock(lock).editions == (Codeset.from_folder(small_folder),)
    assert read_lock(lock)[0].folder
    assert main(["lock", str(lock), "--check"]) == 0
    assert main(["lock", str(lock), "--edition", "2031.1"]) == 2
    assert "no such edition" in capsys.readouterr().err
    assert main(["lock", str(lock.parent / "none.lock"), "--check"]) == 2
