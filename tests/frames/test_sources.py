"""Sources: every kind of table gives the same rows, and a broken file is named, never skipped in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

import pyarrow.parquet as pa_parquet  # noqa: E402 - behind the skip

from cptkit.errors import UnreadableClaims  # noqa: E402 - behind the skip
from cptkit.frames import delimited  # noqa: E402 - behind the skip
from cptkit.frames.maps import detect  # noqa: E402 - behind the skip
from cptkit.frames.sources import Batch, BrokenFile, batches, column_names  # noqa: E402 - behind the skip

ROWS = 7
NEEDED = ["patient", "dos", "cpt", "mod1"]
TEXT = "patient{0}dos{0}cpt{0}mod1{0}remarks\n"


def table(rows=ROWS, first=0):
    numbers = range(first, first + rows)
    held = {
        "patient": [f"P-{number}" for number in numbers],
        "dos": ["2026-03-02"] * rows,
        "cpt": ["90785" if number % 2 else "90834" for number in numbers],
        "mod1": ["95" if number % 3 else None for number in numbers],
        "remarks": ["x"] * rows,
    }
    return pa.table(held, schema=pa.schema([(name, pa.string()) for name in held]))


def columns():
    return detect(table().column_names)


def read(source, rows=3):
    """The rows of a source as a list, the row numbers checked; broken files apart."""
    found, broken, row = [], [], 0
    for each in batches(source, columns(), rows):
        if isinstance(each, BrokenFile):
            broken.append(each)
            continue
        assert isinstance(each, Batch)
        assert each.first_row == row
        assert 0 < each.data.num_rows <= rows
        assert each.data.schema.names == NEEDED
        row += each.data.num_rows
        found += [{key: value or None for key, value in line.items()} for line in each.data.to_pylist()]
    return found, broken


def lines(rows=ROWS, first=0):
    return table(rows, first).select(NEEDED).to_pylist()


class OnlyArray:
    """What speaks the interface for one batch alone."""

    def __init__(self, batch):
        self._batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self._batch.__arrow_c_array__(requested_schema)


class OnlyStream:
    def __init__(self, whole):
        self._whole = whole

    def __arrow_c_stream__(self, requested_schema=None):
        return self._whole.__arrow_c_stream__(requested_schema)


class WithSchema(OnlyStream):
    def __arrow_c_schema__(self):
        return self._whole.schema.__arrow_c_schema__()


def chunked():
    return pa.concat_tables([table(1), table(0), table(5, 1), table(1, 6)])


def coded():
    whole = table()
    return whole.set_column(2, "cpt", whole["cpt"].dictionary_encode())


def coded_apart():
    """Chunks whose dictionaries differ."""
    parts = [
        whole.set_column(2, "cpt", whole["cpt"].dictionary_encode()) for whole in (table(1), table(6, 1))
    ]
    return pa.concat_tables(parts)


TABLES = {
    "table": table,
    "chunked": chunked,
    "sliced": lambda: pa.concat_tables([table(2, 90), table()]).slice(2),
    "batch": lambda: table().to_batches()[0],
    "reader": lambda: chunked().to_reader(),
    "stream": lambda: OnlyStream(chunked()),
    "schema": lambda: WithSchema(chunked()),
    "array": lambda: OnlyArray(table().to_batches()[0]),
    "dictionary": coded,
    "dictionaries": coded_apart,
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_every_kind_of_table_gives_the_same_rows(kind, rows):
    assert column_names(TABLES[kind]()) == tuple(table().column_names)
    assert read(TABLES[kind](), rows) == (lines(), [])


def test_polars():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame(table())
    assert column_names(frame) == tuple(table().column_names)
    assert read(frame) == (lines(), [])
    assert read(frame.with_columns(polars.col("cpt").cast(polars.Categorical))) == (lines(), [])
    with pytest.raises(UnreadableClaims, match=r"collect\(\)"):
        read(frame.lazy())
    with pytest.raises(UnreadableClaims, match=r"collect\(\)"):
        column_names(frame.lazy())


def test_pandas():
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = table().to_pandas()
    assert column_names(frame) == tuple(table().column_names)
    assert read(frame) == (lines(), [])
    frame["remarks"] = [1, "a", None, 2.5, b"x", [], {}]  # no column of Arrow; nobody asks for it
    frame["mod1"] = frame["mod1"].astype("category")
    assert read(frame[frame["patient"] != "P-0"]) == (lines()[1:], [])


def test_duckdb():
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    with duckdb.connect() as connection:
        relation = connection.from_arrow(table()).order("patient")
        assert column_names(relation) == tuple(table().column_names)
        assert read(relation) == (lines(), [])


@pytest.mark.parametrize("given", [[1], 3, None, {"a": [1]}, b"x"])
def test_what_is_no_table(given):
    with pytest.raises(UnreadableClaims, match="this is no table"):
        read(given)


def as_text(delimiter=",", ending="\n", rows=ROWS, first=0):
    told = [TEXT.format(delimiter).rstrip("\n")]
    told += [delimiter.join([*(value or "" for value in line.values()), "x"]) for line in lines(rows, first)]
    return "".join(line + ending for line in told)


def write(path, kind, rows=ROWS, first=0):
    whole = table(rows, first)
    if kind == "parquet":
        pa_parquet.write_table(whole, path, row_group_size=4)
    elif kind == "arrow":
        with pa.ipc.new_file(path, whole.schema) as file:
            file.write_table(whole, max_chunksize=2)
    elif kind == "stream":
        with pa.ipc.new_stream(path, whole.schema) as file:
            file.write_table(whole, max_chunksize=2)
    else:
        path.write_text(as_text(rows=rows, first=first))
    return path


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "csv"])
def test_every_kind_of_file_whatever_its_name(tmp_path, kind):
    path = write(tmp_path / "claims", kind)
    assert column_names(path) == column_names(str(path)) == tuple(table().column_names)
    assert read(path) == read(str(path)) == (lines(), [])
    assert {each.file for each in batches(path, columns())} == {str(path)}


def test_columns_of_few_values_come_as_dictionaries_and_others_as_texts(tmp_path):
    (batch,) = batches(write(tmp_path / "claims", "parquet"), columns())
    kinds = {field.name: pa.types.is_dictionary(field.type) for field in batch.data.schema}
    assert kinds == {"patient": False, "dos": True, "cpt": True, "mod1": True}


def test_numbers_of_parquet_stay_numbers(tmp_path):
    whole = (
        table().set_column(0, "patient", pa.array(range(ROWS))).set_column(2, "cpt", pa.array([90834] * ROWS))
    )
    pa_parquet.write_table(whole, tmp_path / "claims.parquet")
    (batch,) = batches(tmp_path / "claims.parquet", columns())
    assert batch.data.schema.field("cpt").type == pa.int64()


class TestText:
    @pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_separators_and_line_ends(self, tmp_path, delimiter, ending):
        path = tmp_path / "claims.txt"
        path.write_bytes(as_text(delimiter, ending).encode())
        assert read(path) == (lines(), [])

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: "\ufeff" + text,
            lambda text: "\n  \n" + text,
            lambda text: text.rstrip("\n"),
            lambda text: text + "\n\n",
            lambda text: text.replace("P-3", '"P-3"'),
            lambda text: "".join(f'"{line}"\n'.replace(",", '","') for line in text.splitlines()),
            lambda text: text.replace("x\n", '"a ""b"", c"\n'),
            lambda text: text.replace("\nP-3", "\n\n\nP-3"),
        ],
    )
    def test_oddities_that_change_nothing(self, tmp_path, change):
        path = tmp_path / "claims.csv"
        path.write_text(change(as_text()), encoding="utf-8")
        assert read(path) == (lines(), [])

    def test_cells_are_kept_as_they_are_written(self, tmp_path):
        path = tmp_path / "claims.csv"
        path.write_text("patient,dos,cpt\n007,20260302,00100\n padded ,nan,N/A\n")
        (batch,) = batches(path, detect(["patient", "dos", "cpt"]))
        assert batch.data.to_pylist() == [
            {"patient": "007", "dos": "20260302", "cpt": "00100"},
            {"patient": " padded ", "dos": "nan", "cpt": "N/A"},
        ]

    def test_a_header_without_rows(self, tmp_path):
        path = tmp_path / "claims.csv"
        path.write_text(as_text(rows=0))
        assert read(path) == ([], [])

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "the file is empty"),
            (b"\n \n", "the file is empty"),
            (b"PK\x03\x04xx", "an Excel workbook"),
            (b"\x1f\x8bxx", "a gzip archive"),
            (b"\xff\xfep\0", "UTF-16"),
            (b"a,b\0c\n", "the file is binary"),
            (b"patient,\xe9\n", "line 1 is not UTF-8"),
            (b'patient,"dos\n', "line 1 opens a quote"),
            (b"patient," + b"x" * 200_000 + b"\n", r"line 1 cannot be read \(field larger than"),
        ],
    )
    def test_what_is_no_text(self, tmp_path, data, words):
        path = tmp_path / "claims.csv"
        path.write_bytes(data)
        with pytest.raises(UnreadableClaims, match=words):
            column_names(path)
        with pytest.raises(UnreadableClaims, match=words):
            read(path)


BREAKS = {
    "cut": (
        lambda text: text[: text.rindex("2026")],
        "line 8 has 2 fields, the header has 5: .* in the middle of a row",
    ),
    "cut quote": (
        lambda text: text + 'P-9,2026-03-02,"908',
        "line 9 opens a quote .* in the middle of a row",
    ),
    "short row": (lambda text: text.replace("P-6,", ""), "line 8 has 4 fields, the header has 5"),
    "long row": (lambda text: text.replace("P-6,", "P-6,,"), "line 8 has 6 fields, the header has 5"),
    "quote": (lambda text: text.replace("P-6", '"P-6'), "line 8 opens a quote that it does not close"),
    "no UTF-8": (lambda text: text.replace("P-6", "P-\udce9"), "line 8 is not UTF-8"),
}


@pytest.mark.parametrize("what", BREAKS)
@pytest.mark.parametrize("block", [1, 50, 1 << 20])
def test_a_text_that_breaks_is_noticed_behind_its_last_whole_row(tmp_path, monkeypatch, what, block):
    monkeypatch.setattr(delimited, "_BLOCK", block)
    change, words = BREAKS[what]
    path = tmp_path / "claims.csv"
    path.write_text(change(as_text()), encoding="utf-8", errors="surrogateescape")
    found = []
    rows = (each.data.to_pylist() for each in batches(path, columns(), 2))
    with pytest.raises(UnreadableClaims, match=words):
        found.extend(line for batch in rows for line in batch)
    whole = 7 if what == "cut quote" else 6
    assert [line["patient"] for line in found] == [line["patient"] for line in lines()[:whole]]
    found, broken = read(tmp_path)
    assert len(found) == whole
    assert [(each.path, each.rows_read) for each in broken] == [(str(path), whole)]


@given(block=st.integers(1, 300), ending=st.sampled_from(["\n", "\r\n", "\r"]), rows=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_the_size_of_the_blocks_changes_nothing(tmp_path_factory, block, ending, rows):
    path = tmp_path_factory.mktemp("blocks") / "claims.csv"
    path.write_bytes(as_text(ending=ending).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_BLOCK", block)
        assert read(path, rows) == (lines(), [])


class TestFolder:
    def test_files_are_read_in_the_order_of_their_paths_and_hidden_ones_left_out(self, tmp_path):
        (tmp_path / "b").mkdir()
        (tmp_path / ".hidden").mkdir()
        write(tmp_path / "b" / "2.parquet", "parquet", 3, 4)
        write(tmp_path / "a.csv", "csv", 4)
        write(tmp_path / "c.arrow", "arrow", 2, 7)
        write(tmp_path / ".a.csv", "csv", 5)
        write(tmp_path / ".hidden" / "a.csv", "csv", 5)
        (tmp_path / "_SUCCESS").touch()
        assert column_names(tmp_path) == tuple(table().column_names)
        found, broken = read(tmp_path)
        assert [line["patient"] for line in found] == [f"P-{number}" for number in range(9)]
        assert broken == []

    def test_the_broken_are_named_and_the_others_done(self, tmp_path):
        for number in range(5):
            write(tmp_path / f"{number}.parquet", "parquet", 2, 2 * number)
        whole = (tmp_path / "1.parquet").read_bytes()
        (tmp_path / "1.parquet").write_bytes(whole[: len(whole) // 2])
        (tmp_path / "2.parquet").write_text("patient,dos\nP-4,2026-03-02\n")
        pa_parquet.write_table(table(2).set_column(1, "dos", pa.array([True, False])), tmp_path / "3.parquet")
        (tmp_path / "5").symlink_to(tmp_path / "gone")
        found, broken = read(tmp_path)
        assert [line["patient"] for line in found] == ["P-0", "P-1", "P-8", "P-9"]
        assert [each.path.rpartition("/")[2] for each in broken] == [
            "1.parquet",
            "2.parquet",
            "3.parquet",
            "5",
        ]
        reasons = [each.reason for each in broken]
        assert reasons[0].startswith("cut short, damaged or no file of its kind (")
        assert reasons[1].startswith("no column for the code; the table has patient, dos")
        assert reasons[2].startswith("a column cannot hold the date of service: 'dos' (bool)")
        assert reasons[3] == "the file cannot be read (No such file or directory)"
        assert [each.rows_read for each in broken] == [0, 0, 0, 0]

    def test_the_names_are_those_of_the_first_that_can_be_read(self, tmp_path):
        (tmp_path / "a").write_bytes(b"PAR1")
        with pytest.raises(UnreadableClaims, match="damaged"):
            column_names(tmp_path)
        write(tmp_path / "b", "csv")
        assert column_names(tmp_path) == tuple(table().column_names)

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(UnreadableClaims, match="the folder holds no files"):
            column_names(tmp_path)
        assert read(tmp_path) == ([], [])


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 1])
def test_a_cut_file_is_noticed_and_what_is_whole_is_counted(tmp_path, kind, share):
    path = write(tmp_path / "claims", kind)
    data = path.read_bytes()
    path.write_bytes(data[: min(int(len(data) * share), len(data) - 8)])
    with pytest.raises(UnreadableClaims):
        list(batches(path, columns(), 2))
    found, broken = read(tmp_path)
    assert [each.rows_read for each in broken] == [len(found)]
    assert found == lines()[: len(found)]


def test_a_column_that_is_there_twice():
    whole = table().append_column("cpt", table()["cpt"])
    with pytest.raises(UnreadableClaims, match="two columns of that name: 'cpt'"):
        list(batches(whole, columns()))


def test_a_stream_that_breaks():
    def parts():
        yield table(2).to_batches()[0]
        raise pa.ArrowInvalid("the line went dead")

    reader = pa.RecordBatchReader.from_batches(table().schema, parts())
    found = batches(reader, columns(), 2)
    assert next(found).data.num_rows == 2
    with pytest.raises(UnreadableClaims, match="the line went dead"):
        next(found)


def test_a_line_of_many_megabytes(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(as_text() + "P-9,2026-03-02,90834,95," + "x" * (9 << 20) + "\n")
    with pytest.raises(UnreadableClaims, match=r"line 9 cannot be read \(field larger than"):
        read(path)


def test_batches_of_a_file_stay_whole_when_it_is_closed(tmp_path):
    for kind in ("arrow", "stream", "parquet"):
        found = list(batches(write(tmp_path / kind, kind), columns(), 2))
        assert [each.data["patient"][0].as_py() for each in found] == ["P-0", "P-2", "P-4", "P-6"]
