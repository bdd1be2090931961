"""The compiled part as it is found beside this file, and how arrays are handed to it."""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NAME", "held_at", "library", "one_behind_the_other", "require_below", "require_memory"]

NAME = "_kernel.so"
"""Of the compiled part, on every system: ctypes does not ask for another ending."""

_SWITCH = "CPTKIT_KERNEL"
_P, _LONG, _INT, _WORD = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32, ctypes.c_uint64
_TAKES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bits": (None, (_LONG, _P, _LONG, _P, _P)),
    "pairs": (_LONG, (_P, _LONG, *(_P,) * 7, _LONG, _P, _P, _P)),
    "repeated": (ctypes.c_int, (_LONG, _P, _P, _LONG, _P)),
    "cells": (ctypes.c_int, (_LONG, _P, _INT, _P, _P, _P, _LONG, _INT, _P)),
    "by_ids": (ctypes.c_int, (_LONG, _P, _P, _P)),
    "over": (None, (_LONG, _P, _P, _P, _INT, _P, _P, _P, _P)),
    "sorted": (ctypes.c_int, (_LONG, _P, _P)),
    "apart": (_LONG, (_LONG, _P, _INT, _INT, _P, _P, _P, _LONG, _P, _P)),
    "beside": (_LONG, (_LONG, *(_P,) * 5, _LONG, _P, _P, _INT, _LONG, _LONG, _P, _LONG, _P, _P)),
    "of_part": (_LONG, (_LONG, _P, _INT, _WORD, _LONG, _P, _P)),
    "met": (_LONG, (_LONG, _P, _INT, _P, _P, _P, _P, _INT, _P, _P, _P)),
    "headed": (_LONG, (_LONG, _P, _P, _P, _INT, _P, _P)),
    "in_turn": (_LONG, (_LONG, _P, _P, _LONG, _P, _P)),
    "spots": (None, (_LONG, _P, _LONG, _P, _P, _P)),
    "gathered": (None, (_LONG, _P, _P, _P, _P, _INT, _P)),
    "sets": (_LONG, (_LONG, _INT, _P, _P, _P)),
    "texts": (ctypes.c_int, (_LONG, _P, _INT, _P, _P, _LONG, _WORD, ctypes.c_int, _LONG, _P)),
    "source": (ctypes.c_char_p, ()),
}


@cache
def library() -> Any:
    """The compiled part; None where it was not built, cannot be loaded here, or is set aside."""
    if os.environ.get(_SWITCH, "").casefold() == "off":
        return None
    try:
        found = ctypes.CDLL(str(Path(__file__).with_name(NAME)))
        for name, (answers, takes) in _TAKES.items():
            function = getattr(found, f"cptkit_{name}")
            function.restype, function.argtypes = answers, takes
    except (OSError, AttributeError):
        return None
    return found


def one_behind_the_other(values: Any, kind: Any) -> "NDArray[Any]":
    """The values one behind the other, as the compiled part reads them."""
    return np.ascontiguousarray(values, kind)


def held_at(array: Any) -> int:
    """Where the values of an array begin."""
    found: int = array.ctypes.data
    return found


def require_below(values: "NDArray[Any]", many: int) -> None:
    """Numbers that say where to look: the compiled part does not ask whether they may.

    :raises IndexError: one is below 0, or not below so many.
    """
    if len(values) and (values.min() < 0 or values.max() >= many):
        raise IndexError(f"a number is not from 0 to {many - 1}")


def require_memory(answer: int) -> int:
    """The answer of a function that says -1 where it got no memory.

    :raises MemoryError: it got none.
    """
    if answer < 0:
        raise MemoryError
    return answer
