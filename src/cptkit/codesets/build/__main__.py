"""The command behind ``nox -s editions``."""

import argparse
import sys
from pathlib import Path

import attrs

from cptkit.codesets.build import compile_edition, read_facts
from cptkit.codesets.files import MANIFEST, digest_of, read_edition
from cptkit.codesets.write import put_file, put_folder
from cptkit.errors import BrokenFacts, CptkitError

# Which editions the repository ships. A released revision is frozen: a correction adds a revision.
EDITIONS = tuple((year, 1) for year in range(2021, 2027))

HEADER = "# edition digest state: a released edition never changes, a draft may until its first release\n"
STATES = ("draft", "released")


@attrs.frozen
class Locked:
    """A line of the lock."""

    digest: str
    state: str


def main(arguments: list[str] | None = None) -> int:
    """Compile, then compare or write; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m cptkit.codesets.build", description=__doc__)
    parser.add_argument("facts", type=Path, help="the folder of TOML facts")
    parser.add_argument("data", type=Path, help="the folder that holds one folder per edition")
    parser.add_argument("lock", type=Path, help="the file of edition digests")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    options = parser.parse_args(arguments)
    try:
        lock = read_lock(options.lock)
        facts = read_facts(options.facts)
        compiled = {
            f"{year}.{revision}": compile_edition(facts, year, revision) for year, revision in EDITIONS
        }
    except (CptkitError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    frozen = _frozen(compiled, lock)
    if options.check:
        return _compare(compiled, options.data, lock, frozen)
    return _write(compiled, options.data, options.lock, lock, frozen)


def read_lock(path: Path) -> dict[str, Locked]:
    """The lock, by edition; empty when there is none yet.

    :raises BrokenFacts: for a line that is not edition, digest and state: a misspelt state must not
        make a released edition a draft.
    """
    lock: dict[str, Locked] = {}
    if not path.exists():
        return lock
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line[:1] in ("", "#"):
            continue
        fields = line.split()
        if len(fields) != 3 or fields[2] not in STATES:
            expected = f"edition, digest and {' or '.join(STATES)}"
            raise BrokenFacts(f"line {number} of the lock", given=line, expected=expected, where=str(path))
        lock[fields[0]] = Locked(fields[1], fields[2])
    return lock


def _frozen(compiled: dict[str, dict[str, bytes]], lock: dict[str, Locked]) -> set[str]:
    """Released editions that the facts have moved on from, and that a later revision corrects."""
    return {
        edition
        for edition, files in compiled.items()
        if _is_changed_release(edition, files, lock) and not _is_newest(edition, compiled)
    }


def _is_newest(edition: str, compiled: dict[str, dict[str, bytes]]) -> bool:
    year, _, revision = edition.partition(".")
    return not any(
        other.partition(".")[0] == year and int(other.partition(".")[2]) > int(revision) for other in compiled
    )


def _is_changed_release(edition: str, files: dict[str, bytes], lock: dict[str, Locked]) -> bool:
    locked = lock.get(edition)
    return locked is not None and locked.state == "released" and locked.digest != digest_of(files[MANIFEST])


def _compare(
    compiled: dict[str, dict[str, bytes]], data: Path, lock: dict[str, Locked], frozen: set[str]
) -> int:
    stale: list[str] = []
    for edition, files in compiled.items():
        if edition in frozen:
            stale.extend(_frozen_problems(data / edition, lock[edition].digest))
            continue
        stale.extend(
            f"{edition}/{name} is not what the facts say" for name in _differences(data / edition, files)
        )
        digest = digest_of(files[MANIFEST])
        locked = lock[edition].digest if edition in lock else "nothing"
        if locked != digest:
            stale.append(f"{edition} is locked as {locked}, the facts give {digest}")
    stale.extend(
        f"{edition} is locked, and no facts are compiled for it"
        for edition in lock
        if edition not in compiled
    )
    if data.is_dir():
        names = sorted(path.name for path in data.iterdir())
        stale.extend(f"{name} has no facts behind it" for name in names if name not in compiled)
    for line in stale:
        print(line, file=sys.stderr)
    print(f"{len(compiled)} editions compared, {len(stale)} difference(s)")
    return 1 if stale else 0


def _differences(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Names of what is missing, changed or too many in a folder."""
    there = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    return sorted(
        name
        for name in files.keys() | there.keys()
        if name not in files
        or name not in there
        or not there[name].is_file()
        or there[name].read_bytes() != files[name]
    )


def _frozen_problems(folder: Path, digest: str) -> list[str]:
    try:
        read_edition(folder, digest=digest)
    except CptkitError as error:
        return [f"{folder.name} is released and was changed: {error}"]
    return []


def _write(
    compiled: dict[str, dict[str, bytes]],
    data: Path,
    lock_path: Path,
    lock: dict[str, Locked],
    frozen: set[str],
) -> int:
    for edition, files in compiled.items():
        if edition not in frozen and _is_changed_release(edition, files, lock):
            print(f"{edition} is released and never changes: add a revision to EDITIONS", file=sys.stderr)
            return 1
    rows = []
    for edition, files in compiled.items():
        if edition in frozen:
            rows.append(f"{edition} {lock[edition].digest} {lock[edition].state}\n")
            continue
        put_folder(data / edition, files)
        state = lock[edition].state if edition in lock else "draft"
        rows.append(f"{edition} {digest_of(files[MANIFEST])} {state}\n")
    put_file(lock_path, (HEADER + "".join(rows)).encode())
    print("".join(rows), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
