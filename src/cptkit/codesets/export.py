"""The tables of an edition for spreadsheets and dataframes."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from cptkit.codesets.tables import TABLES
from cptkit.errors import NotInstalled, UnknownTable, nearest
from cptkit.sources import weakest

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset
    from cptkit.codesets.records import CodeRecord

__all__ = ["arrow_table", "file_of", "write_csv"]

FLAT = (
    "code",
    "label",
    "family",
    "section",
    "category",
    "timed",
    "addon",
    "first_day",
    "last_day",
    "successors",
    "confidence",
)


def file_of(table: str) -> str:
    """The file of a table named with or without its ending.

    >>> file_of("codes"), file_of("addons.tsv")
    ('codes.tsv', 'addons.tsv')
    >>> file_of("addon")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownTable: no such table: 'addon'; expected one of codes, ...; did you mean addons?
    """
    names = [name.removesuffix(".tsv") for name in TABLES]
    name = table.removesuffix(".tsv") if isinstance(table, str) else table
    if name not in names:
        near = nearest(name, names, limit=1) if isinstance(name, str) else ()
        raise UnknownTable("no such table", given=table, expected=f"one of {', '.join(names)}", near=near)
    return f"{name}.tsv"


def write_csv(codeset: "Codeset", path_or_buffer: str | PathLike[str] | TextIO, table: str) -> None:
    """The method ``Codeset.to_csv``: UTF-8, lines end in LF, the text made whole before it is written.

    Raw data for programs: a text that begins like a spreadsheet's formula is written as it stands.
    """
    columns, rows = _table(codeset, table)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)
    if isinstance(path_or_buffer, (str, PathLike)):
        Path(path_or_buffer).write_bytes(text.getvalue().encode("utf-8"))
    else:
        path_or_buffer.write(text.getvalue())


def arrow_table(codeset: "Codeset", table: str) -> Any:
    """The method ``Codeset.to_arrow``."""
    columns, rows = _table(codeset, table)
    try:
        arrow = import_module("pyarrow")
    except ImportError as error:
        raise NotInstalled(
            "to_arrow needs pyarrow, which is not installed",
            given="pyarrow",
            expected="the extra arrow: pip install cptkit[arrow]",
        ) from error
    kinds = {
        "timed": arrow.bool_(),
        "addon": arrow.bool_(),
        "first_day": arrow.date32(),
        "last_day": arrow.date32(),
        "successors": arrow.list_(arrow.string()),
    }
    flat = columns == FLAT
    schema = arrow.schema(
        [(name, kinds.get(name, arrow.string()) if flat else arrow.string()) for name in columns]
    )
    return arrow.Table.from_pylist([dict(row) for row in rows], schema=schema)


def _table(codeset: "Codeset", table: str) -> tuple[tuple[str, ...], list[Mapping[str, Any]]]:
    """The columns of a table and its rows."""
    name = file_of(table)
    if name == "codes.tsv":
        return FLAT, [_flat(codeset[code]) for code in codeset]
    return TABLES[name], list(codeset.rows(name))


def _flat(record: "CodeRecord") -> Mapping[str, Any]:
    """A code in one row, its confidence the weakest of its life."""
    return {
        "code": record.code,
        "label": record.label,
        "family": record.family,
        "section": record.section.value,
        "category": record.category.value,
        "timed": record.timed,
        "addon": record.is_addon,
        "first_day": record.first_day,
        "last_day": record.last_day,
        "successors": list(record.history[-1].successors),
        "confidence": weakest(change.citation.confidence for change in record.history).value,
    }


def _text(value: str | bool | dt.date | Iterable[str] | None) -> str:
    """A value of a cell, written as the tables of an edition write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, dt.date)):
        return str(value)
    return " ".join(value)
