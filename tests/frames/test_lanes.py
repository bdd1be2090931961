"""Of encounters only those rules are asked which they concern."""

import datetime as dt
import sys
from types import ModuleType

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit import Basis, Finding, Outcome, Severity  # noqa: E402 - behind the skip
from cptkit.frames import lanes, memory  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip
from cptkit.rules import RuleRow, installed, registry  # noqa: E402 - behind the skip
from cptkit.rules.spans import Facts  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)


@given(rules=st.integers(1, 200), data=st.data())
def test_a_word_holds_all_rules_of_a_set(rules, data) -> None:
    """And none besides, as long as each has a bit of its own."""
    wanted = data.draw(st.integers(0, 2**rules - 1))
    word = lanes._together(wanted)
    assert 0 <= word < 2**63  # as an array holds it
    found = lanes._apart(word, rules)
    assert found & wanted == wanted
    assert found < 2**rules
    assert (found == wanted) if rules <= 63 else (found == 0) == (wanted == 0)


@pytest.fixture
def asked(monkeypatch):
    """The codes of the encounters that each rule was asked about, by the name of its module."""
    said: dict[str, set[tuple[str, ...]]] = {}
    usual = Facts.said

    def listening(self, checks, span, lines, *, named):
        for each in checks:
            name = each.__module__.rpartition(".")[2].partition("_")[0].upper()
            said.setdefault(name, set()).add(tuple(line.code for line in lines))
        return usual(self, checks, span, lines, named=named)

    monkeypatch.setattr(Facts, "said", listening)
    memory._memory_of.cache_clear()
    yield said
    memory._memory_of.cache_clear()


@pytest.fixture
def rows(paths):
    codes = ("90834", "99213", "90833", "80061", "90785")
    return [
        paths.row(5 * number + place, f"P-{number}", DAY, code)
        for number, one in enumerate(codes)
        for place, code in enumerate([one, *codes[:number]])
    ]


def test_rules_are_asked_about_encounters_that_concern_them(asked, paths, rows, catalog_of) -> None:
    """A laboratory code goes by no time, and modifiers are asked of lines that have some."""
    catalog = catalog_of(paths.drawing.tables(9))
    check(paths.table(rows), catalog, basis=Basis.MEDICARE)
    assert ("90834",) in asked["TIM401"]
    assert not any(codes == ("80061",) for codes in asked["TIM401"])
    assert any("80061" in codes for codes in asked["TIM401"])  # beside others it is told what stands there
    assert "MOD203" not in asked
    assert asked["COD105"] == {(code,) for code in ("90834", "99213", "90833", "80061", "90785")}


def test_rules_that_read_no_code_are_asked_about_none(asked, paths, rows, catalog_of) -> None:
    """One place of many codes is one question."""
    table = paths.table([attrs.evolve(row, place="11") for row in rows])
    check(table, catalog_of(paths.drawing.tables(9)), basis=Basis.MEDICARE)
    assert len(asked["POS001"]) == 1
    assert len(asked["POS003"]) == 5


@pytest.mark.parametrize("word", [1, 7])
def test_rules_that_share_a_bit_say_the_same(monkeypatch, asked, paths, catalog_of, word) -> None:
    """They are asked together, and say nothing of what does not concern them."""
    drawn = paths.drawing.rows(21, 60, providers=("A", "A", "B", None))
    catalog = catalog_of(paths.drawing.tables(9))
    usual = paths.said(check(paths.table(drawn), catalog, basis=Basis.MEDICARE))
    apart = sum(map(len, asked.values()))
    asked.clear()
    memory._memory_of.cache_clear()
    monkeypatch.setattr(lanes, "_WORD", word)
    assert paths.said(check(paths.table(drawn), catalog, basis=Basis.MEDICARE)) == usual
    assert sum(map(len, asked.values())) > apart


@pytest.fixture
def foreign(monkeypatch, forget_rules):
    """Makes a rule of another package, which finds the lines that it is told to."""

    def forget():
        forget_rules()
        memory._memory_of.cache_clear()

    def made(is_wrong, **row):
        def judge(encounter, context):
            for line in encounter.lines:
                if is_wrong(line, encounter, context):
                    day, edition = encounter.date_of_service, context.codeset.edition
                    what = (Outcome.FAIL, Severity.REVIEW, encounter.claim, (line.id,), day, edition, "so")
                    yield Finding(*module.RULE, *what)

        module = ModuleType("acme_rules.own", "A rule.\n\n**Fails**: a line.\n")
        module.RULE, module.check = ("acme:ABC101", "own-rule"), judge
        monkeypatch.setitem(sys.modules, "acme_rules", ModuleType("acme_rules"))
        monkeypatch.setitem(sys.modules, "acme_rules.own", module)
        own = RuleRow(*module.RULE, "acme_rules.own", ("codes",), package="acme-rules", **row)
        monkeypatch.setattr(registry, "offers", lambda: (installed.Offer("acme", "acme-rules", (own,)),))
        forget()

    yield made
    forget()


def found_by_own(table, catalog):
    told = check(table, catalog, select=["acme", "TIM401"]).table.to_pylist()
    return [row["line"] for row in told if row["rule"] == "acme:ABC101"]


def test_rules_of_other_packages_are_given_all_of_a_line(foreign, paths, catalog_of) -> None:
    foreign(lambda line, *_: (line.charge or 0) > 100 and line.place_of_service == "12")
    rows = [
        paths.row(number, f"P-{number}", DAY, "90834", charge=charge, place=place)
        for number, (charge, place) in enumerate([("90", "12"), ("110", "12"), ("110", "11"), (None, None)])
    ]
    assert found_by_own(paths.table(rows), catalog_of(paths.drawing.tables(9))) == [1]


@pytest.mark.parametrize(
    ("row", "concerns"),
    [({}, False), ({}, True), ({"reads": "code"}, False)],
    ids=["encounters", "encounters-concerned", "lines"],
)
def test_rules_of_other_packages_may_ask_for_pairs_of_the_day(
    foreign, paths, catalog_of, row, concerns
) -> None:
    """Of one line too: an edit begins on a day on which nothing else does."""

    def is_paired(line, encounter, context):
        return context.edits.pairs(frozenset((line.code, "90837")), encounter.setting).edits

    foreign(is_paired, **row)
    if concerns:
        sys.modules["acme_rules.own"].concerns = lambda alone, context: bool(
            is_paired(alone.lines[0], alone, context)
        )
    catalog = catalog_of({"ptp practitioner 2026q1": ["90834 90837 1 2026-02-15.. own words"]})
    days = [dt.date(2026, 2, 1), dt.date(2026, 2, 14), dt.date(2026, 2, 15), dt.date(2026, 3, 3)]
    rows = [paths.row(number, f"P-{number}", day, "90834") for number, day in enumerate(days)]
    assert found_by_own(paths.table(rows), catalog) == [2, 3]
