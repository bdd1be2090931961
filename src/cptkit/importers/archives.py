"""What a zip archive may be: no bomb, no lock, no name that points elsewhere, and whole.

The limits are far above anything CMS or the AMA publishes. The largest member seen is a part of the
pair edits, of about 60 MB as text.
"""

import os
import re
import stat
import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from cptkit.errors import UnreadableFile

__all__ = [
    "MOST_BYTES",
    "MOST_ENTRIES",
    "MOST_MEMBER_BYTES",
    "MOST_RATIO",
    "RATIO_FROM",
    "checked_entries",
]

MOST_ENTRIES = 1_000
"""How many members an archive may have."""
MOST_BYTES = 4 * 1024**3
"""How large the members of an archive may be together, unpacked."""
MOST_MEMBER_BYTES = 1024**3
"""How large one member may be, unpacked."""
MOST_RATIO = 200
"""How many times its packed size a member may be."""
RATIO_FROM = 16 * 1024**2
"""From which unpacked size the ratio counts: a short file of blanks packs well."""

_MOST_DIRECTORY = 4 * 1024**2
_MOST_NAME = 300
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_COMMENT = 65_535
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE = re.compile(r"[A-Za-z]:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CUT_SHORT = "the archive is cut short or damaged: download it again"


def checked_entries(
    stream: BinaryIO, shown: str, *, most_bytes: int = MOST_BYTES
) -> tuple[zipfile.ZipInfo, ...]:
    """The files of an archive in its own order, after every check that needs no unpacking.

    :raises UnreadableFile: when it is damaged, locked, a bomb, or has a name that points elsewhere.
    """
    _check_directory(stream, shown)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableFile(f"{_CUT_SHORT} ({error})", where=shown) from error
    except (struct.error, EOFError, UnicodeError, OverflowError) as error:
        raise UnreadableFile(_CUT_SHORT, where=shown) from error
    names: set[str] = set()
    total = 0
    for entry in entries:
        _check_name(entry, shown)
        if entry.filename in names:
            raise UnreadableFile("the archive has two members of one name", given=entry.filename, where=shown)
        names.add(entry.filename)
        _check_size(entry, shown)
        total += entry.file_size
    if total > most_bytes:
        given = f"{total:,} bytes unpacked"
        raise UnreadableFile(
            "the archive is too large: it looks like a zip bomb",
            given=given,
            expected=f"at most {most_bytes:,}",
            where=shown,
        )
    return tuple(entry for entry in entries if not entry.is_dir() and not _is_droppings(entry.filename))


def _check_directory(stream: BinaryIO, shown: str) -> None:
    """Look at the end record before the directory is read: a forged one may be of any size."""
    try:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _END_SIZE - _MOST_COMMENT))
        tail = stream.read(_END_SIZE + _MOST_COMMENT)
        stream.seek(0)
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read: {error.strerror or error}", where=shown) from error
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise UnreadableFile(
            "the archive has no end: it is cut short or damaged, download it again", where=shown
        )
    here, all_entries, directory = struct.unpack("<HHI", tail[at + 8 : at + 16])
    if max(here, all_entries) > MOST_ENTRIES:
        given = f"{max(here, all_entries):,} members"
        raise UnreadableFile(
            "the archive has too many members: it looks like a zip bomb",
            given=given,
            expected=f"at most {MOST_ENTRIES:,}",
            where=shown,
        )
    if directory > _MOST_DIRECTORY:
        raise UnreadableFile("the archive's list of members is too long", given=directory, where=shown)


def _check_name(entry: zipfile.ZipInfo, shown: str) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    if _UNPRINTABLE.search(name) or not name:
        raise UnreadableFile(
            "a member's name has characters that cannot be shown", given=ascii(name), where=shown
        )
    if len(name) > _MOST_NAME:
        raise UnreadableFile("a member's name is too long", given=name[:40], where=shown)
    if parts[0] == "" or ".." in parts or _DRIVE.match(name):
        raise UnreadableFile("a member's name points out of the archive", given=name, where=shown)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableFile("a member is a link to another file", given=name, where=shown)


def _check_size(entry: zipfile.ZipInfo, shown: str) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableFile(
            "a member is encrypted: unpack it with its password first", given=entry.filename, where=shown
        )
    if entry.compress_type not in _METHODS:
        raise UnreadableFile(
            "a member is packed by a method that CMS does not use: unpack it first",
            given=f"{entry.filename} (method {entry.compress_type})",
            where=shown,
        )
    packed = max(1, entry.compress_size)
    bomb = entry.file_size > MOST_MEMBER_BYTES
    if bomb or (entry.file_size > RATIO_FROM and entry.file_size / packed > MOST_RATIO):
        given = f"{entry.filename}: {entry.file_size:,} bytes packed into {entry.compress_size:,}"
        expected = f"at most {MOST_MEMBER_BYTES:,} bytes and {MOST_RATIO} to 1"
        raise UnreadableFile(
            "a member is too large: it looks like a zip bomb", given=given, expected=expected, where=shown
        )


def _is_droppings(name: str) -> bool:
    """What file managers leave in archives: no member of what was published."""
    path = PurePosixPath(name)
    return path.parts[0] == "__MACOSX" or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
