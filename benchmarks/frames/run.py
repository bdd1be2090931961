"""Paired runs of whole processes over the same files: wall and CPU seconds, peak memory, and their ratios.

    python benchmarks/frames/run.py FOLDER [--runs 5] [--orders claims grouped shuffled] [--engines ...]
    python benchmarks/frames/run.py FOLDER --lines 1 2 5 10 20 --orders claims --engines columns

``FOLDER`` holds the edit tables and lines; what is missing is made first. An engine is the name of a module beside this
one, or ``NAME=COMMAND`` with ``{lines}``, ``{tables}`` and ``{out}`` in the command. In each round every engine runs once,
in the other direction than in the round before, after one round that does not count. Ratios are taken round by
round against the first engine, so they hold while the machine's speed drifts; all figures are medians.

This process imports nothing large: the peak that the system tells of a child is never below that of its parent.
"""

import argparse
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ORDERS = ("claims", "grouped", "shuffled")
ENGINES = ("duckdb_careful", "polars_careful", "duckdb_plain", "polars_plain", "columns")
FINGERPRINT = """
import hashlib, sys
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
rows = sorted((int(line), *said) for line, *said in zip(*(table[n].to_pylist() for n in ("line", "rule", "outcome"))))
print(len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()[:16])
"""

Figures = tuple[float, float, float]  # wall and CPU seconds, peak MiB


def command_of(engine: str, lines: Path, tables: Path, out: Path) -> list[str]:
    name, _, command = engine.partition("=")
    if not command:
        return [sys.executable, str(HERE / f"{name}.py"), str(lines), str(tables), str(out)]
    return [word.format(lines=lines, tables=tables, out=out) for word in shlex.split(command)]


def figures_of(command: list[str]) -> Figures:
    """What one process cost, as the system accounts for it."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / (1024 if sys.platform == "linux" else 2**20)


def made(folder: Path, orders: Sequence[str], lines: int) -> dict[str, Path]:
    """The files of so many lines; what is missing is generated."""
    if not (folder / "codes.parquet").exists():
        subprocess.run([sys.executable, str(HERE / "tables.py"), str(folder)], check=True)
    place = folder / f"{lines}"
    missing = [order for order in orders if not (place / f"{order}.parquet").exists()]
    if missing:
        generate = [sys.executable, str(HERE / "generate.py"), str(folder), str(place), "--lines", str(lines)]
        subprocess.run([*generate, "--orders", *missing], check=True)
    return {order: place / f"{order}.parquet" for order in orders}


class EnginesDiffer(Exception):
    """Two engines found other things in the same lines."""


def rounds(engines: list[str], lines: Path, tables: Path, runs: int, out: Path) -> dict[str, list[Figures]]:
    """The figures of each engine, round by round.

    :raises EnginesDiffer: not all find the same.
    """
    found: dict[str, list[Figures]] = {engine: [] for engine in engines}
    prints: dict[str, str] = {}
    for number in range(runs + 1):
        for engine in engines if number % 2 else engines[::-1]:
            target = out / f"{engine.partition('=')[0]}.parquet"
            figures = figures_of(command_of(engine, lines, tables, target))
            if number:
                found[engine].append(figures)
            else:
                asked = [sys.executable, "-c", FINGERPRINT, str(target)]
                prints[engine] = subprocess.run(
                    asked, capture_output=True, text=True, check=True
                ).stdout.strip()
    said = set(prints.values())
    if len(said) > 1:
        raise EnginesDiffer(f"{lines.name}: {prints}")
    print(f"{lines.name}: {said.pop().split()[0]} findings, the same by every engine", flush=True)
    return found


def rows_of(found: dict[str, list[Figures]], millions: float) -> Iterator[str]:
    """One row an engine: medians, the span of wall seconds, and the medians of the ratios to the first engine."""
    first = next(iter(found.values()))
    for engine, figures in found.items():
        wall, cpu, peak = (statistics.median(column) for column in zip(*figures, strict=True))
        span = f"{min(each[0] for each in figures):.2f}-{max(each[0] for each in figures):.2f}"
        ratios = [
            statistics.median(one[place] / other[place] for one, other in zip(figures, first, strict=True))
            for place in range(3)
        ]
        name = engine.partition("=")[0]
        yield (
            f"| {name} | {millions:g} | {wall / millions:.3f} | {wall:.2f} ({span}) | {cpu:.2f} | {peak:.0f} | "
            + " | ".join(f"{ratio:.2f}" for ratio in ratios)
            + " |"
        )


def machine() -> str:
    """The machine, and how busy others keep it."""
    model, memory = platform.machine(), 0.0
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            row.split(":")[1].strip() for row in info.read_text().splitlines() if row.startswith("model name")
        ]
        model = names[0] if names else model
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}, load {load}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--orders", nargs="+", default=ORDERS, choices=ORDERS)
    parser.add_argument("--engines", nargs="+", default=ENGINES)
    parser.add_argument("--lines", nargs="+", type=float, default=[10], help="millions of lines")
    given = parser.parse_args()
    out = given.folder / "found"
    out.mkdir(parents=True, exist_ok=True)
    print(machine())
    for order in given.orders:
        sizes = {}
        for millions in given.lines:
            path = made(given.folder, given.orders, round(millions * 1e6))[order]
            sizes[millions] = rounds(list(given.engines), path, given.folder, given.runs, out)
        print(
            f"\n{order}\n\n| engine | million lines | us a line | wall s (span) | CPU s | peak MiB | wall ratio "
            "| CPU ratio | peak ratio |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        for millions, found in sizes.items():
            print(*rows_of(found, millions), sep="\n")


if __name__ == "__main__":
    main()
