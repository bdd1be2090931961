"""Catalogs: the pinned editions a check answers from."""

import datetime as dt
from itertools import pairwise

import attrs

from cptkit.codesets.edition import Codeset
from cptkit.codesets.lookup import bundled_editions, codeset, edition_order
from cptkit.errors import UnknownEdition

__all__ = ["Catalog", "Pin"]


@attrs.frozen(slots=True)
class Pin:
    """The name and digest of something an answer was made from."""

    name: str
    digest: str


@attrs.frozen(slots=True)
class Catalog:
    """The editions a check answers from, at most one for each coding year.

    Nothing is global: two catalogs live side by side. ``edition_for`` chooses by date of service.

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

    def __attrs_post_init__(self) -> None:
        for older, newer in pairwise(sorted(self.editions, key=lambda edition: edition.year)):
            if older.year == newer.year:
                message = f"a catalog holds one edition a year, and {older.year} is there twice"
                raise UnknownEdition(message, given=f"{older.edition}, {newer.edition}")

    @classmethod
    def from_editions(cls, *editions: str | Codeset) -> "Catalog":
        """A catalog of these editions, given by name or as codesets.

        :raises UnknownEdition: when there is none, a name is unknown, or two editions share a year.
        """
        for edition in editions:
            if not isinstance(edition, str | Codeset):
                expected = "names or codesets, one by one: from_editions('2025.1', '2026.1')"
                raise UnknownEdition("not an edition", given=edition, expected=expected)
        if not editions:
            raise UnknownEdition("a catalog needs an edition", expected="at least one name or codeset")
        loaded = (codeset(edition) if isinstance(edition, str) else edition for edition in editions)
        return cls(tuple(sorted(loaded, key=lambda found: edition_order(found.edition))))

    @classmethod
    def bundled(cls) -> "Catalog":
        """The newest revision of every coding year that comes with this version.

        An app whose answers must not change with an upgrade names its editions instead.
        """
        newest = {name.partition(".")[0]: name for name in bundled_editions()}
        return cls.from_editions(*newest.values())

    def edition_for(self, date_of_service: dt.date) -> Codeset | None:
        """The edition of the coding year that holds the day, or None when the catalog has none."""
        for edition in self.editions:
            if edition.first_day <= date_of_service <= edition.last_day:
                return edition
        return None

    def after(self, edition: Codeset) -> tuple[Codeset, ...]:
        """The editions of later years than the given one."""
        return tuple(other for other in self.editions if other.year > edition.year)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """Name and digest of every edition in the catalog."""
        return tuple(Pin(edition.edition, edition.digest) for edition in self.editions)
