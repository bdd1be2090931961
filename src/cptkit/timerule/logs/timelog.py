"""Session logs: from start and stop times to completed minutes, each minute counted once.

>>> def at(hour, minute=0):
...     return dt.datetime(2026, 3, 2, hour, minute)
>>> visit = Interval(at(9), at(10, 10), "visit")
>>> therapy = Interval(at(9, 20), at(9, 40), "psychotherapy")
>>> log = TimeLog([visit, therapy, Interval(at(10), at(10, 5), BREAK)], zone="America/Chicago")
>>> log.minutes(), log.minutes("visit")
(65, 65)
>>> log.split("psychotherapy", "visit")
{'psychotherapy': 20, 'visit': 45}

How minutes are counted, whatever is asked:

- Time is what passes, also on a night on which the clock is put forward or back.
- A break counts for nothing. A break with a clinician is taken from the intervals of that clinician and
  from those that name none; a break without one, from all.
- Where intervals overlap, or two clinicians work at once, a minute counts once.
- Seconds add up. What is short of a minute is dropped once, from the sum, and not from each interval.
- A *stretch* is counted time without a gap or a break. One that runs past midnight belongs, whole, to the
  local day it began, and to that day's month.

The general rules behind this (midnight, a minute once) are dated facts, ``time/principles``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from cptkit.errors import InvalidDate, InvalidTimeLog
from cptkit.timerule.logs.intervals import BREAK, Interval, Moments, as_plain, check_keys, read_plain
from cptkit.timerule.logs.stretches import (
    Question,
    Stretch,
    completed,
    explained,
    names,
    of_day,
    stretches_of,
)
from cptkit.timerule.logs.wallclock import zone_named

__all__ = ["BREAK", "Interval", "Stretch", "TimeLog"]

T = TypeVar("T")


@attrs.frozen(slots=True, init=False)
class TimeLog:
    """The intervals of a session, a day or a month of one patient, in one zone.

    :param intervals: ``Interval`` values in any order; kept sorted, with times in the log's zone.
    :param zone: an IANA name or a ``ZoneInfo``: the place whose days and clocks count. It may be left out
        where all times have one and the same ``ZoneInfo``.
    :raises InvalidTimeLog: for a time without a zone where the log has none, several zones, a time that the
        clock never showed, a stop that is not after its start, an interval of more than 24 hours.
    :raises UnknownZone, NotInstalled: no such zone; no zones on this computer.

    ``minutes``, ``stretches``, ``by_day``, ``month``, ``by_month`` and ``explain`` ask in the same words:
    an ``activity`` (without one: all but breaks), a ``clinician``, ``patient_present`` True or False, and
    ``apart_from``, activities that are reported on their own, so that their minutes are not counted here.
    An activity or a clinician that the log does not hold is ``NotInLog``, never 0 minutes.

    >>> evening = Interval(dt.datetime(2026, 3, 7, 23, 30), dt.datetime(2026, 3, 8, 3, 30), "watch")
    >>> TimeLog([evening], zone="America/New_York").by_day()
    {datetime.date(2026, 3, 7): 180}
    >>> TimeLog([evening])
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidTimeLog: a time without a zone: '2026-03-07 23:30'; expected zone= with an IANA name such as 'America/Chicago'; see interval 1
    """

    intervals: tuple[Interval, ...]
    zone: ZoneInfo = attrs.field(eq=str)

    def __init__(self, intervals: Iterable[Interval], zone: str | ZoneInfo | None = None) -> None:
        given = _checked(intervals)
        home = _shared_zone(given) if zone is None else zone_named(zone)
        at_home = [_at_home(interval, home, place) for place, interval in enumerate(given, start=1)]
        object.__setattr__(self, "intervals", tuple(sorted(at_home, key=_order)))
        object.__setattr__(self, "zone", home)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __len__(self) -> int:
        return len(self.intervals)

    def __add__(self, other: object) -> "TimeLog":
        if not isinstance(other, TimeLog):
            return NotImplemented
        if str(other.zone) != str(self.zone):
            raise InvalidTimeLog(
                "two logs of different zones", given=str(other.zone), expected=str(self.zone)
            )
        return TimeLog((*self.intervals, *other.intervals), self.zone)

    def with_interval(self, interval: Interval) -> "TimeLog":
        """The log with one more interval; this one is not changed."""
        return TimeLog((*self.intervals, interval), self.zone)

    @property
    def activities(self) -> tuple[str, ...]:
        """The activities of the log but breaks, sorted, each as it was written first."""
        return names(interval.activity for interval in self.intervals if not interval.is_break)

    @property
    def clinicians(self) -> tuple[str, ...]:
        """Whose intervals but breaks the log holds, likewise; ``""`` for intervals that name nobody."""
        return names(interval.clinician for interval in self.intervals if not interval.is_break)

    def minutes(
        self,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        on: dt.date | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> int:
        """The completed minutes of all stretches, or of those that began ``on`` a local day.

        ``activity`` names one, or several whose time is counted together, such as a visit and its charting.
        0 where the log has the activity, but none of it on that day or by that clinician.

        :raises NotInLog: the log has no such activity or clinician.
        :raises InvalidTimeLog: the minutes of a break are asked, or an activity apart from itself.
        :raises InvalidDate: ``on`` is no date.

        >>> nine = dt.datetime(2026, 3, 2, 9)
        >>> log = TimeLog([Interval(nine, nine.replace(minute=47), "psychotherapy")], "America/Chicago")
        >>> log.minutes("psychotherapy")
        47
        >>> log.minutes("psychoterapy")
        Traceback (most recent call last):
        ...
        cptkit.errors.NotInLog: the log has no such activity: 'psychoterapy'; did you mean psychotherapy?
        """
        kept = self.stretches(
            activity, clinician=clinician, patient_present=patient_present, apart_from=apart_from
        )
        return completed(of_day(kept, on))

    def split(
        self,
        *activities: str,
        clinician: str | None = None,
        patient_present: bool | None = None,
        on: dt.date | None = None,
    ) -> dict[str, int]:
        """The completed minutes of each activity; where some overlap, the one named first has the minute.

        Name first what is reported on its own: psychotherapy before the visit it stands beside. What is
        short of a minute is dropped from each, so the sum is never over the minutes of all together.

        :raises NotInLog, InvalidTimeLog, InvalidDate: as ``minutes``; also none, or one named twice.
        """
        if not activities:
            raise InvalidTimeLog("no activity to split the minutes by", expected="one name or more")
        return {
            activity: self.minutes(
                activity,
                clinician=clinician,
                patient_present=patient_present,
                on=on,
                apart_from=activities[:place],
            )
            for place, activity in enumerate(activities)
        }

    def stretches(
        self,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> tuple[Stretch, ...]:
        """The counted time, stretch by stretch, in order.

        Time of ``apart_from``, of the same clinician and presence, lowers ``elapsed`` and makes no gap.

        :raises NotInLog, InvalidTimeLog: as ``minutes``.
        """
        asked = Question.of(self.intervals, activity, clinician, patient_present, apart_from)
        return stretches_of(self.intervals, self.zone, asked)

    def by_day(
        self,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> dict[dt.date, int]:
        """The completed minutes of each local day on which a stretch began, in order.

        :raises NotInLog, InvalidTimeLog: as ``minutes``.
        """
        kept = self.stretches(
            activity, clinician=clinician, patient_present=patient_present, apart_from=apart_from
        )
        return _sums(kept, lambda stretch: stretch.day)

    def month(
        self,
        year: int,
        month: int,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> int:
        """The completed minutes of the stretches that began in a calendar month.

        :raises InvalidDate: there is no such month.
        :raises NotInLog, InvalidTimeLog: as ``minutes``.
        """
        try:
            first = dt.date(year, month, 1)
        except (TypeError, ValueError, OverflowError):
            expected = "a year, and a month from 1 to 12"
            raise InvalidDate("not a calendar month", given=(year, month), expected=expected) from None
        kept = self.by_month(
            activity, clinician=clinician, patient_present=patient_present, apart_from=apart_from
        )
        return kept.get((first.year, first.month), 0)

    def by_month(
        self,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> dict[tuple[int, int], int]:
        """The completed minutes of each (year, month) in which a stretch began, in order.

        :raises NotInLog, InvalidTimeLog: as ``minutes``.
        """
        kept = self.stretches(
            activity, clinician=clinician, patient_present=patient_present, apart_from=apart_from
        )
        return _sums(kept, lambda stretch: (stretch.day.year, stretch.day.month))

    def explain(
        self,
        activity: str | Iterable[str] | None = None,
        *,
        clinician: str | None = None,
        patient_present: bool | None = None,
        on: dt.date | None = None,
        apart_from: str | Iterable[str] = (),
    ) -> str:
        """How ``minutes`` of the same question came about, for people to read.

        :raises NotInLog, InvalidTimeLog, InvalidDate: as ``minutes``.
        """
        asked = Question.of(self.intervals, activity, clinician, patient_present, apart_from)
        return explained(self.intervals, self.zone, asked, on)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: the zone, and the intervals with times in ISO form with their offset."""
        return {"zone": str(self.zone), "intervals": [as_plain(interval) for interval in self.intervals]}

    @classmethod
    def from_dict(cls, plain: object) -> "TimeLog":
        """The log that ``to_dict`` wrote; nothing is guessed, left out or converted.

        :raises InvalidTimeLog: a key missing or unknown, a value of another type, a time without an offset;
            the place is named. Else as building the log.
        """
        given = check_keys(plain, ("zone", "intervals"), "the log")
        if not isinstance(given["zone"], str):
            raise InvalidTimeLog("the zone is not a name", given=given["zone"], where="zone")
        if not isinstance(given["intervals"], list):
            raise InvalidTimeLog("the intervals are not a list", given=given["intervals"], where="intervals")
        return cls(
            (read_plain(each, f"interval {place}") for place, each in enumerate(given["intervals"], start=1)),
            given["zone"],
        )


def _checked(intervals: Iterable[object]) -> tuple[Interval, ...]:
    """The intervals given, if that is what they are."""
    checked: list[Interval] = []
    for place, given in enumerate(intervals, start=1):
        if not isinstance(given, Interval):
            raise InvalidTimeLog("a log is made of intervals", given=given, where=f"interval {place}")
        checked.append(given)
    return tuple(checked)


def _shared_zone(intervals: Iterable[Interval]) -> ZoneInfo:
    """The one zone that all times have; ``InvalidTimeLog`` where there is none."""
    zones: dict[str, ZoneInfo] = {}
    expected = "zone= with an IANA name such as 'America/Chicago'"
    for place, interval in enumerate(intervals, start=1):
        for clock in (interval.start, interval.stop):
            if not isinstance(clock.tzinfo, ZoneInfo):
                message = "a time without a zone" if clock.tzinfo is None else "an offset is not a zone"
                given, where = clock.isoformat(" ", "minutes"), f"interval {place}"
                raise InvalidTimeLog(message, given=given, expected=expected, where=where)
            zones[str(clock.tzinfo)] = clock.tzinfo
    if len(zones) != 1:
        message = "the times have several zones" if zones else "an empty log has no zone of its own"
        raise InvalidTimeLog(message, given=", ".join(sorted(zones)) or None, expected=expected)
    return zone_named(*zones.values())


def _at_home(interval: Interval, zone: ZoneInfo, place: int) -> Interval:
    """The interval with its times in the log's zone; ``InvalidTimeLog`` says which one cannot be."""
    try:
        return interval.in_zone(zone)
    except InvalidTimeLog as error:
        error.where = f"interval {place}"
        raise


def _order(interval: Interval) -> tuple[Moments, str, str, bool]:
    return interval.moments(), interval.activity, interval.clinician, interval.patient_present


def _sums(stretches: Iterable[Stretch], key: Callable[[Stretch], T]) -> dict[T, int]:
    """The completed minutes of the stretches that share a key."""
    groups: dict[T, list[Stretch]] = {}
    for stretch in stretches:
        groups.setdefault(key(stretch), []).append(stretch)
    return {each: completed(group) for each, group in groups.items()}
