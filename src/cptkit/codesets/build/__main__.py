"""The command behind ``nox -s editions``."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from cptkit.codesets.build import compile_edition, read_facts
from cptkit.codesets.files import MANIFEST, digest_of
from cptkit.errors import CptkitError

# Which editions the repository ships. A released revision is frozen: a correction adds a revision.
EDITIONS = ((2024, 1), (2025, 1), (2026, 1))


def main(arguments: list[str] | None = None) -> int:
    """Compile, then compare or write; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m cptkit.codesets.build", description=__doc__)
    parser.add_argument("facts", type=Path, help="the folder of TOML facts")
    parser.add_argument("data", type=Path, help="the folder that holds one folder per edition")
    parser.add_argument("lock", type=Path, help="the file of edition digests")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    options = parser.parse_args(arguments)
    try:
        facts = read_facts(options.facts)
        compiled = {
            f"{year}.{revision}": compile_edition(facts, year, revision) for year, revision in EDITIONS
        }
        lock = read_lock(options.lock)
    except (CptkitError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        return _compare(compiled, options.data, lock)
    return _write(compiled, options.data, options.lock, lock)


def read_lock(path: Path) -> dict[str, tuple[str, str]]:
    """Edition to (digest, state); the state is ``draft`` or ``released``."""
    if not path.exists():
        return {}
    rows = (
        line.split() for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
    )
    return {edition: (digest, state) for edition, digest, state in rows}


def _compare(compiled: dict[str, dict[str, bytes]], data: Path, lock: dict[str, tuple[str, str]]) -> int:
    stale: list[str] = []
    for edition, files in compiled.items():
        folder = data / edition
        on_disk = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
        stale.extend(
            f"{edition}/{name} is not what the facts say"
            for name in sorted(files.keys() | on_disk.keys())
            if files.get(name) != on_disk.get(name)
        )
        digest = digest_of(files[MANIFEST])
        if lock.get(edition, ("", ""))[0] != digest:
            stale.append(
                f"{edition} is locked as {lock.get(edition, ('nothing', ''))[0]}, the facts give {digest}"
            )
    if data.is_dir():
        stale.extend(
            f"{path.name} has no facts behind it" for path in data.iterdir() if path.name not in compiled
        )
    for line in stale:
        print(line, file=sys.stderr)
    print(f"{len(compiled)} editions compared, {len(stale)} difference(s)")
    return 1 if stale else 0


def _write(
    compiled: dict[str, dict[str, bytes]], data: Path, lock_path: Path, lock: dict[str, tuple[str, str]]
) -> int:
    for edition, files in compiled.items():
        digest, state = lock.get(edition, ("", "draft"))
        if state == "released" and digest != digest_of(files[MANIFEST]):
            print(
                f"{edition} is released and never changes: add a revision to EDITIONS instead",
                file=sys.stderr,
            )
            return 1
    for edition, files in compiled.items():
        _replace(data / edition, files)
    rows = [
        f"{edition} {digest_of(files[MANIFEST])} {lock.get(edition, ('', 'draft'))[1]}\n"
        for edition, files in compiled.items()
    ]
    header = "# edition digest state: a released edition never changes, a draft may until its first release\n"
    lock_path.write_text(header + "".join(rows), encoding="utf-8")
    print("".join(rows), end="")
    return 0


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Put a folder of files in place as a whole: written beside, then moved."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        for name, content in files.items():
            (beside / name).write_bytes(content)
        beside.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
