"""Laws of session logs, against an oracle that counts seconds in sets."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from cptkit.timerule.logs.intervals import BREAK, Interval
from cptkit.timerule.logs.timelog import TimeLog
from cptkit.timerule.logs.windows import online_windows

# Each zone with 22:00 UTC or so before a night worth a look: midnight and a change of the clock lie ahead.
NIGHTS = [
    ("America/New_York", "2026-03-08T03:00"),
    ("America/New_York", "2026-11-01T02:00"),
    ("America/New_York", "2028-03-01T03:00"),
    ("America/Phoenix", "2026-03-08T05:00"),
    ("Europe/Berlin", "2026-03-28T22:00"),
    ("Europe/Berlin", "2026-10-24T21:00"),
    ("Australia/Lord_Howe", "2026-04-04T12:00"),
    ("Asia/Kathmandu", "2026-12-31T17:00"),
]
ACTIVITIES = ["psychotherapy", "visit", "notes"]
CLINICIANS = ["", "A", "B"]


@attrs.frozen
class Made:
    """An interval as the oracle sees it: seconds from the start of the night."""

    start: int
    stop: int
    activity: str
    clinician: str
    patient_present: bool

    @property
    def seconds(self):
        return set(range(self.start, self.stop))


@attrs.frozen
class Night:
    zone: str
    begins: dt.datetime
    made: list

    def log(self):
        return TimeLog([self.interval(each) for each in self.made], self.zone)

    def clock(self, second):
        """What the clock shows, without its zone; fold tells the two of a repeated hour apart."""
        moment = self.begins + dt.timedelta(seconds=second)
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def interval(self, each):
        return Interval(
            self.clock(each.start),
            self.clock(each.stop),
            each.activity,
            clinician=each.clinician,
            patient_present=each.patient_present,
        )

    def counted(self, asked):
        """The seconds that a question means, each once."""
        found = set()
        for each in self.made:
            if each.activity == BREAK or asked.get("activity", each.activity) != each.activity:
                continue
            if asked.get("clinician", each.clinician) != each.clinician:
                continue
            if asked.get("patient_present", each.patient_present) is not each.patient_present:
                continue
            found |= each.seconds - self.breaks(each.clinician)
        return found

    def breaks(self, clinician):
        return {
            second
            for each in self.made
            if each.activity == BREAK and (not clinician or not each.clinician or each.clinician == clinician)
            for second in each.seconds
        }

    def days(self, seconds, removed=frozenset()):
        """The seconds of each local day, where those without a gap belong to the day of the first."""
        found = Counter()
        day = None
        for second in sorted(seconds):
            if second - 1 not in seconds:
                day = self.clock(second).date()
            found[day] += second not in removed
        return found


# Mostly round seconds, so that intervals touch, cover each other and end at midnight.
SECONDS = st.one_of(
    st.integers(0, 8 * 12).map(lambda each: 300 * each),
    st.integers(0, 8 * 60).map(lambda each: 60 * each + 17),
)
LENGTHS = st.one_of(st.integers(1, 12).map(lambda each: 300 * each), st.integers(1, 3000))


@st.composite
def intervals(draw, activities=(*ACTIVITIES, BREAK)):
    start = draw(SECONDS)
    return Made(
        start,
        start + draw(LENGTHS),
        draw(st.sampled_from(activities)),
        draw(st.sampled_from(CLINICIANS)),
        draw(st.booleans()),
    )


@st.composite
def nights(draw):
    zone, begins = draw(st.sampled_from(NIGHTS))
    made = draw(st.lists(intervals(), max_size=7))
    return Night(zone, dt.datetime.fromisoformat(begins).replace(tzinfo=dt.UTC), made)


@st.composite
def questions(draw):
    """A night, and a question that it can answer."""
    night = draw(nights())
    held = [each for each in night.made if each.activity != BREAK]
    asked = {}
    if held and draw(st.booleans()):
        asked["activity"] = draw(st.sampled_from(held)).activity
    if held and draw(st.booleans()):
        asked["clinician"] = draw(st.sampled_from(held)).clinician
    if draw(st.booleans()):
        asked["patient_present"] = draw(st.booleans())
    return night, asked


@given(questions())
def test_minutes_are_those_of_the_oracle(question):
    night, asked = question
    log, seconds = night.log(), night.counted(asked)
    assert log.minutes(**asked) == len(seconds) // 60
    days = night.days(seconds)
    assert log.by_day(**asked) == {day: held // 60 for day, held in days.items()}
    months = Counter()
    for day, held in days.items():
        months[day.year, day.month] += held
    assert log.by_month(**asked) == {month: held // 60 for month, held in months.items()}
    for day, held in days.items():
        assert log.minutes(**asked, on=day) == held // 60
        assert log.month(day.year, day.month, **asked) == months[day.year, day.month] // 60


@given(nights(), st.permutations(ACTIVITIES))
def test_a_split_is_that_of_the_oracle(night, order):
    log = night.log()
    order = [name for name in order if name in log.activities]
    if not order:
        return
    taken, parts = set(), {}
    for name in order:
        seconds = night.counted({"activity": name})
        assert log.by_day(name, apart_from=order[: len(parts)]) == {
            day: held // 60 for day, held in night.days(seconds, taken).items()
        }
        parts[name] = len(seconds - taken) // 60
        taken |= seconds
    assert log.split(*order) == parts
    assert sum(parts.values()) <= log.minutes()


@given(questions())
def test_stretches_are_apart_and_add_up(question):
    night, asked = question
    log, seconds = night.log(), night.counted(asked)
    stretches = log.stretches(**asked)
    assert sum(stretch.elapsed.total_seconds() for stretch in stretches) == len(seconds)
    moments = [moment for stretch in stretches for moment in stretch.moments()]
    assert moments == sorted(set(moments))
    assert all(
        stretch.elapsed == stop - start for stretch in stretches for start, stop in [stretch.moments()]
    )
    starts = {second for second in seconds if second - 1 not in seconds}
    assert {night.begins + dt.timedelta(seconds=second) for second in starts} == set(moments[::2])
    # each sum drops less than the sums of its parts
    days, months = log.by_day(**asked), log.by_month(**asked)
    assert sum(stretch.minutes for stretch in stretches) <= sum(days.values())
    assert sum(days.values()) <= sum(months.values()) <= log.minutes(**asked)


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_intervals_never_matters(question, random):
    night, asked = question
    shuffled = list(night.made)
    random.shuffle(shuffled)
    log, other = night.log(), attrs.evolve(night, made=shuffled).log()
    assert (log, hash(log)) == (other, hash(other))
    assert log.explain(**asked) == other.explain(**asked)
    if log.activities:
        assert log.split(*log.activities) == other.split(*log.activities)


@given(questions(), st.data())
def test_an_interval_may_be_written_in_two(question, data):
    night, asked = question
    made = []
    for each in night.made:
        if each.stop - each.start > 1 and data.draw(st.booleans()):
            cut = data.draw(st.integers(each.start + 1, each.stop - 1))
            made += [attrs.evolve(each, stop=cut), attrs.evolve(each, start=cut)]
        else:
            made.append(each)
    log, other = night.log(), attrs.evolve(night, made=made).log()
    assert log.stretches(**asked) == other.stretches(**asked)
    assert log.explain(**asked) == other.explain(**asked)
    if log.activities:
        assert log.split(*log.activities) == other.split(*log.activities)


@given(questions(), intervals(activities=ACTIVITIES))
def test_one_more_interval_never_lowers_the_minutes(question, more):
    night, asked = question
    log = night.log()
    longer = log.with_interval(night.interval(more))
    assert longer.minutes(**asked) >= log.minutes(**asked)
    assert longer == log + TimeLog([night.interval(more)], night.zone)


@given(questions(), intervals(activities=[BREAK]))
def test_one_more_break_never_raises_the_minutes(question, more):
    night, asked = question
    log = night.log()
    assert log.with_interval(night.interval(more)).minutes(**asked) <= log.minutes(**asked)


@given(nights())
def test_a_log_never_has_more_minutes_than_passed(night):
    log = night.log()
    if log.intervals:
        passed = max(each.stop for each in night.made) - min(each.start for each in night.made)
        assert log.minutes() <= passed // 60
    assert log.minutes() <= sum(each.stop - each.start for each in night.made) // 60


@given(st.sampled_from(NIGHTS), intervals(activities=["watch"]))
@example(NIGHTS[0], Made(0, 24 * 3600, "watch", "", patient_present=True))
def test_elapsed_time_is_the_difference_in_utc(place, made):
    zone, begins = place
    night = Night(zone, dt.datetime.fromisoformat(begins).replace(tzinfo=dt.UTC), [made])
    (stretch,) = night.log().stretches()
    assert stretch.elapsed == dt.timedelta(seconds=made.stop - made.start)
    assert stretch.day == night.clock(made.start).date()


@given(nights())
def test_a_log_survives_its_plain_form(night):
    log = night.log()
    back = TimeLog.from_dict(log.to_dict())
    assert (back, back.stretches(), back.to_dict()) == (log, log.stretches(), log.to_dict())


@given(questions())
def test_the_explanation_ends_in_the_minutes(question):
    night, asked = question
    log = night.log()
    head, *told = log.explain(**asked).splitlines()
    minutes = log.minutes(**asked)
    assert head.endswith(f": {minutes} minute{'s' * (minutes != 1)}")
    stretches = log.stretches(**asked)
    assert sum(" to " in line and "removed" not in line for line in told) == len(stretches)
    assert all(f"  {stretch}" in told for stretch in stretches)


@given(questions(), st.integers(1, 3))
def test_windows_hold_all_minutes(question, length):
    night, asked = question
    stretches = night.log().stretches(**asked)
    windows = online_windows(stretches, length=length)
    assert sum(window.minutes for window in windows) <= night.log().minutes(**asked)
    assert sum(window.minutes for window in windows) >= sum(night.log().by_day(**asked).values())
    days = {stretch.day for stretch in stretches}
    assert {window.first for window in windows} <= days
    assert all(any(window.first <= day <= window.last for window in windows) for day in days)
