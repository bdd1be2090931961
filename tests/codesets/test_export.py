"""Tables for spreadsheets and dataframes."""

import csv
import datetime as dt
import importlib.util
import io

import pytest

from cptkit.codesets import codeset
from cptkit.codesets import export as exporting
from cptkit.errors import NotInstalled, UnknownTable

CODESET = codeset("2026.1")
TABLES = (
    "code-history",
    "revisions",
    "addons",
    "modifiers",
    "exclusions",
    "conventions",
    "denials",
    "sources",
)


def test_the_flat_table():
    text = io.StringIO()
    CODESET.to_csv(text)
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text.getvalue()))}
    assert list(rows) == list(CODESET)
    assert rows["99354"]["last_day"] == "2022-12-31"
    assert rows["99354"]["successors"] == "99417"
    assert (rows["90840"]["addon"], rows["90840"]["timed"], rows["90834"]["addon"]) == ("yes", "yes", "no")


def test_to_a_path(tmp_path):
    for path in (tmp_path / "codes.csv", str(tmp_path / "again.csv")):
        CODESET.to_csv(path)
    data = (tmp_path / "codes.csv").read_bytes()
    assert data == (tmp_path / "again.csv").read_bytes()
    assert b"\r" not in data


@pytest.mark.parametrize("table", TABLES)
def test_other_tables_as_they_stand(table):
    text = io.StringIO()
    CODESET.to_csv(text, table=table)
    assert list(csv.DictReader(io.StringIO(text.getvalue()))) == list(CODESET.rows(table))


@pytest.mark.parametrize("ask", [CODESET.rows, lambda table: CODESET.to_csv(io.StringIO(), table=table)])
@pytest.mark.parametrize("table", ["code", "", None, "../codes"])
def test_no_such_table(ask, table):
    with pytest.raises(UnknownTable, match="no such table"):
        ask(table)


def test_an_unknown_table_leaves_the_file_alone(tmp_path):
    with pytest.raises(UnknownTable):
        CODESET.to_csv(tmp_path / "x.csv", table="prices")
    assert not (tmp_path / "x.csv").exists()


def test_arrow_that_is_not_installed(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(exporting, "import_module", missing)
    with pytest.raises(NotInstalled, match=r"needs pyarrow, .*cptkit\[arrow\]") as caught:
        CODESET.to_arrow()
    assert isinstance(caught.value, ImportError)


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="needs pyarrow")
def test_arrow():
    table = CODESET.to_arrow()
    rows = {row["code"]: row for row in table.to_pylist()}
    assert rows["99354"]["last_day"] == dt.date(2022, 12, 31)
    assert rows["99354"]["successors"] == ["99417"]
    assert rows["90834"]["timed"] is True
    assert CODESET.to_arrow(table="addons").to_pylist() == list(CODESET.rows("addons"))
