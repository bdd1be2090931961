"""Texts of a picture: what XML can hold of them, how wide they are, and how they are broken into lines."""

import pytest

from cptkit.timerule.pictures.layout import clean, text_width, wrapped

LETTER = 0.64 * 13  # an ordinary letter at the usual size


def test_the_usual_size():
    assert text_width("a") == pytest.approx(LETTER)
    assert text_width("aa", bold=True) == pytest.approx(2 * LETTER * 1.1)
    assert text_width("a", 12) == pytest.approx(0.64 * 12)
    assert text_width("\u4e00") == text_width("\uff21") == pytest.approx(13)


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x7f", "\x85\x00", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_marked(char):
    assert clean(f"a{char}b").count("\ufffd") == 1
    assert clean(f"a{char}b") in {"a\ufffdb", "a \ufffdb"}


def test_what_xml_can_hold_is_kept():
    assert clean("  a\n b\tc \u00e9\ufffd ") == "a b c \u00e9\ufffd"


@pytest.mark.parametrize(
    ("room", "lines"),
    [
        (7.0, ("aaa bbb",)),
        (6.9, ("aaa", "bbb")),
        (3.0, ("aaa", "bbb")),
        (2.9, ("aa", "a", "bb", "b")),
        (1.0, ("a", "a", "a", "b", "b", "b")),
        (0.5, ("a", "a", "a", "b", "b", "b")),
    ],
)
def test_words_stay_whole_where_they_can(room, lines):
    space = text_width(" ") / LETTER
    whole = room if room < 6 else room - 1 + space
    assert wrapped("aaa bbb", whole * LETTER + 0.001) == lines
    for size, bold in ((20, False), (20, True), (13, True)):
        scaled = whole * text_width("a", size, bold=bold) + 0.001
        assert wrapped("aaa bbb", scaled, size, bold=bold) == lines


def test_a_line_may_be_as_wide_as_the_room():
    room = text_width("ab cd")
    assert wrapped("ab cd", room) == ("ab cd",)
    assert wrapped("abcd", text_width("ab")) == ("ab", "cd")
    assert wrapped("", 100) == wrapped(" \n ", 100) == ()


def test_a_word_goes_on_after_one_that_was_cut():
    assert wrapped("aaaa b", 3 * LETTER + text_width(" ") + 0.001) == ("aaa", "a b")
