"""What the library warns of, told at the command line: one line on standard error each."""

import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from cptkit.cli.screen import visible

__all__ = ["deprecations_told"]


@contextmanager
def deprecations_told() -> Generator[None, None, None]:
    """Old ids and names of rules, and deprecated rules, are told once each; other warnings go their own way."""
    with warnings.catch_warnings():
        # by its words: importing the rules for their category would slow down every command
        warnings.filterwarnings("always", message="rule ", category=DeprecationWarning)
        show, told = warnings.showwarning, set[str]()

        def tell(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not category.__module__.startswith("cptkit."):
                show(message, category, *where, **more)
            elif str(message) not in told:
                told.add(str(message))
                print(f"cptkit: {visible(str(message))}", file=sys.stderr)

        warnings.showwarning = tell
        yield
