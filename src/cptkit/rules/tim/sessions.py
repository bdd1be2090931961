"""Which lines share minutes: the sessions that the time rules judge.

A line whose code is chosen by time is a session of its own, unless its rule counts the minutes of a
day, a week or a month, or one of the lines is an add-on that continues another: then the lines of the
family are one session. Minutes of such lines are added; times of day that overlap are counted once.
Codes that count days with data are no session: a claim line carries no days.
"""

from collections.abc import Iterable

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.modifiers import members
from cptkit.timerule import Kind, Scope, TimeRule

__all__ = [
    "DAY_MINUTES",
    "Judged",
    "Loose",
    "Session",
    "clock_of",
    "documented_minutes",
    "goes_by_time",
    "judged",
    "session_minutes",
    "sessions",
]

DAY_MINUTES = 24 * 60
_PLANS = "therapy-plan"


@attrs.frozen(slots=True)
class Session:
    """Lines that one time rule judges together.

    ``minutes``: documented minutes, or None when there are none; for codes counted in units,
    None when any line lacks them. ``heads``: the codes of the rule that may stand alone; its other
    codes continue one of them. ``free``: those that any length gives. ``plan``: the therapy plan that
    the lines name, where minutes are totalled by plan. ``may_lack``: a row that could not be read may be
    part of it, with minutes of its own.
    """

    rule: TimeRule
    heads: frozenset[str]
    free: frozenset[str]
    lines: tuple[Line, ...]
    minutes: int | None
    plan: str = ""
    may_lack: bool = False

    @property
    def spans_days(self) -> bool:
        """Whether the minutes are those of several days, of which a clock shows only a part."""
        return self.rule.scope.days > 1

    def minutes_of(self, line: Line) -> int | None:
        """The minutes that one of the lines brings in, or None."""
        return line.minutes if self.spans_days else line.documented_minutes

    @property
    def most(self) -> int:
        """The most minutes there can be; days around the date only count for what goes on top."""
        if self.spans_days or any(line.code not in self.heads for line in self.lines):
            return self.rule.most
        return DAY_MINUTES

    @property
    def is_possible(self) -> bool:
        """Whether the minutes fit into the days they are of: those of each line, and all together."""
        given = (self.minutes, *map(self.minutes_of, self.lines))
        return all(each is None or 0 <= each <= self.most for each in given)

    @property
    def is_ambiguous(self) -> bool:
        """Whether minutes of a base and what continues it cannot be added.

        One has minutes and the other clock times that may hold them; or both have minutes, and those of
        the base are the total of a visit, or more than the base holds before its add-on begins: then they
        may hold the minutes of the add-on. An hour on a base and on its further hour is each one's own.
        """
        if self.has_several_bases:
            return True
        heads = {line.minutes for line in self.lines if line.code in self.heads}
        others = {line.minutes for line in self.lines if line.code not in self.heads}
        if not others or not heads or (not self.spans_days and _same_clock(self.lines)):
            return False
        if self.has_clock_beside_minutes:
            return True
        stated = [minutes for minutes in heads if minutes is not None]
        if not stated or others == {None}:
            return False
        return self.rule.optional or max(stated) > self._base_holds()

    @property
    def has_several_bases(self) -> bool:
        """Whether an add-on may continue one of several sessions, and nobody can say which."""
        if self.rule.scope is not Scope.SESSION:
            return False
        bases = sum(line.code in self.heads for line in self.lines)
        return 1 < bases < len(self.lines)

    @property
    def has_clock_beside_minutes(self) -> bool:
        """Whether some lines have clock times only, where these count."""
        return not self.spans_days and any(
            line.minutes is None and line.clock_minutes is not None for line in self.lines
        )

    def _base_holds(self) -> int:
        """The last minute at which a base stands alone."""
        bands = zip(self.rule.floors, self.rule.answers, strict=True)
        longer = (first for first, answers in bands if any(len(services) > 1 for services in answers))
        return next(longer, self.rule.most + 1) - 1

    def needs_time(self, line: Line) -> bool:
        """Whether the code of a line rests on minutes: a level may rest on something else."""
        return line.code not in self.free and not (self.rule.optional and line.code in self.heads)

    @property
    def rests_on_time(self) -> bool:
        """Whether minutes are needed for any line; what continues a level always needs them."""
        return any(map(self.needs_time, self.lines))

    @property
    def is_counted(self) -> bool:
        """Whether billed units can be held against minutes: anaesthesia has base units besides."""
        return self.rule.kind is not Kind.ANAESTHESIA_UNITS

    def units(self) -> dict[str, int]:
        """Billed units by code."""
        billed: dict[str, int] = {}
        for line in self.lines:
            billed[line.code] = billed.get(line.code, 0) + line.units
        return billed


@attrs.frozen(slots=True)
class Loose:
    """A line that goes on top of others and could be put with none, or with one of several ``bases``."""

    line: Line
    bases: tuple[str, ...]


@attrs.frozen(slots=True)
class Judged:
    """What the time rules judge of an encounter.

    ``in_question``: the sessions but those of one line whose code and units are just what its minutes give,
    or whose level needs no minutes: of these no time rule has anything to say alone.
    ``loose``: lines without a session of their own that no one base takes, be they timed or not.
    ``by_days``: lines whose codes count days. ``untimed``: lines whose rule knows no minutes.
    ``without_rule``: lines that no time rule answers for.
    """

    sessions: tuple[Session, ...]
    in_question: tuple[Session, ...]
    loose: tuple[Loose, ...]
    by_days: tuple[Line, ...]
    untimed: tuple[Line, ...]
    without_rule: tuple[Line, ...]

    def session_of(self, line: Line) -> Session | None:
        """The session that holds a line."""
        return next((each for each in self.sessions if any(line is held for held in each.lines)), None)


def goes_by_time(alone: Encounter, context: Context) -> bool:
    """Whether the code of a line alone is chosen or counted by time, here or under the other basis."""
    (line,) = alone.lines
    if context.has_time_rule(line.code) or context.time_rule(line.code) is not None:
        return True
    record = context.record(line.code)
    return record is not None and record.timed


def sessions(encounter: Encounter, context: Context) -> tuple[Session, ...]:
    """The sessions of an encounter that time decides about, in the order of their first lines."""
    return judged(encounter, context).sessions


def judged(encounter: Encounter, context: Context) -> Judged:
    """The sessions of an encounter and what lies beside them; worked out once for all rules."""
    return context.once(_judged, encounter)


def _judged(encounter: Encounter, context: Context) -> Judged:
    families: dict[tuple[str, str | None, str], tuple[TimeRule, list[Line]]] = {}
    homeless: list[Line] = []
    by_days: list[Line] = []
    untimed: list[Line] = []
    for line in encounter.lines:
        rule = context.time_rule(line.code)
        if rule is None:
            homeless.append(line)
            continue
        if not rule.is_timed:
            untimed.append(line)
        if rule.kind is Kind.DAY_COUNT:
            by_days.append(line)
        elif rule.is_timed:
            plan = _plan(line, context) if rule.family.pool else ""
            families.setdefault((rule.id, rule.code, plan), (rule, []))[1].append(line)
    loose = tuple(
        lost for line in homeless if (lost := _settle(line, encounter, context, families)) is not None
    )
    found: list[Session] = []
    in_question: list[Session] = []
    for (_, _, plan), (rule, lines) in families.items():
        heads, free = context.minutes.heads(rule), context.minutes.free(rule)
        may_lack = encounter.incomplete and (
            rule.scope is not Scope.SESSION or not heads.issuperset(rule.codes)
        )
        shared = len(lines) > 1 and (
            rule.scope is not Scope.SESSION or any(line.code not in heads for line in lines)
        )
        groups = [lines] if shared else [[line] for line in lines]
        for group in groups:
            held = tuple(group)
            session = Session(rule, heads, free, held, session_minutes(rule, held), plan, may_lack)
            found.append(session)
            if len(held) > 1 or not _is_plain(rule, group[0], session.minutes, heads, context):
                in_question.append(session)
    return Judged(tuple(found), tuple(in_question), loose, tuple(by_days), tuple(untimed), tuple(homeless))


def _is_plain(
    rule: TimeRule, line: Line, minutes: int | None, heads: frozenset[str], context: Context
) -> bool:
    """Whether a line alone is just what its minutes give, or a visit whose level needs none."""
    if line.code not in heads or rule.kind is Kind.ANAESTHESIA_UNITS:
        return False
    if minutes is None:
        return rule.optional and rule.scope is not Scope.MONTH
    return 0 <= minutes <= DAY_MINUTES and context.minutes.gives_just(rule, line.code, line.units, minutes)


def _settle(
    line: Line,
    encounter: Encounter,
    context: Context,
    families: dict[tuple[str, str | None, str], tuple[TimeRule, list[Line]]],
) -> Loose | None:
    """Put a code that goes on top of several others to the one that is there."""
    places: list[list[Line]] = []
    bases: list[str] = []
    for rule, lines in families.values():
        if line.code in rule.codes:
            carrying = context.minutes.bases(rule, line.code).intersection(held.code for held in lines)
            if carrying:
                places.append(lines)
                bases.extend(sorted(carrying))
    if len(places) != 1:
        return Loose(line, tuple(sorted(bases)))
    places[0].append(line)
    places[0].sort(key=encounter.lines.index)
    return None


def _plan(line: Line, context: Context) -> str:
    """The therapy plan that a line names: Medicare's total is counted for each discipline."""
    return " ".join(sorted(members(_PLANS, context).intersection(line.modifiers)))


def session_minutes(rule: TimeRule, lines: tuple[Line, ...]) -> int | None:
    """The minutes of lines that a rule counts together, or None when some that it needs are not there."""
    if len(lines) == 1:
        return lines[0].minutes if rule.scope.days > 1 else lines[0].documented_minutes
    if rule.scope.days > 1:
        stated = [line.minutes for line in lines if line.minutes is not None]
        return sum(stated) if stated else None
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
        elif (clock := clock_of(line)) is not None:
            intervals.append(clock)
    if not intervals:
        return stated
    covered, reached = 0, 0
    for start, stop in sorted(intervals):
        if stop > reached:
            covered += stop - max(start, reached)
            reached = stop
    return (stated or 0) + covered // 60


def clock_of(line: Line) -> tuple[int, int] | None:
    """The first and last second of a line's clock, whole minutes apart, counted from midnight; or None."""
    if line.start is None or line.clock_minutes is None:
        return None
    first = line.start.hour * 3600 + line.start.minute * 60 + line.start.second
    return first, first + 60 * line.clock_minutes


def _same_clock(lines: tuple[Line, ...]) -> bool:
    """Whether every line's minutes are those of its clock, so that overlaps are known."""
    return all(line.minutes == line.clock_minutes for line in lines if line.minutes is not None)
