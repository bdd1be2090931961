"""What an allocation holds: units of several codes of one day, under a named policy."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from math import comb, prod
from typing import Any

import attrs

from cptkit.modifiers import Service
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule.arithmetic import Shares, medicare_total, midpoint_floor
from cptkit.timerule.notes import doubt, rule_notes
from cptkit.timerule.rule import TimeRule
from cptkit.timerule.tables import Policy
from cptkit.timerule.values import Leftover, ServiceUnits, UnitPolicy, spell, units_dict
from cptkit.timerule.working import shortfall, steps_of

__all__ = ["Allocation", "Pool", "distributions", "services_of"]

_SHOWN = 6  # more equally right answers than these are counted, not listed, in a sentence


@attrs.frozen(slots=True)
class Pool:
    """Codes whose minutes are counted together, and how their units fall.

    ``name`` is that of a shared pool (``therapy``), or the code that counts alone under a total; it is
    empty where nothing is totalled. ``positions`` point into ``Allocation.minutes``; ``discipline`` is the
    therapy plan (GN, GO, GP) that the services name, empty where they name none.

    >>> pool = Pool("therapy", "GP", (0, 1), (33, 7), medicare_total((33, 7), 15))
    >>> pool.total, pool.owed
    (40, 3)
    >>> Pool("therapy")
    Traceback (most recent call last):
    ...
    TypeError: Pool.__init__() missing 4 required positional arguments: ...
    """

    name: str
    discipline: str
    positions: tuple[int, ...]
    minutes: tuple[int, ...]
    shares: Shares

    @property
    def total(self) -> int:
        """The minutes of the pool."""
        return sum(self.minutes)

    @property
    def owed(self) -> int:
        """The units of the pool."""
        return sum(self.shares.certain) + self.shares.to_share


@attrs.frozen(slots=True)
class Allocation:
    """The units that the minutes of a day support, under a policy, with every equally right answer.

    ``minutes`` are the timed services in the order given, as written. The minutes of an untimed code are
    ``ignored``, with the reason; the code itself is reported once, so it stands in ``services``.
    ``alternatives``, ``working`` and the rest are worked out when they are read. Made by ``allocate``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> shared = timerule.allocate({"97112": 20, "97110": 20}, policy=UnitPolicy.MEDICARE_TOTAL,
    ...                            date_of_service=dt.date(2026, 3, 2), codeset=cptkit.codeset("2026.1"))
    >>> print(shared)
    97112 x 2 + 97110 or 97112 + 97110 x 2
    >>> shared.services = ()
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    services: tuple[ServiceUnits, ...]
    given: tuple[Service, ...]
    minutes: tuple[tuple[str, int], ...]
    ignored: tuple[tuple[str, str], ...]
    basis: Basis
    date_of_service: dt.date
    edition: str
    leftover: Leftover
    unit_policy: Policy = attrs.field(repr=False)
    rules: tuple[TimeRule, ...] = attrs.field(repr=False)
    pools: tuple[Pool, ...] = attrs.field(repr=False)

    @property
    def policy(self) -> UnitPolicy:
        """The policy that was asked."""
        return self.unit_policy.id

    @property
    def codes(self) -> tuple[str, ...]:
        """The services in the order given, as published: a code, with its modifiers where it had some."""
        return tuple(map(str, self.given))

    @property
    def total_minutes(self) -> int:
        """The minutes of all timed codes; untimed codes never enter."""
        return sum(minutes for _, minutes in self.minutes)

    @property
    def total_units(self) -> int:
        """The units of all timed codes, the same in every equally right answer."""
        return sum(pool.owed for pool in self.pools)

    @property
    def alternatives(self) -> tuple[tuple[ServiceUnits, ...], ...]:
        """The other equally right answers, in the order of the codes given; empty if there is one."""
        others = islice(distributions(self.pools, len(self.minutes)), 1, None)
        return tuple(services_of(self.given, self.minutes, units) for units in others)

    def first_answers(self, number: int) -> tuple[tuple[ServiceUnits, ...], ...]:
        """The first of the equally right answers, ``services`` before all, without making the others."""
        first = islice(distributions(self.pools, len(self.minutes)), number)
        return tuple(services_of(self.given, self.minutes, units) for units in first)

    @property
    def right_answers(self) -> int:
        """How many equally right answers there are, ``services`` among them."""
        return prod(comb(len(pool.shares.tied), pool.shares.to_share) for pool in self.pools)

    def most(self, code: str) -> int:
        """The most units of a code in any of the equally right answers, without going through them.

        With many codes of the same minutes there are very many distributions.
        """
        return sum(self._most().get(str(given), 1) for given in self.given if given.code == code)

    def _most(self) -> dict[str, int]:
        return {
            self.minutes[position][0]: certain + (place in pool.shares.tied)
            for pool in self.pools
            for place, (position, certain) in enumerate(zip(pool.positions, pool.shares.certain, strict=True))
        }

    @property
    def working(self) -> tuple[str, ...]:
        """The steps from the minutes to the units, one sentence each."""
        steps = steps_of(self.policy, self.unit_policy.unit_minutes, self.leftover, self.minutes, self.pools)
        return (*steps, *(f"{code} has no minutes: it is reported once" for code, _ in self.ignored))

    @property
    def reason(self) -> str:
        """Why nothing is reportable; empty if something is."""
        if self.services:
            return ""
        return f"{shortfall(self.policy, self.unit_minutes, self.minutes)}: nothing is reportable"

    @property
    def unit_minutes(self) -> int:
        """The minutes of a unit under the policy."""
        return self.unit_policy.unit_minutes

    @property
    def outweighed(self) -> tuple[str, ...]:
        """Codes that would earn a unit alone and lose it to what is left of a longer code.

        Sources differ on these pairs (24 and 8 minutes are the known one), so the answer is disputed. With
        ``Leftover.UNPAID_FIRST`` they are the codes that only get a unit by it.
        """
        if self.policy is not UnitPolicy.MEDICARE_TOTAL:
            return ()
        return tuple(code for pool in self.pools for code in self._outweighed(pool))

    def _outweighed(self, pool: Pool) -> Iterator[str]:
        unit = self.unit_minutes
        shares = medicare_total(pool.minutes, unit)
        certain = tuple(zip(pool.positions, pool.minutes, shares.certain, strict=True))
        if not any(units > minutes // unit > 0 for _, minutes, units in certain):
            return
        for place, (position, minutes, units) in enumerate(certain):
            if units == 0 and minutes >= midpoint_floor(unit) and place not in shares.tied:
                yield self.minutes[position][0]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The row of the policy and the rows of the timed codes; ``ignored`` names its own."""
        return (self.unit_policy.citation, *(rule.citation for rule in self.rules))

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of the citations; disputed where sources differ on such a pair."""
        known = [citation.confidence for citation in self.citations]
        known += [Confidence.DERIVED for rule in self.rules if rule.basis is not self.basis]
        known += [Confidence.DISPUTED for _ in self.outweighed]
        known += [Confidence.DERIVED for _ in self._without_plan]
        if self.policy is not UnitPolicy.PAYER_WHOLE_UNITS:  # a payer's own rounding settles its codes
            known += [Confidence.DISPUTED for rule in self.rules if not rule.is_settled]
        return weakest(known)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know besides: ignored codes, disputed pairs, the notes of the rows."""
        notes = [f"{code}: {why}" for code, why in self.ignored]
        told = "gets one here by the choice unpaid-first" if self._is_unpaid_first else "gets none here"
        notes += [
            f"{code} would earn a unit alone and {told}: sources differ on such pairs"
            for code in self.outweighed
        ]
        notes += [
            f"{name} names no therapy plan beside services that do, and is counted apart from them"
            for name in self._without_plan
        ]
        for rule in self.rules:
            notes += rule_notes(rule, self.basis)
            if not rule.is_settled:
                notes.append(f"no source settles how {rule.id} rounds; the policy decides here")
        notes += [citation.note for citation in self.citations if citation.note]
        return tuple(dict.fromkeys(notes))

    @property
    def _without_plan(self) -> tuple[str, ...]:
        """Services of outpatient therapy that name no plan where others name one."""
        planned = {pool.name for pool in self.pools if pool.discipline}
        loose = (pool for pool in self.pools if not pool.discipline and pool.name in planned)
        return tuple(self.minutes[position][0] for pool in loose for position in pool.positions)

    @property
    def _is_unpaid_first(self) -> bool:
        return self.leftover is Leftover.UNPAID_FIRST

    def explain(self) -> str:
        """The answer with its working, doubts and sources, for people to read."""
        lines = [f"{self.unit_policy.title}, {self.date_of_service}: {self}"]
        lines += [f"  {step}" for step in self.working]
        lines += [f"  confidence {doubt(self.confidence)}"]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  source: {citation}" for citation in self.citations]
        lines += [f"  edition {self.edition}"]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "policy": self.policy.value,
            "leftover": self.leftover.value,
            "services": units_dict(self.services),
            "alternatives": [units_dict(each) for each in self.alternatives],
            "minutes": dict(self.minutes),
            "total_minutes": self.total_minutes,
            "ignored": [{"code": code, "why": why} for code, why in self.ignored],
            "basis": self.basis.value,
            "date_of_service": self.date_of_service.isoformat(),
            "edition": self.edition,
            "working": list(self.working),
            "reason": self.reason,
            "facts": [citation.fact for citation in self.citations],
            "sources": list(dict.fromkeys(key for citation in self.citations for key in citation.sources)),
            "confidence": self.confidence.value,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        shown = [spell(each) for each in self.first_answers(_SHOWN)]
        more = self.right_answers - len(shown)
        return " or ".join(shown) + (f" or {more} others" if more else "")


def distributions(pools: Iterable[Pool], size: int) -> Iterator[tuple[int, ...]]:
    """Every equally right distribution of all pools together, by position; each made when it is asked for."""
    rest = list(pools)
    if not rest:
        yield (0,) * size
        return
    pool = rest.pop()
    for whole in distributions(rest, size):
        for units in pool.shares.distributions():
            merged = list(whole)
            for position, number in zip(pool.positions, units, strict=True):
                merged[position] = number
            yield tuple(merged)


def services_of(
    given: tuple[Service, ...], minutes: tuple[tuple[str, int], ...], units: tuple[int, ...]
) -> tuple[ServiceUnits, ...]:
    """The services that earned units, and each untimed one once, in the order given."""
    earned = {name: each for (name, _), each in zip(minutes, units, strict=True)}
    numbers = ((service, earned.get(str(service), 1)) for service in given)
    return tuple(ServiceUnits(service.code, each, service.modifiers) for service, each in numbers if each)
