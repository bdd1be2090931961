"""From a row of an edition to a ``TimeRule``: which thresholds, which answers.

Every kind comes down to two things: steps, which say which code is picked from which minute on, and
ladders, which say at which minutes a further unit of a code is earned. The bands follow from where
either of them moves. A row that contradicts itself, or says something this version does not know, is
a ``BrokenEdition``: a number that is silently skipped would be a wrong bill.
"""

import datetime as dt
from typing import Any

from cptkit.dated import Span
from cptkit.errors import BrokenEdition
from cptkit.sources import Basis, Citation, Confidence
from cptkit.timerule.arithmetic import DAY
from cptkit.timerule.rule import ChainFact, Family, Row, TimeRule
from cptkit.timerule.steps import Bands, bands_of, whole_number
from cptkit.timerule.values import Attainment, Kind, ServiceUnits

__all__ = ["citation_of", "compile_rule", "own_codes", "topping_codes"]

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
    Kind.NOT_BY_TIME: set[str](),
    Kind.DAY_COUNT: {"floors", "ceiling"},
    Kind.ANAESTHESIA_UNITS: {"unit_minutes", "no_units"},
}
_EACH_ALONE = {Kind.PER_UNIT, Kind.UNTIMED, Kind.ANAESTHESIA_UNITS}
_ANY_OF_THE_FAMILY = {*_EACH_ALONE, Kind.NOT_BY_TIME}


def own_codes(family: Family, row: Row) -> tuple[str, ...]:
    """The codes a row chooses among, without those that only go on top of them."""
    if row["kind"] in _ANY_OF_THE_FAMILY:
        return family.codes
    picked: list[str] = [*row.get("nominal", ()), *row.get("floors", ()), *row.get("untimed", ())]
    picked += [row[key] for key in ("base", "code") if key in row]
    return tuple(code for code in dict.fromkeys(picked) if code != row.get("addon"))


def topping_codes(row: Row) -> tuple[tuple[str, str], ...]:
    """The codes that only go on top of another one, each with that one."""
    tops = [(row["addon"], row["base"])] if "addon" in row else []
    return (*tops, *((chain["code"], chain["after"]) for chain in row.get("chain", ())))


def citation_of(fact: str, row: Row) -> Citation:
    """The citation of a dated row, a chain, a policy or a principle."""
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
    if code is not None and code not in codes and not (family.ranges and family.names(code)):
        return None
    attainment = Attainment(row["attainment"]) if "attainment" in row else None
    limits = {str(limited): whole_number(limit) for limited, limit in row.get("max_units", {}).items()}
    bound = _bound_code(row, kind, own, code)
    most = _most(family, row, kind)
    alone = bound is None and (kind in {Kind.PER_UNIT, Kind.UNTIMED} or _alone(row, kind))
    if alone:
        bands, method = list[tuple[int, Any]](), "each code counts alone"
    elif kind in {Kind.UNTIMED, Kind.NOT_BY_TIME} or bound in row.get("untimed", ()):
        kind = Kind.UNTIMED if bound else kind
        bands, method = _untimed(bound)
    elif kind is Kind.ANAESTHESIA_UNITS:
        kind, bands, method = _anaesthesia(row, bound)
    else:
        bands, method = bands_of(row, bound, codes=codes, limits=limits, attainment=attainment, most=most)
        if not any(services for _, answers in bands for services in answers):
            raise ValueError("no minute of a day makes anything reportable")
    return TimeRule(
        family=family,
        codes=codes,
        kind=kind,
        basis=basis,
        days=days,
        announced=row.get("status") == "announced",
        code=bound,
        floors=tuple(first for first, _ in bands),
        answers=tuple(answers for _, answers in bands),
        method=method,
        most=most,
        unit_minutes=row.get("unit_minutes") if kind is not Kind.UNTIMED else None,
        attainment=attainment,
        max_units=limits.get(bound) if bound else None,
        citation=citation_of(_fact(family, row), row),
        chain=tuple(_chain_fact(family, row, each) for each in row.get("chain", ())),
    )


def _chain_fact(family: Family, row: Row, chain: Row) -> ChainFact:
    counted = chain.get("counted_days")
    return ChainFact(
        chain["after"],
        chain["code"],
        citation_of(f"{_fact(family, row)}/{chain['code']}", chain),
        None if counted is None else (int(counted[0]), int(counted[1])),
    )


def _most(family: Family, row: Row, kind: Kind) -> int:
    """The largest number of minutes, or of days, that may be asked."""
    days = family.scope.days
    if kind is Kind.DAY_COUNT:
        return days
    around = (sum(chain.get("counted_days") or (0, 0)) for chain in row.get("chain", ()))
    return (days + max(around, default=0)) * DAY


def _alone(row: Row, kind: Kind) -> bool:
    """Whether a threshold row holds several codes, each of which counts alone."""
    return kind is Kind.THRESHOLD and "code" not in row and len(row["nominal"]) > 1


def _bound_code(row: Row, kind: Kind, own: tuple[str, ...], code: str | None) -> str | None:
    """The code a rule is bound to: None where one ladder picks among the codes."""
    if kind is Kind.ANAESTHESIA_UNITS:
        return code
    if kind in _EACH_ALONE or _alone(row, kind):
        return own[0] if code is None and len(own) == 1 else code
    return code if code in row.get("untimed", ()) else None


def _untimed(bound: str | None) -> tuple[Bands, str]:
    if bound is None:
        return [(0, ((),))], "minutes do not choose among these codes"
    return [(0, ((ServiceUnits(bound),),))], f"{bound} has no minutes: it is reported once"


def _anaesthesia(row: Row, bound: str | None) -> tuple[Kind, Bands, str]:
    """The code once, beside which the time units stand; without a code only the time units."""
    unit = whole_number(row["unit_minutes"])
    if bound in row.get("no_units", ()):
        bands, _ = _untimed(bound)
        return Kind.UNTIMED, bands, f"{bound} has no time units: it is reported once"
    told = f"minutes over {unit} are the time units, with one decimal, half a tenth up"
    if bound is None:
        return Kind.ANAESTHESIA_UNITS, [(0, ((),))], told
    return Kind.ANAESTHESIA_UNITS, [(0, ((),)), (1, ((ServiceUnits(bound),),))], told
