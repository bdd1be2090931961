"""What the library tells, as the command line says it: warnings in one line each, errors by its own options."""

import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from cptkit.cli.screen import visible
from cptkit.errors import BrokenRules, CptkitError, UnknownProfile, UnknownRule

__all__ = ["deprecations_told", "in_options"]


def in_options(error: CptkitError, *, of_check: bool = True) -> str:
    """An error as the command line says it, by its own options.

    ``of_check``: whether the command is one that has the options of ``cptkit check``.
    """
    if isinstance(error, UnknownRule):
        from cptkit.rules.installed import without_package  # the rules would slow down every command

        lacking = without_package(str(error.given))
        return f"{error.message}: {error.given!r}; {lacking}" if lacking else str(error)
    if isinstance(error, BrokenRules) and error.where is not None:
        option, _, purpose = error.where.partition(", ")
        option = f"--ignore {option.removeprefix('ignore=').strip(chr(39))}"
        return f"{error.message}; see {option if of_check else f'`cptkit check {option}`'}, {purpose}"
    if isinstance(error, UnknownProfile):
        return f"{error}; see `cptkit profile list`" if not error.near else str(error)
    return str(error)


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
