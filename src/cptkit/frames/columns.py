"""Which columns of one table hold what: the names of a layout, set against a header.

Names are compared without case, blanks, underscores or other signs, as in ``cptkit.interop``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

import attrs

from cptkit.errors import AmbiguousColumns, UnreadableClaims, nearest
from cptkit.setting import Setting

__all__ = ["CHOSEN", "FIELDS", "REQUIRED", "ColumnMap", "Columns", "counted", "held_by", "lacking"]

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
_SHOWN = 12
CHOSEN = "own "  # no id of a file can begin so
_SINGULAR = {"modifier", "mod"}
_SPOKEN = {
    "code": "the code",
    "date_of_service": "the date of service",
    "patient": "the patient",
    "claim": "the claim",
    "line": "the line",
}

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
        """Field and column, a line each; then what is absent, and the columns that are not used.

        >>> from cptkit.frames.maps import detect
        >>> print(detect(["patient", "dos", "cpt", "mod1", "mod2", "remarks"]).describe())
        column map cptkit: cptkit's own names, as in its CSV files
          patient             patient
          date_of_service     dos
          code                cpt
          modifiers           mod1, mod2
        absent: claim, line, units, minutes, start, stop, place_of_service, rendering_provider, charge, setting
        not used: remarks
        """
        told = [f"column map {self.map.id}: {self.map.title}"]
        told += [f"  {field:<19} {_listed(names)}" for field, names in self.fields.items()]
        told.append(f"absent: {', '.join(self.absent) or 'nothing'}")
        told.append(f"not used: {', '.join(self.unused) or 'none'}")
        return "\n".join(told)


@attrs.frozen(slots=True)
class ColumnMap:
    """The names that columns of one layout have.

    ``names``: field to names. ``modifier_columns``: the names of the first, second ... column of modifiers,
    where each has its own. ``detect``: the fields that a table must hold to be taken for this layout. ``lines``:
    how many lines a row may hold, 0 where a row is a line; ``{1..13}`` in a name counts them. ``settings``: what the texts of a
    column ``setting`` mean.
    """

    id: str
    title: str
    source: str
    names: Mapping[str, Names]
    modifier_columns: Names = ()
    detect: tuple[str, ...] = ()
    lines: int = 0
    settings: Mapping[str, Setting] = attrs.field(factory=dict)

    def fit(self, columns: Iterable[str]) -> Columns:
        """What the columns of a table hold.

        :raises AmbiguousColumns: two columns hold one field.
        :raises UnreadableClaims: no column holds the code, the date, or the patient or claim.

        >>> from cptkit.frames.maps import column_map
        >>> column_map("tuva").fit(["hcpcs_code", "member_id", "svc_date"])
        Traceback (most recent call last):
        ...
        cptkit.errors.UnreadableClaims: no column for the date of service; the table has hcpcs_code, member_id, svc_date; expected claim_line_start_date or claim_start_date
        """
        header = tuple(columns)
        held, twice = held_by(self, header)
        if twice:
            raise _ambiguous(*next(iter(twice.items())))
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
    if len(whole) == 1 and numbered and _key(whole[0]) in _SINGULAR and given.modifier_columns:
        first = _first((given.modifier_columns[0],), by_key)
        if not first:  # "Modifier, Modifier 2, Modifier 3" is how some systems write it
            numbered, whole = [*whole, *numbered], ()
    both = (*whole, *numbered)
    if whole and (numbered or (len(whole) > 1 and not given.id.startswith(CHOSEN))):
        twice["modifiers"] = both
    elif both and "modifiers" not in twice:
        held["modifiers"] = both


def _ambiguous(field: str, columns: Sequence[str]) -> AmbiguousColumns:
    told = " and ".join(map(repr, columns))
    expected = "only one of them, or a column map that names it"
    message = f"two columns hold the same thing ({field}): {told}"
    return AmbiguousColumns(message, expected=expected, near=columns)


def lacking(
    given: ColumnMap, header: Sequence[str], missing: Sequence[tuple[str, ...]], found: str = ""
) -> UnreadableClaims:
    """The error that a table lacks fields, with the names that they may have and columns like these."""
    spoken = " and none for ".join(
        " or ".join(_SPOKEN.get(field, field) for field in group) for group in missing
    )
    wanted = [
        name for group in missing for field in group for rank in given.names.get(field, ()) for name in rank
    ]
    used = {name for names in held_by(given, header)[0].values() for name in names}
    by_key = {_key(name): name for name in header if name not in used and _key(name)}
    near = dict.fromkeys(by_key[key] for name in wanted for key in nearest(_key(name), by_key, limit=1))
    told = ", ".join(header[:_SHOWN]) + (" and more" if len(header) > _SHOWN else "")
    return UnreadableClaims(
        f"{found.format(id=given.id)}no column for {spoken}; the table has {told[:300] or 'no columns'}",
        expected=" or ".join(wanted) or None,
        near=list(near)[:3],
    )
