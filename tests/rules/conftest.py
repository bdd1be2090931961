"""Cases as data: ``cases/<RULE>.toml`` holds what one rule finds, one ``[[case]]`` each.

A case has ``id``, ``why`` (own words), ``date`` or ``dates`` (the case holds on each of them) and
``lines`` (``code``; and ``modifiers``, ``units``, ``minutes``, ``start``, ``stop``, ``provider``, ``date``,
``id`` where they matter: by default a line has the date of the case and its place as id). What is
expected stands in ``findings``, ``bypassed`` and ``not_checked``, in the order of the report; what is not
there must not be there. An expected entry has ``says`` (words the message must hold) and, where they
differ from the default, ``lines`` (``["1"]``), ``severity`` (``error``), ``rule`` (the file's) and ``fixes``
(``kind line value``; not compared where absent).

Only the file's rule is run. ``basis`` is ``cpt`` unless it says otherwise. The bundled editions judge;
with ``edition`` that one judges, whatever the year, as its history reaches back further.
"""

import copy
import datetime as dt
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Codeset, Line, Report, check, codeset

CASES = Path(__file__).parent / "cases"


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
    findings: list[Expected] = attrs.field(factory=list)
    bypassed: list[Expected] = attrs.field(factory=list)
    not_checked: list[Expected] = attrs.field(factory=list)

    @property
    def catalog(self) -> Catalog:
        return Catalog.bundled() if self.edition is None else Catalog((for_all_days(codeset(self.edition)),))

    @property
    def claim(self) -> Claim:
        return Claim([line_of(given, self.day) for given in self.lines], id=self.id)

    def check(self, **selection: Any) -> Report:
        return check(self.claim, self.catalog, basis=self.basis, **selection)


def for_all_days(edition: Codeset) -> Codeset:
    """The edition as one that is asked about any day, for what its history says of earlier years."""
    asked = copy.copy(edition)
    asked.first_day = dt.date.min
    return asked


def line_of(given: dict[str, Any], day: dt.date) -> Line:
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


@pytest.fixture(scope="session")
def report_on(catalog: Catalog) -> Callable[..., Report]:
    """Check lines, given as ``Line`` values or as code and keywords, on a plain day of 2026."""

    def report(*lines: Line | tuple[str, dict[str, Any]], **options: Any) -> Report:
        day = options.pop("day", dt.date(2026, 3, 2))
        made = [
            line if isinstance(line, Line) else line_of({"code": line[0], **line[1]}, day) for line in lines
        ]
        return check(Claim(made, id=options.pop("id", "")), options.pop("catalog", catalog), **options)

    return report
