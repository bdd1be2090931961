"""Collects what the benchmarks measured and prints it as one table at the end.

A machine that others share is slow for seconds at a time, and then measures its other users. So a
figure of speed that misses its bar is taken again, some seconds later and a few times at most: what
the code costs is the least of them. How often it was taken stands in the table.
"""

import time
import timeit
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import pytest

TAKES = 8
PAUSE_SECONDS = 6.0
Bar = Callable[[str, float | Callable[[], float], float, str], None]
_ROWS: list[tuple[str, float, float, str, int]] = []


@pytest.fixture
def bar() -> Bar:
    """Record a figure against its bar, and fail when it does not hold.

    ``measured`` is a figure, or what takes it; the latter may be asked again.
    """

    def record(what: str, measured: float | Callable[[], float], at_most: float, unit: str) -> None:
        take = measured if callable(measured) else None
        figure, takes = take() if take else measured, 1
        while take and figure > at_most and takes < TAKES:
            time.sleep(PAUSE_SECONDS)
            figure, takes = min(figure, take()), takes + 1
        _ROWS.append((what, figure, at_most, unit, takes))
        assert figure <= at_most, f"{what}: {figure:.2f} {unit}, the bar is {at_most:g}"

    return record


@pytest.fixture
def speed(benchmark, bar) -> Callable[..., Any]:
    """Benchmark a call, hold its fastest round against a bar, and return its result.

    ``times``: how often one call does the thing that the bar is about.
    """

    def measure(
        what: str, call: Callable[[], Any], at_most: float, unit: str = "microseconds", times=1
    ) -> Any:
        result = benchmark(call)
        seconds = chain([benchmark.stats.stats.min], map(fastest, repeat(call)))
        scale = {"microseconds": 1e6, "ms": 1e3}[unit] / times
        bar(what, lambda: next(seconds) * scale, at_most, unit)
        return result

    return measure


def fastest(call: Callable[[], object]) -> float:
    """Seconds of the fastest of the calls of one second."""
    timer, until, least = timeit.Timer(call), time.perf_counter() + 1, float("inf")
    while time.perf_counter() < until:
        least = min(least, timer.timeit(1))
    return least


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of figures and bars."""
    if _ROWS:
        terminalreporter.section("bars")
        for what, measured, at_most, unit, takes in _ROWS:
            verdict = "holds" if measured <= at_most else "MISSED"
            again = f", the least of {takes} takes" if takes > 1 else ""
            terminalreporter.write_line(
                f"{what:<58} {measured:>8.2f}  at most {at_most:>6g} {unit:<12} {verdict}{again}"
            )
