"""Every error of a manifest, whole: what is none, and what is no part of one."""

import datetime as dt
import json

import pytest

from cptkit.edits import Part, Quarter, Setting, attach
from cptkit.edits.manifest import MANIFEST, manifest_bytes, read_manifest
from cptkit.errors import BrokenEdits

A = "W9901"
Q3 = Quarter(2024, 3)
NONE = "sha256:" + 64 * "0"
PARTS = [
    Part("ptp", Setting.HOSPITAL, Q3, "ptp-0.bin", NONE, 1, (), {"pairs": 1}, "ptp-0.marks"),
    Part("addons", None, Q3, "addons-0.tsv", NONE, 1),
    Part("mue", Setting.DME, Q3, "mue-0.tsv", NONE, 1),
    Part("pfs", None, Q3, "pfs-0.tsv", NONE, 1, release="24C", first_day=dt.date(2024, 7, 1)),
]


@pytest.fixture
def folder(tmp_path):
    files = {name: (NONE, 0) for part in PARTS for name in part.files}
    (tmp_path / MANIFEST).write_bytes(manifest_bytes(PARTS, files))
    return tmp_path


def changed(folder, table, change):
    """Alter a part in the manifest; where it lies."""
    value = json.loads((folder / MANIFEST).read_bytes())
    next(part for part in value["parts"] if part["table"] == table).update(change)
    (folder / MANIFEST).write_text(json.dumps(value))
    return str(folder / MANIFEST)


NO_FILE = "No such file or directory"
WHAT = b'{"what": "cptkit edit tables", "format": '


@pytest.mark.parametrize(
    ("content", "words", "given"),
    [
        (b"", "the manifest is not JSON: Expecting value: line 1 column 1 (char 0)", None),
        (b"[]", "this is no manifest of edit tables", None),
        (b'{"what": "other", "format": 1}', "this is no manifest of edit tables", None),
        (WHAT + b"2}", "the edit tables have another format", 2),
        (WHAT + b"1.0}", "the edit tables have another format", 1.0),
        (WHAT + b'1, "parts": []}', "the manifest is damaged: 'files'", None),
        (WHAT + b'1, "files": {}}', "the manifest is damaged: 'parts'", None),
        (
            WHAT
            + b'1, "files": {}, "parts": [{"table": "mue", "quarter": 1}, {"table": "mue", "quarter": 1}]}',
            "the manifest is damaged: sequence item 1: expected str instance, int found",
            None,
        ),
        (
            WHAT
            + b'1, "files": {}, "parts": [{"table": "x", "quarter": "y"}, {"table": "x", "quarter": "y"}]}',
            "the manifest is damaged: it names a part twice",
            None,
        ),
        (
            WHAT + b'1, "files": {"a.tsv": {"digest": "x", "bytes": 1}}, "parts": []}',
            "the manifest is damaged: name, digest or size of 'a.tsv' is none",
            None,
        ),
    ],
)
def test_what_is_no_manifest(kit, tmp_path, content, words, given):
    (tmp_path / MANIFEST).write_bytes(content)
    expected = None if given is None else "format 1; a newer cptkit reads newer formats"
    told = BrokenEdits(words, given=given, expected=expected, where=str(tmp_path / MANIFEST))
    with kit.raises(told):
        read_manifest(tmp_path)


def test_a_manifest_that_is_not_there(kit, tmp_path):
    message = f"no edit tables can be read here: {NO_FILE}"
    with kit.raises(BrokenEdits(message, where=str(tmp_path / MANIFEST))):
        attach(tmp_path)


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("mue", {"digest": "x"}, "table, digest or rows"),
        ("mue", {"rows": -1}, "table, digest or rows"),
        ("ptp", {"counts": {"pairs": -1}}, "counts"),
        ("pfs", {"qpp": 0}, "qpp"),
        ("mue", {"rejected": [A, "x"]}, "rejected"),
        ("mue", {"rejected": A}, "rejected"),
        ("mue", {"origins": [{}]}, "'name'"),
        *(
            (
                "mue",
                {"origins": [{"name": "a", "digest": "sha256:" + 64 * "0", "rows": 0} | wrong]},
                "an origin",
            )
            for wrong in (
                *({name: 1} for name in ("name", "archive", "first", "last")),
                {"digest": "sha256:0"},
                {"rows": -1},
                {"rows": True},
            )
        ),
        ("pfs", {"release": "24c"}, "release"),
        ("pfs", {"first_day": "July"}, "Invalid isoformat string: 'July'"),
    ],
)
def test_what_is_no_part(kit, folder, part, change, words):
    where = changed(folder, part, change)
    manifest = read_manifest(folder)
    name = next(name for name in manifest.entries if name.startswith(part))
    message = f"the manifest is damaged: {name!r} is no part ({words})"
    with kit.raises(BrokenEdits(message, where=where)):
        manifest.part(name)


@pytest.mark.parametrize(
    ("part", "change", "name", "words"),
    [
        ("mue", {"table": "aoc"}, "aoc dme 2024q3", "table, digest or rows"),
        ("pfs", {"table": "mue"}, "mue 24C", "setting"),
        ("pfs", {"setting": "dme"}, "pfs dme 24C", "setting"),
        ("mue", {"release": "24C"}, "mue dme 24C", "release"),
    ],
)
def test_a_part_with_what_belongs_to_another_table(kit, folder, part, change, name, words):
    where = changed(folder, part, change)
    with kit.raises(BrokenEdits(f"the manifest is damaged: {name!r} is no part ({words})", where=where)):
        read_manifest(folder).part(name)


def test_a_part_that_names_other_files(kit, folder):
    where = changed(folder, "ptp", {"marks": "ptp-other.marks"})
    words = "'ptp hospital 2024q3' has another name, or files that are not named"
    with kit.raises(BrokenEdits(f"the manifest is damaged: {words}", where=where)):
        read_manifest(folder).parts()


def test_a_part_that_says_no_more_than_it_must(tmp_path):
    files = {"mue-0.tsv": (NONE, 0)}
    least = {"table": "mue", "setting": "dme", "quarter": "2024q3", "origins": []}
    entry = least | {"file": "mue-0.tsv", "digest": NONE, "rows": 0}
    value = json.loads(manifest_bytes([], files)) | {"parts": [entry]}
    (tmp_path / MANIFEST).write_text(json.dumps(value))
    (part,) = read_manifest(tmp_path).parts()
    assert (part.counts, part.rejected, part.marks, part.release, part.qpp) == ({}, (), None, None, False)
    assert (part.first_day, part.origins, part.source) == (None, (), "")
