"""What editions have in common stands once, in `shared` beside them, and is read and verified like the rest."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

import cptkit
from cptkit.cli import main
from cptkit.codesets import Codeset, bundled_editions
from cptkit.codesets.build.own import build_edition
from cptkit.codesets.build.verify import verify_folder
from cptkit.codesets.files import MANIFEST, digest_of, read_edition, shared_name, shared_parts
from cptkit.codesets.wheel import write_wheel
from cptkit.errors import BrokenEdition, BrokenTables, DigestMismatch, UnknownEdition

DATA = Path(cptkit.__file__).parent / "data"
PARTS = ("denials.tsv", "timerules.json")


@pytest.fixture
def apart(small_folder, compiled, tmp_path) -> Path:
    """The small edition with two of its files in `shared`."""
    folder, shared = tmp_path / "home" / "2026.1", tmp_path / "home" / "shared"
    shutil.copytree(small_folder, folder)
    shared.mkdir()
    for name in PARTS:
        (folder / name).rename(shared / shared_name(name, digest_of(compiled[name])))
    return folder


@pytest.fixture
def denials(apart, compiled) -> Path:
    """Where the denials of the small edition stand."""
    return apart.parent / "shared" / shared_name("denials.tsv", digest_of(compiled["denials.tsv"]))


def problems(folder):
    return [str(problem) for problem in verify_folder(folder).problems]


# ---- reading -------------------------------------------------------------------------------


def test_an_edition_is_the_same_wherever_its_files_stand(apart, small_folder, small):
    assert sorted(path.name for path in apart.iterdir() if path.name in PARTS) == []
    assert read_edition(apart) == read_edition(small_folder)
    assert Codeset.from_folder(str(apart), digest=small.digest) == small
    assert problems(apart) == problems(small_folder)


def test_a_file_of_the_editions_own_folder_comes_first(apart, denials, compiled, small):
    (apart / "denials.tsv").write_bytes(compiled["denials.tsv"])
    denials.write_bytes(b"changed")
    assert Codeset.from_folder(apart) == small
    (apart / "denials.tsv").write_bytes(b"changed")
    denials.write_bytes(compiled["denials.tsv"])
    with pytest.raises(DigestMismatch) as caught:
        Codeset.from_folder(apart)
    assert caught.value.where == str(apart)


def test_a_shared_file_that_was_changed_is_refused_and_named(apart, denials, compiled):
    denials.write_bytes(compiled["denials.tsv"] + b"\n")
    with pytest.raises(DigestMismatch, match=r"denials\.tsv was changed: its digest is sha256:") as caught:
        Codeset.from_folder(apart)
    assert caught.value.given == digest_of(denials.read_bytes())
    assert caught.value.expected == digest_of(compiled["denials.tsv"])
    assert caught.value.where == f"{apart}/../shared/{denials.name}"
    (told, *_) = problems(apart)
    assert told.startswith(f"../shared/{denials.name}: was changed: its digest is sha256:")


@pytest.mark.parametrize("gone", ["the file", "the folder"])
def test_a_file_in_neither_place_is_told_as_one_that_is_missing(apart, denials, gone):
    if gone == "the file":
        denials.unlink()
    else:
        shutil.rmtree(denials.parent)
    with pytest.raises(
        BrokenEdition, match=r"the edition has no readable denials\.tsv: No such file"
    ) as caught:
        Codeset.from_folder(apart)
    assert (caught.value.given, caught.value.where) == ("denials.tsv", str(apart))
    assert "denials.tsv: cannot be read: No such file or directory" in problems(apart)


def test_a_shared_file_that_cannot_be_read_is_told(apart, denials):
    denials.unlink()
    denials.mkdir()
    with pytest.raises(BrokenEdition, match=r"the edition has no readable denials\.tsv: (?!No such)"):
        Codeset.from_folder(apart)


def test_a_file_that_is_there_and_cannot_be_read_is_not_looked_for_elsewhere(apart):
    (apart / "denials.tsv").mkdir()
    with pytest.raises(BrokenEdition, match=r"the edition has no readable denials\.tsv"):
        Codeset.from_folder(apart)


def test_the_manifest_is_never_shared(apart):
    manifest = apart / MANIFEST
    manifest.rename(apart.parent / "shared" / shared_name(MANIFEST, digest_of(manifest.read_bytes())))
    with pytest.raises(BrokenEdition, match=r"no readable manifest\.json"):
        Codeset.from_folder(apart)
    assert problems(apart) == ["manifest.json: cannot be read: No such file or directory"]


@pytest.mark.parametrize("digest", ["sha256:x", "sha256:/../../secret", "x" * 71, "sha256:" + "A" * 64])
def test_what_is_no_digest_names_no_shared_file(apart, denials, digest):
    """A manifest is not trusted with paths."""
    (denials.parent / "denials-").mkdir()
    for path in (denials.parent / shared_name("denials.tsv", digest), apart.parent / "secret.tsv"):
        path.write_bytes(b"secret")
    manifest = json.loads((apart / MANIFEST).read_bytes())
    manifest["files"]["denials.tsv"]["digest"] = digest
    (apart / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BrokenEdition, match=r"no readable denials\.tsv"):
        Codeset.from_folder(apart)
    assert "denials.tsv: cannot be read: No such file or directory" in problems(apart)
    assert set(shared_parts(apart)) == {"timerules.json"}


def test_in_the_folder_itself_and_through_a_link(apart, small, monkeypatch, tmp_path):
    monkeypatch.chdir(apart)
    assert Codeset.from_folder(".") == Codeset.from_folder(Path("../2026.1")) == small
    link = tmp_path / "link"
    try:
        link.symlink_to(apart, target_is_directory=True)
    except OSError:
        pytest.skip("no links on this system")
    assert Codeset.from_folder(link) == small


def test_in_a_zip_file(apart, denials, small):
    archive = shutil.make_archive(str(apart.parent.parent / "zipped"), "zip", apart.parent)
    with zipfile.ZipFile(archive) as opened:
        assert Codeset.from_folder(zipfile.Path(opened, "2026.1/")) == small
    denials.unlink()
    archive = shutil.make_archive(str(apart.parent.parent / "zipped"), "zip", apart.parent)
    with (
        zipfile.ZipFile(archive) as opened,
        pytest.raises(BrokenEdition, match=r"no readable denials\.tsv: .*2026\.1/denials\.tsv"),
    ):
        Codeset.from_folder(zipfile.Path(opened, "2026.1/"))


# ---- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("codes.tsv", "codes-0123456789abcdef.tsv"),
        ("code.history.tsv", "code.history-0123456789abcdef.tsv"),
        ("codes", "codes-0123456789abcdef"),
    ],
)
def test_the_name_of_a_shared_file(name, stored):
    assert shared_name(name, "sha256:0123456789abcdef" + "9" * 48) == stored


@pytest.mark.parametrize("text", ["{", "[]", '{"files": []}', '{"files": {"a.tsv": 3}}', "[" * 100_000])
def test_a_manifest_that_is_none_names_nothing(tmp_path, text):
    assert shared_parts(tmp_path) == {}
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    assert shared_parts(tmp_path) == {}


# ---- the bundled editions ------------------------------------------------------------------


def test_the_shared_folder_is_no_edition():
    assert (DATA / "shared").is_dir()
    assert "shared" not in bundled_editions()
    with pytest.raises(UnknownEdition):
        cptkit.codeset("shared")


def test_every_file_of_the_bundled_editions_stands_once():
    paths = [path for path in DATA.rglob("*") if path.is_file()]
    assert len({path.read_bytes() for path in paths}) == len(paths)
    wanted = [
        shared_name(name, entry["digest"])
        for edition in bundled_editions()
        for name, entry in json.loads((DATA / edition / MANIFEST).read_bytes())["files"].items()
    ]
    for path in (DATA / "shared").iterdir():
        assert wanted.count(path.name) > 1
        assert digest_of(path.read_bytes()).removeprefix("sha256:")[:16] in path.name


@pytest.mark.parametrize("edition", bundled_editions())
def test_where_files_stand_changes_no_digest(edition, whole, tmp_path):
    for name, data in whole(DATA / edition).items():
        (tmp_path / name).write_bytes(data)
    assert Codeset.from_folder(tmp_path).digest == cptkit.codeset(edition).digest


def test_a_wheel_of_bundled_editions_is_whole(tmp_path, whole):
    with zipfile.ZipFile(write_wheel(DATA, tmp_path, name="all-cpt")) as wheel:
        wheel.extractall(tmp_path / "site")
    home = tmp_path / "site" / "all_cpt"
    assert {path.name for path in home.iterdir()} == {"__init__.py", *bundled_editions()}
    for edition in bundled_editions():
        found = {path.name: path.read_bytes() for path in (home / edition).iterdir()}
        assert found == whole(DATA / edition)


def test_a_tampered_shared_file_is_no_part_of_a_wheel(apart, denials, tmp_path):
    denials.write_bytes(b"")
    with pytest.raises(BrokenEdition, match=rf"2026\.1/\.\./shared/{denials.name}: was changed"):
        write_wheel(apart, tmp_path, name="acme-cpt")


def test_the_command_verifies_a_folder_and_what_it_shares(apart, denials, capsys):
    denials.write_bytes(b"")
    assert main(["edition", "verify", str(apart)]) == 1
    assert f"../shared/{denials.name}: was changed" in capsys.readouterr().out


# ---- as tables of one's own ----------------------------------------------------------------


def test_tables_that_a_manifest_names_are_taken_from_where_they_stand(apart, small_folder):
    assert set(shared_parts(apart)) == set(PARTS)
    made = build_edition(apart, "2026.1+own")
    assert made == build_edition(small_folder, "2026.1+own")
    assert made.files["denials.tsv"].count(b"\n") > 1


def test_a_table_that_a_manifest_names_is_not_taken_for_an_empty_one(apart, denials):
    denials.unlink()
    with pytest.raises(BrokenTables) as caught:
        build_edition(apart, "2026.1+own")
    assert "denials.tsv: manifest.json names it, and it is neither here nor in ../shared" in str(caught.value)
    (apart / MANIFEST).unlink()
    with pytest.raises(BrokenTables) as caught:
        build_edition(apart, "2026.1+own")
    assert "manifest.json names it" not in str(caught.value)


def test_a_shared_table_that_cannot_be_read_is_told_by_its_name(apart, denials, monkeypatch):
    def forbidden(path):
        if path.name == denials.name:
            raise PermissionError(13, "Permission denied")
        return plainly(path)

    plainly = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(BrokenTables, match=r"\n  denials\.tsv: cannot be read: Permission denied"):
        build_edition(apart, "2026.1+own")
