"""Clock times of a place, and the moments in UTC that they stand for.

On a daylight-saving night the clock shows an hour twice or leaves one out. Time that passes is
therefore measured between moments in UTC; a clock time that was left out stands for none:

>>> night = dt.datetime(2026, 3, 8, 2, 30, tzinfo=zone_named("America/New_York"))
>>> moment_of(night)
Traceback (most recent call last):
...
cptkit.errors.InvalidTimeLog: the clock never showed that time: '2026-03-08 02:30'; expected a time that exists in America/New_York; did you mean 2026-03-08 01:59 or 2026-03-08 03:00?
>>> moment_of(night.replace(hour=3)) - moment_of(night.replace(hour=1))
datetime.timedelta(seconds=3600)
"""

import datetime as dt
from bisect import bisect_left
from zoneinfo import ZoneInfo, available_timezones

from cptkit.errors import CptkitError, InvalidTimeLog, NotInstalled, UnknownZone, nearest

__all__ = ["clock_of", "is_repeated", "moment_of", "shown", "zone_named"]

_ONE_DAY = dt.timedelta(days=1)
_ONE_MINUTE = dt.timedelta(minutes=1)
_ONE_SECOND = dt.timedelta(seconds=1)
_ZONE = "an IANA name such as 'America/Chicago'"


def zone_named(given: object) -> ZoneInfo:
    """The zone of an IANA name, or the zone itself; ``UnknownZone`` with near misses otherwise.

    ``NotInstalled`` where the computer has no time zone data at all, as Windows has none of its own.

    >>> zone_named("Europe/Berlin")
    zoneinfo.ZoneInfo(key='Europe/Berlin')
    >>> zone_named("New York")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownZone: no such time zone: 'New York'; expected an IANA name such as 'America/Chicago'; did you mean America/New_York?
    """
    if isinstance(given, ZoneInfo):
        if given.key:
            return given
        raise InvalidTimeLog("a zone without a name", given=str(given), expected=_ZONE)
    if not isinstance(given, str):
        raise InvalidTimeLog("a zone is a name or a ZoneInfo", given=given, expected=_ZONE)
    try:
        return ZoneInfo(given)
    except (LookupError, ValueError, OSError):  # OSError: some systems, for the name of a folder of zones
        raise _no_zone(given) from None


def _no_zone(given: str) -> CptkitError:
    """Why a zone cannot be had: its name, or a computer without zones."""
    zones = sorted(available_timezones())
    if not zones:
        return NotInstalled(
            "time zones are not on this computer",
            given=given,
            expected="the package tzdata (pip install tzdata)",
        )
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in zones}
    near = nearest(given, zones) or (cities[city] for city in nearest(given.casefold(), cities))
    return UnknownZone("no such time zone", given=given, expected=_ZONE, near=near)


def moment_of(clock: dt.datetime) -> dt.datetime:
    """The moment in UTC of a time with a zone; ``fold`` chooses where the clock showed it twice.

    :raises InvalidTimeLog: where the clock never showed that time, with the nearest ones it did.
    """
    try:
        moment = clock.astimezone(dt.UTC)
        again = moment.astimezone(clock.tzinfo)
    except OverflowError:
        raise _beyond(clock) from None
    if again.replace(tzinfo=None) != clock.replace(tzinfo=None):
        raise InvalidTimeLog(
            "the clock never showed that time",
            given=shown(clock),
            expected=f"a time that exists in {clock.tzinfo}",
            near=_around(moment, clock.tzinfo),
        )
    return moment


def clock_of(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """What the clocks of a zone show at a moment; ``InvalidTimeLog`` outside the years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise _beyond(moment) from None


def _beyond(clock: dt.datetime) -> InvalidTimeLog:
    return InvalidTimeLog("a time beyond the calendar", given=shown(clock), expected="a year from 2 to 9998")


def _around(moment: dt.datetime, zone: dt.tzinfo | None) -> tuple[str, str]:
    """The last minute before the clock was put forward that day, and the first one after."""
    first = moment.replace(microsecond=0) - _ONE_DAY
    before = first.astimezone(zone).utcoffset()
    seconds = bisect_left(
        range(2 * _ONE_DAY // _ONE_SECOND),
        True,
        key=lambda passed: (first + passed * _ONE_SECOND).astimezone(zone).utcoffset() != before,
    )
    change = first + seconds * _ONE_SECOND
    return shown((change - _ONE_MINUTE).astimezone(zone)), shown(change.astimezone(zone))


def is_repeated(clock: dt.datetime) -> bool:
    """Whether the clock showed that time twice, so that ``fold`` chooses between two moments."""
    return clock.replace(fold=0).utcoffset() != clock.replace(fold=1).utcoffset()


def shown(clock: dt.datetime) -> str:
    """Day and time as a clock shows them, seconds only where there are any: ``2026-03-02 09:30``."""
    local = clock.replace(tzinfo=None)
    return local.isoformat(" ") if local.second or local.microsecond else local.isoformat(" ", "minutes")
