"""Options that several commands share, and how their texts are read."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from cptkit.cells import day
from cptkit.codesets import Catalog, Codeset, bundled_editions, codeset
from cptkit.sources import Basis

__all__ = [
    "TakesEachOnce",
    "TakesNegativeNumbers",
    "basis_option",
    "catalog_for",
    "codeset_for",
    "day_of",
    "day_option",
    "format_option",
    "lock_option",
    "selectors_of",
    "size_of",
    "tables_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])
_NEGATIVE = re.compile(r"-\.?\d\S*")
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s?([kmgt]i?b)", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
Decorator = Callable[[Command], Command]


class TakesEachOnce(click.Command):
    """A command that refuses an option of one value which is given twice: the last would win without a word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what is given twice, then read the options as ever."""
        if not ctx.resilient_parsing:
            *_, given = self.make_parser(ctx).parse_args(args=list(args))
            for option, times in Counter(each for each in given if isinstance(each, click.Option)).items():
                if times > 1 and not (option.multiple or option.is_flag):
                    raise click.UsageError(f"{option.opts[0]} is given {times} times: give it once.", ctx)
        return super().parse_args(ctx, args)


class TakesNegativeNumbers(click.Command):
    """A command to which ``-5`` is a number, which it refuses as such, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put negative numbers that no option takes behind the options."""
        after = {place + 1 for place, text in enumerate(args) if text.startswith("-")}
        numbers = (place for place, text in enumerate(args) if _NEGATIVE.fullmatch(text))
        place = next((place for place in numbers if place not in after), None)
        if place is not None and "--" not in args:
            args = [*args[:place], *args[place + 1 :], "--", args[place]]
        return super().parse_args(ctx, args)


def day_of(_context: click.Context, option: click.Parameter, text: str | None) -> dt.date | None:
    """The day that an option's text says; that of ``--on`` is a date of service."""
    what = "date of service" if "--on" in option.opts else "date"
    try:
        return None if text is None else day(text.strip(), what)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def day_option(*, required: bool, what: str) -> Callable[[Command], Command]:
    """``--on DATE``: never today by default."""
    return click.option("--on", "date", metavar="DATE", required=required, callback=day_of, help=what)


def selectors_of(
    _context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The rules that texts name, several in one with commas between them.

    A text that names none is refused, but where rules are left out: what selects nothing, such as a variable of
    the shell that is not set, must not select everything.
    """
    parts = [[part.strip() for part in text.split(",") if part.strip()] for text in texts]
    if not all(parts) and parameter.name != "ignore":
        raise click.BadParameter("a text that names no rule; leave it out for all rules")
    return tuple(part for each in parts for part in each)


def size_of(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """The bytes that a text says by a number and its unit: 512MB is of steps of 1,000, 4GiB of 1,024."""
    if text is None:
        return None
    hit = _SIZE.fullmatch(text.strip())
    size = 0
    if hit is not None:
        step = 1024 if "i" in hit[2].lower() else 1000
        size = int(Decimal(hit[1]) * step ** _POWERS[hit[2][0].lower()])
    if size < 1:
        raise click.BadParameter(f"{text!r} is no size: give a number and its unit, such as 512MB or 4GiB")
    return size


def _basis(_context: click.Context, _option: click.Parameter, text: str) -> Basis:
    return Basis(text)


def basis_option(command: Command) -> Command:
    """``--basis cpt|medicare``."""
    return click.option(
        "--basis",
        type=click.Choice([basis.value for basis in Basis]),
        default=Basis.CPT.value,
        show_default=True,
        callback=_basis,
        help="Whose policy answers.",
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """``--format``, the first being the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="For people, or for programs.",
    )


def lock_option(command: Command) -> Command:
    """``--lock FILE``: exactly the editions of a lock file."""
    return click.option(
        "--lock",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Pin the editions that this lock file names.",
    )(command)


def tables_option(command: Command) -> Command:
    """``--tables DIR``: the edit tables to answer from."""
    return click.option(
        "--tables",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The folder that `cptkit import` put edit tables into.",
    )(command)


def catalog_for(editions: Sequence[str], lock: Path | None, tables: Path | None = None) -> Catalog:
    """The catalog of a lock file or of the editions and tables named; else the newest bundled one of each year.

    >>> [pin.name for pin in catalog_for(["2025.1"], None).pins]
    ['2025.1']
    """
    if lock is not None and (editions or tables is not None):
        given = "every edition: leave out --edition" if editions else "the edit tables: leave out --tables"
        raise click.UsageError(f"--lock names {given}.")
    if lock is not None:
        return Catalog.from_lock(lock)
    if editions:
        return Catalog.from_editions(*map(edition_named, editions), tables=tables)
    return Catalog.bundled(tables=tables)


def codeset_for(edition: str | None, date_of_service: dt.date | None) -> Codeset:
    """The edition named; else the first bundled one that knows the day; else the newest.

    >>> codeset_for(None, dt.date(2025, 12, 31)).edition, codeset_for("2026", None).edition
    ('2025.1', '2026.1')
    """
    if edition is not None:
        return edition_named(edition)
    newest = {name.partition(".")[0]: name for name in bundled_editions()}
    *earlier, last = (codeset(name) for name in newest.values())
    for found in earlier:
        if date_of_service is not None and date_of_service <= found.last_day:
            return found
    return last


def edition_named(name: str) -> Codeset:
    """The edition of that name, or in that folder: a path with a manifest in it."""
    folder = Path(name)
    return Codeset.from_folder(folder) if (folder / "manifest.json").is_file() else codeset(name)
