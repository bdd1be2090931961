"""A table is told the same with the compiled part and without it."""

import datetime as dt

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import Catalog, kernel  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip
from cptkit.rules.spans import Facts  # noqa: E402 - behind the skip

pytestmark = pytest.mark.skipif(
    not kernel.is_built(), reason="the compiled part was not built here (no C compiler), or is set aside"
)


DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    "codes", [["90785"], ["90834", "90785", *["97110"] * 40, "90837"]], ids=["one", "many"]
)
def test_lines_of_one_day(paths, catalog_of, codes, monkeypatch) -> None:
    """An add-on alone, of whose primaries none was met; and far more pairs of lines than lines."""
    rows = [paths.row(number, "P-1", DAY, code, units=2, minutes=50) for number, code in enumerate(codes)]
    tables = paths.drawing.tables(83)

    def told(tables):
        found = check(paths.table(rows), catalog_of(tables))
        return found.table.to_pylist(), found.not_checked.to_pylist()

    compiled = told(tables)
    monkeypatch.setattr("cptkit.kernel.loading.library", lambda: None)
    assert told(dict(reversed(tables.items()))) == compiled
    assert any(row["rule"].startswith("ADD") for row in compiled[0])


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("seed", [81, 82])
def test_the_same(paths, catalog_of, seed, grouped, monkeypatch) -> None:
    """All columns of the findings, row by row, all that was not checked, and by which number the lines are known again."""
    tables = paths.drawing.tables(seed)
    table = paths.table(paths.drawing.rows(seed, 800))
    if grouped:
        table = table.sort_by("patient_id")

    def told(tables):
        found = check(table, catalog_of(tables), grouped=grouped, batch_rows=500)
        return found.table.to_pylist(), found.not_checked.to_pylist(), found._trace

    compiled = told(tables)
    monkeypatch.setattr("cptkit.kernel.loading.library", lambda: None)
    # in another order these are tables of their own, of which nothing is remembered
    assert told(dict(reversed(tables.items()))) == compiled
    assert len(compiled[0]) > 400


def test_codes_that_another_thread_meets(paths, monkeypatch) -> None:
    """What is told of a code hangs on no code that is met while it is told: all checks of a catalog share them."""
    days = [dt.date(2025, 3, 3), DAY, DAY]
    codes = ["W9901", "W9902", "99213"]
    rows = [
        paths.row(number, f"P-{number}", *each) for number, each in enumerate(zip(days, codes, strict=True))
    ]
    catalog, held = Catalog.bundled(), []

    def told():
        return check(paths.table(rows), catalog, select=["COD102"], threads=1).not_checked.to_pylist()

    of_code = Facts.of_code
    first, real = told(), kernel.apart
    assert {row["reason"] for row in first} == {
        f"edition {edition} does not cover {code}"
        for edition, code in [("2025.1", "W9901"), ("2026.1", "W9902")]
    }

    def meets_more(*given):
        found = real(*given)
        held[-1].codes.append(f"X{len(held[-1].codes):04}")
        return found

    monkeypatch.setattr(kernel, "apart", meets_more)
    monkeypatch.setattr(Facts, "of_code", lambda facts, *given: held.append(facts) or of_code(facts, *given))
    assert told() == first
    assert held
