"""Finding editions by name: those that come with this version, and those of installed packages.

A package offers editions through the entry-point group ``cptkit.editions``; the value names a
package whose folder holds one folder for each edition. Bundled names are never looked for there.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cptkit.codesets.edition import Codeset
from cptkit.codesets.names import edition_order, edition_parts
from cptkit.errors import BrokenEdition, DigestMismatch, UnknownEdition, nearest

__all__ = [
    "BrokenEntry",
    "InstalledEdition",
    "broken_entries",
    "bundled_editions",
    "codeset",
    "edition_folder",
    "edition_order",
    "edition_parts",
    "installed_editions",
]

GROUP = "cptkit.editions"

_HOW_TO_ADD = "cptkit codeset --help, for how to add one"


class InstalledEdition(NamedTuple):
    """An edition that an installed package offers."""

    name: str
    folder: Any
    package: str


class BrokenEntry(NamedTuple):
    """An entry point whose editions cannot be read, and why."""

    entry: str
    package: str
    reason: str

    def __str__(self) -> str:
        return f"the entry point {self.entry} of {self.package} cannot be read: {self.reason}"


@lru_cache(maxsize=1)
def bundled_editions() -> tuple[str, ...]:
    """The names of the editions that come with this version, oldest first.

    >>> "2026.1" in bundled_editions(), "2026.1+acme" in bundled_editions()
    (True, False)
    """
    names = [entry.name for entry in _data().iterdir() if edition_parts(entry.name) and "+" not in entry.name]
    return tuple(sorted(names, key=edition_order))


def installed_editions() -> tuple[InstalledEdition, ...]:
    """The editions that installed packages offer besides the bundled ones, oldest first.

    >>> [found.name for found in installed_editions() if found.package == "no such package"]
    []
    """
    found = [edition for edition in _offered() if isinstance(edition, InstalledEdition)]
    return tuple(sorted(found, key=lambda edition: (edition_order(edition.name), edition.package)))


def broken_entries() -> tuple[BrokenEntry, ...]:
    """The entry points whose editions cannot be read; they hide no others.

    >>> [str(broken) for broken in broken_entries() if broken.package == "no such package"]
    []
    """
    return tuple(entry for entry in _offered() if isinstance(entry, BrokenEntry))


def codeset(edition: str, *, digest: str | None = None) -> Codeset:
    """The edition of that name: ``"2026.1"``, or ``"2026"`` for the newest bundled revision of a year.

    A private edition of an installed package has its whole name: ``"2026.1+acme"``.

    :param digest: refuse any edition but the one with this digest (``sha256:...``).
    :raises UnknownEdition: when no such edition is bundled or installed.
    :raises DigestMismatch: when the edition has another digest; both are named.

    >>> codeset("2026").edition
    '2026.1'
    >>> codeset("1999.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: no such edition: '1999.1'; expected one of 2021.1, 2022.1, 2023.1, 2024.1, 2025.1, 2026.1...
    """
    found = _load(edition_folder(edition))
    if digest is not None and digest != found.digest:
        raise DigestMismatch(
            f"edition {found.edition} has the digest {found.digest}, not the one pinned",
            given=digest,
            expected=found.digest,
            where="the version it was pinned with: a draft changes under one number",
        )
    return found


def edition_folder(edition: str) -> Any:
    """The folder of a bundled or installed edition: a path, or a part of a zipped package.

    Files that it shares with other editions stand beside it, in ``shared``.

    :raises UnknownEdition: when there is no such edition.
    :raises BrokenEdition: when two packages offer it.

    >>> edition_folder("2026").name
    '2026.1'
    >>> edition_folder("acme")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: no such edition: 'acme'; expected one of 2021.1...
    """
    name = _name(edition)
    if name in bundled_editions():
        return _data().joinpath(name)
    offers = [found for found in installed_editions() if found.name == name]
    if len(offers) > 1:
        packages = ", ".join(found.package for found in offers)
        raise BrokenEdition("two packages offer this edition", given=edition, expected=f"one of {packages}")
    return offers[0].folder


def _name(edition: str) -> str:
    """The whole name of a bundled edition, of the newest one of a year, or of an installed one."""
    bundled = bundled_editions()
    if edition in bundled:
        return edition
    revisions = [name for name in bundled if name.partition(".")[0] == edition]
    if revisions:
        return revisions[-1]
    known = list(dict.fromkeys([*bundled, *(found.name for found in installed_editions())]))
    if edition in known:
        return edition
    near = nearest(edition, known) if isinstance(edition, str) else ()
    raise UnknownEdition(
        "; ".join(["no such edition", *(str(broken) for broken in broken_entries())]),
        given=edition,
        expected=f"one of {', '.join(known)}",
        near=() if len(known) < 4 else near,
        where=_HOW_TO_ADD,
    )


# An edition never changes, so one object serves every caller of the process. By the folder's text:
# a folder within a zipped package is another object each time.
_loaded: dict[str, Codeset] = {}


def _load(folder: Any) -> Codeset:
    found = _loaded.get(str(folder))
    if found is None:
        found = Codeset.from_folder(folder)
        if found.edition != folder.name:
            message = f"the folder {folder.name} holds the edition {found.edition}"
            raise BrokenEdition(message, where=str(folder))
        _loaded[str(folder)] = found
    return found


def _data() -> Any:  # a folder on disk, or a Traversable inside a zipped package
    folder = Path(__file__).parent.parent / "data"
    if folder.is_dir():
        return folder
    return _package_folder("cptkit").joinpath("data")


def _package_folder(package: str) -> Any:
    from importlib_resources import files  # costs more to import than the rest of a look-up

    return files(package)


def _offered() -> Iterator[InstalledEdition | BrokenEntry]:
    from importlib.metadata import entry_points  # only a name that is not bundled needs it

    bundled = bundled_editions()
    seen: set[tuple[str, str]] = set()
    for entry in entry_points(group=GROUP):
        package = entry.dist.name if entry.dist is not None else "an unnamed package"
        if (entry.value, package) in seen:  # one installation found along two paths
            continue
        seen.add((entry.value, package))
        try:
            folders = [
                folder
                for folder in _package_folder(entry.module).iterdir()
                if edition_parts(folder.name) and folder.joinpath("manifest.json").is_file()
            ]
        except (Exception, SystemExit) as error:  # noqa: BLE001  another's code may raise anything; it is named, not raised
            yield BrokenEntry(entry.name, package, f"{type(error).__name__}: {error}")
            continue
        if not folders:
            yield BrokenEntry(entry.name, package, f"the package {entry.value} holds no edition")
        for folder in folders:
            if folder.name not in bundled:
                yield InstalledEdition(folder.name, folder, package)
