"""What came of an import, for people: each table with its figures, and everything that was left out."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter

from cptkit.cli.edits_text import figures, in_short
from cptkit.cli.screen import Page
from cptkit.importers import Became, Imported, ImportReport, Skipped
from cptkit.wording import counted

__all__ = ["add_skipped", "report_page"]

_STYLES = {Became.NEW: "bold green", Became.REPLACED: "bold yellow", Became.UNCHANGED: "bold"}
_MOST_NAME = 40
_FIGURE = 11
_MOST_REJECTED = 10


def report_page(report: ImportReport, width: int) -> Page:
    """The whole report."""
    page = Page(width)
    put = [table for table in report.tables if table.became is not Became.COUNTED]
    aside = [table for table in report.tables if table.became is Became.COUNTED]
    _opening(page, report, put)
    names = max((len(table.name) for table in report.tables), default=0)
    wide = min(max(names, len("table")) + 1, _MOST_NAME)
    for tables, title in ((put, ""), (aside, "READ AND COUNTED, BUT NOT PUT INTO THE TABLES")):
        if tables:
            page.line()
            if title:
                page.line(title, style="bold magenta")
            _heading(page, wide)
            for table in tables:
                _table(page, table, wide)
    _rejected(page, report)
    if report.skipped:
        page.line()
        page.line("NOT READ", style="bold")
        add_skipped(page, report.skipped)
    page.line()
    page.line(
        f"{counted(report.rows_read, 'row')} read = {report.rows_kept:,} kept + {report.rows_rejected:,} rejected"
    )
    if report.digest is not None and put:
        would = "would have" if report.dry_run else "have"
        page.line(f"the tables {would} the digest {report.digest}", style="dim")
    return page


def _opening(page: Page, report: ImportReport, put: list[Imported]) -> None:
    kinds = (Became.NEW, Became.REPLACED, Became.UNCHANGED)
    numbers = {kind: sum(table.became is kind for table in put) for kind in kinds}
    told = ", ".join(f"{number:,} {kind}" for kind, number in numbers.items() if number)
    if not put:
        told = f"Nothing was put into {report.folder}"
    elif report.dry_run:
        told = f"Dry run, nothing was written. Of {counted(len(put), 'table')} for {report.folder}: {told}"
    else:
        told = f"{counted(len(put), 'table')} in {report.folder}: {told}"
    page.entry(told, style="bold")


def _heading(page: Page, wide: int) -> None:
    names = "".join(name.rjust(_FIGURE) for name in ("rows read", "kept", "rejected"))
    page.line("table".ljust(wide) + names, style="dim")


def _table(page: Page, table: Imported, wide: int) -> None:
    rows = "".join(
        f"{number:,}".rjust(_FIGURE) for number in (table.rows_read, table.rows_kept, table.rows_rejected)
    )
    if len(table.name) >= wide:
        page.line(table.name, style="bold")
    name = table.name if len(table.name) < wide else ""
    became = "" if table.became is Became.COUNTED else f"  {table.became}"
    page.line(name.ljust(wide) + rows + became, style=_STYLES.get(table.became, ""))
    if table.counts:
        page.entry(figures(table.counts), indent=2)
    if table.first_day is not None:
        page.entry(f"rows begin on days from {table.first_day} to {table.last_day}", indent=2)
    names = in_short([file.member.archive or file.member.name for file in table.files])
    page.entry(names, indent=2, style="dim")
    for file in table.files:
        for column, count in file.mended.items():
            page.entry(f"{column}: {counted(count, 'cell')} got lost zeros back", indent=2, label="mended: ")
    for note in table.notes:
        page.entry(note, indent=2, label="note: ", style="yellow")
    if table.advice:
        page.entry(table.advice, indent=2, label="next: ")


def _rejected(page: Page, report: ImportReport) -> None:
    tables = [table for table in report.tables if table.rows_rejected]
    if not tables:
        return
    page.line()
    remark = "these rows are in no table, and answer as if they had not been published"
    page.entry(remark, label="REJECTED: ", label_style="bold red")
    for table in tables:
        page.entry(_faults(table.faults), indent=2, label=f"{table.name}: ", label_style="bold")
        shown = table.rejected[:_MOST_REJECTED]
        for file, rows in groupby(shown, key=itemgetter(0)):
            page.entry(file, indent=4, style="dim")
            for _, row in rows:
                page.entry(row.reason, indent=4, label=f"line {row.line_number}: ")
        more = table.rows_rejected - len(shown)
        if more:
            page.line(f"    and {more:,} more", style="dim")


def _faults(faults: Mapping[str, int]) -> str:
    return "; ".join(f"{count:,} x {fault}" for fault, count in faults.items())


def add_skipped(page: Page, skipped: Iterable[Skipped]) -> None:
    """What was not read, by the reason."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for one in skipped:
        archives = by_reason.setdefault(one.reason, {})
        archives.setdefault(one.member.archive or "", []).append(one.member.name)
    for reason, archives in by_reason.items():
        page.entry(reason, indent=2)
        for archive, names in archives.items():
            page.entry(", ".join(names), indent=4, style="dim", label=f"{archive}: " if archive else "")
