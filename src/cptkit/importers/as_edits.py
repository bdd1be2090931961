"""Rows of CMS's tables as values of ``cptkit.edits``, with the quarter or year, setting and file of the whole table."""

import datetime as dt

from cptkit.edits.records import AddOnEdit, Mue, PfsRow, TelehealthService
from cptkit.errors import ContradictoryFile, UnreadableFile
from cptkit.importers.layouts import Recognised
from cptkit.importers.names import Programme
from cptkit.importers.rows import AddOnRow, FeeRow, MueRow, TelehealthRow

__all__ = ["addon_edit", "fee_row", "first_day_of", "telehealth_service", "unit_limit"]


def unit_limit(row: MueRow, table: Recognised, file: str) -> Mue:
    """A unit limit as the tables hold it.

    :raises ContradictoryFile: for a table of Medicaid: its limits are no limits of Medicare.

    >>> from cptkit.edits.quarter import Quarter
    >>> from cptkit.edits.records import Setting
    >>> from cptkit.importers.layouts import Kind
    >>> table = Recognised(Kind.MUE, Programme.MEDICARE, Setting.DME, Quarter(2026, 3))
    >>> print(unit_limit(MueRow(3, "W9901", 2, 1, "own words"), table, "mue.csv"))
    W9901 at most 2 MAI 1 (dme 2026q3)
    """
    _only_medicare(table, file)
    if table.setting is None or table.quarter is None:
        raise UnreadableFile("a table of unit limits has a setting and a quarter", where=file)
    return Mue(row.code, row.value, row.mai, row.rationale, table.setting, table.quarter, file)


def addon_edit(row: AddOnRow, table: Recognised, file: str) -> AddOnEdit:
    """An add-on edit as the tables hold it.

    :raises ContradictoryFile: for a table of Medicaid.
    """
    _only_medicare(table, file)
    if table.quarter is None:
        raise UnreadableFile("a table of add-on edits has a quarter", where=file)
    return AddOnEdit(
        row.addon,
        row.primary,
        row.edit_type,
        row.first_day,
        row.last_day,
        row.addon_last_day,
        row.primary_last_day,
        row.note,
        table.quarter,
        file,
    )


def first_day_of(table: Recognised, *, first_day: dt.date | None = None) -> dt.date:
    """The day from which a release of the fee schedule holds: the first of its quarter, unless you say another.

    :raises UnreadableFile: for a release that CMS revised within its quarter, when you do not say the day.

    >>> from cptkit.edits.quarter import Quarter
    >>> from cptkit.importers.layouts import Kind
    >>> first_day_of(Recognised(Kind.PFS, quarter=Quarter(2026, 3), release="26C")).isoformat()
    '2026-07-01'
    >>> first_day_of(Recognised(Kind.PFS, quarter=Quarter(2024, 1), release="24AR"))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: a revised release may hold from a day within its quarter: say it: '24AR'; expected its first day (--first-day)
    """
    if first_day is not None:
        return first_day
    if table.quarter is None or table.release is None:
        raise UnreadableFile("a table of relative values has a quarter and a release")
    if "R" in table.release:
        raise UnreadableFile(
            "a revised release may hold from a day within its quarter: say it",
            given=table.release,
            expected="its first day (--first-day)",
        )
    return table.quarter.first_day


def fee_row(row: FeeRow, table: Recognised, file: str, *, first_day: dt.date | None = None) -> PfsRow:
    """A row of relative values as the tables hold it: its indicators as text.

    :param first_day: from which day a revised release holds.
    :raises UnreadableFile: for a revised release without that day.
    """
    return PfsRow(
        code=row.code,
        modifier=row.modifier,
        status=row.status,
        global_days=row.global_days,
        pctc=row.pctc,
        mult=row.mult,
        bilat=row.bilat,
        asst=row.asst,
        cosurg=row.cosurg,
        team=row.team,
        preoperative=str(row.preoperative),
        intraoperative=str(row.intraoperative),
        postoperative=str(row.postoperative),
        endo_base=row.endo_base,
        supervision=row.supervision,
        imaging_family=row.imaging_family,
        not_used=row.not_used,
        release=table.release or "",
        first_day=first_day_of(table, first_day=first_day),
        qpp=bool(table.qpp),
        file=file,
    )


def telehealth_service(row: TelehealthRow, table: Recognised, file: str) -> TelehealthService:
    """A code of the telehealth list as the tables hold it: with what the list says of it, by columns.

    :raises ContradictoryFile: for a list of Medicaid.
    :raises UnreadableFile: for a list of which nobody says the year.

    >>> from cptkit.importers.layouts import Kind
    >>> row = TelehealthRow(3, "W9901", (("Proposed Action", "Maintain"), ("Audio Only", "Yes")))
    >>> telehealth_service(row, Recognised(Kind.TELEHEALTH, year=2026), "list.txt").remark
    'Proposed Action: Maintain; Audio Only: Yes'
    >>> telehealth_service(row, Recognised(Kind.TELEHEALTH), "list.txt")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: a telehealth list has a year; see list.txt
    """
    _only_medicare(table, file)
    if table.year is None:
        raise UnreadableFile("a telehealth list has a year", where=file)
    remark = "; ".join(f"{name}: {said}" for name, said in row.remarks)
    return TelehealthService(row.code, remark, table.year, file)


def _only_medicare(table: Recognised, file: str) -> None:
    if table.programme is not Programme.MEDICARE:
        raise ContradictoryFile(
            "this is a table of Medicaid: it does not go into Medicare's",
            given=str(table.programme),
            where=file,
        )
