"""Rules asked about parts of encounters: alike in what a rule reads, asked once; told for each."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import Basis, Finding, NotChecked, Outcome, Severity, codeset  # noqa: E402 - behind the skip
from cptkit.edits import Setting  # noqa: E402 - behind the skip
from cptkit.frames.asking import Asker, clock  # noqa: E402 - behind the skip
from cptkit.rules.columns import (  # noqa: E402  behind what skips
    EVERYTHING,
    NO_CHARGE,
    NONE,
    Asked,
    Encounters,
    Reads,
    Unchecked,
    each,
    ranges,
)
from cptkit.rules.context import context_for  # noqa: E402 - behind the skip
from cptkit.rules.spans import Facts  # noqa: E402 - behind the skip

DAYS = (dt.date(2026, 3, 2), dt.date(2026, 7, 1))
CODES = ["90834", "90837", "90847"]
MODIFIERS = [(), ("59",), ("25", "95")]
PLACES = [None, "11", "02"]
CODE = frozenset({Reads.CODE})
FIELDS = ("code", "modifiers", "place", "units", "minutes", "start", "stop", "charge")
PLAIN = dict(zip(FIELDS, (0, 0, 0, 1, NONE, NONE, NONE, NO_CHARGE), strict=True))


@pytest.fixture
def facts():
    edition = codeset("2026.1")
    contexts = [context_for(edition, day, Basis.CPT, (), None) for day in DAYS]
    return Facts(
        contexts,
        np.arange(2, dtype=np.int16),
        np.arange(2, dtype=np.int16),
        None,
        Setting.PRACTITIONER,
        CODES,
        MODIFIERS,
        PLACES,
    )


def block_of(facts, *encounters, spans=None, named=True, charges=True):
    """Lines of encounters, each line the fields in which it differs from a plain one."""
    lines = [PLAIN | line for lines in encounters for line in lines]
    lengths = [len(lines) for lines in encounters]
    column = {name: np.array([line[name] for line in lines], np.int32) for name in FIELDS[:7]}
    charge = np.array([line["charge"] for line in lines], np.int64) if charges else None
    period = np.repeat(np.array(spans or [0] * len(lengths), np.int16), lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    encounter = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    who = np.repeat(np.array(named if isinstance(named, list) else [named] * len(lengths), bool), lengths)
    return Encounters(
        facts, np.zeros(len(lines), np.int32), *column.values(), charge, period, encounter, starts, who
    )


class Rule:
    """A rule that keeps what it was asked, and says what it is told to say of each line."""

    def __init__(self, says=lambda _line: "silent"):
        self.asked = []
        self.says = says

    def __call__(self, encounter, context):
        self.asked.append((encounter, context))
        for line in encounter.lines:
            told = self.says(line)
            if told == "fail":
                yield finding(encounter, (line.id,), line.code)
            elif told == "all":
                yield finding(encounter, tuple(reversed([line.id for line in encounter.lines])), "all")
                return
            elif told != "silent":
                ids = tuple(line.id for line in encounter.lines)
                yield NotChecked("ABC101", "abc", "", ids, encounter.date_of_service, told)
                return


def finding(encounter, lines, fact):
    from cptkit.sources import Citation, Confidence

    citation = Citation(fact, (), Confidence.VERIFIED, DAYS[0])
    return Finding(
        rule="ABC101",
        name="abc",
        outcome=Outcome.FAIL,
        severity=Severity.ERROR,
        claim="",
        lines=lines,
        codes=("90834",),
        date_of_service=encounter.date_of_service,
        message="words",
        edition="2026.1",
        evidence=(citation,),
    )


def ask(asker, rule, block, asked, spans=None):
    return asker.ask((rule,), asked, block, block.period if spans is None else np.array(spans, np.int16))


def whole(block, reads=EVERYTHING):
    return Asked(np.arange(len(block)), block.starts, reads)


def shown(asked):
    """What a rule was asked: code, modifiers, place, units, minutes, times and charge of each line."""
    fields = ("code", "modifiers", "place_of_service", "units", "minutes", "start", "stop", "charge")
    return [
        [tuple(getattr(line, name) for name in fields) for line in encounter.lines] for encounter, _ in asked
    ]


FULL = {
    "code": 1,
    "modifiers": 2,
    "place": 2,
    "units": 3,
    "minutes": 45,
    "start": 3661,
    "stop": 7200,
    "charge": 15_001,
}
NEUTRAL = ("90834", (), None, 1, None, None, None, None)


@pytest.mark.parametrize(
    ("reads", "changes"),
    [
        (CODE, {0: "90837"}),
        ({Reads.MODIFIERS}, {1: ("25", "95")}),
        ({Reads.PLACE}, {2: "02"}),
        ({Reads.UNITS}, {3: 3}),
        ({Reads.UNITS, Reads.BILLED}, {3: 3}),
        ({Reads.BILLED}, {}),
        ({Reads.TIME}, {4: 45, 5: dt.time(1, 1, 1), 6: dt.time(2)}),
        ({Reads.CHARGE}, {7: Decimal("1.5001")}),
    ],
    ids=lambda given: "-".join(map(str, sorted(given))),
)
def test_what_is_not_read_is_neutral(facts, reads, changes) -> None:
    rule = Rule()
    block = block_of(facts, [FULL, FULL])
    ask(Asker(facts), rule, block, whole(block, frozenset(reads)))
    (lines,) = shown(rule.asked)
    assert lines == [tuple(changes.get(place, value) for place, value in enumerate(NEUTRAL))] * 2


def test_everything_is_read(facts) -> None:
    rule = Rule()
    block = block_of(facts, [FULL, {}])
    ask(Asker(facts), rule, block, whole(block))
    expected = ("90837", ("25", "95"), "02", 3, 45, dt.time(1, 1, 1), dt.time(2), Decimal("1.5001"))
    assert shown(rule.asked) == [[expected, NEUTRAL]]
    ((encounter, context),) = rule.asked
    assert [line.id for line in encounter.lines] == ["1", "2"]
    assert (
        {line.date_of_service for line in encounter.lines}
        == {encounter.date_of_service}
        == {context.day}
        == {DAYS[0]}
    )
    assert encounter.of_claim == encounter.lines
    assert encounter.setting is Setting.PRACTITIONER


@pytest.mark.parametrize(("units", "billed"), [(5, 1), (1, 1), (0, 0), (-3, 0)])
def test_whether_a_line_is_billed(facts, units, billed) -> None:
    rule = Rule()
    block = block_of(facts, [{"units": units}, {}])
    ask(Asker(facts), rule, block, whole(block, frozenset({Reads.BILLED})))
    assert shown(rule.asked)[0][0][3] == billed


def test_without_charges(facts) -> None:
    rule = Rule()
    block = block_of(facts, [FULL], charges=False)
    ask(Asker(facts), rule, block, whole(block))
    assert shown(rule.asked)[0][0][7] is None


@pytest.mark.parametrize("reads", [CODE, EVERYTHING], ids=["by code", "by part"])
def test_alike_parts_are_asked_once(facts, reads) -> None:
    """In a block and over blocks; on another span again."""
    rule, asker = Rule(lambda _line: "fail"), Asker(facts)
    block = block_of(facts, [{}], [{"code": 1}], [{}], [{}], spans=[0, 0, 0, 1])
    answers = ask(asker, rule, block, whole(block, reads))
    assert sorted(answers.line.tolist()) == [0, 1, 2, 3]
    asked = [(encounter.lines[0].code, context.day) for encounter, context in rule.asked]
    assert sorted(asked) == [("90834", DAYS[0]), ("90834", DAYS[1]), ("90837", DAYS[0])]
    again = ask(asker, rule, block, whole(block, reads))
    assert len(rule.asked) == 3
    assert again.line.tolist() == answers.line.tolist()
    assert again.evidence.tolist() == answers.evidence.tolist()
    assert [asker.evidence[number] for number in answers.evidence.tolist()] == [
        CODES[block.code[line]] for line in answers.line.tolist()
    ]
    other = Rule(lambda _line: "silent")
    assert len(ask(asker, other, block, whole(block, reads)).line) == 0
    assert len(other.asked) == 3


def test_codes_that_come_later(facts) -> None:
    """The texts of a run grow from block to block."""
    rule, asker = Rule(lambda _line: "fail"), Asker(facts)
    block = block_of(facts, [{}])
    ask(asker, rule, block, whole(block, CODE))
    facts.codes.extend(f"W{number:04}" for number in range(3000))
    try:
        block = block_of(facts, [{}], [{"code": 3002}])
        answers = ask(asker, rule, block, whole(block, CODE))
    finally:
        del facts.codes[3:]
    assert [asker.evidence[number] for number in answers.evidence.tolist()] == ["90834", "W2999"]
    assert len(rule.asked) == 2


def test_spans_on_which_a_rule_says_the_same(facts) -> None:
    """Asked about the day of another span, lines of both are alike."""
    rule = Rule()
    block = block_of(facts, [{}], [{}], spans=[0, 1])
    ask(Asker(facts), rule, block, whole(block), spans=[0, 0])
    assert [context.day for _, context in rule.asked] == [DAYS[0]]


def test_by_a_clinician_or_not(facts) -> None:
    rule = Rule()
    block = block_of(facts, [{}, {}], [{}, {}], [{}, {}], named=[True, False, True])
    ask(Asker(facts), rule, block, whole(block))
    assert sorted(encounter.rendering_provider is not None for encounter, _ in rule.asked) == [False, True]


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("place", [0, 1])
def test_parts_that_differ_are_asked_apart(facts, name, place) -> None:
    """In any field of any line, whatever else is alike."""
    values = {"charge": [NO_CHARGE, 0, 2**40, 2**40 + 2**32], "minutes": [NONE, -1, 0, 45]}
    values |= {each: [NONE, 0, 86_399] for each in ("start", "stop")} | {"units": [-1, 0, 1, 2]}
    rule = Rule()
    encounters = [
        [{name: value} if at == place else {} for at in range(2)] for value in values.get(name, [0, 1, 2])
    ]
    block = block_of(facts, *encounters, *encounters)
    ask(Asker(facts), rule, block, whole(block))
    assert len(rule.asked) == len(encounters)


def test_large_charges_that_end_alike(facts) -> None:
    """Told apart by all their digits."""
    rule = Rule()
    block = block_of(facts, *[[{"charge": value}] for value in (0, 2**32, 2**33, 5, 2**32 + 5)])
    ask(Asker(facts), rule, block, whole(block))
    assert len(rule.asked) == 5


def test_parts_of_differing_lengths(facts) -> None:
    """The beginning of a longer part is another part, as is the same in another order."""
    rule = Rule(lambda _line: "fail")
    a, b = {"code": 0}, {"code": 1}
    encounters = [[a], [a, a], [a, a, a], [a, b], [b, a], [b], [a, a, b], [a, b, a]]
    block = block_of(facts, *encounters, *reversed(encounters))
    answers = ask(Asker(facts), rule, block, whole(block))
    told = sorted(tuple(line.code for line in encounter.lines) for encounter, _ in rule.asked)
    assert told == sorted(tuple(CODES[line["code"]] for line in lines) for lines in encounters)
    assert sorted(answers.line.tolist()) == list(range(len(block)))


def test_where_a_finding_stands(facts) -> None:
    """On the first line of those that it names; parts need be neither whole nor in order."""
    rule, asker = Rule(lambda _line: "all"), Asker(facts)
    block = block_of(facts, [{}, {}, {"code": 1}], [{}, {"code": 2}])
    asked = Asked(np.array([1, 2, 4, 3]), np.array([0, 2, 3, 4]))
    answers = ask(asker, rule, block, asked)
    assert answers.line.tolist() == [1, 4, 3]
    assert set(answers.verdict.tolist()) == {0}
    (verdict,) = asker.verdicts
    assert tuple(verdict) == ("ABC101", Outcome.FAIL, Severity.ERROR, "", "")


def test_silent_parts_between_loud_ones(facts) -> None:
    """Each answer belongs to its own part, how many findings the others have."""
    rule, asker = Rule(lambda line: "fail" if line.code != "90837" else "silent"), Asker(facts)
    a, b, c = {"code": 0}, {"code": 1}, {"code": 2}
    block = block_of(facts, [b], [a, c], [b, b], [c, b, a], [b], [a])
    answers = ask(asker, rule, block, whole(block))
    told = dict(
        zip(answers.line.tolist(), [asker.evidence[each] for each in answers.evidence.tolist()], strict=True)
    )
    assert told == {1: "90834", 2: "90847", 5: "90847", 7: "90834", 9: "90834"}


def test_what_is_not_checked_is_counted(facts) -> None:
    """As many lines as each entry names, as often as it is said; by rule and reason."""
    rule, asker = Rule(lambda line: f"why {line.code}"), Asker(facts)
    block = block_of(facts, [{}, {}], [{}, {}], [{"code": 1}], [{}, {}])
    answers = ask(asker, rule, block, whole(block))
    assert (len(answers.line), len(answers.verdict), len(answers.evidence)) == (0, 0, 0)
    ask(asker, rule, block, whole(block))
    told = {asker.reasons[number]: lines for number, lines in asker.unchecked.items()}
    assert told == {("ABC101", "why 90834"): 12, ("ABC101", "why 90837"): 2}


def test_nothing_to_ask(facts) -> None:
    rule = Rule()
    block = block_of(facts, [{}])
    answers = ask(Asker(facts), rule, block, Asked(np.zeros(0, np.int64), np.zeros(1, np.int64)))
    assert (len(answers.line), rule.asked) == (0, [])
    assert [column.dtype for column in (answers.line, answers.verdict, answers.evidence)] == [
        np.int64,
        np.int32,
        np.int32,
    ]


def test_clock() -> None:
    times = [None, dt.time(0), dt.time(0, 0, 59), dt.time(1, 1, 1), dt.time(23, 59, 59)]
    assert [clock(each) for each in (NONE, 0, 59, 3661, 86_399)] == times


# ---- what rules in columns are given ---------------------------------------------------------------


@pytest.mark.parametrize("long", [0, 60])  # of a long encounter the pairs are not kept
def test_neighbours(facts, long) -> None:
    """Every two lines of an encounter, once, with their codes; as often as one asks."""
    block = block_of(
        facts, [{}] * 3, [{"code": 1}], [{}, {"code": 1}] * 2, [{}] * 2, *([{}] * long,) * (long > 0)
    )
    for _ in range(2):
        near = [np.concatenate(each).tolist() for each in zip(*block.neighbours, strict=True)]
        pairs = list(zip(*near[:2], strict=True))
        assert near[2:] == [block.code[lines].tolist() for lines in near[:2]]
    assert isinstance(block.neighbours, list) is (not long)
    bounds = block.starts.tolist()
    expected = [
        (one, other)
        for start, end in itertools.pairwise(bounds)
        for one, other in itertools.combinations(range(start, end), 2)
    ]
    assert sorted(pairs) == expected
    assert list(block_of(facts, [{}], [{}]).neighbours) == []


def test_counted_by_group_and_number() -> None:
    """What cannot be checked is counted at once; the group stands above the 32 lowest bits."""
    group, number = np.array([0, 1, 1, 0, 1], np.int16), np.array([3, 2, 2, 3, 0], np.int32)
    counted = Unchecked.of(str, group, number)
    assert dict(zip(counted.number.tolist(), counted.lines.tolist(), strict=True)) == {
        3: 2,
        1 << 32: 1,
        1 << 32 | 2: 2,
    }
    nothing = Unchecked.of(str, group[:0], number[:0])
    assert (len(nothing.number), len(nothing.lines)) == (0, 0)


def test_repeated_codes(facts) -> None:
    a, b = {"code": 0}, {"code": 1}
    block = block_of(facts, [a, b, a], [a], [b, b], [a, b])
    assert block.repeated.tolist() == [True, False, True, False, True, True, False, False]
    assert block.repeated is block.repeated


def test_holding_and_whole(facts) -> None:
    block = block_of(facts, [{}] * 2, [{}], [{}] * 3)
    lines = np.zeros(6, bool)
    lines[[1, 0, 5]] = True
    assert block.holding(lines).tolist() == [0, 2]
    members, begins = block.whole(np.array([2, 0]))
    assert (members.tolist(), begins.tolist()) == ([3, 4, 5, 0, 1], [0, 3, 5])


@pytest.mark.parametrize(
    "stretches",
    [[], [(3, 3)], [(0, 2), (5, 5), (4, 7)], [(9, 10), (1, 4)], [(2, 3), (7, 8)], [(1, 1), (1, 1)]],
)
def test_ranges(stretches) -> None:
    starts, ends = (np.array([pair[place] for pair in stretches], np.int64) for place in (0, 1))
    numbers, begins = ranges(starts, ends)
    assert numbers.tolist() == [number for start, end in stretches for number in range(start, end)]
    lengths = [end - start for start, end in stretches]
    assert begins.tolist() == [sum(lengths[:place]) for place in range(len(lengths) + 1)]


def test_each() -> None:
    assert [part.tolist() for part in each(3)] == [[0, 1, 2], [0, 1, 2, 3]]
    assert [part.tolist() for part in each(np.array([7, 4]))] == [[7, 4], [0, 1, 2]]
    assert [part.tolist() for part in each(0)] == [[], [0]]
