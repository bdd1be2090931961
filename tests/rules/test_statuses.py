"""Preview and deprecated rules, and old ids and names: who runs, and what is told."""

import warnings

import pytest

from cptkit.errors import UnknownRule
from cptkit.rules import RULES, DeprecatedRule, RuleRow, RuleStatus, RuleTable, rule, selected
from cptkit.rules.registry import listed, named
from cptkit.rules.table import REDIRECTS, TABLE
from cptkit.rules.wellformed import problems


def row(number, name, module, **more):
    return RuleRow(f"COD{number}", name, f"cod.{module}", since="9.9.9", **more)


STABLE = row(101, "malformed-code", "cod101_malformed_code")
PREVIEW = row(102, "code-not-in-force", "cod102_code_not_in_force", status="preview")
DEPRECATED = row(103, "impossible-units", "cod103_impossible_units", status="deprecated")
OLD = {"COD100": "COD101", "bad-shape": "COD101", "COD110": "COD103", "MOD201": "COD102"}
MADE = RuleTable((STABLE, PREVIEW, DEPRECATED), OLD)


def ids(select, ignore=(), table=MADE):
    return [found.row.id for found in selected(tuple(select), tuple(ignore), table=table)]


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        (["ALL"], [], ["COD101"]),
        (["PREVIEW"], [], ["COD102"]),
        (["ALL", "preview"], [], ["COD101", "COD102"]),
        (["ALL", "PREVIEW"], ["COD102"], ["COD101"]),
        (["ALL", "PREVIEW"], ["PREVIEW"], ["COD101"]),
        (["PREVIEW"], ["ALL"], []),
        (["ALL", "COD102"], [], ["COD101", "COD102"]),
        (["ALL", "C"], ["COD103"], ["COD101", "COD102"]),
        (["code-not-in-force"], ["PREVIEW"], ["COD102"]),
        (["COD10"], ["PREVIEW", "COD103"], ["COD101", "COD102"]),
    ],
)
def test_who_runs(select, ignore, left):
    assert ids(select, ignore) == left


@pytest.mark.parametrize("select", [["COD103"], ["impossible-units"], ["COD"], ["ALL", "cod10"]])
def test_a_deprecated_rule_runs_when_it_is_named_and_that_is_told(select):
    with pytest.warns(DeprecatedRule, match=r"^rule COD103 is deprecated$"):
        assert ids(select)[-1] == "COD103"


@pytest.mark.parametrize(
    ("select", "ignore", "left", "told"),
    [
        (["COD100"], [], ["COD101"], ["rule COD100 is COD101 now"]),
        (["cod100"], [], ["COD101"], ["rule cod100 is COD101 now"]),
        (["bad-shape"], ["COD10"], ["COD101"], ["rule bad-shape is COD101 now"]),
        (["ALL"], ["COD100"], [], ["rule COD100 is COD101 now"]),
        (["MOD201"], [], ["COD102"], ["rule MOD201 is COD102 now"]),
        (["COD110"], [], ["COD103"], ["rule COD110 is COD103 now", "rule COD103 is deprecated"]),
        (
            ["COD100", "bad-shape"],
            ["COD101"],
            [],
            ["rule COD100 is COD101 now", "rule bad-shape is COD101 now"],
        ),
    ],
)
def test_a_selection_by_an_old_name_works_and_is_told_each_time(select, ignore, left, told):
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert ids(select, ignore) == left
        assert [str(each.message) for each in caught] == told
        assert {each.category for each in caught} == {DeprecatedRule}


def test_the_warning_stands_at_the_line_that_named_the_rule():
    """Python shows a DeprecationWarning only in the name of the program that can cure it."""
    with pytest.warns(DeprecatedRule) as caught:
        selected(("COD100",), table=MADE)
    assert [each.filename for each in caught] == [__file__]


def test_a_rule_is_found_by_its_old_id_and_name():
    for old in ("COD100", "cod100", "bad-shape"):
        with pytest.warns(DeprecatedRule, match=f"^rule {old} is COD101 now$") as caught:
            assert rule(old, table=MADE).row is STABLE
        assert [each.filename for each in caught] == [__file__]
    assert rule("COD103", table=MADE).row is DEPRECATED
    with pytest.raises(UnknownRule):
        rule("ADD301", table=MADE)


def test_a_rule_named_by_its_old_id_is_named_by_more_than_all():
    assert [named(("COD100",), each, table=MADE) for each in MADE.rows] == [True, False, False]
    assert not named(("PREVIEW", "ALL"), PREVIEW, table=MADE)
    assert named(("PREVIEW", "COD"), PREVIEW, table=MADE)


def test_all_rows_are_listed_whatever_their_status():
    assert listed(table=MADE) == (MADE.rows, ())
    assert listed(("PREVIEW",), table=MADE)[0] == (PREVIEW,)
    assert listed(("COD10", "impossible-units"), table=MADE)[0] == MADE.rows
    with pytest.warns(DeprecatedRule, match="rule COD100 is COD101 now"):
        assert listed(("COD100",), table=MADE)[0] == (STABLE,)
    with pytest.raises(UnknownRule, match="MOD"):
        listed(("COD", "MOD"), table=MADE)


def test_an_unknown_selector_of_a_table():
    with pytest.raises(UnknownRule) as caught:
        selected(("COD104",), table=MADE)
    assert caught.value.near == ("COD103", "COD102", "COD101")


def test_the_bundled_table_has_no_problem():
    assert TABLE.rows is RULES
    assert TABLE.redirects is REDIRECTS
    assert problems(TABLE) == ()


def test_no_selector_of_a_bundled_rule_is_a_wide_one():
    assert not {"ALL", "PREVIEW"} & {text.upper() for each in RULES for text in (each.id, each.name)}


@pytest.mark.parametrize(
    ("rows", "redirects", "told"),
    [
        ([STABLE, STABLE], {}, ["COD101: the id stands twice", "malformed-code: the name stands twice"]),
        (["COD101"], {}, ["a row is no RuleRow"]),
        ([RuleRow("COD1", "a-b", "cod.x")], {}, ["COD1: the id is not three letters and three digits, such as 'ABC101'"]),
        ([RuleRow("x:COD101", "a-b", "cod.x")], {}, ["x:COD101: the id is not three letters"]),
        ([RuleRow("COD101", "Ab", "cod.x")], {}, ["COD101: the name 'Ab' is not made of words with hyphens"]),
        ([RuleRow("COD101", "a-b", "cod x")], {}, ["COD101: the module 'cod x' is not the name of a module"]),
        ([RuleRow("COD101", "a-b", "cod.x", ("codes", "fees", "age"))], {}, ["COD101: needs age, fees; known are addons,"]),
        ([STABLE], {"cod101": "COD101"}, ["cod101: redirected, and not an old id"]),
        ([STABLE], {"malformed-code": "COD101"}, ["malformed-code: redirected, and not an old id"]),
        ([STABLE], {"C": "COD101"}, ["C: redirected, and not a whole id or name"]),
        ([STABLE], {"": "COD101"}, [": redirected, and not a whole id or name"]),
        ([STABLE], {"COD1": "COD101"}, ["COD1: redirected, and not a whole id or name"]),
        ([STABLE], {1: "COD101"}, ["the redirects are not all from a text to a text"]),
        ([STABLE], [("COD100", "COD101")], ["the redirects are of type list, not a mapping"]),
        ([], {}, ["the table has no rows"]),
        ([RuleRow("COD101", "a-b", "cod.x", "codes")], {}, ["COD101: needs is not a tuple or list of texts: 'codes'"]),
        ([RuleRow("COD101", "a-b", "cod.x", {"codes"})], {}, ["COD101: needs is not a tuple or list of texts: {'codes'}"]),
        ([RuleRow("COD101", "a-b", "cod.x", [1])], {}, ["COD101: needs is not a tuple or list of texts: (1,)"]),
        ([RuleRow("COD101", None, "cod.x", since=["1"])], {}, ["COD101: name is of type NoneType", "COD101: since is of type list"]),
        ([STABLE], {"COD100": "COD102"}, ["COD100: redirected to COD102, which is not in the table"]),
    ],
)  # fmt: skip
def test_problems_of_a_table(rows, redirects, told):
    found = problems(RuleTable(tuple(rows), redirects))
    assert len(found) == len(told)
    assert all(text.startswith(start) for text, start in zip(found, told, strict=True)), found


def test_needs_may_be_a_list_and_rows_any_iterable():
    made = row(101, "malformed-code", "cod101_malformed_code", needs=["codes"])
    assert made.needs == ("codes",)
    table = RuleTable(each for each in (made,))
    assert [selected(("ALL",), table=table)[0].row for _ in range(2)] == [made, made]
    assert problems(table) == ()


def test_a_status_is_one_of_three():
    assert [each.value for each in RuleStatus] == ["preview", "stable", "deprecated"]
    with pytest.raises(ValueError, match="retired"):
        row(104, "a-b", "x", status="retired")
