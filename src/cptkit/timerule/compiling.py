"""From a row of an edition to a ``TimeRule``: which thresholds, which answers.

Every kind comes down to two things: steps, which say which code is picked from which minute on, and
ladders, which say at which minutes a further unit of a code is earned. The bands follow from where
either of them moves. A row that contradicts itself, or says something this version does not know, is
a ``BrokenEdition``: a number that is silently skipped would be a wrong bill.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import attrs

from cptkit.dated import Span
from cptkit.errors import BrokenEdition
from cptkit.sources import Basis, Citation, Confidence
from cptkit.timerule.arithmetic import DAY, ladder, midpoint_floor, nearest_steps, units_on
from cptkit.timerule.rule import Answers, ChainFact, TimeRule
from cptkit.timerule.values import Attainment, Kind, ServiceUnits

__all__ = ["Family", "citation_of", "compile_rule", "own_codes", "topping_codes"]

Row = Mapping[str, Any]

_ALWAYS = {
    "from",
    "basis",
    "kind",
    "sources",
    "confidence",
    "checked",
    "status",
    "note",
    "chain",
    "max_units",
}
_KEYS = {
    Kind.PICK_BY_BAND: {"nominal", "attainment", "floors", "ceiling"},
    Kind.PICK_BY_THRESHOLD: {"floors", "ceiling", "untimed"},
    Kind.BASE_PLUS_EACH: {"base", "addon", "nominal", "attainment", "base_from"},
    Kind.THRESHOLD: {"code", "from_minutes", "nominal", "attainment", "ceiling"},
    Kind.PER_UNIT: {"unit_minutes", "attainment"},
    Kind.UNTIMED: set[str](),
}


@attrs.frozen(slots=True)
class Family:
    """A family of time rules as an edition holds it, its rows not yet compiled."""

    id: str
    title: str
    codes: tuple[str, ...]
    scope: str
    scope_note: str
    whose_time: str
    optional: bool
    rows: tuple[Row, ...]


@attrs.frozen(slots=True)
class _Ladder:
    """Units of ``code`` on top of ``after``, or on their own (None), one more at each rung."""

    code: str
    after: str | None
    rungs: tuple[int, ...]


Steps = list[tuple[int, tuple[str, ...]]]
"""From which minute on which codes are picked; several are equally right."""


def own_codes(family: Family, row: Row) -> tuple[str, ...]:
    """The codes a row chooses among, without those that only go on top of them."""
    if row["kind"] in {Kind.PER_UNIT, Kind.UNTIMED}:
        return family.codes
    picked: list[str] = [*row.get("nominal", ()), *row.get("floors", ()), *row.get("untimed", ())]
    picked += [row[key] for key in ("base", "code") if key in row]
    return tuple(code for code in dict.fromkeys(picked) if code != row.get("addon"))


def topping_codes(row: Row) -> tuple[tuple[str, str], ...]:
    """The codes that only go on top of another one, each with that one."""
    tops = [(row["addon"], row["base"])] if "addon" in row else []
    return (*tops, *((chain["code"], chain["after"]) for chain in row.get("chain", ())))


def citation_of(fact: str, row: Row) -> Citation:
    """The citation of a dated row, a chain or a policy."""
    return Citation(
        fact,
        tuple(row["sources"]),
        Confidence(row["confidence"]),
        dt.date.fromisoformat(row["checked"]),
        row.get("note", ""),
    )


def compile_rule(family: Family, row: Row, *, basis: Basis, code: str | None, days: Span) -> TimeRule | None:
    """The rule of one row on the days it holds; None if it has ended or does not know ``code``.

    ``BrokenEdition`` if the row cannot be understood.
    """
    if row.get("status") == "ended":
        return None
    try:
        return _compile(family, row, basis, code, days)
    except (KeyError, TypeError, ValueError) as problem:
        raise BrokenEdition(
            f"the time rule {_fact(family, row)} cannot be read: {_say(problem)}",
            where="facts/time",
        ) from problem


def _say(problem: Exception) -> str:
    return f"{problem.args[0]} is missing" if isinstance(problem, KeyError) else str(problem)


def _fact(family: Family, row: Row) -> str:
    """The name of a row: its family and first day, and its basis where another row has that day."""
    name = f"time/{family.id}@{row['from']}"
    shared = sum(other["from"] == row["from"] for other in family.rows) > 1
    return f"{name}/{'+'.join(row['basis'])}" if shared else name


def _compile(family: Family, row: Row, basis: Basis, code: str | None, days: Span) -> TimeRule | None:
    kind = Kind(row["kind"])
    unknown = sorted(set(row) - _ALWAYS - _KEYS[kind])
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(unknown)}")
    own, tops = own_codes(family, row), topping_codes(row)
    codes = tuple(dict.fromkeys((*own, *(top for top, _ in tops))))
    if code is not None and code not in codes:
        return None
    attainment = Attainment(row["attainment"]) if "attainment" in row else None
    untimed: tuple[str, ...] = own if kind is Kind.UNTIMED else tuple(row.get("untimed", ()))
    limits = {str(limited): _minutes(most) for limited, most in row.get("max_units", {}).items()}
    bound = _bound_code(row, kind, own, untimed, code)
    steps: Steps = []
    ladders: list[_Ladder] = []
    if bound is not None and bound in untimed:
        kind, steps, method = Kind.UNTIMED, [(0, (bound,))], f"{bound} has no minutes: it is reported once"
    elif kind is Kind.UNTIMED or (bound is None and (kind is Kind.PER_UNIT or _alone(row, kind))):
        method = "each code counts alone"
    else:
        steps, ladders, method = _thresholds(row, kind, bound, attainment)
        ladders += [_chain(chain, codes) for chain in row.get("chain", ())]
        _lift(steps, ladders, row.get("ceiling"))
        method += "".join(_tell(each) for each in ladders if each.after)
    bands = _bands(steps, ladders, limits) if steps else []
    if steps and not any(services for _, answers in bands for services in answers):
        raise ValueError("no minute of a day makes anything reportable")
    return TimeRule(
        id=family.id,
        title=family.title,
        codes=codes,
        scope=family.scope,
        scope_note=family.scope_note,
        whose_time=family.whose_time,
        optional=family.optional,
        kind=kind,
        basis=basis,
        days=days,
        announced=row.get("status") == "announced",
        code=bound,
        floors=tuple(first for first, _ in bands),
        answers=tuple(answers for _, answers in bands),
        method=method,
        unit_minutes=row.get("unit_minutes"),
        attainment=attainment,
        max_units=limits.get(bound) if bound else None,
        citation=citation_of(_fact(family, row), row),
        chain=tuple(
            ChainFact(each["after"], each["code"], citation_of(f"{_fact(family, row)}/{each['code']}", each))
            for each in row.get("chain", ())
        ),
    )


def _alone(row: Row, kind: Kind) -> bool:
    """Whether a threshold row holds several codes, each of which counts alone."""
    return kind is Kind.THRESHOLD and "code" not in row and len(row["nominal"]) > 1


def _bound_code(
    row: Row, kind: Kind, own: tuple[str, ...], untimed: tuple[str, ...], code: str | None
) -> str | None:
    """The code a rule is bound to: None where one ladder picks among the codes."""
    if kind in {Kind.PER_UNIT, Kind.UNTIMED} or _alone(row, kind):
        return own[0] if code is None and len(own) == 1 else code
    return code if code in untimed else None


def _thresholds(
    row: Row, kind: Kind, bound: str | None, attainment: Attainment | None
) -> tuple[Steps, list[_Ladder], str]:
    """The steps and ladders of a timed row, without its chain, and how they came about."""
    if kind is Kind.PER_UNIT:
        assert bound is not None  # noqa: S101  told by _bound_code; per-unit codes count alone
        unit = _minutes(row["unit_minutes"])
        first = _first_minute(unit, attainment)
        how = f"{bound} counts each {unit} minutes, each of them whole"
        if attainment is Attainment.MIDPOINT:
            how = f"{bound} counts each {unit} minutes, the last of them from more than half ({first})"
        return [(0, ())], [_Ladder(bound, None, ladder(first, unit))], how
    if kind is Kind.BASE_PLUS_EACH:
        return _base_plus_each(row, attainment)
    if kind is Kind.THRESHOLD:
        code = bound or row.get("code") or next(iter(row["nominal"]))
        if ("from_minutes" in row) == ("nominal" in row):
            raise ValueError("a threshold has either from_minutes or nominal minutes")
        if "nominal" in row:
            first = _first_minute(row["nominal"][code], attainment)
        else:
            first = _minutes(row["from_minutes"])
        return [(0, ()), (first, (code,))], [], f"{code} from {first} minutes"
    if "nominal" in row and "floors" not in row:
        if attainment is not Attainment.NEAREST:
            raise ValueError("nominal minutes of a band are attained by the nearest")
        return _nearest(row["nominal"])
    if "floors" not in row or "nominal" in row:
        raise ValueError("a pick has either floors or nominal minutes")
    floors = sorted((_minutes(first), str(code)) for code, first in row["floors"].items())
    told = ", ".join(f"{code} from {first}" for first, code in floors)
    return [(0, ()), *_grouped(floors)], [], f"each code has a first minute: {told}"


def _nearest(nominal: Mapping[str, int]) -> tuple[Steps, list[_Ladder], str]:
    """The steps between nominal minutes, where the nearer one counts."""
    named: dict[int, list[str]] = {}
    for minutes, code in sorted((_minutes(minutes), str(code)) for code, minutes in nominal.items()):
        named.setdefault(minutes, []).append(code)
    near = nearest_steps(tuple(named))
    steps: Steps = [(0, ())]
    steps += [
        (first, tuple(code for minutes in nearest for code in named[minutes])) for first, nearest in near
    ]
    told = ", ".join(f"{code} {minutes}" for minutes, codes in named.items() for code in codes)
    return steps, [], f"the nearest of the nominal minutes counts: {told}; nothing under {near[0][0]}"


def _base_plus_each(row: Row, attainment: Attainment | None) -> tuple[Steps, list[_Ladder], str]:
    """The step of the base code and the ladder of its add-on, if the row itself has one."""
    base, addon, nominal = row["base"], row.get("addon"), row.get("nominal", {})
    if ("base_from" in row) == bool(nominal):
        raise ValueError("a base has either base_from or nominal minutes")
    if not nominal:
        if addon is not None:
            raise ValueError("an add-on without nominal minutes belongs in a chain")
        first = _minutes(row["base_from"])
        return [(0, ()), (first, (base,))], [], f"{base} from {first} minutes"
    first = _first_minute(nominal[base], attainment)
    ladders: list[_Ladder] = []
    if addon is not None:
        # The add-on starts at the base's nominal time, not at the minute that earns the base.
        each = _minutes(nominal[addon])
        start = _minutes(nominal[base]) + _first_minute(each, attainment)
        ladders.append(_Ladder(addon, base, ladder(start, each)))
    return [(0, ()), (first, (base,))], ladders, f"{base} from {first} minutes"


def _chain(chain: Row, codes: Iterable[str]) -> _Ladder:
    """The ladder of a chain; one rung where it has no step."""
    unknown = sorted(
        set(chain)
        - {"after", "code", "from_minutes", "step", "max_units", "sources", "confidence", "checked", "note"}
    )
    if unknown:
        raise ValueError(f"a chain has no {', '.join(unknown)}")
    if chain["after"] not in codes:
        raise ValueError(f"a chain hangs on {chain['after']}, which the row does not know")
    step, most = chain.get("step"), chain.get("max_units")
    rungs = ladder(
        _minutes(chain["from_minutes"]),
        None if step is None else _minutes(step),
        at_most=None if most is None else _minutes(most),
    )
    return _Ladder(chain["code"], chain["after"], rungs)


def _tell(each: _Ladder) -> str:
    """A ladder in words, for the working."""
    if not each.rungs:
        return ""
    steps = [later - earlier for earlier, later in pairwise(each.rungs)]
    more = f", one more for each further {steps[0]}" if steps else ""
    return f"; {each.code} on top of {each.after} from {each.rungs[0]}{more}"


def _lift(steps: Steps, ladders: list[_Ladder], ceiling: int | None) -> None:
    """End the steps after the ceiling, until a ladder on the last code takes them up again.

    A ladder that starts below the ceiling ends with it.
    """
    if ceiling is None:
        return
    top = steps[-1][1]
    steps.append((_minutes(ceiling) + 1, ()))
    lifts = [
        each.rungs[0] for each in ladders if each.after in top and each.rungs and each.rungs[0] > ceiling
    ]
    if lifts:
        if min(lifts) == ceiling + 1:
            steps.pop()
        steps.append((min(lifts), top))


def _bands(steps: Steps, ladders: Iterable[_Ladder], limits: Mapping[str, int]) -> list[tuple[int, Answers]]:
    """The bands of a day: a new one wherever a step or a ladder changes the answers.

    The first step starts at minute 0, so that every minute lies in a band.
    """
    firsts = [first for first, _ in steps]
    if firsts != sorted(set(firsts)):
        raise ValueError(f"the first minutes do not rise: {firsts}")
    moments = {first for first in firsts if first <= DAY}.union(*(each.rungs for each in ladders))
    bands: list[tuple[int, Answers]] = []
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
        return midpoint_floor(_minutes(nominal))
    if attainment is Attainment.WHOLE:
        return _minutes(nominal)
    raise ValueError("attainment is midpoint or whole here")


def _minutes(value: object) -> int:
    """A number of a row: whole and at least one."""
    if type(value) is int and value > 0:
        return value
    raise ValueError(f"not a whole number above zero: {value!r}")
