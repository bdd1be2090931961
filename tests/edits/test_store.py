"""Writing tables: importing again, taking out, one writer, readers that go on, and what is swept away."""

import datetime as dt
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import cptkit
from cptkit.edits import Origin, Quarter, Setting, Writer, attach, verify
from cptkit.edits.manifest import MANIFEST
from cptkit.errors import BrokenEdits, DigestMismatch, EditsInUse, UnknownTable

A, B, C = "W9901", "W9902", "X9903"
TODAY = dt.date(2024, 8, 1)


def indicator(folder, quarter="2024q3", setting="practitioner"):
    with attach(folder) as edits:
        answer = edits.ptp(A, B, date_of_service=TODAY, setting=setting, quarter=quarter)
        return answer.edit.indicator if answer.edit else answer.not_checked


def named(folder):
    return sorted(json.loads((folder / MANIFEST).read_bytes())["files"])


def on_disk(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".tsv", ".marks"})


def test_a_part_says_what_it_holds(tmp_path, kit):
    origins = [Origin("f1.TXT", "f1.zip", kit.no_digest, 2, A + B, A + C)]
    part = kit.put(tmp_path, [kit.says(A, B), kit.says(A, C, 0, None, TODAY)], origins=origins)
    assert (part.name, part.rows, part.source) == ("ptp practitioner 2024q3", 2, "f1.TXT")
    assert part.counts == {
        "pairs": 2,
        "open": 1,
        "indicator 0": 1,
        "indicator 1": 1,
        "indicator 9": 0,
        "repeated": 0,
    }
    with attach(tmp_path) as edits:
        assert edits.parts == (part,)
        assert edits.folder == tmp_path


def test_nothing_is_changed_before_commit(tmp_path, kit):
    kit.put(tmp_path, [kit.says(A, B, 0)])
    before = attach(tmp_path).digest
    with Writer(tmp_path) as writer:
        builder = kit.fill(writer.pairs(Setting.PRACTITIONER, Quarter(2024, 3)), [kit.says(A, B, 1)])
        writer.put_pairs(builder, [])
        writer.put_mue([kit.mue(A, 1)], Setting.DME, Quarter(2024, 3), [])
    assert attach(tmp_path).digest == before
    assert indicator(tmp_path) == 0


def test_importing_the_same_again_changes_nothing(tmp_path, kit):
    part = kit.put(tmp_path, [kit.says(A, B, 0), kit.says(A, C)])
    digest, files = attach(tmp_path).digest, {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = kit.put(tmp_path, [kit.says(A, C), kit.says(A, B, 0)])
    assert again == part
    assert attach(tmp_path).digest == digest
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
    with Writer(tmp_path) as writer:
        one = writer.put_mue([kit.mue(A, 1)], Setting.DME, Quarter(2024, 3), [])
        assert writer.put_mue([kit.mue(A, 1)], Setting.DME, Quarter(2024, 3), []) is one


def test_importing_another_file_for_a_quarter_takes_its_place(tmp_path, kit):
    kit.put(tmp_path, [kit.says(A, B, 0)], "2024q2")
    kit.put(tmp_path, [kit.says(A, B, 0)], "2024q3")
    kit.put(tmp_path, [kit.says(A, B, 1)], "2024q3")
    assert (indicator(tmp_path, "2024q2"), indicator(tmp_path, "2024q3")) == (0, 1)
    assert verify(tmp_path) == ()


def test_the_digest_of_a_quarter_stays_when_others_come_and_go(tmp_path, kit):
    first = kit.put(tmp_path, [kit.says(A, B, 0)], "2024q2")
    kit.put(tmp_path, [kit.says(A, B, 1), kit.says(A, C)], "2024q3")
    with attach(tmp_path) as edits:
        assert edits.parts[0].digest == first.digest
        assert edits.parts[0].file != first.file


def test_the_same_tables_have_the_same_digest_whatever_the_order(tmp_path, kit):
    files = {
        "2024q2": [kit.says(A, B, 0)],
        "2024q3": [kit.says(A, B, 1), kit.says(A, C)],
        "2024q4": [kit.says(B, C)],
    }
    digests = set()
    for number, order in enumerate((list(files), list(files)[::-1], ["2024q3", "2024q4", "2024q2"])):
        folder = tmp_path / str(number)
        for quarter in order:
            kit.put(folder, files[quarter], quarter)
        digests.add(attach(folder).digest)
    assert len(digests) == 1


def test_a_quarter_can_be_taken_out(tmp_path, kit):
    kit.put(tmp_path / "one", [kit.says(A, B, 0)], "2024q2")
    for quarter, says in (("2024q2", kit.says(A, B, 0)), ("2024q3", kit.says(A, C, 1))):
        kit.put(tmp_path / "two", [says], quarter)
    with Writer(tmp_path / "two") as writer:
        writer.put_mue([kit.mue(A, 1)], Setting.DME, Quarter(2024, 3), [])
        writer.commit()
        writer.drop("ptp practitioner 2024q3")
        writer.drop("mue dme 2024q3")
        with pytest.raises(
            UnknownTable, match="no such part: 'mue dme 2024q3'; expected one of ptp practitioner"
        ):
            writer.drop("mue dme 2024q3")
        writer.commit()
    assert attach(tmp_path / "two").digest == attach(tmp_path / "one").digest
    assert indicator(tmp_path / "two").startswith(
        "no pair edits of practitioner for 2024q3; there are 2024q2"
    )
    with Writer(tmp_path / "two") as writer:
        writer.drop("ptp practitioner 2024q2")
        with pytest.raises(UnknownTable, match="expected one of nothing"):
            writer.drop("ptp practitioner 2024q2")
        writer.commit()
    assert indicator(tmp_path / "two").endswith("there are none")


def test_several_quarters_in_one_go(tmp_path, kit):
    with Writer(tmp_path) as writer:
        for quarter in ("2024q2", "2024q3"):
            builder = writer.pairs(Setting.HOSPITAL, Quarter.parse(quarter))
            writer.put_pairs(kit.fill(builder, [kit.says(A, B, int(quarter == "2024q3"))]), [])
        digest = writer.commit()
        assert writer.commit() == digest
    assert indicator(tmp_path, "2024q2", "hospital") == 0
    assert indicator(tmp_path, "2024q3", "hospital") == 1
    assert verify(tmp_path) == ()


# ---- pinned --------------------------------------------------------------------------------------


def test_tables_can_be_pinned(tmp_path, kit):
    kit.put(tmp_path, [kit.says(A, B, 0)])
    digest = attach(tmp_path).digest
    assert attach(tmp_path, digest=digest).digest == digest
    kit.put(tmp_path, [kit.says(A, B, 1)])
    with pytest.raises(DigestMismatch, match="not the one pinned") as caught:
        attach(tmp_path, digest=digest)
    assert caught.value.given == digest
    assert caught.value.expected == attach(tmp_path).digest


# ---- one writer ----------------------------------------------------------------------------------


def test_a_second_writer_is_refused_and_may_come_later(tmp_path, kit):
    with Writer(tmp_path), pytest.raises(EditsInUse, match="another process is writing"):
        Writer(tmp_path)
    kit.put(tmp_path, [kit.says(A, B)])


def test_a_writer_that_was_killed_holds_no_lock(tmp_path, kit):
    program = (
        "import os, sys; from cptkit.edits import Writer; writer = Writer(sys.argv[1]); print('writing', flush=True);"
        "sys.stdin.read(1); os._exit(9)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
    )
    assert child.stdout.readline() == b"writing\n"
    with pytest.raises(EditsInUse):
        Writer(tmp_path)
    child.communicate(b"x")
    assert child.returncode == 9
    kit.put(tmp_path, [kit.says(A, B)])


def test_a_writer_to_damaged_tables_lets_go_of_the_lock(tmp_path, kit):
    (tmp_path / MANIFEST).write_text("{}")
    for _ in range(2):
        with pytest.raises(BrokenEdits, match="this is no manifest of edit tables"):
            Writer(tmp_path)
    (tmp_path / MANIFEST).unlink()
    kit.put(tmp_path, [kit.says(A, B)])


# ---- many readers --------------------------------------------------------------------------------


def test_a_reader_goes_on_with_the_tables_that_it_attached(tmp_path, kit):
    with Writer(tmp_path) as writer:
        writer.put_pairs(
            kit.fill(writer.pairs(Setting.PRACTITIONER, Quarter(2024, 3)), [kit.says(A, B, 0)]), []
        )
        writer.put_mue([kit.mue(A, 1)], Setting.DME, Quarter(2024, 3), [])
        writer.commit()
    with attach(tmp_path) as edits:
        with Writer(tmp_path) as writer:
            writer.put_pairs(
                kit.fill(writer.pairs(Setting.PRACTITIONER, Quarter(2024, 3)), [kit.says(A, B, 1)]), []
            )
            writer.put_mue([kit.mue(A, 7)], Setting.DME, Quarter(2024, 3), [])
            writer.commit()
        asked = {"date_of_service": TODAY}
        assert edits.ptp(A, B, setting="practitioner", **asked).edit.indicator == 0
        assert edits.mue(A, setting="dme", **asked).mue.value == 1  # opened only now
        kit.put(tmp_path, [kit.says(A, B, 0), kit.says(A, C)])
        assert edits.ptp(A, B, setting="practitioner", **asked).edit.indicator == 0
    assert indicator(tmp_path) == 0


def test_readers_and_a_writer_at_the_same_time(tmp_path, kit):
    kit.put(tmp_path, [kit.says(A, B, 0)])
    stop, wrong = threading.Event(), []

    def reading():
        while not stop.is_set():
            try:
                with attach(tmp_path) as edits:
                    answer = edits.ptp(A, B, date_of_service=TODAY, setting="practitioner")
                    if answer.edit is None or answer.edit.indicator not in {0, 1}:
                        wrong.append(answer)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                wrong.append(error)

    readers = [threading.Thread(target=reading) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(25):
        kit.put(tmp_path, [kit.says(A, B, number % 2), kit.says(A, C, 0, dt.date(2000, 1, 1 + number))])
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_attaching_while_newer_tables_take_their_place(tmp_path, kit, monkeypatch):
    """The manifest was read, and its files were gone when they were to be opened."""
    from cptkit.edits import attached

    kit.put(tmp_path, [kit.says(A, B, 0)])
    read, seen = attached.read_manifest, []

    def late(folder):
        manifest = read(folder)
        if not seen:
            for number in (1, 2):
                kit.put(folder, [kit.says(A, B, 1), kit.says(A, C, 0, dt.date(2000, 1, number))])
        seen.append(manifest.digest)
        return manifest

    monkeypatch.setattr(attached, "read_manifest", late)
    assert indicator(tmp_path) == 1
    assert len(seen) == 2


def test_attaching_gives_up_when_tables_change_again_and_again(tmp_path, kit, monkeypatch):
    from cptkit.edits import attached

    kit.put(tmp_path, [kit.says(A, B, 0)])
    seen = []
    read = attached.read_manifest

    def always_late(folder):
        manifest = read(folder)
        for number in (1, 2):
            kit.put(folder, [kit.says(A, B, 1), kit.says(A, C, 0, dt.date(2000, 1 + len(seen), number))])
        seen.append(manifest.digest)
        return manifest

    monkeypatch.setattr(attached, "read_manifest", always_late)
    with pytest.raises(BrokenEdits, match="the table cannot be opened"):
        attach(tmp_path)
    assert 2 < len(seen) < 10


# ---- what is left on the disk --------------------------------------------------------------------


def test_files_of_the_tables_before_stay_until_the_next_write(tmp_path, kit):
    kit.put(tmp_path, [kit.says(A, B, 0)])
    first = named(tmp_path)
    assert on_disk(tmp_path) == first
    kit.put(tmp_path, [kit.says(A, B, 1)])
    second = named(tmp_path)
    assert on_disk(tmp_path) == sorted({*first, *second})
    kit.put(tmp_path, [kit.says(A, C, 1)])
    assert on_disk(tmp_path) == sorted({*second, *named(tmp_path)})


def test_files_of_others_are_never_removed(tmp_path, kit):
    others = ["notes.txt", "ptp.tsv", "mue-mine.csv", "ptp-practitioner", "PTP-X.bin"]
    for name in others:
        (tmp_path / name).write_text("mine")
    (tmp_path / "ptp-old-0.bin").mkdir()  # looks like one of ours, and cannot be removed
    for left in (".new-manifest.json", "mue-dme-2024q3-0.tsv"):
        (tmp_path / left).write_text("what a killed writer left")
    kit.put(tmp_path, [kit.says(A, B, 0)])
    assert {path.name for path in tmp_path.iterdir()} == {
        *others,
        *named(tmp_path),
        "ptp-old-0.bin",
        ".lock",
        MANIFEST,
    }


def test_a_disk_that_is_full_leaves_the_old_tables_and_nothing_beside(tmp_path, kit, monkeypatch):
    kit.put(tmp_path, [kit.says(A, B, 0)])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_arguments):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        kit.put(tmp_path, [kit.says(A, B, 1)])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_system_whose_folders_cannot_be_opened(tmp_path, kit, monkeypatch):
    import os

    real = os.open

    def no_folders(path, *arguments, **more):
        if Path(path).is_dir():
            raise PermissionError(13, "permission denied")
        return real(path, *arguments, **more)

    monkeypatch.setattr("os.open", no_folders)
    kit.put(tmp_path, [kit.says(A, B, 0)])
    assert indicator(tmp_path) == 0
