"""The units of an encounter, held against the published limits once for all rules that ask.

How a limit counts is its adjudication indicator (MAI): each line alone, or all units of the code on
the day. A line says by its modifiers that it is not the service of another line.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.modifiers import members, named
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits import Mue

__all__ = ["CLEAR", "DAY", "LINE", "SEPARATE", "Counted", "Held", "binds", "counted", "units_of"]

LINE, DAY = "line", "day"
"""What a limit counts, as the facts of its adjudication indicator say it."""

SEPARATE = "mue-separate-line"
"""The convention that says by which modifiers a line is not the service of another line of its code."""


@attrs.frozen(slots=True)
class Held:
    """Lines of a code held against its limit.

    ``how``: what the limit counts; empty where its file, or the record of the day, does not say.
    ``sure``: nobody who applies the limit counts otherwise.
    """

    mue: "Mue"
    lines: tuple[Line, ...]
    units: int
    how: str
    sure: bool = True


@attrs.frozen(slots=True)
class Counted:
    """What came of the limits: lines that are ``over`` theirs.

    ``unsure``: lines within it here, that may be over it with units that are not seen, or by another
    way of counting. ``unchecked``: why the limits of ``unlisted`` could not be looked up.
    """

    over: tuple[Held, ...] = ()
    unsure: tuple[Held, ...] = ()
    unchecked: str = ""
    unlisted: tuple[Line, ...] = ()


CLEAR = Counted()
"""Nothing is over a limit, and nothing was left unchecked."""


def counted(encounter: Encounter, context: Context) -> Counted:
    """The units of an encounter against the limits; worked out once for all rules."""
    return context.once(_counted, encounter)


def binds(mue: "Mue", context: Context) -> bool:
    """Whether a limit holds under the basis: that of zero says only what Medicare does not pay in the setting."""
    return mue.value > 0 or context.basis is Basis.MEDICARE


def is_limited(alone: Encounter, context: Context, mai: int | None = None) -> bool:
    """Whether a line alone has a code whose limit counts the day, by that indicator; or, without one, otherwise.

    A code whose limit is not known is one of both.
    """
    (line,) = alone.lines
    answer = context.edits.limit(line.code, alone.setting)
    if answer is None or answer.mue is None:
        return answer is not None and bool(answer.not_checked)
    convention = context.convention(f"mue-mai/{answer.mue.mai}")
    if convention is None or convention.value != DAY:
        return mai is None
    return answer.mue.mai == mai


def units_of(lines: Iterable[Line]) -> int:
    """Their units; what is not above zero is another rule's finding and counts as none."""
    return sum(line.units for line in lines if line.units > 0)


def _counted(encounter: Encounter, context: Context) -> Counted:
    limit, setting = context.edits.limit, encounter.setting
    limited: dict[str, Mue] = {}
    unlisted: list[Line] = []
    unchecked = ""
    plain = not (encounter.elsewhere or encounter.incomplete)
    for line in encounter.lines:
        answer = limit(line.code, setting)
        if answer is None:
            continue
        if answer.mue is not None:
            # one line of a code, within the limit: nothing more to ask
            plain = plain and line.units <= answer.mue.value and line.code not in limited
            limited[line.code] = answer.mue
        elif answer.not_checked:
            unchecked = answer.not_checked
            unlisted.append(line)
    if plain and not unlisted:
        return CLEAR
    over: list[Held] = []
    unsure: list[Held] = []
    for code, mue in limited.items():
        lines = tuple(line for line in encounter.lines if line.code == code and line.units > 0)
        for held in _held(encounter, context, mue, lines):
            # what is over only by the sum of lines that the table does not sum is not sure to be over
            (over if held.units > mue.value and (held.how or len(held.lines) == 1) else unsure).append(held)
    return Counted(tuple(over), tuple(unsure), unchecked, tuple(unlisted))


def _held(encounter: Encounter, context: Context, mue: "Mue", lines: tuple[Line, ...]) -> Iterator[Held]:
    convention = context.convention(f"mue-mai/{mue.mai}")
    how = "" if convention is None else convention.value
    units = units_of(lines)
    if how == DAY:
        if units > mue.value or (lines and (encounter.incomplete or mue.code in encounter.elsewhere)):
            yield Held(mue, lines, units, how)
        return
    alone = [line for line in lines if line.units > mue.value]
    for line in alone:
        yield Held(mue, (line,), line.units, how)
    parting = named((SEPARATE,), context)
    if parting is None:
        how = ""  # whether the lines are one service cannot be told
    elif how:
        lines = tuple(line for line in lines if not _is_separate(context, line, parting))
        units = units_of(lines)
    if len(lines) > 1 and units > mue.value and (how or not alone):
        yield Held(mue, lines, units, how, sure=False)


def _is_separate(context: Context, line: Line, parting: tuple[str, ...]) -> bool:
    """Whether a modifier says that a line is not the service of another line: one of these sets or kinds."""
    for modifier in line.modifiers:
        if any(modifier in members(name, context) for name in parting):
            return True
        record = context.modifier(modifier)
        if record is not None and not set(parting).isdisjoint(record.kinds):
            return True
    return False
