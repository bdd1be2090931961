"""One digest pins every byte: right ones are accepted, wrong ones are refused with both named."""

import hashlib
import json
import shutil
import zipfile
from importlib import resources
from pathlib import Path

import pytest

import cptkit
from cptkit.codesets import Codeset, bundled_editions
from cptkit.codesets.files import FORMAT, MANIFEST, digest_of, read_edition, rows_of
from cptkit.errors import BrokenEdition, DigestMismatch

WRONG = "sha256:" + "0" * 64
FILES = [
    "addons.tsv",
    "code-history.tsv",
    "codes.tsv",
    "conventions.tsv",
    "denials.tsv",
    "exclusions.tsv",
    "modifier-history.tsv",
    "modifier-sets.tsv",
    "modifiers.tsv",
    "revisions.tsv",
    "sections.tsv",
    "sources.tsv",
    "timerules.json",
]


@pytest.fixture
def copied(small_folder, tmp_path) -> Path:
    """A copy of the small edition to damage."""
    return Path(shutil.copytree(small_folder, tmp_path / "copied"))


def sha(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def changed_by_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle] = ord("x") if data[middle] != ord("x") else ord("y")
    path.write_bytes(bytes(data))


def test_the_digest_of_an_edition_is_that_of_its_manifest(small, small_folder):
    assert small.digest == sha((small_folder / MANIFEST).read_bytes())
    assert digest_of(b"") == sha(b"")


def test_the_manifest_names_every_other_file_with_its_digest(small_folder):
    manifest = json.loads((small_folder / MANIFEST).read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == FILES
    assert sorted(path.name for path in small_folder.iterdir()) == sorted([*FILES, MANIFEST])
    for name, entry in manifest["files"].items():
        data = (small_folder / name).read_bytes()
        assert entry["digest"] == sha(data)
        if name.endswith(".tsv"):
            assert entry["rows"] == data.count(b"\n") - 1
    assert manifest["format"] == FORMAT == 1


def test_the_right_digest_is_accepted(small, small_folder):
    assert Codeset.from_folder(small_folder, digest=small.digest) == small


@pytest.mark.parametrize("edition", bundled_editions())
def test_the_right_digest_of_a_bundled_edition_is_accepted(edition):
    manifest = resources.files("cptkit").joinpath("data", edition, MANIFEST).read_bytes()
    assert cptkit.codeset(edition, digest=sha(manifest)).digest == sha(manifest)


@pytest.mark.parametrize("wrong", [WRONG, "", "sha256:"])
def test_a_wrong_digest_is_refused_with_both_digests(small, small_folder, wrong):
    with pytest.raises(DigestMismatch) as caught:
        Codeset.from_folder(small_folder, digest=wrong)
    assert repr(wrong) in str(caught.value)
    assert small.digest in str(caught.value)
    assert (caught.value.given, caught.value.expected) == (wrong, small.digest)
    assert caught.value.where == str(small_folder)
    assert f"the edition has the digest {small.digest}, not the one pinned" in str(caught.value)


def test_a_folder_may_be_given_as_text(small, small_folder):
    assert Codeset.from_folder(str(small_folder), digest=small.digest) == small


def test_a_wrong_digest_of_a_bundled_edition_is_refused_with_both_digests():
    found = cptkit.codeset("2026.1").digest
    with pytest.raises(DigestMismatch) as caught:
        cptkit.codeset("2026.1", digest=WRONG)
    assert f"edition 2026.1 has the digest {found}, not the one pinned: '{WRONG}'" in str(caught.value)
    assert "see the version it was pinned with: a draft changes under one number" in str(caught.value)
    assert (caught.value.given, caught.value.expected) == (WRONG, found)


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_refused_with_both_digests(copied, name):
    before = sha((copied / name).read_bytes())
    changed_by_a_byte(copied / name)
    after = sha((copied / name).read_bytes())
    with pytest.raises(DigestMismatch) as caught:
        Codeset.from_folder(copied)
    message = str(caught.value)
    assert before in message
    assert after in message
    assert f"{name} was changed" in message
    assert before != after


def test_one_changed_byte_of_the_manifest_is_refused_where_the_edition_is_pinned(copied, small):
    changed_by_a_byte(copied / MANIFEST)
    with pytest.raises(DigestMismatch) as caught:
        Codeset.from_folder(copied, digest=small.digest)
    assert small.digest in str(caught.value)
    assert sha((copied / MANIFEST).read_bytes()) in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_byte_at_the_end_is_refused_too(copied, name):
    with (copied / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DigestMismatch, match=name):
        Codeset.from_folder(copied)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file(copied, name):
    (copied / name).unlink()
    with pytest.raises(BrokenEdition, match=f"the edition has no readable {name}") as caught:
        Codeset.from_folder(copied)
    assert caught.value.given == name
    assert caught.value.where == str(copied)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(BrokenEdition, match=MANIFEST):
        Codeset.from_folder(tmp_path / "nowhere")


def test_an_edition_in_a_zip_file(copied, small):
    """An installed package may be a zip; a missing file is told there too."""
    archive = shutil.make_archive(str(copied.parent / "zipped"), "zip", copied)
    with zipfile.ZipFile(archive) as opened:
        assert Codeset.from_folder(zipfile.Path(opened)) == small
    (copied / "codes.tsv").unlink()
    archive = shutil.make_archive(str(copied.parent / "zipped"), "zip", copied)
    with (
        zipfile.ZipFile(archive) as opened,
        pytest.raises(BrokenEdition, match=r"the edition has no readable codes\.tsv"),
    ):
        Codeset.from_folder(zipfile.Path(opened))


# ---- manifests -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [FORMAT + 1, 0, "1", None])
def test_another_format_is_refused(compiled, copied, number):
    manifest = json.loads(compiled[MANIFEST]) | {"format": number}
    (copied / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BrokenEdition, match="the edition has another format") as caught:
        Codeset.from_folder(copied)
    assert caught.value.given == number
    assert "format 1; a newer cptkit reads newer formats" in str(caught.value)


def test_a_newer_format_is_named_whatever_else_it_changed(copied):
    (copied / MANIFEST).write_text('{"format": 2, "tables": []}', encoding="utf-8")
    with pytest.raises(BrokenEdition, match="the edition has another format: 2"):
        Codeset.from_folder(copied)


@pytest.mark.parametrize("text", ["{", "", "[]", "3", '"manifest"', "null", "{}", '{"format": 1}'])
def test_a_manifest_that_is_none(copied, text):
    (copied / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(BrokenEdition, match=r"manifest\.json is not an edition's manifest"):
        Codeset.from_folder(copied)


def test_a_manifest_that_is_not_utf8(copied):
    (copied / MANIFEST).write_bytes(b'{"format": 1, "edition": "\xff"}')
    with pytest.raises(BrokenEdition, match=r"manifest\.json is not an edition's manifest"):
        Codeset.from_folder(copied)


@pytest.mark.parametrize("changes", [{"edition": 2026.1}, {"files": ["codes.tsv"]}])
def test_a_manifest_without_its_edition_or_files(write_edition, changes):
    with pytest.raises(BrokenEdition, match=r"manifest\.json"):
        read_edition(write_edition(manifest=changes))


@pytest.mark.parametrize("entry", [{}, "sha256:", None, {"digest": None}])
def test_a_manifest_with_a_file_without_a_digest(write_edition, entry):
    with pytest.raises((BrokenEdition, DigestMismatch)):
        read_edition(write_edition(manifest={"files": {"codes.tsv": entry}}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("year", None),
        ("first_day", None),
        ("last_day", "2026-02-30"),
        ("first_day", 2026),
        ("modifiers_complete_on", ""),
        ("modifiers_complete_on", None),
    ],
)
def test_an_incomplete_manifest(write_edition, key, value):
    with pytest.raises(BrokenEdition, match="is not an edition's manifest"):
        Codeset.from_folder(write_edition(manifest={key: value}))


def test_a_table_that_is_not_utf8(write_edition):
    with pytest.raises(BrokenEdition, match=r"codes\.tsv"):
        read_edition(write_edition({"codes.tsv": b"code\tlabel\n90834\t\xff\n"}))


# ---- tables --------------------------------------------------------------------------------


def test_rows_of_a_table():
    rows = list(rows_of({"t.tsv": "code\tlabel\n90834\tsession\n90837\t\n"}, "t.tsv"))
    assert rows == [{"code": "90834", "label": "session"}, {"code": "90837", "label": ""}]
    assert list(rows_of({"t.tsv": "code\tlabel\n"}, "t.tsv")) == []


@pytest.mark.parametrize(("line", "fields"), [("90837", 1), ("90837\ta\tb", 3), ("", 1)])
def test_a_wrong_number_of_fields_names_the_line(line, fields):
    with pytest.raises(
        BrokenEdition, match=rf"t\.tsv line 3 has {fields} fields; expected 2 fields, as the header"
    ):
        list(rows_of({"t.tsv": f"code\tlabel\n90834\tsession\n{line}\n"}, "t.tsv"))


def with_manifest(folder, **changes):
    """Change the manifest, and say what pins it: only its digest would tell, and that is not asked."""
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"../secret": {"digest": "sha256:"}}},
        {"files": {"/etc/hostname": {"digest": "sha256:"}}},
        {"files": {"a\0b": {"digest": "sha256:"}}},
        {"last_day": "2099-12-31"},
        {"last_day": "2026-W53-4"},
        {"year": "2026"},
        {"edition": "../../x"},
        {"edition": "2026.01"},
    ],
    ids=["a folder up", "an absolute path", "a NUL", "too late a day", "a week", "text", "a path", "a zero"],
)
def test_a_manifest_is_not_trusted_with_names_and_days(copied, changes):
    with_manifest(copied, **changes)
    with pytest.raises(BrokenEdition, match="is not an edition's manifest"):
        Codeset.from_folder(copied)


@pytest.mark.parametrize("number", [True, 1.0, "1", None])
def test_a_format_is_a_whole_number(copied, number):
    with_manifest(copied, format=number)
    with pytest.raises(BrokenEdition, match="another format"):
        Codeset.from_folder(copied)


def test_a_manifest_that_nests_without_end(copied):
    (copied / MANIFEST).write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(BrokenEdition, match="is not an edition's manifest"):
        Codeset.from_folder(copied)
