"""``cptkit edition``: the editions that come with this version."""

import sys
from collections import Counter

import click

from cptkit.cli.screen import Page, visible, width_of
from cptkit.codesets import bundled_editions, codeset
from cptkit.errors import BrokenEdition, DigestMismatch

__all__ = ["command"]


@click.group("edition")
def command() -> None:
    """List, show or verify editions: what the answers are made from."""


@command.command("list")
def list_editions() -> int:
    """List the bundled editions, with their digests to pin."""
    page = Page(width_of(sys.stdout))
    for name in bundled_editions():
        found = codeset(name)
        page.line(f"{name}  up to {found.last_day}  {len(found)} codes", style="bold")
        page.line(f"  {found.digest}", style="dim")
    page.show()
    return 0


@command.command("show")
@click.argument("edition", metavar="EDITION")
def show(edition: str) -> int:
    """Show what EDITION covers: 2026.1, or 2026 for the newest revision of a year."""
    found = codeset(edition)
    page = Page(width_of(sys.stdout))
    page.line(f"Edition {found.edition}, answers up to {found.last_day}", style="bold")
    page.line(found.digest, style="dim")
    page.line()
    families = Counter(found[code].family for code in found)
    counted = ", ".join(f"{family} ({number})" for family, number in sorted(families.items()))
    page.entry(counted, label=f"{len(found)} codes: ")
    complete = f"{len(found.modifiers)} modifiers: "
    page.entry(f"the list is complete as of {found.modifiers_complete_on}", label=complete)
    timed = found.timerules["families"]
    page.entry(
        ", ".join(sorted(family["id"] for family in timed)), label=f"{len(timed)} families of time rules: "
    )
    page.show()
    return 0


@command.command("verify")
@click.argument("editions", metavar="[EDITION]...", nargs=-1)
def verify(editions: tuple[str, ...]) -> int:
    """Verify every byte of the editions named, or of all; exit status 1 when one was changed."""
    page = Page(width_of(sys.stdout))
    status = 0
    for name in editions or bundled_editions():
        try:
            found = codeset(name)
        except (BrokenEdition, DigestMismatch) as error:
            page.line(f"{name}  BROKEN  {visible(str(error))}", style="bold red")
            status = 1
        else:
            page.line(f"{found.edition}  ok  {found.digest}")
    page.show()
    return status
