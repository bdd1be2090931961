"""pyarrow, which brings no types of its own: one place where it is loaded, and names for what it holds."""

from importlib import import_module
from typing import Any, TypeAlias

from cptkit.errors import NotInstalled

__all__ = [
    "Array",
    "DataType",
    "Reader",
    "RecordBatch",
    "Schema",
    "Table",
    "pa",
    "pa_csv",
    "pa_parquet",
    "pc",
]

Array: TypeAlias = Any
DataType: TypeAlias = Any
Reader: TypeAlias = Any
RecordBatch: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any


def _loaded(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise NotInstalled(
            f"cptkit.frames needs {name.partition('.')[0]}, which is not installed",
            given=name,
            expected="the extra frames: pip install cptkit[frames]",
        ) from error


_loaded("numpy")
pa: Any = _loaded("pyarrow")
pc: Any = _loaded("pyarrow.compute")
pa_csv: Any = _loaded("pyarrow.csv")
pa_parquet: Any = _loaded("pyarrow.parquet")
