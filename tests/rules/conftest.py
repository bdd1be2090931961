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

``setting`` is ``practitioner`` unless it says otherwise. ``tables`` are edit tables for the quarter of the
case's day: ``ptp`` (``"W9901 W9902 1 own words"``: column 1, column 2, indicator, rationale), ``mue``
(``"W9901 2 3"``: code, value, MAI), ``aoc`` (``"W9911 W9901 1"``: add-on, primary or CCCCC, type) and
``pfs`` (``"W9901-26 status=A bilat=1"``). What a case does not name is not there.
"""

import copy
import datetime as dt
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Codeset, Line, Report, check, codeset
from cptkit.edits import AddOnEdit, Edits, Mue, PfsRow, Quarter, Setting, Writer, attach

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
    setting: str = "practitioner"
    tables: dict[str, list[str]] | None = None
    findings: list[Expected] = attrs.field(factory=list)
    bypassed: list[Expected] = attrs.field(factory=list)
    not_checked: list[Expected] = attrs.field(factory=list)

    @property
    def catalog(self) -> Catalog:
        tables = None
        if self.tables is not None:
            rows = tuple((name, tuple(texts)) for name, texts in self.tables.items())
            tables = edit_tables(rows, Setting(self.setting), Quarter.of(self.day))
        if self.edition is None:
            return Catalog.bundled(tables=tables)
        return Catalog((for_all_days(codeset(self.edition)),), tables)

    @property
    def claim(self) -> Claim:
        lines = [line_of(given, self.day) for given in self.lines]
        return Claim(lines, id=self.id, setting=self.setting)

    def check(self, **selection: Any) -> Report:
        return check(self.claim, self.catalog, basis=self.basis, **selection)


@cache
def edit_tables(tables: tuple[tuple[str, tuple[str, ...]], ...], setting: Setting, quarter: Quarter) -> Edits:
    """The edit tables of a case. The folder goes with the process: attached files may stay open."""
    folder = tempfile.TemporaryDirectory(prefix="cases-")
    FOLDERS.append(folder)
    put = {"ptp": put_pairs, "mue": put_limits, "aoc": put_addons, "pfs": put_fees}
    with Writer(folder.name) as writer:
        for name, texts in tables:
            put[name](writer, [text.split(" ") for text in texts], setting, quarter)
        writer.commit()
    return attach(folder.name)


FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
Rows = list[list[str]]


def put_pairs(writer: Writer, rows: Rows, setting: Setting, quarter: Quarter) -> None:
    builder = writer.pairs(setting, quarter)
    for column1, column2, indicator, *rationale in rows:
        says = builder.row(None, None, int(indicator), prior_to_1996=False, rationale=" ".join(rationale))
        builder.extend([builder.code(column1)], [builder.code(column2)], [says])
    writer.put_pairs(builder, [])


def put_limits(writer: Writer, rows: Rows, setting: Setting, quarter: Quarter) -> None:
    limits = (
        Mue(code, int(value), int(mai) if mai != "-" else None, "own words", setting, quarter, "mue.csv")
        for code, value, mai in rows
    )
    writer.put_mue(limits, setting, quarter, [])


def put_addons(writer: Writer, rows: Rows, _: Setting, quarter: Quarter) -> None:
    ends = dict.fromkeys(("first_day", "last_day", "addon_last_day", "primary_last_day"))
    edits = (
        AddOnEdit(
            addon,
            None if primary == "CCCCC" else primary,
            int(edit_type),
            **ends,
            note="",
            quarter=quarter,
            file="aoc.txt",
        )
        for addon, primary, edit_type in rows
    )
    writer.put_addons(edits, quarter, [])


def put_fees(writer: Writer, rows: Rows, _: Setting, quarter: Quarter) -> None:
    release, first_day = f"{quarter.year % 100}{'ABCD'[quarter.number - 1]}", quarter.first_day
    fees = []
    for service, *says in rows:
        code, _, modifier = service.partition("-")
        values = dict.fromkeys((field.name for field in attrs.fields(PfsRow)), "") | {
            "status": "A",
            "global_days": "XXX",
        }
        values |= dict.fromkeys(("pctc", "mult", "bilat", "asst", "cosurg", "team"), "0")
        values |= {"code": code, "modifier": modifier} | dict(each.split("=") for each in says)
        unknown = set(values) - {field.name for field in attrs.fields(PfsRow)}
        if unknown:
            raise TypeError(f"a fee row has no {', '.join(sorted(unknown))}")
        values |= {"release": release, "first_day": first_day, "qpp": False, "file": "pprrvu.csv"}
        fees.append(PfsRow(**values))
    writer.put_pfs(fees, release, first_day, [])


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
