"""A writer that is killed at any point, or at any byte, leaves the old tables whole, or the new ones.

Real processes are killed: a child stops itself with ``os._exit`` at one point after the other. The
points are those where Python tells its audit hooks of an opened file, a rename, a removal, and those
where a file is brought to the disk with only its first bytes in it.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cptkit
from cptkit.edits import attach, verify

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

DRIVER = """
import datetime as dt, itertools, os, shutil, stat, sys
from pathlib import Path
from cptkit.edits import Quarter, Setting, Writer, attach, verify
import cptkit.edits.listed, cptkit.edits.ptp, fcntl

home, old, how, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])

class Mue:
    code, value, mai, rationale = "W9901", 3, 2, "own words"

def write(place):
    with Writer(place) as writer:
        builder = writer.pairs(Setting.PRACTITIONER, Quarter(2024, 3))
        codes = [builder.code(code) for code in ("W9901", "W9902", "X9903")]
        says = builder.row(None, None, 1, prior_to_1996=False, rationale="own words")
        builder.extend(codes[:2], codes[1:], [says, says])
        writer.put_pairs(builder, [])
        writer.put_mue([Mue], Setting.DME, Quarter(2024, 3), [])
        writer.commit()

POINTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir"}
point = 0
left = []
while True:
    point += 1
    place = home / str(point)
    if old.name != "none":
        shutil.copytree(old, place, copy_function=os.link)  # a file of the tables is never written to again
    else:
        place.mkdir(parents=True)
    child = os.fork()
    if not child:
        seen = 0
        def counted():
            global seen
            seen += 1
            return seen == point
        if how == "points":
            sys.addaudithook(lambda event, arguments: event in POINTS and counted() and os._exit(9))
        else:
            def cut(handle):  # nothing is lost of what a killed process has written: no need to sync it
                size = os.fstat(handle).st_size
                parts = range(0, size, step) if step else (0, 1, size // 2, size - 1, size)
                for part in (size,) if stat.S_ISDIR(os.fstat(handle).st_mode) else parts:
                    if counted():
                        os.ftruncate(handle, part) if part < size else None
                        os._exit(9)
            os.fsync = cut
        write(place)
        os._exit(0)
    done = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    if step:  # too many to keep
        problems = verify(place) if done or point % 10 == 1 else ()
        with attach(place) as edits:
            left.append(problems or edits.digest)
        shutil.rmtree(place)
    if done:
        break
print(point, *(len(list(same)) for _, same in itertools.groupby(left)))
"""


@pytest.fixture
def old(tmp_path, kit):
    folder = tmp_path / "old"
    kit.put(folder, [kit.says("W9901", "W9902", 0), kit.says("W9901", "Y9904", 1)], "2024q2")
    kit.put(folder, [kit.says("W9901", "W9902", 0)], "2024q3")
    return folder


def killed_at_every_point(home, old, how, step=0):
    """At how many points the writer was killed; with a step, also how many left the same tables, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(home), str(old), how, str(step)],
        env=os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    points = list(map(int, done.stdout.split()))
    return points if step else points[0]


def answer_in(folder):
    if not (folder / "manifest.json").exists():
        return "none"
    assert verify(folder) == ()
    with attach(folder) as edits:
        asked = {"date_of_service": dt.date(2024, 8, 1)}
        edit = edits.ptp("W9901", "W9902", setting="practitioner", **asked).edit
        mue = edits.mue("W9901", setting="dme", **asked)
        assert (edit.indicator == 1) is mue.is_published  # both new, or both old
        return "new" if edit.indicator else "old"


@pytest.mark.parametrize(("how", "least"), [("points", 15), ("bytes", 15)])
def test_a_kill_leaves_the_old_tables_or_the_new_ones(tmp_path, kit, old, how, least):
    points = killed_at_every_point(tmp_path / "kills", old, how)
    assert points > least
    left = [answer_in(tmp_path / "kills" / str(point)) for point in range(1, points + 1)]
    assert left == sorted(left, reverse=True)  # old, old, ..., new, new
    assert set(left) == {"old", "new"}
    for point in range(1, points + 1, 3):  # and the next writer mends what was left
        folder = tmp_path / "kills" / str(point)
        kit.put(folder, [kit.says("W9902", "Y9904")], "2024q4")
        assert verify(folder) == ()
        assert not list(folder.glob(".new-*"))


@pytest.mark.parametrize("how", ["points", "bytes"])
def test_a_kill_of_the_first_write_leaves_whole_tables_or_none(tmp_path, how):
    points = killed_at_every_point(tmp_path / "kills", Path("none"), how)
    left = [answer_in(tmp_path / "kills" / str(point)) for point in range(1, points + 1)]
    assert left == sorted(left, key=["none", "new"].index)
    assert set(left) == {"none", "new"}


def test_a_kill_at_any_byte_leaves_the_old_tables(tmp_path, old):
    """Every seventh byte of each file, which falls on every place of a number; then the new tables are all there."""
    points, before, after = killed_at_every_point(tmp_path / "kills", old, "bytes", step=7)
    assert points > 300
    # the new ones: killed when the folder with the new manifest was synced, and not killed at all
    assert (before, after) == (points - 2, 2)


def test_a_cut_file_is_never_one_that_the_manifest_names(tmp_path, old):
    """Files are written under names of their own, so the tables' own names never hold half a file."""
    points = killed_at_every_point(tmp_path / "kills", old, "bytes")
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    for point in range(1, points + 1):
        folder = tmp_path / "kills" / str(point)
        for path in folder.iterdir():
            if path.name in before and path.name != "manifest.json":
                assert path.read_bytes() == before[path.name]
        shutil.rmtree(folder)
