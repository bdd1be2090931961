"""Rows of one quarter that contradict each other: of such rows no answer can be right."""

from collections import Counter
from itertools import combinations

from cptkit.edits.pairs import ALWAYS, SET_BITS, PairTable, Terms

__all__ = ["contradictions"]


def contradictions(table: PairTable) -> tuple[int, str]:
    """How many pairs of a quarter have rows that contradict each other, and the first of them.

    A row that ends before it begins, or two rows in force on one day that differ in columns or indicator. Rows without a first day may lie
    in each other: each was in force until the one that ends next took its place.
    """
    wrong = {number for number, kind in enumerate(table.kinds) if _is_wrong(table, kind)}
    if not wrong:
        return 0, ""
    found = Counter(table.classes)
    place = next(place for place, number in enumerate(table.classes) if number in wrong)
    low = next(low for low in range(len(table.codes)) if table.offsets[low + 1] > place)
    pair = f"{table.codes[low]}/{table.codes[table.partners[place]]}"
    return sum(found[number] for number in wrong), pair


def _is_wrong(table: PairTable, kind: tuple[int, ...]) -> bool:
    rows = [table.terms[row >> SET_BITS] for row in kind]
    if any(row.last < row.first for row in rows):
        return True
    active = [row for row in rows if row.indicator != 9]
    return any(_clash(one, other) for one, other in combinations(active, 2))


def _clash(one: Terms, other: Terms) -> bool:
    if (one.direction, one.indicator) == (other.direction, other.indicator):
        return False  # either answers the same
    if one.first == other.first == ALWAYS:
        return one.last == other.last
    return one.first <= other.last and other.first <= one.last
