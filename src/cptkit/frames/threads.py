"""Work on several things in threads, few of which wait at a time; where one thread is asked for, none is started."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["in_threads"]

_AHEAD = 1  # that wait for a thread


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
