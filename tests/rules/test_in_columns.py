"""Rules in columns, without a table around them: what they decide, and ask about, is what the rules say of each claim."""

import datetime as dt
import itertools
import random
from collections import Counter

import pytest

pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

from cptkit import Finding, Line
from cptkit.edits import Mue, Quarter, Writer, attach
from cptkit.rules.registry import rule
from cptkit.rules.spans import Verdict, evidence_key
from cptkit.setting import Setting

DAY, LATER, BEFORE = dt.date(2026, 3, 2), dt.date(2026, 4, 1), dt.date(2025, 12, 31)
LAST = dt.date(2026, 3, 31)
TABLES = {
    "ptp practitioner 2026q1": (
        "97530 97140 1",
        "97530 97110 0",
        "97140 97110 1",
        "90837 90834 0 Mutually exclusive procedures",
        "97112 97140 1 Mutually exclusive procedures",
        "97535 97140 1 2026-02-01..2026-03-02",
        "97530 97535 1 2026-03-03..",
        "97116 97112 9",
        "11042 97597 1",
        "97124 11042 1",
    ),
    "mue practitioner 2026q1": (
        "97110 3 3",
        "97140 2 2",
        "97530 4 1",
        "97112 0 3",
        "97116 2 -",
        "97124 0 1",
        "97535 1 7",
        "W9901 0 2",
    ),
    "aoc 2026q1": (
        "W9911 W9901,W9902 1",
        "W9912 CCCCC 2",
        "W9913 W9901,CCCCC 3",
        "W9919 W9919,W9911 1",
        "W9923 W9901 1 note=W9901 Practitioner Only",
        "W9924 W9901 1 note=W9924 may be reported by FACILITIES only",
        "W9925 W9901 1 note=see elsewhere",
        "W9925 W9902 1",
        "90785 90791,90834 1",
        "90836 99213 1",
    ),
}
ONE_QUARTER_MORE = {
    heading.replace("2026q1", "2026q2"): rows[::-2] for heading, rows in TABLES.items() if heading[0] != "p"
}
CODES = {
    "PTP": [
        "97530",
        "97140",
        "97110",
        "97112",
        "97116",
        "97535",
        "90837",
        "90834",
        "11042",
        "97597",
        "97124",
    ],
    "MUE": ["97110", "97140", "97530", "97112", "97116", "97124", "97535", "W9901", "90834", "9711"],
    "ADD": ["W9901", "W9902", "W9911", "W9912", "W9913", "W9919", "W9923", "W9924", "W9925", "W9999"],
}
CODES["PTP"] += ["W9999", "00001"]  # of which no table of pairs holds a row
CODES["ADD"] += ["90785", "90791", "90834", "90836", "99213", "99457", "99458", "90833", "96131"]
MODIFIERS = ["", "", "", "59", "XS", "LT", "RT", "59-LT", "GP", "25", "F1", "LT-RT", "ZZ"]
UNITS = ["", "", "", " x0", " x2", " x3", " x5", " x-1"]
RULES = ["PTP701", "PTP702", "MUE801", "MUE802", "MUE803", "ADD301", "ADD302"]


@pytest.fixture(scope="module")
def edits(edit_tables):
    return edit_tables(TABLES | ONE_QUARTER_MORE)


def drawn(codes, count, seed):
    """Encounters of up to six lines."""
    draw = random.Random(seed)  # noqa: S311 - the same on every run
    for _ in range(count):
        chosen = [draw.choice(codes) for _ in range(draw.choice([1, 2, 2, 3, 4, 6]))]
        marks = [draw.choice(MODIFIERS) for _ in chosen]
        yield [
            code + f"-{mark}" * bool(mark) + draw.choice(UNITS)
            for code, mark in zip(chosen, marks, strict=True)
        ]


def line_of(block, line):
    facts = block.facts
    return Line(
        facts.codes[block.code[line]],
        date_of_service=facts.contexts[block.period[line]].day,
        modifiers=facts.modifiers[block.modifiers[line]],
        units=int(block.units[line]),
        rendering_provider="1",
        id=str(line),
    )


def asked_about(block, check, members):
    """What a rule says of lines as an encounter of their own."""
    found = Counter()
    lines = tuple(line_of(block, line) for line in members)
    for entry in block.facts.said((check,), int(block.period[members[0]]), lines, named=True):
        if isinstance(entry, Finding):
            found[min(map(int, entry.lines)), Verdict.of(entry), evidence_key(entry)] += 1
        else:
            found[entry.reason] += len(entry.lines)
    return found


def by_claims(block, asked):
    found = Counter()
    for start, end in itertools.pairwise(block.starts.tolist()):
        found += asked_about(block, asked.check, range(start, end))
    return found


def parts_of(told):
    """The lines of each part that a rule must be asked about."""
    return [told.members[start:end].tolist() for start, end in itertools.pairwise(told.begins.tolist())]


def by_columns(block, asked):
    """The same by the column form: what it decided, and what the rule says of the parts it must be asked about."""
    told, facts, found = asked.columns(block), block.facts, Counter()
    for decided in told.decided:
        for place, line in enumerate(decided.line.tolist()):
            codes = [facts.codes[each[place]] for each in (decided.first, decided.second) if each[place] >= 0]
            row = " ".join([decided.tables[decided.table[place]], *codes])
            found[line, decided.verdict[decided.which[place]], row] += 1
    for each in told.unchecked:
        for number, lines in zip(each.number.tolist(), each.lines.tolist(), strict=True):
            found[each.reason(facts, number)] += lines
    for part in parts_of(told):
        found += asked_about(block, asked.check, part)
    return found


@pytest.mark.parametrize("setting", [Setting.PRACTITIONER, Setting.HOSPITAL])
@pytest.mark.parametrize("rule_id", RULES)
def test_the_same_as_of_claims(in_columns, edits, rule_id, setting) -> None:
    """On days of quarters with all tables, with some and with none; codes are met from block to block."""
    asked = rule(rule_id)
    facts = in_columns.facts(DAY, LAST, LATER, BEFORE, tables=edits, setting=setting)
    codes, said = CODES[rule_id[:3]], Counter()
    for seed in range(3):
        encounters = [*drawn(codes[: 4 + 3 * seed], 60, seed), *drawn(codes, 60 * seed, 10 + seed)]
        spans = [number % 4 for number in range(len(encounters))]
        block = in_columns.block(facts, *encounters, spans=spans)
        expected = by_claims(block, asked)
        assert by_columns(block, asked) == expected
        said += expected
    assert sum(said.values()) > 20


@pytest.mark.parametrize("rule_id", RULES)
def test_the_same_without_tables(in_columns, rule_id) -> None:
    asked, facts = rule(rule_id), in_columns.facts(DAY)
    block = in_columns.block(facts, *drawn(CODES[rule_id[:3]], 50, 1))
    assert by_columns(block, asked) == by_claims(block, asked)


@pytest.mark.parametrize("rule_id", RULES)
def test_nothing_to_say(in_columns, edits, rule_id) -> None:
    """Of no line, and of lines that no table holds."""
    facts = in_columns.facts(DAY, tables=edits)
    for encounters in ([], [["W9930"]], [["W9930"], ["W9930", "W9931"]]):
        assert by_columns(in_columns.block(facts, *encounters), rule(rule_id)) == Counter()


def test_an_add_on_of_which_no_primary_is_known(in_columns, edits) -> None:
    """And then, in a later block, codes that had been met before they were named as primaries."""
    asked, facts = rule("ADD302"), in_columns.facts(DAY, tables=edits)
    for encounters in (
        [["W9912"], ["W9912", "W9901"]],
        [["W9911", "W9901"], ["W9911", "W9902"], ["W9911", "W9912"]],
        [["W9925", "W9902"], ["W9925", "W9901"], ["W9925"]],
    ):
        block = in_columns.block(facts, *encounters)
        assert by_columns(block, asked) == by_claims(block, asked)


def test_an_add_on_beside_a_sure_primary_is_not_asked_about(in_columns, edits) -> None:
    facts = in_columns.facts(DAY, tables=edits)
    block = in_columns.block(
        facts, ["W9911", "W9901"], ["W9925", "W9901"], ["W9911", "W9999"], ["W9924", "W9901"]
    )
    told = rule("ADD302").columns(block)
    assert parts_of(told) == [[2, 3], [4], [6, 7]]


SITES = ["97530-59", "97530-F1", "97140-59-LT", "97140-LT-RT"]


@pytest.mark.parametrize(
    ("services", "decided", "parts"),
    [
        (["97530", "97140"], 1, []),
        (["97530", "97140-59"], 1, []),
        (["97530-LT", "97140-RT"], 0, [[0, 1]]),
        (["97530-LT", "97140-59-RT"], 1, []),
        (["97530-LT", "97110-RT"], 0, []),
        (["97530-LT", "97140-RT", "97110"], 0, [[0, 1]]),
        (["97530-LT", "97140-RT", "97597", "11042"], 1, [[0, 1]]),
        # who is asked about two codes tells of all their lines: none of these is decided besides
        (SITES, 0, [[0, 1, 2, 3]]),
        (SITES[::-1], 0, [[0, 1, 2, 3]]),
        (["97530-LT", "97140-RT", "97140"], 0, [[0, 1, 2]]),
        (["97530-LT", "90834", "97140-RT", "97140-59", "97530"], 0, [[0, 2, 3, 4]]),
    ],
)
def test_pairs_of_which_both_lines_name_sites_are_asked_about(
    in_columns, edits, services, decided, parts
) -> None:
    """In each encounter for itself; and each column 2 line is told of once."""
    asked, facts = rule("PTP701"), in_columns.facts(DAY, tables=edits)
    block = in_columns.block(facts, services, ["97530", "97140"], services)
    told = asked.columns(block)
    assert [len(each.line) for each in told.decided] == [2 * decided + 1]
    twice = [*parts, *([line + len(services) + 2 for line in part] for part in parts)]
    assert parts_of(told) == twice
    assert by_columns(block, asked) == by_claims(block, asked)


def test_without_modifiers_a_bypass_is_not_checked(in_columns, edits) -> None:
    """What none may bypass is decided all the same."""
    facts = in_columns.facts(DAY, tables=edits, has_modifiers=False)
    block = in_columns.block(facts, ["97530", "97140"], ["97530", "97110"], ["97530", "97530", "97140"])
    found = by_columns(block, rule("PTP701"))
    assert found.pop("the input has no modifiers, and one may bypass the edit") == 2
    assert [(line, row) for line, _, row in found] == [(2, "ptp practitioner 2026q1 97530 97110")]


def test_limits_of_which_a_row_was_rejected(in_columns, kit_of_limits) -> None:
    """Of its code it is asked, where a limit could stand; of other codes it is known that they have none."""
    asked, facts = rule("MUE801"), in_columns.facts(DAY, tables=kit_of_limits)
    block = in_columns.block(facts, ["W9901 x9"], ["W9902 x9"], ["W9903 x9"], ["9904 x9"], ["W9902", "W9902"])
    told = asked.columns(block)
    assert told.members.tolist() == [1, 4, 5]
    assert by_columns(block, asked) == by_claims(block, asked)


@pytest.fixture
def kit_of_limits(tmp_path):
    """Unit limits of which two rows were rejected when they were imported."""
    when, where = Quarter(2026, 1), Setting.PRACTITIONER
    with Writer(tmp_path) as writer:
        row = Mue("W9901", 3, 1, "own words", where, when, "own.csv")
        writer.put_mue([row], where, when, [], rejected=["W9902", "9904"])
        writer.commit()
    with attach(tmp_path) as edits:
        yield edits


def test_units_beyond_all_bounds(in_columns, edits) -> None:
    """Of a code without a limit no sum is too large."""
    asked, facts = rule("MUE802"), in_columns.facts(DAY, tables=edits)
    block = in_columns.block(facts, ["90834 x999999999"] * 3, ["97140 x999999999"] * 3)
    assert by_columns(block, asked) == by_claims(block, asked)
    assert len(by_claims(block, asked)) == 1
