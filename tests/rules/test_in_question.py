"""Which sessions the time rules look at, and what lies beside them: the rest is just what its minutes give."""

import datetime as dt

import pytest

from cptkit import Basis, Claim, Line, codeset
from cptkit.rules.context import context_for
from cptkit.rules.tim.sessions import judged
from cptkit.rules.tim.totals import parted

DAY = dt.date(2026, 3, 2)
EDITION = codeset("2026.1")


def line(code, minutes=None, units=1, **values):
    return Line(code, date_of_service=DAY, minutes=minutes, units=units, **values)


def asked(lines, basis, ask):
    (encounter,) = Claim(lines).encounters()
    return ask(encounter, context_for(EDITION, DAY, basis))


def in_question(*lines, basis=Basis.CPT):
    found = asked(lines, basis, judged).in_question
    return [" ".join(each.id for each in session.lines) for session in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("90834", 45)], []),
        ([line("90834", 38)], []),
        ([line("90834", 37)], ["1"]),
        ([line("90834", 52)], []),
        ([line("90834", 53)], ["1"]),
        ([line("90834", 45, 2)], ["1"]),
        ([line("90834", 45, 0)], ["1"]),
        ([line("90834")], ["1"]),
        ([line("90837", 1440)], []),
        ([line("90837", 1441)], ["1"]),
        ([line("90837", -1)], ["1"]),
        ([line("90837", 0)], ["1"]),
        ([line("97110", 30, 2)], []),
        ([line("97110", 30, 1)], ["1"]),
        ([line("97110", 30, 3)], ["1"]),
        ([line("99213")], []),  # a level that may rest on decision making
        ([line("99213", 25)], []),
        ([line("99213", 45)], ["1"]),
        ([line("90839", 60), line("90840", 30)], ["1 2"]),
        ([line("90834", 45), line("90837", 50)], ["2"]),
        ([line("99490", 20)], []),
        ([line("99490")], ["1"]),
        ([line("90840", 30)], ["1"]),
        ([line("90791")], []),
    ],
)
def test_the_sessions_in_question(lines, expected):
    assert in_question(*lines) == expected


def test_anaesthesia_has_base_units_beside_its_minutes():
    assert in_question(line("00100", 60, 4), basis=Basis.MEDICARE) == ["1"]


def test_lines_beside_the_sessions():
    found = asked([line("90791"), line("99454"), line("27447"), line("90785")], Basis.CPT, judged)
    assert [each.code for each in found.by_days] == ["99454"]
    assert [each.code for each in found.without_rule] == ["27447"]
    assert [each.code for each in found.untimed] == ["90791", "90785"]


class TestParted:
    """Medicare counts unit codes of a day together, and what is in question alone by itself."""

    LINES = (line("97110", 20), line("97140", 20, 2), line("90834", 45), line("90837", 50))

    def test_the_code_set_has_no_totals(self):
        alone, totals = asked(self.LINES, Basis.CPT, parted)
        assert [session.lines[0].code for session in alone] == ["97140", "90837"]
        assert list(totals) == []

    def test_medicare_totals_all_unit_codes(self):
        alone, totals = asked(self.LINES, Basis.MEDICARE, parted)
        assert [session.lines[0].code for session in alone] == ["90837"]
        ((total),) = totals
        assert [each.code for each in total.lines] == ["97110", "97140"]
        assert total.answer.total_minutes == 40

    def test_a_line_without_a_plan_beside_one_with_it_has_no_total(self):
        lines = (line("97110", 20, modifiers="GP"), line("97140", 20))
        _, (total,) = asked(lines, Basis.MEDICARE, parted)
        assert [each.code for each in total.lines] == ["97110", "97140"]
        assert total.answer is None
        assert "discipline" in total.reason
