"""Numbers that a caller gives: whole ones, also of numpy, and no truth values."""

from operator import index
from typing import Any

from cptkit.errors import InvalidChoice

__all__ = ["count"]


def count(name: str, given: Any, expected: str = "a whole number, 1 or more", least: int = 1) -> int:
    """The number.

    :raises InvalidChoice: it is no whole number, or less than ``least``.

    >>> count("threads", 2)
    2
    >>> count("threads", True)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidChoice: threads is no count: True; expected a whole number, 1 or more
    """
    try:
        found = least - 1 if isinstance(given, bool) else index(given)
    except TypeError:
        found = least - 1
    if found < least:
        raise InvalidChoice(f"{name} is no count", given=given, expected=expected)
    return found
