"""The list of modifiers is whole, and modifiers are put into the order a claim carries them."""

import datetime as dt
from itertools import permutations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit.codes import Owner
from cptkit.codesets import bundled_editions
from cptkit.codesets.ordering import claim_order, missing_partners
from cptkit.errors import InvalidModifier
from cptkit.testing import synthetic_codeset

NEWEST = cptkit.codeset("2026.1")
OWNERS = {Owner.AMA: 49, Owner.CMS: 377}
# Those for which no source gave a first day; all of them the AMA's.
UNDATED = 38
ENDED = {"CP", "GD", "JF", "L1", "SZ", "V8", "V9", "ZA", "ZB", "ZC"}


def order(text, codeset=NEWEST):
    return "-".join(claim_order(text, codeset=codeset))


def test_all_of_them_are_there_each_with_its_owner():
    records = [NEWEST.modifier(text) for text in NEWEST.modifiers]
    assert len(records) == 426
    assert {owner: sum(record.owner is owner for record in records) for owner in Owner} == {
        **dict.fromkeys(Owner, 0),
        **OWNERS,
    }


def test_each_has_a_day_or_says_that_its_first_day_is_not_on_record():
    undated = [text for text in NEWEST.modifiers if NEWEST.modifier(text).history[0].earlier]
    assert len(undated) == UNDATED
    assert {NEWEST.modifier(text).owner for text in undated} == {Owner.AMA}
    for text in NEWEST.modifiers:
        history = NEWEST.modifier(text).history
        assert history[0].in_force
        assert [row.starts for row in history] == sorted({row.starts for row in history})
        assert all(row.citation.sources for row in history)


def test_those_that_ended():
    ended = {text for text in NEWEST.modifiers if not NEWEST.modifier(text).history[-1].in_force}
    assert ended == ENDED


@pytest.mark.parametrize("name", bundled_editions())
def test_an_edition_holds_those_that_began_by_its_last_day(name):
    edition = cptkit.codeset(name)
    lives = {text: NEWEST.modifier(text).history[0] for text in NEWEST.modifiers}
    begun = {text for text, first in lives.items() if first.earlier or first.starts <= edition.last_day}
    assert set(edition.modifiers) == begun


def test_each_has_a_class_and_a_label_of_our_own():
    assert {NEWEST.modifier(text).order_class for text in NEWEST.modifiers} == {1, 2, 3}
    assert all(NEWEST.modifier(text).label for text in NEWEST.modifiers)


def test_what_lifts_a_pair_edit_is_on_the_list_of_cms():
    lifts = {text for text in NEWEST.modifiers if NEWEST.modifier(text).ncci_bypass}
    assert len(lifts) == 44
    assert {"25", "59", "XE", "XP", "XS", "XU", "LT", "RT", "F1", "TA"} <= lifts
    assert not lifts & {"22", "26", "51", "76", "77", "95", "GT"}


@pytest.mark.parametrize(
    ("given_order", "claim"),
    [
        ("", ""),
        ("25", "25"),
        ("GA,26", "26-GA"),
        ("GA,TC", "TC-GA"),
        ("22,26", "26-22"),
        ("53,26", "26-53"),
        ("80,78", "78-80"),
        ("51,59", "59-51"),
        ("51,XE", "XE-51"),
        ("51,78", "78-51"),
        ("82,58", "58-82"),
        ("22,82,58", "22-58-82"),
        ("GP", "GP"),
        ("GP,59", "59-GP"),
        ("95,GP", "GP-95"),
        ("59,KX,CQ,GP", "CQ-GP-59-KX"),
        ("22,52,GO", "22-GO-52"),
        ("95,25", "25-95"),
        ("HO,95,U1,25", "25-95-HO-U1"),
        ("LT,50", "50-LT"),
        ("ZQ,95", "95-ZQ"),
        ("59,59", "59-59"),
        ("95,HO,U1,59,HE", "59-95-HE-HO-U1"),
    ],
)
def test_the_order_of_a_claim(given_order, claim):
    assert order(given_order) == claim


@given(st.lists(st.sampled_from(NEWEST.modifiers), max_size=4), st.randoms(use_true_random=False))
def test_one_set_has_one_order(texts, random):
    shuffled = list(texts)
    random.shuffle(shuffled)
    ordered = claim_order(texts, codeset=NEWEST)
    assert claim_order(shuffled, codeset=NEWEST) == ordered
    assert claim_order(ordered, codeset=NEWEST) == ordered
    assert sorted(ordered) == sorted(texts)


@given(st.lists(st.sampled_from(NEWEST.modifiers), max_size=4, unique=True))
def test_what_the_order_promises(texts):
    """Classes ascend but for a therapy plan, which has place 1 or 2, and 58, which precedes 82."""
    ordered = claim_order(texts, codeset=NEWEST)
    moved = {"GN", "GO", "GP"} | ({"58"} if "82" in texts else set())
    classes = [NEWEST.modifier(text).order_class for text in ordered if text not in moved]
    assert classes == sorted(classes)
    plans = [place for place, text in enumerate(ordered) if text in {"GN", "GO", "GP"}]
    assert plans[:1] in ([], [0], [1])
    for first, later in (("26", "22"), ("TC", "52"), ("59", "51"), ("78", "51"), ("58", "82")):
        if first in ordered and later in ordered:
            assert ordered.index(first) < ordered.index(later)


def test_four_or_five_columns_and_every_spelling():
    columns = ["KX", "", " gp ", "59", "CQ"]
    assert claim_order(columns, codeset=NEWEST) == ("CQ", "GP", "59", "KX")
    for spelling in ("KX,GP,59,CQ", "KX|GP|59|CQ", "KX GP 59 CQ", "KX:GP:59:CQ", "KXGP59CQ"):
        assert order(spelling) == "CQ-GP-59-KX"


def test_the_classes_are_the_edition_s_own():
    texts = ("Y5", "Y3", "Y1")
    assert {order(way, synthetic_codeset()) for way in permutations(texts)} == {"Y1-Y3-Y5"}


@pytest.mark.parametrize(
    ("name", "value", "given_order", "claim"),
    [
        ("claim-order-modifiers/early", "53 79", "80,78,79", "79-78-80"),
        ("claim-order-modifiers/late", "XE", "51,59,XE", "51-59-XE"),
        ("claim-order-modifiers/staged", "58 80", "80,82,58", "58-80-82"),
        ("modifier-order/therapy-plan", "1", "59,KX,CQ,GP", "GP-CQ-59-KX"),
        # without one of them the classes alone decide
        ("claim-order-modifiers/early", None, "80,53", "53-80"),
        ("claim-order-modifiers/early", None, "22,53", "22-53"),
        ("claim-order-modifiers/late", None, "51,59", "51-59"),
        ("claim-order-modifiers/staged", None, "82,58", "82-58"),
        ("modifier-order/therapy-plan", None, "59,KX,CQ,GP", "CQ-59-KX-GP"),
    ],
)
def test_what_goes_beyond_the_classes_is_the_edition_s_own(monkeypatch, name, value, given_order, claim):
    asked = NEWEST.convention

    def convention(wanted, *, date_of_service):
        found = asked(wanted, date_of_service=date_of_service)
        if wanted != name:
            return found
        return None if value is None else attrs.evolve(found, value=value)

    monkeypatch.setattr(NEWEST, "convention", convention)
    assert order(given_order) == claim


def test_what_orders_modifiers_is_on_record_with_its_confidence():
    facts = [name for name in NEWEST.conventions if name.startswith("claim-order-modifiers/")]
    found = [NEWEST.convention(name, date_of_service=NEWEST.last_day) for name in facts]
    assert {each.name.partition("/")[2]: each.citation.confidence.value for each in found} == {
        "early": "disputed",
        "late": "disputed",
        "staged": "single-source",
    }


@pytest.mark.parametrize("given_order", ["5", ["25", "2!"], [25]])
def test_what_is_no_modifier_is_refused(given_order):
    with pytest.raises(InvalidModifier):
        claim_order(given_order, codeset=NEWEST)
    with pytest.raises(InvalidModifier):
        missing_partners(given_order, codeset=NEWEST)


@pytest.mark.parametrize(
    ("texts", "missing"),
    [
        ("", {}),
        ("GP", {}),
        ("CQ", {"CQ": ("GP",)}),
        ("CO", {"CO": ("GO",)}),
        ("GP CQ", {}),
        ("GP CO", {"CO": ("GO",)}),
        ("CO CQ", {"CO": ("GO",), "CQ": ("GP",)}),
        ("CQ CQ", {"CQ": ("GP",)}),
        ("ZQ", {}),
    ],
)
def test_partners_that_are_missing(texts, missing):
    assert missing_partners(texts, codeset=NEWEST) == missing


def test_partners_are_the_edition_s_own():
    assert missing_partners("Y8", codeset=synthetic_codeset()) == {"Y8": ("Y7",)}
    assert missing_partners("Y8 Y7", codeset=synthetic_codeset()) == {}


def test_a_line_that_an_assistant_gave_before_there_was_a_modifier_for_it():
    assert NEWEST.modifier("CQ").status(date_of_service=dt.date(2018, 12, 31)).in_force is False
