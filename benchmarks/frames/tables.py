"""Edit tables of the real size with invented rows: written as the package writes them, and as Parquet for SQL.

    python benchmarks/frames/tables.py FOLDER [--codes 15000] [--pairs 2240000] [--seed 1]

``FOLDER/edits`` is for ``cptkit.edits.attach``; ``FOLDER/sql`` holds the same rows for other engines (see
``export.py``); ``FOLDER/codes.parquet`` is what the generator of claim lines draws from.

Codes have the shapes of real ones and, besides those that the bundled editions know, invented numbers. Every
quarter has its own file, as published: rows that begin or end in the period are told late or early, change their
indicator or turn their columns round.
"""

import argparse
import datetime as dt
import shutil
from pathlib import Path

import attrs
import numpy as np
from export import write_sql
from period import EDITIONS, ENDS, LAST, QUARTERS, REASONS, STARTS

import cptkit
from cptkit.edits import AddOnEdit, Mue, Origin, Setting, Writer
from cptkit.edits.pairs import EPOCH, NEVER_ENDS

SINCE = np.array([dt.date(year, 1, 1).toordinal() - EPOCH for year in range(1996, 2024)], np.int32)
NOTES = ("", "Practitioner Only", "Facility Only", "Based on a text of our own", "see elsewhere")
VISITS = ("99213", "99214", "90834", "90837", "99203", "99204", "99212", "99215")
ALWAYS_THERE = (*VISITS, "90785", "90833", "90836", "90838", "99417", "99441", "98016")


@attrs.frozen(eq=False)
class Pairs:
    """Rows of pair edits. ``one`` and ``other``: places of the codes. ``known``: the first quarter that holds the row;
    ``end_known``: the first that tells its last day."""

    one: np.ndarray
    other: np.ndarray
    indicator: np.ndarray
    first: np.ndarray
    last: np.ndarray
    known: np.ndarray
    end_known: np.ndarray
    reason: np.ndarray


@attrs.frozen(eq=False)
class Tables:
    """All rows. ``rank``: of each code, 0 the most billed. ``value``, ``mai``: a column for each quarter; -1 none."""

    codes: list[str]
    rank: np.ndarray
    pairs: Pairs
    value: np.ndarray
    mai: np.ndarray
    addons: list[AddOnEdit]
    addon_quarters: list[tuple[int, int]]


def made_codes(count: int, rng: np.random.Generator) -> list[str]:
    """So many codes, sorted: those of the editions, a third at most, and invented ones."""
    of_editions: dict[str, None] = dict.fromkeys(ALWAYS_THERE)
    books = [cptkit.codeset(edition) for edition in EDITIONS]
    changing = {code for book in books for code in book if book[code].last_day or book[code].first_day}
    of_editions |= dict.fromkeys(sorted(changing)[:: max(1, 3 * len(changing) // count)])
    known = sorted({code for book in books for code in book})
    of_editions |= dict.fromkeys(str(code) for code in rng.permutation(known))
    found = set(list(of_editions)[: max(len(ALWAYS_THERE), count // 3)])
    while len(found) < count:
        number, kind = int(rng.integers(100, 99_999)), rng.random()
        if kind < 0.72:
            found.add(f"{number:05}")
        elif kind < 0.9:
            found.add("ABCEGHJLPQSV"[number % 12] + f"{number % 10_000:04}")
        else:
            found.add(f"{number % 1_000:04}" + ("T" if kind < 0.96 else "U"))
    return sorted(found)


def made_pairs(rank: np.ndarray, count: int, rng: np.random.Generator) -> Pairs:
    """Rows of so many pairs, more of them between codes that are billed much."""
    codes = len(rank)
    by_rank = np.argsort(rank)
    chance = np.cumsum((np.arange(codes) + codes / 50) ** -0.25)
    drawn = np.empty(0, np.int64)
    count = min(count, codes * (codes - 1) // 4)
    while len(drawn) < count:
        ends = by_rank[np.searchsorted(chance, rng.random((2, count)) * chance[-1])]
        ends = ends[:, ends[0] != ends[1]]
        drawn = np.unique(np.concatenate([drawn, ends.min(0) * codes + ends.max(0)]))
    drawn = rng.permutation(drawn)[:count]
    low, high = (drawn // codes).astype(np.int32), (drawn % codes).astype(np.int32)
    turned = rng.random(count) < 0.4
    one, other = np.where(turned, high, low), np.where(turned, low, high)
    # quarters change the rows of few column 1 codes, so that those of all others are carried over
    changing = rng.random(codes) < (0.05 if codes > 5000 else 0.4)
    kind = rng.random(count)
    kind = np.where(changing[one] & (rng.random(count) < 0.7), 1 + rng.random(count), kind)
    indicator = (rng.random(count) < 0.7).astype(np.int8)
    first = SINCE[rng.integers(0, 20, count)]
    until = SINCE[rng.integers(20, 28, count)] - 1
    quarter = rng.integers(1, LAST + 1, count).astype(np.int8)  # the one whose table tells a change
    late = rng.random(count) < 0.2
    middle = rng.integers(5, 60, count).astype(np.int32)
    never, zero = np.full(count, NEVER_ENDS, np.int32), np.zeros(count, np.int8)
    base = (one, other, indicator, first, never, zero, zero)
    parts = []

    def add(where, one, other, indicator, first, last, known, end_known):
        reason = (np.minimum(one, other) * 7 + np.maximum(one, other)) % len(REASONS)
        parts.append([each[where] for each in (one, other, indicator, first, last, known, end_known, reason)])

    add(kind < 0.66, *base)
    add((kind >= 0.66) & (kind < 0.8), one, other, indicator, first, until, zero, zero)
    nine = np.full(count, 9, np.int8)
    ended = np.where(late, STARTS[quarter], until + 1)  # on the day it began, some in the period
    add((kind >= 0.8) & (kind < 0.83), one, other, nine, ended, ended, zero, zero)
    twice = (kind >= 0.83) & (
        kind < 1
    )  # an ended row, often the other way round or never active, and a later one
    flip = rng.random(count) < 0.3
    old_one, old_other = np.where(flip, other, one), np.where(flip, one, other)
    old = np.where(rng.random(count) < 0.25, nine, rng.permutation(indicator))
    add(twice, old_one, old_other, old, np.where(old == 9, until, first), until, zero, zero)
    add(
        twice,
        one,
        other,
        indicator,
        until + 1,
        np.where(rng.random(count) < 0.2, ENDS[0] - 500, never),
        zero,
        zero,
    )
    # told before the period, in it, or late; on the first day of a quarter, or within one
    begins, ends, turns = (kind >= 1) & (kind < 1.3), (kind >= 1.3) & (kind < 1.65), kind >= 1.65
    before = np.maximum(quarter - late, 0)
    starts = STARTS[before] + np.where(middle < 12, middle, 0)
    add(begins, one, other, indicator, starts, never, quarter, quarter)
    add(
        ends,
        one,
        other,
        indicator,
        first,
        np.where(middle < 12, STARTS[before] + middle, ENDS[before]),
        zero,
        quarter,
    )
    add(turns, one, other, indicator, first, ENDS[quarter - 1], zero, quarter)
    again = changing[other] & (rng.random(count) < 0.8)
    then = np.where(again, indicator, 1 - indicator)
    add(
        turns,
        np.where(again, other, one),
        np.where(again, one, other),
        then,
        STARTS[quarter],
        never,
        quarter,
        quarter,
    )
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def made_limits(rank: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values and adjudication indicators by quarter; few change, and a limit of zero is for what is billed little."""
    codes = len(rank)
    value = rng.choice(
        [1, 2, 3, 4, 6, 8, 12, 20, 50, 200],
        codes,
        p=[0.5, 0.2, 0.1, 0.06, 0.04, 0.03, 0.03, 0.02, 0.01, 0.01],
    )
    value[(rank > codes * 0.4) & (rng.random(codes) < 0.3)] = 0
    mai = rng.choice([1, 2, 3], codes, p=[0.05, 0.4, 0.55])
    there = rng.random(codes) < 0.98
    values, mais = np.empty((2, codes, len(QUARTERS)), np.int32)
    for place in range(len(QUARTERS)):
        changed = rng.random(codes) < 0.01
        value = np.where(changed, np.maximum(1, value + rng.integers(-1, 3, codes)), value)
        mai = np.where(rng.random(codes) < 0.003, rng.integers(1, 4, codes), mai)
        there ^= rng.random(codes) < 0.002
        values[:, place], mais[:, place] = np.where(there, value, -1), np.where(there, mai, -1)
    return values, mais


def made_addons(
    codes: list[str], rank: np.ndarray, rng: np.random.Generator
) -> tuple[list[AddOnEdit], list[tuple[int, int]]]:
    """Add-on edits: of the add-ons of the editions, near to what they say, and of invented ones."""
    there, by_rank = set(codes), [codes[place] for place in np.argsort(rank)]
    lists: dict[str, list[str | None]] = {}
    book, day = cptkit.codeset("2025.1"), dt.date(2025, 3, 1)
    for code in codes:
        addon = book.addon(code, date_of_service=day)
        if addon is not None and rng.random() < 0.9:
            near = [p for p in sorted(addon.primaries & there) if rng.random() < 0.8]
            lists[code] = [*near, *(str(p) for p in rng.choice(by_rank[:400], 2))]
    for place in rng.permutation(np.arange(len(codes) // 20, len(codes)))[: len(codes) // 24]:
        some = rng.integers(0, len(codes) // 3, rng.integers(1, 11))
        lists.setdefault(by_rank[place], [by_rank[each] for each in some])
    rows: list[AddOnEdit] = []
    quarters: list[tuple[int, int]] = []
    plain = dt.date(2013, 4, 1)
    for addon, primaries in sorted(lists.items()):
        kind = int(rng.choice([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]))
        for primary in sorted({str(each) for each in primaries} - {addon}) if kind != 2 else [None]:
            chance, place = rng.random(4), int(rng.integers(0, len(QUARTERS)))
            quarter = QUARTERS[place]
            edge = quarter.last_day if chance[3] < 0.5 else quarter.first_day + dt.timedelta(40)
            note = NOTES[int(rng.integers(1, len(NOTES)))] if chance[0] < 0.06 else ""
            row = AddOnEdit(
                addon, primary, kind, edge + dt.timedelta(1) if chance[1] < 0.03 else plain,
                edge if 0.03 < chance[1] < 0.06 else None, None,
                edge if 0.06 < chance[1] < 0.1 else None, note, quarter, "aoc.txt",
            )  # fmt: skip
            rows.append(row)
            quarters.append(
                (place, LAST) if chance[2] < 0.08 else (0, place) if chance[2] < 0.16 else (0, LAST)
            )
    return rows, quarters


def made(codes: int, pairs: int, seed: int) -> Tables:
    """The rows of all tables; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    names = made_codes(codes, rng)
    rank = rng.permutation(len(names))
    place = {code: number for number, code in enumerate(names)}
    for number, code in enumerate(ALWAYS_THERE):  # visits are billed most
        wanted = number if code in VISITS else number + codes // 100
        other = int(np.flatnonzero(rank == wanted)[0])
        rank[other], rank[place[code]] = rank[place[code]], wanted
    value, mai = made_limits(rank, rng)
    return Tables(names, rank, made_pairs(rank, pairs, rng), value, mai, *made_addons(names, rank, rng))


def write_edits(tables: Tables, folder: Path) -> None:
    """All quarters of a setting, by the package's own writer."""
    pairs, codes = tables.pairs, tables.codes
    moves = np.zeros(len(codes), bool)
    told = (pairs.known > 0) | (pairs.end_known > 0)
    moves[pairs.one[told]] = True
    with Writer(folder) as writer:
        for number, quarter in enumerate(QUARTERS):
            origin = [Origin(f"own-{quarter}.txt", None, "sha256:" + 64 * "0", 1)]
            builder = writer.pairs(Setting.PRACTITIONER, quarter)
            for code in codes:
                builder.code(code)
            for code, moving in zip(codes, moves, strict=True):
                builder.known_group(code, f"{number if moving else 0:016}".encode())
            seen = np.flatnonzero((pairs.known <= number) & (moves[pairs.one] | (number == 0)))
            last = np.where(pairs.end_known <= number, pairs.last, NEVER_ENDS)[seen]
            says = np.stack([pairs.first[seen], last, pairs.indicator[seen], pairs.reason[seen]])
            packed = (says[0].astype(np.int64) << 40) + (says[1] == NEVER_ENDS) * (1 << 39)
            packed += np.where(says[1] == NEVER_ENDS, 0, says[1]).astype(np.int64) << 16
            packed += says[2] * 256 + says[3]
            _, where, which = np.unique(packed, return_index=True, return_inverse=True)
            rows = []
            for first, end, indicator, reason in says[:, where].T.tolist():
                ends = None if end == NEVER_ENDS else end
                rows.append(
                    builder.row(first, ends, indicator, prior_to_1996=False, rationale=REASONS[reason])
                )
            numbers = np.array(rows, np.uint32)[which]
            builder.extend(pairs.one[seen].tolist(), pairs.other[seen].tolist(), numbers.tolist())
            writer.put_pairs(builder, origin)
            limits = zip(codes, tables.value[:, number].tolist(), tables.mai[:, number].tolist(), strict=True)
            writer.put_mue(
                (
                    Mue(code, value, mai, "own words", Setting.PRACTITIONER, quarter, "mue.csv")
                    for code, value, mai in limits
                    if value >= 0
                ),
                Setting.PRACTITIONER,
                quarter,
                origin,
            )
            held = zip(tables.addons, tables.addon_quarters, strict=True)
            edits = [attrs.evolve(row, quarter=quarter) for row, (a, b) in held if a <= number <= b]
            writer.put_addons(edits, quarter, origin)
        writer.commit()


def write(folder: Path, *, codes: int = 15_000, pairs: int = 2_240_000, seed: int = 1) -> Tables:
    """Everything into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "edits").exists():  # the marks of other rows would be taken for those of these
        shutil.rmtree(folder / "edits")
    tables = made(codes, pairs, seed)
    write_edits(tables, folder / "edits")
    write_sql(tables, folder)
    return tables


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--codes", type=int, default=15_000)
    parser.add_argument("--pairs", type=int, default=2_240_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    done = write(given.folder, codes=given.codes, pairs=given.pairs, seed=given.seed)
    print(
        f"{len(done.codes):,} codes, {len(done.pairs.one):,} rows of pair edits, {len(done.addons):,} add-on edits"
    )
