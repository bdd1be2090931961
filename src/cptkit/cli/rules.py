"""``cptkit rules``: which rules there are."""

import sys

import click

from cptkit.cli.screen import Page, width_of
from cptkit.rules import RULES, rule

__all__ = ["command"]


@click.command("rules")
def command() -> int:
    """List the rules: id, name and what each finds."""
    page = Page(width_of(sys.stdout))
    for row in RULES:
        first = rule(row.id).doc.strip().partition("\n")[0]
        page.entry(f"{row.name}. {first.replace('``', '')}", label=f"{row.id}  ", label_style="bold")
    page.show()
    return 0
