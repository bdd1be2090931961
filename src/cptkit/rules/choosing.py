"""Which rules a check runs, and which it leaves out for want of what they answer from."""

from collections.abc import Iterable
from functools import lru_cache

from cptkit.codesets import Catalog
from cptkit.errors import UnknownRule
from cptkit.history import History
from cptkit.rules.judged import Judge
from cptkit.rules.profiles.payer_facts import headings
from cptkit.rules.registry import Rule, named, selected
from cptkit.rules.running import Run
from cptkit.sources import Basis

__all__ = ["chosen", "selectors"]


def selectors(given: Iterable[str] | str) -> tuple[str, ...]:
    """What names rules; one text is one of them.

    :raises UnknownRule: these are no texts.

    >>> selectors("MOD"), selectors(["MOD", "ADD301"])
    (('MOD',), ('MOD', 'ADD301'))
    >>> selectors([301])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: rules are named by texts: [301]; expected a rule id, prefix, name or ALL, or several of them
    """
    found = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(each, str) for each in found):
        expected = "a rule id, prefix, name or ALL, or several of them"
        raise UnknownRule("rules are named by texts", given=given, expected=expected)
    return found


def chosen(
    select: tuple[str, ...], ignore: tuple[str, ...], catalog: Catalog, history: History | None, by: Judge
) -> Run:
    """The rules to run, and the ids of those left out, unnamed, for want of what they answer from.

    A report without any rule would look clean, so that is an error.
    """
    selected(select, ignore)  # each check by an old name warns; what follows is remembered
    own = None if isinstance(by, Basis) else (by.select, by.ignore, headings(by))
    run = _runnable(select, ignore, catalog.tables is not None, history is not None, own)
    if not run.rules:
        given = f"select {', '.join(select) or 'nothing'}, ignore {', '.join(ignore) or 'nothing'}"
        if not isinstance(by, Basis):
            ways = f"selects {', '.join(by.select)} and ignores {', '.join(by.ignore) or 'nothing'}"
            given += f"; the profile {by.id} {ways}"
        raise UnknownRule(
            "the selection leaves no rule to check with", given=given, expected="at least one rule"
        )
    return run


@lru_cache(maxsize=64)
def _runnable(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    has_edits: bool,
    has_history: bool,
    of_profile: tuple[tuple[str, ...], tuple[str, ...], frozenset[str]] | None,
) -> Run:
    payer_facts = frozenset[str]()
    if of_profile is None:
        rules = selected(select, ignore)
    else:
        rules = _narrowed(select, ignore, *of_profile[:2])
        select, payer_facts = (*select, *of_profile[0]), of_profile[2]
    lacking = {
        row.id
        for row in (rule.row for rule in rules)
        if (row.needs_edits and not has_edits)
        or (row.needs_history and not has_history)
        or (row.payer_facts and row.payer_facts.isdisjoint(payer_facts))
        if not named(select, row)
    }
    left_out = tuple(rule.row.id for rule in rules if rule.row.id in lacking)
    rules = tuple(rule for rule in rules if rule.row.id not in lacking)
    return Run(rules, left_out)


def _narrowed(
    select: tuple[str, ...], ignore: tuple[str, ...], own_select: tuple[str, ...], own_ignore: tuple[str, ...]
) -> tuple[Rule, ...]:
    """The rules of a profile that are asked for; by itself ALL leaves them as they are.

    Where the profile takes ALL, a preview rule that is named runs as it would without the profile.
    """
    own = selected(own_select, own_ignore)
    if select == ("ALL",):
        asked = set(selected((*select, "PREVIEW"), ignore))
        return tuple(rule for rule in own if rule in asked)
    wide = any(text.upper() == "ALL" for text in own_select)
    allowed = {*own, *selected((*own_select, "PREVIEW"), own_ignore)} if wide else set(own)
    return tuple(rule for rule in selected(select, ignore) if rule in allowed)
