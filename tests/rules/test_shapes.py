"""What is read strictly, field by field: an error says what is there, what was expected and where."""

import datetime as dt

import attrs
import pytest

from cptkit.rules.shapes import COUNT, DAY, TEXT, Field, MisreadError, record, several


@attrs.frozen
class Stay:
    first: dt.date
    rooms: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.rooms)


STAY = record(
    "stay",
    Stay,
    {
        "first": Field(DAY),
        "rooms": Field(several(TEXT)),
        "size": Field(COUNT, handed=False, follows=True),
    },
)
WRITTEN = {"first": "2026-03-02", "rooms": ["a", "b"], "size": 2}


def test_what_was_written_is_read():
    assert STAY.write(STAY.read(WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": "2026-02-30"}, "first: '2026-02-30'; expected a day such as 2026-03-02"),
        ({"first": None}, "first: null; expected a day such as 2026-03-02"),
        ({"rooms": ["a", 7]}, "rooms[1]: 7; expected text"),
        ({"rooms": {}}, "rooms: an object; expected a list"),
        ({"size": 3}, "size: 3; expected 2, which follows from the rest"),
        ({"size": -1}, "size: -1; expected a count"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes, words):
    with pytest.raises(MisreadError) as caught:
        STAY.read({**WRITTEN, **changes})
    assert str(caught.value) == words
