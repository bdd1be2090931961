"""Choosing rules: by ``ALL``, prefix, id or name; the longest match wins, ignore wins ties."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import import_module

import attrs

from cptkit.claims import Encounter
from cptkit.errors import UnknownRule, nearest
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.table import RULES, RuleRow

__all__ = ["Rule", "named", "rule", "selected"]

Check = Callable[[Encounter, Context], Iterable[Finding | NotChecked]]


@attrs.frozen(slots=True)
class Rule:
    """A rule ready to run: its row, its documentation and its function."""

    row: RuleRow
    doc: str
    check: Check


def rule(id_or_name: str) -> Rule:
    """The rule of that id or name.

    :raises UnknownRule: when there is none.

    >>> rule("ADD301").row.name, rule("add-on-without-primary").row.id
    ('add-on-without-primary', 'ADD301')
    >>> rule("ADD310")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'ADD310'; expected a rule id or name; did you mean ADD303 or ADD302 or ADD301?
    """
    for row in RULES:
        if id_or_name in (row.id, row.name) or id_or_name.upper() == row.id:
            return _loaded(row)
    raise _unknown(id_or_name, "a rule id or name")


def selected(select: tuple[str, ...] = ("ALL",), ignore: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """The rules that a selection leaves, in the order of their ids.

    :raises UnknownRule: for a selector that matches no rule.

    >>> [rule.row.id for rule in selected(("MOD", "ADD301"), ("MOD20", "MOD202"))]
    ['ADD301']
    >>> [rule.row.id for rule in selected(("MOD202",), ("MOD",))]
    ['MOD202']
    >>> selected(("XYZ",))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'XYZ'; expected ALL, a prefix, a rule id or a name
    """
    return _selected(tuple(select), tuple(ignore))


def named(select: tuple[str, ...], row: RuleRow) -> bool:
    """Whether a selection names a rule by more than ``ALL``.

    >>> [named(select, RULES[0]) for select in (("ALL",), ("ALL", "ADD"))]
    [False, True]
    """
    return _best(select, row) > 1


@lru_cache(maxsize=64)
def _selected(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    for selector in (*select, *ignore):
        if not any(_strength(selector, row) for row in RULES):
            raise _unknown(selector, "ALL, a prefix, a rule id or a name")
    chosen = [row for row in RULES if _best(select, row) > _best(ignore, row)]
    return tuple(_loaded(row) for row in sorted(chosen, key=lambda row: row.id))


def _best(selectors: tuple[str, ...], row: RuleRow) -> int:
    return max((_strength(selector, row) for selector in selectors), default=0)


def _strength(selector: str, row: RuleRow) -> int:
    """How exactly a selector names a rule: 0 not at all, 1 by ALL, more for longer prefixes."""
    if selector == row.name:
        return 1 + len(row.id)
    selector = selector.upper()
    if selector == "ALL":
        return 1
    return 1 + len(selector) if selector and row.id.startswith(selector) else 0


@cache
def _loaded(row: RuleRow) -> Rule:
    module = import_module(f"cptkit.rules.{row.module}")
    return Rule(row, module.__doc__ or "", module.check)


def _unknown(given: str, expected: str) -> UnknownRule:
    known = [text for row in RULES for text in (row.id, row.name)]
    near = nearest(given, known) or nearest(given.upper(), known)
    return UnknownRule("no such rule", given=given, expected=expected, near=near)
