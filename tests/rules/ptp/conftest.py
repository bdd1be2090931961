"""Pair edits of invented rows, and claims checked against them.

A line is written as a service: ``97140-59``, ``99213 x2``. The codes are known, so that sections and
modifiers mean something; that they are edited against each other is invented.
"""

import copy
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import attrs
import pytest

from cptkit import Catalog, Claim, Line, Report, check, check_claims, codeset
from cptkit.edits import Edits, Origin, Quarter, Setting, Writer, attach
from cptkit.edits.pairs import EPOCH

DAY = dt.date(2026, 3, 2)
EXCLUDE = "Mutually exclusive procedures"


class Says(NamedTuple):
    """A row as a file says it."""

    column1: str
    column2: str
    indicator: int = 1
    first: dt.date | None = None
    last: dt.date | None = None
    rationale: str = "own words"


PRACTITIONER = (
    Says("97530", "97140"),
    Says("97530", "97110", 0),
    Says("97530", "99213"),
    Says("97530", "G0283"),
    Says("97530", "99417"),
    Says("99214", "97140"),
    Says("99214", "99213"),
    Says("90837", "90834", 0, rationale=EXCLUDE),
    Says("90837", "90853", 1, rationale=EXCLUDE.upper()),
    Says("90839", "90837", 1, rationale="Not mutually exclusive procedures"),
    # open for a month of the quarter, with a row that was never active besides
    Says("97535", "97140", 1, dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
    Says("97535", "97110", 9, dt.date(2026, 2, 1), dt.date(2026, 2, 1)),
    # the columns change places
    Says("99452", "99358", 1, dt.date(2020, 1, 1), dt.date(2026, 2, 14)),
    Says("99358", "99452", 0, dt.date(2026, 2, 15)),
    # eye exams, and what stands beside them
    *(Says("97530", code) for code in ("92001", "92002", "92014", "92015")),
    # surgery, for sites
    Says("11042", "97597"),
    Says("17110", "11102"),
)
HOSPITAL = (Says("97530", "97140", 0), Says("97140", "97110"))
THEN = (Says("97530", "97140", 1, dt.date(2010, 1, 1)),)
TABLES = {
    ("practitioner", "2026q1"): PRACTITIONER,
    ("hospital", "2026q1"): HOSPITAL,
    ("practitioner", "2019q2"): THEN,
    ("practitioner", "2019q3"): THEN,
    ("practitioner", "2014q4"): THEN,
    ("practitioner", "2015q1"): THEN,
}


def written(folder: Path) -> Edits:
    with Writer(folder) as writer:
        for (setting, quarter), rows in TABLES.items():
            builder = writer.pairs(Setting(setting), Quarter.parse(quarter))
            for row in rows:
                first, last = (None if day is None else day.toordinal() - EPOCH for day in row[3:5])
                says = builder.row(first, last, row.indicator, prior_to_1996=False, rationale=row.rationale)
                builder.extend([builder.code(row.column1)], [builder.code(row.column2)], [says])
            writer.put_pairs(builder, [Origin(f"{setting}.txt", None, "sha256:" + 64 * "0", len(rows))])
        writer.commit()
    return attach(folder)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory):
    with written(tmp_path_factory.mktemp("pairs") / "tables") as edits:
        yield edits


@pytest.fixture(scope="session")
def catalog(tables: Edits) -> Catalog:
    """The bundled editions with the pair edits."""
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
    """Checks claims, and tells a report in short: ``PTP701 2`` is a finding on line 2."""

    catalog: Catalog
    any_day: Catalog
    day: dt.date = DAY
    line: Callable[..., Line] = line_of

    def __call__(self, *services: str | Line, select="PTP", **options) -> Report:
        day, setting = options.pop("day", DAY), options.pop("setting", "practitioner")
        catalog = self.catalog if day.year > 2020 else self.any_day
        lines = [
            line_of(each, date_of_service=day, id=str(place)) if isinstance(each, str) else each
            for place, each in enumerate(services, start=1)
        ]
        return check(Claim(lines, setting=setting), options.pop("catalog", catalog), select=select, **options)

    def claims(self, *claims: Claim, **options) -> Report:
        return check_claims(claims, self.catalog, select=options.pop("select", "PTP"), **options)


@pytest.fixture(scope="session")
def checked(catalog: Catalog, any_day: Catalog) -> Checked:
    return Checked(catalog, any_day)


def short(entries) -> list[str]:
    return [f"{entry.rule} {' '.join(entry.lines)}" for entry in entries]


@pytest.fixture(scope="session")
def told() -> Callable[[Report], dict[str, list[str]]]:
    """What a report says, in short; what it does not say is left out."""

    def all_of(report: Report) -> dict[str, list[str]]:
        parts = ("findings", "bypassed", "not_checked")
        return {part: short(getattr(report, part)) for part in parts if getattr(report, part)}

    return all_of
