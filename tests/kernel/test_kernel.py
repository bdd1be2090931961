"""The compiled part: each of its functions says what a few plain lines say, and tables get the same answers without it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import kernel  # noqa: E402 - behind the skip
from cptkit.frames.grouping import Heads  # noqa: E402 - behind the skip
from cptkit.frames.hashing import PATIENT, PROVIDER, hashed  # noqa: E402 - behind the skip
from cptkit.kernel import loading  # noqa: E402 - behind the skip
from cptkit.kernel.again import met_again, of_part  # noqa: E402 - behind the skip

NEW = -7

compiled = pytest.mark.skipif(
    not kernel.is_built(), reason="the compiled part was not built here (no C compiler), or is set aside"
)
whole = st.integers(-(2**31), 2**31 - 1)
sizes = st.lists(st.integers(0, 5) | st.integers(30, 40), max_size=12)


def starts_of(lengths):
    return np.cumsum([0, *lengths])


@pytest.fixture
def plain(monkeypatch):
    """Without the compiled part, until asked again."""

    def off():
        monkeypatch.setattr(loading, "library", lambda: None)

    return off


@compiled
@given(sizes, st.randoms(use_true_random=False))
def test_repeated(lengths, draw) -> None:
    starts = starts_of(lengths)
    code = [draw.randrange(9) for _ in range(starts[-1])]
    expected = [code[a:b].count(each) > 1 for a, b in itertools.pairwise(starts) for each in code[a:b]]
    assert kernel.repeated(starts, np.array(code, np.int32), 9).tolist() == expected


@compiled
@given(sizes, st.randoms(use_true_random=False), st.booleans())
def test_by_ids(lengths, draw, is_shuffled) -> None:
    """Encounters of few lines and of many; lines of one id keep their order."""
    starts = starts_of(lengths)
    many = int(starts[-1])
    ids = np.array([draw.choice([draw.randrange(4), draw.randrange(-(2**60), 2**60)]) for _ in range(many)])
    order = np.array(draw.sample(range(many), many), np.int64) if is_shuffled else None
    places = list(range(many)) if order is None else order.tolist()
    expected, shares = [], False
    for a, b in itertools.pairwise(starts):
        expected += sorted(places[a:b], key=lambda place: ids[place])
        shares |= len({int(ids[place]) for place in places[a:b]}) < b - a
    given_order = None if order is None else order.copy()
    found, is_shared = kernel.by_ids(starts, ids, order)
    assert is_shared == shares
    if order is None and expected == places:
        assert found is None
    else:
        assert found.tolist() == expected
    assert order is None or (order == given_order).all(), "what was given is changed"


@compiled
@given(st.lists(st.tuples(*[st.integers(-1, 3)] * 3), max_size=300))
def test_sets(rows) -> None:
    """Numbers from 1 in the order in which values are met; 0 where there is none."""
    columns = [np.array([row[at] for row in rows], np.int32) for at in range(3)]
    number, firsts = kernel.sets(columns)
    none = (-1, -1, -1)
    distinct = [row for row in dict.fromkeys(rows) if row != none]
    assert [rows[each] for each in firsts.tolist()] == distinct
    assert firsts.tolist() == [rows.index(row) for row in distinct]
    assert number.tolist() == [0 if row == none else distinct.index(row) + 1 for row in rows]


@compiled
def test_sets_make_room() -> None:
    """More distinct values than there is room for at first."""
    value = np.arange(50_000, dtype=np.int32)[::-1] % 20_000
    number, firsts = kernel.sets([value, value // 3])
    assert len(firsts) == 20_000
    assert (value[firsts][number - 1] == value).all()


@compiled
@given(st.lists(st.integers(0, 9), max_size=60), st.randoms(use_true_random=False))
def test_in_turn(numbers, draw) -> None:
    order = draw.sample(range(len(numbers)), len(numbers))
    told, met = kernel.in_turn(np.array(numbers, np.int32), np.array(order, np.int64), 10)
    moved = [numbers[at] for at in order]
    assert met.tolist() == list(dict.fromkeys(moved))
    assert met[told].tolist() == moved


@compiled
@pytest.mark.parametrize(
    ("kinds", "kind"), [("hi", "int32"), ("hh", "int32"), ("ii", "int32"), ("qq", "int64")]
)
@given(st.data())
def test_spots(kinds, kind, data) -> None:
    """Values at places of several batches, some of which hold them in less room."""
    draw = data.draw(st.randoms(use_true_random=False))
    batches = [
        np.array([draw.randrange(-(2**15), 2**15) for _ in range(draw.randrange(1, 9))], each)
        for each in kinds
    ]
    ends = np.cumsum([len(batch) for batch in batches])
    places = np.array([draw.randrange(int(ends[-1])) for _ in range(draw.randrange(1, 20))], np.int64)
    spots = kernel.spots(places, ends)
    assert (np.append(0, ends)[spots.batch] + spots.local == places).all()
    found = spots.gathered(batches, kind)
    assert found.dtype == kind
    assert found.tolist() == np.concatenate(batches)[places].tolist()


@compiled
def test_spots_of_what_is_held_otherwise() -> None:
    """One value that stands for all lines, floats, or more bytes than are asked for: whoever asks takes them himself."""
    spots = kernel.spots(np.array([0, 3]), np.array([2, 4]))
    one, two = np.zeros(2, np.int64), np.broadcast_to(np.int64(1), (2,))
    assert spots.gathered([one, two], np.int64) is None
    assert spots.gathered([one.astype(float), one], np.int64) is None
    assert spots.gathered([one, one], np.int32) is None
    small = np.zeros(2, np.int16)
    assert spots.gathered([small, small], np.int16) is None
    assert spots.gathered([small.view(np.uint16), small], np.int32) is None
    assert spots.gathered([one.astype(">i8"), one], np.int64) is None
    with pytest.raises(IndexError):
        kernel.spots(np.array([4]), np.array([2, 4]))


@compiled
@pytest.mark.parametrize("kind", [np.int32, np.int64])
@given(st.data())
def test_days_that_are_met_again(kind, data) -> None:
    draw = data.draw(st.randoms(use_true_random=False))
    drawn = [draw.randrange(2**64) for _ in range(6)]
    batches = [np.array([draw.choice(drawn) for _ in range(draw.randrange(9))], np.uint64) for _ in range(3)]
    every = np.concatenate(batches)
    starts = np.cumsum([0, *(draw.randrange(1, 4) for _ in every)]).astype(kind)
    days = (every % np.uint64(5)).astype(np.int32)
    mixed, place = of_part(batches, 63, 1)
    assert place.tolist() == [at for at, each in enumerate(every.tolist()) if each >> 63]
    assert (mixed == every[place]).all()
    bits = max(len(mixed).bit_length(), 1)
    packed = np.sort(mixed >> np.uint64(bits) << np.uint64(bits) | np.arange(len(mixed), dtype=np.uint64))
    met = met_again(packed, bits, mixed, place, days, starts)
    groups: dict[int, list[int]] = {}
    for at, each in zip(place.tolist(), mixed.tolist(), strict=True):
        groups.setdefault(each, []).append(at)
    expected = [groups[each] for each in sorted(groups) if len(groups[each]) > 1]
    assert met.head.tolist() == list(itertools.chain.from_iterable(expected))
    lines = [[line for at in group for line in range(starts[at], starts[at + 1])] for group in expected]
    assert met.order.tolist() == list(itertools.chain.from_iterable(lines))
    assert met.order.dtype == kind
    assert met.begins.tolist() == [0, *itertools.accumulate(map(len, lines))][: len(lines)]


@compiled
def test_two_days_that_share_a_number_by_chance() -> None:
    """Nothing is told: they are mended one by one."""
    mixed, place, starts = np.array([8, 9], np.uint64), np.arange(2), np.arange(3, dtype=np.int32)
    packed, days = np.array([8, 9], np.uint64), np.zeros(2, np.int32)
    assert met_again(packed, 2, mixed, place, days, starts) is None
    mixed[:] = 8
    assert met_again(packed, 2, mixed, place, days, starts).head.tolist() == [0, 1]
    days[1] = 1
    assert met_again(packed, 2, mixed, place, days, starts) is None


@compiled
@given(st.lists(st.integers(0, 2**62) | st.integers(0, 5), max_size=200))
def test_sorted_keys(keys) -> None:
    found = kernel.sorted_keys(np.array(keys, np.int64))
    assert found.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@compiled
@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
@given(st.data())
def test_cells(kind, data) -> None:
    draw = data.draw(st.randoms(use_true_random=False))
    table = np.array([[draw.choice([NEW, draw.randrange(99)]) for _ in range(5)] for _ in range(3)], np.int32)
    rows = np.array([draw.randrange(3) for _ in range(4)], np.int32)
    group = np.array([draw.randrange(4) for _ in range(draw.randrange(9))], kind)
    number = np.array([draw.randrange(5) for _ in group], np.int32)
    found, is_any = kernel.cells(group, number, rows, table, NEW)
    expected = table[rows[group], number]
    assert found.tolist() == expected.tolist()
    assert is_any == (NEW in expected)


@compiled
def test_cells_of_a_group_without_a_row() -> None:
    table, rows = np.zeros((1, 2), np.int32), np.array([0, -1], np.int32)
    group, number = np.array([0, 1], np.int16), np.array([1, 1], np.int32)
    assert kernel.cells(group, number, rows, table, NEW) is None
    assert kernel.cells(group[:1], number[:1], rows, table, NEW)[0].tolist() == [0]
    assert kernel.cells(group[:1].astype(np.uint8), number[:1], rows, table, NEW) is None, (
        "no such groups are read"
    )


@compiled
@given(st.data())
def test_apart(data) -> None:
    rows = data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4)), max_size=50)
    )
    value, span, number = (np.array([row[at] for row in rows], np.int32) for at in range(3))
    group = np.array([1, 0, 1, 0], np.int32)
    lines, counts = kernel.apart(value, 1, 2, span.astype(np.int16), group, number, 5)
    assert lines.tolist() == [at for at, row in enumerate(rows) if row[0] == 1]
    expected = np.zeros((2, 5), np.int64)
    for what, of, each in rows:
        expected[group[of], each] += what == 2
    assert counts.reshape(2, 5).tolist() == expected.tolist()


@compiled
@given(sizes, st.randoms(use_true_random=False))
def test_beside(lengths, draw) -> None:
    starts = starts_of(lengths)
    code = [draw.randrange(6) for _ in range(starts[-1])]
    encounter = np.repeat(np.arange(len(lengths)), lengths)
    lines = sorted(draw.sample(range(len(code)), draw.randrange(len(code) + 1)))
    relation = [draw.randrange(3) for _ in lines]
    said = {(of, each): draw.choice([1, 2]) for of in range(3) for each in range(6) if draw.random() < 0.3}
    keys = sorted(said)
    table = (
        np.array([of << 8 | each for of, each in keys], np.int64),
        np.array([said[key] for key in keys], np.int64),
    )
    found = kernel.beside(
        np.array(lines, np.int64),
        np.array(relation, np.int64),
        encounter,
        starts,
        np.array(code, np.int32),
        table,
        shift=8,
        may_be=1,
        sure=2,
    )
    expected, sure = [], []
    for line, of in zip(lines, relation, strict=True):
        where = encounter[line]
        others = [other for other in range(starts[where], starts[where + 1]) if other != line]
        sure.append(any(said.get((of, code[other])) == 2 for other in others))
        expected += [] if sure[-1] else [(line, o) for o in others if said.get((of, code[o])) == 1]
    assert found.is_sure.tolist() == sure
    assert list(zip(found.on.tolist(), found.beside.tolist(), strict=True)) == expected


@compiled
def test_beside_makes_room() -> None:
    """A line beside far more lines that it may stand on than lines are asked about."""
    many = 3000
    code, encounter = np.ones(many, np.int32), np.zeros(many, np.int32)
    table = np.array([1], np.int64), np.array([1], np.int64)
    asked = np.array([5]), np.zeros(1, np.int64), encounter, np.array([0, many]), code, table
    found = kernel.beside(*asked, shift=8, may_be=1, sure=2)
    assert found.beside.tolist() == [line for line in range(many) if line != 5]
    assert not found.is_sure.any()
    assert (found.on == 5).all()


@compiled
@given(st.lists(st.tuples(whole, whole | st.just(NEW), st.booleans()), max_size=50))
def test_parted(rows) -> None:
    units, limit = (np.array([row[at] for row in rows], np.int32) for at in (0, 1))
    found = kernel.parted(units, limit, np.array([row[2] for row in rows], bool), NEW)
    known = [(at, *row) for at, row in enumerate(rows) if row[1] != NEW]
    assert found.over.tolist() == [at for at, each, most, is_again in known if not is_again and each > most]
    assert found.several.tolist() == [at for at, _, _, is_again in known if is_again]
    assert found.silent.tolist() == [at for at, row in enumerate(rows) if row[1] == NEW]


ids = st.none() | st.text(st.sampled_from("aZ09 \t\n\x1cé\x85-"), max_size=20) | st.text(max_size=3)


@compiled
@pytest.mark.parametrize("kind", ["string", "large_string"])
@given(st.lists(ids, max_size=30), st.integers(0, 3), st.booleans())
def test_texts(kind, texts, first, fold) -> None:
    """As without it: blanks, texts of other alphabets, none, and the slice of a longer column."""
    array = pa.array(texts, getattr(pa, kind)()).slice(first)
    seed = PROVIDER if fold else PATIENT
    found = hashed(array, seed, fold=fold)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "library", lambda: None)
        assert found.tolist() == hashed(array, seed, fold=fold).tolist()


@compiled
@pytest.mark.parametrize("length", [7, 8, 9, 255, 256, 257, 600])
def test_long_texts(length, plain) -> None:
    array = pa.array(["x" * length, "y" * length, " x" * length])
    found = hashed(array, PATIENT).tolist()
    assert len(set(found)) == 3
    plain()
    assert hashed(array, PATIENT).tolist() == found


some = st.integers(0, 3) | st.integers(0, 2**64 - 1)


@compiled
@given(st.lists(st.tuples(some, st.integers(-2, 2) | whole), max_size=40))
def test_heads(lines) -> None:
    """What heads a run of one patient and day, with and without the part."""
    patient = np.array([each for each, _ in lines], np.uint64)
    day = np.array([each for _, each in lines], np.int32)
    found = Heads.of(patient, day)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "library", lambda: None)
        plain = Heads.of(patient, day)
    starts = [place for place, line in enumerate(lines) if not place or line != lines[place - 1]]
    assert found.at.tolist() == plain.at.tolist() == starts
    assert found.day.tolist() == plain.day.tolist() == [lines[place][1] for place in starts]
    assert found.mixed.tolist() == plain.mixed.tolist()
    assert {each.dtype for each in (found.at, found.day)} == {np.dtype(np.int32)}


@compiled
@given(st.lists(st.tuples(whole, some, some, st.integers(0, 2), st.integers(0, 2**62)), max_size=30))
def test_trace(lines) -> None:
    """By Python's own numbers."""
    hashes, of_day = [5, 2**64 - 1, 7], 0xC2B2AE3D27D4EB4F
    expected = 0
    for day, patient, provider, code, row in lines:
        expected += (day * of_day % 2**64 ^ patient ^ provider >> 1 ^ hashes[code]) * (2 * row + 1)
    days, patients, providers, codes, rows = zip(*lines, strict=True) if lines else [()] * 5
    words = [np.array(each, np.uint64) for each in (patients, providers, hashes)]
    given = np.array(days, np.int32), of_day, words, np.array(codes, np.int32), np.array(rows, np.int64)
    assert kernel.trace(*given) == expected % 2**64


@compiled
def test_a_trace_of_a_code_that_is_not_there() -> None:
    words = [np.zeros(1, np.uint64)] * 3
    with pytest.raises(IndexError):
        kernel.trace(np.zeros(1, np.int32), 1, words, np.ones(1, np.int32), np.zeros(1, np.int64))
