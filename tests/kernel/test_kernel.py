"""The compiled part: each of its functions says what a few plain lines say, and tables get the same answers without it."""

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import kernel  # noqa: E402 - behind the skip
from cptkit.frames.hashing import PATIENT, PROVIDER, hashed  # noqa: E402 - behind the skip

SOURCE = Path(kernel.__file__).with_name("kernel.c")
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
        monkeypatch.setattr(kernel, "library", lambda: None)
        monkeypatch.setattr("cptkit.kernel.pairs.library", lambda: None)

    return off


@pytest.mark.skipif(
    not SOURCE.exists() or shutil.which("cc") is None, reason="no C source or no C compiler is here"
)
@pytest.mark.skipif(os.environ.get("CPTKIT_KERNEL", "").casefold() == "off", reason="it is set aside")
def test_it_is_built_from_what_stands_here() -> None:
    """Where there is a compiler, the package was installed with it: `pip install -e .` builds it anew."""
    assert kernel.is_built()
    assert kernel.library().cptkit_source().decode() == hashlib.sha256(SOURCE.read_bytes()).hexdigest()


@pytest.mark.parametrize("word", ["off", "OFF"])
def test_it_can_be_set_aside(word) -> None:
    asked = [sys.executable, "-c", "from cptkit import kernel; print(kernel.is_built())"]
    done = subprocess.run(
        asked, env={**os.environ, "CPTKIT_KERNEL": word}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_file_that_is_no_library_is_none(monkeypatch, tmp_path) -> None:
    """What was built for another system is as good as nothing."""
    (tmp_path / kernel.NAME).write_bytes(b"not a library")
    monkeypatch.setattr(kernel, "__file__", str(tmp_path / "__init__.py"))
    assert kernel.library.__wrapped__() is None


def test_without_it_nothing_is_told(plain) -> None:
    plain()
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int32)
    assert kernel.repeated(none, small, 0) is None
    assert kernel.cells(small, small, small, np.zeros((0, 1), np.int32), NEW) is None
    assert kernel.apart(small, 1, 2, small, small, small, 1) is None
    assert kernel.beside(none, none, small, none, small, (none, none), shift=1, may_be=1, sure=2) is None
    assert kernel.by_ids(none, none, None) is None
    assert kernel.numbered(small, small, small, 1) is None
    assert kernel.parted(small, small, small, NEW) is None
    assert kernel.sorted_keys(none) is None
    assert kernel.texts(small, small, None, seed=1, fold=False, longest=1) is None


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
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 40), st.integers(-1, 40)), max_size=3000))
def test_numbered(rows) -> None:
    columns = [np.array(column, np.int32) for column in zip(*rows, strict=True)] or [
        np.zeros(0, np.int32)
    ] * 3
    (one, two, three), number = kernel.numbered(*columns, 42)
    distinct = list(zip(one.tolist(), two.tolist(), three.tolist(), strict=True))
    assert distinct == list(dict.fromkeys(rows))
    assert [distinct[each] for each in number] == rows


@compiled
def test_numbered_makes_room() -> None:
    """More distinct values than it begins with."""
    value = np.arange(50_000, dtype=np.int32)[::-1] % 20_000
    (one, two, _), number = kernel.numbered(value * 0, value, value, 20_001)
    assert len(two) == 20_000
    assert not one.any()
    assert (two[number] == value).all()


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


@compiled
def test_numbers_that_lead_nowhere_are_refused() -> None:
    """The compiled part reads where it is told to: what tells it is looked at before."""
    table, rows, number = np.zeros((1, 2), np.int32), np.zeros(1, np.int32), np.array([2], np.int32)
    zero = np.zeros(1, np.int32)
    for group, each in [(zero, number), (number, zero), (zero - 1, zero), (zero, zero - 1)]:
        with pytest.raises(IndexError, match="from 0 to"):
            kernel.cells(group, each, rows, table, NEW)
    with pytest.raises(IndexError):
        kernel.repeated(np.array([0, 1]), number, 2)
    with pytest.raises(IndexError):
        kernel.apart(zero, 0, 1, number.astype(np.int16), zero, zero, 1)
    with pytest.raises(IndexError):
        kernel.apart(zero, 0, 1, zero.astype(np.int16), zero, number, 2)


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
        patch.setattr(kernel, "library", lambda: None)
        assert found.tolist() == hashed(array, seed, fold=fold).tolist()


@compiled
@pytest.mark.parametrize("length", [7, 8, 9, 255, 256, 257, 600])
def test_long_texts(length, plain) -> None:
    array = pa.array(["x" * length, "y" * length, " x" * length])
    found = hashed(array, PATIENT).tolist()
    assert len(set(found)) == 3
    plain()
    assert hashed(array, PATIENT).tolist() == found
