"""Lines, claims and edit tables in one short form, claims checked against them, and cases as data.

A line is a service: ``97140-59 x2`` with a modifier and units, ``99213@B`` of another clinician, ``99213@``
of none. Edit tables are rows under a heading of table, setting and quarter, and say what matters:

- ``ptp practitioner 2026q1``: ``W9901 W9902 1 2026-02-01..2026-02-28 own words``: column 1, column 2,
  indicator, days, rationale.
- ``mue hospital 2026q1``: ``W9901 2 3``: code, value, MAI (``-`` for none).
- ``aoc 2026q1``: ``W9911 W9901,CCCCC 3 last_day=2026-02-28 note=own words``: add-on, primaries, type; days and
  note.
- ``pfs 2024q3``, or ``pfs 2024-08-09`` for a revised release: ``W9901-26 status=A bilat=1``.

Cases: ``cases/<RULE>.toml`` holds what one rule finds, one ``[[case]]`` each.

A case has ``id``, ``why`` (own words), ``date`` or ``dates`` (the case holds on each of them) and
``lines`` (``code``; and ``modifiers``, ``units``, ``minutes``, ``start``, ``stop``, ``provider``, ``date``,
``id`` where they matter: by default a line has the date of the case and its place as id). What is
expected stands in ``findings``, ``bypassed`` and ``not_checked``, in the order of the report; what is not
there must not be there. An expected entry has ``says`` (words the message must hold) and, where they
differ from the default, ``lines`` (``["1"]``), ``severity`` (``error``), ``rule`` (the file's) and ``fixes``
(``kind line value``; not compared where absent).

Only the file's rule is run. ``basis`` is ``cpt`` unless it says otherwise. The bundled editions judge;
with ``edition`` that one judges, whatever the year, as its history reaches back further.

``setting`` is ``practitioner`` unless it says otherwise. ``tables`` are edit tables for the quarter of the
case's day, ``ptp``, ``mue``, ``aoc`` and ``pfs``, of rows as above. What a case does not name is not there.
"""

import copy
import datetime as dt
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Codeset, Finding, Line, Report, check, check_claims, codeset
from cptkit.edits import AddOnEdit, Edits, Mue, Origin, PfsRow, Quarter, Setting, Writer, attach
from cptkit.edits.pairs import EPOCH

CASES = Path(__file__).parent / "cases"
DAY = dt.date(2026, 3, 2)
Tables = Mapping[str, Iterable[str]]


# ---- edit tables -----------------------------------------------------------------------------------


def put_pairs(writer: Writer, rows: list[str], origin: Origin, setting: str, quarter: str) -> None:
    builder = writer.pairs(Setting(setting), Quarter.parse(quarter))
    for row in rows:
        column1, column2, indicator, *more = row.split(" ")
        ends = more.pop(0).split("..") if more and ".." in more[0] else ("", "")
        first, last = (dt.date.fromisoformat(end).toordinal() - EPOCH if end else None for end in ends)
        rationale = " ".join(more) or "own words"
        says = builder.row(first, last, int(indicator), prior_to_1996=False, rationale=rationale)
        builder.extend([builder.code(column1)], [builder.code(column2)], [says])
    writer.put_pairs(builder, [origin])


def put_limits(writer: Writer, rows: list[str], origin: Origin, setting: str, quarter: str) -> None:
    where, when = Setting(setting), Quarter.parse(quarter)
    limits = (
        Mue(code, int(value), int(mai) if mai != "-" else None, "own words", where, when, origin.name)
        for code, value, mai in (row.split(" ") for row in rows)
    )
    writer.put_mue(limits, where, when, [origin])


def put_addons(writer: Writer, rows: list[str], origin: Origin, quarter: str) -> None:
    when, edits = Quarter.parse(quarter), []
    for row in rows:
        says, _, note = row.partition(" note=")
        addon, primaries, edit_type, *more = says.split(" ")
        days = dict.fromkeys(("first_day", "last_day", "addon_last_day", "primary_last_day"))
        days |= {name: dt.date.fromisoformat(day) for name, day in (each.split("=") for each in more)}
        for primary in (None if each == "CCCCC" else each for each in primaries.split(",")):
            edit = AddOnEdit(
                addon, primary, int(edit_type), **days, note=note, quarter=when, file=origin.name
            )
            edits.append(edit)
    writer.put_addons(edits, when, [origin])


def put_fees(writer: Writer, rows: list[str], origin: Origin, when: str) -> None:
    """A release that begins on another day than its quarter is the revised one."""
    is_revised = "q" not in when
    first_day = dt.date.fromisoformat(when) if is_revised else Quarter.parse(when).first_day
    quarter = Quarter.of(first_day)
    release = f"{quarter.year % 100}{'ABCD'[quarter.number - 1]}{'R' * is_revised}"
    plain = PfsRow(
        *("", "", "A", "XXX", *6 * ("0",), "", "", "", "", "09", "99", ""),
        *(release, first_day, False, origin.name),
    )
    fees = []
    for row in rows:
        service, *says = row.split(" ")
        code, _, modifier = service.partition("-")
        named = dict(each.split("=") for each in says)
        fees.append(attrs.evolve(plain, code=code, modifier=modifier, **named))
    writer.put_pfs(fees, release, first_day, [origin])


PUT = {"ptp": put_pairs, "mue": put_limits, "aoc": put_addons, "pfs": put_fees}


def write(folder: Path | str, tables: Tables) -> None:
    with Writer(folder) as writer:
        for heading, rows in tables.items():
            every, (table, *where_and_when) = list(rows), heading.split(" ")
            origin = Origin(f"{heading.replace(' ', '-')}.txt", None, "sha256:" + 64 * "0", len(every))
            PUT[table](writer, every, origin, *where_and_when)
        writer.commit()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], Path]:
    """Writes edit tables, and tells their folder."""

    def folder_of(tables: Tables) -> Path:
        folder = tmp_path_factory.mktemp("tables")
        write(folder, tables)
        return folder

    return folder_of


@pytest.fixture(scope="session")
def edit_tables(written: Callable[[Tables], Path]) -> Iterator[Callable[[Tables], Edits]]:
    """Writes edit tables and attaches them, until the end."""
    with ExitStack() as stack:
        yield lambda tables: stack.enter_context(attach(written(tables)))


# ---- claims, and what is said of them --------------------------------------------------------------


@attrs.frozen
class Checked:
    """Checks claims against a catalog, by the rules of ``select`` unless a test says others."""

    catalog: Catalog
    any_day: Catalog
    select: str | tuple[str, ...] = ("ALL",)
    day: dt.date = DAY

    def line(self, service: str, **values: Any) -> Line:
        service, _, units = service.partition(" x")
        service, named, clinician = service.partition("@")
        code, *modifiers = service.split("-")
        said = {"modifiers": modifiers, "units": int(units or 1), "date_of_service": self.day}
        said["rendering_provider"] = (clinician or None) if named else "A"
        return Line(code, **said | values)

    def claim(self, *services: str | Line, day: dt.date | None = None, **values: Any) -> Claim:
        """A claim of services and lines; ``day`` is that of the services."""
        lines = [
            self.line(each, date_of_service=day or self.day) if isinstance(each, str) else each
            for each in services
        ]
        return Claim(lines, **values)

    def __call__(
        self,
        *services: str | Line,
        catalog: Catalog | None = None,
        select: Any = None,
        basis: Basis = Basis.CPT,
        **values: Any,
    ) -> Report:
        """The report on a claim of services; an edition that is asked about any day judges early ones."""
        is_early = values.get("day", self.day).year <= 2020
        if catalog is None:
            catalog = self.any_day if is_early else self.catalog
        rules = self.select if select is None else select
        return check(self.claim(*services, **values), catalog, select=rules, basis=basis)

    def claims(self, *claims: Claim, select: Any = None, **options: Any) -> Report:
        rules = self.select if select is None else select
        return check_claims(claims, self.catalog, select=rules, **options)

    def fixes(self, finding: Finding) -> list[str]:
        """Each fix as ``set-units 2 1``: what is done, the line, the value."""
        said = ((fix.kind.value, fix.line, fix.value) for fix in finding.fixes)
        return [" ".join(str(part) for part in parts if part is not None) for parts in said]


@pytest.fixture(scope="session")
def checker(edit_tables: Callable[[Tables], Edits]) -> Callable[..., Checked]:
    """Makes what checks claims against edit tables; ``Checked`` says what may be told besides."""

    def made(tables: Tables, **more: Any) -> Checked:
        edits = edit_tables(tables)
        any_day = Catalog((for_all_days(codeset("2026.1")),), edits)
        return Checked(Catalog.bundled(tables=edits), any_day, **more)

    return made


@pytest.fixture(scope="session")
def told() -> Callable[[Report], dict[str, list[str]]]:
    """What a report says, in short: ``MUE802 1 2`` on lines 1 and 2; what it does not say is left out."""

    def all_of(report: Report) -> dict[str, list[str]]:
        parts = {"findings": report.findings, "bypassed": report.bypassed, "not_checked": report.not_checked}
        return {
            part: [f"{entry.rule} {' '.join(entry.lines)}" for entry in entries]
            for part, entries in parts.items()
            if entries
        }

    return all_of


# ---- cases -----------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Expected:
    """An entry of a report as a case describes it."""

    says: list[str]
    lines: list[str] = attrs.field(factory=lambda: ["1"])
    severity: str = "error"
    rule: str = ""
    fixes: list[str] | None = None


@attrs.frozen(kw_only=True)
class Case:
    """One claim on one day, and what is expected of it."""

    rule: str
    id: str
    why: str
    day: dt.date
    lines: list[dict[str, Any]]
    basis: Basis = attrs.field(default=Basis.CPT, converter=Basis)
    edition: str | None = None
    setting: str = "practitioner"
    tables: dict[str, list[str]] | None = None
    findings: list[Expected] = attrs.field(factory=list)
    bypassed: list[Expected] = attrs.field(factory=list)
    not_checked: list[Expected] = attrs.field(factory=list)

    @property
    def catalog(self) -> Catalog:
        tables = None
        if self.tables is not None:
            headings = {"ptp": f"ptp {self.setting}", "mue": f"mue {self.setting}"}
            given = (
                (f"{headings.get(name, name)} {Quarter.of(self.day)}", tuple(rows))
                for name, rows in self.tables.items()
            )
            tables = tables_of_case(tuple(given))
        if self.edition is None:
            return Catalog.bundled(tables=tables)
        return Catalog((for_all_days(codeset(self.edition)),), tables)

    @property
    def claim(self) -> Claim:
        lines = [line_of_case(given, self.day) for given in self.lines]
        return Claim(lines, id=self.id, setting=self.setting)

    def check(self, **selection: Any) -> Report:
        return check(self.claim, self.catalog, basis=self.basis, **selection)


@cache
def tables_of_case(tables: tuple[tuple[str, tuple[str, ...]], ...]) -> Edits:
    """The folder goes with the process: attached files may stay open."""
    folder = tempfile.TemporaryDirectory(prefix="cases-")
    FOLDERS.append(folder)
    write(folder.name, dict(tables))
    return attach(folder.name)


FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def for_all_days(edition: Codeset) -> Codeset:
    """The edition as one that is asked about any day, for what its history says of earlier years."""
    asked = copy.copy(edition)
    asked.first_day = dt.date.min
    return asked


def line_of_case(given: dict[str, Any], day: dt.date) -> Line:
    values = {"rendering_provider" if key == "provider" else key: value for key, value in given.items()}
    return Line(values.pop("code"), **{"date_of_service": values.pop("date", day), **values})


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file, one for each of their dates. An unknown key is a TypeError."""
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        values = dict(table)
        days = values.pop("dates", None) or [values.pop("date")]
        for key in ("findings", "bypassed", "not_checked"):
            values[key] = [Expected(**{"rule": path.stem, **entry}) for entry in values.get(key, [])]
        for day in days:
            yield Case(rule=path.stem, day=day, **values)


def all_cases() -> list[Case]:
    return [case for path in sorted(CASES.glob("*.toml")) for case in read_cases(path)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument ``case`` runs once for each case."""
    if "case" in metafunc.fixturenames:
        cases = all_cases()
        ids = [f"{case.rule}-{case.id}-{case.day}" for case in cases]
        metafunc.parametrize("case", cases, ids=ids)


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    return all_cases()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.bundled()
