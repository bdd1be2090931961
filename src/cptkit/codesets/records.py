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


def status_of(
    code: str, history: Sequence[Change], day: dt.date, predecessors: tuple[str, ...] = ()
) -> Status:
    """The standing on that day of something with this history (ascending, not empty)."""
    current: Change | None = None
    following: Change | None = None
    for change in history:
        if change.starts <= day:
            current = change
        else:
            following = change
            break
    if current is None:
        first = history[0]
        if first.earlier:
            reason = (
                f"{code} is on record from {first.starts}; whether it was in force on {day} is not known here"
            )
            return Status(code, day, None, None, _end(history, 0), (), predecessors, reason, first.citation)
        reason = f"{code} starts on {first.starts}"
        return Status(
            code, day, False, first.starts, _end(history, 0), (), predecessors, reason, first.citation
        )
    index = history.index(current)
    if current.in_force:
        start = None if current.earlier else current.starts
        if following is None:
            reason = f"{code} is in force on {day}"
        else:
            reason = f"{code} is in force on {day}; its last day is {following.starts - _ONE_DAY}"
        end = _end(history, index)
        return Status(code, day, True, start, end, current.successors, predecessors, reason, current.citation)
    before = history[index - 1] if index else None
    first_day = before.starts if before is not None and not before.earlier else None
    last_day = current.starts - _ONE_DAY
    reason = f"{code} was last in force on {last_day}"
    if current.successors:
        reason += f"; see {', '.join(current.successors)}"
    return Status(
        code, day, False, first_day, last_day, current.successors, predecessors, reason, current.citation
    )


def _end(history: Sequence[Change], index: int) -> dt.date | None:
    for change in history[index + 1 :]:
        if not change.in_force:
            return change.starts - _ONE_DAY
    return None


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
        first = self.history[0]
        return None if first.earlier else first.starts

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force as far as the edition knows, or None when there is no end."""
        return None if self.history[-1].in_force else self.history[-1].starts - _ONE_DAY

    def status(self, *, date_of_service: dt.date) -> Status:
        """The standing of the code on that day."""
        return status_of(self.code, self.history, date_of_service, self.predecessors)


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
