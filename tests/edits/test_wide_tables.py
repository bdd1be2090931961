"""Tables past the narrow widths of the format: made by hand, so that they are small but for what is tested."""

import datetime as dt
from array import array

import pytest

from cptkit.edits import Quarter
from cptkit.edits.building import PairBuilder
from cptkit.edits.doubts import contradictions
from cptkit.edits.layout import sections_of
from cptkit.edits.merging import carried, merged, only
from cptkit.edits.pairs import ALWAYS, NEVER_ENDS, PairTable, Terms, code_text
from cptkit.edits.ptp import MappedPairs, QuarterOfPairs

WIDE = 1 << 16
OPEN = Terms(0, ALWAYS, NEVER_ENDS, 1, 0, "own words")
A, B, C, D = "W9901", "W9902", "X9903", "Y9904"
DAY = dt.date(2024, 8, 1)


def table_of(codes=3, pairs=((0, 1, 0),), kinds=((0,),), sets=((8098,),)):
    """Pairs of a lower code, a higher code and a class; every row of a class has the first terms."""
    lows = [low for low, _, _ in pairs]
    return PairTable(
        "dme",
        [code_text(number) for number in range(codes)],
        [sum(low < number for low in lows) for number in range(codes + 1)],
        array("I", [high for _, high, _ in pairs]),
        array("I", [kind for _, _, kind in pairs]),
        kinds,
        [OPEN],
        sets,
    )


@pytest.fixture
def mapped(tmp_path):
    """Write a table and map it."""
    opened = []

    def made(table):
        path = tmp_path / f"{len(opened)}.bin"
        path.write_bytes(table.to_bytes())
        opened.append(MappedPairs(path))
        return opened[-1]

    yield made
    for pairs in opened:
        pairs.close()


def widths(table):
    sections = sections_of(memoryview(table.to_bytes()), "here")[1]
    return {name: (section.width, section.count) for name, section in sections.items()}


@pytest.mark.parametrize(("kinds", "high"), [(WIDE, 0), (WIDE + 1, 3)])
def test_classes_past_sixteen_bits_have_a_byte_more(mapped, kinds, high):
    last = kinds - 1
    pairs = [(0, 1, last), (0, 2, 0), (1, 2, 256)]
    table = table_of(pairs=pairs, kinds=kinds * [(0,)])
    assert (widths(table)["classes"], widths(table)["classes_high"]) == ((2, 3), (1, high))
    assert list(PairTable.from_bytes(table.to_bytes()).classes) == [last, 0, 256]
    file = mapped(table)
    assert [file.class_at(place) for place in range(3)] == [last, 0, 256]
    assert list(file.pairs_of([0, last])) == pairs[:2]
    assert list(file.pairs_of([256])) == pairs[2:]
    assert list(file.partners_of(2)) == [(0, 2, 0), (1, 2, 256)]
    assert file.class_count == kinds


@pytest.mark.parametrize(("codes", "width"), [(WIDE, 2), (WIDE + 1, 4)])
def test_partners_past_sixteen_bits_are_wider(codes, width):
    table = table_of(codes=codes, pairs=[(0, 1, 0), (1, codes - 1, 0)])
    assert widths(table)["partners"] == (width, 2)
    again = PairTable.from_bytes(table.to_bytes())
    assert (list(again.partners), len(again.codes)) == ([1, codes - 1], codes)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 64, 65])
def test_more_quarters_than_a_word_has_bits(mapped, count):
    quarters = tuple(range(8000, 8000 + count))
    sets = [quarters[:1], quarters, quarters[-1:]][: 3 if count > 1 else 1]
    table = table_of(pairs=[(0, 1, 0)], kinds=[tuple(range(len(sets)))], sets=sets)
    assert PairTable.from_bytes(table.to_bytes()).sets == sorted(sets)
    assert widths(table)["row_seen"] == (4, len(sets) * (1 if count <= 32 else 2 if count <= 64 else 3))
    file = mapped(table)
    bits = [sum(1 << quarters.index(quarter) for quarter in seen) for seen in sets]
    assert [row.seen for row in file.rows_of(0)] == bits
    last = QuarterOfPairs(file, Quarter.from_index(quarters[-1]), lambda *_: "f1")
    assert len(list(last.rows("00000"))) == sum(quarters[-1] in seen for seen in sets)


@pytest.mark.parametrize("tables", range(1, 7))
def test_columns_of_a_table_are_unsigned_32_bit_numbers(kit, tables):
    one = kit.alone([kit.says(A, B), kit.says(A, C, 0), kit.says(B, C)], "2024q2")
    other = kit.alone([kit.says(A, C), kit.says(C, D), kit.says(B, C)])
    made = [
        PairTable.empty("dme"),
        one,
        merged(one, other),
        only(merged(one, other), other.quarters),
        carried(one, one.quarters[0], other.quarters[0], {A}),
        PairTable.from_bytes(other.to_bytes()),
    ][tables - 1]
    assert (made.partners.typecode, made.classes.typecode) == ("I", "I")


def test_every_pair_is_found_wherever_its_partners_stand(kit, mapped):
    """The higher codes of one code are searched up to where those of the next one begin."""
    codes = [code_text(number) for number in range(9)]
    pairs = [(0, 1), (0, 8), (1, 2), (1, 3), (1, 4), (2, 3), (2, 8), (3, 5), (5, 6), (5, 7), (5, 8), (7, 8)]
    rows = [kit.says(codes[low], codes[high]) for low, high in pairs]
    quarter = QuarterOfPairs(mapped(kit.alone(rows)), Quarter(2024, 3), lambda *_: "f1")
    found = [
        (low, high)
        for low in range(9)
        for high in range(low, 9)
        if quarter.find(codes[low], codes[high], DAY).edit is not None
    ]
    assert found == pairs
    among = quarter.among([*codes, "99999"], DAY)
    assert [(edit.column1, edit.column2) for edit in among] == [row[:2] for row in rows]


# ---- rows that come twice, and rows that contradict each other -----------------------------------


def test_rows_that_come_twice_are_counted_wherever_they_stand(kit):
    rows = [kit.says(A, B), kit.says(A, C, 0), kit.says(A, C), kit.says(B, C), kit.says(B, D, 0)]
    twice = [*rows, rows[4], rows[1], rows[3], rows[3]]
    for union in (None, kit.alone([kit.says(A, B)], "2024q2")):
        built = kit.fill(PairBuilder("practitioner", Quarter(2024, 3), union=union), twice).finish()
        assert built.repeated == 4
        assert built.alone.to_bytes() == kit.alone(rows).to_bytes()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(A, B), (B, C)], (0, "")),
        ([(A, B), (B, C, 0), (B, C, 1), (C, D)], (1, f"{B}/{C}")),
        ([(A, B), (A, D, 1), (D, A, 1), (C, D, 0), (C, D, 1)], (2, f"{A}/{D}")),
        ([(A, B), (C, D, 1, DAY, dt.date(2024, 7, 31))], (1, f"{C}/{D}")),
        ([(A, B, 1, DAY, DAY)], (0, "")),
        ([(A, B, 0, None, DAY), (A, B, 1, None, DAY)], (1, f"{A}/{B}")),
        ([(A, B, 0, None, DAY), (A, B, 1, DAY)], (1, f"{A}/{B}")),
        ([(A, B, 0, DAY, DAY), (A, B, 1, DAY)], (1, f"{A}/{B}")),
        ([(A, B, 1, DAY), (B, A, 1, None, DAY)], (1, f"{A}/{B}")),
        ([(B, A, 1, DAY), (A, B, 1, None, DAY)], (1, f"{A}/{B}")),
        ([(A, B, 9, DAY, DAY), (A, B, 1), (B, A, 9)], (0, "")),
    ],
)
def test_how_many_pairs_contradict_themselves_and_the_first_of_them(kit, rows, expected):
    assert contradictions(kit.alone([kit.says(*row) for row in rows])) == expected
