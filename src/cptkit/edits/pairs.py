"""A table of pair edits in memory: one sorted union of pairs, shared by all its quarters.

A pair is two numbers of codes, the lower first, whichever code is column 1. Pairs with the same rows
share a *class*: for each row its *terms* (direction, days, indicator, flag, rationale) and the set of
quarters in which it was published, both as numbers in one integer. So millions of pairs are some ten
thousand classes, and what is done to a table is done to those.

A table is canonical: the same rows give the same bytes, in whatever order quarters came.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, compress, repeat
from operator import and_, rshift
from typing import Any, Final, NamedTuple, TypeVar

import attrs

from cptkit.edits import layout
from cptkit.errors import BrokenEdits

__all__ = [
    "ALWAYS",
    "EPOCH",
    "INDICATORS",
    "NEVER_ENDS",
    "SET_BITS",
    "SET_MASK",
    "Kind",
    "PairTable",
    "Terms",
    "code_number",
    "code_text",
]

T = TypeVar("T", bound=Any)  # sortable and hashable
Kind = tuple[int, ...]

EPOCH: Final = 719163  # the ordinal of 1970-01-01: days in a table are counted from it
ALWAYS: Final = -(2**31)  # a first day that the file does not say
NEVER_ENDS: Final = 2**31 - 1
INDICATORS: Final = frozenset({0, 1, 9})
SET_BITS: Final = 20  # of a row's integer; the rest is the number of its terms
SET_MASK: Final = (1 << SET_BITS) - 1
_CODE = re.compile(r"[0-9A-Z]{5}")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_RATIONALES = 1 << 16
_MOST_CLASSES = 1 << 24


class Terms(NamedTuple):
    """What a row says besides its pair; ``direction`` 0 where the lower code is column 1; days as numbers."""

    direction: int
    first: int
    last: int
    indicator: int
    prior: int
    rationale: str


def code_number(code: str) -> int:
    """A code as a number that sorts as the code does; -1 for what is no five digits and capitals."""
    return int(code, 36) if _CODE.fullmatch(code) else -1


def code_text(number: int) -> str:
    """The code with that number."""
    text = ""
    for _ in range(5):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


@attrs.frozen(slots=True, eq=False)
class PairTable:
    """The columns of a table.

    ``kinds`` are the classes: for each row ``terms << SET_BITS | set``, rising. No class has two rows
    with the same terms. ``sets`` are quarters by their index, rising.
    """

    setting: str
    codes: Sequence[str]
    offsets: Sequence[int]
    partners: "array[int]"
    classes: "array[int]"
    kinds: Sequence[Kind]
    terms: Sequence[Terms]
    sets: Sequence[tuple[int, ...]]

    @classmethod
    def empty(cls, setting: str) -> "PairTable":
        """A table without a quarter."""
        return cls(setting, (), (0,), array("I"), array("I"), (), (), ())

    @property
    def quarters(self) -> list[int]:
        """The quarters in which a row was published, in order."""
        return sorted({quarter for quarters in self.sets for quarter in quarters})

    def __len__(self) -> int:
        return len(self.partners)

    def with_kinds(self, kinds: Sequence[Kind], sets: Sequence[tuple[int, ...]]) -> "PairTable":
        """The table with every class changed; a pair whose class became empty is left out. Canonical."""
        keep = bytes(map(bool, kinds))
        if 0 not in keep:
            return attrs.evolve(self, kinds=kinds, sets=sets).canonical()
        kept = bytes(map(keep.__getitem__, self.classes))
        ends = accumulate(map(kept.count, repeat(1), self.offsets, self.offsets[1:]))
        return attrs.evolve(
            self,
            offsets=(0, *ends),
            partners=array("I", compress(self.partners, kept)),
            classes=array("I", compress(self.classes, kept)),
            kinds=kinds,
            sets=sets,
        ).canonical()

    def canonical(self) -> "PairTable":
        """The same table as it is written: codes, classes, terms and sets that are used, each sorted."""
        used = sorted(set(self.classes))
        rows = set(chain.from_iterable(self.kinds[number] for number in used))
        terms, term_place = _ranked(self.terms, {row >> SET_BITS for row in rows})
        sets, set_place = _ranked(self.sets, {row & SET_MASK for row in rows})
        row_place = {row: term_place[row >> SET_BITS] << SET_BITS | set_place[row & SET_MASK] for row in rows}
        renewed = {number: tuple(sorted(map(row_place.__getitem__, self.kinds[number]))) for number in used}
        kinds, kind_place = _ranked(renewed, used)
        table = attrs.evolve(
            self,
            classes=array("I", map(kind_place.__getitem__, self.classes)),
            kinds=kinds,
            terms=terms,
            sets=sets,
        )
        seen = set(self.partners)
        seen.update(
            number for number in range(len(self.codes)) if self.offsets[number] < self.offsets[number + 1]
        )
        if len(seen) == len(self.codes):
            return table
        return table.with_codes([self.codes[number] for number in sorted(seen)])

    def with_codes(self, codes: Sequence[str]) -> "PairTable":
        """The same pairs over another sorted list of codes, which holds all that are used."""
        if codes == self.codes:
            return self
        place = {code: number for number, code in enumerate(codes)}
        moved = [place.get(code, -1) for code in self.codes]
        offsets = [0] * (len(codes) + 1)
        for number, there in enumerate(moved):
            if there >= 0:
                offsets[there + 1] = self.offsets[number + 1] - self.offsets[number]
        partners = array("I", map(moved.__getitem__, self.partners))
        return attrs.evolve(self, codes=codes, offsets=list(accumulate(offsets)), partners=partners)

    def counts(self) -> dict[str, int]:
        """How many rows the table holds, how many are open, and how many have which indicator."""
        found = {"rows": 0, "open": 0, "indicator 0": 0, "indicator 1": 0, "indicator 9": 0}
        for number, pairs in Counter(self.classes).items():
            for row in self.kinds[number]:
                terms = self.terms[row >> SET_BITS]
                found["rows"] += pairs
                found["open"] += pairs * (terms.last == NEVER_ENDS and terms.indicator != 9)
                found[f"indicator {terms.indicator}"] += pairs
        return {"pairs": len(self), **found}

    # ---- bytes -----------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The file of this table, which must be canonical.

        :raises BrokenEdits: when there are more rationales or classes than the format holds.
        """
        rows = sorted(set(chain.from_iterable(self.kinds)))
        place = {row: number for number, row in enumerate(rows)}
        terms = [self.terms[row >> SET_BITS] for row in rows]
        rationales = sorted({said.rationale for said in self.terms})
        if len(rationales) > _MOST_RATIONALES or len(self.kinds) > _MOST_CLASSES:
            given = f"{len(rationales):,} rationales, {len(self.kinds):,} classes"
            raise BrokenEdits("more than a table holds", given=given)
        reason = {text: number for number, text in enumerate(rationales)}
        quarters = self.quarters
        words = [_words(seen, quarters) for seen in self.sets]
        low, high = self.classes, b""
        if len(self.kinds) > 1 << 16:
            low = array("I", map(and_, self.classes, repeat(0xFFFF)))
            high = bytes(map(rshift, self.classes, repeat(16)))
        return layout.pack(
            self.setting,
            {
                "codes": [code_number(code) for code in self.codes],
                "quarters": quarters,
                "offsets": self.offsets,
                "partners": array("H" if len(self.codes) <= 1 << 16 else "I", self.partners),
                "classes": array("H", low),
                "classes_high": high,
                "class_from": list(accumulate(map(len, self.kinds), initial=0)),
                "class_rows": [place[row] for kind in self.kinds for row in kind],
                "row_first": [said.first for said in terms],
                "row_last": [said.last for said in terms],
                "row_what": [
                    said.direction | said.prior << 1 | said.indicator << 8 | reason[said.rationale] << 16
                    for said in terms
                ],
                "row_seen": list(chain.from_iterable(words[row & SET_MASK] for row in rows)),
                "rationales": "".join(f"{text}\n" for text in rationales).encode(),
            },
        )

    @classmethod
    def from_bytes(cls, data: bytes | memoryview, where: str = "") -> "PairTable":
        """The table that a file holds; every number in it is checked.

        :raises BrokenEdits: when the file is damaged.
        """
        from cptkit.edits.checking import checked_table

        return checked_table(memoryview(data), where)


def _ranked(values: Sequence[T] | Mapping[int, T], used: Iterable[int]) -> tuple[list[T], dict[int, int]]:
    """The values at the used places, each once and sorted, and where each used place is found among them."""
    found = {number: values[number] for number in used}
    ranked = sorted(set(found.values()))
    rank = {value: place for place, value in enumerate(ranked)}
    return ranked, {number: rank[value] for number, value in found.items()}


def _words(seen: tuple[int, ...], quarters: Sequence[int]) -> list[int]:
    """The quarters of a row as words of 32 bits, one bit for each quarter of the table."""
    words = [0] * -(-len(quarters) // 32)
    for place, quarter in enumerate(quarters):
        if quarter in seen:
            words[place // 32] |= 1 << place % 32
    return words
