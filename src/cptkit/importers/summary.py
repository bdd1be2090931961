"""What came of reading a file: counts, days, doubts, and every reason for a rejected row.

Always: rows read = rows kept + rows rejected.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from cptkit.codes import category_of
from cptkit.errors import ContradictoryFile, UnknownLayout
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.opening import Member
from cptkit.importers.rows import Rejected

__all__ = ["MOST_SHOWN", "Summary", "Tally", "counted"]

MOST_SHOWN = 20
"""How many rejected rows a summary keeps whole; of the others it keeps the counts."""


@attrs.frozen(slots=True)
class Summary:
    """What a file holds and what became of its rows.

    ``digest`` is that of the file as downloaded. ``counts`` are by what matters in its kind
    (indicator, status, type), ``faults`` by the reason of rejection, ``mended`` by the column that got
    its zeros back. ``first_day`` and ``last_day`` are the earliest and the latest first day of a row.
    ``rejected`` holds the first of the rejected rows.
    """

    member: Member
    recognised: Recognised
    digest: str
    rows_kept: int
    rows_rejected: int
    counts: Mapping[str, int]
    faults: Mapping[str, int]
    mended: Mapping[str, int]
    first_day: dt.date | None
    last_day: dt.date | None
    rejected: tuple[Rejected, ...]

    @property
    def rows_read(self) -> int:
        """Rows kept and rows rejected; notices, headers and blank lines are no rows."""
        return self.rows_kept + self.rows_rejected

    @property
    def notes(self) -> tuple[str, ...]:
        """Doubts that a person should see."""
        return self.recognised.notes

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        found = self.recognised
        return {
            "file": self.member.shown,
            "digest": self.digest,
            "kind": found.kind.value,
            "programme": found.programme.value,
            "setting": found.setting.value if found.setting else None,
            "quarter": str(found.quarter) if found.quarter else None,
            "year": found.year,
            "release": found.release,
            "qpp": found.qpp,
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_rejected": self.rows_rejected,
            "counts": dict(self.counts),
            "faults": dict(self.faults),
            "mended": dict(self.mended),
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "rejected": [attrs.asdict(row) for row in self.rejected],
            "notes": list(self.notes),
        }


class Tally:
    """Counts rows as they pass."""

    def __init__(self) -> None:
        self.kept: int = 0
        self.rejected: int = 0
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.mended: Counter[str] = Counter()
        self.first_day: dt.date | None = None
        self.last_day: dt.date | None = None
        self.shown: list[Rejected] = []

    def take(self, row: object) -> None:
        """Count one row."""
        if isinstance(row, Rejected):
            self.rejected += 1
            self.faults[row.fault] += 1
            if len(self.shown) < MOST_SHOWN:
                self.shown.append(row)
            return
        self.kept += 1
        self.counts.update(counted(row))
        self.mended.update(getattr(row, "mended", ()))
        day = getattr(row, "first_day", None)
        if day is not None:
            self.first_day = day if self.first_day is None else min(day, self.first_day)
            self.last_day = day if self.last_day is None else max(day, self.last_day)

    def summary(self, member: Member, recognised: Recognised, digest: str) -> Summary:
        """What was counted.

        :raises UnknownLayout: when there was no row at all.
        :raises ContradictoryFile: when a row begins after the quarter that the file is said to be of.
        """
        if not self.kept and not self.rejected:
            raise UnknownLayout("the table has a header and no rows: it is cut short", where=member.shown)
        quarter = recognised.quarter
        if (
            recognised.kind in {Kind.PTP, Kind.AOC}
            and quarter is not None
            and self.last_day is not None
            and self.last_day > quarter.last_day
        ):
            raise ContradictoryFile(
                f"the file is said to be of {quarter}, but has rows from {self.last_day} on",
                expected="the quarter that it was published for",
                where=member.shown,
            )
        return Summary(
            member,
            recognised,
            digest,
            self.kept,
            self.rejected,
            dict(sorted(self.counts.items())),
            dict(self.faults.most_common()),
            dict(sorted(self.mended.items())),
            self.first_day,
            self.last_day,
            tuple(self.shown),
        )


def counted(row: object) -> Iterable[str]:
    """What a summary counts about a row.

    >>> from cptkit.importers.rows import MueRow
    >>> list(counted(MueRow(3, "W9901", 0, 2, "own words")))
    ['MAI 2', 'limit of zero']
    """
    count = _COUNTED.get(type(row).__name__)
    return count(row) if count else ()


def _ptp(row: Any) -> Iterator[str]:
    yield f"indicator {row.indicator}"
    if row.last_day is None:
        yield "without an end"


def _mue(row: Any) -> Iterator[str]:
    yield f"MAI {row.mai}" if row.mai else "without MAI"
    if row.value == 0:
        yield "limit of zero"


def _addon(row: Any) -> Iterator[str]:
    yield f"type {row.edit_type}"
    if row.primary is None:
        yield "primary decided by the contractor"
    if row.last_day or row.addon_last_day or row.primary_last_day:
        yield "ended"


def _fee(row: Any) -> Iterator[str]:
    yield f"status {row.status}"


def _hcpcs(row: Any) -> Iterator[str]:
    yield "modifiers" if row.is_modifier else "codes"
    if row.last_day:
        yield "ended"


def _telehealth(row: Any) -> Iterator[str]:
    for name, remark in row.remarks[:1]:
        yield f"{name}: {remark[:40]}"


def _place(row: Any) -> Iterator[str]:
    if not row.assigned:
        yield "unassigned"
    elif row.facility is not None:
        yield "facility" if row.facility else "non-facility"


def _change(row: Any) -> Iterator[str]:
    yield row.change


def _cpt(row: Any) -> Iterator[str]:
    category = category_of(row.code)
    yield f"category {category}"


_COUNTED: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "PtpRow": _ptp,
    "MueRow": _mue,
    "AddOnRow": _addon,
    "FeeRow": _fee,
    "HcpcsRow": _hcpcs,
    "TelehealthRow": _telehealth,
    "PlaceRow": _place,
    "PtpChangeRow": _change,
    "CptRow": _cpt,
}
