"""The compiled part as it is found beside this file, and how arrays are handed to it."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "INT",
    "LONG",
    "NAME",
    "POINTER",
    "WORD",
    "held_at",
    "library",
    "one_behind_the_other",
    "require_below",
    "require_memory",
    "require_same_length",
    "require_starts",
]

NAME = "_kernel.so"
"""Of the compiled part, on every system: ctypes does not ask for another ending."""

_SWITCH = "CPTKIT_KERNEL"
_OFF = frozenset({"off", "no", "false", "0"})
POINTER, LONG, INT, WORD = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32, ctypes.c_uint64
_TAKES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bits": (None, (LONG, POINTER, LONG, POINTER, POINTER)),
    "pairs": (LONG, (POINTER, LONG, *(POINTER,) * 7, LONG, POINTER, POINTER, POINTER)),
    "repeated": (ctypes.c_int, (LONG, POINTER, POINTER, LONG, POINTER)),
    "cells": (ctypes.c_int, (LONG, POINTER, INT, POINTER, POINTER, POINTER, LONG, INT, POINTER)),
    "by_ids": (ctypes.c_int, (LONG, POINTER, POINTER, POINTER)),
    "over": (None, (LONG, POINTER, POINTER, POINTER, INT, POINTER, POINTER, POINTER, POINTER)),
    "sorted": (ctypes.c_int, (LONG, POINTER, POINTER)),
    "apart": (LONG, (LONG, POINTER, INT, INT, POINTER, POINTER, POINTER, LONG, POINTER, POINTER)),
    "beside": (
        LONG,
        (LONG, *(POINTER,) * 5, LONG, POINTER, POINTER, INT, LONG, LONG, POINTER, LONG, POINTER, POINTER),
    ),
    "heads": (LONG, (LONG, POINTER, POINTER, WORD, WORD, POINTER, POINTER, POINTER)),
    "of_part": (LONG, (LONG, POINTER, INT, WORD, LONG, POINTER, POINTER)),
    "met": (LONG, (LONG, POINTER, INT, POINTER, POINTER, POINTER, POINTER, INT, POINTER, POINTER, POINTER)),
    "headed": (LONG, (LONG, POINTER, POINTER, POINTER, INT, POINTER, POINTER)),
    "in_turn": (LONG, (LONG, POINTER, POINTER, LONG, POINTER, POINTER)),
    "spots": (None, (LONG, POINTER, LONG, POINTER, POINTER, POINTER)),
    "gathered": (None, (LONG, POINTER, POINTER, POINTER, POINTER, INT, POINTER)),
    "trace": (WORD, (LONG, POINTER, WORD, *(POINTER,) * 5)),
    "sets": (LONG, (LONG, INT, POINTER, POINTER, POINTER)),
    "texts": (ctypes.c_int, (LONG, POINTER, INT, POINTER, POINTER, LONG, WORD, ctypes.c_int, LONG, POINTER)),
    "source": (ctypes.c_char_p, ()),
}


@cache
def library() -> Any:
    """The compiled part; None where it was not built, cannot be loaded here, or is set aside."""
    if os.environ.get(_SWITCH, "").strip().casefold() in _OFF or sys.byteorder != "little":
        return None  # words are read as if they began with their low byte
    try:
        found = ctypes.CDLL(str(Path(__file__).with_name(NAME)))
        for name, (answers, takes) in _TAKES.items():
            function = getattr(found, f"cptkit_{name}")
            function.restype, function.argtypes = answers, takes
    except (OSError, AttributeError):
        return None
    return found if _is_of(found.cptkit_source().decode()) else None


def _is_of(digest: str) -> bool:
    """Whether it was compiled of the files that stand here; where none do, as in a wheel, they came together.

    In an editable installation the files may have changed since: their functions may take something else.
    """
    sources = sorted(Path(__file__).parent.glob("*.[ch]"))
    if not sources:
        return True
    import hashlib

    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest() == digest


def one_behind_the_other(values: Any, kind: Any) -> "NDArray[Any]":
    """The values one behind the other, each where a value of its size may stand, as the compiled part reads them."""
    return np.require(values, kind, ["C", "A"])


def held_at(array: Any) -> int:
    """Where the values of an array begin."""
    found: int = array.ctypes.data
    return found


def require_below(values: "NDArray[Any]", many: int) -> None:
    """Numbers that say where to look: the compiled part does not ask whether they may.

    :raises IndexError: one is below 0, or not below so many.
    """
    kind = values.dtype
    if kind.kind == "i":
        # what is below 0 is above all others without its sign: one look tells both
        many = min(many, 1 << 8 * kind.itemsize - 1)
        values = values.view(kind.str.replace("i", "u"))
    if len(values) and values.max() >= many:
        raise IndexError(f"a number is not from 0 to {many - 1}")


def require_starts(starts: "NDArray[np.int64]", many: int) -> None:
    """Where each of several stretches of so many begins, with the end.

    :raises IndexError: they are none.
    """
    if not len(starts) or starts[0] < 0 or starts[-1] > many or (starts[1:] < starts[:-1]).any():
        raise IndexError(f"no stretches of {many}")


def require_same_length(*columns: "NDArray[Any]") -> None:
    """Columns of the same lines.

    :raises IndexError: one is longer than another.
    """
    if len({len(column) for column in columns}) > 1:
        raise IndexError(f"columns of {sorted({len(column) for column in columns})} lines")


def require_memory(answer: int) -> int:
    """The answer of a function that says -1 where it got no memory.

    :raises MemoryError: it got none.
    """
    if answer < 0:
        raise MemoryError
    return answer
