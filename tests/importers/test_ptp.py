"""Pair edits as published: wrapped header, ``*``, indicator 9, any preamble, four files for a quarter."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.edits import Quarter, Setting
from cptkit.edits.building import Base, PairBuilder
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import ptp, ptp_loading
from cptkit.importers.opening import Member, members
from cptkit.importers.ptp import PtpRow
from cptkit.importers.rows import Rejected

PREAMBLE = (
    "An invented notice.\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
LINES = [
    "W9901\tW9902\t\t20200101\t*\t1\town words",
    "W9901\tX9903\t*\t19960101\t20231231\t0\tother words",
    "W9902\tW9901\t\t20220101\t20220101\t9\town words",
    "X9903\tW9902\t\t\t*\t0\town words",
]
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)


def text(lines, end="\r\n", preamble=PREAMBLE):
    return preamble.replace("\r\n", end) + "".join(line + end for line in lines)


def loaded(member, builder=None):
    """The table of a member, what came of it, and what was rejected."""
    builder = builder or PairBuilder(Setting.PRACTITIONER, Q3)
    rejected = []
    found = ptp_loading.load(member, builder, rejected=rejected.append)
    return builder.finish(), found, rejected


def kept(member):
    return [row for row in ptp.read(member) if isinstance(row, PtpRow)]


def test_rows_one_after_the_other(write):
    assert list(ptp.read(write("f1.TXT", text(LINES)))) == [
        PtpRow(7, "W9901", "W9902", False, dt.date(2020, 1, 1), None, 1, "own words"),
        PtpRow(8, "W9901", "X9903", True, dt.date(1996, 1, 1), dt.date(2023, 12, 31), 0, "other words"),
        PtpRow(9, "W9902", "W9901", False, dt.date(2022, 1, 1), dt.date(2022, 1, 1), 9, "own words"),
        PtpRow(10, "X9903", "W9902", False, None, None, 0, "own words"),
    ]


def test_a_quarter_at_once(write):
    built, found, rejected = loaded(write("f1.TXT", text(LINES)))
    assert (found.rows, found.rejected, found.kept, rejected) == (4, 0, 4, [])
    assert (found.first, found.last) == ("W9901W9902", "X9903W9902")
    assert built.table.counts() == {
        "pairs": 3,
        "rows": 4,
        "open": 2,
        "indicator 0": 2,
        "indicator 1": 1,
        "indicator 9": 1,
    }
    assert set(built.marks) == {"W9901", "W9902", "X9903"}


@pytest.mark.parametrize(
    "content",
    [
        text(LINES, "\n"),
        text(LINES)[:-2],
        text(LINES) + "\r\n\t\t\t\t\t\t\r\n \r\n",
        text(LINES) + "\x1a",
        text(LINES) + "\r\n\x1a",
        "\ufeff" + text(LINES),
        text(LINES, preamble="".join(f"a line {n}\r\n" for n in range(150)) + PREAMBLE),
        text(LINES, preamble=PREAMBLE.split("\r\n", 1)[1].replace("Column1/Column2 Edits", "")),
        text(LINES, preamble=PREAMBLE.replace("Column 1\tColumn 2", "COLUMN 1 \t column 2")),
        text(LINES, preamble=PREAMBLE.partition("\r\n\t\tprior")[0] + "\r\n"),
        text([line + "\t\t" for line in LINES]),
        text([line.replace("\t", " \t ") for line in LINES]),
        text([LINES[0], "", "\t\t\t", *LINES[1:]]),
        text(LINES[::-1]),
    ],
)
def test_every_form_of_the_text(write, content):
    member = write("f1.txt", content)
    built, found, rejected = loaded(member)
    expected = loaded(write("plain.txt", text(LINES)))[0]
    assert built.table.to_bytes() == expected.table.to_bytes()
    assert (found.rows, rejected) == (4, [])
    assert len(kept(member)) == 4
    assert not [row for row in ptp.read(member) if isinstance(row, Rejected)]


GRID = [line.split("\t") for line in (PREAMBLE + "\r\n".join(LINES)).split("\r\n")]


def test_comma_separated(write):
    expected = loaded(write("plain.txt", text(LINES)))[0].table.to_bytes()
    comma = "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in GRID)
    built, found, rejected = loaded(write("f1.csv", comma + '"a quote, ""and\r\n'))
    assert built.table.to_bytes() == expected
    assert (found.rows, [row.line_number for row in rejected]) == (5, [11])


def test_a_workbook(write, book):
    expected = loaded(write("plain.txt", text(LINES)))[0].table.to_bytes()
    cells = [[int(cell) if cell.isdigit() else cell for cell in row] for row in GRID]
    built, found, rejected = loaded(write("f1.xlsx", book({"Sheet1": cells, "Notes": [["an own note"]]})))
    assert built.table.to_bytes() == expected
    assert (found.rows, rejected) == (4, [])


def test_an_older_layout_without_a_rationale(write):
    member = write("f1.txt", text(["W9901\tW9902\t\t20200101\t*\t1"]))
    (row,) = kept(member)
    assert row.rationale == ""
    assert loaded(member)[0].table.terms[0].rationale == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("W9901\tW9902\t\t20200101\t*", "the row has another number of cells than the header: 5, not 7"),
        (
            "W9901\tW9902\t\t20200101\t*\t1\town\tmore",
            "the row has another number of cells than the header: 8",
        ),
        ("W9901", "the row has another number of cells than the header: 1, not 7"),
        ("9901\tW9902\t\t20200101\t*\t1\town", "column 1 is not a code: '9901'"),
        ("w9901\tW9902\t\t20200101\t*\t1\town", "column 1 is not a code: 'w9901'"),
        ("\tW9902\t\t20200101\t*\t1\town", "column 1 is missing"),
        ("W9901\tW99\t\t20200101\t*\t1\town", "column 2 is not a code: 'W99'"),
        ("W9901\tW99O2\t\t20200101\t*\t1\town", "column 2 is not a code: 'W99O2'"),
        ("W9901\tW9901\t\t20200101\t*\t1\town", "a code is paired with itself: W9901"),
        ("W9901\tW9902\tx\t20200101\t*\t1\town", "the flag of before 1996 is neither * nor empty: 'x'"),
        (
            "W9901\tW9902\t\t20200230\t*\t1\town",
            "the effective date is not a day of the calendar: '20200230'",
        ),
        ("W9901\tW9902\t\t*\t*\t1\town", "the effective date is not a day such as 20260701: '*'"),
        ("W9901\tW9902\t\t20200101\t\t1\town", "the deletion date is missing"),
        ("W9901\tW9902\t\t20200101\t2020\t1\town", "the deletion date is not a day such as 20260701: '2020'"),
        ("W9901\tW9902\t\t20200101\t*\t2\town", "the indicator is none of 0, 1, 9: '2'"),
        ("W9901\tW9902\t\t20200101\t*\t\town", "the indicator is none of 0, 1, 9: ''"),
        ("W9901\tW9902\t\t20200101\t*\t1\t" + 251 * "x", "the rationale is longer than 250 characters"),
    ],
)
def test_rows_that_cannot_be_read_are_rejected_with_their_line(write, line, reason):
    member = write("f1.txt", text([LINES[0], line, LINES[1]]))
    built, found, rejected = loaded(member)
    (one,) = rejected
    assert one.line_number == 8
    assert one.reason.startswith(reason)
    assert line.startswith(one.text_start.split(" | ")[0])
    assert (found.rows, found.kept, found.rejected) == (3, 2, 1)
    assert built.table.counts()["rows"] == 2
    assert [row for row in ptp.read(member) if isinstance(row, Rejected)] == [one]
    assert line[:5] not in built.marks  # so that the next import tells of it again


def test_bad_rows_among_many_good_ones(write):
    """The good ones of a block are still taken at once."""
    lines = [f"W{n:04}\tX{n:04}\t\t20200101\t*\t{n % 2}\town words" for n in range(1, 5000)]
    for place in (10, 2000, 4000):
        lines.insert(place, "bad")
    built, found, rejected = loaded(write("f1.txt", text(lines)))
    assert [row.line_number for row in rejected] == [17, 2007, 4007]
    assert (found.rows, found.kept) == (5002, 4999)
    assert built.table.counts()["rows"] == 4999
    assert (found.first, found.last) == (None, None)  # not in order


@pytest.mark.parametrize(
    "content",
    [
        "",
        "own words\n",
        "HCPCS\tMOD\n",
        PREAMBLE.partition("Column 1")[0],
        "\n".join(map(str, range(400))) + "\n" + PREAMBLE,
    ],
)
def test_what_is_no_table_of_pair_edits(tmp_path, content):
    path = tmp_path / "f1.txt"
    path.write_text(content, newline="")
    member = Member("f1.txt", None, len(content), path)
    with pytest.raises(UnknownLayout, match="no header of pair edits was found"):
        list(ptp.read(member))
    with pytest.raises(UnknownLayout):
        loaded(member)


def test_a_header_with_nothing_below(write):
    built, found, rejected = loaded(write("f1.txt", PREAMBLE))
    assert (len(built.table), found.rows, found.first, rejected) == (0, 0, None, [])


def test_a_line_without_an_end_is_no_table(write):
    with pytest.raises(UnreadableFile, match="line 7 is longer than 262,144 bytes"):
        loaded(write("f1.txt", PREAMBLE + "W9901\t" + 300_000 * "x"))


def test_lines_that_lie_across_the_blocks_that_are_read(write, monkeypatch):
    lines = [f"W{n % 10:04}\tX{n:04}\t\t20200101\t*\t{n % 2}\town words {n % 7}" for n in range(300)]
    member = write("f1.txt", text(lines))
    expected = loaded(member)[0].table.to_bytes()
    rows = list(ptp.read(member))
    for size in (1, 7, 1000):
        monkeypatch.setattr(ptp, "_BLOCK", size)
        assert loaded(member)[0].table.to_bytes() == expected
        assert list(ptp.read(member)) == rows


# ---- quarters ------------------------------------------------------------------------------------


def test_the_four_files_of_a_quarter(write):
    """A code's rows may lie across two of them."""
    whole = loaded(write("whole.txt", text(LINES)))[0]
    builder = PairBuilder(Setting.PRACTITIONER, Q3)
    for number, line in enumerate(LINES, start=1):
        ptp_loading.load(write(f"f{number}.txt", text([line])), builder)
    built = builder.finish()
    assert built.table.to_bytes() == whole.table.to_bytes()
    assert set(built.marks) == {"W9902", "X9903"}  # not of the code whose rows lie across two files


def test_the_same_file_twice(write):
    builder = PairBuilder(Setting.PRACTITIONER, Q3)
    member = write("f1.txt", text(LINES))
    for _ in range(2):
        ptp_loading.load(member, builder)
    built = builder.finish()
    assert (built.repeated, built.table.counts()["rows"], built.marks) == (4, 4, {})


def test_progress_is_told(write):
    seen = []
    builder = PairBuilder(Setting.PRACTITIONER, Q3)
    ptp_loading.load(write("f1.txt", text(LINES)), builder, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 4


def lines_of(rows):
    return [
        f"{a}\t{b}\t\t{first}\t{last}\t{indicator}\town {indicator}" for a, b, first, last, indicator in rows
    ]


codes = st.sampled_from(["W9901", "W9902", "X9903", "X9904", "00009"])
file_rows = st.lists(
    st.tuples(
        codes,
        codes,
        st.sampled_from(["", "20200101", "20240401"]),
        st.sampled_from(["*", "20240630"]),
        st.sampled_from("019"),
    ).filter(lambda row: row[0] != row[1]),
    max_size=12,
)
bad_lines = st.lists(
    st.sampled_from(["bad", "W9901\tbad", " W9901\tX9904\t\t\t*\t1\town", "", "W9902\t"]), max_size=2
)


@given(older=file_rows, newer=file_rows, bad=bad_lines, is_sorted=st.booleans(), data=st.data())
def test_rows_carried_over_by_their_marks_are_those_of_the_file(
    tmp_path_factory, older, newer, bad, is_sorted, data
):
    """Importing on top of a quarter gives the same table as reading every row."""
    folder = tmp_path_factory.getbasetemp()
    newer = [*newer, *older[: data.draw(st.integers(0, len(older)))]]
    if is_sorted:
        older, newer = sorted(older), sorted(newer)

    def member(name, rows):
        lines = lines_of(rows)
        for line in bad:
            lines.insert(data.draw(st.integers(0, len(lines))), line)
        (folder / name).write_text(text(lines), newline="")
        return next(iter(members(folder / name)))

    first, second = member("older.txt", older), member("newer.txt", newer)
    before = loaded(first, PairBuilder(Setting.DME, Q2))[0]
    base = Base(Q2, before.marks)
    quick, found, rejected = loaded(second, PairBuilder(Setting.DME, Q3, union=before.table, base=base))
    slow, expected, told = loaded(second, PairBuilder(Setting.DME, Q3, union=before.table))
    assert quick.table.to_bytes() == slow.table.to_bytes()
    assert quick.alone.to_bytes() == slow.alone.to_bytes()
    assert (found, rejected) == (expected, told)
    assert quick.marks == slow.marks


def test_an_unchanged_file_is_carried_over_whole(write):
    member = write("f1.txt", text(LINES))
    before = loaded(member, PairBuilder(Setting.DME, Q2))[0]
    builder = PairBuilder(Setting.DME, Q3, union=before.table, base=Base(Q2, before.marks))
    ptp_loading.load(member, builder)
    assert [len(column) for column in builder._columns] == [0, 0, 0]
    assert builder.finish().alone.counts() == before.alone.counts()


def test_a_code_with_more_rows_than_are_held_at_once(write, monkeypatch):
    monkeypatch.setattr(ptp_loading, "_MOST_GROUP", 2)
    lines = [f"W9901\tX{n:04}\t\t20200101\t*\t1\town" for n in range(10)]
    member = write("f1.txt", text(lines))
    built, found, _ = loaded(member)
    assert (found.rows, built.table.counts()["rows"], built.marks) == (10, 10, {})


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("W9901\tW9902\t\t20240930\t*\t1\town", False),
        ("W9901\tW9902\t\t20241001\t*\t1\town", True),
        ("W9901\tW9902\t\t20200101\t20240930\t1\town", False),
        ("W9901\tW9902\t\t20200101\t20241001\t1\town", True),
        ("W9901\tW9902\t\t20241001\t20241001\t9\town", True),
        ("W9901\tW9902\t\t\t*\t1\town", False),
        ("W9901\tW9902\t\t20200101\t99991231\t1\town", True),
    ],
)
def test_rows_that_cannot_be_of_the_quarter(write, line, is_refused):
    builder = PairBuilder(Setting.PRACTITIONER, Q3)
    ptp_loading.load(write("f1.txt", text([line])), builder)
    if is_refused:
        with pytest.raises(ContradictoryFile, match="these are not the pair edits of 2024q3"):
            ptp_loading.check_quarter(builder)
    else:
        ptp_loading.check_quarter(builder)


# ---- fuzz ----------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=80), max_size=12), st.booleans())
def test_any_bytes_below_a_header_are_read_or_rejected(tmp_path_factory, lines, has_header):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes((PREAMBLE.encode() if has_header else b"") + b"\r\n".join([*lines, b"x"]))
    member = Member("any.txt", None, path.stat().st_size, path)
    try:
        rows = list(ptp.read(member))
    except (UnknownLayout, UnreadableFile):
        return
    built, found, rejected = loaded(member)
    assert found.rows == len(rows)
    assert sorted(rejected, key=repr) == sorted((row for row in rows if isinstance(row, Rejected)), key=repr)
    assert built.table.counts()["rows"] + built.repeated == found.kept


@given(
    st.lists(
        st.tuples(
            *[st.sampled_from(["W9901", "W9902", "", "*", "20240101", "1", "9", "x", "é", "own words"])] * 7
        ),
        max_size=8,
    )
)
def test_any_cells_below_a_header_are_read_or_rejected(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "cells.txt"
    path.write_text(text(["W9901\tX9904\t\t\t*\t1\town", *map("\t".join, rows)]), newline="")
    member = Member("cells.txt", None, path.stat().st_size, path)
    read = list(ptp.read(member))
    built, found, rejected = loaded(member)
    assert (found.rows, found.rejected) == (len(read), len(rejected))
    assert built.table.counts()["rows"] + built.repeated == found.kept
