"""Tables read once more, batch by batch, to count their lines: what ``cptkit.frames.research`` stands on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.codesets import Catalog, Codeset, Pin
from cptkit.errors import CptkitError, InvalidChoice, InvalidClaim, InvalidReport, UnreadableClaims, nearest
from cptkit.frames.arrow import Table, pa, pc
from cptkit.frames.converting import convert
from cptkit.frames.fitting import fitted
from cptkit.frames.lines import Interned, Lines, trace_of
from cptkit.frames.sources import BATCH_ROWS, Batch, BrokenFile, batches
from cptkit.setting import Setting

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from cptkit.frames.columns import ColumnMap, Columns
    from cptkit.frames.findings import FindingsTable

    Numbers = NDArray[np.int64]
    Chosen = ColumnMap | str | os.PathLike[str] | Mapping[str, Any] | None

__all__ = ["COUNTS", "Piece", "Reading", "catalog_from", "of_findings", "require_findings", "table_of"]

COUNTS = ("lines", "lines_failed", "failed", "bypassed")
"""What is counted of each group: all its lines, those with a finding that fails, and the findings."""


@attrs.frozen(slots=True, eq=False)
class Piece:
    """The lines of a batch, and the batch itself."""

    lines: Lines
    batch: Batch


class Reading:
    """The lines of a table, piece by piece.

    ``lines`` and ``rejected`` count what was read so far, ``trace`` is that of its lines.

    A file of a folder that cannot be read is left out where the findings name it as broken, and an error otherwise.

    >>> reading = Reading(pa.table({"patient": ["P-1"] * 2, "dos": ["2026-03-02", ""], "cpt": ["90834"] * 2}))
    >>> [len(piece.lines) for piece in reading], reading.rejected, reading.texts.codes.values
    ([1], 1, ['90834'])
    >>> Reading(pa.table({"cpt": ["90834"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: no column map fits; ...
    """

    def __init__(
        self,
        table: Any,
        columns: "Chosen" = None,
        setting: Setting | str = Setting.PRACTITIONER,
        broken: Iterable[str] = (),
        batch_rows: int | None = None,
    ) -> None:
        self.columns: Columns = fitted(table, columns)
        self.texts: Interned = Interned(has_modifiers="modifiers" in self.columns.fields)
        self.lines: int = 0
        self.rejected: int = 0
        self.trace: int = 0
        self._table = table
        self._setting = Setting(setting)
        self._broken = frozenset(broken)
        self._batch_rows = batch_rows or BATCH_ROWS

    def __iter__(self) -> Iterator[Piece]:
        with closing(batches(self._table, self.columns, self._batch_rows)) as source:
            yield from self._pieces(source)

    def _pieces(self, source: Iterator[Batch | BrokenFile]) -> Iterator[Piece]:
        lost: set[str | None] = set()
        for batch in source:
            if isinstance(batch, BrokenFile):
                if batch.path not in self._broken:
                    raise UnreadableClaims(batch.reason, given=batch.path)
                continue
            if batch.file in lost:
                continue
            try:
                found = convert(batch.data, batch.columns, self.texts, batch.first_row, self._setting)
            except CptkitError:
                if batch.file not in self._broken:
                    raise
                lost.add(batch.file)
                continue
            self.lines += len(found.lines)
            self.trace = (self.trace + trace_of(found.lines)) % 2**64
            self.rejected += len(found.rejects)
            if len(found.lines):
                yield Piece(found.lines, batch)

    def texts_at(self, field: str, piece: Piece, places: "Numbers") -> list[Any]:
        """What stands in the cells of a field, of some lines of a piece."""
        batch = piece.batch
        wide = batch.columns.lines or 1
        cells = piece.lines.row[places] - batch.first_row * wide
        arrays = [batch.data.column(name) for name in batch.columns.fields[field]]
        return [
            arrays[cell % wide if len(arrays) > 1 else 0][cell // wide].as_py() for cell in cells.tolist()
        ]


def catalog_from(given: Catalog | Codeset) -> Catalog:
    """The catalog, or one of a codeset alone."""
    if isinstance(given, Codeset):
        return Catalog((given,))
    if isinstance(given, Catalog):
        return given
    expected = "a cptkit.Catalog, such as Catalog.from_editions('2026.1'), or a codeset"
    raise InvalidClaim("lines are counted by a catalog", given=given, expected=expected)


def of_findings(
    found: "FindingsTable",
    table: Any,
    columns: "Chosen",
    rules: str,
    keys: Callable[[Reading, Piece], "NDArray[Any]"],
) -> "tuple[dict[Any, Numbers], Reading]":
    """For each key of lines the numbers of ``COUNTS``.

    :param rules: only findings of rules whose ids begin so.
    :raises UnreadableClaims: the findings are of another table.
    :raises InvalidReport: ``found`` is not what a check of a table gave.
    :raises InvalidChoice: of no rule that ran the id begins so.
    """
    require_findings(found)
    if not isinstance(rules, str) or (rules and not any(each.startswith(rules) for each in found.rules)):
        raise InvalidChoice(
            "of no rule that ran the id begins so",
            given=rules,
            expected="the id of a rule that ran, or its first letters, such as 'TIM'",
            near=nearest(rules, found.rules) if isinstance(rules, str) else (),
        )
    broken = (each.path for each in found.broken)
    # of a broken file as many rows are read as were checked
    reading = Reading(table, columns, found.setting, broken, found.batch_rows)
    chosen = found.table.filter(pc.starts_with(found.table["rule"].cast(pa.string()), rules))
    rows = np.asarray(chosen["row"].to_numpy())
    fails = np.asarray(pc.equal(chosen["outcome"].cast(pa.string()), "fail").to_numpy())
    counted: dict[Any, Numbers] = {}
    met = 0
    for piece in reading:
        own = piece.lines.row
        begin, end = np.searchsorted(rows, [own[0], own[-1] + 1])
        at = np.searchsorted(own, rows[begin:end])
        if (own[at] != rows[begin:end]).any():
            raise _other_table()
        met += int(end - begin)
        is_fail = fails[begin:end]
        distinct, which = np.unique(keys(reading, piece), return_inverse=True)
        numbers = np.stack(
            [
                np.bincount(which[places], minlength=len(distinct))
                for places in (slice(None), np.unique(at[is_fail]), at[is_fail], at[~is_fail])
            ],
            axis=1,
        )
        for key, values in zip(distinct.tolist(), numbers, strict=True):
            counted[key] = counted[key] + values if key in counted else values
    if met != len(rows) or not found.is_of(reading.lines, reading.rejected, reading.trace):
        raise _other_table()
    return counted, reading


def require_findings(found: "FindingsTable") -> None:
    """Refuse what is not the answer of a check.

    :raises InvalidReport: it is something else, such as its table alone.

    >>> require_findings(pa.table({"rule": []}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this is no FindingsTable: 'Table'; expected what cptkit.frames.check answers, ...
    """
    from cptkit.frames.findings import FindingsTable  # who counts lines alone needs none

    if not isinstance(found, FindingsTable):
        raise InvalidReport(
            "this is no FindingsTable",
            given=type(found).__name__,
            expected="what cptkit.frames.check answers, and then the table that was checked",
        )


def _other_table() -> UnreadableClaims:
    expected = "the table that was checked, its rows in the same order"
    return UnreadableClaims("the findings are of another table", expected=expected)


def table_of(columns: Mapping[str, Any], pins: Iterable[Pin], **more: object) -> Table:
    """A table that says in its metadata what it was counted by: the pins, and whatever else is told."""
    source = ", ".join(f"{pin.name} {pin.digest}" for pin in pins)
    metadata = {"source": source} | {name: str(value) for name, value in more.items()}
    return pa.table(dict(columns)).replace_schema_metadata(metadata)
