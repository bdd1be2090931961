"""What lies in a folder after writing: every file, byte by byte, as the format page says it."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest

from cptkit.edits import Origin, Part, Quarter, Setting, Writer, verify
from cptkit.edits.manifest import MANIFEST

A, B, C = "W9901", "W9902", "X9903"
MARK = b"0123456789abcdef"
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
JULY = dt.date(2024, 7, 1)

ADDONS = b"addon\tprimary\tedit_type\tfirst_day\tlast_day\taddon_last_day\tprimary_last_day\tnote\n"
ADDON = b"W9902\tW9901\t3\t2024-07-01\t2024-08-01\t2024-08-02\t2024-08-03\town note\n"
FEES = (
    b"code\tmodifier\tstatus\tglobal_days\tpctc\tmult\tbilat\tasst\tcosurg\tteam\tpreoperative\t"
    b"intraoperative\tpostoperative\tendo_base\tsupervision\timaging_family\tnot_used\n"
)
FEE = b"W9901\t%s\tA\t000\t%d\t0\t0\t0\t0\t0\t10\t80\t10\t\t09\t99\t\n"
OPEN = Path("/proc/self/fd")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture
def origin(kit):
    return Origin("Änderung.csv", "own.zip", kit.no_digest, 4, A + B, A + C)


@pytest.fixture
def writer(tmp_path):
    with Writer(tmp_path) as writer:
        yield writer


def pairs(kit, writer, setting, quarter, rows, origins=(), marks=(), **more):
    builder = kit.fill(writer.pairs(setting, quarter), rows)
    for code in marks:
        builder.known_group(code, MARK)
    return writer.put_pairs(builder, origins, **more)


def files_of(folder):
    """Name and content of all but the manifest and the lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in {MANIFEST, ".lock"}}


LISTED = [
    (
        lambda kit, writer: writer.put_mue(
            [kit.mue(B, 0, None, " two \n words\t"), kit.mue(A, 12, 3)], Setting.DME, Q3, []
        ),
        "mue-dme-2024q3-%s.tsv",
        b"code\tvalue\tmai\trationale\nW9901\t12\t3\town words\nW9902\t0\t\ttwo words\n",
    ),
    (
        lambda kit, writer: writer.put_addons(
            [
                kit.addon(B, A, 3, JULY, *(dt.date(2024, 8, day) for day in (1, 2, 3)), "own  note"),
                kit.addon("00000", None, 2, None),
            ],
            Q3,
            [],
        ),
        "addons-2024q3-%s.tsv",
        ADDONS + b"00000\t\t2\t\t\t\t\t\n" + ADDON,
    ),
    (
        lambda kit, writer: writer.put_pfs(
            [kit.pfs(A, "26", pctc="1"), kit.pfs(A)], "24C", JULY, [], qpp=True
        ),
        "pfs-24c-qpp-%s.tsv",
        FEES + FEE % (b"", 0) + FEE % (b"26", 1),
    ),
    (
        lambda kit, writer: writer.put_pfs([kit.pfs(A)], "24AR", JULY, []),
        "pfs-24ar-%s.tsv",
        FEES + FEE % (b"", 0),
    ),
]


@pytest.mark.parametrize(("put", "name", "content"), LISTED)
def test_a_listed_table(tmp_path, kit, writer, put, name, content):
    part = put(kit, writer)
    writer.commit()
    assert files_of(tmp_path) == {name % digest(content)[7:23]: content}
    assert (part.file, part.digest, part.rows) == (
        name % digest(content)[7:23],
        digest(content),
        content.count(b"\n") - 1,
    )


def test_marks_of_a_quarter(tmp_path, kit, writer):
    rows = [kit.says(A, B), kit.says(B, C)]
    part = pairs(kit, writer, Setting.HOSPITAL, Q3, rows, marks=[B, A])
    writer.commit()
    content = b"\x89PTM\r\n\x1a\n\x01" + A.encode() + MARK + B.encode() + MARK
    assert part.marks == f"ptp-hospital-2024q3-{digest(content)[7:23]}.marks"
    assert (tmp_path / part.marks).read_bytes() == content
    assert part.file == f"ptp-hospital-{part.digest[7:23]}.bin"  # alone, it is the whole table


def test_the_manifest(tmp_path, kit, writer, origin):
    twice = [kit.says(A, B, 0), kit.says(A, B, 1), kit.says(A, C), kit.says(B, C), kit.says(B, C)]
    older = pairs(kit, writer, "practitioner", Q2, [kit.says(A, B, 9)])
    newer = pairs(kit, writer, Setting.PRACTITIONER, Q3, twice, [origin], rejected=2)
    older = next(part for part in writer.parts if part.quarter == older.quarter)
    listed = [put(kit, writer) for put, _, _ in LISTED]
    last = writer.put_pfs([kit.pfs(A)], "24A", JULY, [origin], rejected=[C, "", B, C, "w9901"])
    told = writer.commit()
    held = files_of(tmp_path)
    source = {
        "name": "Änderung.csv",
        "archive": "own.zip",
        "digest": kit.no_digest,
        "rows": 4,
        "first": A + B,
        "last": A + C,
    }

    def said(part, **more):
        return {"digest": part.digest, "file": part.file, "origins": [], "quarter": "2024q3"} | more

    figures = {
        "contradictory": 1,
        "indicator 0": 1,
        "indicator 1": 3,
        "indicator 9": 0,
        "open": 4,
        "pairs": 3,
    }
    none = {"indicator 0": 0, "indicator 1": 0, "indicator 9": 1, "open": 0, "pairs": 1, "repeated": 0}
    ptp = {"table": "ptp", "setting": "practitioner"}
    fees = {"table": "pfs", "first_day": "2024-07-01"}
    mue, addons, qpp, revised = listed
    expected = {
        "what": "cptkit edit tables",
        "format": 1,
        "files": {name: {"digest": digest(data), "bytes": len(data)} for name, data in held.items()},
        "parts": [
            said(older, **ptp, quarter="2024q2", rows=1, counts=none, marks=older.marks),
            said(
                newer,
                **ptp,
                rows=4,
                counts=figures | {"repeated": 1, "rejected": 2},
                marks=newer.marks,
                origins=[source],
            ),
            said(mue, table="mue", setting="dme", rows=2),
            said(addons, table="addons", rows=2),
            said(
                last,
                **fees,
                release="24A",
                qpp=False,
                rows=1,
                origins=[source],
                counts={"rejected": 5},
                rejected=[B, C],
            ),
            said(revised, **fees, release="24AR", qpp=False, rows=1),
            said(qpp, **fees, release="24C", qpp=True, rows=2),
        ],
    }
    text = json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert (tmp_path / MANIFEST).read_text(encoding="utf-8") == text
    assert told == digest(text.encode())
    assert older.file == newer.file
    assert len(held) == 3 + 5


# ---- what the same rows change -------------------------------------------------------------------


def test_the_same_rows_out_of_another_file_change_nothing(kit, writer, origin):
    rows = [kit.says(A, B)]
    first = [pairs(kit, writer, Setting.DME, Q3, rows), writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [])]
    digest_before = writer.commit()
    again = [
        pairs(kit, writer, Setting.DME, Q3, rows, [origin]),
        writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [origin]),
    ]
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert (writer.commit(), writer.mended) == (digest_before, set())


@pytest.mark.parametrize("rejected", [[""], [B], ["", ""]])
def test_another_number_of_rejected_rows_is_another_part(kit, writer, rejected):
    def put(lost):
        return (
            writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [], rejected=lost),
            pairs(kit, writer, Setting.DME, Q3, [kit.says(A, B)], rejected=len(lost)),
        )

    put([])
    for part in put(rejected):
        assert part.counts["rejected"] == len(rejected)
    for part in put([]):
        assert "rejected" not in part.counts
    assert writer.mended == set()


def test_no_more_codes_of_rejected_rows_are_named_than_a_manifest_should_hold(kit, writer, monkeypatch):
    monkeypatch.setattr("cptkit.edits.store._MOST_REJECTED", 2)
    part = writer.put_addons([kit.addon(A, B)], Q3, [], rejected=[C, B, A, "00000"])
    assert (part.rejected, part.counts) == (("00000", A), {"rejected": 4})


def test_a_release_that_begins_on_another_day_is_another_part(kit, writer):
    days = [JULY, dt.date(2024, 7, 2)]
    parts = [writer.put_pfs([kit.pfs(A)], "24C", day, []) for day in days]
    assert [part.first_day for part in parts] == days
    assert writer.parts == (parts[1],)


def test_only_the_part_that_is_named_is_taken_out(kit, writer):
    """Its neighbours have the same setting, or the same quarter, or both."""
    for quarter in (Q2, Q3):
        pairs(kit, writer, Setting.DME, quarter, [kit.says(A, B)])
        writer.put_mue([kit.mue(A, 1)], Setting.DME, quarter, [])
    writer.put_mue([kit.mue(A, 1)], Setting.HOSPITAL, Q3, [])
    writer.drop("mue dme 2024q3")
    writer.drop("ptp dme 2024q2")
    writer.commit()
    assert [part.name for part in writer.parts] == ["ptp dme 2024q3", "mue dme 2024q2", "mue hospital 2024q3"]
    assert verify(writer.folder) == ()


def test_what_was_put_and_taken_back_is_not_written(tmp_path, kit, writer):
    pairs(kit, writer, Setting.DME, Q3, [kit.says(A, B)])
    digest_before = writer.commit()
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    for row in (kit.says(A, C), kit.says(A, B)):
        pairs(kit, writer, Setting.DME, Q3, [row])
    assert writer.commit() == digest_before
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_damaged_file_of_another_part_is_left_as_it_is(tmp_path, kit, writer):
    limits = writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [])
    writer.commit()
    (tmp_path / limits.file).write_bytes(b"x")
    part = writer.put_addons([kit.addon(A, B)], Q3, [])
    writer.commit()
    assert set(files_of(tmp_path)) == {limits.file, part.file}
    assert (tmp_path / limits.file).read_bytes() == b"x"


def test_parts_whose_damaged_files_were_written_again_are_named(tmp_path, kit):
    def put():
        with Writer(tmp_path) as writer:
            for setting in (Setting.DME, Setting.HOSPITAL):
                pairs(kit, writer, setting, Q3, [kit.says(A, B)])
            writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [])
            return writer.commit(), writer.mended

    whole = put()
    assert put() == whole == (whole[0], set())
    before = files_of(tmp_path)
    for name in before:
        if not name.endswith(".marks"):
            (tmp_path / name).unlink()
    assert put() == (whole[0], {"ptp dme 2024q3", "ptp hospital 2024q3", "mue dme 2024q3"})
    assert files_of(tmp_path) == before


def test_a_file_that_cannot_be_opened_is_told_as_what_it_is(tmp_path, kit, writer, monkeypatch):
    real = Path.open

    def refused(path, *arguments, **more):
        if path.name.startswith(".new-"):
            raise PermissionError(13, "permission denied")
        return real(path, *arguments, **more)

    writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [])
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PermissionError):
        writer.commit()
    assert files_of(tmp_path) == {}


def test_a_part_stands_among_others_by_table_setting_quarter_release_and_kind(kit):
    def part(table, setting=None, quarter=Q3, release=None, qpp=False):
        return Part(table, setting, quarter, "", kit.no_digest, 0, release=release, qpp=qpp)

    rising = [
        part("ptp", Setting.HOSPITAL, Q2),
        part("ptp", Setting.HOSPITAL),
        part("ptp", Setting.PRACTITIONER, Q2),
        part("mue", Setting.DME),
        part("addons"),
        part("pfs", release="24D", quarter=Q2),
        part("pfs", release="24C"),
        part("pfs", release="24C", qpp=True),
        part("pfs", release="24CR"),
    ]
    turned = rising[::-1]
    assert sorted(turned, key=lambda part: part.order) == rising


@pytest.mark.skipif(not OPEN.is_dir(), reason="the system does not list open files")
def test_everything_is_on_the_disk_before_the_manifest_names_it(tmp_path, kit, writer, monkeypatch):
    """The file, the folder that names it, the manifest, and the folder again."""
    synced = []
    part = writer.put_mue([kit.mue(A, 1)], Setting.DME, Q3, [])
    monkeypatch.setattr("os.fsync", lambda handle: synced.append((OPEN / str(handle)).readlink().name))
    writer.commit()
    assert synced == [f".new-{part.file}", tmp_path.name, f".new-{MANIFEST}", tmp_path.name]
