"""An edition of one's own: a folder of tables, alone or on top of another edition.

The tables are those of ``cptkit.codesets.tables``; one that is not there is empty. Everything is
checked before anything is written, and every problem is reported at once, with file and line.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from cptkit.codes import Section, category_of
from cptkit.codesets.build.timerules import TIMERULES, TimeRules
from cptkit.codesets.check import (
    DESCRIPTORS,
    KEYS,
    Problem,
    Row,
    check_cells,
    check_references,
    check_rows,
    is_whole,
    read_table,
)
from cptkit.codesets.files import MANIFEST, SHARED, read_edition, shared_parts
from cptkit.codesets.lookup import edition_folder, edition_parts
from cptkit.codesets.tables import TABLES
from cptkit.codesets.write import edition_files, put_folder, table_bytes, timerules_bytes
from cptkit.errors import BrokenEdition, BrokenTables, InvalidDate, UnknownEdition, nearest

__all__ = ["OPTIONAL", "Built", "build_edition", "write_edition"]

OPTIONAL: Mapping[str, str] = {
    "label": "",
    "family": "",
    "section": "",
    "timed": "no",
    "predecessors": "",
    "earlier": "no",
    "status": "in-force",
    "successors": "",
    "open": "no",
    "doubtful": "",
    "kinds": "",
    "ncci_bypass": "no",
    "conflicts": "",
    "requires": "",
    "attaches_to": "",
    "never_on": "",
    "bypass": "",
    "cure_drops": "",
    "replacements": "",
    "supports": "",
    "note": "",
}
"""The columns that a user's table may leave out, and what stands there then."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {**TABLES, DESCRIPTORS: ("code", "descriptor")}
_UNSORTED = "sections.tsv"  # the first range that holds a code wins


@attrs.frozen
class Built:
    """The files of an edition, and how many descriptors the user's tables had that are not in it."""

    edition: str
    files: Mapping[str, bytes]
    descriptors_dropped: int


@attrs.define
class _Parts:
    """Tables and time rules, with the file and line of each row."""

    tables: dict[str, list[Row]]
    families: dict[str, dict[str, Any]]
    policies: dict[str, dict[str, Any]]
    principles: dict[str, dict[str, Any]]
    rules: TimeRules | None = None
    unsure: set[str] = attrs.field(factory=set[str])  # tables that could not be read as a whole


def build_edition(
    tables: Path | str,
    edition: str,
    *,
    extends: str | None = None,
    override: Collection[str] = (),
    keep_descriptors: bool = False,
    modifiers_complete_on: dt.date | None = None,
) -> Built:
    """The files of an edition made from a folder of tables; nothing is written.

    :param edition: its name, with a label of your own: ``2026.1+acme``.
    :param extends: the edition to build on, of the same year; what both hold is a conflict.
    :param override: codes, or other first columns, whose rows replace those of ``extends``.
    :param keep_descriptors: keep the column ``descriptor`` of codes.tsv, in a table of its own.
    :param modifiers_complete_on: the day up to which the modifiers are complete; by default that of
        ``extends``.
    :raises BrokenTables: with every problem, each with its file and line.
    :raises UnknownEdition: when a name is no edition's, or ``extends`` is not here.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     built = build_edition(folder, "2026.1+acme", extends="2026.1")
    >>> len(built.files), built.descriptors_dropped
    (14, 0)
    >>> build_edition("tables", "2026.1")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownEdition: an edition of your own has a label: '2026.1'; expected a name such as 2026.1+acme
    """
    parts = edition_parts(edition)
    if parts is None or not parts[2]:
        expected = "a name such as 2026.1+acme"
        raise UnknownEdition("an edition of your own has a label", given=edition, expected=expected)
    if modifiers_complete_on is not None and type(modifiers_complete_on) is not dt.date:
        raise InvalidDate("not a day", given=modifiers_complete_on, expected="a datetime.date")
    folder = Path(tables)
    last_day = f"{parts[0]}-12-31"
    problems: list[Problem] = []
    own = _own(folder, problems)
    _check_form(own.tables, last_day, problems)
    dropped = 0 if keep_descriptors else len(own.tables.pop(DESCRIPTORS))
    complete_on = (modifiers_complete_on or dt.date.min).isoformat()
    base = _Parts({}, {}, {}, {})
    origin = None
    if extends is not None:
        read = read_edition(edition_folder(extends))
        if read.manifest["year"] != parts[0]:
            expected = f"an edition of {parts[0]}"
            raise UnknownEdition("an edition extends one of its own year", given=extends, expected=expected)
        base = _base(read.manifest["edition"], read.texts, keep_descriptors=keep_descriptors)
        origin = {"edition": read.manifest["edition"], "digest": read.digest}
        if modifiers_complete_on is None:
            complete_on = read.manifest["modifiers_complete_on"]
    merged = _merged(own, base, set(override), extends or "", problems)
    _fill_in(merged.tables)
    problems += check_references(merged.tables, unsure=own.unsure)
    if own.rules is not None and not own.unsure & {"codes.tsv", "sources.tsv"}:
        codes = {row.fields["code"] for row in merged.tables["codes.tsv"]}
        sources = {row.fields["key"] for row in merged.tables["sources.tsv"]}
        problems += own.rules.check_references(codes, sources, last_day)
    if problems:
        told = "\n  ".join(str(problem) for problem in sorted(set(problems)))
        raise BrokenTables(f"{len(set(problems))} problem(s) in the tables of {folder}\n  {told}")
    files = {
        name: table_bytes(_COLUMNS[name], [row.fields for row in rows])
        for name, rows in merged.tables.items()
        if rows or name != DESCRIPTORS
    }
    files[TIMERULES] = timerules_bytes(
        {part: [things[name] for name in sorted(things)] for part, things in _rule_parts(merged).items()}
    )
    made = edition_files(files, edition=edition, modifiers_complete_on=complete_on, extends=origin)
    return Built(edition, made, dropped)


def write_edition(built: Built, into: Path | str) -> Path:
    """Put an edition into the folder ``into`` under its name; the folder it made.

    What was there is replaced as a whole; a kill leaves the old or the new one.

    :raises BrokenTables: when something stands under that name that is not an edition, or that has
        files which are not the edition's.
    :raises OSError: when it cannot be written; what was there stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     built = build_edition(folder, "2026.1+acme")
    ...     print(write_edition(built, folder).name)
    2026.1+acme
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "2026.1+acme").write_text("notes")
    ...     write_edition(built, folder)
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenTables: something else than an edition stands in the way...
    """
    folder = Path(into) / built.edition
    if folder.exists():
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
        foreign = sorted(there - {MANIFEST, TIMERULES, *_COLUMNS})
        if foreign or MANIFEST not in there:
            message = "something else than an edition stands in the way"
            given = ", ".join(foreign) or None
            raise BrokenTables(message, given=given, expected="an edition or nothing", where=str(folder))
    put_folder(folder, built.files)
    return folder


_LIKE_TABLES = (".tsv", ".json", ".csv", ".tab", ".txt", ".xlsx")


# ---- reading --------------------------------------------------------------------------------


def _own(folder: Path, problems: list[Problem]) -> _Parts:
    """The user's tables as far as they can be read."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        message = f"the folder of tables cannot be read: {error.strerror or error}"
        raise BrokenTables(message, where=str(folder)) from error
    for name in names:
        if name.lower().endswith(_LIKE_TABLES) and name not in {*_COLUMNS, TIMERULES, MANIFEST}:
            near = nearest(name, {*_COLUMNS, TIMERULES})
            text = "is no table of an edition" + (f"; did you mean {near[0]}?" if near else "")
            problems.append(Problem(name, 0, text))
    tables: dict[str, list[Row]] = {name: [] for name in _COLUMNS}
    lent = shared_parts(folder)  # tables of an edition may stand beside it
    unsure = {name for name, path in lent.items() if not path.is_file()}
    problems += [
        Problem(name, 0, f"{MANIFEST} names it, and it is neither here nor in ../{SHARED}") for name in unsure
    ]
    paths = {name: folder / name for name in names} | {name: lent[name] for name in lent.keys() - unsure}
    for name, columns in _COLUMNS.items():
        if name not in paths:
            continue
        optional = [column for column in columns if column in OPTIONAL]
        data = _bytes(name, paths[name], problems)
        if data is None:
            unsure.add(name)
            continue
        if name == "codes.tsv":
            rows = read_table(name, data, columns, problems, optional=[*optional, "descriptor"])
            tables[DESCRIPTORS] += [row for row in map(_descriptor, rows) if row.fields["descriptor"]]
        else:
            rows = read_table(name, data, columns, problems, optional=optional)
        tables[name] += [_whole(row, columns) for row in rows]
        if not is_whole(rows, data):
            unsure.add(name)
    data = _bytes(TIMERULES, paths[TIMERULES], problems) if TIMERULES in paths else None
    if data is None:
        return _Parts(tables, {}, {}, {}, None, unsure)
    rules = TimeRules(TIMERULES, data, problems)
    return _Parts(tables, *_own_rules(rules), rules, unsure)


def _bytes(name: str, path: Path, problems: list[Problem]) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        problems.append(Problem(name, 0, f"cannot be read: {error.strerror or error}"))
        return None


def _whole(row: Row, columns: Iterable[str]) -> Row:
    """The row with every column, in order."""
    fields = {column: row.fields.get(column) or OPTIONAL.get(column, "") for column in columns}
    return row._replace(fields=fields)


def _descriptor(row: Row) -> Row:
    kept = {"code": row.fields["code"], "descriptor": row.fields.get("descriptor", "").strip()}
    return row._replace(fields=kept)


def _check_form(tables: Mapping[str, list[Row]], last_day: str, problems: list[Problem]) -> None:
    """Cells and keys of the user's tables; a section that is left out is found by number later."""
    for name, rows in tables.items():
        judged = rows
        if name == "codes.tsv":
            judged = [
                row if row.fields["section"] else row._replace(fields={**row.fields, "section": "other"})
                for row in rows
            ]
        problems += check_cells(name, judged)
        rows.sort(key=lambda row: row.fields.get("from", ""))
        problems += check_rows(name, rows, last_day)


def _base(edition: str, texts: Mapping[str, str], *, keep_descriptors: bool) -> _Parts:
    """The tables of the edition that is extended.

    :raises BrokenEdition: when any of it cannot be read: nothing of a base is left out in silence.
    """
    problems: list[Problem] = []
    tables = {
        name: read_table(f"{edition}/{name}", texts[name].encode(), columns, problems)
        for name, columns in _COLUMNS.items()
        if name in texts and (name != DESCRIPTORS or keep_descriptors)
    }
    rules = TimeRules(f"{edition}/{TIMERULES}", texts.get(TIMERULES, "").encode(), problems)
    if problems:
        text = f"{edition} cannot be extended: {len(problems)} problem(s)\n  "
        raise BrokenEdition(text + "\n  ".join(map(str, problems)))
    return _Parts(tables, *_own_rules(rules))


# ---- putting together -----------------------------------------------------------------------


def _merged(own: _Parts, base: _Parts, override: set[str], extends: str, problems: list[Problem]) -> _Parts:
    """Both together; what both hold is a conflict unless it is overridden."""
    unused = set(override)
    tables: dict[str, list[Row]] = {}
    for name, rows in own.tables.items():
        about = KEYS[name][0]
        theirs: dict[str, list[Row]] = {}
        for row in base.tables.get(name, ()):
            theirs.setdefault(row.fields[about], []).append(row)
        replaced: set[str] = set()
        if name != _UNSORTED:
            for row in rows:
                key = row.fields[about]
                if key not in theirs or key in replaced:
                    continue
                replaced.add(key)
                if key in override:
                    unused.discard(key)
                elif not _says_the_same(key, about, rows, theirs[key]):
                    problems.append(row.problem(_conflict(key, extends, theirs[key][0].line)))
        there = {_order(name)(row) for row in rows}
        kept = [row for key, known in theirs.items() if key not in replaced for row in known]
        kept = [row for row in kept if _order(name)(row) not in there]
        tables[name] = [*rows, *kept] if name == _UNSORTED else sorted([*rows, *kept], key=_order(name))
    both = _Parts(tables, dict(base.families), dict(base.policies), dict(base.principles))
    for part, things in _rule_parts(own).items():
        into = _rule_parts(both)[part]
        for key, thing in things.items():
            if key in into and key in override:
                unused.discard(key)
            elif key in into and into[key] != thing:
                problems.append(Problem(TIMERULES, getattr(thing, "line", 0), _conflict(key, extends)))
            into[key] = thing
    if unused:
        told = ", ".join(sorted(unused))
        problems.append(Problem("--override", 0, f"there is nothing to override for {told}"))
    return both


def _rule_parts(parts: _Parts) -> dict[str, dict[str, dict[str, Any]]]:
    return {"families": parts.families, "policies": parts.policies, "principles": parts.principles}


def _own_rules(
    rules: TimeRules,
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The families, policies and principles of a file."""
    return dict(rules.families), dict(rules.policies), dict(rules.principles)


def _says_the_same(key: str, about: str, rows: Iterable[Row], theirs: Iterable[Row]) -> bool:
    """Whether the rows of a key hold the same on both sides, which is no conflict."""
    ours = [row.fields for row in rows if row.fields[about] == key]
    return ours == [row.fields for row in theirs]


def _conflict(key: str, extends: str, line: int = 0) -> str:
    where = f", line {line} of its table" if line else ""
    return f"{key} stands in {extends} too{where}: leave it out, or say --override {key}"


def _order(name: str) -> Any:
    columns = KEYS[name]
    return lambda row: tuple(row.fields[column] for column in columns)


def _fill_in(tables: dict[str, list[Row]]) -> None:
    """Sections by number and predecessors by successors, where a table leaves them out."""
    before: dict[str, set[str]] = {}
    for row in tables["code-history.tsv"]:
        for successor in row.fields["successors"].split():
            before.setdefault(successor, set()).add(row.fields["code"])
    ranges = [(row.fields["low"], row.fields["high"], row.fields["name"]) for row in tables["sections.tsv"]]
    for place, row in enumerate(tables["codes.tsv"]):
        code = row.fields["code"]
        known = before.get(code, set()) | set(row.fields["predecessors"].split())
        section = row.fields["section"] or _section(code, ranges)
        fields = {**row.fields, "section": section, "predecessors": " ".join(sorted(known))}
        tables["codes.tsv"][place] = row._replace(fields=fields)


def _section(code: str, ranges: Iterable[tuple[str, str, str]]) -> str:
    for low, high, name in ranges:
        if low <= code <= high and category_of(low) is category_of(code):
            return name
    return Section.OTHER.value
