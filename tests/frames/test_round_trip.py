"""Lines through a table and back, by every type, split and slice; and text cells as the reader of claim files has them."""

import datetime as dt
import io
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit.claims import Line  # noqa: E402 - behind the skip
from cptkit.frames.checking import line_of  # noqa: E402 - behind the skip
from cptkit.frames.converting import convert  # noqa: E402 - behind the skip
from cptkit.frames.lines import Interned  # noqa: E402 - behind the skip
from cptkit.frames.maps import detect  # noqa: E402 - behind the skip
from cptkit.frames.sources import batches  # noqa: E402 - behind the skip
from cptkit.interop import read_claims  # noqa: E402 - behind the skip

EPOCH = dt.date(1970, 1, 1)
HEADER = ["patient", "dos", "cpt", "mod1", "mod2", "units", "minutes", "start", "stop", "pos", "charge"]


def as_lines(done):
    """The lines as the objects that they stand for, by their rows."""
    return [line_of(done.lines, at, str(row)) for at, row in enumerate(done.lines.row.tolist())]


def from_table(table, batch_rows):
    """The lines and the rejected rows of a table that is read in batches."""
    texts, found, rejected = Interned(), [], []
    columns = detect(table.column_names)
    for batch in batches(table, columns, batch_rows):
        done = convert(batch.data, columns, texts, batch.first_row)
        assert done.rows == done.cells == len(done.lines) + len(done.rejects)
        found += as_lines(done)
        rejected += [
            (int(row), done.rejects.reasons[why].text)
            for row, why in zip(done.rejects.row, done.rejects.reason, strict=True)
        ]
    return found, rejected


TIMES = st.one_of(
    st.just((None, None)),
    st.tuples(*[st.times().map(lambda time: time.replace(microsecond=0))] * 2).filter(
        lambda pair: pair[0] != pair[1]
    ),
)
LINES = st.builds(
    lambda times, **others: Line(start=times[0], stop=times[1], **others),
    TIMES,
    code=st.sampled_from(["90834", "G2212", "0373T", "99999", "9083", "W99"]),
    date_of_service=st.dates(dt.date(1900, 1, 1)),
    modifiers=st.lists(st.sampled_from(["25", "59", "GT", "X"]), max_size=2).map(tuple),
    units=st.integers(-99_999_999, 999_999_999),
    minutes=st.none() | st.integers(-99_999_999, 999_999_999),
    place_of_service=st.sampled_from([None, "11", "02", "home"]),
    charge=st.none() | st.decimals(-(10**9), 10**9, places=4),
)
TEXT_KINDS = {
    "string": lambda cells: pa.array(cells, pa.string()),
    "large": lambda cells: pa.array(cells, pa.large_string()),
    "coded": lambda cells: pa.array(cells, pa.string()).dictionary_encode(),
    "small codes": lambda cells: (
        pa.array(cells)
        .cast(pa.large_string())
        .dictionary_encode()
        .cast(pa.dictionary(pa.int8(), pa.large_string()))
    ),
    "bytes": lambda cells: pa.array([None if cell is None else cell.encode() for cell in cells], pa.binary()),
}
if hasattr(pa, "string_view"):
    TEXT_KINDS["view"] = lambda cells: pa.array(cells, pa.string_view())
    TEXT_KINDS["stretches"] = lambda cells: pa.compute.run_end_encode(pa.array(cells, pa.string()))


def typed(lines, text):
    """A table of these lines: texts of one kind, and the rest in their own types."""
    modifiers = [(*line.modifiers, None, None)[:2] for line in lines]
    return {
        "patient": text(["P"] * len(lines)),
        "dos": pa.array([line.date_of_service for line in lines], pa.date32()),
        "cpt": text([line.code for line in lines]),
        "mod1": text([each[0] for each in modifiers]),
        "mod2": text([each[1] for each in modifiers]),
        "units": pa.array([line.units for line in lines], pa.int32()),
        "minutes": pa.array([line.minutes for line in lines], pa.int64()),
        "start": pa.array([line.start for line in lines], pa.time64("us")),
        "stop": pa.array([line.stop for line in lines], pa.time32("s")),
        "pos": text([line.place_of_service for line in lines]),
        "charge": pa.array([line.charge for line in lines], pa.decimal128(20, 4)),
    }


def written(lines, text):
    """The same, all of it as text."""

    def cells(values):
        return text([None if value is None else str(value) for value in values])

    columns = typed(lines, text)
    for name, field in (
        ("dos", "date_of_service"),
        *((each, each) for each in ("units", "minutes", "start", "stop")),
    ):
        columns[name] = cells([getattr(line, field) for line in lines])
    columns["charge"] = text([None if line.charge is None else format(line.charge, "f") for line in lines])
    return columns


@given(
    lines=st.lists(LINES, min_size=1, max_size=12),
    kind=st.sampled_from(sorted(TEXT_KINDS)),
    form=st.sampled_from([typed, written]),
    before=st.integers(0, 3),
    rows=st.integers(1, 13),
    splits=st.lists(st.integers(0, 12), max_size=3),
)
@settings(max_examples=250, deadline=None)
def test_lines_come_back_by_every_type_split_and_slice(lines, kind, form, before, rows, splits):
    whole = pa.table(form([lines[0]] * before + lines, TEXT_KINDS[kind])).slice(before)
    bounds = sorted({0, len(lines), *(min(place, len(lines)) for place in splits)})
    chunks = [whole.slice(start, end - start) for start, end in pairwise(bounds)]
    found, rejected = from_table(pa.concat_tables(chunks), rows)
    assert rejected == []
    expected = [
        Line(**{**{name: getattr(line, name) for name in NAMES}, "id": str(row)})
        for row, line in enumerate(lines)
    ]
    assert found == expected


NAMES = (
    "code",
    "date_of_service",
    "modifiers",
    "units",
    "minutes",
    "start",
    "stop",
    "place_of_service",
    "charge",
)
CELLS = {
    "patient": ["P-1", " P-2 ", ""],
    "dos": ["2026-03-02", "3/2/2026", "20260302", "2026-02-30", "", "0026-03-02", "2026-03-02 00:00", "soon"],
    "cpt": ["90834", " g2212", "", "90834-95", "9083495HO", "9083", "908345", "x y"],
    "mod1": ["", "25", "25,59", " gt", "5"],
    "mod2": ["", "59", "2559", "|", "x1y"],
    "units": ["", "1", "2.0", "1.5", "-1", "x", "1234567890"],
    "minutes": ["", "47", "47.5", "-1"],
    "start": ["", "9:05", "2:15 PM", "25:00"],
    "stop": ["", "9:50", "09:05", "noon"],
    "pos": ["", "11", " 2", "home"],
    "charge": ["", "150", "$1150.00", "-3.5", "NaN", "1.23456"],
}
OTHERWISE = {"no patient": "neither a claim nor a patient"}
ROWS = st.tuples(*(st.sampled_from([*CELLS[name], *CELLS[name][:1] * 8]) for name in HEADER))


@given(st.lists(ROWS, min_size=1, max_size=12), st.integers(1, 12))
@settings(max_examples=250, deadline=None)
def test_text_cells_are_read_as_the_reader_of_claim_files_reads_them(rows, batch_rows):
    text = "\n".join([";".join(HEADER), *(";".join(row) for row in rows)])
    file = read_claims(io.BytesIO(text.encode()))
    expected = {int(line.id) - 2: line for claim in file.claims for line in claim.lines}
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate(HEADER)})
    found, rejected = from_table(table, batch_rows)
    assert {row for row, _ in rejected} == {each.line_number - 2 for each in file.rejected}
    assert {int(line.id): values(line) for line in found} == {
        row: values(line) for row, line in expected.items()
    }
    told = {each.line_number - 2: re.sub(r" '[^']*'", "", each.reason) for each in file.rejected}
    for row, reason in rejected:
        # of two things that are wrong with the times, each reader tells the one that it sees first
        is_of_times = reason.startswith(("start", "stop", "a start", "a stop"))
        assert (
            re.search(r"\bst(art|op)\b", told[row])
            if is_of_times
            else OTHERWISE.get(reason, reason) in told[row]
        )


def values(line):
    return tuple(getattr(line, name) for name in NAMES)
