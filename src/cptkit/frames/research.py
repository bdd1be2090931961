"""Counts of lines and findings for studies: plain functions from tables to small tables of pyarrow.

``by_rule``, ``by_month``, ``by_provider`` and ``by_family`` count what a check found; ``coverage`` and ``uncovered``
say how far the editions know the codes of a table; ``time_codes``, ``minutes`` and ``thresholds`` describe how
timed codes are billed. Whatever ``cptkit.frames.check`` reads, these read by the same columns. Every answer says in
the metadata of its schema what it was counted by (``source``: editions and tables by digest) and how many rows
were ``rejected``; ``cptkit.frames.plots`` draws one chart for each.

>>> import cptkit, pyarrow
>>> from cptkit.frames import research
>>> catalog = cptkit.Catalog.from_editions("2026.1")
>>> rows = {"patient": ["A", "B", "C", "D"], "dos": ["2026-03-02"] * 4, "cpt": ["90834", "90837", "90837", "90837"]}
>>> sessions = pyarrow.table(rows | {"minutes": [45, 53, 54, 60]})
>>> research.time_codes(sessions, catalog, "psychotherapy").to_pylist()[2]
{'period': '2026', 'code': '90837', 'lines': 3, 'share': 0.75}
>>> found = research.thresholds(sessions, catalog, "psychotherapy", within=3).to_pylist()[-1]
>>> found["minutes"], found["services"], found["just_under"], found["at"], found["just_over"]
(53, '90837', 0, 1, 1)
"""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from cptkit.codesets import Catalog, Codeset
from cptkit.errors import InvalidCode
from cptkit.frames.arrow import Table, pa
from cptkit.frames.distinct import text_of
from cptkit.frames.tallying import (
    COUNTS,
    Piece,
    Reading,
    catalog_from,
    of_findings,
    require_findings,
    table_of,
)
from cptkit.frames.timed import minutes, thresholds, time_codes
from cptkit.setting import Setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.findings import FindingsTable
    from cptkit.frames.tallying import Chosen, Numbers

__all__ = [
    "by_family",
    "by_month",
    "by_provider",
    "by_rule",
    "coverage",
    "minutes",
    "thresholds",
    "time_codes",
    "uncovered",
]

_EPOCH = dt.date(1970, 1, 1).toordinal()
_NO_EDITION = -1


def by_rule(found: "FindingsTable") -> Table:
    """How many findings each rule has, and of how many lines: ``rule``, ``lines``, ``failed``, ``bypassed``.

    A rule that ran and found nothing is told with zeros. The most findings come first.

    >>> import cptkit, pyarrow
    >>> from cptkit import frames
    >>> lines = pyarrow.table({"patient": ["A", "B"], "dos": ["2026-03-02"] * 2, "cpt": ["90785", "90785-95"]})
    >>> found = frames.check(lines, cptkit.Catalog.from_editions("2026.1"), select=["ADD301", "COD101"])
    >>> by_rule(found).to_pylist()[0]
    {'rule': 'ADD301', 'lines': 2, 'failed': 2, 'bypassed': 0}
    >>> by_rule(lines)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this is no FindingsTable: 'Table'; ...
    """
    require_findings(found)
    counts = found.counts()
    lines: Counter[str] = Counter()
    for each in (
        found.table.group_by(["rule", "row"])
        .aggregate([])
        .group_by("rule")
        .aggregate([([], "count_all")])
        .to_pylist()
    ):
        lines[each["rule"]] = each["count_all"]
    rows: list[tuple[Any, ...]] = [
        (rule, lines[rule], counts.get((rule, "fail"), 0), counts.get((rule, "bypassed"), 0))
        for rule in sorted({*found.rules, *lines})
    ]
    rows.sort(key=lambda row: (-row[2] - row[3], row[0]))
    return _table(("rule", "lines", "failed", "bypassed"), rows, found, found.rejects.num_rows)


def by_month(found: "FindingsTable", table: Any, *, columns: "Chosen" = None, rules: str = "") -> Table:
    """Lines and findings by the month of the date of service.

    ``month`` (``2026-03``), ``lines``, ``lines_failed`` (those with a finding that fails), ``failed`` and ``bypassed``
    findings, ``share`` of the lines that fail. Months without lines are not told.

    :param found: what ``cptkit.frames.check`` said of the table; a finding of several lines stands on one of them.
    :param table: that table, its rows in the same order; it is read again.
    :param columns: as for the check.
    :param rules: only findings of rules whose ids begin so: ``"TIM"``, or ``"TIM402"``.
    :raises UnreadableClaims: the findings are of another table.
    :raises InvalidReport: ``found`` is not what a check answered.
    :raises InvalidChoice: no rule that ran has such an id.

    >>> import cptkit, pyarrow
    >>> from cptkit import frames
    >>> lines = pyarrow.table({"patient": ["A", "B"], "dos": ["2026-03-02", "2026-04-01"], "cpt": ["90785", "90791"]})
    >>> found = frames.check(lines, cptkit.Catalog.from_editions("2026.1"))
    >>> by_month(found, lines, rules="ADD").to_pylist()[0]
    {'month': '2026-03', 'lines': 1, 'lines_failed': 1, 'failed': 1, 'bypassed': 0, 'share': 1.0}
    >>> by_month(found, lines.slice(1))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the findings are of another table; ...
    """
    counted, reading = of_findings(found, table, columns, rules, lambda _, piece: _months(piece.lines.day))
    rows = [(_month(key), *values) for key, values in sorted(counted.items())]
    return _with_share("month", rows, found, reading.rejected)


def by_provider(found: "FindingsTable", table: Any, *, columns: "Chosen" = None, rules: str = "") -> Table:
    """Lines and findings by rendering provider, as first written; null for lines that name none.

    The columns are those of ``by_month`` with ``provider`` for the month, and so are the parameters. Blanks around an id
    and its case make no other provider. The one with the most lines that fail comes first.

    >>> import cptkit, pyarrow
    >>> from cptkit import frames
    >>> rows = {"patient": ["A", "B", "C"], "dos": ["2026-03-02"] * 3, "cpt": ["90785", "90791", "90791"]}
    >>> lines = pyarrow.table(rows | {"npi": ["Ann", "ann ", None]})
    >>> found = frames.check(lines, cptkit.Catalog.from_editions("2026.1"), select=["ADD301"])
    >>> [(each["provider"], each["lines"], each["share"]) for each in by_provider(found, lines).to_pylist()]
    [('Ann', 2, 0.5), (None, 1, 0.0)]
    >>> by_provider(found, lines.slice(1))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the findings are of another table; ...
    """
    names: dict[int, str | None] = {0: None}

    def keys(reading: Reading, piece: Piece) -> "NDArray[np.uint64]":
        provider = piece.lines.provider
        distinct, first = np.unique(provider, return_index=True)
        new = [
            place for key, place in zip(distinct.tolist(), first.tolist(), strict=True) if key not in names
        ]
        texts = reading.texts_at("rendering_provider", piece, np.array(new, np.int64)) if new else []
        for place, text in zip(new, texts, strict=True):
            names[int(provider[place])] = text_of(text.decode() if isinstance(text, bytes) else text)
        return provider

    counted, reading = of_findings(found, table, columns, rules, keys)
    rows: list[tuple[Any, ...]] = [(names[key], *values) for key, values in counted.items()]
    rows.sort(key=lambda row: (-row[2], -row[1], row[0] is None, row[0] or ""))
    return _with_share("provider", rows, found, reading.rejected)


def by_family(
    found: "FindingsTable",
    table: Any,
    catalog: Catalog | Codeset,
    *,
    columns: "Chosen" = None,
    rules: str = "",
) -> Table:
    """Lines and findings by the family of codes, as the edition of the day names it.

    ``section`` and ``family`` in cptkit's words, then the columns of ``by_month``. ``family`` is null for codes that the
    edition does not cover, ``section`` where no range of codes holds them or the catalog has no edition for the day.
    The family with the most lines comes first.

    :param catalog: the one of the check. The other parameters are those of ``by_month``.

    >>> import cptkit, pyarrow
    >>> from cptkit import frames
    >>> lines = pyarrow.table({"patient": ["A", "B"], "dos": ["2026-03-02"] * 2, "cpt": ["90785", "27447"]})
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> found = frames.check(lines, catalog, select=["ADD301"])
    >>> [(each["section"], each["family"], each["failed"]) for each in by_family(found, lines, catalog).to_pylist()]
    [('medicine', 'psychiatry', 1), ('surgery', None, 0)]
    >>> by_family(found, lines, "2026.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: lines are counted by a catalog: '2026.1'; ...
    """
    editions = _Editions(catalog_from(catalog))
    held: dict[tuple[str | None, str | None], int] = {}
    numbers: dict[int, int] = {}

    def keys(reading: Reading, piece: Piece) -> "Numbers":
        pairs, which = np.unique(editions.pairs(piece), return_inverse=True)
        for pair in pairs.tolist():
            if pair not in numbers:
                family = editions.family(pair >> 32, reading.texts.codes.values[pair & 0xFFFFFFFF])
                numbers[pair] = held.setdefault(family, len(held))
        return np.array([numbers[pair] for pair in pairs.tolist()], np.int64)[which]

    counted, reading = of_findings(found, table, columns, rules, keys)
    families = list(held)
    rows = [(*families[key], *values) for key, values in counted.items()]
    rows.sort(key=lambda row: (-row[2], row[0] or "", row[1] or ""))
    return _with_share("section family", rows, found, reading.rejected)


def coverage(
    table: Any,
    catalog: Catalog | Codeset,
    *,
    columns: "Chosen" = None,
    setting: Setting | str = Setting.PRACTITIONER,
) -> Table:
    """How many lines, and distinct codes, the edition of the day knows, by the year of the date of service.

    ``year``, ``edition`` (null where the catalog has none), ``lines`` and ``lines_known``, ``codes`` and ``codes_known``,
    and ``share`` of the lines that are known. What is not known is not checked by most rules.

    :raises UnreadableClaims: as ``cptkit.frames.check``; also for a file of a folder that is broken.

    >>> import cptkit, pyarrow
    >>> lines = pyarrow.table({"patient": ["A"] * 3, "dos": ["2026-03-02"] * 3, "cpt": ["90834", "90834", "27447"]})
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> coverage(lines, catalog).select(["year", "lines", "lines_known", "codes", "codes_known"]).to_pylist()
    [{'year': 2026, 'lines': 3, 'lines_known': 2, 'codes': 2, 'codes_known': 1}]
    >>> coverage("no-such-file.parquet", catalog)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the file cannot be read (No such file or directory): 'no-such-file.parquet'
    """
    editions, counted, reading = _codes_of(table, catalog, columns, setting)
    years: dict[tuple[int, int], list[int]] = {}
    for (year, edition, code), lines in counted.items():
        numbers = years.setdefault((year, edition), [0, 0, 0, 0])
        known = editions.knows(edition, code)
        for place, value in enumerate((lines, lines * known, 1, int(known))):
            numbers[place] += value
    rows = [
        (year, editions.name(edition), *numbers, numbers[1] / numbers[0])
        for (year, edition), numbers in sorted(years.items())
    ]
    names = ("year", "edition", "lines", "lines_known", "codes", "codes_known", "share")
    return _table(names, rows, editions.catalog, reading.rejected)


def uncovered(
    table: Any,
    catalog: Catalog | Codeset,
    *,
    columns: "Chosen" = None,
    setting: Setting | str = Setting.PRACTITIONER,
) -> Table:
    """The codes that the edition of the day does not know, as billed: ``code``, ``year``, ``lines``; the most lines first.

    The parameters and errors are those of ``coverage``.

    >>> import cptkit, pyarrow
    >>> lines = pyarrow.table({"patient": ["A"] * 2, "dos": ["2026-03-02"] * 2, "cpt": ["90834", "27447"]})
    >>> uncovered(lines, cptkit.codeset("2026.1")).to_pylist()
    [{'code': '27447', 'year': 2026, 'lines': 1}]
    >>> uncovered(lines, "2026.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: lines are counted by a catalog: '2026.1'; ...
    """
    editions, counted, reading = _codes_of(table, catalog, columns, setting)
    sums: Counter[tuple[str, int]] = Counter()
    for (year, edition, code), lines in counted.items():
        if not editions.knows(edition, code):
            sums[code, year] += lines
    rows = sorted(((*key, lines) for key, lines in sums.items()), key=lambda row: (-row[2], row[:2]))
    return _table(("code", "year", "lines"), rows, editions.catalog, reading.rejected)


def _codes_of(
    table: Any, catalog: Catalog | Codeset, columns: "Chosen", setting: Setting | str
) -> "tuple[_Editions, Counter[tuple[int, int, str]], Reading]":
    """Lines by year, edition and code."""
    editions = _Editions(catalog_from(catalog))
    reading = Reading(table, columns, setting)
    counted: Counter[tuple[int, int, str]] = Counter()
    for piece in reading:
        years = _months(piece.lines.day) // 12
        met = np.unique(np.stack([years, editions.pairs(piece)]), axis=1, return_counts=True)
        for year, pair, lines in zip(*met[0].tolist(), met[1].tolist(), strict=True):
            counted[year, pair >> 32, reading.texts.codes.values[pair & 0xFFFFFFFF]] += lines
    return editions, counted, reading


class _Editions:
    """The editions of a catalog by number, and what they know."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._of_day: dict[int, int] = {}

    def pairs(self, piece: Piece) -> "Numbers":
        """Of each line the number of its edition, above that of its code."""
        days, which = np.unique(piece.lines.day, return_inverse=True)
        numbers = np.array([self._number(day) for day in days.tolist()], np.int64)
        return (numbers << 32)[which] | piece.lines.code

    def _number(self, day: int) -> int:
        if day not in self._of_day:
            found = self.catalog.edition_for(dt.date.fromordinal(day + _EPOCH))
            self._of_day[day] = _NO_EDITION if found is None else self.catalog.editions.index(found)
        return self._of_day[day]

    def name(self, number: int) -> str | None:
        return None if number == _NO_EDITION else self.catalog.editions[number].edition

    def knows(self, number: int, code: str) -> bool:
        return number != _NO_EDITION and code in self.catalog.editions[number]

    def family(self, number: int, code: str) -> tuple[str | None, str | None]:
        if number == _NO_EDITION:
            return None, None
        edition = self.catalog.editions[number]
        if code in edition:
            return edition[code].section.value, edition[code].family
        try:
            section = edition.section_of(code)
        except InvalidCode:
            return None, None
        return None if section is None else section.value, None


def _months(days: "NDArray[np.int32]") -> "Numbers":
    """Months since the year 0."""
    months: Numbers = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _with_share(keys: str, rows: list[Any], found: "FindingsTable", rejected: int) -> Table:
    names = keys.split()
    shared = [(*row, int(row[len(names) + 1]) / int(row[len(names)])) for row in rows]
    return _table((*names, *COUNTS, "share"), shared, found, rejected)


def _table(names: tuple[str, ...], rows: list[Any], of: "FindingsTable | Catalog", rejected: int) -> Table:
    kinds: dict[str, Any] = dict.fromkeys(
        ("rule", "month", "provider", "section", "family", "edition", "code"), pa.string()
    )
    columns = {
        name: pa.array(
            [row[place] for row in rows], kinds.get(name, pa.float64() if name == "share" else pa.int64())
        )
        for place, name in enumerate(names)
    }
    return table_of(columns, of.pins, rejected=rejected)
