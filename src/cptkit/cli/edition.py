"""``cptkit edition``: the editions that come with this version, and those of installed packages."""

import sys
from collections import Counter
from pathlib import Path

import click

from cptkit.cli.options import edition_named
from cptkit.cli.screen import Page, visible, width_of
from cptkit.codesets import bundled_editions, codeset
from cptkit.codesets.lookup import broken_entries, edition_folder, installed_editions
from cptkit.errors import BrokenEdition, DigestMismatch

__all__ = ["command"]


@click.group("edition")
def command() -> None:
    """List, show or verify editions: what the answers are made from."""


@command.command("list", short_help="List editions with their digests.")
def list_editions() -> int:
    """List the bundled and installed editions, with their digests to pin.

    Exit status: 1 when an installed package offers editions that cannot be read.
    """
    page = Page(width_of(sys.stdout))
    status = 0
    packages = {found.name: found.package for found in installed_editions()}
    for name in (*bundled_editions(), *packages):
        origin = f"  from {packages[name]}" if name in packages else ""
        try:
            found = codeset(name)
        except (BrokenEdition, DigestMismatch) as error:
            page.line(f"{name}{origin}  BROKEN  {visible(str(error))}", style="bold red")
            status = 1
            continue
        page.line(f"{name}  up to {found.last_day}  {len(found)} codes{origin}", style="bold")
        page.line(f"  {found.digest}", style="dim")
    page.show()
    return _tell_broken() or status


def _tell_broken() -> int:
    """Name the entry points that cannot be read; 1 when there is one."""
    broken = broken_entries()
    for entry in broken:
        print(visible(str(entry)), file=sys.stderr)
    return 1 if broken else 0


@command.command("show", short_help="Show what an edition covers.")
@click.argument("edition", metavar="EDITION")
def show(edition: str) -> int:
    """Show what EDITION covers: 2026.1, or 2026 for the newest revision of a year."""
    found = edition_named(edition)
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
    """Verify every byte and every row of the editions named, or of all.

    EDITION is a name such as 2026.1, or the folder of an edition.

    Exit status: 0 when all are whole, 1 when one was changed or has a problem.
    """
    from cptkit.codesets.build.verify import verify_folder

    page = Page(width_of(sys.stdout))
    status = 0
    for name in editions or (*bundled_editions(), *(found.name for found in installed_editions())):
        is_folder = "/" in name or "\\" in name or Path(name).is_dir()
        verdict = verify_folder(Path(name) if is_folder else edition_folder(name))
        if verdict.problems:
            status = 1
            page.line(f"{name}  BROKEN  {verdict.digest}".rstrip(), style="bold red")
            for problem in verdict.problems:
                page.line(f"  {problem}")
        else:
            page.line(f"{verdict.edition}  ok  {verdict.digest}")
    page.show()
    return status if editions else _tell_broken() or status
