"""Files that a reader holds, so that it goes on to answer as it was when a writer removes their names."""

import errno
import mmap
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from cptkit.edits.manifest import Manifest, digest_of
from cptkit.errors import BrokenEdits

__all__ = ["HeldFiles", "check_content", "check_sizes", "read_whole"]

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_NO_MORE = {errno.EMFILE, errno.ENFILE}


class HeldFiles:
    """Files of a folder, mapped and not yet read; they are let go of with this value, or by ``close``.

    A file that a process can hold no more is left to be read by its name.

    :raises BrokenEdits: when one cannot be opened.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._maps: dict[str, mmap.mmap] = {}
        place = f"{folder}{os.sep}"
        for name in names:
            try:
                handle = os.open(place + name, _FLAGS)
            except OSError as error:
                if error.errno in _NO_MORE:
                    return
                raise _unreadable(name, folder, error) from error
            try:
                self._maps[name] = mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
                raise _unreadable(name, folder, error) from error
            finally:
                os.close(handle)

    def bytes_of(self, name: str) -> bytes | None:
        """The content of a file; None where it is not held."""
        held = self._maps.get(name)
        return None if held is None else held[:]

    @property
    def sizes(self) -> dict[str, int]:
        """The size of each file that is held."""
        return {name: len(held) for name, held in self._maps.items()}

    def close(self) -> None:
        """Let go of all files."""
        self._maps.clear()


def check_sizes(folder: Path, manifest: Manifest, known: Mapping[str, int]) -> None:
    """Compare the size of every file with the manifest.

    :param known: the sizes of files that are open already.
    :raises BrokenEdits: when one is missing, or has another size.
    """
    place = f"{folder}{os.sep}"
    for name, (_, size) in manifest.files.items():
        found = known.get(name)
        if found is None:
            try:
                found = os.stat(place + name).st_size  # noqa: PTH116 - a fraction of the time of a Path
            except OSError as error:
                raise _unreadable(name, folder, error) from error
        if found != size:
            message = f"{name} has {found:,} bytes, the manifest says {size:,}"
            raise BrokenEdits(message, where=str(folder))


def read_whole(folder: Path, name: str) -> bytes:
    """The bytes of a file.

    :raises BrokenEdits: when it cannot be read.
    """
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise _unreadable(name, folder, error) from error


def check_content(name: str, data: "bytes | memoryview", manifest: Manifest, folder: Path) -> None:
    """Compare the digest of a file with the manifest.

    :raises BrokenEdits: when a byte of it differs.
    """
    found, expected = digest_of(data), manifest.files[name][0]
    if found != expected:
        message = f"{name} was changed: its digest is {found}, the manifest says {expected}"
        raise BrokenEdits(message, where=str(folder))


def _unreadable(name: str, folder: Path, error: Exception) -> BrokenEdits:
    words = error.strerror if isinstance(error, OSError) else None
    return BrokenEdits(f"the edit tables have no readable {name}: {words or error}", where=str(folder))
