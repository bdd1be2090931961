"""What a report says first of all, where nothing failed: whether anything was judged."""

from cptkit.rules.report import Report

__all__ = ["headline"]


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
    # the rule ALL: the catalog has no edition for the day, so no rule was asked
    if sum(len(entry.lines) for entry in report.not_checked if entry.rule == "ALL") == report.lines:
        return "No line could be judged"
    if not (report.passed or report.bypassed or report.waived):
        return "No line could be checked in full. Nothing wrong was found in what could be checked"
    return "Nothing wrong was found in what could be checked"
