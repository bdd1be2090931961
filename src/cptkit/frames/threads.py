"""Work on several things in threads, few of which wait at a time; where one thread is asked for, none is started."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Event
from typing import Any, TypeVar

__all__ = ["beside", "in_threads"]

_AHEAD = 1  # that wait for a thread

Made = TypeVar("Made")
Found = TypeVar("Found")


def beside(
    work: Callable[[], Found], given: Iterator[Made], many: int, threads: int
) -> tuple[Found, Iterator[Made]]:
    """What the work gives, and all that is given, of which up to so many are made in another thread while it goes on.

    An error of what is given comes behind what was made before it.

    >>> beside(lambda: "done", iter(range(3)), 2, threads=1)[0]
    'done'
    >>> list(beside(lambda: "done", iter(range(3)), 2, threads=2)[1])
    [0, 1, 2]
    >>> beside(lambda: 1 // 0, iter(range(3)), 2, threads=2)
    Traceback (most recent call last):
    ...
    ZeroDivisionError: ...
    """
    if threads == 1:
        return work(), given
    made: deque[Made] = deque()
    is_done = Event()

    def make() -> None:
        for each in islice(given, many):
            made.append(each)
            if is_done.is_set():
                return

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(make)
        try:
            found = work()
        finally:
            is_done.set()

    def all_of_them() -> Iterator[Made]:
        while made:
            yield made.popleft()
        making.result()
        yield from given

    return found, all_of_them()


def in_threads(work: Callable[..., Any], given: Iterable[Sequence[Any]], threads: int) -> Iterator[Any]:
    """What is made of each, in their order; only a few wait, so that memory is bounded.

    >>> list(in_threads(pow, [(2, 3), (3, 2)], threads=2))
    [8, 9]
    >>> list(in_threads(divmod, [(1, 0)], threads=2))
    Traceback (most recent call last):
    ...
    ZeroDivisionError: ...
    """
    if threads == 1:
        for each in given:
            yield work(*each)
        return
    waiting: list[Any] = []
    pool = ThreadPoolExecutor(threads)
    try:
        for each in given:
            waiting.append(pool.submit(work, *each))
            if len(waiting) >= threads + _AHEAD:
                yield waiting.pop(0).result()
        for each in waiting:
            yield each.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
