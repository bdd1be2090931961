"""Rows of one quarter that contradict each other: of such rows no answer can be right."""

from collections import Counter
from itertools import combinations

from cptkit.edits.pairs import ALWAYS, SET_BITS, PairTable, Terms

__all__ = ["contradictions"]


def contradictions(table: PairTable) -> tuple[int, str]:
    """How many pairs of a quarter have rows that contradict each other, and the first of them.

    A row contradicts itself where it ends before it begins. Two rows contradict each other where they are
    in force on one day and differ in their columns or indicator; rows with indicator 9 are never in force.
    Of rows without a first day each begins when the one that ends before it has ended, so two of them
    contradict each other only where they end on one day.
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
