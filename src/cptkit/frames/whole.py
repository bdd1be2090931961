"""Batches of converted lines put together, and the ids by which findings are joined back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit import kernel
from cptkit.frames.arrow import Array, pa
from cptkit.frames.grouping import Heads
from cptkit.frames.lines import Lines, trace_of
from cptkit.frames.ranking import LONGEST, rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.converting import Converted, Rejects
    from cptkit.frames.ordering import Ranks

    Places = NDArray[np.int64]

__all__ = ["Held", "Part", "Whole", "in_one_type", "joined"]


@attrs.frozen(slots=True, eq=False)
class Held:
    """Lines of a batch that are held until all are read, in little room.

    ``columns``: those of ``Lines``, each in the least type that holds its values, but for ``row`` where the rows are
    ``first_row`` and what follows it.
    """

    columns: "Mapping[str, NDArray[Any]]"
    first_row: int
    like: Lines
    many: int

    def __len__(self) -> int:
        return self.many

    @classmethod
    def of(cls, lines: Lines, *, narrow: bool = False) -> "Held":
        """Those of a batch; ``narrow``: in the least room."""
        columns = {name: value for name in _COLUMNS if (value := getattr(lines, name)) is not None}
        rows = columns.pop("row")
        first = int(rows[0]) if len(rows) else 0
        is_gapless = not len(rows) or rows[-1] - first + 1 == len(rows)
        if narrow:
            columns = {name: _narrow(column) for name, column in columns.items()}
        # nothing of what is not held may be kept by it: a view of no values keeps all of them
        nothing: dict[str, Any] = {name: column[:0].copy() for name, column in columns.items()}
        like = attrs.evolve(lines, row=rows[:0].copy(), **nothing)
        return cls(columns if is_gapless else {"row": rows, **columns}, first, like, len(rows))

    def rows(self, places: "Places | slice") -> "Places":
        """The rows of the lines at some places."""
        if "row" in self.columns:
            return self.columns["row"][places]
        if isinstance(places, slice):
            start, stop, _ = places.indices(self.many)
            return np.arange(self.first_row + start, self.first_row + stop)
        return places + np.int64(self.first_row)

    def take(self, places: "Places | slice") -> Lines:
        """The lines at some places."""
        columns: dict[str, Any] = {
            name: _wide(name, _at(each, places)) for name, each in self.columns.items()
        }
        columns["row"] = self.rows(places)
        return attrs.evolve(self.like, **columns)

    def slice(self, start: int, end: int) -> "Held":
        """The lines from one place up to another."""
        columns = {name: column[start:end] for name, column in self.columns.items()}
        return Held(columns, self.first_row + start, self.like, end - start)


@attrs.frozen(slots=True, eq=False)
class Part:
    """A batch of the input: its lines, and what ``Converted`` tells beside them; ``heads`` if these are asked for.

    ``trace``: of its lines, as ``trace_of`` tells it.
    """

    held: Held
    heads: Heads | None
    trace: int
    rejects: "Rejects"
    claim: Any
    line_id: Any
    rows: int
    cells: int

    @classmethod
    def of(cls, found: "Converted", *, apart: bool = False) -> "Part":
        """That of a batch; ``apart``: it is held until all batches are read, and then brought together with these."""
        lines = found.lines
        heads = Heads.of(lines.patient, lines.day) if apart else None
        held = Held.of(lines, narrow=apart)
        told = found.rejects, found.claim, found.line_id, found.rows, found.cells
        return cls(held, heads, trace_of(lines), *told)

    @property
    def lines(self) -> Lines:
        """All its lines."""
        return self.held.take(slice(None))

    @property
    def memory(self) -> int:
        """The bytes that it takes while it is held; one value that stands for all lines takes none."""
        arrays = list(self.held.columns.values())
        if self.heads is not None:
            arrays += [self.heads.at, self.heads.mixed, self.heads.day]
        ids = sum(int(each.nbytes) for each in (self.claim, self.line_id) if each is not None)
        return ids + sum(each.nbytes for each in arrays if each.strides != (0,))


@attrs.frozen(slots=True, eq=False)
class Whole:
    """Lines of several batches, and beside each its claim and line as the input writes them, where it does.

    ``ends``: where each batch ends. The lines stay in their batches: what is asked for is taken from these.
    """

    batches: tuple[Held, ...]
    ends: "Places"
    claim: Any
    line_id: Any

    def __len__(self) -> int:
        return int(self.ends[-1])

    def column(self, name: str) -> "NDArray[Any]":
        """A column of all lines."""
        return _constant([batch.columns[name] for batch in self.batches])

    def ids(self) -> "Places | None":
        """Numbers that rise as the line ids do by ``id_order``; None where these rise as the rows, or there are none."""
        if self.line_id is None or _rises(self.line_id):
            return None
        return rising(self.line_id)

    def claims_at(self, places: "Places | None" = None) -> "Ranks | None":
        """What numbers lines in the order of their claims' ids, by where they stand among those at some places."""
        if self.claim is None:
            return None

        def ranks(at: "Places") -> "Places":
            asked = at if places is None else places.take(at)
            order = np.argsort(asked, kind="stable")
            found = np.empty(len(at), np.int64)
            found[order] = rising(_taken(self.claim, asked.take(order)))
            return found

        return ranks

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
        first, last = (int(self.batches[at].rows(slice(None))[at]) for at in (0, -1))
        if last - first + 1 == len(self):  # no row was rejected
            return rows - first
        every = np.concatenate([batch.rows(slice(None)) for batch in self.batches])
        found: Places = np.searchsorted(every, rows)
        return found

    def slice(self, start: int, end: int) -> "Whole":
        """The lines from one place up to another."""
        pieces = [batch.slice(a, b) for batch, a, b in self._pieces(start, end)]
        return _whole(
            pieces or [self.batches[0].slice(0, 0)],
            None if self.claim is None else self.claim.slice(start, end - start),
            None if self.line_id is None else self.line_id.slice(start, end - start),
        )

    def _pieces(self, start: int, end: int) -> "Iterator[tuple[Held, int, int]]":
        """The batches that hold lines from one place up to another, and which of theirs these are."""
        begin = 0
        for batch, stop in zip(self.batches, self.ends.tolist(), strict=True):
            if max(start, begin) < min(end, stop):
                yield batch, max(start, begin) - begin, min(end, stop) - begin
            begin = stop

    def lines(self) -> Lines:
        """All lines as one batch."""
        parts = [batch.take(slice(None)) for batch in self.batches]
        return parts[0] if len(parts) == 1 else _gathered(parts)

    def take(self, places: "Places") -> Lines:
        """The lines at some places, as one batch."""
        spots = kernel.spots(places, self.ends) or _spots(places, self.ends)
        low, high = int(spots.batch.min()), int(spots.batch.max())
        if low == high:
            return self.batches[low].take(spots.local)
        batches = self.batches[low : high + 1]
        np.subtract(spots.batch, low, out=spots.batch)
        first = batches[0]
        columns: dict[str, Any] = {
            name: _of_spots(name, batches, spots) for name in first.columns if name != "row"
        }
        return attrs.evolve(first.like, row=_rows_of(batches, spots), **columns)


def _spots(places: "Places", ends: "Places") -> kernel.Spots:
    """The batch of each place, and the place in it."""
    batch = np.searchsorted(ends, places, side="right")
    return kernel.Spots(batch.astype(np.int32), places - np.append(0, ends)[batch])


def _of_spots(name: str, batches: "Sequence[Held]", spots: kernel.Spots) -> "NDArray[Any]":
    """The values of a column at some spots."""
    columns = [batch.columns[name] for batch in batches]
    if (same := _same(columns)) is not None:
        return np.broadcast_to(_wide(name, same), (len(spots.local),))
    compiled = spots.gathered(columns, _TYPES[name])
    return (
        _piecewise([column.take for column in columns], spots, _TYPES[name]) if compiled is None else compiled
    )


def _rows_of(batches: "Sequence[Held]", spots: kernel.Spots) -> "Places":
    """The rows of the lines at some spots."""
    if any("row" in batch.columns for batch in batches):
        return _piecewise([batch.rows for batch in batches], spots, np.int64)
    rows: Places = np.array([batch.first_row for batch in batches], np.int64).take(spots.batch)
    rows += spots.local
    return rows


def _piecewise(
    taken: "Sequence[Callable[[Places], NDArray[Any]]]", spots: kernel.Spots, kind: Any
) -> "NDArray[Any]":
    """What is taken of each batch at the places in it, put together."""
    found = np.empty(len(spots.local), kind)
    for number, take in enumerate(taken):
        at = np.flatnonzero(spots.batch == number)
        found[at] = take(spots.local.take(at))
    return found


_TYPES: dict[str, Any] = {
    "row": np.int64,
    "patient": np.uint64,
    "provider": np.uint64,
    **dict.fromkeys(("day", "code", "modifiers", "place", "units", "minutes", "start", "stop"), np.int32),
    "charge": np.int64,
}
_COLUMNS = tuple(_TYPES)


def _narrow(column: "NDArray[Any]") -> "NDArray[Any]":
    """The same values in 16 bits, where they have room there."""
    if column.dtype != np.int32 or column.strides == (0,) or not len(column):
        return column
    least, most = column.min(), column.max()
    return column.astype(np.int16) if least >= -(2**15) and most < 2**15 else column


def _wide(name: str, column: "NDArray[Any]") -> "NDArray[Any]":
    """The values of a column in the type that it has in ``Lines``."""
    return column if column.strides == (0,) else column.astype(_TYPES[name], copy=False)


def _at(column: "NDArray[Any]", places: "Places | slice") -> "NDArray[Any]":
    """The values at some places; one value that stands for all of them takes no room here either."""
    if isinstance(places, slice):
        return column[places]
    if column.strides != (0,) or not len(places):
        return column.take(places)
    return np.broadcast_to(column[0], (len(places),))


def _gathered(batches: Sequence[Lines]) -> Lines:
    """One batch of all lines."""
    columns: dict[str, Any] = {}
    for name in _COLUMNS:
        values = [getattr(batch, name) for batch in batches]
        if values[0] is not None:
            columns[name] = _constant(values)
    return attrs.evolve(batches[0], **columns)


def joined(parts: "Sequence[Part | Whole]") -> Whole:
    """All lines of several batches, in their order."""
    batches: list[Held] = []
    for part in parts:
        batches += part.batches if isinstance(part, Whole) else [part.held]
    filled = [batch for batch in batches if len(batch)] or batches[:1]
    return _whole(filled, _chunks([each.claim for each in parts]), _chunks([each.line_id for each in parts]))


def _whole(batches: Sequence[Held], claim: Any, line_id: Any) -> Whole:
    return Whole(tuple(batches), np.cumsum([len(batch) for batch in batches]), claim, line_id)


def _constant(values: "list[NDArray[Any]]") -> "NDArray[Any]":
    """The values one after another; where all are one, without taking room for each."""
    same = _same(values)
    return np.concatenate(values) if same is None else np.broadcast_to(same, (sum(map(len, values)),))


def _same(columns: "list[NDArray[Any]]") -> Any:
    """The one value that columns hold, which are written as one; else None."""
    if not all(len(column) and column.strides == (0,) for column in columns):
        return None
    return columns[0][:1] if all(column[0] == columns[0][0] for column in columns) else None


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
    """Whether ids are whole numbers that rise from row to row."""
    if not pa.types.is_integer(ids.type) or ids.null_count:
        return False
    last = -1
    for chunk in ids.chunks:
        numbers = np.asarray(chunk.to_numpy())
        if len(numbers):
            if numbers[0] <= last or (numbers[1:] <= numbers[:-1]).any() or numbers[-1] >= LONGEST:
                return False
            last = int(numbers[-1])
    return True
