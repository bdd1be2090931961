"""Look-ups in the tables that are lists: unit limits, add-on edits, fee-schedule indicators, telehealth services.

A table is read, and its digest compared, when it is first asked.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from cptkit import codes as code_shapes
from cptkit.dated import days_of_rows
from cptkit.edits import listed
from cptkit.edits.answers import AddOnAnswer, MueAnswer, PfsAnswer, TelehealthAnswer
from cptkit.edits.held import HeldFiles
from cptkit.edits.manifest import TABLES, Manifest, Part, read_file
from cptkit.edits.quarter import Quarter, plain_day
from cptkit.edits.records import AddOnEdit, Mue, PfsRow, Setting, TelehealthService
from cptkit.errors import UnknownTable

_WORDS = {
    "ptp": "pair edits",
    "mue": "unit limits",
    "addons": "add-on edits",
    "telehealth": "list of telehealth services",
}

_BY_DAY = frozenset({"pfs", "telehealth"})

__all__ = ["ListedTables", "asked_quarter", "quarter_at"]


class ListedTables:
    """The parts of a folder, and the look-ups in those of its tables that are listed by quarter."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder: Path = folder
        self.digest: str = manifest.digest
        self._manifest = manifest
        self._held = HeldFiles(folder, ())
        self._mues: dict[tuple[str, int], listed.Listed[Mue]] = {}
        self._addons: dict[int, listed.Listed[AddOnEdit]] = {}
        self._releases: dict[bool, list[Part]] = {}
        self._pfs: dict[str, listed.Listed[PfsRow]] = {}
        self._services: dict[int, tuple[Part, listed.Listed[TelehealthService]]] = {}
        self._reasons: dict[tuple[str, Setting | None, int], str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the folder holds.

        :raises BrokenEdits: when the manifest is damaged.
        """
        return self._manifest.parts()

    def quarters(self, table: str, setting: Setting | str | None = None) -> tuple[Quarter, ...]:
        """The quarters of a table that are there, in order: ``ptp``, ``mue``, ``addons``, ``pfs`` or ``telehealth``.

        Of a table that holds for a year the first quarter stands for it.

        :raises UnknownTable: when no table has that name.
        """
        if table not in TABLES:
            raise UnknownTable("no such table", given=table, expected=f"one of {', '.join(TABLES)}")
        found = {
            part.quarter
            for part in self.parts
            if part.table == table and (setting is None or part.setting == setting)
        }
        return tuple(sorted(found))

    def rejected(self, table: str, *, quarter: Quarter, setting: Setting | None = None) -> frozenset[str]:
        """The codes of which a row of a table was rejected when it was imported."""
        held = (part for part in self.parts if (part.table, part.quarter) == (table, quarter))
        return frozenset(code for part in held if part.setting == setting for code in part.rejected)

    def turning_days(self) -> set[dt.date]:
        """The days from which a listed table may say something else than the day before: more than there are.

        The first days of quarters are not among them, nor the days of pair edits.
        """
        found = {part.starts for part in self.parts if part.table in _BY_DAY}
        texts = (self._read(part)[0].decode("utf-8") for part in self.parts if part.table == "addons")
        return found | days_of_rows(texts)

    def _missing(self, table: str, setting: Setting | None, index: int) -> str:
        """Why nothing is checked: that quarter of a table is not there."""
        key = (table, setting, index)
        reason = self._reasons.get(key)
        if reason is None:
            words = _WORDS[table]
            of = f" of {setting}" if setting else ""
            asked, *found = (
                str(each.year if table == "telehealth" else each)
                for each in (quarter_at(index), *self.quarters(table, setting))
            )
            there = ", ".join(found) or "none"
            reason = self._reasons[key] = f"no {words}{of} for {asked}; there are {there}"
        return reason

    def _read(self, part: Part) -> tuple[bytes, str]:
        held = self._held.bytes_of(part.file)
        return read_file(self.folder, part.file, self._manifest, held), str(self.folder / part.file)

    def mue(
        self,
        code: str,
        *,
        date_of_service: dt.date,
        setting: Setting | str,
        quarter: Quarter | str | None = None,
    ) -> MueAnswer:
        """The unit limit of a code, by the table of the quarter of the date of service, or of another one.

        Errors are those of ``Edits.ptp``.
        """
        index = asked_quarter(date_of_service, quarter)
        where, when = Setting(setting), quarter_at(index)
        table = self._mue_table(where, index)
        if table is None:
            name = code_shapes.format(code)
            return MueAnswer(name, None, where, when, self._missing("mue", where, index))
        rows = table.of(code)
        if not rows:
            code = code_shapes.format(code)
            rows = table.of(code)
            if not rows and code in table.rejected:
                return MueAnswer(code, None, where, when, _rejected(code))
        return MueAnswer(code, rows[0] if rows else None, where, when)

    def mue_rows(self, *, setting: Setting | str, quarter: Quarter | str) -> Iterator[Mue]:
        """Every unit limit of a quarter, in the order of codes.

        :raises UnknownTable: when that quarter is not there.
        """
        where, when = Setting(setting), Quarter.parse(quarter)
        table = self._mue_table(where, when.index)
        if table is None:
            raise UnknownTable(self._missing("mue", where, when.index), where=str(self.folder))
        return iter(table)

    def mue_limits(
        self, *, setting: Setting | str, quarter: Quarter | str
    ) -> dict[str, tuple[int, int | None]]:
        """The unit limit of each code of a quarter with its indicator (MAI): ``mue_rows`` without the records.

        :raises UnknownTable: when that quarter is not there.
        """
        where, when = Setting(setting), Quarter.parse(quarter)
        table = self._mue_table(where, when.index)
        if table is None:
            raise UnknownTable(self._missing("mue", where, when.index), where=str(self.folder))
        return listed.mue_limits(table)

    def _mue_table(self, setting: Setting, index: int) -> "listed.Listed[Mue] | None":
        table = self._mues.get((setting, index))
        if table is None and (part := self._manifest.part(f"mue {setting} {quarter_at(index)}")):
            table = self._mues[setting, index] = listed.mue_table(part, *self._read(part))
        return table

    def addon(
        self, code: str, *, date_of_service: dt.date, quarter: Quarter | str | None = None
    ) -> AddOnAnswer:
        """The add-on edits of a code in force on a day, by the table of the quarter of that day, or of another one.

        Errors are those of ``Edits.ptp``.
        """
        index = asked_quarter(date_of_service, quarter)
        table = self._addon_table(index)
        if table is None:
            name, missing = code_shapes.format(code), self._missing("addons", None, index)
            return AddOnAnswer(name, (), date_of_service, quarter_at(index), missing)
        rows = table.of(code)
        if not rows:
            code = code_shapes.format(code)
            rows = table.of(code)
            if not rows and code in table.rejected:
                return AddOnAnswer(code, (), date_of_service, quarter_at(index), _rejected(code))
        active = tuple([row for row in rows if row.in_force(date_of_service)])
        return AddOnAnswer(code, active, date_of_service, quarter_at(index))

    def addon_rows(self, code: str, *, quarter: Quarter | str) -> tuple[AddOnEdit, ...]:
        """Every published row of an add-on, ended ones too.

        :raises UnknownTable: when that quarter is not there.
        """
        when = Quarter.parse(quarter)
        table = self._addon_table(when.index)
        if table is None:
            raise UnknownTable(self._missing("addons", None, when.index), where=str(self.folder))
        return table.of(code_shapes.format(code))

    def addon_codes(self, *, quarter: Quarter) -> frozenset[str] | None:
        """The add-ons of which the table of a quarter has a row, or had one that was rejected; None without a table."""
        table = self._addon_table(quarter.index)
        return None if table is None else table.codes | table.rejected

    def _addon_table(self, index: int) -> "listed.Listed[AddOnEdit] | None":
        table = self._addons.get(index)
        if table is None and (part := self._manifest.part(f"addons {quarter_at(index)}")):
            table = self._addons[index] = listed.addon_table(part, *self._read(part))
        return table

    def pfs(
        self,
        code: str,
        modifier: str = "",
        *,
        date_of_service: dt.date,
        release: str | None = None,
        qpp: bool = False,
    ) -> PfsAnswer:
        """The fee schedule's row of a code, with or without a modifier (``26``, ``TC``, ``53``).

        Without ``release``, the newest one that holds on the day answers, if it is of the same quarter.
        Errors are those of ``Edits.ptp``.
        """
        day = plain_day(date_of_service)
        part = self._release(day, release, qpp=qpp)
        if part is None:
            name, asked = code_shapes.format(code), release or str(Quarter.of(day))
            missing = f"no release of the fee schedule for {asked}{' (qpp)' if qpp else ''}"
            return PfsAnswer(name, modifier, None, day, release or "", missing)
        table = self._pfs_table(part)
        rows = table.of(code)
        if not rows:
            code = code_shapes.format(code)
            rows = table.of(code)
            if not rows and code in table.rejected:
                return PfsAnswer(code, modifier, None, day, part.release or "", _rejected(code))
        row = next((row for row in rows if row.modifier == modifier), None)
        return PfsAnswer(code, modifier, row, day, part.release or "")

    def pfs_rows(self, code: str, *, release: str, qpp: bool = False) -> tuple[PfsRow, ...]:
        """Every row of a code in a release: without modifier first.

        :raises UnknownTable: when that release is not there.
        """
        part = self._release(dt.date.min, release, qpp=qpp)
        if part is None:
            raise UnknownTable("no such release of the fee schedule", given=release, where=str(self.folder))
        return self._pfs_table(part).of(code_shapes.format(code))

    def _release(self, day: dt.date, release: str | None, *, qpp: bool) -> Part | None:
        releases = self._releases.get(qpp)
        if releases is None:
            parts = (part for part in self.parts if part.table == "pfs" and part.qpp is qpp)
            releases = self._releases[qpp] = sorted(parts, key=lambda part: (part.starts, part.release))
        if release is not None:
            return next((part for part in releases if part.release == release.upper()), None)
        place = bisect_right(releases, day, key=lambda part: part.starts)
        part = releases[place - 1] if place else None
        return part if part is not None and part.quarter.index == asked_quarter(day, None) else None

    def _pfs_table(self, part: Part) -> "listed.Listed[PfsRow]":
        table = self._pfs.get(part.file)
        if table is None:
            table = self._pfs[part.file] = listed.pfs_table(part, *self._read(part))
        return table

    def telehealth(self, code: str, *, date_of_service: dt.date) -> TelehealthAnswer:
        """Whether a code is on Medicare's list of telehealth services of the year of the date of service.

        Not checked where no list of the year is there, where a row of the code was rejected, and where any
        row was whose code could not be read: it may have been this one. Errors are those of ``Edits.ptp``.
        """
        year = plain_day(date_of_service).year
        found = self._services.get(year)
        if found is None:
            part = self._manifest.part(f"telehealth {year}")
            if part is None:
                missing = self._missing("telehealth", None, Quarter(year, 1).index)
                return TelehealthAnswer(code_shapes.format(code), None, year, "", missing)
            found = self._services[year] = (part, listed.telehealth_table(part, *self._read(part)))
        part, table = found
        rows = table.of(code)
        if rows:
            return TelehealthAnswer(code, rows[0], year, part.source)
        code = code_shapes.format(code)
        rows = table.of(code)
        reason = "" if rows else _lost(part, code)
        return TelehealthAnswer(code, rows[0] if rows else None, year, part.source, reason)


def _lost(part: Part, code: str) -> str:
    """Why a code that a list leaves out may have stood on it; empty where it did not."""
    if code in part.rejected:
        return _rejected(code)
    read = sum(1 for each in part.rejected if code_shapes.is_valid(each))
    if part.counts.get("rejected", 0) > read:
        return f"a row of the list of {part.year} was rejected when it was imported, and its code could not be read"
    return ""


def _rejected(code: str) -> str:
    return f"a row of {code} was rejected when the table was imported"


def asked_quarter(day: dt.date, quarter: Quarter | str | None) -> int:
    """The quarter that is asked: the one given, or that of the day."""
    if type(day) is not dt.date:
        plain_day(day)
    if quarter is not None:
        return Quarter.parse(quarter).index
    return day.year * 4 + (day.month - 1) // 3


@lru_cache(maxsize=256)
def quarter_at(index: int) -> Quarter:
    """The quarter of an index, as ``Quarter.from_index`` makes it."""
    return Quarter.from_index(index)
