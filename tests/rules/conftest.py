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
from cptkit.edits import Edits, Setting, attach
from cptkit.rules.columns import NONE, Encounters
from cptkit.rules.context import context_for
from cptkit.rules.spans import Facts, Numbers
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


# ---- lines in columns ------------------------------------------------------------------------------


@attrs.frozen
class InColumns:
    """Makes what a run of column checks rests on, and blocks of encounters for it; needs numpy."""

    def facts(
        self,
        *days: dt.date,
        tables: Edits | None = None,
        setting: Setting = Setting.PRACTITIONER,
        **more: Any,
    ) -> Facts:
        """Each day is the one by which a span is judged, and no two spans are alike."""
        import numpy as np

        catalog = Catalog.bundled()
        of_day = [(catalog.edition_for(day), day) for day in days]
        contexts = [
            context_for(edition, day, Basis.CPT, catalog.after(edition), tables) for edition, day in of_day
        ]
        spans = np.arange(len(days), dtype=np.int16)
        return Facts(contexts, spans, spans, tables, setting, [], [()], [None], **more)

    def block(
        self, facts: Facts, *encounters: Iterable[str], spans: Iterable[int] | None = None
    ) -> Encounters:
        """Encounters of services such as ``97140-59 x2``, each on a day of its span."""
        import numpy as np

        codes, modifiers = Numbers(facts.codes), Numbers(facts.modifiers)
        rows, lengths = [], []
        which = list(spans or [0] * len(encounters))
        for services, span in zip(encounters, which, strict=True):
            lengths.append(len(list(services)))
            for each in services:
                service, _, units = each.partition(" x")
                code, *tail = service.split("-")
                since = facts.contexts[span].day.toordinal() - dt.date(1970, 1, 1).toordinal()
                rows.append((since, codes.number(code), modifiers.number(tuple(tail)), int(units or 1), span))
        facts.codes[:], facts.modifiers[:] = codes.values, modifiers.values
        day, code, marks, units, period = np.array(rows, np.int32).reshape(-1, 5).T
        nothing = np.full(len(rows), NONE, np.int32)
        return Encounters(
            *(facts, day, code, marks, np.zeros(len(rows), np.int32), units, nothing, nothing, nothing, None),
            *(period.astype(np.int16), np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)),
            *(np.append(0, np.cumsum(lengths)).astype(np.int64), np.ones(len(rows), bool)),
        )


@pytest.fixture(scope="session")
def in_columns() -> InColumns:
    pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
    return InColumns()


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
