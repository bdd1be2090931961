"""Bytes to lines, lines to records."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import UnknownLayout
from cptkit.importers.lines import COMMA, TAB, Record, Records, decoded, numbered_lines
from cptkit.importers.rows import Rejected


def records(text, delimiter=COMMA, width=None):
    found = Records(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "table.csv", delimiter)
    found.width = width
    return [
        (record.line_number, record.cells)
        if isinstance(record, Record)
        else (record.line_number, record.reason)
        for record in found
    ]


def test_line_ends_and_numbers():
    data = io.BytesIO(b"\xef\xbb\xbfa\r\nb\n\nc\r\n\x1a")
    assert list(numbered_lines(data, "t")) == [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]


def test_a_line_that_is_no_line_of_a_table():
    data = io.BytesIO(b"a\n" + b"x" * 300_000)
    lines = numbered_lines(data, "table.txt")
    assert next(lines) == (1, b"a")
    with pytest.raises(
        UnknownLayout,
        match=r"line 2 is longer than 262,144 bytes: this is no table of lines; see table\.txt",
    ):
        next(lines)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"plain", "plain"),
        ("caf\u00e9 \u2019s".encode(), "caf\u00e9 \u2019s"),
        (b"caf\xe9 \x92s", "caf\u00e9 \u2019s"),
        (b"\xae \x81", "\u00ae \x81"),
    ],
)
def test_utf_8_else_windows_1252_else_latin_1(line, text):
    assert decoded(line) == text


def test_cells_lose_the_blanks_around_them():
    assert records("a , b,\u00a0c\n,,\n \nd,,\n") == [(1, ("a", "b", "c")), (4, ("d", "", ""))]


def test_a_quoted_cell_may_span_lines():
    text = '"notice\n\nof ""many"" lines",,\r\n"HCPCS/\nCPT Code",b,c\r\nW9901,"1,5",x\r\n'
    assert records(text) == [
        (1, ('notice\n\nof "many" lines', "", "")),
        (4, ("HCPCS/\nCPT Code", "b", "c")),
        (6, ("W9901", "1,5", "x")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'W9901,"1,x\nW9902,2,y\nW9903,3,z\n',
        'W9901,"1"x,x\nW9902,2,y\nW9903,3,z\n',
    ],
)
def test_a_stray_quote_costs_its_own_line_only(text):
    assert records(text, width=3) == [
        (1, "quotes that do not match"),
        (2, ("W9902", "2", "y")),
        (3, ("W9903", "3", "z")),
    ]


def test_two_stray_quotes_do_not_swallow_the_rows_between():
    text = 'W9901,1,"x\nW9902,2,y\nW9903,3,"z\nW9904,4,q\n'
    assert records(text, width=3) == [
        (1, "quotes that do not match"),
        (2, ("W9902", "2", "y")),
        (3, "quotes that do not match"),
        (4, ("W9904", "4", "q")),
    ]


def test_a_quote_that_is_never_closed_is_soon_given_up():
    rows = "".join(f"W{at:04},1\n" for at in range(200))
    found = records('"open,1\n' + rows, width=2)
    assert found[0] == (1, "quotes that do not match")
    assert len(found) == 201


def test_tabs_need_no_quotes():
    assert records('W9901\t3" wide\t"2\n', TAB, width=3) == [(1, ("W9901", '3" wide', '"2'))]
    assert records('W9901\t3" wide\t"2\n', TAB, width=2) == [(1, "quotes that do not match")]


CELL = st.text(st.characters(exclude_characters="\0\r\x1a", exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), st.sampled_from([COMMA, TAB]))
def test_what_csv_writes_is_read(rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    found = records(out.getvalue().encode(), delimiter, width=3)
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    wanted = [row for row in wanted if any(row)]
    if rows and rows[0][0].startswith("\ufeff"):
        return  # read as a byte order mark
    assert [cells for _, cells in found] == wanted


@given(st.binary(max_size=400), st.sampled_from([COMMA, TAB]), st.sampled_from([None, 1, 3]))
def test_any_bytes_give_records_in_order(data, delimiter, width):
    found = Records(io.BytesIO(data), "t", delimiter)
    found.width = width
    numbers = []
    for record in found:
        assert isinstance(record, (Record, Rejected))
        numbers.append(record.line_number)
    assert numbers == sorted(set(numbers))
