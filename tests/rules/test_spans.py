"""What a run of column checks remembers."""

import datetime as dt

import pytest

from cptkit import Basis, Line, codeset
from cptkit.rules.context import context_for
from cptkit.rules.emit import not_checked
from cptkit.rules.spans import Facts, Numbers
from cptkit.setting import Setting

np = pytest.importorskip("numpy", reason="numpy is not installed")

DAY = dt.date(2026, 3, 2)


@pytest.fixture
def facts():
    context = context_for(codeset("2026.1"), DAY, Basis.CPT)
    return Facts(
        [context],
        np.zeros(1, np.int16),
        np.zeros(1, np.int16),
        None,
        Setting.PRACTITIONER,
        ["90834"],
        [()],
        [None],
    )


def test_a_verdict_is_that_of_a_finding(facts):
    def silent(encounter, _context):
        return [not_checked(("ABC101", "any-name"), encounter, encounter.lines, "nobody knows")]

    with pytest.raises(TypeError, match="not a finding: NotChecked"):
        facts.verdict(silent, 0, (Line("90834", date_of_service=DAY, id="1"),))


def test_what_was_made_is_made_once(facts):
    asked = []

    def made(_facts, value):
        asked.append(value)
        return value * 2

    assert [facts.kept(made, 2), facts.kept(made, 3), facts.kept(made, 2)] == [4, 6, 4]
    assert asked == [2, 3]


class Meanwhile:
    """A lock that another thread has let go a moment ago, having made the same."""

    def __init__(self, make):
        self.make = make

    def __enter__(self):
        if self.make is not None:
            make, self.make = self.make, None
            make()

    def __exit__(self, *_):
        return None


def test_what_another_thread_kept_meanwhile_is_not_made_again(facts):
    asked = []

    def made(_facts):
        asked.append(len(asked))
        return len(asked)

    facts.lock = Meanwhile(lambda: facts.kept(made))
    assert (facts.kept(made), asked) == (1, [0])


def test_what_another_thread_made_of_the_first_meanwhile_stands(facts):
    facts.lock = Meanwhile(lambda: facts.first("key", lambda: "theirs"))
    assert (facts.first("key", lambda: "mine"), facts.learnt) == ("theirs", 1)


def test_numbers_are_written_as_they_are_at_one_moment():
    """While others number more: what has a number is there, and what is there has one."""
    numbers = Numbers(["a"])
    numbers._lock = Meanwhile(lambda: [numbers.values.append("b"), numbers._numbers.update(b=1)])
    _, held = numbers.__getstate__()
    numbers.number("c")
    assert held["values"] == ["a", "b"]
    assert held["_numbers"] == {"a": 0, "b": 1}


def test_numbers_stay():
    numbers = Numbers(["a", "b"])
    assert [numbers.number(each) for each in "bcab"] == [1, 2, 0, 1]
    assert (numbers.values, len(numbers)) == (["a", "b", "c"], 3)
