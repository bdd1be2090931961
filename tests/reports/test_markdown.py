"""Markdown out of values: what a text says, no more."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cptkit.reports.markdown import marked, table, web_link

SIGNS = r"`*_[]<>{}|~#&$^!"


@given(st.text())
def test_a_marked_text_says_the_same_in_one_line(text):
    shown = marked(text)
    assert shown.splitlines() == ([shown] if shown else [])
    assert re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", shown) == " ".join(text.split())


@given(st.text(alphabet=SIGNS + r"\-+=%:(.1a "))
def test_no_sign_of_markdown_is_left_bare(text):
    bare = re.sub(r"\\[^a-zA-Z0-9\s]", "", marked(text))
    assert not set(bare) & set(SIGNS)
    assert not re.match(r"[-+=%:(]|\d+\.", marked(text))


@given(st.lists(st.text(alphabet="ab|* \\"), min_size=1, max_size=4))
def test_a_table_keeps_its_columns(cells):
    head, rule, row, end = table(
        [f"c{number}" for number in range(len(cells))], [[marked(cell) for cell in cells]]
    )
    assert end == ""
    bars = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in (head, rule, row)]
    assert set(bars) == {len(cells) + 1}


def test_addresses_and_what_is_none():
    assert web_link("https://a.org ; no address") == "[https://a.org](<https://a.org>); no address"
    assert web_link("ftp://a.org/x_y") == "ftp://a.org/x\\_y"
