"""Damaged files never crash a reader, and never keep it busy: they are refused, or answered, in words."""

import contextlib
import datetime as dt
import json
import shutil
import struct
import zlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.edits import Part, Quarter, Setting, Writer, attach, mue_diff, ptp_diff, verify
from cptkit.edits.layout import KINDS
from cptkit.edits.listed import (
    ADDON_COLUMNS,
    MUE_COLUMNS,
    PFS_COLUMNS,
    addon_bytes,
    mue_bytes,
    pfs_bytes,
    table_of,
)
from cptkit.edits.manifest import MANIFEST, digest_of, read_manifest
from cptkit.edits.marks import marks_bytes, read_marks
from cptkit.edits.pairs import PairTable
from cptkit.edits.ptp import MappedPairs, QuarterOfPairs
from cptkit.errors import BrokenEdits, CptkitError, DigestMismatch

CODES = ["W9901", "W9902", "X9903", "Y9904", "00009"]
DAYS = [dt.date.min, dt.date(2024, 8, 1), dt.date.max]
HEAD = 48 + 32 * len(KINDS)

changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def whole(kit):
    rows = [
        kit.says(
            one, other, number % 3 * (number % 3 < 2) + 9 * (number % 3 == 2), DAYS[1], None, rationale=one
        )
        for number, (one, other) in enumerate(combinations(CODES, 2))
    ]
    rows += [kit.says("W9902", "W9901", 0, None, dt.date(2020, 1, 1)), kit.says("W9902", "X9903", 1)]
    return kit.alone(rows).to_bytes()


def altered(data, places):
    found = bytearray(data)
    for place, value in places:
        found[int(place * len(found))] = value
    return bytes(found)


def with_right_checksum(data):
    head = bytearray(data[:HEAD])
    head[44:48] = b"\0\0\0\0"
    return data[:44] + struct.pack("<I", zlib.crc32(head)) + data[48:]


def asked_everything(path):
    """Ask all that a reader can be asked; only its own errors are let through."""
    try:
        pairs = MappedPairs(path)
    except BrokenEdits:
        return
    try:
        for index in pairs.quarters[:3]:
            try:
                table = QuarterOfPairs(pairs, Quarter.from_index(index), lambda *_: "file")
            except CptkitError:
                continue
            for one, other in combinations([*CODES, "W9999"], 2):
                for day in DAYS:
                    with contextlib.suppress(BrokenEdits):
                        table.find(one, other, day)
            for code in CODES:
                with contextlib.suppress(BrokenEdits):
                    list(table.rows(code))
            with contextlib.suppress(BrokenEdits):
                table.among(CODES, DAYS[1])
    finally:
        pairs.close()


@given(size=st.floats(0, 1, exclude_max=True))
def test_a_table_that_was_cut_short_is_refused(whole, tmp_path_factory, size):
    cut = whole[: int(size * len(whole))]
    path = tmp_path_factory.getbasetemp() / "cut.bin"
    path.write_bytes(cut)
    with pytest.raises(BrokenEdits):
        MappedPairs(path)
    with pytest.raises(BrokenEdits):
        PairTable.from_bytes(cut, "here")


@given(places=changes, is_mended=st.booleans())
def test_a_table_with_altered_bytes(whole, tmp_path_factory, places, is_mended):
    data = altered(whole, places)
    if is_mended:
        data = with_right_checksum(data)
    path = tmp_path_factory.getbasetemp() / "altered.bin"
    path.write_bytes(data)
    asked_everything(path)
    try:
        table = PairTable.from_bytes(data, "here")
    except BrokenEdits:
        return
    table.counts()
    table.canonical().to_bytes()


@given(places=changes)
def test_a_diff_of_altered_bytes(folder, tmp_path_factory, places):
    copy = tmp_path_factory.getbasetemp() / "altered-pairs"
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    (path,) = copy.glob("ptp-*.bin")
    data = path.read_bytes()
    path.write_bytes(data[:HEAD] + altered(data[HEAD:], places))
    with contextlib.suppress(CptkitError):
        use(copy)


@given(places=changes)
def test_altered_bytes_behind_the_header(whole, tmp_path_factory, places):
    data = whole[:HEAD] + altered(whole[HEAD:], places)
    path = tmp_path_factory.getbasetemp() / "behind.bin"
    path.write_bytes(data)
    asked_everything(path)


@given(st.binary(max_size=600))
def test_any_bytes_at_all(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    for content in (data, b"\x89PTP\r\n\x1a\n" + data):
        path.write_bytes(content)
        asked_everything(path)
        with pytest.raises(BrokenEdits):
            PairTable.from_bytes(content, "here")
        with contextlib.suppress(BrokenEdits):
            read_marks(content, "here")


# ---- other files ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(kit, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz") / "tables"
    with Writer(folder) as writer:
        for quarter in ("2024q2", "2024q3"):
            when = Quarter.parse(quarter)
            builder = writer.pairs(Setting.PRACTITIONER, when)
            writer.put_pairs(kit.fill(builder, [kit.says("W9901", "W9902", int(quarter == "2024q3"))]), [])
            writer.put_mue([kit.mue("W9901", 1)], Setting.PRACTITIONER, when, [])
            writer.put_addons([kit.addon("W9911", "W9901")], when, [])
        writer.put_pfs([kit.pfs("W9901")], "24C", dt.date(2024, 7, 1), [])
        writer.commit()
    return folder


def use(folder):
    """Ask all that a folder can be asked; only cptkit's own errors are let through."""
    asked, quarters = {"date_of_service": DAYS[1]}, ("2024q2", "2024q3")
    office = {"setting": "practitioner"}
    with attach(folder) as edits:
        for ask in (
            lambda: edits.ptp("W9901", "W9902", **office, **asked),
            lambda: edits.ptp("W9901", "W9902", quarter="2024q2", **office, **asked),
            lambda: edits.ptp_among(CODES, **office, **asked),
            lambda: list(edits.ptp_rows("W9901", quarter="2024q3", **office)),
            lambda: edits.mue("W9901", **office, **asked),
            lambda: list(edits.mue_rows(quarter="2024q3", **office)),
            lambda: edits.addon("W9911", **asked).is_contractor_defined,
            lambda: edits.addon_rows("W9911", quarter="2024q2"),
            lambda: edits.pfs("W9901", **asked),
            lambda: edits.pfs_rows("W9901", release="24C"),
            lambda: ptp_diff(edits, *quarters, **office),
            lambda: mue_diff(edits, *quarters, **office),
            lambda: edits.parts,
        ):
            with contextlib.suppress(CptkitError):
                ask()


@given(places=changes, size=st.floats(0, 1))
def test_a_manifest_with_altered_bytes(folder, tmp_path_factory, places, size):
    copy = tmp_path_factory.getbasetemp() / "altered-manifest"
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    data = (folder / MANIFEST).read_bytes()
    for content in (altered(data, places), data[: int(size * len(data))]):
        (copy / MANIFEST).write_bytes(content)
        for what in (use, verify, Writer):
            try:
                made = what(copy)
            except CptkitError:
                continue
            if isinstance(made, Writer):
                made.__exit__(None, None, None)


simple = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}))


@given(data=st.data())
def test_a_manifest_with_other_values(folder, tmp_path_factory, data):
    copy = tmp_path_factory.getbasetemp() / "other-manifest"
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    value = json.loads((folder / MANIFEST).read_bytes())
    at = value
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.integers(0, 3)) == 0:
            break
        at = at[key]
    at[key] = data.draw(simple)
    (copy / MANIFEST).write_text(json.dumps(value))
    for what in (use, verify):
        try:
            what(copy)
        except CptkitError:
            continue
    with contextlib.suppress(CptkitError):
        Writer(copy).__exit__(None, None, None)


@given(places=changes, table=st.sampled_from(["mue", "addons", "pfs"]))
def test_listed_tables_with_altered_bytes(kit, places, table):
    data, setting = {
        "mue": (mue_bytes([kit.mue("W9901", 1), kit.mue("W9902", 0)]), Setting.DME),
        "addons": (addon_bytes([kit.addon("W9911", "W9901"), kit.addon("W9912", None, 2)]), None),
        "pfs": (pfs_bytes([kit.pfs("W9901"), kit.pfs("W9901", "26")]), None),
    }[table]
    part = Part(table, setting, Quarter(2024, 3), "x.tsv", kit.no_digest, 2, release="24C")
    with contextlib.suppress(BrokenEdits):
        list(table_of(part, altered(data, places), "here"))


COLUMNS = {"mue": MUE_COLUMNS, "addons": ADDON_COLUMNS, "pfs": PFS_COLUMNS}
cells = st.sampled_from(
    ["W9901", "", "0", "7", "-1", "2024-08-01", "2024-13-01", "26", "x\ty", "é", "9" * 30]
)


@given(st.sampled_from(list(COLUMNS)), st.lists(st.lists(cells, max_size=18), max_size=4), st.booleans())
def test_listed_tables_with_other_cells(kit, table, rows, is_whole):
    setting = Setting.DME if table == "mue" else None
    part = Part(table, setting, Quarter(2024, 3), "x.tsv", kit.no_digest, 2, release="24C")
    width = len(COLUMNS[table])
    lines = [(["W9901", *row, *width * [""]][:width] if is_whole else row) for row in rows]
    text = "".join("\t".join(line) + "\n" for line in (COLUMNS[table], *lines))
    with contextlib.suppress(BrokenEdits):
        list(table_of(part, text.encode(), "here"))


@given(marks=st.dictionaries(st.sampled_from(CODES), st.binary(min_size=16, max_size=16)), places=changes)
def test_marks_with_altered_bytes(marks, places):
    with contextlib.suppress(BrokenEdits):
        assert all(
            len(mark) == 16 for mark in read_marks(altered(marks_bytes(marks), places), "here").values()
        )


@given(places=changes, size=st.floats(0, 1), data=st.data())
def test_altered_files_for_which_the_manifest_answers(kit, folder, tmp_path_factory, places, size, data):
    """Whoever forges a file may forge its digest too: nothing is found by it, and all must be met when it is read."""
    copy = tmp_path_factory.getbasetemp() / "vouched"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    value = json.loads((copy / MANIFEST).read_bytes())
    name = data.draw(st.sampled_from(sorted(value["files"])))
    content = altered((copy / name).read_bytes(), places)
    if data.draw(st.booleans()):
        content = content[: int(size * len(content))]
    if name.endswith(".bin") and len(content) >= HEAD and data.draw(st.booleans()):
        content = with_right_checksum(content)
    (copy / name).write_bytes(content)
    value["files"][name] = {"digest": digest_of(content), "bytes": len(content)}
    (copy / MANIFEST).write_text(json.dumps(value))
    verify(copy)
    with contextlib.suppress(CptkitError):
        use(copy)
    with contextlib.suppress(CptkitError), Writer(copy) as writer:
        builder = writer.pairs(Setting.PRACTITIONER, Quarter(2024, 4))
        builder.known_group("W9901", b"0" * 16)
        writer.put_pairs(kit.fill(builder, [kit.says("W9901", "X9903")]), [])
        writer.drop("ptp practitioner 2024q2")
        writer.commit()


def test_verify_finds_every_altered_byte(folder, tmp_path):
    """Of every file, and of the manifest, bytes here and there are changed."""
    manifest = read_manifest(folder)
    for name in manifest.files:
        data = (folder / name).read_bytes()
        for place in {0, len(data) // 3, len(data) - 1}:
            copy = tmp_path / "copy"
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            (copy / name).write_bytes(put_byte(data, place))
            assert any("was changed: its digest is" in problem for problem in verify(copy))
    data = (folder / MANIFEST).read_bytes()
    changed = put_byte(data, data.index(b'"rows": 1') + 8)
    assert digest_of(changed) != manifest.digest
    (copy / MANIFEST).write_bytes(changed)
    with pytest.raises(DigestMismatch):
        attach(copy, digest=manifest.digest)


def put_byte(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@given(st.dictionaries(st.sampled_from(CODES), st.binary(min_size=16, max_size=16)))
def test_marks_are_read_back(marks):
    assert read_marks(marks_bytes(marks), "here") == marks


def test_marks_of_another_way_of_reading_are_none():
    data = marks_bytes({"W9901": b"0" * 16})
    assert read_marks(data[:8] + b"\2" + data[9:], "here") == {}
    for broken in (data[:-1], b"x" + data[1:], b""):
        with pytest.raises(BrokenEdits, match="these are no marks"):
            read_marks(broken, "here")
