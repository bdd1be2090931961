"""Columns of codes, modifiers and places of service as numbers of the texts of a run.

What a cell may be is what ``cptkit.interop`` reads: a code cell may hold a whole service (``90834-95``), a
cell of modifiers several of them. A malformed code or modifier is kept, for the rules to report.
"""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit import kernel
from cptkit.cells import code_and_modifiers
from cptkit.frames.arrow import Array, pa, pc
from cptkit.frames.distinct import Distinct, distinct, plain, texts_of
from cptkit.modifiers import split_modifiers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.lines import Int32, Interned

__all__ = ["Part", "ReadCodes", "codes", "modifier_parts", "modifier_sets", "places"]

_CODE_DIGITS, _MODIFIER_DIGITS, _PLACE_DIGITS = 5, 2, 2
_MOST_SEEN = 1 << 22  # keys that a table of flags is kept for; more of them are sorted
_REMEMBERED = 1 << 16


@attrs.frozen(slots=True, eq=False)
class Part:
    """One column of modifiers: the ``texts`` that occur, and the place of each row's text, -1 for none."""

    texts: Sequence[str]
    index: "NDArray[np.int32]"


def codes(array: Array, texts: "Interned") -> "tuple[Int32, Part | None]":
    """The number of each code, -1 where there is none; and the modifiers that code cells hold, if any does."""
    found = distinct(plain(array))
    read = texts.read_codes.of(found, texts)
    numbers = np.append(read.number, np.int32(-1))
    filled = np.flatnonzero(read.own)
    if not len(filled):
        return numbers.take(found.index), None
    places = np.full(len(numbers), -1, dtype=np.int32)
    places[filled] = np.arange(len(filled), dtype=np.int32)
    return numbers.take(found.index), Part(read.own[filled].tolist(), places.take(found.index))


@attrs.frozen(slots=True, eq=False)
class _Services:
    """What cells of codes hold: the ``number`` of the code, -1 for none, and the code's ``own`` modifiers as text."""

    values: Array
    number: "Int32"
    own: "NDArray[np.object_]"


class ReadCodes:
    """Cells of codes that were read, by type: of a run's batches most hold the same ones."""

    def __init__(self) -> None:
        self._known: dict[str, _Services] = {}
        self._last: _Services | None = None
        self._lock = Lock()

    def of(self, found: Distinct, texts: "Interned") -> _Services:
        """What each of some distinct values holds."""
        values, kind, last = found.values, str(found.values.type), self._last
        if last is not None and last.values.equals(
            values
        ):  # batches of one part of a file share a dictionary
            return last
        known = self._known.get(kind)
        places = None if known is None else _places_in(known.values, values)
        if known is None or places is None or places.min(initial=0) < 0:
            new = values if places is None else values.filter(pa.array(places < 0))
            read = _read(new, texts)
            with self._lock:
                held = self._known.get(kind)
                if held is not None:
                    read = _Services(
                        pa.concat_arrays([held.values, read.values]),
                        np.append(held.number, read.number),
                        np.append(held.own, read.own),
                    )
                if len(read.values) <= _REMEMBERED:
                    self._known[kind] = read
            known, places = read, _places_in(read.values, values)
        # a value that is like nothing, as a float that is no number, is no code
        last = self._last = _Services(
            values, np.append(known.number, np.int32(-1))[places], np.append(known.own, "")[places]
        )
        return last


def _places_in(known: Array, values: Array) -> "Int32":
    """The place of each value among those that are known, -1 where it is not."""
    found: Int32 = pc.fill_null(pc.index_in(values, value_set=known), -1).to_numpy()
    return found


def _read(values: Array, texts: "Interned") -> _Services:
    number, own = np.full(len(values), -1, np.int32), np.full(len(values), "", object)
    for place, text in enumerate(texts_of(values, _CODE_DIGITS)):
        if text:
            # what was read as a code, perhaps by an earlier process, is one
            code, modifiers = (text, ()) if text in texts.codes else code_and_modifiers(text)
            number[place], own[place] = texts.codes.number(code), " ".join(modifiers)
    return _Services(values, number, own)


def places(array: Array, texts: "Interned") -> "Int32":
    """The number of each place of service, 0 where there is none.

    >>> from cptkit.frames.lines import Interned
    >>> run = Interned()
    >>> places(pa.array([11, 2, None]), run).tolist(), run.places.values
    ([1, 2, 0], [None, '11', '02'])
    """
    found = distinct(plain(array))
    numbers = [texts.places.number(text or None) for text in texts_of(found.values, _PLACE_DIGITS)]
    return np.array([*numbers, 0], dtype=np.int32).take(found.index)


def modifier_parts(array: Array) -> list[Part]:
    """A column of modifiers in parts: one, or one for each place of its lists."""
    array = plain(array)
    kind = array.type
    is_view = str(kind).startswith(("list_view", "large_list_view"))
    if pa.types.is_fixed_size_list(kind):
        array = array.cast(pa.list_(kind.value_type))
    elif not (is_view or pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        if array.null_count == len(array):
            return []
        found = distinct(array)
        texts = texts_of(found.values, _MODIFIER_DIGITS)
        return [Part(texts, _without_blanks(texts, found.index))]
    offsets = array.offsets.to_numpy().astype(np.int64)
    lengths = array.sizes.to_numpy().astype(np.int64) if is_view else np.diff(offsets)
    if array.null_count:
        lengths = np.where(pc.is_null(array).to_numpy(zero_copy_only=False), 0, lengths)
    starts = offsets[: len(array)]
    filled = (
        lengths > 0
    )  # the values of a slice are those of the whole: only the stretch that is used is read
    first = int(starts[filled].min()) if filled.any() else 0
    last = int((starts + lengths)[filled].max(initial=0))
    found = distinct(plain(array.values.slice(first, last - first)))
    texts = texts_of(found.values, _MODIFIER_DIGITS)
    index = _without_blanks(texts, found.index)
    parts = []
    for place in range(int(lengths.max(initial=0))):
        of_rows = np.full(len(array), -1, dtype=np.int32)
        rows = np.flatnonzero(lengths > place)
        of_rows[rows] = index[starts[rows] - first + place]
        parts.append(Part(texts, of_rows))
    return parts


def _without_blanks(texts: Sequence[str], index: "NDArray[np.int32]") -> "NDArray[np.int32]":
    if "" not in texts:
        return index
    kept = np.array([-1 if not text else place for place, text in enumerate(texts)] + [-1], dtype=np.int32)
    return kept[index]


def modifier_sets(parts: Sequence[Part], rows: int, texts: "Interned") -> "Int32":
    """The number of each row's modifiers, its parts read in their order; 0 where there is none.

    >>> from cptkit.frames.lines import Interned
    >>> run = Interned()
    >>> first, second = pa.array(["25", None, " gt "]), pa.array(["59", "", "95"])
    >>> parts = [part for column in (first, second) for part in modifier_parts(column)]
    >>> modifier_sets(parts, 3, run).tolist(), run.modifiers.values
    ([1, 0, 2], [(), ('25', '59'), ('GT', '95')])
    """
    compiled = kernel.sets([part.index for part in parts]) if parts else None
    if compiled is not None:
        number, firsts = compiled
        columns = [
            [str(part.texts[each]) if each >= 0 else "" for each in part.index[firsts].tolist()]
            for part in parts
        ]
        met = [tuple(filter(None, row)) for row in zip(*columns, strict=True)]
        numbers = [0, *(texts.modifiers.number(_split(each)) for each in met)]
        return np.array(numbers, dtype=np.int32).take(number)
    return _step_by_step(parts, rows, texts)


def _step_by_step(parts: Sequence[Part], rows: int, texts: "Interned") -> "Int32":
    """The same with numpy, part by part."""
    number = np.zeros(rows, dtype=np.int64)
    combined: list[tuple[str, ...]] = [()]
    for part in parts:
        filled = np.flatnonzero(part.index >= 0)
        if not len(filled):
            continue
        width = len(part.texts)
        key = number[filled] * width + part.index[filled]
        met, inverse = _compressed(key, len(combined) * width)
        number[filled] = inverse + len(combined)
        for each in met.tolist():
            combined.append((*combined[each // width], str(part.texts[each % width])))
    used = np.zeros(len(combined), dtype=bool)
    used[number] = True
    numbers = [
        texts.modifiers.number(_split(each)) if is_used else 0
        for each, is_used in zip(combined, used.tolist(), strict=True)
    ]
    return np.array(numbers, dtype=np.int32).take(number)


@lru_cache(_REMEMBERED)
def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    return split_modifiers(texts)


def _compressed(key: "NDArray[np.int64]", bound: int) -> "tuple[NDArray[Any], NDArray[Any]]":
    """The keys that occur, in order, and the place of each one among them."""
    if bound > _MOST_SEEN:
        return np.unique(key, return_inverse=True)
    seen = np.zeros(bound, dtype=bool)
    seen[key] = True
    met = np.flatnonzero(seen)
    places_of = np.empty(bound, dtype=np.int64)
    places_of[met] = np.arange(len(met))
    return met, places_of[key]
