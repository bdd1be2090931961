"""What was found in tables, as counts that can be added up and kept beside the findings of a file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from cptkit.frames import BrokenFile, FindingsTable

__all__ = ["Tally", "tally_of"]

_KEPT = ("rows", "cells", "lines", "findings", "not_checked", "rejects", "columns")


@attrs.frozen(slots=True)
class Rejected:
    """How many cells were rejected for a reason, and the row of the first, by its file where there are several."""

    count: int
    row: int
    file: str = ""


@attrs.define(slots=True)
class Tally:
    """Counts over one or several inputs.

    ``findings``: by rule and outcome. ``not_checked``: lines by rule and reason. ``columns``: how many inputs had
    their columns read so. ``done``, ``skipped``, ``broken``: files, where files are told apart.
    """

    rows: int = 0
    cells: int = 0
    lines: int = 0
    findings: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    not_checked: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    rejects: dict[str, Rejected] = attrs.field(factory=dict)
    columns: Counter[str] = attrs.field(factory=Counter)
    broken: "list[BrokenFile]" = attrs.field(factory=list)
    done: int = 0
    skipped: int = 0

    @property
    def rejected(self) -> int:
        """How many cells became no line."""
        return sum(each.count for each in self.rejects.values())

    @property
    def failed(self) -> int:
        """How many findings are failures, and not bypassed."""
        return sum(count for (_, outcome), count in self.findings.items() if outcome == "fail")

    def add(self, other: "Tally", file: str = "") -> None:
        """Add the counts of another input, which is that file."""
        self.rows += other.rows
        self.cells += other.cells
        self.lines += other.lines
        self.findings += other.findings
        self.not_checked += other.not_checked
        self.columns += other.columns
        for reason, found in other.rejects.items():
            first = self.rejects.get(reason, Rejected(0, found.row, file))
            self.rejects[reason] = attrs.evolve(first, count=first.count + found.count)

    def record(self) -> dict[str, Any]:
        """The counts as JSON can hold them; ``from_record`` reads them."""
        return {
            "rows": self.rows,
            "cells": self.cells,
            "lines": self.lines,
            "findings": [[*key, count] for key, count in self.findings.items()],
            "not_checked": [[*key, count] for key, count in self.not_checked.items()],
            "rejects": [[reason, each.count, each.row] for reason, each in self.rejects.items()],
            "columns": list(self.columns),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Tally":
        """The counts that ``record`` told.

        :raises ValueError, TypeError, KeyError: it is not one.

        >>> Tally.from_record(Tally(rows=2, cells=2, lines=2).record()).lines
        2
        >>> Tally.from_record({"rows": 2})
        Traceback (most recent call last):
        ...
        KeyError: 'cells'
        """
        rows, cells, lines, findings, not_checked, rejects, columns = (record[name] for name in _KEPT)
        told = cls(
            _count(rows),
            _count(cells),
            _count(lines),
            _counter(findings),
            _counter(not_checked),
            {str(reason): Rejected(_count(count), _count(row)) for reason, count, row in rejects},
            Counter(map(str, columns)),
        )
        if told.cells != told.lines + told.rejected:
            raise ValueError("the cells are not the lines and what was rejected")
        return told


def _count(given: Any) -> int:
    if type(given) is not int or given < 0:
        raise ValueError("a count is a whole number")
    return given


def _counter(given: Iterable[tuple[Any, Any, Any]]) -> Counter[tuple[str, str]]:
    return Counter({(str(one), str(other)): _count(count) for one, other, count in given})


def tally_of(found: "FindingsTable") -> Tally:
    """The counts of one answer."""
    told = found.rejects.group_by("reason").aggregate([("row", "count"), ("row", "min")]).to_pylist()
    told.sort(key=lambda each: (each["row_min"], each["reason"]))
    return Tally(
        found.rows,
        found.cells,
        found.lines,
        Counter(found.counts()),
        Counter({(each["rule"], each["reason"]): each["lines"] for each in found.not_checked.to_pylist()}),
        {each["reason"]: Rejected(each["row_count"], each["row_min"]) for each in told},
        Counter([found.columns]),
        list(found.broken),
    )
