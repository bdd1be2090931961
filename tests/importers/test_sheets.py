"""Worksheets: cells become the text they stand for, and a workbook that would not fit is refused."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import CptkitError, NotInstalled, UnknownLayout, UnreadableFile
from cptkit.importers import members, sheetguard, sheets
from cptkit.importers.sheets import sheets as read_sheets


def cells(write, data):
    (sheet,) = read_sheets(write("table.xlsx", data))
    return [(record.line_number, record.cells) for record in sheet]


def test_cells_as_text(write, book, day_cell):
    rows = [
        ["code", "number", "part", "yes", "day"],
        [" W9901 ", 7, 0.97000000000000008, True, day_cell(46204)],
        ["", 20080101.0, 36.089600000000004, False, ""],
        ["\u00ae", 1e15, -2.5, None, None],
    ]
    assert cells(write, book({"A": rows})) == [
        (1, ("code", "number", "part", "yes", "day")),
        (2, ("W9901", "7", "0.97", "TRUE", "20260701")),
        (3, ("", "20080101", "36.0896", "FALSE", "")),
        (4, ("\u00ae", "1e+15", "-2.5", "", "")),
    ]


def test_rows_and_columns_keep_their_numbers(write, book):
    rows = [[], [], ["", "", "x", ""], [], ["", "y"]]
    assert cells(write, book({"A": rows})) == [(3, ("", "", "x")), (5, ("", "y", ""))]


def test_an_empty_sheet_has_no_rows(write, book):
    assert cells(write, book({"A": []})) == []


def test_several_sheets_in_their_order(write, book):
    found = read_sheets(write("table.xlsx", book({"First": [["a"]], "Second & last": [["b"]]})))
    assert [sheet.name for sheet in found] == ["First", "Second & last"]
    assert [record.cells for sheet in found for record in sheet] == [("a",), ("b",)]


def test_without_the_extra(write, book, monkeypatch):
    member = write("table.xlsx", book({"A": [["a"]]}))

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(sheets, "import_module", missing)
    with pytest.raises(NotInstalled, match=r"pip install cptkit\[xlsx\]"):
        read_sheets(member)


def test_a_workbook_in_a_zip(zipped, book):
    (member,) = members(zipped("july.zip", {"table.xlsx": book({"A": [["a"]]})}))
    (sheet,) = read_sheets(member)
    assert [record.cells for record in sheet] == [("a",)]


def test_a_zip_that_is_no_workbook(zipped):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("one.csv", "1")
    (member,) = members(zipped("outer.zip", {"inner.zip": inner.getvalue()}))
    with pytest.raises(UnknownLayout, match="a zip archive, but no workbook: unpack it first"):
        read_sheets(member)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("<c {where} t='e'><v>#N/A</v></c>", "in error: 'A1'"),
        ("<c><v>1</v></c>", "do not say where they stand"),
        ("""<c x=' r="A1"' r="ZZZ9"><v>1</v></c>""", "do not say where they stand"),
        ("<c x='>' r='A1'><v>1</v></c>", "do not say where they stand"),
    ],
)
def test_cells_that_are_refused(write, book, raw_cell, cell, words):
    data = book({"A": [[raw_cell(cell)]]})
    with pytest.raises(UnreadableFile, match=words):
        read_sheets(write("table.xlsx", data))


def test_a_rectangle_that_would_not_fit(write, book, raw_cell):
    far = raw_cell('<c r="XFD1048576"><v>1</v></c>')
    with pytest.raises(UnreadableFile, match="1,048,576 rows by 16,384 columns"):
        read_sheets(write("table.xlsx", book({"A": [["near"], [far]]})))


def test_a_far_cell_without_a_value_takes_no_room(write, book, raw_cell):
    far = raw_cell('<c r="XFD1048576" s="1"/>')
    assert cells(write, book({"A": [["near"], [far]]})) == [(1, ("near",))]


@pytest.mark.parametrize("value", ["0", "<!-- -->0", "00000000000000000000000"])
def test_one_text_in_very_many_cells(write, book, raw_cell, monkeypatch, value):
    monkeypatch.setattr(sheetguard, "MOST_TEXT", 5000)
    repeated = [raw_cell(f'<c {{where}} t="s"><v>{value}</v></c>')] * 30
    data = book({"A": [["x" * 1000, *repeated]]})
    with pytest.raises(UnreadableFile, match="the texts of a worksheet are too large"):
        read_sheets(write("table.xlsx", data))


def test_one_sheet_under_very_many_names(write, book, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_CELLS", 10)
    data = book({f"S{at}": [["x"] * 5] for at in range(5)})
    with pytest.raises(UnreadableFile, match="too many worksheets: 5"):
        read_sheets(write("table.xlsx", data))


def test_a_workbook_that_is_too_large_as_a_file(write, book, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_WORKBOOK_BYTES", 100)
    with pytest.raises(UnreadableFile, match="the text form of the file has no such limit"):
        read_sheets(write("table.xlsx", book({"A": [["a"]]})))


@pytest.mark.parametrize(
    "part",
    ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"],
)
@pytest.mark.parametrize("content", ["", "<", "<worksheet><sheetData><row", "no xml at all", "<a>" * 2000])
def test_damaged_parts(write, book, part, content):
    member = write("table.xlsx", book({"A": [["a", "b"]]}, {part: content}))
    try:
        found = [record.cells for sheet in read_sheets(member) for record in sheet]
    except UnreadableFile as error:
        refused = error
    else:
        refused = None
        assert found in ([], [("a", "b")], [("", "")])
    assert refused is None or "table.xlsx" in str(refused)


CELL = st.one_of(
    st.text(max_size=8),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


@given(rows=st.lists(st.lists(CELL, max_size=5), max_size=5))
def test_any_cells_are_read(tmp_path_factory, book, rows):
    legal = [
        [cell if not isinstance(cell, str) else cell.encode("ascii", "ignore").decode() for cell in row]
        for row in rows
    ]
    legal = [
        [cell if not isinstance(cell, str) or cell.isprintable() else "x" for cell in row] for row in legal
    ]
    path = tmp_path_factory.mktemp("book") / "table.xlsx"
    path.write_bytes(book({"A": legal}))
    (member,) = members(path)
    (sheet,) = read_sheets(member)
    found = {record.line_number: record.cells for record in sheet}
    for number, row in enumerate(legal, start=1):
        texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
        for text in texts:
            assert text in found[number]


@given(data=st.data())
def test_any_damage_to_a_workbook_is_an_error_of_ours(tmp_path_factory, book, data):
    whole = bytearray(book({"A": [["HCPC", "SEQNUM"], ["W9901", 10]], "B": [["x", 1.5, True]]}))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path_factory.mktemp("damaged") / "table.xlsx"
    path.write_bytes(bytes(whole))
    try:
        for member in members(path):
            for sheet in read_sheets(member):
                list(sheet)
    except CptkitError:
        pass


@given(xml=st.text(alphabet="<>/=\"' rctsv0123456789AZ&;xe!-[]", max_size=60))
def test_any_marks_in_a_worksheet_are_an_error_of_ours(tmp_path_factory, book, raw_cell, xml):
    path = tmp_path_factory.mktemp("marks") / "table.xlsx"
    path.write_bytes(book({"A": [["a", raw_cell(xml), 1]]}))
    (member,) = members(path)
    try:
        for sheet in read_sheets(member):
            list(sheet)
    except CptkitError:
        pass
