"""Which column of a table of claim lines holds what: column maps as data, and how one is found.

A map is a TOML file under ``maps/`` with the names that each field may have, its source beside them. Names
are compared without case, blanks, underscores or other signs, as in ``cptkit.interop``. ``detect`` takes the
map that holds the most fields of a table; where two columns or two maps could be meant, it refuses.

>>> held = detect(["claim_id", "claim_line_number", "person_id", "claim_line_start_date", "hcpcs_code", "plan"])
>>> held.map.id, held.fields["date_of_service"], held.unused
('tuva', ('claim_line_start_date',), ('plan',))
>>> detect(["patient", "dos", "cpt", "hcpcs"])
Traceback (most recent call last):
...
cptkit.errors.AmbiguousColumns: two columns hold the same thing (code): 'cpt' and 'hcpcs'; expected only one of them, or the one that is meant named: columns={"code": "cpt"}, at the command line --column code=cpt; did you mean cpt or hcpcs?
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from cptkit.errors import AmbiguousColumns, BrokenColumnMap, UnknownColumnMap, nearest
from cptkit.frames.columns import (
    CHOSEN,
    FIELDS,
    REQUIRED,
    ColumnMap,
    Columns,
    Names,
    counted,
    held_by,
    lacking,
)
from cptkit.rules.toml_tables import Page
from cptkit.setting import Setting

__all__ = ["FIELDS", "ColumnMap", "Columns", "bundled_maps", "column_map", "detect"]

_OWN = "cptkit"
_OTHER = "other"  # what a setting is called that is none of ours
_MAP = "map"  # the key of a mapping that names the map of all other fields


def bundled_maps() -> Mapping[str, ColumnMap]:
    """The maps that come with cptkit, by id; ours first.

    >>> list(bundled_maps())
    ['cptkit', 'bfd', 'ccw', 'omop', 'synpuf', 'tuva', 'x12']
    >>> bundled_maps()["epic"]
    Traceback (most recent call last):
    ...
    KeyError: 'epic'
    """
    return dict(_bundled())


def column_map(given: "str | os.PathLike[str] | ColumnMap | Mapping[str, Any]") -> ColumnMap:
    """A map by the id of a bundled one, by the path of a TOML file, or of a mapping.

    :param given: a mapping is of field to column name (``modifiers`` may have a list of them; None leaves a
        field out), each of which a table must have; the fields it does not name have the names that cptkit accepts,
        or those of the map that ``map`` names beside them.
    :raises UnknownColumnMap: no bundled map has that id.
    :raises BrokenColumnMap: the file or the mapping is not one; with file, line and key.

    >>> column_map({"code": "Px", "modifiers": ["Px mod", "Px mod 2"]}).names["code"]
    (('Px',),)
    >>> column_map({"map": "tuva", "date_of_service": "claim_start_date"}).names["date_of_service"]
    (('claim_start_date',),)
    >>> column_map("tuwa")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownColumnMap: no such column map: 'tuwa'; expected the id of a bundled map, or the path of a file that ends in .toml; did you mean tuva?
    """
    if isinstance(given, ColumnMap):
        return given
    if isinstance(given, Mapping):
        return _chosen(given)
    if not isinstance(given, str | os.PathLike):
        expected = "the id of a bundled map, the path of one, or a mapping of field to column name"
        raise UnknownColumnMap("this is no column map", given=given, expected=expected)
    name = os.fsdecode(given)
    if name.endswith(".toml") or set(name) & {"/", os.sep}:
        return _read(Page(name, BrokenColumnMap, "a column map"), name)
    if name not in _bundled():
        expected = "the id of a bundled map, or the path of a file that ends in .toml"
        expected += "; none (at the command line auto) to have it found" if name == "auto" else ""
        near = nearest(name, _bundled())
        raise UnknownColumnMap("no such column map", given=name, expected=expected, near=near)
    return _bundled()[name]


def detect(columns: Iterable[str]) -> Columns:
    """What the columns of a table hold, by the bundled map that fits best: that holds the most fields.

    :raises AmbiguousColumns: two maps fit equally and take other columns, or two columns hold one field.
    :raises UnreadableClaims: no map fits; the fields that the nearest one lacks are named, and like columns.

    >>> detect(["BENE_ID", "CLM_ID", "LINE_NUM", "HCPCS_CD", "LINE_1ST_EXPNS_DT"]).map.id
    'ccw'
    >>> detect(["person_id", "procedure_occurrence_id", "procedure_date", "procedure_concept_id"])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: no column map fits; omop comes nearest: no column for the code; the table has person_id, procedure_occurrence_id, procedure_date, procedure_concept_id; expected code: procedure_source_value; or yours named: columns={"map": "omop", "code": "..."}, at the command line --columns omop --column code=...; or a column map in TOML; did you mean procedure_concept_id?
    """
    header = tuple(columns)
    judged = [(each, *held_by(each, header)) for each in _bundled().values()]
    fitting = [each for each in judged if not _undetected(each[0], {*each[1], *each[2]})]
    if not fitting:
        nearest_map = max(judged, key=lambda each: (-len(_undetected(each[0], each[1])), len(each[1])))[0]
        missing = _undetected(nearest_map, held_by(nearest_map, header)[0])
        raise lacking(nearest_map, header, missing, found="no column map fits; {id} comes nearest: ")
    most = max(_width(held, twice) for _, held, twice in fitting)
    best = [each for each in fitting if _width(*each[1:]) == most]
    if any(each[1:] != best[0][1:] for each in best):
        names = [each.id for each, _, _ in best]
        raise AmbiguousColumns(
            "column maps fit equally", given=", ".join(names), expected="one of them named", near=names
        )
    return best[0][0].fit(header)


def _width(held: Mapping[str, Sequence[str]], twice: Mapping[str, Sequence[str]]) -> int:
    return len({*held, *twice})


def _undetected(given: ColumnMap, held: Iterable[str]) -> list[tuple[str, ...]]:
    """The fields that a table lacks to be taken for a map's."""
    there = set(held)
    groups = [*REQUIRED, *((field,) for field in given.detect if (field,) not in REQUIRED)]
    return [group for group in groups if not there & set(group)]


@cache
def _bundled() -> Mapping[str, ColumnMap]:
    from importlib_resources import files  # only who names or detects a map needs it

    folder = files("cptkit.frames").joinpath("maps")
    names = [file.name for file in folder.iterdir() if file.name.endswith(".toml")]
    names.sort(key=lambda name: (name != f"{_OWN}.toml", name))
    pages = [
        Page(name, BrokenColumnMap, "a column map", data=folder.joinpath(name).read_bytes()) for name in names
    ]
    return {found.id: found for found in map(_read, pages)}


def _read(page: Page, called: str = "") -> ColumnMap:
    """The map of a page, which a caller names by ``called``: its path, where it is not a bundled one."""
    top = page.top
    top.number_of_format()
    name, title, source = top.text("id"), top.text("title"), top.text("source")
    if name and not name.isidentifier():
        top.wrong("id", "id is not a word of letters, digits and underscores", given=name)
    wanted = top.texts("detect", ())
    for place, field in enumerate(wanted):
        if field not in FIELDS:
            top.wrong(
                "detect", "no such field", given=field, expected=", ".join(FIELDS), near=FIELDS, place=place
            )
    table = top.table("columns")
    names = {field: _ranks(table.texts(field)) for field in FIELDS if table.has(field)}
    numbered = _ranks(table.texts("modifier_columns", ()))
    for field in FIELDS:  # those that are not there are known too
        if not table.has(field):
            table.texts(field, ())
    table.done()
    if not names.get("code") and table.is_right():
        top.wrong("columns", "columns names none for the code", expected='code = ["..."]')
    counts = {field: counted(ranks[0][0]) for field, ranks in names.items() if ranks}
    lines = counts.get("code", 0)
    for field, count in counts.items():
        if count and count != lines:
            top.wrong(
                "columns", f"{field} counts other lines than code", given=count, expected=str(lines or "none")
            )
    meanings = top.table("settings")
    meant = {key: meanings.choice(key, [*Setting, _OTHER]) for key in meanings.keys}
    top.done()
    page.close()
    settings = {key.casefold(): None if each == _OTHER else Setting(each) for key, each in meant.items()}
    called = called or ("" if name == _OWN else name)
    return ColumnMap(name, title, source, names, numbered, wanted, lines, settings, called=called)


def _ranks(texts: Iterable[str]) -> Names:
    """Each text a rank; names of equal right are parted by ``|``."""
    return tuple(tuple(part.strip() for part in text.split("|") if part.strip()) for text in texts)


def _chosen(given: Mapping[str, Any]) -> ColumnMap:
    """Our own map, or that which is named, with the names of some fields chosen."""
    base = given.get(_MAP, _OWN)
    if isinstance(base, Mapping):
        expected = "the id of a bundled map, or the path of one"
        raise BrokenColumnMap(
            "a mapping stands beside a map, and not beside another mapping", expected=expected
        )
    own = column_map(base)
    if own.lines:
        message = "a map of several lines a row cannot be changed field by field"
        raise BrokenColumnMap(message, given=own.id, expected="a column map in TOML, with all of its fields")
    chosen = {field: name for field, name in given.items() if field != _MAP}
    names: dict[str, Names] = dict(own.names)
    numbered = own.modifier_columns
    for field, name in chosen.items():
        if field not in FIELDS:
            expected = f"one of {', '.join(FIELDS)}"
            if str(field).startswith("modifier"):
                expected = "modifiers, with the name of one column or a list of names"
            near = nearest(str(field), FIELDS)
            raise BrokenColumnMap("no such field of a claim line", given=field, expected=expected, near=near)
        texts = (
            [name]
            if isinstance(name, str)
            else list(name or ())
            if isinstance(name, list | tuple | None)
            else [""]
        )
        if not all(isinstance(each, str) and each.strip() for each in texts):
            message = f"the column of {field} is no name"
            raise BrokenColumnMap(message, given=name, expected="the name of a column, or None for none")
        if len(texts) > 1 and field != "modifiers":
            raise BrokenColumnMap(f"{field} has one column", given=name, expected="the name of one column")
        names[field] = (tuple(texts),) if texts else ()
        numbered = () if field == "modifiers" else numbered
    return ColumnMap(
        f"{CHOSEN}columns",
        "names chosen by the caller" + (f", beside those of {own.called}" if own.called else ""),
        "the caller",
        names,
        numbered,
        settings=own.settings,
        chosen=frozenset(field for field, name in chosen.items() if name) | (own.chosen - set(chosen)),
        called=own.called,
    )
