"""``cptkit explain``: a rule's page."""

import json
import sys
from contextlib import suppress

import click

from cptkit.cli.options import format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.errors import UnknownRule
from cptkit.rules import rule
from cptkit.rules.explaining import Example, Explanation, explained
from cptkit.rules.registry import Rule, listed

__all__ = ["command"]

_SHOWN = 12  # sources with their addresses; a rule of many families cites dozens


@click.command("explain", short_help="Say what a rule finds and what cures it.")
@click.argument("id_or_name", metavar="RULE")
@format_option("text", "json")
def command(id_or_name: str, form: str) -> int:
    """Say what a rule finds, what cures it and where it stops; RULE is an id or a name.

    The examples are cases of the rule's own tests; the facts and sources are those that the findings of
    these cases cite. The findings of a check cite their own.
    """
    found = _named(id_or_name)
    page = explained(found)
    if form == "json":
        emit(json.dumps(page.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        _show(page)
    return 0


def _named(id_or_name: str) -> Rule:
    """The rule; what names several is refused, and says where these are listed."""
    try:
        return rule(id_or_name)
    except UnknownRule as error:
        with suppress(UnknownRule):
            listed((id_or_name,))
            error.where = f"`cptkit rules {id_or_name}`, the rules that it names"
        raise


def _show(told: Explanation) -> None:
    page, row = Page(width_of(sys.stdout)), told.row
    page.line(f"{row.id} {row.full_name}", style="bold")
    needs = f"answers from: {', '.join(row.needs)}" if row.needs else "needs no table"
    origin = f"; from {row.package}" if row.package else ""
    page.entry(f"{row.status}, since {row.since}; {needs}{origin}", style="dim")
    for text in (told.what, *told.why, *(f"{label}: {text}" for label, text in told.parts.items())):
        page.line()
        page.entry(text.replace("``", ""))
    for name, example in (("fails", told.fails), ("passes", told.passes)):
        if example is not None:
            _example(page, f"A claim that {name}", example)
    if told.denials:
        page.line()
        page.line("A payer would likely answer")
        for denial in told.denials:
            remarks = f", remark {' or '.join(denial.rarc)}" if denial.rarc else ""
            page.entry(f"{denial.group}-{denial.carc}{remarks} ({denial.check})", indent=2)
    if told.facts:
        page.line()
        page.line("Facts that the findings of its cases cite")
        page.entry(", ".join(told.facts), indent=2)
    if told.sources:
        page.line()
        page.line("Sources of these facts and denials")
        for source in told.sources[:_SHOWN]:
            page.entry(f"{source.key} ({source.grade})  {source.where}", indent=2, hang=2)
        if told.sources[_SHOWN:]:
            more = ", ".join(source.key for source in told.sources[_SHOWN:])
            page.entry(f"and {more}; --format json has their addresses", indent=2)
    page.show()


def _example(page: Page, title: str, example: Example) -> None:
    page.line()
    page.line(f"{title}, {example.day}, {example.setting}, basis {example.basis}")
    for number, line in enumerate(example.lines, start=1):
        page.entry(line, indent=2, label=f"{number}  ")
    for row in example.given:
        page.entry(row, indent=2, label="with  ")
    for message in example.says:
        page.entry(message, indent=2, label="says  ")
