"""Collects what the benchmarks measured and prints it as one table at the end."""

from collections.abc import Callable

import pytest

Record = Callable[[str, float, float, str], None]
_ROWS: list[tuple[str, float, float, str]] = []


@pytest.fixture
def bar() -> Record:
    """Record a figure against its bar, and fail when it does not hold."""

    def record(what: str, measured: float, at_most: float, unit: str) -> None:
        _ROWS.append((what, measured, at_most, unit))
        assert measured <= at_most, f"{what}: {measured:.2f} {unit}, the bar is {at_most:g}"

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of figures and bars."""
    if _ROWS:
        terminalreporter.section("bars")
        for what, measured, at_most, unit in _ROWS:
            verdict = "holds" if measured <= at_most else "MISSED"
            terminalreporter.write_line(
                f"{what:<58} {measured:>8.2f}  at most {at_most:>6g} {unit:<12} {verdict}"
            )
