"""What is looked up is remembered within bounds: past them answers are the same, only not kept."""

import datetime as dt

import pytest

from cptkit import codeset
from cptkit.edits import Setting
from cptkit.rules import edits
from cptkit.rules.context import Context
from cptkit.rules.edits import NO_TABLES, EditsOfDay
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
