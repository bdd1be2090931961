"""``cptkit explain``: a rule's page."""

import re
import sys

import click

from cptkit.cli.screen import Page, width_of
from cptkit.rules import rule

__all__ = ["command"]

_LABELLED = re.compile(r"\*\*(?P<label>[^*]+)\*\*(?P<rest>.*)", re.DOTALL)


@click.command("explain")
@click.argument("id_or_name", metavar="RULE")
def command(id_or_name: str) -> int:
    """Say what a rule finds, what cures it and where it stops; RULE is an id or a name."""
    found = rule(id_or_name)
    page = Page(width_of(sys.stdout))
    page.line(f"{found.row.id} {found.row.name}", style="bold")
    needs = f"answers from: {', '.join(found.row.needs)}" if found.row.needs else "needs no table"
    page.entry(f"{found.row.status}, since {found.row.since}; {needs}", style="dim")
    for paragraph in re.split(r"\n\s*\n", found.doc.strip()):
        page.line()
        text = " ".join(paragraph.split()).replace("``", "")
        hit = _LABELLED.fullmatch(text)
        if hit is None:
            page.entry(text)
        else:
            page.entry(hit["label"] + hit["rest"])
    page.show()
    return 0
