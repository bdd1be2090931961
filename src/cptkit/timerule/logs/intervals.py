"""Intervals with what was done in them, and the spans of moments that they are.

A span is a start and a stop in UTC. Spans that are sorted and neither touch nor overlap are *apart*.

>>> early, late = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
>>> total(union([(early, late), (early, late)]))
datetime.timedelta(seconds=3600)
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from cptkit.errors import InvalidTimeLog, nearest
from cptkit.timerule.arithmetic import DAY
from cptkit.timerule.logs.wallclock import clock_of, is_repeated, moment_of, shown
from cptkit.timerule.values import count

__all__ = [
    "BREAK",
    "Interval",
    "Moments",
    "as_plain",
    "check_keys",
    "cut",
    "from_to",
    "key_of",
    "read_plain",
    "spell_time",
    "total",
    "union",
    "written",
]

BREAK = "break"
"""The activity whose time counts for nothing."""

Moments = tuple[dt.datetime, dt.datetime]

_MINUTE = dt.timedelta(minutes=1)
_NONE = dt.timedelta()
_LONGEST = DAY * _MINUTE


def key_of(text: str) -> str:
    """An activity or a clinician for comparing: case makes no other one."""
    return text.casefold()


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise InvalidTimeLog("an activity or a clinician is text", given=given, expected="a str")
    return given.strip()


def _is_time(_interval: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, dt.datetime):
        raise InvalidTimeLog(
            f"the {attribute.name} is not a time of a day", given=given, expected="a datetime.datetime"
        )


def _is_named(_interval: Any, _attribute: Any, given: Any) -> None:
    if not given:
        raise InvalidTimeLog("an interval without an activity", expected="a word such as 'psychotherapy'")


def _is_no_other_break(_interval: Any, _attribute: Any, given: str) -> None:
    # "lunch break" would be counted, and the session beside it not interrupted
    if key_of(given) != BREAK and {BREAK, f"{BREAK}s"} & set(key_of(given).split()):
        expected = f"{BREAK!r} alone for time that counts for nothing, or another word"
        raise InvalidTimeLog("an activity that is nearly a break", given=given, expected=expected)


def _is_flag(_interval: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, bool):
        raise InvalidTimeLog(f"{attribute.name} is not a yes or no", given=given, expected="True or False")


def written(clock: dt.datetime) -> tuple[str, int]:
    """A time for comparing, as it stands on the clock."""
    # Times of one zone compare without their fold: the two of a repeated hour would be equal.
    return clock.isoformat(), clock.fold


@attrs.frozen(slots=True)
class Interval:
    """Time from ``start`` to ``stop`` with what was done, by whom, and whether the patient was there.

    :param start, stop: ``datetime.datetime``, both with a zone, or both without: clock times of the
        log's zone. ``fold=1`` is the second of two equal times on the night the clock is put back.
    :param activity: a word of your own; ``"break"`` (``BREAK``) is time that counts for nothing.
    :param clinician: who did it, or nothing where one log is one clinician's.
    :param patient_present: whether the patient was there.
    :raises InvalidTimeLog: for a stop that is not after the start in elapsed time, more than 24 hours, a
        time that the clock never showed, a zone on one side only, values of another type. Times without
        a zone are judged when a log gives them one.

    Activities and clinicians are compared without regard to case.

    >>> Interval(dt.datetime(2026, 3, 2, 9), dt.datetime(2026, 3, 2, 9, 45), "psychotherapy").clinician
    ''
    >>> Interval(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC), "visit")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidTimeLog: the stop is not after the start: '2026-03-02 09:00 to 08:00'; expected a later stop
    """

    start: dt.datetime = attrs.field(validator=_is_time, eq=written)
    stop: dt.datetime = attrs.field(validator=_is_time, eq=written)
    activity: str = attrs.field(converter=_text, validator=[_is_named, _is_no_other_break])
    clinician: str = attrs.field(default="", converter=_text, kw_only=True)
    patient_present: bool = attrs.field(default=True, validator=_is_flag, kw_only=True)

    def __attrs_post_init__(self) -> None:
        local = [clock.utcoffset() is None for clock in (self.start, self.stop)]
        if local[0] is not local[1]:
            raise InvalidTimeLog(
                "one of two times has a zone",
                given=from_to(self.start, self.stop),
                expected="both with a zone, or none",
            )
        if not local[0]:
            self.moments()  # judges them

    @property
    def is_break(self) -> bool:
        """Whether the time counts for nothing."""
        return key_of(self.activity) == BREAK

    def in_zone(self, zone: ZoneInfo) -> "Interval":
        """The same time on the clocks of a zone, which gives times without a zone their own.

        :raises InvalidTimeLog: as building the interval does.
        """
        start, stop = self.start, self.stop
        if start.utcoffset() is None:
            start, stop = start.replace(tzinfo=zone), stop.replace(tzinfo=zone)
        first, last = attrs.evolve(self, start=start, stop=stop).moments()
        return attrs.evolve(self, start=clock_of(first, zone), stop=clock_of(last, zone))

    def moments(self) -> Moments:
        """Start and stop in UTC; for intervals with a zone, as those of a log are.

        :raises InvalidTimeLog: as building the interval does.
        """
        start, stop = moment_of(self.start), moment_of(self.stop)
        if stop <= start:
            expected = "a later stop"
            if is_repeated(self.start) or is_repeated(self.stop):
                expected += "; the clock showed that hour twice, and fold=1 is the second one"
            raise InvalidTimeLog(
                "the stop is not after the start", given=from_to(self.start, self.stop), expected=expected
            )
        if stop - start > _LONGEST:
            expected = "at most 24 hours; one interval for each day"
            raise InvalidTimeLog(
                "an interval of more than a day", given=from_to(self.start, self.stop), expected=expected
            )
        return start, stop


def from_to(start: dt.datetime, stop: dt.datetime) -> str:
    """``2026-03-02 09:30 to 10:15``; the second day only where it is another."""
    return f"{shown(start)} to {shown(stop)[11:] if start.date() == stop.date() else shown(stop)}"


_KEYS = ("start", "stop", "activity", "clinician", "patient_present")


def as_plain(interval: Interval) -> dict[str, Any]:
    """An interval as plain values for JSON, times in ISO form with their offset."""
    plain = {key: getattr(interval, key) for key in _KEYS}
    return plain | {key: plain[key].isoformat() for key in ("start", "stop")}


def read_plain(plain: object, where: str) -> Interval:
    """The interval that ``as_plain`` wrote; ``InvalidTimeLog`` names the place of what is wrong."""
    given = check_keys(plain, _KEYS, where)
    for key in ("start", "stop"):
        given[key] = _read_time(given[key], f"{where}.{key}")
    try:
        return Interval(**given)
    except InvalidTimeLog as error:
        error.where = where
        raise


def check_keys(plain: object, keys: Sequence[str], where: str) -> dict[str, Any]:
    """A copy of a mapping that has these keys and no others; ``InvalidTimeLog`` otherwise."""
    if not isinstance(plain, dict):
        raise InvalidTimeLog(
            "not a mapping", given=plain, expected=f"the keys {', '.join(keys)}", where=where
        )
    for key in plain:
        if key not in keys:
            raise InvalidTimeLog("an unknown key", given=key, near=nearest(str(key), keys), where=where)
    for key in keys:
        if key not in plain:
            raise InvalidTimeLog("a key is missing", given=key, where=where)
    return dict(plain)


def _read_time(given: object, where: str) -> dt.datetime:
    try:
        clock = dt.datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is None:
        expected = "an ISO time with its offset, such as '2026-03-02T09:00:00-06:00'"
        raise InvalidTimeLog("not a time with an offset", given=given, expected=expected, where=where)
    return clock


def union(spans: Iterable[Moments]) -> list[Moments]:
    """The same time as spans that are apart."""
    apart: list[Moments] = []
    for start, stop in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(stop, apart[-1][1]))
        else:
            apart.append((start, stop))
    return apart


def cut(span: Moments, taken: Sequence[Moments]) -> list[Moments]:
    """What is left of a span outside others, which are apart."""
    start, stop = span
    left: list[Moments] = []
    for first, last in taken[bisect_right(taken, start, key=itemgetter(1)) :]:
        if first >= stop:
            break
        if first > start:
            left.append((start, first))
        start = last
    return [*left, (start, stop)] if start < stop else left


def total(spans: Iterable[Moments]) -> dt.timedelta:
    """The time in all spans together."""
    return sum((stop - start for start, stop in spans), _NONE)


def spell_time(time: dt.timedelta) -> str:
    """``47 minutes``, ``1 minute 30 seconds``, ``0.5 seconds``."""
    minutes, rest = divmod(time, _MINUTE)
    parts = [count(minutes, "minute")] if minutes or not rest else []
    if rest:
        seconds = f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".")
        parts.append(f"{seconds} second{'s' * (seconds != '1')}")
    return " ".join(parts)
