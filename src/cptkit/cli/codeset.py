"""``cptkit codeset``: editions of one's own, from tables to a private wheel."""

import datetime as dt
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from cptkit.cells import day
from cptkit.cli.screen import Page, visible, width_of
from cptkit.codesets import codeset
from cptkit.codesets.files import MANIFEST, digest_of, shared_parts
from cptkit.codesets.names import edition_parts
from cptkit.errors import BrokenEdition, BrokenTables

if TYPE_CHECKING:
    from cptkit.importers.editions import CodeTables

__all__ = ["command"]


@click.group("codeset")
def command() -> None:
    """Build editions of your own and wrap them as a private package."""


def _day(_context: click.Context, _option: click.Parameter, text: str | None) -> dt.date | None:
    try:
        return None if text is None else day(text.strip())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@command.command("build", short_help="Make an edition from tables of your own.")
@click.argument(
    "tables",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="[TABLES]",
    required=False,
)
@click.option(
    "--from-file",
    "files",
    multiple=True,
    metavar="FILE",
    help="Take the codes of a licensed CPT file or a HCPCS file as downloaded; several by repeating it.",
)
@click.option(
    "--checked",
    metavar="DATE",
    callback=_day,
    help="The day on which the files were read: it stands beside every code.",
)
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
    "--keep-descriptors",
    is_flag=True,
    help="Keep the column descriptor of codes.tsv and the texts of the files: licensed text.",
)
@click.option(
    "--modifiers-complete-on",
    metavar="DATE",
    callback=_day,
    help="The day up to which modifiers.tsv is complete.",
)
def build(
    tables: Path | None,
    files: tuple[str, ...],
    checked: dt.date | None,
    into: Path,
    edition: str,
    extends: str | None,
    override: tuple[str, ...],
    *,
    keep_descriptors: bool,
    modifiers_complete_on: dt.date | None,
) -> int:
    """Make an edition from TABLES, a folder of the tables of the edition format, from files, or from both.

    A table that is not there is empty. Where TABLES have rows about a code, those of the files are left
    out. Nothing is written while anything is wrong, and an edition that is replaced is replaced as a
    whole.

    Exit status: 0 when it was written, 1 when the tables have problems (nothing is written then) or
    rows of a file were rejected, 2 for wrong usage or a file that cannot be read.
    """
    from cptkit.codesets.build.own import build_edition, write_edition

    if tables is None and not files:
        raise click.UsageError("Name the folder TABLES, or files with --from-file.")
    if bool(files) is not (checked is not None):
        raise click.UsageError("--from-file and --checked go together.")
    with ExitStack() as stack:
        codes, folder = None, tables
        if checked is not None:
            codes = _codes(files, edition, extends, checked, keep_descriptors=keep_descriptors)
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="cptkit-")))
            _put_together(tables, codes, folder)
        try:
            built = build_edition(
                folder or Path(),
                edition,
                extends=extends,
                override=override,
                keep_descriptors=keep_descriptors,
                modifiers_complete_on=modifiers_complete_on,
            )
            before = _digest(into / edition)
            made = write_edition(built, into)
        except BrokenTables as error:
            return _told(error, str(folder), str(tables or "the files"))
    page = Page(width_of(sys.stdout))
    digest = digest_of(built.files[MANIFEST])
    page.line(f"{built.edition}  {digest}", style="bold")
    page.line(f"  {made}")
    if before not in {None, digest}:
        page.line(f"  replaces {before}", style="yellow")
    if built.descriptors_dropped:
        page.line(f"  {built.descriptors_dropped} descriptors were not kept")
    status = 0 if codes is None else _tell(codes, page, keep_descriptors=keep_descriptors)
    page.show()
    return status


def _codes(
    files: Sequence[str], edition: str, extends: str | None, checked: dt.date, *, keep_descriptors: bool
) -> "CodeTables":
    """The codes of the files, but for those that the edition which is extended has already."""
    from cptkit.importers.editions import code_tables

    parts = edition_parts(edition)
    if parts is None:
        raise click.UsageError(f"{edition!r} is no name of an edition: write it as 2026.1+acme.")
    known = frozenset(codeset(extends)) if extends else frozenset[str]()
    return code_tables(files, year=parts[0], checked=checked, known=known, keep_descriptors=keep_descriptors)


def _put_together(tables: Path | None, codes: "CodeTables", folder: Path) -> None:
    """Write the tables of the user with those of the files behind them."""
    from cptkit.importers.editions import joined

    given = {path.name: path for path in sorted(tables.iterdir())} if tables else {}
    for name, path in (given | dict(shared_parts(tables) if tables else {})).items():
        if path.is_file():
            (folder / name).write_bytes(path.read_bytes())
    for name, text in codes.tables.items():
        path = folder / name
        try:
            own = path.read_bytes().decode("utf-8") if path.exists() else None
        except UnicodeDecodeError:  # the build says where
            continue
        path.write_bytes((text if own is None else joined(own, text)).encode("utf-8"))


def _tell(codes: "CodeTables", page: Page, *, keep_descriptors: bool) -> int:
    """What the files held; 1 when a row of them was rejected."""
    from cptkit.cli.import_text import add_skipped
    from cptkit.wording import counted

    for file in codes.files:
        page.entry(
            f"{counted(file.rows_read, 'row')} read = {file.rows_kept:,} kept + {file.rows_rejected:,} rejected",
            indent=2,
            label=f"{file.member.shown}: ",
        )
        for row in file.rejected:
            page.entry(str(row), indent=4, style="yellow")
    for what, count in codes.left_out.items():
        page.line(f"  left out: {count:,} {what}")
    if codes.skipped:
        page.line("not read")
        add_skipped(page, codes.skipped)
    if not keep_descriptors:
        page.line("  no text of the files was kept")
    return 1 if any(file.rows_rejected for file in codes.files) else 0


def _digest(folder: Path) -> str | None:
    manifest = folder / MANIFEST
    return digest_of(manifest.read_bytes()) if manifest.is_file() else None


@command.command("wheel", short_help="Wrap editions as a private package.")
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


def _told(error: BrokenTables | BrokenEdition, folder: str = "", shown: str = "") -> int:
    """Every problem on a line of its own; ``shown`` in place of a folder that nobody knows."""
    text = str(error).replace(folder, shown) if folder else str(error)
    print("\n".join(visible(line) for line in text.split("\n")), file=sys.stderr)
    return 1
