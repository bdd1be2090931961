"""Tables from wherever they are, as record batches of the columns that are needed.

A table is anything that speaks the Arrow PyCapsule interface (pyarrow, Polars, pandas, a DuckDB relation), the path
of a Parquet, CSV or Arrow file, or of a folder of such files, those in folders below too, sorted by their paths;
what begins with a dot or an underscore is left out. What a file is, its first bytes say, not its name.
"""

import os
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from cptkit.errors import CptkitError, UnreadableClaims
from cptkit.frames.arrow import Reader, RecordBatch, Schema, pa, pa_parquet
from cptkit.frames.columns import Columns
from cptkit.frames.delimited import header_of, text_batches
from cptkit.frames.distinct import is_text
from cptkit.frames.folders import files_of, no_pattern, told_by_folders
from cptkit.frames.kinds import unfit

__all__ = ["BATCH_ROWS", "Batch", "BrokenFile", "batches", "column_names"]

BATCH_ROWS = 250_000
"""Rows of a batch, where nothing else is said."""

_MANY_VALUES = {"patient", "claim", "line", "charge"}
_EXPECTED = (
    "a table of Arrow, Polars, pandas or DuckDB, or the path of a Parquet, CSV or Arrow file or folder"
)
_EXPECTED_OF_TABLE = "columns that Arrow can hold, each of one type and with a name of its own"
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


@attrs.frozen(slots=True, eq=False)
class Batch:
    """Rows of the input.

    ``file``: that they are of, None where there is none. ``first_row``: the place of the first of them in the
    input, from 0, counted over all files. ``columns``: those of the file.
    """

    data: RecordBatch
    file: str | None
    first_row: int
    columns: Columns


@attrs.frozen(slots=True)
class BrokenFile:
    """A file of a folder that cannot be read to its end: why, and how many of its rows came before."""

    path: str
    reason: str
    rows_read: int


def column_names(source: Any) -> tuple[str, ...]:
    """The columns of a table; of a folder, those of its first file that can be read.

    :raises UnreadableClaims: there is no table, or no file of it can be read.

    >>> column_names(pa.table({"patient": ["P-1"], "cpt": ["90834"]}))
    ('patient', 'cpt')
    >>> column_names([1, 2])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: this is no table: [1, 2]; expected a table of Arrow, Polars, pandas or DuckDB, or the path of a Parquet, CSV or Arrow file or folder
    """
    if not isinstance(source, str | os.PathLike):
        with _told_of(source):
            return _names_of_table(source)
    first: UnreadableClaims | None = None
    for path in files_of(source):
        try:
            return _names_of_file(path)
        except (OSError, pa.ArrowException, CptkitError) as error:
            first = first or UnreadableClaims(_reason(error), given=str(path), expected=no_pattern(path))
    raise first or UnreadableClaims("the folder holds no files", given=os.fspath(source))


def _names_of_table(source: Any) -> tuple[str, ...]:
    is_of_library = hasattr(source, "__arrow_c_stream__") and not isinstance(
        source, pa.Table | pa.RecordBatch
    )
    columns = getattr(source, "columns", None) if is_of_library else None
    if columns is None or isinstance(columns, str):  # of findings a text tells the columns of the input
        return tuple(_schema(source).names)
    return tuple(map(str, columns))


def batches(
    source: Any, columns: Columns, batch_rows: int = BATCH_ROWS
) -> Generator[Batch | BrokenFile, None, None]:
    """The rows of a table, at most that many at a time, with the columns that are needed.

    A file of a folder that breaks is told as a ``BrokenFile`` behind its last whole row, and the next one is read.
    So is one whose columns hold more or less than ``columns``: lines of which other things are known are no table.

    :raises UnreadableClaims: a table, or the one file, cannot be read or lacks what the columns need.

    >>> from cptkit.frames.maps import detect
    >>> table = pa.table({"patient": ["P-1"] * 3, "dos": ["2026-03-02"] * 3, "cpt": ["90834"] * 3, "remarks": [""] * 3})
    >>> [(each.first_row, each.data.num_rows, each.data.num_columns) for each in batches(table, detect(table.column_names), 2)]
    [(0, 2, 3), (2, 1, 3)]
    >>> next(batches("no-such-file.parquet", detect(table.column_names)))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the file cannot be read (No such file or directory): 'no-such-file.parquet'
    """
    row = 0
    if not isinstance(source, str | os.PathLike):
        with _told_of(source):
            for data in _even(_of_table(source, columns), batch_rows):
                yield Batch(data, None, row, columns)
                row += data.num_rows
        return
    is_folder = Path(source).is_dir()
    for path in files_of(source):
        first = row
        try:
            own = _same_fields(columns, _names_of_file(path)) if is_folder else columns
            for data in _even(_of_file(path, own, batch_rows), batch_rows):
                yield Batch(data, str(path), row, own)
                row += data.num_rows
        except (OSError, pa.ArrowException, CptkitError) as error:
            if not is_folder:
                raise UnreadableClaims(_reason(error), given=str(path)) from error
            yield BrokenFile(str(path), _reason(error), row - first)


def _same_fields(columns: Columns, names: Sequence[str]) -> Columns:
    """The columns of a file, by the map of the others.

    :raises UnreadableClaims: they lack a field of the others, or hold one more.
    :raises AmbiguousColumns: two columns hold one field.
    """
    found = columns.map.fit(names)
    more = [field for field in found.fields if field not in columns.fields]
    less = [field for field in columns.fields if field not in found.fields]
    if not (more or less) and (found.lines == columns.lines):
        return found
    told = [f"no column of {', '.join(less)}"] if less else []
    told += [f"also one of {', '.join(more)}"] if more else []
    told += [] if told else ["another number of lines in a row"]
    raise UnreadableClaims(
        f"the file has other columns than those before it: {', and '.join(told)}",
        expected="files of a folder with columns of the same fields; check the others apart",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, CptkitError):
        return str(error)
    told = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return (
        f"the file cannot be read ({told})"
        if isinstance(error, OSError)
        else f"cut short, damaged or no file of its kind ({told})"
    )


@contextmanager
def _told_of(source: Any) -> Generator[None, None, None]:
    """Whatever the library of a table raises, as an error of ours."""
    try:
        yield
    except CptkitError:
        raise
    except Exception as error:
        raise _of_table_error(error, source) from error


def _of_table_error(error: Exception, source: Any, expected: str | None = None) -> UnreadableClaims:
    # pandas tells the column in words of its own behind those of Arrow
    told = (
        "; ".join(line for part in error.args for line in str(part).splitlines()[:1]) or type(error).__name__
    )
    is_of_types = isinstance(error, pa.ArrowException | TypeError | ValueError)
    return UnreadableClaims(
        f"the table cannot be read ({told})",
        given=type(source).__name__,
        expected=expected or (_EXPECTED_OF_TABLE if is_of_types else None),
    )


def _schema(source: Any) -> Schema:
    try:
        if isinstance(source, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
            return source.schema
        if hasattr(source, "__arrow_c_schema__"):
            return pa.schema(source)
        reader = _reader(source)
        try:
            return reader.schema
        finally:
            _close(reader, source)
    except pa.ArrowException as error:  # a column is no table
        raise _of_table_error(error, source, _EXPECTED) from error


def _reader(source: Any) -> Reader:
    """A table of another library as a stream of batches."""
    if isinstance(source, pa.RecordBatchReader):
        return source
    if isinstance(source, pa.Table):
        return source.to_reader()
    if isinstance(source, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(source.schema, [source])
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source)
    if hasattr(source, "__arrow_c_array__"):
        return _reader(pa.record_batch(source))
    if hasattr(source, "collect") and hasattr(source, "collect_schema"):
        raise UnreadableClaims("a lazy table has no rows yet", expected="the table that its collect() gives")
    if hasattr(source, "to_table"):
        raise UnreadableClaims(
            "a dataset has no rows yet", expected="the table that its to_table() gives, or its folder"
        )
    raise UnreadableClaims("this is no table", given=source, expected=_EXPECTED)


def _of_table(source: Any, columns: Columns) -> Iterator[RecordBatch]:
    """The batches of a table; only the needed columns are asked of libraries that make them for us."""
    library = type(source).__module__.partition(".")[0].lstrip("_")
    names = list(columns.needed)
    is_made_for_us = library in {"pandas", "polars", "duckdb"} and hasattr(source, "__arrow_c_stream__")
    if is_made_for_us and set(names) <= set(source.columns):
        if library == "duckdb":
            source = source.project(", ".join('"' + name.replace('"', '""') + '"' for name in names))
        else:
            source = source[names]
    reader = _reader(source)
    try:
        yield from _checked(reader, columns)
    finally:
        _close(reader, source)


def _close(reader: Reader, source: Any) -> None:
    """Let go of a stream that was opened here: a connection of DuckDB waits for it."""
    if reader is not source:
        reader.close()


def _checked(reader: Reader, columns: Columns, told: Collection[str] = ()) -> Iterator[RecordBatch]:
    if problem := unfit(columns, reader.schema, told):
        raise problem
    for batch in reader:
        yield batch.select([name for name in columns.needed if name not in told])


def _even(found: Iterable[RecordBatch], batch_rows: int) -> Iterator[RecordBatch]:
    """Batches of one size, whatever the size they come in; the last is what is left, also where the source breaks."""
    held: list[RecordBatch] = []
    rows = 0
    broken: Exception | None = None
    source = iter(found)
    while True:
        try:
            batch = next(source, None)
        except (OSError, pa.ArrowException, CptkitError) as error:
            batch, broken = None, error
        if batch is None:
            break
        while rows + batch.num_rows >= batch_rows:
            part = batch.slice(0, batch_rows - rows)
            batch = batch.slice(len(part))
            yield _joined([*held, part])
            held, rows = [], 0
        if batch.num_rows:
            held.append(batch)
            rows += batch.num_rows
    if held:
        yield _joined(held)
    if broken is not None:
        raise broken


def _joined(parts: list[RecordBatch]) -> RecordBatch:
    if len(parts) == 1:
        return parts[0]
    table = pa.Table.from_batches(parts)
    try:
        joined = table.combine_chunks()
    except pa.ArrowInvalid:  # dictionaries that together have more values than their indices can tell
        fields = [
            field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
            for field in table.schema
        ]
        joined = table.cast(pa.schema(fields)).combine_chunks()
    return pa.RecordBatch.from_arrays([column.chunk(0) for column in joined.columns], schema=joined.schema)


def _kind(path: Path) -> str:
    if not path.is_file() and path.exists():  # whoever opens a pipe waits for it
        raise UnreadableClaims("this is no file: it cannot be read twice")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"ARROW1"):
        return "arrow"
    return "stream" if start.startswith(_END_OF_STREAM[:4]) else "text"


def _names_of_file(path: Path) -> tuple[str, ...]:
    """The columns of a file, with those that its folders tell."""
    return tuple(dict.fromkeys((*_names_inside(path), *told_by_folders(path))))


def _names_inside(path: Path) -> tuple[str, ...]:
    kind = _kind(path)
    if kind == "parquet":
        return tuple(pa_parquet.read_schema(path).names)
    if kind == "text":
        return header_of(path).names
    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file) if kind == "arrow" else pa.ipc.open_stream(file)
        return tuple(reader.schema.names)


def _of_file(path: Path, columns: Columns, batch_rows: int) -> Iterator[RecordBatch]:
    """The needed columns of a file, those beside them that its folders tell."""
    told = told_by_folders(path)
    inside = _names_inside(path) if told else ()
    told = {name: value for name, value in told.items() if name in columns.needed and name not in inside}
    for batch in _inside(path, columns, told, batch_rows):
        everywhere = pa.array(np.zeros(batch.num_rows, np.int32))
        beside = [
            pa.DictionaryArray.from_arrays(everywhere, pa.array([value], pa.string()))
            for value in told.values()
        ]
        yield pa.RecordBatch.from_arrays([*batch.columns, *beside], [*batch.schema.names, *told])


def _inside(path: Path, columns: Columns, told: Collection[str], batch_rows: int) -> Iterator[RecordBatch]:
    """The needed columns that stand in a file; its folders have ``told`` the others."""
    needed = [name for name in columns.needed if name not in told]
    few = {name for field, names in columns.fields.items() if field not in _MANY_VALUES for name in names}
    kind = _kind(path)
    if kind == "text":
        names = header_of(path).names
        if problem := unfit(columns, pa.schema([(name, pa.string()) for name in names]), told):
            raise problem
        yield from text_batches(path, needed)
        return
    if kind == "parquet":
        schema = pa_parquet.read_schema(path)
        if problem := unfit(columns, schema, told):
            raise problem
        coded = [name for name in needed if name in few and is_text(schema.field(name).type)]
        # read ahead, a file would stay in memory as a whole until its end
        with pa_parquet.ParquetFile(path, read_dictionary=coded, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=batch_rows, columns=needed)
        return
    with pa.memory_map(str(path)) as file:
        if kind == "arrow":
            reader = pa.ipc.open_file(file)
            whole = pa.RecordBatchReader.from_batches(
                reader.schema, (reader.get_batch(number) for number in range(reader.num_record_batches))
            )
        else:
            whole = pa.ipc.open_stream(file)
        for batch in _checked(whole, columns, told):
            batch.validate(full=True)  # Arrow trusts the offsets of a file, and would read outside of it
            yield batch
        if kind == "stream":
            file.seek(max(file.size() - len(_END_OF_STREAM), 0))
            if file.read() != _END_OF_STREAM:
                raise UnreadableClaims("the stream has no end mark: it was cut")
