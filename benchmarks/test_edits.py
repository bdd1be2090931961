"""The bars of edit tables: imported within a coffee, mapped at once, answered in microseconds.

Sizes and imports are measured on real tables where CPTKIT_REAL_DATA names their folder; the tables
of attaching and looking up are invented, of half the real size.
"""

import datetime as dt
import gzip
import os
import random
import subprocess
import sys
import time
import timeit
from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import combinations, compress
from pathlib import Path

import attrs
import pytest

from cptkit.edits import AddOnEdit, Edits, Mue, Origin, PfsRow, Quarter, Setting, Writer, attach
from cptkit.edits.building import PairBuilder
from cptkit.edits.merging import merged
from cptkit.edits.pairs import EPOCH, NEVER_ENDS

DAY = dt.date(2024, 8, 1)
QUARTERS = [Quarter.from_index(index) for index in range(Quarter(2022, 4).index, Quarter(2024, 4).index)]
NO_DIGEST = "sha256:" + 64 * "0"
CLAIM = ["W0012", "W0345", "W6789", "W9990"]
LIMIT = Mue("W0000", 1, 2, "a reason of our own", Setting.PRACTITIONER, QUARTERS[0], "mue.csv")
ADDON = AddOnEdit("W0000", "W0001", 1, dt.date(2013, 4, 1), None, None, None, "", QUARTERS[0], "aoc.txt")
FEE = PfsRow(
    *("W0000", "", "A", "000", "0", "2", "1", "0", "0", "0", "10", "80", "10", "", "09", "99", ""),
    *("24C", DAY, False, "fees.csv"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """64 parts: eight quarters of everything; a million pairs in each of two settings."""
    folder = tmp_path_factory.mktemp("edits")
    choose = random.Random(3)  # noqa: S311 - the same tables on every run
    codes = [f"W{number:04}" for number in range(10_000)]
    limits = [attrs.evolve(LIMIT, code=code) for code in codes]
    addons = [attrs.evolve(ADDON, addon=code) for code in codes]
    fees = [attrs.evolve(FEE, code=code) for code in codes]
    with Writer(folder) as writer:
        for setting in (Setting.PRACTITIONER, Setting.HOSPITAL):
            one = array("I", choose.choices(range(10_000), k=1_000_000))
            other = array("I", choose.choices(range(10_000), k=1_000_000))
            differ = [a != b for a, b in zip(one, other, strict=True)]
            says = array("I", choose.choices(range(2000), k=1_000_000))
            for quarter in QUARTERS:
                names = [f"{setting}-{quarter}-f{number}.TXT" for number in (1, 2, 3, 4)]
                builder = PairBuilder(setting, quarter, union=writer.pairs(setting, quarter)._union)
                for code in codes:
                    builder.code(code)
                for number in range(2000):
                    last = None if number % 3 else 10_000 + number
                    builder.row(number, last, number % 2, prior_to_1996=False, rationale="own")
                part = slice(0, 1_000_000 if quarter in QUARTERS[-2:] else 1000)
                builder.extend(*(compress(column[part], differ) for column in (one, other, says)))
                pair = builder.code("W0012"), builder.code("W0345")
                builder.extend(pair[:1], pair[1:], [1])
                writer.put_pairs(
                    builder, [Origin(name, "ptp.zip", NO_DIGEST, 1, "W0000", "W9999") for name in names]
                )
        for quarter in QUARTERS:
            origin = [Origin(f"{quarter}.csv", "mue.zip", NO_DIGEST, 10_000)]
            for setting in Setting:
                writer.put_mue(limits, setting, quarter, origin)
            writer.put_addons(addons, quarter, origin)
            release = f"{quarter.year % 100}{'ABCD'[quarter.number - 1]}"
            for qpp in (False, True):
                writer.put_pfs(fees, release, quarter.first_day, origin, qpp=qpp)
        writer.commit()
    return folder


def seconds_of(work: Callable[[Edits], object], edits: Edits) -> float:
    start = time.perf_counter()
    work(edits)
    return time.perf_counter() - start


def test_attach(bar, folder) -> None:
    with attach(folder) as edits:
        assert len(edits.parts) == 64

    def once() -> float:
        start = time.perf_counter()
        edits = attach(folder)
        took = time.perf_counter() - start
        edits.close()  # which is another matter
        return took * 1000

    bar("attach 64 parts of edit tables", lambda: min(once() for _ in range(200)), 1, "ms")


def test_mapped_size(bar, folder) -> None:
    """The bar of eight quarters of two settings, 25 MiB, for each of their 3.94 million pairs."""
    with attach(folder) as edits:
        pairs = sum(
            len(edits.pair_table(QUARTERS[-1], setting=name)[0].partners)
            for name in ("practitioner", "hospital")
        )
        bar(
            "mapped for each pair of eight quarters", edits.mapped_bytes / pairs, 25 * 2**20 / 3.94e6, "bytes"
        )


def test_pairs_of_a_claim(speed, folder) -> None:
    with attach(folder) as edits:

        def ask() -> None:
            for code, other in combinations(CLAIM, 2):
                edits.ptp(code, other, date_of_service=DAY, setting="practitioner")

        ask()
        assert edits.ptp(*CLAIM[:2], date_of_service=DAY, setting="practitioner").edit is not None
        speed("pair edits of a 4-line claim, pair by pair", ask, 15)


def test_pairs_of_a_claim_at_once(speed, folder) -> None:
    with attach(folder) as edits:

        def ask() -> tuple[object, ...]:
            return edits.ptp_among(CLAIM, date_of_service=DAY, setting="practitioner").edits

        assert ask()
        speed("pair edits of a 4-line claim, at once", ask, 15)


def test_pairs_that_are_always_others(bar, folder) -> None:
    """Nothing is met twice: every code is looked for, every answer made. No bar in the design."""
    choose = random.Random(9)  # noqa: S311 - the same claims on every run
    claims = [[f"W{number:04}" for number in choose.sample(range(10_000), 4)] for _ in range(300)]

    def ask(edits: Edits) -> None:
        for claim in claims:
            for code, other in combinations(claim, 2):
                edits.ptp(code, other, date_of_service=DAY, setting="practitioner")

    def take() -> float:
        rounds = [attach(folder) for _ in range(15)]
        least = min(seconds_of(ask, edits) for edits in rounds)
        for edits in rounds:
            edits.close()
        return least * 1e6 / len(claims)

    bar("pair edits of a 4-line claim never met before", take, 40, "microseconds")


@pytest.mark.parametrize("table", ["mue", "addon", "pfs"])
def test_other_look_ups(speed, folder, table) -> None:
    with attach(folder) as edits:
        more = {"setting": "practitioner"} if table == "mue" else {}
        look_up = getattr(edits, table)

        def ask() -> None:
            for _ in range(100):
                look_up("W6789", date_of_service=DAY, **more)

        assert look_up("W6789", date_of_service=DAY, **more).is_checked
        speed(f"a look-up of {table}, after first use", ask, 10, times=100)


# ---- real tables -----------------------------------------------------------------------------------

IMPORT = """
import resource, sys
from cptkit.edits import Origin, Quarter, Setting, Writer
from cptkit.importers import ptp_loading
from cptkit.importers.opening import digest_of, members

folder, setting, quarter, *files = sys.argv[1:]
with Writer(folder) as writer:
    builder = writer.pairs(Setting(setting), Quarter.parse(quarter))
    origins = []
    for file in files:
        for member in members(file):
            found = ptp_loading.load(member, builder)
            origins.append(Origin(member.name, member.archive, digest_of(file), found.kept, found.first, found.last))
    writer.put_pairs(builder, origins)
    writer.commit()
used = resource.getrusage(resource.RUSAGE_SELF)
# the peak that getrusage tells is never below that of the process which started this one
status = dict(row.split(":", 1) for row in open("/proc/self/status"))
print(used.ru_utime + used.ru_stime, int(status["VmHWM"].split()[0]) / 1024)
"""


@pytest.fixture(scope="module")
def real_ptp() -> Path:
    folder = os.environ.get("CPTKIT_REAL_DATA")
    if not folder:
        pytest.skip("CPTKIT_REAL_DATA is not set: it names a folder of real CMS tables")
    return Path(folder) / "ptp"


def imported(folder, setting, quarter, files) -> tuple[float, float]:
    """CPU seconds, user and system, and peak MiB of a whole process that imports a quarter."""
    words = [sys.executable, "-c", IMPORT, str(folder), setting, quarter, *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


def test_import_of_a_quarter_and_of_a_further_one(bar, real_ptp, tmp_path) -> None:
    zips = {}
    for quarter, stem in (("2024q2", "v301"), ("2024q3", "v302")):
        source = f"ptp_practitioner_{quarter}_{stem}.txt.gz"
        script = [sys.executable, "make_cms_zip.py", source, str(tmp_path), f"ccipra-{stem}r0"]
        subprocess.run(script, cwd=real_ptp, check=True, capture_output=True)
        zips[quarter] = sorted(tmp_path.glob(f"ccipra-{stem}r0-f*.zip"))
    runs = []
    for number in range(3):
        first = imported(tmp_path / str(number), "practitioner", "2024q2", zips["2024q2"])
        runs.append((*first, *imported(tmp_path / str(number), "practitioner", "2024q3", zips["2024q3"])))
    bar("import of 2.5 million pair edits from four zips, CPU", min(run[0] for run in runs), 20, "s")
    bar("import of 2.5 million pair edits, peak memory", max(max(run[1], run[3]) for run in runs), 600, "MiB")
    bar("import of a further quarter, CPU", min(run[2] for run in runs), 20, "s")
    ratio = sorted(run[2] / run[0] for run in runs)[1]
    bar("import of a further quarter, CPU against the first", ratio, 1, "times")
    closing = timeit.Timer(lambda: attach(tmp_path / "0").close())
    bar("attach real tables", lambda: min(closing.repeat(300, 1)) * 1000, 1, "ms")
    with attach(tmp_path / "0") as edits:
        asked = {"date_of_service": DAY, "setting": "practitioner"}
        pairs = list(combinations(["90834", "90837", "99214", "96127"], 2))
        assert [edits.ptp(*pair, **asked).edit is not None for pair in pairs].count(True) > 2
        claim = timeit.Timer(lambda: [edits.ptp(*pair, **asked) for pair in pairs])
        fastest = lambda: min(claim.repeat(100, 100)) * 1e6 / 100  # noqa: E731 - taken again where it misses
        bar("pair edits of a 4-line claim, real tables", fastest, 15, "microseconds")


def dated(real_ptp, name):
    """The rows of a real table in columns, with first days invented: those of their codes, as in real files mostly."""
    choose = random.Random(1)  # noqa: S311 - the same days on every run
    starts = [
        Quarter.from_index(index).first_day.toordinal() - EPOCH for index in range(1996 * 4, 2024 * 4 + 3)
    ]
    births: dict[str, int] = {}

    def birth(code):
        if code not in births:
            begins = choose.randrange(len(starts))
            births[code] = 0 if choose.random() < 0.5 else begins - begins % 4 * (choose.random() < 0.8)
        return births[code]

    with gzip.open(real_ptp / name, "rt", encoding="latin-1", newline="") as lines:
        rows = [line.rstrip("\r\n").split("\t") for line in lines]
    for one, other, _, first, last, indicator, why in rows:
        if indicator not in {"0", "1", "9"}:
            continue
        ends = NEVER_ENDS if last == "*" else dt.date.fromisoformat(last).toordinal() - EPOCH
        most = bisect_right(starts, ends)
        begins = max(birth(one), birth(other)) if choose.random() < 0.9 else choose.randrange(len(starts))
        if begins >= most:
            begins = choose.randrange(most) if most else 0
        yield one, other, ends if first else min(starts[begins], ends), ends, int(indicator), why


def test_mapped_size_of_eight_quarters_of_two_settings(bar, real_ptp) -> None:
    """Real pairs and ends; each quarter holds what had begun by then, and knows no later end."""
    total = 0
    for setting, name in (
        ("practitioner", "ptp_practitioner_2024q3_v302.txt.gz"),
        ("hospital", "ptp_hospital_2024q3_v302.txt.gz"),
    ):
        numbers: dict[str, int] = {}
        says: dict[tuple[int, int, int, str], int] = {}
        columns = array("I"), array("I"), array("I")
        for one, other, *row in dated(real_ptp, name):
            for column, value in zip(columns, (one, other), strict=False):
                column.append(numbers.setdefault(value, len(numbers)))
            columns[2].append(says.setdefault(tuple(row), len(says)))
        union = None
        for quarter in QUARTERS:
            begins, ends = (day.toordinal() - EPOCH for day in (quarter.first_day, quarter.last_day))
            builder = PairBuilder(setting, quarter)
            for code in numbers:
                builder.code(code)
            known = [
                builder.row(
                    first,
                    None if last == NEVER_ENDS or (last >= begins and indicator != 9) else last,
                    indicator,
                    prior_to_1996=False,
                    rationale=why,
                )
                for first, last, indicator, why in says
            ]
            had_begun = bytes(first <= ends for first, *_ in says)
            there = bytes(map(had_begun.__getitem__, columns[2]))
            builder.extend(
                compress(columns[0], there),
                compress(columns[1], there),
                map(known.__getitem__, compress(columns[2], there)),
            )
            alone = builder.finish().table
            union = alone if union is None else merged(union, alone)
        total += len(union.to_bytes())
    bar("eight quarters of two settings, mapped", total / 2**20, 25, "MiB")
