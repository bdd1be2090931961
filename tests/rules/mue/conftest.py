"""Unit limits of invented rows, and claims checked against them.

A line is written as a service with its units: ``97110-59 x3``.
"""

import copy
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import attrs
import pytest

from cptkit import Catalog, Claim, Line, Report, check, check_claims, codeset
from cptkit.edits import Edits, Mue, Origin, Quarter, Setting, Writer, attach

DAY = dt.date(2026, 3, 2)


class Says(NamedTuple):
    code: str
    value: int
    mai: int | None


PRACTITIONER = (
    Says("97032", 4, 1),
    Says("97033", 0, 1),
    Says("97035", 2, 2),
    Says("97036", 0, 2),
    Says("97110", 3, 3),
    Says("97112", 0, 3),
    Says("97116", 2, None),
    Says("97124", 0, None),
    Says("97129", 2, 7),
)
HOSPITAL = (Says("97110", 5, 3), Says("97032", 1, 2))
TABLES = {
    ("practitioner", "2026q1"): PRACTITIONER,
    ("hospital", "2026q1"): HOSPITAL,
    ("dme", "2026q1"): (Says("A4206", 10, 3),),
    ("practitioner", "2013q1"): PRACTITIONER,
    ("practitioner", "2013q2"): PRACTITIONER,
}


def written(folder: Path) -> Edits:
    with Writer(folder) as writer:
        for (setting, quarter), says in TABLES.items():
            where, when = Setting(setting), Quarter.parse(quarter)
            rows = [Mue(*each, "own words", where, when, f"{setting}.csv") for each in says]
            origin = Origin(f"{setting}.csv", None, "sha256:" + 64 * "0", len(rows))
            writer.put_mue(rows, where, when, [origin])
        writer.commit()
    return attach(folder)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory):
    with written(tmp_path_factory.mktemp("limits") / "tables") as edits:
        yield edits


@pytest.fixture(scope="session")
def catalog(tables: Edits) -> Catalog:
    """The bundled editions with the unit limits."""
    return Catalog.bundled(tables=tables)


@pytest.fixture(scope="session")
def any_day(tables: Edits) -> Catalog:
    """An edition that is asked about any day, for what its history says of earlier years."""
    asked = copy.copy(codeset("2026.1"))
    asked.first_day = dt.date.min
    return Catalog((asked,), tables)


def line_of(service: str, **values) -> Line:
    service, _, units = service.partition(" x")
    code, *modifiers = service.split("-")
    values = {"date_of_service": DAY, "rendering_provider": "A", "units": int(units or 1), **values}
    return Line(code, modifiers=modifiers, **values)


@attrs.frozen
class Checked:
    """Checks claims against the limits."""

    catalog: Catalog
    any_day: Catalog
    line: Callable[..., Line] = line_of

    def __call__(self, *services: str | Line, select="MUE", **options) -> Report:
        day, setting = options.pop("day", DAY), options.pop("setting", "practitioner")
        catalog = self.catalog if day.year > 2020 else self.any_day
        lines = [
            line_of(each, date_of_service=day, id=str(place)) if isinstance(each, str) else each
            for place, each in enumerate(services, start=1)
        ]
        return check(Claim(lines, setting=setting), options.pop("catalog", catalog), select=select, **options)

    def claims(self, *claims: Claim, **options) -> Report:
        return check_claims(claims, self.catalog, select=options.pop("select", "MUE"), **options)


@pytest.fixture(scope="session")
def checked(catalog: Catalog, any_day: Catalog) -> Checked:
    return Checked(catalog, any_day)


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
