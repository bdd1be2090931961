"""What came of an import: each table with its figures, and all that was left out, with the reason."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from cptkit.edits.manifest import Part
from cptkit.importers.layouts import Recognised
from cptkit.importers.names import Programme
from cptkit.importers.reading import Skipped
from cptkit.importers.rows import Rejected
from cptkit.importers.summary import Summary

__all__ = ["Became", "ImportReport", "Imported"]


class Became(StrEnum):
    """What became of a table.

    >>> Became("replaced")
    <Became.REPLACED: 'replaced'>
    >>> Became("lost")
    Traceback (most recent call last):
    ...
    ValueError: 'lost' is not a valid Became
    """

    NEW = "new"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    COUNTED = "counted"
    """Read and counted; the edit tables have no place for it."""


@attrs.frozen(slots=True)
class Imported:
    """A table that was read: out of one file, or of the parts of the pair edits together.

    ``part``: what stands in the folder of tables now, None where it has no place there; ``advice`` then
    says what to do with it. ``counts`` are by what matters in its kind; ``first_day`` and ``last_day``
    the earliest and the latest first day of a row, where rows have one.

    >>> from cptkit.importers import Kind
    >>> table = Imported(Recognised(Kind.POS), Became.COUNTED, None, (), {"unassigned": 2})
    >>> table.name, table.rows_read
    ('places of service', 0)
    >>> table.became = Became.NEW
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    recognised: Recognised
    became: Became
    part: Part | None
    files: tuple[Summary, ...]
    counts: Mapping[str, int]
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    advice: str = ""

    @property
    def name(self) -> str:
        """The name of the part (``mue dme 2026q3``), or what the file is."""
        if self.part is not None:
            return self.part.name
        said = self.recognised
        programme = None if said.programme is Programme.MEDICARE else said.programme
        words = (said.kind.wording, programme, said.setting, said.quarter or said.year)
        return " ".join(str(word) for word in words if word)

    @property
    def rows_read(self) -> int:
        """Rows of all its files; always rows kept and rows rejected."""
        return self.rows_kept + self.rows_rejected

    @property
    def rows_kept(self) -> int:
        """Rows that could be read."""
        return sum(file.rows_kept for file in self.files)

    @property
    def rows_rejected(self) -> int:
        """Rows that could not be read, and are not in the table."""
        return sum(file.rows_rejected for file in self.files)

    @property
    def faults(self) -> Mapping[str, int]:
        """How many rows were rejected, by the reason."""
        found: Counter[str] = Counter()
        for file in self.files:
            found.update(file.faults)
        return dict(found.most_common())

    @property
    def rejected(self) -> tuple[tuple[str, Rejected], ...]:
        """The first rejected rows of each file, with the name of the file."""
        return tuple((file.member.shown, row) for file in self.files for row in file.rejected)

    @property
    def notes(self) -> tuple[str, ...]:
        """Doubts that a person should see."""
        return self.recognised.notes

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "name": self.name,
            "kind": self.recognised.kind.value,
            "became": self.became.value,
            "digest": self.part.digest if self.part else None,
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_rejected": self.rows_rejected,
            "counts": dict(self.counts),
            "faults": dict(self.faults),
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "advice": self.advice,
            "files": [file.to_dict() for file in self.files],
        }


@attrs.frozen(slots=True)
class ImportReport:
    """What ``import_files`` did, or would do.

    ``digest`` pins the tables as they are afterwards (in a dry run: as they would be), ``before`` as
    they were; None where there are none.

    >>> report = ImportReport(Path("tables"), True, None, None, (), ())
    >>> report.rows_read, report.to_dict()["folder"]
    (0, 'tables')
    >>> ImportReport(Path("tables"))
    Traceback (most recent call last):
    ...
    TypeError: ImportReport.__init__() missing 5 required positional arguments: ...
    """

    folder: Path
    dry_run: bool
    before: str | None
    digest: str | None
    tables: tuple[Imported, ...]
    skipped: tuple[Skipped, ...]

    @property
    def rows_read(self) -> int:
        """Rows of all tables; always rows kept and rows rejected."""
        return self.rows_kept + self.rows_rejected

    @property
    def rows_kept(self) -> int:
        """Rows that could be read."""
        return sum(table.rows_kept for table in self.tables)

    @property
    def rows_rejected(self) -> int:
        """Rows that could not be read."""
        return sum(table.rows_rejected for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "folder": str(self.folder),
            "dry_run": self.dry_run,
            "before": self.before,
            "digest": self.digest,
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_rejected": self.rows_rejected,
            "tables": [table.to_dict() for table in self.tables],
            "skipped": [{"file": one.member.shown, "reason": one.reason} for one in self.skipped],
        }
