"""Spans of days on which every fact and every edit is the same, so that one day answers for all of them.

A span ends wherever a row of an edition begins, a quarter does or an edit table may change: more ends than need be
cost time alone. Pair edits change on many days, other tables on some; of all else the spans between say the same.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cptkit.codesets import Catalog, Codeset
from cptkit.codesets.turning import turning_days

__all__ = ["EPOCH", "NO_EDITION", "Periods"]

EPOCH = dt.date(1970, 1, 1).toordinal()
"""Days of lines are counted from 1970-01-01."""

NO_EDITION = -1
"""The span of days that no edition of the catalog holds."""

_QUARTERS = (1, 4, 7, 10)


class Periods:
    """The spans of the days that the editions of a catalog hold, numbered in their order.

    ``first_days``: with which each begins; ``editions``: the edition that holds it. ``first_alike``: for each the first
    span since which nothing but pair edits changed; ``first_of_facts``: since which nothing but tables did.
    ``turning``: further days on which something changes, as a profile
    has them.
    """

    def __init__(self, catalog: Catalog, turning: Sequence[dt.date] = ()) -> None:
        facts = set(turning).union(*map(turning_days, catalog.editions))
        turns = set(facts)
        pairs, years = set[dt.date](), {edition.year for edition in catalog.editions}
        if catalog.tables is not None:
            turns |= catalog.tables.turning_days()
            pairs = catalog.tables.pair_days()
            held = {part.quarter.year for part in catalog.tables.parts}
            years |= held | {year + 1 for year in held}
        turns.update(dt.date(year, month, 1) for year in years for month in _QUARTERS)
        self.first_days: list[dt.date] = []
        self.editions: list[Codeset] = []
        alike: list[int] = []
        of_facts: list[int] = []
        starts = []
        for day in sorted(turns | pairs):
            edition_of_day = catalog.edition_for(day)
            span = NO_EDITION if edition_of_day is None else len(self.first_days)
            starts.append((day.toordinal() - EPOCH, span))
            if edition_of_day is not None:
                alike.append(span if day in turns else alike[-1])
                of_facts.append(span if day in facts else of_facts[-1])
                self.first_days.append(day)
                self.editions.append(edition_of_day)
        self.first_alike: NDArray[np.int16] = np.array(alike, np.int16)
        self.first_of_facts: NDArray[np.int16] = np.array(of_facts, np.int16)
        self._starts: NDArray[np.int64] = np.array([day for day, _ in starts], np.int64)
        self._spans: NDArray[np.int16] = np.array([NO_EDITION, *(span for _, span in starts)], np.int16)

    def __len__(self) -> int:
        return len(self.first_days)

    def of(self, days: NDArray[np.int32]) -> NDArray[np.int16]:
        """The span of each day."""
        if not len(days):
            return np.zeros(0, np.int16)
        low, high = int(days.min()), int(days.max())
        if high - low > len(days):
            return self._spans[np.searchsorted(self._starts, days, side="right")]
        table = self._spans[np.searchsorted(self._starts, np.arange(low, high + 1), side="right")]
        return table.take(days - low)
