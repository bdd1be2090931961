"""What a profile names and nothing on record knows: told with its line and what is near; it is loaded all the same."""

import pytest

from cptkit.errors import BrokenProfile
from cptkit.rules import bundled_profiles, load_profile
from cptkit.rules.profiles.doubtful import doubts
from cptkit.rules.profiles.reading import page_of

ROW = 'value = "{value}", text = "own words", sources = ["BCBSIL-PSY"], confidence = "verified", checked = 2026-03-02'
NEWER = "newer than they are, not covered, or mistyped"


def fact(name, value, day="2026-01-01"):
    return (
        f'[[convention]]\nname = "{name}"\nhistory = [\n  {{ from = {day}, {ROW.format(value=value)} }},\n]\n'
    )


@pytest.fixture
def told(profile_file):
    """The doubts about a profile of these facts, which can be loaded; the name of its file left out."""

    def told(*facts):
        file = profile_file("".join(facts))
        load_profile(file)
        found = doubts(page_of(str(file)))
        return [(str(each).removeprefix(f"{file}:"), each.is_wrong) for each in found]

    return told


@pytest.mark.parametrize("name", bundled_profiles())
def test_the_bundled_ones_name_what_is_on_record(name):
    assert doubts(page_of(name)) == ()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("units-a-day/all", "32 for 97153 99999", "99999"),
        ("units-a-day/all", "usually 32 for 97153 99999 99999 unless 97155", "99999"),
        ("sessions-a-day/all", "1 for 90834 unless 99999", "99999"),
        ("licence-modifiers/all", "HO HN for 97155 99999", "99999"),
        ("note-holds/all", "90834 99999", "99999"),
        ("telehealth-modifier-codes", "90834 99999", "99999"),
    ],
)
def test_a_code_that_no_edition_knows_is_a_remark(told, name, value, code):
    ((text, is_wrong),) = told(fact(name, value))
    assert text.startswith(f"8: {code} is in no bundled edition: {NEWER}; did you mean 99499 or ")
    assert not is_wrong


def test_a_selection_that_leaves_no_rule_can_check_nothing(profile_file):
    for chosen, line in (('ignore = ["ALL"]\n', 5), ('select = ["TIM"]\nignore = ["TIM", "MOD"]\n', 6)):
        file = profile_file(chosen)
        (doubt,) = doubts(page_of(str(file)))
        assert (doubt.is_wrong, "leaves none of the rules that are selected" in str(doubt)) == (True, True)
        assert doubt.line == line
    for chosen in ('ignore = ["TIM"]\n', 'select = ["TIM402"]\nignore = ["TIM"]\n', ""):
        assert doubts(page_of(str(profile_file(chosen)))) == ()


def test_a_code_in_a_name(told):
    ((text, is_wrong),) = told(fact("face-to-face/99999", "yes"))
    assert (text.startswith(f"6: 99999 is in no bundled edition: {NEWER}"), is_wrong) == (True, False)
    assert told(fact("face-to-face/90834", "yes"), fact("units-a-day/99999", "32 for 97153")) == []


def test_what_an_older_edition_or_a_fact_knows_is_known(told):
    assert told(fact("note-holds/all", "99354 01999")) == []


def test_what_is_near_none_has_nothing_near(told):
    ((text, _),) = told(fact("note-holds/all", "W8888"))
    assert text == f"8: W8888 is in no bundled edition: {NEWER}"


COMPLETE = "modifier {} is not on the list of modifiers, complete as of 2024-06-18"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("licence-modifiers/all", "HM H0 for 97153"),
        ("licence-modifiers-refused/all", "H0 for 97153"),
        ("telehealth-modifiers", "95 H0"),
    ],
)
def test_a_modifier_that_is_on_no_list(told, name, value):
    near = "did you mean HO or H9 or HA?"
    old, new = told(fact(name, value, "2024-06-18")), told(fact(name, value, "2024-06-19"))
    assert old == [(f"8: {COMPLETE.format('H0')}; {near}", True)]
    assert new == [(f"8: {COMPLETE.format('H0')}; a newer one would not be there; {near}", False)]


@pytest.mark.parametrize(
    ("given", "near"), [("1Z", "; did you mean 1P?"), ("5G", "; did you mean SG"), ("I0", "")]
)
def test_what_is_near_a_modifier(told, given, near):
    ((text, _),) = told(fact("licence-modifiers/all", f"{given} for 97153", "2024-01-01"))
    assert text.startswith(f"8: {COMPLETE.format(given)}{near}")
    assert ("did you mean" in text) is bool(near)


@pytest.mark.parametrize("name", ["apart/procedure", "global-days-elsewhere", "modifier-order/open"])
def test_numbers_that_are_modifiers(told, name):
    near = "did you mean 97 or 99 or 96?"
    assert told(fact(name, "59 98" if name == "apart/procedure" else "53 98", "2024-01-01")) == [
        (f"8: {COMPLETE.format('98')}; {near}", True)
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("telehealth-places", "02 10 77", "77 is unassigned: no place has that number; did you mean 81 or 72?"),
        ("telehealth-places", "2 10", "2 is not two digits; did you mean 02 or 01?"),
        ("code-places/99304-99318", "31 30", "30 is unassigned: no place has that number; did you mean 31 or 32?"),
        ("telehealth-elsewhere", "19 22 100", "100 is not two digits; did you mean 99 or 81?"),
    ],
)  # fmt: skip
def test_a_place_that_is_on_no_list(told, name, value, text):
    assert told(fact(name, value)) == [(f"8: place of service {text}", True)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("telehealth-elsewhere", "any"),
        ("code-places/99217-99239", "not 11"),
        ("evaluation-again-months", "77"),
    ],
)
def test_other_words_and_numbers_are_no_places(told, name, value):
    assert told(fact(name, value)) == []


def test_each_stands_at_its_line(told):
    found = told(fact("note-holds/a", "90834"), fact("note-holds/b", "W8888"), fact("note-holds/c", "W8888"))
    assert [text.partition(":")[0] for text, _ in found] == ["13", "18"]


def test_what_is_built_wrongly_is_told_by_loading_it(profile_file):
    file = profile_file(fact("units-a-day/all", "many for 99999"))
    assert doubts(page_of(str(file))) == ()


# ---- what is no code by its shape --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "units-a-day/all",
            "32 for 97153 9083",
            "as '9083' is no code: '32 for 97153 9083'; expected such as ",
        ),
        ("sessions-a-day/all", "1 for 90834 unless 9083", "as '9083' is no code: '1 for 90834 unless 9083'"),
        (
            "licence-modifiers/all",
            "HO for 9083",
            "as '9083' is no code: 'HO for 9083'; expected such as 'HO HN",
        ),
        (
            "note-holds/all",
            "90834 9083",
            "as '9083' is no code: '90834 9083'; expected such as '90834 90837'",
        ),
        ("telehealth-modifier-codes", "90834 9083", "the rules cannot read it: '90834 9083'; expected codes"),
    ],
)
def test_a_text_that_is_no_code_is_refused(profile_file, name, value, words):
    with pytest.raises(BrokenProfile) as raised:
        load_profile(profile_file(fact(name, value)))
    assert words in str(raised.value)
    assert ":8: the rules cannot read it" in str(raised.value)
    assert "did you mean 90839 or 90838 or 90837?" in str(raised.value)


def test_a_number_is_no_near_code(profile_file):
    with pytest.raises(BrokenProfile) as raised:
        load_profile(profile_file(fact("evaluation-again-months", "9083")))
    assert "did you mean" not in str(raised.value)


def test_a_page_that_is_not_there():
    with pytest.raises(BrokenProfile, match="the file cannot be read"):
        page_of("no-such.toml")
