"""Published cases as rows, and how one is put to the library.

``published.csv`` holds a case in a row: its ``case`` and ``topic``; what it ``ask``s; the ``claim``, lines
parted by ``; `` such as ``90837-95@B x2 50min POS10 2024-07-16`` (clinician A and the ``day`` of the case
where nothing is said); what is ``given`` besides, and what is ``expected``. What cannot be decided here asks
nothing, and ``note`` says why. Where ``note`` begins with ``open:`` another answer is still given.

``ask`` is a choice of rules in capitals, or the name of another question. A report is expected whole:
``warning MOD204 1 as modifier-conflict; PTP701 1 2 denies 2; bypassed PTP701 1 2; not checked ADD301 1``.
Given are rows of edit tables as at the head of ``cptkit.testing.edit_tables`` without a quarter, ``basis``,
``setting``, ``profile``, ``payer`` (a convention and its value), ``past`` (a line of another claim, as a
line; ``of X`` behind it names a billing provider other than the case's), ``since`` (from when the past is
whole) and ``also`` (another claim of the day).
"""

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Finding, History, Line, NotChecked, Report, check_claims, codeset
from cptkit.edits import Edits, Quarter
from cptkit.testing.case_profiles import case_profile
from cptkit.testing.rule_cases import for_all_days

FILE = Path(__file__).with_name("published.csv")
TABLES = ("ptp", "mue", "aoc", "pfs", "telehealth")
LINE = re.compile(
    r"(?P<code>[^\s@-]+)(?P<modifiers>(?:-\w+)*)(?:@(?P<clinician>\S+))?(?: x(?P<units>\d+))?"
    r"(?: (?P<minutes>\d+)min)?(?: POS(?P<place>\w+))?(?: (?P<day>\d{4}-\d\d-\d\d))?"
)


@attrs.frozen
class Row:
    """A case as it stands in the file."""

    case: str
    topic: str
    ask: str
    claim: str
    day: str
    given: str
    expected: str
    note: str

    @property
    def date(self) -> dt.date:
        return dt.date.fromisoformat(self.day)

    @property
    def rules(self) -> list[str]:
        """The rules that are asked; none where it is another question."""
        return self.ask.split() if self.ask.isupper() else []

    @property
    def is_open(self) -> bool:
        """Whether it is answered otherwise than published, which ``note`` says."""
        return self.note.startswith("open: ")

    @property
    def is_of_real_tables(self) -> bool:
        """Whether the case asks of codes that there are, and of a table of Medicare that is at hand."""
        quarters = (Quarter(2024, 2), Quarter(2024, 3)) if self.ask == "PTP" else (Quarter(2024, 3),)
        families = {rule[:3] for rule in self.rules} & {"PTP", "MUE", "PFS", "ADD"}
        is_medicaid = self.given.endswith(" -")  # limits without an indicator
        is_medicare = "W99" not in self.claim and not is_medicaid
        return bool(families) and Quarter.of(self.date) in quarters and is_medicare

    def all_given(self, name: str) -> list[str]:
        """What stands behind a name in ``given``, as often as it does."""
        parts = (part.partition(" ") for part in self.given.split("; "))
        return [value for key, _, value in parts if key == name]

    def one_given(self, name: str, otherwise: str = "") -> str:
        return (self.all_given(name) or [otherwise])[0]

    def lines(self, text: str) -> list[Line]:
        return [self._line(each) for each in text.split("; ")]

    def _line(self, text: str) -> Line:
        hit = LINE.fullmatch(text)
        assert hit, f"not a line: {text!r}"
        said = hit.groupdict()
        return Line(
            said["code"],
            modifiers=said["modifiers"].split("-")[1:],
            rendering_provider=said["clinician"] or "A",
            units=int(said["units"] or 1),
            minutes=None if said["minutes"] is None else int(said["minutes"]),
            place_of_service=said["place"],
            date_of_service=dt.date.fromisoformat(said["day"] or self.day),
        )

    def headed(self) -> dict[str, list[str]]:
        """The rows of tables, under the headings of the setting and the quarter."""
        setting, quarter = self.one_given("setting", "practitioner"), Quarter.of(self.date)
        heads = {"ptp": f"ptp {setting}", "mue": f"mue {setting}"}
        spans = {"telehealth": self.date.year}
        rows = {name: self.all_given(name) for name in TABLES}
        return {
            f"{heads.get(name, name)} {spans.get(name, quarter)}": given
            for name, given in rows.items()
            if given
        }

    def _claim(self, text: str, **values: Any) -> Claim:
        return Claim(self.lines(text), setting=self.one_given("setting", "practitioner"), **values)

    def report(self, tables: Edits | None, *, and_rules: Iterable[str] = ()) -> Report:
        """The report on the claims; an edition that is asked about any day judges early ones."""
        patient = "P" if self.given else ""
        catalog = Catalog.bundled(tables=tables)
        if self.date.year < 2021:
            catalog = Catalog((for_all_days(codeset("2026.1")),), tables)
        own = {name: value for each in self.all_given("payer") for name, value in [each.split(" ", 1)]}
        basis = Basis(self.one_given("basis", "cpt"))
        profile = case_profile(own, basis) if own else self.one_given("profile") or None
        past = self.all_given("past")
        since = self.one_given("since")
        history = None
        if past or since:
            days = dt.date.fromisoformat(since) if since else None
            claims = []
            for number, text in enumerate(past, 1):
                line, _, group = text.partition(" of ")
                claims.append(
                    self._claim(line, id=f"H-{number}", patient=patient, billing_provider=group or "G")
                )
            history = History(claims, since=days)
        claims = [
            self._claim(text, id=name, patient=patient, billing_provider="G")
            for name, text in zip("abc", [self.claim, *self.all_given("also")], strict=False)
        ]
        return check_claims(
            claims,
            catalog,
            select=[*self.rules, *and_rules],
            profile=profile,
            basis=None if profile else basis,
            history=history,
        )


def said_of(entry: Finding | NotChecked, expected: Mapping[str, str]) -> str:
    """An entry as the file writes it; what the file does not say of it is left out."""
    name = f"{entry.rule} {' '.join(entry.lines)}"
    if isinstance(entry, NotChecked):
        return f"not checked {name}"
    if entry.outcome.value == "bypassed":
        return f"bypassed {name}"
    severity = "" if entry.severity.value == "error" else f"{entry.severity.value} "
    wanted = expected.get(f"{severity}{name}", "")
    check = f" as {entry.denial.check}" if " as " in wanted and entry.denial else ""
    denied = re.search(r"on line (\S+) denied", entry.message) if " denies " in wanted else None
    denies = f" denies {denied[1]}" if denied else ""
    return f"{severity}{name}{check}{denies}"


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return read_rows()


@pytest.fixture(scope="session")
def told() -> Callable[[Report, str], str]:
    """What a report says, in the words of the file."""

    def all_of(report: Report, expected: str) -> str:
        more = {re.split(" as | denies ", each)[0]: each for each in expected.split("; ")}
        entries = (*report.findings, *report.bypassed, *report.not_checked)
        return "; ".join(said_of(entry, more) for entry in entries)

    return all_of


def read_rows() -> list[Row]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Row(**each) for each in csv.DictReader(file)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument ``published`` runs once for each case that asks for rules."""
    if "published" in metafunc.fixturenames:
        asked = [row for row in read_rows() if row.rules]
        metafunc.parametrize("published", [_marked(row) for row in asked])
    if "tabled" in metafunc.fixturenames:
        metafunc.parametrize("tabled", [_marked(row) for row in read_rows() if row.is_of_real_tables])
    if "question" in metafunc.fixturenames:
        asked = [row for row in read_rows() if row.ask and not row.rules]
        metafunc.parametrize("question", [_marked(row) for row in asked])


def _marked(row: Row) -> Any:
    """What is still answered otherwise fails as it should, and tells when it no longer does."""
    marks = pytest.mark.xfail(strict=True, reason=row.note) if row.is_open else ()
    return pytest.param(row, id=row.case, marks=marks)
