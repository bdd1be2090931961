"""Files as they were downloaded: what is opened, and what is refused in which words."""

import io
import os
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import CptkitError, UnreadableFile
from cptkit.importers import archives, digest_of, members
from cptkit.importers.signatures import looks_like

ROWS = b"Place of Service Code(s),Place of Service Name\r\n97,own words\r\n"


def zip_bytes(contents, method=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return data.getvalue()


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        list(members(path))
    return str(caught.value)


def test_a_plain_file_is_one_member(write):
    member = write("places.csv", ROWS)
    assert (member.name, member.archive, member.size, member.shown) == (
        "places.csv",
        None,
        len(ROWS),
        "places.csv",
    )
    with member.open() as stream:
        assert stream.read() == ROWS
    with member.open() as stream:
        assert stream.readline() == ROWS.splitlines(keepends=True)[0]


def test_a_zip_gives_its_files_in_its_order(zipped):
    path = zipped(
        "july.zip",
        {"b/two.csv": ROWS, "a/": "", "one.txt": b"1", "__MACOSX/one.txt": b"x", ".DS_Store": b"x"},
    )
    found = list(members(path))
    assert [(member.name, member.archive, member.size) for member in found] == [
        ("b/two.csv", "july.zip", len(ROWS)),
        ("one.txt", "july.zip", 1),
    ]
    assert found[0].shown == "july.zip: b/two.csv"
    with found[0].open() as stream:
        assert stream.read() == ROWS
    assert found[1].head() == b"1"


def test_a_member_outlives_the_walk(zipped):
    path = zipped("july.zip", {"one.csv": ROWS, "two.csv": ROWS})
    first = next(members(path))
    assert first.head() == ROWS


@pytest.mark.parametrize("name", ["download.zip", "download.csv", "download.xlsx", "download"])
@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            b"<!DOCTYPE html><html><title>License for Use of CPT</title>",
            "a web page that asks for the licence",
        ),
        (
            b"\xef\xbb\xbf\r\n  <html lang='en'><body>AMA agreement</body>",
            "a web page that asks for the licence",
        ),
        (
            b"<HTML><head><script>location='/license/ama?file=x'</script>",
            "a web page that asks for the licence",
        ),
        (b"<html><body>404 not found", "looks like a web page"),
    ],
)
def test_a_web_page_in_place_of_the_download(tmp_path, name, page, words):
    path = tmp_path / name
    path.write_bytes(page)
    said = refusal(path)
    assert words in said
    assert "open the address in a browser, accept the terms" in said
    assert name in said


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b" \r\n\t\n", "blank"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x1f\x8b\x08rest", "a gzip file"),
        (b"7z\xbc\xaf\x27\x1crest", "a 7-Zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "an Excel workbook of before 2007, or one with a password"),
        ("code\tcode".encode("utf-16"), "text in UTF-16"),
        (b"a,b\n\0\0\0", "binary data"),
        (b'{"code": 1}', "JSON"),
        (b"<?xml version='1.0'?><a/>", "an XML document"),
        (b"PK\x05\x06" + b"\0" * 18, "a zip archive with nothing in it"),
    ],
)
def test_files_that_are_no_tables(tmp_path, data, words):
    path = tmp_path / "table.txt"
    path.write_bytes(data)
    assert words in refusal(path)


def test_paths_that_are_no_files(tmp_path):
    assert "No such file" in refusal(tmp_path / "nowhere.zip")
    assert "a folder: name the files in it" in refusal(tmp_path)
    assert "no name of a file" in refusal("a\0b")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "not a regular file" in refusal(pipe)


@pytest.mark.parametrize("keep", [10, 60, 200, -1, -10, -21])
def test_a_zip_that_is_cut_short(tmp_path, keep):
    data = zip_bytes([("one.csv", os.urandom(300)), ("two.csv", ROWS)])
    path = tmp_path / "july.zip"
    path.write_bytes(data[:keep])
    assert "cut short or damaged" in refusal(path)


def test_a_damaged_byte_is_found_while_reading(tmp_path):
    data = bytearray(zip_bytes([("one.csv", os.urandom(5000))]))
    data[1000] ^= 0xFF
    path = tmp_path / "july.zip"
    path.write_bytes(bytes(data))
    (member,) = members(path)
    with member.open() as stream, pytest.raises(UnreadableFile, match=r"july\.zip: one\.csv") as caught:
        stream.read()
    assert "cut short or damaged: download it again" in str(caught.value)


def test_a_zip_bomb_by_its_ratio(tmp_path):
    path = tmp_path / "bomb.zip"
    path.write_bytes(zip_bytes([("one.csv", b"0" * (archives.RATIO_FROM + 1))]))
    said = refusal(path)
    assert "it looks like a zip bomb" in said
    assert f"at most {archives.MOST_MEMBER_BYTES:,} bytes and 200 to 1" in said


def test_blanks_pack_well_in_a_short_file(tmp_path):
    path = tmp_path / "blanks.zip"
    path.write_bytes(zip_bytes([("one.csv", b" " * 1_000_000)]))
    assert len(list(members(path))) == 1


def forged(data: bytes, size: int) -> bytes:
    """The archive with another unpacked size in its directory."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


@pytest.mark.parametrize("size", [archives.MOST_MEMBER_BYTES + 1, 2**32 - 2])
def test_a_zip_bomb_by_its_size(tmp_path, size):
    path = tmp_path / "bomb.zip"
    path.write_bytes(forged(zip_bytes([("one.csv", b"1")]), size))
    assert "it looks like a zip bomb" in refusal(path)


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path):
    path = tmp_path / "bomb.zip"
    path.write_bytes(forged(zip_bytes([("one.csv", b"0" * 50_000_000)]), 100))
    (member,) = members(path)
    with member.open() as stream, pytest.raises(UnreadableFile, match="cut short or damaged"):
        stream.read()  # the first 100 bytes are read, and are not what they were


def test_too_many_members_and_too_much_together(tmp_path, monkeypatch):
    path = tmp_path / "many.zip"
    path.write_bytes(zip_bytes([(f"{at}.csv", b"1") for at in range(archives.MOST_ENTRIES + 1)]))
    assert "1,001 members" in refusal(path)
    path.write_bytes(zip_bytes([("one.csv", b"1" * 60), ("two.csv", b"1" * 60)]))
    assert len(list(members(path))) == 2
    monkeypatch.setattr(archives, "MOST_BYTES", 100)
    with path.open("rb") as stream, pytest.raises(UnreadableFile, match="120 bytes unpacked"):
        archives.checked_entries(stream, "many.zip", most_bytes=100)


def test_an_encrypted_member(tmp_path):
    data = bytearray(zip_bytes([("one.csv", b"1" * 50)], zipfile.ZIP_STORED))
    data[6] |= 1  # the flag of the member itself
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(data))
    assert "encrypted: unpack it with its password first: 'one.csv'" in refusal(path)


def test_a_member_packed_by_another_method(tmp_path):
    path = tmp_path / "other.zip"
    path.write_bytes(zip_bytes([("one.csv", b"1" * 50)], zipfile.ZIP_BZIP2))
    assert "packed by a method that CMS does not use" in refusal(path)


@pytest.mark.parametrize(
    "name",
    [
        "../one.csv",
        "a/../../one.csv",
        "/etc/one.csv",
        "C:/one.csv",
        "c:\\one.csv",
        "..\\one.csv",
        "\\\\server\\one.csv",
        "a\x1b[31m.csv",
        "a\u202ecsv.exe",
        "n" * 301,
    ],
)
def test_names_that_point_elsewhere_or_cannot_be_shown(tmp_path, name):
    path = tmp_path / "names.zip"
    path.write_bytes(zip_bytes([("good.csv", ROWS), (name, ROWS)]))
    said = refusal(path)
    assert "name" in said
    assert "\x1b" not in said


def test_two_members_of_one_name(tmp_path):
    path = tmp_path / "twice.zip"
    with pytest.warns(UserWarning, match="Duplicate"):
        path.write_bytes(zip_bytes([("one.csv", ROWS), ("one.csv", b"other")]))
    assert "two members of one name" in refusal(path)


def test_a_link_is_no_member(tmp_path):
    info = zipfile.ZipInfo("one.csv")
    info.external_attr = 0o120777 << 16
    path = tmp_path / "link.zip"
    path.write_bytes(zip_bytes([(info, b"/etc/passwd")]))
    assert "a link to another file" in refusal(path)


def test_an_archive_of_folders_only(tmp_path):
    path = tmp_path / "folders.zip"
    path.write_bytes(zip_bytes([("a/", b"")]))
    assert "nothing in it" in refusal(path)


def test_nothing_is_written(tmp_path, zipped):
    path = zipped("july.zip", {"one.csv": ROWS})
    before = sorted(tmp_path.rglob("*"))
    for member in members(path):
        member.head()
    assert sorted(tmp_path.rglob("*")) == before


def test_the_digest_is_that_of_the_file_as_downloaded(write):
    member = write("empty.csv", b"abc")
    assert digest_of(member.path) == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.binary(max_size=200))
def test_what_it_looks_like_is_told_for_any_bytes(head):
    assert looks_like(head) is None or isinstance(looks_like(head), str)


@given(
    data=st.binary(max_size=300),
    at=st.integers(0, 400),
    kind=st.sampled_from(["insert", "cut", "replace"]),
)
def test_any_damage_to_a_zip_is_an_error_of_ours(tmp_path_factory, data, at, kind):
    whole = zip_bytes([("one.csv", ROWS), ("b/two.csv", b"x" * 200)])
    at %= len(whole)
    damaged = {
        "insert": whole[:at] + data + whole[at:],
        "cut": whole[:at],
        "replace": whole[:at] + data + whole[at + len(data) :],
    }[kind]
    path = tmp_path_factory.mktemp("damaged") / "july.zip"
    path.write_bytes(damaged)
    try:
        for member in members(path):
            with member.open() as stream:
                assert len(stream.read(10_000)) <= 10_000
    except CptkitError:
        pass
