"""A table is told the same with the compiled part and without it."""

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import kernel  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

pytestmark = pytest.mark.skipif(
    not kernel.is_built(), reason="the compiled part was not built here (no C compiler), or is set aside"
)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("seed", [81, 82])
def test_the_same(paths, catalog_of, seed, grouped, monkeypatch) -> None:
    """All columns of the findings, row by row, and all that was not checked."""
    tables = paths.drawing.tables(seed)
    table = paths.table(paths.drawing.rows(seed, 800))
    if grouped:
        table = table.sort_by("patient_id")

    def told(tables):
        found = check(table, catalog_of(tables), grouped=grouped, batch_rows=500)
        return found.table.to_pylist(), found.not_checked.to_pylist()

    compiled = told(tables)
    monkeypatch.setattr("cptkit.kernel.loading.library", lambda: None)
    # in another order these are tables of their own, of which nothing is remembered
    assert told(dict(reversed(tables.items()))) == compiled
    assert len(compiled[0]) > 400
