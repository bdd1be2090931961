"""By whom ``cptkit check`` judges: a basis or a profile, and what is waived as of which day."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cptkit.cli.options import day_of
from cptkit.cli.screen import visible
from cptkit.rules import Profile, Waiver, load_waivers, selected
from cptkit.rules.judged import judge
from cptkit.rules.registry import named
from cptkit.sources import Basis

__all__ = ["judge_options", "read_profile", "read_waivers", "tell_left_out"]

Command = TypeVar("Command", bound=Callable[..., Any])


def _basis(_context: click.Context, _option: click.Parameter, text: str | None) -> Basis | None:
    return None if text is None else Basis(text)


def judge_options(command: Command) -> Command:
    """``--basis``, ``--profile``, ``--waivers`` and ``--as-of``."""
    as_of = click.option(
        "--as-of",
        metavar="DATE",
        callback=day_of,
        help="The day by which waivers are judged; by default today.",
    )
    waivers = click.option(
        "--waivers",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Findings that someone answers for: told apart, and no failure.",
    )
    profile = click.option(
        "--profile",
        metavar="NAME|FILE",
        help="A payer's ways: see `cptkit profile list`, or a file of your own.",
    )
    basis = click.option(
        "--basis",
        type=click.Choice([basis.value for basis in Basis]),
        callback=_basis,
        help="Whose policy answers; by default that of the profile, or cpt.",
    )
    return basis(profile(waivers(as_of(command))))


def read_profile(basis: Basis | None, profile: str | None) -> Profile | None:
    """The profile asked for, if any; refused where the basis asked for is another."""
    found = judge(basis, profile)
    return found if isinstance(found, Profile) else None


def tell_left_out(profile: Profile | None, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    """Say on standard error which rules that are named a profile leaves out: they are not run."""
    if profile is None:
        return
    allowed = {*selected(profile.select, profile.ignore)}
    if any(text.upper() == "ALL" for text in profile.select):  # then a preview rule that is named runs
        allowed |= {*selected((*profile.select, "PREVIEW"), profile.ignore)}
    ids = [
        found.row.id
        for found in selected(select, ignore)
        if found not in allowed and named(select, found.row)
    ]
    if ids:
        text = (
            f"not run, though --select names them: {', '.join(ids)}; the profile {profile.id} leaves them out"
        )
        print(visible(f"cptkit: {text}, and --select only narrows a profile"), file=sys.stderr)


def read_waivers(file: Path | None, as_of: dt.date | None) -> tuple[tuple[Waiver, ...], dt.date | None]:
    """The waivers of a file, and the day to judge them by: today where none was named."""
    if file is None:
        if as_of is not None:
            raise click.UsageError(
                "--as-of says by which day waivers are judged: name a file with --waivers."
            )
        return (), None
    return load_waivers(file), as_of or dt.datetime.now().astimezone().date()
