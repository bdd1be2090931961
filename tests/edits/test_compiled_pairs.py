"""Pair edits found by the compiled part: what ``test_arrays`` holds of a look-up at a time, here of whole encounters."""

import datetime as dt
import itertools
import random

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

from cptkit import kernel  # noqa: E402 - behind the skip
from cptkit.edits import Quarter, Setting, Writer, arrays, attach  # noqa: E402 - behind the skip
from cptkit.edits.arrays import PairArrays  # noqa: E402 - behind the skip
from cptkit.edits.pairs import EPOCH, code_number  # noqa: E402 - behind the skip
from cptkit.errors import BrokenEdits  # noqa: E402 - behind the skip
from cptkit.kernel.pairs import bits_of  # noqa: E402 - behind the skip

pytestmark = pytest.mark.skipif(
    not kernel.is_built(), reason="the compiled part was not built here (no C compiler), or is set aside"
)

QUARTERS = ("2024q3", "2024q4", "2025q2", "2026q1")
CODES = [f"W99{number:02}" for number in range(12)]
TURNS = [dt.date(2024, 7, 1), dt.date(2024, 8, 15), dt.date(2024, 10, 1), dt.date(2026, 1, 31)]
NEAR = [turn.toordinal() + step - EPOCH for turn in TURNS for step in (-1, 0, 1)]


@pytest.fixture
def mapped(tmp_path, kit):
    """Writes rows by quarter, and maps them; what was mapped is let go of at the end."""
    held = []

    def made(rows_by_quarter):
        with Writer(tmp_path / "tables") as writer:
            for quarter, rows in rows_by_quarter.items():
                builder = kit.fill(writer.pairs(Setting.PRACTITIONER, Quarter.parse(quarter)), rows)
                writer.put_pairs(builder, [])
            writer.commit()
        held.append(attach(tmp_path / "tables"))
        return held[-1].mapped_pairs(Setting.PRACTITIONER)

    yield made
    for edits in held:
        edits.close()


def drawn(kit, draw):
    """Pairs either way round, several rows of one, ended and not, of no effect too."""
    found = {}
    for quarter in QUARTERS:
        rows = []
        for pair in draw.sample(list(itertools.combinations(CODES, 2)), 40):
            cuts = sorted(draw.sample(TURNS, draw.choice([1, 1, 2])))
            for first, after in itertools.pairwise([draw.choice([None, cuts[0]]), *cuts[1:], None]):
                last = None if after is None else after - dt.timedelta(1)
                sides = draw.sample(pair, 2)
                rows.append(kit.says(*sides, draw.choice([0, 1, 1, 9]), first, last))
        found[quarter] = rows
    return found


@pytest.mark.parametrize("bits", [14, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_rows_as_two_by_two(kit, mapped, seed, bits, monkeypatch) -> None:
    """Among lines of encounters the rows that are found two by two; with bits of their own, and with shared ones."""
    monkeypatch.setattr(arrays, "_EXACT_BITS", bits)
    draw = random.Random(seed)  # noqa: S311 - the same on every run
    table = PairArrays(mapped(drawn(kit, draw)))
    starts = np.cumsum([0, *(draw.choice([0, 1, 2, 3, 5, 40]) for _ in range(200))])
    many, lengths = int(starts[-1]), np.diff(starts)
    code, units = (np.array([draw.randrange(most) for _ in range(many)], np.int32) for most in (13, 4))
    indexes = [*(Quarter.parse(each).index for each in QUARTERS), Quarter(2020, 1).index]
    quarter = table.quarter_places(np.array(indexes))
    day = np.repeat(np.array([draw.choice(NEAR) for _ in lengths], np.int32), lengths)
    span = np.repeat(np.array([draw.randrange(len(indexes)) for _ in lengths], np.int16), lengths)
    places = np.array([table.place(code_number(each)) for each in [*CODES, "W9999"]])
    place = np.where(places < 0, table.nowhere, places).astype(np.uint32)
    expected = []
    for start, end in itertools.pairwise(starts.tolist()):
        both = [(i, j) for i, j in itertools.combinations(range(start, end), 2) if units[i] > 0 < units[j]]
        one, other = np.array(both, np.int64).reshape(-1, 2).T
        rows = table.find(place[code[one]], place[code[other]], day[one], quarter[span[one]])
        for (i, j), row in zip(both, rows.tolist(), strict=True):
            if row >= 0:
                as_is = (place[code[i]] < place[code[j]]) != table.turned[row]
                expected.append((i, j, row) if as_is else (j, i, row))
    found = table.compiled.in_force(starts, code, units, day, span, place, quarter)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected
    assert len({row for *_, row in expected}) > 20, "too few rows were met"
    with pytest.raises(IndexError):
        table.compiled.in_force(starts, code, units, day, span, place[:-1], quarter)
    with pytest.raises(IndexError):
        table.compiled.in_force(starts, code, units, day, span - 1, place, quarter)


def test_more_pairs_than_there_was_room_for(kit, mapped) -> None:
    """One day of many lines: they are counted first, and told then."""
    rows = [kit.says(*pair) for pair in itertools.combinations(CODES, 2)]
    table, many = PairArrays(mapped({"2026q1": rows})), 240
    code, day = (
        np.arange(many, dtype=np.int32) % len(CODES),
        np.full(many, dt.date(2026, 2, 1).toordinal() - EPOCH, np.int32),
    )
    place = np.array([table.place(code_number(each)) for each in CODES], np.uint32)
    quarter = np.zeros(1, np.int64)
    starts, span = np.array([0, many]), np.zeros(many, np.int16)
    one, two, _ = table.compiled.in_force(starts, code, code * 0 + 1, day, span, place, quarter)
    pairs = [(i, j) for i, j in itertools.combinations(range(many), 2) if code[i] != code[j]]
    assert len(one) == len(pairs) > many // 4 + 1024
    assert {tuple(sorted(each)) for each in zip(one.tolist(), two.tolist(), strict=True)} == set(pairs)


@pytest.mark.parametrize(
    ("section", "value"), [("classes", 40_000), ("row_what", None), ("partners", 16_383), ("class_rows", 999)]
)
def test_damaged_numbers(kit, mapped, section, value) -> None:
    """A number that leads nowhere is told before the compiled part follows it; other rows may be told wrongly."""
    held = mapped({"2026q1": [kit.says(*pair) for pair in itertools.combinations(CODES, 2)]})
    views = held.arrays()

    class Damaged:
        where = "tables.bin"

        def arrays(self):
            damaged = np.array(views[section])
            damaged = (
                damaged[:-1] if value is None else np.where(np.arange(len(damaged)) == 0, value, damaged)
            )
            return {**views, section: damaged.astype(np.asarray(views[section]).dtype)}

    with pytest.raises(BrokenEdits) as told:
        PairArrays(Damaged())
    assert told.value.where == "tables.bin"


def test_numbers_without_a_bit() -> None:
    with pytest.raises(IndexError):
        bits_of(np.array([4096], np.uint32), 4096, rising=True)
    with pytest.raises(IndexError, match="rise"):
        bits_of(np.array([7, 7], np.uint32), 4096, rising=True)
    bits, before = bits_of(np.array([0, 9, 4095], np.uint32), 4096, rising=True)
    assert np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist() == [0, 9, 4095]
    assert before.tolist() == [0] + 7 * [2]
