"""Ids as numbers: one id is one number, in every run and of every type; others are others."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit.frames.hashing import CLAIM, PATIENT, PROVIDER, hashed  # noqa: E402 - behind the skip

KNOWN = [
    6121543635360611243,
    9986099923514341334,
    599937154273181091,
    6527362970435769419,
    1760162896066069812,
    5106044941958480988,
]
ONE = int(hashed(pa.array(["123"]), PATIENT)[0])


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([" 123 "]),
        pa.array(["\t123\u2003"]),
        pa.array([123]),
        pa.array([123], pa.uint8()),
        pa.array([123.0]),
        pa.array([Decimal("123.00")]),
        pa.array(["123"], pa.large_string()),
        pa.array(["123"], pa.string_view()) if hasattr(pa, "string_view") else pa.array(["123"]),
        pa.array([b"123"]),
        pa.array(["123"]).dictionary_encode(),
        pa.array([123]).dictionary_encode(),
        pa.array(["9", "123", "123"]).dictionary_encode().slice(2),
        pa.array(["x", "123"]).slice(1),
        pa.array(["x", None, "123"], pa.large_string()).slice(2),
    ],
)
def test_an_id_is_one_whatever_its_type(cells):
    assert hashed(cells, PATIENT).tolist() == [ONE]


def test_other_ids_and_other_kinds_of_ids_are_others():
    found = {ONE, *hashed(pa.array(["0123", "1230", "12", "123\0", "123.0"]), PATIENT).tolist()}
    found |= {int(hashed(pa.array(["123"]), seed)[0]) for seed in (CLAIM, PROVIDER)}
    assert len(found) == 8


def test_hashes_never_change():
    ids = ["P-1", "longer than eight bytes", "x" * 300, "\u00e9", "12345678", "-5"]
    assert hashed(pa.array(ids), PATIENT).tolist() == KNOWN
    assert hashed(pa.array([-5]), PATIENT).tolist() == KNOWN[-1:]
    assert (
        hashed(pa.array(["NPI-1"]), PROVIDER, fold=True).tolist()
        == hashed(pa.array(["npi-1"]), PROVIDER).tolist()
    )


def test_case_makes_another_id_but_where_it_is_folded():
    cells = pa.array(["\u00c4B", " \u00e4b", "ab", "AB"])
    assert len(set(hashed(cells, PATIENT).tolist())) == 4
    first, second, third, fourth = hashed(cells, PROVIDER, fold=True).tolist()
    assert (first, third) == (second, fourth)


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([None, "", "  ", "\t\n", "\u2003"]),
        pa.array([None, None], pa.int64()),
        pa.array([float("nan"), None]),
        pa.nulls(3),
        pa.array([None, ""]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array([None, " "])),
        pa.array([], pa.string()),
        pa.array([], pa.int32()),
    ],
)
def test_none_is_0(cells):
    assert hashed(cells, PATIENT).tolist() == [0] * len(cells)


def test_stretches_of_equal_numbers_and_none_between():
    cells = pa.array([5] * 10 + [None] * 5 + [7] * 10 + [5])
    assert hashed(cells, PATIENT).tolist() == hashed(cells.cast(pa.string()), PATIENT).tolist()


def test_a_dictionary_with_more_values_than_rows():
    cells = pa.array([str(number) for number in range(1000)]).dictionary_encode().slice(990, 3)
    assert hashed(cells, PATIENT).tolist() == hashed(pa.array([990, 991, 992]), PATIENT).tolist()


def test_more_rows_than_are_worked_on_at_a_time():
    numbers = np.arange(40_000)
    found = hashed(pa.array(numbers), PATIENT)
    assert len(np.unique(found)) == len(numbers)
    part = hashed(pa.array(numbers[39_000:]), PATIENT)
    assert (found[39_000:] == part).all()


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(-(10**18), 10**18).map(str),
    st.text("ab \u00c4\u2003", max_size=4),
)


@given(st.lists(TEXTS, max_size=40), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_ids_are_alike_exactly_where_their_texts_are(ids, offset):
    for fold in (False, True):
        keys = [None if text is None else text.strip() or None for text in ids]
        keys = [key if key is None or not fold else key.casefold() for key in keys]
        found = hashed(pa.array(["x"] * offset + ids, pa.string()).slice(offset), PATIENT, fold=fold).tolist()
        by_key = dict(zip(keys, found, strict=True))
        assert [by_key[key] for key in keys] == found
        assert len(set(by_key.values())) == len(by_key)
        assert by_key.get(None, 0) == 0


@given(
    st.lists(
        st.one_of(
            st.integers(0, 10**16 - 1), st.integers(0, 999), st.integers(0, 15).map(lambda many: 10**many)
        ),
        max_size=30,
    ),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=2),
)
@settings(max_examples=300, deadline=None)
def test_numbers_are_hashed_as_their_digits(numbers, others):
    cells = pa.array(numbers + others, pa.int64())
    assert hashed(cells, CLAIM).tolist() == hashed(cells.cast(pa.string()), CLAIM).tolist()


def test_every_number_of_digits():
    numbers = [10**many + extra for many in range(16) for extra in (-1, 0, 1)] + [10**16 - 1]
    cells = pa.array(numbers, pa.uint64())
    assert hashed(cells, CLAIM).tolist() == hashed(cells.cast(pa.string()), CLAIM).tolist()
