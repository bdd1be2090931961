"""Batches of converted lines put together, and the ids by which findings are joined back."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.frames.arrow import Array, pa
from cptkit.frames.lines import Lines
from cptkit.frames.ranking import LONGEST, rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.converting import Converted

    Places = NDArray[np.int64]

__all__ = ["Whole", "in_one_type", "joined"]


@attrs.frozen(slots=True, eq=False)
class Whole:
    """Lines of several batches, and beside each its claim and line as the input writes them, where it does.

    ``ends``: where each batch ends. The lines stay in their batches: what is asked for is taken from these.
    """

    batches: tuple[Lines, ...]
    ends: "Places"
    claim: Any
    line_id: Any

    def __len__(self) -> int:
        return int(self.ends[-1])

    def column(self, name: str) -> "NDArray[Any]":
        """A column of all lines."""
        return _constant([getattr(batch, name) for batch in self.batches])

    def ids(self) -> "Places | None":
        """Numbers that rise as the line ids do by ``id_order``; None where these rise as the rows, or there are none."""
        if self.line_id is None or _rises(self.line_id):
            return None
        return rising(self.line_id)

    def ids_of(self, rows: "Places") -> "tuple[Any, Any]":
        """The line and claim of lines, by their rows, which rise."""
        places = self._places(rows)
        line = pa.array(rows) if self.line_id is None else _taken(self.line_id, places)
        claim = pa.nulls(len(rows), pa.string()) if self.claim is None else _taken(self.claim, places)
        return line, claim

    def _places(self, rows: "Places") -> "Places":
        """The place of each row among the lines."""
        if not len(rows):
            return rows
        first, last = int(self.batches[0].row[0]), int(self.batches[-1].row[-1])
        if last - first + 1 == len(self):  # no row was rejected
            return rows - first
        found: Places = np.searchsorted(self.column("row"), rows)
        return found

    def slice(self, start: int, end: int) -> "Whole":
        """The lines from one place up to another."""
        pieces = [batch.take(slice(a, b)) for batch, a, b in self._pieces(start, end)]
        return _whole(
            pieces or [self.batches[0].take(slice(0, 0))],
            None if self.claim is None else self.claim.slice(start, end - start),
            None if self.line_id is None else self.line_id.slice(start, end - start),
        )

    def _pieces(self, start: int, end: int) -> "Iterator[tuple[Lines, int, int]]":
        """The batches that hold lines from one place up to another, and which of theirs these are."""
        begin = 0
        for batch, stop in zip(self.batches, self.ends.tolist(), strict=True):
            if max(start, begin) < min(end, stop):
                yield batch, max(start, begin) - begin, min(end, stop) - begin
            begin = stop

    def lines(self, start: int = 0, end: int | None = None) -> Lines:
        """The lines from one place up to another, as one batch."""
        parts = [
            batch.take(slice(a, b)) for batch, a, b in self._pieces(start, len(self) if end is None else end)
        ]
        parts = parts or [self.batches[0].take(slice(0, 0))]
        return parts[0] if len(parts) == 1 else _gathered(parts, _constant)

    def take(self, places: "Places") -> Lines:
        """The lines at some places, as one batch."""
        which = np.searchsorted(self.ends, places, side="right")
        spots = []
        for number in range(int(which.min()), int(which.max()) + 1):
            at = np.flatnonzero(which == number)
            if len(at):
                begin = int(self.ends[number - 1]) if number else 0
                spots.append((self.batches[number], at, places[at] - begin))
        if len(spots) == 1:
            return spots[0][0].take(spots[0][2])

        def of(columns: "list[NDArray[Any]]") -> "NDArray[Any]":
            if (same := _same(columns)) is not None:
                return np.broadcast_to(same, (len(places),))
            found = np.empty(len(places), columns[0].dtype)
            for column, (_, at, local) in zip(columns, spots, strict=True):
                found[at] = column[local]
            return found

        return _gathered([batch for batch, _, _ in spots], of)


def _gathered(batches: Sequence[Lines], make: "Callable[[list[NDArray[Any]]], NDArray[Any]]") -> Lines:
    """A batch of which each column is made of those of several batches."""
    columns: dict[str, Any] = {}
    for field in attrs.fields(Lines):
        values = [getattr(batch, field.name) for batch in batches]
        if isinstance(values[0], np.ndarray):
            columns[field.name] = make(values)
    return attrs.evolve(batches[0], **columns)


def joined(parts: "Sequence[Converted | Whole]") -> Whole:
    """All lines of several batches, in their order."""
    batches: list[Lines] = []
    for part in parts:
        batches += part.batches if isinstance(part, Whole) else [part.lines]
    filled = [batch for batch in batches if len(batch)] or batches[:1]
    return _whole(filled, _chunks([each.claim for each in parts]), _chunks([each.line_id for each in parts]))


def _whole(batches: Sequence[Lines], claim: Any, line_id: Any) -> Whole:
    return Whole(tuple(batches), np.cumsum([len(batch) for batch in batches]), claim, line_id)


def _constant(values: "list[NDArray[Any]]") -> "NDArray[Any]":
    """The values one after another; where all are one, without taking room for each."""
    same = _same(values)
    return np.concatenate(values) if same is None else np.broadcast_to(same, (sum(map(len, values)),))


def _same(columns: "list[NDArray[Any]]") -> Any:
    """The one value that columns hold, which are written as one; else None."""
    if not all(len(column) and column.strides == (0,) for column in columns):
        return None
    return columns[0][0] if all(column[0] == columns[0][0] for column in columns) else None


def _taken(array: Array, places: "NDArray[np.int64]") -> Array:
    """The values at some places, which rise; of each chunk at once."""
    ends = np.cumsum([len(chunk) for chunk in array.chunks])
    cuts = np.searchsorted(places, ends)
    found = []
    for chunk, start, end, last in zip(array.chunks, np.append(0, cuts[:-1]), cuts, ends, strict=True):
        if end > start:
            found.append(chunk.take(pa.array(places[start:end] - (last - len(chunk)))))
    return pa.chunked_array(found or [pa.nulls(0, array.type)], type=array.type)


def in_one_type(chunks: "list[Any]") -> Any:
    """Arrays one after another; as texts where they are of several types."""
    if any(chunk.type != chunks[0].type for chunk in chunks):
        chunks = [chunk.cast(pa.string()) for chunk in chunks]
    return pa.chunked_array(chunks, type=chunks[0].type)


def _chunks(arrays: "list[Any]") -> Any:
    """Ids of several batches as one array; as texts where files write them in other types."""
    if arrays[0] is None:
        return None
    flat = [
        chunk for each in arrays for chunk in (each.chunks if isinstance(each, pa.ChunkedArray) else [each])
    ]
    return in_one_type(flat)


def _rises(ids: Any) -> bool:
    """Whether ids are whole numbers that never fall from row to row."""
    if not pa.types.is_integer(ids.type) or ids.null_count:
        return False
    last = 0
    for chunk in ids.chunks:
        numbers = np.asarray(chunk.to_numpy())
        if len(numbers):
            if numbers[0] < last or (numbers[1:] < numbers[:-1]).any() or numbers[-1] >= LONGEST:
                return False
            last = int(numbers[-1])
    return True
