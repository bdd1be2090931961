"""Damaged files: what attaching finds, with a pin and without, and how writing again mends them."""

import datetime as dt
import errno
import gc
import json
import os
from pathlib import Path

import pytest

from cptkit.edits import Quarter, Setting, Writer, attach, verify
from cptkit.edits.manifest import MANIFEST
from cptkit.errors import BrokenEdits, DigestMismatch, UnknownTable

A, B, C = "W9901", "W9902", "X9903"
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
OPEN = Path("/proc/self/fd")
KINDS = ["ptp-practitioner-*.bin", "ptp-*2024q3*.marks", "mue-*.tsv", "addons-*.tsv", "pfs-*.tsv"]
ASKED = {"date_of_service": dt.date(2024, 8, 1), "setting": "practitioner"}


def fill(writer, kit, quarters=(Q2, Q3), limit=1):
    for quarter in quarters:
        rows = [kit.says(A, B, 0), kit.says(A, C, quarter.number % 2)]
        writer.put_pairs(kit.fill(writer.pairs(Setting.PRACTITIONER, quarter), rows), [])
    writer.put_mue([kit.mue(A, limit)], Setting.PRACTITIONER, Q3, [])
    writer.put_addons([kit.addon("W9911", A)], Q3, [])
    writer.put_pfs([kit.pfs(A)], "24C", dt.date(2024, 7, 1), [])


@pytest.fixture
def folder(tmp_path, kit):
    with Writer(tmp_path) as writer:
        fill(writer, kit)
        writer.commit()
    return tmp_path


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def flip(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    return path


def one(folder, kind):
    (path,) = folder.glob(kind)
    return path


# ---- attaching -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_that_changed_is_found_with_a_pin(folder, kind):
    digest = attach(folder).digest
    path = flip(one(folder, kind))
    with pytest.raises(BrokenEdits, match=f"{path.name} was changed: its digest is sha256:"):
        attach(folder, digest=digest)
    with attach(folder) as edits:  # without one, sizes alone are compared
        assert edits.digest == digest


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_size_that_changed_is_always_found(folder, kind):
    path = one(folder, kind)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BrokenEdits, match=rf"{path.name} has .* bytes, the manifest says"):
        attach(folder)
    path.unlink()
    with pytest.raises(BrokenEdits, match=f"no readable {path.name}: No such file"):
        attach(folder)


def test_a_table_that_became_another_whole_one(folder, kit, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    kit.put(other, [kit.says(A, B)])
    one(folder, KINDS[0]).write_bytes(one(other, "*.bin").read_bytes())
    with pytest.raises(BrokenEdits, match="bytes, the manifest says"):
        attach(folder)


def test_a_file_that_goes_while_it_is_attached(folder, monkeypatch):
    from cptkit.edits import attached

    digest = attach(folder).digest
    real = attached.check_sizes

    def then_gone(*arguments):
        real(*arguments)
        one(folder, "ptp-*2024q3*.marks").unlink()

    monkeypatch.setattr(attached, "check_sizes", then_gone)
    with pytest.raises(BrokenEdits, match="the edit tables have no readable"):
        attach(folder, digest=digest)


def test_an_empty_file_of_no_bytes(folder, monkeypatch):
    from cptkit.edits import attached

    monkeypatch.setattr(attached, "check_sizes", lambda *_: None)
    one(folder, "mue-*.tsv").write_bytes(b"")
    with pytest.raises(BrokenEdits, match=r"no readable mue-.*: cannot mmap an empty file"):
        attach(folder)


# ---- readers that stay ---------------------------------------------------------------------------


def test_a_reader_goes_on_however_often_tables_change(folder, kit):
    with attach(folder) as edits:
        for limit in range(2, 6):
            with Writer(folder) as writer:
                fill(writer, kit, limit=limit)
                writer.commit()
        assert edits.mue(A, **ASKED).mue.value == 1  # asked for the first time
    with attach(folder) as edits:
        assert edits.mue(A, **ASKED).mue.value == 5


def test_a_closed_reader_reads_by_name(folder):
    edits = attach(folder)
    edits.close()
    assert edits.mue(A, **ASKED).mue.value == 1


@pytest.mark.skipif(not OPEN.is_dir(), reason="the system does not list open files")
def test_a_reader_that_is_let_go_of_holds_no_file(folder):
    gc.collect()
    before = len(list(OPEN.iterdir()))
    edits = attach(folder)
    assert len(list(OPEN.iterdir())) > before
    del edits
    gc.collect()
    assert len(list(OPEN.iterdir())) == before


def test_a_process_that_can_open_no_more_files(folder, monkeypatch):
    real = os.open

    def full(path, *arguments, **more):
        if str(path).endswith(".tsv"):
            raise OSError(errno.EMFILE, "too many open files")
        return real(path, *arguments, **more)

    digest = attach(folder).digest
    monkeypatch.setattr("cptkit.edits.held.os.open", full)
    held = attach(folder)
    monkeypatch.undo()
    assert held.digest == digest
    assert held.mue(A, **ASKED).mue.value == 1
    held.close()


# ---- writing again -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_gone", [True, False])
def test_writing_the_same_again_mends_a_damaged_file(folder, kit, kind, is_gone):
    before, digest = content(folder), attach(folder).digest
    path = one(folder, kind)
    path.unlink() if is_gone else flip(path)
    with Writer(folder) as writer:
        fill(writer, kit)
        assert len(writer.mended) == (2 if path.suffix == ".bin" else 1)
        assert writer.commit() == digest
    assert content(folder) == before
    assert verify(folder) == ()


def test_marks_that_are_damaged_are_no_base(folder, kit):
    for path in folder.glob("*.marks"):
        flip(path)
    with Writer(folder) as writer:
        writer.put_pairs(kit.fill(writer.pairs(Setting.PRACTITIONER, Quarter(2024, 4)), [kit.says(B, C)]), [])
        writer.commit()
    with attach(folder) as edits:
        assert edits.ptp(B, C, quarter="2024q4", **ASKED).edit is not None
        assert edits.ptp(A, B, quarter="2024q2", **ASKED).edit is not None


def test_one_quarter_of_damaged_pair_edits_is_not_enough(folder, kit):
    flip(one(folder, KINDS[0]))
    before = content(folder)
    with Writer(folder) as writer:
        fill(writer, kit, [Q3])
        with pytest.raises(BrokenEdits, match=r"is damaged, and holds all their quarters: 'ptp pr.* 2024q2'"):
            writer.commit()
        assert content(folder) == before
        writer.drop("ptp practitioner 2024q2")
        writer.commit()
    assert verify(folder) == ()


def test_damaged_pair_edits_can_be_dropped(folder):
    flip(one(folder, KINDS[0]))
    with Writer(folder) as writer:
        writer.drop("ptp practitioner 2024q2")
        with pytest.raises(BrokenEdits, match=r"imported again in one go, or dropped"):
            writer.commit()
        writer.drop("ptp practitioner 2024q3")
        with pytest.raises(UnknownTable):
            writer.drop("ptp practitioner 2024q3")
        writer.commit()
    assert verify(folder) == ()
    assert not any(part.table == "ptp" for part in attach(folder).parts)


def test_another_content_for_a_damaged_quarter(folder, kit):
    flip(one(folder, KINDS[0]))
    with Writer(folder) as writer:
        for quarter in (Q2, Q3):
            writer.put_pairs(kit.fill(writer.pairs(Setting.PRACTITIONER, quarter), [kit.says(B, C)]), [])
        assert writer.mended == set()
        writer.commit()
    assert verify(folder) == ()


def test_a_digest_that_is_another_manifest_is_told_as_such(folder):
    with pytest.raises(DigestMismatch, match="not the one pinned"):
        attach(folder, digest="sha256:" + 64 * "0")
    assert (folder / MANIFEST).exists()


# ---- rows that were rejected ---------------------------------------------------------------------


def test_codes_of_rejected_rows_are_not_checked(tmp_path, kit):
    day = dt.date(2024, 7, 1)
    lost = [B, C, B, "", "w990"]
    with Writer(tmp_path) as writer:
        part = writer.put_mue([kit.mue(A, 1)], Setting.PRACTITIONER, Q3, [], rejected=lost)
        writer.put_addons([kit.addon("W9911", A)], Q3, [], rejected=lost)
        writer.put_pfs([kit.pfs(A)], "24C", day, [], rejected=[*lost, A])
        writer.put_pairs(kit.fill(writer.pairs(Setting.PRACTITIONER, Q3), [kit.says(A, B)]), [], rejected=3)
        digest = writer.commit()
    assert (part.counts, part.rejected) == ({"rejected": 5}, (B, C))
    with attach(tmp_path, digest=digest) as edits:
        assert part in edits.parts
        told = f"a row of {B} was rejected when the table was imported"
        assert edits.mue(B.lower(), **ASKED).not_checked == told
        assert edits.addon(B, date_of_service=day).not_checked == told
        assert edits.pfs(B, date_of_service=day).not_checked == told
        assert edits.pfs(A, date_of_service=day).row is not None
        assert edits.addon("W9912", date_of_service=day).not_checked == ""
    assert verify(tmp_path) == ()
    with Writer(tmp_path) as writer:  # the same rows, and nothing rejected
        writer.put_mue([kit.mue(A, 1)], Setting.PRACTITIONER, Q3, [])
        again = kit.fill(writer.pairs(Setting.PRACTITIONER, Q3), [kit.says(A, B)])
        assert "rejected" not in writer.put_pairs(again, []).counts
        writer.commit()
    with attach(tmp_path) as edits:
        assert not edits.mue(B, **ASKED).is_published
        assert edits.mue(B, **ASKED).not_checked == ""


@pytest.mark.parametrize("value", [["W99"], "W9901", [1]])
def test_codes_of_rejected_rows_that_cannot_be(folder, value):
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["parts"][-1]["rejected"] = value
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with attach(folder) as edits, pytest.raises(BrokenEdits, match="is no part"):
        _ = edits.parts


# ---- rows that contradict each other -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([(A, B, 0), (A, B, 1)], 1),  # open twice
        ([(A, B, 1), (B, A, 1)], 1),  # in both directions
        ([(A, B, 1, dt.date(2020, 1, 1)), (A, B, 0, None, dt.date(2020, 1, 1))], 1),
        ([(A, B, 1, dt.date(2020, 1, 2)), (A, B, 0, None, dt.date(2020, 1, 1))], 0),
        ([(A, B, 1, None, dt.date(2010, 1, 1)), (A, B, 0)], 0),  # each until the next
        ([(A, B, 1, dt.date(2020, 1, 2), dt.date(2020, 1, 1))], 1),  # ends before it begins
        ([(A, B, 1), (A, B, 1, None, None, True)], 0),  # say the same
        ([(A, B, 1), (A, B, 9, dt.date(2020, 1, 1), dt.date(2020, 1, 1))], 0),
        ([(A, B, 1), (B, C, 0), (B, C, 1), (A, C, 1), (C, A, 1)], 2),
    ],
)
def test_rows_that_contradict_each_other_are_counted(tmp_path, kit, rows, count):
    part = kit.put(tmp_path, [kit.says(*row) for row in rows])
    assert part.counts.get("contradictory", 0) == count
    assert sum("rows that contradict each other" in line for line in verify(tmp_path)) == bool(count)
