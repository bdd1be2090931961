"""Names of editions: ``2026.1``, or ``2026.1+acme`` for a private one."""

import re

__all__ = ["edition_order", "edition_parts"]

_EDITION = re.compile(r"([1-9]\d{3})\.(0|[1-9]\d{0,3})(?:\+([a-z0-9]+(?:[.-][a-z0-9]+)*))?", re.ASCII)


def edition_parts(name: object) -> tuple[int, int, str] | None:
    """Year, revision and label of an edition's name; None when it is no such name.

    >>> edition_parts("2026.1"), edition_parts("2026.1+acme"), edition_parts("2026")
    ((2026, 1, ''), (2026, 1, 'acme'), None)
    """
    hit = _EDITION.fullmatch(name) if isinstance(name, str) else None
    return None if hit is None else (int(hit[1]), int(hit[2]), hit[3] or "")


def edition_order(name: str) -> tuple[int, int, str]:
    """What to sort names by: numbers as numbers, a private edition after the one it is named for.

    >>> sorted(["2026.10", "2026.9+acme", "2026.9"], key=edition_order)
    ['2026.9', '2026.9+acme', '2026.10']
    >>> edition_order("mine")
    (0, 0, 'mine')
    """
    return edition_parts(name) or (0, 0, name)
