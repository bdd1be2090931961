"""Markdown out of values: text that cannot be read as marks, links that cannot break, tables."""

from collections.abc import Iterable, Sequence

__all__ = ["marked", "table", "web_link"]

_SIGNS = frozenset("\\`*_[]<>{}|~#&$^!")
_AT_A_START = ("-", "+", "=", "%", ":", "(")


def marked(text: str) -> str:
    r"""A text in one line, with every sign that Markdown would read as its own escaped.

    Also those that mean something only where a line begins: a list, a comment, a heading's underline.

    >>> print(marked("- a_b *c* | [d](e)"))
    \- a\_b \*c\* \| \[d\](e)
    >>> marked(None)
    Traceback (most recent call last):
    ...
    AttributeError: 'NoneType' object has no attribute 'split'
    """
    escaped = _escaped(text)
    number, dot, _ = escaped.partition(".")
    if escaped.startswith(_AT_A_START):
        return f"\\{escaped}"
    return escaped.replace(".", "\\.", 1) if dot and number.isdigit() else escaped


def web_link(address: str) -> str:
    r"""Addresses as links, each with what is written behind it; what is no address stays text.

    Several are divided by a semicolon.

    >>> print(web_link("https://example.org/a_(b) (page 3) ; 7 Colo. Code 18"))
    [https://example.org/a\_(b)](<https://example.org/a_(b)>) (page 3); 7 Colo. Code 18
    >>> web_link(7)
    Traceback (most recent call last):
    ...
    AttributeError: 'int' object has no attribute 'split'
    """
    return "; ".join(_one_link(part.strip()) for part in address.split(" ; "))


def _one_link(part: str) -> str:
    target, _, rest = part.partition(" ")
    if not target.startswith(("https://", "http://")):
        return marked(part)
    safe = target.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E")
    return f"[{_escaped(target)}](<{safe}>) {_escaped(rest)}".rstrip()


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in " ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, with an empty line after it; the cells are Markdown already.

    >>> table(["a", "b"], [["1", "2"]])
    ['| a | b |', '| --- | --- |', '| 1 | 2 |', '']
    >>> table(["a"], [["1", "2"]])
    Traceback (most recent call last):
    ...
    ValueError: a row of 2 cells in a table of 1
    """
    lines = [_row(head), _row(["---"] * len(head))]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row of {len(row)} cells in a table of {len(head)}")
        lines.append(_row(row))
    return [*lines, ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
