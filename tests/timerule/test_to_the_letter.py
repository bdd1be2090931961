"""Refusals and spellings that no other test reads whole: each part of an error, each word of a line."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

import cptkit
from cptkit import timerule
from cptkit.errors import CptkitError, InvalidMinutes, InvalidUnits, NoTimeRule, UnknownCode
from cptkit.sources import Basis
from cptkit.timerule import (
    Interval,
    Neighbour,
    ServiceUnits,
    TimeLog,
    UnitPolicy,
    Verdict,
    allocate,
    minutes_for,
    outline,
    select,
    supports,
)
from cptkit.timerule.arithmetic import nearest_steps
from cptkit.timerule.outline import Band, Further
from cptkit.timerule.working import shortfall

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)


def told(error: CptkitError) -> tuple[object, ...]:
    return error.message, error.given, error.expected


def spent(day: str, start: str, stop: str, activity: str) -> Interval:
    first, last = (dt.datetime.fromisoformat(f"{day}T{clock}") for clock in (start, stop))
    return Interval(first, last, activity)


@pytest.fixture
def asked():
    return {"date_of_service": DAY, "codeset": cptkit.codeset("2026.1")}


@pytest.mark.parametrize("units", [0, -1, True, 1.0, "1"])
def test_units_that_are_none(asked, units):
    with pytest.raises(InvalidUnits) as caught:
        minutes_for("90840", units=units, **asked)
    assert told(caught.value) == ("not whole units", units, "a whole number of at least 1")


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("90839", "one of 90840"),
        ("99205", "one of 99417"),
        ("99213", "a base that something goes on top of"),
    ],
)
def test_a_code_that_does_not_go_on_top(asked, base, expected):
    with pytest.raises(NoTimeRule) as caught:
        minutes_for("90834", base=base, **asked)
    message = f"90834 does not go on top of {base} on 2026-03-02 under cpt"
    assert told(caught.value) == (message, "90834", expected)


def test_a_base_that_is_no_code(asked):
    with pytest.raises(UnknownCode) as caught:
        minutes_for("90834", base="XXXX", **asked)
    message = "neither a code nor a family of time rules of edition 2026.1"
    assert told(caught.value) == (message, "XXXX", "a code such as 90834 or the id of a family")


def test_all_that_goes_on_top_is_named(edition_of):
    chain = [
        {
            "after": "90837",
            "code": code,
            "from_minutes": first,
            "sources": ["SOURCE"],
            "confidence": "verified",
            "checked": "2026-11-21",
        }
        for code, first in (("99354", 90), ("99355", 135))
    ]
    rule = {
        "from": "2013-01-01",
        "kind": "pick-by-band",
        "basis": ["cpt"],
        "nominal": {"90834": 45, "90837": 60},
        "attainment": "nearest",
        "chain": chain,
        "sources": ["SOURCE"],
        "confidence": "verified",
        "checked": "2026-11-21",
    }
    made = edition_of(
        {
            "id": "talk",
            "title": "talk",
            "codes": ["90834", "90837"],
            "scope": "session",
            "whose_time": "the clinician's",
            "optional": False,
            "rules": [rule],
        }
    )
    with pytest.raises(NoTimeRule) as caught:
        minutes_for("90834", base="90837", date_of_service=DAY, codeset=made)
    assert caught.value.expected == "one of 99354, 99355"


def test_minutes_and_days_that_cannot_be(asked):
    down = "round started minutes down"
    for code, minutes, message, expected in (
        ("90834", 1441, "not whole minutes of one day", f"a whole number from 0 to 1440; {down}"),
        ("99454", 31, "not whole days of the window", "a whole number from 0 to 30"),
        ("99490", 44641, "not whole minutes of 31 days", f"a whole number from 0 to 44640; {down}"),
    ):
        with pytest.raises(InvalidMinutes) as caught:
            supports(code, minutes, **asked)
        assert told(caught.value) == (message, minutes, expected)
        rule = timerule.family(code, **asked)
        with pytest.raises(InvalidMinutes) as again:
            rule.answers_at(minutes)
        assert told(again.value) == told(caught.value)


def test_supports_at_the_first_minute_under_and_over(asked):
    assert supports("90834", 37, **asked).verdict is Verdict.UNDER
    assert supports("90834", 38, **asked).verdict is Verdict.SUPPORTED
    assert supports("90834", 53, **asked).verdict is Verdict.OVER


def test_a_support_of_two_readings(asked):
    found = supports("G0022", 40, units=3, base="G0019", basis=Basis.MEDICARE, **asked)
    assert str(found) == (
        "under: 40 minutes are nothing or G0019; G0022 x 3 takes 136 to 179 minutes (not settled by any source)"
    )


def test_a_neighbour_needs_a_distance():
    with pytest.raises(ValueError, match=r"^a neighbour is at least one minute away$"):
        Neighbour((), 0, is_longer=True)
    assert Neighbour((), 1, is_longer=True).minutes_away == 1


def test_nearest_to_nothing():
    with pytest.raises(ValueError, match=r"^there is no nominal time to be near to$"):
        nearest_steps(())


@pytest.mark.parametrize(
    ("each", "counts", "text"),
    [
        (1, "minutes", "one more 90840 for each further minute"),
        (2, "minutes", "one more 90840 for each further 2 minutes"),
        (1, "days", "one more 90840 for each further day"),
        (30, "minutes", "one more 90840 for each further 30 minutes"),
    ],
)
def test_what_goes_on(each, counts, text):
    assert str(Further("90840", each, counts)) == text


def test_a_band_of_several_answers_as_plain_values():
    one, other = (ServiceUnits("97110"),), (ServiceUnits("97140", 2),)
    assert Band(8, 22, (one, other), is_settled=False).to_dict() == {
        "first": 8,
        "last": 22,
        "services": [{"code": "97110", "units": 1}],
        "alternatives": [[{"code": "97140", "units": 2}]],
        "is_settled": False,
    }


def test_an_outline_shows_three_rungs_unless_asked(asked):
    rule = timerule.family("crisis", **asked)
    assert outline(rule) == outline(rule, rungs=3) != outline(rule, rungs=2)
    assert [band.first for band in outline(rule, rungs=2).bands][-1] == 105


def test_why_nothing_is_earned():
    assert shortfall(UnitPolicy.CPT_PER_CODE, 15, ()) == "no timed code was given"
    assert shortfall(UnitPolicy.CPT_PER_CODE, 15, (("97110", 7),)) == (
        "no code has the 8 minutes that one unit needs"
    )
    assert shortfall(UnitPolicy.PAYER_WHOLE_UNITS, 15, (("97110", 7),)) == (
        "no code has the 15 minutes that one unit needs"
    )
    assert shortfall(UnitPolicy.MEDICARE_TOTAL, 15, (("97110", 4), ("97140", 3))) == (
        "7 minutes in all of the 8 that one unit needs"
    )


@pytest.mark.parametrize("policy", UnitPolicy)
def test_the_working_without_a_timed_code(asked, policy):
    assert allocate({"90791": 60}, policy=policy, **asked).working == (
        "no timed code was given",
        "90791 has no minutes: it is reported once",
    )


def test_the_working_names_all_that_gain_a_unit(asked):
    found = allocate({"97110": 13, "97140": 12, "97116": 11}, policy=UnitPolicy.MEDICARE_TOTAL, **asked)
    assert found.working[-1] == "2 units for the most minutes left: 97110, 97140"
    exact = allocate({"97110": 15, "97140": 16, "97116": 3}, policy=UnitPolicy.MEDICARE_TOTAL, **asked)
    assert exact.working == (
        "minutes: 97110 15, 97140 16, 97116 3; 34 in all earn 2 units of 15 minutes",
        "97110: 1 whole unit, 0 minutes left",
        "97140: 1 whole unit, 1 minute left",
        "97116: 0 whole units, 3 minutes left",
    )


def test_the_working_of_anaesthesia_and_of_untimed_codes(asked):
    asked |= {"basis": Basis.MEDICARE}
    assert timerule.family("anaesthesia", **asked).method == (
        "minutes over 15 are the time units, with one decimal, half a tenth up"
    )
    assert timerule.family("emergency", **asked).floors == (0,)
    assert timerule.family("anaesthesia", **asked).floors == (0,)
    assert timerule.family("00100", **asked).floors == (0, 1)


def test_logs_of_one_zone_added_keep_it():
    zone = ZoneInfo("America/Chicago")
    morning = TimeLog([spent("2026-03-02", "09:00", "09:30", "talk")], zone)
    noon = TimeLog([spent("2026-03-02", "12:00", "12:20", "talk")], zone)
    both = morning + noon
    assert both.zone == zone
    assert both.minutes("talk") == 50


def test_no_activity_at_all_is_named():
    log = TimeLog([spent("2026-03-02", "09:00", "09:30", "talk")], "America/Chicago")
    with pytest.raises(CptkitError) as caught:
        log.minutes([])
    assert told(caught.value) == ("no activity is named", None, "one name or more, or None for all")


def test_months_begin_on_their_first_day():
    zone = "America/Chicago"
    last = spent("2026-02-28", "23:30", "23:50", "care")
    first = spent("2026-03-01", "00:10", "00:40", "care")
    log = TimeLog([last, first], zone)
    assert [log.month(2026, month, "care") for month in (2, 3, 4)] == [20, 30, 0]


def test_the_neighbours_of_the_first_and_last_answer(asked):
    first = select("psychotherapy", minutes=0, **asked)
    assert first.shorter is None
    assert (first.longer.minutes_away, first.longer.is_longer) == (16, True)
    last = select("psychotherapy", minutes=200, **asked)
    assert last.longer is None
    assert (last.shorter.minutes_away, last.shorter.is_longer) == (148, False)
    days = select("99454", days=20, **asked)
    assert (days.shorter.minutes_away, days.shorter.unit) == (5, "day")
    open_ = select("96202", minutes=1440, **asked)
    assert open_.longer is None
    unsettled = select("96202", minutes=35, **asked)
    assert (unsettled.shorter.is_longer, unsettled.shorter.unit) == (False, "minute")


def test_a_service_of_two_plans_is_told_whole(asked):
    with pytest.raises(cptkit.errors.InvalidCode) as caught:
        allocate({"97110-GP-GO": 15}, policy=UnitPolicy.MEDICARE_TOTAL, **asked)
    assert told(caught.value) == (
        "a service of two therapy plans cannot be counted in either",
        "97110-GP-GO",
        "one of GN, GO, GP",
    )


def test_a_code_on_several_visits_is_told_where():
    with pytest.raises(CptkitError) as caught:
        timerule.family("99418", date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
    assert caught.value.where == "`cptkit edition show 2026.1`"


def test_minutes_and_days_together_name_the_one_that_is_wrong(asked):
    with pytest.raises(InvalidMinutes) as caught:
        select("90834", minutes=45, days=3, **asked)
    assert told(caught.value)[1:] == (3, "minutes=... and nothing else")
    with pytest.raises(InvalidMinutes) as caught:
        select("99454", minutes=45, **asked)
    assert told(caught.value)[1:] == (45, "days=... and nothing else")
    with pytest.raises(InvalidMinutes) as caught:
        select("90834", **asked)
    assert told(caught.value)[1:] == (None, "minutes=... and nothing else")


def test_codes_without_minutes_are_asked_without_any(asked):
    chosen = select("90791", **asked)
    assert chosen.services == (ServiceUnits("90791"),)
    assert (chosen.minutes, chosen.to_dict()["minutes"]) == (None, None)
