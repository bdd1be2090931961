"""``cptkit time``: which code the minutes give."""

import datetime as dt
import json
import sys

import click

from cptkit.cli.options import basis_option, codeset_for, day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.codesets import Codeset
from cptkit.interop.cells import whole
from cptkit.sources import Basis
from cptkit.timerule import Selection, select

__all__ = ["command"]


def _minutes(_context: click.Context, _argument: click.Parameter, text: str) -> int:
    try:
        return whole(text.strip(), "minutes")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("time")
@click.argument("code_or_family", metavar="CODE_OR_FAMILY")
@click.argument("minutes", callback=_minutes)
@day_option(required=True, what="The date of service, such as 2026-03-02.")
@basis_option
@click.option("--edition", metavar="EDITION", help="Ask this edition; by default the one of the date's year.")
@format_option("text", "json")
def command(
    code_or_family: str, minutes: int, date: dt.date, basis: Basis, edition: str | None, form: str
) -> int:
    """Say which code MINUTES give: CODE_OR_FAMILY is any code of a family, or its id (psychotherapy)."""
    codeset = codeset_for(edition, date)
    found = select(code_or_family, minutes=minutes, date_of_service=date, codeset=codeset, basis=basis)
    if form == "json":
        emit(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        _page(found, codeset).show()
    return 0


def _page(found: Selection, codeset: Codeset) -> Page:
    page = Page(width_of(sys.stdout))
    page.entry(str(found) if found.services else "nothing reportable", style="bold")
    page.entry(
        f"{found.minutes} minutes, {found.rule.title}, {found.date_of_service}, basis {found.basis}, "
        f"edition {found.edition}"
    )
    page.line()
    neighbours = [str(near) for near in (found.longer, found.shorter) if near is not None]
    for label, texts in (
        ("working:    ", found.working),
        ("nearby:     ", neighbours),
        ("minutes:    ", [f"{found.rule.whose_time}; summed over the {found.rule.scope}"]),
        ("note:       ", found.notes),
        ("confidence: ", [found.confidence.value]),
    ):
        for place, text in enumerate(texts):
            page.entry(text, label=" " * len(label) if place else label)
    for citation in found.citations:
        page.line(f"{citation.fact} ({citation.confidence}, checked {citation.checked})")
        for key in citation.sources:
            source = codeset.source(key)
            page.line(f"  {key}" if source is None else f"  {key} ({source.grade})  {source.where}")
    return page
