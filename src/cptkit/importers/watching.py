"""A member that tells how far it was read, for a bar of progress."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO, Self

import attrs

from cptkit.importers.opening import Member

__all__ = ["Watched"]

_BUFFER = 1024**2


@attrs.frozen(slots=True)
class Watched(Member):
    """A member whose streams tell their position.

    >>> from pathlib import Path
    >>> Watched.of(Member("mue.csv", None, 10, Path("mue.csv")), print).shown
    'mue.csv'
    """

    tell: Callable[[int], object] = attrs.field(kw_only=True, eq=False, repr=False)

    @classmethod
    def of(cls, member: Member, tell: Callable[[int], object]) -> Self:
        """The same member, watched."""
        return cls(member.name, member.archive, member.size, member.path, tell=tell)

    def open(self) -> BinaryIO:
        """Its bytes, from the start, as of any member."""
        source = Member.open(self)
        return io.BufferedReader(_Telling(source, self.tell), _BUFFER)


class _Telling(io.RawIOBase):
    """A stream that tells its position."""

    def __init__(self, source: BinaryIO, tell: Callable[[int], object]) -> None:
        self._source = source
        self._tell = tell
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        self._tell(self._at)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
