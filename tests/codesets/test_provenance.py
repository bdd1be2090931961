"""Every value of a code says where it comes from."""

import json

import pytest

from cptkit.codesets import codeset
from cptkit.errors import UnknownCode

CODESET = codeset("2026.1")


def named(code, name):
    return [fact for fact in CODESET.fact(code) if fact.name == name]


@pytest.mark.parametrize("code", sorted(CODESET))
def test_every_value_has_its_sources(code):
    facts = CODESET.fact(code)
    assert [fact.since for fact in facts if fact.name == "life"] == [
        row.starts for row in CODESET[code].history
    ]
    for fact in facts:
        assert fact.value
        assert fact.citation.sources
        assert tuple(source.key for source in fact.sources) == fact.citation.sources
        assert (fact.checked, fact.confidence) == (fact.citation.checked, fact.citation.confidence)


def test_the_life_and_what_came_after():
    assert [(fact.value, str(fact.since)) for fact in named("99354", "life")][-1] == (
        "ended; see 99417",
        "2023-01-01",
    )


def test_add_ons_both_ways():
    assert named("90840", "add-on to")[0].value == "90839; on the same day"
    assert "90840 may be added" in [fact.value for fact in named("90839", "add-ons")]


def test_an_add_on_that_was_taken_away():
    values = [fact.value for fact in named("99213", "add-ons")]
    assert values.index("99354 may be added") < values.index("99354 may no longer be added")


def test_time_rows_name_the_code():
    assert any("90837 nominal minutes 60" in fact.value for fact in CODESET.fact("90837"))
    assert any("99417 on top of 99215 from 55" in fact.value for fact in named("99417", "time (cpt)"))
    assert any("99292 on top of 99291 from 75" in fact.value for fact in named("99291", "time (cpt)"))
    assert any(
        "counting 3 days before to 7 after" in fact.value for fact in named("99345", "time (medicare)")
    )
    assert any("no units 01953 01995 01996" in fact.value for fact in named("00100", "time (medicare)"))
    assert not [fact for fact in CODESET.fact("99416") if fact.name.startswith("time")]


def test_meanings_and_exclusions():
    assert named("G0136", "meaning")[0].value == "physical activity and nutrition instead of social needs"
    assert any("not beside 90832" in fact.value for fact in named("90834", "exclusion"))


def test_spelling_is_forgiven_and_the_rest_refused():
    assert CODESET.fact(" g2211 ") == CODESET.fact("G2211")
    with pytest.raises(UnknownCode) as caught:
        CODESET.fact("90835")
    assert caught.value.near


def test_as_text_and_as_json():
    fact = CODESET.fact("90834")[0]
    assert json.loads(json.dumps(fact.to_dict())) == fact.to_dict()
    assert str(fact).startswith("life: in force (since 2013-01-01); codes/90834@2013-01-01 [")
