"""Fixes, as values that are applied to a claim."""

import datetime as dt

import pytest

from cptkit import Claim, Line, apply_fix
from cptkit.errors import InvalidClaim
from cptkit.rules import Fix, FixKind

DAY = dt.date(2026, 3, 2)
CLAIM = Claim(
    [
        Line("90834", modifiers="95 HO 95", units=2, minutes=45, date_of_service=DAY, id="a"),
        Line("90785", date_of_service=DAY),
    ],
    id="C-1",
    patient="P-1",
    billing_provider="B-1",
)


def fixed(kind, value=None, line="a"):
    return apply_fix(CLAIM, Fix(kind, line, value, "as told"))


@pytest.mark.parametrize(
    ("kind", "value", "field", "after"),
    [
        (FixKind.REPLACE_CODE, "90832", "code", "90832"),
        (FixKind.SET_UNITS, 1, "units", 1),
        (FixKind.SET_UNITS, 0, "units", 0),
        (FixKind.ADD_MODIFIER, "59", "modifiers", ("95", "HO", "95", "59")),
        (FixKind.REMOVE_MODIFIER, "95", "modifiers", ("95", "HO")),
        (FixKind.REMOVE_MODIFIER, "HO", "modifiers", ("95", "95")),
    ],
)
def test_a_fix_changes_one_thing_of_one_line(kind, value, field, after):
    before = CLAIM.lines[0]
    claim = fixed(kind, value)
    assert (claim.id, claim.patient, claim.billing_provider) == ("C-1", "P-1", "B-1")
    changed, kept = claim.lines
    assert getattr(changed, field) == after
    for name in (
        "code",
        "units",
        "modifiers",
        "minutes",
        "id",
        "date_of_service",
        "rendering_provider",
    ):
        assert name == field or getattr(changed, name) == getattr(before, name)
    assert kept == CLAIM.lines[1]
    assert CLAIM.lines[0] is before


def test_an_ask_changes_nothing():
    assert fixed(FixKind.ASK) == CLAIM


def test_dropping_keeps_the_names_of_the_other_lines():
    assert [line.id for line in fixed(FixKind.DROP_LINE).lines] == ["2"]
    assert apply_fix(fixed(FixKind.DROP_LINE), Fix(FixKind.DROP_LINE, "2", None, "")).lines == ()


@pytest.mark.parametrize("kind", FixKind, ids=str)
def test_a_line_that_is_not_there(kind):
    with pytest.raises(InvalidClaim, match="no such line: '1'; expected one of a, 2"):
        fixed(kind, "59", line="1")


def test_a_modifier_that_is_not_there():
    with pytest.raises(InvalidClaim, match="no such modifier"):
        fixed(FixKind.REMOVE_MODIFIER, "59")
    with pytest.raises(InvalidClaim, match="no such modifier"):
        fixed(FixKind.REMOVE_MODIFIER, "59", line="2")
