"""A lock that a dead process cannot hold: the system lets go of it with the process."""

import sys
from pathlib import Path

__all__ = ["WriteLock"]


class WriteLock:
    """A lock on a file, which stays there and stays empty; ``taken`` says whether it is ours."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self.taken: bool = True
        try:
            _lock(self._file.fileno())
        except OSError:
            self.release()

    def release(self) -> None:
        """Let others write."""
        self._file.close()
        self.taken = False


if sys.platform == "win32":  # pragma: no cover - the tests run where there is fcntl

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
