"""What rules said, kept in a folder: the next process finds the same and does not ask; what is not its own is not read."""

import datetime as dt
import hashlib
import os
import pickle
import subprocess
import sys

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

import pyarrow as pa

from cptkit import Basis, Catalog
from cptkit.errors import UnreadableClaims
from cptkit.frames import keeping, memory
from cptkit.frames.running import check
from cptkit.rules.spans import Facts

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
    monkeypatch.setattr(keeping, "_code_digest", lambda _memory: "another version")
    check(pa.table(LINES), catalog, kept=tmp_path)
    assert len(files(tmp_path)) == 4


def test_the_code_that_answers_is_all_of_it(catalog) -> None:
    """Every module of the package that a check of a table loads is part of the digest."""
    held = memory.memory_of(catalog, Basis.CPT, ("ALL",), (), "practitioner", has_modifiers=True)
    paths = {str(path) for path in keeping._code_of(held)}
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


class Evil:
    """What does something when it is unpickled."""

    def __init__(self, path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_nothing_is_called_that_is_not_ours(catalog, tmp_path) -> None:
    anew()
    kept, made = tmp_path / "kept", tmp_path / "made"
    usual = said(check(pa.table(LINES), catalog, kept=kept))
    (place,) = kept.iterdir()
    body = pickle.dumps(([Evil(made)], [], [], None, {}))
    place.write_bytes(hashlib.sha256(body).digest() + body)
    anew()
    assert said(check(pa.table(LINES), catalog, kept=kept)) == usual
    assert not made.exists()


def test_no_folder(catalog, tmp_path) -> None:
    anew()
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "deeper"):
        with pytest.raises(UnreadableClaims, match="what rules said cannot be kept there") as told:
            check(pa.table(LINES), catalog, kept=place)
        assert told.value.given == str(place)
    assert file.read_text() == ""


def test_what_has_no_name_is_not_kept(catalog, tmp_path) -> None:
    """A rule whose function another process could not find is asked again there; nothing else changes."""
    anew()
    held = memory.memory_of(catalog, Basis.CPT, ("COD101",), (), "practitioner", has_modifiers=True)
    held.said.known[(lambda: None,), 0, (), True] = 0
    held.facts.learnt += 1
    keeping.keep(held, tmp_path / "kept", 0)
    assert not (tmp_path / "kept").exists()
    anew()
