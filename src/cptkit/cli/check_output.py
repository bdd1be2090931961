"""Where ``cptkit check`` may write its report: never over what it reads."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from cptkit.codesets.files import shared_parts
from cptkit.rules import bundled_profiles

__all__ = ["check_output", "inputs_of"]

Input = tuple[str, str | Path]

_WHY = {
    "--baseline": ": the next check would compare with itself. Write to a new file and move it when it is right",
    "--tables": ": name a file outside of it",
    "--edition": ": name a file outside of it",
}


def inputs_of(given: Mapping[str, Any]) -> Iterator[Input]:
    """The files and folders that a command line of ``cptkit check`` reads, each with its option or argument."""
    yield "FILE", given["file"]
    for file in given["histories"]:
        yield "--history", file
    for name in ("baseline", "waivers", "lock", "tables"):
        if given[name] is not None:
            yield f"--{name}", given[name]
    if given["profile"] is not None and given["profile"] not in bundled_profiles():
        yield "--profile", given["profile"]
    for edition in given["edition"]:
        if Path(edition, "manifest.json").is_file():
            yield "--edition", edition
            yield from (("--edition", path) for path in shared_parts(Path(edition)).values())


def check_output(output: Path | None, inputs: Iterable[Input], name: str = "--output") -> None:
    """Refuse an output that is one of the inputs, by whatever name, or lies in a folder that is one.

    ``name``: the option of the output.
    """
    if output is None:
        return
    for option, given in inputs:
        if not _is_touched(output, given):
            continue
        is_folder = Path(given).is_dir()
        what = f"lies in the folder of {option}" if is_folder else f"is the file of {option}"
        if option == "FILE":
            what = "lies in the folder FILE" if is_folder else "is FILE itself"
        raise click.UsageError(f"{name} {what}, which is read{_WHY.get(option, ': name another file')}.")


def _is_touched(output: Path, given: str | Path) -> bool:
    """Whether writing the output changes what is given: the same file by any path or link, or one in that folder."""
    try:
        if given == "-":
            return _is_standard_input(output)
        path = Path(given)
        target = output.resolve()
        if path.is_dir():
            return path.resolve() in target.parents
        return path.resolve() == target or path.samefile(output)
    except (OSError, ValueError, RuntimeError):
        return False  # nothing is there yet, or no path is: reading and writing say so


def _is_standard_input(output: Path) -> bool:
    if sys.stdin is None:
        return False
    read = os.fstat(sys.stdin.fileno())
    return stat.S_ISREG(read.st_mode) and os.path.samestat(read, output.stat())
