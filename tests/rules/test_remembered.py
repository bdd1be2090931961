"""What is looked up is remembered within bounds: past them answers are the same, only not kept."""

import datetime as dt
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cptkit import Catalog, Claim, Line, check, codeset
from cptkit.claims import Encounter
from cptkit.edits import Setting, attach
from cptkit.rules import edits
from cptkit.rules.context import Context
from cptkit.rules.edits import NO_TABLES, EditsOfDay
from cptkit.rules.pfs.seen import CLEAR, seen
from cptkit.sources import Basis

DAY = dt.date(2026, 3, 2)
ASKED = [
    lambda found, code: found.limit(code, Setting.PRACTITIONER),
    lambda found, code: found.addon(code),
    lambda found, code: found.fee_row(code),
]


@pytest.mark.parametrize("ask", ASKED, ids=["limit", "addon", "fee_row"])
@pytest.mark.parametrize("room", [0, 1, 10])
def test_answers_past_the_bound_are_the_same(monkeypatch, ask, room):
    monkeypatch.setattr(edits, "_MOST", room)
    found = EditsOfDay(None, DAY)
    for _ in range(2):
        assert ask(found, "90834").not_checked == NO_TABLES
        assert ask(found, "90837").not_checked == NO_TABLES
        assert ask(found, "no code") is None
    kept = [ask(found, code) is ask(found, code) for code in ("90834", "90837")]
    assert kept == [room > 0, room > 1]


def test_free_text_is_no_add_on_and_is_not_remembered():
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    for text in ("free text", "", "99999", "90833"):
        assert (context.addon(text) is not None) is (text == "90833")
        assert context.addon(text) is context.addon(text)


def test_a_modifier_is_remembered_by_its_own_spelling_alone():
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    standing = context.modifier_standing("LT")
    assert standing.in_force
    assert context.modifier_standing("LT") is standing
    assert context.modifier_standing("lt") == standing
    assert context.modifier_standing("lt") is not context.modifier_standing("lt")
    assert context.modifier_standing("ZQ") is None


def test_answers_for_minutes_beyond_the_bound_are_worked_out_again(monkeypatch):
    monkeypatch.setattr("cptkit.rules.minutes._MOST", 1)
    context = Context(codeset("2026.1"), dt.date(2026, 3, 2), Basis.CPT)
    rule = context.time_rule("90834")
    first, second = context.minutes.earned(rule, 45), context.minutes.earned(rule, 60)
    assert context.minutes.earned(rule, 45) is first
    assert context.minutes.earned(rule, 60) == second
    assert context.minutes.earned(rule, 60) is not second


def test_codes_that_are_simply_paid_beyond_the_bound_are_asked_again(monkeypatch, written):
    monkeypatch.setattr("cptkit.rules.pfs.seen._MOST", 1)
    tables = attach(written({"pfs 2026q1": ["W9901", "W9902"]}))
    context = Context(codeset("2026.1"), dt.date(2026, 3, 2), Basis.CPT, tables=tables)
    lines = [Line(code, date_of_service=dt.date(2026, 3, 2)) for code in ("W9901", "W9902")]
    (encounter,) = Claim(lines).encounters()
    assert seen(encounter, context) == CLEAR
    assert context.edits.paid == {("W9901", ())}
    tables.close()


@pytest.mark.parametrize("room", [0, 1, 10])
def test_what_is_made_of_codes_is_forgotten_past_a_bound(monkeypatch, room):
    monkeypatch.setattr("cptkit.rules.context._MOST_ANSWERS", room)
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    asked = []

    def work(code, setting, given):
        assert given is context
        asked.append((code, setting))
        return [code]

    for _ in range(2):
        assert context.kept(work, "90834", "a") == ["90834"]
        assert context.kept(work, "90837", "a") == ["90837"]
    assert len(asked) == {0: 4, 1: 4, 10: 2}[room]
    assert len(context._kept) == {0: 1, 1: 1, 10: 2}[room]


@pytest.mark.parametrize(
    ("units", "minutes", "just"),
    [
        (1, 45, True),
        (2, 45, False),
        (0, 45, False),
        (-1, 45, False),
        (1, 37, False),
        (1, 38, True),
        (1, 52, True),
        (1, 53, False),
    ],
)
@pytest.mark.parametrize("room", [0, 10])
def test_what_minutes_just_give(monkeypatch, units, minutes, just, room):
    monkeypatch.setattr("cptkit.rules.minutes._MOST", room)
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    rule = context.time_rule("90834")
    assert [context.minutes.gives_just(rule, "90834", units, minutes) for _ in range(2)] == [just, just]
    assert len(context.minutes._just) == min(room, 1)


@pytest.mark.parametrize("room", [0, 1])
def test_bases_past_the_bound_are_worked_out_again(monkeypatch, room):
    monkeypatch.setattr("cptkit.rules.minutes._MOST", room)
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    rule = context.time_rule("90839")
    assert [context.minutes.bases(rule, "90840") for _ in range(2)] == [{"90839"}, {"90839"}]
    assert context.minutes.bases(rule, "90839") == frozenset()
    assert len(context.minutes._bases) == room


def test_what_is_made_of_an_encounter_stays_its_own():
    """A context is shared by all threads: another one may ask about its encounter at any time."""
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    one, other = (Encounter(DAY, name, (), setting=Setting.PRACTITIONER, of_claim=()) for name in ("1", "2"))

    def work(encounter, context):
        if encounter is one:
            assert context.once(late, other) is other
        return encounter

    def late(encounter, _context):
        return encounter

    assert context.once(work, one) is one
    assert context.once(work, other) is other
    assert context.once(late, one) is one


def test_rules_of_an_encounter_are_given_one_object():
    """Some hold sessions against each other as objects, so nothing may be made anew in between."""
    context = Context(codeset("2026.1"), DAY, Basis.CPT)
    one, other = (Encounter(DAY, name, (), setting=Setting.PRACTITIONER, of_claim=()) for name in ("1", "2"))

    def work(_encounter, _context):
        return object()

    made = context.once(work, one)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(context.once, work, other).result() is not made
    assert context.once(work, one) is made


def test_claims_checked_in_threads_are_those_of_one():
    """As where an app answers several requests at once."""
    catalog = Catalog.from_editions("2026.1")
    codes = (
        "90785",
        "90833",
        "90837",
        "90846",
        "90853",
        "96131",
        "96130",
        "97110",
        "97140",
        "99213",
        "99415",
    )
    drawn = random.Random(7)  # noqa: S311 - the same on every run
    claims = [
        Claim(
            [
                Line(
                    code,
                    date_of_service=DAY,
                    units=drawn.randint(1, 3),
                    minutes=drawn.choice([None, 10, 45, 80]),
                )
                for code in drawn.sample(codes, 5)
            ]
        )
        for _ in range(60)
    ]

    def said(claim):
        return check(claim, catalog, basis=Basis.MEDICARE)

    alone = [said(claim) for claim in claims]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert [list(pool.map(said, claims)) for _ in range(5)] == [alone] * 5
    finally:
        sys.setswitchinterval(interval)
