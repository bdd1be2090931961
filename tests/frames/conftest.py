"""Lines as rows, what each of the two paths says of them, and edit tables in which everything occurs.

A ``Row`` is one claim line. ``by_claims`` judges the rows of each patient and day as a claim, ``by_columns`` puts
them into a table: both tell their findings as ``Said``, which can be compared.
"""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Catalog, Claim, Finding, Line, check_claims, codeset
from cptkit.edits import Setting
from cptkit.edits.telling import row_key
from cptkit.testing.edit_tables import write_edit_tables

QUARTERS = ("2022q4", "2023q1", "2024q4", "2025q1", "2025q3", "2026q1", "2026q2")
FIRST_DAYS = [
    f"{year}-{month}" for year in range(2021, 2027) for month in ("01-01", "04-01", "07-01", "10-01")
]
DAYS = [
    dt.date.fromisoformat(day)
    for day in [*FIRST_DAYS, "2026-03-02", "2026-03-15", "2026-08-16", "2027-01-01"]
]
DAYS += [day - dt.timedelta(1) for day in DAYS]
USUAL = [dt.date(2025, 2, 3), dt.date(2026, 3, 2), dt.date(2026, 3, 31), dt.date(2026, 4, 1)]
SPOKEN_OF = """
    90834 90837 90832 90833 90836 90838 90785 90791 90792 90839 90840 90846 90847 90853 99213 99214 99215 99417 G2211
    G2212 96127 97110 97140 97530 97116 97035 96130 96131 96132 96133 96136 96137 11042 97597 20610 G0316 98966 99490
    99439 99354 0591T 3008F 96158 96159 99283 99291 99292 17110 99457 99458 90863 99999 90899 97151 97153 97155 0373T
    99223 99418 99483 96365 96366 H2015 G0019 00100 27447 96160
"""
CODES = SPOKEN_OF.split()
ODD = ["ABC", "9083", "90834X", "W9901", "99355", "é0834"]
ALONE = "95 25 59 XS GP GT LT RT 50 26 TC 76 77 HO HM 80 AS GY 57 24 FT 93 52"
MODIFIERS = [(), *((each,) for each in ALONE.split())]
MODIFIERS += [
    (),
    (),
    (),
    (),
    (),
    ("25", "95"),
    ("95", "25"),
    ("59", "59"),
    ("ZZ",),
    ("U1",),
    ("9",),
    ("LT", "59"),
]
MODIFIERS += [
    ("KX", "GP", "59", "95", "25"),
    ("RT", "LT"),
    ("59", "XS"),
    ("E1",),
    ("E2", "59"),
    ("XE", "25"),
    ("GC",),
]
CLOCKS = [
    None,
    None,
    None,
    None,
    ("09:00", "09:30"),
    ("09:10", "10:00"),
    ("09:10", "09:53"),
    ("23:00", "00:30"),
]
CLOCKS += [("23:30:20", "23:45:10"), ("00:00", "23:59"), ("10:00", "09:00")]
NUMBERS = "0 7 8 10 15 16 22 23 30 31 37 38 45 52 53 60 74 75 80 90 110 161 -1"
MINUTES = [*[None] * 5, *map(int, NUMBERS.split())]
MINUTES += [1440, 1441, 2000]
UNITS = [1, 1, 1, 1, 1, 2, 2, 3, 4, 8, 9, 40, 0, -1]
PLACES = [None, None, "11", "02", "10", "21", "22", "31", "99", "2", "XX"]
CHARGES = [None, None, "0", "0.0001", "150", "-20.50"]


# a reason of columns is told of the first day of a span on which all facts are the same, not of the line's own day
OWN_DAY = re.compile(r"(?:(?<=\bon )|(?<=\bfor ))20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")


def undated(reason: str) -> str:
    """A reason without the day of the line."""
    return OWN_DAY.sub("its day", reason)


@attrs.frozen
class Row:
    """One claim line of a table."""

    line: Any
    patient: str
    day: dt.date
    code: str
    provider: str | None = "A"
    modifiers: tuple[str, ...] = ()
    units: int = 1
    minutes: int | None = None
    clock: tuple[str, str] | None = None
    place: str | None = None
    charge: str | None = None
    claim: str = "C-1"

    def as_line(self, name: str) -> Line:
        begin, end = (None, None) if self.clock is None else map(dt.time.fromisoformat, self.clock)
        return Line(
            self.code,
            date_of_service=self.day,
            modifiers=self.modifiers,
            units=self.units,
            minutes=self.minutes,
            start=begin,
            stop=end,
            place_of_service=self.place,
            rendering_provider=self.provider,
            charge=None if self.charge is None else Decimal(self.charge),
            id=name,
        )

    def as_cells(self) -> dict[str, Any]:
        begin, end = self.clock or (None, None)
        return {
            "patient_id": self.patient,
            "claim_id": self.claim,
            "line_id": self.line,
            "date_of_service": self.day,
            "code": self.code,
            "npi": self.provider,
            "modifiers": " ".join(self.modifiers),
            "units": self.units,
            "minutes": self.minutes,
            "start": begin,
            "stop": end,
            "pos": self.place,
            "charge": self.charge,
        }


@attrs.frozen
class Said:
    """Findings by line: rule, outcome, severity, evidence, group and reason code; and lines not checked, by reason."""

    findings: Counter[tuple[Any, ...]]
    not_checked: Counter[tuple[str, str]]

    @property
    def rules(self) -> set[str]:
        """The rules that said anything."""
        return {rule for _, rule, *_ in self.findings} | {rule for rule, _ in self.not_checked}


def table_of(rows: Iterable[Row], **kinds: Any) -> Any:
    """A table of rows; ``kinds``: the types of columns where they matter."""
    import pyarrow as pa

    cells = [row.as_cells() for row in rows]
    names = list(Row("", "", DAYS[0], "").as_cells())
    texts = {"patient_id", "claim_id", "code", "npi", "modifiers", "start", "stop", "pos", "charge"}
    kinds = {"date_of_service": pa.date32(), **dict.fromkeys(texts, pa.string())} | kinds
    return pa.table({name: pa.array([each[name] for each in cells], kinds.get(name)) for name in names})


def said_in(found: Any) -> Said:
    """What a table of findings says."""
    names = ("line", "rule", "outcome", "severity", "evidence", "group", "carc")
    findings = Counter(tuple(row[name] for name in names) for row in found.table.to_pylist())
    unchecked = found.not_checked.to_pylist()
    assert len({(row["rule"], row["reason"]) for row in unchecked}) == len(unchecked)
    counts = Counter[tuple[str, str]]()
    for row in unchecked:
        counts[row["rule"], undated(row["reason"])] += row["lines"]
    return Said(findings, counts)


def verdict_of(finding: Finding) -> tuple[str, ...]:
    """What a finding says, as the columns of a table of findings do."""
    denial = finding.denial
    codes = ("", "") if denial is None else (denial.group or "", denial.carc or "")
    facts = [row_key(row) for row in finding.edits] or [each.fact for each in finding.evidence]
    return (finding.rule, str(finding.outcome), str(finding.severity), "; ".join(facts), *codes)


def by_columns(rows: Sequence[Row], catalog: Catalog, **options: Any) -> Said:
    """What ``cptkit.frames`` says of a table of these rows."""
    from cptkit.frames.running import check as check_table

    found = check_table(table_of(rows), catalog, **options)
    assert (found.rows, found.lines, found.rejects.num_rows) == (len(rows), len(rows), 0)
    return said_in(found)


def by_claims(rows: Iterable[Row], catalog: Catalog, setting: str = "practitioner", **options: Any) -> Said:
    """What ``cptkit.check_claims`` says of the rows of each patient and day as a claim; a finding stands on its first line."""
    groups: dict[tuple[str, dt.date], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.patient, row.day), []).append(row)
    said = Said(Counter(), Counter())
    for held in groups.values():
        held.sort(key=lambda row: row.line)
        lines = [row.as_line(str(place)) for place, row in enumerate(held, 1)]
        claims = [Claim(lines, setting=Setting(setting))]
        report = check_claims(claims, catalog, days_apart=True, **options)
        for finding in (*report.findings, *report.bypassed):
            first = held[min(map(int, finding.lines)) - 1].line
            said.findings[(first, *verdict_of(finding))] += 1
        for entry in report.not_checked:
            said.not_checked[entry.rule, undated(entry.reason)] += len(entry.lines)
    return said


class Drawing:
    """Rows drawn by a seed: encounters around codes that rules speak of."""

    def __init__(self) -> None:
        edition = codeset("2026.1")
        day = dt.date(2026, 3, 2)
        self.all_codes = sorted(edition)
        self.modifiers = [*MODIFIERS, *((each,) for each in edition.modifiers)]
        addons = (edition.addon(code, date_of_service=day) for code in self.all_codes)
        self.families = [[each.code, *sorted(each.primaries)[:6]] for each in addons if each is not None]
        for each in edition.exclusions(date_of_service=day):
            self.families.append([*sorted(each.codes)[:4], *sorted(each.excludes)[:4]])

    def rows(
        self,
        seed: int,
        encounters: int,
        *,
        providers: Sequence[str | None] = ("A", "A", "A", "B"),
        days: Sequence[dt.date] | None = None,
        pairs: Sequence[str] = (),
    ) -> list[Row]:
        """Lines of so many patients' days or a few more, shuffled; their ids are numbers out of order."""
        draw = random.Random(seed)  # noqa: S311 - the same on every run
        families = [*self.families, *(row.split(" ")[:2] for row in pairs)]
        found: list[dict[str, Any]] = []
        for number in range(encounters):
            # most days occur seldom: what is asked of a span is remembered, and most is asked on a few
            day = draw.choice(days or (DAYS if draw.random() < 0.3 else USUAL))
            provider = draw.choice(providers)
            family = draw.choice(families)
            for _ in range(draw.choice([1, 1, 1, 2, 2, 3, 4, 6])):
                provider = draw.choice(providers) if draw.random() < 0.15 else provider
                kind = draw.random()
                codes = (
                    CODES if kind < 0.4 else family if kind < 0.85 else self.all_codes if kind < 0.96 else ODD
                )
                many = draw.random() < 0.75
                found.append(
                    {
                        "patient": f"P-{number // 2 if draw.random() < 0.05 else number}",
                        "claim": f"C-{draw.choice('12')}",
                        "day": day,
                        "provider": provider,
                        "code": draw.choice(codes),
                        "modifiers": draw.choice(MODIFIERS if many else self.modifiers),
                        "units": draw.choice(UNITS),
                        "minutes": draw.choice(MINUTES),
                        "clock": draw.choice(CLOCKS),
                        "place": draw.choice(PLACES),
                        "charge": draw.choice(CHARGES),
                    }
                )
                if draw.random() < 0.06:
                    found.append(dict(found[-1]))
        draw.shuffle(found)
        numbers = draw.sample(range(len(found)), len(found))
        return [Row(line=number, **each) for number, each in zip(numbers, found, strict=True)]

    def tables(self, seed: int, *, settings: Sequence[str] = ("practitioner",)) -> dict[str, list[str]]:
        """Edit tables of quarters with gaps: every indicator, flips of direction, days of rows, limits of zero."""
        draw = random.Random(seed)  # noqa: S311 - the same on every run
        codes = [*CODES, *draw.sample(self.all_codes, 40), "W9901", "W9902"]
        found: dict[str, list[str]] = {}
        for quarter in QUARTERS:
            year, number = int(quarter[:4]), int(quarter[5])
            first = dt.date(year, 3 * number - 2, 1)
            middle = first + dt.timedelta(14)
            for setting in settings:
                rows: dict[frozenset[str], list[str]] = {}
                for _ in range(160):
                    one, other = draw.sample(codes, 2)
                    if draw.random() < 0.3:
                        one, other = draw.sample(
                            draw.choice([each for each in self.families if len(each) > 1]), 2
                        )
                    words = draw.choice(["own words", "Mutually exclusive procedures", "own words"])
                    says = f"{draw.choice('0111199')} {{}} {words}"
                    whole, early, late = f"{first}..", f"..{middle}", f"{middle + dt.timedelta(1)}.."
                    chosen = draw.choice(
                        [
                            [f"{one} {other} {says.format(whole)}"],
                            [f"{one} {other} {says.format('..')}"],
                            [f"{one} {other} {says.format(early)}", f"{other} {one} {says.format(late)}"],
                            [f"{one} {other} {says.format(early)}", f"{one} {other} 0 {late} {words}"],
                            [f"{one} {other} {says.format(late)}"],
                        ]
                    )
                    if one != other:
                        rows.setdefault(frozenset((one, other)), chosen)
                if setting != "dme":
                    found[f"ptp {setting} {quarter}"] = [row for each in rows.values() for row in each]
                limited = [code for code in codes if draw.random() < 0.8]
                found[f"mue {setting} {quarter}"] = [
                    f"{code} {draw.choice([0, 1, 1, 2, 4])} {draw.choice('1223-')}"
                    for code in dict.fromkeys(limited)
                ]
            addons = {(one, other) for one, other in (draw.sample(codes, 2) for _ in range(12))}
            addons |= {
                (each[0], draw.choice(each[1:] or ["CCCCC"])) for each in draw.sample(self.families, 12)
            }
            found[f"aoc {quarter}"] = [
                f"{one} {draw.choice([other, other, 'CCCCC'])} {draw.choice('1123')}"
                + draw.choice(
                    ["", "", f" last_day={middle}", f" first_day={middle}", " note=practitioner only"]
                )
                for one, other in sorted(addons)
                if one != other
            ]
            # a revised release begins within the quarter
            for when in (quarter, str(middle)) if quarter == "2026q1" else (quarter,):
                found[f"pfs {when}"] = [
                    code
                    + draw.choice(["", " status=T", " asst=1", " bilat=1", " global_days=010", " status=N"])
                    for code in dict.fromkeys(codes)
                    if draw.random() < 0.7 and len(code) == 5
                ]
        for year in (2023, 2025, 2026):
            found[f"telehealth {year}"] = [
                f"{code} Proposed Action: Maintain" for code in draw.sample(CODES, 20)
            ]
        return found


@attrs.frozen
class Paths:
    """What tests of equality share."""

    row: type[Row] = Row
    said: Callable[[Any], Said] = said_in
    table: Callable[..., Any] = table_of
    by_claims: Callable[..., Said] = by_claims
    by_columns: Callable[..., Said] = by_columns
    drawing: Drawing = attrs.field(factory=Drawing)


@pytest.fixture(scope="session")
def paths() -> Paths:
    """Rows, the two paths, and what draws."""
    pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
    return Paths()


@pytest.fixture(scope="session")
def catalog_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Catalog]]:
    """Writes edit tables, and tells the bundled catalog with them; each set of tables once."""
    held: dict[str, tuple[Catalog, Path]] = {}

    def made(tables: dict[str, list[str]]) -> Catalog:
        key = repr(tables)
        if key not in held:
            folder = tmp_path_factory.mktemp("tables")
            write_edit_tables(folder, tables)
            held[key] = (Catalog.bundled(tables=folder), folder)
        return held[key][0]

    yield made
    for catalog, _ in held.values():
        catalog.tables.close()


@pytest.fixture(scope="session")
def catalog(paths: Paths, catalog_of: Callable[..., Catalog]) -> Catalog:
    """That of drawn edit tables; a file whose tests ask for others has its own."""
    return catalog_of(paths.drawing.tables(9))


@pytest.fixture(scope="session")
def rows(paths: Paths) -> Sequence[Row]:
    """Drawn rows, whose lines name one of two clinicians or none."""
    return paths.drawing.rows(21, 60, providers=("A", "A", "B", None))
