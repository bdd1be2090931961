"""`python -m cptkit.codesets.build`: what editions have in common is written once, and compared too."""

import shutil

import pytest

from cptkit.codesets.build import __main__ as command
from cptkit.codesets.build.layout import laid_out
from cptkit.codesets.files import MANIFEST, digest_of, shared_name


def names(folder):
    return {path.name for path in folder.iterdir()}


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def change(facts, where, old, new):
    path = facts / where
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def shared_file(data, table="denials"):
    (path,) = (data / "shared").glob(f"{table}-*")
    return path


def release(lock):
    lock.write_text(lock.read_text(encoding="utf-8").replace(" draft\n", " released\n"), encoding="utf-8")


# ---- the layout ----------------------------------------------------------------------------


def test_only_what_two_editions_have_under_one_name_is_shared():
    one, other = {"a": b"1", "b": b"2", MANIFEST: b"m"}, {"b": b"1", "a": b"1", MANIFEST: b"m"}
    assert laid_out({"2025.1": one, "2026.1": other}) == {
        "2025.1": {"b": b"2", MANIFEST: b"m"},
        "2026.1": {"b": b"1", MANIFEST: b"m"},
        "shared": {shared_name("a", digest_of(b"1")): b"1"},
    }
    assert laid_out({"2025.1": one}) == {"2025.1": one}
    assert laid_out({}) == {}


def test_what_is_written_is_the_layout(build, data, compiled, whole):
    assert build() == 0
    common = {name for name, part in compiled.items() if whole(data / "2025.1")[name] == part}
    assert {"denials.tsv", "modifiers.tsv"} <= common
    assert names(data / "shared") == {shared_name(name, digest_of(compiled[name])) for name in common}
    assert names(data / "2026.1") == set(compiled) - common
    assert whole(data / "2026.1") == dict(compiled)
    assert shared_file(data).read_bytes() == compiled["denials.tsv"]


# ---- comparing -----------------------------------------------------------------------------


def test_a_stale_a_missing_and_a_superfluous_shared_file(build, data, capsys):
    build()
    before = contents(data)
    stale, missing = shared_file(data), shared_file(data, "modifiers")
    stale.write_bytes(stale.read_bytes() + b"\n")
    missing.unlink()
    (data / "shared" / "denials-0000000000000000.tsv").write_bytes(b"")
    (data / "shared" / "more").mkdir()
    capsys.readouterr()
    assert build("--check") == 1
    assert capsys.readouterr().err.splitlines() == [
        f"shared/{name} is not what the facts say"
        for name in sorted({"denials-0000000000000000.tsv", stale.name, missing.name, "more"})
    ]
    assert build() == 0
    assert contents(data) == before
    assert build("--check") == 0
    assert not (data / "shared" / "more").exists()


def test_a_shared_file_in_a_folder_of_its_own_is_one_too_many(build, data, capsys):
    build()
    shutil.copy(shared_file(data), data / "2026.1" / "denials.tsv")
    assert build("--check") == 1
    assert capsys.readouterr().err == "2026.1/denials.tsv is not what the facts say\n"


def test_without_the_folder_every_file_of_it_is_missing(build, data, capsys):
    build()
    wanted = names(data / "shared")
    shutil.rmtree(data / "shared")
    assert build("--check") == 1
    assert capsys.readouterr().err.count("shared/") == len(wanted)


# ---- writing -------------------------------------------------------------------------------


def test_what_is_no_longer_shared_goes(build, data, facts_copy):
    build()
    old = shared_file(data)
    change(facts_copy, "denials/small.toml", "checked = 2026", "checked = 2025")
    assert build() == 0
    assert not old.exists()
    assert shared_file(data).name != old.name
    assert build("--check") == 0


def test_one_edition_shares_nothing_and_leaves_no_folder(build, data, monkeypatch, capsys):
    build()
    monkeypatch.setattr(command, "EDITIONS", ((2026, 1),))
    shutil.rmtree(data / "2025.1")
    assert build("--check") == 1
    assert "shared has no facts behind it" in capsys.readouterr().err
    assert build() == 0
    assert names(data) == {"2026.1"}
    assert build("--check") == 0


def test_every_edition_is_whole_at_every_step_of_a_write(build, data, facts_copy, whole, monkeypatch):
    """A kill between two steps leaves each edition as it was or as it will be."""
    build()
    before = {name: whole(data / name) for name in ("2025.1", "2026.1")}
    seen = []

    def put(folder, files):
        plainly(folder, files)
        seen.append((folder.name, {name: whole(data / name) for name in before}))

    plainly = command.put_folder
    monkeypatch.setattr(command, "put_folder", put)
    change(facts_copy, "denials/small.toml", "checked = 2026", "checked = 2025")
    assert build() == 0
    after = {name: whole(data / name) for name in before}
    assert all(after[name] != before[name] for name in before)
    steps = [name for name, _ in seen]
    assert (steps[0], sorted(steps[1:-1]), steps[-1]) == ("shared", ["2025.1", "2026.1"], "shared")
    for _, editions in seen:
        assert all(files in (before[name], after[name]) for name, files in editions.items())


# ---- released editions ---------------------------------------------------------------------


@pytest.fixture
def corrected(build, data, lock, facts_copy, monkeypatch):
    """Released editions, corrected by a revision: their own bytes are no longer what the facts say."""
    build()
    release(lock)
    change(facts_copy, "codes/lives.toml", 'label = "add-on"', 'label = "more"')
    change(facts_copy, "denials/small.toml", "checked = 2026", "checked = 2025")
    monkeypatch.setattr(command, "EDITIONS", ((2025, 1), (2025, 2), (2026, 1), (2026, 2)))
    assert build() == 0
    return data


def test_released_editions_share_with_each_other_and_with_later_ones(build, corrected, lock):
    assert len(list((corrected / "shared").glob("denials-*"))) == 2
    assert not list(corrected.glob("20*/denials.tsv"))
    assert lock.read_text(encoding="utf-8").count(" released\n") == 2
    assert build("--check") == 0
    before = contents(corrected)
    assert build() == 0
    assert contents(corrected) == before


def test_a_file_of_a_released_edition_that_stands_in_two_places(build, corrected, compiled, capsys):
    (corrected / "2026.1" / "denials.tsv").write_bytes(compiled["denials.tsv"])
    assert build("--check") == 1
    assert capsys.readouterr().err == "2026.1/denials.tsv is not where it should stand\n"


def test_a_released_edition_that_lost_a_shared_file_is_told_and_nothing_is_written(
    build, corrected, lock, capsys
):
    shared_file(corrected, "sections").unlink()
    before = contents(corrected) | {"lock": lock.read_bytes()}
    capsys.readouterr()
    for options in (["--check"], []):
        assert build(*options) == 1
        told = capsys.readouterr().err.splitlines()
        assert [line.partition(": ")[0] for line in told] == [
            "2025.1 is released and was changed",
            "2026.1 is released and was changed",
        ]
        assert all("no readable sections.tsv" in line for line in told)
    assert contents(corrected) | {"lock": lock.read_bytes()} == before
