"""Places of service as the rules of this family ask for them: what a line says, and what the facts say of it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache

from cptkit.claims import Line
from cptkit.codesets import Codeset, Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Fix, FixKind

__all__ = [
    "by_code",
    "denies_telehealth",
    "first_row",
    "misfit",
    "named",
    "put_telehealth",
    "refuses",
    "telehealth_elsewhere",
    "telehealth_modifiers",
    "telehealth_places",
    "told",
    "written",
]

_MODES = "telehealth-mode"
_CODE_PLACES = "code-places"
_ANY = "any"  # place that may stand beside a telehealth modifier
_NEVER = "not"
_ONE_DAY = dt.timedelta(days=1)
_NUMBERS_AT = 1  # in a code: what stands before counts up no further


def written(line: Line) -> str:
    """The place of a line as text, empty where none is given."""
    place: object = line.place_of_service
    return "" if place is None else str(place).strip()


def told(context: Context, place: str) -> str:
    """A place with its short name, where it has one."""
    row = context.convention(f"place/{place}")
    return place if row is None else f"{place} ({row.text})"


@lru_cache(maxsize=256)
def telehealth_places(context: Context) -> tuple[str, ...]:
    """The places that say telehealth on the day; that of the patient at home first."""
    row = context.convention("telehealth-places")
    return () if row is None else tuple(row.value.split())


@lru_cache(maxsize=256)
def telehealth_modifiers(context: Context) -> frozenset[str]:
    """The modifiers that say how telehealth was held."""
    sets = (found.members for found in context.codeset.modifier_sets if found.name == _MODES)
    return frozenset(member for members in sets for member in members)


def put_telehealth(context: Context, line: Line) -> Iterator[Fix]:
    """The fixes that put a place of telehealth on a line, as far as its code may stand there."""
    for place in telehealth_places(context):
        if misfit(context, line.code, place) is None:
            yield fix(FixKind.SET_PLACE, line, place, f"put place {told(context, place)}", "it was held so")


def telehealth_elsewhere(context: Context) -> Convention | None:
    """Which other places may stand beside a telehealth modifier; None where any may, or nobody knows."""
    row = context.convention("telehealth-elsewhere")
    return None if row is None or row.value == _ANY else row


def denies_telehealth(context: Context, line: Line, place: str) -> Convention | None:
    """The fact by which a place contradicts a telehealth modifier of the line; None where it does not.

    A number that is not on the list of the day contradicts nothing: it is told as such.
    """
    if telehealth_modifiers(context).isdisjoint(line.modifiers):
        return None
    row = telehealth_elsewhere(context)
    if row is None or place in telehealth_places(context) or place in row.value.split():
        return None
    therapy = context.convention("telehealth-elsewhere-modifiers")
    if therapy is not None and not set(therapy.value.split()).isdisjoint(line.modifiers):
        return None
    return None if context.convention(f"place/{place}") is None else row


def misfit(context: Context, code: str, place: str) -> Convention | None:
    """The fact by which a code in force may not stand at a listed place; None where it may, or nobody knows."""
    row = by_code(context, _CODE_PLACES).get(code)
    return row if row is not None and refuses(context, row, code, place) else None


def refuses(context: Context, row: Convention, code: str, place: str) -> bool:
    """Whether a row that names the places of a code, be it of another day, leaves out a place of the day."""
    first, *others = row.value.split()
    never = first == _NEVER
    places = others if never else [first, *others, *telehealth_places(context)]
    status = context.standing(code)
    if (place in places) is not never or status is None or status.in_force is False:
        return False
    return context.convention(f"place/{place}") is not None


def first_row(context: Context, name: str) -> Convention | None:
    """The first row of a fact that begins after the day, in this edition or a later one."""
    for edition in (context.codeset, *context.later):
        first, day = None, edition.last_day
        while (row := edition.convention(name, date_of_service=day)) is not None:
            first, day = row, row.first_day - _ONE_DAY
        if first is not None:
            return first
    return None


@lru_cache(maxsize=256)
def by_code(context: Context, kind: str) -> Mapping[str, Convention]:
    """The facts of a kind that name a span of codes, as they stand on the day, by code.

    A profile changes what a span says. It adds none: its reading refuses names that are not on record.
    """
    rows = {name: context.convention(name) for name in dict.fromkeys(named(context.codeset, kind).values())}
    found: dict[str, Convention] = {}
    for code, name in named(context.codeset, kind).items():
        row = rows[name]
        if row is not None:
            found[code] = row
    return found


@lru_cache(maxsize=64)
def named(codeset: Codeset, kind: str) -> Mapping[str, str]:
    """The names of the facts of a kind that name a span of codes, on any day, by code."""
    return {
        code: name
        for name in codeset.conventions
        if name.startswith(f"{kind}/")
        for code in _codes(name.partition("/")[2])
    }


def _codes(span: str) -> Iterator[str]:
    """The codes of a span such as 99281-99285 or G0552-G0554."""
    low, _, high = span.partition("-")
    for number in range(int(low[_NUMBERS_AT:]), int(high[_NUMBERS_AT:]) + 1):
        yield f"{low[:_NUMBERS_AT]}{number:04}"
