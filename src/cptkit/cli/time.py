"""``cptkit time``: which code the minutes give."""

import datetime as dt
import json
import sys
from pathlib import Path

import click

from cptkit.cells import whole
from cptkit.cli.options import TakesNegativeNumbers, basis_option, codeset_for, day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.cli.sourced import Answer, add_answer
from cptkit.codesets import Codeset
from cptkit.sources import Basis
from cptkit.timerule import Selection, TimeRule, family, select

__all__ = ["command"]


def _number(_context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else whole(text.strip(), parameter.name or "minutes")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("time", short_help="Say which code minutes give.", cls=TakesNegativeNumbers)
@click.argument("code_or_family", metavar="CODE_OR_FAMILY")
@click.argument("minutes", callback=_number, required=False)
@day_option(required=True, what="The date of service, such as 2026-03-02.")
@basis_option
@click.option(
    "--days", callback=_number, metavar="DAYS", help="Days with data, for device codes, in place of MINUTES."
)
@click.option(
    "--edition",
    metavar="EDITION",
    help="Ask this edition; by default the first bundled one that knows the day.",
)
@click.option(
    "--svg",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also draw the bands with the session on them into FILE; '-' is standard output, and nothing else is.",
)
@format_option("text", "json")
def command(
    code_or_family: str,
    minutes: int | None,
    date: dt.date,
    basis: Basis,
    days: int | None,
    edition: str | None,
    svg: Path | None,
    form: str,
) -> int:
    """Say which code MINUTES give: CODE_OR_FAMILY is any code of a family, or its id (psychotherapy)."""
    codeset = codeset_for(edition, date)
    rule = family(code_or_family, date_of_service=date, codeset=codeset, basis=basis)
    if rule.is_timed:
        _check_amount(rule, minutes, days)
    elif days is not None:
        raise click.UsageError(f"{rule.id} counts neither days nor minutes: leave out --days.")
    found = select(
        code_or_family, minutes=minutes, days=days, date_of_service=date, codeset=codeset, basis=basis
    )
    if svg is not None:
        emit(found.to_svg() + "\n", None if str(svg) == "-" else svg, encoding="utf-8")
    if svg is not None and str(svg) == "-":
        return 0
    if form == "json":
        emit(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        _page(found, codeset).show()
    return 0


def _headline(found: Selection) -> str:
    if not found.rule.is_timed and not found.services:
        return "not chosen by time"
    if found.services or found.alternatives or found.time_units is not None:
        return str(found)
    return "nothing reportable"


def _check_amount(rule: TimeRule, minutes: int | None, days: int | None) -> None:
    """Minutes for a rule that counts minutes, days for one that counts days, and nothing besides."""
    if rule.counts == "days" and (days is None or minutes is not None):
        raise click.UsageError(f"{rule.id} counts days with data: give --days, and no minutes.")
    if rule.counts == "minutes" and (minutes is None or days is not None):
        raise click.UsageError(f"{rule.id} counts minutes: give them after the code, and no --days.")


def _page(found: Selection, codeset: Codeset) -> Page:
    page = Page(width_of(sys.stdout))
    page.entry(_headline(found), style="bold")
    amount = f"{found.minutes or 0} minutes" if found.days is None else f"{found.days} days"
    page.entry(
        f"{amount}, {found.rule.title}, {found.date_of_service}, basis {found.basis}, edition {found.edition}"
    )
    page.line()
    answer = Answer(
        working=found.working,
        nearby=tuple(str(near) for near in (found.longer, found.shorter) if near is not None),
        minutes=f"{found.rule.whose_time}; summed over {found.rule.scope.in_words}",
        notes=found.notes,
        confidence=found.confidence,
        citations=found.citations,
    )
    add_answer(page, answer, codeset)
    return page
