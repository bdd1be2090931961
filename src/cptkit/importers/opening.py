"""Files as they were downloaded: plain, or a zip with members; everything else is refused in words.

Nothing is unpacked to disk and nothing is written. A member is a small value: it is opened again
each time, so a generator over it can be left at any point.

>>> import tempfile, zipfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "mue.zip")
...     with zipfile.ZipFile(path, "w") as archive:
...         archive.writestr("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "...")
...     [member.shown for member in members(path)]
['mue.zip: MCR_MUE_PractitionerServices_Eff_07-01-2026.csv']
"""

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from cptkit.errors import UnreadableFile
from cptkit.importers.archives import MOST_MEMBER_BYTES, checked_entries
from cptkit.importers.signatures import HEAD, looks_like

__all__ = ["MOST_TABLE_BYTES", "Member", "digest_of", "members"]

MOST_TABLE_BYTES = 64 * 1024**2
"""How large a table may be, unpacked, whose codes are remembered while it is read: all but the pair edits."""

_BUFFER = 1024**2
_WORKBOOK = "an Excel workbook (.xlsx)"
_ZIP = "a zip archive"
_DOWNLOAD_AGAIN = (
    "the file itself: open the address in a browser, accept the terms, and save what is then sent"
)


@attrs.frozen(slots=True)
class Member:
    """One table as published: a plain file, or a file inside a zip.

    ``name``: its name (inside the archive with its folders). ``archive``: the file name of the zip,
    or None. ``size``: bytes, unpacked. ``path``: the file on disk that holds it.

    >>> Member("table.csv", None, 10, Path("table.csv")).shown
    'table.csv'
    >>> Member("table.csv", None, 10, Path("nowhere/table.csv")).open()
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see table.csv
    """

    name: str
    archive: str | None
    size: int
    path: Path

    @property
    def shown(self) -> str:
        """How errors and reports name it.

        >>> Member("a/table.csv", "july.zip", 10, Path("july.zip")).shown
        'july.zip: a/table.csv'
        """
        return f"{self.archive}: {self.name}" if self.archive else self.name

    def open(self) -> BinaryIO:
        """Its bytes, from the start; whoever opens it closes it.

        :raises UnreadableFile: when it cannot be opened; reading raises the same when a byte is damaged.
        """
        try:
            raw = self.path.open("rb")
        except OSError as error:
            raise _unreadable(error, self.shown) from error
        if self.archive is None:
            return io.BufferedReader(_Guarded(raw, (raw,), self.shown), _BUFFER)
        try:
            entry = zipfile.ZipFile(raw).open(self.name)  # noqa: SIM115 - closed with the stream that is returned
        except _DAMAGE as error:
            raw.close()
            raise _damaged(error, self.shown) from error
        return io.BufferedReader(_Guarded(entry, (entry, raw), self.shown), _BUFFER)

    def small(self) -> BinaryIO:
        """Its bytes, if it is no larger than a table of codes can be; whoever opens it closes it.

        Only the pair edits are larger, and they are read without remembering their rows.

        :raises UnreadableFile: when it is larger, or cannot be opened.

        >>> Member("mue.csv", None, 10**9, Path("mue.csv")).small()
        Traceback (most recent call last):
        ...
        cptkit.errors.UnreadableFile: the file is too large for a table of this kind: '1,000,000,000 bytes'; expected at most 67,108,864; see mue.csv
        """
        if self.size > MOST_TABLE_BYTES:
            raise UnreadableFile(
                "the file is too large for a table of this kind",
                given=f"{self.size:,} bytes",
                expected=f"at most {MOST_TABLE_BYTES:,}",
                where=self.shown,
            )
        return self.open()

    def head(self) -> bytes:
        """Its first 64 KiB.

        :raises UnreadableFile: when they cannot be read.
        """
        with self.open() as stream:
            return stream.read(HEAD)


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class _Guarded(io.RawIOBase):
    """A stream whose failures are cptkit's own errors: damage is often found only while reading."""

    def __init__(self, source: Any, to_close: tuple[Any, ...], shown: str) -> None:
        self._source = source
        self._to_close = to_close
        self._shown = shown

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            return int(self._source.readinto(buffer))
        except _DAMAGE as error:
            raise _damaged(error, self._shown) from error

    def close(self) -> None:
        for stream in self._to_close:
            stream.close()
        super().close()


def members(path: Path | str) -> Iterator[Member]:
    """The members of a file as downloaded: itself, or those of the zip; a zip in a zip is not opened.

    :raises UnreadableFile: when it is no file, empty, a web page in place of the download, damaged,
        encrypted, a zip bomb, or an archive with names that point elsewhere. Nothing is yielded then.

    >>> list(members("nowhere.zip"))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see nowhere.zip
    """
    path = Path(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder: name the files in it" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnreadableFile(f"this is {what}", where=path.name or str(path))
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            found = looks_like(head)
            entries = checked_entries(stream, path.name) if found == _ZIP else None
    except OSError as error:
        raise _unreadable(error, path.name) from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile("this is no name of a file", given=str(path)) from error
    if entries is None and found not in {None, _WORKBOOK}:
        raise UnreadableFile(
            f"this is not a table: it looks like {found}{_though_named_zip(path)}",
            expected=_DOWNLOAD_AGAIN if found and found.startswith("a web page") else None,
            where=path.name,
        )
    if entries is None:
        if status.st_size > MOST_MEMBER_BYTES:
            raise UnreadableFile(
                "the file is too large",
                given=f"{status.st_size:,} bytes",
                expected=f"at most {MOST_MEMBER_BYTES:,}",
                where=path.name,
            )
        yield Member(path.name, None, status.st_size, path)
        return
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        yield Member(path.name, None, status.st_size, path)
        return
    if not entries:
        raise UnreadableFile("this is a zip archive with nothing in it", where=path.name)
    for entry in entries:
        yield Member(entry.filename, path.name, entry.file_size, path)


def digest_of(path: Path | str) -> str:
    """The SHA-256 of a file on disk, as ``sha256:`` and 64 hexadecimal digits.

    :raises UnreadableFile: when it cannot be read.

    >>> digest_of("nowhere.zip")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see nowhere.zip
    """
    try:
        with Path(path).open("rb") as stream:
            return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(error, Path(path).name) from error


def _though_named_zip(path: Path) -> str:
    named = path.suffix.lower()
    return f" (though its name ends in {named})" if named in {".zip", ".xlsx", ".csv", ".txt"} else ""


def _unreadable(error: OSError, shown: str) -> UnreadableFile:
    return UnreadableFile(f"the file cannot be read: {error.strerror or error}", where=shown)


def _damaged(error: BaseException, shown: str) -> UnreadableFile:
    if isinstance(error, OSError) and error.strerror:
        return _unreadable(error, shown)
    return UnreadableFile(f"the file is cut short or damaged: download it again ({error})", where=shown)
