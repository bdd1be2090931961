"""Edit tables of invented rows, written in one short form and put into a folder as real ones are.

A table stands under a heading of its name, setting and quarter, and its rows say what matters:

- ``ptp practitioner 2026q1``: ``W9901 W9902 1 2026-02-01..2026-02-28 own words``: column 1, column 2,
  indicator, days, rationale.
- ``mue hospital 2026q1``: ``W9901 2 3``: code, value, MAI (``-`` for none).
- ``aoc 2026q1``: ``W9911 W9901,CCCCC 3 last_day=2026-02-28 note=own words``: add-on, primaries, type, days, note.
- ``pfs 2024q3``, or ``pfs 2024-08-09`` for a revised release: ``W9901-26 status=A bilat=1``.
- ``telehealth 2026``: ``W9901 Proposed Action: Maintain``: code, and what the list says of it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from cptkit.edits import AddOnEdit, Mue, Origin, PfsRow, Quarter, Setting, TelehealthService, Writer
from cptkit.edits.pairs import EPOCH

__all__ = ["write_edit_tables"]


def write_edit_tables(folder: Path | str, tables: Mapping[str, Iterable[str]]) -> None:
    """Put edit tables into a folder, for ``cptkit.edits.attach`` or a catalog's ``tables``.

    :param tables: rows by heading, such as ``{"mue practitioner 2026q1": ["W9901 2 3"]}``; the forms stand at
        the head of ``cptkit.testing.edit_tables``.
    :raises ValueError: for a heading or a row in another form.

    >>> import tempfile
    >>> from cptkit.edits import attach
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_edit_tables(folder, {"mue practitioner 2026q1": ["W9901 2 3"]})
    ...     with attach(folder) as edits:
    ...         edits.mue("W9901", date_of_service=dt.date(2026, 3, 2), setting=Setting.PRACTITIONER).mue.value
    2
    >>> write_edit_tables("nowhere", {"fees 2026q1": []})
    Traceback (most recent call last):
    ...
    ValueError: no table of that name: 'fees'; expected one of ptp, mue, aoc, pfs, telehealth
    """
    headings = {heading: heading.split(" ") for heading in tables}
    for table, *_ in headings.values():
        if table not in _PUT:
            raise ValueError(f"no table of that name: {table!r}; expected one of {', '.join(_PUT)}")
    with Writer(folder) as writer:
        for heading, (table, *where_and_when) in headings.items():
            rows = list(tables[heading])
            origin = Origin(f"{heading.replace(' ', '-')}.txt", None, "sha256:" + 64 * "0", len(rows))
            _PUT[table](writer, rows, origin, *where_and_when)
        writer.commit()


def _put_pairs(writer: Writer, rows: list[str], origin: Origin, setting: str, quarter: str) -> None:
    builder = writer.pairs(Setting(setting), Quarter.parse(quarter))
    for row in rows:
        column1, column2, indicator, *more = row.split(" ")
        ends = more.pop(0).split("..") if more and ".." in more[0] else ("", "")
        first, last = (dt.date.fromisoformat(end).toordinal() - EPOCH if end else None for end in ends)
        rationale = " ".join(more) or "own words"
        says = builder.row(first, last, int(indicator), prior_to_1996=False, rationale=rationale)
        builder.extend([builder.code(column1)], [builder.code(column2)], [says])
    writer.put_pairs(builder, [origin])


def _put_limits(writer: Writer, rows: list[str], origin: Origin, setting: str, quarter: str) -> None:
    where, when = Setting(setting), Quarter.parse(quarter)
    limits = (
        Mue(code, int(value), int(mai) if mai != "-" else None, "own words", where, when, origin.name)
        for code, value, mai in (row.split(" ") for row in rows)
    )
    writer.put_mue(limits, where, when, [origin])


def _put_addons(writer: Writer, rows: list[str], origin: Origin, quarter: str) -> None:
    when = Quarter.parse(quarter)
    edits: list[AddOnEdit] = []
    for row in rows:
        says, _, note = row.partition(" note=")
        addon, primaries, edit_type, *more = says.split(" ")
        days: dict[str, Any] = dict.fromkeys(("first_day", "last_day", "addon_last_day", "primary_last_day"))
        days |= {name: dt.date.fromisoformat(day) for name, day in (each.split("=") for each in more)}
        for primary in (None if each == "CCCCC" else each for each in primaries.split(",")):
            edit = AddOnEdit(
                addon, primary, int(edit_type), **days, note=note, quarter=when, file=origin.name
            )
            edits.append(edit)
    writer.put_addons(edits, when, [origin])


def _put_fees(writer: Writer, rows: list[str], origin: Origin, when: str) -> None:
    """A release that begins on another day than its quarter is the revised one."""
    is_revised = "q" not in when
    first_day = dt.date.fromisoformat(when) if is_revised else Quarter.parse(when).first_day
    quarter = Quarter.of(first_day)
    release = f"{quarter.year % 100}{'ABCD'[quarter.number - 1]}{'R' * is_revised}"
    unsaid: dict[str, Any] = dict.fromkeys((field.name for field in attrs.fields(PfsRow)), "")
    unsaid |= {"status": "A", "global_days": "XXX", "supervision": "09", "imaging_family": "99"}
    unsaid |= dict.fromkeys(("pctc", "mult", "bilat", "asst", "cosurg", "team"), "0")
    unsaid |= {"release": release, "first_day": first_day, "qpp": False, "file": origin.name}
    fees: list[PfsRow] = []
    for row in rows:
        service, *says = row.split(" ")
        code, _, modifier = service.partition("-")
        named: dict[str, Any] = {"code": code, "modifier": modifier}
        unknown = {each.partition("=")[0] for each in says} - set(unsaid)
        if unknown:
            raise ValueError(f"a row of the fee schedule has no {', '.join(sorted(unknown))}: {row!r}")
        for each in says:
            name, _, value = each.partition("=")
            named[name] = value
        fees.append(PfsRow(**unsaid | named))
    writer.put_pfs(fees, release, first_day, [origin])


def _put_services(writer: Writer, rows: list[str], origin: Origin, year: str) -> None:
    said = (row.partition(" ") for row in rows)
    services = [TelehealthService(code, remark, int(year), origin.name) for code, _, remark in said]
    writer.put_telehealth(services, int(year), [origin])


_PUT: dict[str, Callable[..., None]] = {
    "ptp": _put_pairs,
    "mue": _put_limits,
    "aoc": _put_addons,
    "pfs": _put_fees,
    "telehealth": _put_services,
}
