"""One heap for what Arrow and numpy hold; loaded before pyarrow, which decides at once where it takes memory from."""

import ctypes
import os
import sys

__all__ = ["one_heap"]

_POOL = "ARROW_DEFAULT_MEMORY_POOL"
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # as malloc.h of glibc numbers them
_LARGE = 1 << 30


def one_heap() -> None:
    """Let Arrow and numpy take memory from one heap, in all of this process, so that each uses what the other gave free.

    For a process that checks large tables and does little else, before its first check: the peak is lower by a fifth,
    and less memory is new to the system. ``cptkit check`` does it. It changes settings of the process that others
    in it share, which is why ``check`` leaves it to the caller: pyarrow takes memory from the heap of the system, and
    where that is glibc's, all threads share one arena, which keeps what is free until a check gives it back. Called
    before pyarrow is imported it also reaches what pyarrow holds for itself. It cannot be undone but for pyarrow's
    pool, and doing it again changes nothing.

    :raises NotInstalled: pyarrow or numpy is missing.

    >>> import pyarrow
    >>> before = pyarrow.default_memory_pool()
    >>> one_heap()
    >>> pyarrow.default_memory_pool().backend_name
    'system'
    >>> pyarrow.set_memory_pool(before)
    >>> one_heap("arrow")
    Traceback (most recent call last):
    ...
    TypeError: one_heap() takes 0 positional arguments but 1 was given
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_ARENA_MAX, 1)
        libc.mallopt(_TRIM_THRESHOLD, _LARGE)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
    is_new = _POOL not in os.environ and "pyarrow" not in sys.modules
    if is_new:
        os.environ[_POOL] = "system"
    try:
        from cptkit.frames.arrow import pa

        pa.set_memory_pool(pa.system_memory_pool())
    finally:
        if is_new:
            del os.environ[_POOL]  # it is read once; no process that this one starts is meant
