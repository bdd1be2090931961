"""The table of findings: its columns, ids as they were given, counts, and how it is joined back."""

import datetime as dt

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import Basis, Catalog  # noqa: E402 - behind the skip
from cptkit.frames.findings import COLUMNS, not_checked_table  # noqa: E402  behind what skips
from cptkit.frames.found import FoundColumns, evidence_column, together  # noqa: E402  behind what skips
from cptkit.frames.in_short import in_short  # noqa: E402  behind what skips
from cptkit.frames.running import check  # noqa: E402 - behind the skip
from cptkit.wording import counted  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)
TABLES = {
    "ptp practitioner 2026q1": [
        "90834 90847 1 own words",
        "90834 90853 0 Mutually exclusive",
        "90847 90853 1 own words",
    ],
    "mue practitioner 2026q1": ["90834 1 2", "90847 2 1", "90853 1 3"],
    "aoc 2026q1": ["90785 90791 1"],
}


@pytest.fixture(scope="module")
def catalog(catalog_of) -> Catalog:
    return catalog_of(TABLES)


@pytest.fixture(scope="module")
def rows(paths):
    """Three codes between which there are edits, over their limits; an add-on alone; a bypass."""
    return [
        paths.row("b", "P-1", DAY, "90847", units=3, minutes=50),
        paths.row("a", "P-1", DAY, "90834", units=2, minutes=45),
        paths.row("c", "P-1", DAY, "90853", units=2),
        paths.row("d", "P-2", DAY, "90785", claim="C-2"),
        paths.row("e", "P-3", DAY, "90834", minutes=45, claim="C-3"),
        paths.row("f", "P-3", DAY, "90847", modifiers=("59",), minutes=50, claim="C-3"),
        paths.row("g", "P-4", dt.date(2025, 3, 2), "90834", units=2, minutes=45, claim="C-4"),
        paths.row("h", "P-5", dt.date(2020, 3, 2), "90834", claim="C-5"),
    ]


@pytest.fixture(scope="module")
def found(paths, rows, catalog):
    return check(paths.table(rows), catalog, select=["PTP", "MUE", "ADD"], basis=Basis.MEDICARE)


def test_columns(found) -> None:
    """Their names and types; texts that come again and again stand once."""
    assert found.table.column_names == list(COLUMNS)
    kinds = [str(field.type) for field in found.table.schema]
    text = "dictionary<values=string, indices=int32, ordered=0>"
    assert kinds == ["int64", "string", "string", *[text] * 6]
    assert len(found) == found.table.num_rows > 0
    for name in COLUMNS[3:]:
        for chunk in found.table[name].chunks:
            values = chunk.dictionary.to_pylist()
            assert len(values) == len(set(values))
            assert None not in chunk.to_pylist()


def test_every_finding(found) -> None:
    """In the order of the input, then of rules, then of what they rest on."""
    p, m = "ptp practitioner 2026q1", "mue practitioner 2026q1"
    assert [tuple(row.values()) for row in found.table.to_pylist()] == [
        (0, "b", "C-1", "MUE801", "fail", "error", f"{m} 90847", "CO", "96"),
        (0, "b", "C-1", "PTP701", "fail", "error", f"{p} 90847 90853", "CO", "236"),
        (1, "a", "C-1", "MUE802", "fail", "error", f"{m} 90834", "CO", "96"),
        (1, "a", "C-1", "PTP701", "fail", "error", f"{p} 90834 90847", "CO", "236"),
        (1, "a", "C-1", "PTP702", "fail", "error", f"{p} 90834 90853", "CO", "236"),
        (2, "c", "C-1", "MUE803", "fail", "error", f"{m} 90853", "CO", "96"),
        (3, "d", "C-2", "ADD301", "fail", "error", "addons/90785@2025-01-01", "CO", "B15"),
        (4, "e", "C-3", "PTP701", "bypassed", "review", f"{p} 90834 90847", "", ""),
    ]


def test_what_is_not_checked(found) -> None:
    """By rule and reason, the most lines first, then by name."""
    assert found.not_checked.column_names == ["rule", "reason", "lines"]
    told = [tuple(row.values()) for row in found.not_checked.to_pylist()]
    assert told == sorted(told, key=lambda row: (-row[2], row[0], row[1]))
    assert ("ALL", "the catalog has no edition for 2020", 1) in told
    assert [row for row in told if row[0] == "MUE802"] == [
        ("MUE802", "no unit limits of practitioner for 2025q1; there are 2026q1", 1)
    ]


def test_counts_and_summary(found) -> None:
    """The most first; the summary says all numbers."""
    counts = found.counts()
    assert list(counts) == [
        ("PTP701", "fail"),
        ("ADD301", "fail"),
        ("MUE801", "fail"),
        ("MUE802", "fail"),
        ("MUE803", "fail"),
        ("PTP701", "bypassed"),
        ("PTP702", "fail"),
    ]
    assert list(counts.values()) == [2, 1, 1, 1, 1, 1, 1]
    lines = found.summary().splitlines()
    assert lines[0] == "8 rows read: 8 lines checked, 0 rejected"
    assert lines[1:8] == [f"{rule} {outcome:<8} {count:>12,}" for (rule, outcome), count in counts.items()]
    told = found.not_checked.sort_by(
        [("lines", "descending"), ("rule", "ascending"), ("reason", "ascending")]
    ).to_pylist()
    times = sum(each["lines"] for each in told)
    assert lines[8] == f"not checked: {times:,} times a rule and a line, for {len(told):,} reasons"
    shown = [(each["rule"], each["lines"], each["reason"]) for each in told[:5]]
    assert lines[9:] == [f"  {rule}, {counted(count, 'line')}: {reason}" for rule, count, reason in shown]


def test_a_summary_of_what_is_left_out(paths) -> None:
    """Rules without tables, rejected rows, large numbers."""
    rows = [paths.row(n, f"P-{n}", DAY, "90834", units=0) for n in range(1200)]
    table = paths.table(rows)
    place = table.column_names.index("units")
    told = check(table.set_column(place, "units", pa.array(["x", *["0"] * 1199])), Catalog.bundled())
    lines = told.summary().splitlines()
    assert lines[0] == "1,200 rows read: 1,199 lines checked, 1 rejected"
    assert f"{'COD103'} {'fail':<8} {'1,199':>12}" in lines
    assert lines[-1] == f"left out, as what they answer from is not there: {', '.join(told.left_out)}"
    assert "PTP701" in told.left_out
    assert told.rejects.to_pylist()[0]["row"] == 0
    assert lines[1] == f"rejected 1 time: {told.rejects.to_pylist()[0]['reason']}"


def test_a_summary_says_that_nothing_could_be_judged(paths) -> None:
    """Days without an edition are not what was found clean."""
    told = check(paths.table([paths.row(1, "P", dt.date(1999, 3, 2), "90834")]), Catalog.bundled())
    assert "no line could be judged" in told.summary().splitlines()
    assert "  ALL, 1 line: the catalog has no edition for 1999" in told.summary().splitlines()
    assert "1 time a rule did not check a line" in repr(told)
    unchecked = [("ALL", "no edition", 1), *((f"R{number}", "why", 1) for number in range(6))]
    some = in_short(rows=2, lines=2, rejects={}, findings={}, unchecked=unchecked, left_out=())
    assert "no line could be judged" not in some
    assert some.splitlines()[-1] == "  and 2 more reasons"


def test_a_summary_tells_the_commonest_reasons_of_rejects() -> None:
    """The most first, so many of them, and how many rows the others rejected."""
    rejects = {f"reason {number:02}": number for number in range(1, 13)}
    lines = in_short(rows=80, lines=2, rejects=rejects, findings={}, unchecked=[], left_out=()).splitlines()
    assert lines == [
        "80 rows read: 2 lines checked, 78 rejected",
        *(f"rejected {number} times: reason {number:02}" for number in range(12, 2, -1)),
        "rejected 3 times for other reasons",
        "nothing was left unchecked by the rules that ran",
    ]


def test_the_same_every_time(paths, rows, catalog, found) -> None:
    again = check(paths.table(rows), catalog, select=["PTP", "MUE", "ADD"], basis=Basis.MEDICARE)
    assert again.table.equals(found.table)
    assert again.not_checked.equals(found.not_checked)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.string(), pa.large_string()], ids=str)
def test_ids_as_given(paths, catalog, kind, grouped) -> None:
    """Line and claim are told as the input has them, over batches too."""
    rows = [paths.row(n + 7, f"P-{n}", DAY, "90834", units=0) for n in range(9)]
    table = paths.table(rows)
    lines, claims = (
        pa.array([n * 11 for n in range(9)]).cast(kind),
        pa.array([n // 2 for n in range(9)]).cast(kind),
    )
    table = table.set_column(2, "line_id", lines).set_column(1, "claim_id", claims)
    told = check(table, catalog, select=["COD103"], batch_rows=2, grouped=grouped).table
    assert (told["line"].type, told["claim"].type) == (kind, kind)
    assert told["line"].to_pylist() == lines.to_pylist()
    assert told["claim"].to_pylist() == claims.to_pylist()


def test_ids_of_dictionaries_of_each_batch(paths, catalog) -> None:
    """Chunks whose dictionaries differ."""
    parts = []
    for start in (0, 3):
        part = paths.table([paths.row("", f"P-{n}", DAY, "90834", units=0) for n in range(start, start + 3)])
        ids = pa.array([f"L-{n % 4}" for n in range(start, start + 3)]).dictionary_encode()
        parts.append(part.set_column(2, "line_id", ids))
    told = check(pa.concat_tables(parts), catalog, select=["COD103"]).table
    assert told["line"].to_pylist() == [f"L-{n % 4}" for n in range(6)]


def test_of_several_chunks_in_any_order(paths, catalog) -> None:
    """A finding takes the id of its own row, whichever batch that is in."""
    rows = [paths.row(100 - n, f"P-{n % 7}", DAY, "90834") for n in range(28)]
    told = check(paths.table(rows), catalog, select=["DUP601"], batch_rows=5).table
    of_row = [row.line for row in rows]
    assert set(told["row"].to_pylist()) == set(range(21, 28))
    assert told["line"].to_pylist() == [of_row[row] for row in told["row"].to_pylist()]


def test_dictionaries_of_files_in_any_order(paths, catalog, tmp_path) -> None:
    """Ids of lines that are brought together from several files, each with a dictionary of its own."""
    pq = pytest.importorskip("pyarrow.parquet")
    for part in range(2):
        rows = [paths.row("", f"P-{n}", DAY, "90834", units=0) for n in (2, 0, 1)]
        ids = pa.array([f"L-{part}{row.patient}" for row in rows]).dictionary_encode()
        pq.write_table(paths.table(rows).set_column(2, "line_id", ids), tmp_path / f"{part}.parquet")
    told = check(tmp_path, catalog, select=["COD103"]).table
    assert told["line"].to_pylist() == [f"L-{part}P-{n}" for part in range(2) for n in (2, 0, 1)]


# ---- joined back -----------------------------------------------------------------------------------

LINES_OF = {"PTP701": ["a", "b", "e"], "MUE801": ["b"], "ADD301": ["d"]}


def test_joined_by_polars(paths, rows, found) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    lines = polars.DataFrame(paths.table(rows))
    joined = lines.join(polars.DataFrame(found), left_on="line_id", right_on="line")
    for rule, ids in LINES_OF.items():
        assert sorted(joined.filter(polars.col("rule") == rule)["line_id"]) == ids
    assert len(joined) == len(found)


def test_joined_by_pandas(paths, rows, found) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    joined = paths.table(rows).to_pandas().merge(found.table.to_pandas(), left_on="line_id", right_on="line")
    for rule, ids in LINES_OF.items():
        assert sorted(joined[joined["rule"] == rule]["line_id"]) == ids
    assert len(joined) == len(found)


def test_joined_by_duckdb(paths, rows, found) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    lines, findings = paths.table(rows), found.table
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        connection.register("findings", findings)
        told = connection.sql("select rule, line_id from lines join findings on line_id = line").fetchall()
    for rule, ids in LINES_OF.items():
        assert sorted(line for name, line in told if name == rule) == ids
    assert len(told) == len(found)


def test_read_as_arrow(found) -> None:
    assert pa.table(found).equals(found.table)


def test_in_short(catalog) -> None:
    table = pa.table({"patient": ["P-1", None], "dos": ["2026-03-02"] * 2, "cpt": ["90785"] * 2})
    found = check(table, catalog, select="ADD301")
    assert (
        repr(found)
        == "<FindingsTable: 1 finding; 2 rows read: 1 line checked, 1 rejected; 0 times a rule did not check a line>"
    )
    assert str(found) == found.summary()


# ---- parts -----------------------------------------------------------------------------------------


def columns(*rows):
    kinds = (np.int64, *[np.int32] * 4)
    parts = zip(*rows, strict=True) if rows else [()] * 5
    return FoundColumns(*(np.array(part, kind) for part, kind in zip(parts, kinds, strict=True)))


def test_evidence_of_texts_and_codes() -> None:
    """A text, with one or two codes; each distinct one once."""
    texts, codes = ["addons/90785", "mue q", "ptp q"], ["90834", "90847"]
    held = columns((0, 0, 1, 0, -1), (1, 0, 2, 0, 1), (2, 0, 2, 1, 0), (3, 0, 0, -1, -1), (4, 0, 1, 0, -1))
    told = evidence_column(held, texts, codes)
    assert told.to_pylist() == [
        "mue q 90834",
        "ptp q 90834 90847",
        "ptp q 90847 90834",
        "addons/90785",
        "mue q 90834",
    ]
    assert len(told.dictionary) == 4
    assert evidence_column(columns(), [], []).to_pylist() == []


def test_blocks_together() -> None:
    """One after another; of one block nothing is copied."""
    one, two = columns((5, 1, 0, 0, -1)), columns((2, 0, 1, -1, -1), (3, 0, 1, -1, -1))
    assert together([one]) is one
    whole = together([one, two])
    assert whole.row.tolist() == [5, 2, 3]
    assert whole.verdict.tolist() == [1, 0, 0]
    assert whole.first.tolist() == [0, -1, -1]
    nothing = together([])
    assert [getattr(nothing, name).dtype for name in ("row", "verdict", "table", "first", "second")] == [
        np.int64,
        *[np.int32] * 4,
    ]


def test_not_checked_in_order() -> None:
    """The most lines first, then by rule and reason; without any, the columns have their types."""
    counts = {("B", "y"): 1, ("B", "x"): 1, ("A", "z"): 1, ("C", "w"): 9}
    assert [tuple(row.values()) for row in not_checked_table(counts).to_pylist()] == [
        ("C", "w", 9),
        ("A", "z", 1),
        ("B", "x", 1),
        ("B", "y", 1),
    ]
    assert [str(field.type) for field in not_checked_table({}).schema] == ["string", "string", "int64"]
