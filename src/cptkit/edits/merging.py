"""Tables of pair edits, put together and taken apart: each answer is canonical."""

from array import array
from collections.abc import Collection

import attrs

from cptkit.edits.pairs import SET_BITS, SET_MASK, Kind, PairTable

__all__ = ["carried", "merged", "only"]

Quarters = tuple[int, ...]


def only(table: PairTable, quarters: Collection[int]) -> PairTable:
    """The table with these of its quarters, as if the others had never been in it."""
    stay = frozenset(quarters)
    sets = [tuple(quarter for quarter in seen if quarter in stay) for seen in table.sets]
    kinds = [tuple(row for row in kind if sets[row & SET_MASK]) for kind in table.kinds]
    return table.with_kinds(kinds, sets)


def carried(table: PairTable, base: int, quarter: int, column1: Collection[str]) -> PairTable:
    """The table with a further quarter that has the rows of the base quarter under these column 1 codes.

    Not canonical yet.
    """
    flags = [int(code in column1) for code in table.codes]
    both = [[2 * low + high for high in flags] for low in (0, 1)]
    change = _Carried(table, base, quarter)
    classes = array("I")
    for low, flag in enumerate(flags):
        start, end = table.offsets[low], table.offsets[low + 1]
        which = map(both[flag].__getitem__, table.partners[start:end])
        classes.extend(map(change.__getitem__, zip(table.classes[start:end], which, strict=True)))
    return attrs.evolve(table, classes=classes, kinds=change.kinds, sets=change.sets)


class _Carried(dict[tuple[int, int], int]):
    """For a class, and whether its lower and its higher code are carried, the class that comes of it."""

    def __init__(self, table: PairTable, base: int, quarter: int) -> None:
        super().__init__()
        self.kinds: list[Kind] = list(table.kinds)
        self.sets: list[Quarters] = list(table.sets)
        self._forward = [1 if terms.direction else 2 for terms in table.terms]
        self._onward: dict[int, int] = {}
        for number, quarters in enumerate(table.sets):
            if base in quarters:
                self._onward[number] = len(self.sets)
                self.sets.append(tuple(sorted({*quarters, quarter})))

    def __missing__(self, key: tuple[int, int]) -> int:
        number, flags = key
        kind = self.kinds[number]
        now = tuple(
            row - (row & SET_MASK) + self._onward.get(row & SET_MASK, row & SET_MASK)
            if flags & self._forward[row >> SET_BITS]
            else row
            for row in kind
        )
        if now == kind:
            self[key] = number
        else:
            self[key] = len(self.kinds)
            self.kinds.append(now)
        return self[key]


def merged(one: PairTable, other: PairTable) -> PairTable:
    """Everything that either table holds; a row of both has the quarters of both. Canonical."""
    codes = sorted({*one.codes, *other.codes})
    one, other = one.with_codes(codes), other.with_codes(codes)
    both = _Both(one, other)
    offsets = [0]
    partners, classes = array("I"), array("I")
    for low in range(len(codes)):
        here, there = (slice(table.offsets[low], table.offsets[low + 1]) for table in (one, other))
        mine, theirs = one.partners[here], other.partners[there]
        if not theirs:
            partners.extend(mine)
            classes.extend(one.classes[here])
        elif mine == theirs:
            partners.extend(mine)
            classes.extend(map(both.__getitem__, zip(one.classes[here], other.classes[there], strict=True)))
        else:
            found = dict(zip(mine, one.classes[here], strict=True))
            pairs = zip(map(found.get, theirs), other.classes[there], strict=True)
            found.update(zip(theirs, list(map(both.__getitem__, pairs)), strict=True))
            if len(found) == len(mine):
                partners.extend(mine)
                classes.extend(found.values())
            else:
                rising = sorted(found)
                partners.extend(rising)
                classes.extend(map(found.__getitem__, rising))
        offsets.append(len(partners))
    return PairTable(
        one.setting, codes, offsets, partners, classes, both.kinds, both.terms, both.sets
    ).canonical()


class _Both(dict[tuple[int | None, int], int]):
    """For a class of each of two tables, the class that holds the rows of both; None: the first has none."""

    def __init__(self, one: PairTable, other: PairTable) -> None:
        super().__init__()
        self.terms = sorted({*one.terms, *other.terms})
        self.sets: list[Quarters] = sorted({*one.sets, *other.sets})
        self.kinds: list[Kind] = []
        self._ours = len(one.kinds)
        self._set_places = {quarters: number for number, quarters in enumerate(self.sets)}
        self._unions: dict[tuple[int, int], int] = {}
        places = {terms: number for number, terms in enumerate(self.terms)}
        for table in (one, other):
            terms = [places[said] << SET_BITS for said in table.terms]
            sets = [self._set_places[quarters] for quarters in table.sets]
            self.kinds.extend(
                tuple(terms[row >> SET_BITS] | sets[row & SET_MASK] for row in kind) for kind in table.kinds
            )

    def __missing__(self, key: tuple[int | None, int]) -> int:
        one, other = key
        if one is None:
            self[key] = self._ours + other
            return self[key]
        rows = {row >> SET_BITS: row & SET_MASK for row in self.kinds[one]}
        for row in self.kinds[self._ours + other]:
            terms, seen = row >> SET_BITS, row & SET_MASK
            rows[terms] = self._union(rows[terms], seen) if terms in rows else seen
        self[key] = number = len(self.kinds)
        self.kinds.append(tuple(terms << SET_BITS | seen for terms, seen in sorted(rows.items())))
        return number

    def _union(self, one: int, other: int) -> int:
        number = self._unions.get((one, other))
        if number is None:
            quarters = tuple(sorted({*self.sets[one], *self.sets[other]}))
            number = self._set_places.setdefault(quarters, len(self.sets))
            if number == len(self.sets):
                self.sets.append(quarters)
            self._unions[one, other] = number
        return number
