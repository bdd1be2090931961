"""On which line of a TOML text each key stands, which ``tomllib`` does not say.

The text is one that ``tomllib`` has read, so nothing is judged here: only the keys, the heads of tables
and the elements of arrays are found again.
"""

import re
import tomllib

__all__ = ["KeyPath", "lines_of"]

KeyPath = tuple[str | int, ...]
"""Keys from the top of a file down; a number is a place in an array, from 0."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
_PLAIN = re.compile(r"[^,\]}#\n]+")
_ONE_LINE = re.compile(r"[ \t]*")


def lines_of(text: str) -> dict[KeyPath, int]:
    r"""The line, from 1, of every key, table and element of an array of a TOML text.

    A table that only its keys or its children name stands where the first of them does.

    >>> lines_of('a.b = 1\n[[c]]\nd = [\n  2,\n]\n')
    {('a',): 1, ('a', 'b'): 1, ('c',): 2, ('c', 0): 2, ('c', 0, 'd'): 3, ('c', 0, 'd', 0): 4}
    >>> lines_of("a.b.c")  # no TOML: tomllib must have read the text
    Traceback (most recent call last):
    ...
    IndexError: string index out of range
    """
    return _Reader(text.replace("\r\n", "\n")).lines()


class _Reader:
    """A text being read: where it stands, and what was found so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._lines: dict[KeyPath, int] = {}
        self._last: dict[KeyPath, int] = {}  # arrays of tables: the place of their newest table
        self._counted = (0, 1)  # a place, and the line it is on

    def lines(self) -> dict[KeyPath, int]:
        """All lines."""
        above: KeyPath = ()
        self._skip(_BLANK)
        while self._place < len(self._text):
            if self._text[self._place] == "[":
                above = self._head()
            else:
                self._pair(above)
            self._skip(_BLANK)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        hit = pattern.match(self._text, self._place)
        self._place = self._place if hit is None else hit.end()
        return "" if hit is None else hit[0]

    def _line(self, place: int) -> int:
        before, line = self._counted
        self._counted = (place, line + self._text.count("\n", before, place))
        return self._counted[1]

    def _note(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _head(self) -> KeyPath:
        """``[a.b]`` or ``[[a.b]]``: the path of the table that begins."""
        line = self._line(self._place)
        brackets = 2 if self._text.startswith("[[", self._place) else 1
        self._place += brackets
        *parents, last = self._key()
        self._place += brackets
        path: KeyPath = ()
        for part in parents:
            path = self._newest((*path, part))
        path = (*path, last)
        if brackets == 2:
            self._last[path] = self._last.get(path, -1) + 1
        path = self._newest(path)
        self._note(path, line)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        """The newest table, where the path is that of an array of tables."""
        return (*path, self._last[path]) if path in self._last else path

    def _key(self) -> list[str]:
        """The parts of a dotted key; the place is behind it, and behind the blanks that follow."""
        parts: list[str] = []
        while True:
            self._skip(_ONE_LINE)
            quoted = self._text[self._place] in "\"'"
            part = self._skip(_TEXT if quoted else _BARE_KEY)
            parts.append(tomllib.loads(f"k = {part}")["k"] if quoted else part)
            self._skip(_ONE_LINE)
            if self._text[self._place] != ".":
                return parts
            self._place += 1

    def _pair(self, above: KeyPath) -> None:
        line = self._line(self._place)
        path = (*above, *self._key())
        self._place += 1  # the sign =
        self._note(path, line)
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        sign = self._text[self._place]
        if sign in "\"'":
            self._skip(_TEXT)
        elif sign not in "[{":
            self._skip(_PLAIN)
        else:
            self._place += 1
            self._inside(path, "]" if sign == "[" else "}")

    def _inside(self, path: KeyPath, end: str) -> None:
        """The elements of an array, or the pairs of an inline table, up to its end."""
        element = 0
        while True:
            self._skip(_BLANK)
            sign = self._text[self._place]
            if sign == end:
                self._place += 1
                return
            if sign == ",":
                self._place += 1
            elif end == "}":
                self._pair(path)
            else:
                self._note((*path, element), self._line(self._place))
                self._value((*path, element))
                element += 1
