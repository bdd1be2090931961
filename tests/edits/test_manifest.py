"""The manifest: plain JSON, the same for the same parts, and trusted with nothing."""

import datetime as dt
import json

import pytest

from cptkit.edits import Origin, Part, Quarter, Setting, Writer, attach
from cptkit.edits.manifest import MANIFEST, digest_of, manifest_bytes, read_manifest
from cptkit.errors import BrokenEdits

DIGEST = digest_of(b"")
Q3 = Quarter(2024, 3)
ORIGIN = Origin("f1.TXT", "f1.zip", DIGEST, 3, "W9901W9902", "W9901X9903")
PARTS = [
    Part(
        "ptp", Setting.HOSPITAL, Q3, "ptp-hospital-0.bin", DIGEST, 3, (ORIGIN,), {"pairs": 3}, "ptp-0.marks"
    ),
    Part("mue", Setting.DME, Q3, "mue-dme-0.tsv", DIGEST, 3, (Origin("mue.csv", None, DIGEST, 3),)),
    Part("addons", None, Q3, "addons-0.tsv", DIGEST, 3),
    Part("pfs", None, Q3, "pfs-0.tsv", DIGEST, 3, release="24CR", first_day=dt.date(2024, 8, 9)),
    Part("pfs", None, Q3, "pfs-0.tsv", DIGEST, 3, release="24C", first_day=dt.date(2024, 7, 1), qpp=True),
]
FILES = {name: (DIGEST, 0) for part in PARTS for name in part.files}


@pytest.fixture
def written(tmp_path):
    (tmp_path / MANIFEST).write_bytes(manifest_bytes(PARTS, FILES))
    return tmp_path


def test_parts_are_read_back(written):
    manifest = read_manifest(written)
    assert sorted(manifest.parts(), key=lambda part: part.name) == sorted(PARTS, key=lambda part: part.name)
    assert manifest.files == FILES
    assert manifest.digest == digest_of((written / MANIFEST).read_bytes())
    assert manifest.part("ptp dme 2024q3") is None


def test_the_order_of_parts_does_not_matter():
    assert manifest_bytes(PARTS[::-1], dict(reversed(FILES.items()))) == manifest_bytes(PARTS, FILES)


def test_names_of_parts():
    assert [part.name for part in PARTS] == [
        "ptp hospital 2024q3",
        "mue dme 2024q3",
        "addons 2024q3",
        "pfs 24CR",
        "pfs 24C qpp",
    ]
    assert [part.starts for part in PARTS[2:4]] == [dt.date(2024, 7, 1), dt.date(2024, 8, 9)]
    assert PARTS[0].source == "f1.TXT"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the manifest is not JSON"),
        (b"\xff", "the manifest is not JSON"),
        (b"[" * 100_000, "the manifest is not JSON"),
        (b"[]", "this is no manifest of edit tables"),
        (b'{"format": 1}', "this is no manifest of edit tables"),
        (b'{"what": "cptkit edit tables", "format": 2}', "another format: 2; expected format 1"),
        (b'{"what": "cptkit edit tables", "format": true}', "another format: True"),
        (b'{"what": "cptkit edit tables", "format": 1}', "the manifest is damaged: 'files'"),
        (b'{"what": "cptkit edit tables", "format": 1, "files": []}', "the manifest is damaged"),
        (
            b'{"what": "cptkit edit tables", "format": 1, "files": {}, "parts": [1]}',
            "the manifest is damaged",
        ),
    ],
)
def test_what_is_no_manifest(tmp_path, content, words):
    (tmp_path / MANIFEST).write_bytes(content)
    for read in (read_manifest, attach, Writer):
        with pytest.raises(BrokenEdits, match=words):
            read(tmp_path)


def test_a_part_that_is_there_twice(tmp_path):
    (tmp_path / MANIFEST).write_bytes(manifest_bytes([PARTS[1], PARTS[1]], FILES))
    with pytest.raises(BrokenEdits, match="it names a part twice"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["../x.tsv", "/etc/x.tsv", "X.tsv", "x.exe", ".lock", ""])
def test_names_of_files_that_point_elsewhere_are_refused(tmp_path, name):
    (tmp_path / MANIFEST).write_bytes(manifest_bytes([], {name: (DIGEST, 0)}))
    with pytest.raises(BrokenEdits, match="name, digest or size of"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        (0, "digest", "sha256:0"),
        (0, "rows", -1),
        (0, "rows", True),
        (0, "counts", {"pairs": "3"}),
        (0, "marks", "other.marks"),
        (0, "file", "other.bin"),
        (0, "origins", [{}]),
        (0, "origins", [{"name": 1, "digest": DIGEST, "rows": 0}]),
        (0, "origins", [{"name": "f1", "digest": "", "rows": 0}]),
        (0, "quarter", 3),
        (1, "setting", "office"),
        (2, "setting", "dme"),
        (3, "first_day", "2024-13-01"),
        (3, "release", "../24C"),
        (3, "qpp", 1),
    ],
)
def test_a_part_that_cannot_be(tmp_path, part, key, value):
    order = sorted(PARTS, key=lambda part: part.order)
    entries = json.loads(manifest_bytes(PARTS, FILES))
    at = order.index(PARTS[part])
    entries["parts"][at][key] = value
    (tmp_path / MANIFEST).write_text(json.dumps(entries))
    with pytest.raises(BrokenEdits, match="the manifest is damaged: "):
        read_manifest(tmp_path).parts()


@pytest.mark.parametrize(("part", "key"), [(1, "setting"), (3, "first_day"), (3, "release"), (0, "origins")])
def test_a_part_that_lacks_something(tmp_path, part, key):
    order = sorted(PARTS, key=lambda part: part.order)
    entries = json.loads(manifest_bytes(PARTS, FILES))
    del entries["parts"][order.index(PARTS[part])][key]
    (tmp_path / MANIFEST).write_text(json.dumps(entries))
    with pytest.raises(BrokenEdits, match="the manifest is damaged: "):
        read_manifest(tmp_path).parts()


# ---- pair edits that are not what the manifest says ----------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"setting": "hospital"}, "the table is not for hospital, as the manifest says"),
        ({"file": "ptp-none.bin"}, "the manifest is damaged: 'ptp-none.bin'"),
        ({"file": 1}, "the manifest is damaged: "),
        ({"setting": "office"}, "the manifest is damaged: no such setting: 'office'"),
    ],
)
def test_pair_edits_of_another_setting_or_file(tmp_path, kit, change, words):
    kit.put(tmp_path, [kit.says("W9901", "W9902")])
    entries = json.loads((tmp_path / MANIFEST).read_bytes())
    entries["parts"][0].update(change)
    (tmp_path / MANIFEST).write_text(json.dumps(entries))
    with pytest.raises(BrokenEdits, match=words):
        attach(tmp_path)


def test_a_quarter_that_the_table_does_not_hold(tmp_path, kit):
    kit.put(tmp_path, [kit.says("W9901", "W9902")])
    entries = json.loads((tmp_path / MANIFEST).read_bytes())
    entries["parts"][0]["quarter"] = "2025q1"
    (tmp_path / MANIFEST).write_text(json.dumps(entries))
    with attach(tmp_path) as edits, pytest.raises(BrokenEdits, match="does not hold ptp practitioner 2025q1"):
        edits.ptp("W9901", "W9902", date_of_service=dt.date(2025, 1, 1), setting="practitioner")


def test_pair_edits_that_changed_under_their_name(tmp_path, kit):
    kit.put(tmp_path, [kit.says("W9901", "W9902")])
    (path,) = tmp_path.glob("*.bin")
    path.write_bytes(b"x")
    with pytest.raises(BrokenEdits, match="this is no table of pair edits"):
        attach(tmp_path)
