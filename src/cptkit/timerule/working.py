"""The working of an allocation in sentences: from the minutes of each code to its units."""

from typing import Protocol

from cptkit.timerule.arithmetic import Shares, midpoint_floor
from cptkit.timerule.values import Leftover, UnitPolicy, count

__all__ = ["shortfall", "steps_of"]

Minutes = tuple[tuple[str, int], ...]


class _Pool(Protocol):
    @property
    def discipline(self) -> str: ...
    @property
    def positions(self) -> tuple[int, ...]: ...
    @property
    def shares(self) -> Shares: ...
    @property
    def owed(self) -> int: ...
    @property
    def total(self) -> int: ...


def steps_of(
    policy: UnitPolicy, unit: int, leftover: Leftover, minutes: Minutes, pools: tuple[_Pool, ...]
) -> list[str]:
    """The steps from the minutes to the units, one sentence each."""
    if policy is not UnitPolicy.MEDICARE_TOTAL:
        return _code_steps(policy, unit, minutes, pools)
    if not minutes:
        return [shortfall(policy, unit, minutes)]
    return [step for pool in pools for step in _total_steps(unit, leftover, minutes, pool)]


def shortfall(policy: UnitPolicy, unit: int, minutes: Minutes) -> str:
    """Why the timed codes earn nothing."""
    if not minutes:
        return "no timed code was given"
    needed = unit if policy is UnitPolicy.PAYER_WHOLE_UNITS else midpoint_floor(unit)
    if policy is UnitPolicy.MEDICARE_TOTAL:
        total = sum(each for _, each in minutes)
        return f"{count(total, 'minute')} in all of the {needed} that one unit needs"
    return f"no code has the {needed} minutes that one unit needs"


def _total_steps(unit: int, leftover: Leftover, minutes: Minutes, pool: _Pool) -> list[str]:
    """The working of the total of one pool of codes."""
    ours = tuple(minutes[position] for position in pool.positions)
    plan = f"{pool.discipline}: " if pool.discipline else ""
    named = ", ".join(f"{code} {each}" for code, each in ours)
    if not pool.owed:
        return [f"{plan}minutes: {named}; {shortfall(UnitPolicy.MEDICARE_TOTAL, unit, ours)}"]
    steps = [f"{plan}minutes: {named}; {pool.total} in all earn {count(pool.owed, 'unit')} of {unit} minutes"]
    for code, each in ours:
        whole, rest = divmod(each, unit)
        steps.append(f"{code}: {count(whole, 'whole unit')}, {count(rest, 'minute')} left")
    gained = zip(ours, pool.shares.certain, strict=True)
    sure = [code for (code, each), units in gained if units > each // unit]
    if sure:
        first = "codes without one before others, then " if leftover is Leftover.UNPAID_FIRST else ""
        steps.append(f"{count(len(sure), 'unit')} for {first}the most minutes left: {', '.join(sure)}")
    if pool.shares.to_share:
        tied = ", ".join(ours[place][0] for place in pool.shares.tied)
        steps.append(
            f"{count(pool.shares.to_share, 'unit')} for any of {tied}, which have equal minutes left: "
            "the choice is the clinician's"
        )
    return steps


def _code_steps(policy: UnitPolicy, unit: int, minutes: Minutes, pools: tuple[_Pool, ...]) -> list[str]:
    """The working of each code alone."""
    if not minutes:
        return [shortfall(policy, unit, minutes)]
    if policy is UnitPolicy.PAYER_WHOLE_UNITS:
        steps = [f"each code alone, one unit for each whole {unit} minutes"]
    else:
        half = midpoint_floor(unit)
        steps = [f"each code alone, one unit from {half} minutes and one more for each further {unit}"]
    for pool in pools:
        for position, units in zip(pool.positions, pool.shares.certain, strict=True):
            code, each = minutes[position]
            steps.append(f"{code}: {count(each, 'minute')}, {count(units, 'unit')}")
    return steps
