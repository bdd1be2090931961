"""Files of findings that ``cptkit check --out`` writes: whole or not at all, and known again by a later run."""

import contextlib
import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cptkit.cli.check_tally import Tally

__all__ = [
    "ENDINGS",
    "REJECTS",
    "are_of",
    "earlier",
    "holds",
    "holds_findings",
    "in_place",
    "stamp_of",
    "try_out",
    "write_findings",
]

ENDINGS = (".parquet", ".csv", ".arrow")
"""The formats of findings, by the ending of the file."""

REJECTS = ("row", "reason")
"""The columns of rejected rows."""

_KEY = b"cptkit"
_FORMAT = 1
_FORMULA = r"^[=@\t\r]|^[+-](?:.*[^0-9.].*)?$"  # what a spreadsheet would run; a number with a sign is none


@contextmanager
def in_place(path: Path) -> Generator[Path, None, None]:
    """A file to write to, which takes the place of ``path`` once it is whole; it is gone where that fails."""
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def try_out(path: Path) -> None:
    """Find out that nothing can be written there before the long work.

    :raises OSError: that is so.
    """
    beside = path.resolve().with_name(f".{path.name}.new-{os.getpid()}")
    try:
        beside.touch()
        beside.unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def stamp_of(path: Path) -> dict[str, int]:
    """What tells a file that has changed from one that has not.

    :raises OSError: it cannot be looked at.
    """
    found = path.stat()
    return {"bytes": found.st_size, "modified": found.st_mtime_ns}


def write_findings(table: Any, path: Path, told: Mapping[str, Any]) -> None:
    """Write findings, or rejected rows; Parquet and Arrow keep ``told`` with them.

    :raises OSError: they cannot be written; what was there stays.
    """
    from cptkit.frames.arrow import pa, pa_csv, pa_parquet

    text = json.dumps({"format": _FORMAT} | dict(told), ensure_ascii=False)
    table = table.replace_schema_metadata({_KEY: text.encode()})
    with in_place(path) as beside:
        if path.suffix.lower() == ".csv":
            pa_csv.write_csv(_harmless(table), str(beside))
        elif path.suffix.lower() == ".arrow":
            with pa.OSFile(str(beside), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                # a file of Arrow holds one list of texts for each column of them
                writer.write_table(table.unify_dictionaries())
        else:
            pa_parquet.write_table(table, str(beside), write_page_checksum=True)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())


def _harmless(table: Any) -> Any:
    """The table with an apostrophe before ids that a spreadsheet would run as formulas."""
    from cptkit.frames.arrow import pa, pc

    for place, name in enumerate(table.column_names):
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if str(column.type) == "string_view":
            column = column.cast(pa.large_string())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            risky = pc.match_substring_regex(column, _FORMULA)
            sign, nothing = (pa.scalar(text, column.type) for text in ("'", ""))
            column = pc.if_else(risky, pc.binary_join_element_wise(sign, column, nothing), column)
        table = table.set_column(place, name, column)
    return table


def _schema(path: Path) -> Any:
    """The schema of a file of Parquet or Arrow; None where it is none, or none is there."""
    from cptkit.frames.arrow import pa, pa_parquet

    try:
        if path.suffix.lower() != ".arrow":
            return pa_parquet.read_schema(str(path))
        with pa.OSFile(str(path), "rb") as file:
            return pa.ipc.open_file(file).schema
    except (OSError, ValueError, pa.ArrowException):
        return None


def holds_findings(path: Path) -> bool:
    """Whether a file is one of findings, by its columns."""
    from cptkit.frames.findings import COLUMNS

    return holds(path, COLUMNS)


def holds(path: Path, columns: Sequence[str]) -> bool:
    """Whether a file holds just these columns."""
    if path.suffix.lower() != ".csv":
        schema = _schema(path)
        return schema is not None and tuple(schema.names) == tuple(columns)
    try:
        with path.open("rb") as file:
            header = file.readline(1000).decode("ascii", errors="replace")
    except OSError:
        return False
    return tuple(name.strip('"') for name in header.strip().split(",")) == tuple(columns)


def earlier(path: Path, run: str, stamp: Mapping[str, int]) -> Tally | None:
    """What an earlier run with the same rules found in the same file; None where it is to be checked.

    Findings that are damaged, or are not as many as were counted, are none.
    """
    try:
        told = json.loads(_told(path))
        if (told["format"], told["run"], told["input"]) != (_FORMAT, run, dict(stamp)):
            return None
        tally = Tally.from_record(told["counts"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # another program wrote it
    return tally if _rows_of(path) == sum(tally.findings.values()) else None


def are_of(path: Path, stamp: Mapping[str, int]) -> bool:
    """Whether a file holds what any run found in the very same input."""
    try:
        told = json.loads(_told(path))
        return bool(told["format"] == _FORMAT and told["input"] == dict(stamp))
    except (ValueError, TypeError, KeyError):
        return False


def _told(path: Path) -> bytes:
    """What was written with findings; nothing where a file is none of ours."""
    schema = _schema(path)
    return b"" if schema is None else (schema.metadata or {}).get(_KEY, b"")


def _rows_of(path: Path) -> int | None:
    """How many rows a Parquet file holds, all of it read and held against its checksums; None where it is damaged."""
    from cptkit.frames.arrow import pa, pa_parquet

    try:
        with path.open("rb") as start:
            if start.read(4) != b"PAR1":  # a file without rows is little else
                return None
        with pa_parquet.ParquetFile(str(path), page_checksum_verification=True) as file:
            return sum(int(batch.num_rows) for batch in file.iter_batches())
    except (OSError, ValueError, pa.ArrowException):
        return None
