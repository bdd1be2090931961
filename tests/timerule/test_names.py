"""Which text names which rule, and editions whose rows cannot be read."""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit import timerule
from cptkit.errors import BrokenEdition, InvalidDate, NoTimeRule, UnknownCode
from cptkit.sources import Basis
from cptkit.timerule import family, timed_family

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
ONE_DAY = dt.timedelta(days=1)
FIRST = dt.date(2013, 1, 1)


def base_row(**values):
    return {
        "from": "2020-01-01",
        "basis": ["cpt"],
        "kind": "untimed",
        "sources": ["S"],
        "confidence": "verified",
        "checked": "2026-01-01",
    } | values


def family_of(*rows, **values):
    described = {"id": "made-up", "title": "", "codes": ["X0001"], "scope": "day", "whose_time": ""}
    return described | {"optional": False, "rules": list(rows)} | values


class TestNames:
    @pytest.mark.parametrize("code", ["G2212", " g2212 "])
    def test_a_code_on_top_of_several_visits_is_refused(self, ask, fake, code):
        name = code.strip().upper()
        with pytest.raises(NoTimeRule) as caught:
            ask(code, basis=Basis.MEDICARE)
        assert caught.value.near == ("99205", "99215")
        assert str(caught.value) == (
            f"{name} goes on top of several codes, so name the one it is reported with: {name!r}; "
            "expected the code it is reported with; did you mean 99205 or 99215? See `cptkit edition show 2026.1`"
        )
        assert timed_family(code, DAY, fake) is None

    def test_a_code_on_top_under_the_other_basis_only_says_so(self, ask):
        with pytest.raises(NoTimeRule) as caught:
            ask("99417", basis=Basis.MEDICARE)
        assert str(caught.value) == (
            "99417 goes on top of nothing under medicare on 2026-03-02: '99417'; "
            "expected basis cpt, under which it does; see `cptkit edition show 2026.1`"
        )
        with pytest.raises(NoTimeRule, match="G2212 goes on top of nothing under cpt"):
            ask("G2212")

    def test_an_add_on_of_several_bases_is_refused(self, fake):
        families = [
            family_of(
                base_row(
                    kind="base-plus-each",
                    base=base,
                    addon="X0009",
                    nominal={base: 60, "X0009": 30},
                    attainment="midpoint",
                ),
                id=base.casefold(),
                codes=[base, "X0009"],
            )
            for base in ("X0001", "X0002")
        ]
        codeset = type(fake)("test.1", fake.last_day, {"families": families})
        with pytest.raises(NoTimeRule, match="X0009 goes on top of several codes") as caught:
            family("X0009", date_of_service=DAY, codeset=codeset)
        assert caught.value.near == ("X0001", "X0002")
        assert family("X0002", date_of_service=DAY, codeset=codeset).codes == ("X0002", "X0009")

    def test_a_code_of_several_families_is_refused(self, ask):
        with pytest.raises(NoTimeRule) as caught:
            ask("X0036")
        assert str(caught.value).startswith(
            "X0036 belongs to several families: 'X0036'; did you mean first-home or"
        )

    def test_a_well_formed_code_without_a_time_rule(self, ask, fake):
        with pytest.raises(NoTimeRule) as caught:
            ask(" 90835 ")
        assert str(caught.value) == (
            "edition 2026.1 has no time rule for the code: '90835'; did you mean 90839 or 90838 or 90837? "
            "See `cptkit edition show 2026.1`"
        )
        with pytest.raises(NoTimeRule) as caught:
            ask("t1018")
        assert caught.value.near == ("T1017",)
        with pytest.raises(NoTimeRule) as caught:
            ask("G2211")
        assert caught.value.near == ("G2212",)
        assert timed_family("90835", DAY, fake) is None

    def test_a_code_that_looks_like_none_here_is_compared_with_all(self, ask):
        with pytest.raises(NoTimeRule) as caught:
            ask("09834")
        assert "90834" in caught.value.near

    def test_a_text_that_is_neither(self, ask, fake):
        with pytest.raises(UnknownCode) as caught:
            ask(" Psychotherpy ")
        assert str(caught.value) == (
            "neither a code nor a family of time rules of edition 2026.1: 'Psychotherpy'; expected a code such as "
            "90834 or the id of a family; did you mean psychotherapy or psychotherapy-with-em? "
            "See `cptkit edition show 2026.1`"
        )
        with pytest.raises(UnknownCode) as caught:
            ask("9o834")
        assert caught.value.near[0] == "90834"
        assert timed_family("9O834", DAY, fake) is None

    @pytest.mark.parametrize("wrong", [90834, None, b"90834"])
    def test_a_name_is_text(self, ask, fake, wrong):
        for call in (ask, lambda name: timed_family(name, DAY, fake)):
            with pytest.raises(TypeError, match=f"is text, not {type(wrong).__name__}: {wrong!r}"):
                call(wrong)

    @pytest.mark.parametrize("wrong", ["2026-03-02", None, dt.datetime(2026, 3, 2), 20260302])  # noqa: DTZ001 - refused whatever the zone
    def test_a_date_of_service_is_a_date(self, ask, fake, wrong):
        for call in (lambda day: ask("90834", day), lambda day: timed_family("90834", day, fake)):
            with pytest.raises(InvalidDate, match="the date of service is not a date") as caught:
                call(wrong)
            assert caught.value.given == wrong
            assert "expected a datetime.date" in str(caught.value)
            assert isinstance(caught.value, TypeError)

    def test_a_code_that_some_rule_of_the_day_names(self):
        """By a family of its own, or on top of several visits; under its basis, and on its days."""
        edition = cptkit.codeset("2026.1")
        for code, basis, named in [
            ("90834", Basis.CPT, True),
            ("90834", Basis.MEDICARE, True),
            ("99417", Basis.CPT, True),
            ("G2212", Basis.CPT, False),
            ("G2212", Basis.MEDICARE, True),
            ("99291", Basis.CPT, True),
            ("G0019", Basis.CPT, False),
            ("00406", Basis.MEDICARE, True),
            ("27447", Basis.CPT, False),
        ]:
            assert timerule.is_named(code, DAY, edition, basis) is named, (code, basis)
        assert timerule.is_named("99417", dt.date(2021, 1, 1), edition) is True
        assert timerule.is_named("99417", dt.date(2020, 12, 31), edition) is False
        with pytest.raises(InvalidDate):
            timerule.is_named("99417", None, edition)

    @pytest.mark.parametrize("wrong", ["2026.1", None, 2026])
    def test_a_codeset_is_a_codeset(self, wrong):
        with pytest.raises(TypeError, match=r"codeset is a cptkit\.Codeset, .* not") as caught:
            family("90834", date_of_service=DAY, codeset=wrong)
        assert repr(wrong) in str(caught.value)


@given(text=st.text(alphabet=string.printable, max_size=8))
def test_any_text_is_answered_or_refused_in_the_same_way(text, fake):
    found = timed_family(text, DAY, fake)
    try:
        assert family(text, date_of_service=DAY, codeset=fake) is found
    except (NoTimeRule, UnknownCode):
        assert found is None


class TestBrokenEditions:
    @pytest.mark.parametrize(
        ("timerules", "words"),
        [
            ({}, "KeyError('families')"),
            ({"families": [{"id": "x"}]}, "KeyError('title')"),
            (
                {"families": [], "policies": [{"id": "rule-of-eights"}]},
                "'rule-of-eights' is not a valid UnitPolicy",
            ),
            ({"families": None}, "'NoneType' object is not iterable"),
            (
                {"families": [family_of(base_row(kind="base-plus-each", addon="X0002"))]},
                "KeyError('base')",
            ),
        ],
    )
    def test_time_rules_that_cannot_be_read(self, fake, timerules, words):
        codeset = type(fake)("test.1", fake.last_day, timerules)
        with pytest.raises(BrokenEdition) as caught:
            timed_family("90834", DAY, codeset)
        assert str(caught.value).startswith("the time rules of edition test.1 cannot be read: ")
        assert words in str(caught.value)

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([base_row(), base_row(basis=["medicare", "cpt"])], "ValueError('two rows start on 2020-01-01')"),
            ([base_row() | {"from": "soon"}], "ValueError(\"Invalid isoformat string: 'soon'\")"),
            ([{"kind": "untimed", "from": "2020-01-01"}], "KeyError('basis')"),
        ],
    )
    def test_rows_that_cannot_be_put_in_order(self, fake, rows, words):
        codeset = type(fake)("test.1", fake.last_day, {"families": [family_of(*rows)]})
        with pytest.raises(BrokenEdition) as caught:
            timed_family("X0001", DAY, codeset)
        assert str(caught.value) == f"the rows of made-up in edition test.1 cannot be read: {words}"

    def test_an_ended_row_needs_no_numbers(self, fake):
        ended = {"from": "2021-01-01", "basis": ["cpt"], "status": "ended"}
        codeset = type(fake)("test.1", fake.last_day, {"families": [family_of(base_row(), ended)]})
        assert timed_family("X0001", dt.date(2020, 12, 31), codeset).days.last == dt.date(2020, 12, 31)
        assert timed_family("X0001", dt.date(2021, 1, 1), codeset) is None

    def test_rows_of_one_day_are_named_by_their_basis(self, fake):
        rows = [base_row(), base_row(basis=["medicare"]), base_row() | {"from": "2021-01-01"}]
        codeset = type(fake)("test.1", fake.last_day, {"families": [family_of(*rows)]})
        names = {
            timed_family("X0001", day, codeset, basis).citation.fact
            for day in (dt.date(2020, 1, 1), DAY)
            for basis in Basis
        }
        assert names == {
            "time/made-up@2020-01-01/cpt",
            "time/made-up@2020-01-01/medicare",
            "time/made-up@2021-01-01",
        }
