"""The bars of the design that are figures, each with its baseline measured in the same run.

In-process figures are the fastest of many rounds, and those of one whole process the least CPU of
several runs: on a shared machine every other number measures the neighbours. Ratios are medians over
paired runs.
"""

import datetime as dt
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import cptkit
from cptkit import timerule

DAY = dt.date(2026, 3, 2)
RUNS = 11


def cpu_ms(code: str) -> float:
    """CPU milliseconds that a fresh interpreter says the code took, imports of the preamble excluded."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1000


def timed(statement: str, *, after: str = "pass") -> str:
    return (
        f"import time\n{after}\nstart = time.process_time()\n{statement}\nprint(time.process_time() - start)"
    )


def test_import_costs_no_more_than_its_dependencies(bar) -> None:
    def ratio() -> float:
        pairs = [(cpu_ms(timed("import cptkit")), cpu_ms(timed("import attrs, cattrs"))) for _ in range(RUNS)]
        return statistics.median(ours / theirs for ours, theirs in pairs)

    bar("import cptkit, CPU against import attrs, cattrs", ratio, 1.3, "times")


def test_first_codeset(bar) -> None:
    load = timed("cptkit.codeset('2026.1')", after="import attrs, cattrs, cptkit")
    bar(
        "first codeset, CPU, dependencies imported",
        lambda: min(cpu_ms(load) for _ in range(RUNS)),
        15,
        "ms",
    )


def test_first_codeset_cold(bar) -> None:
    """Everything from nothing: no bar in the design; kept below a tenth of a second for scripts."""
    load = timed("import cptkit\ncptkit.codeset('2026.1')['90834']")
    bar(
        "import, first codeset and first look-up, CPU",
        lambda: min(cpu_ms(load) for _ in range(RUNS)),
        150,
        "ms",
    )


@pytest.fixture(scope="module")
def catalog() -> cptkit.Catalog:
    return cptkit.Catalog.from_editions("2026.1")


def test_one_claim(speed, catalog) -> None:
    claim = cptkit.Claim(
        [
            cptkit.Line("99214", modifiers="25", date_of_service=DAY, rendering_provider="A"),
            cptkit.Line("90836", minutes=45, date_of_service=DAY, rendering_provider="A"),
        ]
    )
    assert cptkit.check(claim, catalog).clean
    speed("a two-line claim, all bundled rules, warm", partial(cptkit.check, claim, catalog), 100)


def test_one_claim_with_findings(speed, catalog) -> None:
    claim = cptkit.Claim(
        [
            cptkit.Line("90837", minutes=50, date_of_service=DAY, rendering_provider="A"),
            cptkit.Line("90833", minutes=20, date_of_service=DAY, rendering_provider="A"),
        ]
    )
    assert len(cptkit.check(claim, catalog).findings) >= 2
    speed("a two-line claim that fails, all bundled rules, warm", partial(cptkit.check, claim, catalog), 100)


def test_one_selection(speed) -> None:
    codeset = cptkit.codeset("2026.1")
    select = partial(timerule.select, "90834", minutes=47, date_of_service=DAY, codeset=codeset)
    result = speed("a selection from minutes, warm", select, 10)
    assert [service.code for service in result.services] == ["90834"]


def test_one_allocation(speed) -> None:
    minutes = {"97110": 18, "97140": 13, "97116": 10, "97035": 8}
    allocate = partial(
        timerule.allocate,
        minutes,
        policy=cptkit.UnitPolicy.MEDICARE_TOTAL,
        date_of_service=DAY,
        codeset=cptkit.codeset("2026.1"),
    )
    result = speed("an allocation of four codes, warm", allocate, 50)
    assert sum(service.units for service in result.services) == 3


def test_installed_size(bar) -> None:
    folder = Path(cptkit.__file__).parent
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    bar("installed size without extras", size / 1e6, 5, "MB")
