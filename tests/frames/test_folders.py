"""Folders whose files are not alike: each is fitted by itself, and what does not fit is named, whatever its place."""

import os
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra frames is not installed")

from cptkit import Catalog  # noqa: E402  behind what skips
from cptkit.errors import AmbiguousColumns, UnreadableClaims  # noqa: E402  behind what skips
from cptkit.frames import check, research  # noqa: E402  behind what skips
from cptkit.frames.folders import files_of  # noqa: E402  behind what skips
from cptkit.frames.sources import column_names  # noqa: E402  behind what skips

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


def test_what_the_folders_of_a_file_tell(catalog, tmp_path) -> None:
    """As Hive, Spark, DuckDB and Polars write tables in parts: a column that stands in no file."""
    lines = {"patient_id": ["P", "P"], "claim_id": ["C"] * 2, "claim_line_number": [1, 2]}
    lines |= {"hcpcs_code": ["90785", "90834"], "claim_line_start_date": ["2026-03-02"] * 2}
    table = pa.table(lines)
    inside = table.append_column("claim_type", pa.array(["professional"] * 2))
    for name, rows in {"claim_type=professional": table, "claim_type=institutional": table}.items():
        (tmp_path / "parted" / name).mkdir(parents=True)
        pq.write_table(rows, tmp_path / "parted" / name / "part-0.parquet")
        csv = "\n".join(",".join(map(str, row)) for row in [lines, *zip(*lines.values(), strict=True)])
        (tmp_path / "texts" / name).mkdir(parents=True)
        (tmp_path / "texts" / name / "part-0.csv").write_text(csv)
        (tmp_path / "arrow" / name).mkdir(parents=True)
        with pa.ipc.new_file(tmp_path / "arrow" / name / "part-0.arrow", rows.schema) as file:
            file.write_table(rows)
    whole = check(inside, catalog, columns="tuva", select="ADD301")
    assert (whole.lines, whole.rejects.num_rows) == (2, 0)
    for kind in ("parted", "texts", "arrow"):
        told = check(tmp_path / kind, catalog, columns="tuva", select="ADD301")
        assert (told.rows, told.lines, told.broken) == (4, 2, ()), kind
        assert told.rejects["row"].to_pylist() == [0, 1]
        (file,) = (tmp_path / kind / "claim_type=professional").iterdir()
        alone = check(file, catalog, columns="tuva", select="ADD301")
        assert (alone.lines, alone.columns) == (2, whole.columns)
    # what stands in the file goes before
    (tmp_path / "both" / "claim_type=institutional").mkdir(parents=True)
    pq.write_table(inside, tmp_path / "both" / "claim_type=institutional" / "part-0.parquet")
    assert check(tmp_path / "both", catalog, columns="tuva", select="ADD301").lines == 2


def test_a_link_to_a_folder_is_followed_once(catalog, tmp_path) -> None:
    """A broken file behind it is told, and what leads back to a folder that is read is not read again."""
    lines = pa.table({"patient": ["P"], "dos": ["2026-03-02"], "cpt": ["90785"]})
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    pq.write_table(lines, tmp_path / "in" / "a.parquet")
    pq.write_table(lines, tmp_path / "out" / "b.parquet")
    (tmp_path / "out" / "cut.parquet").write_bytes((tmp_path / "out" / "b.parquet").read_bytes()[:-9])
    for name, target in {"linked": "out", "again": "out", "back": "in", "up": ""}.items():
        (tmp_path / "in" / name).symlink_to(tmp_path / target, target_is_directory=True)
    (tmp_path / "in" / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    told = check(tmp_path / "in", catalog, select="ADD301")
    assert told.rows == 2
    assert [Path(each.path).name for each in told.broken] == ["cut.parquet", "gone.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_a_folder_is_told(catalog, tmp_path) -> None:
    pq.write_table(
        pa.table({"patient": ["P"], "dos": ["2026-03-02"], "cpt": ["90785"]}), tmp_path / "a.parquet"
    )
    os.mkfifo(tmp_path / "pipe")
    told = check(tmp_path, catalog, select="ADD301")
    assert [(Path(each.path).name, each.reason) for each in told.broken] == [
        ("pipe", "this is no file: it cannot be read twice")
    ]
    with pytest.raises(UnreadableClaims, match="this is no file"):
        check(tmp_path / "pipe", catalog)
