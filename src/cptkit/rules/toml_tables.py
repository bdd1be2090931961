"""TOML files of one's own, read strictly: every problem is told with the file and the line."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cptkit.errors import CptkitError, nearest
from cptkit.rules.toml_lines import KeyPath, lines_of

__all__ = ["FORMAT", "Page", "Table"]

FORMAT = 1
"""The number that ``format`` must have."""

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
_TYPES = {
    bool: "true or false",
    str: "a text",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "a table",
    dt.date: "a date",
}
_REQUIRED: Any = object()


class Page:
    """One file: its tables, and what is wrong with it, gathered until ``close``.

    :param error: the kind of error that tells it; :param wanted: what the file should be.
    :param data: its bytes, where it is not to be read from the path.
    :raises CptkitError: of that kind, when the file cannot be read or is not TOML.
    """

    def __init__(
        self, path: Path | str, error: type[CptkitError], wanted: str, *, data: bytes | None = None
    ) -> None:
        self._error = error
        self._wanted = wanted
        self._problems: list[tuple[int, CptkitError]] = []
        self.name: str = str(path)
        self.faulty: set[KeyPath] = set()
        try:
            text = (Path(path).read_bytes() if data is None else data).decode("utf-8-sig")
        except OSError as problem:
            message = f"the file cannot be read ({problem.strerror or problem})"
            raise error(message, given=self.name, expected=wanted) from problem
        except ValueError as problem:  # no UTF-8; a name with a null character
            raise error("the file is no UTF-8 text", given=self.name, expected=wanted) from problem
        self.top: Table = self._read(text)

    def _read(self, text: str) -> "Table":
        try:
            content = tomllib.loads(text)
            self._lines = lines_of(text)
        except RecursionError as problem:
            raise self._error(f"{self.name}: nested too deep", expected=self._wanted) from problem
        except ValueError as problem:
            hit = _AT_LINE.search(str(problem))
            said = str(problem)[: hit.start()] if hit else str(problem)
            line = int(hit[1]) if hit and hit[1] else len(text.splitlines())
            message = f"{self.name}:{line}: this is not TOML: {said}"
            raise self._error(message, expected=self._wanted) from problem
        return Table(self, (), content)

    def line(self, path: KeyPath) -> int:
        """The line of a key; of the table that should hold it, where it is missing."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def problem(
        self,
        path: KeyPath,
        message: str,
        *,
        given: object = None,
        expected: str | None = None,
        near: Iterable[str] = (),
    ) -> None:
        """Note what is wrong at a key."""
        self.faulty.add(path)
        line = self.line(path)
        found = self._error(
            f"{self.name}:{line}: {message}", given=given, expected=expected, near=tuple(near)
        )
        self._problems.append((line, found))

    def close(self) -> None:
        """Raise what was found, in the order of the lines."""
        found = [problem for _, problem in sorted(self._problems, key=lambda entry: entry[0])]
        if len(found) == 1:
            raise found[0]
        if found:
            raise self._error("\n".join([f"{len(found)} problems in {self.name}", *map(str, found)]))


class Table:
    """A table of a file. Each key is asked for once; ``done`` tells of those that nobody asked for.

    What is wrong is noted on the page, and a stand-in of the right type is answered.
    """

    def __init__(self, page: Page, path: KeyPath, content: dict[str, Any]) -> None:
        self.page: Page = page
        self.path: KeyPath = path
        self._content = content
        self._known: list[str] = []

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(self._content)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._content

    def number_of_format(self) -> None:
        """``format``, which comes with a number of its own."""
        given = self._take("format", int, _REQUIRED, 0)
        if self.has("format") and type(self._content["format"]) is int and given != FORMAT:
            expected = f"{FORMAT}; a newer cptkit reads newer formats"
            self.wrong("format", "another format", given=given, expected=expected)

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """A text on one line that is not blank."""
        found: str = self._take(key, str, default, "")
        if self.has(key) and isinstance(self._content[key], str) and (not found.strip() or "\n" in found):
            self.wrong(key, f"{key} is blank or has a line break", given=found, expected="one line of text")
        return found

    def day(self, key: str, default: dt.date = _REQUIRED) -> dt.date:
        """A date without a time of day."""
        found: dt.date = self._take(key, dt.date, default, dt.date.min)
        return found

    def day_or(self, key: str, word: str) -> dt.date | None:
        """A date, or None where a word stands in its place."""
        given = self._content.get(key)
        if isinstance(given, str):
            self._known.append(key)
            if given != word:
                expected = f'a date without quotes, or "{word}"'
                self.wrong(key, f"{key} is a text", given=given, expected=expected, near=[word])
            return None
        if not self.has(key):
            self._known.append(key)
            self.wrong(key, f"{key} is missing", expected=f"a date, or {word!r}")
            return None
        return self.day(key)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        found: bool = self._take(key, bool, default, default)
        return found

    def choice(self, key: str, words: Iterable[str], default: str = _REQUIRED) -> str:
        """One of several words."""
        found: str = self._take(key, str, default, "")
        known = tuple(words)
        if self.has(key) and isinstance(self._content[key], str) and found not in known:
            expected = f"one of {', '.join(known)}"
            self.wrong(key, f"{key} is none of its words", given=found, expected=expected, near=known)
        return found

    def texts(self, key: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """An array of texts that are not blank, each of them once; it may be empty."""
        given: list[Any] | tuple[str, ...] = self._take(key, list, default, [])
        found: list[str] = []
        for place, each in enumerate(given):
            if not isinstance(each, str) or not each.strip():
                expected = "a text that is not blank"
                self.wrong(key, f"{key} holds what is no text", given=each, expected=expected, place=place)
            elif each in found:
                self.wrong(key, f"{key} says it twice", given=each, place=place)
            else:
                found.append(each)
        return tuple(found)

    def table(self, key: str) -> "Table":
        """A table below; an empty one where there is none."""
        return Table(self.page, (*self.path, key), self._take(key, dict, {}, {}))

    def tables(self, key: str) -> "tuple[Table, ...]":
        """The tables of an array."""
        found: list[Table] = []
        for place, each in enumerate(self._take(key, list, [], [])):
            if isinstance(each, dict):
                found.append(Table(self.page, (*self.path, key, place), each))
            else:
                self.wrong(key, f"{key} holds what is no table", given=each, place=place)
        return tuple(found)

    def is_right(self, key: str | None = None) -> bool:
        """Whether nothing was noted so far of the table or one of its keys, nor of anything in it."""
        whole = self.path if key is None else (*self.path, key)
        return not any(path[: len(whole)] == whole for path in self.page.faulty)

    def known(self, key: str, look_up: Callable[[], Any], *, place: int | None = None) -> Any:
        """What a look-up answers; its error is told as a problem of the key, unless it has one already."""
        path = (*self.path, key) if place is None else (*self.path, key, place)
        if path in self.page.faulty:
            return None
        try:
            return look_up()
        except CptkitError as error:
            self.page.problem(
                path, error.message, given=error.given, expected=error.expected, near=error.near
            )
            return None

    def wrong(
        self,
        key: str | None,
        message: str,
        *,
        given: object = None,
        expected: str | None = None,
        near: Iterable[str] = (),
        place: int | None = None,
    ) -> None:
        """Note what is wrong with a key, with an element of it, or without one with the table."""
        path = self.path if key is None else (*self.path, key)
        path = path if place is None else (*path, place)
        like = nearest(given, near) if isinstance(given, str) else ()
        self.page.problem(path, message, given=given, expected=expected, near=like)

    def done(self) -> None:
        """Tell of the keys that nobody asked for."""
        for key in self._content:
            if key not in self._known:
                expected = f"one of {', '.join(self._known)}"
                self.wrong(key, "no such key", given=key, expected=expected, near=self._known)

    def _take(self, key: str, kind: type, default: Any, stand_in: Any) -> Any:
        self._known.append(key)
        if key not in self._content:
            if default is _REQUIRED:
                self.wrong(key, f"{key} is missing", expected=_TYPES[kind])
                return stand_in
            return default
        given = self._content[key]
        if type(given) is not kind:  # true is no number, and a time of day no date
            what = _TYPES.get(type(given), "a date with a time of day or a time")
            self.wrong(key, f"{key} is {what}", given=given, expected=_TYPES[kind])
            return stand_in if default is _REQUIRED else default
        return given
