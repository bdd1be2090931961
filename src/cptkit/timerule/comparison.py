"""Two policies side by side: what the same minutes earn under Medicare's total and under CPT."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from cptkit.timerule.allocation import Allocation
from cptkit.timerule.counting import allocate
from cptkit.timerule.values import Leftover, TimedCodeset, UnitPolicy

__all__ = ["Comparison", "compare"]


@attrs.frozen(slots=True)
class Comparison:
    """The same minutes under Medicare's total and under CPT's count of each code. Made by ``compare``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> both = timerule.compare({"97110": 24, "97112": 23}, date_of_service=dt.date(2026, 3, 2),
    ...                         codeset=cptkit.codeset("2026.1"))
    >>> both.differ, both.more_units
    (True, <UnitPolicy.CPT_PER_CODE: 'cpt-per-code'>)
    >>> both.differ = False
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    medicare_total: Allocation
    cpt_per_code: Allocation

    @property
    def differ(self) -> bool:
        """Whether the policies do not have the same set of right answers."""
        return self._answers(self.medicare_total) != self._answers(self.cpt_per_code)

    @property
    def more_units(self) -> UnitPolicy | None:
        """The policy that gives more units in all; None if both give as many."""
        medicare, each = self.medicare_total.total_units, self.cpt_per_code.total_units
        if medicare == each:
            return None
        return UnitPolicy.MEDICARE_TOTAL if medicare > each else UnitPolicy.CPT_PER_CODE

    @staticmethod
    def _answers(found: Allocation) -> set[frozenset[object]]:
        return {frozenset(answer) for answer in (found.services, *found.alternatives)}

    def explain(self) -> str:
        """Both answers with their working, one after the other, and whether they differ."""
        same = "the two policies differ" if self.differ else "the two policies agree"
        return f"{self.medicare_total.explain()}\n{self.cpt_per_code.explain()}\n{same}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "differ": self.differ,
            "more_units": None if self.more_units is None else self.more_units.value,
            "medicare_total": self.medicare_total.to_dict(),
            "cpt_per_code": self.cpt_per_code.to_dict(),
        }

    def __str__(self) -> str:
        return f"Medicare total: {self.medicare_total}; CPT per code: {self.cpt_per_code}"


def compare(
    minutes_by_code: Mapping[str, int],
    *,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    leftover: Leftover = Leftover.LARGEST,
) -> Comparison:
    """What the same minutes earn under Medicare's total and under CPT's count of each code alone.

    Parameters and errors as for ``allocate``; each policy answers from the rows of its own basis.

    Source: the fact rows in the ``citations`` of the two allocations.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> print(timerule.compare({"97110": 33, "97140": 7}, date_of_service=day, codeset=codeset))
    Medicare total: 97110 x 2 + 97140; CPT per code: 97110 x 2
    >>> timerule.compare({"97110": -3}, date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidMinutes: minutes of 97110 are not whole minutes of one day: -3; expected a whole number...
    """
    medicare, each = (
        allocate(
            minutes_by_code,
            policy=policy,
            date_of_service=date_of_service,
            codeset=codeset,
            leftover=leftover,
        )
        for policy in (UnitPolicy.MEDICARE_TOTAL, UnitPolicy.CPT_PER_CODE)
    )
    return Comparison(medicare, each)
