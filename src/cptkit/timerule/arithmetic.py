"""Whole minutes and whole units: the arithmetic of time, without a code, a date or a policy.

Nothing here knows a rule. Each function takes completed minutes as whole numbers and the nominal
minutes or the unit a fact gives, and answers with whole numbers. Which arithmetic applies to which
code on which day is said by the facts of an edition.

>>> nearest_steps((30, 45, 60))
((16, (30,)), (38, (45,)), (53, (60,)))
>>> medicare_total((33, 7), 15).first()
(2, 1)
>>> per_code((33, 7), 15).first()
(2, 0)
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

import attrs

__all__ = [
    "DAY",
    "Shares",
    "ladder",
    "medicare_total",
    "midpoint_floor",
    "nearest_floors",
    "nearest_steps",
    "per_code",
    "tenths_of_units",
    "units_by_midpoint",
    "units_by_whole",
    "units_on",
    "whole_units",
]

DAY = 24 * 60
"""The minutes of a day: no one reports more on one date of service."""


def midpoint_floor(nominal: int) -> int:
    """The first minute at which more than half of ``nominal`` has passed.

    >>> midpoint_floor(60), midpoint_floor(45), midpoint_floor(15)
    (31, 23, 8)
    >>> midpoint_floor(0)
    Traceback (most recent call last):
    ...
    ValueError: a nominal time is at least one minute, not 0
    """
    if nominal < 1:
        raise ValueError(f"a nominal time is at least one minute, not {nominal}")
    return nominal // 2 + 1


def nearest_steps(nominals: Sequence[int]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """From which minute which nominal times are nearest, given in any order.

    The shortest starts at its midpoint; between two neighbours the nearer one counts. Where a whole
    minute is equally near to both, both are named, the shorter first:

    >>> nearest_steps((30, 40))
    ((16, (30,)), (35, (30, 40)), (36, (40,)))
    >>> nearest_steps(())
    Traceback (most recent call last):
    ...
    ValueError: there is no nominal time to be near to
    """
    ordered = sorted(set(nominals))
    if not ordered:
        raise ValueError("there is no nominal time to be near to")
    steps: list[tuple[int, tuple[int, ...]]] = [(midpoint_floor(ordered[0]), (ordered[0],))]
    for shorter, longer in pairwise(ordered):
        middle, odd = divmod(shorter + longer, 2)
        if not odd:
            steps.append((middle, (shorter, longer)))
        steps.append((middle + 1, (longer,)))
    return tuple(steps)


def nearest_floors(nominals: Sequence[int]) -> tuple[int, ...]:
    """The first minute at which each nominal time, shortest first, is strictly the nearest.

    >>> nearest_floors((30, 45, 60))
    (16, 38, 53)
    >>> nearest_floors((0, 30))
    Traceback (most recent call last):
    ...
    ValueError: a nominal time is at least one minute, not 0
    """
    return tuple(minute for minute, near in nearest_steps(nominals) if len(near) == 1)


def ladder(first: int, step: int | None, *, last: int = DAY, at_most: int | None = None) -> tuple[int, ...]:
    """The minutes at which a further unit is earned: ``first``, then one each whole ``step``.

    Without a step there is one rung. ``at_most`` limits the rungs, ``last`` the minutes.

    >>> ladder(75, 15, last=120)
    (75, 90, 105, 120)
    >>> ladder(90, None), ladder(75, 30, at_most=2)
    ((90,), (75, 105))
    >>> ladder(75, 0)
    Traceback (most recent call last):
    ...
    ValueError: a step is at least one minute, not 0
    """
    if step is None:
        return (first,) if first <= last else ()
    if step < 1:
        raise ValueError(f"a step is at least one minute, not {step}")
    return tuple(range(first, last + 1, step))[:at_most]


def units_on(rungs: Sequence[int], minutes: int) -> int:
    """How many rungs of a ladder the minutes have reached.

    >>> units_on((8, 23, 38), 22), units_on((8, 23, 38), 23)
    (1, 2)
    >>> units_on((8, 23, 38), None)
    Traceback (most recent call last):
    ...
    TypeError: '<' not supported between instances of 'NoneType' and 'int'
    """
    return bisect_right(rungs, minutes)


def units_by_midpoint(minutes: int, unit: int) -> int:
    """Units of ``unit`` minutes, the last one earned once more than half of it has passed.

    >>> [units_by_midpoint(minutes, 15) for minutes in (7, 8, 22, 23)]
    [0, 1, 1, 2]
    >>> units_by_midpoint(30, 0)
    Traceback (most recent call last):
    ...
    ValueError: a nominal time is at least one minute, not 0
    """
    return (minutes + unit - midpoint_floor(unit)) // unit


def units_by_whole(minutes: int, unit: int) -> int:
    """Units of ``unit`` minutes, each of them whole.

    >>> [units_by_whole(minutes, 30) for minutes in (29, 30, 59, 60)]
    [0, 1, 1, 2]
    >>> units_by_whole(30, 0)
    Traceback (most recent call last):
    ...
    ZeroDivisionError: integer division or modulo by zero
    """
    return minutes // unit


def tenths_of_units(minutes: int, unit: int) -> Decimal:
    """Units of ``unit`` minutes with one decimal, half a tenth rounded up; exact, no float in between.

    >>> [str(tenths_of_units(minutes, 15)) for minutes in (4, 15, 69, 137)]
    ['0.3', '1.0', '4.6', '9.1']
    >>> tenths_of_units(30, 0)
    Traceback (most recent call last):
    ...
    ZeroDivisionError: integer division or modulo by zero
    """
    return Decimal((20 * minutes + unit) // (2 * unit)).scaleb(-1)


@attrs.frozen(slots=True)
class Shares:
    """How units fall to codes, by position: ``certain`` units, and what a tie leaves open.

    ``to_share`` units go one each to any of the ``tied`` positions, which are equally entitled.

    >>> list(Shares((1, 1), tied=(0, 1), to_share=1).distributions())
    [(2, 1), (1, 2)]
    >>> Shares((1, 1), tied=(0,), to_share=2)
    Traceback (most recent call last):
    ...
    ValueError: 2 units cannot go one each to 1 tied codes
    """

    certain: tuple[int, ...]
    tied: tuple[int, ...] = ()
    to_share: int = 0

    def __attrs_post_init__(self) -> None:
        if self.to_share > len(self.tied):
            raise ValueError(f"{self.to_share} units cannot go one each to {len(self.tied)} tied codes")

    def distributions(self) -> Iterator[tuple[int, ...]]:
        """Every equally right distribution, first the one that favours the first positions."""
        for chosen in combinations(self.tied, self.to_share):
            units = list(self.certain)
            for position in chosen:
                units[position] += 1
            yield tuple(units)

    def first(self) -> tuple[int, ...]:
        """The distribution that favours the first positions."""
        return next(self.distributions())


def medicare_total(minutes: Sequence[int], unit: int, *, unpaid_first: bool = False) -> Shares:
    """Units when the total of all codes fixes their number.

    Each code first gets its whole units; what the total still owes goes one each to the largest
    remainders. With ``unpaid_first`` it goes before that to codes that have no unit yet, though their
    own minutes would earn one. Equal claims at the cut are a tie.

    >>> medicare_total((18, 13, 10, 8), 15).first()
    (1, 1, 1, 0)
    >>> medicare_total((24, 8), 15).first(), medicare_total((24, 8), 15, unpaid_first=True).first()
    ((2, 0), (1, 1))
    >>> list(medicare_total((20, 20), 15).distributions())
    [(2, 1), (1, 2)]
    >>> medicare_total((20, 20), 0)
    Traceback (most recent call last):
    ...
    ValueError: a nominal time is at least one minute, not 0
    """
    owed = units_by_midpoint(sum(minutes), unit)
    whole = [each // unit for each in minutes]
    left = owed - sum(whole)
    if left == 0:
        return Shares(tuple(whole))
    claims = [each % unit for each in minutes]
    if unpaid_first:
        half = midpoint_floor(unit)
        claims = [claim + unit * (whole[at] == 0 and claim >= half) for at, claim in enumerate(claims)]
    # The total exceeds the whole units by the rests alone, so there are at least as many rests
    # above zero as units left: the cut never falls on a code that has no minute to spare.
    cut = sorted(claims, reverse=True)[left - 1]
    for position, claim in enumerate(claims):
        if claim > cut:
            whole[position] += 1
            left -= 1
    tied = tuple(position for position, claim in enumerate(claims) if claim == cut)
    if len(tied) == left:
        for position in tied:
            whole[position] += 1
        return Shares(tuple(whole))
    return Shares(tuple(whole), tied, left)


def per_code(minutes: Sequence[int], unit: int) -> Shares:
    """Units when each code stands alone: the midpoint on its own minutes, nothing pooled.

    >>> per_code((24, 23), 15).first()
    (2, 2)
    >>> per_code((24, 23), 0)
    Traceback (most recent call last):
    ...
    ValueError: a nominal time is at least one minute, not 0
    """
    return Shares(tuple(units_by_midpoint(each, unit) for each in minutes))


def whole_units(minutes: Sequence[int], unit: int) -> Shares:
    """Units when each code stands alone and only whole units count.

    >>> whole_units((14, 119), 15).first()
    (0, 7)
    >>> whole_units((14, 119), 0)
    Traceback (most recent call last):
    ...
    ZeroDivisionError: integer division or modulo by zero
    """
    return Shares(tuple(units_by_whole(each, unit) for each in minutes))
