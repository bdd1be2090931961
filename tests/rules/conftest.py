"""Lines, claims and edit tables in one short form, claims checked against them, and cases as data.

A line is a service: ``97140-59 x2`` with a modifier and units, ``99213@B`` of another clinician, ``99213@``
of none. Edit tables are rows under a heading, as at the head of
``cptkit.testing.edit_tables``. ``cases/<RULE>.toml`` holds what one rule finds, as at the head of
``cptkit.testing.rule_cases``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Finding, Line, Report, check, check_claims, codeset
from cptkit.edits import Edits, attach
from cptkit.testing.edit_tables import write_edit_tables
from cptkit.testing.rule_cases import Case, for_all_days, read_cases

CASES = Path(__file__).parent / "cases"
DAY = dt.date(2026, 3, 2)
Tables = Mapping[str, Iterable[str]]


# ---- edit tables -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], Path]:
    """Writes edit tables, and tells their folder."""

    def folder_of(tables: Tables) -> Path:
        folder = tmp_path_factory.mktemp("tables")
        write_edit_tables(folder, tables)
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


def all_cases() -> list[Case]:
    return [case for path in sorted(CASES.glob("*.toml")) for case in read_cases(path)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument ``case`` runs once for each case."""
    if "case" in metafunc.fixturenames:
        cases = all_cases()
        metafunc.parametrize("case", cases, ids=str)


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    return all_cases()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.bundled()
