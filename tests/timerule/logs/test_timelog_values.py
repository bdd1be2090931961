"""Session logs as values: equal, added, through JSON; and what they refuse."""

import copy
import datetime as dt
import json
import pickle
from zoneinfo import ZoneInfo

import attrs
import pytest

from cptkit.errors import InvalidDate, InvalidTimeLog, NotInLog, UnknownZone
from cptkit.timerule.logs.intervals import BREAK, Interval
from cptkit.timerule.logs.timelog import TimeLog

CHICAGO = "America/Chicago"


def clock(text, day="2026-03-02"):
    return dt.datetime.fromisoformat(text if " " in text else f"{day} {text}")


def took(start, stop, activity="psychotherapy", **more):
    return Interval(clock(start), clock(stop), activity, **more)


def log_of(*intervals, zone=CHICAGO):
    return TimeLog(intervals, zone)


# --- what is not in the log ------------------------------------------------------------------------------


def test_an_activity_that_the_log_does_not_hold_is_never_zero_minutes():
    log = log_of(took("09:00", "09:10"), took("09:10", "09:20", "visit"), took("10:00", "10:10", BREAK))
    asking = [log.minutes, log.split, log.stretches, log.by_day, log.by_month, log.explain]
    for ask in [*asking, lambda name: log.month(2026, 3, name)]:
        with pytest.raises(NotInLog, match=r"^the log has no such activity: 'PsychoterapY'") as caught:
            ask("PsychoterapY")
        assert caught.value.near == ("psychotherapy",)
        assert caught.value.expected is None
    with pytest.raises(NotInLog, match=r"activity: 'em'; expected one of 'psychotherapy', 'visit'$"):
        log.minutes("em")
    with pytest.raises(NotInLog, match="activity: 'em'"):
        log.minutes("visit", apart_from=["psychotherapy", "em"])
    with pytest.raises(NotInLog, match="activity: 'em'"):
        log.split("visit", "em")


def test_a_clinician_that_the_log_does_not_hold_is_never_zero_minutes():
    log = log_of(took("09:00", "09:10", clinician="Ames"), took("10:00", "10:10", BREAK, clinician="Bo"))
    with pytest.raises(NotInLog, match=r"^the log has no such clinician: 'Aims'; did you mean Ames"):
        log.minutes(clinician="Aims")
    with pytest.raises(NotInLog, match="no such clinician: ''; expected one of 'Ames'"):
        log.minutes(clinician="")
    with pytest.raises(NotInLog, match="no such clinician: 'Bo'"):
        log.minutes(clinician="Bo")


def test_an_empty_log_has_no_minutes_and_no_activity():
    log = log_of()
    assert (len(log), log.minutes(), log.by_day(), log.activities, log.clinicians) == (0, 0, {}, (), ())
    with pytest.raises(NotInLog, match=r"no such activity: 'visit'$"):
        log.minutes("visit")
    assert log.explain() == "all activities, America/Chicago: 0 minutes\n  the log has none of it"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"activity": "Break"}, "a break counts for nothing: 'Break'; expected another activity"),
        ({"apart_from": "break"}, "a break counts for nothing"),
        ({"activity": 7}, "the activity is not text: 7; expected a str"),
        ({"apart_from": [7]}, "the activity is not text"),
        ({"clinician": 7}, "the clinician is not text"),
        ({"patient_present": 1}, "patient_present is not a yes or no: 1; expected True, False or None"),
        (
            {"activity": "visit", "apart_from": "VISIT"},
            "an activity is named twice: 'VISIT'; expected each one once",
        ),
        ({"apart_from": ["visit", "Visit"]}, "an activity is named twice: 'Visit'"),
    ],
)
def test_a_question_without_an_answer_is_refused(asked, message):
    log = log_of(took("09:00", "09:10", "visit"), took("09:05", "09:06", BREAK))
    with pytest.raises(InvalidTimeLog) as caught:
        log.minutes(**asked)
    assert str(caught.value).startswith(message)


def test_a_split_needs_activities_each_once():
    log = log_of(took("09:00", "09:10", "visit"))
    with pytest.raises(
        InvalidTimeLog, match=r"^no activity to split the minutes by; expected one name or more"
    ):
        log.split()
    with pytest.raises(InvalidTimeLog, match=r"^an activity is named twice"):
        log.split("visit", "visit")


@pytest.mark.parametrize("on", ["2026-03-02", clock("09:00"), 0])
def test_a_day_is_a_date(on):
    log = log_of(took("09:00", "09:10", "visit"))
    for ask in (log.minutes, log.explain, lambda on: log.split("visit", on=on)):
        with pytest.raises(InvalidDate):
            ask(on=on)


def test_a_break_may_have_the_name_of_a_clinician():
    log = log_of(took("09:00", "09:10", clinician="Break"))
    assert log.minutes(clinician="break") == 10


# --- the log as a value ----------------------------------------------------------------------------------


def test_a_log_is_sorted_and_in_one_zone():
    early = Interval(clock("16:00").replace(tzinfo=dt.UTC), clock("16:30").replace(tzinfo=dt.UTC), "visit")
    log = log_of(took("10:10", "10:40"), early, took("10:10", "10:20", "a"), took("10:10", "10:20", "A"))
    assert [(str(each.start)[11:16], each.activity) for each in log] == [
        ("10:00", "visit"),
        ("10:10", "A"),
        ("10:10", "a"),
        ("10:10", "psychotherapy"),
    ]
    assert {each.start.tzinfo for each in log.intervals} == {ZoneInfo(CHICAGO)}
    assert (log.zone, len(log)) == (ZoneInfo(CHICAGO), 4)
    assert log.activities == ("A", "psychotherapy", "visit")
    with_break = log.with_interval(took("10:15", "10:16", BREAK, clinician="Bo"))
    assert (with_break.activities, with_break.clinicians) == (log.activities, ("",))


def test_logs_are_values():
    first, second = took("09:00", "09:10"), took("10:00", "10:10", "visit")
    log = log_of(first, second)
    same = TimeLog([second, first], ZoneInfo.no_cache(CHICAGO))
    assert (log, hash(log)) == (same, hash(same))
    assert log != log_of(first)
    assert log_of(first) != log_of(first, zone="America/New_York")
    assert log_of(first).with_interval(second) == log
    assert log_of(first) + log_of(second) == log
    assert attrs.evolve(log, intervals=(first,)) == log_of(first)
    for back in (pickle.loads(pickle.dumps(log)), copy.deepcopy(log)):  # noqa: S301 - our own bytes
        assert (back, back.minutes()) == (log, 20)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        log.zone = None


def test_logs_of_different_zones_are_not_added():
    log = log_of(took("09:00", "09:10"))
    with pytest.raises(
        InvalidTimeLog, match=r"^two logs of different zones: 'Europe/Berlin'; expected America/Chicago"
    ):
        log + log_of(zone="Europe/Berlin")
    with pytest.raises(TypeError):
        log + log.intervals


def test_a_log_survives_json():
    log = log_of(
        took("09:00", "09:10:00.5", clinician="A"), took("10:00", "10:10", "visit", patient_present=False)
    )
    plain = log.to_dict()
    assert plain["zone"] == CHICAGO
    assert plain["intervals"][0] == {
        "start": "2026-03-02T09:00:00-06:00",
        "stop": "2026-03-02T09:10:00.500000-06:00",
        "activity": "psychotherapy",
        "clinician": "A",
        "patient_present": True,
    }
    assert TimeLog.from_dict(json.loads(json.dumps(plain))) == log
    assert log_of() == TimeLog.from_dict(log_of().to_dict())


KEYS = ["start", "stop", "activity", "clinician", "patient_present"]
ISO = "expected an ISO time with its offset, such as '2026-03-02T09:00:00-06:00'; see interval 1"


def plain_log(**changed):
    interval = took("09:00", "09:10").in_zone(ZoneInfo(CHICAGO))
    plain = TimeLog([interval]).to_dict()
    plain["intervals"][0] |= changed
    return plain


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ([], "not a mapping: []; expected the keys zone, intervals; see the log"),
        ({"zone": CHICAGO}, "a key is missing: 'intervals'; see the log"),
        (plain_log() | {"zones": 1}, "an unknown key: 'zones'; did you mean zone? See the log"),
        (plain_log() | {"zone": 1}, "the zone is not a name: 1; see zone"),
        (plain_log() | {"intervals": {}}, "the intervals are not a list: {}; see intervals"),
        (
            plain_log() | {"intervals": ["09:00"]},
            f"not a mapping: '09:00'; expected the keys {', '.join(KEYS)}; see interval 1",
        ),
        (plain_log(stopp=1), "an unknown key: 'stopp'; did you mean stop? See interval 1"),
        (plain_log(start="2026-03-02T09:00"), f"not a time with an offset: '2026-03-02T09:00'; {ISO}.start"),
        (plain_log(start="nine"), f"not a time with an offset: 'nine'; {ISO}.start"),
        (plain_log(stop=9), f"not a time with an offset: 9; {ISO}.stop"),
        (
            plain_log(stop="2026-03-02T09:00-06:00"),
            "the stop is not after the start: '2026-03-02 09:00 to 09:00'; expected a later stop; see interval 1",
        ),
        (
            plain_log(activity=""),
            "an interval without an activity; expected a word such as 'psychotherapy'; see interval 1",
        ),
        (
            plain_log(patient_present=1),
            "patient_present is not a yes or no: 1; expected True or False; see interval 1",
        ),
    ],
)
def test_a_log_is_read_strictly(plain, message):
    with pytest.raises(InvalidTimeLog) as caught:
        TimeLog.from_dict(plain)
    assert str(caught.value) == message


def test_a_missing_key_of_an_interval_is_not_guessed():
    plain = plain_log()
    del plain["intervals"][0]["patient_present"]
    with pytest.raises(InvalidTimeLog, match=r"^a key is missing: 'patient_present'; see interval 1"):
        TimeLog.from_dict(plain)
    with pytest.raises(UnknownZone):
        TimeLog.from_dict(plain_log() | {"zone": "America/Chigaco"})
