"""The command line. It asks the library and prints; nothing is decided here.

It needs the extra ``cli`` (``pip install "cptkit[cli]"``). Exit status: 0 when nothing failed, 1 when
something failed or rows were rejected, 2 for wrong usage or unreadable input, 130 when interrupted.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on these arguments, those of the process by default; the exit status.

    >>> main(["--version"])
    cptkit 0...
    0
    """
    try:
        from cptkit.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich"}:
            raise
        print(f'cptkit: the command line needs {error.name}: pip install "cptkit[cli]"', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return run(arguments)
