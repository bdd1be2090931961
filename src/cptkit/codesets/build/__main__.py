"""The command behind ``nox -s editions``."""

import argparse
import shutil
import sys
from pathlib import Path

import attrs

from cptkit.codesets.build import compile_edition, read_facts
from cptkit.codesets.build.layout import laid_out
from cptkit.codesets.files import MANIFEST, SHARED, digest_of, read_edition
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
    editions, stale = _editions(compiled, data, lock, frozen)
    folders = {} if stale else laid_out(editions)  # where a file belongs is known once all are
    for folder, files in folders.items():
        told = "not where it should stand" if folder in frozen else "not what the facts say"
        stale.extend(f"{folder}/{name} is {told}" for name in _differences(data / folder, files))
    for edition, files in compiled.items():
        if edition in frozen:
            continue
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
        known = {*compiled, SHARED} if SHARED in folders or not folders else compiled.keys()
        names = sorted(path.name for path in data.iterdir())
        stale.extend(f"{name} has no facts behind it" for name in names if name not in known)
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


def _editions(
    compiled: dict[str, dict[str, bytes]], data: Path, lock: dict[str, Locked], frozen: set[str]
) -> tuple[dict[str, dict[str, bytes]], list[str]]:
    """The files of each edition, frozen ones as they stand, and what is wrong with those."""
    editions, problems = dict(compiled), []
    for edition in sorted(frozen):
        folder = data / edition
        try:
            texts = read_edition(folder, digest=lock[edition].digest).texts
        except CptkitError as error:
            problems.append(f"{edition} is released and was changed: {error}")
            continue
        editions[edition] = {name: text.encode() for name, text in texts.items()}
        editions[edition][MANIFEST] = (folder / MANIFEST).read_bytes()
    return editions, problems


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
    editions, problems = _editions(compiled, data, lock, frozen)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    _put(laid_out(editions), data)
    rows = []
    for edition, files in compiled.items():
        if edition in frozen:
            rows.append(f"{edition} {lock[edition].digest} {lock[edition].state}\n")
            continue
        state = lock[edition].state if edition in lock else "draft"
        rows.append(f"{edition} {digest_of(files[MANIFEST])} {state}\n")
    put_file(lock_path, (HEADER + "".join(rows)).encode())
    print("".join(rows), end="")
    return 0


def _put(folders: dict[str, dict[str, bytes]], data: Path) -> None:
    """Each folder into place; what is shared comes first and goes last, so a kill leaves no edition without it."""
    shared = data / SHARED
    paths = list(shared.iterdir()) if shared.is_dir() else []
    there = {path.name: path.read_bytes() for path in paths if path.is_file()}
    new = folders.get(SHARED, {})
    if there | new:
        put_folder(shared, there | new)
    for edition, files in folders.items():
        if edition != SHARED:
            put_folder(data / edition, files)
    if new and there.keys() - new.keys():
        put_folder(shared, new)
    elif not new and shared.is_dir():
        shutil.rmtree(shared)


if __name__ == "__main__":
    sys.exit(main())
