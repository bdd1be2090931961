"""Tables that contradict each other: every one is a BrokenEdition, never a bare error."""

import datetime as dt

import pytest

from cptkit.codesets import Codeset
from cptkit.errors import BrokenEdition

DAY = dt.date(2026, 3, 2)


# ---- tables that contradict each other -----------------------------------------------------


def without(data, start):
    lines = data.decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(start)]
    assert len(kept) < len(lines)
    return "".join(kept).encode()


def test_a_code_without_history(compiled, write_edition):
    history = without(compiled["code-history.tsv"], "90834\t")
    codeset = Codeset.from_folder(write_edition({"code-history.tsv": history}))
    with pytest.raises(BrokenEdition, match=r"codes\.tsv holds a code without shape or history: '90834'"):
        codeset["90834"]


def test_a_code_without_the_shape_of_one(compiled, write_edition):
    tables = {
        name: compiled[name].replace(b"90834\t", b"9O834\t") for name in ("codes.tsv", "code-history.tsv")
    }
    codeset = Codeset.from_folder(write_edition(tables))
    with pytest.raises(BrokenEdition, match="a code without shape or history: '9O834'"):
        codeset["9O834"]


def test_a_modifier_without_history(compiled, write_edition):
    history = without(compiled["modifier-history.tsv"], "95\t")
    codeset = Codeset.from_folder(write_edition({"modifier-history.tsv": history}))
    with pytest.raises(BrokenEdition, match=r"modifiers\.tsv holds a modifier without history: '95'"):
        codeset.modifier("95")


def test_no_time_rules(write_edition):
    codeset = Codeset.from_folder(write_edition({"timerules.json": None}))
    with pytest.raises(BrokenEdition, match=r"no timerules\.json"):
        _ = codeset.timerules


def test_time_rules_that_are_no_json(write_edition):
    codeset = Codeset.from_folder(write_edition({"timerules.json": b"{"}))
    with pytest.raises(BrokenEdition, match=r"timerules\.json"):
        _ = codeset.timerules


def test_a_missing_table(write_edition):
    codeset = Codeset.from_folder(write_edition({"codes.tsv": None}))
    with pytest.raises(BrokenEdition, match=r"the edition has no table codes\.tsv"):
        codeset["90834"]


def test_a_row_of_a_wrong_number_of_fields(compiled, write_edition):
    """A row is read when it is asked for; one that is too long or too short is refused then."""
    columns = compiled["codes.tsv"].split(b"\n", 1)[0].count(b"\t") + 1
    good = next(row for row in compiled["codes.tsv"].split(b"\n") if row.startswith(b"90834\t"))
    for bad, fields in ((b"90834\tsession", 2), (b"90834", 1), (good + b"\tmore", columns + 1)):
        changed = compiled["codes.tsv"].replace(good, bad)
        codeset = Codeset.from_folder(write_edition({"codes.tsv": changed}))
        with pytest.raises(
            BrokenEdition,
            match=rf"codes\.tsv, row 90834, has {fields} fields; expected {columns} fields, as the header",
        ):
            codeset["90834"]


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("codes.tsv", b"code\t", b"kode\t"),
        ("codes.tsv", b"\tmedicine\t", b"\tmagic\t"),
        ("code-history.tsv", b"\tverified\t", b"\tcertain\t"),
        ("code-history.tsv", b"2013-01-01", b"2013-13-01"),
        ("code-history.tsv", b"\tstatus\t", b"\tstanding\t"),
    ],
)
def test_a_table_that_cannot_be_understood(compiled, write_edition, table, old, new):
    """Not a bare KeyError, which a caller of a mapping takes for a code that is not covered."""
    codeset = Codeset.from_folder(write_edition({table: compiled[table].replace(old, new)}))
    with pytest.raises(BrokenEdition):
        codeset["90834"]


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"families": []}', '{"families": {}, "policies": []}'])
def test_time_rules_that_are_none(write_edition, text):
    codeset = Codeset.from_folder(write_edition({"timerules.json": text.encode()}))
    with pytest.raises(BrokenEdition, match="timerules"):
        _ = codeset.timerules


def test_a_table_that_begins_with_another_column(compiled, write_edition):
    """Its keys would be those of the other column, and every code would look as if it were not covered."""
    lines = compiled["codes.tsv"].decode().splitlines()
    turned = "".join("\t".join(line.split("\t")[::-1]) + "\n" for line in lines)
    codeset = Codeset.from_folder(write_edition({"codes.tsv": turned.encode()}))
    with pytest.raises(BrokenEdition, match="out of order"):
        codeset["90834"]


def test_a_column_that_this_version_does_not_know_is_left_alone(compiled, write_edition, small):
    lines = compiled["addons.tsv"].decode().splitlines()
    wider = "".join(f"{line}\t{'new' if not index else 'x'}\n" for index, line in enumerate(lines))
    codeset = Codeset.from_folder(write_edition({"addons.tsv": wider.encode()}))
    assert list(codeset.rows("addons")) == list(small.rows("addons"))
