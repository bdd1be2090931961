"""``cptkit codeset``: editions of one's own, from tables to a private wheel."""

import datetime as dt
import sys
from pathlib import Path

import click

from cptkit.cli.screen import Page, visible, width_of
from cptkit.codesets.files import MANIFEST, digest_of
from cptkit.errors import BrokenEdition, BrokenTables
from cptkit.interop.cells import day

__all__ = ["command"]


@click.group("codeset")
def command() -> None:
    """Build editions of your own and wrap them as a private package."""


def _day(_context: click.Context, _option: click.Parameter, text: str | None) -> dt.date | None:
    try:
        return None if text is None else day(text.strip())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@command.command("build")
@click.argument("tables", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="TABLES")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    required=True,
    help="Where the edition's own folder is put.",
)
@click.option("--edition", metavar="NAME", required=True, help="Its name, such as 2026.1+acme.")
@click.option("--extends", metavar="EDITION", help="Add the tables to this edition.")
@click.option(
    "--override",
    multiple=True,
    metavar="CODE",
    help="Let your rows of CODE replace those of the edition that is extended.",
)
@click.option(
    "--keep-descriptors", is_flag=True, help="Keep the column descriptor of codes.tsv: licensed text."
)
@click.option(
    "--modifiers-complete-on",
    metavar="DATE",
    callback=_day,
    help="The day up to which modifiers.tsv is complete.",
)
def build(
    tables: Path,
    into: Path,
    edition: str,
    extends: str | None,
    override: tuple[str, ...],
    *,
    keep_descriptors: bool,
    modifiers_complete_on: dt.date | None,
) -> int:
    """Make an edition from TABLES, a folder of the tables of the edition format.

    A table that is not there is empty. Nothing is written while anything is wrong, and an edition that
    is replaced is replaced as a whole.

    Exit status: 0 when it was written, 1 when the tables have problems, 2 for wrong usage.
    """
    from cptkit.codesets.build.own import build_edition, write_edition

    try:
        built = build_edition(
            tables,
            edition,
            extends=extends,
            override=override,
            keep_descriptors=keep_descriptors,
            modifiers_complete_on=modifiers_complete_on,
        )
        before = _digest(into / edition)
        folder = write_edition(built, into)
    except BrokenTables as error:
        return _told(error)
    page = Page(width_of(sys.stdout))
    digest = digest_of(built.files[MANIFEST])
    page.line(f"{built.edition}  {digest}", style="bold")
    page.line(f"  {folder}")
    if before not in {None, digest}:
        page.line(f"  replaces {before}", style="yellow")
    if built.descriptors_dropped:
        page.line(f"  {built.descriptors_dropped} descriptors were not kept")
    page.show()
    return 0


def _digest(folder: Path) -> str | None:
    manifest = folder / MANIFEST
    return digest_of(manifest.read_bytes()) if manifest.is_file() else None


@command.command("wheel")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    required=True,
    help="Where the wheel is put.",
)
@click.option("--name", metavar="NAME", required=True, help="The name of the package, such as acme-cpt.")
@click.option("--version", metavar="VERSION", help="Its version; by default the name of the edition.")
def wheel(folder: Path, into: Path, name: str, version: str | None) -> int:
    """Wrap the edition in FOLDER, or all editions in it, as a private wheel for pip.

    Once it is installed, cptkit finds its editions by name.

    Exit status: 0 when it was written, 1 when an edition has problems, 2 for wrong usage.
    """
    from cptkit.codesets.wheel import write_wheel

    try:
        made = write_wheel(folder, into, name=name, version=version)
    except BrokenEdition as error:
        return _told(error)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    page = Page(width_of(sys.stdout))
    page.line(str(made))
    page.show()
    return 0


def _told(error: BrokenTables | BrokenEdition) -> int:
    """Every problem on a line of its own."""
    print("\n".join(visible(line) for line in str(error).split("\n")), file=sys.stderr)
    return 1
