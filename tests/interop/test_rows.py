"""Bytes to lines, lines to cells."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import UnreadableClaims
from cptkit.interop.rows import DELIMITERS, decoded, lines_of, split


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        ("code,dos".encode("utf-16"), "the file is UTF-16"),
        (b"\xfe\xff\x00c", "the file is UTF-16"),
        (b"PK\x03\x04rest", "an Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"%PDF-1.7", "the file is a PDF"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"\x7fELF\0\xff", "the file is binary"),
        ("code,dos\r\nM\u00fcller".encode("latin-1"), "line 2 is not UTF-8 .byte 0xfc.*CSV UTF-8"),
    ],
)
def test_files_that_are_no_text(data, words):
    with pytest.raises(UnreadableClaims, match=words):
        decoded(data)


def test_the_byte_order_mark_is_no_part_of_the_first_name():
    assert decoded("\ufeffcode".encode()) == "code"


def test_line_ends():
    assert lines_of("a\nb\r\nc\rd") == ["a", "b", "c", "d"]
    assert lines_of("a\u2028b\x0bc\x1cd") == ["a\u2028b\x0bc\x1cd"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a, b ,c", ["a", "b", "c"]),
        ('"a","b, c",d', ["a", "b, c", "d"]),
        (' "a" , "say ""hi""" ', ["a", 'say "hi"']),
        ('"",""', ["", ""]),
        ("NULL, null ,\\N,NA,nan", ["", "", "", "", "nan"]),
        ('"NULL",NULL,"NA",NA', ["NULL", "", "NA", ""]),
        ('a,"b",', ["a", "b", ""]),
        (',"b"', ["", "b"]),
        ("", [""]),
    ],
)
def test_cells(line, cells):
    assert split(line, ",") == cells


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('a,"b', "a quote is opened in field 2 and not closed"),
        ('"', "a quote is opened in field 1 and not closed"),
        ('a,b"c', "a stray quote in field 2"),
        ('a,"b"c,d', "a stray quote in field 2"),
        ('a,"b""', "a quote is opened in field 2 and not closed"),
        ("a," + '"' * 4001, "a quote is opened in field 2 and not closed"),
    ],
)
def test_stray_quotes(line, reason):
    with pytest.raises(ValueError, match=reason):
        split(line, ",")


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), min_size=2),
    st.sampled_from(DELIMITERS),
)
def test_what_a_csv_writer_quotes_is_read_back(cells, delimiter):
    class Line:
        text = ""

        def write(self, text):
            self.text = text

    line = Line()
    csv.writer(line, delimiter=delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    assert split(line.text, delimiter) == [cell.strip() for cell in cells]
