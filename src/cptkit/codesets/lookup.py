"""Finding editions by name: those that come with this version."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cptkit.codesets.edition import Codeset
from cptkit.errors import DigestMismatch, UnknownEdition, nearest

__all__ = ["bundled_editions", "codeset", "edition_order"]

_EDITION = re.compile(r"(\d{4})\.(\d+)")


@lru_cache(maxsize=1)
def bundled_editions() -> tuple[str, ...]:
    """The names of the editions that come with this version, oldest first.

    >>> "2026.1" in bundled_editions()
    True
    """
    names = [entry.name for entry in _data().iterdir() if _EDITION.fullmatch(entry.name)]
    return tuple(sorted(names, key=edition_order))


def codeset(edition: str, *, digest: str | None = None) -> Codeset:
    """The edition of that name: ``"2026.1"``, or ``"2026"`` for the newest revision of a year.

    :param digest: refuse any edition but the one with this digest (``sha256:...``).
    :raises UnknownEdition: when no such edition comes with this version.
    :raises DigestMismatch: when the edition has another digest; both are named.

    >>> codeset("2026").edition
    '2026.1'
    >>> codeset("1999.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: no such edition: '1999.1'; expected one of 2021.1, 2022.1, 2023.1, 2024.1, 2025.1, 2026.1
    """
    found = _load(_name(edition))
    if digest is not None and digest != found.digest:
        raise DigestMismatch(
            f"edition {found.edition} has the digest {found.digest}, not the one pinned",
            given=digest,
            expected=found.digest,
            where="the version it was pinned with: a draft changes under one number",
        )
    return found


@cache
def _load(name: str) -> Codeset:
    # An edition never changes, so one object serves every caller of the process.
    return Codeset.from_folder(_data().joinpath(name))


def _name(edition: str) -> str:
    known = bundled_editions()
    if edition in known:
        return edition
    revisions = [name for name in known if name.partition(".")[0] == edition]
    if revisions:
        return revisions[-1]
    near = nearest(edition, known) if isinstance(edition, str) else ()
    expected = f"one of {', '.join(known)}"
    raise UnknownEdition(
        "no such edition", given=edition, expected=expected, near=() if len(known) < 4 else near
    )


def edition_order(name: str) -> tuple[int, int]:
    """Year and revision as numbers, so that 2026.10 follows 2026.9."""
    year, _, revision = name.partition(".")
    return int(year), int(revision)


def _data() -> Any:  # a folder on disk, or a Traversable inside a zipped package
    folder = Path(__file__).parent.parent / "data"
    if folder.is_dir():
        return folder
    from importlib_resources import files  # costs more to import than the rest of a look-up

    return files("cptkit").joinpath("data")
