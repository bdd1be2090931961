"""Every number of a table of pair edits, checked: what opening it leaves unread."""

from array import array
from collections.abc import Sequence
from itertools import pairwise, repeat
from operator import lshift, lt, or_

from cptkit.edits import layout
from cptkit.edits.pairs import (
    ALWAYS,
    EPOCH,
    INDICATORS,
    NEVER_ENDS,
    SET_BITS,
    SET_MASK,
    Kind,
    PairTable,
    Terms,
    code_number,
    code_text,
)
from cptkit.errors import BrokenEdits

__all__ = ["checked_table"]

_LAST_ORDINAL = 3652059  # 9999-12-31
_QUARTERS = range(4, 40_000)  # the year 1 to the year 9999


def checked_table(data: memoryview, where: str) -> PairTable:
    """The table in these bytes.

    :raises BrokenEdits: when a number in it cannot be.
    """
    setting, sections = layout.sections_of(data, where)
    numbers = {name: layout.numbers(data, section) for name, section in sections.items()}
    try:
        codes = _codes(numbers["codes"])
        quarters = _rising("quarters", numbers["quarters"])
        _require(all(quarter in _QUARTERS for quarter in quarters), "a quarter is none")
        offsets, partners = _partners(numbers, len(codes))
        rows, terms, sets = _rows(numbers, quarters)
        kinds = _kinds(numbers, rows)
        classes = _classes(numbers)
        _require(max(classes, default=-1) < len(kinds), "a pair has no class")
    except _Wrong as error:
        raise BrokenEdits(f"the table is damaged: {error}", where=where) from None
    return PairTable(setting, codes, offsets, partners, classes, kinds, terms, sets)


class _Wrong(Exception):
    """What is wrong, in words."""


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise _Wrong(what)


def _rising(name: str, values: Sequence[int]) -> list[int]:
    found = list(values)
    _require(all(one < other for one, other in pairwise(found)), f"{name} do not rise")
    return found


def _codes(values: Sequence[int]) -> list[str]:
    texts = [code_text(number) for number in _rising("codes", values)]
    _require(all(map(int.__eq__, map(code_number, texts), values)), "a code has no five characters")
    return texts


def _partners(numbers: dict[str, memoryview], codes: int) -> tuple[list[int], "array[int]"]:
    offsets, partners = list(numbers["offsets"]), array("I", numbers["partners"])
    _require(
        offsets[0] == 0
        and offsets[-1] == len(partners)
        and all(one <= other for one, other in pairwise(offsets)),
        "offsets do not rise from 0 to the number of pairs",
    )
    _require(max(partners, default=-1) < codes, "a pair names no code")
    for low, (start, end) in enumerate(pairwise(offsets)):
        part = partners[start:end]
        if part:
            _require(part[0] > low and all(map(lt, part, part[1:])), "pairs do not rise")
    return offsets, partners


def _classes(numbers: dict[str, memoryview]) -> "array[int]":
    low, high = numbers["classes"], numbers["classes_high"]
    if not high:
        return array("I", low)
    return array("I", map(or_, low, map(lshift, high, repeat(16))))


def _rows(
    numbers: dict[str, memoryview], quarters: Sequence[int]
) -> tuple[list[int], list[Terms], list[tuple[int, ...]]]:
    """Each row as one integer, the terms and the sets of quarters that it names."""
    try:
        text = bytes(numbers["rationales"]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Wrong(f"the rationales are not UTF-8: {error}") from error
    _require(text == "" or text.endswith("\n"), "the rationales do not end in a line end")
    reasons = text.split("\n")[:-1]
    words = -(-len(quarters) // 32)
    seen = numbers["row_seen"]
    said: list[Terms] = []
    published: list[tuple[int, ...]] = []
    columns = zip(numbers["row_first"], numbers["row_last"], numbers["row_what"], strict=True)
    for number, (first, last, what) in enumerate(columns):
        bits = sum(
            word << 32 * place for place, word in enumerate(seen[number * words : (number + 1) * words])
        )
        indicator, reason = what >> 8 & 0xFF, what >> 16
        _require(bits > 0 and bits >> len(quarters) == 0, "a row was published in no quarter")
        _require(indicator in INDICATORS and what & 0xFC == 0, "a row's indicator is none")
        _require(reason < len(reasons), "a row has no rationale")
        _require(first == ALWAYS or 1 <= first + EPOCH <= _LAST_ORDINAL, "a first day is none")
        _require(last == NEVER_ENDS or 1 <= last + EPOCH <= _LAST_ORDINAL, "a last day is none")
        said.append(Terms(what & 1, first, last, indicator, what >> 1 & 1, reasons[reason]))
        published.append(tuple(quarter for place, quarter in enumerate(quarters) if bits >> place & 1))
    terms, sets = sorted(set(said)), sorted(set(published))
    _require(len(sets) <= SET_MASK, "there are too many sets of quarters")
    term_places = {one: place for place, one in enumerate(terms)}
    set_places = {one: place for place, one in enumerate(sets)}
    rows = [
        term_places[one] << SET_BITS | set_places[other] for one, other in zip(said, published, strict=True)
    ]
    return rows, terms, sets


def _kinds(numbers: dict[str, memoryview], rows: Sequence[int]) -> list[Kind]:
    starts, members = _rising("classes", numbers["class_from"]), list(numbers["class_rows"])
    _require(starts[0] == 0 and starts[-1] == len(members), "classes do not hold all their rows")
    _require(max(members, default=-1) < len(rows), "a class names no row")
    return [tuple(rows[number] for number in members[start:end]) for start, end in pairwise(starts)]
