"""What answers say to people and to programs, to the letter: a changed word is a changed answer."""

import datetime as dt

import pytest

import cptkit
from cptkit import timerule
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis
from cptkit.timerule import ServiceUnits, UnitPolicy, allocate, compare, minutes_for, select, supports

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def asked():
    return {"date_of_service": DAY, "codeset": cptkit.codeset("2026.1")}


def test_a_support_as_plain_values(asked):
    assert supports("90837", 50, **asked).to_dict() == {
        "verdict": "under",
        "service": {"code": "90837", "units": 1},
        "minutes": 50,
        "span": {"first": 53, "last": None, "is_settled": True, "confidence": "verified"},
        "services": [{"code": "90834", "units": 1}],
        "alternatives": [],
        "sources": list(select("90834", minutes=45, **asked).to_dict()["sources"]),
        "confidence": "verified",
    }
    open_ = supports("G0447", 10, basis=Basis.MEDICARE, **asked).to_dict()
    assert (open_["services"], open_["alternatives"]) == ([], [[{"code": "G0447", "units": 1}]])
    assert open_["confidence"] == "disputed"


def test_a_support_in_words(asked):
    assert str(supports("90832", 45, **asked)) == "over: 45 minutes are 90834; 90832 takes 16 to 37 minutes"
    assert str(supports("90847", 20, **asked)) == (
        "under: 20 minutes are nothing; 90847 takes 26 or more minutes (disputed)"
    )
    assert str(supports("99454", 1, **asked)) == "under: 1 days are nothing; 99454 takes 16 or more days"
    assert str(supports("96202", 20, **asked)) == (
        "under: 20 minutes are nothing; 96202 takes 31 or more minutes (not settled by any source)"
    )


def test_doubt_of_a_span(asked):
    assert str(minutes_for("90847", **asked)) == "26 or more minutes (disputed)"
    assert str(minutes_for("90840", basis="medicare", **asked)) == "75 to 104 minutes (derived)"
    assert str(minutes_for("99417", base="99345", **asked)) == "90 to 104 minutes (derived)"


def test_a_family_in_place_of_a_code(asked):
    with pytest.raises(NoTimeRule) as caught:
        minutes_for("psychotherapy", **asked)
    assert str(caught.value) == (
        "psychotherapy is a family: name one of 90832, 90834, 90837: 'psychotherapy'; "
        "expected a code of the family"
    )
    with pytest.raises(NoTimeRule) as caught:
        minutes_for("90791", **asked)
    assert str(caught.value) == (
        "minutes do not decide about 90791: '90791'; expected a code that minutes choose"
    )
    with pytest.raises(NoTimeRule) as caught:
        minutes_for("90837", units=2, **asked)
    assert str(caught.value) == (
        "no minutes of one session give 2 of 90837: 2; expected units that the rule can give"
    )


def test_the_working_of_each_policy(asked):
    minutes = {"97110": 24, "97112": 1}
    assert allocate(minutes, policy=UnitPolicy.CPT_PER_CODE, **asked).working == (
        "each code alone, one unit from 8 minutes and one more for each further 15",
        "97110: 24 minutes, 2 units",
        "97112: 1 minute, 0 units",
    )
    assert allocate(minutes, policy=UnitPolicy.PAYER_WHOLE_UNITS, **asked).working == (
        "each code alone, one unit for each whole 15 minutes",
        "97110: 24 minutes, 1 unit",
        "97112: 1 minute, 0 units",
    )
    assert allocate({"97110-GP": 20, "97112-GP": 20}, policy=UnitPolicy.MEDICARE_TOTAL, **asked).working == (
        "GP: minutes: 97110-GP 20, 97112-GP 20; 40 in all earn 3 units of 15 minutes",
        "97110-GP: 1 whole unit, 5 minutes left",
        "97112-GP: 1 whole unit, 5 minutes left",
        "1 unit for any of 97110-GP, 97112-GP, which have equal minutes left: the choice is the clinician's",
    )
    assert allocate({"97110": 24, "97140": 7}, policy="medicare-total", **asked).working[-1] == (
        "1 unit for the most minutes left: 97110"
    )


def test_a_comparison_as_plain_values(asked):
    plain = compare({"97110": 24, "97112": 23}, **asked).to_dict()
    assert set(plain) == {"differ", "more_units", "medicare_total", "cpt_per_code"}
    assert (plain["more_units"], plain["cpt_per_code"]["policy"]) == ("cpt-per-code", "cpt-per-code")


def test_most_of_each_service(asked):
    found = allocate({"97112": 20, "97110": 20, "97161": 30, "97140": 0}, policy="medicare-total", **asked)
    assert [found.most(code) for code in ("97112", "97110", "97161", "97140", "97035")] == [2, 2, 1, 0, 0]


def test_whose_minutes_join(asked):
    codeset = asked["codeset"]

    def joined(code, policy, basis=Basis.MEDICARE):
        rule = timerule.family(code, date_of_service=DAY, codeset=codeset, basis=basis)
        return timerule.is_pooled(rule, policy=policy, codeset=codeset)

    assert joined("97110", UnitPolicy.MEDICARE_TOTAL)
    assert joined("97763", UnitPolicy.MEDICARE_TOTAL)
    for code in ("97153", "96105", "90834", "97010", "99360", "therapy-timed"):
        assert not joined(code, UnitPolicy.MEDICARE_TOTAL)
    for policy in (UnitPolicy.CPT_PER_CODE, UnitPolicy.PAYER_WHOLE_UNITS):
        assert not joined("97110", policy)


def test_an_edition_without_policies_joins_nothing(edition_of, fake):
    bare = edition_of(*fake.timerules["families"], policies=[])
    rule = timerule.family("97110", date_of_service=DAY, codeset=bare)
    assert not timerule.is_pooled(rule, policy=UnitPolicy.MEDICARE_TOTAL, codeset=bare)


def test_the_picture_of_a_selection(asked):
    found = select("90834", minutes=47, **asked)
    assert found.to_svg() == found._repr_svg_()
    assert "individual psychotherapy, 2026-03-02, cpt" in found.to_svg()
    assert "derived" not in found.to_svg()
    doubtful = select("90847", minutes=30, **asked).to_svg()
    assert "Not verified: disputed" in doubtful
    assert found.to_svg() == timerule.time_bar(
        found.rule, 47, title="individual psychotherapy, 2026-03-02, cpt"
    )


def test_services_in_code():
    assert repr(ServiceUnits("97110", 2)) == "ServiceUnits(code='97110', units=2)"
    assert repr(ServiceUnits("97110", 2, ("GP",))) == (
        "ServiceUnits(code='97110', units=2, modifiers=('GP',))"
    )


def test_names_that_are_loaded_when_asked_for():
    assert timerule.TimeLog.__name__ == "TimeLog"
    assert timerule.BREAK == "break"
    assert "TimeLog" in vars(timerule)
    with pytest.raises(AttributeError, match=r"^module 'cptkit.timerule' has no attribute 'Timelog'$"):
        timerule.Timelog  # noqa: B018 - asked for to see it refused
    assert set(dir(timerule)) >= {"TimeLog", "select", "time_bar"}
    for name in timerule.__all__:
        assert getattr(timerule, name) is not None


def test_principles_have_their_rule_and_first_day():
    found = {each.id: each for each in timerule.principles(cptkit.codeset("2026.1"))}
    assert set(found) == {
        "across-midnight",
        "closest-time",
        "midpoint",
        "midpoint-exceptions",
        "no-minute-twice",
    }
    midnight = found["across-midnight"]
    assert midnight.first_day == dt.date(2013, 1, 1)
    assert midnight.citation.fact == "time/principles/across-midnight"
    assert midnight.rule
    assert midnight.title
