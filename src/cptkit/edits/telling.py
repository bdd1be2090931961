"""Rows of edit tables as JSON can hold them."""

import datetime as dt
from typing import Any

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import AddOnEdit, Mue, PfsRow, PtpEdit, TelehealthService

__all__ = ["EditRow", "row_dict", "row_key"]

EditRow = PtpEdit | Mue | AddOnEdit | PfsRow | TelehealthService
"""A row of any of the tables."""

_TABLES: dict[type, str] = {
    PtpEdit: "ptp",
    Mue: "mue",
    AddOnEdit: "addons",
    PfsRow: "pfs",
    TelehealthService: "telehealth",
}


def row_dict(row: EditRow) -> dict[str, Any]:
    """A row as JSON can hold it: ``table`` first, then its fields; days and quarters as text.

    >>> row = Mue("W9901", 2, 3, "own words", "hospital", Quarter(2024, 3), "mue.csv")
    >>> row_dict(row)["table"], row_dict(row)["quarter"]
    ('mue', '2024q3')
    >>> row_dict("W9901")
    Traceback (most recent call last):
    ...
    KeyError: <class 'str'>
    """
    table = _TABLES[type(row)]
    return {"table": table} | {
        name: _plain(value) for name, value in attrs.asdict(row, recurse=False).items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Quarter | str) else value


def row_key(row: EditRow) -> str:
    """A row by name: its table, with its setting or release and quarter, and its codes."""
    if isinstance(row, PtpEdit):
        return f"ptp {row.setting} {row.quarter} {row.column1} {row.column2}"
    if isinstance(row, Mue):
        return f"mue {row.setting} {row.quarter} {row.code}"
    if isinstance(row, AddOnEdit):
        return f"addons {row.quarter} {row.addon} {row.primary or 'contractor'}"
    if isinstance(row, PfsRow):
        return " ".join(filter(None, ("pfs", row.release, row.code, row.modifier)))
    return f"telehealth {row.year} {row.code}"
