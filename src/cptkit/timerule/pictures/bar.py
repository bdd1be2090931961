"""A time rule as a picture: a bar of minutes with its bands, its thresholds and the session on it.

Readable without colour: what a stretch means is written on it or beside it; nothing, equally right
answers and what is not settled have a pattern each. Where a rule has hundreds of bands, the first of
them and those around the session are drawn, and words say how it goes on.
"""

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from cptkit.sources import Confidence, weakest
from cptkit.timerule.arithmetic import tenths_of_units
from cptkit.timerule.pictures.drawing import draw
from cptkit.timerule.pictures.layout import Bar, Stretch
from cptkit.timerule.rule import Answers, TimeRule
from cptkit.timerule.values import Kind, Scope, check_minutes, count, spell

__all__ = ["time_bar"]

_NARROWEST = 200
_MOST_BANDS, _MOST_UNLIKE = 7, 12  # more bands are not drawn; bands without a ladder are less alike
_SCOPES = {
    Scope.SESSION: "in one session",
    Scope.DAY: "on one date of service",
    Scope.MONTH: "in one calendar month",
    Scope.SEVEN_DAYS: "in seven days",
    Scope.THIRTY_DAYS: "in thirty days",
}


@attrs.frozen(slots=True)
class _Band:
    """A band to draw, with its answers or, where it has none of its own, with what is ``said`` instead."""

    first: int
    last: int | None
    answers: Answers = ()
    said: tuple[str, ...] = ()
    is_settled: bool = True

    @property
    def look(self) -> str:
        """The pattern it is drawn in."""
        if len(self.answers) > 1:
            return "tie" if self.is_settled else "unsettled"
        return "plain" if self.said or any(self.answers) else "nothing"

    @property
    def text(self) -> str:
        """The band in words."""
        return self.said[0] if self.said else ", ".join(self.labels()[0])

    def labels(self) -> tuple[tuple[str, ...], ...]:
        """Its label in ways to break it into lines, the widest first."""
        if self.said:
            return tuple(tuple(each.split("\n")) for each in self.said)
        whole = list(map(spell, self.answers))
        parts = "\nor ".join(whole).replace(" + ", "\n+ ")
        ways = (" or ".join(whole), "\nor ".join(whole), parts, parts.replace(" x ", "\nx "))
        more = ("not settled",) if self.look == "unsettled" else ()
        return tuple((*each.split("\n"), *more) for each in ways)


@attrs.frozen(slots=True)
class _Ladder:
    """How the last bands go on: one more ``code`` each ``step``, ``period`` bands to a rung."""

    code: str
    step: int
    start: int
    period: int


def time_bar(
    rule: TimeRule, minutes: int | None = None, *, title: str = "", doubt: str = "", width: int = 720
) -> str:
    """A time rule as an SVG picture: its bands with their first minutes, and a session on them.

    :param rule: the rule to draw, as ``timerule.family`` gives it. Where no minutes decide, or no code
        was named, the bar says so.
    :param minutes: whole completed minutes of the session to mark (days, where the rule counts days);
        None draws the rule alone.
    :param title: the heading; the family's own title if empty. Any text will do.
    :param doubt: in words what is not verified, as ``derived``, instead of what the rule's own citations
        say; it stands after "Not verified".
    :param width: the width in pixels, at least 200. Labels never overlap: what needs more room than
        that is laid out wider and scaled down.
    :raises InvalidMinutes: not whole minutes (or days) of the rule's scope.
    :raises ValueError: the width is no whole number from 200 on.

    The text is one ``svg`` element, for a file or for an HTML page. The same question gives the same
    text; ids in it are made from its content. Equally right answers are joined by "or".

    Source: the rule's ``citation`` and those of its ``chain``; the picture names what is not verified.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> from cptkit.timerule.pictures import time_bar
    >>> rule = timerule.family("psychotherapy", date_of_service=dt.date(2026, 3, 2),
    ...                        codeset=cptkit.codeset("2026.1"))
    >>> picture = time_bar(rule, 47)
    >>> "38 to 52: 90834; 53 or more: 90837. 47 minutes: 90834." in picture
    True
    >>> time_bar(rule, -1)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidMinutes: not whole minutes of one day: -1; expected a whole number from 0 to 1440...
    """
    if type(width) is not int or width < _NARROWEST:
        raise ValueError(f"a time bar is a whole number of at least {_NARROWEST} pixels wide, not {width!r}")
    if minutes is not None:
        check_minutes(minutes, most=rule.most, counts=rule.counts)
    bands = _bands(rule)
    ladder = _ladder(bands)
    here = None if minutes is None else bisect_right([band.first for band in bands], minutes) - 1
    shown = _shown(len(bands), ladder, here)
    goes_on = _goes_on(rule, bands, ladder, len(shown))
    pin = "" if minutes is None else count(minutes, rule.counts.removesuffix("s"))
    if minutes is not None and rule.kind is Kind.ANAESTHESIA_UNITS and rule.unit_minutes:
        pin += f", {tenths_of_units(minutes, rule.unit_minutes)} units"
    notes = [note for note in (goes_on, *_notes(rule)) if note]
    if doubt := doubt.strip() or _doubt(rule):
        doubt = f"Not verified: {doubt.removesuffix('.')}."
    told = [f"{rule.title}, {rule.basis}. {_told(rule, [bands[place] for place in shown])}", *notes, doubt]
    if here is not None:
        told.insert(1, f"{pin}: {bands[here].text}." if bands[here].answers else f"{pin}.")
    return draw(
        Bar(
            title=title if title.strip() else rule.title,
            described=" ".join(each for each in told if each),
            caption=f"{_whose(rule)}Basis {rule.basis}, {rule.days}.",
            axis=rule.counts,
            stretches=_stretches(rule, bands, shown, minutes, here),
            notes=tuple(notes),
            doubt=doubt,
            at=minutes,
            pin=pin,
        ),
        width,
    )


def _bands(rule: TimeRule) -> list[_Band]:
    """The bands to draw: those of the rule, the time units of anaesthesia, or one with a sentence."""
    unit = rule.unit_minutes
    if rule.kind is Kind.ANAESTHESIA_UNITS and unit:
        firsts = range(0, rule.most, unit)
        units = [_Band(first, first + unit - 1, said=(f"unit {first // unit + 1}",)) for first in firsts]
        return [*units[:-1], attrs.evolve(units[-1], last=None)]
    if rule.floors and rule.is_timed:
        return [_Band(*band, is_settled=rule.is_settled) for band in rule.bands()]
    text = _sentence(rule)
    return [_Band(0, None, said=(text, text.replace(": ", ":\n")))]


def _sentence(rule: TimeRule) -> str:
    """Why a rule has no bands."""
    if rule.kind is Kind.NOT_BY_TIME:
        return "No minutes decide: none of these codes is chosen by time"
    if rule.is_timed:
        return "No code is named: each counts its minutes alone"
    if rule.code:
        return f"No minutes decide: {rule.code} is reported whatever the time"
    return "No minutes decide: each code is reported whatever the time"


def _ladder(bands: Sequence[_Band]) -> _Ladder | None:
    """The ladder that the last bands climb, if at least three of its rungs follow each other.

    Where both readings of an unsettled rule are shown, two bands make one rung.
    """
    for period in (1, 2):
        start, climbed = len(bands), None
        for place in range(len(bands) - 1 - period, -1, -1):
            near, far = bands[place], bands[place + period]
            rung = _one_more(near.answers, far.answers), far.first - near.first
            if rung[0] is None or climbed not in {None, rung}:
                break
            start, climbed = place, rung
        if climbed is not None and climbed[0] is not None and len(bands) - start > 2 * period:
            return _Ladder(climbed[0], climbed[1], start, period)
    return None


def _one_more(fewer: Answers, more: Answers) -> str | None:
    """The code of which each answer has one unit more than its counterpart, and all else alike."""
    if len(fewer) != len(more):
        return None
    codes: set[str] = set()
    for one, other in zip(fewer, more, strict=True):
        before = {service.code: service.units for service in one}
        after = {service.code: service.units for service in other}
        changed = [code for code in {**before, **after} if before.get(code) != after.get(code)]
        if len(changed) != 1 or after.get(changed[0], 0) - before.get(changed[0], 0) != 1:
            return None
        codes.add(changed[0])
    return codes.pop() if len(codes) == 1 else None


def _shown(bands: int, ladder: _Ladder | None, here: int | None) -> list[int]:
    """The places of the bands to draw: all, or the first ones and those around the session."""
    if bands <= (_MOST_BANDS if ladder else _MOST_UNLIKE):
        return list(range(bands))
    start, period = (ladder.start, ladder.period) if ladder else (0, 1)
    head = max(start + 2 * period, _MOST_BANDS - 2)
    if here is None or here < head:
        return list(range(min(head + 1, bands)))
    if here <= head + 1:
        return list(range(min(here + 2, bands)))
    return [*range(start + period + 1), *range(here - 1, min(here + 2, bands))]


def _stretches(
    rule: TimeRule, bands: Sequence[_Band], shown: Sequence[int], minutes: int | None, here: int | None
) -> tuple[Stretch, ...]:
    """The bands as stretches of the bar, with a cut where some are left out."""
    stretches: list[Stretch] = []
    drawn = sum(last - bands[place].first + 1 for place in shown if (last := bands[place].last) is not None)
    before = -1
    for place in shown:
        if place != before + 1:
            stretches.append(Stretch(bands[before + 1].first, 0, (("...",),), look="cut"))
        before, band = place, bands[place]
        length, broken = _length(rule, band, drawn, minutes if place == here else None)
        stretches.append(
            Stretch(
                band.first,
                length,
                band.labels(),
                flags=band.labels()[1:] if band.last is not None else (),
                look=band.look,
                is_here=place == here,
                is_open=band.last is None,
                is_broken=broken,
            )
        )
    if before + 1 < len(bands):
        stretches.append(Stretch(bands[before + 1].first, 0, (("and so on",),), is_open=True))
    return tuple(stretches)


def _length(rule: TimeRule, band: _Band, drawn: int, minutes: int | None) -> tuple[int, bool]:
    """How long a band is drawn, and whether the session lies too far out in an open one."""
    if band.last is not None:
        return band.last - band.first + 1, False
    ahead = round(0.3 * drawn) or 1
    past = 0 if minutes is None else minutes - band.first + 1
    if drawn and past > 3 * ahead:
        return ahead, True
    return min(max(ahead, round(1.2 * past)), rule.most - band.first + 1), False


def _told(rule: TimeRule, bands: Sequence[_Band]) -> str:
    """The bands in words, for who cannot see them."""
    if not rule.is_timed or not rule.floors:
        return f"{bands[0].text}."
    told: list[str] = []
    for band in bands:
        if band.last is None:
            where = f"{band.first} or more"
        else:
            where = str(band.first) if band.first == band.last else f"{band.first} to {band.last}"
        told.append(f"{where}: {band.text}")
    return f"{rule.counts.capitalize()} {'; '.join(told)}."


def _goes_on(rule: TimeRule, bands: Sequence[_Band], ladder: _Ladder | None, shown: int) -> str:
    """In words, the bands that are not drawn."""
    if rule.kind is Kind.ANAESTHESIA_UNITS:
        once = f"{rule.code} once, and its time units: each" if rule.code else "Each"
        return f"{once} {rule.unit_minutes} minutes are one time unit, counted to a tenth."
    if shown == len(bands):
        return ""
    if ladder is None:
        return f"{len(bands) - shown} bands are not shown."
    more = f"And one more {ladder.code} for each further {ladder.step} {rule.counts}"
    if bands[-1].first + ladder.step <= rule.most:
        most = max(service.units for services in bands[-1].answers for service in services)
        return f"{more}, {most} at most."
    return f"{more}."


def _whose(rule: TimeRule) -> str:
    """What is counted, and whose it is, where that matters."""
    if not rule.is_timed:
        return ""
    return f"{rule.counts.capitalize()} {_SCOPES[rule.scope]}: {rule.whose_time}. "


def _notes(rule: TimeRule) -> list[str]:
    """What to know besides the minutes."""
    notes: list[str] = []
    if not rule.floors or rule.kind is Kind.NOT_BY_TIME:
        notes.append(f"Codes: {', '.join(rule.codes)}.")
    if rule.optional:
        notes.append("By time alone: the level may rest on something other than time.")
    if rule.announced:
        notes.append("Announced, not yet in force when last checked.")
    if not rule.is_settled:
        notes.append(
            "Not settled: no source says from which minute the time counts; both readings are shown."
        )
    return notes


def _doubt(rule: TimeRule) -> str:
    """What of the rule is not verified, in words; empty if all of it is."""
    drawn = {service.code for answers in rule.answers for services in answers for service in services}
    known = {"the rule": rule.citation.confidence}
    for fact in rule.chain:
        if fact.code in drawn:
            said = fact.citation.confidence
            known[fact.code] = weakest([said, known.get(fact.code, said)])
    told: list[str] = []
    for confidence in dict.fromkeys(known.values()):
        if confidence is not Confidence.VERIFIED:
            named = [name for name, said in known.items() if said is confidence]
            told.append(f"{' and '.join(named)} {'is' if len(named) == 1 else 'are'} {confidence}")
    return "; ".join(told)
