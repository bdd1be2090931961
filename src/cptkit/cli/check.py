"""``cptkit check``: what is wrong with the claim lines of a file."""

import datetime as dt
import sys
import textwrap
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cptkit.claims import Claim
from cptkit.cli.check_history import check_histories, history_options, read_history, read_lines
from cptkit.cli.check_judges import judge_options, read_profile, read_waivers, tell_left_out
from cptkit.cli.check_output import check_output, inputs_of
from cptkit.cli.check_reports import (
    beside_baseline,
    check_grouping,
    read_baseline,
    report_options,
    write_report,
)
from cptkit.cli.check_tables import check_table, is_table, refuse_table_options, table_options
from cptkit.cli.options import (
    TakesEachOnce,
    catalog_for,
    format_option,
    lock_option,
    selectors_of,
    tables_option,
)
from cptkit.cli.screen import is_terminal
from cptkit.errors import UnknownRule, UnreadableClaims
from cptkit.interop import ACCEPTED
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


def _columns(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for text in texts:
        field, sign, name = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{text!r}: write it FIELD=NAME, such as minutes=Duration")
        if field.strip() in columns:
            given = f"{columns[field.strip()]} and {name.strip()}"
            ways = (
                "modifier1, modifier2 and so on have one each" if field.strip() == "modifiers" else "name one"
            )
            raise click.BadParameter(f"two columns are given for {field.strip()}: {given}; {ways}")
        columns[field.strip()] = name.strip()
    return columns


@click.command("check", short_help="Check the claim lines of a file.", epilog=_EPILOG, cls=TakesEachOnce)
@click.argument("file", metavar="FILE")
@format_option("table", "json", "jsonl", "csv", "html")
@report_options
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=selectors_of,
    help="Only these rules: ids, prefixes or names, with commas between.",
)
@click.option(
    "--ignore", multiple=True, metavar="RULES", callback=selectors_of, help="Leave out these rules."
)
@click.option("--preview", is_flag=True, help="Also preview rules, which may still change.")
@judge_options
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
@history_options
@table_options
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
    help="Write the report to a file, which is none of those that are read.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 also when anything was not checked.")
def command(
    file: str,
    form: str,
    by: str | None,
    baseline: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    preview: bool,
    basis: Basis | None,
    profile: str | None,
    waivers: Path | None,
    as_of: dt.date | None,
    columns: dict[str, str],
    edition: tuple[str, ...],
    lock: Path | None,
    tables: Path | None,
    histories: tuple[str, ...],
    history_since: dt.date | None,
    column_map: str | None,
    setting: str,
    output: Path | None,
    strict: bool,
    **_of_tables: Any,
) -> int:
    """Check the claim lines of FILE: a table with commas, semicolons or tabs; - reads standard input.

    A Parquet or Arrow file, a folder of files, and any file beside --columns are checked in columns, however
    many lines they hold: --out takes the findings, and a summary is printed.

    Exit status: 0 when nothing failed, 1 when something failed or a row was rejected, 2 when FILE
    cannot be read. Beside a baseline only what is new fails; what is waived does not. With
    --strict also 1 when anything was not checked, or no line was there to check.
    """
    given = click.get_current_context().params
    rules = (*(select or ("ALL",)), *(("PREVIEW",) if preview else ()))
    if is_table(file, column_map):
        _require_rules(rules, ignore)
        return check_table(given, rules)
    refuse_table_options(given)
    check_grouping(by, form)
    check_histories(file, histories)
    check_output(output, inputs_of(given))
    _require_rules(rules, ignore)
    judging = read_profile(basis, profile)
    waiving, waived_on = read_waivers(waivers, as_of)
    catalog = catalog_for(edition, lock, tables)
    earlier = read_baseline(baseline)
    tell_left_out(judging, rules, ignore)
    try:
        claims = read_lines(file, columns, Setting(setting))
    except UnreadableClaims as error:
        if file != "-" and (error.expected or "").startswith("a name for "):
            error.expected = (
                f"{error.expected}; or --columns auto, for a table with the names of another system"
            )
        raise
    history = read_history(histories, history_since, columns, Setting(setting), claims)
    with _progress(claims.rows_checked) as on_claim:
        report = check_claims(
            claims.claims,
            catalog,
            basis=basis,
            profile=judging,
            waivers=waiving,
            as_of=waived_on,
            select=rules,
            ignore=ignore,
            history=history,
            incomplete=claims.incomplete_claims,
            on_claim=on_claim,
        )
    comparison = beside_baseline(earlier, report, claims)
    title = "standard input" if file == "-" else Path(file).name
    write_report(report, claims, comparison, form=form, by=by, title=title, output=output)
    failed = report.findings if comparison is None else comparison.new
    is_short = bool(report.not_checked) or not report.lines
    return 1 if failed or claims.rejected or (strict and is_short) else 0


def _require_rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    """Tell of a rule that is not there before a long file is read."""
    try:
        selected(select, ignore)
    except UnknownRule as error:
        if not error.near:
            error.where = "`cptkit rules`"
        raise


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
