"""The history of ``cptkit check``: other claim lines of the patients, and from which day on they are complete."""

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from cptkit.claims import Claim
from cptkit.cli.options import day_of
from cptkit.cli.screen import visible
from cptkit.history import History
from cptkit.interop import ClaimFile, read_claims
from cptkit.setting import Setting

__all__ = ["history_options", "read_history"]

Command = TypeVar("Command", bound=Callable[..., Any])


def history_options(command: Command) -> Command:
    """``--history FILE`` and ``--history-since DATE``."""
    since = click.option(
        "--history-since",
        metavar="DATE",
        callback=day_of,
        help="The day from which the history, with FILE, holds every line of its patients.",
    )
    files = click.option(
        "--history",
        "histories",
        multiple=True,
        metavar="FILE",
        help="Other claim lines of the patients, of any day, in columns as those of FILE; may be FILE itself.",
    )
    return files(since(command))


def read_history(
    files: tuple[str, ...],
    since: dt.date | None,
    columns: Mapping[str, str],
    setting: Setting,
    checked: ClaimFile,
) -> History | None:
    """The history of the files; None where none was named.

    A row that cannot be read, of these or of the file that is checked, may be of any patient and day: then
    the history is complete from no day on, which is said on standard error.
    """
    if not files:
        if since is not None:
            raise click.UsageError(
                "--history-since says of --history from which day it is complete: name one."
            )
        return None
    claims: list[Claim] = []
    lost = len(checked.rejected)
    for file in files:
        found = read_claims(file, columns=dict(columns), setting=setting)
        claims.extend(found.claims)
        if found.rejected:
            lost += len(found.rejected)
            many = "1 row" if len(found.rejected) == 1 else f"{len(found.rejected)} rows"
            _tell(f"{file}: {many} cannot be read; the first is {found.rejected[0]}")
    if lost and since is not None:
        _tell(
            "the history is taken to be complete from no day on: a row that was lost may be of any patient and day"
        )
    return History(claims, since=None if lost else since)


def _tell(text: str) -> None:
    print(visible(f"cptkit: {text}"), file=sys.stderr)
