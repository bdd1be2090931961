"""The pages about time of a bundled edition, made once, and taken apart again."""

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs
import pytest

import cptkit
from cptkit import Basis, timerule
from cptkit.codesets import Codeset
from cptkit.reports import time_pages

Answer = tuple[tuple[str, int], ...]


@cache
def pages_of(edition: str) -> dict[str, str]:
    return time_pages(cptkit.codeset(edition))


def plain(text: str) -> str:
    """A text without the marks that keep Markdown from reading it."""
    return re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", text)


def rows(lines: list[str], head: str) -> list[list[str]]:
    """The cells of the first table with that head; empty where there is none."""
    if head not in lines:
        return []
    found: list[list[str]] = []
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


@attrs.frozen
class Shown:
    """What a page prints of one rule: whom it is for, its bands, and how they go on."""

    family: str
    codes: tuple[str, ...]
    counts: str
    bands: tuple[tuple[int, int | None, tuple[str, ...]], ...]
    further: str

    def answers(self, cells: tuple[str, ...], code: str | None, more: tuple[str, int] = ("", 0)) -> Any:
        """The answers of a cell, ``the code`` read as that code, units of one code raised."""
        return tuple(_services(cell, code, more) for cell in cells)


def _services(text: str, code: str | None, more: tuple[str, int]) -> Answer:
    if text == "nothing":
        return ()
    found = []
    for part in text.split(" + "):
        name, _, units = part.partition(" x ")
        name = code if name == "the code" and code else name
        found.append((name, int(units or 1) + (more[1] if name == more[0] else 0)))
    return tuple(found)


@attrs.frozen
class Section:
    """A dated row of a page: the bases and days it is for, and what is printed of it."""

    family: str
    lines: list[str] = attrs.field(repr=False)

    @property
    def asked(self) -> list[tuple[Basis, dt.date, dt.date | None, str]]:
        cells = rows(self.lines, "| asked | days | answered by | confidence |")
        found = []
        for basis, days, _, confidence in cells:
            given = [dt.date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", days)]
            found.append((Basis(basis), given[0], given[1] if len(given) > 1 else None, confidence))
        return found

    @property
    def codes(self) -> list[str]:
        """The codes of the first group that is counted alone."""
        told = "The same for each of these, counted alone: "
        return next(line[len(told) : -1].split(", ") for line in self.lines if line.startswith(told))

    @property
    def shown(self) -> Iterator[Shown]:
        codes: tuple[str, ...] = ()
        for at, line in enumerate(self.lines):
            if line.startswith("The same for each of these, counted alone: "):
                codes = tuple(line.partition(": ")[2].rstrip(".").split(", "))
            head = re.fullmatch(r"\| (minutes|days) \| reported \|", line)
            if head:
                cells = rows(self.lines[at:], line)
                after = self.lines[at + 3 + len(cells)] if at + 3 + len(cells) < len(self.lines) else ""
                further = after if after.startswith("And so on: ") else ""
                yield Shown(self.family, codes, head[1], tuple(map(_band, cells)), further)


def _band(cells: list[str]) -> tuple[int, int | None, tuple[str, ...]]:
    numbers = [int(number) for number in re.findall(r"\d+", cells[0])]
    last = None if cells[0].endswith("or more") else numbers[-1]
    return numbers[0], last, tuple(cells[1].split(" or "))


def sections_of(page: str, family: str) -> list[Section]:
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    found = [Section(family, part.splitlines()) for part in parts]
    return [each for each in found if each.asked]


@pytest.fixture(scope="session")
def pages() -> Any:
    """The files of the pages of an edition."""
    return pages_of


@pytest.fixture(scope="session")
def sections() -> Any:
    """The sections of all pages of an edition."""

    def read(edition: str) -> list[Section]:
        files = pages_of(edition)
        ids = timerule.families(cptkit.codeset(edition))
        return [each for name in ids for each in sections_of(files.get(f"{name}.md", ""), name)]

    return read


@pytest.fixture(scope="session")
def unmarked() -> Any:
    """A text as a reader sees it."""
    return plain


@pytest.fixture(scope="session")
def cells() -> Any:
    """The cells of a table by its head."""
    return rows


@pytest.fixture(scope="session")
def given() -> Any:
    """What ``select`` answers, as codes and units."""

    def ask(target: str, amount: int, counts: str, day: dt.date, codeset: Codeset, basis: Basis) -> Any:
        amounts: dict[str, Any] = {counts: amount}
        found = timerule.select(target, date_of_service=day, codeset=codeset, basis=basis, **amounts)
        answers = (found.services, *found.alternatives)
        return tuple(tuple((each.code, each.units) for each in one) for one in answers)

    return ask


@pytest.fixture(scope="session")
def rich_claim() -> Any:
    """A claim of which much is found, one thing is bypassed and one is not checked."""
    day = dt.date(2026, 3, 2)
    lines = [
        ("90837", {"minutes": 50}),
        ("90847", {"minutes": 50, "rendering_provider": "A"}),
        ("90834", {"minutes": 45, "rendering_provider": "A", "modifiers": "59"}),
        ("90785", {"rendering_provider": "B"}),
        ("9O834", {}),
        ("27447", {}),
        ("99214", {"rendering_provider": "D", "modifiers": "25"}),
        ("90834", {"minutes": 45, "rendering_provider": "D"}),
    ]
    made = [cptkit.Line(code, date_of_service=day, **fields) for code, fields in lines]
    return cptkit.Claim(made, id="C-1", patient="P-1")
