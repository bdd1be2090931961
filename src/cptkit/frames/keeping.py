"""What was asked of rules, kept in a folder for the next process.

Most that costs in a first check of tables is asking rules about codes, modifiers and days one by one. What they said
hangs on nothing but the catalog, the judge, the rules and their code: a file of the folder is of exactly these, named
by the digest of all of them, and no other one is ever read.

The files are pickles: whoever writes one can run code where it is read. Only a file is read that its user alone may
write; a file that is damaged is made again. Rules of other packages are not kept, since nobody knows what their code
hangs on.
"""

import hashlib
import io
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from cptkit.errors import InvalidChoice
from cptkit.frames.said import Said
from cptkit.rules.profiles.profile import Profile

if TYPE_CHECKING:
    from cptkit.frames.memory import Memory

__all__ = ["folder_of", "keep", "recall"]

_FORMAT = "cptkit-kept-1"
_FACTS, _LOCK, _OWN_LOCK, _REST = "facts", "lock", "own lock", "rest"
_LOCK_TYPE = type(Lock())
_MOST_TEXTS = 1 << 17  # codes or modifiers of a file
_OTHERS = 0o022  # may write
_LOADED = time.time()
_UNASKED = frozenset({"__pycache__", "cli", "data", "importers", "interop", "reports", "testing"})
"""Parts of the package that no check of a table asks."""


def folder_of(kept: object) -> str:
    """The folder, which is made and can be written.

    :raises InvalidChoice: it is no name of a folder, or cannot be.
    """
    expected = "a folder that can be written"
    if not isinstance(kept, str | os.PathLike) or not os.fspath(kept) or "\0" in str(kept):
        raise InvalidChoice("what rules said has no folder", given=kept, expected=expected)
    folder = Path(os.fsdecode(kept))
    probe = folder / f"_{uuid4().hex}.half"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        why = f"what rules said cannot be kept there ({error.strerror})"
        raise InvalidChoice(why, given=str(folder), expected=expected) from error
    return str(folder)


def recall(memory: "Memory", folder: str) -> None:
    """Take up what an earlier process kept of the same catalog, judge and rules; the memory is a new one."""
    place = _place(memory, folder)
    if place is None:
        return
    try:
        if not _is_ours(place):
            return
        data = place.read_bytes()
    except OSError:
        return
    digest, body = data[:32], data[32:]
    if hashlib.sha256(body).digest() != digest:
        return
    try:
        said, carried, *texts = _Reader(io.BytesIO(body), memory).load()
        is_whole = isinstance(said, Said) and isinstance(carried, dict) and all(map(_is_names, texts))
    except Exception:  # noqa: BLE001 - whatever is wrong with a file, it is made again
        return
    if not is_whole or len(texts) != len(_texts(memory)):
        return
    for names, values in zip(_texts(memory), texts, strict=True):
        for value in values:
            names.number(value)
    memory.said.take_up(said)
    memory.facts.carry(carried)


def keep(memory: "Memory", folder: str) -> str:
    """Keep what was asked of rules, if that is more than what is kept; what came of it, in words."""
    place = _place(memory, folder)
    if place is None:
        return (
            "nothing is kept: rules of other packages ran, or cptkit's code was changed since it was loaded"
        )
    if max(map(len, _texts(memory))) > _MOST_TEXTS:
        return "nothing is kept: more codes or modifiers were met than a file is made for"
    known = len(memory.said.told)
    if not memory.facts.learnt and place.exists():
        return f"{known:,} answers of rules are kept in {folder}, none of them new"
    body, facts = io.BytesIO(), memory.facts
    with facts.lock:  # other threads may check another table by the same rules
        learnt = facts.learnt
        # the texts last: answers are of texts that are there by then
        _Writer(body, memory).dump(
            (memory.said, facts.carried(), *(list(each.values) for each in _texts(memory)))
        )
    half = place.with_name(f"{place.name}.{uuid4().hex}.half")
    try:
        half.touch(mode=0o600)
        half.write_bytes(hashlib.sha256(body.getbuffer()).digest() + body.getbuffer())
        half.replace(place)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        return f"nothing is kept: {folder} cannot be written ({error.strerror})"
    facts.learnt -= learnt
    return f"{known:,} answers of rules are kept in {folder}"


def _texts(memory: "Memory") -> tuple[Any, ...]:
    return memory.texts.codes, memory.texts.modifiers, memory.texts.places


def _is_names(values: object) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, str | None)
        or (isinstance(value, tuple) and all(isinstance(part, str) for part in value))
        for value in values
    )


def _is_ours(place: Path) -> bool:
    """Whether a file is one, and nobody else may have written it."""
    if not place.is_file():
        return False
    if not hasattr(os, "getuid"):
        return True
    told = place.stat()
    return told.st_uid == os.getuid() and not told.st_mode & _OTHERS


def _place(memory: "Memory", folder: str) -> Path | None:
    """The file of the very same catalog, judge, rules and code; None where nobody knows what the code is."""
    judge, run = memory.judge, memory.run
    code = None if any(rule.row.namespace for rule in run.rules) else _code_digest()
    if code is None:
        return None
    about = {
        "format": _FORMAT,
        "made by": [sys.version, np.__version__],
        "code": code,
        "pins": [[pin.name, pin.digest] for pin in memory.catalog.pins],
        "days": [day.isoformat() for day in memory.periods.first_days],
        "editions": [edition.edition for edition in memory.periods.editions],
        "judge": str(judge.pin) if isinstance(judge, Profile) else str(judge),
        "rules": [run.ids, run.left_out],
        "setting": str(memory.setting),
        "modifiers": memory.facts.has_modifiers,
    }
    name = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]
    return Path(folder) / f"_{name}.kept"  # a name that is no table's, should the folder hold tables too


def _code_digest() -> str | None:
    """The digest of the code that answers; None where it was changed since it was loaded."""
    digest = hashlib.sha256()
    for path in _code():
        told = path.stat()
        if max(told.st_mtime, told.st_ctime) > _LOADED:
            return None
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code() -> Iterator[Path]:
    root = Path(__file__).parent.parent
    for part in sorted(each for each in root.iterdir() if each.name not in _UNASKED):
        yield from [part] if part.suffix == ".py" else sorted(part.rglob("*.py"))


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
    """Reads it for the memory of this process."""

    def __init__(self, file: io.BytesIO, memory: "Memory") -> None:
        super().__init__(file)
        self._named: dict[Any, Any] = {
            _FACTS: memory.facts,
            _LOCK: memory.facts.lock,
            _REST: memory.lanes.rest,
        }

    def persistent_load(self, pid: Any) -> Any:
        return Lock() if pid == _OWN_LOCK else self._named[pid]
