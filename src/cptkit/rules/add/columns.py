"""Add-ons in columns: only those that do not stand beside a primary are asked about, with what may be one."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cptkit import kernel
from cptkit.rules.columns import Asked, Encounters, Reads, ranges
from cptkit.rules.spans import Carried, Facts, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

__all__ = ["MAY_BE", "NEVER", "SURE", "without_primary"]

NEVER, MAY_BE, SURE = 0, 1, 2
"""What another code is to an add-on: none of its primaries, perhaps one or one to be told of, or one."""

_CODE = frozenset({Reads.CODE})
Relation = Callable[[Facts, int, str], Mapping[str, int]]

_MOST_PAIRS = 1 << 21  # of add-ons and lines beside them, at a time
_BITS = 26  # of the number of a code
_KINDS = 2  # bits of what a code is to another


def without_primary(
    block: Encounters, addon: "NDArray[np.bool_]", relation: Relation, spans: "NDArray[np.int16]"
) -> Asked:
    """The add-ons that have no sure primary in their encounter, each with the lines that may be one.

    ``addon``: the lines of which the rule speaks. ``relation``: what other codes are to an add-on, on a span of
    days; ``spans``: that of each line.
    """
    if not addon.any():
        return Asked(np.zeros(0, np.int64), np.zeros(1, np.int64), _CODE)
    asked = addon.copy()
    on, beside = _doubtful(block, asked, relation, spans)
    # where an add-on may be the primary of another one, the whole encounter is asked about
    whole = np.unique(block.encounter[on[addon[beside]]])
    asked &= ~np.isin(block.encounter, whole)
    keep = asked[on]
    lines = np.flatnonzero(asked)
    members = np.concatenate([lines, beside[keep]])
    part = np.concatenate([lines, on[keep]])
    order = np.lexsort((members, part))
    members, part = members[order], part[order]
    begins = (
        np.append(np.flatnonzero(np.append(True, part[1:] != part[:-1])), len(part))
        if len(part)
        else np.zeros(1, np.int64)
    )
    others, starts = ranges(block.starts[whole], block.starts[whole + 1])
    return Asked(np.concatenate([members, others]), np.concatenate([begins, begins[-1] + starts[1:]]), _CODE)


def _doubtful(
    block: Encounters, asked: "NDArray[np.bool_]", relation: Relation, spans: "NDArray[np.int16]"
) -> "tuple[Places, Places]":
    """Each add-on without a sure primary, with each other line that may be one; ``asked`` is left to these."""
    facts, relations = block.facts, block.facts.kept(_relations, relation)
    lines = np.flatnonzero(asked)
    numbers = facts.of_code(relations.numbers, spans.take(lines), block.code.take(lines)).astype(np.int64)
    compiled = kernel.beside(
        lines,
        numbers,
        block.encounter,
        block.starts,
        block.code,
        relations.table(facts),
        shift=_BITS,
        may_be=MAY_BE,
        sure=SURE,
    )
    if compiled is not None:
        asked[lines[compiled.is_sure]] = False
        return compiled.on, compiled.beside
    where = block.encounter.take(lines)
    starts, ends = block.starts.take(where), block.starts.take(where + 1)
    # lines of one patient and day may be thousands: only so many pairs are made at a time
    pairs = np.cumsum(ends - starts)
    turns = np.searchsorted(pairs, np.arange(0, int(pairs[-1]), _MOST_PAIRS))
    found: list[tuple[Places, Places]] = []
    for first, last in pairwise([*dict.fromkeys(turns.tolist()), len(lines)]):
        others, begins = ranges(starts[first:last], ends[first:last])
        on = np.repeat(lines[first:last], np.diff(begins))
        what = relations.of(facts, np.repeat(numbers[first:last], np.diff(begins)), block.code[others])
        what[others == on] = NEVER
        asked[on[what == SURE]] = False
        kept = np.flatnonzero((what == MAY_BE) & asked[on])
        found.append((on.take(kept), others.take(kept)))
    on, beside = (np.concatenate(each) for each in zip(*found, strict=True))
    return on, beside


class _Relations(Carried):
    """What other codes are to add-ons: add-ons of which the same is said, on whatever span, share a number.

    An add-on is asked about when it is first met on a span; codes that others name may be met before it, or after.
    """

    def __init__(self, relation: Relation) -> None:
        self.numbers = self._numbers_of  # one object, by which answers are remembered
        self._relation = relation
        self._said: Numbers[tuple[tuple[str, int], ...]] = Numbers()
        self._named: dict[
            str, list[int]
        ] = {}  # a code, and each relation that names it with what it is there
        self._met: dict[str, int] = {}  # the numbers of codes that were met
        self._values: dict[int, int] = {}
        self._sorted: tuple[Places, Places] = (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def of(
        self, facts: Facts, relation: "NDArray[np.int64]", code: "NDArray[np.int32]"
    ) -> "NDArray[np.int64]":
        """What each code is by a relation."""
        keys, values = self.table(facts)
        if not len(keys):
            return np.full(len(code), NEVER)
        asked = relation << _BITS | code
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.where(keys[at] == asked, values[at], NEVER)

    def table(self, facts: Facts) -> "tuple[Places, Places]":
        """Each relation with a number of a code, in their order, and what that code is by it."""
        with facts.lock:
            for number in range(len(self._met), len(facts.codes)):
                text = facts.codes[number]
                self._met[text] = number
                for each in self._named.get(text, ()):
                    self._enter(each >> _KINDS, number, each & (1 << _KINDS) - 1)
            if len(self._values) != len(self._sorted[0]):
                keys = np.sort(np.fromiter(self._values, np.int64, len(self._values)))
                self._sorted = keys, np.array([self._values[key] for key in keys.tolist()], np.int64)
            return self._sorted

    def _enter(self, relation: int, number: int, value: int) -> None:
        self._values[relation << _BITS | number] = value

    def _numbers_of(self, facts: Facts, span: int, codes: "Sequence[str]") -> list[int]:
        return [self._number_of(self._relation(facts, span, code), code) for code in codes]

    def _number_of(self, found: "Mapping[str, int]", code: str) -> int:
        said = tuple(sorted((other, value) for other, value in found.items() if other != code))
        known = len(self._said)
        number = self._said.number(said)
        if number == known:
            for other, value in said:
                self._named.setdefault(other, []).append(number << _KINDS | value)
                if other in self._met:
                    self._enter(number, self._met[other], value)
        return number


def _relations(_facts: Facts, relation: Relation) -> _Relations:
    return _Relations(relation)
