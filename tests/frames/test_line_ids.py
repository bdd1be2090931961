"""Findings stand on lines by their ids, whatever these are."""

import datetime as dt
from decimal import Decimal

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import Basis, Catalog  # noqa: E402 - behind the skip
from cptkit.errors import UnreadableClaims  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.mark.parametrize(
    ("ids", "first"),
    [
        (pa.array([10, 9]), 9),
        (pa.array([10, 9], pa.uint8()), 9),
        (pa.array(["10", "9"]), "9"),
        (pa.array(["b", "a"]), "a"),
        (pa.array(["1a", "1a"]), "1a"),
        (pa.array([None, "a"]), "a"),
        (pa.array([None, None], pa.string()), None),
        (pa.array(["b", "a"]).dictionary_encode(), "a"),
        (pa.array(["10", "9"], pa.large_string()), "9"),
        (pa.array(["L10", "L9"]), "L9"),
        (pa.array(["C-2-10", "C-2-9"]), "C-2-9"),
        (pa.array([" 10", "9"]), "9"),
        (pa.array(["", "a"]), "a"),
        (pa.array([Decimal("10.00"), Decimal("9.00")]), Decimal("9.00")),
        (pa.array([10.5, 9.5]), 9.5),
        (pa.array([-1, 2]), 2),
        (pa.array(["1" + "0" * 19, "9" * 19]), "9" * 19),
        (pa.array([10**19, 9 * 10**18], pa.uint64()), 9 * 10**18),
        (pa.array([dt.date(2026, 3, 10), dt.date(2026, 3, 9)]), dt.date(2026, 3, 9)),
    ],
    ids=str,
)
def test_a_finding_stands_on_the_lowest_id(paths, catalog, ids, first) -> None:
    """Ids are told as the input has them; equal ones, and lines without, stand in their order."""
    rows = [paths.row(0, "P-1", DAY, "90834"), paths.row(1, "P-1", DAY, "90834")]
    table = paths.table(rows).set_column(2, "line_id", ids)
    for grouped in (False, True):
        told = check(table, catalog, select=["DUP601"], grouped=grouped)
        assert told.table["line"].type == ids.type
        assert told.table.select(["row", "line"]).to_pylist() == [
            {"row": ids.to_pylist().index(first), "line": first}
        ]


def test_without_ids(paths, catalog) -> None:
    """The row takes the place of the line; the claim is none."""
    rows = [paths.row(n, "P-1", DAY, "90834", units=0) for n in range(3)]
    table = paths.table(rows).drop_columns(["line_id", "claim_id"])
    told = check(table, catalog, select=["COD103"])
    assert told.table.select(["row", "line", "claim"]).to_pylist() == [
        {"row": n, "line": n, "claim": None} for n in range(3)
    ]


def test_a_claim_takes_the_place_of_a_patient(paths, catalog) -> None:
    rows = [paths.row(n, "P-1", DAY, "90834", claim=f"C-{n // 2}") for n in range(4)]
    told = check(paths.table(rows).drop_columns(["patient_id"]), catalog, select=["DUP601"])
    assert told.table.select(["line", "claim"]).to_pylist() == [
        {"line": 0, "claim": "C-0"},
        {"line": 2, "claim": "C-1"},
    ]
    whole = check(paths.table(rows), catalog, select=["DUP601"])
    assert set(whole.table["line"].to_pylist()) == {0}


def test_ids_of_two_types(paths, catalog, tmp_path) -> None:
    """Files of a folder that write them otherwise: all are told as texts."""
    pq = pytest.importorskip("pyarrow.parquet")
    for part, ids in enumerate((pa.array(["b", "a"]), pa.array([12, 7]))):
        rows = [paths.row(n, f"P-{part}", DAY, "90834") for n in range(2)]
        pq.write_table(paths.table(rows).set_column(2, "line_id", ids), tmp_path / f"{part}.parquet")
    told = check(tmp_path, catalog, select=["DUP601"]).table
    assert told["line"].to_pylist() == ["a", "7"]
    assert told["row"].to_pylist() == [1, 3]


@pytest.mark.parametrize("kind", [pa.binary(2), pa.month_day_nano_interval()], ids=str)
@pytest.mark.parametrize("wrapped", [False, True])
def test_types_that_are_no_ids_are_named(paths, catalog, kind, wrapped) -> None:
    ids = pa.nulls(1, kind)
    if wrapped:
        ids = pa.RunEndEncodedArray.from_arrays([1], ids)
    table = paths.table([paths.row(0, "P-1", DAY, "90834")]).set_column(2, "line_id", ids)
    with pytest.raises(UnreadableClaims, match="a column cannot hold the line: 'line_id' ") as caught:
        check(table, catalog, select=["DUP601"])
    assert str(ids.type) in str(caught.value)


def test_a_reason_tells_no_line(paths, catalog) -> None:
    """Lines of many encounters are counted under one reason, wherever in their encounter the visit stands."""
    visit, other, addon = ("99213", ()), ("99215", ("25",)), ("G2211", ())
    turns = [(visit, other, addon), (other, addon, visit), (addon, visit, other)]
    rows = [
        paths.row(3 * turn + place, f"P-{turn}", DAY, code, modifiers=modifiers)
        for turn, of_day in enumerate(turns)
        for place, (code, modifiers) in enumerate(of_day)
    ]
    told = check(paths.table(rows), catalog, select=["ADD305"], basis=Basis.MEDICARE)
    assert told.not_checked.to_pylist() == [
        {"rule": "ADD305", "reason": "it may go with a 99213 that does not carry 25", "lines": 3}
    ]
