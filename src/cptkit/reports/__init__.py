"""Sheets and pages for people: what changed from one edition to another, and what its time rules are.

They are made for reading or printing; programs take the values they are made from.
"""

from cptkit.reports.changes import Sheet, SheetEntry, change_sheet
from cptkit.reports.time_pages import time_pages

__all__ = ["Sheet", "SheetEntry", "change_sheet", "time_pages"]


def __dir__() -> list[str]:
    return __all__
