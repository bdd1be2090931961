"""Sheets and pages for people: what a check found, what changed from one edition to another, time rules.

They are made for reading or printing; programs take the values they are made from. Reports are also read
back here, and compared with each other.
"""

from cptkit.reports.changes import Sheet, SheetEntry, change_sheet
from cptkit.reports.checks_page import checks_page
from cptkit.reports.comparing import Comparison, compare
from cptkit.reports.reading import read_report, report_schema
from cptkit.reports.report_page import report_html
from cptkit.reports.rule_pages import rule_pages
from cptkit.reports.time_pages import time_pages

__all__ = [
    "Comparison",
    "Sheet",
    "SheetEntry",
    "change_sheet",
    "checks_page",
    "compare",
    "read_report",
    "report_html",
    "report_schema",
    "rule_pages",
    "time_pages",
]


def __dir__() -> list[str]:
    return __all__
