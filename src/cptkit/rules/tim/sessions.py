"""Which lines share minutes: the sessions that the time rules judge.

A line whose code is chosen by time is a session of its own, unless its rule counts the minutes of
the day or one of the lines is an add-on that continues another: then the lines of the family are
one session. Minutes of such lines are added; times of day that overlap are counted once.
"""

from collections.abc import Iterable

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.timerule import Kind, TimeRule

__all__ = ["DAY_MINUTES", "Session", "sessions"]

DAY_MINUTES = 24 * 60


@attrs.frozen(slots=True)
class Session:
    """Lines that one time rule judges together.

    ``minutes``: documented minutes, or None when there are none; for codes counted in units,
    None when any line lacks them. ``heads``: the codes of the rule
    that may stand alone; its other codes continue one of them.
    """

    rule: TimeRule
    heads: frozenset[str]
    lines: tuple[Line, ...]
    minutes: int | None

    @property
    def is_possible(self) -> bool:
        """Whether the minutes fit into a day: those of each line, and all together."""
        given = (self.minutes, *(line.minutes for line in self.lines))
        return all(each is None or 0 <= each <= DAY_MINUTES for each in given)

    @property
    def is_ambiguous(self) -> bool:
        """Whether minutes of a base and what continues it cannot be added.

        One has minutes and the other clock times that may hold them; or they carry the same minutes,
        and these are more than the base holds before its add-on begins: then they may be the total,
        written twice. The same hour on a base and on its further hour is each one's own.
        """
        heads = {line.minutes for line in self.lines if line.code in self.heads}
        others = {line.minutes for line in self.lines if line.code not in self.heads}
        if not others or not heads or _same_clock(self.lines):
            return False
        clocked = any(line.minutes is None and line.clock_minutes is not None for line in self.lines)
        same = (heads & others) - {None}
        return clocked or any(self.rule.optional or (minutes or 0) > self._base_holds() for minutes in same)

    def _base_holds(self) -> int:
        """The last minute at which a base stands alone."""
        bands = zip(self.rule.floors, self.rule.answers, strict=True)
        longer = (first for first, answers in bands if any(len(services) > 1 for services in answers))
        return next(longer, DAY_MINUTES + 1) - 1

    @property
    def rests_on_time(self) -> bool:
        """Whether minutes are needed: a level may rest on something else, what continues it may not."""
        return not self.rule.optional or any(line.code not in self.heads for line in self.lines)

    def units(self) -> dict[str, int]:
        """Billed units by code."""
        billed: dict[str, int] = {}
        for line in self.lines:
            billed[line.code] = billed.get(line.code, 0) + line.units
        return billed


def sessions(encounter: Encounter, context: Context) -> tuple[Session, ...]:
    """The sessions of an encounter that time decides about, in the order of their first lines."""
    found: list[Session] = []
    families: dict[tuple[str, str | None], tuple[TimeRule, list[Line]]] = {}
    homeless: list[Line] = []
    for line in encounter.lines:
        rule = context.time_rule(line.code)
        if rule is None:
            homeless.append(line)
        elif rule.is_timed:
            families.setdefault((rule.id, rule.code), (rule, []))[1].append(line)
    for line in homeless:
        # a code that goes on top of several visits belongs to the one that is there
        for rule, lines in families.values():
            if line.code in rule.codes:
                lines.append(line)
                lines.sort(key=encounter.lines.index)
                break
    for rule, lines in families.values():
        heads = context.heads(rule)
        shared = len(lines) > 1 and (
            rule.scope != "session"
            or rule.kind is Kind.PER_UNIT
            or any(line.code not in heads for line in lines)
        )
        groups = [tuple(lines)] if shared else [(line,) for line in lines]
        found.extend(Session(rule, heads, group, _session_minutes(rule, group)) for group in groups)
    return tuple(found)


def _session_minutes(rule: TimeRule, lines: tuple[Line, ...]) -> int | None:
    # one time on a base or its add-on may be that of both; units of one code each need theirs
    if rule.kind is Kind.PER_UNIT and any(line.documented_minutes is None for line in lines):
        return None
    return documented_minutes(lines)


def documented_minutes(lines: Iterable[Line]) -> int | None:
    """The minutes of several lines: stated minutes are added, clock times that overlap count once.

    Minutes that say no more than the clock beside them are read from the clock.
    """
    stated: int | None = None
    intervals: list[tuple[int, int]] = []
    for line in lines:
        if line.minutes is not None and line.minutes != line.clock_minutes:
            stated = (stated or 0) + line.minutes
        elif line.start is not None and line.clock_minutes is not None:
            start = line.start.hour * 3600 + line.start.minute * 60 + line.start.second
            intervals.append((start, start + 60 * line.clock_minutes))
    if not intervals:
        return stated
    covered, reached = 0, 0
    for start, stop in sorted(intervals):
        if stop > reached:
            covered += stop - max(start, reached)
            reached = stop
    return (stated or 0) + covered // 60


def _same_clock(lines: tuple[Line, ...]) -> bool:
    """Whether every line's minutes are those of its clock, so that overlaps are known."""
    return all(line.minutes == line.clock_minutes for line in lines if line.minutes is not None)
