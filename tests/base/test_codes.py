"""Codes: every shape is read, every other text is refused with the part that is wrong."""

import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import codes
from cptkit.codes import Category, Code, Owner, Section
from cptkit.errors import InvalidCode

# Written once more, apart from the source: what stands first, what stands last, and the kind.
BY_LAST = dict(
    zip(
        "FTUMA",
        (Category.II, Category.III, Category.PLA, Category.MAAA, Category.IMMUNISATION),
        strict=True,
    )
)
BY_FIRST = (
    dict.fromkeys("ABCEGHJKLMPQRSTUV", Category.HCPCS_II)
    | {"D": Category.DENTAL}
    | dict.fromkeys("WXYZ", Category.LOCAL)
)
FULL_WIDTH = {
    ord(character): chr(ord(character) + 0xFEE0) for character in string.ascii_letters + string.digits
}


def wide(text: str) -> str:
    """The text in the full-width characters of East Asian keyboards."""
    return text.translate(FULL_WIDTH)


digits = st.text("0123456789", min_size=4, max_size=4)
well_formed = st.one_of(
    st.text("0123456789", min_size=5, max_size=5),
    st.builds("{}{}".format, digits, st.sampled_from(sorted(BY_LAST))),
    st.builds("{}{}".format, st.sampled_from(sorted(BY_FIRST)), digits),
)
blanks = st.text(" \t\n\u00a0\u3000", max_size=3)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """A code, and one of the ways in which people and files write it."""
    code = draw(well_formed)
    text = draw(st.sampled_from([code, code.lower(), wide(code), wide(code.lower())]))
    return code, draw(blanks) + text + draw(blanks)


def kind_of(code: str) -> Category | None:
    """The kind by the table above; None when nothing in it fits."""
    if not (code[1:4].isascii() and code[1:4].isdigit()):
        return None
    first_is_digit, last_is_digit = code[0] in string.digits, code[4] in string.digits
    if first_is_digit and last_is_digit:
        return Category.I
    if first_is_digit:
        return BY_LAST.get(code[4])
    return BY_FIRST.get(code[0]) if last_is_digit else None


def refusal(thing: object) -> InvalidCode | None:
    """The error that parsing the thing raises; None when it is a code."""
    try:
        codes.parse(thing)
    except InvalidCode as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "category", "owner"),
    [
        ("90834", Category.I, Owner.AMA),
        ("00100", Category.I, Owner.AMA),
        ("99999", Category.I, Owner.AMA),
        ("3074F", Category.II, Owner.AMA),
        ("0373T", Category.III, Owner.AMA),
        ("0438U", Category.PLA, Owner.AMA),
        ("0019M", Category.MAAA, Owner.AMA),
        ("0001A", Category.IMMUNISATION, Owner.AMA),
        ("G2212", Category.HCPCS_II, Owner.CMS),
        ("A0428", Category.HCPCS_II, Owner.CMS),
        ("V5364", Category.HCPCS_II, Owner.CMS),
        ("D0120", Category.DENTAL, Owner.ADA),
        ("W1234", Category.LOCAL, Owner.STATES),
        ("Z9999", Category.LOCAL, Owner.STATES),
    ],
)
def test_each_shape_has_its_kind_and_owner(text, category, owner):
    code = codes.parse(text)
    assert code == Code(text, category)
    assert code.owner is owner
    assert category.owner is owner
    assert str(code) == text


def test_every_pair_of_first_and_last_character_has_the_kind_of_the_table():
    edges = string.digits + string.ascii_uppercase
    wrong = []
    for first in edges:
        for last in edges:
            text = f"{first}123{last}"
            expected = kind_of(text)
            if codes.category_of(text) is not expected or codes.is_valid(text) is not (expected is not None):
                wrong.append(text)
    assert not wrong


@pytest.mark.parametrize(
    "text",
    [" 90834", "90834 ", "\t90834\n", "\u00a090834\u3000", wide("90834"), wide("90") + "834"],
)
def test_blanks_around_and_full_width_digits_are_read(text):
    assert codes.format(text) == "90834"


@pytest.mark.parametrize("text", ["g2212", "G2212", wide("g2212"), wide("G") + "2212"])
def test_lower_case_and_full_width_letters_are_read(text):
    assert codes.format(text) == "G2212"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("", "a code has five characters, this has 0", "a code such as 90834"),
        ("   ", "a code has five characters, this has 0", "a code such as 90834"),
        ("9083", "a code has five characters, this has 4", "a code such as 90834"),
        ("908344", "a code has five characters, this has 6", "a code such as 90834"),
        ("90834-95", "a code has five characters, this has 8", "a code such as 90834"),
        ("9O834", "position 2 must be a digit, not 'O'", "a code such as 90834"),
        ("90l34", "position 3 must be a digit, not 'L'", "a code such as 90834"),
        ("908B4", "position 4 must be a digit, not 'B'", "a code such as 90834"),
        ("9 834", "position 2 must be a digit, not ' '", "a code such as 90834"),
        ("90-34", "position 3 must be a digit, not '-'", "a code such as 90834"),
        ("90\u066334", "position 3 must be a digit, not '\u0663'", "a code such as 90834"),
        ("A012T", "a code has a letter in front or behind, not both", "a code such as 0373T or G2212"),
        ("9083X", "no code ends in 'X'", "a digit or one of A, F, M, T, U in position 5"),
        ("9083-", "no code ends in '-'", "a digit or one of A, F, M, T, U in position 5"),
        ("9083\u0663", "no code ends in '\u0663'", "a digit or one of A, F, M, T, U in position 5"),
        (
            "F1234",
            "the letter F is not used by HCPCS Level II",
            "a digit or one of A-E, G, H, J-M, P-Z in position 1",
        ),
        (
            "I1234",
            "the letter I is not used by HCPCS Level II",
            "a digit or one of A-E, G, H, J-M, P-Z in position 1",
        ),
        (
            "N1234",
            "the letter N is not used by HCPCS Level II",
            "a digit or one of A-E, G, H, J-M, P-Z in position 1",
        ),
        (
            "O1234",
            "the letter O is not used by HCPCS Level II",
            "a digit or one of A-E, G, H, J-M, P-Z in position 1",
        ),
        ("-1234", "no code starts with '-'", "a digit or one of A-E, G, H, J-M, P-Z in position 1"),
    ],
)
def test_a_refusal_says_which_part_is_wrong(text, words, expected):
    with pytest.raises(InvalidCode) as caught:
        codes.parse(text)
    assert caught.value.message == words
    assert caught.value.expected == expected
    assert caught.value.given == text
    assert not codes.is_valid(text)
    assert codes.category_of(codes.clean(text)) is None


@pytest.mark.parametrize("given", [None, 90834, 90834.0, b"90834", ["90834"]])
def test_what_is_not_text_is_refused_as_no_text(given):
    with pytest.raises(InvalidCode, match="a code is text") as caught:
        codes.parse(given)
    assert caught.value.given == given
    assert not codes.is_valid(given)


@pytest.mark.parametrize(
    "text",
    [
        "\u2079\u2070\u2078\u00b3\u2074",  # superscripts
        "\u2460\u2461\u2462\u2463\u2464",  # digits in circles
        "\U0001d7d7\U0001d7ce\U0001d7d6\U0001d7d1\U0001d7d2",  # digits of mathematics
        "\u017f1234",  # a long s
        "\u01311234",  # an i without its dot
        "1234\u2131",  # a script F
    ],
)
def test_look_alikes_are_not_guessed(text):
    """Only full-width characters are folded: a superscript or a long s is another character."""
    assert not codes.is_valid(text)
    with pytest.raises(InvalidCode):
        codes.parse(text)


def test_the_kind_of_a_code_is_asked_of_a_clean_code():
    assert codes.category_of("G2212") is Category.HCPCS_II
    assert codes.category_of("g2212") is None
    assert codes.category_of("90834\n") is None


class TestReadingForgivesSpellingOnly:
    """Clause: `format` gives the one way a code is written, and `parse` reads what it gives."""

    @given(spelled())
    def test_every_spelling_of_a_code_is_written_in_one_way(self, pair):
        code, text = pair
        assert codes.format(text) == code

    @given(spelled())
    def test_what_is_written_is_read_again(self, pair):
        code, text = pair
        assert codes.parse(codes.format(text)) == codes.parse(text) == Code(code, kind_of(code))

    @given(well_formed)
    def test_a_code_survives_pickling(self, code):
        parsed = codes.parse(code)
        assert pickle.loads(pickle.dumps(parsed)) == parsed  # noqa: S301 - our own bytes


class TestValidityIsParsing:
    """Clause: `is_valid` never raises, and is true exactly where `parse` returns a value."""

    @given(
        st.one_of(
            st.text(),
            st.text(min_size=5, max_size=5),
            st.text(string.ascii_uppercase + string.digits, min_size=5, max_size=5),
            st.binary(),
            st.none(),
            st.integers(),
            st.floats(),
            st.lists(st.text()),
        )
    )
    def test_anything_is_judged(self, thing):
        error = refusal(thing)
        assert codes.is_valid(thing) is (error is None)
        if error is not None:
            assert error.given is thing
            assert error.message
            assert error.expected

    @given(st.text(string.ascii_uppercase + string.digits, min_size=5, max_size=5))
    def test_five_characters_are_a_code_where_the_table_says_so(self, text):
        assert codes.is_valid(text) is (kind_of(text) is not None)


def test_sections_are_the_words_of_the_tables():
    assert {section.value for section in Section} == {
        "anesthesia",
        "surgery",
        "radiology",
        "laboratory",
        "medicine",
        "evaluation-management",
        "other",
    }


def test_a_retired_kind_is_recognised_as_such():
    assert [kind for kind in Category if kind.is_retired] == [Category.LOCAL]
    assert codes.parse("W1234").category.is_retired
    assert codes.parse("D0120").owner is Owner.ADA


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0001F", Category.II),
        ("0820T", Category.III),
        ("0001U", Category.PLA),
        ("U0001", Category.HCPCS_II),
        ("0001M", Category.MAAA),
        ("M0001", Category.HCPCS_II),
        ("0174A", Category.IMMUNISATION),
        ("A0174", Category.HCPCS_II),
        ("T1017", Category.HCPCS_II),
        ("1017T", Category.III),
        ("S9480", Category.HCPCS_II),
        ("X0001", Category.LOCAL),
        ("Y0001", Category.LOCAL),
    ],
)
def test_a_letter_in_front_and_the_same_letter_behind_are_two_kinds(text, kind):
    assert codes.parse(text).category is kind


@pytest.mark.parametrize("text", ["G22L1", "90-837", "A012T", "G012U", "D012T", "0012G", "0012D", "99213-25"])
def test_mixes_of_two_shapes_are_refused(text):
    assert not codes.is_valid(text)
