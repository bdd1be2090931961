"""Pair edits looked up many at once: the same rows as one at a time."""

import datetime as dt
import itertools
import random
from array import array

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

from cptkit.edits import Quarter, Setting, Writer, arrays, attach  # noqa: E402 - behind the skip
from cptkit.edits.arrays import PairArrays  # noqa: E402 - behind the skip
from cptkit.edits.pairs import EPOCH, NEVER_ENDS, code_number  # noqa: E402 - behind the skip
from cptkit.errors import BrokenEdits  # noqa: E402 - behind the skip

SECTIONS = ["codes", "offsets", "partners", "classes", "classes_high", "quarters", "row_first", "row_last"]
SECTIONS += ["row_what", "row_seen", "class_from", "class_rows"]
QUARTERS = ("2024q3", "2024q4", "2025q2", "2026q1")
CODES = [f"W99{number:02}" for number in range(12)]
TURNS = [
    dt.date(2024, 7, 1),
    dt.date(2024, 8, 15),
    dt.date(2024, 10, 1),
    dt.date(2025, 4, 1),
    dt.date(2026, 1, 31),
]


class Empty:
    """A mapped table without quarters, codes and rows."""

    where = "nowhere"

    def arrays(self):
        return {
            name: memoryview(array("i", [0] if name in {"offsets", "class_from"} else []))
            for name in SECTIONS
        }


@pytest.fixture
def attached(tmp_path, kit):
    """Tables of rows by quarter, attached; let go of at the end."""
    held = []

    def made(rows_by_quarter, setting="practitioner"):
        folder = tmp_path / f"tables-{len(held)}"
        with Writer(folder) as writer:
            for quarter, rows in rows_by_quarter.items():
                builder = kit.fill(writer.pairs(Setting(setting), Quarter.parse(quarter)), rows)
                writer.put_pairs(builder, [])
            writer.commit()
        held.append(attach(folder))
        return held[-1]

    yield made
    for edits in held:
        edits.close()


def drawn(kit, seed, codes=CODES, pairs=40):
    """Rows of quarters: several a pair, flips of direction, ends, indicator 9, rows from before records."""
    draw = random.Random(seed)  # noqa: S311 - the same on every run
    words = ("own words", "Mutually exclusive procedures", "other words")
    found = {}
    for quarter in QUARTERS:
        rows = []
        chosen = draw.sample(list(itertools.combinations(codes, 2)), pairs)
        for one, other in chosen:
            cuts = sorted(draw.sample(TURNS, draw.choice([1, 1, 2, 3])))
            for first, after in itertools.pairwise([draw.choice([None, cuts[0]]), *cuts[1:], None]):
                last = None if after is None else after - dt.timedelta(draw.choice([1, 1, 10]))
                pair = (one, other) if draw.random() < 0.5 else (other, one)
                rows.append(
                    kit.says(*pair, draw.choice([0, 1, 1, 9]), first, last, False, draw.choice(words))
                )
        found[quarter] = list(dict.fromkeys(rows))
    return found


def asked_days():
    near = [turn + dt.timedelta(shift) for turn in TURNS for shift in (-11, -10, -1, 0, 1)]
    return sorted({*near, dt.date(1995, 1, 1), dt.date(2026, 3, 31), dt.date(2026, 12, 31)})


def places_of(arrays, codes):
    return np.array([arrays.place(code_number(code)) for code in codes], np.int32)


def days_since(day):
    return day.toordinal() - EPOCH


def row_said(arrays, reasons, codes, pair, number):
    """A row as the file says it, by its number."""
    if number < 0:
        return None
    low, high = sorted(pair)
    one, other = (high, low) if arrays.turned[number] else (low, high)
    return (codes[one], codes[other], int(arrays.indicator[number]), reasons[arrays.reason[number]])


@pytest.mark.parametrize("seed", range(5))
def test_the_same_rows_as_one_at_a_time(kit, attached, seed) -> None:
    """Every two codes, on days around every boundary, by the file of each quarter."""
    edits = attached(drawn(kit, seed))
    mapped = edits.mapped_pairs("practitioner")
    arrays, reasons = PairArrays(mapped), mapped.reasons()
    codes = [code for code in CODES if arrays.place(code_number(code)) >= 0]
    assert len(codes) > 10
    number = {arrays.place(code_number(code)): code for code in codes}
    pairs = list(itertools.permutations(sorted(number), 2))
    one, other = np.array(pairs, np.int32).T
    assert arrays.may_be(one, other).dtype == bool
    hits = 0
    for quarter in QUARTERS:
        when = Quarter.parse(quarter)
        (place,) = arrays.quarter_places(np.array([when.index]))
        of_quarter = edits._quarter_of_pairs("practitioner", when.index)
        for day in asked_days():
            since = np.full(len(pairs), days_since(day), np.int32)
            rows = arrays.find(one, other, since, np.full(len(pairs), place))
            for pair, row in zip(pairs, rows.tolist(), strict=True):
                edit = of_quarter.find(number[pair[0]], number[pair[1]], day).edit
                expected = edit and (edit.column1, edit.column2, edit.indicator, edit.rationale)
                assert row_said(arrays, reasons, number, pair, row) == expected, (quarter, day, pair)
                hits += row >= 0
            assert arrays.may_be(one, other)[rows >= 0].all()
    assert hits > 1000


@pytest.mark.skipif(
    not hasattr(np, "bitwise_count"), reason="this numpy counts no bits: pairs are searched for"
)
def test_counted_out_as_searched(kit, attached, monkeypatch) -> None:
    """Where many pairs are asked about, the bits before each tell its place, of pairs without an edit too."""
    edits = attached(drawn(kit, 4))
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    sides = itertools.product(range(arrays.nowhere + 1), repeat=2)
    one, other = np.array([pair for pair in sides if pair[0] != pair[1]], np.uint32).T
    day, place = np.full(len(one), days_since(TURNS[1]), np.int32), np.zeros(len(one), np.int64)
    searched = arrays.find(one, other, day, place)
    monkeypatch.setattr("cptkit.edits.arrays._MANY", len(one))
    assert arrays.find(one, other, day, place).tolist() == searched.tolist()
    monkeypatch.setattr(PairArrays, "_searched", None)
    assert arrays.find(one, other, day, place).tolist() == searched.tolist()
    assert 0 < (searched >= 0).sum() < len(one)
    with pytest.raises(TypeError, match="NoneType"):
        arrays.find(one[1:], other[1:], day[1:], place[1:])


def test_one_at_a_time_by_the_attached_tables(kit, attached) -> None:
    """On a day of a quarter, as ``Edits.ptp`` says it; on days of quarters that are not there, nothing."""
    edits = attached(drawn(kit, 9))
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    pairs = list(itertools.combinations(CODES, 2))
    one, other = (places_of(arrays, side) for side in zip(*pairs, strict=True))
    there = {quarter.index for quarter in edits.quarters("ptp", "practitioner")}
    for day in (
        dt.date(2024, 7, 1),
        dt.date(2024, 9, 30),
        dt.date(2024, 10, 1),
        dt.date(2026, 3, 31),
        dt.date(2025, 1, 1),
    ):
        when = Quarter.of(day)
        place = arrays.quarter_places(np.array([when.index]))
        assert (place[0] >= 0) == (when.index in there)
        rows = arrays.find(
            one, other, np.full(len(pairs), days_since(day), np.int32), np.repeat(place, len(pairs))
        )
        if when.index not in there:
            assert (rows == -1).all()
            continue
        for pair, row in zip(pairs, rows.tolist(), strict=True):
            answer = edits.ptp(*pair, date_of_service=day, setting="practitioner")
            assert (answer.edit is not None) is (row >= 0), (day, pair)
            if answer.edit is not None:
                assert answer.edit.indicator == arrays.indicator[row]
                assert (answer.edit.column1 > answer.edit.column2) is bool(arrays.turned[row])


def test_the_row_that_began_last_comes_first(kit, attached) -> None:
    """Of rows that hold at once; of two from before records the one that ends first."""
    rows = [
        kit.says("W9901", "W9902", 0, dt.date(2024, 7, 1), None),
        kit.says("W9902", "W9901", 1, dt.date(2024, 8, 1), dt.date(2024, 8, 31)),
        kit.says("W9901", "W9903", 0, None, dt.date(2024, 8, 31)),
        kit.says("W9901", "W9903", 1, None, None),
        kit.says("W9901", "W9904", 9, dt.date(2024, 8, 1), None),
        kit.says("W9901", "W9904", 1, dt.date(2024, 7, 1), None),
        kit.says("W9902", "W9904", 9, dt.date(2024, 7, 1), None),
    ]
    edits = attached({"2024q3": rows})
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    first, second, third, fourth = places_of(arrays, ["W9901", "W9902", "W9903", "W9904"]).tolist()

    def found(one, other, month, day):
        days = np.array([days_since(dt.date(2024, month, day))], np.int32)
        place = arrays.quarter_places(np.array([Quarter.parse("2024q3").index]))
        (row,) = arrays.find(np.array([one], np.int32), np.array([other], np.int32), days, place)
        return None if row < 0 else (int(arrays.indicator[row]), bool(arrays.turned[row]))

    assert [found(first, second, 7, 1), found(first, second, 7, 31)] == [(0, False)] * 2
    assert [found(first, second, 8, 1), found(second, first, 8, 31)] == [(1, True)] * 2
    assert [found(first, second, 9, 1), found(first, second, 6, 30)] == [(0, False), None]
    assert [found(first, third, 8, 31), found(third, first, 9, 1)] == [(0, False), (1, False)]
    assert found(first, fourth, 8, 15) == (
        1,
        False,
    )  # an edit that was deleted on the day it began says nothing
    assert found(second, fourth, 8, 15) is None
    assert found(third, fourth, 8, 15) is None


def test_each_pair_by_the_file_of_its_own_quarter(kit, attached) -> None:
    """One call may ask about several quarters and days; a quarter that is not there is none."""
    rows = [kit.says("W9901", "W9902", 1, dt.date(2020, 1, 1), None)]
    more = [kit.says("W9901", "W9903", 0, dt.date(2020, 1, 1), dt.date(2025, 12, 31))]
    edits = attached({"2024q3": rows, "2025q2": rows + more, "2026q1": more})
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    quarters = ["2024q3", "2024q4", "2025q2", "2026q1", "2023q1", "2027q1"]
    asked = np.array([Quarter.parse(quarter).index for quarter in quarters])
    places = arrays.quarter_places(asked)
    assert places.tolist() == [0, -1, 1, 2, -1, -1]
    one, second, third = (
        np.full(6, place, np.int32) for place in places_of(arrays, ["W9901", "W9902", "W9903"])
    )
    day = np.full(6, days_since(dt.date(2025, 5, 5)), np.int32)
    assert (arrays.find(one, second, day, places) >= 0).tolist() == [True, False, True, False, False, False]
    assert (arrays.find(third, one, day, places) >= 0).tolist() == [False, False, True, True, False, False]
    assert (arrays.find(third, one, day + 366, places) >= 0).any() == False  # noqa: E712 - of numpy
    later = np.array(
        [day[0]] * 2 + [days_since(dt.date(2025, 12, 31)), days_since(dt.date(2026, 1, 1))] + [day[0]] * 2
    )
    assert (arrays.find(one, third, later.astype(np.int32), places) >= 0).tolist() == [False, False, True] + [
        False
    ] * 3


def test_more_quarters_than_a_word_has_bits(kit, attached) -> None:
    """A row of the last quarter of many is not one of the first."""
    quarters = [f"{2015 + number // 4}q{number % 4 + 1}" for number in range(35)]
    usual = kit.says("W9901", "W9902", 1, dt.date(2010, 1, 1), None)
    other = kit.says("W9901", "W9903", 0, dt.date(2010, 1, 1), None)
    held = {0, 31, 32, 34}
    edits = attached(
        {each: [usual, other] if place in held else [usual] for place, each in enumerate(quarters)}
    )
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    places = arrays.quarter_places(np.array([Quarter.parse(quarter).index for quarter in quarters]))
    assert places.tolist() == list(range(35))
    day = np.full(35, days_since(dt.date(2014, 1, 1)), np.int32)
    one, third = (np.full(35, place, np.int32) for place in places_of(arrays, ["W9901", "W9903"]))
    rows = arrays.find(one, third, day, places)
    assert {place for place, row in enumerate(rows.tolist()) if row >= 0} == held


def test_places_of_codes(kit, attached) -> None:
    """A code that the table does not hold has none, nor has what is no code."""
    edits = attached({"2024q3": [kit.says("W9902", "W9905"), kit.says("W9902", "W9904")]})
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    assert places_of(arrays, ["W9902", "W9904", "W9905"]).tolist() == [0, 1, 2]
    assert places_of(arrays, ["W9901", "W9903", "W9906", "ABC", "", "90834"]).tolist() == [-1] * 6
    assert arrays.place(-1) == -1


class Shifted:
    """A mapped table whose classes are numbered from 65,536 on, as those of a table with more are."""

    where = "nowhere"

    def __init__(self, mapped):
        self._views = dict(mapped.arrays())
        self._views["classes_high"] = memoryview(array("H", [1] * len(self._views["classes"])))
        self._views["class_from"] = memoryview(array("I", [0] * 65_536 + list(self._views["class_from"])))

    def arrays(self):
        return self._views


def test_more_classes_than_two_bytes_hold(kit, attached) -> None:
    """The rows of a pair are those of its own class."""
    edits = attached(drawn(kit, 3))
    mapped = edits.mapped_pairs("practitioner")
    arrays, shifted = PairArrays(mapped), PairArrays(Shifted(mapped))
    one, other = (places_of(arrays, side) for side in zip(*itertools.combinations(CODES, 2), strict=True))
    place = np.zeros(len(one), np.int64)
    for day in asked_days():
        since = np.full(len(one), days_since(day), np.int32)
        assert (
            shifted.find(one, other, since, place).tolist() == arrays.find(one, other, since, place).tolist()
        )
    assert (arrays.find(one, other, since, place) >= 0).any()


def test_an_empty_table(kit, attached) -> None:
    """One without a row, which no file is; and one of edits that were all deleted."""
    arrays = PairArrays(Empty())
    assert places_of(arrays, ["W9901"]).tolist() == [-1]
    assert arrays.quarter_places(np.array([8098, 0])).tolist() == [-1, -1]
    one, other = np.array([0], np.int32), np.array([1], np.int32)
    assert not arrays.may_be(one, other).any()
    assert arrays.find(one, other, one, np.zeros(1, np.int64)).tolist() == [-1]
    deleted = attached({"2024q3": [kit.says("W9901", "W9902", 9)]})
    arrays = PairArrays(deleted.mapped_pairs("practitioner"))
    assert arrays.find(one, other, one, np.zeros(1, np.int64)).tolist() == [-1]
    nothing = np.zeros(0, np.int32)
    assert arrays.find(nothing, nothing, nothing, nothing.astype(np.int64)).tolist() == []
    assert arrays.may_be(nothing, nothing).tolist() == []


def test_no_pairs_of_a_setting(kit, attached) -> None:
    edits = attached({"2024q3": [kit.says("W9901", "W9902")]})
    assert edits.mapped_pairs("hospital") is None
    assert edits.mapped_pairs(Setting.PRACTITIONER) is not None


@pytest.mark.parametrize("count", [16_383, 16_384, 16_500])
def test_more_codes_than_have_bits_of_their_own(kit, attached, count) -> None:
    """Then pairs share bits: no edit is missed, and few pairs are searched for in vain."""
    codes = [f"{letter}{number:04}" for letter in "WX" for number in range(count // 2 + count % 2)][:count]
    codes.sort()
    draw = random.Random(count)  # noqa: S311 - the same on every run
    around = draw.sample(range(count), count)
    ring = itertools.pairwise([*around, around[0]])
    rows = [kit.says(codes[one], codes[other], 1 - one % 2) for one, other in ring]
    edits = attached({"2024q3": rows})
    arrays = PairArrays(edits.mapped_pairs("practitioner"))
    assert len(arrays.codes) == count
    one, other = (
        places_of(arrays, side) for side in zip(*[(row.column1, row.column2) for row in rows], strict=True)
    )
    assert max(one.max(), other.max()) == count - 1
    day = np.full(len(rows), days_since(dt.date(2024, 8, 1)), np.int32)
    place = np.zeros(len(rows), np.int64)
    assert arrays.may_be(one, other).all()
    assert arrays.may_be(other, one).all()
    found = arrays.find(other, one, day, place)
    assert (found >= 0).all()
    edited = {frozenset((row.column1, row.column2)) for row in rows}
    unedited = [draw.sample(range(count), 2) for _ in range(4000)]
    unedited = [pair for pair in unedited if frozenset(codes[each] for each in pair) not in edited]
    one, other = np.array(unedited, np.int32).T
    assert arrays.may_be(one, other).mean() < 0.01
    if count < 1 << 14:
        assert not arrays.may_be(one, other).any()
    assert (arrays.find(one, other, day[: len(one)], place[: len(one)]) == -1).all()
    # of what the table does not hold no row is found; a pair of it is searched for in vain at most
    everywhere, nowhere = np.arange(count, dtype=np.int32), np.full(count, arrays.nowhere, np.int32)
    for sides in ((everywhere, nowhere), (nowhere, everywhere), (nowhere, nowhere)):
        assert (arrays.find(*sides, day, place) == -1).all()
        assert arrays.may_be(*sides).mean() < (0.01 if count >= 1 << 14 else 1e-9)


def test_turning_days(kit, attached) -> None:
    """The first day of every row, and the day after its last."""
    rows = [
        kit.says("W9901", "W9902", 1, dt.date(2024, 8, 1), dt.date(2024, 8, 31)),
        kit.says("W9901", "W9903", 0, None, dt.date(2024, 9, 14)),
        kit.says("W9901", "W9904", 9, dt.date(2024, 7, 7), None),
    ]
    edits = attached({"2024q3": rows})
    expected = {dt.date(2024, 8, 1), dt.date(2024, 9, 1), dt.date(2024, 9, 15), dt.date(2024, 7, 7)}
    assert edits.mapped_pairs("practitioner").turning_days() == expected
    assert edits.pair_days() == expected
    assert edits.turning_days() == set()
    assert NEVER_ENDS not in {days_since(day) for day in expected}


def test_tables_that_were_closed(attached, kit):
    edits = attached({"2024q3": [kit.says("W9901", "W9902")]})
    pairs = PairArrays(edits.mapped_pairs("practitioner"))
    assert pairs.place(code_number("W9901")) >= 0
    edits.close()
    with pytest.raises(BrokenEdits, match="these edit tables were closed"):
        pairs.place(code_number("W9901"))


@pytest.mark.parametrize("chunk", [1, 3, 1 << 14])
def test_bits(monkeypatch, chunk):
    """One for each number, whatever is worked on at a time; two numbers of one byte may stand in two chunks."""
    monkeypatch.setattr(arrays, "_CHUNK", chunk)
    for spots in ([], [0], [2**28 - 1], [0, 1, 7, 8, 9, 63, 64, 2**20], [64, 9, 9, 1, 0]):
        bits = arrays._bits_of(np.array(spots, np.uint32))
        found = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
        assert found.tolist() == sorted(set(spots))
