"""Tables of claim lines, checked in columns by the same rules as claims (the extra ``frames``: numpy and pyarrow).

``check`` takes anything that speaks Arrow (pyarrow, Polars, pandas, DuckDB) or the path of Parquet, CSV or Arrow
files, finds out which column holds what, and answers in columns:

>>> import cptkit, pyarrow
>>> from cptkit import frames
>>> catalog = cptkit.Catalog.from_editions("2026.1")
>>> lines = {"patient": ["P-1", "P-1"], "dos": ["2026-03-02"] * 2, "cpt": ["90837", "90785"], "minutes": [50, None]}
>>> found = frames.check(pyarrow.table(lines), catalog)
>>> [(each["row"], each["rule"], each["outcome"]) for each in found.table.to_pylist()]
[(0, 'TIM402', 'fail')]
>>> frames.check([90837], catalog)
Traceback (most recent call last):
...
cptkit.errors.UnreadableClaims: this is no table: ...
"""

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use

if TYPE_CHECKING:
    from cptkit.frames import plots, research, spark
    from cptkit.frames.columns import ColumnMap, Columns
    from cptkit.frames.findings import FindingsTable
    from cptkit.frames.maps import bundled_maps, column_map, detect
    from cptkit.frames.process import tune_process
    from cptkit.frames.running import check
    from cptkit.frames.sources import BrokenFile

__all__ = [
    "BrokenFile",
    "ColumnMap",
    "Columns",
    "FindingsTable",
    "bundled_maps",
    "check",
    "column_map",
    "detect",
    "plots",
    "research",
    "spark",
    "tune_process",
]

_HOMES = {
    "BrokenFile": "sources",
    "ColumnMap": "columns",
    "Columns": "columns",
    "FindingsTable": "findings",
    "bundled_maps": "maps",
    "check": "running",
    "column_map": "maps",
    "detect": "maps",
    "tune_process": "process",
    "plots": "plots",
    "research": "research",
    "spark": "spark",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES and name != "tune_process":  # which comes before pyarrow
        first_use(
            "arrow", {"arrow": "arrow"}, {"__name__": __name__}
        )  # tells of the extra where it is missing
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
