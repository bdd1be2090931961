"""A small fee schedule of invented codes, and claims held against it.

A line is written ``W9902-26``. Each code stands for one thing that the indicators can say.
"""

import datetime as dt
from collections.abc import Callable, Iterator

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, Report, check
from cptkit.edits import Edits, Writer, attach

FIRST_DAY = dt.date(2024, 7, 1)
REVISED = dt.date(2024, 8, 9)


@attrs.frozen
class Fee:
    code: str
    modifier: str = ""
    status: str = "A"
    global_days: str = "XXX"
    pctc: str = "0"
    mult: str = "0"
    bilat: str = "0"
    asst: str = "0"
    cosurg: str = "0"
    team: str = "0"
    preoperative: str = "0"
    intraoperative: str = "0"
    postoperative: str = "0"
    endo_base: str = ""
    supervision: str = "09"
    imaging_family: str = "99"
    not_used: str = ""


NINES = {"pctc": "9", "mult": "9", "bilat": "9", "asst": "9", "cosurg": "9", "team": "9"}
FEES = [
    Fee("W9901"),  # a visit
    Fee("W9902", pctc="1", bilat="2"),  # a test of two parts, both sides in it
    Fee("W9902", "26", pctc="1", bilat="2"),
    Fee("W9902", "TC", pctc="1", bilat="2"),
    Fee("W9903", pctc="2", bilat="3"),  # the reading alone
    Fee("W9904", pctc="3"),  # the technical part alone
    Fee("W9905", pctc="4"),  # the whole test
    Fee("W9906", pctc="5"),  # incident to
    Fee("W9907", status="X", **NINES),  # a laboratory test; its reading is paid
    Fee("W9907", "26", pctc="6"),
    Fee("W9908", pctc="7"),  # therapy
    Fee("W9909", pctc="8"),  # a smear
    Fee("W9910", **NINES),  # paid, and nothing of the kind arises
    Fee("W9911", status="X", **NINES),  # outside the schedule
    Fee("W9912", global_days="010", asst="1"),
    Fee("W9913", global_days="090", bilat="1", asst="2", cosurg="2", team="2"),
    Fee("W9914", global_days="000", bilat="1", cosurg="1", team="1"),
    Fee("W9915", global_days="MMM"),
    Fee("W9916", global_days="YYY"),
    Fee("W9917", global_days="ZZZ"),
    Fee("W9921", status="B", **NINES),
    Fee("W9922", status="P", **NINES),
    Fee("W9923", status="I", **NINES),
    Fee("W9924", status="N", **NINES),
    Fee("W9925", status="R"),
    Fee("W9926", status="T"),
    Fee("W9927", status="C"),
    Fee("W9928", status="E", **NINES),
    Fee("W9929", status="J", **NINES),
    Fee("W9930", status="M", **NINES),
    # values of which no fact says what they mean
    Fee("W9931", status="Q", pctc="Q", bilat="Q", asst="Q", cosurg="Q", team="Q", global_days="MMM"),
    Fee("W9932", "26", pctc="6"),  # no row without the modifier
    Fee("W9933", pctc="1", bilat="2"),  # as a whole both sides, its reading by side
    Fee("W9933", "26", pctc="1", bilat="3"),
    Fee("W9934", pctc="1"),  # parts without rows of their own
    Fee("W9935", status="Q", **NINES),
]


@pytest.fixture(scope="session")
def fees() -> dict[str, Fee]:
    """The rows without modifier, by code."""
    return {fee.code: fee for fee in FEES if not fee.modifier}


@pytest.fixture(scope="session")
def fee_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edits]:
    """Two releases of 2024 Q3, the second of them from 9 August, and one of 2026 Q1."""
    folder = tmp_path_factory.mktemp("fees")
    revised = [attrs.evolve(fee, asst="2") if fee.code == "W9912" else fee for fee in FEES]
    with Writer(folder) as writer:
        writer.put_pfs(FEES, "24C", FIRST_DAY, [])
        writer.put_pfs(revised, "24CR", REVISED, [])
        writer.put_pfs(FEES, "26A", dt.date(2026, 1, 1), [])
        writer.commit()
    with attach(folder) as edits:
        yield edits


@pytest.fixture(scope="session")
def fee_catalog(fee_tables: Edits) -> Catalog:
    return Catalog.bundled(tables=fee_tables)


@pytest.fixture(scope="session")
def claim_of() -> Callable[..., Claim]:
    """A claim of lines written as ``W9902-26``, or as code and keywords."""

    def claim(*lines: str, day: dt.date = FIRST_DAY, provider: str | None = "N1", **more: object) -> Claim:
        made = []
        for text in lines:
            code, _, modifiers = text.partition("-")
            made.append(
                Line(code, modifiers=modifiers.split("-"), date_of_service=day, rendering_provider=provider)
            )
        return Claim(made, id="C", **more)

    return claim


@pytest.fixture(scope="session")
def judged(fee_catalog: Catalog, claim_of: Callable[..., Claim]) -> Callable[..., Report]:
    """The report of one rule on lines: under Medicare and on the first day of a release, unless told."""

    def report(
        rule: str, *lines: str, basis: Basis = Basis.MEDICARE, catalog: Catalog | None = None, **more: object
    ) -> Report:
        claim = claim_of(*lines, **more)
        return check(claim, fee_catalog if catalog is None else catalog, basis=basis, select=[rule])

    return report
