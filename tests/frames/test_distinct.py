"""Distinct values: the value of each row, wherever an array begins and whatever it lacks."""

import pytest

pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from hypothesis import given  # noqa: E402 - behind the skip
from hypothesis import strategies as st  # noqa: E402 - behind the skip

from cptkit.frames.distinct import distinct  # noqa: E402 - behind the skip

KINDS = [pa.string(), pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.string())]
cells = st.lists(st.sampled_from(["a", "b", "", None]), max_size=40)


def told(array):
    found = distinct(array)
    values = [*found.values.to_pylist(), None]
    assert found.index.dtype == "int32"
    assert found.index.min(initial=-1) == -1
    return [values[place] for place in found.index.tolist()]


@given(cells, st.integers(0, 40), st.integers(0, 40), st.sampled_from(KINDS))
def test_the_value_of_each_row(given_cells, start, many, kind) -> None:
    array = pa.array(given_cells, kind)
    assert told(array) == given_cells
    assert told(array.slice(start, many)) == given_cells[start : start + many]


@given(st.lists(st.sampled_from([0, 1, None]), max_size=40), st.integers(0, 40))
def test_a_dictionary_with_a_null_among_its_values(indices, start) -> None:
    values = pa.array([None, "b"])
    array = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), values)
    expected = ["b" if each == 1 else None for each in indices]
    assert told(array) == expected
    assert told(array.slice(start)) == expected[start:]


def test_nothing_at_all() -> None:
    assert told(pa.nulls(3, pa.string())) == [None] * 3
    assert told(pa.array([], pa.string())) == []
    assert told(pa.DictionaryArray.from_arrays(pa.nulls(9, pa.int32()), pa.array(["a"]))) == [None] * 9
