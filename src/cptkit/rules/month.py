"""What stands on the other days of a calendar month: some services are counted over all of it."""

import datetime as dt
from collections.abc import Iterator

from cptkit.claims import Claim, Encounter
from cptkit.history import History, Past, PastLine
from cptkit.rules.whose import Whose, whose

__all__ = ["month_is_seen", "month_of", "rest_of_month"]

_DAY = dt.timedelta(days=1)


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the calendar month of a day."""
    first = day.replace(day=1)
    if first.month == 12:
        return first, day.replace(day=31)
    return first, first.replace(month=first.month + 1) - _DAY


def month_is_seen(encounter: Encounter) -> bool:
    """Whether a history that is complete from the first day of the month holds lines of its last day or later."""
    past, (first, last) = encounter.past, month_of(encounter.date_of_service)
    return past is not None and past.covers(first) and past.reaches(last)


def rest_of_month(encounter: Encounter) -> Iterator[tuple[PastLine, Whose]]:
    """The services on the other days of the month, of the history or else of the claim alone, and whose they are.

    Lines that take units back are none.
    """
    day, past = encounter.date_of_service, encounter.past
    if past is None:
        own = Claim(encounter.of_claim, id=encounter.claim or "this claim", setting=encounter.setting)
        past = Past(own, History(()))
    for each in past.between(*month_of(day)):
        if each.line.units > 0 and each.line.date_of_service != day:
            yield each, whose(encounter, past.claim, each)
