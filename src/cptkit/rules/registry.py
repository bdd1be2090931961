"""Choosing rules: by ``ALL``, prefix, id or name; the longest match wins, ignore wins ties.

``PREVIEW`` names the preview rules, a namespace (``acme``) or what begins with one (``acme:ABC``) the
rules of another package. Rules of packages are among ``ALL``: a report names every rule that ran.
"""

import inspect
import warnings
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from cptkit.errors import UnknownRule, nearest
from cptkit.rules.installed import Check, Concerns, Offer, load, offers
from cptkit.rules.table import TABLE, RuleRow, RuleStatus, RuleTable

if TYPE_CHECKING:
    from cptkit.rules.columns import Columns

__all__ = ["DeprecatedRule", "Rule", "listed", "named", "rule", "selected"]

_EXPECTED = "ALL, a prefix, a rule id or a name"
_WIDE = frozenset({"ALL", "PREVIEW"})


class DeprecatedRule(DeprecationWarning):
    """A rule was named by an id or name that it no longer has, or is deprecated itself.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     selected(("COD100",), table=RuleTable(TABLE.rows, {"COD100": "COD101"}))[0].row.id
    'COD101'
    >>> told[0].category.__name__, str(told[0].message)
    ('DeprecatedRule', 'rule COD100 is COD101 now')
    >>> raise DeprecatedRule("rule COD100 is COD101 now")
    Traceback (most recent call last):
    ...
    cptkit.rules.registry.DeprecatedRule: rule COD100 is COD101 now
    """


@attrs.frozen(slots=True)
class Rule:
    """A rule ready to run: its row, its documentation and its function.

    ``concerns``: asked of a line alone, whether the rule may say something of lines because of its code,
    modifiers and place; a rule that has none may speak of any line. ``columns``: its column form, if it has one.
    """

    row: RuleRow
    doc: str
    check: Check
    concerns: Concerns | None = None
    columns: "Columns | None" = None


def rule(id_or_name: str, *, table: RuleTable | None = None) -> Rule:
    """The rule of that id or name; an old one warns with ``DeprecatedRule``.

    :param table: where to look; by default the bundled rules and those of installed packages.
    :raises UnknownRule: when there is none.
    :raises BrokenRules: when it is another package's and cannot be loaded.

    >>> rule("ADD301").row.name, rule("add-on-without-primary").row.id
    ('add-on-without-primary', 'ADD301')
    >>> rule("ADD310")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'ADD310'; expected a rule id or name; did you mean ADD305 or ADD304 or ADD303?
    """
    broken: tuple[Offer, ...] = ()
    if table is None:
        table, broken = _everything() if ":" in id_or_name else (TABLE, ())
    current = table.current(id_or_name)
    for row in table.rows:
        if current == row.full_name or current.lower() == row.id.lower():
            if current is not id_or_name:
                _tell((_moved(id_or_name, current),))
            return _loaded(row)
    for offer in broken:
        if id_or_name.lower().startswith(f"{offer.namespace.lower()}:"):
            raise offer.error()
    raise _unknown(id_or_name, "a rule id or name", table, broken)


def selected(
    select: tuple[str, ...] = ("ALL",), ignore: tuple[str, ...] = (), *, table: RuleTable | None = None
) -> tuple[Rule, ...]:
    """The rules that a selection leaves, in the order of their ids.

    ``ALL`` leaves out what is preview or deprecated; these run where a prefix, id or name selects them,
    and preview rules also by ``PREVIEW``. A selection by an old id or name, or of a deprecated rule, warns
    with ``DeprecatedRule``.

    :param table: where to choose from; by default the bundled rules and those of installed packages, which
        are looked for only where ``ALL`` or a selector that is not cptkit's own may mean them.
    :raises UnknownRule: for a selector that matches no rule.
    :raises BrokenRules: when rules of another package are selected and cannot be had.

    >>> [rule.row.id for rule in selected(("MOD", "ADD301"), ("MOD2",))]
    ['ADD301']
    >>> [rule.row.id for rule in selected(("MOD202",), ("MOD",))]
    ['MOD202']
    >>> selected(("XYZ",))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'XYZ'; expected ALL, a prefix, a rule id or a name
    """
    rules, told = _selected(tuple(select), tuple(ignore), table)
    if told:
        _tell(told)
    return rules


def named(select: tuple[str, ...], row: RuleRow, *, table: RuleTable | None = None) -> bool:
    """Whether a selection names a rule by more than ``ALL``.

    >>> [named(select, TABLE.rows[0]) for select in (("ALL",), ("ALL", "ADD"))]
    [False, True]
    """
    known = table or _asked(select)[0]
    return _best(tuple(map(known.current, select)), row) > 1


def listed(
    selectors: tuple[str, ...] = (), *, table: RuleTable | None = None
) -> tuple[tuple[RuleRow, ...], tuple[Offer, ...]]:
    """The rows that any of the selectors names, whatever their status; and what cannot be read.

    :raises UnknownRule: for a selector that matches no rule.

    >>> [row.id for row in listed(("COD10",))[0]][0]
    'COD101'
    >>> listed(("XYZ",))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'XYZ'; expected ALL, a prefix, a rule id or a name
    """
    known, broken = (table, ()) if table is not None else _everything()
    current = tuple(map(known.current, selectors or ("ALL",)))
    _require_known(selectors, known, broken)
    rows = (row for row in known.rows if _best(current, row))
    moved = [_moved(old, new) for old, new in zip(selectors, current, strict=False) if old is not new]
    if moved:
        _tell(tuple(moved))
    return tuple(sorted(rows, key=lambda row: row.id)), broken


@lru_cache(maxsize=64)
def _selected(
    select: tuple[str, ...], ignore: tuple[str, ...], table: RuleTable | None
) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules, and what is to be told of how they were named."""
    known, broken = (table, ()) if table is not None else _asked(select, ignore)
    _require_known((*select, *ignore), known, broken)
    old = [text for text in (*select, *ignore) if known.current(text) is not text]
    told = [_moved(text, known.current(text)) for text in old]
    select, ignore = tuple(map(known.current, select)), tuple(map(known.current, ignore))
    for offer in broken:
        row = _row_of(offer)
        if _best(select, row) > _best(ignore, row):
            raise offer.error()
    wanted = {text.upper() for text in select}
    chosen = [
        row
        for row in known.rows
        if (strength := _best(select, row)) > _best(ignore, row) and (strength > 1 or _runs(row, wanted))
    ]
    told += [f"rule {row.id} is deprecated" for row in chosen if row.status is RuleStatus.DEPRECATED]
    return tuple(_loaded(row) for row in sorted(chosen, key=lambda row: row.id)), tuple(told)


def _runs(row: RuleRow, wanted: set[str]) -> bool:
    """Whether a rule runs that nothing names more exactly than ``ALL`` does."""
    if row.status is RuleStatus.PREVIEW:
        return "PREVIEW" in wanted
    return row.status is RuleStatus.STABLE


def _asked(select: tuple[str, ...], ignore: tuple[str, ...] = ()) -> tuple[RuleTable, tuple[Offer, ...]]:
    """The table that a selection is about: the bundled one, unless it may mean rules of packages."""
    wide = any(text.upper() in _WIDE for text in select)
    if wide or not all(_is_known(text, TABLE) for text in (*select, *ignore)):
        return _everything()
    return TABLE, ()


@cache
def _everything() -> tuple[RuleTable, tuple[Offer, ...]]:
    """The bundled rules with those of packages; and the packages whose rules cannot be read."""
    found = offers()
    if not found:
        return TABLE, ()
    rows = (*TABLE.rows, *(row for offer in found for row in offer.rows))
    redirects = {**TABLE.redirects, **{old: new for offer in found for old, new in offer.redirects}}
    return RuleTable(rows, redirects), tuple(offer for offer in found if offer.reason)


def _require_known(selectors: tuple[str, ...], known: RuleTable, broken: tuple[Offer, ...]) -> None:
    for text in selectors:
        if not _is_known(text, known) and not any(_strength(text, _row_of(offer)) for offer in broken):
            raise _unknown(text, _EXPECTED, known, broken)


def _is_known(selector: str, table: RuleTable) -> bool:
    current = table.current(selector)
    return current.upper() in _WIDE or any(_strength(current, row) for row in table.rows)


def _row_of(offer: Offer) -> RuleRow:
    """A row in the place of those that cannot be read: a selection of the namespace meets it."""
    return RuleRow(f"{offer.namespace}:", "", "")


def _best(selectors: tuple[str, ...], row: RuleRow) -> int:
    return max((_strength(selector, row) for selector in selectors), default=0)


def _strength(selector: str, row: RuleRow) -> int:
    """How exactly a selector names a rule: 0 not at all, 1 by ALL or PREVIEW, more for longer prefixes."""
    if selector == row.full_name:
        return 1 + len(row.id)
    folded = selector.lower()
    if folded == "all":
        return 1
    if folded == "preview":
        return int(row.status is RuleStatus.PREVIEW)
    if row.namespace and folded != row.namespace.lower() and ":" not in folded:
        return 0  # no prefix of a namespace is a selector
    return 1 + len(selector) if selector and row.id.lower().startswith(folded) else 0


@cache
def _loaded(row: RuleRow) -> Rule:
    if row.namespace:
        return Rule(row, *load(row))
    module = import_module(row.path)
    own = (getattr(module, name, None) for name in ("concerns", "columns"))
    return Rule(row, module.__doc__ or "", module.check, *own)


def _moved(old: str, new: str) -> str:
    return f"rule {old} is {new} now"


def _tell(texts: tuple[str, ...]) -> None:
    """Warn in the name of whoever called cptkit: Python shows such warnings only where they can be cured."""
    depth, frame = 0, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "cptkit":
        depth, frame = depth + 1, frame.f_back
    for text in texts:
        warnings.warn(text, DeprecatedRule, stacklevel=depth + 1)


def _unknown(given: str, expected: str, table: RuleTable, broken: tuple[Offer, ...]) -> UnknownRule:
    known = [text for row in table.rows for text in (row.id, row.full_name)]
    near = nearest(given, known) or nearest(given.upper(), known)
    message = "; ".join(["no such rule", *map(str, broken)])
    return UnknownRule(message, given=given, expected=expected, near=near)
