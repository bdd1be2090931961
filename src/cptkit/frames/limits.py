"""Memory: a bound on what lines take while they are held, and giving back what is free."""

from typing import TYPE_CHECKING

from cptkit.errors import UnreadableClaims
from cptkit.frames.arrow import pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cptkit.frames.whole import Part

__all__ = ["Limit", "release", "size_text"]

_TO_BRING_TOGETHER = (
    48  # bytes of each run of lines of a patient and day: six words, as hashes, places, copies
)
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


class Limit:
    """So many bytes may the lines take that are held at once, with what it takes to bring them together; None: any."""

    def __init__(self, limit: int | None, *, grouped: bool = False) -> None:
        self._limit = limit
        self._instead = (
            " or smaller batches"
            if grouped
            else ", fewer files at a time, or rows grouped by patient, with grouped=True"
        )
        self._held = 0
        self._rows = 0

    def within(self, parts: "Iterable[Part]") -> "Iterator[Part]":
        """The same batches, as long as all of them may be held.

        :raises UnreadableClaims: they take more.
        """
        for part in parts:
            self.hold(part)
            yield part

    def hold(self, part: "Part") -> None:
        """One more batch is held.

        :raises UnreadableClaims: all that are held take more than they may.
        """
        self._rows += part.rows
        self._held += part.memory
        if part.heads is not None:
            self._held += _TO_BRING_TOGETHER * len(part.heads.at)
        if self._limit is not None and self._held > self._limit:
            raise UnreadableClaims(
                f"the lines take more memory than the limit of {size_text(self._limit)}: "
                f"{size_text(self._held)} for {self._rows:,} rows that must be held at once",
                expected=f"a higher limit{self._instead}",
            )

    def release(self) -> None:
        """Nothing is held any more."""
        self._held = self._rows = 0


def size_text(many: int) -> str:
    """A number of bytes as a person writes it, in steps of 1,024.

    >>> size_text(1), size_text(2048), size_text(1_610_612_736), size_text(1023 * 1024)
    ('1 byte', '2 KiB', '1.5 GiB', '1023 KiB')
    """
    size, unit = float(many), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    if not unit:
        return f"{many} byte{'' if many == 1 else 's'}"
    return f"{size:.1f}".removesuffix(".0") + f" {_UNITS[unit]}"


def release() -> None:
    """Give back to the system what many batches took, as far as nobody holds it.

    The heap keeps it for batches to come; findings are made of larger pieces, which would come on top of it.
    """
    for pool in (pa.default_memory_pool(), pa.system_memory_pool()):
        pool.release_unused()
