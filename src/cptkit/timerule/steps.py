"""The numbers of a time rule as steps, ladders and bands: which answer holds from which minute on.

A row gives *steps*, from which minute which code is picked, and *ladders*, at which minutes one more
unit is earned. Both together make the *bands*, so that a look-up is one search in a sorted row of
first minutes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import attrs

from cptkit.timerule.arithmetic import ladder, midpoint_floor, nearest_steps, units_on
from cptkit.timerule.rule import Answers, Row
from cptkit.timerule.values import Attainment, Kind, ServiceUnits

__all__ = ["Bands", "bands_of", "whole_number"]

Bands = list[tuple[int, Answers]]
Steps = list[tuple[int, tuple[str, ...]]]
"""From which minute on which codes are picked; several are equally right."""


@attrs.frozen(slots=True)
class _Ladder:
    """Units of ``code`` on top of ``after``, or on their own (None), one more at each rung."""

    code: str
    after: str | None
    rungs: tuple[int, ...]


def bands_of(
    row: Row,
    bound: str | None,
    *,
    codes: Iterable[str],
    limits: Mapping[str, int],
    attainment: Attainment | None,
    most: int,
) -> tuple[Bands, str]:
    """The bands of a timed row up to ``most`` minutes, and in words how they came about.

    ``bound`` is the code of a rule whose codes count alone; ``codes`` are those the row may name,
    ``limits`` the most units of a code. ``ValueError`` or ``KeyError`` if the row cannot be understood.
    """
    if attainment is not Attainment.UNSETTLED:
        return _settled_bands(row, bound, codes, limits, attainment, most)
    other = Attainment.NEAREST if row["kind"] == Kind.PICK_BY_BAND else Attainment.MIDPOINT
    whole, strictly = _settled_bands(row, bound, codes, limits, Attainment.WHOLE, most)
    near, freely = _settled_bands(row, bound, codes, limits, other, most)
    told = f"not settled by any source: counted in whole minutes, {strictly}; from more than half, {freely}"
    return _both(whole, near), told


def _settled_bands(
    row: Row,
    bound: str | None,
    codes: Iterable[str],
    limits: Mapping[str, int],
    attainment: Attainment | None,
    most: int,
) -> tuple[Bands, str]:
    steps, ladders, method = _thresholds(row, bound, attainment, most)
    ladders += [_chain(chain, codes, most) for chain in row.get("chain", ())]
    _lift(steps, ladders, row.get("ceiling"))
    method += "".join(_tell(each, limits.get(each.code)) for each in ladders if each.after)
    return _bands(steps, ladders, limits, most), method


def _both(whole: Bands, near: Bands) -> Bands:
    """The bands of two readings: where they differ both answers stand, that of whole minutes first."""
    merged: Bands = []
    for moment in sorted({first for first, _ in (*whole, *near)}):
        answers = tuple(dict.fromkeys((*_at(whole, moment), *_at(near, moment))))
        if not merged or merged[-1][1] != answers:
            merged.append((moment, answers))
    return merged


def _at(bands: Bands, moment: int) -> Answers:
    return bands[bisect_right(bands, moment, key=lambda band: band[0]) - 1][1]


def _thresholds(
    row: Row, bound: str | None, attainment: Attainment | None, most: int
) -> tuple[Steps, list[_Ladder], str]:
    """The steps and ladders of a timed row, without its chain, and how they came about."""
    kind = Kind(row["kind"])
    if kind is Kind.PER_UNIT:
        assert bound is not None  # noqa: S101  each code of such a row counts alone, so one is named
        unit = whole_number(row["unit_minutes"])
        first = _first_minute(unit, attainment)
        how = (
            f"{bound} counts each {unit} minutes, each of them whole"
            if unit > 1
            else f"{bound} counts minutes"
        )
        if attainment is Attainment.MIDPOINT:
            how = f"{bound} counts each {unit} minutes, the last of them from more than half ({first})"
        return [(0, ())], [_Ladder(bound, None, ladder(first, unit, last=most))], how
    if kind is Kind.BASE_PLUS_EACH:
        return _base_plus_each(row, attainment, most)
    if kind is Kind.THRESHOLD:
        code = bound or row.get("code") or next(iter(row["nominal"]))
        if ("from_minutes" in row) == ("nominal" in row):
            raise ValueError("a threshold has either from_minutes or nominal minutes")
        if "nominal" in row:
            first = _first_minute(row["nominal"][code], attainment)
        else:
            first = whole_number(row["from_minutes"])
        return [(0, ()), (first, (code,))], [], f"{code} from {first} minutes"
    if "nominal" in row and "floors" not in row:
        if attainment is Attainment.WHOLE:
            return _floors(row["nominal"], "minute")
        if attainment is not Attainment.NEAREST:
            raise ValueError("nominal minutes of a band are attained by the nearest")
        return _nearest(row["nominal"])
    if "floors" not in row or "nominal" in row:
        raise ValueError("a pick has either floors or nominal minutes")
    return _floors(row["floors"], "day" if kind is Kind.DAY_COUNT else "minute")


def _floors(floors: Mapping[str, int], unit: str) -> tuple[Steps, list[_Ladder], str]:
    """The steps of codes that each have a first minute or day."""
    ordered = sorted((whole_number(first), str(code)) for code, first in floors.items())
    told = ", ".join(f"{code} from {first}" for first, code in ordered)
    return [(0, ()), *_grouped(ordered)], [], f"each code has a first {unit}: {told}"


def _nearest(nominal: Mapping[str, int]) -> tuple[Steps, list[_Ladder], str]:
    """The steps between nominal minutes, where the nearer one counts."""
    named: dict[int, list[str]] = {}
    for minutes, code in sorted((whole_number(minutes), str(code)) for code, minutes in nominal.items()):
        named.setdefault(minutes, []).append(code)
    near = nearest_steps(tuple(named))
    steps: Steps = [(0, ())]
    steps += [
        (first, tuple(code for minutes in nearest for code in named[minutes])) for first, nearest in near
    ]
    told = ", ".join(f"{code} {minutes}" for minutes, codes in named.items() for code in codes)
    return steps, [], f"the nearest of the nominal minutes counts: {told}; nothing under {near[0][0]}"


def _base_plus_each(row: Row, attainment: Attainment | None, most: int) -> tuple[Steps, list[_Ladder], str]:
    """The step of the base code and the ladder of its add-on, if the row itself has one."""
    base, addon, nominal = row["base"], row.get("addon"), row.get("nominal", {})
    if ("base_from" in row) == bool(nominal):
        raise ValueError("a base has either base_from or nominal minutes")
    if not nominal:
        if addon is not None:
            raise ValueError("an add-on without nominal minutes belongs in a chain")
        if row["base_from"] == 0:
            return [(0, (base,))], [], f"{base} whatever the minutes"
        first = whole_number(row["base_from"])
        return [(0, ()), (first, (base,))], [], f"{base} from {first} minutes"
    first = _first_minute(nominal[base], attainment)
    ladders: list[_Ladder] = []
    if addon is not None:
        # The add-on starts at the base's nominal time, not at the minute that earns the base.
        each = whole_number(nominal[addon])
        start = whole_number(nominal[base]) + _first_minute(each, attainment)
        ladders.append(_Ladder(addon, base, ladder(start, each, last=most)))
    return [(0, ()), (first, (base,))], ladders, f"{base} from {first} minutes"


def _chain(chain: Row, codes: Iterable[str], most: int) -> _Ladder:
    """The ladder of a chain; one rung where it has no step."""
    unknown = sorted(set(chain) - _CHAIN_KEYS)
    if unknown:
        raise ValueError(f"a chain has no {', '.join(unknown)}")
    if chain["after"] not in codes:
        raise ValueError(f"a chain hangs on {chain['after']}, which the row does not know")
    step, at_most = chain.get("step"), chain.get("max_units")
    rungs = ladder(
        whole_number(chain["from_minutes"]),
        None if step is None else whole_number(step),
        last=most,
        at_most=None if at_most is None else whole_number(at_most),
    )
    return _Ladder(chain["code"], chain["after"], rungs)


_CHAIN_KEYS = {
    "after",
    "code",
    "from_minutes",
    "step",
    "max_units",
    "counted_days",
    "sources",
    "confidence",
    "checked",
    "note",
}


def _tell(each: _Ladder, limit: int | None) -> str:
    """A ladder in words, for the working."""
    if not each.rungs:
        return ""
    steps = [later - earlier for earlier, later in pairwise(each.rungs)]
    more = f", one more for each further {steps[0]}" if steps and limit != 1 else ""
    if more and limit is not None:
        more += f", {limit} at most"
    return f"; {each.code} on top of {each.after} from {each.rungs[0]}{more}"


def _lift(steps: Steps, ladders: Sequence[_Ladder], ceiling: int | None) -> None:
    """End the steps after the ceiling, until a ladder on the last code takes them up again.

    A ladder that starts below the ceiling ends with it.
    """
    if ceiling is None:
        return
    top = steps[-1][1]
    steps.append((whole_number(ceiling) + 1, ()))
    lifts = [
        each.rungs[0] for each in ladders if each.after in top and each.rungs and each.rungs[0] > ceiling
    ]
    if lifts:
        if min(lifts) == ceiling + 1:
            steps.pop()
        steps.append((min(lifts), top))


def _bands(steps: Steps, ladders: Iterable[_Ladder], limits: Mapping[str, int], most: int) -> Bands:
    """The bands of the whole scope: a new one wherever a step or a ladder changes the answers.

    The first step starts at minute 0, so that every minute lies in a band.
    """
    firsts = [first for first, _ in steps]
    if firsts != sorted(set(firsts)):
        raise ValueError(f"the first minutes do not rise: {firsts}")
    moments = {first for first in firsts if first <= most}.union(*(each.rungs for each in ladders))
    bands: Bands = []
    for moment in sorted(moments):
        picked = steps[bisect_right(firsts, moment) - 1][1]
        answers: Answers = tuple(_services(code, moment, ladders, limits) for code in picked or (None,))
        if not bands or bands[-1][1] != answers:
            bands.append((moment, answers))
    return bands


def _services(
    picked: str | None, minutes: int, ladders: Iterable[_Ladder], limits: Mapping[str, int]
) -> tuple[ServiceUnits, ...]:
    """The picked code, then in turn each ladder that stands on its own or on a code already there."""
    units = {} if picked is None else {picked: 1}
    for each in ladders:
        if each.after is None or each.after in units:
            earned = units_on(each.rungs, minutes)
            if earned:
                units[each.code] = min(earned, limits.get(each.code, earned))
    return tuple(ServiceUnits(code, number) for code, number in units.items())


def _grouped(floors: Iterable[tuple[int, str]]) -> Steps:
    """Steps of codes with first minutes; codes that share one are equally right."""
    shared: dict[int, tuple[str, ...]] = {}
    for first, code in floors:
        shared[first] = (*shared.get(first, ()), code)
    return list(shared.items())


def _first_minute(nominal: int, attainment: Attainment | None) -> int:
    """When a nominal time is reached."""
    if attainment is Attainment.MIDPOINT:
        return midpoint_floor(whole_number(nominal))
    if attainment is Attainment.WHOLE:
        return whole_number(nominal)
    raise ValueError("attainment is midpoint or whole here")


def whole_number(value: object) -> int:
    """A number of a row: whole and at least one; ``ValueError`` otherwise."""
    if type(value) is int and value > 0:
        return value
    raise ValueError(f"not a whole number above zero: {value!r}")
