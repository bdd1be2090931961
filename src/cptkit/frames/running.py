"""Checking a table of claim lines: read in batches, brought together by patient and day, judged in threads."""

import os
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.claims import Claim
from cptkit.codesets import Catalog, Codeset
from cptkit.errors import InvalidChoice, UnreadableClaims
from cptkit.frames.arrow import pa
from cptkit.frames.checking import Checker
from cptkit.frames.converting import convert
from cptkit.frames.counts import count
from cptkit.frames.findings import FindingsTable, Judged, finished, ids_together
from cptkit.frames.fitting import fitted
from cptkit.frames.found import FoundColumns, by_rule, in_order
from cptkit.frames.grouping import Days, Heads, brought_together, in_turn
from cptkit.frames.keeping import folder_of, keep
from cptkit.frames.limits import Limit, release
from cptkit.frames.lines import Interned, Lines
from cptkit.frames.lost import Lost
from cptkit.frames.memory import memory_of
from cptkit.frames.reporting import Again
from cptkit.frames.sources import BATCH_ROWS, BrokenFile, batches
from cptkit.frames.threads import beside, in_threads
from cptkit.frames.whole import Part, Whole, joined
from cptkit.rules.choosing import selectors
from cptkit.rules.engine import as_catalog, check_claims
from cptkit.rules.judged import basis_of, judge
from cptkit.rules.report import Report
from cptkit.setting import Setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Block = tuple[Lines, Places, Places]

    from cptkit.frames.maps import ColumnMap
    from cptkit.rules.profiles.profile import Profile
    from cptkit.sources import Basis

__all__ = ["Reading", "check"]

_EARLY = 4  # batches that are read while what rules said is taken up
_ALL_ROWS = 2 * BATCH_ROWS  # of a batch of lines that are all held: larger ones cost them little


def check(
    table: Any,
    catalog: Catalog | Codeset,
    *,
    columns: "ColumnMap | str | os.PathLike[str] | Mapping[str, Any] | None" = None,
    basis: "Basis | None" = None,
    profile: "Profile | str | os.PathLike[str] | None" = None,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
    setting: Setting | str = Setting.PRACTITIONER,
    grouped: bool = False,
    threads: int | None = None,
    batch_rows: int | None = None,
    memory_limit: int | None = None,
    kept: "str | os.PathLike[str] | None" = None,
    on_rows: Callable[[int], None] | None = None,
) -> FindingsTable:
    """What is wrong with the lines of a table, as columns.

    The lines of a patient and day are judged together, whichever claims hold them, as ``cptkit.check`` judges a
    claim of just these lines.

    :param table: anything that speaks the Arrow PyCapsule interface, such as a table of pyarrow, Polars, pandas or
        DuckDB, or the path of a Parquet, CSV or Arrow file, or of a folder of such files.
    :param columns: which column holds what: the id of a bundled map, the path of one, a mapping of field to column
        name (``map`` in it names the map of all other fields), or None to detect it.
    :param basis, profile, select, ignore: as for ``cptkit.check``.
    :param setting: whose claims these are.
    :param grouped: the rows of each patient stand together, so that memory is bounded by ``batch_rows``. Otherwise
        some 40 bytes a line are kept, and the ids.
    :param threads: how many judge; as many as there are processors by default.
    :param batch_rows: rows of a batch; 250,000 by default of grouped lines, 500,000 of others.
    :param memory_limit: how many bytes lines may take that are held at once: all of them, of grouped rows those of a
        patient. The packages, tables and blocks in work come on top.
    :param kept: a folder in which what rules said is kept, for the next process that asks the same rules of the
        same editions and tables; made if it is not there. Whoever else can write to it can run code here.
    :param on_rows: called with the number of rows of each batch once it is read, to show progress.
    :raises UnreadableClaims: the table cannot be read, or its columns; it is not grouped though ``grouped``; or its
        lines take more than ``memory_limit``.
    :raises AmbiguousColumns: when two maps fit, or two columns fit one field.
    :raises UnknownColumnMap, BrokenColumnMap: ``columns`` is no map.
    :raises BrokenEdits: the edit tables of the catalog were closed.
    :raises InvalidChoice: ``threads``, ``batch_rows`` or ``memory_limit`` is no count, or ``grouped`` no truth value;
        ``kept`` is no folder that can be written; ``on_rows`` cannot be called; no such basis or setting.
    :raises UnknownRule, UnknownProfile, BrokenProfile, InvalidClaim: as ``cptkit.check``.

    >>> import cptkit, pyarrow
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> lines = {"patient": ["P-1"], "dos": ["2026-03-02"], "cpt": ["90837"], "minutes": [50]}
    >>> check(pyarrow.table(lines), catalog).table.select(["row", "rule", "outcome"]).to_pylist()
    [{'row': 0, 'rule': 'TIM402', 'outcome': 'fail'}]
    >>> check(pyarrow.table({"patient": ["P-1"]}), catalog)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: ...
    """
    batch_rows = None if batch_rows is None else count("batch_rows", batch_rows)
    threads = count("threads", threads) if threads is not None else os.cpu_count() or 1
    if memory_limit is not None:
        memory_limit = count("memory_limit", memory_limit, "a whole number of bytes, 1 or more")
    if not (on_rows is None or callable(on_rows)):
        raise InvalidChoice("on_rows is called with rows", given=on_rows, expected="a function of a number")
    if not isinstance(grouped, bool | np.bool_):
        raise InvalidChoice("grouped is yes or no", given=grouped, expected="True or False")
    batch_rows = batch_rows or (BATCH_ROWS if grouped else _ALL_ROWS)
    catalog = as_catalog(catalog)
    setting, by = Setting(setting), judge(basis, profile)
    selected, ignored = selectors(select), selectors(ignore)
    held = fitted(table, columns)
    folder = None if kept is None else folder_of(kept)
    has_modifiers = "modifiers" in held.fields
    is_path = isinstance(table, str | os.PathLike)
    asked_of = partial(
        memory_of, catalog, by, selected, ignored, setting, has_modifiers=has_modifiers, kept=folder
    )
    # what is no file may not like to be read in another thread, or before it is known what is asked of it
    memory, early = beside(asked_of, batches(table, held, batch_rows), _EARLY, threads if is_path else 1)
    has_time = not {"minutes", "start", "stop"}.isdisjoint(held.fields)
    checker, texts, run = Checker(memory, has_time=has_time), memory.texts, memory.run
    is_folder = is_path and Path(table).is_dir()

    def read(
        source: Iterator[Any],
        texts: Interned,
        on_rows: Callable[[int], None] | None = None,
        *,
        apart: bool = False,
    ) -> Reading:
        def converted(batch: Any) -> Part:
            found = convert(batch.data, batch.columns, texts, batch.first_row, setting)
            return Part.of(found, apart=apart)

        return Reading(source, is_folder, converted, on_rows, 1 if grouped else threads)

    def read_again() -> Reading:
        return read(batches(table, held, batch_rows), Interned(has_modifiers=texts.has_modifiers))

    asked: dict[str, Any] = {"basis": basis, "profile": profile, "select": selected, "ignore": ignored}

    def check_days(claims: Iterable[Claim], incomplete: Collection[str]) -> Report:
        return check_claims(claims, catalog, incomplete=incomplete, days_apart=True, **asked)

    again = Again(read_again, check_days, checker.untold, setting)
    reading = read(early, texts, on_rows, apart=not grouped)
    run_of = _grouped_lines if grouped else _any_lines
    with closing(reading):
        judged = run_of(reading, checker, Limit(memory_limit, grouped=grouped), threads, batch_rows)
    if reading.rows > batch_rows:
        release()
    found = finished(
        judged,
        checker,
        by,
        reading,
        threads,
        batch_rows=batch_rows,
        rules=run.ids,
        left_out=run.left_out,
        columns=held.describe(),
        pins=catalog.pins,
        basis=str(basis_of(by)),
        setting=str(setting),
        again=None if isinstance(table, pa.RecordBatchReader) else again,
    )
    memory.said.forget()
    return found if folder is None else attrs.evolve(found, kept=keep(memory, folder))


class Reading:
    """The batches of the input, converted one by one; counts what was read and rejected."""

    def __init__(
        self,
        source: Iterator[Any],
        is_folder: bool,
        converted: Callable[[Any], Part],
        on_rows: Callable[[int], None] | None,
        threads: int,
    ) -> None:
        self._source = source
        self._threads = threads
        self._is_folder = is_folder
        self._begins: tuple[str | None, int] = (None, 0)
        self._converted = converted
        self._on_rows = on_rows
        self.rows: int = 0
        self.cells: int = 0
        self.trace: int = 0
        self.rejects: list[Any] = []
        self.broken: list[BrokenFile] = []
        self._lost = Lost()
        self._seen = 0
        self._end: tuple[str | None, int, int] | None = None

    def __iter__(self) -> Iterator[Part]:
        for batch, found in in_threads(self._try, ((each,) for each in self._source), self._threads):
            lost = self.broken[-1].path if self.broken else None
            if isinstance(batch, BrokenFile):
                if batch.path != lost:
                    self._broken(batch)
                continue
            if lost is not None and batch.file == lost:
                continue
            begins = self._first_row(batch)
            if isinstance(found, UnreadableClaims):
                if batch.file is None or not self._is_folder:
                    raise found
                self._broken(BrokenFile(batch.file, str(found), batch.first_row - begins))
                continue
            self.rows += found.rows
            self.cells += found.cells
            self.trace += found.trace
            if len(found.rejects):
                self.rejects.append(found.rejects)
            if self._on_rows is not None:
                self._on_rows(found.rows)
            if len(found.held):
                patient, day = (found.held.columns[name][-1] for name in ("patient", "day"))
                self._end = batch.file, int(patient), int(day)
            yield found

    def close(self) -> None:
        """Let go of the input, which may be open where an error ended the reading."""
        if isinstance(self._source, Generator):
            self._source.close()

    def _broken(self, file: BrokenFile) -> None:
        """Note a file that breaks: the patient and day of its last line may go on in what is lost."""
        self.broken.append(file)
        if self._end is not None and self._end[0] == file.path:
            _, patient, day = self._end
            self._lost.add([patient], [day])

    def _try(self, batch: Any) -> "tuple[Any, Part | UnreadableClaims | None]":
        """A batch, and what it was converted to, or why it cannot be."""
        try:
            return batch, None if isinstance(batch, BrokenFile) else self._converted(batch)
        except UnreadableClaims as error:
            return batch, error

    def _first_row(self, batch: Any) -> int:
        """The place of the first row of a batch's file."""
        if self._begins[0] != batch.file:
            self._begins = (batch.file, batch.first_row)
        return self._begins[1]

    def lost(self) -> Lost:
        """The patients' days of which a row was rejected, or may be lost with a file, up to now.

        Of a row whose day could not be read, this is ``ANY_DAY``.
        """
        for rejects in self.rejects[self._seen :]:
            patient, day = rejects.patient[rejects.is_known], rejects.day[rejects.is_known]
            self._lost.add(patient.tolist(), day.tolist())
        self._seen = len(self.rejects)
        return self._lost


def _any_lines(reading: Reading, checker: Checker, limit: Limit, threads: int, block_rows: int) -> Judged:
    """Lines in any order: all are kept, brought together, and judged block by block."""
    parts = list(limit.within(reading))
    if not parts:
        return Judged([], lambda _: ids_together([]), is_ordered=True)
    whole, heads = joined(parts), [each.heads for each in parts if each.heads is not None and len(each.held)]
    parts.clear()
    ids, lost = whole.ids(), reading.lost()
    days = brought_together(heads, threads)
    pieces: list[Callable[[], Block]] = []
    for number, (stays, each) in enumerate(zip(days.stays, heads, strict=True)):
        pieces.append(partial(_staying, whole, number, each, stays))
    cuts = days.begins[np.searchsorted(days.begins, np.arange(0, len(days.order), block_rows))]
    for start, end in pairwise(np.unique(np.append(cuts, len(days.order))).tolist()):
        pieces.append(partial(_moved, whole, days, start, end))

    def judged(piece: "Callable[[], Block]") -> FoundColumns:
        lines, places, starts = piece()
        claims = None if ids is None else whole.claims_at(places)
        found = checker.check(lines, lines.row if ids is None else ids.take(places), lost, starts, claims)
        return by_rule(found, checker.asker)

    done = list(in_threads(judged, ((each,) for each in pieces), threads))
    return Judged(done, whole.ids_of, is_ordered=False)


def _staying(whole: Whole, number: int, heads: Heads, stays: "NDArray[np.bool_]") -> "Block":
    """The lines of a batch that stand together by patient and day, their places, and where each day begins, with the end."""
    lengths = heads.lengths()
    begins = np.zeros(int(np.count_nonzero(stays)) + 1, np.int64)
    first = int(whole.ends[number]) - heads.rows
    if len(begins) > len(stays):
        begins[:-1] = heads.at
        begins[-1] = heads.rows
        return whole.batches[number].take(slice(None)), np.arange(first, first + heads.rows), begins
    np.cumsum(lengths[stays], out=begins[1:])
    at = np.flatnonzero(np.repeat(stays, lengths))
    return whole.batches[number].take(at), at + first, begins


def _moved(whole: Whole, days: Days, start: int, end: int) -> "Block":
    """The same of lines that are brought together, from one place of their order up to another."""
    first, last = np.searchsorted(days.begins, (start, end))
    places = days.order[start:end].astype(np.int64)
    return whole.take(places), places, days.begins[first : last + 1] - start


def _grouped_lines(
    reading: Reading, checker: Checker, limit: Limit, threads: int, _block_rows: int
) -> Judged:
    """Lines of each patient together: batch by batch, the last patient of each kept for the next one."""
    heads: list[NDArray[np.uint64]] = []
    known: list[int] = []

    def blocks() -> Iterator[tuple[Whole, Lost]]:
        kept: list[Any] = []
        for found in reading:
            patient = found.held.columns["patient"]
            if not len(patient):
                continue
            last = np.flatnonzero(patient != patient[-1])
            cut = int(last[-1]) + 1 if len(last) else 0
            now = joined([found])
            if cut or (kept and kept[-1].batches[-1].columns["patient"][-1] != patient[-1]):
                block = joined([*kept, now.slice(0, cut)])
                kept = []
                of_block = block.column("patient")
                heads.append(of_block[np.append(True, of_block[1:] != of_block[:-1])])
                known.append(len(reading.rejects))
                yield block, reading.lost()
                limit.release()
            limit.hold(found)
            kept.append(now.slice(cut, len(patient)))
        if kept:
            block = joined(kept)
            heads.append(block.batches[0].columns["patient"][:1])
            known.append(len(reading.rejects))
            yield block, reading.lost()

    def judged(part: Whole, lost: Lost) -> tuple[FoundColumns, tuple[Any, Any]]:
        lines, ids = part.lines(), part.ids()
        days = in_turn(lines.patient, lines.day)
        claims = None if ids is None else part.claims_at()
        found = checker.check(lines, lines.row if ids is None else ids, lost, days, claims)
        found = in_order(found, checker.asker, checker.facts.codes)
        return found, part.ids_of(found.row)

    told = list(in_threads(judged, blocks(), threads))
    met = np.sort(np.concatenate([np.zeros(0, np.uint64), *heads]))
    if (met[1:] == met[:-1]).any() or _came_late(reading, list(zip(heads, known, strict=True))):
        raise UnreadableClaims(
            "the rows of a patient do not stand together",
            expected="an input grouped by patient, or grouped=False",
        )
    return Judged(
        [found for found, _ in told], lambda _: ids_together([ids for _, ids in told]), is_ordered=True
    )


def _came_late(reading: Reading, judged: "list[tuple[NDArray[np.uint64], int]]") -> bool:
    """Whether a row was rejected of a patient whose lines were judged before it was read.

    ``judged``: the patients of each block, and how many batches with rejects were known then.
    """
    for place, rejects in enumerate(reading.rejects):
        patients = rejects.patient[rejects.is_known]
        if any(place >= known and np.isin(patients, held).any() for held, known in judged):
            return True
    return False
