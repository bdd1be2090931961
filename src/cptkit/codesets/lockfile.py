"""The lock file: the editions an app answers from, each pinned by its digest.

``cptkit lock`` writes ``cptkit.lock``, a person may too. ``Catalog.from_lock`` loads exactly the
editions it names and refuses anything else::

    format = 1

    [[edition]]
    name = "2026.1"
    digest = "sha256:..."

An edition that is neither bundled nor installed has a ``folder`` besides, from the lock file on.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codesets.edition import Codeset
from cptkit.codesets.lookup import codeset, edition_order, edition_parts
from cptkit.codesets.write import put_file
from cptkit.errors import BrokenLock, CptkitError, DigestMismatch, LockMismatch, UnknownEdition, nearest

if TYPE_CHECKING:
    from cptkit.codesets.catalog import Catalog

__all__ = ["LOCK", "Locked", "load_lock", "lock_text", "read_lock", "write_lock"]

LOCK = "cptkit.lock"
"""The usual name of a lock file."""

FORMAT = 1

_HEAD = """\
# The editions that answers are made from, each pinned by the digest of its bytes.
# `cptkit lock` writes this file, `cptkit lock --check` verifies it. Keep it with your code.

"""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TABLE = re.compile(r"\s*\[\[\s*\"?edition\"?\s*\]\]")
_KEYS = ("name", "digest", "folder")


@attrs.frozen
class Locked:
    """An edition as a lock file names it; ``line`` is where."""

    name: str
    digest: str
    folder: str = ""
    line: int = attrs.field(default=0, eq=False)


def lock_text(editions: Iterable[Codeset], folders: Mapping[str, str] | None = None) -> str:
    r"""The lock file of these editions, sorted; the same editions always give the same text.

    :param folders: by name, where an edition lies that is neither bundled nor installed.

    >>> print(lock_text([codeset("2026.1")]).partition("\n\n")[2])
    format = 1
    <BLANKLINE>
    [[edition]]
    name = "2026.1"
    digest = "sha256:..."
    <BLANKLINE>
    >>> lock_text(["2026.1"])
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'edition'
    """
    parts = [f"{_HEAD}format = {FORMAT}\n"]
    for edition in sorted(editions, key=lambda found: edition_order(found.edition)):
        text = f'\n[[edition]]\nname = {_quoted(edition.edition)}\ndigest = "{edition.digest}"\n'
        folder = (folders or {}).get(edition.edition)
        parts.append(text + (f"folder = {_quoted(folder)}\n" if folder else ""))
    return "".join(parts)


def write_lock(
    catalog: "Catalog", path: Path | str, *, folders: Mapping[str, Path | str] | None = None
) -> None:
    """Write the pins of a catalog into a lock file, as a whole or not at all.

    :param folders: by name, where an edition lies that is neither bundled nor installed; written as
        seen from the lock file, so that the two move together.
    :raises OSError: when it cannot be written; an older lock stays.

    >>> import tempfile
    >>> from cptkit import Catalog
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_lock(Catalog.from_editions("2026.1"), Path(folder, "cptkit.lock"))
    ...     [locked.name for locked in read_lock(Path(folder, "cptkit.lock"))]
    ['2026.1']
    >>> write_lock(Catalog.from_editions("2026.1"), Path(__file__, "cptkit.lock"))
    Traceback (most recent call last):
    ...
    NotADirectoryError...
    """
    path = Path(path)
    seen = {name: _seen_from(path, Path(folder)) for name, folder in (folders or {}).items()}
    put_file(path, lock_text(catalog.editions, seen).encode())


def read_lock(path: Path | str) -> tuple[Locked, ...]:
    """What a lock file names, in its order; nothing is loaded.

    :raises BrokenLock: with every problem of the file, each with its line where there is one.

    >>> read_lock("no-such.lock")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenLock: the lock file cannot be read: No such file or directory; expected a file that `cptkit lock` wrote; see no-such.lock
    """
    locked, problems = _parsed(Path(path))
    if problems:
        raise _broken(problems)
    return locked


def load_lock(path: Path | str) -> tuple[Codeset, ...]:
    """The editions that a lock file names, each with the digest it says.

    :raises BrokenLock: when the file cannot be read as a lock.
    :raises LockMismatch: when an edition is missing or another one than was pinned.

    >>> load_lock("no-such.lock")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenLock: the lock file cannot be read: No such file or directory...
    """
    path = Path(path)
    locked, problems = _parsed(path)
    editions: list[Codeset] = []
    missing: list[str] = []
    for entry in locked:
        where = _where(path, entry.line)
        try:
            editions.append(_edition(entry, path))
        except DigestMismatch as error:
            missing.append(f"{where}: {entry.name}: {_both(error, entry)}")
        except UnknownEdition as error:
            missing.append(f"{where}: {error}")
        except CptkitError as error:
            missing.append(f"{where}: {entry.name} cannot be loaded: {error}")
    if problems:
        raise _broken(problems + missing)
    if missing:
        message = f"{len(missing)} of the {len(locked)} editions that the lock names cannot be used\n  "
        raise LockMismatch(message + "\n  ".join(missing))
    return tuple(editions)


def _both(error: DigestMismatch, entry: Locked) -> str:
    """Both digests: of the edition here and of the lock, or those that the error names by itself."""
    if error.given != entry.digest:
        return error.message
    return f"the digest here is {error.expected}, the lock says {entry.digest}"


def _edition(entry: Locked, path: Path) -> Codeset:
    if not entry.folder:
        return codeset(entry.name, digest=entry.digest)
    found = Codeset.from_folder(path.parent / entry.folder, digest=entry.digest)
    if found.edition != entry.name:
        raise UnknownEdition("the folder holds another edition", given=found.edition, expected=entry.name)
    return found


def _broken(problems: list[str]) -> BrokenLock:
    text = f"{len(problems)} problem(s) in the lock file\n  " + "\n  ".join(problems)
    return BrokenLock(text)


def _parsed(path: Path) -> tuple[tuple[Locked, ...], list[str]]:
    """The entries that can be read, and what is wrong with the others."""
    try:
        text = path.read_text(encoding="utf-8")
        whole = tomllib.loads(text)
    except OSError as error:
        message = f"the lock file cannot be read: {error.strerror or error}"
        expected = "a file that `cptkit lock` wrote"
        raise BrokenLock(message, expected=expected, where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise BrokenLock(f"the lock file is not TOML: {error}", where=str(path)) from error
    problems: list[str] = []
    if whole.get("format") != FORMAT or type(whole.get("format")) is not int:
        message = "the lock file has another format"
        expected = f"format {FORMAT}; a newer cptkit reads newer formats"
        given = whole.get("format", "none")
        raise BrokenLock(message, given=given, expected=expected, where=str(path))
    problems += [f"{path}: unknown key {key!r}" for key in whole if key not in {"format", "edition"}]
    entries = whole.get("edition", [])
    if not isinstance(entries, list) or not entries:
        problems.append(f"{path}: no [[edition]] is named")
        entries = []
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if _TABLE.match(line)]
    if len(lines) != len(entries):
        lines = [0] * len(entries)
    locked: list[Locked] = []
    years: dict[int, Locked] = {}
    for entry, line in zip(entries, lines, strict=True):
        wrong = [f"{_where(path, line)}: {text}" for text in _entry_problems(entry)]
        problems += wrong
        if wrong:
            continue
        found = Locked(entry["name"], entry["digest"], entry.get("folder", ""), line)
        year = (edition_parts(found.name) or (0,))[0]
        first = years.setdefault(year, found)
        if first is found:
            locked.append(found)
        else:
            text = f"{_where(path, line)}: {found.name} is a second edition of {year}, after {first.name}"
            problems.append(f"{text} in line {first.line}" if first.line else text)
    return tuple(locked), problems


def _entry_problems(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return ["an edition is a table with a name and a digest"]
    found = []
    for key in entry:
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            found.append(f"unknown key {key!r}" + (f"; did you mean {near[0]}?" if near else ""))
    name, digest, folder = entry.get("name"), entry.get("digest"), entry.get("folder", "")
    if edition_parts(name) is None:
        found.append(f"name {name!r} is not an edition with its revision, such as 2026.1")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        found.append(f"digest {digest!r} is not sha256: and 64 hexadecimal digits")
    if not isinstance(folder, str):
        found.append(f"folder {folder!r} is not a text")
    return found


def _where(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)


def _seen_from(path: Path, folder: Path) -> str:
    """A folder as the lock file names it: relative, with forward slashes."""
    return Path(os.path.relpath(folder.resolve(), path.resolve().parent)).as_posix()


def _quoted(text: str) -> str:
    """A TOML string."""
    signs = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(signs.get(c, c) if c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'
