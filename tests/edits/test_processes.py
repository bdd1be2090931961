"""Readers in processes of their own, while another writes: each answer is that of one whole set of tables."""

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import cptkit
from cptkit.edits import Quarter, Setting, Writer, attach

READER = """
import datetime as dt, sys
from pathlib import Path
from cptkit.edits import attach

folder, done = sys.argv[1], Path(sys.argv[2])
asked = {"date_of_service": dt.date(2024, 8, 1), "setting": "practitioner"}
met = []
while True:
    is_last = done.exists()
    with attach(folder) as edits:
        days = [edits.ptp("W9901", code, **asked).edit.first_day for code in ("W9902", "X9903")]
        among = edits.ptp_among(["W9901", "W9902", "X9903"], **asked).edits
        if {edit.first_day for edit in among} != set(days) or len(set(days)) != 1:
            sys.exit(f"rows of two writes: {days}")
    if not met:
        print("reading", flush=True)
    met += days[:1]
    if is_last:
        break
if met != sorted(met):
    sys.exit("an older table came after a newer one")
print(len(set(met)), met[-1])
"""


def put(kit, folder, number):
    """All rows of a write begin on one day, which tells the write."""
    first = dt.date(2000, 1, 1) + dt.timedelta(days=number)
    with Writer(folder) as writer:
        builder = writer.pairs(Setting.PRACTITIONER, Quarter(2024, 3))
        rows = [kit.says("W9901", code, 1, first) for code in ("W9902", "X9903")]
        writer.put_pairs(kit.fill(builder, rows), [])
        writer.commit()
    return first


def test_many_readers_and_one_writer(tmp_path, kit):
    folder, done = tmp_path / "tables", tmp_path / "done"
    put(kit, folder, 0)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), str(done)],
            env={"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        assert [reader.stdout.readline() for reader in readers] == ["reading\n"] * 3
        for number in range(1, 31):
            last = put(kit, folder, number)
            time.sleep(0.02)
    finally:
        done.touch()
        said = [reader.communicate() for reader in readers]
    assert [errors for _, errors in said] == ["", "", ""]
    met = [text.split() for text, _ in said]
    assert [day for _, day in met] == [str(last)] * 3
    assert min(int(tables) for tables, _ in met) > 1  # they did read while it was written


def test_a_reader_needs_no_right_to_write(tmp_path, kit):
    put(kit, tmp_path, 0)
    (tmp_path / ".lock").unlink()
    with attach(tmp_path) as edits:
        assert edits.ptp("W9901", "W9902", date_of_service=dt.date(2024, 8, 1), setting="practitioner").edit
    assert not (tmp_path / ".lock").exists()
