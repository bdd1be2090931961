"""Finding codes by words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.codesets import codeset
from cptkit.codesets.search import codes_of_family
from cptkit.errors import InvalidSearch, UnknownFamily

CODESET = codeset("2026.1")


def codes(words, **options):
    return [record.code for record in CODESET.search(words, **options)]


def test_labels_in_order_come_first():
    assert codes("group therapy")[0] == "90853"
    assert "92508" in codes("group therapy")
    assert codes("THERAPY group")[0] == "92508"


def test_a_code_is_found_alone():
    assert codes(" g2211 ") == ["G2211"]


def test_the_start_of_a_code_and_the_family():
    assert codes("9083 psychiatry") == ["90832", "90833", "90834", "90836", "90837", "90838", "90839"]


def test_all_words_must_match():
    assert codes("group zebra") == []


def test_the_limit():
    assert len(codes("therapy", limit=3)) == 3
    assert codes("therapy", limit=3) == codes("therapy")[:3]


@pytest.mark.parametrize("words", ["", "  ", "-,-", None, 5])
def test_nothing_to_search_for(words):
    with pytest.raises(InvalidSearch, match="nothing to search for"):
        CODESET.search(words)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True])
def test_no_limit(limit):
    with pytest.raises(InvalidSearch, match="no number of results"):
        CODESET.search("group", limit=limit)


@given(st.sampled_from(sorted(CODESET)))
def test_every_code_is_found_by_itself_and_by_its_label(code):
    assert codes(code)[0] == code
    if CODESET[code].label:
        assert code in codes(CODESET[code].label)


@given(st.text(max_size=20))
def test_any_text_is_answered_or_refused(text):
    try:
        found = CODESET.search(text)
    except InvalidSearch:
        assert not any(sign.isalnum() for sign in text.casefold())
    else:
        assert len({record.code for record in found}) == len(found)


def test_codes_of_a_family():
    found = codes_of_family("psychotherapy", CODESET)
    assert {"90832", "90833", "90839", "90846", "90853", "99354"} <= found
    assert codes_of_family("office visit", CODESET) >= {"99202", "99213"}
    assert codes_of_family("office-new", CODESET) >= {"99202", "99417", "G2212"}


@pytest.mark.parametrize("name", ["psychoterapy", "", "zebra"])
def test_no_such_family(name):
    with pytest.raises(UnknownFamily) as caught:
        codes_of_family(name, CODESET)
    if name == "psychoterapy":
        assert caught.value.near[0] == "psychotherapy"
