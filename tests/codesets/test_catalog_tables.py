"""Edit tables in a catalog and in its lock: pinned by their digest, as editions are."""

import pytest

from cptkit import Catalog
from cptkit.cli import main
from cptkit.codesets.lockfile import Locked, load_lock, read_lock, write_lock
from cptkit.edits import Mue, Quarter, Setting, Writer, attach
from cptkit.errors import BrokenEdits, BrokenLock, LockMismatch


def put(folder, value):
    """Edit tables of one unit limit."""
    quarter = Quarter(2026, 1)
    row = Mue("90834", value, 3, "own words", Setting.PRACTITIONER, quarter, "mue.csv")
    with Writer(folder) as writer:
        writer.put_mue([row], Setting.PRACTITIONER, quarter, [])
        writer.commit()
    return folder


@pytest.fixture
def tables(tmp_path):
    return put(tmp_path / "tables", 2)


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "app" / "cptkit.lock"


@pytest.fixture
def catalog(tables, lock):
    lock.parent.mkdir()
    return Catalog.from_editions("2026.1", tables=tables)


def test_a_catalog_pins_its_tables(catalog, tables):
    assert [pin.name for pin in catalog.pins] == ["2026.1", "tables"]
    assert catalog.pins[-1].digest == attach(tables).digest
    assert Catalog.from_editions("2026.1", tables=str(tables)).pins == catalog.pins
    assert Catalog.from_editions("2026.1", tables=attach(tables)).pins == catalog.pins
    assert Catalog.bundled(tables=tables).pins[-1] == catalog.pins[-1]
    assert Catalog.from_editions("2026.1").tables is None


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(BrokenEdits, match="no edit tables can be read here"):
        Catalog.from_editions("2026.1", tables=tmp_path)


def test_a_lock_names_tables_as_seen_from_itself(catalog, tables, lock):
    write_lock(catalog, lock)
    *_, entry = read_lock(lock)
    assert entry == Locked("tables", attach(tables).digest, "../tables")
    assert lock.read_text(encoding="utf-8").splitlines()[entry.line - 1] == "[tables]"
    editions, found = load_lock(lock)
    assert [edition.edition for edition in editions] == ["2026.1"]
    assert found.digest == attach(tables).digest
    assert Catalog.from_lock(lock).pins == catalog.pins
    assert str(tables) in catalog.lock_text()


def test_a_lock_without_tables_has_none(lock, catalog):
    write_lock(Catalog(catalog.editions), lock)
    assert "[tables]" not in lock.read_text(encoding="utf-8")
    assert Catalog.from_lock(lock).tables is None


def test_tables_that_changed_are_refused_with_both_digests(catalog, tables, lock):
    write_lock(catalog, lock)
    pinned = catalog.tables.digest
    put(tables, 3)
    line = read_lock(lock)[-1].line
    with pytest.raises(LockMismatch) as caught:
        Catalog.from_lock(lock)
    assert str(caught.value) == (
        "1 of the 2 editions and tables that the lock names cannot be used\n"
        f"  {lock}:{line}: tables: the digest here is {attach(tables).digest}, the lock says {pinned}"
    )


def test_tables_that_are_gone_are_refused(catalog, tables, lock):
    write_lock(catalog, lock)
    (tables / "manifest.json").unlink()
    with pytest.raises(LockMismatch, match=r"tables cannot be loaded: no edit tables can be read here"):
        Catalog.from_lock(lock)


def test_a_damaged_entry_is_told_with_its_line(lock, catalog):
    write_lock(catalog, lock)
    line = read_lock(lock)[-1].line
    text = lock.read_text(encoding="utf-8")
    lock.write_text(text.replace('folder = "../tables"', 'folder = ""'), encoding="utf-8")
    with pytest.raises(BrokenLock, match=rf"cptkit.lock:{line}: \[tables\] names no folder"):
        read_lock(lock)


# ---- the commands --------------------------------------------------------------------------


def test_the_command_writes_and_checks_tables(lock, tables, catalog, capsys):
    assert main(["lock", str(lock), "--edition", "2026.1", "--tables", str(tables)]) == 0
    assert f"tables  {catalog.tables.digest}" in capsys.readouterr().out
    assert main(["lock", str(lock), "--check", "--tables", str(tables)]) == 0
    assert f"tables  ok  {catalog.tables.digest}" in capsys.readouterr().out
    put(tables, 3)
    assert main(["lock", str(lock), "--check"]) == 1
    assert "the lock says" in capsys.readouterr().err


def test_the_command_tells_other_tables_than_those_asked_for(lock, tables, catalog, tmp_path, capsys):
    other = put(tmp_path / "other", 5)
    write_lock(catalog, lock)
    assert main(["lock", str(lock), "--check", "--tables", str(other)]) == 1
    assert f"tables: the digest is {attach(other).digest}, {lock} says" in capsys.readouterr().err
    write_lock(Catalog(catalog.editions), lock)
    assert main(["lock", str(lock), "--check", "--tables", str(tables)]) == 1
    assert f"{lock} names no edit tables" in capsys.readouterr().err


def test_a_folder_that_holds_none_is_an_error_of_the_command(lock, tmp_path, capsys):
    assert main(["lock", str(lock), "--tables", str(tmp_path)]) == 2
    assert "no edit tables can be read here" in capsys.readouterr().err
    assert not lock.exists()


@pytest.fixture
def week(tmp_path):
    file = tmp_path / "week.csv"
    file.write_text("code,date_of_service,patient_id,minutes\n90834,2026-03-02,P1,45\n", encoding="utf-8")
    return file


def test_a_check_with_tables_pins_them(week, tables, capsys):
    assert main(["check", str(week), "--tables", str(tables), "--edition", "2026.1"]) == 0
    assert "tables  sha256:" in capsys.readouterr().out


def test_a_check_takes_tables_from_a_lock_or_from_the_option(week, catalog, lock, tables, capsys):
    write_lock(catalog, lock)
    assert main(["check", str(week), "--lock", str(lock)]) == 0
    assert "tables  sha256:" in capsys.readouterr().out
    assert main(["check", str(week), "--lock", str(lock), "--tables", str(tables)]) == 2
    assert "--lock names the edit tables: leave out --tables." in capsys.readouterr().err


def test_a_setting_that_is_none(week, capsys):
    assert main(["check", str(week), "--setting", "office"]) == 2
    assert "'office' is not one of 'practitioner', 'hospital', 'dme'" in capsys.readouterr().err
