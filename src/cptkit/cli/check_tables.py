"""``cptkit check`` of tables: Parquet, Arrow or CSV in columns, a file or a folder of files."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cptkit.cli.check_findings import ENDINGS, REJECTS, holds, holds_findings, try_out
from cptkit.cli.check_judges import read_profile, tell_left_out
from cptkit.cli.check_output import check_output, inputs_of
from cptkit.cli.check_tables_run import TableRun, check_each_file, check_whole
from cptkit.cli.check_tables_text import summary_dict, summary_page
from cptkit.cli.options import catalog_for, size_of
from cptkit.cli.screen import emit, visible, width_of

if TYPE_CHECKING:
    from cptkit.frames import ColumnMap

__all__ = ["check_table", "is_table", "refuse_table_options", "table_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_AUTO = "auto"
_STARTS = (b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")
_SUFFIXES = {".parquet", ".arrow", ".feather"}
_SHORT_NAMES = {"claim_id": "claim", "patient_id": "patient"}
_ONLY_CLAIMS = {
    "by": "--by",
    "baseline": "--baseline",
    "waivers": "--waivers",
    "as_of": "--as-of",
    "histories": "--history",
    "history_since": "--history-since",
    "output": "--output",
}
_ONLY_TABLES = {
    "out": "--out",
    "rejects": "--rejects",
    "threads": "--threads",
    "batch_rows": "--batch-rows",
    "memory_limit": "--memory",
    "kept": "--kept",
    "grouped": "--grouped",
}
_ENDINGS_TOLD = ".parquet, .csv or .arrow"


def table_options(command: Command) -> Command:
    """``--columns``, ``--out``, ``--rejects``, ``--grouped``, ``--threads``, ``--batch-rows``, ``--memory`` and ``--kept``."""
    options = [
        click.option(
            "--columns",
            "column_map",
            metavar="MAP",
            help="Check FILE as a table, its columns named by this map: tuva, omop, ccw, bfd, synpuf, x12, "
            "cptkit, a map of your own (a path that ends in .toml), or auto.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="FILE|DIR",
            help="Write the findings of a table as .parquet, .csv or .arrow; into DIR, those of each file of "
            "the folder FILE apart, each patient judged file by file, and what is done is not done again.",
        ),
        click.option(
            "--rejects",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the rejected rows of a table, each with its reason, as .parquet, .csv or .arrow.",
        ),
        click.option(
            "--grouped",
            is_flag=True,
            help="The rows of each patient stand together: a table larger than memory can be checked.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="How many threads check a table; by default one for each processor.",
        ),
        click.option(
            "--batch-rows",
            type=click.IntRange(1, 1 << 30),
            metavar="N",
            help="Rows of a table that are read at a time, by default 250,000 of --grouped and 500,000 of others: "
            "fewer take less memory.",
        ),
        click.option(
            "--memory",
            "memory_limit",
            callback=size_of,
            metavar="SIZE",
            help="How much lines of a table may take that are held at once, such as 4GiB; a table that takes more "
            "is refused.",
        ),
        click.option(
            "--kept",
            type=click.Path(),
            metavar="DIR",
            help="Keep what the rules said in DIR, made if it is missing, so that the next check of tables by the "
            "same rules, edition and edit tables starts sooner. Nobody else may write to DIR.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def is_table(file: str, column_map: str | None) -> bool:
    """Whether a file is checked in columns: it is Parquet, Arrow or a folder, or a map of columns is named."""
    if not file:  # it would be the folder in which the process stands
        raise click.UsageError("FILE is empty: name a file or folder.")
    path = Path(file)
    if column_map is not None or path.suffix.lower() in _SUFFIXES:
        return True
    try:
        if path.is_dir() or not path.is_file():  # a pipe cannot be looked into
            return path.is_dir()
        with path.open("rb") as opened:
            return opened.read(8).startswith(_STARTS)
    except (OSError, ValueError):
        return False  # reading it says why


def refuse_table_options(given: Mapping[str, Any]) -> None:
    """Refuse options of tables where claims are checked."""
    for name, option in _ONLY_TABLES.items():
        if given[name] not in {None, False}:
            raise click.UsageError(
                f"{option} is for tables, and FILE is read as claims: name its columns with --columns "
                "(auto finds them)."
            )


def check_table(given: Mapping[str, Any], rules: tuple[str, ...]) -> int:
    """Check a table as the command line says, and tell; the exit status."""
    from cptkit import frames

    _refuse_claims_options(given)
    source, out, rejects = Path(given["file"]), given["out"], given["rejects"]
    frames.tune_process()  # it tells of packages that are missing, too
    _check_rejects(rejects, out, given)
    _check_out(out, source, given)
    columns = _columns(given["column_map"], given["columns"])
    profile = read_profile(given["basis"], given["profile"])
    catalog = catalog_for(given["edition"], given["lock"], given["tables"])
    tell_left_out(profile, rules, given["ignore"])
    more = {name: given[name] for name in ("grouped", "threads", "batch_rows", "memory_limit", "kept")}
    run = TableRun(
        source,
        catalog,
        columns,
        given["basis"],
        profile,
        rules,
        given["ignore"],
        given["setting"],
        more,
    )
    run.rules()  # what no rule answers to is told before a long file is read
    folder = out if out is not None and _is_folder(out) else None
    try:
        told = check_whole(run, out, rejects) if folder is None else check_each_file(run, folder)
    except KeyboardInterrupt:
        stands = "no file is left half written"
        if folder is not None:
            stands = (
                f"the findings of files that are done stand in {out}: the same command goes on from there"
            )
        print(visible(f"cptkit: interrupted; {stands}"), file=sys.stderr)
        raise
    if given["form"] == "json":
        emit(json.dumps(summary_dict(told), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        summary_page(told, width_of(sys.stdout)).show()
    tally = told.tally
    is_short = given["strict"] and (tally.not_checked or not tally.lines)
    return 1 if tally.failed or tally.rejected or tally.broken or is_short else 0


def _refuse_claims_options(given: Mapping[str, Any]) -> None:
    for name, option in _ONLY_CLAIMS.items():
        if given[name]:
            more = ": the findings of a table go to --out" if name == "output" else ""
            raise click.UsageError(f"{option} is for files of claims, and FILE is checked as a table{more}.")
    if given["form"] not in {"table", "json"}:
        raise click.UsageError(
            f"--format {given['form']} is for files of claims: the summary of a table is told as table or json."
        )
    if given["file"] == "-":
        raise click.UsageError(
            "Standard input (-) is read as claims alone: name a file, or leave out --columns."
        )


def _columns(name: str | None, own: Mapping[str, str]) -> "ColumnMap | None":
    from cptkit import frames

    if own:
        if "map" in own:
            raise click.UsageError("--column map=... names no field: name a map by --columns.")
        chosen: dict[str, str | list[str]] = {} if name in {None, _AUTO} else {"map": str(name)}
        numbered: list[str] = []
        for field, column in own.items():
            if field.startswith("modifier") and field != "modifiers":
                numbered.append(column)
            else:
                chosen[_SHORT_NAMES.get(field, field)] = column
        if numbered:
            chosen["modifiers"] = numbered
        return frames.column_map(chosen)
    return None if name is None or name == _AUTO else frames.column_map(name)


def _is_folder(out: Path) -> bool:
    return out.is_dir() or out.suffix.lower() not in ENDINGS


def _check_rejects(rejects: Path | None, out: Path | None, given: Mapping[str, Any]) -> None:
    """Refuse to write rejected rows over what is read or written besides, or over what holds none, before the work."""
    if rejects is None:
        return
    if out is not None and _is_folder(out):
        raise click.UsageError(
            "--rejects is for one table, and with a folder in --out rows are counted file by file: name a file in "
            "--out, or none."
        )
    if _is_folder(rejects):
        raise click.UsageError(
            f"--rejects takes the rejected rows of one table: name a file that ends in {_ENDINGS_TOLD}."
        )
    check_output(rejects, _inputs(given), "--rejects")
    if out is not None and _is_same(rejects, out):
        raise click.UsageError("--rejects is the file of --out, which takes the findings: name another file.")
    if rejects.exists() and not holds(rejects, REJECTS):
        raise click.UsageError("--rejects is a file that holds no rejected rows: name another one.")
    try_out(rejects)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except OSError:
        return False  # one of them is not there yet


def _inputs(given: Mapping[str, Any]) -> list[tuple[str, str | Path]]:
    inputs = list(inputs_of(given))
    if given["column_map"] is not None:
        inputs.append(("--columns", given["column_map"]))
    return inputs


def _check_out(out: Path | None, source: Path, given: Mapping[str, Any]) -> None:
    """Refuse to write findings over what is read or over what holds no findings, before the work."""
    if out is None:
        return
    if _is_folder(out):
        if not source.is_dir():
            raise click.UsageError(
                f"--out takes the findings of one file: name a file that ends in {_ENDINGS_TOLD}."
            )
        if out.suffix and not out.is_dir():
            raise click.UsageError(
                f"--out ends in {out.suffix}: name a file that ends in {_ENDINGS_TOLD}, or a folder."
            )
        if out.exists() and not out.is_dir():
            raise click.UsageError("--out is a file without an ending: name a folder.")
    check_output(out / "findings" if _is_folder(out) else out, _inputs(given), "--out")
    if _is_folder(out):
        out.mkdir(parents=True, exist_ok=True)
        try_out(out / "findings")
        return
    if out.exists() and not holds_findings(out):
        raise click.UsageError("--out is a file that holds no findings: name another one.")
    try_out(out)
