"""The next other answer for more minutes or fewer, and how far away it is."""

from typing import Any

import attrs

from cptkit.timerule.values import ServiceUnits, count, spell, units_dict

__all__ = ["Neighbour"]


@attrs.frozen(slots=True)
class Neighbour:
    """The next other answer for more minutes (``is_longer``) or fewer, and how far away it is.

    ``services`` is empty where fewer minutes, or more than a family covers, leave nothing to report.
    ``unit`` is what is counted: for a code that counts days with data, ``day``. ``alternatives`` are the
    other reading where no source settles a number.

    >>> print(Neighbour((ServiceUnits("90837"),), 6, is_longer=True))
    6 more minutes would make it 90837
    >>> print(Neighbour((), 1, is_longer=False))
    with 1 fewer minute nothing would be reportable
    >>> Neighbour((), 0, is_longer=False)
    Traceback (most recent call last):
    ...
    ValueError: a neighbour is at least one minute away
    """

    services: tuple[ServiceUnits, ...]
    minutes_away: int
    is_longer: bool = attrs.field(kw_only=True)
    unit: str = attrs.field(kw_only=True, default="minute")
    alternatives: tuple[tuple[ServiceUnits, ...], ...] = attrs.field(kw_only=True, default=())

    def __attrs_post_init__(self) -> None:
        if self.minutes_away < 1:
            raise ValueError("a neighbour is at least one minute away")

    def __str__(self) -> str:
        moved = count(self.minutes_away, f"{'more' if self.is_longer else 'fewer'} {self.unit}")
        if self.alternatives:
            ways = " or ".join(spell(each) for each in (self.services, *self.alternatives))
            return f"{moved} would make it {ways}"
        if self.services:
            return f"{moved} would make it {spell(self.services)}"
        return f"with {moved} nothing would be reportable"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "services": units_dict(self.services),
            "alternatives": [units_dict(each) for each in self.alternatives],
            "minutes_away": self.minutes_away,
            "text": str(self),
        }
