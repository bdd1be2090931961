"""Lines of one code that differ in their modifiers: which of these say that there were two services.

A modifier of another service, site or time parts two lines. One that says how a service was held, by whom, or
under which programme of a state, says nothing of a second one. Of all others nothing is concluded.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import combinations

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.modifiers import members, named

__all__ = ["PARTING", "Repeats", "clocks_apart", "repeats"]

PARTING = "mue-separate-line"
"""The convention of the sets and kinds of modifiers that make a second line of a code a service of its own."""

_HOW = frozenset({"telehealth"})
_WHO = frozenset({"licence-level", "provider-type"})
_STATE = "medicaid-state"


@attrs.frozen(slots=True)
class Repeats:
    """Two lines of one code: what tells them apart, or does not.

    ``parting``: modifiers that stand on one of them and say so. ``mute``: those on one of them that say nothing
    of it, where there are no others. Neither: nothing is concluded. ``by_state``: a state gives the meaning of one.
    """

    one: Line
    other: Line
    parting: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()
    by_state: bool = False


def repeats(encounter: Encounter, lines: list[Line], context: Context) -> Iterator[Repeats]:
    """Each two of these lines of one code, of which no two have the same modifiers."""
    parting = named((PARTING,), context) or ()
    silent = _HOW | _WHO if encounter.rendering_provider else _HOW
    kinds = {
        modifier: _meaning(modifier, context, parting, silent)
        for modifier in {modifier for line in lines for modifier in line.modifiers}
    }
    for one, other in combinations(lines, 2):
        differing = sorted(set(one.modifiers) ^ set(other.modifiers))
        apart = tuple(modifier for modifier in differing if kinds[modifier] == "parting")
        state = [modifier for modifier in differing if kinds[modifier] == _STATE]
        one_sided = {modifier in one.modifiers for modifier in state}
        if apart:
            yield Repeats(one, other, parting=apart)
        elif all(kinds[modifier] for modifier in differing) and len(one_sided) < 2:
            yield Repeats(one, other, mute=tuple(differing), by_state=bool(state))


def _meaning(modifier: str, context: Context, parting: tuple[str, ...], silent: frozenset[str]) -> str:
    """What a modifier says of a second service: that there is one, nothing, or nothing that is known."""
    record = context.modifier(modifier)
    if record is None:
        return ""
    if any(modifier in members(name, context) for name in parting) or set(parting) & set(record.kinds):
        return "parting"
    return _STATE if _STATE in record.kinds else "mute" if silent.issuperset(record.kinds) else ""


def clocks_apart(one: Line, other: Line) -> bool:
    """Whether the clock times of two lines are of two services: each has its start, and one ends first."""
    if one.start is None or other.start is None:
        return False
    first, second = sorted((one, other), key=lambda line: _clock(line.start))
    begins, ends, next_begins = _clock(first.start), _clock(first.stop), _clock(second.start)
    return begins < next_begins if first.stop is None else begins < ends <= next_begins


def _clock(time: dt.time | None) -> str:
    """Clock times as texts in their order; none comes first."""
    return "" if time is None else time.isoformat("microseconds")
