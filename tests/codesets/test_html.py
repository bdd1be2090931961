"""What a notebook shows: small tables in which nothing stands unescaped."""

import datetime as dt
from html.parser import HTMLParser

import attrs
import pytest

from cptkit import codesets
from cptkit.codesets import codeset

CODESET = codeset("2026.1")
DAY = dt.date(2026, 3, 2)
EVIL = '<script>alert("x")</script>'


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.said = [], set(), []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert not attrs
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


VALUES = [
    CODESET,
    CODESET["99354"],
    CODESET["90840"],
    CODESET.status("99354", date_of_service=DAY),
    codesets.diff(codeset("2025.1"), CODESET),
    codesets.diff(codeset("2021.1"), CODESET),
    codesets.diff(CODESET, CODESET),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_table_and_nothing_else(value):
    assert Tags(value._repr_html_()).seen <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_what_is_shown():
    assert {"99354", "2022-12-31", "99417"} <= set(Tags(CODESET["99354"]._repr_html_()).said)
    assert "yes" in Tags(CODESET.status("90834", date_of_service=DAY)._repr_html_()).said
    assert any("changes, the first 60" in text for text in Tags(VALUES[5]._repr_html_()).said)


def test_nothing_stands_unescaped():
    record = attrs.evolve(CODESET["90834"], label=EVIL)
    assert EVIL in Tags(record._repr_html_()).said
    changes = VALUES[4]
    evil = attrs.evolve(changes, added=(attrs.evolve(changes.added[0], label=EVIL),))
    assert "<script" not in evil._repr_html_()
