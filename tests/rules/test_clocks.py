"""Minutes that are counted twice, against a way of its own to lay minutes out on a clock."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Line, check, codeset
from cptkit.rules.context import context_for
from cptkit.rules.tim.clocks import crowded

DAY = dt.date(2026, 3, 2)
EDITION = codeset("2026.1")


def line(code, minutes, start, stop):
    times = {"start": dt.time.fromisoformat(start), "stop": dt.time.fromisoformat(stop)}
    return Line(code, date_of_service=DAY, minutes=minutes, **times)


clocked = st.tuples(
    st.sampled_from(["97110", "97140", "97112", "90834", "96116"]),
    st.integers(600, 700),
    st.integers(1, 60),
    st.integers(0, 60),
).map(
    lambda given: line(
        given[0],
        min(given[3], given[2]),
        f"{given[1] // 60:02}:{given[1] % 60:02}",
        f"{(given[1] + given[2]) // 60:02}:{(given[1] + given[2]) % 60:02}",
    )
)


def fits(jobs):
    """Whether minutes can be laid out one after the other, each within its clock: earliest stop first."""
    left = [minutes for _, _, minutes in jobs]
    for minute in range(600, 820):
        open_jobs = [
            place for place, (start, stop, _) in enumerate(jobs) if start <= minute < stop and left[place]
        ]
        if open_jobs:
            left[min(open_jobs, key=lambda place: jobs[place][1])] -= 1
    return not any(left)


def minute_of(time):
    return time.hour * 60 + time.minute


@given(lines=st.lists(clocked, max_size=5, unique_by=lambda each: each.code))
def test_minutes_are_counted_twice_just_where_they_cannot_be_laid_out(lines):
    """Against a way of its own: working through the clock minute by minute."""
    (encounter,) = Claim(lines).encounters() or (None,)
    jobs = [(minute_of(each.start), minute_of(each.stop), each.minutes) for each in lines]
    told = crowded(encounter, context_for(EDITION, DAY, Basis.CPT)) if encounter else ()
    assert bool(told) == (not fits(jobs))


HALF_TOLD = [
    {},
    {"start": dt.time(10, 0)},
    {"stop": dt.time(10, 45)},
    {"start": dt.time(10, 0), "stop": dt.time(10, 45)},
]


@pytest.mark.parametrize("one", HALF_TOLD)
@pytest.mark.parametrize("other", HALF_TOLD)
def test_clock_times_told_by_half_are_no_overlap(one, other):
    lines = [
        Line("90847", date_of_service=DAY, rendering_provider="A", **one),
        Line("90837", date_of_service=DAY, rendering_provider="A", modifiers="59", **other),
    ]
    report = check(Claim(lines), Catalog.bundled(), select="BHX501")
    overlap = len(one) == len(other) == 2
    assert bool(report.findings) is overlap
    assert bool(report.bypassed) is not overlap
