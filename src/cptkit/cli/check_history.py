"""The history of ``cptkit check``: other claim lines of the patients, and from which day on they are complete."""

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from cptkit.claims import Claim
from cptkit.cli.options import day_of
from cptkit.cli.screen import visible
from cptkit.errors import UnreadableClaims
from cptkit.history import History
from cptkit.interop import ClaimFile, read_claims
from cptkit.setting import Setting

__all__ = ["check_histories", "history_options", "read_history", "read_lines"]

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
        help="Other claim lines of the patients, of any day, in columns as those of FILE; may be FILE itself; "
        "- reads standard input.",
    )
    return files(since(command))


def check_histories(file: str, histories: tuple[str, ...]) -> None:
    """Refuse to read standard input twice: the second time nothing is left."""
    if (file, *histories).count("-") > 1:
        raise click.UsageError("Standard input (-) can be read once: name a file for FILE or for --history.")


def read_lines(file: str, columns: Mapping[str, str], setting: Setting) -> ClaimFile:
    """The claim lines of a file, or of standard input where the name is -."""
    if file != "-":
        return read_claims(file, columns=columns, setting=setting)
    if sys.stdin is None:
        raise UnreadableClaims("standard input is closed")
    return read_claims(sys.stdin.buffer, columns=columns, setting=setting)


def read_history(
    files: tuple[str, ...],
    since: dt.date | None,
    columns: Mapping[str, str],
    setting: Setting,
    checked: ClaimFile,
) -> History | None:
    """The history of the files; None where none was named.

    A row that cannot be read, of these or of the file that is checked, may be of any patient and day: then
    the history is complete from no day on, which is said on standard error. So is a first day that cannot be
    meant, or that helps little.
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
        try:
            found = read_lines(file, columns, setting)
        except UnreadableClaims as error:
            if error.given is not None:
                error.message = f"--history: {error.message}"
            raise
        claims.extend(found.claims)
        if found.rejected:
            lost += len(found.rejected)
            many = "1 row" if len(found.rejected) == 1 else f"{len(found.rejected)} rows"
            _tell(
                f"{'standard input' if file == '-' else file}: {many} cannot be read; the first is {found.rejected[0]}"
            )
    if lost and since is not None:
        _tell(
            "the history is taken to be complete from no day on: a row that was lost may be of any patient and day"
        )
    elif since is not None:
        _tell_of_first_day(since, checked)
    return History(claims, since=None if lost else since)


def _tell_of_first_day(since: dt.date, checked: ClaimFile) -> None:
    days = [line.date_of_service for claim in checked.claims for line in claim.lines]
    if since > dt.datetime.now().astimezone().date():
        _tell(
            f"--history-since {since} is still to come: the history is taken to be complete from that day on"
        )
    elif days and since > min(days):
        _tell(
            f"--history-since {since} is after {min(days)}, the first date of service of the claims: "
            "whether anything is missing before it is not known"
        )


def _tell(text: str) -> None:
    print(visible(f"cptkit: {text}"), file=sys.stderr)
