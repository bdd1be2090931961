"""From the minutes of several unit codes of one day to units, under a named policy.

>>> import datetime as dt, cptkit
>>> from cptkit import UnitPolicy, timerule
>>> shared = timerule.allocate({"97110": 33, "97140": 7}, policy=UnitPolicy.MEDICARE_TOTAL,
...                            date_of_service=dt.date(2026, 3, 2), codeset=cptkit.codeset("2026.1"))
>>> print(shared)
97110 x 2 + 97140
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from cptkit.errors import BrokenEdition, CptkitError, InvalidCode, InvalidMinutes, NoTimeRule
from cptkit.modifiers import Service, parse_service
from cptkit.sources import Basis, Citation
from cptkit.timerule.allocation import Allocation, Pool, distributions, services_of
from cptkit.timerule.arithmetic import DAY, medicare_total, per_code, whole_units
from cptkit.timerule.lookup import resolve
from cptkit.timerule.rule import TimeRule, needs_code
from cptkit.timerule.tables import Policy, tables_of
from cptkit.timerule.values import Attainment, Leftover, TimedCodeset, UnitPolicy, check_minutes

__all__ = ["allocate", "is_pooled"]

_OWN_BASIS = {
    UnitPolicy.MEDICARE_TOTAL: Basis.MEDICARE,
    UnitPolicy.CPT_PER_CODE: Basis.CPT,
    UnitPolicy.PAYER_WHOLE_UNITS: Basis.CPT,
}


def allocate(
    minutes_by_code: Mapping[str, int],
    *,
    policy: UnitPolicy,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    basis: Basis | None = None,
    leftover: Leftover = Leftover.LARGEST,
) -> Allocation:
    """The units of several unit codes of one day and one patient, under a policy.

    ``MEDICARE_TOTAL``: the total of the minutes fixes the number of units; each code first gets its
    whole units, the rest go one each to the largest remainders. It is counted for each discipline that
    the services name by GN, GO or GP (``97110-GP``); codes outside outpatient therapy count alone.
    ``CPT_PER_CODE``: each code alone, by the midpoint. ``PAYER_WHOLE_UNITS``: each alone, whole units.

    :param minutes_by_code: whole completed minutes of each service; zero earns nothing. The minutes
        of untimed codes are ignored, and the answer says so; the codes are reported once.
    :param policy: whose way of counting; there is no default, since the answers differ.
    :param date_of_service: the day that chooses the rules.
    :param codeset: the edition that is asked.
    :param basis: whose rows say how the codes count; by default those of the policy's owner.
    :param leftover: who gets the unit that only leftover minutes earn; matters for the disputed pairs
        under Medicare's total, of which 24 and 8 minutes are the known one.
    :raises InvalidMinutes: not whole minutes of one day, for one code or for all together.
    :raises InvalidCode: a code is given twice, in two spellings or with modifiers that are no other
        therapy plan, or names two plans.
    :raises NoTimeRule: a code has no time rule, or is timed in another way: use ``select`` for that one.
    :raises UnknownCode: a text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.
    :raises BrokenEdition: the edition does not hold the policy.

    A tie is the clinician's choice: ``services`` favours the codes given first, ``alternatives`` holds
    the others, and the order of the codes never changes the set of answers.

    Source: the fact rows in ``Allocation.citations``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> each = timerule.allocate({"97110": 24, "97112": 23}, policy=UnitPolicy.CPT_PER_CODE,
    ...                          date_of_service=day, codeset=codeset)
    >>> each.services
    (ServiceUnits(code='97110', units=2), ServiceUnits(code='97112', units=2))
    >>> print(timerule.allocate({"97530-GP": 10, "97530-GO": 10}, policy=UnitPolicy.MEDICARE_TOTAL,
    ...                         date_of_service=day, codeset=codeset))
    97530-GP + 97530-GO
    >>> timerule.allocate({"90834": 45}, policy=UnitPolicy.MEDICARE_TOTAL, date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: 90834 is not counted in units of 15 minutes, so select it alone: '90834'...
    """
    asked = UnitPolicy(policy)
    by = _OWN_BASIS[asked] if basis is None else Basis(basis)
    tables = tables_of(codeset)
    unit_policy = tables.policies.get(asked)
    if unit_policy is None:
        raise BrokenEdition(f"edition {codeset.edition} holds no unit policy", given=asked.value)
    given: list[Service] = []
    timed: list[tuple[str, int]] = []
    pooled: dict[tuple[str, str], list[int]] = {}
    ignored: dict[str, str] = {}
    rules: dict[Citation, TimeRule] = {}
    seen: set[tuple[str, str]] = set()
    if not isinstance(minutes_by_code, Mapping):
        raise TypeError(f"minutes stand by code, as in {{'97110': 33}}, not {minutes_by_code!r}")
    for text, minutes in minutes_by_code.items():
        check_minutes(minutes, of=text)
        service = _service(text, tables.name(text) is not None)
        rule = resolve(service.code, date_of_service, codeset, by)
        code = rule.code
        if code is None or (rule.is_timed and not _is_countable(rule, unit_policy)):
            raise _use_select(text, rule, unit_policy)
        plan = _plan(service, unit_policy)
        if (code, plan) in seen:
            raise InvalidCode("a code is given twice; add its minutes up first", given=str(service))
        seen.add((code, plan))
        named = Service(code, service.modifiers)
        given.append(named)
        if rule.is_timed:
            shared = (plan, rule.family.pool or code) if unit_policy.totals else ("", "")
            pooled.setdefault(shared, []).append(len(timed))
            timed.append((str(named), minutes))
            rules[rule.citation] = rule
        else:
            row = rule.citation
            why = f"has no minutes, so it stays outside the count ({row.fact}, {row.confidence})"
            ignored[str(named)] = why
    total = sum(minutes for _, minutes in timed)
    if total > DAY:
        raise InvalidMinutes(
            "the codes together have more minutes than a day", given=total, expected=f"at most {DAY}"
        )
    first = Leftover(leftover)
    pools = tuple(
        _pool(name, plan, positions, tuple(timed[at][1] for at in positions), unit_policy, first)
        for (plan, name), positions in pooled.items()
    )
    services = tuple(given)
    return Allocation(
        services_of(services, tuple(timed), next(distributions(pools, len(timed)))),
        services,
        tuple(timed),
        tuple(ignored.items()),
        by,
        date_of_service,
        codeset.edition,
        first,
        unit_policy,
        tuple(rules.values()),
        pools,
    )


@lru_cache(maxsize=4096)
def _service(text: str, is_name: bool) -> Service:
    """The service that a text names; a code or family as it stands, without its modifiers looked for."""
    named = text.strip()
    if is_name or len(named) <= 5:
        return Service(named)
    try:
        return parse_service(named)
    except ValueError:
        return Service(named)  # no service at all: looking it up says why


def _plan(service: Service, policy: Policy) -> str:
    """The therapy plan that a service names among its modifiers, or nothing."""
    plans = [modifier for modifier in service.modifiers if modifier in policy.disciplines]
    if len(set(plans)) > 1:
        raise InvalidCode(
            "a service of two therapy plans cannot be counted in either",
            given=str(service),
            expected=f"one of {', '.join(policy.disciplines)}",
        )
    return plans[0] if plans else ""


def _pool(
    name: str,
    plan: str,
    positions: list[int],
    minutes: tuple[int, ...],
    policy: Policy,
    leftover: Leftover,
) -> Pool:
    unit = policy.unit_minutes
    if policy.totals:
        shares = medicare_total(minutes, unit, unpaid_first=leftover is Leftover.UNPAID_FIRST)
    elif policy.attainment is Attainment.WHOLE:
        shares = whole_units(minutes, unit)
    else:
        shares = per_code(minutes, unit)
    return Pool(name, plan, tuple(positions), minutes, shares)


def _is_countable(rule: TimeRule, policy: Policy) -> bool:
    """Whether the code counts in the policy's units: the same minutes, by the midpoint, without a limit.

    Where no source settles the rounding of a code, the policy does.
    """
    return (
        rule.unit_minutes == policy.unit_minutes
        and rule.attainment in {Attainment.MIDPOINT, Attainment.UNSETTLED}
        and rule.max_units is None
    )


def is_pooled(rule: TimeRule, *, policy: UnitPolicy, codeset: TimedCodeset) -> bool:
    """Whether the minutes of a rule's code join those of other codes of the day under a policy.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> [timerule.is_pooled(timerule.timed_family(code, day, codeset), policy=UnitPolicy.MEDICARE_TOTAL,
    ...                     codeset=codeset) for code in ("97110", "97153", "96105", "90834")]
    [True, False, False, False]
    """
    unit_policy = tables_of(codeset).policies.get(policy)
    if unit_policy is None or not unit_policy.totals or rule.code is None:
        return False
    return rule.family.pool != "" and _is_countable(rule, unit_policy)


def _use_select(text: str, rule: TimeRule, policy: Policy) -> CptkitError:
    if not rule.floors:
        return needs_code(rule)
    name = text.strip().upper()
    return NoTimeRule(
        f"{name} is not counted in units of {policy.unit_minutes} minutes, so select it alone",
        given=text,
        expected=f"codes whose every {policy.unit_minutes} minutes are a unit; select {rule.id} by its own rule",
    )
