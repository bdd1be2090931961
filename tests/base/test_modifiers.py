"""Modifiers and services: every spelling means the same, and the order does not matter to equality."""

import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import InvalidCode, InvalidModifier, InvalidService
from cptkit.modifiers import (
    Service,
    is_valid_modifier,
    parse_modifier,
    parse_modifiers,
    parse_service,
    split_modifiers,
)


def wide(text: str) -> str:
    """The text in the full-width characters of East Asian keyboards."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


modifier = st.text(string.ascii_uppercase + string.digits, min_size=2, max_size=2)
code = st.one_of(
    st.text(string.digits, min_size=5, max_size=5),
    st.from_regex(r"[GHJQ][0-9]{4}", fullmatch=True),
    st.from_regex(r"[0-9]{4}[FT]", fullmatch=True),
)
service = st.builds(Service, code, st.lists(modifier, max_size=5).map(tuple))
separator = st.sampled_from(["-", ":", " ", ",", ";", "|", "/", ", ", " - ", "\t", "--"])


def refusal(thing: object) -> InvalidModifier | None:
    """The error that parsing the thing raises; None when it is a modifier."""
    try:
        parse_modifier(thing)
    except InvalidModifier as error:
        return error
    return None


@pytest.mark.parametrize(
    "text",
    [
        "99213-25-59",
        "99213:25:59",
        "99213 25 59",
        "99213,25,59",
        "99213, 25, 59",
        "99213;25;59",
        "99213|25|59",
        "99213/25/59",
        "99213\t25\t59",
        "992132559",
        "9921325-59",
        "99213-2559",
        "99213 2559",
        "99213-25,59",
        "99213 - 25 - 59",
        "  99213-25-59  ",
        "99213-25-59-",
        "99213--25--59",
        wide("99213-25-59"),
    ],
)
def test_every_spelling_of_a_service(text):
    assert (parse_service(text).code, parse_service(text).modifiers) == ("99213", ("25", "59"))


@pytest.mark.parametrize(
    "text", ["9921325", " 9921325 ", "99213 25", "99213|25", "99213,25", wide("9921325")]
)
def test_one_modifier_without_or_with_a_sign_between(text):
    assert (parse_service(text).code, parse_service(text).modifiers) == ("99213", ("25",))


def test_five_columns():
    assert parse_modifiers(["25", "59", "GT", "HO", "U1"]) == ("25", "59", "GT", "HO", "U1")
    assert parse_service("99213-25-59-GT-HO-U1").modifiers == ("25", "59", "GT", "HO", "U1")
    assert Service("99213", ("25", "59", "GT", "HO", "U1")) == parse_service("99213|U1|HO|GT|59|25")


@pytest.mark.parametrize("text", ["90834", "90834-", " 90834 ", "90834:", "90834,,"])
def test_a_service_without_modifiers(text):
    assert (parse_service(text).code, parse_service(text).modifiers) == ("90834", ())


@pytest.mark.parametrize("text", ["h0038-ho", "H0038:HO", "h0038ho", wide("H0038ho")])
def test_a_service_in_lower_case_or_full_width(text):
    assert str(parse_service(text)) == "H0038-HO"


def test_four_columns_are_read_and_blank_ones_skipped():
    assert parse_modifiers(["25", "59", "", "  "]) == ("25", "59")
    assert parse_modifiers(["", "gt", "", "95"]) == ("GT", "95")
    assert parse_modifiers(iter(["95"])) == ("95",)
    assert parse_modifiers([]) == ()
    assert parse_modifiers("") == ()


def test_the_parts_of_a_list_are_cleaned_but_not_judged():
    assert split_modifiers("95, h, ho1, hogt") == ("95", "H", "HO1", "HO", "GT")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", InvalidService, "nothing to read"),
        ("   ", InvalidService, "nothing to read"),
        (None, InvalidService, "nothing to read"),
        (99213, InvalidService, "nothing to read"),
        ("9921", InvalidCode, "this has 4"),
        ("9O834-95", InvalidCode, "position 2 must be a digit, not 'O'"),
        ("-25", InvalidCode, "this has 0"),
        ("9921-25", InvalidCode, "this has 4"),
        ("99213-2", InvalidModifier, "a modifier has two characters, this has 1: '2'"),
        ("992132", InvalidModifier, "a modifier has two characters, this has 1: '2'"),
        ("99213-255", InvalidModifier, "a modifier has two characters, this has 3: '255'"),
        ("99213-25-5", InvalidModifier, "a modifier has two characters, this has 1: '5'"),
        ("99213-2!", InvalidModifier, "a modifier has letters and digits only: '2!'"),
    ],
)
def test_a_refused_service_says_which_part_is_wrong(text, error, words):
    with pytest.raises(error) as caught:
        parse_service(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["25", " 25 ", wide("25"), "\u00a025"])
def test_a_modifier_is_cleaned(text):
    assert parse_modifier(text) == "25"
    assert is_valid_modifier(text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "a modifier has two characters, this has 0"),
        ("5", "a modifier has two characters, this has 1"),
        ("255", "a modifier has two characters, this has 3"),
        ("2-", "a modifier has letters and digits only"),
        ("\u00e95", "a modifier has letters and digits only"),
        (25, "a modifier is text"),
        (None, "a modifier is text"),
    ],
)
def test_a_refused_modifier_says_why(given, words):
    with pytest.raises(InvalidModifier) as caught:
        parse_modifier(given)
    assert caught.value.message == words
    assert caught.value.given == given
    assert caught.value.expected == "two letters or digits such as 25 or XE"
    assert not is_valid_modifier(given)


@pytest.mark.parametrize("text", ["\u00df", "\u2116", "\u338f", "\u00bd", "\u01315", "\u00b2\u2075"])
def test_look_alikes_are_not_guessed_to_be_modifiers(text):
    """One sign that folds into two letters is no modifier: nothing is guessed."""
    assert not is_valid_modifier(text)


def test_a_trade_mark_sign_behind_a_code_is_no_modifier():
    with pytest.raises(InvalidModifier):
        parse_service("90834\u2122")


@pytest.mark.parametrize("texts", [[25], ["25", None], [b"25"]])
def test_a_list_with_something_that_is_no_text_is_refused(texts):
    with pytest.raises(InvalidModifier, match="a modifier is text"):
        parse_modifiers(texts)


def test_the_order_is_kept_in_writing_and_ignored_in_comparing():
    one, other = parse_service("90834-95-HO"), parse_service("90834-HO-95")
    assert one == other
    assert hash(one) == hash(other)
    assert (str(one), str(other)) == ("90834-95-HO", "90834-HO-95")


def test_a_modifier_written_twice_is_not_the_same_as_once():
    assert parse_service("90834-59-59") != parse_service("90834-59")
    assert parse_service("90834-59") != parse_service("90837-59")


def test_a_service_is_not_its_text():
    assert Service("90834") != "90834"
    assert Service("90834") != ("90834", ())


class TestServicesAreWrittenAndReadBack:
    """Clause: `parse_service(str(service))` is the service, in whatever spelling it is written."""

    @given(service)
    def test_the_usual_spelling(self, written):
        read = parse_service(str(written))
        assert (read.code, read.modifiers) == (written.code, written.modifiers)

    @given(service, separator)
    def test_any_separator(self, written, between):
        read = parse_service(between.join((written.code, *written.modifiers)))
        assert (read.code, read.modifiers) == (written.code, written.modifiers)

    @given(service)
    def test_no_separator_at_all_and_lower_case(self, written):
        read = parse_service((written.code + "".join(written.modifiers)).lower())
        assert (read.code, read.modifiers) == (written.code, written.modifiers)

    @given(service)
    def test_pickling(self, written):
        read = pickle.loads(pickle.dumps(written))  # noqa: S301 - our own bytes
        assert (read.code, read.modifiers) == (written.code, written.modifiers)


class TestEqualityIgnoresOrder:
    """Clause: services are equal when the codes are, and each modifier is there as often."""

    @given(service, st.randoms(use_true_random=False))
    def test_any_order_is_equal_and_has_the_same_hash(self, written, random):
        shuffled = list(written.modifiers)
        random.shuffle(shuffled)
        other = Service(written.code, tuple(shuffled))
        assert other == written
        assert hash(other) == hash(written)
        assert len({other, written}) == 1

    @given(service, modifier)
    def test_one_more_modifier_is_another_service(self, written, added):
        assert Service(written.code, (*written.modifiers, added)) != written


class TestModifierValidityIsParsing:
    """Clause: `is_valid_modifier` never raises, and is true exactly where `parse_modifier` returns."""

    @given(st.one_of(st.text(), st.text(max_size=3), modifier, st.binary(), st.none(), st.integers()))
    def test_anything_is_judged(self, thing):
        error = refusal(thing)
        assert is_valid_modifier(thing) is (error is None)
        if error is None:
            assert parse_modifier(parse_modifier(thing)) == parse_modifier(thing)
        else:
            assert error.given is thing

    @given(st.lists(st.text(max_size=6)))
    def test_a_list_of_modifiers_is_read_or_refused(self, texts):
        try:
            parsed = parse_modifiers(texts)
        except InvalidModifier:
            return
        assert all(is_valid_modifier(one) for one in parsed)
        assert parse_modifiers(" ".join(parsed)) == parsed
