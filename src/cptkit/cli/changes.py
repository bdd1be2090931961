"""``cptkit changes``: what changed from one edition to another, as a sheet to hand out."""

import json
import sys

import click

from cptkit.cli.options import edition_named, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.reports import Sheet, change_sheet

__all__ = ["command"]


@click.command("changes", short_help="Say what changed from one edition to another.")
@click.argument("a", metavar="EDITION")
@click.argument("b", metavar="EDITION")
@click.option(
    "--family", metavar="NAME", help="Only this family of codes or time rules, by words of its name."
)
@format_option("table", "markdown", "html", "json")
def command(a: str, b: str, family: str | None, form: str) -> int:
    """Say what changed from one EDITION to another: codes added, deleted and revised."""
    sheet = change_sheet(edition_named(a), edition_named(b), family=family)
    if form == "table":
        _page(sheet).show()
    elif form == "markdown":
        emit(sheet.to_markdown(), encoding="utf-8")
    elif form == "html":
        emit(sheet.to_html(), encoding="utf-8")
    else:
        emit(json.dumps(sheet.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _page(sheet: Sheet) -> Page:
    page = Page(width_of(sys.stdout))
    page.entry(sheet.title, style="bold")
    page.entry(sheet.remark)
    for heading, entries in sheet.groups:
        page.line()
        page.line(heading, style="bold")
        for entry in entries:
            page.entry(entry.title, indent=2)
            for line in entry.lines:
                page.entry(line, indent=4)
            page.entry(entry.evidence, indent=4, style="dim")
    if sheet.sources:
        page.line()
        page.line("Sources", style="bold")
        for source in sheet.sources:
            page.entry(str(source), indent=2)
    page.line()
    for text in sheet.footer:
        page.line(text, style="dim")
    return page
