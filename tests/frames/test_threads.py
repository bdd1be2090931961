"""Work in threads: in the order in which it is given, and none started where one is asked for."""

import threading
import time

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit.frames.threads import beside, in_threads


def numbers(many, made, fails_at=None):
    for number in range(many):
        if number == fails_at:
            raise OSError("cannot be read")
        made.append((number, threading.current_thread()))
        yield number


def nothing():
    return "done"


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("many", [0, 1, 2, 3, 9])
def test_all_of_them_in_order(many, threads) -> None:
    made: list = []
    found, given = beside(nothing, numbers(many, made), 2, threads)
    assert (found, list(given)) == ("done", list(range(many)))
    assert list(in_threads(lambda one: one * 2, ((each,) for each in range(many)), threads)) == [
        each * 2 for each in range(many)
    ]


def test_the_first_are_made_elsewhere_and_no_more() -> None:
    made: list = []

    def waits():
        while len(made) < 2:
            time.sleep(0.001)

    _, given = beside(waits, numbers(9, made), 2, 2)
    assert [number for number, _ in made] == [0, 1]
    assert threading.current_thread() not in {thread for _, thread in made}
    assert next(given) == 0
    assert len(made) == 2
    alone: list = []
    beside(nothing, numbers(9, alone), 2, 1)
    assert alone == []


@pytest.mark.parametrize("threads", [1, 2])
def test_what_was_made_before_an_error_comes_before_it(threads) -> None:
    """Rows that were read are told, as they are without other work."""
    _, given = beside(nothing, numbers(9, [], fails_at=1), 2, threads)
    assert next(given) == 0
    with pytest.raises(OSError, match="cannot be read"):
        next(given)


def test_no_more_are_made_once_the_work_is_done() -> None:
    """Who named a rule that is not there does not wait for a long file."""
    made: list = []
    begun = threading.Event()

    def slow():
        for number in numbers(9, made):
            begun.set()
            time.sleep(0.05)
            yield number

    def fails():
        begun.wait()
        raise ValueError("no such rule")

    with pytest.raises(ValueError, match="no such rule"):
        beside(fails, slow(), 9, 2)
    assert len(made) < 9


def test_an_error_of_the_work_comes_first() -> None:
    """Nobody is told of a file that was not asked about in the end."""

    def fails():
        raise ValueError("no such rule")

    with pytest.raises(ValueError, match="no such rule"):
        beside(fails, numbers(9, [], fails_at=0), 2, 2)
