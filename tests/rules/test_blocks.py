"""What rules in columns are given, and what a run remembers of it: lines, neighbours, answers by span and code."""

import datetime as dt
import itertools

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

from cptkit import Outcome, Severity  # noqa: E402 - behind the skip
from cptkit.rules.columns import Unchecked, each, ranges  # noqa: E402 - behind the skip
from cptkit.rules.spans import Verdict  # noqa: E402 - behind the skip

DAYS = (dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 3, 2))


@pytest.fixture
def facts(in_columns):
    return in_columns.facts(*DAYS)


# ---- lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("long", [0, 17, 18, 60])  # of a long encounter the pairs are not kept
def test_neighbours(in_columns, facts, long) -> None:
    """Every two lines of an encounter, once, the nearest first, with their codes; as often as one asks."""
    lengths = [1, 3, 1, 4, 2, long, 1]
    encounters = [["90834", "90837", "90834", "99213"] * 15 for _ in lengths]
    block = in_columns.block(
        facts, *(codes[:length] for codes, length in zip(encounters, lengths, strict=True))
    )
    bounds = [0, *itertools.accumulate(lengths)]
    expected = sorted(
        (other - one, one, other)
        for start, end in itertools.pairwise(bounds)
        for one, other in itertools.combinations(range(start, end), 2)
    )
    for _ in range(2):
        found = [
            (int(other - one), int(one), int(other))
            for near in block.neighbours
            for one, other in zip(near.one, near.other, strict=True)
        ]
        assert found == expected
        for near in block.neighbours:
            assert near.code.tolist() == block.code[near.one].tolist()
            assert near.other_code.tolist() == block.code[near.other].tolist()
    assert isinstance(block.neighbours, list) is (len(expected) <= 8 * len(block))
    assert block.neighbours is block.neighbours


@pytest.mark.parametrize("encounters", [[], [["90834"]], [["90834"], ["90834"]]])
def test_lines_without_neighbours(in_columns, facts, encounters) -> None:
    block = in_columns.block(facts, *encounters)
    assert list(block.neighbours) == []
    assert block.repeated.tolist() == [False] * len(encounters)


def test_repeated_codes(in_columns, facts) -> None:
    block = in_columns.block(facts, ["90834", "90837", "90834"], ["90834"], ["99213"] * 3, ["90834", "99213"])
    assert block.repeated.tolist() == [True, False, True, False, True, True, True, False, False]
    assert block.repeated is block.repeated


def test_repeated_codes_of_a_long_encounter(in_columns, facts) -> None:
    """Where neighbours are not kept the codes are sorted, and say the same."""
    block = in_columns.block(facts, ["90834"], ["90834", "90837", *["99213"] * 60, "90837"], ["99213"])
    assert not isinstance(block.neighbours, list)
    assert block.repeated.tolist() == [False, False, *[True] * 62, False]


def test_lines_of_encounters(in_columns, facts) -> None:
    block = in_columns.block(facts, ["90834"] * 2, ["90834"], ["90834"] * 3)
    lines = np.isin(np.arange(6), [1, 0, 5])
    assert block.holding(lines).tolist() == [0, 2]
    assert [part.tolist() for part in block.whole(np.array([2, 0]))] == [[3, 4, 5, 0, 1], [0, 3, 5]]
    assert [part.tolist() for part in each(3)] == [[0, 1, 2], [0, 1, 2, 3]]
    assert [part.tolist() for part in each(np.array([7, 4]))] == [[7, 4], [0, 1, 2]]


@pytest.mark.parametrize(
    "stretches",
    [
        [],
        [(3, 3)],
        [(0, 2), (5, 5), (4, 7)],
        [(9, 10), (1, 4)],
        [(2, 3), (7, 8)],
        [(1, 1), (1, 1)],
        [(1, 1), (1, 3)],
    ],
)
def test_ranges(stretches) -> None:
    starts, ends = (np.array([pair[place] for pair in stretches], np.int64) for place in (0, 1))
    numbers, begins = ranges(starts, ends)
    assert numbers.tolist() == [number for start, end in stretches for number in range(start, end)]
    assert begins.tolist() == [0, *itertools.accumulate(end - start for start, end in stretches)]


def test_spans_that_say_the_same(in_columns) -> None:
    """Of each line the first span since which nothing changed: but pair edits, and but any table."""
    facts = in_columns.facts(*DAYS)
    facts.first_alike, facts.first_of_facts = np.array([0, 1, 1], np.int16), np.array([0, 0, 2], np.int16)
    block = in_columns.block(facts, ["90834"], ["90834"], ["90834"] * 2, spans=[0, 1, 2])
    assert (block.alike.tolist(), block.of_facts.tolist()) == ([0, 1, 1, 1], [0, 0, 2, 2])


def test_what_cannot_be_checked_is_counted() -> None:
    """By group and number: the group stands above the 32 lowest bits."""
    group, number = np.array([0, 1, 1, 0, 1], np.int16), np.array([3, 2, 2, 3, 0], np.int32)
    counted = Unchecked.of(str, group, number)
    found = dict(zip(counted.number.tolist(), counted.lines.tolist(), strict=True))
    assert (counted.reason, found) == (str, {3: 2, 1 << 32: 1, 1 << 32 | 2: 2})
    nothing = Unchecked.of(str, group[:0], number[:0])
    assert (nothing.number.tolist(), nothing.lines.tolist()) == ([], [])


# ---- answers that are remembered -------------------------------------------------------------------


class Lengths:
    """Answers a hundred for each group and one for each letter of a text; keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, _facts, group, texts):
        self.asked.append((group, list(texts)))
        return [100 * group + len(text) for text in texts]


def ask(facts, work, groups, numbers, *through):
    group, number = np.array(groups, np.int16), np.array(numbers, np.int32)
    return facts.of_code(work, group, number, *through).tolist()


def test_each_text_is_asked_about_once_a_group(facts) -> None:
    facts.codes[:], work = ["a", "bb", "ccc"], Lengths()
    assert ask(facts, work, [1, 1, 1], [2, 0, 2]) == [103, 101, 103]
    assert ask(facts, work, [1, 1], [0, 1]) == [101, 102]
    assert work.asked == [(1, ["a", "ccc"]), (1, ["bb"])]
    assert ask(facts, work, [2, 0, 1, 2], [0, 1, 2, 2]) == [201, 2, 103, 203]
    assert work.asked[2:] == [(0, ["bb"]), (2, ["a", "ccc"])]
    assert ask(facts, work, [0, 2, 1], [1, 0, 1]) == [2, 201, 102]
    assert len(work.asked) == 4
    assert ask(facts, work, [], []) == []
    assert ask(facts, Lengths(), [1], [1]) == [102]  # of another work nothing is known


@pytest.mark.parametrize("groups", [[0, 0], [0, 1]], ids=["one group", "several"])
@pytest.mark.parametrize("count", [1024, 1025, 5000])
def test_texts_that_come_later(facts, groups, count) -> None:
    """What was said stays, however many texts and groups come."""
    facts.codes[:], work = ["a", "bb"], Lengths()
    assert ask(facts, work, groups, [1, 0]) == [2, 100 * groups[1] + 1]
    facts.codes.extend("c" * 3 for _ in range(count - 2))
    assert ask(facts, work, groups, [count - 1, 1]) == [3, 100 * groups[1] + 2]
    assert ask(facts, work, [2, *groups], [count - 1, 1, count - 1]) == [203, 2, 100 * groups[1] + 3]
    assert ask(facts, work, groups, [1, 0]) == [2, 100 * groups[1] + 1]
    assert sum(len(texts) for _, texts in work.asked) == len(
        {(0, 1), (groups[1], 0), (0, count - 1), (groups[1], 1), (2, count - 1), (groups[1], count - 1)}
    )


def test_groups_of_another_kind(facts) -> None:
    """There may be more of them than spans."""
    facts.codes[:], work = ["a", "bb"], Lengths()
    through = np.array([9, 7, 9], np.int32), 10
    assert ask(facts, work, [0, 1, 2], [0, 1, 1], through) == [901, 702, 902]
    assert ask(facts, work, [2], [0], through) == [901]
    assert work.asked == [(7, ["bb"]), (9, ["a", "bb"])]


def test_all_codes(facts) -> None:
    """A number for each that was met so far, asked about once."""
    work = Lengths()
    assert facts.of_all_codes(work).tolist() == []
    facts.codes.extend(["a", "bb"])
    assert facts.of_all_codes(work).tolist() == [1, 2]
    facts.codes.append("ccc")
    assert facts.of_all_codes(work).tolist() == [1, 2, 3]
    assert work.asked == [(0, ["a", "bb"]), (0, ["ccc"])]


def test_the_verdict_of_the_first_that_asks_stays(facts) -> None:
    one, other = (Verdict("ABC101", Outcome.FAIL, severity, "", "") for severity in list(Severity)[:2])
    assert facts.first("key", lambda: one) is one
    assert facts.first("key", lambda: other) is one
    assert facts.first("another", lambda: other) is other
