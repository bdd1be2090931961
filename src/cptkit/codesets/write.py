"""Writing an edition: its bytes, and a move into place that no kill can spoil.

The files are canonical: columns in the order of ``tables``, one record a line, UTF-8, LF; JSON with
sorted keys. The same rows always give the same bytes.

A folder is written beside its place, under a name that starts with a dot, and then takes the place
of the old one in one step of the file system (Linux, macOS). Where there is no such step, the old
folder is moved to ``.NAME.old`` first: a kill between the two moves leaves it there, whole, and the
next write moves it back before it does anything else. One edition has one writer at a time.
"""

import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cptkit.codesets.files import FORMAT, MANIFEST, digest_of

__all__ = ["edition_files", "json_bytes", "put_file", "put_folder", "table_bytes", "timerules_bytes"]


def table_bytes(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    r"""A table with a header.

    :raises ValueError: when a text holds a tab or a line break.

    >>> table_bytes(("code", "label"), [{"label": "session", "code": "90834"}])
    b'code\tlabel\n90834\tsession\n'
    >>> table_bytes(("code",), [{"code": "90834\n"}])
    Traceback (most recent call last):
    ...
    ValueError: column code holds a tab or a line break: '90834\n'
    """
    columns = tuple(columns)
    lines = ["\t".join(columns)]
    for row in rows:
        texts = [row[column] for column in columns]
        line = "\t".join(texts)
        if "\n" in line or "\r" in line or line.count("\t") != len(columns) - 1:
            column, text = next(
                (name, text)
                for name, text in zip(columns, texts, strict=True)
                if "\t" in text or "\n" in text or "\r" in text
            )
            raise ValueError(f"column {column} holds a tab or a line break: {text!r}")
        lines.append(line)
    return ("\n".join(lines) + "\n").encode()


def json_bytes(value: Any) -> bytes:
    r"""JSON, the same bytes for the same value.

    >>> json_bytes({"b": 1, "a": "ä"}).decode()
    '{\n "a": "ä",\n "b": 1\n}\n'
    >>> json_bytes({1j})
    Traceback (most recent call last):
    ...
    TypeError: Object of type set is not JSON serializable
    """
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def timerules_bytes(parts: Mapping[str, Iterable[Mapping[str, Any]]]) -> bytes:
    r"""The time rules as JSON, the same bytes for the same rules: a family, a row and a policy a line.

    >>> print(timerules_bytes({"families": [{"id": "talk", "rules": [{"b": 1, "a": 2}, {"c": 3}]}]}).decode())
    {
    "families": [
    {"id":"talk","rules":[
     {"a":2,"b":1},
     {"c":3}
    ]}
    ]
    }
    <BLANKLINE>
    >>> timerules_bytes({"families": [{1j}]})
    Traceback (most recent call last):
    ...
    TypeError: 'set' object is not a mapping
    """
    blocks = []
    for part in sorted(parts):
        things = ",\n".join(_thing(thing) for thing in parts[part])
        blocks.append(f'"{part}": [\n{things}\n]' if things else f'"{part}": []')
    return ("{\n" + ",\n".join(blocks) + "\n}\n").encode()


def _thing(thing: Mapping[str, Any]) -> str:
    plain = {**thing}
    rows = plain.pop("rules", None)
    if rows is None:
        return _line(plain)
    told = ",\n ".join(map(_line, rows))
    return f'{_line(plain)[:-1]},"rules":[\n {told}\n]}}'


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def edition_files(
    files: Mapping[str, bytes],
    *,
    edition: str,
    modifiers_complete_on: str,
    extends: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """The files with the manifest that names them.

    ``extends``: name and digest of the edition that this one was made from.

    >>> files = edition_files({}, edition="2026.1+acme", modifiers_complete_on="2026-01-01")
    >>> json.loads(files["manifest.json"])["last_day"]
    '2026-12-31'
    >>> edition_files({}, edition="acme", modifiers_complete_on="2026-01-01")
    Traceback (most recent call last):
    ...
    ValueError: invalid literal for int() with base 10: 'acme'
    """
    year, _, rest = edition.partition(".")
    entries: dict[str, dict[str, Any]] = {}
    for name, data in files.items():
        entries[name] = {"digest": digest_of(data)}
        if name.endswith(".tsv"):
            entries[name]["rows"] = data.count(b"\n") - 1
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "edition": edition,
        "year": int(year),
        "revision": int(rest.partition("+")[0]),
        "first_day": f"{year}-01-01",
        "last_day": f"{year}-12-31",
        "modifiers_complete_on": modifiers_complete_on,
        "files": entries,
    }
    if extends is not None:
        manifest["extends"] = dict(extends)
    return {**files, MANIFEST: json_bytes(manifest)}


# ---- into place ----------------------------------------------------------------------------


def put_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of files in place as a whole, instead of the one that may be there.

    A process killed at any point leaves the old folder whole or the new one; see the module.

    :raises OSError: when it cannot be written; what was there stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     put_folder(Path(parent, "2026.1"), {"codes.tsv": b"code"})
    ...     print(Path(parent, "2026.1", "codes.tsv").read_text())
    code
    >>> put_folder(Path(__file__, "2026.1"), {})
    Traceback (most recent call last):
    ...
    FileExistsError...
    """
    folder = folder.resolve()  # a link is kept: what it points to is replaced
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    _recover(folder)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_beside(folder)))
    try:
        for name, content in files.items():
            _write(beside / name, content)
        beside.chmod(_mode(folder))
        if not folder.exists():
            beside.rename(folder)
        elif not _exchange(beside, folder):
            _swap(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _mode(folder: Path) -> int:
    """The permissions of the folder that is replaced, or those a new one would have."""
    if folder.exists():
        return folder.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o777 & ~umask


def put_file(path: Path, content: bytes) -> None:
    """Put a file in place as a whole, instead of the one that may be there.

    :raises OSError: when it cannot be written; what was there stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     put_file(Path(folder, "a"), b"text")
    ...     print(os.listdir(folder))
    ['a']
    >>> put_file(Path(__file__, "a"), b"text")
    Traceback (most recent call last):
    ...
    NotADirectoryError...
    """
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        _write(beside, content)
        beside.replace(path)
    finally:
        if beside.exists():
            beside.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _beside(folder: Path) -> str:
    return f".{folder.name}.new-"


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _recover(folder: Path) -> None:
    """Undo what a killed writer left: the old folder back in its place, half-written ones away."""
    aside = _aside(folder)
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)
    prefix = _beside(folder)
    for left in folder.parent.iterdir():
        if left.name.startswith(prefix):
            shutil.rmtree(left, ignore_errors=True)


def _swap(beside: Path, folder: Path) -> None:
    """Two moves: between them the old folder is whole under another name, where ``_recover`` finds it."""
    aside = _aside(folder)
    folder.rename(aside)
    try:
        beside.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or its file system cannot."""
    if sys.platform not in {"linux", "darwin"}:
        return False
    import ctypes

    library = ctypes.CDLL(None)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)
        call = getattr(library, "renameat2", None)
        return call is not None and call(here, names[0], here, names[1], exchange) == 0
    call = getattr(library, "renamex_np", None)
    return call is not None and call(*names, 2) == 0  # RENAME_SWAP of renamex_np(2)
