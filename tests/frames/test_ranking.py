"""Ids of tables rise as those of claims do."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit.claims import id_order  # noqa: E402 - behind the skip
from cptkit.frames import ranking  # noqa: E402 - behind the skip
from cptkit.frames.distinct import plain, text_of  # noqa: E402 - behind the skip
from cptkit.frames.ranking import rising  # noqa: E402 - behind the skip

TEXTS = st.text("0019aL- .\t\x1f", max_size=8)
ODD = st.text("019aL-\x00\x01\u0663\u00e4\u00a0 ", max_size=6)
LONG = st.from_regex(r"L?0?[0-9]{15,22}", fullmatch=True)
VERY_LONG = st.from_regex(r"[01]{62,67}", fullmatch=True)
SPLIT = st.lists(st.integers(0, 6), max_size=2)


def expected(values):
    """The places in order: by the text of the id, those without one last, equal ones as they stand."""
    texts = ["" if value is None else text_of(value) for value in values]
    return sorted(range(len(values)), key=lambda place: (not texts[place], id_order(texts[place]), place))


def held(values, kind, cuts, form=None):
    """The order of ids in chunks of that type, as numpy sorts their numbers; equal ids have one number."""
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    arrays = [pa.array(values[a:b], kind) for a, b in pairwise(edges)]
    arrays = [plain(each if form is None else form(each)) for each in arrays]
    numbers = rising(pa.chunked_array(arrays, arrays[0].type))
    assert numbers.dtype == np.int64
    texts = ["" if value is None else text_of(value) for value in values]
    assert len(set(numbers.tolist())) == len(set(texts))
    return np.argsort(numbers, kind="stable").tolist()


@given(st.lists(st.none() | TEXTS, max_size=12) | st.lists(st.none() | ODD | LONG | TEXTS, max_size=8), SPLIT)
def test_texts(values, cuts) -> None:
    for form in (None, lambda array: array.dictionary_encode()):
        assert held(values, pa.string(), cuts, form) == expected(values)


@given(
    st.lists(st.none() | st.from_regex(r"[0-9]{1,3}", fullmatch=True) | LONG | VERY_LONG, max_size=12), SPLIT
)
def test_texts_of_digits(values, cuts) -> None:
    assert held(values, pa.large_string(), cuts) == expected(values)


@given(st.lists(st.none() | st.from_regex(r"(L|-|\\x00)?[0-9]{1,3}", fullmatch=True), max_size=12), SPLIT)
def test_a_number_behind_a_prefix(values, cuts) -> None:
    assert held(values, pa.string(), cuts) == expected(values)


@given(st.lists(st.none() | st.integers(-20, 120) | st.integers(-(2**63), 2**63 - 1), max_size=12), SPLIT)
def test_integers(values, cuts) -> None:
    assert held(values, pa.int64(), cuts) == expected(values)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=6), SPLIT)
def test_integers_without_a_sign(values, cuts) -> None:
    assert held(values, pa.uint64(), cuts) == expected(values)


@given(st.lists(st.none() | st.floats(allow_nan=False) | st.integers(-3, 99).map(float), max_size=10), SPLIT)
def test_floats(values, cuts) -> None:
    assert held(values, pa.float64(), cuts) == expected(values)


@given(st.lists(st.none() | st.decimals("-1000", "100000", places=2), max_size=10), SPLIT)
def test_decimals(values, cuts) -> None:
    assert held(values, pa.decimal128(9, 2), cuts) == expected(values)


@given(st.lists(st.none() | st.booleans(), max_size=5), SPLIT)
def test_truth_values(values, cuts) -> None:
    assert held(values, pa.bool_(), cuts) == expected(values)


@given(st.lists(st.none() | st.dates(dt.date(1900, 1, 1)), max_size=5), SPLIT)
def test_days(values, cuts) -> None:
    assert held(values, pa.date32(), cuts) == expected(values)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([2, 1, None], pa.timestamp("s", "Nowhere/Else")),
        ([10**18, 3, None], pa.timestamp("s")),
        ([2, 1, None], pa.timestamp("ns")),
        ([10, 9, None], pa.time64("ns")),
        ([10, 9, None], pa.duration("ns")),
        ([Decimal("10.50"), Decimal("9.25"), None], pa.decimal256(50, 2)),
    ],
    ids=str,
)
def test_times_that_python_has_none_of(values, kind) -> None:
    numbers = rising(pa.chunked_array([pa.array(values, kind)]))
    assert np.argsort(numbers, kind="stable").tolist() == [1, 0, 2]


@pytest.mark.skipif(not hasattr(pa, "decimal32"), reason="this pyarrow has no small decimals")
def test_small_decimals() -> None:
    small = pa.array([Decimal("10.50"), Decimal("9.25")], pa.decimal32(5, 2))
    numbers = rising(pa.chunked_array([plain(small)]))
    assert numbers.tolist() == [1, 0]


@pytest.mark.parametrize(
    "texts",
    [
        ["L9", "L10"],
        ["9", "10"],
        ["C-2-9 ", " C-2-10"],
        ["01", "1", "1a"],
        ["0f-9", "a1b2-3c"],
        ["L09", "L10"],
    ],
    ids=str,
)
def test_usual_texts_are_not_asked_one_by_one(texts, monkeypatch) -> None:
    """There may be millions of them."""
    monkeypatch.setattr(ranking, "id_order", None)
    assert rising(pa.chunked_array([pa.array(texts[::-1])])).argsort().tolist() == [*range(len(texts))][::-1]
