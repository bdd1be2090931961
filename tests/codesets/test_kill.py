"""A writer that is killed at any point leaves the old edition or the new one, whole.

Real processes are killed: a child stops itself with ``os._exit`` at one point after the other. The
points are those where Python tells its audit hooks of an opened file, a rename, a removal; nothing
in cptkit knows of it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cptkit
from cptkit.codesets import Codeset, write
from cptkit.codesets.files import MANIFEST

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

# Forks a child for each point; the child exits at it, or reports that it got to the end.
DRIVER = """
import os, shutil, sys
from pathlib import Path
from cptkit.codesets import write

home, old, new, can_exchange = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] == "yes"
files = {path.name: path.read_bytes() for path in new.iterdir()}
if not can_exchange:
    write._exchange = lambda one, other: False
else:
    import ctypes  # so that its own files are no points
POINTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "ctypes.dlsym"}
point = 0
while True:
    point += 1
    place = home / str(point)
    place.mkdir(parents=True)
    if old.name != "none":
        shutil.copytree(old, place / "2026.1")
    child = os.fork()
    if not child:
        seen = 0
        def hook(event, arguments):
            global seen
            if event in POINTS:
                seen += 1
                if seen == point:
                    os._exit(9)
        sys.addaudithook(hook)
        write.put_folder(place / "2026.1", files)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
print(point)
"""


@pytest.fixture
def newer(write_edition):
    """Another edition under the same name, to take the place of the small one."""
    return write_edition(
        {"denials.tsv": b"check\tgroup\tcarc\trarc\tlikely\tsources\tconfidence\tchecked\tnote\n"}
    )


def killed_at_every_point(home, old, new, *, can_exchange):
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(home), str(old), str(new), "yes" if can_exchange else "no"],
        env=os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def digest_in(folder):
    return Codeset.from_folder(folder).digest if folder.exists() else None


def can_exchange_here(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    (one / "mark").write_text("x")
    return write._exchange(one, other) and (other / "mark").exists()


def test_a_kill_at_any_point_leaves_the_old_edition_or_the_new_one_in_its_place(
    tmp_path, small_folder, newer
):
    if not can_exchange_here(tmp_path):
        pytest.skip("this file system cannot exchange two folders in one step")
    points = killed_at_every_point(tmp_path / "kills", small_folder, newer, can_exchange=True)
    assert points > 30
    old, new = digest_in(small_folder), digest_in(newer)
    left = [digest_in(tmp_path / "kills" / str(point) / "2026.1") for point in range(1, points + 1)]
    assert set(left) == {old, new}
    assert left == sorted(left, key=[old, new].index)  # once it is there it stays
    assert left[-1] == new


def test_without_an_exchange_a_kill_leaves_one_of_them_whole_and_the_next_write_mends(
    tmp_path, small_folder, newer
):
    points = killed_at_every_point(tmp_path / "kills", small_folder, newer, can_exchange=False)
    old, new = digest_in(small_folder), digest_in(newer)
    seen = set()
    for point in range(1, points + 1):
        place = tmp_path / "kills" / str(point)
        found = digest_in(place / "2026.1")
        if found is None:  # between the two moves: the old one under its other name
            found = f"aside {digest_in(place / '.2026.1.old')}"
        seen.add(found)
        files = {path.name: path.read_bytes() for path in small_folder.iterdir()}
        write._recover(place / "2026.1")
        assert digest_in(place / "2026.1") in {old, new}
        write.put_folder(place / "2026.1", files)
        assert [path.name for path in place.iterdir()] == ["2026.1"]
        assert digest_in(place / "2026.1") == old
    assert seen == {old, new, f"aside {old}"}


def test_a_kill_of_the_first_write_leaves_the_whole_edition_or_none(tmp_path, newer):
    points = killed_at_every_point(tmp_path / "kills", Path("none"), newer, can_exchange=True)
    left = [digest_in(tmp_path / "kills" / str(point) / "2026.1") for point in range(1, points + 1)]
    assert set(left) == {None, digest_in(newer)}


def test_a_command_that_is_killed_in_the_midst_leaves_a_whole_edition(tmp_path):
    """The command itself, stopped by the system after one delay after the other."""
    build = [sys.executable, "-m", "cptkit", "codeset", "build", "tables", "--into", "own"]
    build += ["--edition", "2026.1+acme", "--extends", "2026.1"]
    tables = tmp_path / "tables"
    tables.mkdir()
    settings = {
        "cwd": tmp_path,
        "env": os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    subprocess.run(build, check=True, **settings)
    start = time.perf_counter()
    subprocess.run(build, check=True, **settings)
    whole = time.perf_counter() - start
    base = cptkit.codeset("2026.1")
    for step in range(12):
        (tables / "sources.tsv").write_text(f"key\tgrade\twhere\nOWN\tB\tour contract, {step}\n")
        child = subprocess.Popen(build, **settings)
        try:
            child.wait(whole * (0.5 + step / 20))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        found = Codeset.from_folder(tmp_path / "own" / "2026.1+acme")
        assert len(found) == len(base)
    subprocess.run(build, check=True, **settings)
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["2026.1+acme"]


# ---- errors, which are no kills -------------------------------------------------------------


@pytest.fixture
def placed(tmp_path, small_folder):
    return Path(shutil.copytree(small_folder, tmp_path / "data" / "2026.1"))


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_disk_that_is_full_leaves_the_old_edition_and_nothing_beside(placed, monkeypatch, can_exchange):
    def full(*_arguments):
        raise OSError(28, "no space left on device")

    before = digest_in(placed)
    if not can_exchange:
        monkeypatch.setattr(write, "_exchange", lambda *_folders: False)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write.put_folder(placed, {"codes.tsv": b"x"})
    assert digest_in(placed) == before
    assert [path.name for path in placed.parent.iterdir()] == ["2026.1"]


def test_a_move_that_fails_puts_the_old_edition_back(placed, monkeypatch):
    moves = []
    rename = Path.rename

    def second_fails(self, target):
        moves.append(target)
        if len(moves) == 2:
            raise OSError(5, "input/output error")
        return rename(self, target)

    before = digest_in(placed)
    monkeypatch.setattr(write, "_exchange", lambda *_folders: False)
    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(OSError, match="input/output"):
        write.put_folder(placed, {MANIFEST: b"{}"})
    assert digest_in(placed) == before
    assert [path.name for path in placed.parent.iterdir()] == ["2026.1"]


def test_a_file_in_the_place_of_an_edition_is_not_replaced(tmp_path):
    (tmp_path / "2026.1").write_text("notes")
    with pytest.raises(NotADirectoryError):
        write.put_folder(tmp_path / "2026.1", {})
    assert (tmp_path / "2026.1").read_text() == "notes"


def test_a_link_to_an_edition_stays_a_link(placed, tmp_path):
    link = tmp_path / "current"
    link.symlink_to(placed, target_is_directory=True)
    write.put_folder(link, {MANIFEST: b"{}"})
    assert link.is_symlink()
    assert (placed / MANIFEST).read_bytes() == b"{}"


def test_a_system_without_an_exchange(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "plan9")
    assert not write._exchange(tmp_path, tmp_path)


def test_a_new_edition_has_the_permissions_that_the_user_s_umask_leaves(tmp_path):
    """A licensed edition is not made readable for all."""
    old = os.umask(0o077)
    try:
        write.put_folder(tmp_path / "2026.1+own", {"manifest.json": b"{}"})
    finally:
        os.umask(old)
    assert (tmp_path / "2026.1+own").stat().st_mode & 0o777 == 0o700
