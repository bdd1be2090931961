"""Add-on edits, pair edits and unit limits of invented rows, and claims checked against them.

A line is written as a service with its units: ``90785``, ``97110-59 x3``. W9911 and the like are add-ons
that no edition knows, W9901 and the like their primaries.
"""

import copy
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from cptkit import Catalog, Claim, Line, Report, check, check_claims, codeset
from cptkit.edits import AddOnEdit, Edits, Mue, Origin, Quarter, Setting, Writer, attach

DAY = dt.date(2026, 3, 2)
LONG = tuple(f"W98{number}" for number in range(10, 23))


def says(
    addon: str, *primaries: str | None, edit_type: int = 1, note: str = "", **days: dt.date
) -> list[AddOnEdit]:
    values = {"first_day": None, "last_day": None, "addon_last_day": None, "primary_last_day": None, **days}
    rest = {"note": note, "quarter": Quarter(2026, 1), "file": "aoc.txt"}
    return [AddOnEdit(addon, primary, edit_type, **values, **rest) for primary in primaries]


ADDONS = (
    # what no edition knows
    *says("W9911", "W9901", "W9902"),
    *says("W9912", None, edit_type=2),
    *says("W9913", "W9901", None, edit_type=3),
    *says("W9914", "W9901", edit_type=3),
    *says("W9915", "W9901", first_day=dt.date(2026, 2, 1), last_day=dt.date(2026, 2, 28)),
    *says("W9916", "W9901", addon_last_day=dt.date(2026, 2, 14)),
    *says("W9917", "W9901", primary_last_day=dt.date(2026, 2, 14)),
    *says("W9917", "W9902"),
    *says("W9918", *LONG),
    *says("W9919", "W9919", "W9911"),
    *says("W9920", "W9914"),
    *says("W9921", *LONG[1:]),
    *says("W9922", "W9906"),
    # notes
    *says("W9923", "W9901", note="W9901 Practitioner Only"),
    *says("W9923", "W9902"),
    *says("W9924", "W9901", note="W9924 may be reported by FACILITIES only"),
    *says("W9925", "W9901", note="see elsewhere"),
    *says("W9925", "W9902", note="Based on another text"),
    *says("W9926", "W9901", note="practitioner only, not facility only"),
    *says("W9927", "W9924"),
    # what the edition knows otherwise, or as well
    *says("90785", "90791", "90833", "90834", "90837"),
    *says("90840", "90839"),
    *says("90833", None, edit_type=2),
    *says("96131", "96130"),
    *says("90836", "99213", "99214"),
    *says("96161", "99213", None, edit_type=3),
)
PAIRS = (
    ("90837", "90834", 0),
    ("90837", "99214", 1),
    ("W9903", "W9901", 1),
    ("W9903", "W9911", 1),
    ("W9903", "96130", 0),
    ("W9905", "W9901", 1),
)
LIMITS = (
    ("90791", 1, 3),
    ("90837", 2, 3),
    ("W9902", 1, 2),
    ("W9901", 9, 2),
    ("90785", 3, 3),
    ("W9904", 1, 1),
    ("W9906", 0, 3),
)


def written(folder: Path, only: str = "") -> Edits:
    origin = [Origin("rows.txt", None, "sha256:" + 64 * "0", 1)]
    where, when = Setting.PRACTITIONER, Quarter(2026, 1)
    with Writer(folder) as writer:
        if only in ("", "ptp"):
            builder = writer.pairs(where, when)
            for column1, column2, indicator in PAIRS:
                row = builder.row(None, None, indicator, prior_to_1996=False, rationale="own words")
                builder.extend([builder.code(column1)], [builder.code(column2)], [row])
            writer.put_pairs(builder, origin)
        if only in ("", "mue"):
            rows = [Mue(*each, "own words", where, when, "mue.csv") for each in LIMITS]
            writer.put_mue(rows, where, when, origin)
        if only in ("", "aoc"):
            writer.put_addons(ADDONS, when, origin)
        writer.commit()
    return attach(folder)


def line_of(service: str, **values) -> Line:
    service, _, units = service.partition(" x")
    code, *modifiers = service.split("-")
    values = {"date_of_service": DAY, "rendering_provider": "A", "units": int(units or 1), **values}
    return Line(code, modifiers=modifiers, **values)


@attrs.frozen
class Checked:
    """Checks claims against the tables: all of them, or ``only`` one."""

    folder: Path
    made: dict[str, Edits] = attrs.field(factory=dict)
    line: Callable[..., Line] = line_of

    def catalog(self, only: str = "") -> Catalog:
        if only not in self.made:
            self.made[only] = written(self.folder / (only or "all"), only)
        return Catalog.bundled(tables=self.made[only])

    def __call__(self, *services: str | Line, select="ADD", **options) -> Report:
        day = options.pop("day", DAY)
        catalog = options.pop("catalog", None) or self.catalog(options.pop("only", ""))
        lines = [
            line_of(each, date_of_service=day, id=str(place)) if isinstance(each, str) else each
            for place, each in enumerate(services, start=1)
        ]
        claim = Claim(lines, setting=options.pop("setting", "practitioner"))
        return check(claim, catalog, select=select, **options)

    def claims(self, *claims: Claim, **options) -> Report:
        return check_claims(claims, self.catalog(), select=options.pop("select", "ADD"), **options)


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory):
    made = Checked(tmp_path_factory.mktemp("addons"))
    yield made
    for edits in made.made.values():
        edits.close()


@pytest.fixture(scope="session")
def any_day(checked: Checked) -> Catalog:
    """An edition that is asked about any day."""
    asked = copy.copy(codeset("2026.1"))
    asked.first_day = dt.date.min
    return Catalog((asked,), checked.catalog().tables)


@pytest.fixture(scope="session")
def told() -> Callable[[Report], dict[str, list[str]]]:
    """What a report says, in short: ``ADD302 1`` on line 1; what it does not say is left out."""

    def all_of(report: Report) -> dict[str, list[str]]:
        parts = {"findings": report.findings, "bypassed": report.bypassed, "not_checked": report.not_checked}
        return {
            part: [f"{entry.rule} {' '.join(entry.lines)}" for entry in entries]
            for part, entries in parts.items()
            if entries
        }

    return all_of
