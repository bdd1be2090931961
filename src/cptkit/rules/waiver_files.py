"""Waivers out of TOML files."""

from functools import partial
from pathlib import Path

from cptkit.errors import BrokenWaivers, CptkitError
from cptkit.rules.registry import rule
from cptkit.rules.toml_tables import Page, Table
from cptkit.rules.waivers import Waiver

__all__ = ["load_waivers"]


def load_waivers(path: Path | str) -> tuple[Waiver, ...]:
    r"""The waivers of a file, in its order.

    One ``[[waiver]]`` each: ``rule``, ``reason``, ``expires`` (a date, or ``"never"``), and ``claim``, ``lines``
    or ``codes``.

    :raises BrokenWaivers: with every problem of the file, each with its line and what is near.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "waivers.toml")
    ...     _ = file.write_text('format = 1\n[[waiver]]\nrule = "TIM401"\nclaim = "C-1"\n'
    ...                         'reason = "on paper"\nexpires = 2026-06-30\n')
    ...     print(*load_waivers(file))
    TIM401 on claim C-1, until 2026-06-30: on paper
    >>> load_waivers("no-such.toml")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenWaivers: the file cannot be read (No such file or directory): 'no-such.toml'; expected a file of waivers
    """
    page = Page(path, BrokenWaivers, "a file of waivers")
    page.top.number_of_format()
    found: list[Waiver] = []
    for table in page.top.tables("waiver"):
        waiver = _waiver(table)
        if waiver in found:
            table.wrong(None, "the waiver stands here a second time")
        elif waiver is not None:
            found.append(waiver)
    page.top.done()
    page.close()
    return tuple(found)


def _waiver(table: Table) -> Waiver | None:
    named, reason = table.text("rule"), table.text("reason")
    expires = table.day_or("expires", "never")
    claim, lines, codes = table.text("claim", ""), table.texts("lines", ()), table.texts("codes", ())
    for key, found in (("lines", lines), ("codes", codes)):
        if table.has(key) and not found and table.is_right(key):
            expected = f"the {key} that it is about, or no such key for all of them"
            table.wrong(key, f"{key} names none", expected=expected)
    table.done()
    table.known("rule", lambda: rule(named))
    table.known("claim", lambda: _named(claim=claim))
    for place, line in enumerate(lines if table.is_right("lines") else ()):
        table.known("lines", partial(_named, line=line), place=place)
    for place, code in enumerate(codes if table.is_right("codes") else ()):
        table.known("codes", partial(_named, code=code), place=place)
    if not table.is_right():
        return None
    try:
        return Waiver(named, reason, expires=expires, claim=claim, lines=lines, codes=codes)
    except CptkitError as error:
        table.wrong(None, error.message, given=error.given, expected=error.expected)
        return None


def _named(*, claim: str = "-", line: str = "-", code: str = "90834") -> Waiver:
    """A waiver that names this, to see whether one may."""
    return Waiver("-", "-", expires=None, claim=claim, lines=line, codes=code)
