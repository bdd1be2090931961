"""Which columns of a table hold what, found once for all of its files."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cptkit.errors import CptkitError, UnreadableClaims
from cptkit.frames.arrow import pa
from cptkit.frames.folders import files_of
from cptkit.frames.maps import column_map, detect
from cptkit.frames.sources import column_names

if TYPE_CHECKING:
    from cptkit.frames.columns import ColumnMap, Columns

__all__ = ["fitted"]


def fitted(
    table: Any, columns: "ColumnMap | str | os.PathLike[str] | Mapping[str, Any] | None" = None
) -> "Columns":
    """What the columns of a table hold; of a folder, those of its first file that a map fits.

    :param columns: the map, or None to detect it.
    :raises UnreadableClaims, AmbiguousColumns: no table, or no file of a folder, has the columns that are needed.

    >>> fitted({"patient": []})
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: this is no table: ...
    >>> fitted(pa.table({"patient": ["P-1"], "dos": ["2026-03-02"], "cpt": ["90834"]})).map.id
    'cptkit'
    """
    fit = detect if columns is None else column_map(columns).fit
    if not (isinstance(table, str | os.PathLike) and Path(table).is_dir()):
        names = column_names(table)
        found = fit(names)
        if more := _left_in_index(table, names, found, fit):
            told, expected = ", ".join(map(repr, more)), "a column, as reset_index() makes it"
            raise UnreadableClaims(
                f"the index of the table holds {told}, and no index is read", expected=expected
            )
        return found
    first: CptkitError | None = None
    for path in files_of(table):
        try:
            return fit(column_names(path))
        except (OSError, pa.ArrowException, CptkitError) as error:
            if first is None:
                first = error if isinstance(error, CptkitError) else UnreadableClaims(str(error))
                first.given = first.given or str(path)
    raise first or UnreadableClaims("the folder holds no files", given=os.fspath(table))


def _left_in_index(
    table: Any, names: Sequence[str], found: "Columns", fit: "Callable[[Sequence[str]], Columns]"
) -> list[str]:
    """What stands in the index of a table of pandas, and would hold a field if it were a column."""
    index = [str(name) for name in getattr(getattr(table, "index", None), "names", ()) if name is not None]
    with suppress(CptkitError):
        fields = fit((*names, *index)).fields
        return [
            name
            for field, held in fields.items()
            for name in held
            if name in index and name not in names and field not in found.fields
        ]
    return []
