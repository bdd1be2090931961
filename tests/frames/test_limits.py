"""Memory that lines may take: refused in time, by the same count whatever the threads; and no thread where one is asked for."""

import pytest

pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

import cptkit  # noqa: E402 - behind the skip
from cptkit.errors import BrokenColumnMap, InvalidChoice, UnknownColumnMap, UnknownRule, UnreadableClaims  # noqa: E402 - behind the skip
from cptkit.frames import check, grouping, limits, running  # noqa: E402 - behind the skip


@pytest.fixture(scope="module")
def catalog():
    return cptkit.Catalog.from_editions("2026.1")


def lines(patients):
    rows = len(patients)
    return pa.table({"patient": patients, "dos": ["2026-03-02"] * rows, "cpt": ["90834"] * rows})


def least(table, catalog, **options):
    """The least limit under which a table is checked."""
    low, high = 0, 1 << 20
    while high - low > 1:
        middle = (low + high) // 2
        try:
            check(table, catalog, memory_limit=middle, select=["COD101"], **options)
        except UnreadableClaims:
            low = middle
        else:
            high = middle
    return high


def test_all_lines_are_held(catalog) -> None:
    """Twice as many take twice as much, whatever the batches and threads."""
    once, twice = (lines([f"P-{number}" for number in range(many)]) for many in (500, 1000))
    one = least(once, catalog)
    assert 30 * 500 < one < 120 * 500
    assert one == least(once, catalog, threads=1) == least(once, catalog, threads=3)
    assert 1.8 * one < least(twice, catalog) < 2.2 * one
    assert check(once, catalog, memory_limit=one, select=["COD101"]).lines == 500
    with pytest.raises(UnreadableClaims, match="for 500 rows that must be held at once"):
        check(once, catalog, memory_limit=one - 1, batch_rows=100)


def test_of_grouped_lines_those_of_a_patient(catalog) -> None:
    """More patients take no more; a patient of many lines does."""
    few, many = (lines([f"P-{number:04}" for number in range(count)]) for count in (100, 1000))
    one = least(few, catalog, grouped=True, batch_rows=50)
    assert one == least(many, catalog, grouped=True, batch_rows=50)
    large = lines(["P-0"] * 1000)
    assert least(large, catalog, grouped=True, batch_rows=50) > 10 * one


@pytest.mark.parametrize("given", [0, -1, 1.5, "4GiB", True])
@pytest.mark.parametrize("name", ["memory_limit", "threads", "batch_rows"])
def test_no_count(catalog, name, given) -> None:
    with pytest.raises(InvalidChoice, match=f"{name} is no count"):
        check(lines(["P-1"]), catalog, **{name: given})


def test_counts_of_numpy(catalog) -> None:
    counts = {"memory_limit": np.int64(10**9), "threads": np.int8(2), "batch_rows": np.uint16(7)}
    assert check(lines(["P-1"]), catalog, **counts).batch_rows == 7


@pytest.mark.parametrize(
    ("name", "given", "error", "match"),
    [
        ("columns", 5, UnknownColumnMap, "this is no column map: 5; expected the id of a bundled map"),
        ("select", 5, UnknownRule, "rules are named by texts: 5"),
        ("ignore", ["MOD", None], UnknownRule, "rules are named by texts"),
        (
            "columns",
            {"modifier1": "M1"},
            BrokenColumnMap,
            "expected modifiers, with the name of one column or a list",
        ),
        ("on_rows", 5, InvalidChoice, "on_rows is called with rows: 5"),
    ],
)
def test_other_options(catalog, name, given, error, match) -> None:
    with pytest.raises(error, match=match):
        check(lines(["P-1"]), catalog, **{name: given})


def test_one_thread_starts_no_other(catalog, monkeypatch) -> None:
    """Where threads cannot be started, as in a browser."""

    def no_thread(_self):
        raise RuntimeError("can't start new thread")

    table = lines([f"P-{number // 2}" for number in range(99)] * 2)
    table = table.set_column(2, "cpt", [["90785"] * table.num_rows])
    monkeypatch.setattr(grouping, "_MOST", 16)
    usual = check(table, catalog, threads=2, batch_rows=30)
    monkeypatch.setattr("threading.Thread.start", no_thread)
    told = check(table, catalog, threads=1, batch_rows=30)
    assert len(told) > 0
    assert told.table.equals(usual.table)
    with pytest.raises(RuntimeError):
        check(table, catalog, threads=2)


@pytest.mark.parametrize("grouped", [False, True])
def test_what_many_batches_took_is_given_back(catalog, monkeypatch, grouped) -> None:
    """Before the findings are made a table; one batch is not worth it."""
    given_back = []
    monkeypatch.setattr(running, "release", lambda: given_back.append(limits.release()))
    table = lines([f"P-{number}" for number in range(9)])
    for batch_rows, times in ((9, 0), (8, 1), (2, 1)):
        given_back.clear()
        assert check(table, catalog, grouped=grouped, batch_rows=batch_rows, select=["COD101"]).lines == 9
        assert len(given_back) == times
