"""Add-ons that stand on add-ons: the ways from an add-on down to a code that stands alone.

90785 may stand on 90833, and 90833 stands on a visit. Being an add-on (``codeset[code].is_addon``)
and being paid only with a primary of the same day (``codeset.addon(...).same_day_edit``) are two
things; a way here says which codes may carry which, not on which day they were given.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from cptkit.codesets.edition import Codeset

__all__ = ["addon_chains"]


def addon_chains(
    code: str, *, codeset: Codeset, date_of_service: dt.date, among: Iterable[str] | None = None
) -> tuple[tuple[str, ...], ...]:
    """The ways from an add-on to a code that stands alone, each with the add-on first; shortest first.

    Only codes that the edition does not know to be out of force on the day. No way for a code that is
    no add-on, and none where the edition lists no primary: that is no refusal, see ``AddOn.is_open``.

    :param among: the codes to go by, such as those of one encounter; all codes by default.
    :raises DateOutsideEdition: when the day is after the last one the edition knows.

    >>> import cptkit
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> addon_chains("90785", codeset=codeset, date_of_service=day, among=["99214", "90833", "90785"])
    (('90785', '90833', '99214'),)
    >>> addon_chains("99416", codeset=codeset, date_of_service=day)[0]
    ('99416', '99415', '99202')
    >>> addon_chains("90834", codeset=codeset, date_of_service=day)
    ()
    >>> addon_chains("90785", codeset=codeset, date_of_service=dt.date(2027, 3, 2))
    Traceback (most recent call last):
    ...
    cptkit.errors.DateOutsideEdition: edition 2026.1 cannot know this day: '2027-03-02'; expected a day up to 2026-12-31
    """
    codeset.require_known(date_of_service)
    record = codeset.get(code)
    start = code if record is None else record.code
    allowed = None if among is None else frozenset(among)
    ways = _ways((start,), codeset, date_of_service, allowed)
    return tuple(sorted(ways, key=lambda way: (len(way), way)))


def _ways(
    way: tuple[str, ...], codeset: Codeset, day: dt.date, allowed: frozenset[str] | None
) -> Iterator[tuple[str, ...]]:
    row = codeset.addon(way[-1], date_of_service=day)
    if row is None:
        return
    for primary in row.primaries:
        record = codeset.get(primary)
        ended = record is not None and record.status(date_of_service=day).in_force is False
        if ended or primary in way or (allowed is not None and primary not in allowed):
            continue
        if record is not None and record.is_addon:
            yield from _ways((*way, primary), codeset, day, allowed)
        else:
            yield (*way, primary)
