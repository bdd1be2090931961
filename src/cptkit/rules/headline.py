"""What a report says first of all, where nothing failed: whether anything was judged."""

from collections.abc import Iterable

from cptkit.rules.findings import EVERY_RULE
from cptkit.rules.report import Report

__all__ = ["headline", "is_unjudged"]


def headline(report: Report, *, lost: bool = False) -> str:
    """What to say of a report without findings, so that what was not judged never reads as right.

    ``lost``: whether rows could not be read.

    >>> import datetime as dt, cptkit
    >>> line = cptkit.Line("90834", minutes=47, date_of_service=dt.date(2026, 3, 2))
    >>> for year in ("2026.1", "2025.1"):
    ...     print(headline(cptkit.check(cptkit.Claim([line]), cptkit.Catalog.from_editions(year))))
    Nothing wrong was found
    No line could be judged
    >>> headline(None)
    Traceback (most recent call last):
    ...
    AttributeError: 'NoneType' object has no attribute 'lines'
    """
    if not report.lines:
        return "No line was checked"
    if not report.not_checked:
        return f"Nothing wrong was found{' in what could be checked' if lost else ''}"
    if is_unjudged(report.lines, ((entry.rule, len(entry.lines)) for entry in report.not_checked)):
        return "No line could be judged"
    if not (report.passed or report.bypassed or report.waived):
        return "No line could be checked in full. Nothing wrong was found in what could be checked"
    return "Nothing wrong was found in what could be checked"


def is_unjudged(lines: int, unchecked: Iterable[tuple[str, int]]) -> bool:
    """Whether no rule was asked about any line: each is of a day that no edition holds.

    >>> is_unjudged(2, [("ALL", 2)]), is_unjudged(2, [("ALL", 1), ("TIM402", 1)]), is_unjudged(0, [])
    (True, False, False)
    """
    return lines > 0 and sum(count for rule, count in unchecked if rule == EVERY_RULE) == lines
