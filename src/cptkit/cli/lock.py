"""``cptkit lock``: the editions and edit tables an app answers from, pinned in a file."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from cptkit.cli.options import tables_option
from cptkit.cli.screen import Page, visible, width_of
from cptkit.codesets import Catalog, Codeset, codeset
from cptkit.codesets.catalog import TABLES
from cptkit.codesets.files import MANIFEST
from cptkit.codesets.lockfile import LOCK, Locked, read_lock, write_lock
from cptkit.edits import attach
from cptkit.errors import BrokenLock, LockMismatch

__all__ = ["command"]


@click.command("lock", short_help="Pin editions and edit tables in a lock file.")
@click.argument("file", metavar="[FILE]", type=click.Path(dir_okay=False, path_type=Path), default=LOCK)
@click.option(
    "--edition",
    "editions",
    multiple=True,
    metavar="EDITION",
    help="Pin this one: a name such as 2026.1, or the folder of an edition; one a year.",
)
@tables_option
@click.option("--check", is_flag=True, help="Write nothing; verify that FILE still holds.")
def command(file: Path, editions: tuple[str, ...], tables: Path | None, *, check: bool) -> int:
    """Write the digests of editions and edit tables into FILE, by default cptkit.lock; or check them.

    Without --edition: the newest bundled edition of each year. Without --tables: no edit tables.

    Exit status: 0 when FILE was written or holds, 1 when something is missing, was changed or is not
    what was asked for, 2 when FILE cannot be read or written.
    """
    return _check(file, editions, tables) if check else _write(file, editions, tables)


def _write(file: Path, editions: tuple[str, ...], tables: Path | None) -> int:
    before = _before(file)
    folders = {}
    chosen: list[Codeset] = []
    for name in editions:
        found = _found(name)
        chosen.append(found)
        if _is_folder(name):
            folders[found.edition] = Path(name)
    catalog = Catalog.from_editions(*chosen, tables=tables) if chosen else Catalog.bundled(tables=tables)
    write_lock(catalog, file, folders=folders)
    page = Page(width_of(sys.stdout))
    for pin in catalog.pins:
        page.line(f"{pin.name}  {pin.digest}")
        if pin.name in before and before[pin.name] != pin.digest:
            page.line(f"  was {before[pin.name]}", style="yellow")
    kept = {pin.name for pin in catalog.pins}
    for name in before:
        if name not in kept:
            page.line(f"{name}  is no longer in {file}", style="yellow")
    page.show()
    return 0


def _before(file: Path) -> dict[str, str]:
    """What the file pins now; a file that is no lock is not written over."""
    if not file.exists():
        return {}
    try:
        return {locked.name: locked.digest for locked in read_lock(file)}
    except BrokenLock as error:
        raise BrokenLock(f"{file} is there and is not a lock: remove it, or name another; {error}") from error


def _check(file: Path, editions: tuple[str, ...], tables: Path | None) -> int:
    locked = read_lock(file)
    try:
        catalog = Catalog.from_lock(file)
    except LockMismatch as error:
        print("\n".join(visible(line) for line in str(error).split("\n")), file=sys.stderr)
        return 1
    wrong = list(_other(locked, (_found(name) for name in editions), file)) if editions else []
    if tables is not None:
        wrong += _other_tables(locked, attach(tables).digest, file)
    for line in wrong:
        print(visible(line), file=sys.stderr)
    page = Page(width_of(sys.stdout))
    for pin in catalog.pins:
        page.line(f"{pin.name}  ok  {pin.digest}")
    page.show()
    return 1 if wrong else 0


def _other(locked: Iterable[Locked], asked: Iterable[Codeset], file: Path) -> list[str]:
    """How the lock differs from the editions asked for."""
    pinned = {entry.name: entry.digest for entry in locked if entry.name != TABLES}
    wanted = {found.edition: found.digest for found in asked}
    missing = [f"{file} does not name {name}" for name in wanted if name not in pinned]
    more = [f"{file} names {name} besides" for name in pinned if name not in wanted]
    changed = [
        f"{name}: the digest is {digest}, {file} says {pinned[name]}"
        for name, digest in wanted.items()
        if pinned.get(name, digest) != digest
    ]
    return missing + more + changed


def _other_tables(locked: Iterable[Locked], digest: str, file: Path) -> list[str]:
    """How the lock differs from the edit tables asked for."""
    pinned = [entry.digest for entry in locked if entry.name == TABLES]
    if not pinned:
        return [f"{file} names no edit tables"]
    return [] if pinned == [digest] else [f"{TABLES}: the digest is {digest}, {file} says {pinned[0]}"]


def _is_folder(name: str) -> bool:
    return (Path(name) / MANIFEST).is_file()


def _found(name: str) -> Codeset:
    """The edition of a folder or of that name; a folder is a path with an edition in it."""
    return Codeset.from_folder(Path(name)) if _is_folder(name) else codeset(name)
