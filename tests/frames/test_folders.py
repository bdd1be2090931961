"""Folders whose files are not alike: each is fitted by itself, and what does not fit is named, whatever its place."""

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")

from cptkit import Catalog  # noqa: E402  behind what skips
from cptkit.errors import AmbiguousColumns, UnreadableClaims  # noqa: E402  behind what skips
from cptkit.frames import check, research  # noqa: E402  behind what skips
from cptkit.frames.sources import column_names, files_of  # noqa: E402  behind what skips

GOOD = "patient,dos,cpt\n{0},2026-03-02,90785\n"
UNFIT = {
    "notes": ("# notes\nhello\n", "no column"),
    "no code": ("patient,dos\n9,2026-03-02\n", "no column for the code"),
    "two codes": ("patient,dos,cpt,cpt_code\n9,2026-03-02,90785,90785\n", "two columns hold the same thing"),
    "damaged": ("PAR1", "damaged"),
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.from_editions("2026.1")


@pytest.mark.parametrize("place", ["0", "2", "9"])
@pytest.mark.parametrize("what", UNFIT)
def test_a_file_that_does_not_fit_is_named_and_the_others_are_done(catalog, tmp_path, what, place) -> None:
    text, why = UNFIT[what]
    for number in (1, 3):
        (tmp_path / f"{number}.csv").write_text(GOOD.format(number))
    (tmp_path / f"{place}.txt").write_text(text)
    told = check(tmp_path, catalog, select="ADD301")
    assert [(each.path, each.rows_read) for each in told.broken] == [(str(tmp_path / f"{place}.txt"), 0)]
    assert why in told.broken[0].reason
    assert (told.rows, told.lines, len(told)) == (2, 2, 2)
    assert research.by_month(told, tmp_path)["lines"].to_pylist() == [2]


@pytest.mark.parametrize("what", UNFIT)
def test_where_no_file_fits_the_first_says_why(catalog, tmp_path, what) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.txt").write_text(UNFIT[what][0])
    with pytest.raises((UnreadableClaims, AmbiguousColumns)) as caught:
        check(tmp_path, catalog)
    assert UNFIT[what][1] in str(caught.value)


@pytest.mark.parametrize(
    ("first", "said"), [("a", "also one of modifiers, units"), ("c", "no column of modifiers, units")]
)
def test_a_file_of_which_other_things_are_known_is_no_part_of_the_table(
    catalog, tmp_path, first, said
) -> None:
    """Else what it says of units and modifiers would be left unread, or taken for granted."""
    (tmp_path / f"{first}.csv").write_text(GOOD.format(1))
    (tmp_path / "b.csv").write_text("patient,dos,cpt,modifiers,units\n2,2026-03-02,90785,95,2\n")
    told = check(tmp_path, catalog, select="ADD301")
    assert said in told.broken[0].reason
    assert (told.rows, len(told.broken)) == (1, 1)


def test_names_of_one_field_may_differ_from_file_to_file(catalog, tmp_path) -> None:
    (tmp_path / "a.csv").write_text(GOOD.format(1))
    (tmp_path / "b.csv").write_text("Service Date,PATIENT ID,HCPCS,remarks\n2026-03-02,2,90785,x\n")
    told = check(tmp_path, catalog, select="ADD301")
    assert (told.broken, told.lines, len(told)) == ((), 2, 2)


@pytest.mark.parametrize("grouped", [True, False])
def test_what_the_last_day_of_a_cut_file_lacks_is_not_known(catalog, tmp_path, grouped) -> None:
    """Its patient may have had the primary in the rows that are lost; that of another day had not."""
    (tmp_path / "a.csv").write_text(GOOD.format(1) + "2,2026-03-02,90785\n2,2026-03-")
    told = check(tmp_path, catalog, select="ADD301", grouped=grouped)
    assert [(each["row"], each["rule"]) for each in told.table.to_pylist()] == [(0, "ADD301")]
    (entry,) = told.not_checked.to_pylist()
    assert (entry["rule"], entry["lines"]) == ("ADD301", 1)
    assert "could not be read" in entry["reason"]
    assert len(told.broken) == 1


def test_dictionaries_that_do_not_fit_into_one(catalog) -> None:
    """Small indices tell few values; chunks of a table may each have others."""

    def coded(letter: str) -> pa.Array:
        texts = [f"{letter}{number}" for number in range(100)]
        return pa.DictionaryArray.from_arrays(pa.array(range(100), pa.int8()), pa.array(texts))

    patients = pa.chunked_array([coded(letter) for letter in "abc"])
    table = pa.table({"patient": patients, "dos": ["2026-03-02"] * 300, "cpt": ["90785"] * 300})
    assert len(check(table, catalog, select="ADD301")) == 300


def test_an_empty_path_is_no_folder(tmp_path, monkeypatch):
    """It would be the one in which the process stands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines.csv").write_text(GOOD.format("P-1"))
    for read in (files_of, column_names):
        with pytest.raises(UnreadableClaims, match="no file is named"):
            read("")
    assert column_names(".") == ("patient", "dos", "cpt")
