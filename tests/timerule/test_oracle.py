"""The published tables, walked minute by minute, against what ``select`` answers.

``published.csv`` says in our own words what each table says: from so many minutes to so many, these
services; or from so many on one ``more``, and another with each further ``each`` minutes. Nothing here
knows how the package computes. In ``services`` the star is the code that was asked, ``?`` says that the
published sources settle nothing there (an answer must come all the same, whichever it is), and two
``reading``s of one table are both right. ``beyond`` is ``open`` where nothing was read about the days
before the first and after the last one.

``time_cases.csv`` was written down a second time, with every step of a ladder spelt out; its cases have to
agree with the tables and with the package.
"""

import csv
import datetime as dt
import functools
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import cptkit
from cptkit.errors import CptkitError, NoTimeRule
from cptkit.sources import Basis
from cptkit.timerule import select

pytestmark = pytest.mark.exhaustive

HERE = Path(__file__).parent
LAST_DAY = dt.date(2026, 12, 31)
DAYS_OF_A_WINDOW = 30
MINUTES_OF_A_DAY = 1440
NOTHING = frozenset({frozenset()})
ANAESTHESIA = ("00100", "00567", "01967", "01999")


class Block:
    """One published table: its lines, the codes that may be asked, and the days it stands."""

    def __init__(self, lines):
        first = lines[0]
        self.lines = lines
        self.about = first["about"]
        self.codes = first["ask"].split()
        self.basis = first["basis"]
        self.counts = first["counts"]
        self.beyond_is_open = first["beyond"] == "open"
        self.first_day = dt.date.fromisoformat(first["first_day"])
        self.last_day = dt.date.fromisoformat(first["last_day"]) if first["last_day"] else LAST_DAY
        self.most = DAYS_OF_A_WINDOW if self.counts == "days" else MINUTES_OF_A_DAY

    def __repr__(self):
        return f"{self.about}-{self.codes[0]}-{self.basis}-{self.first_day}"

    def stands(self, code, day, basis):
        return (
            code in self.codes
            and self.first_day <= day <= self.last_day
            and self.basis in {basis.value, "both"}
        )


def rows(name):
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def blocks():
    found = {}
    for line in rows("published.csv"):
        key = tuple(line[column] for column in ("about", "ask", "basis", "first_day"))
        found.setdefault(key, []).append(line)
    return [Block(lines) for lines in found.values()]


BLOCKS = blocks()


def answering(code, day, basis):
    """The table for a code on a day; Medicare's question is CPT's where Medicare has no table."""
    for each in BLOCKS:
        if each.stands(code, day, basis):
            return each
    if basis is Basis.MEDICARE:
        return answering(code, day, Basis.CPT)
    return None


def services(text, code):
    """``99205;99417x2`` as code -> units."""
    units = {}
    for each in text.split(";"):
        name, _, number = each.replace("*", code).partition("x")
        if name:
            units[name] = int(number or 1)
    return units


def of_line(line, code, amount):
    """The answers of one line for so many minutes; None where the line is not settled."""
    if line["services"] == "?":
        return None
    answers = set()
    for text in line["services"].split(" or "):
        units = services(text, code)
        if line["more"]:
            count = 1
            reached = int(line["from"]) + int(line["each"])
            while reached <= amount:
                count += 1
                reached += int(line["each"])
            units[line["more"].replace("*", code)] = count
        answers.add(frozenset(units.items()))
    return answers


def at(lines, code, amount):
    """The answers of a table (or of each of its readings) for so many minutes."""
    answers = set()
    for reading in {line["reading"] for line in lines}:
        reached = [
            line
            for line in lines
            if line["reading"] == reading
            and int(line["from"]) <= amount
            and (not line["to"] or amount <= int(line["to"]))
        ]
        assert len(reached) <= 1, f"two lines of {lines[0]['about']} at {amount}"
        found = of_line(reached[0], code, amount) if reached else NOTHING
        if found is None:
            return None
        answers |= found
    return answers


@functools.cache
def published(block, code, amount):
    return at(block.lines, code, amount)


@functools.cache
def steps(block):
    """The minutes (or days) at which a table changes, and the ones just before."""
    code = block.codes[0]
    changes = [
        each
        for each in range(1, block.most + 1)
        if published(block, code, each) != published(block, code, each - 1)
    ]
    return {0, block.most, *changes, *(each - 1 for each in changes)}


@functools.cache
def edition(day):
    """The bundled edition for a day; that of 2021 answers for the years before it as well."""
    return cptkit.codeset(f"{max(day.year, 2021)}.1")


def asked(code, amount, day, basis, counts="minutes"):
    return select(code, **{counts: amount}, date_of_service=day, codeset=edition(day), basis=basis)


def answered(found):
    answers = [
        frozenset((each.code, each.units) for each in answer)
        for answer in (found.services, *found.alternatives)
    ]
    assert len(set(answers)) == len(answers), "an answer is given twice"
    return set(answers)


def differing(block, code, day, basis, amounts):
    """The minutes at which package and table differ, with both answers; unsettled ones only have to answer."""
    wrong = {}
    for amount in amounts:
        found = answered(asked(code, amount, day, basis, block.counts))
        right = published(block, code, amount)
        if right is not None and found != right:
            wrong[amount] = (found, right)
    return wrong


def questions():
    """Every table under each basis that it answers, on its first and on its last day."""
    return [
        (block, day, basis)
        for block in BLOCKS
        for day in sorted({block.first_day, block.last_day})
        for basis in Basis
        if answering(block.codes[0], day, basis) is block
    ]


def before_the_first_days():
    return [
        (block, basis)
        for block in BLOCKS
        if not block.beyond_is_open
        for basis in Basis
        if answering(block.codes[0], block.first_day, basis) is block
    ]


@pytest.mark.parametrize(("block", "day", "basis"), questions(), ids=str)
def test_every_minute_is_answered_as_published(block, day, basis):
    first, *others = block.codes
    assert differing(block, first, day, basis, range(block.most + 1)) == {}
    for code in others:
        assert differing(block, code, day, basis, steps(block)) == {}, code


@pytest.mark.parametrize(("block", "basis"), before_the_first_days(), ids=str)
def test_the_day_before_has_the_table_before_or_none(block, basis):
    day = block.first_day - dt.timedelta(days=1)
    for code in block.codes:
        earlier = answering(code, day, basis)
        if earlier:
            places = sorted(steps(earlier) | steps(block))
            assert differing(earlier, code, day, basis, places) == {}, code
            continue
        assert all(nothing(code, each, day, basis, block.counts) for each in (0, 30, block.most)), code


def nothing(code, amount, day, basis, counts):
    """Whether no service is answered: nothing reportable, or no rule for that day; any other error is one."""
    try:
        found = asked(code, amount, day, basis, counts)
    except NoTimeRule:
        return True
    return not found.services and not found.alternatives


@pytest.mark.parametrize(
    "block", [each for each in BLOCKS if each.last_day != LAST_DAY and not each.beyond_is_open], ids=str
)
def test_the_day_after_has_the_table_after_or_none(block):
    day = block.last_day + dt.timedelta(days=1)
    for code in block.codes:
        for basis in Basis:
            later = answering(code, day, basis)
            if later:
                assert differing(later, code, day, basis, steps(later)) == {}, code
            else:
                assert all(nothing(code, each, day, basis, block.counts) for each in (0, 30, block.most))


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.basis == "medicare"], ids=str)
def test_medicares_own_tables_answer_no_question_under_cpt(block):
    for code in block.codes:
        if answering(code, block.last_day, Basis.CPT):
            continue
        with pytest.raises(NoTimeRule):
            asked(code, 30, block.last_day, Basis.CPT, block.counts)


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.basis == "cpt"], ids=str)
def test_a_borrowed_answer_says_that_cpt_gave_it(block):
    code = block.codes[0]
    found = asked(code, 30, block.last_day, Basis.MEDICARE, block.counts)
    borrowed = answering(code, block.last_day, Basis.MEDICARE) is block
    assert found.basis is Basis.MEDICARE
    assert found.answered_by is (Basis.CPT if borrowed else Basis.MEDICARE)


@pytest.mark.parametrize(
    "day", [dt.date(1994, 1, 1), dt.date(2021, 1, 1), dt.date(2025, 6, 16), LAST_DAY], ids=str
)
@pytest.mark.parametrize("code", ANAESTHESIA)
def test_anaesthesia_time_units_are_minutes_by_15_to_a_tenth(code, day):
    for minutes in range(1, MINUTES_OF_A_DAY + 1):
        found = asked(code, minutes, day, Basis.MEDICARE)
        units = (Decimal(minutes) / 15).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        assert str(found.time_units) == str(units), minutes
        assert answered(found) == {frozenset({(code, 1)})}


@pytest.mark.parametrize("code", ["01995", "01996"])
def test_anaesthesia_codes_without_time_units(code):
    for minutes in (1, 15, 60):
        found = asked(code, minutes, LAST_DAY, Basis.MEDICARE)
        assert found.time_units is None
        assert answered(found) == {frozenset({(code, 1)})}


def test_anaesthesia_time_is_medicares():
    with pytest.raises(NoTimeRule):
        asked("00100", 60, LAST_DAY, Basis.CPT)
    with pytest.raises(CptkitError):
        asked("00100", 60, dt.date(1993, 12, 31), Basis.MEDICARE)


def cases():
    grouped = {}
    for case in rows("time_cases.csv"):
        key = tuple(case[column] for column in ("target", "date_of_service", "basis"))
        grouped.setdefault(key, []).append(case)
    return grouped


CASES = cases()


def read(case):
    """The expected answers of a case: ``90839;90840x2 or ...``; nothing, where it is empty."""
    return {frozenset(services(answer, "").items()) for answer in case["expected"].split(" or ")}


def amount_of(case):
    counts, _, number = case["minutes"].rpartition("=")
    return counts or "minutes", int(number)


@pytest.mark.parametrize("key", CASES, ids="-".join)
def test_cases_agree_with_the_package(key):
    code, day, basis = key[0], dt.date.fromisoformat(key[1]), Basis(key[2])
    for case in CASES[key]:
        counts, amount = amount_of(case)
        if case["expected"] == "no rule":
            assert nothing(code, amount, day, basis, counts), case
            continue
        found = asked(code, amount, day, basis, counts)
        if case["expected"].startswith("time_units="):
            assert f"time_units={str(found.time_units).lower()}" == case["expected"], case
            continue
        assert answered(found) == read(case), case
        if " or " not in case["expected"]:
            assert bool(found.reason) == (case["expected"] == ""), case


@pytest.mark.parametrize(
    "key", [key for key in CASES if key[0] not in {*ANAESTHESIA, "01995", "01996"}], ids="-".join
)
def test_cases_agree_with_the_tables(key):
    code, day, basis = key[0], dt.date.fromisoformat(key[1]), Basis(key[2])
    block = answering(code, day, basis)
    for case in CASES[key]:
        counts, amount = amount_of(case)
        if case["expected"] == "no rule":
            assert block is None, case
            continue
        assert block.counts == counts, case
        assert published(block, code, amount) == read(case), case


def test_every_settled_table_since_2023_has_cases():
    with_cases = {answering(key[0], dt.date.fromisoformat(key[1]), Basis(key[2])) for key in CASES}
    left = [each for each in BLOCKS if each not in with_cases and each.last_day >= dt.date(2023, 1, 1)]
    open_ones = [each for each in left if any(line["services"] == "?" for line in each.lines)]
    assert [each for each in left if each not in open_ones] == []


def test_no_day_has_two_tables():
    for code in sorted({code for block in BLOCKS for code in block.codes}):
        for basis in Basis:
            days = sorted({day for block in BLOCKS for day in (block.first_day, block.last_day)})
            for day in days:
                standing = [block for block in BLOCKS if block.stands(code, day, basis)]
                assert len(standing) <= 1, (code, day, standing)
