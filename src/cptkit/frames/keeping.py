"""What was asked of rules, kept in a folder for the next process.

Most that costs in a first check of tables is asking rules about codes, modifiers and days one by one. What they said
hangs on nothing but the catalog, the judge, the rules and their code: a file of the folder is of exactly these, named
by the digest of all of them, and no other one is ever read.

The files are pickles, of which only what cptkit and the rules define is made anew: keep them where nobody else writes.
A file that is damaged is made again.
"""

import hashlib
import io
import json
import os
import pickle
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from cptkit.errors import UnreadableClaims
from cptkit.rules.profiles.profile import Profile

if TYPE_CHECKING:
    from cptkit.frames.memory import Memory

__all__ = ["keep", "recall"]

_FORMAT = "cptkit-kept-1"
_FACTS, _LOCK, _OWN_LOCK, _REST = "facts", "lock", "own lock", "rest"
_LOCK_TYPE = type(Lock())
_ARRAYS = {
    ("builtins", "getattr"),  # a method of what was kept
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.numeric", "_frombuffer"),
}


def recall(memory: "Memory", folder: "str | os.PathLike[str]") -> None:
    """Take up what an earlier process kept of the same catalog, judge and rules; the memory is a new one.

    :raises UnreadableClaims: the folder cannot be made or read.
    """
    place = _place(memory, folder)
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(folder, error) from error
    digest, body = data[:32], data[32:]
    if hashlib.sha256(body).digest() != digest:
        return
    try:
        codes, modifiers, places, said, carried = _Reader(io.BytesIO(body), memory).load()
    except (
        pickle.UnpicklingError,
        AttributeError,
        ImportError,
        TypeError,
        ValueError,
        LookupError,
        EOFError,
    ):
        return
    texts = memory.texts
    for names, values in ((texts.codes, codes), (texts.modifiers, modifiers), (texts.places, places)):
        for value in values:
            names.number(value)
    memory.said.take_up(said)
    memory.facts.carry(carried)


def keep(memory: "Memory", folder: "str | os.PathLike[str]", learnt: int) -> None:
    """Keep what was asked of rules, if that is more than it was when so much was ``learnt``.

    :raises UnreadableClaims: the folder cannot be written.
    """
    if memory.facts.learnt == learnt:
        return
    texts, body = memory.texts, io.BytesIO()
    state = (
        texts.codes.values,
        texts.modifiers.values,
        texts.places.values,
        memory.said,
        memory.facts.carried(),
    )
    try:
        _Writer(body, memory).dump(state)
    except (pickle.PicklingError, AttributeError, TypeError):
        return  # a rule whose function has no name of its own cannot be found again by another process
    place = _place(memory, folder)
    half = place.with_name(f"{place.name}.{uuid4().hex}")  # workers of several machines may share a folder
    try:
        half.write_bytes(hashlib.sha256(body.getbuffer()).digest() + body.getbuffer())
        half.replace(place)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise _unusable(folder, error) from error


def _unusable(folder: "str | os.PathLike[str]", error: OSError) -> UnreadableClaims:
    return UnreadableClaims(
        f"what rules said cannot be kept there ({error.strerror})",
        given=str(folder),
        expected="a folder that can be written",
    )


def _place(memory: "Memory", folder: "str | os.PathLike[str]") -> Path:
    """The file of the very same catalog, judge, rules and code; its folder is made."""
    judge, run = memory.judge, memory.run
    about = {
        "format": _FORMAT,
        "made by": [sys.version, np.__version__],
        "code": _code_digest(memory),
        "pins": [[pin.name, pin.digest] for pin in memory.catalog.pins],
        "days": [day.isoformat() for day in memory.periods.first_days],
        "editions": [edition.edition for edition in memory.periods.editions],
        "judge": str(judge.pin) if isinstance(judge, Profile) else str(judge),
        "rules": [run.ids, run.left_out],
        "setting": str(memory.setting),
        "modifiers": memory.facts.has_modifiers,
    }
    name = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return Path(folder) / f"{name}.kept"


def _code_digest(memory: "Memory") -> str:
    """The digest of the code that answers: of the package, and of rules of others."""
    digest = hashlib.sha256()
    for path in _code_of(memory):
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code_of(memory: "Memory") -> Iterator[Path]:
    root = Path(__file__).parent.parent
    for part in sorted(each for each in root.iterdir() if each.name not in _UNASKED):
        yield from [part] if part.suffix == ".py" else sorted(part.rglob("*.py"))
    own = {rule.check.__module__ for rule in memory.run.rules}
    for name in sorted(each for each in own if not each.startswith("cptkit.")):
        file = import_module(name).__file__
        if file is not None:
            yield Path(file)


_UNASKED = frozenset({"__pycache__", "cli", "data", "importers", "interop", "reports", "testing"})
"""Parts of the package that no check of a table asks."""


class _Writer(pickle.Pickler):
    """Writes what was asked, and of what it was asked no more than a name."""

    def __init__(self, file: io.BytesIO, memory: "Memory") -> None:
        super().__init__(file, protocol=5)
        self._names = {
            id(memory.facts): _FACTS,
            id(memory.facts.lock): _LOCK,
            id(memory.lanes.rest): _REST,
        }

    def persistent_id(self, obj: Any) -> str | None:
        if type(obj) is _LOCK_TYPE:
            return _OWN_LOCK
        return self._names.get(id(obj))


class _Reader(pickle.Unpickler):
    """Reads it for the memory of this process; nothing is called that cptkit and the rules do not define."""

    def __init__(self, file: io.BytesIO, memory: "Memory") -> None:
        super().__init__(file)
        self._named: dict[Any, Any] = {
            _FACTS: memory.facts,
            _LOCK: memory.facts.lock,
            _REST: memory.lanes.rest,
        }
        self._rules = {rule.check.__module__ for rule in memory.run.rules}

    def persistent_load(self, pid: Any) -> Any:
        return Lock() if pid == _OWN_LOCK else self._named[pid]

    def find_class(self, module_name: str, global_name: str) -> Any:
        is_own = module_name.startswith("cptkit.") or module_name in self._rules
        if not is_own and (module_name, global_name) not in _ARRAYS:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is nothing that is kept")
        return super().find_class(module_name, global_name)
