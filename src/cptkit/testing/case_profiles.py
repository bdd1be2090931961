"""A profile out of the conventions that a case brings with it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cptkit.codesets import Convention
from cptkit.rules import Profile
from cptkit.rules.profiles.shape import is_read, require_value
from cptkit.sources import Basis, Citation, Confidence

__all__ = ["case_profile"]

_ALWAYS = dt.date(1966, 1, 1)


def case_profile(conventions: Mapping[str, str | Mapping[str, Any]], basis: Basis) -> Profile:
    """A profile of conventions by their names: each is a value, or a table of what a row in a profile has.

    Of the table ``value`` is required; ``from``, ``text`` and ``confidence`` have defaults.

    :raises BrokenProfile: for a name that no rule reads, or a value that the rules cannot read.

    >>> profile = case_profile({"units-a-day/97153": "32 for 97153"}, Basis.CPT)
    >>> [(each.name, each.value) for each in profile.conventions]
    [('units-a-day/97153', '32 for 97153')]
    >>> case_profile({"units-a-day/97153": "many"}, Basis.CPT)
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenProfile: the rules cannot read it: 'many'; expected such as '32 for 97153'
    """
    made = tuple(_convention(name, given) for name, given in conventions.items())
    return Profile("case", "The profile of a case", basis, conventions=made)


def _convention(name: str, given: str | Mapping[str, Any]) -> Convention:
    row: dict[str, Any] = {"value": given} if isinstance(given, str) else dict(given)
    is_read(name)
    require_value(name, row["value"])
    first_day, confidence = row.get("from", _ALWAYS), Confidence(row.get("confidence", "verified"))
    citation = Citation(f"profile/{name}", (), confidence, first_day)
    return Convention(name, row["value"], row.get("text", "as the payer says"), first_day, citation)
