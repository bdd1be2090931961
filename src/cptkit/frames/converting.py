"""A batch of a table as lines, strictly: every row becomes a line or is rejected with its reason.

What a cell may be is what ``cptkit.interop`` reads of a claim file, and the types that columns have besides: days
as dates, time stamps or numbers, codes as whole numbers, units with decimals that are zeros. A blank cell of
units is one unit, as there. Nothing is guessed, and nothing is coerced without being asked for.

>>> from cptkit.frames.maps import detect
>>> table = pa.table({"patient": ["P-1", "P-1"], "dos": ["2026-03-02", "2026-02-30"], "cpt": ["90834", "90785"]})
>>> done = convert(table.to_batches()[0], detect(table.column_names), Interned())
>>> len(done.lines), done.rejects.reasons[0].text, done.rejects.reasons[0].count
(1, 'date of service is not a day of the calendar', 1)
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.cells import quoted
from cptkit.errors import UnreadableClaims
from cptkit.frames.arrow import Array, RecordBatch, pa, pc
from cptkit.frames.columns import Columns
from cptkit.frames.distinct import Read, distinct, plain, text_of, texts_of
from cptkit.frames.hashing import CLAIM, PATIENT, PROVIDER, hashed
from cptkit.frames.kinds import unfit
from cptkit.frames.lines import ANY_DAY, NONE, Interned, Lines
from cptkit.frames.naming import Part, codes, modifier_parts, modifier_sets, places
from cptkit.frames.values import clock_times, days, money, whole_numbers
from cptkit.setting import Setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.lines import Int32, Int64, UInt64

__all__ = ["Converted", "Reason", "Rejects", "convert"]

_EXAMPLES = 3


@attrs.frozen(slots=True)
class Reason:
    """Why rows were rejected: in words, of how many rows, and of the first of them the row and the cell's text."""

    text: str
    count: int
    examples: tuple[tuple[int, str], ...]


@attrs.frozen(slots=True, eq=False)
class Rejects:
    """Rows that became no line, in the order of the input.

    ``row``: as in ``Lines``. ``reason``: the place of the first thing that is wrong in ``reasons``. ``patient``,
    ``day``: as in ``Lines``, ``ANY_DAY`` where it could not be read. ``is_known`` says that the patient could be
    read, whose other lines of that day are then judged without this one. A row of another setting is of no day that
    is judged here.
    """

    row: "Int64"
    reason: "Int32"
    patient: "UInt64"
    day: "Int32"
    is_known: "NDArray[np.bool_]"
    reasons: tuple[Reason, ...] = ()

    def __len__(self) -> int:
        return len(self.row)


@attrs.frozen(slots=True, eq=False)
class Converted:
    """What a batch became: ``cells`` is always the number of ``lines`` plus the number of ``rejects``.

    ``rows``: those of the batch. ``cells``: the same where a row is a line. Where a row holds several lines, every
    code cell that is not blank is one, and a row without any is one; ``row`` of lines and rejects is then the row
    of the input times the lines a row may hold, plus the place in it. ``claim``, ``line_id``: the claim and line as
    the input writes them, of each of ``lines``; None where it does not.
    """

    lines: Lines
    rejects: Rejects
    claim: Array | None
    line_id: Array | None
    rows: int
    cells: int


def convert(
    batch: RecordBatch,
    columns: Columns,
    texts: Interned,
    first_row: int = 0,
    setting: Setting = Setting.PRACTITIONER,
) -> Converted:
    """The lines of a batch, and the rows that are none.

    :param texts: of the run; one for all its batches.
    :param first_row: the place of the batch's first row in the input.
    :param setting: whose claims these are; where a column says otherwise of a row, the row is rejected.
    :raises UnreadableClaims: a column is missing, or of a type that cannot hold its field.

    >>> from cptkit.frames.maps import detect
    >>> batch = pa.RecordBatch.from_pydict({"patient": [1], "dos": [True], "cpt": ["90834"]})
    >>> convert(batch, detect(batch.schema.names), Interned())
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: a column cannot hold the date of service: 'dos' (bool); expected text, a date, a time stamp or a number
    """
    if problem := unfit(columns, batch.schema):
        raise problem
    try:
        return _Batch(batch, columns, texts, first_row, setting).converted()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError) as error:
        raise UnreadableClaims(f"a column cannot be read ({error})") from error


class _Batch:
    """One batch being converted: its columns, and what is wrong with each cell so far."""

    def __init__(
        self, batch: RecordBatch, columns: Columns, texts: Interned, first_row: int, setting: Setting
    ) -> None:
        self._batch = batch
        self._columns = columns
        self._texts = texts
        self._setting = setting
        self._rows = batch.num_rows
        self._wide = columns.lines or 1
        self._first = first_row
        self._why = np.zeros(self._rows * self._wide, dtype=np.int32)
        self._reasons: dict[tuple[str, str], int] = {("", ""): 0}

    def _arrays(self, field: str) -> list[Array]:
        return [self._column(name) for name in self._columns.fields.get(field, ())]

    def _column(self, name: str) -> Array:
        """A column, its texts as such: later nobody could tell which one cannot be read.

        :raises UnreadableClaims: bytes of it are no text.
        """
        try:
            return plain(self._batch.column(name))
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise UnreadableClaims(f"a column cannot be read ({error})", given=name) from error

    def _spread(self, found: "Sequence[NDArray[Any]]") -> "NDArray[Any]":
        """Values by row, or by row and line, as values of all cells, row by row."""
        if len(found) == 1:
            return found[0] if self._wide == 1 else np.repeat(found[0], self._wide)
        return np.stack(found, axis=1).ravel()

    def _blame(self, field: str, why: "NDArray[Any]", reasons: Sequence[str]) -> None:
        """Note what is wrong with cells, where nothing was noted before."""
        of_batch = np.array([self._reason(field, text) for text in reasons], dtype=np.int32)
        self._why = np.where(self._why == 0, of_batch[why], self._why)

    def _reason(self, field: str, text: str) -> int:
        return self._reasons.setdefault((field, text) if text else ("", ""), len(self._reasons))

    def _read(self, field: str, read: "Callable[[Array], Read]") -> "NDArray[Any] | None":
        """The values of a field, None where no column holds it; what is wrong is noted."""
        reads = [read(array) for array in self._arrays(field)]
        return self._noted(field, reads) if reads else None

    def _noted(self, field: str, reads: Sequence[Read]) -> "NDArray[Any]":
        if any(read.why is not None for read in reads):
            numbers: list[NDArray[Any]] = []
            reasons = [""]
            for read in reads:
                why = np.zeros(self._rows, dtype=np.int32) if read.why is None else read.why
                numbers.append(np.where(why > 0, why + (len(reasons) - 1), 0))
                reasons += read.reasons[1:]
            self._blame(field, self._spread(numbers), reasons)
        return self._spread([read.values for read in reads])

    def converted(self) -> Converted:
        """The batch as lines and rejects."""
        setting_fits = self._of_setting()
        patient = self._patients()
        code, own = self._codes()
        (of_rows,) = [days(each) for each in self._arrays("date_of_service")]
        day = Read(
            self._noted("date_of_service", [of_rows]),
            None if of_rows.why is None else self._spread([of_rows.why]),
        )
        units = self._read("units", lambda array: whole_numbers(array, "units", 1))
        minutes = self._read("minutes", lambda array: whole_numbers(array, "minutes", NONE))
        start, stop = self._times()
        charge = self._read("charge", money)
        provider = self._spread(
            [hashed(each, PROVIDER, fold=True) for each in self._arrays("rendering_provider")]
            or [np.broadcast_to(np.uint64(0), (self._rows,))]
        )
        place = self._spread(
            [places(each, self._texts) for each in self._arrays("place_of_service")]
            or [np.broadcast_to(np.int32(0), (self._rows,))]
        )
        modifiers = self._modifiers(own)
        counted = self._counted(code)
        row = np.arange(len(self._why), dtype=np.int64) + self._first * self._wide
        is_good = self._why == 0
        kept = (
            None
            if counted is None and is_good.all()
            else np.flatnonzero(is_good if counted is None else is_good & counted)
        )

        def of(values: "NDArray[Any]") -> "NDArray[Any]":
            return values if kept is None else values[kept]

        def filled(values: "NDArray[Any] | None", stand_in: int) -> "NDArray[Any]":
            many = len(row) if kept is None else len(kept)
            return np.broadcast_to(np.int32(stand_in), (many,)) if values is None else of(values)

        lines = Lines(
            self._texts,
            of(row),
            of(patient),
            of(provider),
            of(day.values),
            of(code),
            of(modifiers),
            of(place),
            filled(units, 1),
            filled(minutes, NONE),
            filled(start, NONE),
            filled(stop, NONE),
            None if charge is None else of(charge),
            self._setting,
        )
        rejects = self._rejects(row, patient, day, setting_fits, counted)
        return Converted(lines, rejects, *self._ids(kept), self._rows, len(lines) + len(rejects))

    def _of_setting(self) -> "NDArray[np.bool_] | None":
        """Which rows may be of the setting, where a column says of which they are; a blank cell is of ours."""
        for array in self._arrays("setting"):
            found = distinct(plain(array))
            fits = [True]
            reasons = [""]
            meant = self._columns.map.settings
            known = ", ".join(meant) or "none, as the map has no settings"
            for text in map(str.casefold, texts_of(found.values)):
                is_ours = not text or (text in meant and meant[text] is self._setting)
                if text not in meant:
                    reason = f"no setting that is known: those are {known}"
                elif meant[text] is None:
                    reason = f"a line of no setting that is judged here, not {self._setting}"
                else:
                    reason = f"a line of the setting {meant[text]}, not {self._setting}"
                fits.append(is_ours or text not in meant)
                reasons.append("" if is_ours else reason)
            why = found.index + 1
            self._blame("setting", self._spread([why]), reasons)
            return self._spread([np.array(fits)[why]])
        return None

    def _patients(self) -> "UInt64":
        """The patient of each cell; where none is named, the claim."""
        found = np.zeros(self._rows, dtype=np.uint64)
        for field, seed in (("patient", PATIENT), ("claim", CLAIM)):
            for array in self._arrays(field):
                if not found.any():
                    found = hashed(array, seed)
                elif not found.all():
                    found = np.where(found == 0, hashed(array, seed), found)
        if not found.all():
            held = [field for field in ("patient", "claim") if field in self._columns.fields]
            reason = "neither a patient nor a claim" if len(held) == 2 else f"no {held[0]}"
            self._blame(held[0], self._spread([(found == 0).astype(np.int32)]), ["", reason])
        return self._spread([found])

    def _codes(self) -> "tuple[Int32, list[Part]]":
        """The code of each cell, and the modifiers that code cells hold."""
        numbers: list[NDArray[Any]] = []
        own: list[Part] = []
        for place, array in enumerate(self._arrays("code")):
            number, part = codes(array, self._texts)
            numbers.append(number)
            if part is not None:
                index = np.full((self._rows, self._wide), -1, dtype=np.int32)
                index[:, place] = part.index
                own.append(Part(part.texts, index.ravel()))
        code = self._spread(numbers)
        if len(code) and code.min() < 0:
            self._blame("code", (code < 0).astype(np.int32), ["", "no code"])
        return code, own

    def _counted(self, code: "Int32") -> "NDArray[np.bool_] | None":
        """Of rows of several lines, the cells that are counted: those with a code, or the first of a row without."""
        if self._wide == 1:
            return None
        filled = (code >= 0).reshape(self._rows, self._wide)
        filled[:, 0] |= ~filled.any(axis=1)
        return filled.ravel()

    def _times(self) -> "tuple[NDArray[Any] | None, NDArray[Any] | None]":
        """Start and stop of each cell; one without the other, or both alike, are no time."""
        begin = self._read("start", lambda array: clock_times(array, "start"))
        end = self._read("stop", lambda array: clock_times(array, "stop"))
        if begin is None and end is None:
            return None, None
        none = np.full(len(self._why), NONE, dtype=np.int32)
        start, stop = none if begin is None else begin, none if end is None else end
        why = np.zeros(len(none), dtype=np.int32)
        why[(start >= 0) & (stop < 0)] = 1
        why[(start < 0) & (stop >= 0)] = 2
        why[(start >= 0) & (start == stop)] = 3
        if why.any():
            reasons = ["", "a start without a stop", "a stop without a start", "start and stop are one time"]
            self._blame("stop" if begin is None else "start", why, reasons)
        return start, stop

    def _modifiers(self, own: Sequence[Part]) -> "Int32":
        parts = list(own)
        for array in self._arrays("modifiers"):
            parts += [Part(part.texts, self._spread([part.index])) for part in modifier_parts(array)]
        return modifier_sets(parts, len(self._why), self._texts)

    def _rejects(
        self,
        row: "Int64",
        patient: "UInt64",
        day: Read,
        setting_fits: "NDArray[np.bool_] | None",
        counted: "NDArray[np.bool_] | None",
    ) -> Rejects:
        rows = np.flatnonzero(self._why if counted is None else (self._why > 0) & counted)
        is_known = patient[rows] != 0
        if setting_fits is not None:
            is_known &= setting_fits[rows]
        met, reason, many = np.unique(self._why[rows], return_inverse=True, return_counts=True)
        named = list(self._reasons)
        reasons = tuple(
            Reason(
                named[number][1],
                int(count),
                self._examples(named[number][0], row, rows[reason == place][:_EXAMPLES]),
            )
            for place, (number, count) in enumerate(zip(met.tolist(), many, strict=True))
        )
        return Rejects(
            row[rows],
            reason.astype(np.int32),
            patient[rows],
            day.values[rows] if day.why is None else np.where(day.why[rows], ANY_DAY, day.values[rows]),
            is_known,
            reasons,
        )

    def _examples(self, field: str, row: "Int64", cells: "NDArray[Any]") -> tuple[tuple[int, str], ...]:
        """The first cells of a reason: their row, and what stands in the column."""
        arrays = self._arrays(field)
        found: list[tuple[int, str]] = []
        for cell in cells.tolist():
            array = arrays[cell % self._wide if len(arrays) > 1 else 0]
            try:
                value = plain(array.slice(cell // self._wide, 1))[0].as_py()
                told = "" if value is None else quoted(text_of(value))
            except (OverflowError, ValueError):  # a date or time that Python has none of
                told = f"a {array.type} out of all bounds"
            found.append((int(row[cell]), told))
        return tuple(found)

    def _ids(self, kept: "NDArray[Any] | None") -> tuple[Array | None, Array | None]:
        """The claim and the line of the cells that are lines, as the input writes them."""
        rows = None if kept is None else pa.array(kept // self._wide)
        claim, line = (
            next(
                (each if rows is None else each.take(rows) for each in map(plain, self._arrays(field))), None
            )
            for field in ("claim", "line")
        )
        if self._wide > 1:
            line = pc.cast(
                pa.array((np.arange(len(self._why)) if kept is None else kept) % self._wide + 1), pa.string()
            )
        return claim, line
