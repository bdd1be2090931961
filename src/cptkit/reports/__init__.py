"""Sheets for people: what changed from one edition to another.

A sheet is made for reading or printing; programs take the values it is made from.
"""

from cptkit.reports.changes import Sheet, SheetEntry, change_sheet

__all__ = ["Sheet", "SheetEntry", "change_sheet"]


def __dir__() -> list[str]:
    return __all__
