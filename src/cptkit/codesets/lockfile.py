"""The lock file: the editions and edit tables an app answers from, each pinned by its digest.

``cptkit lock`` writes ``cptkit.lock``, a person may too. ``Catalog.from_lock`` loads exactly what it
names and refuses anything else::

    format = 1

    [[edition]]
    name = "2026.1"
    digest = "sha256:..."

    [tables]
    digest = "sha256:..."
    folder = "tables"

An edition that is neither bundled nor installed has a ``folder`` besides, from the lock file on; edit
tables always have one. Without ``[tables]`` there are none.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codesets.catalog import TABLES
from cptkit.codesets.edition import Codeset
from cptkit.codesets.lookup import codeset, edition_order, edition_parts
from cptkit.codesets.write import put_file
from cptkit.errors import BrokenLock, CptkitError, DigestMismatch, LockMismatch, UnknownEdition, nearest

if TYPE_CHECKING:
    from cptkit.codesets.catalog import Catalog
    from cptkit.edits import Edits

__all__ = ["LOCK", "Locked", "load_lock", "lock_text", "read_lock", "write_lock"]

LOCK = "cptkit.lock"
"""The usual name of a lock file."""

FORMAT = 1

_HEAD = """\
# The editions and edit tables that answers are made from, each pinned by the digest of its bytes.
# `cptkit lock` writes this file, `cptkit lock --check` verifies it. Keep it with your code.

"""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TABLE = re.compile(r"\s*\[\[\s*\"?edition\"?\s*\]\]")
_TABLES = re.compile(r"\s*\[\s*\"?tables\"?\s*\]")
_KEYS = ("name", "digest", "folder")


@attrs.frozen
class Locked:
    """An edition, or the edit ``tables``, as a lock file names it; ``line`` is where."""

    name: str
    digest: str
    folder: str = ""
    line: int = attrs.field(default=0, eq=False)


def lock_text(
    editions: Iterable[Codeset], folders: Mapping[str, str] | None = None, *, tables: "Edits | None" = None
) -> str:
    r"""The lock file of these editions, sorted, and of edit tables; the same ones always give the same text.

    :param folders: by name, where an edition lies that is neither bundled nor installed; for
        ``tables``, where these lie as seen from the lock file.

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
    if tables is not None:
        folder = (folders or {}).get(TABLES) or tables.folder.resolve().as_posix()
        parts.append(f'\n[{TABLES}]\ndigest = "{tables.digest}"\nfolder = {_quoted(folder)}\n')
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
    if catalog.tables is not None:
        seen[TABLES] = _seen_from(path, catalog.tables.folder)
    put_file(path, lock_text(catalog.editions, seen, tables=catalog.tables).encode())


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


def load_lock(path: Path | str) -> "tuple[tuple[Codeset, ...], Edits | None]":
    """The editions and the edit tables that a lock file names, each with the digest it says.

    :raises BrokenLock: when the file cannot be read as a lock.
    :raises LockMismatch: when something is missing or another one than was pinned.

    >>> load_lock("no-such.lock")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenLock: the lock file cannot be read: No such file or directory...
    """
    path = Path(path)
    locked, problems = _parsed(path)
    editions: list[Codeset] = []
    tables: Edits | None = None
    missing: list[str] = []
    for entry in locked:
        where = _where(path, entry.line)
        try:
            if entry.name == TABLES:
                tables = _tables(entry, path)
            else:
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
        things = f"{len(locked)} editions" + (" and tables" if locked[-1].name == TABLES else "")
        message = f"{len(missing)} of the {things} that the lock names cannot be used\n  "
        raise LockMismatch(message + "\n  ".join(missing))
    return tuple(editions), tables


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


def _tables(entry: Locked, path: Path) -> "Edits":
    from cptkit.edits import attach

    return attach(path.parent / entry.folder, digest=entry.digest)


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
    problems += [f"{path}: unknown key {key!r}" for key in whole if key not in {"format", "edition", TABLES}]
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
    if TABLES in whole:
        locked += _tables_entry(path, whole[TABLES], text, problems)
    return tuple(locked), problems


def _tables_entry(path: Path, entry: Any, text: str, problems: list[str]) -> list[Locked]:
    """What the lock says of edit tables; nothing when that cannot be used."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if _TABLES.match(line)]
    line = lines[0] if len(lines) == 1 else 0
    if not isinstance(entry, dict):
        wrong = ["[tables] is one table with a digest and a folder"]
    else:
        wrong = _key_problems(entry, _KEYS[1:])
        if not entry.get("folder"):
            wrong.append("[tables] names no folder")
    problems += [f"{_where(path, line)}: {problem}" for problem in wrong]
    return [] if wrong else [Locked(TABLES, entry["digest"], entry["folder"], line)]


def _entry_problems(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return ["an edition is a table with a name and a digest"]
    found = _key_problems(entry, _KEYS)
    name = entry.get("name")
    if edition_parts(name) is None:
        found.append(f"name {name!r} is not an edition with its revision, such as 2026.1")
    return found


def _key_problems(entry: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    """What is wrong with the keys that all entries have."""
    found = []
    for key in entry:
        if key not in keys:
            near = nearest(key, keys)
            found.append(f"unknown key {key!r}" + (f"; did you mean {near[0]}?" if near else ""))
    digest, folder = entry.get("digest"), entry.get("folder", "")
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
