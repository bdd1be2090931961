"""The minutes of a code, and whether minutes support it: the other way round, and in agreement with it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit import timerule
from cptkit.errors import InvalidMinutes, InvalidUnits, NoTimeRule, UnknownCode
from cptkit.sources import Basis, Confidence
from cptkit.timerule import MinuteSpan, ServiceUnits, Verdict, minutes_for, select, supports

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def edition():
    return cptkit.codeset("2026.1")


@pytest.fixture
def span(edition):
    def ask(code, **more):
        return minutes_for(code, **({"date_of_service": DAY, "codeset": edition} | more))

    return ask


@pytest.fixture
def judge(edition):
    def ask(code, minutes, **more):
        return supports(code, minutes, **({"date_of_service": DAY, "codeset": edition} | more))

    return ask


@pytest.mark.parametrize(
    ("code", "more", "expected"),
    [
        ("90834", {}, (38, 52)),
        (" 90837 ", {}, (53, None)),
        ("90840", {}, (75, 104)),
        ("90840", {"units": 2}, (105, 134)),
        ("97110", {"units": 3}, (38, 52)),
        ("99417", {"base": "99215"}, (55, 69)),
        ("99417", {"base": "98003", "units": 2}, (90, 104)),
        ("G2212", {"base": "99215", "basis": Basis.MEDICARE}, (69, 83)),
        ("99292", {"basis": Basis.MEDICARE}, (104, 133)),
        ("99439", {"units": 2}, (60, None)),
        ("G0447", {"basis": "medicare"}, (8, None)),
    ],
)
def test_the_minutes_of_a_code(span, code, more, expected):
    found = span(code, **more)
    assert (found.first, found.last) == expected


def test_days_are_days(span, judge):
    assert str(span("99454")) == "16 or more days"
    found = judge("99454", 12)
    assert (found.verdict, found.services) == (Verdict.UNDER, (ServiceUnits("99445"),))
    assert found.to_dict()["days"] == 12


def test_the_words(span):
    assert (str(span("90834")), str(span("90837"))) == ("38 to 52 minutes", "53 or more minutes")


@pytest.mark.parametrize(
    ("code", "minutes", "more", "verdict", "services"),
    [
        ("90834", 37, {}, "under", "90832"),
        ("90834", 38, {}, "supported", "90834"),
        ("90834", 52, {}, "supported", "90834"),
        ("90834", 53, {}, "over", "90837"),
        ("90832", 15, {}, "under", "nothing"),
        ("97110", 22, {"units": 2}, "under", "97110"),
        ("97110", 23, {"units": 2}, "supported", "97110 x 2"),
        ("97110", 38, {"units": 2}, "over", "97110 x 3"),
        ("99441", 31, {"date_of_service": dt.date(2024, 5, 1)}, "over", "nothing"),
        ("99417", 54, {"base": "99215"}, "under", "99215"),
        ("99417", 55, {"base": "99215"}, "supported", "99215 + 99417"),
        ("99215", 60, {}, "supported", "99215 + 99417"),
    ],
)
def test_whether_minutes_support_a_code(judge, code, minutes, more, verdict, services):
    found = judge(code, minutes, **more)
    assert (found.verdict, " + ".join(map(str, found.services)) or "nothing") == (verdict, services)
    assert bool(found) is (verdict == "supported")


def test_a_support_says_what_it_rests_on(judge):
    found = judge("90837", 50)
    assert str(found) == "under: 50 minutes are 90834; 90837 takes 53 or more minutes"
    assert str(judge("90834", 50)) == "supported: 90834 takes 38 to 52 minutes"
    assert [each.fact for each in found.citations] == ["time/psychotherapy@2023-01-01"]
    assert found.confidence is Confidence.VERIFIED
    plain = found.to_dict()
    assert (plain["verdict"], plain["minutes"]) == ("under", 50)
    assert plain["span"] == {"first": 53, "last": None, "is_settled": True, "confidence": "verified"}
    assert plain["services"] == [{"code": "90834", "units": 1}]
    assert plain["service"] == {"code": "90837", "units": 1}


def test_doubt_reaches_the_verdict(judge):
    assert judge("90840", 80, basis=Basis.MEDICARE).confidence is Confidence.DERIVED
    assert judge("G0447", 10, basis=Basis.MEDICARE).confidence is Confidence.DISPUTED
    assert judge("G0447", 10, basis=Basis.MEDICARE)
    told = "supported: G0447 takes 8 or more minutes (not settled by any source)"
    assert str(judge("G0447", 10, basis=Basis.MEDICARE)) == told
    assert judge("G0447", 20, basis=Basis.MEDICARE).confidence is Confidence.DERIVED
    assert judge("99345", 80).confidence is Confidence.VERIFIED
    assert judge("99417", 95, base="99345").confidence is Confidence.DERIVED


class TestErrors:
    @pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "1", None])
    def test_units_that_are_none(self, span, judge, wrong):
        for ask in (lambda: span("97110", units=wrong), lambda: judge("97110", 30, units=wrong)):
            with pytest.raises(InvalidUnits, match="not whole units") as caught:
                ask()
            assert caught.value.given is wrong

    @pytest.mark.parametrize("wrong", [-1, 1441, 45.5, "45", None, True])
    def test_minutes_that_are_none(self, judge, wrong):
        with pytest.raises(InvalidMinutes):
            judge("90834", wrong)

    def test_codes_that_minutes_do_not_choose(self, span):
        for code in ("90791", "99211", "99283"):
            with pytest.raises(NoTimeRule, match=f"minutes do not decide about {code}"):
                span(code)

    def test_units_that_no_minutes_give(self, span):
        with pytest.raises(NoTimeRule, match="no minutes of one session give 2 of 90837") as caught:
            span("90837", units=2)
        assert caught.value.given == 2

    def test_a_code_on_several_visits_needs_its_base(self, span):
        with pytest.raises(NoTimeRule, match="name the one it is reported with"):
            span("99417")
        with pytest.raises(NoTimeRule, match="99417 does not go on top of 99223 on 2026-03-02 under cpt"):
            span("99417", base="99223")
        with pytest.raises(NoTimeRule, match="does not go on top of 99215"):
            span("not a code", base="99215")
        with pytest.raises(NoTimeRule, match="99417 does not go on top of 99213") as caught:
            span("99417", base="99213")
        assert caught.value.expected == "a base that something goes on top of"
        for base in ("office-established", "99417"):
            with pytest.raises(NoTimeRule):
                span("99417", base=base)
        with pytest.raises(NoTimeRule, match="90840 does not go on top of 90837"):
            span("90840", base="90837")
        assert str(span("90840", base=" 90839 ")) == "75 to 104 minutes"

    def test_a_family_is_no_code(self, span):
        with pytest.raises(NoTimeRule, match="psychotherapy is a family: name one of 90832, 90834, 90837"):
            span("psychotherapy")
        with pytest.raises(NoTimeRule, match="each code of 'therapy-timed' counts alone"):
            span("therapy-timed")
        with pytest.raises(UnknownCode):
            span("psychotherpy")

    def test_a_span_that_ends_before_it_begins(self):
        with pytest.raises(ValueError, match="52 to 38"):
            MinuteSpan(52, 38)
        assert "45" not in MinuteSpan(38, 52)


CODES = ["90832", "90834", "90837", "90839", "97110", "99214", "99215", "99291", "96158", "99490", "97129"]


@given(code=st.sampled_from(CODES), minutes=st.integers(0, 1440), basis=st.sampled_from(list(Basis)))
def test_supported_means_what_select_answers(code, minutes, basis):
    edition = cptkit.codeset("2026.1")
    found = supports(code, minutes, date_of_service=DAY, codeset=edition, basis=basis)
    chosen = select(code, minutes=minutes, date_of_service=DAY, codeset=edition, basis=basis)
    assert (found.services, found.alternatives) == (chosen.services, chosen.alternatives)
    assert bool(found) is (ServiceUnits(code) in chosen.services)
    assert bool(found) is (minutes in found.span)


def test_every_band_of_every_family_is_the_span_of_its_codes(edition):
    for name in timerule.families(edition):
        try:
            rule = timerule.family(name, date_of_service=DAY, codeset=edition)
        except NoTimeRule:
            continue
        if not rule.floors or not rule.is_timed or not rule.is_settled:
            continue
        for first, last, answers in rule.bands()[:40]:
            for service in answers[0]:
                base = answers[0][0].code if service is not answers[0][0] else None
                span = minutes_for(
                    service.code, units=service.units, base=base, date_of_service=DAY, codeset=edition
                )
                assert first in span
                assert last is None or last in span
