"""Whose a line on another claim or day is: the clinician's of the encounter, of the group, or nobody can say."""

import datetime as dt
from collections.abc import Callable, Iterator
from enum import Enum, auto

from cptkit.claims import Claim, Encounter, Line, group_key, patient_key, provider_key
from cptkit.history import Past, PastLine
from cptkit.rules.emit import number
from cptkit.setting import Setting

__all__ = ["Whose", "earlier", "repeated", "told", "uncertain", "unknown_days", "whose"]

_DAY = dt.timedelta(days=1)


class Whose(Enum):
    """Who gave a service of another claim or day.

    ``GROUP``: another clinician of the same billing provider; ``UNGROUPED``: another one, where a side names no
    billing provider; ``UNNAMED``: a side names nobody. Of these three no claim tells whether they count.
    """

    SAME = auto()
    GROUP = auto()
    UNGROUPED = auto()
    UNNAMED = auto()
    OTHER = auto()


def whose(encounter: Encounter, claim: Claim, other: PastLine) -> Whose:
    """Who gave a service on another claim or day, as far as claims tell: they carry no specialty.

    A group, a hospital and a supplier are the billing provider; whoever works in a hospital is that hospital.
    """
    if other.claim.setting is not encounter.setting:
        return Whose.OTHER
    group, its_group = group_key(claim), group_key(other.claim)
    if encounter.setting is not Setting.PRACTITIONER:
        if group == its_group:
            return Whose.SAME
        return Whose.OTHER if group and its_group else Whose.UNNAMED
    own, its = provider_key(encounter.lines[0]), provider_key(other.line)
    if not own or not its:
        return Whose.UNNAMED
    if own == its:
        return Whose.SAME
    if not group or not its_group:
        return Whose.UNGROUPED
    return Whose.GROUP if group == its_group else Whose.OTHER


def earlier(past: Past, first_day: dt.date, last_day: dt.date) -> Iterator[PastLine]:
    """The services on these days, the latest first; lines that take units back are none."""
    found = [each for each in past.between(first_day, last_day) if each.line.units > 0]
    return reversed(found)


def repeated(
    encounter: Encounter,
    first_day: dt.date,
    counts: Callable[[Line], bool | None],
    unclear: Callable[[PastLine, Whose], str],
) -> PastLine | str:
    """The latest service of the days before that counts and is the clinician's; else why none can be told.

    ``counts``: whether a line does; None where that is not on record. ``unclear``: why one that may count,
    or may be the clinician's, tells nothing for sure; empty where that does not matter. What is answered is
    empty where there is none for certain.
    """
    past = encounter.past
    if past is None:
        return unknown_days(encounter, first_day)
    why = ""
    for each in earlier(past, first_day, encounter.date_of_service - _DAY):
        does = counts(each.line)
        if does is False:
            continue
        who = whose(encounter, past.claim, each)
        if who is Whose.OTHER:
            continue
        if does and who is Whose.SAME:
            return each
        why = why or unclear(each, who)
    return why or unknown_days(encounter, first_day)


def told(each: PastLine) -> str:
    """A line on another claim or day, as messages name it."""
    return f"{each.line.code} on {each.line.date_of_service} ({each.name})"


def uncertain(each: PastLine, who: Whose) -> str:
    """Why a service may count as the clinician's; empty where claims tell whether it does."""
    if who is Whose.UNNAMED:
        return f"{told(each)} may be this clinician's: one side names none"
    if who is Whose.GROUP:
        return (
            f"{told(each)} was a colleague's of the same billing provider: "
            "whether of one specialty is not given"
        )
    if who is Whose.UNGROUPED:
        clinician = (each.line.rendering_provider or "").strip()
        return f"{told(each)}: whether {clinician} is of the same group and specialty is not given"
    return ""


def unknown_days(encounter: Encounter, first_day: dt.date) -> str:
    """Why nothing can be said of services that are not seen from that day on; empty where it can."""
    past = encounter.past
    if past is None:
        return "no history of the patient is given"
    if not patient_key(past.claim):
        return "the claim names no patient, so no history is anybody's"
    if past.since is None:
        return "nobody says from which day the history of the patient is complete"
    if past.covers(first_day):
        return "a row that could not be read may be of any day" if encounter.incomplete else ""
    days = (past.since - first_day).days
    return f"the history begins on {past.since}, {number(days)} {'day' if days == 1 else 'days'} too late"
