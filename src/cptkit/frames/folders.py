"""The files of a folder, and what the names of their folders tell of their rows."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from cptkit.errors import UnreadableClaims

__all__ = ["files_of", "no_pattern", "told_by_folders"]

_LEFT_OUT = (".", "_")  # what names of files and folders begin with that hold no rows
_NULL = "__HIVE_DEFAULT_PARTITION__"


def files_of(source: str | os.PathLike[str]) -> Sequence[Path]:
    """The files of a folder and of those below it, in the order in which they are read; of a file, itself.

    A link to a folder is followed, but no folder is read twice. What is neither a file nor a folder is told too, so
    that nothing is passed over in silence.

    :raises UnreadableClaims: the path is empty.

    >>> [path.name for path in files_of("claims.parquet")]
    ['claims.parquet']
    >>> files_of("")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: no file is named: ''; expected the path of a file or folder
    """
    if not os.fspath(source):  # it would be the folder in which the process stands
        raise UnreadableClaims("no file is named", given="", expected="the path of a file or folder")
    path = Path(source)
    if not path.is_dir():
        return [path]
    found, met = [], {path.resolve()}
    for folder, below, names in os.walk(path, followlinks=True):
        here, kept = Path(folder), []
        for name in sorted(below):
            where = (here / name).resolve()
            if where not in met and not name.startswith(_LEFT_OUT):
                met.add(where)
                kept.append(name)
        below[:] = kept
        found += [here / name for name in names if not name.startswith(_LEFT_OUT)]
    return sorted(found)


def no_pattern(path: Path) -> str | None:
    """What to name instead of a pattern of names, which is read as a name."""
    is_pattern = not set("*?[").isdisjoint(str(path)) and not path.exists()
    return "the folder of the files: a pattern of names is not read" if is_pattern else None


def told_by_folders(path: Path) -> dict[str, str | None]:
    """The columns that the folders of a file tell, as Hive, Spark and DuckDB write parted tables; None for no value.

    >>> told_by_folders(Path("claims/year=2026/claim_type=professional/part-0.parquet"))
    {'year': '2026', 'claim_type': 'professional'}
    >>> told_by_folders(Path("claims/2026/part-0.parquet"))
    {}
    """
    parts = (part.partition("=") for part in path.parent.parts)
    return {
        unquote(name): None if value == _NULL else unquote(value)
        for name, sign, value in parts
        if name and sign
    }
