"""Which columns of one table hold what: the names of a layout, set against a header.

Names are compared without case, blanks, underscores or other signs, as in ``cptkit.interop``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

import attrs

from cptkit.errors import AmbiguousColumns, UnreadableClaims, nearest, nearly
from cptkit.setting import Setting

__all__ = ["CHOSEN", "FIELDS", "REQUIRED", "SPOKEN", "ColumnMap", "Columns", "counted", "held_by", "lacking"]

FIELDS: tuple[str, ...] = (
    "patient",
    "claim",
    "line",
    "date_of_service",
    "code",
    "modifiers",
    "units",
    "minutes",
    "start",
    "stop",
    "place_of_service",
    "rendering_provider",
    "charge",
    "setting",
)
"""What a column may hold."""

REQUIRED = (("code",), ("date_of_service",), ("patient", "claim"))
_COUNTED = re.compile(r"\{1\.\.([0-9]{1,2})\}")
_MOST_LINES = 99
_SHOWN = 8  # names of a table that an error still shows
_SHOWN_LENGTH = 240  # characters of these
_NAMES = 3  # accepted names of a field that an error still shows
CHOSEN = "own "  # no id of a file can begin so
_WITHOUT = {
    "patient": "the claim takes its place",
    "units": "a line is one unit",
    "rendering_provider": "all lines of a patient's day are judged together",
}
"""What lines are taken for where no column tells; what is not checked for want of other columns is told as such."""
_SINGULAR = {"modifier", "mod"}
SPOKEN = {
    "code": "the code",
    "date_of_service": "the date of service",
    "patient": "the patient",
    "claim": "the claim",
    "line": "the line",
    "start": "the start",
    "stop": "the stop",
    "place_of_service": "the place of service",
    "rendering_provider": "the rendering provider",
    "charge": "the charge",
    "setting": "the setting",
}
"""Fields as they stand in a sentence, where that is not their name."""

Names = tuple[tuple[str, ...], ...]
"""Names of a column: the first that is there is taken; those that stand together have equal right."""


@attrs.frozen(slots=True)
class Columns:
    """What the columns of one table hold, by a map.

    ``fields``: field to column names; ``modifiers`` may have several, in the order in which they are read; in
    a map of several lines a row, a field has one for each line, or one for all. ``lines``: how many lines a row
    may hold, 0 where a row is a line. ``unused``: the columns that hold nothing of these.
    """

    map: "ColumnMap"
    fields: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    lines: int = 0

    @property
    def absent(self) -> tuple[str, ...]:
        """The fields that no column holds."""
        return tuple(field for field in FIELDS if field not in self.fields)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        return tuple(dict.fromkeys(name for names in self.fields.values() for name in names))

    def describe(self) -> str:
        """Field and column, a line each; then what is absent, what that makes of lines, and the columns that are not used.

        >>> from cptkit.frames.maps import detect
        >>> print(detect(["patient", "dos", "cpt", "mod1", "mod2", "remarks"]).describe())
        column map cptkit: cptkit's own names, as in its CSV files
          patient             patient
          date_of_service     dos
          code                cpt
          modifiers           mod1, mod2
        absent: claim, line, units, minutes, start, stop, place_of_service, rendering_provider, charge, setting
          without units: a line is one unit
          without rendering_provider: all lines of a patient's day are judged together
        not used: remarks
        """
        told = [f"column map {self.map.id}: {self.map.title}"]
        told += [f"  {field:<19} {_listed(names)}" for field, names in self.fields.items()]
        told.append(f"absent: {', '.join(self.absent) or 'nothing'}")
        told += [f"  without {field}: {_WITHOUT[field]}" for field in self.absent if field in _WITHOUT]
        told.append(f"not used: {', '.join(self._unused_with_meant()) or 'none'}")
        return "\n".join(told)

    def _unused_with_meant(self) -> "Iterator[str]":
        """The columns that are not used, each with the name of an absent field that it nearly has."""
        open_ranks = [ranks for field, ranks in self.map.names.items() if field in self.absent]
        if "modifiers" in self.absent:
            open_ranks.append(self.map.modifier_columns)
        known = {_key(each): each for ranks in open_ranks for rank in ranks for each in rank}
        for name in self.unused:
            near = nearly(_key(name), known)
            yield name if near is None else f"{name} (did you mean {known[near]}?)"


@attrs.frozen(slots=True)
class ColumnMap:
    """The names that columns of one layout have.

    ``names``: field to names. ``modifier_columns``: the names of the first, second ... column of modifiers,
    where each has its own. ``detect``: the fields that a table must hold to be taken for this layout. ``lines``:
    how many lines a row may hold, 0 where a row is a line; ``{1..13}`` in a name counts them. ``settings``: what the texts of a
    column ``setting`` mean, None for a setting that is none of ours. ``chosen``: the fields of which every name must be in the table, as the caller chose it.
    ``called``: how a caller names it, by its id or path; empty for our own.
    """

    id: str
    title: str
    source: str
    names: Mapping[str, Names]
    modifier_columns: Names = ()
    detect: tuple[str, ...] = ()
    lines: int = 0
    settings: Mapping[str, Setting | None] = attrs.field(factory=dict)
    chosen: frozenset[str] = frozenset()
    called: str = ""

    def fit(self, columns: Iterable[str]) -> Columns:
        """What the columns of a table hold.

        :raises AmbiguousColumns: two columns hold one field.
        :raises UnreadableClaims: no column holds the code, the date, or the patient or claim; or a column that the
            caller chose is not in the table.

        >>> from cptkit.frames.maps import column_map
        >>> column_map({"units": "unitsx"}).fit(["patient", "dos", "cpt", "units"])
        Traceback (most recent call last):
        ...
        cptkit.errors.UnreadableClaims: the table has no such column: 'unitsx'; expected for units one of patient, dos, cpt, units; did you mean units?
        """
        header = tuple(columns)
        if problem := _not_there(self, header):
            raise problem
        held, twice = held_by(self, header)
        if twice:
            raise _ambiguous(self, *next(iter(twice.items())))
        if missing := [group for group in REQUIRED if not any(field in held for field in group)]:
            raise lacking(self, header, missing)
        lines = len(held["code"]) if self.lines else 0
        # a field with fewer columns than there are lines cannot say what the last lines hold
        held = {
            field: names[:lines] if lines and field != "modifiers" else names
            for field, names in held.items()
            if not (len(names) < lines and counted(self.names.get(field, ((" ",),))[0][0]))
        }
        used = {name for names in held.values() for name in names}
        unused = tuple(name for name in header if name not in used)
        return Columns(self, {field: held[field] for field in FIELDS if field in held}, unused, lines)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 6 else f"{names[0]} to {names[-1]} ({len(names)})"


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def held_by(
    given: ColumnMap, header: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Which columns hold which field; and the fields that more than one column holds."""
    by_key: dict[str, list[str]] = {}
    for name in header:
        by_key.setdefault(_key(name), []).append(name)
    held: dict[str, tuple[str, ...]] = {}
    twice: dict[str, tuple[str, ...]] = {}
    for field, ranks in given.names.items():
        found = _counted(ranks, by_key) or _first(ranks, by_key)
        if found:
            is_counted = _COUNTED.search(ranks[0][0]) is not None
            several = len(found) > 1 and not is_counted and field != "modifiers"
            (twice if several else held)[field] = found
    _add_modifiers(given, by_key, held, twice)
    return held, twice


def _first(ranks: Names, by_key: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The columns of the first rank that has any."""
    for rank in ranks:
        if found := tuple(dict.fromkeys(each for name in rank for each in by_key.get(_key(name), ()))):
            return found
    return ()


def _counted(ranks: Names, by_key: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The columns of a name that counts the lines of a row, as far as they go without a gap."""
    for name in (name for rank in ranks for name in rank if _COUNTED.search(name)):
        there = [
            by_key.get(_key(_COUNTED.sub(str(number), name)), ()) for number in range(1, _MOST_LINES + 1)
        ]
        found = [names[0] for names in takewhile(lambda names: len(names) == 1, there)]
        # a column behind a gap, or behind the last one known, would be lines that nobody reads
        if found and not any(there[len(found) :]) and len(found) <= counted(name):
            return tuple(found)
    return ()


def counted(name: str) -> int:
    """How many lines a name counts; 0 where it counts none."""
    hit = _COUNTED.search(name)
    return 0 if hit is None else int(hit[1])


def _add_modifiers(
    given: ColumnMap,
    by_key: Mapping[str, Sequence[str]],
    held: dict[str, tuple[str, ...]],
    twice: dict[str, tuple[str, ...]],
) -> None:
    """Add the columns of modifiers: one that holds all, or one for each place."""
    whole = held.pop("modifiers", ())
    numbered: list[str] = []
    for names in given.modifier_columns:
        found = _first((names,), by_key)
        if len(found) > 1:
            twice["modifiers"] = found
        numbered += found
    while numbered and (further := by_key.get(_following(_key(numbered[-1])), ())):  # more than the map knows
        numbered += further
    if len(whole) == 1 and numbered and _key(whole[0]) in _SINGULAR and given.modifier_columns:
        first = _first((given.modifier_columns[0],), by_key)
        if not first:  # "Modifier, Modifier 2, Modifier 3" is how some systems write it
            numbered, whole = [*whole, *numbered], ()
    both = (*whole, *numbered)
    if whole and (numbered or (len(whole) > 1 and not given.id.startswith(CHOSEN))):
        twice["modifiers"] = both
    elif both and "modifiers" not in twice:
        held["modifiers"] = both


def _following(key: str) -> str:
    """The name behind one that ends with a number; empty where it ends with none."""
    hit = re.fullmatch(r"(.*?)([0-9]+)", key)
    return "" if hit is None else f"{hit[1]}{int(hit[2]) + 1}"


def _named(given: ColumnMap, field: str, column: str) -> str:
    """How a column is named beside a map, in Python and at the command line."""
    option = f"--column {field}={column}"
    if given.id.startswith(CHOSEN):
        return f'columns={{..., "{field}": "{column}"}}, at the command line one more {option}'
    called = "" if given.lines else given.called
    beside, before = (f'"map": "{called}", ', f"--columns {called} ") if called else ("", "")
    return f'columns={{{beside}"{field}": "{column}"}}, at the command line {before}{option}'


def _ambiguous(given: ColumnMap, field: str, columns: Sequence[str]) -> AmbiguousColumns:
    told = " and ".join(map(repr, columns))
    expected = f"only one of them, or the one that is meant named: {_named(given, field, columns[0])}"
    if len(set(map(_key, columns))) < len(columns):
        expected = "only one of them, for names are compared without case, blanks and signs"
    message = f"two columns hold the same thing ({field}): {told}"
    return AmbiguousColumns(message, expected=expected, near=columns)


def _not_there(given: ColumnMap, header: Sequence[str]) -> UnreadableClaims | None:
    """The error that a table has no column of a name that was chosen; None where it has all of them."""
    by_key = {_key(name): name for name in header}
    for field in (field for field in FIELDS if field in given.chosen):
        for name in (name for rank in given.names[field] for name in rank):
            if _key(name) not in by_key:
                near = [by_key[key] for key in nearest(_key(name), by_key)]
                expected = f"for {SPOKEN.get(field, field)} one of {_told(header)}"
                return UnreadableClaims(
                    "the table has no such column", given=name, expected=expected, near=near
                )
    return None


def _told(header: Sequence[str]) -> str:
    """The columns of a table, the first of many."""
    shown: list[str] = []
    for name in header[:_SHOWN]:
        if shown and len(", ".join([*shown, name])) > _SHOWN_LENGTH:
            break
        shown.append(name if len(name) <= _SHOWN_LENGTH else f"{name[:_SHOWN_LENGTH]}...")
    more = f" and {len(header) - len(shown)} more" if len(header) > len(shown) else ""
    return ", ".join(shown) + more or "no columns"


def lacking(
    given: ColumnMap, header: Sequence[str], missing: Sequence[tuple[str, ...]], found: str = ""
) -> UnreadableClaims:
    """The error that a table lacks fields: field by field the names that it may have, columns like these, what to do."""
    used = {name for names in held_by(given, header)[0].values() for name in names}
    by_key = {_key(name): name for name in header if name not in used and _key(name)}
    near: dict[str, None] = {}
    expected = []
    for group in missing:
        names = [[name for rank in given.names.get(field, ()) for name in rank] for field in group]
        wanted = [name for of_field in names for name in of_field]
        near |= dict.fromkeys(by_key[key] for name in wanted for key in nearest(_key(name), by_key, limit=1))
        shown = [name for of_field in names for name in of_field[: _NAMES // len(group)]]
        if shown:
            more = " ..." if len(wanted) > len(shown) else ""
            expected.append(f"{' or '.join(group)}: {', '.join(shown)}{more}")
    own = _named(given, missing[0][0], "...")
    expected.append(f"{'or ' if expected else ''}yours named: {own}; or a column map in TOML")
    spoken = [" or ".join(SPOKEN.get(field, field) for field in group) for group in missing]
    message = f"no column for {' and none for '.join(spoken)}; the table has {_told(header)}"
    return UnreadableClaims(
        found.format(id=given.id) + message, expected="; ".join(expected), near=list(near)[:3]
    )
