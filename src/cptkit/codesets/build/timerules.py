"""Checking ``timerules.json``: strictly, as the facts are read, and with the line of every problem."""

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

import cattrs

from cptkit.codesets.build.read import kind_problems, strict_converter, told
from cptkit.codesets.build.schema import FamilyFact, PolicyFact, PrincipleFact, TimeRow
from cptkit.codesets.check import Problem

__all__ = ["TIMERULES", "TimeRules"]

TIMERULES = "timerules.json"

T = TypeVar("T")

_CURLY = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\n]')


class Placed(dict[str, Any]):
    """An object of a JSON text that knows the line it starts in."""

    line: int = 0


class TimeRules:
    """The families, policies and principles of a file; what is wrong with their form is added to ``problems``.

    >>> problems = []
    >>> rules = TimeRules("timerules.json", b'{"families": [], "policies": [{"id": "own"}]}', problems)
    >>> print(problems[0])
    timerules.json:1: policy own: required field missing @ $.sources
    >>> broken = TimeRules("timerules.json", b"{", problems)
    >>> print(problems[-1])
    timerules.json:1: not JSON: Expecting property name enclosed in double quotes
    """

    def __init__(self, file: str, data: bytes, problems: list[Problem]) -> None:
        self.file: str = file
        self.families: dict[str, Placed] = {}
        self.policies: dict[str, Placed] = {}
        self.principles: dict[str, Placed] = {}
        self._problems = problems
        self._converter = strict_converter()
        try:
            whole = _parsed(data)
        except json.JSONDecodeError as error:
            problems.append(Problem(file, error.lineno, f"not JSON: {error.msg}"))
            return
        except ValueError as error:
            problems.append(Problem(file, 0, str(error)))
            return
        if not isinstance(whole, Placed):
            problems.append(Problem(file, 1, "not an object with families, policies and principles"))
            return
        problems += [Problem(file, whole.line, f"unknown key {key!r}") for key in whole if key not in _PARTS]
        self._enter(whole.get("families", []), "family", self.families)
        self._enter(whole.get("policies", []), "policy", self.policies)
        self._enter(whole.get("principles", []), "principle", self.principles)
        for family in self.families.values():
            self._check_family(family)
        for name, policy in self.policies.items():
            self._structure(f"policy {name}", policy, _with_days(policy), PolicyFact)
        for name, principle in self.principles.items():
            self._structure(f"principle {name}", principle, _with_days(principle), PrincipleFact)

    def _enter(self, things: object, kind: str, into: dict[str, Placed]) -> None:
        for thing in things if isinstance(things, list) else [things]:
            if not isinstance(thing, Placed) or not isinstance(thing.get("id"), str):
                line = thing.line if isinstance(thing, Placed) else 0
                self._problems.append(Problem(self.file, line, f"a {kind} is an object with an id"))
            elif thing["id"] in into:
                self._problems.append(Problem(self.file, thing.line, f"{kind} {thing['id']} is there twice"))
            else:
                into[thing["id"]] = thing

    def _check_family(self, family: Placed) -> None:
        what = f"family {family['id']}"
        plain = {key: value for key, value in family.items() if key != "rules"} | {"rule": []}
        self._structure(what, family, plain, FamilyFact)
        rules = family.get("rules")
        if not isinstance(rules, list) or not rules:
            self._problems.append(Problem(self.file, family.line, f"{what} has no rules"))
            return
        seen: set[tuple[dt.date, str]] = set()
        for number, rule in enumerate(rules):
            where = f"{what}, rule {number + 1}"
            if not isinstance(rule, Placed):
                self._problems.append(Problem(self.file, family.line, f"{where} is no object"))
                continue
            row = self._structure(where, rule, _with_days(rule), TimeRow)
            if row is None:
                continue
            for text in kind_problems("$", row):
                self._problems.append(Problem(self.file, rule.line, f"{where}: {text.removesuffix(' @ $')}"))
            for basis in row.basis:
                if (row.from_, basis) in seen:
                    text = f"{what} has two rules for {basis} from {row.from_}"
                    self._problems.append(Problem(self.file, rule.line, text))
                seen.add((row.from_, basis))

    def _structure(self, what: str, placed: Placed, plain: Any, kind: type[T]) -> T | None:
        try:
            return self._converter.structure(plain, kind)
        except cattrs.BaseValidationError as error:
            for text in cattrs.transform_error(error, path="$", format_exception=told):
                self._problems.append(Problem(self.file, placed.line, f"{what}: {text}"))
            return None

    def check_references(
        self, codes: Collection[str], sources: Collection[str], last_day: str
    ) -> Iterator[Problem]:
        """Codes and sources that no table holds, and rows after the last day of the edition."""
        for name, family in self.families.items():
            for code in _texts(family.get("codes")):
                if code not in codes:
                    yield Problem(self.file, family.line, f"family {name}: {code} is not in codes.tsv")
        for placed in (*self.families.values(), *self.policies.values(), *self.principles.values()):
            for inner in _objects(placed):
                for key in _texts(inner.get("sources")):
                    if key not in sources:
                        text = f"{placed['id']}: source {key} is not in sources.tsv"
                        yield Problem(self.file, inner.line, text)
                day = inner.get("from")
                if isinstance(day, str) and day > last_day:
                    text = f"{placed['id']} from {day} starts after the last day of the edition, {last_day}"
                    yield Problem(self.file, inner.line, text)


_PARTS = ("families", "policies", "principles")


def _parsed(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {data[error.start]:#04x} at offset {error.start}") from error
    lines = _closing_order(text)

    def placed(pairs: list[tuple[str, Any]]) -> Placed:
        made = Placed(pairs)
        made.line = next(lines)
        if len(made) < len(pairs):
            raise ValueError(f"line {made.line}: an object with one key twice")
        return made

    return json.loads(text, object_pairs_hook=placed)


def _closing_order(text: str) -> Iterator[int]:
    """The line in which each object starts, in the order in which they end: that of the decoder."""
    line, open_lines = 1, list[int]()
    for hit in _CURLY.finditer(text):
        sign = hit[0]
        if sign == "\n":
            line += 1
        elif sign == "{":
            open_lines.append(line)
        elif sign == "}" and open_lines:
            yield open_lines.pop()


def _with_days(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with its days as dates, as a facts file has them; what is no day stays for the converter."""
    plain = dict(rule)
    for key in ("from", "checked"):
        if isinstance(plain.get(key), str):
            try:
                plain[key] = dt.date.fromisoformat(plain[key])
            except ValueError:
                continue
    if isinstance(plain.get("chain"), list):
        plain["chain"] = [_with_days(link) if isinstance(link, dict) else link for link in plain["chain"]]
    return plain


def _objects(value: Any) -> Iterator[Placed]:
    if isinstance(value, Placed):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
