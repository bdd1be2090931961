"""Findings of blocks, on their way into a table: as numbers, in the order of the input, with their evidence as texts."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import numpy as np

from cptkit import kernel
from cptkit.frames.arrow import Array, pa, pc
from cptkit.frames.hashing import CHUNK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.asking import Asker

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = [
    "FoundColumns",
    "Order",
    "by_keys",
    "by_rule",
    "evidence_column",
    "in_order",
    "in_turn",
    "settled",
    "together",
]


@attrs.frozen(slots=True, eq=False)
class FoundColumns:
    """Findings of a block, on their way into a table.

    ``table``, ``first``, ``second``: an evidence as a text and one or two codes, by number; -1 for none.
    """

    row: "NDArray[np.int64]"
    verdict: "NDArray[np.int32]"
    table: "NDArray[np.int32]"
    first: "NDArray[np.int32]"
    second: "NDArray[np.int32]"

    def take(self, places: "NDArray[np.int64]") -> "FoundColumns":
        """The findings at some places."""
        return FoundColumns(
            self.row.take(places),
            self.verdict.take(places),
            self.table.take(places),
            self.first.take(places),
            self.second.take(places),
        )


def together(columns: Sequence[FoundColumns]) -> FoundColumns:
    """The findings of several blocks, one after another."""
    if len(columns) == 1:
        return columns[0]
    return FoundColumns(
        _joined([each.row for each in columns], np.int64),
        *(
            _joined([getattr(each, name) for each in columns], np.int32)
            for name in ("verdict", "table", "first", "second")
        ),
    )


def _joined(parts: "Sequence[NDArray[Any]]", kind: Any) -> "NDArray[Any]":
    """Arrays one after another; other threads may go on meanwhile, for which ``np.concatenate`` does not care."""
    found = np.empty(sum(map(len, parts)), kind)
    begin = 0
    for part in parts:
        found[begin : begin + len(part)] = part
        begin += len(part)
    return found


def by_rule(columns: FoundColumns, asker: "Asker") -> FoundColumns:
    """The findings by row and rule; ``in_order`` is quick with blocks that are."""
    return columns.take(_sorted(_keys(columns, asker)))


def _keys(columns: FoundColumns, asker: "Asker") -> "NDArray[np.int64]":
    """Numbers that rise as rows and rules do."""
    rules = [each.rule for each in asker.verdicts]
    place = {rule: number for number, rule in enumerate(sorted(set(rules)))}
    rank = np.array([place[rule] for rule in rules], np.int64)
    key = columns.row << 10
    key |= rank.take(columns.verdict) if rules else columns.verdict
    return key


def in_order(columns: FoundColumns, asker: "Asker", codes: Sequence[str]) -> FoundColumns:
    """The findings by row, rule and evidence."""

    def told(at: "Places") -> Array:
        return evidence_column(columns.take(at), asker.evidence, codes)

    return columns.take(settled(by_keys(columns, asker), columns.verdict, asker, told))


class Order(NamedTuple):
    """The places of findings by row and rule; where in this order several share both; and a number for what they share."""

    places: "Places"
    alike: "Places"
    shared: "Places"


def by_keys(columns: FoundColumns, asker: "Asker") -> Order:
    """The order of findings, but for those that share a row and a rule."""
    key = _keys(columns, asker)
    order = _sorted(key)
    key = key.take(order)
    again = np.flatnonzero(key[1:] == key[:-1])
    is_alike = np.zeros(len(key), bool)
    is_alike[again] = is_alike[again + 1] = True
    alike = np.flatnonzero(is_alike)
    return Order(order, alike, key.take(alike))


def settled(
    order: Order, verdict: "NDArray[np.int32]", asker: "Asker", told: "Callable[[Places], Array]"
) -> "Places":
    """The places in the same order, by evidence and verdict where it says nothing; ``told``: the evidence at places."""
    if len(order.alike):
        at = order.places[order.alike]
        evidence = told(at)
        met, which = np.unique(evidence.indices.to_numpy(), return_inverse=True)
        rank = np.empty(len(met), np.int64)
        rank[pc.sort_indices(evidence.dictionary.take(pa.array(met))).to_numpy()] = np.arange(len(met))
        said = list(asker.verdicts)  # another check may add to them
        place = {each: number for number, each in enumerate(sorted(said))}
        verdicts = np.array([place[each] for each in said], np.int32)
        order.places[order.alike] = at[np.lexsort((verdicts[verdict[at]], rank[which], order.shared))]
    return order.places


def in_turn(evidence: Array, order: "Places") -> Array:
    """The evidence in another order; of its texts the one that is met first comes first."""
    held = evidence.indices.to_numpy()
    compiled = kernel.in_turn(held, order, len(evidence.dictionary))
    if compiled is not None:
        number, met = compiled
        return pa.DictionaryArray.from_arrays(pa.array(number), evidence.dictionary.take(pa.array(met)))
    which = held.take(order)
    first = np.empty(len(evidence.dictionary), np.int64)
    first[which[::-1]] = np.arange(len(which))[::-1]
    is_first = np.zeros(len(which), bool)
    is_first[first] = True
    met = which[is_first]
    place = np.empty(len(met), np.int32)
    place[met] = np.arange(len(met), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(place.take(which)), evidence.dictionary.take(pa.array(met))
    )


def evidence_column(columns: FoundColumns, texts: Sequence[str], codes: Sequence[str]) -> Array:
    """The evidence of findings as texts, each distinct one once, in the order in which they are first met."""
    count = len(codes) + 1
    (table, first, second), which = _distinct(columns, count)
    first, second = first + 1, second + 1
    named, told = _behind(codes, first, second), pa.array(texts or [""], pa.string())
    joined = []
    for start in range(0, len(table), CHUNK):
        of = slice(start, start + CHUNK)
        parts = told.take(pa.array(table[of])), *(named.take(pa.array(each[of])) for each in (first, second))
        joined.append(pc.binary_join_element_wise(*parts, ""))
    # a text that a rule told may be one that is put together here
    one = pa.chunked_array(joined, pa.string()).dictionary_encode().combine_chunks()
    return pa.DictionaryArray.from_arrays(one.indices.take(pa.array(which)), one.dictionary)


def _distinct(columns: FoundColumns, count: int) -> "tuple[tuple[Small, Small, Small], Small]":
    """Every evidence that occurs, as its text and codes, in the order in which it is first met; and of each finding which."""
    compiled = kernel.sets([columns.table, columns.first, columns.second])
    if compiled is not None:
        which, firsts = compiled
        table, first, second = (each.take(firsts) for each in (columns.table, columns.first, columns.second))
        return (table, first, second), np.subtract(which, 1, out=which)
    key = columns.table.astype(np.int64)
    for code in (columns.first, columns.second):
        key *= count
        key += code
        key += 1
    coded = pa.array(key).dictionary_encode()
    rest, second = np.divmod(coded.dictionary.to_numpy(), count)
    table, first = np.divmod(rest, count)
    each = table.astype(np.int32), (first - 1).astype(np.int32), (second - 1).astype(np.int32)
    return each, coded.indices.to_numpy()


def _sorted(key: "Places") -> "Places":
    """The places of keys in their order, those of one key as they stand."""
    compiled = kernel.sorted_keys(key)
    return np.argsort(key, kind="stable") if compiled is None else compiled


def _behind(codes: Sequence[str], *numbers: "Small") -> Array:
    """Codes by their number from 1 on, as they stand behind a text; those that are asked for, and nothing for 0."""
    met = np.zeros(len(codes) + 1, bool)
    for each in numbers:
        met[each] = True
    texts = [""] * len(met)
    for number in np.flatnonzero(met[1:]).tolist():
        texts[number + 1] = f" {codes[number]}" if codes[number] else ""
    return pa.array(texts, pa.string())
