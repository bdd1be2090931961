"""Builds the compiled part of cptkit where there is a C compiler; without one the package is the same, and slower.

``CPTKIT_KERNEL=off`` in the environment leaves it out, ``CPTKIT_KERNEL=must`` makes it an error that it cannot be built.
The part calls nothing of Python: one wheel of a platform serves every Python.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

NAME = "_kernel.so"
_FOLDER = Path("src/cptkit/kernel")
_OFF = {"off", "no", "false", "0"}
_FLAGS = [
    "-O2",
    "-std=c99",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-fno-asynchronous-unwind-tables",
    "-s",
]
_OF_LINUX = ["-nostartfiles", "-Wl,-z,noseparate-code", "-Wl,-z,norelro", "-Wl,--build-id=none"]
"""Nothing that is not read: half the bytes."""


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own examples leave the parameter out
    """Compiles the files of C: beside themselves for an editable installation, else for the wheel alone."""

    _made: "tempfile.TemporaryDirectory[str] | None" = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the part, and tell hatchling of it; ``version`` is "editable" or "standard"."""
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / _FOLDER
        beside = folder / NAME
        if version == "editable":
            beside.unlink(missing_ok=True)
        wish = os.environ.get("CPTKIT_KERNEL", "").strip().casefold()
        if wish in _OFF:
            return
        self._made = tempfile.TemporaryDirectory()
        built = Path(self._made.name) / NAME
        if why := _compiled(folder, built):
            if wish == "must":
                raise RuntimeError(f"the compiled part of cptkit cannot be built: {why}")
            self.app.display_warning(f"cptkit is built without its compiled part: {why}")
            return
        if version == "editable":
            half = beside.with_suffix(".half")
            try:
                shutil.copy(built, half)
                half.replace(beside)  # whole, or not at all
            except OSError as error:
                self.app.display_warning(
                    f"the compiled part of cptkit cannot be put in place: {error.strerror}"
                )
                return
        else:
            build_data["force_include"][str(built)] = f"cptkit/kernel/{NAME}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Let go of what was built for the wheel."""
        del version, build_data, artifact_path
        if self._made is not None:
            self._made.cleanup()


def _platform() -> str:
    """The plainest tag of this platform: what was built here is not known to run on others of its family."""
    return next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))


def _compilers() -> list[list[str]]:
    """Commands that may be a C compiler: the one that is asked for, else that of Python and those that are usual."""
    asked = os.environ.get("CC", "").strip()
    named = [asked] if asked else [sysconfig.get_config_var("CC"), "cc", "gcc", "clang"]
    commands = [shlex.split(name) for name in named if name]
    return [each for each in commands if each and shutil.which(each[0])]


def _compiled(folder: Path, built: Path) -> str:
    """Compile the files of a folder by the first compiler that can; why none does, or an empty text."""
    sources = sorted(folder.glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    files = [str(source) for source in sources if source.suffix == ".c"]
    flags = [*_FLAGS, *(_OF_LINUX if sys.platform.startswith("linux") else []), f'-DSOURCE="{digest}"']
    try:
        commands = _compilers()
    except ValueError as error:
        return f"CC is no command ({error})"
    why = "no C compiler was found (set CC)"
    for command in commands:
        try:
            answer = subprocess.run(
                [*command, *flags, *files, "-o", str(built)], capture_output=True, text=True, check=False
            )
        except OSError as error:
            why = f"{command[0]} does not run ({error.strerror})"
            continue
        if not answer.returncode and built.exists():
            return ""
        why = f"{shlex.join(command)} ends with {answer.returncode}: {answer.stderr.strip()[-300:]}"
    return why
