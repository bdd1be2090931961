"""Stretches of counted time: what a question means of a log, and how its minutes came about."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from cptkit.errors import InvalidTimeLog, NotInLog, nearest
from cptkit.timerule.logs.intervals import (
    BREAK,
    Interval,
    Moments,
    cut,
    from_to,
    key_of,
    spell_time,
    total,
    union,
    written,
)
from cptkit.timerule.logs.wallclock import moment_of
from cptkit.timerule.values import check_day, count

__all__ = ["Question", "Stretch", "completed", "explained", "names", "of_day", "stretches_of"]

_NONE = dt.timedelta()
_MINUTE = dt.timedelta(minutes=1)


@attrs.frozen(slots=True)
class Stretch:
    """Counted time without a gap or a break, in the log's zone; ``TimeLog.stretches`` makes them.

    ``elapsed`` is the time that counts: less than from start to stop where some of it is reported for
    another activity.

    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> stretch = Stretch(nine, nine.replace(minute=30, second=59), dt.timedelta(minutes=30, seconds=59))
    >>> stretch.day, stretch.minutes
    (datetime.date(2026, 3, 2), 30)
    >>> stretch.elapsed = dt.timedelta(minutes=31)
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    start: dt.datetime = attrs.field(eq=written)
    stop: dt.datetime = attrs.field(eq=written)
    elapsed: dt.timedelta

    @property
    def day(self) -> dt.date:
        """The local day it began: all of it belongs there, also what lies past midnight."""
        return self.start.date()

    @property
    def minutes(self) -> int:
        """The completed minutes of this stretch alone. Those of several may be more, as seconds add up."""
        return completed([self])

    def moments(self) -> Moments:
        """Start and stop in UTC."""
        return moment_of(self.start), moment_of(self.stop)

    def __str__(self) -> str:
        passed = total([self.moments()])
        text = f"{from_to(self.start, self.stop)}, {spell_time(passed)}"
        shift = self.stop.replace(tzinfo=None) - self.start.replace(tzinfo=None) - passed
        if shift:
            text += (
                f"; the clock was put {'forward' if shift > _NONE else 'back'} by {spell_time(abs(shift))}"
            )
        if self.stop.date() != self.day:
            text += f"; it belongs to {self.day}"
        if self.elapsed != passed:
            text += f"; {spell_time(passed - self.elapsed)} of it reported for another activity"
        return text


def completed(stretches: Iterable[Stretch]) -> int:
    """The completed minutes of stretches together: what is short of a minute is dropped from the sum."""
    return sum((stretch.elapsed for stretch in stretches), _NONE) // _MINUTE


@attrs.frozen(slots=True)
class Question:
    """What is asked of a log; ``Question.of`` judges it against the log's intervals."""

    activities: tuple[str, ...] | None
    clinician: str | None
    patient_present: bool | None
    apart_from: tuple[str, ...]

    @classmethod
    def of(
        cls,
        intervals: Iterable[Interval],
        activity: str | Iterable[str] | None,
        clinician: str | None,
        patient_present: bool | None,
        apart_from: str | Iterable[str],
    ) -> "Question":
        """A question that the log has an answer to.

        :raises NotInLog: no interval but breaks has that activity or clinician.
        :raises InvalidTimeLog: a break is asked, or an activity twice; a value of another type.
        """
        timed = [interval for interval in intervals if not interval.is_break]
        activities = names(interval.activity for interval in timed)
        asked = None if activity is None else _listed(activity)
        seen: list[str] = []
        for other in (*(asked or ()), *_listed(apart_from)):
            held = _held(other, activities, "activity")
            if held in seen:
                raise InvalidTimeLog("an activity is named twice", given=other, expected="each one once")
            seen.append(held)
        if asked == ():
            raise InvalidTimeLog("no activity is named", expected="one name or more, or None for all")
        wanted = None if asked is None else tuple(seen[: len(asked)])
        others = seen[len(asked or ()) :]
        if clinician is not None:
            clinician = _held(clinician, names(interval.clinician for interval in timed), "clinician")
        if patient_present is not None and not isinstance(patient_present, bool):
            expected = "True, False or None"
            raise InvalidTimeLog(
                "patient_present is not a yes or no", given=patient_present, expected=expected
            )
        return cls(wanted, clinician, patient_present, tuple(others))

    def means(self, interval: Interval) -> bool:
        """Whether the interval is asked for."""
        named = self.activities
        return self._allows(interval) and (
            named is None or any(_same(each, interval.activity) for each in named)
        )

    def removes(self, interval: Interval) -> bool:
        """Whether the time of the interval is reported for another activity."""
        return self._allows(interval) and any(_same(other, interval.activity) for other in self.apart_from)

    def _allows(self, interval: Interval) -> bool:
        return (
            not interval.is_break
            and _same(self.clinician, interval.clinician)
            and self.patient_present in (None, interval.patient_present)
        )

    def __str__(self) -> str:
        parts = [" and ".join(self.activities) if self.activities else "all activities"]
        if self.clinician is not None:
            parts.append(self.clinician or "no clinician named")
        if self.patient_present is not None:
            parts.append("patient present" if self.patient_present else "patient absent")
        if self.apart_from:
            parts.append(f"apart from {' and '.join(self.apart_from)}")
        return ", ".join(parts)


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Each name once, as it was written first, sorted without regard to case."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(key_of(text), text)
    return tuple(first[key] for key in sorted(first))


def _listed(given: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several."""
    if isinstance(given, str):
        return (given,)
    try:
        return tuple(given)
    except TypeError:
        return (given,)  # type: ignore[return-value]  # refused where it is looked up, with the value


def _same(asked: str | None, name: str) -> bool:
    return asked is None or key_of(asked) == key_of(name)


def _held(asked: Any, held: tuple[str, ...], what: str) -> str:
    """A name as the log spells it; ``NotInLog`` with near misses where it has none like it."""
    if not isinstance(asked, str):
        raise InvalidTimeLog(f"the {what} is not text", given=asked, expected="a str")
    known = {key_of(name): name for name in held}
    key = key_of(asked.strip())
    if key == BREAK and what == "activity":
        raise InvalidTimeLog("a break counts for nothing", given=asked, expected="another activity")
    if key not in known:
        near = [known[each] for each in nearest(key, known)]
        expected = f"one of {', '.join(map(repr, held))}" if held and not near else None
        raise NotInLog(f"the log has no such {what}", given=asked, expected=expected, near=near)
    return known[key]


def _pieces(intervals: Iterable[Interval], log: Iterable[Interval]) -> list[Moments]:
    """What is left of each interval outside the breaks of its log that are taken from it."""
    breaks = [(key_of(each.clinician), each.moments()) for each in log if each.is_break]
    taken: dict[str, list[Moments]] = {}
    pieces: list[Moments] = []
    for interval in intervals:
        whose = key_of(interval.clinician)
        if whose not in taken:
            taken[whose] = union(gap for other, gap in breaks if not whose or other in ("", whose))
        pieces += cut(interval.moments(), taken[whose])
    return pieces


def stretches_of(log: Sequence[Interval], zone: ZoneInfo, asked: Question) -> tuple[Stretch, ...]:
    """The counted time of a question, stretch by stretch, in the zone of the log."""
    counted = union(_pieces(filter(asked.means, log), log))
    taken = union(_pieces(filter(asked.removes, log), log))
    return tuple(
        Stretch(start.astimezone(zone), stop.astimezone(zone), total(cut((start, stop), taken)))
        for start, stop in counted
    )


def of_day(stretches: Iterable[Stretch], on: object) -> list[Stretch]:
    """The stretches that began on a day, or all for None; ``InvalidDate`` if it is no date."""
    day = None if on is None else check_day(on)
    return [stretch for stretch in stretches if day is None or stretch.day == day]


def explained(log: Sequence[Interval], zone: ZoneInfo, asked: Question, on: dt.date | None) -> str:
    """The minutes of a question, with the stretches they come from and all that was not counted."""
    kept = of_day(stretches_of(log, zone, asked), on)
    spans = [stretch.moments() for stretch in kept]
    lines = [(stretch.moments(), str(stretch)) for stretch in kept]
    meant = [interval for interval in log if asked.means(interval)]
    pieces = _pieces(meant, log)
    counted = union(pieces)
    for logged in union(interval.moments() for interval in meant):
        for gap in cut(logged, counted):
            start, stop = (moment.astimezone(zone) for moment in gap)
            beside = any(gap[0] == last or gap[1] == first for first, last in spans)
            if on is None or beside or start.date() == on:
                lines.append((gap, f"{from_to(start, stop)}, {spell_time(total([gap]))}: a break, removed"))
    told = [text for _, text in sorted(lines)] or ["the log has none of it"]
    again = total(piece for piece in pieces if not cut(piece, spans)) - total(spans)
    if again:
        told.append(f"{spell_time(again)} logged more than once: counted once")
    left = sum((stretch.elapsed for stretch in kept), _NONE) % _MINUTE
    if left:
        told.append(f"{spell_time(left)} short of a completed minute: dropped")
    day = "" if on is None else f", {on}"
    return "\n  ".join([f"{asked}{day}, {zone}: {count(completed(kept), 'minute')}", *told])
