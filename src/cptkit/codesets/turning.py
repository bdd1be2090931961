"""The days on which anything that an edition says may change."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from cptkit.dated import days_of_rows

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset

__all__ = ["turning_days"]

_NEXT = dt.timedelta(days=1)


@lru_cache(maxsize=64)
def turning_days(edition: "Codeset") -> frozenset[dt.date]:
    """The days from which an edition may say something else than the day before: more than there are.

    They are its first day, the day after its last one, and each day from which a row of it holds.

    >>> import cptkit
    >>> edition = cptkit.codeset("2026.1")
    >>> dt.date(2026, 1, 1) in turning_days(edition), dt.date(2026, 3, 2) in turning_days(edition)
    (True, False)
    >>> turning_days("2026.1")
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'first_day'
    """
    ends = {edition.first_day, edition.last_day + _NEXT, edition.modifiers_complete_on + _NEXT}
    return frozenset(ends | days_of_rows(edition.file_texts) | set(_firsts(edition.timerules)))


def _firsts(found: object) -> Iterator[dt.date]:
    """The first days of the rows of time rules, however deep they stand."""
    if isinstance(found, Mapping):
        if isinstance(first := found.get("from"), str):
            yield dt.date.fromisoformat(first)
        yield from _firsts(list(found.values()))
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for each in found:
            yield from _firsts(each)
