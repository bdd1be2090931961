"""What rules said, kept in a folder: the next process finds the same and does not ask; what is not its own is not read."""

import datetime as dt
import hashlib
import io
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

import attrs
import pyarrow as pa

from cptkit import Basis, Catalog
from cptkit.errors import InvalidChoice, UnreadableClaims
from cptkit.frames import keeping, memory
from cptkit.frames.running import check
from cptkit.frames.said import Said
from cptkit.rules.running import Run
from cptkit.rules.spans import Facts
from cptkit.setting import Setting

DAY = dt.date(2026, 3, 2)
LINES = {
    "patient": ["P-1", "P-2", "P-3", "P-3"],
    "dos": [DAY] * 4,
    "cpt": ["90837", "90833", "90834", "W9901"],
    "modifier1": ["59", None, "ZZ", None],
    "minutes": [50, 20, 60, None],
}
MIXED = ("A", "A", "B", None)


def anew() -> None:
    """Forget what this process knows, as another one would."""
    memory._memory_of.cache_clear()


def files(folder):
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def unasked(*_args, **_more):
    raise AssertionError("a rule is asked")


@pytest.fixture
def catalog():
    return Catalog.from_editions("2025.1", "2026.1")


def said(found):
    return found.table.to_pylist(), found.not_checked.to_pylist()


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("threads", [1, 2])
def test_all_rules_say_the_same_and_are_not_asked(
    paths, catalog_of, tmp_path, monkeypatch, basis, threads
) -> None:
    """Lines of every kind, with edit tables; what one process asked no other asks again."""
    catalog = catalog_of(paths.drawing.tables(4))
    # lines that name no clinician beside others that do are judged as claims, and not remembered
    table = paths.table(paths.drawing.rows(8, 150, providers=("A",)))
    anew()
    plain = said(check(table, catalog, basis=basis, batch_rows=50))
    anew()
    first = said(check(table, catalog, basis=basis, kept=tmp_path, batch_rows=50))
    (name,) = files(tmp_path)
    assert name.startswith("_")  # that of no table
    assert name.endswith(".kept")
    anew()
    monkeypatch.setattr(Facts, "said", unasked)
    again = said(check(table, catalog, basis=basis, kept=tmp_path, batch_rows=50, threads=threads))
    assert again == first == plain
    assert len(first[0]) > 50


def test_nothing_new_is_not_written_again(catalog, tmp_path) -> None:
    anew()
    check(pa.table(LINES), catalog, kept=tmp_path)
    before = {each: each.stat().st_mtime_ns for each in tmp_path.iterdir()}
    anew()
    check(pa.table(LINES), catalog, kept=tmp_path)
    assert {each: each.stat().st_mtime_ns for each in tmp_path.iterdir()} == before
    check(pa.table({**LINES, "cpt": ["90839", "90840", "90785", "90853"]}), catalog, kept=tmp_path)
    after = {each: each.stat().st_mtime_ns for each in tmp_path.iterdir()}
    assert after.keys() == before.keys()
    assert after != before


@pytest.mark.parametrize(
    "other",
    [
        {"basis": Basis.MEDICARE},
        {"profile": "medicare"},
        {"select": ("TIM",)},
        {"ignore": ("TIM402",)},
        {"setting": "hospital"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_whatever_differs_has_a_file_of_its_own(catalog, tmp_path, other) -> None:
    anew()
    check(pa.table(LINES), catalog, kept=tmp_path)
    known = files(tmp_path)
    check(pa.table(LINES), catalog, kept=tmp_path, **other)
    now = files(tmp_path)
    assert len(now) == len(known) + 1
    assert known.items() <= now.items()


def test_other_editions_columns_and_code_have_files_of_their_own(catalog, tmp_path, monkeypatch) -> None:
    anew()
    check(pa.table(LINES), catalog, kept=tmp_path)
    check(pa.table(LINES), Catalog.from_editions("2026.1"), kept=tmp_path)
    assert len(files(tmp_path)) == 2
    without = {name: values for name, values in LINES.items() if name != "modifier1"}
    check(pa.table(without), catalog, kept=tmp_path)
    assert len(files(tmp_path)) == 3
    anew()
    monkeypatch.setattr(keeping, "_code_digest", lambda: "another version")
    check(pa.table(LINES), catalog, kept=tmp_path)
    assert len(files(tmp_path)) == 4


def test_the_code_that_answers_is_all_of_it() -> None:
    """Every module of the package that a check of a table loads is part of the digest."""
    paths = {str(path) for path in keeping._code()}
    command = (
        "import sys, pyarrow as pa, cptkit; from cptkit import frames\n"
        "frames.check(pa.table({'patient': ['P'], 'dos': ['2026-03-02'], 'cpt': ['90834']}),"
        " cptkit.Catalog.from_editions('2026.1'))\n"
        "print(*(m.__file__ for n, m in list(sys.modules.items()) if n.split('.')[0] == 'cptkit'), sep='\\n')"
    )
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    loaded = {line for line in told.stdout.splitlines() if line.endswith(".py")}
    assert len(loaded) > 100
    assert loaded <= paths


def test_code_that_was_changed_since_it_was_loaded_keeps_nothing(catalog, tmp_path, monkeypatch) -> None:
    """Nobody knows whether the old or the new code answers."""
    anew()
    monkeypatch.setattr(keeping, "_LOADED", 0.0)
    found = check(pa.table(LINES), catalog, kept=tmp_path)
    assert found.kept.startswith("nothing is kept: rules of other packages ran, or cptkit's code was changed")
    assert files(tmp_path) == {}


def test_another_process_takes_it_up(tmp_path) -> None:
    """The same findings, whatever the seed of hashes."""
    command = (
        "import sys, datetime as dt, pyarrow as pa, cptkit\n"
        "from cptkit import frames\n"
        "from cptkit.rules.spans import Facts\n"
        "if sys.argv[2] == 'unasked':\n"
        "    Facts.said = None\n"
        f"lines = {LINES!r}\n".replace("datetime.date", "dt.date")
        + "found = frames.check(pa.table(lines), cptkit.Catalog.from_editions('2026.1'), kept=sys.argv[1])\n"
        "print(found.table.to_pylist(), found.not_checked.to_pylist())"
    )

    def run(seed, how):
        return subprocess.run(
            [sys.executable, "-c", command, str(tmp_path / "new" / "kept"), how],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout

    assert "TIM402" in run("1", "asked")
    assert run("1", "asked") == run("2", "unasked") == run("3", "unasked")


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "no pickle", "other shape"])
def test_a_damaged_file_is_made_again(catalog, tmp_path, damage) -> None:
    anew()
    usual = said(check(pa.table(LINES), catalog, kept=tmp_path))
    (place,) = tmp_path.iterdir()
    whole = place.read_bytes()
    body = {"no pickle": b"\x80\x05nothing", "other shape": pickle.dumps((1, 2))}.get(damage, b"")
    place.write_bytes(
        {"cut": whole[:-1], "flipped": whole[:99] + bytes([whole[99] ^ 1]) + whole[100:], "empty": b""}.get(
            damage, hashlib.sha256(body).digest() + body
        )
    )
    anew()
    assert said(check(pa.table(LINES), catalog, kept=tmp_path)) == usual
    assert [each.name for each in tmp_path.iterdir()] == [place.name]
    again = place.read_bytes()
    assert hashlib.sha256(again[32:]).digest() == again[:32]
    assert len(again) > 1000


@pytest.mark.parametrize(
    "state",
    [
        (None, {}, [], [], []),
        (Said(), None, [], [], []),
        (Said(), {}, None, [], []),
        (Said(), {}, [5], [], []),
        (Said(), {}, [], [((),)], []),
        (Said(), {}, [], []),
        (Said(), {}, [], [], [], []),
        5,
    ],
)
def test_a_file_of_another_shape_is_made_again(catalog, tmp_path, state) -> None:
    anew()
    usual = said(check(pa.table(LINES), catalog, kept=tmp_path))
    (place,) = tmp_path.iterdir()
    whole = place.read_bytes()
    body = io.BytesIO()
    held = memory.memory_of(catalog, Basis.CPT, ("ALL",), (), Setting.PRACTITIONER, has_modifiers=True)
    keeping._Writer(body, held).dump(state)
    place.write_bytes(hashlib.sha256(body.getvalue()).digest() + body.getvalue())
    anew()
    assert said(check(pa.table(LINES), catalog, kept=tmp_path)) == usual
    assert len(place.read_bytes()) == len(whole)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_what_others_may_have_written_is_not_read(catalog, tmp_path, monkeypatch) -> None:
    anew()
    usual = said(check(pa.table(LINES), catalog, kept=tmp_path))
    (place,) = tmp_path.iterdir()
    assert place.stat().st_mode & 0o777 == 0o600
    place.chmod(0o620)
    anew()
    monkeypatch.setattr(keeping, "_Reader", unasked)
    assert said(check(pa.table(LINES), catalog, kept=tmp_path)) == usual
    assert place.stat().st_mode & 0o777 == 0o600  # it was made again
    anew()
    with pytest.raises(AssertionError, match="a rule is asked"):
        keeping._Reader()
    monkeypatch.undo()
    place.unlink()
    os.mkfifo(place)  # which would never end
    anew()
    assert said(check(pa.table(LINES), catalog, kept=tmp_path)) == usual


@pytest.mark.parametrize("kept", ["", 5, True, "a\0b", b"x"])
def test_no_name_of_a_folder(catalog, kept) -> None:
    with pytest.raises(InvalidChoice, match="what rules said has no folder"):
        check(pa.table(LINES), catalog, kept=kept)


def test_no_folder(catalog, tmp_path) -> None:
    """It is told before a table is read."""
    anew()
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "deeper"):
        with pytest.raises(InvalidChoice, match="what rules said cannot be kept there") as told:
            check(pa.table(LINES), catalog, kept=place, on_rows=unasked)
        assert told.value.given == str(place)
    assert file.read_text() == ""


def test_a_folder_that_is_lost_on_the_way(catalog, tmp_path) -> None:
    """The findings are told all the same, and the next check keeps what this one could not."""
    anew()
    usual = said(check(pa.table(LINES), catalog))
    folder = tmp_path / "kept"

    def lose(_rows) -> None:
        shutil.rmtree(folder)
        folder.write_text("")

    found = check(pa.table(LINES), catalog, kept=folder, on_rows=lose)
    assert said(found) == usual
    assert found.kept == f"nothing is kept: {folder} cannot be written (Not a directory)"
    assert found.summary().endswith(found.kept)
    folder.unlink()
    again = check(pa.table(LINES), catalog, kept=folder)
    assert again.kept.endswith(f"answers of rules are kept in {folder}")
    (place,) = folder.iterdir()
    place.unlink()
    assert check(pa.table(LINES), catalog, kept=folder).kept == again.kept
    assert [each.name for each in folder.iterdir()] == [place.name]
    assert check(pa.table(LINES), catalog, kept=folder).kept == f"{again.kept}, none of them new"


def test_a_check_that_fails_is_kept_by_the_next(catalog, tmp_path) -> None:
    anew()
    apart = {name: [*values, values[0]] for name, values in LINES.items()}
    with pytest.raises(UnreadableClaims, match="do not stand together"):
        check(pa.table(apart), catalog, kept=tmp_path, grouped=True, batch_rows=2)
    assert files(tmp_path) == {}
    check(pa.table(LINES), catalog, kept=tmp_path)
    assert len(files(tmp_path)) == 1


def test_rules_of_other_packages_are_not_kept(catalog, tmp_path, monkeypatch) -> None:
    """Nobody knows what their code hangs on."""
    anew()
    held = memory.memory_of(catalog, Basis.CPT, ("COD101",), (), Setting.PRACTITIONER, has_modifiers=True)
    (rule,) = held.run.rules
    foreign = attrs.evolve(rule, row=attrs.evolve(rule.row, id="acme:COD101"))
    other = attrs.evolve(held, run=Run((foreign,), ()))
    other.facts.learnt += 1
    assert keeping.keep(other, str(tmp_path)).startswith("nothing is kept: rules of other packages ran")
    assert files(tmp_path) == {}
    monkeypatch.setattr(keeping, "_Reader", unasked)
    keeping.recall(other, str(tmp_path))
    anew()


def test_too_many_texts_are_not_kept(catalog, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "_MOST_TEXTS", 4)
    anew()
    assert check(pa.table(LINES), catalog, kept=tmp_path).kept.endswith(
        "answers of rules are kept in " + str(tmp_path)
    )
    more = {**LINES, "cpt": ["90839", "90840", "90785", "90853"]}
    found = check(pa.table(more), catalog, kept=tmp_path)
    assert found.kept == "nothing is kept: more codes or modifiers were met than a file is made for"


def test_threads_that_share_what_is_kept(catalog, tmp_path) -> None:
    """Each finds what it finds alone, and what they leave is whole."""
    codes = ["90834", "90837", "90785", "90853", "90833", "9083", "W9901", "99213", "90839", "90846"]
    tables = [
        pa.table({**LINES, "cpt": [f"{codes[(n + k) % 10]}" if k else f"W{n:04}" for k in range(4)]})
        for n in range(24)
    ]
    anew()
    usual = [said(check(table, catalog)) for table in tables]
    anew()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda table: said(check(table, catalog, kept=tmp_path, threads=1)), tables))
    assert found == usual
    anew()
    assert [said(check(table, catalog, kept=tmp_path)) for table in tables] == usual
    assert len(files(tmp_path)) == 1
