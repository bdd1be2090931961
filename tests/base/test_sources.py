"""Sources, citations, confidence: an answer is no better known than its worst part."""

import datetime as dt
import pickle
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.sources import Basis, Citation, Confidence, Source, weakest

BEST_FIRST = ["verified", "derived", "single-source", "disputed"]


def test_the_words_of_the_facts():
    assert [confidence.value for confidence in Confidence] == BEST_FIRST
    assert [basis.value for basis in Basis] == ["cpt", "medicare"]


@pytest.mark.parametrize("word", ["certain", "", "Verified", None])
def test_an_unknown_confidence_is_refused(word):
    with pytest.raises(ValueError, match="is not a valid Confidence"):
        Confidence(word)


def test_the_weaker_of_each_two():
    for better, worse in [(0, 1), (1, 2), (2, 3), (0, 3)]:
        for pair in permutations([Confidence(BEST_FIRST[better]), Confidence(BEST_FIRST[worse])]):
            assert weakest(pair) is Confidence(BEST_FIRST[worse])


def test_no_confidence_is_no_answer():
    with pytest.raises(ValueError, match="an answer rests on at least one fact"):
        weakest([])


class TestWeakest:
    """Clause: the confidence of an answer is the lowest among its facts, in whatever order they come."""

    @given(st.lists(st.sampled_from(Confidence), min_size=1))
    def test_none_is_weaker_and_it_is_one_of_them(self, confidences):
        found = weakest(iter(confidences))
        assert found in confidences
        assert BEST_FIRST.index(found) == max(BEST_FIRST.index(one) for one in confidences)


def test_a_source_says_what_it_is_in_a_line():
    source = Source("NS-AOC", "A", "https://example.org/aoc", "add-on types")
    assert str(source) == "NS-AOC (A): https://example.org/aoc"
    assert Source("K", "D", "here").supports == ""


def test_a_citation_says_row_sources_confidence_and_day():
    citation = Citation(
        "codes/90834@2013-01-01", ("A1", "B2"), Confidence.DISPUTED, dt.date(2026, 11, 21), "note"
    )
    assert str(citation) == "codes/90834@2013-01-01 [A1, B2] disputed, checked 2026-11-21"
    assert pickle.loads(pickle.dumps(citation)) == citation  # noqa: S301 - our own bytes
    assert hash(citation) == hash(pickle.loads(pickle.dumps(citation)))  # noqa: S301 - our own bytes
