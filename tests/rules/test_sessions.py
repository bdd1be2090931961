"""Which lines share minutes, and how their minutes add up."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Claim, Line, codeset, timerule
from cptkit.rules.context import Context, context_for
from cptkit.rules.tim.sessions import clock_of, documented_minutes, judged, sessions

DAY = dt.date(2026, 3, 2)
EDITION = codeset("2026.1")


def line(code, minutes=None, start=None, stop=None, **values):
    return Line(
        code,
        date_of_service=DAY,
        minutes=minutes,
        start=start and dt.time.fromisoformat(start),
        stop=stop and dt.time.fromisoformat(stop),
        **values,
    )


def of(*lines, basis=Basis.CPT, day=DAY):
    (encounter,) = Claim(lines).encounters()
    return sessions(encounter, context_for(EDITION, day, basis))


def shared(*lines, **options):
    return [([line.id for line in session.lines], session.minutes) for session in of(*lines, **options)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("90834", 45)], [(["1"], 45)]),
        ([line("90834", 45), line("90834", 40)], [(["1"], 45), (["2"], 40)]),
        ([line("90837", 60), line("90834", 45)], [(["1"], 60), (["2"], 45)]),
        ([line("90839", 60), line("90840", 30)], [(["1", "2"], 90)]),
        ([line("90839", 90), line("90840")], [(["1", "2"], 90)]),
        ([line("90839"), line("90840")], [(["1", "2"], None)]),
        ([line("90839", 60), line("90839", 30)], [(["1", "2"], 90)]),
        ([line("96158", 30), line("90834", 45), line("96159", 15)], [(["1", "3"], 45), (["2"], 45)]),
        ([line("97110", 15), line("97140", 10), line("97110", 8)], [(["1", "3"], 23), (["2"], 10)]),
        ([line("90846", 50), line("90847", 50)], [(["1"], 50), (["2"], 50)]),
        ([line("90791", 60), line("27447", 5), line("9083", 5), line("99211", 5)], []),
        ([line("99213", 20), line("99214", 30)], [(["1", "2"], 50)]),
        ([line("99205", 75), line("99417")], [(["1", "2"], 75)]),
        ([line("99417"), line("99215", 55)], [(["1", "2"], 55)]),
        ([line("99417", 15)], []),
        ([line("psychotherapy", 30), line("90832", 20)], [(["2"], 20)]),
        ([line("98003", 75), line("99417")], [(["1", "2"], 75)]),
        ([line("99214", 55), line("99417")], [(["1"], 55)]),
        ([line("99214", 55), line("98003", 75), line("99417")], [(["1"], 55), (["2", "3"], 75)]),
        ([line("99205", 75), line("98003", 75), line("99417")], [(["1"], 75), (["2"], 75)]),
        ([line("96366"), line("96365", 91)], [(["1", "2"], 91)]),
        ([line("96365", 91), line("96367", 91), line("96366")], [(["1"], 91), (["2"], 91)]),
        ([line("99151", 30), line("99153")], [(["1", "2"], 30)]),
        ([line("99490", 15), line("99439", 10), line("99491", 30)], [(["1", "2"], 25), (["3"], 30)]),
        ([line("99490", 1500), line("99439", 10)], [(["1", "2"], 1510)]),
        ([line("99490", None, "10:00", "10:30")], [(["1"], None)]),
        ([line("99490", None, "10:00", "10:30"), line("99439")], [(["1", "2"], None)]),
        ([line("99490", 15), line("99439", None, "10:00", "10:30")], [(["1", "2"], 15)]),
        ([line("99490", 30, "10:00", "10:30"), line("99439", 30, "10:00", "10:30")], [(["1", "2"], 60)]),
        ([line("99421", 5), line("99421", 6)], [(["1", "2"], 11)]),
        ([line("99454"), line("99285"), line("G0556"), line("99495")], []),
        ([line("97110", 15, modifiers="GP"), line("97110", 10, modifiers="GO")], [(["1"], 15), (["2"], 10)]),
        (
            [line("97110", 15, modifiers="GP GO"), line("97110", 10, modifiers="GO GP")],
            [(["1", "2"], 25)],
        ),
        ([line("97153", 15, modifiers="GP"), line("97153", 10, modifiers="GO")], [(["1", "2"], 25)]),
    ],
    ids=lambda value: (
        "+".join(each.code for each in value)
        if isinstance(value, list) and value and isinstance(value[0], Line)
        else ""
    ),
)
def test_who_shares_minutes(lines, expected):
    assert shared(*lines) == expected


@pytest.mark.parametrize(("code", "expected"), [("97110", [15, 20, None]), ("99490", [None, 20, None])])
def test_the_minutes_of_each_line(code, expected):
    """Those of its clock too, but where the minutes are those of several days."""
    (session,) = of(line(code, None, "10:00", "10:15"), line(code, 20), line(code))
    assert [session.minutes_of(each) for each in session.lines] == expected


def test_medicare_hangs_its_own_prolonged_code_on_the_visit():
    lines = (line("99215", 69), line("G2212"), line("99417"))
    assert shared(*lines, basis=Basis.MEDICARE) == [(["1", "2"], 69)]
    assert shared(*lines) == [(["1", "3"], 69)]


def test_codes_that_medicare_alone_has():
    assert shared(line("00100", 90), line("00100", 60), basis=Basis.MEDICARE) == [(["1"], 90), (["2"], 60)]
    assert shared(line("G0151", 30), line("G0151", 20), basis=Basis.MEDICARE) == [(["1"], 30), (["2"], 20)]
    assert shared(line("G2086", 70), line("G2088"), basis=Basis.MEDICARE) == [(["1", "2"], 70)]
    assert shared(line("00100", 90), line("G0151", 30), line("G2086", 70)) == []


def beside(*lines, basis=Basis.CPT):
    (encounter,) = Claim(lines).encounters()
    found = judged(encounter, context_for(EDITION, DAY, basis))
    return {loose.line.code: loose.bases for loose in found.loose}, [each.code for each in found.by_days]


def test_what_lies_beside_the_sessions():
    assert beside(line("99417"), line("27447"), line("90834", 45)) == ({"99417": (), "27447": ()}, [])
    assert beside(line("99214"), line("99417")) == ({"99417": ()}, [])
    assert beside(line("99215"), line("98003"), line("99417")) == ({"99417": ("98003", "99215")}, [])
    assert beside(line("96367"), line("96366"), line("96365")) == ({"96366": ("96365", "96367")}, [])
    assert beside(line("99215"), line("99417"), basis=Basis.MEDICARE) == ({"99417": ()}, [])
    assert beside(line("99454"), line("98976"), line("99490")) == ({}, ["99454", "98976"])


def test_an_encounter_is_looked_through_once():
    context = Context(EDITION, DAY, Basis.CPT)
    (one,), (other,) = Claim([line("90834", 45)]).encounters(), Claim([line("90834", 45)]).encounters()
    found = judged(one, context)
    assert judged(one, context) is found
    assert judged(other, context) is not found
    assert found.session_of(one.lines[0]) is found.sessions[0]
    assert found.session_of(line("90834", 45)) is None


def test_a_longer_session_of_2022_is_shared_with_its_prolonged_code():
    old = dt.date(2022, 12, 31)
    assert shared(line("90837", 90), line("99354"), day=old) == [(["1", "2"], 90)]
    assert shared(line("90837", 90), line("99354")) == [(["1"], 90)]
    assert shared(line("90837", 90), line("90837", 60), day=old) == [(["1"], 90), (["2"], 60)]


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ([], None),
        ([line("90839")], None),
        ([line("90839", start="10:00")], None),
        ([line("90839", stop="10:00")], None),
        ([line("90839", 0)], 0),
        ([line("90839", 30), line("90840", 20)], 50),
        ([line("90839", 30), line("90840")], 30),
        ([line("90839", start="10:00", stop="10:30")], 30),
        ([line("90839", 25, start="10:00", stop="10:30")], 25),
        ([line("90839", start="10:00", stop="10:30"), line("90840", start="10:30", stop="11:00")], 60),
        ([line("90839", start="10:00", stop="10:30"), line("90840", start="14:00", stop="14:30")], 60),
        ([line("90839", start="10:00", stop="11:00"), line("90840", start="10:15", stop="10:45")], 60),
        ([line("90839", start="10:00", stop="11:00"), line("90840", start="10:45", stop="11:15")], 75),
        ([line("90839", start="10:00", stop="11:00"), line("90840", start="10:00", stop="11:00")], 60),
        ([line("90840", start="10:45", stop="11:15"), line("90839", start="10:00", stop="11:00")], 75),
        ([line("90839", start="00:00", stop="00:30")], 30),
        ([line("90839", start="23:30", stop="00:15")], 45),
        ([line("90839", start="23:30", stop="00:15"), line("90840", start="23:45", stop="00:45")], 75),
        ([line("90839", start="10:00", stop="10:30"), line("90840", 20)], 50),
        ([line("90839", start="10:00:30", stop="10:01:00")], 0),
        ([line("90839", start="10:00:30", stop="10:31:00")], 30),
    ],
)
def test_minutes_of_several_lines(lines, minutes):
    assert documented_minutes(lines) == minutes


clock = st.tuples(st.integers(0, 23 * 60), st.integers(1, 59)).map(
    lambda given: line(
        "90839",
        start=f"{given[0] // 60:02}:{given[0] % 60:02}",
        stop=f"{(given[0] + given[1]) // 60:02}:{(given[0] + given[1]) % 60:02}",
    )
)


@given(lines=st.lists(clock, min_size=1, max_size=5), data=st.data())
def test_clock_times_are_counted_as_a_clock_counts_them(lines, data):
    """Minute by minute; in whatever order they come; the same line again adds nothing."""
    minutes = {
        minute
        for each in lines
        for minute in range(each.start.hour * 60 + each.start.minute, each.stop.hour * 60 + each.stop.minute)
    }
    assert documented_minutes(lines) == len(minutes)
    assert documented_minutes(data.draw(st.permutations(lines))) == len(minutes)
    assert documented_minutes([*lines, lines[0]]) == len(minutes)


@pytest.mark.parametrize(
    ("lines", "possible"),
    [
        ([line("90834", 0)], True),
        ([line("90834", 1440)], True),
        ([line("90834", -1)], False),
        ([line("90834", 1441)], False),
        ([line("96158", 1000), line("96159", 440)], True),
        ([line("96158", 1000), line("96159", 441)], False),
        ([line("96158", -10), line("96159", 40)], False),
        ([line("96158"), line("96159", 40)], True),
        ([line("99490", 44640)], True),
        ([line("99490", 44641)], False),
        ([line("99490", 44640), line("99439", 1)], False),
        ([line("99490", 30, "10:00", "10:20"), line("99439", -1)], False),
        ([line("99423", 10080)], True),
        ([line("99423", 10081)], False),
    ],
)
def test_what_a_day_can_hold(lines, possible):
    (session,) = of(*lines)
    assert session.is_possible is possible


@pytest.mark.parametrize(
    ("lines", "ambiguous"),
    [
        # more than the base holds before its add-on begins, at 75 minutes: perhaps the total, twice
        ([line("90839", 75), line("90840", 75)], True),
        ([line("90840", 75), line("90839", 75)], True),
        ([line("90839", 74), line("90840", 74)], False),
        ([line("96158", 38), line("96159", 38)], True),
        ([line("96158", 37), line("96159", 37)], False),
        ([line("90839", 80), line("90840", 30), line("90840", 80)], True),
        ([line("90839", 80), line("90840", 81)], True),
        ([line("90839", 80), line("90840")], False),
        ([line("90839"), line("90840", 80)], False),
        ([line("90839"), line("90840")], False),
        ([line("90839", 80)], False),
        ([line("90839", 80), line("90839", 80)], False),
        ([line("90840", 80), line("90840", 80)], False),
        ([line("99215", 70), line("99417", 70)], True),
        ([line("99215", 15), line("99417", 15)], True),
        ([line("99215", 55), line("99417", 15)], True),
        ([line("99205", 75), line("99417")], False),
        # a clock on each line tells the overlap; on one of them it does not
        ([line("90839", 80, "10:00", "11:20"), line("90840", 80, "11:20", "12:40")], False),
        ([line("90839", 80, "10:00", "11:20"), line("90840", 80, "10:00", "11:20")], False),
        ([line("90839", 80, "10:00", "11:20"), line("90840", 80)], True),
        ([line("90839", 80), line("90840", 80, "10:00", "11:20")], True),
        ([line("90839", 80, "10:00", "11:30"), line("90840", 80, "11:30", "13:00")], True),
        ([line("90839", None, "10:00", "11:20"), line("90840", None, "10:00", "11:20")], False),
        # minutes on one line, clock times on the other: these may hold those
        ([line("90839", None, "10:00", "11:00"), line("90840", 30)], True),
        ([line("90839", 60), line("90840", None, "11:00", "11:30")], True),
        ([line("90839", 60), line("90840", None, "11:00")], False),
        # in a month a clock shows one day of it, so that it tells nothing and hides nothing
        ([line("99490", 45), line("99439", None, "10:00", "10:30")], False),
        ([line("99490", 45, "10:00", "10:45"), line("99439", 45, "11:00", "11:45")], True),
        ([line("99490", 39), line("99439", 39)], False),
        # two bases, or two add-ons, are no base and its add-on
        ([line("90839", 30), line("90839", None, "10:00", "10:30")], False),
        ([line("90840", 30), line("90840", None, "10:00", "10:30")], False),
        # codes that are counted in units have minutes of their own
        ([line("97110", 15), line("97110", 15)], False),
    ],
)
def test_the_same_minutes_on_a_base_and_its_add_on_are_ambiguous(lines, ambiguous):
    (session,) = of(*lines)
    assert session.is_ambiguous is ambiguous


@pytest.mark.parametrize(("minutes", "ambiguous"), [(75, False), (76, True), (90, True)])
def test_where_no_source_settles_it_the_base_holds_what_it_holds_in_each_reading(minutes, ambiguous):
    (session,) = of(line("G0019", minutes), line("G0022", minutes), basis=Basis.MEDICARE)
    assert session.is_ambiguous is ambiguous


def test_a_clock_in_seconds():
    assert clock_of(line("90839", start="10:30:15", stop="11:00:15")) == (37815, 39615)
    assert clock_of(line("90839", start="10:30:15", stop="10:31:00")) == (37815, 37815)
    assert clock_of(line("90839", start="10:30")) is None


def test_an_add_on_of_one_of_several_sessions_is_ambiguous():
    old = dt.date(2022, 12, 31)
    (session,) = of(line("90837", 60), line("99354", 30), line("90837", 95), day=old)
    assert (session.has_several_bases, session.is_ambiguous) == (True, True)
    (session,) = of(line("90837", 95), line("99354"), line("99355"), day=old)
    assert (session.has_several_bases, session.is_ambiguous) == (False, False)
    (session,) = of(line("90839", 60), line("90839", 60), line("90840"))
    assert (session.has_several_bases, session.is_ambiguous) == (False, False)


@pytest.mark.parametrize(
    ("lines", "needs"),
    [
        ([line("90834")], True),
        ([line("99214")], False),
        ([line("99215"), line("99417")], True),
        ([line("99238")], False),
        ([line("99239")], True),
        ([line("99483")], False),
        ([line("96374")], False),
        ([line("96365")], True),
        ([line("T1014")], True),
        ([line("97110")], True),
        ([line("99490")], True),
    ],
)
def test_which_codes_need_minutes(lines, needs):
    (session,) = of(*lines)
    assert session.rests_on_time is needs


def test_anaesthesia_needs_minutes_and_has_no_units_to_judge():
    (session,) = of(line("00100"), basis=Basis.MEDICARE)
    assert (session.rests_on_time, session.is_counted) == (True, False)
    (session,) = of(line("90834"))
    assert session.is_counted


def test_sessions_of_their_own_are_never_ambiguous():
    assert [each.is_ambiguous for each in of(line("90834", 45), line("90837", 45))] == [False, False]
    assert [each.is_ambiguous for each in of(line("97110", 15), line("97140", 15))] == [False, False]


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        (
            [line("90839", 60, start="10:00", stop="11:00"), line("90840", 60, start="11:00", stop="12:00")],
            120,
        ),
        (
            [line("90839", 60, start="10:00", stop="11:00"), line("90840", 60, start="10:00", stop="11:00")],
            60,
        ),
        (
            [line("90839", 60, start="10:00", stop="11:00"), line("90840", 30, start="10:45", stop="11:15")],
            75,
        ),
        (
            [line("90839", 60, start="10:00", stop="11:15"), line("90840", 30, start="10:45", stop="11:15")],
            90,
        ),
    ],
)
def test_minutes_that_say_no_more_than_their_clock_are_read_from_the_clock(lines, minutes):
    assert documented_minutes(lines) == minutes


def test_units_are_summed_by_code():
    (session,) = of(line("96158", 60, units=1), line("96159", units=2), line("96159", units=3))
    assert session.units() == {"96158": 1, "96159": 5}


def test_a_context_is_kept_for_its_edition_day_and_basis():
    kept = context_for(EDITION, DAY, Basis.CPT)
    assert context_for(EDITION, DAY, Basis.CPT) is kept
    assert context_for(EDITION, DAY, Basis.MEDICARE) is not kept
    assert context_for(codeset("2025.1"), DAY, Basis.CPT) is not kept


def test_a_context_gives_the_same_answer_before_and_after_it_was_asked():
    """What is remembered is what would be looked up; free text is not remembered."""
    context = Context(EDITION, DAY, Basis.CPT)
    for _ in range(2):
        for code in ("90834", "90833", "27447", "9083", "psychotherapy", "G2212"):
            fresh = Context(EDITION, DAY, Basis.CPT)
            assert context.addon(code) == fresh.addon(code)
            assert context.time_rule(code) == fresh.time_rule(code)
            assert context.other_time_rule(code) == fresh.other_time_rule(code)
            assert context.has_time_rule(code) == fresh.has_time_rule(code)
            assert context.record(code) == fresh.record(code)
            assert context.standing(code) == fresh.standing(code)
            for other in ("90837", "nothing"):
                assert context.exclusions(code, other) == fresh.exclusions(code, other)
                assert context.exclusions(other, code) == fresh.exclusions(code, other)
    kept = [getattr(context, name) for name in Context.__slots__ if name.startswith("_")]
    assert not [
        table for table in kept if isinstance(table, dict) and ("9083" in table or "psychotherapy" in table)
    ]


def test_a_principle_holds_from_its_first_day_on():
    known = {each.id: each.first_day for each in timerule.principles(EDITION)}
    assert Context(EDITION, DAY, Basis.CPT).principle("no-minute-twice").id == "no-minute-twice"
    assert Context(EDITION, DAY, Basis.CPT).principle("no-such-principle") is None
    first = known["no-minute-twice"]
    assert Context(EDITION, first, Basis.CPT).principle("no-minute-twice") is not None
    assert Context(EDITION, first - dt.timedelta(1), Basis.CPT).principle("no-minute-twice") is None
