"""Codes and modifiers over time: their dated rows, and their standing on a day."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import attrs

from cptkit.codes import Category, Owner, Section
from cptkit.sources import Citation, Confidence

__all__ = ["Change", "CodeRecord", "Status", "changes_from", "citation_from", "status_of"]

_ONE_DAY = dt.timedelta(days=1)


@attrs.frozen(slots=True)
class Change:
    """One dated row in the life of a code or modifier.

    ``starts``: the first day of the row. ``in_force``: whether the code may be reported from that
    day. ``earlier``: it was in force before that day too, but its first day is not on record.
    """

    starts: dt.date
    in_force: bool
    citation: Citation
    earlier: bool = False
    successors: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class Status:
    """The standing of a code or modifier on a date of service.

    ``in_force`` is True, False, or None when the record does not reach back to that day.
    ``first_day`` and ``last_day`` are the first and last day it may be reported (None: not on
    record, or no end on record). ``successors`` are what replaced it, ``predecessors`` what it
    replaced. ``reason`` says it in a sentence.
    """

    code: str
    date_of_service: dt.date
    in_force: bool | None
    first_day: dt.date | None
    last_day: dt.date | None
    successors: tuple[str, ...]
    predecessors: tuple[str, ...]
    reason: str
    citation: Citation

    def _repr_html_(self) -> str:
        from cptkit.codesets.html import status_table

        return status_table(self)


def status_of(
    code: str, history: Sequence[Change], day: dt.date, predecessors: tuple[str, ...] = ()
) -> Status:
    """The standing on that day of something with this history (ascending, the first row in force)."""
    index = -1
    for place, change in enumerate(history):
        if change.starts <= day:
            index = place
    row = history[max(index, 0)]
    first_day, last_day = _run(history, max(index, 0))
    in_force: bool | None = index >= 0 and row.in_force
    if index < 0 and row.earlier:
        in_force = None
        reason = f"{code} is on record from {row.starts}; whether it was in force on {day} is not known here"
    elif index < 0:
        reason = f"{code} starts on {row.starts}"
    elif row.in_force:
        reason = f"{code} is in force on {day}"
        reason += f"; its last day is {last_day}" if last_day is not None else ""
    else:
        reason = f"{code} was last in force on {last_day}"
        reason += f"; see {', '.join(row.successors)}" if row.successors else ""
    successors = row.successors if index >= 0 else ()
    return Status(code, day, in_force, first_day, last_day, successors, predecessors, reason, row.citation)


def _run(history: Sequence[Change], index: int) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of the days in force that hold a row, or that a row not in force ended."""
    last = index
    while last > 0 and not history[last].in_force:
        last -= 1
    first = last
    while first > 0 and history[first - 1].in_force:
        first -= 1
    while last + 1 < len(history) and history[last + 1].in_force:
        last += 1
    first_day = None if history[first].earlier else history[first].starts
    last_day = history[last + 1].starts - _ONE_DAY if last + 1 < len(history) else None
    return first_day, last_day


@attrs.frozen(slots=True)
class CodeRecord:
    """A code as an edition knows it.

    ``label`` is a short description in our own words, never the AMA's; it may be empty.
    ``timed``: the code, or its level, is chosen by minutes. ``is_addon``: it is reported with a
    primary, never alone.
    """

    code: str
    category: Category
    section: Section
    family: str
    label: str
    timed: bool
    is_addon: bool
    history: tuple[Change, ...]
    predecessors: tuple[str, ...] = ()

    @property
    def owner(self) -> Owner:
        """Who keeps the code set the code belongs to."""
        return self.category.owner

    @property
    def first_day(self) -> dt.date | None:
        """The first day in force, or None when it is not on record."""
        return _run(self.history, 0)[0]

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force as far as the edition knows, or None when there is no end."""
        return _run(self.history, len(self.history) - 1)[1]

    def status(self, *, date_of_service: dt.date) -> Status:
        """The standing of the code on that day."""
        return status_of(self.code, self.history, date_of_service, self.predecessors)

    def _repr_html_(self) -> str:
        from cptkit.codesets.html import code_table

        return code_table(self)


def changes_from(fact: str, rows: Iterable[Mapping[str, str]]) -> tuple[Change, ...]:
    """The dated rows of one code or modifier, as its history table holds them."""
    return tuple(
        Change(
            dt.date.fromisoformat(row["from"]),
            row["status"] == "in-force",
            citation_from(f"{fact}@{row['from']}", row),
            row["earlier"] == "yes",
            tuple(row.get("successors", "").split()),
        )
        for row in rows
    )


def citation_from(fact: str, row: Mapping[str, str]) -> Citation:
    """The citation of a row of any table."""
    return Citation(
        fact,
        tuple(row["sources"].split()),
        Confidence(row["confidence"]),
        dt.date.fromisoformat(row["checked"]),
        row["note"],
    )
