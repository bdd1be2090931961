"""Claim lines of a practice region, drawn from a seed: the input of the benchmarks and oracles of columns.

    python benchmarks/frames/generate.py TABLES FOLDER [--lines 10000000] [--orders claims grouped shuffled] [--odd]

``TABLES`` is what ``tables.py`` wrote. Each order is one Parquet file of the same lines: ``claims.parquet`` as claims
come in (those of a patient stand apart, and a claim of several encounters has their lines in any order),
``grouped.parquet`` by patient, day and clinician, ``shuffled.parquet`` in no order.

One encounter in three has several lines, codes follow a law of Zipf, one line in twelve has modifiers. ``--odd`` adds
what is rare: encounters split over claims, rows that came twice, pairs that turned round before and after the
turn, first and last days of quarters, unknown codes, lower case, units of none.
"""

import argparse
import datetime as dt
from pathlib import Path

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

EPOCH = dt.date(1970, 1, 1)
PERIOD = tuple((dt.date(year, 1, 1) - EPOCH).days for year in (2024, 2026))
STARTS = np.array([(dt.date(2024 + n // 4, n % 4 * 3 + 1, 1) - EPOCH).days for n in range(8)], np.int32)
ORDERS = ("claims", "grouped", "shuffled")
MODIFIED = 0.08
ALONE = 2 / 3  # of the encounters have one line
CHUNK = 500_000  # lines in a row group
PLACES = ("11", "22", "10", "02", "23", "12")
MODIFIERS = (
    ("25", 0.26), ("59", 0.12), ("95", 0.12), ("RT", 0.08), ("LT", 0.08), ("GP", 0.12), ("XS", 0.03), ("XU", 0.03),
    ("76", 0.03), ("26", 0.05), ("GA", 0.02), ("91", 0.02), ("F1", 0.01), ("TA", 0.01), ("57", 0.01), ("24", 0.01),
)  # fmt: skip
NO_CODES = ("W0001", "X9998", "Z0009", "9999Z", "ABCDE", "1234", "00000", "99999")


@attrs.define(eq=False)
class Drawn:
    """Lines as numbers, in the order of their encounters; ``code`` is a place in ``codes``, modifiers in ``modifiers``
    (0: none)."""

    patient: np.ndarray
    day: np.ndarray
    provider: np.ndarray
    claim: np.ndarray
    code: np.ndarray
    modifiers: np.ndarray
    units: np.ndarray
    place: np.ndarray
    codes: list[str]

    def take(self, rows: np.ndarray) -> "Drawn":
        columns = ("patient", "day", "provider", "claim", "code", "modifiers", "units", "place")
        return attrs.evolve(self, **{name: getattr(self, name)[rows] for name in columns})


def sizes_of(lines: int, encounters: int, rng: np.random.Generator) -> np.ndarray:
    """How many lines each encounter has: one, or in a third of them several; ``lines`` in all."""
    sizes = np.ones(encounters, np.int32)
    several = np.flatnonzero(rng.random(encounters) > ALONE)
    mean = (lines - encounters) / max(1, len(several))  # besides the first
    sizes[several] += 1 + np.minimum(rng.geometric(1 / max(1.0, mean), len(several)) - 1, 24).astype(np.int32)
    while (missing := lines - int(sizes.sum())) != 0:
        where = rng.choice(several, min(abs(missing), len(several)), replace=False)
        sizes[where] += np.sign(missing) if missing > 0 else -(sizes[where] > 2).astype(np.int32)
    return sizes


def drawn(tables: Path, lines: int, seed: int, *, odd: bool = False) -> Drawn:
    """So many lines; with ``odd`` some more."""
    rng = np.random.default_rng(seed)
    book = pq.read_table(tables / "codes.parquet")
    codes, rank = book["code"].to_pylist(), book["rank"].to_numpy()
    by_rank = np.argsort(rank)
    weight = np.cumsum(1 / (np.arange(len(codes)) + 4.0))
    encounters = max(2, round(lines * 0.4))
    sizes = sizes_of(lines, encounters, rng)
    patients = max(1, encounters // 5)
    patient = np.sort(rng.integers(0, patients, encounters, dtype=np.int32))
    day = rng.integers(*PERIOD, encounters, dtype=np.int32)
    day -= ((day + 3) % 7 >= 5) & (rng.random(encounters) < 0.9)  # few on Sundays and Saturdays
    day = np.maximum(day, PERIOD[0])
    order = np.lexsort((day, patient))
    day = day[order]
    provider = rng.integers(0, max(2, encounters // 200), encounters, dtype=np.int32)
    joins = (np.diff(patient, prepend=-1) == 0) & (rng.random(encounters) < 0.3)
    claim = np.cumsum(~joins, dtype=np.int32) - 1  # an encounter may stand on the claim of the one before
    each = np.repeat(np.arange(encounters, dtype=np.int32), sizes)
    code = by_rank[np.searchsorted(weight, rng.random(lines) * weight[-1])].astype(np.int32)
    starts = np.cumsum(sizes) - sizes
    _put_addons(tables, codes, code, sizes, starts, rng)
    units = _units(book["limit"].to_numpy()[code], rng)
    modifiers = np.zeros((lines, 4), np.int8)
    modified = np.flatnonzero(rng.random(lines) < MODIFIED)
    chance = np.array([share for _, share in MODIFIERS])
    for place, share in enumerate((1.0, 0.15, 0.02, 0.005)):
        some = modified[rng.random(len(modified)) < share]
        modifiers[some, place] = 1 + rng.choice(len(MODIFIERS), len(some), p=chance / chance.sum())
    modifiers.sort(axis=1)  # no gap before a later one
    modifiers = np.ascontiguousarray(modifiers[:, ::-1])
    place = rng.choice(len(PLACES), encounters, p=[0.6, 0.15, 0.1, 0.05, 0.05, 0.05]).astype(np.int8)
    made = Drawn(
        patient[each], day[each], provider[each], claim[each], code, modifiers, units, place[each], codes
    )  # fmt: skip
    return _odd(made, tables, rng) if odd else made


def _put_addons(
    tables: Path,
    codes: list[str],
    code: np.ndarray,
    sizes: np.ndarray,
    starts: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Add-ons on some encounters of several lines, mostly beside one of their primaries."""
    table = pq.read_table(tables / "sql" / "plain" / "addons.parquet", columns=["addon", "primary"])
    table = table.filter(table["primary"].is_valid())
    number = {name: place for place, name in enumerate(codes)}
    pairs = np.array(
        [[number[a], number[b]] for a, b in zip(*(c.to_pylist() for c in table.columns), strict=True)]
    )
    some = np.flatnonzero((sizes > 1) & (rng.random(len(sizes)) < 0.08))
    chosen = pairs[np.minimum(rng.exponential(len(pairs) / 6, len(some)).astype(np.int64), len(pairs) - 1)]
    code[starts[some] + 1] = chosen[:, 0]
    beside = rng.random(len(some)) < 0.85
    code[starts[some[beside]]] = chosen[beside, 1]


def _units(limit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Units near what a limit allows, and a tail of more."""
    room = np.maximum(limit, 1).astype(np.float64)
    units = 1 + (rng.random(len(limit)) ** 4 * room).astype(np.int32)
    units = np.minimum(units, np.maximum(room, 1)).astype(np.int32)
    tail = np.flatnonzero(rng.random(len(limit)) < 0.008)
    units[tail] += rng.geometric(0.3, len(tail)).astype(np.int32)
    return units


def _odd(made: Drawn, tables: Path, rng: np.random.Generator) -> Drawn:
    """The lines with every oddity; and more lines, for those that stand twice and for pairs that turned round."""
    lines = len(made.code)
    flips = _turned(made, tables, rng)
    twice = rng.choice(lines, max(1, lines // 25), replace=False)
    made = made.take(
        np.concatenate([np.arange(lines), twice])
    )  # before what follows: they are the same in all else
    for name in ("patient", "day", "provider", "claim", "code", "modifiers", "units", "place"):
        setattr(made, name, np.concatenate([getattr(made, name), getattr(flips, name)]))
    lines = len(made.code)
    key = np.stack([made.patient, made.day, made.provider]).T
    _, each = np.unique(key, axis=0, return_inverse=True)
    edge = np.concatenate([STARTS, STARTS - 1, [PERIOD[1] - 1]])
    edge = edge[(edge >= PERIOD[0])].astype(np.int32)
    moved = rng.random(each.max() + 1) < 0.25
    made.day = np.where(moved[each], edge[rng.integers(0, len(edge), each.max() + 1)][each], made.day).astype(
        np.int32
    )
    # some lines of an encounter are another clinician's
    made.provider = np.where(rng.random(lines) < 0.06, made.provider + 1, made.provider).astype(np.int32)
    split = rng.random(lines) < 0.1
    made.claim = np.where(split, made.claim.max() + 1 + rng.permutation(lines), made.claim).astype(np.int32)
    first = len(made.codes)
    lower = [
        f"  {text.lower()} " if place % 7 == 0 else text.lower() for place, text in enumerate(made.codes)
    ]
    made.codes = [*made.codes, *lower, *NO_CODES]
    chance = rng.random(lines)
    made.code = np.where(chance < 0.1, made.code + first, made.code)
    made.code = np.where(chance > 0.97, 2 * first + rng.integers(0, len(NO_CODES), lines), made.code).astype(
        np.int32
    )
    made.units = np.where(rng.random(lines) < 0.04, 0, made.units).astype(np.int32)
    # short encounters come together, so that codes stand twice, and with more modifiers
    again = np.flatnonzero((np.diff(each, prepend=-1) == 0) & (rng.random(lines) < 0.12))
    made.code[again] = made.code[again - 1]
    more = np.flatnonzero(rng.random(lines) < 0.3)
    sites = [
        1 + place for place, (modifier, _) in enumerate(MODIFIERS) if modifier in {"RT", "LT", "F1", "TA"}
    ]
    any_one = 1 + rng.integers(0, len(MODIFIERS), len(more))
    made.modifiers[more, 0] = np.where(rng.random(len(more)) < 0.5, rng.choice(sites, len(more)), any_one)
    return made


def _turned(made: Drawn, tables: Path, rng: np.random.Generator) -> Drawn:
    """Encounters of pairs that turned round, on the last day before and the first day after it; and of pairs that
    ended on the day they began, on that day."""
    ptp = pq.read_table(tables / "sql" / "ids" / "ptp.parquet")
    texts = pq.read_table(tables / "sql" / "ids" / "codes.parquet")["code"].to_pylist()
    number = {text: place for place, text in enumerate(made.codes)}
    key, begins = ptp["key"].to_numpy(), ptp["first"].to_numpy()
    order = np.lexsort((begins, key))
    key, begins = key[order], begins[order]
    again = np.flatnonzero((key[1:] == key[:-1]) & (begins[1:] > PERIOD[0]))[:400] + 1
    days = np.stack([begins[again] - 1, begins[again]], 1).reshape(-1).repeat(2)
    codes = np.array(
        [[number[texts[k >> 14]], number[texts[k & (1 << 14) - 1]]] for k in key[again]], np.int32
    )
    rows = pq.read_table(tables / "sql" / "plain" / "ptp.parquet")
    begins = rows["first_day"].cast(pa.int32()).to_numpy()
    some = np.flatnonzero((rows["indicator"].to_numpy() == 9) & (begins >= PERIOD[0]))[:60]
    names = (rows[name].take(pa.array(some)).to_pylist() for name in ("column1", "column2"))
    never = np.array([[number[text] for text in column] for column in names], np.int32).T
    days = np.concatenate([days, begins[some].repeat(4)]).astype(np.int32)
    codes = np.concatenate([codes, never])
    codes = np.where(rng.random((len(codes), 1)) < 0.5, codes, codes[:, ::-1])
    count = len(days)
    keep = (days >= PERIOD[0]) & (days < PERIOD[1])
    patient = (made.patient.max() + 1 + np.arange(count) // 4).astype(np.int32)
    claim = (made.claim.max() + 1 + np.arange(count) // 2).astype(np.int32)
    code = np.repeat(codes, 2, axis=0).reshape(-1)
    zeros = np.zeros(count, np.int32)
    modifiers = np.zeros((count, 4), np.int8)
    ones, places = np.ones(count, np.int32), np.zeros(count, np.int8)
    return Drawn(patient, days, zeros, claim, code, modifiers, ones, places, made.codes).take(
        np.flatnonzero(keep)
    )


def order_of(made: Drawn, order: str, seed: int) -> np.ndarray:
    """The places of the lines in an order; line ids count as claims come in."""
    rng = np.random.default_rng(seed + 1)
    lines = len(made.code)
    if order == "claims":
        claims = int(made.claim.max()) + 1
        last = np.zeros(claims, np.int32)
        np.maximum.at(last, made.claim, made.day)
        filed = np.argsort(last + rng.exponential(9, claims), kind="stable")
        place = np.empty(claims, np.int64)
        place[filed] = np.arange(claims)
        return np.argsort(place[made.claim] << 20 | rng.integers(0, 1 << 20, lines), kind="stable")
    if order == "grouped":
        key = made.patient.astype(np.int64) << 32 | (made.day.astype(np.int64) - PERIOD[0] + 800) << 20
        return np.argsort(key | made.provider, kind="stable")
    return rng.permutation(lines)


def _spelled(letter: str, numbers: np.ndarray, digits: int) -> pa.Array:
    """A letter and so many digits, made without a Python object for each."""
    width = digits + len(letter)
    text = np.empty((len(numbers), width), np.uint8)
    text[:, : len(letter)] = np.frombuffer(letter.encode(), np.uint8)
    left = numbers.astype(np.int64)
    for place in range(width - 1, len(letter) - 1, -1):
        left, digit = np.divmod(left, 10)
        text[:, place] = digit + ord("0")
    offsets = np.arange(0, width * (len(numbers) + 1), width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text))


def table_of(made: Drawn, rows: np.ndarray, ids: np.ndarray) -> pa.Table:
    """The columns of some lines, in our own names."""
    some = made.take(rows)
    named = pa.array([None, *(modifier for modifier, _ in MODIFIERS)])
    columns = {
        "patient_id": _spelled("P", some.patient, 8),
        "claim_id": _spelled("C", some.claim, 9),
        "line_id": pa.array(ids),
        "date_of_service": pa.array(some.day).cast(pa.date32()),
        "code": pa.array(made.codes).take(pa.array(some.code)),
        **{
            f"modifier{place + 1}": named.take(pa.array(some.modifiers[:, place].astype(np.int32)))
            for place in range(4)
        },
        "units": pa.array(some.units),
        "rendering_provider": _spelled("1", some.provider, 9),
        "place_of_service": pa.array(PLACES).take(pa.array(some.place.astype(np.int32))),
    }
    return pa.table(columns)


def write(made: Drawn, path: Path, order: str, seed: int) -> None:
    """One file in one order."""
    ids = np.empty(len(made.code), np.int64)
    ids[order_of(made, "claims", seed)] = np.arange(1, len(made.code) + 1)
    rows = order_of(made, order, seed)
    schema = table_of(made, rows[:1], ids[rows[:1]]).schema
    plain = [
        "code",
        "modifier1",
        "modifier2",
        "modifier3",
        "modifier4",
        "place_of_service",
        "rendering_provider",
    ]
    dictionary = [*plain, "date_of_service", "units"]
    with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=dictionary) as writer:
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            writer.write_table(table_of(made, part, ids[part]), row_group_size=CHUNK)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--orders", nargs="+", default=ORDERS, choices=ORDERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--odd", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    made = drawn(given.tables, given.lines, given.seed, odd=given.odd)
    for order in given.orders:
        path = given.folder / f"{order}.parquet"
        write(made, path, order, given.seed)
        print(f"{path}: {len(made.code):,} lines, {path.stat().st_size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
