"""How timed codes are billed: the share of each code of a family, and minutes beside the thresholds of the day.

Which codes are of a family, and where its thresholds lie, ``cptkit.timerule`` says for each date of service.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from cptkit import timerule
from cptkit.codesets import Catalog, Codeset
from cptkit.errors import InvalidChoice, NoTimeRule
from cptkit.frames.arrow import Table, pa
from cptkit.frames.counts import count
from cptkit.frames.lines import NONE, Lines
from cptkit.frames.tallying import Piece, Reading, catalog_from, table_of
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.frames.tallying import Chosen, Numbers
    from cptkit.timerule import TimeRule

__all__ = ["minutes", "thresholds", "time_codes"]

_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY = 24 * 3600
_PERIODS = {"year": 4, "month": 7}  # so many characters of a date
_NOT_TOLD = NONE


def time_codes(
    table: Any,
    catalog: Catalog | Codeset,
    family: str,
    *,
    basis: Basis | str = Basis.CPT,
    period: Literal["year", "month"] = "year",
    columns: "Chosen" = None,
    setting: Setting | str = Setting.PRACTITIONER,
) -> Table:
    """The share that each code of a family has of the family's lines: ``period``, ``code``, ``lines``, ``share``.

    Every code of the family is told for each period that has any; lines are counted, not units.

    :param family: the id of a family of time rules (``psychotherapy``), or a code of one; the codes are those of the
        rule of the day.
    :param basis: whose rule, as for ``timerule.family``.
    :param period: ``year`` or ``month`` of the date of service.
    :param columns, setting: as for ``cptkit.frames.check``.
    :raises UnknownCode: no such family, nor a code.
    :raises NoTimeRule: the family has no rule on any day of the table.
    :raises InvalidChoice: another period.

    In the metadata ``not_counted`` is the number of lines with such a code on days for which the catalog has no
    edition or the family no rule.

    >>> import cptkit, pyarrow
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> rows = {"patient": ["A", "B"], "dos": ["2026-03-02", "2026-04-02"], "cpt": ["90837", "90834"]}
    >>> told = time_codes(pyarrow.table(rows), catalog, "psychotherapy", period="month")
    >>> [(each["period"], each["code"], each["share"]) for each in told.to_pylist()][2:4]
    [('2026-03', '90837', 1.0), ('2026-04', '90832', 0.0)]
    >>> time_codes(pyarrow.table(rows), catalog, "psychotherpy")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownCode: neither a code nor a family of time rules of edition 2026.1: 'psychotherpy'...
    """
    if period not in _PERIODS:
        raise InvalidChoice("no such period", given=period, expected=f"one of {', '.join(_PERIODS)}")
    rules, reading = _Rules(catalog, family, basis), Reading(table, columns, setting)
    counted: Counter[tuple[str, str]] = Counter()
    codes: dict[str, set[str]] = {}
    for part in rules.parts(reading):
        name = str(part.day)[: _PERIODS[period]]
        codes.setdefault(name, set()).update(part.rule.codes)
        for code, lines in part.codes(part.lines.code):
            counted[name, code] += lines
    rules.require_any()
    rows = []
    for name in sorted(codes):
        whole = sum(counted[name, code] for code in codes[name])
        if whole:
            rows += [
                (name, each, counted[name, each], counted[name, each] / whole) for each in sorted(codes[name])
            ]
    return rules.told(("period", "code", "lines", "share"), rows, reading)


def minutes(
    table: Any,
    catalog: Catalog | Codeset,
    family: str,
    *,
    basis: Basis | str = Basis.CPT,
    columns: "Chosen" = None,
    setting: Setting | str = Setting.PRACTITIONER,
) -> Table:
    """How often each number of minutes stands on a line of a family: ``minutes``, ``code``, ``lines``.

    Minutes are those of the line; where it has none, from its start to its stop. They are null for lines that have
    neither. Minutes of a base and its add-on are not added up.

    The parameters and errors are those of ``time_codes``.

    >>> import cptkit, pyarrow
    >>> rows = {"patient": ["A", "B", "C"], "dos": ["2026-03-02"] * 3, "cpt": ["90837"] * 3, "minutes": [53, 53, None]}
    >>> minutes(pyarrow.table(rows), cptkit.codeset("2026.1"), "90837").to_pylist()
    [{'minutes': 53, 'code': '90837', 'lines': 2}, {'minutes': None, 'code': '90837', 'lines': 1}]
    >>> minutes(pyarrow.table(rows), "2026.1", "90837")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: lines are counted by a catalog: '2026.1'; ...
    """
    rules, reading = _Rules(catalog, family, basis), Reading(table, columns, setting)
    counted: Counter[tuple[int, str]] = Counter()
    for part in rules.parts(reading):
        number = part.minutes() << 32 | part.lines.code
        for (value, code), lines in part.pairs(number):
            counted[value, code] += lines
    rules.require_any()
    keys = sorted(counted, key=lambda key: (key[0] == _NOT_TOLD, key))
    rows = [(None if key[0] == _NOT_TOLD else key[0], key[1], counted[key]) for key in keys]
    return rules.told(("minutes", "code", "lines"), rows, reading)


def thresholds(
    table: Any,
    catalog: Catalog | Codeset,
    family: str,
    *,
    within: int = 5,
    basis: Basis | str = Basis.CPT,
    columns: "Chosen" = None,
    setting: Setting | str = Setting.PRACTITIONER,
) -> Table:
    """How minutes lie around the thresholds of a family's rule of the day.

    ``minutes``: the first minute of a band, and ``services`` what is right from there on. ``lines`` of the family with
    minutes, on the days on which that threshold held; of these ``just_under`` it (by ``within`` minutes at most),
    ``at`` it, and ``just_over`` it (likewise); ``share`` of the lines that are at it. Whichever code is billed counts.

    :param within: how many minutes are near.

    The other parameters and errors are those of ``time_codes``; besides:

    :raises NoTimeRule: minutes do not choose among the codes of the family, or each of them counts alone and none was
        named.
    :raises InvalidChoice: ``within`` is no number of minutes.

    >>> import cptkit, pyarrow
    >>> rows = {"patient": ["A", "B", "C"], "dos": ["2026-03-02"] * 3, "cpt": ["90837"] * 3, "minutes": [52, 53, 60]}
    >>> sessions, catalog = pyarrow.table(rows), cptkit.Catalog.from_editions("2026.1")
    >>> told = thresholds(sessions, catalog, "psychotherapy").to_pylist()
    >>> [(each["minutes"], each["services"], each["just_under"], each["at"], each["just_over"]) for each in told]
    [(16, '90832', 0, 0, 0), (38, '90834', 0, 0, 0), (53, '90837', 1, 1, 0)]
    >>> thresholds(sessions, catalog, "therapy-timed")
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: each code of 'therapy-timed' counts alone, so name one of 97032...
    """
    within = count("within", within, "whole minutes, 0 or more", least=0)
    rules, reading = _Rules(catalog, family, basis), Reading(table, columns, setting)
    sums: dict[tuple[int, str], Numbers] = {}
    for part in rules.parts(reading):
        told = part.minutes()
        told = told[told != _NOT_TOLD]
        for first, services in rules.bands(part.rule):
            near = np.abs(told - first) <= within
            counts = [
                len(told),
                (near & (told < first)).sum(),
                (told == first).sum(),
                (near & (told > first)).sum(),
            ]
            sums[first, services] = sums.get((first, services), np.zeros(4, np.int64)) + np.array(
                counts, np.int64
            )
    rules.require_any()
    for rule in rules.met():
        for key in rules.bands(rule):
            sums.setdefault(key, np.zeros(4, np.int64))
    rows = [
        (*key, *numbers.tolist(), int(numbers[2]) / int(numbers[0]) if numbers[0] else None)
        for key, numbers in sorted(sums.items())
    ]
    names = ("minutes", "services", "lines", "just_under", "at", "just_over", "share")
    return rules.told(names, rows, reading, within=within)


@attrs.frozen(slots=True, eq=False)
class _Part:
    """Lines of one rule's codes; ``day`` is theirs."""

    day: dt.date
    rule: "TimeRule"
    lines: Lines
    texts: list[str]

    def codes(self, numbers: Any) -> Iterator[tuple[str, int]]:
        """Each code that occurs, and how often."""
        met, lines = np.unique(numbers, return_counts=True)
        return ((self.texts[number], many) for number, many in zip(met.tolist(), lines.tolist(), strict=True))

    def pairs(self, numbers: "Numbers") -> Iterator[tuple[tuple[int, str], int]]:
        """Each pair of minutes and a code that occurs, and how often."""
        met, lines = np.unique(numbers, return_counts=True)
        for number, many in zip(met.tolist(), lines.tolist(), strict=True):
            yield (number >> 32, self.texts[number & 0xFFFFFFFF]), many

    def minutes(self) -> "Numbers":
        """The minutes of each line, or from start to stop."""
        lines = self.lines
        clock = (lines.stop.astype(np.int64) - lines.start) % _DAY // 60
        from_clock = np.where((lines.start != NONE) & (lines.stop != NONE), clock, _NOT_TOLD)
        found: Numbers = np.where(lines.minutes != NONE, lines.minutes.astype(np.int64), from_clock)
        return found


class _Rules:
    """The rule of a family on each day, and how many lines fell on days that have none."""

    def __init__(self, catalog: Catalog | Codeset, family: str, basis: Basis | str) -> None:
        self._catalog = catalog_from(catalog)
        self._family = family
        self._basis = Basis(basis)
        self._of_day: dict[int, TimeRule | None] = {}
        self._bands: dict[Any, list[tuple[int, str]]] = {}
        self._without: Counter[str] = Counter()
        self._codes: set[str] = set()
        self._why: NoTimeRule | None = None

    def parts(self, reading: Reading) -> Iterator[_Part]:
        """The lines of the family, day by day of each batch."""
        for piece in reading:
            order = np.argsort(piece.lines.day, kind="stable")
            days, first = np.unique(piece.lines.day[order], return_index=True)
            for day, places in zip(days.tolist(), np.split(order, first[1:]), strict=True):
                yield from self._of(piece, day, places, reading.texts.codes.values)

    def _of(self, piece: Piece, day: int, places: "Numbers", texts: list[str]) -> Iterator[_Part]:
        rule = self._rule(day)
        codes = piece.lines.code[places]
        if rule is None:
            met, lines = np.unique(codes, return_counts=True)
            self._without.update(
                {texts[code]: many for code, many in zip(met.tolist(), lines.tolist(), strict=True)}
            )
            return
        wanted = [number for number in np.unique(codes).tolist() if texts[number] in rule.codes]
        if wanted:
            chosen = places[np.isin(codes, wanted)]
            yield _Part(dt.date.fromordinal(day + _EPOCH), rule, piece.lines.take(chosen), texts)

    def _rule(self, day: int) -> "TimeRule | None":
        if day not in self._of_day:
            date = dt.date.fromordinal(day + _EPOCH)
            edition = self._catalog.edition_for(date)
            found = None
            if edition is not None:
                try:
                    found = timerule.family(
                        self._family, date_of_service=date, codeset=edition, basis=self._basis
                    )
                except NoTimeRule as error:
                    self._why = error
            self._of_day[day] = found
            self._codes.update(() if found is None else found.codes)
        return self._of_day[day]

    def bands(self, rule: "TimeRule") -> list[tuple[int, str]]:
        """The first minute of each band, and what is right from there on; of an endless ladder the first rungs."""
        key = (rule.citation, rule.floors)
        if key not in self._bands:
            bands = timerule.outline(rule).bands
            if rule.counts != "minutes" or not bands:
                raise NoTimeRule(
                    f"minutes do not choose among the codes of {rule.id}",
                    given=self._family,
                    expected="a family with bands of minutes",
                )
            self._bands[key] = [(each.first, str(each).partition(": ")[2]) for each in bands if each.first]
        return self._bands[key]

    def met(self) -> "Iterator[TimeRule]":
        """The rules of all days of the table, also of those without lines of the family."""
        return (rule for rule in self._of_day.values() if rule is not None)

    def require_any(self) -> None:
        """Raise where rows were read and no day of them has a rule."""
        if self._of_day and not any(self._of_day.values()):
            raise self._why or NoTimeRule(
                "the catalog has no edition for any day of the table",
                given=self._family,
                expected="an edition for the days of the table",
            )

    def told(self, names: tuple[str, ...], rows: list[Any], reading: Reading, **more: object) -> Table:
        """The rows as a table."""
        kinds = {"period": pa.string(), "code": pa.string(), "services": pa.string(), "share": pa.float64()}
        columns = {
            name: pa.array([row[place] for row in rows], kinds.get(name, pa.int64()))
            for place, name in enumerate(names)
        }
        lost = sum(lines for code, lines in self._without.items() if code in self._codes)
        more |= {"family": self._family, "rejected": reading.rejected, "not_counted": lost}
        return table_of(columns, self._catalog.pins, **more)
