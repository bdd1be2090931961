"""``cptkit units``: how many units the minutes of a day's codes give."""

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence

import click

from cptkit.cells import whole
from cptkit.cli.options import codeset_for, day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.cli.sourced import Answer, add_answer
from cptkit.codesets import Codeset
from cptkit.timerule import Allocation, Leftover, UnitPolicy, allocate

__all__ = ["command"]


def _pairs(_context: click.Context, _argument: click.Parameter, texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        code, sign, minutes = text.partition("=")
        if not sign or not code.strip():
            raise click.BadParameter(f"{text!r}: write a code and its minutes as 97110=33")
        try:
            number = whole(minutes.strip(), "minutes")
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        if code.strip().upper() in found:
            raise click.BadParameter(f"{code.strip()!r} is given twice; add its minutes up first")
        found[code.strip().upper()] = number
    return found


@click.command("units")
@click.argument("minutes", metavar="CODE=MINUTES...", nargs=-1, required=True, callback=_pairs)
@click.option(
    "--policy",
    type=click.Choice([policy.value for policy in UnitPolicy]),
    required=True,
    help="Whose way of counting; the answers differ.",
)
@click.option(
    "--leftover",
    type=click.Choice([choice.value for choice in Leftover]),
    default=Leftover.LARGEST.value,
    show_default=True,
    help="Who gets the unit that only leftover minutes earn, under Medicare's total.",
)
@day_option(
    required=False,
    what="The date of service. Without it only an answer that holds on every day of the edition's year is given.",
)
@click.option(
    "--edition",
    metavar="EDITION",
    help="Ask this edition; by default the first bundled one that knows the day.",
)
@format_option("text", "json")
def command(
    minutes: dict[str, int], policy: str, leftover: str, date: dt.date | None, edition: str | None, form: str
) -> int:
    """Say how many units the minutes of several codes of one day give.

    CODE=MINUTES is a code or a service, such as 97110=33 or 97530-GO=20, with its completed minutes.
    """
    codeset = codeset_for(edition, date)
    days = [date] if date is not None else _days_of(codeset)
    found = [_allocated(minutes, policy, leftover, day, codeset) for day in days]
    if any(str(each) != str(found[0]) for each in found):
        raise click.UsageError(f"The answer changes within {codeset.last_day.year}: give the day with --on.")
    told = str(date) if date is not None else f"{days[0]} to {days[-1]}"
    if form == "json":
        plain = found[-1].to_dict() | {"date_of_service": None if date is None else date.isoformat()}
        shown = plain | {"days": [days[0].isoformat(), days[-1].isoformat()]}
        emit(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        _page(found[-1], told, codeset).show()
    return 0


def _allocated(
    minutes: Mapping[str, int], policy: str, leftover: str, day: dt.date, codeset: Codeset
) -> Allocation:
    return allocate(
        minutes,
        policy=UnitPolicy(policy),
        leftover=Leftover(leftover),
        date_of_service=day,
        codeset=codeset,
    )


def _days_of(codeset: Codeset) -> list[dt.date]:
    """The first day of the edition's year, each day on which a time rule changes, and the last day."""
    first = codeset.last_day.replace(month=1, day=1)
    rows = (row["from"] for family in codeset.timerules["families"] for row in family["rules"])
    changed = {dt.date.fromisoformat(day) for day in rows}
    return [first, *sorted(day for day in changed if first < day < codeset.last_day), codeset.last_day]


def _page(found: Allocation, told: str, codeset: Codeset) -> Page:
    page = Page(width_of(sys.stdout))
    page.entry(str(found) if found.services else "nothing reportable", style="bold")
    page.entry(f"{found.unit_policy.title}, {told}, edition {found.edition}")
    page.line()
    working = found.working if found.services else (*found.working, "nothing is reportable")
    answer = Answer(
        working=tuple(dict.fromkeys(working)),
        notes=found.notes,
        confidence=found.confidence,
        citations=found.citations,
    )
    add_answer(page, answer, codeset)
    return page
