"""``cptkit edits``: what a folder of edit tables holds, whether it is whole, and what a quarter changed."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from cptkit.cli import edits_diff
from cptkit.cli.edits_code import code_dict, code_page, told_of
from cptkit.cli.edits_text import add_part
from cptkit.cli.options import day_option, format_option
from cptkit.cli.screen import Page, emit, visible, width_of
from cptkit.cli.tables import (
    csv_text,
    folder_named,
    folder_option,
    json_text,
    jsonl_text,
    quarter_of,
    setting_option,
)
from cptkit.codes import is_valid
from cptkit.edits import Part, Quarter, Setting, attach, mue_diff, ptp_diff
from cptkit.edits import verify as verify_tables
from cptkit.edits.manifest import MANIFEST, TABLES, read_manifest
from cptkit.errors import BrokenEdits, UnknownTable, nearest
from cptkit.wording import counted

__all__ = ["command"]

_COLUMNS = (
    "part",
    "table",
    "setting",
    "quarter",
    "year",
    "release",
    "first_day",
    "qpp",
    "rows",
    "digest",
    "files",
)


@click.group("edits")
def command() -> None:
    """List, show, verify or compare edit tables.

    They stand in a folder that `cptkit import` fills. Where a command names none, the variable
    CPTKIT_TABLES does.
    """


@command.command("list")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@folder_option
@format_option("table", "json", "jsonl", "csv")
def list_parts(folder: Path | None, tables: Path | None, form: str) -> int:
    """List the tables in DIR: quarters, rows, files."""
    with attach(folder_named(folder, tables)) as edits:
        parts, digest, home = edits.parts, edits.digest, edits.folder
    rows = [_as_row(part) for part in parts]
    if form == "json":
        emit(json_text({"folder": str(home), "digest": digest, "parts": rows}), encoding="utf-8")
    elif form == "jsonl":
        emit(jsonl_text(rows), encoding="utf-8")
    elif form == "csv":
        flat = ({**row, "files": "; ".join(row["files"])} for row in rows)
        emit(csv_text(_COLUMNS, flat), encoding="utf-8")
    else:
        page = Page(width_of(sys.stdout))
        page.line(f"{counted(len(parts), 'table')} in {home}", style="bold")
        page.line(digest, style="dim")
        page.line()
        for part in parts:
            add_part(page, part, whole=False)
        page.show()
    return 0


def _as_row(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "table": part.table,
        "setting": part.setting.value if part.setting else None,
        "quarter": None if part.year else str(part.quarter),
        "year": part.year,
        "release": part.release,
        "first_day": part.first_day.isoformat() if part.first_day else None,
        "qpp": part.qpp if part.release else None,
        "rows": part.rows,
        "counts": dict(part.counts),
        "digest": part.digest,
        "files": [
            f"{origin.archive}: {origin.name}" if origin.archive else origin.name for origin in part.origins
        ],
    }


@command.command("show")
@click.argument("words", metavar="[DIR] PART|CODE", nargs=-1, required=True)
@day_option(required=False, what="The date of service, for a code.")
@setting_option(required=False, what="For a code: this setting alone.")
@click.option("--pairs", is_flag=True, help="For a code: list its pairs, in place of counting them.")
@folder_option
@format_option("text", "json")
def show(
    words: tuple[str, ...],
    date: dt.date | None,
    setting: str | None,
    tables: Path | None,
    form: str,
    *,
    pairs: bool,
) -> int:
    """Show a PART of the tables in DIR, or a CODE.

    Of a CODE everything is shown that the tables say of it on a date of service: unit limits, add-on
    edits, indicators of the fee schedule, how many pairs it stands in, and whether it is on the telehealth list. A PART is named as `cptkit edits list` names it: ptp practitioner 2024q3.
    """
    folder, asked = _asked(words, tables)
    is_code = len(asked) == 1 and is_valid(asked[0])
    if is_code and date is None:
        raise click.UsageError("Give the date of service with --on: edits change with every quarter.")
    if not is_code and (date is not None or setting is not None or pairs):
        raise click.UsageError("--on, --setting and --pairs are for a code, not for a part.")
    with attach(folder) as edits:
        if is_code and date is not None:
            told = told_of(edits, asked[0], date, Setting(setting) if setting else None)
            if form == "json":
                emit(json_text(code_dict(told)), encoding="utf-8")
            else:
                code_page(told, width_of(sys.stdout), pairs=pairs).show()
            return 0
        part = _part(edits.parts, " ".join(asked), folder)
    if form == "json":
        emit(json_text(_as_row(part)), encoding="utf-8")
    else:
        page = Page(width_of(sys.stdout))
        add_part(page, part, whole=True)
        page.show()
    return 0


def _asked(words: tuple[str, ...], tables: Path | None) -> tuple[Path, tuple[str, ...]]:
    """The folder, and what is asked about; a first word that is neither table nor code is the folder."""
    first, *rest = words
    asked = tuple(part for word in words for part in word.split())
    if asked and (asked[0] in TABLES or is_valid(asked[0])):
        return folder_named(None, tables), asked
    if not rest:
        raise click.UsageError("Say what to show: a code, or a part such as ptp practitioner 2024q3.")
    return Path(first), tuple(part for word in rest for part in word.split())


def _part(parts: tuple[Part, ...], name: str, folder: Path) -> Part:
    for part in parts:
        if part.name == name:
            return part
    names = [part.name for part in parts]
    raise UnknownTable(
        "no such part, and no code",
        given=name,
        expected=f"one of {', '.join(names) or 'none'}" if len(names) < 9 else None,
        near=nearest(name, names),
        where=str(folder),
    )


@command.command("verify")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@folder_option
def verify(folder: Path | None, tables: Path | None) -> int:
    """Verify every byte and every row of the tables in DIR.

    Exit status: 0 when they are whole, 1 when something is damaged, 2 when there are none.
    """
    home = folder_named(folder, tables)
    page = Page(width_of(sys.stdout))
    try:
        manifest = read_manifest(home)
        problems, parts, digest = verify_tables(home), manifest.parts(), manifest.digest
    except BrokenEdits as error:
        if not (home / MANIFEST).is_file():
            raise
        problems, parts, digest = (str(error),), (), ""
    if problems:
        page.line(f"{home}  BROKEN  {digest}".rstrip(), style="bold red")
        for problem in problems:
            page.entry(visible(problem), indent=2)
    else:
        rows = sum(part.rows for part in parts)
        page.line(f"{home}  ok  {digest}")
        page.line(f"  {counted(len(parts), 'table')}, {counted(rows, 'row')}")
    page.show()
    return 1 if problems else 0


@command.command("diff")
@click.argument("older", metavar="QUARTER", callback=quarter_of)
@click.argument("newer", metavar="QUARTER", callback=quarter_of)
@setting_option(required=True, what="Whose tables.")
@click.option(
    "--table",
    type=click.Choice(["ptp", "mue"]),
    default="ptp",
    show_default=True,
    help="Pair edits, or unit limits.",
)
@click.option("--all", "everything", is_flag=True, help="Every change, however many there are.")
@folder_option
@format_option("table", "json", "jsonl", "csv")
def diff(
    older: Quarter,
    newer: Quarter,
    setting: str,
    table: str,
    tables: Path | None,
    form: str,
    *,
    everything: bool,
) -> int:
    """Say what changed from one QUARTER to another."""
    with attach(folder_named(tables)) as edits:
        found = (
            edits_diff.of_pairs(ptp_diff(edits, older, newer, setting=setting))
            if table == "ptp"
            else edits_diff.of_limits(mue_diff(edits, older, newer, setting=setting))
        )
    if form == "json":
        emit(json_text(found.to_dict()), encoding="utf-8")
    elif form == "jsonl":
        emit(jsonl_text(found.rows), encoding="utf-8")
    elif form == "csv":
        emit(csv_text(found.columns, found.rows), encoding="utf-8")
    else:
        edits_diff.page(found, width_of(sys.stdout), everything=everything).show()
    return 0
