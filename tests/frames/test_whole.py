"""Lines of several batches: what is taken from them is what stands in them, and ids are found by their rows."""

import random

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import Catalog  # noqa: E402 - behind what skips
from cptkit.frames.converting import convert  # noqa: E402 - behind what skips
from cptkit.frames.lines import Interned  # noqa: E402 - behind what skips
from cptkit.frames.maps import detect  # noqa: E402 - behind what skips
from cptkit.frames.running import check  # noqa: E402 - behind what skips
from cptkit.frames.whole import Part, joined  # noqa: E402 - behind what skips

COLUMNS = (
    "row",
    "patient",
    "provider",
    "day",
    "code",
    "modifiers",
    "place",
    "units",
    "minutes",
    "start",
    "stop",
)


def whole_of(sizes, *, lost=frozenset(), ids="int", minutes=True):
    """Batches of so many rows, some of them lost; the claim and the line tell the row."""
    texts, parts, first = Interned(), [], 0
    for size in sizes:
        rows = range(first, first + size)
        table = {
            "patient": [f"P-{row % 7}" for row in rows],
            "dos": ["x" if row in lost else "2026-03-02" for row in rows],
            "cpt": [f"W99{row % 50:02}" for row in rows],
            "units": [row % 3 + 1 for row in rows],
            "claim": [f"C-{row}" for row in rows],
        }
        if minutes:
            table["minutes"] = [row % 60 for row in rows]
        if ids:
            table["line"] = [row if ids == "int" else f"{row:06}-L" for row in rows]
        batch = pa.RecordBatch.from_pydict(table)
        found = convert(batch, detect(batch.schema.names), texts, first)
        parts.append(Part.of(found, apart=bool(first % 2)))
        first += size
    return joined(parts)


def same(lines, others):
    return all(getattr(lines, name).tolist() == getattr(others, name).tolist() for name in COLUMNS)


@pytest.mark.parametrize("minutes", [True, False])  # a column that is not there takes no room
@pytest.mark.parametrize("sizes", [(40,), (1, 0, 17, 22), (13, 13, 14)])
def test_what_is_taken_is_what_one_batch_holds(sizes, minutes) -> None:
    lost = {3, 20, 21, 39}
    one, several = (whole_of(each, lost=lost, minutes=minutes) for each in ((40,), sizes))
    assert len(one) == len(several) == 36
    everything = one.lines()
    draw = random.Random(1)  # noqa: S311 - the same on every run
    for _ in range(20):
        places = np.array([draw.randrange(36) for _ in range(draw.randrange(1, 30))])
        assert same(several.take(places), everything.take(places))
        start, end = sorted(draw.randrange(37) for _ in range(2))
        piece = several.slice(start, end)
        assert len(piece) == end - start
        assert same(piece.lines(), everything.take(slice(start, end)))
        assert piece.claim.to_pylist() == [f"C-{row}" for row in piece.lines().row.tolist()]
    assert several.lines().row.tolist() == [row for row in range(40) if row not in lost]
    assert (several.take(np.array([0, 35])).minutes.strides == (0,)) is not minutes


@pytest.mark.parametrize("ids", ["int", "text", None])
@pytest.mark.parametrize("lost", [frozenset(), {0, 5, 18}])
def test_ids_by_rows(ids, lost) -> None:
    whole = whole_of((10, 9), lost=lost, ids=ids)
    rows = np.array([row for row in (0, 1, 1, 9, 10, 17, 18) if row not in lost])
    line, claim = whole.ids_of(rows)
    assert claim.to_pylist() == [f"C-{row}" for row in rows.tolist()]
    written = {"int": rows.tolist(), "text": [f"{row:06}-L" for row in rows.tolist()], None: rows.tolist()}
    assert line.to_pylist() == written[ids]
    nothing = whole.ids_of(rows[:0])
    assert [len(each) for each in nothing] == [0, 0]


@pytest.mark.parametrize(
    ("given", "rises"),
    [
        ([0, 2, 3, 9], True),
        ([1, 2, 2, 9], False),  # their claims decide
        ([1, 2, 3, 3], False),
        ([1, 3, 2, 9], False),  # within a batch
        ([1, 5, 4, 9], False),  # from one batch to the next
        ([-1, 2, 3, 4], False),
        ([1, 2, 3, 10**18], False),
        ([1, None, 3, 4], False),
        (["1", "2", "3", "4"], False),
    ],
    ids=str,
)
def test_ids_that_rise_with_the_rows_need_no_numbers_of_their_own(given, rises) -> None:
    texts, parts = Interned(), []
    for first in (0, 2):
        table = {
            "patient": ["P"] * 2,
            "dos": ["2026-03-02"] * 2,
            "cpt": ["W9901"] * 2,
            "line": given[first : first + 2],
        }
        batch = pa.table(table, schema=None).to_batches()[0]
        found = convert(batch, detect(batch.schema.names), texts, first)
        parts.append(Part.of(found, apart=bool(first % 2)))
    numbers = joined(parts).ids()
    assert (numbers is None) is rises
    if numbers is not None:
        texts_last = [
            (value is None, not str(value).isdigit() or len(str(value)) > 18, value) for value in given
        ]
        order = sorted(range(4), key=lambda place: (*texts_last[place][:2], str(given[place]).zfill(30)))
        assert np.argsort(numbers, kind="stable").tolist() == order


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("ids", [True, False])
def test_a_table_of_which_every_row_is_lost(grouped, ids) -> None:
    table = {"patient": ["P", "P"], "dos": ["x", "y"], "cpt": ["90834", "90837"]} | (
        {"line": [1, 2]} if ids else {}
    )
    found = check(pa.table(table), Catalog.bundled(), grouped=grouped)
    assert (found.rows, found.lines, len(found), found.rejects.num_rows) == (2, 0, 0, 2)
    assert found.table.schema.names[:3] == ["row", "line", "claim"]
