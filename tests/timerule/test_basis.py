"""Whose table answers: CPT's, Medicare's, or CPT's where Medicare has said nothing."""

import datetime as dt

import pytest

from cptkit.dated import Span
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
FIRST = dt.date(2013, 1, 1)


class TestBasis:
    def test_cpt_answers_for_medicare_before_its_first_row(self, ask):
        def found(year, basis):
            rule = ask("X0035", dt.date(year, 6, 1), basis)
            return rule.floors[1], rule.basis

        assert [found(year, Basis.CPT) for year in (2019, 2021, 2023)] == [
            (20, Basis.CPT),
            (20, Basis.CPT),
            (25, Basis.CPT),
        ]
        assert [found(year, Basis.MEDICARE) for year in (2019, 2021, 2023)] == [
            (20, Basis.CPT),
            (30, Basis.MEDICARE),
            (30, Basis.MEDICARE),
        ]
        assert ask("X0035", dt.date(2019, 6, 1), Basis.MEDICARE).days == Span(FIRST, dt.date(2019, 12, 31))

    def test_where_medicare_ended_it_cpt_does_not_answer(self, ask):
        assert ask("X0033", DAY).id == "moved"
        with pytest.raises(NoTimeRule, match="expected a date of service 2013-01-01 to 2019-12-31"):
            ask("X0033", DAY, Basis.MEDICARE)

    def test_medicare_never_answers_for_cpt(self, ask):
        assert ask("G0323", basis=Basis.MEDICARE).floors == (0, 20)
        with pytest.raises(NoTimeRule) as caught:
            ask("G0323")
        assert str(caught.value) == (
            "G0323 has no time rule under cpt: 'G0323'; expected basis medicare, which has one; "
            "see `cptkit edition show 2026.1`"
        )

    def test_a_family_whose_rows_have_all_ended(self, ask):
        with pytest.raises(NoTimeRule) as caught:
            ask("never-used")
        assert str(caught.value) == (
            "never-used has no time rule under cpt: 'never-used'; see `cptkit edition show 2026.1`"
        )

    def test_a_basis_may_be_spelled(self, ask):
        assert ask("90834", basis="medicare").basis is Basis.MEDICARE
        with pytest.raises(ValueError, match="no such basis: 'aetna'"):
            ask("90834", basis="aetna")
