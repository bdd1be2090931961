"""Choosing rules: which selectors name which rules, and who wins."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import CptkitError, UnknownRule
from cptkit.rules import RULES, RuleStatus, rule, selected

EVERY = [row.id for row in RULES]
ALL = [row.id for row in RULES if row.status is RuleStatus.STABLE]
PREFIXES = sorted({id_[:length] for id_ in EVERY for length in range(1, len(EVERY[0]))})
SELECTORS = st.sampled_from(["ALL", "PREVIEW", *EVERY, *PREFIXES, *(row.name for row in RULES)])


def ids(select=("ALL",), ignore=()):
    return [found.row.id for found in selected(tuple(select), tuple(ignore))]


def starting(*prefixes):
    return [id_ for id_ in EVERY if id_.startswith(prefixes)]


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        (["ALL"], [], ALL),
        ([], [], []),
        ([], ["ALL"], []),
        (["ALL"], ["ALL"], []),
        (["MOD"], [], starting("MOD")),
        (["MOD", "ADD301"], [], starting("MOD", "ADD301")),
        (["M"], [], starting("MOD", "MUE")),
        (["MOD20"], ["MOD204"], [id_ for id_ in starting("MOD") if id_ != "MOD204"]),
        (["ALL"], ["MOD", "TIM401"], [id_ for id_ in ALL if id_ not in {*starting("MOD"), "TIM401"}]),
        (["MOD202"], ["MOD"], ["MOD202"]),
        (["MOD"], ["MOD20"], []),
        (["MOD20"], ["MOD"], starting("MOD")),
        (["MOD202"], ["MOD202"], []),
        (["MOD", "MOD202"], ["MOD20"], ["MOD202"]),
        (["unknown-modifier"], [], ["MOD202"]),
        (["unknown-modifier"], ["MOD"], ["MOD202"]),
        (["ALL"], ["unknown-modifier"], [id_ for id_ in ALL if id_ != "MOD202"]),
        (["unknown-modifier"], ["MOD202"], []),
        (["MOD202"], ["unknown-modifier"], []),
        (["add301", "mod20", "all"], [], ALL),
        (["all"], ["tim"], [id_ for id_ in ALL if not id_.startswith("TIM")]),
    ],
)
def test_selection(select, ignore, left):
    assert ids(select, ignore) == left


@given(select=st.lists(SELECTORS, max_size=4), ignore=st.lists(SELECTORS, max_size=4))
def test_laws_of_selection(select, ignore):
    """In the order of the table; more to select never leaves fewer; what is ignored by id is gone."""
    left = ids(select, ignore)
    assert left == [id_ for id_ in EVERY if id_ in left]
    assert set(left) <= set(ids(["ALL", *select], ignore))
    assert set(ids(select, ["ALL", *ignore])) <= set(left)
    assert not set(left) & set(ignore)
    assert ids(select[::-1] * 2, ignore[::-1] * 2) == left


@pytest.mark.parametrize(
    ("selector", "near"),
    [
        ("ADD310", ("ADD305", "ADD304", "ADD303")),
        ("MOD209", ("MOD208", "MOD207", "MOD206")),
        ("duplicate-lines", ("duplicate-line",)),
        (
            "add-on-without-primry",
            ("add-on-without-primary", "add-on-without-published-primary", "add-on-with-denied-primary"),
        ),
        ("XYZ", ()),
        ("", ()),
        ("COD1011", ("COD101", "COD105", "COD104")),
        ("Unknown-Modifier", ("unknown-modifier",)),
        (" ADD301", ("ADD301", "ADD305", "ADD304")),
    ],
)
def test_unknown_selectors(selector, near):
    """Named in the error with the nearest ids and names, whether selected or ignored."""
    for select, ignore in (((selector,), ()), (("ALL",), (selector,)), (("MOD", selector), ("MOD",))):
        with pytest.raises(UnknownRule, match="no such rule") as caught:
            selected(select, ignore)
        assert caught.value.given == selector
        assert caught.value.expected == "ALL, a prefix, a rule id or a name"
        assert caught.value.near == near
        assert isinstance(caught.value, CptkitError)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_a_rule_by_id_and_name(row):
    found = rule(row.id)
    assert found.row is row
    assert rule(row.name) is found
    assert rule(row.id.lower()) is found


@pytest.mark.parametrize("given_text", ["ADD", "ALL", "ADD310", "", "add-on"])
def test_a_rule_is_not_found_by_less_than_its_id(given_text):
    with pytest.raises(UnknownRule) as caught:
        rule(given_text)
    assert caught.value.expected == "a rule id or name"


PROGRAM = """
import json, sys
import cptkit
from cptkit.rules import {what}
done = {statement}
print(json.dumps(sorted(name.rpartition(".")[2][:6].upper() for name in sys.modules
                        if name.startswith("cptkit.rules.") and name.rpartition(".")[2][3:6].isdigit())))
"""


@pytest.mark.parametrize(
    ("what", "statement", "loaded"),
    [
        ("RULES", "[row.id for row in RULES]", []),
        ("rule", "rule('MOD202')", ["MOD202"]),
        ("selected", "selected(('unknown-modifier',))", ["MOD202"]),
        ("selected", "selected(('MOD201', 'MOD203'), ('MOD202', 'MOD204'))", ["MOD201", "MOD203"]),
        (
            "check",
            "check(cptkit.Claim([]), cptkit.Catalog.from_editions('2026.1'), select=['COD102'])",
            ["COD102"],
        ),
        ("check_claims", "check_claims([], cptkit.Catalog.from_editions('2026.1'))", ALL),
    ],
)
def test_only_selected_rules_are_imported(what, statement, loaded):
    program = PROGRAM.format(what=what, statement=statement)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == loaded
