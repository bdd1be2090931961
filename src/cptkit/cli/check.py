"""``cptkit check``: what is wrong with the claim lines of a file."""

import sys
import textwrap
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click

from cptkit.claims import Claim
from cptkit.cli import check_formats
from cptkit.cli.check_text import report_page
from cptkit.cli.options import basis_option, catalog_for, format_option, lock_option, tables_option
from cptkit.cli.screen import emit, is_terminal, width_of
from cptkit.errors import UnreadableClaims
from cptkit.interop import ACCEPTED, ClaimFile, read_claims
from cptkit.rules import check_claims, selected
from cptkit.setting import Setting
from cptkit.sources import Basis

__all__ = ["command"]

_LONG = 2000  # rows from which on waiting is long enough for a progress bar
_NUMBERED = {f"modifier{number}" for number in range(2, 10)}  # named as modifier1 is
_COLUMNS = "\n".join(
    textwrap.fill(f"{field}: {', '.join(names)}", 76, subsequent_indent="  ")
    for field, names in ACCEPTED.items()
    if field not in _NUMBERED
)
_EPILOG = f"""\b
The columns of FILE, by any of these names. Needed: code, date_of_service, and
patient_id or claim_id. A fifth modifier's column is modifier5.
{_COLUMNS}"""


def _selectors(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _columns(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for text in texts:
        field, sign, name = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{text!r}: write it FIELD=NAME, such as minutes=Duration")
        columns[field.strip()] = name.strip()
    return columns


@click.command("check", epilog=_EPILOG)
@click.argument("file", metavar="FILE")
@format_option("table", "json", "jsonl", "csv")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_selectors,
    help="Only these: ids, prefixes or names.",
)
@click.option("--ignore", multiple=True, metavar="RULES", callback=_selectors, help="Not these.")
@basis_option
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=NAME",
    callback=_columns,
    help="Which column of FILE holds a field: minutes=Duration.",
)
@click.option(
    "--edition", multiple=True, metavar="EDITION", help="Pin an edition, such as 2026.1; one a year."
)
@lock_option
@tables_option
@click.option(
    "--setting",
    type=click.Choice([setting.value for setting in Setting]),
    default=Setting.PRACTITIONER.value,
    show_default=True,
    help="Whose edit tables judge: FILE holds claims of this kind.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report to a file.",
)
def command(
    file: str,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    basis: Basis,
    columns: dict[str, str],
    edition: tuple[str, ...],
    lock: Path | None,
    tables: Path | None,
    setting: str,
    output: Path | None,
) -> int:
    """Check the claim lines of FILE: a table with commas, semicolons or tabs; - reads standard input.

    Exit status: 0 when nothing failed, 1 when something failed or a row was rejected, 2 when FILE
    cannot be read.
    """
    rules = select or ("ALL",)
    selected(rules, ignore)  # a rule that is not there is told before a long file is read
    catalog = catalog_for(edition, lock, tables)
    claims = _read(file, columns, Setting(setting))
    with _progress(claims.rows_checked) as on_claim:
        report = check_claims(
            claims.claims,
            catalog,
            basis=basis,
            select=rules,
            ignore=ignore,
            incomplete={rejected.claim for rejected in claims.rejected if rejected.claim},
            on_claim=on_claim,
        )
    if form == "table":
        page = report_page(report, claims, width_of(None if output else sys.stdout))
        if output is None:
            page.show()
        else:
            emit(page.text(), output)
    else:
        emit(check_formats.FORMATS[form](report, claims), output, encoding="utf-8")
    return 1 if report.findings or claims.rejected else 0


def _read(file: str, columns: dict[str, str], setting: Setting) -> ClaimFile:
    if file != "-":
        return read_claims(file, columns=columns, setting=setting)
    if sys.stdin is None:
        raise UnreadableClaims("standard input is closed")
    return read_claims(sys.stdin.buffer, columns=columns, setting=setting)


@contextmanager
def _progress(rows: int) -> Generator[Callable[[Claim], None] | None, None, None]:
    """A progress bar on standard error, where it is long work and someone looks."""
    if rows <= _LONG or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, force_terminal=True), transient=True) as progress:
        task = progress.add_task("checking", total=rows)
        yield lambda claim: progress.advance(task, len(claim.lines))
