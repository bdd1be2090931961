"""What a profile names and nothing on record knows: codes, modifiers and places that may be mistyped.

A profile may name what is newer than the bundled editions, or what they do not cover, so none of this keeps
it from being loaded; nor does a selection that leaves no rule. ``cptkit profile verify`` tells it.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cache

import attrs

from cptkit.codes import category_of
from cptkit.codesets import Codeset, bundled_editions, codeset
from cptkit.errors import CptkitError, nearest
from cptkit.rules.profiles.payer_facts import is_payer_fact, require_fact
from cptkit.rules.registry import selected
from cptkit.rules.toml_tables import Page

__all__ = ["Doubt", "doubts"]

_PLACES = frozenset({"code-places", "telehealth-elsewhere", "telehealth-places"})
_MODIFIERS = frozenset({"apart", "global-days-elsewhere", "global-days-visit-apart", "modifier-order/open"})
_ALIKE = str.maketrans("015", "OIS")
_TOLD = 3


@attrs.frozen(slots=True)
class Doubt:
    """A part of a value that nothing on record knows.

    ``file`` and ``line``: where it stands. ``is_wrong``: whether it can be no newer one either.

    >>> print(Doubt("mine.toml", 7, "place of service 77 is unassigned", ("72", "81"), True))
    mine.toml:7: place of service 77 is unassigned; did you mean 72 or 81?
    >>> Doubt("mine.toml", 7)
    Traceback (most recent call last):
    ...
    TypeError: Doubt.__init__() missing 1 required positional argument: 'message'
    """

    file: str
    line: int
    message: str
    near: tuple[str, ...] = ()
    is_wrong: bool = False

    def __str__(self) -> str:
        near = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"{self.file}:{self.line}: {self.message}{near}"


def doubts(page: Page) -> tuple[Doubt, ...]:
    r"""What the facts of a profile name that nothing on record knows, in the order of the file.

    :param page: the file of a profile that can be loaded; what is built wrongly is told by loading it.

    >>> from cptkit.errors import BrokenProfile
    >>> text = b'[[convention]]\nname = "face-to-face/99999"\nhistory = []'
    >>> [str(doubt) for doubt in doubts(Page("mine.toml", BrokenProfile, "a profile", data=text))]
    ['mine.toml:2: 99999 is in no bundled edition: newer than they are, not covered, or mistyped; did you mean ...?']
    >>> doubts(Page("mine.toml", BrokenProfile, "a profile", data=b"[[convention"))
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenProfile: mine.toml:1: this is not TOML: ...
    """
    return tuple(_doubts(page))


def _doubts(page: Page) -> Iterator[Doubt]:
    if not selected(page.top.texts("select", ("ALL",)), page.top.texts("ignore", ())):
        message = "ignore leaves none of the rules that are selected: nothing can be checked by this profile"
        yield Doubt(page.name, page.line(("ignore",)), message, is_wrong=True)
    for table in page.top.tables("convention"):
        name = table.text("name")
        tail = name.partition("/")[2]
        if not is_payer_fact(name) and category_of(tail) is not None:
            yield from _of_code(page.name, page.line((*table.path, "name")), tail)
        for row in table.tables("history"):
            line = page.line((*row.path, "value"))
            yield from _of_value(page.name, line, name, row.text("value"), row.day("from"))


def _of_value(file: str, line: int, name: str, value: str, first_day: dt.date) -> Iterator[Doubt]:
    codes, modifiers, places = _parts(name, value)
    for code in codes:
        yield from _of_code(file, line, code)
    listed = _newest()
    for modifier in modifiers:
        if modifier not in _modifiers():
            until = listed.modifiers_complete_on
            is_newer = first_day > until
            message = f"modifier {modifier} is not on the list of modifiers, complete as of {until}"
            message += "; a newer one would not be there" if is_newer else ""
            yield Doubt(file, line, message, _like(modifier), not is_newer)
    for place in places:
        if f"place/{place}" not in listed.conventions:
            near = sorted(_places(), key=lambda known: abs(int(known) - int(place)))
            why = "is unassigned: no place has that number" if len(place) == 2 else "is not two digits"
            message = f"place of service {place} {why}"
            yield Doubt(file, line, message, tuple(near[:2]), is_wrong=True)


def _parts(name: str, value: str) -> tuple[list[str], list[str], list[str]]:
    """The codes, modifiers and places that a value names, each once."""
    heading = name.partition("/")[0]
    if is_payer_fact(name):
        try:
            parts = require_fact(name, value)
        except CptkitError:
            return [], [], []  # loading the file tells it
        codes = [*parts["codes"].split(), *parts.get("unless", "").split()]
        return list(dict.fromkeys(codes)), parts.get("modifiers", "").split(), []
    words = list(dict.fromkeys(value.split()))
    if heading in _PLACES:
        return [], [], [word for word in words if word.isdecimal()]
    if heading.endswith("modifiers") or heading in _MODIFIERS or name in _MODIFIERS:
        return [], words, []
    return [word for word in words if category_of(word) is not None], [], []


def _of_code(file: str, line: int, code: str) -> Iterator[Doubt]:
    known = _codes()
    if code not in known:
        message = f"{code} is in no bundled edition: newer than they are, not covered, or mistyped"
        yield Doubt(file, line, message, nearest(code, known))


def _like(modifier: str) -> tuple[str, ...]:
    """Modifiers that look alike, then those that start alike."""

    def unlikeness(known: str) -> tuple[bool, int]:
        return known.translate(_ALIKE) != modifier.translate(_ALIKE), abs(ord(known[1]) - ord(modifier[1]))

    started = [known for known in _modifiers() if known[0] == modifier[0]]
    alike = [known for known in _modifiers() if not unlikeness(known)[0]]
    return tuple(dict.fromkeys(alike + sorted(started, key=unlikeness)))[:_TOLD]


def _newest() -> Codeset:
    return codeset(bundled_editions()[-1])


@cache
def _codes() -> tuple[str, ...]:
    """The codes of all bundled editions, and those that a fact of the newest names."""
    found = {code for name in bundled_editions() for code in codeset(name)}
    for row in _newest().rows("conventions"):
        found.update(word for word in row["value"].split() if category_of(word) is not None)
    return tuple(sorted(found))


@cache
def _modifiers() -> tuple[str, ...]:
    return tuple(sorted({modifier for name in bundled_editions() for modifier in codeset(name).modifiers}))


@cache
def _places() -> tuple[str, ...]:
    return tuple(sorted(name[6:] for name in _newest().conventions if name.startswith("place/")))
