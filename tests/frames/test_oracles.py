"""The same findings from every engine, over generated lines with every oddity: the scalar path and SQL in four ways."""

import sys
from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "frames"
LINES = 9_000
ENGINES = (
    ("pyarrow", "columns"),
    ("duckdb", "duckdb_careful"),
    ("duckdb", "duckdb_plain"),
    ("polars", "polars_careful"),
    ("polars", "polars_plain"),
)

pytest.importorskip("numpy", reason="numpy is not installed: lines cannot be generated")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: lines cannot be written")
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmarks are not beside the tests")


@pytest.fixture(scope="module", autouse=True)
def _benchmarks():
    """The modules of the benchmarks can be imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Edit tables of 600 codes; lines of some thousand encounters, in each order."""
    import generate
    import tables

    folder = tmp_path_factory.mktemp("oracles")
    tables.write(folder, codes=600, pairs=9_000, seed=3)
    made = generate.drawn(folder, LINES, 3, odd=True)
    for order in generate.ORDERS:
        generate.write(made, folder / f"{order}.parquet", order, 3)
    return folder


@pytest.fixture(scope="module")
def said(folder):
    """What the scalar path finds."""
    import oracle

    return oracle.scalar(folder / "claims.parquet", folder)


def test_every_kind_of_finding_occurs(said) -> None:
    """Else the engines would agree on nothing."""
    import oracle

    few = {kind: count for kind, count in oracle.counts(said).items() if count < 5}
    assert {rule for _, rule, _ in said} == set(oracle.RULES)
    assert {outcome for _, _, outcome in said} == {"fail", "bypassed"}
    assert not few
    assert max(Counter(said).values()) > 1  # one line may be told twice by one rule


def test_every_oddity_occurs(folder) -> None:
    """What the lines are to hold, counted in the file."""
    import period
    import pyarrow.parquet as pq
    import tables

    rows = pq.read_table(folder / "claims.parquet").to_pylist()
    assert len({row["line_id"] for row in rows}) == len(rows) > LINES
    encounters: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for row in rows:
        key = (row["patient_id"], row["date_of_service"], row["rendering_provider"])
        encounters.setdefault(key, []).append(row)
    assert len(encounters) > 2_000
    held = encounters.values()
    assert sum(len({row["claim_id"] for row in each}) > 1 for each in held) > 100  # split over claims
    twice = Counter(tuple(value for name, value in row.items() if name != "line_id") for row in rows)
    assert sum(count > 1 for count in twice.values()) > 20
    assert sum(row["units"] == 0 for row in rows) > 100
    assert sum(row["code"] != row["code"].strip() for row in rows) > 50
    assert sum(row["code"].upper() != row["code"] for row in rows) > 50
    known = set(tables.made_codes(600, tables.np.random.default_rng(3)))
    assert sum(row["code"].strip().upper() not in known for row in rows) > 100
    for quarter in period.QUARTERS:
        for day in (quarter.first_day, quarter.last_day):
            assert any(row["date_of_service"] == day for row in rows), day


def test_pairs_turn_round_in_the_period(folder) -> None:
    """Lines of a pair stand on the last day of one direction and on the first day of the other."""
    from itertools import pairwise

    import pyarrow.parquet as pq

    rows = sorted(
        tuple(row.values()) for row in pq.read_table(folder / "sql" / "ids" / "ptp.parquet").to_pylist()
    )
    turned = [
        (one[2], other[1])
        for one, other in pairwise(rows)
        if one[0] == other[0] and one[2] + 1 == other[1] and (one[3] ^ other[3]) & 1
    ]
    assert len(turned) > 5


@pytest.mark.parametrize(("package", "name"), ENGINES)
def test_each_finds_what_the_scalar_path_finds(package, name, folder, said) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed")
    import oracle

    found = oracle.engine(name)(folder / "claims.parquet", folder)
    assert oracle.differences(said, found) == ([], [])


@pytest.mark.parametrize("order", ["grouped", "shuffled"])
def test_the_order_of_rows_changes_nothing(order, folder, said) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    import oracle

    found = oracle.engine("duckdb_careful")(folder / f"{order}.parquet", folder)
    assert oracle.differences(said, found) == ([], [])


def test_a_difference_is_told() -> None:
    """The comparison itself: a finding too few, one too many, one told once instead of twice."""
    sys.modules.pop("oracle", None)
    import oracle

    one = [(1, "PTP701", "fail"), (1, "PTP701", "fail"), (2, "MUE803", "fail")]
    other = [(1, "PTP701", "fail"), (2, "MUE803", "bypassed")]
    missing, more = oracle.differences(one, other)
    assert missing == [(1, "PTP701", "fail"), (2, "MUE803", "fail")]
    assert more == [(2, "MUE803", "bypassed")]
