"""Work on columns by compiled code, where it was built; ctypes finds it.

Every function answers None where the compiled part is not there, and whoever asks then does the same with numpy, in more
steps and more time; what is found is the same. The part is built with the package where there is a C compiler
(``hatch_build.py``). ``CPTKIT_KERNEL=off`` in the environment sets it aside.

A file of C stands beside the file of Python that calls it. Nothing here knows a rule.
"""

from cptkit.kernel import loading
from cptkit.kernel.columns import Spots, in_turn, sets, sorted_keys, spots, texts, trace
from cptkit.kernel.encounters import Beside, Parted, apart, beside, by_ids, cells, parted, repeated

__all__ = [
    "Beside",
    "Parted",
    "Spots",
    "apart",
    "beside",
    "by_ids",
    "cells",
    "in_turn",
    "is_built",
    "parted",
    "repeated",
    "sets",
    "sorted_keys",
    "spots",
    "texts",
    "trace",
]


def is_built() -> bool:
    """Whether the compiled part is there, and not set aside."""
    return loading.library() is not None
