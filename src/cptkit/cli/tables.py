"""What the commands about edit tables share: where the tables are, whose and which quarter, and how rows are written."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from cptkit.edits.quarter import Quarter
from cptkit.errors import InvalidQuarter
from cptkit.setting import Setting

__all__ = [
    "VARIABLE",
    "csv_text",
    "folder_named",
    "folder_option",
    "json_text",
    "jsonl_text",
    "quarter_of",
    "setting_option",
    "span",
]

VARIABLE = "CPTKIT_TABLES"
"""The environment variable that names the folder of edit tables where the command line does not."""

Command = TypeVar("Command", bound=Callable[..., Any])


def folder_option(command: Command) -> Command:
    """``--tables DIR``, or what the environment says."""
    return click.option(
        "--tables",
        type=click.Path(path_type=Path),
        metavar="DIR",
        envvar=VARIABLE,
        help=f"The folder of edit tables; by default what the variable {VARIABLE} names.",
    )(command)


def folder_named(folder: Path | None, tables: Path | None = None) -> Path:
    """The folder of edit tables that the command line or the environment names.

    >>> folder_named(None, Path("tables")).name
    'tables'
    >>> folder_named(None)
    Traceback (most recent call last):
    ...
    click.exceptions.UsageError: Say where the edit tables are: --tables DIR, or the variable CPTKIT_TABLES.
    """
    found = folder or tables
    if found is None:
        raise click.UsageError(f"Say where the edit tables are: --tables DIR, or the variable {VARIABLE}.")
    return found


def setting_option(*, required: bool, what: str) -> Callable[[Command], Command]:
    """``--setting practitioner|hospital|dme``."""
    return click.option(
        "--setting", type=click.Choice([setting.value for setting in Setting]), required=required, help=what
    )


def quarter_of(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Quarter | None:
    """The quarter that an argument or option spells."""
    try:
        return None if text is None else Quarter.parse(text)
    except InvalidQuarter as error:
        raise click.BadParameter(str(error)) from None


def span(first: dt.date | None, last: dt.date | None) -> str:
    """The days from the first to the last, in words.

    >>> span(None, None), span(None, dt.date(2019, 12, 31))
    ('since before records', 'from before records to 2019-12-31')
    """
    if last is None:
        return f"since {first or 'before records'}"
    return f"on {first} alone" if first == last else f"from {first or 'before records'} to {last}"


def json_text(value: Any) -> str:
    """One value as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def jsonl_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table with a first line of names; no cell is one that a spreadsheet runs as a formula.

    >>> print(csv_text(["code", "note"], [{"code": "W9901", "note": "=1+1"}]), end="")
    code,note
    W9901,'=1+1
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return file.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text
