"""What the bundled editions say of codes and modifiers in the period, as rows with days."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from period import EDITIONS, FOREVER, MODIFIERS, QUARTERS

import cptkit
from cptkit.edits import Setting
from cptkit.edits.pairs import EPOCH
from cptkit.rules.add.monthly import is_monthly
from cptkit.rules.context import Context, context_for
from cptkit.rules.ptp.places import misplaced


class Facts:
    """What the editions say of the codes, by days of the period."""

    def __init__(self, codes: list[str]) -> None:
        self.editions = [cptkit.codeset(name) for name in EDITIONS]
        self.quarters = QUARTERS
        self.codes = codes
        self.known = sorted({*(code for edition in self.editions for code in edition), *self._of_addons()})

    def _book(self, day: dt.date) -> Any:
        return next(edition for edition in self.editions if edition.year == day.year)

    def _of_addons(self) -> set[str]:
        found = [self._addon(code, day) for code in self._all() for day in self._days_asked()]
        return {code for each in found if each for code in (*each[1], *each[0][1:])}

    def _all(self) -> list[str]:
        return sorted({*self.codes, *(code for edition in self.editions for code in edition)})

    def _days_asked(self) -> list[dt.date]:
        return [day for quarter in self.quarters for day in (quarter.first_day, quarter.last_day)]

    def _addon(self, code: str, day: dt.date) -> tuple[tuple[bool], frozenset[str]] | None:
        """Whether the edition's list leaves an add-on unjudged, and the codes that make ADD301 silent or unsure."""
        row = self._book(day).addon(code, date_of_service=day)
        if row is None:
            return None
        unjudged = row.is_open or row.aoc_type in (2, 3) or not row.same_day_edit
        return (unjudged,), row.primaries | row.doubtful

    def of_month(self, primaries: dict[str, set[str | None]]) -> set[str]:
        """The add-ons, of those with their published primaries, whose time is counted by the month on any day."""
        contexts = [context_for(self._book(day), day, cptkit.Basis.MEDICARE) for day in self._days_asked()]
        return {
            code
            for code, named in primaries.items()
            if any(is_monthly(context, code, named - {None}) for context in contexts)
        }

    def _spans(
        self, ask: Callable[[dt.date], Any], *, yearly: bool = False
    ) -> Iterator[tuple[Any, int, int]]:
        """What is answered, with its first and last day; it may change with a quarter alone, or a year."""
        begins, before, found = 0, None, None
        for quarter in self.quarters:
            if not yearly or quarter.number == 1:
                found = ask(quarter.first_day)
            if not yearly and found != ask(quarter.last_day):
                raise ValueError(f"the facts change within {quarter}")
            day = quarter.first_day.toordinal() - EPOCH
            if found != before:
                if before is not None:
                    yield before, begins, day - 1
                begins, before = day, found
        if before is not None:
            yield before, begins, self.quarters[-1].last_day.toordinal() - EPOCH

    def addons(self) -> tuple[list[Any], ...]:
        found = [
            (code, said[0][0], first, last)
            for code in self._all()
            for said, first, last in self._spans(lambda day, code=code: self._addon(code, day))
        ]
        return columns_of(found, 4)

    def primaries(self) -> tuple[list[Any], ...]:
        """The codes whose presence lets ADD302 speak of an add-on that the edition's closed list knows."""
        found = [
            (code, primary, first, last)
            for code in self._all()
            for said, first, last in self._spans(lambda day, code=code: self._addon(code, day))
            for primary in sorted(said[1])
        ]
        return columns_of(found, 4)

    def out_of_force(self) -> tuple[list[Any], ...]:
        """The days of a year on which a code is not in force: by the edition of the year, or a later one."""
        found = []
        for edition in self.editions:
            year = [
                day.toordinal() - EPOCH
                for day in (dt.date(edition.year, 1, 1), dt.date(edition.year, 12, 31))
            ]
            if year[0] > self.quarters[-1].last_day.toordinal() - EPOCH:
                continue
            later = [each for each in self.editions if each.year >= edition.year]
            for code in self._all():
                book = next((each for each in later if code in each), None)
                history = book[code].history if book is not None else ()
                starts = [change.starts.toordinal() - EPOCH for change in history]
                spans = [
                    (start, until - 1)
                    for change, start, until in zip(history, starts, [*starts[1:], FOREVER], strict=False)
                    if not change.in_force
                ]
                if history and not history[0].earlier:
                    spans.append((-FOREVER, starts[0] - 1))
                clipped = ((max(first, year[0]), min(last, year[1])) for first, last in spans)
                found += [(code, first, last) for first, last in clipped if first <= last]
        return columns_of(found, 3)

    def modifiers(self) -> list[tuple[str, bool, bool, bool]]:
        """Modifier; whether it may bypass pair edits; names a site; says that a line is a service of its own."""
        answers = [self._said_of_modifiers(self._book(day)) for day in self._days_asked()]
        if any(answer != answers[0] for answer in answers):
            raise ValueError("what is said of modifiers changes in the period")
        return answers[0]

    def _said_of_modifiers(self, book: Any) -> list[tuple[str, bool, bool, bool]]:
        day = dt.date(book.year, 7, 1)
        words = set(book.convention("mue-separate-line", date_of_service=day).value.split())
        parting = {code for each in book.modifier_sets if each.name in words for code in each.members}
        found = []
        for modifier in MODIFIERS:
            record = book.find_modifier(modifier)
            kinds = set(record.kinds)
            separate = modifier in parting or not words.isdisjoint(kinds)
            found.append((modifier, record.ncci_bypass, "anatomic" in kinds, separate))
        return found

    def _context(self, day: dt.date) -> Context:
        return context_for(self._book(day), day, cptkit.Basis.MEDICARE)

    def misplaced(self, codes: list[str]) -> tuple[list[Any], ...]:
        """Modifiers of the pair edits that do not stand on a line with a code: it bypasses nothing there."""
        bypassing = [each[0] for each in self.modifiers() if each[1]]
        found = []
        addons = {code for code in self._all() if any(self._addon(code, day) for day in self._days_asked())}
        for modifier in bypassing:
            for code in codes:
                of = partial(self._misplaced, code, modifier)
                # where the code is no add-on, nothing else of it changes within a year
                found += [
                    (code, modifier, first, last)
                    for _, first, last in self._spans(of, yearly=code not in addons)
                ]
        return columns_of(found, 4)

    def _misplaced(self, code: str, modifier: str, day: dt.date) -> bool | None:
        context = self._context(day)
        return bool(misplaced(context.modifier(modifier), code, Setting.PRACTITIONER, context)) or None


def columns_of(rows: list[tuple[Any, ...]], width: int) -> tuple[list[Any], ...]:
    return (
        tuple(list(column) for column in zip(*rows, strict=True)) if rows else tuple([] for _ in range(width))
    )
