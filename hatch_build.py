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

_FOLDER = Path("src/cptkit/kernel")
_FLAGS = ["-O2", "-std=c99", "-fPIC", "-shared", "-fvisibility=hidden", "-s"]
_OF_LINUX = ["-Wl,-z,noseparate-code"]  # no pages that hold nothing: the file is a quarter smaller


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own examples leave the parameter out
    """Compiles the files of C beside themselves, before files are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the part, and tell hatchling of it; ``version`` is "editable" or "standard"."""
        del version
        wish = os.environ.get("CPTKIT_KERNEL", "").casefold()
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / _FOLDER
        built = folder / "_kernel.so"
        if wish == "off":
            built.unlink(missing_ok=True)
            return
        if why := _compiled(folder, built):
            built.unlink(missing_ok=True)
            if wish == "must":
                raise RuntimeError(f"the compiled part of cptkit cannot be built: {why}")
            self.app.display_warning(f"cptkit is built without its compiled part: {why}")
            return
        build_data["artifacts"].append(f"/{_FOLDER.as_posix()}/_kernel.so")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"


def _platform() -> str:
    """The plainest tag of this platform: what was built here is not known to run on others of its family."""
    return next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))


def _compilers() -> list[list[str]]:
    """Commands that may be a C compiler: the one that is asked for, else that of Python and those that are usual."""
    asked = os.environ.get("CC")
    named = (asked,) if asked else (sysconfig.get_config_var("CC"), "cc", "gcc", "clang")
    return [shlex.split(name) for name in named if name]


def _compiled(folder: Path, built: Path) -> str:
    """Compile the files of a folder; why they cannot be, or an empty text. The result is put in place whole."""
    sources = sorted(folder.glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    files = [str(source) for source in sources if source.suffix == ".c"]
    command = next((each for each in _compilers() if shutil.which(each[0])), None)
    if command is None:
        return "no C compiler was found (set CC)"
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        half = Path(beside) / built.name
        flags = [*_FLAGS, *(_OF_LINUX if sys.platform.startswith("linux") else [])]
        asked = [*command, *flags, f'-DSOURCE="{digest}"', *files, "-o", str(half)]
        try:
            answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        except OSError as error:
            return f"{command[0]} does not run ({error.strerror})"
        if answer.returncode:
            return f"{shlex.join(command)} ends with {answer.returncode}: {answer.stderr.strip()[-300:]}"
        half.replace(built)
    return ""
