"""``cptkit import``: files of CMS, as they were downloaded, into a folder of edit tables."""

import datetime as dt
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click

from cptkit.cells import day
from cptkit.cli.import_text import report_page
from cptkit.cli.options import format_option
from cptkit.cli.screen import emit, is_terminal, visible, width_of
from cptkit.cli.tables import json_text, quarter_of, setting_option
from cptkit.edits.quarter import Quarter

__all__ = ["command"]

_WIDE = 32  # so that the bar stays in its place
_LONG = 8 * 1024**2  # bytes from which on waiting is long enough for a progress bar


def _day(_context: click.Context, _option: click.Parameter, text: str | None) -> dt.date | None:
    try:
        return None if text is None else day(text.strip())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("import")
@click.argument("files", metavar="FILES...", nargs=-1, required=True)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="The folder of edit tables; it is made when it is not there.",
)
@click.option("--dry-run", is_flag=True, help="Read everything and report it; write nothing.")
@click.option(
    "--quarter", metavar="QUARTER", callback=quarter_of, help="Where a name does not say it: 2024q3."
)
@setting_option(required=False, what="Whose tables they are, where neither content nor name says it.")
@click.option(
    "--qpp/--no-qpp",
    default=None,
    help="Whether relative values from 2026 on are for qualifying participants, where a name does not say it.",
)
@click.option(
    "--first-day",
    metavar="DATE",
    callback=_day,
    help="From which day a release holds that CMS revised, such as 24AR.",
)
@click.option(
    "--parts",
    type=click.IntRange(1, 9),
    default=4,
    show_default=True,
    help="In how many files (f1, f2, ...) the pair edits of a quarter come.",
)
@format_option("table", "json")
def command(
    files: tuple[str, ...],
    into: Path,
    quarter: Quarter | None,
    setting: str | None,
    first_day: dt.date | None,
    parts: int,
    form: str,
    *,
    dry_run: bool,
    qpp: bool | None,
) -> int:
    """Put files of CMS, zipped or not, into edit tables.

    FILES are files as CMS publishes them, or folders of such files: pair edits, unit limits, add-on
    edits, relative values. What they are is told by their content; names give the quarter and the
    setting. All of them are put in place in one step, or none.

    Exit status: 0 when every row was read, 1 when a row was rejected (the others are in place), 2 when
    a file cannot be read or the tables cannot be written; nothing is written then.
    """
    from cptkit.importers import import_files

    with _progress() as on_progress:
        report = import_files(
            files,
            into,
            dry_run=dry_run,
            quarter=quarter,
            setting=setting,
            qpp=qpp,
            first_day=first_day,
            parts=parts,
            progress=on_progress,
        )
    if form == "json":
        emit(json_text(report.to_dict()), encoding="utf-8")
    else:
        report_page(report, width_of(sys.stdout)).show()
    return 1 if report.rows_rejected else 0


@contextmanager
def _progress() -> Generator[Callable[[str, int, int], None], None, None]:
    """A progress bar on standard error, where it is long work and someone looks."""
    if not is_terminal(sys.stderr):
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, force_terminal=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def told(what: str, done: int, total: int) -> None:
            bar.update(
                task,
                description=escape(visible(what).ljust(_WIDE)),
                completed=done,
                total=total,
                visible=total >= _LONG,
            )

        yield told
