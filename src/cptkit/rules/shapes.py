"""How values are written as JSON, read back strictly, and described by a JSON Schema: each said once.

>>> SPAN = record("span", dt.timedelta, {"days": Field(WHOLE, "whole days"), "seconds": Field(COUNT)})
>>> SPAN.write(dt.timedelta(1, 30)), SPAN.read({"days": 1, "seconds": 30})
({'days': 1, 'seconds': 30}, datetime.timedelta(days=1, seconds=30))
>>> SPAN.read({"days": 1, "seconds": "30"})
Traceback (most recent call last):
...
cptkit.rules.shapes.MisreadError: seconds: '30'; expected a count
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any

import attrs

__all__ = [
    "COUNT",
    "COUNTS",
    "DAY",
    "FLAG",
    "SCALAR",
    "TEXT",
    "TEXTS",
    "WHOLE",
    "Field",
    "MisreadError",
    "Shape",
    "choice",
    "exactly",
    "one_of",
    "optional",
    "record",
    "several",
]

Schema = dict[str, Any]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_SHOWN = 60


class MisreadError(Exception):
    """A value that is not as it is written: where it stands, what was expected, what is there, and why perhaps."""

    def __init__(self, expected: str, given: object = None, remark: str = "") -> None:
        super().__init__(expected)
        self.expected: str = expected
        self.remark: str = remark
        self.given: str = _shown(given)
        self._path: list[str | int] = []

    def inside(self, part: str | int) -> "MisreadError":
        """The same error, told from one level higher."""
        self._path.append(part)
        return self

    @property
    def path(self) -> str:
        """Where it stands: ``findings[3].lines``; empty for the whole."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in reversed(self._path))
        return "".join(parts).removeprefix(".")

    def __str__(self) -> str:
        return f"{self.path}: {self.given}; expected {self.expected}"


def _shown(given: object) -> str:
    """What an error may print of a value from outside: what is short, else only its kind."""
    if given is _NOTHING:
        return "nothing"
    if isinstance(given, list | dict):
        return "a list" if isinstance(given, list) else "an object"
    if isinstance(given, str):
        return repr(given if len(given) <= _LONGEST_SHOWN else f"{given[:_LONGEST_SHOWN]}...")
    if isinstance(given, int) and abs(given) >= 10**_LONGEST_SHOWN:
        return "a number that is too long to show"
    if given is None or isinstance(given, bool | int | float):
        return json.dumps(given)
    return f"a value of the type {type(given).__name__}"


@attrs.frozen(slots=True)
class Shape:
    """One kind of value: its schema, how it is read and how it is written.

    ``named``: the schemas that ``schema`` refers to, by name.
    """

    schema: Schema
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    named: Mapping[str, Schema] = attrs.field(factory=dict)


@attrs.frozen(slots=True)
class Field:
    """A field of a record.

    ``what``: said in the schema. ``get``: where its value comes from, by default the attribute of its name.
    ``handed`` False: the value is not needed to build the record. ``follows``: it must be what the built
    record says. ``beside``: it may stand there, and no value of ours writes it.
    """

    shape: Shape
    what: str = ""
    get: Callable[[Any], Any] | None = None
    handed: bool = True
    follows: bool = False
    beside: bool = False


def _same(value: Any) -> Any:
    return value


def _plain(schema: Schema, expected: str, *kinds: type, least: int | None = None) -> Shape:
    def read(given: Any) -> Any:
        # True is an int to isinstance
        if type(given) not in kinds or (least is not None and given < least):
            raise MisreadError(expected, given)
        return given

    return Shape(schema, read, _same)


TEXT = _plain({"type": "string"}, "text", str)
FLAG = _plain({"type": "boolean"}, "true or false", bool)
WHOLE = _plain({"type": "integer"}, "a whole number", int)
COUNT = _plain({"type": "integer", "minimum": 0}, "a count", int, least=0)
SCALAR = _plain({"type": ["string", "integer", "null"]}, "text, a whole number or null", str, int, type(None))


def _read_day(given: Any) -> dt.date:
    if isinstance(given, str) and _DAY.fullmatch(given):
        try:
            return dt.date.fromisoformat(given)
        except ValueError:
            pass
    raise MisreadError("a day such as 2026-03-02", given)


DAY = Shape({"type": "string", "format": "date", "pattern": f"^{_DAY.pattern}$"}, _read_day, str)


def exactly(value: str | int) -> Shape:
    """One value and no other."""

    def read(given: Any) -> Any:
        if type(given) is not type(value) or given != value:
            raise MisreadError(json.dumps(value), given)
        return given

    return Shape({"const": value}, read, _same)


def choice(kind: Iterable[StrEnum]) -> Shape:
    """One of these members of an enumeration."""
    members = {member.value: member for member in kind}
    expected = f"one of {', '.join(members)}"

    def read(given: Any) -> Any:
        if isinstance(given, str) and given in members:
            return members[given]
        raise MisreadError(expected, given)

    return Shape({"enum": list(members)}, read, attrgetter("value"))


def optional(shape: Shape) -> Shape:
    """That shape, or null."""

    def read(given: Any) -> Any:
        return None if given is None else shape.read(given)

    def write(value: Any) -> Any:
        return None if value is None else shape.write(value)

    return Shape({"anyOf": [shape.schema, {"type": "null"}]}, read, write, shape.named)


def several(shape: Shape, *, least: int = 0) -> Shape:
    """A list of that shape, of so many at least; a tuple in Python."""

    def read(given: Any) -> tuple[Any, ...]:
        if not isinstance(given, list):
            raise MisreadError("a list", given)
        if len(given) < least:
            raise MisreadError(f"a list of {least} or more", given)
        found = []
        for place, entry in enumerate(given):
            try:
                found.append(shape.read(entry))
            except MisreadError as error:
                raise error.inside(place) from None
        return tuple(found)

    def write(values: Any) -> list[Any]:
        return [shape.write(value) for value in values]

    schema = {"type": "array", "items": shape.schema} | ({"minItems": least} if least else {})
    return Shape(schema, read, write, shape.named)


def _mapping(shape: Shape) -> Shape:
    def read(given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise MisreadError("an object", given)
        found = {}
        for name, value in given.items():
            if not isinstance(name, str):
                raise MisreadError("a text for each name", name)
            try:
                found[name] = shape.read(value)
            except MisreadError as error:
                raise error.inside(name) from None
        return found

    return Shape({"type": "object", "additionalProperties": shape.schema}, read, dict)


COUNTS = _mapping(COUNT)
TEXTS = _mapping(TEXT)


def record(name: str, build: Callable[..., Any], fields: Mapping[str, Field], what: str = "") -> Shape:
    """An object with these fields and no others, built from the fields that are handed over.

    ``name``: of its schema. The fields are written in this order. With ``dict`` it stays an object.
    """
    of_name: Callable[[str], Callable[[Any], Any]] = itemgetter if build is dict else attrgetter
    written = [
        (key, field.get or of_name(key), field.shape.write)
        for key, field in fields.items()
        if not field.beside
    ]
    following = [(key, get, write) for key, get, write in written if fields[key].follows]
    required = [key for key, _, _ in written]

    def read(given: Any) -> Any:
        _require_fields(given, fields, required)
        values = {}
        for key, field in fields.items():
            if key not in given:
                continue
            try:
                value = field.shape.read(given[key])
            except MisreadError as error:
                raise error.inside(key) from None
            if field.handed and not field.beside:
                values[key] = value
        built = build(**values)
        for key, get, write in following:
            _require_same(write(get(built)), given[key], (key,))
        return built

    def write(value: Any) -> dict[str, Any]:
        return {key: into(get(value)) for key, get, into in written}

    schema = {
        "description": what,
        "type": "object",
        "properties": {key: _described(field) for key, field in fields.items()},
        "required": required,
        "additionalProperties": False,
    }
    named = {inner: each for field in fields.values() for inner, each in field.shape.named.items()}
    return Shape({"$ref": f"#/$defs/{name}"}, read, write, named | {name: schema})


_NOTHING = object()


def _require_same(follows: Any, given: Any, path: tuple[str | int, ...]) -> None:
    """Refuse the first place at which a value is not what the rest of the record makes it; both are told."""
    if follows == given:
        return
    if type(follows) is type(given):
        one, other = _parts(follows), _parts(given)
        for part in dict.fromkeys([*one, *other]):
            _require_same(one.get(part, _NOTHING), other.get(part, _NOTHING), (*path, part))
    error = MisreadError(f"{_shown(follows)}, which follows from the rest", given)
    for part in reversed(path):
        error.inside(part)
    raise error


def _parts(value: Any) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _require_fields(given: Any, fields: Collection[str], required: Collection[str]) -> None:
    if not isinstance(given, dict):
        raise MisreadError("an object", given)
    for key in given:
        if key not in fields:
            raise MisreadError(
                f"no field but {', '.join(fields)}", key, "a newer version may have written it"
            )
    for key in required:
        if key not in given:
            raise MisreadError(f"a field {key}", given, "an older version may have written it")


def _described(field: Field) -> Schema:
    return field.shape.schema | ({"description": field.what} if field.what else {})


def one_of(key: str, shapes: Mapping[str, Shape], write: Callable[[Any], Any]) -> Shape:
    """One of several records, told apart by the text under ``key``, which each of them has."""

    def read(given: Any) -> Any:
        if not isinstance(given, dict):
            raise MisreadError("an object", given)
        name = given.get(key)
        if not isinstance(name, str) or name not in shapes:
            raise MisreadError(f"one of {', '.join(shapes)}", name).inside(key)
        return shapes[name].read(given)

    named = {inner: each for shape in shapes.values() for inner, each in shape.named.items()}
    return Shape({"anyOf": [shape.schema for shape in shapes.values()]}, read, write, named)
