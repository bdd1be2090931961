"""A codeset: one edition, immutable, answering for its coding year and the years before it.

The tables are split into lines when first asked for, and a line becomes a record on first use, so
that loading an edition costs little more than reading and verifying its files.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, overload

from cptkit.codes import Section, clean, parse
from cptkit.codesets.files import EditionFiles, Folder, read_edition
from cptkit.codesets.index import Index
from cptkit.errors import (
    BrokenEdition,
    DateOutsideEdition,
    InvalidDate,
    UnknownCode,
    UnknownModifier,
    nearest,
)

if TYPE_CHECKING:  # loaded with the first record that needs them: loading an edition needs none
    import os

    from cptkit.codesets.provenance import Fact
    from cptkit.codesets.records import CodeRecord, Status
    from cptkit.codesets.relations import AddOn, Convention, Denial, Exclusion, ModifierRecord, ModifierSet
    from cptkit.sources import Source

__all__ = ["Codeset"]

T = TypeVar("T")


class Codeset(Mapping[str, "CodeRecord"]):
    """One edition of the codes, modifiers, relations and time rules: a mapping of code to record.

    Get one with ``cptkit.codeset("2026.1")``. Look-ups are for the codes the edition covers; a
    code that is not covered is *not checked*, never invalid.

    >>> import cptkit
    >>> codeset = cptkit.codeset("2026.1")
    >>> codeset["90834"].label, "27447" in codeset, codeset.get("27447") is None
    ('individual therapy, standard session', False, True)
    >>> codeset["90835"]
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownCode: edition 2026.1 does not cover this code: '90835'; did you mean 90839 or 90838 or 90837?
    """

    def __init__(self, files: EditionFiles) -> None:
        manifest = files.manifest
        try:
            self.edition: str = manifest["edition"]
            self.year: int = manifest["year"]
            self.first_day: dt.date = dt.date.fromisoformat(manifest["first_day"])
            self.last_day: dt.date = dt.date.fromisoformat(manifest["last_day"])
            self.modifiers_complete_on: dt.date = dt.date.fromisoformat(manifest["modifiers_complete_on"])
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenEdition(f"the manifest is incomplete ({type(error).__name__}: {error})") from error
        self.digest: str = files.digest
        self._index = Index(files.texts)
        self._codes: dict[str, CodeRecord] = {}
        self._modifiers: dict[str, ModifierRecord] = {}

    @classmethod
    def from_folder(cls, folder: Folder | str, *, digest: str | None = None) -> "Codeset":
        """The edition in a folder, every byte verified; what it shares with others may stand beside it.

        :raises DigestMismatch: when a byte differs from the manifest, or the manifest from ``digest``.
        :raises BrokenEdition: when the folder holds no readable edition.
        """
        if isinstance(folder, str):
            from pathlib import Path

            folder = Path(folder)
        return cls(read_edition(folder, digest=digest))

    # ---- the mapping -------------------------------------------------------------------

    def __getitem__(self, code: str) -> "CodeRecord":
        record = self._codes.get(code)
        if record is not None:
            return record
        key = clean(code) if isinstance(code, str) else code
        if key not in self._index.codes:
            near = nearest(key, self) if isinstance(key, str) else ()
            raise UnknownCode(f"edition {self.edition} does not cover this code", given=code, near=near)
        record = self._codes[key] = self._index.code_record(key)
        return record

    @overload
    def get(self, code: str, default: None = None) -> "CodeRecord | None": ...

    @overload
    def get(self, code: str, default: "CodeRecord | T") -> "CodeRecord | T": ...

    def get(self, code: str, default: Any = None) -> Any:
        """The record of a code, or ``default`` when the edition does not cover it."""
        # not Mapping.get: it expects KeyError, and an error's near misses cost more than a look
        if code not in self:
            return default
        return self[code]

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and (code in self._index.codes or clean(code) in self._index.codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.codes)

    def __len__(self) -> int:
        return len(self._index.codes)

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Codeset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def __getstate__(self) -> dict[str, Any]:
        # what was looked up before is not worth carrying: it is made again from the texts
        kept = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        return kept | {"_index": Index(self._index.texts)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._codes = {}
        self._modifiers = {}

    @property
    def file_texts(self) -> tuple[str, ...]:
        """What its files hold, but for the manifest."""
        return tuple(self._index.texts.values())

    def __repr__(self) -> str:
        return f"<Codeset {self.edition}, {len(self)} codes, {self.digest[:19]}>"

    def _repr_html_(self) -> str:
        from cptkit.codesets.html import codeset_table

        return codeset_table(self)

    def covers(self, code: str) -> bool:
        """Whether the edition has anything to say about the code.

        >>> import cptkit
        >>> cptkit.codeset("2026.1").covers("27447")
        False
        """
        return code in self

    def status(self, code: str, *, date_of_service: dt.date) -> "Status":
        """The standing of a code on a date of service: in force, last day, successors.

        Answers for every day up to the last of the edition's coding year.

        :raises UnknownCode: when the edition does not cover the code.
        :raises DateOutsideEdition: when the day is after ``last_day``.

        >>> import cptkit
        >>> status = cptkit.codeset("2026.1").status("99354", date_of_service=dt.date(2026, 3, 2))
        >>> status.in_force, str(status.last_day), status.successors
        (False, '2022-12-31', ('99417',))
        >>> cptkit.codeset("2025.1").status("90834", date_of_service=dt.date(2026, 1, 1))
        Traceback (most recent call last):
        ...
        cptkit.errors.DateOutsideEdition: edition 2025.1 cannot know this day: '2026-01-01'; expected a day up to 2025-12-31
        """
        self.require_known(date_of_service)
        return self[code].status(date_of_service=date_of_service)

    def require_known(self, date_of_service: dt.date) -> None:
        """Raise ``DateOutsideEdition`` for a day after the last of the coding year."""
        if not isinstance(date_of_service, dt.date) or isinstance(date_of_service, dt.datetime):
            raise InvalidDate(
                "the date of service is not a date", given=date_of_service, expected="a datetime.date"
            )
        if date_of_service > self.last_day:
            raise DateOutsideEdition(
                f"edition {self.edition} cannot know this day",
                given=str(date_of_service),
                expected=f"a day up to {self.last_day}",
            )

    # ---- modifiers ---------------------------------------------------------------------

    def modifier(self, modifier: str) -> "ModifierRecord":
        """The record of a modifier.

        :raises UnknownModifier: when it is not on the edition's list.

        >>> import cptkit
        >>> sorted(cptkit.codeset("2026.1").modifier("95").conflicts)
        ['93', 'FQ', 'GQ', 'GT']
        >>> cptkit.codeset("2026.1").modifier("ZQ")
        Traceback (most recent call last):
        ...
        cptkit.errors.UnknownModifier: not on the modifier list of edition 2026.1, complete as of 2024-06-18: 'ZQ'
        """
        record = self.find_modifier(modifier)
        if record is None:
            message = f"not on the modifier list of edition {self.edition}, complete as of {self.modifiers_complete_on}"
            raise UnknownModifier(message, given=modifier)
        return record

    def find_modifier(self, modifier: str) -> "ModifierRecord | None":
        """As ``modifier``, but None for one that is not on the list."""
        record = self._modifiers.get(modifier)
        if record is None:
            key = clean(modifier)
            if key in self._index.modifiers:
                record = self._modifiers[key] = self._index.modifier_record(key)
        return record

    @property
    def modifier_sets(self) -> "tuple[ModifierSet, ...]":
        """The sets of modifiers of which a line carries at most one."""
        return self._index.modifier_sets

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Every modifier on the list, sorted."""
        return tuple(self._index.modifiers)

    # ---- relations ---------------------------------------------------------------------

    def addon(self, code: str, *, date_of_service: dt.date) -> "AddOn | None":
        """The primaries of an add-on on a day; None when it is no add-on or has no row yet.

        >>> import cptkit
        >>> row = cptkit.codeset("2026.1").addon("90840", date_of_service=dt.date(2026, 3, 2))
        >>> row.aoc_type, sorted(row.primaries)
        (1, ['90839'])
        """
        self.require_known(date_of_service)
        found = None
        for row in self._index.addon_rows(clean(code)):
            if row.starts > date_of_service:
                break
            found = row
        return found

    def exclusions(self, *, date_of_service: dt.date) -> "tuple[Exclusion, ...]":
        """The exclusions in force on a day, and those that start later but may have stood before.

        One of the latter has a later ``starts``: whether it held on the day is not on record.
        """
        self.require_known(date_of_service)
        return self._index.exclusions(date_of_service)

    def convention(self, name: str, *, date_of_service: dt.date) -> "Convention | None":
        """A general fact that rules rest on, as it stands on a day; None where none is on record for it.

        >>> import cptkit
        >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
        >>> codeset.convention("pfs-bilat/2", date_of_service=day).text
        'the code is for both sides already'
        """
        self.require_known(date_of_service)
        rows = self._index.conventions.get(name, ())
        return next((row for row in reversed(rows) if row.first_day <= date_of_service), None)

    @property
    def conventions(self) -> tuple[str, ...]:
        """The names of the general facts, sorted."""
        return tuple(self._index.conventions)

    def denial(self, check: str) -> "Denial | None":
        """The likely denial codes of a kind of finding, or None when none is on record."""
        return self._index.denials.get(check)

    # ---- provenance --------------------------------------------------------------------

    def source(self, key: str) -> "Source | None":
        """Where a source key of a citation points, or None for an unknown key."""
        return self._index.sources.get(key)

    def fact(self, code: str) -> "tuple[Fact, ...]":
        """Every value on record about a code: since when, says who, when checked, how well known.

        :raises UnknownCode: when the edition does not cover the code.

        >>> import cptkit
        >>> facts = cptkit.codeset("2026.1").fact("99354")
        >>> [(fact.name, fact.value, str(fact.since)) for fact in facts][1]
        ('life', 'ended; see 99417', '2023-01-01')
        >>> cptkit.codeset("2026.1").fact("27447")
        Traceback (most recent call last):
        ...
        cptkit.errors.UnknownCode: edition 2026.1 does not cover this code: '27447'...
        """
        from cptkit.codesets.provenance import facts_of

        return facts_of(self, code)

    @property
    def timerules(self) -> Mapping[str, Any]:
        """The time rules as data; ``cptkit.timerule`` reads them."""
        return self._index.timerules

    # ---- classification ------------------------------------------------------------------

    def section_of(self, code: str) -> Section | None:
        """The section of the code set that holds a code, covered or not; None where no range does.

        Ranges classify; they do not say that the code exists.

        :raises InvalidCode: when the text cannot be a code.

        >>> import cptkit
        >>> codeset = cptkit.codeset("2026.1")
        >>> [str(codeset.section_of(code)) for code in ("00104", "99100", "98004", "98966", "G2212")]
        ['anesthesia', 'anesthesia', 'evaluation-management', 'medicine', 'other']
        >>> codeset.section_of("9083")
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidCode: a code has five characters, this has 4: '9083'; expected a code such as 90834
        """
        parsed = parse(code)
        record = self.get(parsed.text)
        if record is not None:
            return record.section
        ranges = self._index.sections.get(parsed.category, ())
        return next((section for low, high, section in ranges if low <= parsed.text <= high), None)

    # ---- searching and exporting -----------------------------------------------------------

    def search(self, words: str, *, limit: int | None = None) -> "tuple[CodeRecord, ...]":
        """The codes whose code, label, family or section hold all these words, the best first.

        :raises InvalidSearch: when there is no word to search for, or the limit is below 1.

        >>> import cptkit
        >>> codeset = cptkit.codeset("2026.1")
        >>> [record.code for record in codeset.search("group therapy", limit=2)]
        ['90853', '92508']
        >>> codeset.search(" ")
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidSearch: nothing to search for: ' '; expected words such as group therapy
        """
        from cptkit.codesets.search import search

        return search(self, words, limit)

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of a table as it stands in the edition, every value a text.

        :raises UnknownTable: when an edition has no such table.

        >>> import cptkit
        >>> next(cptkit.codeset("2026.1").rows("code-history"))["status"]
        'in-force'
        >>> cptkit.codeset("2026.1").rows("code")
        Traceback (most recent call last):
        ...
        cptkit.errors.UnknownTable: no such table: 'code'; expected one of codes, code-history, revisions, ...
        """
        from cptkit.codesets.export import file_of

        return self._index.rows(file_of(table))

    def to_csv(self, path_or_buffer: "str | os.PathLike[str] | TextIO", *, table: str = "codes") -> None:
        """Write a table as CSV: of ``codes`` a flat one with days and successors, others as they stand.

        :raises UnknownTable: when an edition has no such table.

        >>> import io, cptkit
        >>> text = io.StringIO()
        >>> cptkit.codeset("2026.1").to_csv(text)
        >>> text.getvalue().splitlines()[0]
        'code,label,family,section,category,timed,addon,first_day,last_day,successors,confidence'
        >>> cptkit.codeset("2026.1").to_csv(text, table="prices")
        Traceback (most recent call last):
        ...
        cptkit.errors.UnknownTable: no such table: 'prices'; expected one of codes, ...
        """
        from cptkit.codesets.export import write_csv

        write_csv(self, path_or_buffer, table)

    def to_arrow(self, table: str = "codes") -> Any:
        """The table of ``to_csv`` as a ``pyarrow.Table``, with days and truth values as such.

        :raises NotInstalled: without pyarrow.
        :raises UnknownTable: when an edition has no such table.

        >>> import cptkit
        >>> cptkit.codeset("2026.1").to_arrow(table="prices")
        Traceback (most recent call last):
        ...
        cptkit.errors.UnknownTable: no such table: 'prices'; expected one of codes, ...
        """
        from cptkit.codesets.export import arrow_table

        return arrow_table(self, table)
