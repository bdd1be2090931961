"""The tables of an edition, split into lines when first asked for and read row by row on demand.

Loading fifteen thousand codes costs the splitting of two texts; a row becomes a record when its code
is looked up. Nothing here changes once made.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cptkit.codes import Category, Section, category_of
from cptkit.codesets.files import rows_of
from cptkit.codesets.tables import TABLES
from cptkit.errors import BrokenEdition

if TYPE_CHECKING:  # loaded with the first record that needs them: loading an edition needs none
    from cptkit.codesets.records import CodeRecord
    from cptkit.codesets.relations import AddOn, Convention, Denial, Exclusion, ModifierRecord, ModifierSet
    from cptkit.sources import Source

__all__ = ["Index", "Table"]

_LOOKS_BEFORE_SPLITTING = 8


class Table:
    r"""The lines of a table by their first column, in the order of the file.

    >>> table = Table({"t.tsv": "code\tlabel\n90834\tsession\n"}, "t.tsv")
    >>> table.rows("90834"), "90837" in table
    ([{'code': '90834', 'label': 'session'}], False)
    >>> Table({}, "t.tsv")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdition: the edition has no table t.tsv: 't.tsv'
    """

    def __init__(self, texts: Mapping[str, str], name: str) -> None:
        if name not in texts:
            raise BrokenEdition(f"the edition has no table {name}", given=name)
        self._text: str = texts[name]
        header = self._text.partition("\n")[0]
        self.name: str = name
        self._columns: tuple[str, ...] = tuple(header.split("\t"))
        missing = [column for column in TABLES.get(name, ()) if column not in self._columns]
        if missing:  # columns that this version does not know are left alone
            raise BrokenEdition(f"{name} lacks columns", given=header, expected=f"also {', '.join(missing)}")
        if (
            len(set(self._columns)) < len(self._columns)
            or self._columns[:1] != TABLES.get(name, self._columns)[:1]
        ):
            expected = f"each column once, {TABLES.get(name, self._columns)[0]} first"
            raise BrokenEdition(f"the header of {name} is out of order", given=header, expected=expected)
        self._looks = 0
        self._split: dict[str, str] | None = None

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str) and self._is_fresh():
            return next(self._found(key), None) is not None
        return key in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def rows(self, key: str) -> list[dict[str, str]]:
        """The rows of a key, as mappings of column to text; none for an unknown key."""
        if self._is_fresh():
            return [self._row(line) for line in self._found(key)]
        joined = self._lines.get(key)
        return [] if joined is None else [self._row(line) for line in joined.split("\n")]

    def _is_fresh(self) -> bool:
        """Whether so little was asked that splitting the whole text does not pay; counts the asking."""
        if self._split is not None or self._looks >= _LOOKS_BEFORE_SPLITTING:
            return False
        self._looks += 1
        return True

    def _found(self, key: str) -> Iterator[str]:
        """The lines of a key, searched for in the text."""
        if not key or "\t" in key or "\n" in key:  # more than a key would match the columns behind it too
            return
        mark, text = f"\n{key}", self._text
        start = text.find(mark)
        while start >= 0:
            behind = start + len(mark)
            if text[behind : behind + 1] in ("\t", "\n", ""):
                end = text.find("\n", behind)
                yield text[start + 1 : end if end >= 0 else None]
            start = text.find(mark, behind)

    @property
    def _lines(self) -> dict[str, str]:
        """The lines of each key, joined: texts alone give the garbage collector nothing to walk."""
        if self._split is None:
            split: dict[str, str] = {}
            for line in self._text.removesuffix("\n").split("\n")[1:]:
                key = line.partition("\t")[0]
                split[key] = f"{split[key]}\n{line}" if key in split else line
            self._split = split
        return self._split

    def _row(self, line: str) -> dict[str, str]:
        fields = line.split("\t")
        if len(fields) != len(self._columns):
            message = f"{self.name}, row {fields[0]}, has {len(fields)} fields"
            raise BrokenEdition(message, expected=f"{len(self._columns)} fields, as the header")
        return _known(self.name, dict(zip(self._columns, fields, strict=True)))


class Index:
    """Every table of one edition."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts: Mapping[str, str] = texts

    @cached_property
    def codes(self) -> Table:
        """codes.tsv."""
        return Table(self.texts, "codes.tsv")

    @cached_property
    def code_history(self) -> Table:
        """code-history.tsv."""
        return Table(self.texts, "code-history.tsv")

    @cached_property
    def modifiers(self) -> Table:
        """modifiers.tsv."""
        return Table(self.texts, "modifiers.tsv")

    @cached_property
    def modifier_history(self) -> Table:
        """modifier-history.tsv."""
        return Table(self.texts, "modifier-history.tsv")

    @cached_property
    def addons(self) -> Table:
        """addons.tsv."""
        return Table(self.texts, "addons.tsv")

    @cached_property
    def revisions(self) -> Table:
        """revisions.tsv."""
        return Table(self.texts, "revisions.tsv")

    def rows(self, name: str) -> Iterator[dict[str, str]]:
        """The rows of any table."""
        return (_known(name, row) for row in rows_of(self.texts, name))

    def code_record(self, code: str) -> "CodeRecord":
        """The record of a code that the edition covers."""
        from cptkit.codesets.records import CodeRecord, changes_from

        category = category_of(code)
        history = self.code_history.rows(code)
        if category is None or not history:
            raise BrokenEdition("codes.tsv holds a code without shape or history", given=code)
        try:
            row = self.codes.rows(code)[0]
            return CodeRecord(
                code,
                category,
                Section(row["section"]),
                row["family"],
                row["label"],
                row["timed"] == "yes",
                code in self.addons,
                changes_from(f"codes/{code}", history),
                tuple(row["predecessors"].split()),
            )
        except (KeyError, ValueError) as error:
            raise BrokenEdition(f"the row of {code} cannot be read: {error}", given=code) from error

    def modifier_record(self, modifier: str) -> "ModifierRecord":
        """The record of a modifier on the list."""
        from cptkit.codesets.relations import modifier_from

        history = self.modifier_history.rows(modifier)
        if not history:
            raise BrokenEdition("modifiers.tsv holds a modifier without history", given=modifier)
        return modifier_from(self.modifiers.rows(modifier)[0], history)

    @cached_property
    def modifier_sets(self) -> "tuple[ModifierSet, ...]":
        """Sets of modifiers of which a line carries at most one."""
        from cptkit.codesets.relations import modifier_set_from

        return tuple(modifier_set_from(row) for row in self.rows("modifier-sets.tsv"))

    def addon_rows(self, code: str) -> "tuple[AddOn, ...]":
        """The dated primaries of an add-on, oldest first."""
        known = self._addon_rows.get(code)
        if known is None:
            from cptkit.codesets.relations import addon_from

            known = tuple(addon_from(row) for row in self.addons.rows(code))
            if known:  # other texts must not fill the memory
                self._addon_rows[code] = known
        return known

    @cached_property
    def _addon_rows(self) -> "dict[str, tuple[AddOn, ...]]":
        return {}

    @cached_property
    def _exclusions(self) -> "tuple[tuple[Exclusion, ...], ...]":
        from cptkit.codesets.relations import exclusion_from

        grouped: dict[str, list[Exclusion]] = {}
        for row in self.rows("exclusions.tsv"):
            grouped.setdefault(row["id"], []).append(exclusion_from(row))
        return tuple(tuple(rows) for rows in grouped.values())

    def exclusions(self, day: dt.date) -> "tuple[Exclusion, ...]":
        """Exclusions in force on a day, or starting later and perhaps older than their record."""
        standing: list[Exclusion] = []
        for rows in self._exclusions:
            current = rows[0] if rows[0].earlier else None
            for row in rows:
                if row.starts <= day:
                    current = row
            if current is not None and current.in_force:
                standing.append(current)
        return tuple(standing)

    @cached_property
    def conventions(self) -> "dict[str, tuple[Convention, ...]]":
        """The dated rows of each convention, oldest first."""
        from cptkit.codesets.relations import convention_from

        grouped: dict[str, tuple[Convention, ...]] = {}
        for row in self.rows("conventions.tsv"):
            grouped[row["name"]] = (*grouped.get(row["name"], ()), convention_from(row))
        return grouped

    @cached_property
    def denials(self) -> "dict[str, Denial]":
        """Denial codes by kind of finding."""
        from cptkit.codesets.relations import denial_from

        return {row["check"]: denial_from(row) for row in self.rows("denials.tsv")}

    @cached_property
    def sections(self) -> "dict[Category | None, tuple[tuple[str, str, Section], ...]]":
        """For each category of codes low, high and section; the first that holds a code wins."""
        found: dict[Category | None, list[tuple[str, str, Section]]] = {}
        for row in self.rows("sections.tsv"):
            found.setdefault(category_of(row["low"]), []).append(
                (row["low"], row["high"], Section(row["name"]))
            )
        return {category: tuple(ranges) for category, ranges in found.items()}

    @cached_property
    def sources(self) -> "dict[str, Source]":
        """Sources by key."""
        from cptkit.sources import Source

        return {
            row["key"]: Source(row["key"], row["grade"], row["where"], row["supports"])
            for row in self.rows("sources.tsv")
        }

    @cached_property
    def timerules(self) -> Mapping[str, Any]:
        """The time rules as data."""
        if "timerules.json" not in self.texts:
            raise BrokenEdition("the edition has no timerules.json")
        try:
            rules = json.loads(self.texts["timerules.json"])
        except (ValueError, RecursionError) as error:
            raise BrokenEdition(f"timerules.json is not JSON: {error}") from error
        parts = [rules.get(name) for name in ("families", "policies")] if isinstance(rules, dict) else [None]
        if not all(isinstance(part, list) for part in parts):
            raise BrokenEdition(
                "timerules.json is no time rules", expected="an object with families and policies"
            )
        frozen: Mapping[str, Any] = _frozen(rules)
        return frozen


def _frozen(value: Any) -> Any:
    """JSON that nobody can change: one codeset serves every caller of the process."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _known(name: str, row: dict[str, str]) -> dict[str, str]:
    """A row without the columns that this version does not know."""
    columns = TABLES.get(name, ())
    if len(columns) in (0, len(row)):
        return row
    try:
        return {column: row[column] for column in columns}
    except KeyError as error:
        raise BrokenEdition(f"{name} lacks the column {error}", given=name) from error
