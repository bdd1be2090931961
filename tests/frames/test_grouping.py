"""Lines brought together by patient, day and clinician: each once, encounters whole, order kept."""

import itertools

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from hypothesis import given  # noqa: E402 - behind the skip
from hypothesis import strategies as st  # noqa: E402 - behind the skip

from cptkit.frames import grouping  # noqa: E402 - behind the skip
from cptkit.frames.grouping import by_day, grouped  # noqa: E402 - behind the skip

HUGE = 2**64 - 1
lines = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, HUGE]), st.sampled_from([-1, 0, 20_000]), st.sampled_from([0, 7, HUGE])
    ),
    max_size=40,
)


def arrays(given_lines):
    patient, day, provider = zip(*given_lines, strict=True) if given_lines else ((), (), ())
    return np.array(patient, np.uint64), np.array(day, np.int32), np.array(provider, np.uint64)


def laws(given_lines):
    """What must hold of lines by encounter; the places of the lines, day by day."""
    patient, day, provider = arrays(given_lines)
    count = len(given_lines)
    found = grouped(patient, day, provider)
    order = np.arange(count) if found.order is None else found.order
    assert sorted(order.tolist()) == list(range(count))
    assert found.encounters.dtype == found.days.dtype == np.int64
    several = [
        len({given_lines[at] for at in order[start:end]})
        for start, end in itertools.pairwise(found.days.tolist())
    ]
    assert (found.order is None) is (by_day(patient, day)[0] is None and max(several, default=1) == 1)
    for bounds in (found.encounters, found.days):
        assert bounds[0] == 0
        assert bounds[-1] == count
        assert (np.diff(bounds) > 0).all()
    assert set(found.days.tolist()) <= set(found.encounters.tolist())
    encounters = [order[start:end].tolist() for start, end in itertools.pairwise(found.encounters.tolist())]
    days = [order[start:end].tolist() for start, end in itertools.pairwise(found.days.tolist())]
    # whole, and apart: each once, of one key
    assert [len({given_lines[at] for at in each}) for each in encounters] == [1] * len(encounters)
    assert len(encounters) == len(set(given_lines))
    assert [len({given_lines[at][:2] for at in each}) for each in days] == [1] * len(days)
    assert len(days) == len({each[:2] for each in given_lines})
    for each in encounters:
        assert each == sorted(each)
    return days


@given(lines)
def test_laws(given_lines):
    laws(given_lines)


@given(lines)
def test_lines_in_order_stay(given_lines):
    """None stands for the order of the input, where no day has several clinicians."""
    ordered = sorted(given_lines)
    laws(ordered)
    patient, day, provider = arrays(ordered)
    found = grouped(patient, day, provider)
    assert found.order is None or found.order.tolist() == list(range(len(ordered)))
    assert grouped(patient, day, np.zeros(len(ordered), np.uint64)).order is None
    assert by_day(patient, day)[0] is None


@given(lines)
def test_days_alone(given_lines):
    """The same days, whoever is named on the lines; within a day the lines keep their order."""
    patient, day, provider = arrays(given_lines)
    order, bounds = by_day(patient, day)
    whole = grouped(patient, day, provider)
    assert bounds.tolist() == whole.days.tolist()
    places = np.arange(len(given_lines)) if order is None else order
    parts = [places[start:end].tolist() for start, end in itertools.pairwise(bounds.tolist())]
    assert all(part == sorted(part) for part in parts)
    assert [sorted(part) for part in laws(given_lines)] == parts


@given(lines)
def test_days_in_turn(given_lines):
    """Of lines of each patient together: where days begin; None where one is met again behind another, or before it."""
    ordered = sorted(given_lines, key=lambda line: line[0])
    patient, day, _ = arrays(ordered)
    if not ordered:
        return
    found = grouping.in_turn(patient, day)
    if ordered == sorted(ordered, key=lambda line: line[:2]):
        order, begins = by_day(patient, day)
        assert order is None
        assert found.tolist() == begins.tolist()
    else:
        assert found is None


@pytest.mark.parametrize(
    ("given_lines", "days"),
    [
        ([], []),
        ([(1, 0, 7)], [[0]]),
        # what is met once stays where it is; what is brought together comes behind
        ([(1, 0, 7), (2, 0, 7), (1, 0, 7), (3, 0, 7)], [[1], [3], [0, 2]]),
        # by clinician, named ones behind those of nobody
        ([(1, 0, 7), (1, 0, 0), (1, 0, 7)], [[1, 0, 2]]),
        ([(1, 0, 7), (1, 0, HUGE), (2, 0, 7), (2, 1, 8)], [[0, 1], [2], [3]]),
        ([(1, 0, 9), (1, 0, 8), (2, 0, 7), (1, 0, 9)], [[2], [1, 0, 3]]),
        # one clinician on two patients' days side by side are two encounters
        ([(1, 0, 7), (2, 0, 7), (2, 0, 7), (2, 1, 7)], [[0], [1, 2], [3]]),
    ],
)
def test_what_comes_where(given_lines, days):
    assert laws(given_lines) == days


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "forced",
    [
        {"_LEAST_BITS": 63},
        {"_LEAST_BITS": 60},
        {"_MOST": 4},
        {"_MOST": 4, "_LEAST_BITS": 58},
        {"CHUNK": 1},
        {"CHUNK": 7, "_LEAST_BITS": 60},
    ],
)
def test_forced(monkeypatch, seed, forced):
    """So few bits left of each hash that many share them; parts of a few runs; runs compared a few at a time."""
    for name, value in forced.items():
        monkeypatch.setattr(grouping, name, value)
    draw = np.random.default_rng(seed)
    picks = draw.integers(0, [12, 3, 3], (120, 3)).tolist()
    given_lines = [(patient * 7 + 1, day, provider) for patient, day, provider in picks]
    days = laws(given_lines)
    assert len(days) > 20


def test_alike_hashes_of_two_that_take_turns(monkeypatch):
    """Lines of two patients, one after the other, that share a hash; and a third with one of its own."""
    monkeypatch.setattr(grouping, "_LEAST_BITS", 63)
    given_lines = [(1, 0, 7), (2, 0, 7), (1, 0, 7), (2, 0, 7), (1, 1, 7)]
    assert sorted(laws(given_lines)) == [[0, 2], [1, 3], [4]]


@pytest.mark.parametrize("count", [3, 4, 5])
def test_as_many_runs_as_a_part_holds(monkeypatch, count):
    """On both sides of the bound."""
    monkeypatch.setattr(grouping, "_MOST", 4)
    given_lines = [(number % 2 + 1, 0, 7) for number in range(count)]
    assert sorted(laws(given_lines)) == [list(range(0, count, 2)), list(range(1, count, 2))]


@given(lines, st.lists(st.integers(0, 40), max_size=4), st.booleans())
def test_batches_and_threads_change_nothing(given_lines, cuts, is_hashed):
    """The same days whatever the batches; a run that is cut by them is brought together."""
    patient, day, _ = arrays(given_lines)
    ends = [0, *sorted(cut for cut in cuts if cut <= len(given_lines)), len(given_lines)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grouping, "_FEW", 2)
        if not is_hashed:
            patched.setattr(grouping, "_LEAST_BITS", 62)
        heads = [grouping.Heads.of(patient[a:b], day[a:b]) for a, b in itertools.pairwise(ends)]
        found = grouping.brought_together(heads, threads=3)
    days = [found.order[start:end].tolist() for start, end in itertools.pairwise(found.begins.tolist())]
    for begin, stays, each in zip(ends, found.stays, heads, strict=False):
        for at, length, is_all in zip(each.at.tolist(), each.lengths().tolist(), stays.tolist(), strict=True):
            if is_all:
                days.append(list(range(begin + at, begin + at + length)))
    told = {}
    for place, (who, when, _) in enumerate(given_lines):
        told.setdefault((who, when), []).append(place)
    assert sorted(days) == sorted(told.values())


def test_many_lines():
    """Shuffled, and run by run."""
    draw = np.random.default_rng(5)
    count = 20_000
    given_lines = list(
        zip(
            draw.integers(1, 3000, count).tolist(),
            draw.integers(0, 4, count).tolist(),
            draw.integers(0, 3, count).tolist(),
            strict=True,
        )
    )
    laws(given_lines)
