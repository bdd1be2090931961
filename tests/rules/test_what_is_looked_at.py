"""What rules without a column form look at: of a line the fields that they name, of an encounter no place and no charge.

Tables rest on both: such rules are asked once about lines, or encounters, that differ in nothing else.
"""

import datetime as dt
import itertools
import random
from collections import Counter
from decimal import Decimal

import attrs
import pytest

from cptkit import Basis, Catalog, Finding, Line
from cptkit.claims import Encounter
from cptkit.edits import Setting
from cptkit.rules import RULES
from cptkit.rules.context import context_for
from cptkit.rules.profiles.context import profiled_context
from cptkit.rules.profiles.reading import profile_of
from cptkit.rules.registry import rule
from cptkit.rules.running import Run

DAY = dt.date(2026, 3, 2)
OF_LINES = [row.id for row in RULES if row.reads and rule(row.id).columns is None]
OF_ENCOUNTERS = [
    row.id for row in RULES if not (row.reads or row.needs_history) and rule(row.id).columns is None
]
NEUTRAL = {"code": "90834", "modifiers": (), "place_of_service": None, "units": 1, "charge": None}
CODES = [
    "90834",
    "90785",
    "99417",
    "97110",
    "99213",
    "3008F",
    "0591T",
    "90899",
    "99355",
    "ABC",
    "9083",
    "J1885",
    "20610",
]
CODES += [
    "99499",
    "90863",
    "H2015",
    "97153",
    "90837",
    "90833",
    "99283",
    "G2211",
    "W9901",
    "W9902",
    "99214",
    "97151",
    "98005",
]
MODIFIERS = [
    "",
    "25",
    "59 XS",
    "XS 59",
    "GT",
    "95 95",
    "ZZ",
    "LT RT",
    "26",
    "TC",
    "HO",
    "50 LT",
    "GY",
    "9",
    "52 53",
    "62",
]
MODIFIERS += [
    "KX GP 59 95 25",
    "80",
    "U1",
    "FQ 93",
    "24",
    "GP GO",
    "QW 90 91 92 AA",
    "AS",
    "50",
    "HM",
    "P1",
    "66",
    "54",
]
PLACES = [None, "11", "02", "10", "99", "2", "XX", "21", "31", "22", "23", "66"]
# those of rules that ask for two codes together, or for one of a month
SELDOM = ["G2211", "99213", "99215", "99417", "G2212", "99490", "99457"]
UNITS = [1, 0, -1, 2, 40]
CHARGES = [None, Decimal(0), Decimal("0.01"), Decimal(150), Decimal(-5)]
TIMES = [{}, {"minutes": 45}, {"minutes": -1}, {"start": dt.time(9), "stop": dt.time(9, 30)}]
FEES = [
    *(
        "90834 bilat=2 asst=0",
        "99213 status=N",
        "97110 status=T",
        "W9901 status=B asst=0 cosurg=0",
        "W9902-26 pctc=1",
    ),
    *(
        "20610 bilat=0 team=0 mult=2",
        "G2211 status=X pctc=3",
        "99283 pctc=5 bilat=9",
        "90837 status=I",
        "99214 status=C",
    ),
]
TABLES = {
    "pfs 2026q1": FEES,
    "pfs 2025q2": FEES[:5],
    "telehealth 2026": ["90834 Permanent", "99213 Provisional"],
}
SERVED = "optum-commercial"


def drawn_lines(codes=CODES):
    """Lines in which all values of every field occur, each beside many of the others."""
    draw = random.Random(3)  # noqa: S311 - the same on every run
    for number in range(900):
        yield Line(
            draw.choice(codes),
            date_of_service=DAY,
            modifiers=draw.choice(MODIFIERS),
            place_of_service=draw.choice(PLACES),
            units=draw.choice(UNITS),
            charge=draw.choice(CHARGES),
            rendering_provider=("A", None)[number % 2],
            id="1",
            **draw.choice(TIMES),
        )


@pytest.fixture(scope="module")
def contexts(edit_tables):
    """Of a day with tables and one without, by each basis and by a payer."""
    catalog = Catalog.bundled(tables=edit_tables(TABLES))
    found = []
    for day in (DAY, dt.date(2025, 6, 1), dt.date(2022, 10, 1)):
        edition = catalog.edition_for(day)
        later, tables = catalog.after(edition), catalog.tables
        found += [context_for(edition, day, basis, later, tables) for basis in Basis]
        found.append(profiled_context(edition, day, profile_of(SERVED), later, tables))
    return found


def said(finding):
    """All that it says, but for its lines and the sentences that name them."""
    return (finding.rule, finding.outcome, finding.severity, finding.evidence, finding.edits, finding.denial)


def bare(line, reads, neutral):
    """A line of which only what is read is as it was."""
    fields = {name: getattr(line, name) if name in reads else neutral[name] for name in neutral}
    return Line(**fields, date_of_service=line.date_of_service, id="1")


@pytest.mark.parametrize("rule_id", OF_LINES)
def test_a_rule_of_lines_reads_what_it_says(contexts, rule_id) -> None:
    """What it does not read changes nothing, nor do other lines: so it may be asked once of lines that are alike."""
    asked = rule(rule_id)
    loud = 0
    for number, (context, setting) in enumerate(itertools.product(contexts, Setting)):
        lines = list(drawn_lines())[number % 4 :: 4]
        neutral = NEUTRAL | {"code": CODES[number % len(CODES)]}

        def told(chosen, who, context=context, setting=setting):
            encounter = Encounter(context.day, who, tuple(chosen), setting=setting, of_claim=tuple(chosen))
            return list(asked.check(encounter, context))

        for start in range(0, len(lines), 9):
            part = [
                attrs.evolve(line, id=str(place), date_of_service=context.day)
                for place, line in enumerate(lines[start : start + 9], 1)
            ]
            findings, silent = Counter(), Counter()
            for entry in told(part, "A"):
                if isinstance(entry, Finding):
                    (line,) = entry.lines
                    findings[line, *said(entry)] += 1
                else:
                    silent.update(entry.lines)
            alone = [
                (line.id, entry)
                for line in part
                for entry in told([bare(line, asked.row.reads, neutral)], None)
            ]
            own = Counter((line, *said(entry)) for line, entry in alone if isinstance(entry, Finding))
            assert (findings, silent) == (
                own,
                Counter(line for line, entry in alone if not isinstance(entry, Finding)),
            )
            loud += len(alone)
    assert loud


def test_no_place_decides_which_rules_of_encounters_an_encounter_concerns(contexts) -> None:
    """So a table asks that of a code with its modifiers once, wherever the service was."""
    run = Run(tuple(map(rule, OF_ENCOUNTERS)), ())
    found = set()
    for context, setting in itertools.product(contexts, Setting):
        for line in [*drawn_lines(), *drawn_lines(SELDOM)][:: len(contexts)]:
            alone = Encounter(context.day, "A", (line,), setting=setting, of_claim=(line,))
            nowhere = attrs.evolve(line, place_of_service=None)
            other = attrs.evolve(alone, lines=(nowhere,), of_claim=(nowhere,))
            bits = run.concerned(line, alone, context)
            assert bits == run.concerned(nowhere, other, context)
            found.add(bits)
    assert len(found) > 10


@pytest.mark.parametrize("rule_id", OF_ENCOUNTERS)
def test_a_bundled_rule_of_encounters_looks_at_no_place_and_no_charge(contexts, rule_id) -> None:
    """So encounters that differ in nothing else may be asked about once."""
    asked = rule(rule_id)
    lines = [*drawn_lines(), *drawn_lines(SELDOM)]
    loud = 0
    for context, setting, who in itertools.product(contexts, Setting, ("A", None)):

        def told(chosen, context=context, setting=setting, who=who):
            encounter = Encounter(context.day, who, tuple(chosen), setting=setting, of_claim=tuple(chosen))
            return list(asked.check(encounter, context))

        for start in range(0, len(lines), 6):
            part = [
                attrs.evolve(line, id=str(place), date_of_service=context.day)
                for place, line in enumerate(lines[start : start + start % 5 + 1], 1)
            ]
            entries = told(part)
            assert entries == told(attrs.evolve(line, place_of_service=None, charge=None) for line in part)
            loud += len(entries)
    assert loud


def test_rules_of_lines() -> None:
    """The fields that they may read are those by which lines are told apart."""
    assert len(OF_LINES) > 8
    assert {name for row in RULES for name in row.reads} == set(NEUTRAL)
