"""What was found, as columns, and what was not checked, as counts."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit.errors import InvalidReport
from cptkit.frames.arrow import Array, DataType, Table, pa
from cptkit.frames.found import FoundColumns, by_keys, evidence_column, in_turn, settled, together
from cptkit.frames.in_short import in_short
from cptkit.frames.threads import in_threads
from cptkit.frames.whole import in_one_type
from cptkit.sources import Basis
from cptkit.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.codesets import Pin
    from cptkit.frames.checking import Checker
    from cptkit.frames.reporting import Again
    from cptkit.frames.sources import BrokenFile
    from cptkit.rules.judged import Judge
    from cptkit.rules.report import Report

    Places = NDArray[np.int64]

__all__ = [
    "COLUMNS",
    "FindingsTable",
    "Judged",
    "finished",
    "ids_together",
    "not_checked_table",
]

COLUMNS = ("row", "line", "claim", "rule", "outcome", "severity", "evidence", "group", "carc")
"""The columns of findings, in their order."""


@attrs.frozen(slots=True, eq=False, repr=False)
class FindingsTable:
    """What the rules found in a table of claim lines.

    ``table``: a pyarrow table with a row for each finding, in the order of the input: ``row``, the place of the line
    in the input from 0; ``line`` and ``claim``, its ids as the input has them (the row, and null, where it has none);
    ``rule``, ``outcome`` (``fail`` or ``bypassed``), ``severity``; ``evidence``, the rows of edit tables or the facts
    that it rests on, by name; ``group`` and ``carc``, the likely denial, empty where none is told. A finding of several
    lines stands on the one with the lowest id. ``not_checked``: how many lines a rule did not check, by its reason.
    ``rejects``: the rows that are no lines, each with its reason. ``rows`` of the input hold ``cells``: those that
    became ``lines`` and those of ``rejects``; where a row holds several lines, cells are more than rows. ``broken``:
    files of a folder that could not be read to their end. ``rules`` ran; of ``left_out`` what they need is not there.
    ``columns``: which column held what. ``pins``: editions and tables by digest. ``batch_rows``: rows read at a time.
    ``kept``: whether what rules said was kept for the next process; empty where nobody asked.
    """

    table: Table
    not_checked: Table
    rejects: Table
    rows: int
    cells: int
    lines: int
    broken: "tuple[BrokenFile, ...]"
    rules: tuple[str, ...]
    left_out: tuple[str, ...]
    columns: str
    pins: "tuple[Pin, ...]"
    basis: str
    setting: str
    batch_rows: int
    kept: str = ""
    _again: "Again | None" = attrs.field(default=None)
    _trace: int = attrs.field(default=0, alias="trace")

    def to_report(self, claim: object) -> "Report":
        """The report of one claim, with messages, sources and fixes.

        :param claim: its id, as ``table`` has it or as text.

        The table is read again: the lines of each patient and day that the claim touches are checked together, those
        on other claims with the id of theirs in front of the line's.

        :raises InvalidReport: no line is of that claim, the table tells of no claims or has other numbers of rows by
            now, or it was a stream, which is read once.
        """
        if self._again is None:
            raise InvalidReport(
                "a stream cannot be read again",
                given=claim,
                expected="a table, or the path of a file or folder",
            )
        return self._again.report(claim, (self.lines, self.rejects.num_rows))

    def is_of(self, lines: int, rejected: int, trace: int) -> bool:
        """Whether a table with so many lines and rejected rows, and that trace of its lines, is the one that was checked."""
        return (lines, rejected, trace) == (self.lines, self.rejects.num_rows, self._trace)

    def __len__(self) -> int:
        """How many findings there are."""
        return int(self.table.num_rows)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The findings for whatever reads Arrow: ``polars.DataFrame``, ``duckdb``, ``pandas``."""
        return self.table.__arrow_c_stream__(requested_schema)

    def counts(self) -> dict[tuple[str, str], int]:
        """How many findings each rule has with each outcome, the most first."""
        grouped = self.table.group_by(["rule", "outcome"]).aggregate([([], "count_all")]).to_pylist()
        grouped.sort(key=lambda each: (-each["count_all"], each["rule"], each["outcome"]))
        return {(each["rule"], each["outcome"]): each["count_all"] for each in grouped}

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        lines = f"{counted(self.lines, 'line')} checked, {self.rejects.num_rows:,} rejected"
        unchecked = (
            f"{counted(sum(self.not_checked['lines'].to_pylist()), 'time')} a rule did not check a line"
        )
        return f"<FindingsTable: {counted(len(self), 'finding')}; {counted(self.rows, 'row')} read: {lines}; {unchecked}>"

    def summary(self) -> str:
        """What was read, checked and found, as text."""
        reasons = self.rejects.group_by("reason").aggregate([([], "count_all")]).to_pylist()
        return in_short(
            rows=self.rows,
            lines=self.lines,
            rejects={each["reason"]: each["count_all"] for each in reasons},
            findings=self.counts(),
            unchecked=[
                (each["rule"], each["reason"], each["lines"]) for each in self.not_checked.to_pylist()
            ],
            left_out=self.left_out,
            broken=self.broken,
            kept=self.kept,
        )


@attrs.frozen(slots=True, eq=False)
class Judged:
    """What was found in all blocks.

    ``ids``: those of lines and of claims, by rows in their order. ``is_ordered``: the findings of each block are in the
    order of the input, and so are the blocks.
    """

    blocks: "list[FoundColumns]"
    ids: "Callable[[Places], tuple[Any, Any]]"
    is_ordered: bool


def finished(
    judged: Judged, checker: "Checker", judge: "Judge", reading: "Any", threads: int, **more: Any
) -> FindingsTable:
    """The findings of all blocks as one table, in the order of the input."""
    asker, codes = checker.asker, checker.facts.codes
    found = together(judged.blocks)
    judged.blocks.clear()
    # Arrow writes the evidence while Python counts what was not checked, and numpy sorts
    works: list[Callable[[], Any]] = [
        partial(evidence_column, found, asker.evidence, codes),
        lambda: not_checked_table(checker.not_checked()),
        lambda: None if judged.is_ordered else by_keys(found, asker),
    ]
    evidence, not_checked, order = _done(works, threads)
    if order is None:
        ids, named = judged.ids(found.row), _said(checker, judge, found.verdict)
        row = found.row
    else:
        places = settled(order, found.verdict, asker, lambda at: evidence.take(pa.array(at)))
        row, verdict = found.row.take(places), found.verdict.take(places)
        works = [
            partial(in_turn, evidence, places),
            partial(judged.ids, row),
            partial(_said, checker, judge, verdict),
        ]
        evidence, ids, named = _done(works, threads)
    arrays = (pa.array(row), *ids, *named[:3], evidence, *named[3:])
    table = pa.table(dict(zip(COLUMNS, arrays, strict=True)))
    rejects = reading.rejects
    return FindingsTable(
        table,
        not_checked,
        _rejects(rejects),
        rows=reading.rows,
        cells=reading.cells,
        lines=reading.cells - sum(map(len, rejects)),
        broken=tuple(reading.broken),
        trace=reading.trace % 2**64,
        **more,
    )


def _done(works: "Sequence[Callable[[], Any]]", threads: int) -> list[Any]:
    """What works give; two at a time, if there are threads."""
    return list(in_threads(lambda work: work(), ((each,) for each in works), min(threads, 2)))


def _said(checker: "Checker", judge: "Judge", verdict: "NDArray[np.int32]") -> list[Array]:
    """Rule, outcome, severity, group and reason of findings."""
    verdicts = list(checker.asker.verdicts)
    severities = [
        str(each.severity if isinstance(judge, Basis) else judge.severity(each.rule, each.severity))
        for each in verdicts
    ]
    said = [
        [each.rule for each in verdicts],
        [str(each.outcome) for each in verdicts],
        severities,
        [each.group for each in verdicts],
        [each.carc for each in verdicts],
    ]
    there = np.zeros(len(verdicts), bool)
    there[verdict] = True
    return [_named(texts, verdict, there) for texts in said]


def ids_together(parts: "Sequence[tuple[Any, Any]]") -> tuple[Any, Any]:
    """The ids of lines, and of claims, of several blocks, one after another."""
    lines, claims = zip(*parts, strict=True) if parts else ((), ())
    return _together(lines, pa.int64()), _together(claims, pa.string())


def _together(arrays: "Sequence[Any]", kind: DataType) -> Any:
    if not arrays:
        return pa.array([], kind)
    return in_one_type(
        [chunk for each in arrays for chunk in (each.chunks if isinstance(each, pa.ChunkedArray) else [each])]
    )


def _named(texts: list[str], number: "NDArray[np.int32]", there: "NDArray[np.bool_]") -> Array:
    """Texts by number, each distinct one that is there once, in their order."""
    distinct = sorted({text for text, is_there in zip(texts, there.tolist(), strict=True) if is_there})
    rank = {text: place for place, text in enumerate(distinct)}
    places = np.array([rank.get(text, -1) for text in texts], np.int32)
    index = places.take(number) if len(texts) else number
    return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(distinct, pa.string()))


def _rejects(rejects: "Sequence[Any]") -> Table:
    """Rows that are no lines, with their reasons."""
    rows = [np.zeros(0, np.int64), *(each.row for each in rejects)]
    reasons = [each.reasons[number].text for each in rejects for number in each.reason.tolist()]
    return pa.table({"row": pa.array(np.concatenate(rows)), "reason": pa.array(reasons, pa.string())})


def not_checked_table(counts: Mapping[tuple[str, str], int]) -> Table:
    """How many lines were not checked by which rule, and why; the most lines first."""
    rows = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return pa.table(
        {
            "rule": pa.array([rule for (rule, _), _ in rows], pa.string()),
            "reason": pa.array([reason for (_, reason), _ in rows], pa.string()),
            "lines": pa.array([lines for _, lines in rows], pa.int64()),
        }
    )
