"""Catalogs: the pinned editions and edit tables a check answers from."""

import datetime as dt
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

from cptkit.codesets.edition import Codeset
from cptkit.codesets.lookup import bundled_editions, codeset, edition_order
from cptkit.errors import UnknownEdition

if TYPE_CHECKING:
    from pathlib import Path

    from cptkit.edits import Edits

__all__ = ["TABLES", "Catalog", "Pin"]

TABLES = "tables"
"""The name of the pin of edit tables."""


@attrs.frozen(slots=True)
class Pin:
    """The name and digest of something an answer was made from."""

    name: str
    digest: str


@attrs.frozen(slots=True)
class Catalog:
    """The editions a check answers from, at most one for each coding year, and the edit tables, if any.

    Nothing is global: two catalogs live side by side. ``edition_for`` chooses by date of service.
    ``tables``: what ``cptkit.edits.attach`` gave; without them no pair edits, unit limits, published
    add-on edits or fee-schedule indicators are checked, and every report says so.

    >>> catalog = Catalog.from_editions("2025.1", "2026.1")
    >>> catalog.edition_for(dt.date(2025, 12, 31)).edition, catalog.edition_for(dt.date(2026, 1, 1)).edition
    ('2025.1', '2026.1')
    >>> catalog.edition_for(dt.date(2027, 1, 1)) is None
    True
    >>> Catalog.from_editions("2026.1", "2026")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: a catalog holds one edition a year, and 2026 is there twice: '2026.1, 2026.1'
    """

    editions: tuple[Codeset, ...]
    tables: "Edits | None" = None

    def __attrs_post_init__(self) -> None:
        for older, newer in pairwise(sorted(self.editions, key=lambda edition: edition.year)):
            if older.year == newer.year:
                message = f"a catalog holds one edition a year, and {older.year} is there twice"
                raise UnknownEdition(message, given=f"{older.edition}, {newer.edition}")

    @classmethod
    def from_editions(cls, *editions: str | Codeset, tables: "Edits | Path | str | None" = None) -> "Catalog":
        """A catalog of these editions, given by name or as codesets.

        :param tables: edit tables besides, or the folder that ``cptkit import`` put them into.
        :raises UnknownEdition: when there is none, a name is unknown, or two editions share a year.
        :raises BrokenEdits: when the folder holds no edit tables.
        """
        for edition in editions:
            if not isinstance(edition, str | Codeset):
                expected = "names or codesets, one by one: from_editions('2025.1', '2026.1')"
                raise UnknownEdition("not an edition", given=edition, expected=expected)
        if not editions:
            raise UnknownEdition("a catalog needs an edition", expected="at least one name or codeset")
        loaded = (codeset(edition) if isinstance(edition, str) else edition for edition in editions)
        return cls(tuple(sorted(loaded, key=_order)), _attached(tables))

    @classmethod
    def from_lock(cls, path: "Path | str") -> "Catalog":
        """A catalog of exactly the editions and tables that a lock file names, each with the digest it says.

        :raises BrokenLock: when the file cannot be read as a lock.
        :raises LockMismatch: when something is missing or another one than was pinned; every one is
            named, with both digests.

        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lock = Path(folder, "cptkit.lock")
        ...     _ = lock.write_text(Catalog.from_editions("2026.1").lock_text())
        ...     print(Catalog.from_lock(lock).pins == Catalog.from_editions("2026.1").pins)
        True
        >>> Catalog.from_lock("no-such.lock")
        Traceback (most recent call last):
        ...
        cptkit.errors.BrokenLock: the lock file cannot be read: No such file or directory...
        """
        from cptkit.codesets.lockfile import load_lock

        editions, tables = load_lock(path)
        return cls(tuple(sorted(editions, key=_order)), tables)

    def lock_text(self) -> str:
        """The text of a lock file of this catalog; ``from_lock`` reads it, ``write_lock`` writes it.

        >>> 'name = "2026.1"' in Catalog.from_editions("2026.1").lock_text()
        True
        """
        from cptkit.codesets.lockfile import lock_text

        return lock_text(self.editions, tables=self.tables)

    @classmethod
    def bundled(cls, *, tables: "Edits | Path | str | None" = None) -> "Catalog":
        """The newest revision of every coding year that comes with this version.

        An app whose answers must not change with an upgrade names its editions instead.
        """
        newest = {name.partition(".")[0]: name for name in bundled_editions()}
        return cls.from_editions(*newest.values(), tables=tables)

    def edition_for(self, date_of_service: dt.date) -> Codeset | None:
        """The edition of the coding year that holds the day, or None when the catalog has none."""
        for edition in self.editions:
            if edition.first_day <= date_of_service <= edition.last_day:
                return edition
        return None

    def after(self, edition: Codeset) -> tuple[Codeset, ...]:
        """The editions of later years than the given one."""
        return tuple(other for other in self.editions if other.year > edition.year)

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """Name and digest of every edition in the catalog, and of the edit tables."""
        pins = tuple(Pin(edition.edition, edition.digest) for edition in self.editions)
        return pins if self.tables is None else (*pins, Pin(TABLES, self.tables.digest))


def _order(edition: Codeset) -> tuple[int, tuple[int, int, str]]:
    return edition.year, edition_order(edition.edition)


def _attached(tables: "Edits | Path | str | None") -> "Edits | None":
    if tables is None:
        return None
    from cptkit.edits import Edits, attach

    return tables if isinstance(tables, Edits) else attach(tables)
