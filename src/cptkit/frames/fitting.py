"""Which columns of a table hold what, found once for all of its files."""

import os
from collections.abc import Mapping
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
        return fit(column_names(table))
    first: CptkitError | None = None
    for path in files_of(table):
        try:
            return fit(column_names(path))
        except (OSError, pa.ArrowException, CptkitError) as error:
            if first is None:
                first = error if isinstance(error, CptkitError) else UnreadableClaims(str(error))
                first.given = first.given or str(path)
    raise first or UnreadableClaims("the folder holds no files", given=os.fspath(table))
