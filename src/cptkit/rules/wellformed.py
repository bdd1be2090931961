"""What may be wrong with a table of rules, bundled or of another package."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module

from cptkit.rules.rows import NEEDS
from cptkit.rules.table import RuleRow, RuleTable

__all__ = ["namespace_problem", "problems"]

_ID = re.compile(r"[A-Z]{3}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_NAMESPACE = re.compile(r"[a-z][a-z0-9_]*")
_FAMILY = re.compile(r"[a-z]{1,3}\d*|preview")
_MODULE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+", re.IGNORECASE)


def namespace_problem(namespace: str) -> str:
    """What is wrong with a namespace; empty when nothing is.

    One that could be read as a prefix of bundled ids, or as a rule's name, would take their place.

    >>> namespace_problem("acme"), namespace_problem("mod")
    ('', "the namespace 'mod' reads as a prefix of cptkit's own ids")
    """
    if not _NAMESPACE.fullmatch(namespace):
        return f"the namespace {namespace!r} is not made of small letters, digits and underscores"
    if _FAMILY.fullmatch(namespace):
        return f"the namespace {namespace!r} reads as a prefix of cptkit's own ids"
    return ""


def problems(table: RuleTable, namespace: str = "", *, pages: bool = True) -> tuple[str, ...]:
    """Everything that is wrong with a table whose rules all have this namespace.

    :param pages: whether to import the modules of its rules and see that each has a docstring, its page.
        One that cannot be imported is told when the rule is asked for.

    >>> problems(RuleTable((RuleRow("acme:ABC1", "no-referral", "acme_rules.abc101"),)), "acme")
    ("acme:ABC1: the id is not acme: with three letters and three digits, such as 'acme:ABC101'",)
    >>> problems(RuleTable(()), "acme")
    ('the table has no rows',)
    """
    before = f"{namespace}:" if namespace else ""
    return tuple(_misshapen(table)) or tuple(_problems(table, before, pages))


def _misshapen(table: RuleTable) -> Iterator[str]:
    """Values of another type than they should be, before anything is asked of them."""
    if not table.rows:
        yield "the table has no rows"
    if not all(isinstance(row, RuleRow) for row in table.rows):
        yield "a row is no RuleRow"
        return
    for row in table.rows:
        for told in ("id", "name", "module", "since", "package"):
            value = getattr(row, told)
            if not isinstance(value, str):
                yield f"{row.id}: {told} is of type {type(value).__name__}, not a text"
        needs: object = row.needs
        if not isinstance(needs, tuple) or not all(isinstance(need, str) for need in needs):
            yield f"{row.id}: needs is not a tuple or list of texts: {needs!r}"
    redirects: object = table.redirects
    if not isinstance(redirects, Mapping):
        yield f"the redirects are of type {type(redirects).__name__}, not a mapping of old to new ids"
    elif not all(isinstance(text, str) for pair in redirects.items() for text in pair):
        yield "the redirects are not all from a text to a text"


def _problems(table: RuleTable, before: str, pages: bool) -> Iterator[str]:
    for told in ("id", "name"):
        times = Counter(getattr(row, told) for row in table.rows)
        yield from (f"{text}: the {told} stands twice" for text, number in times.items() if number > 1)
    for row in table.rows:
        wrong = tuple(_wrong_with(row, before))
        if pages and not wrong and _lacks_page(row):
            wrong = (f"the module {row.path} has no docstring, which is the page of the rule",)
        yield from (f"{row.id}: {each}" for each in wrong)
    ids = {row.id for row in table.rows}
    taken = {text.lower() for row in table.rows for text in (row.id, row.full_name)}
    for old, new in table.redirects.items():
        own = old.removeprefix(before)
        if old.lower() in taken or not old.startswith(before):
            yield f"{old}: redirected, and not an old id or name of this table"
        elif not (_ID.fullmatch(own.upper()) or _NAME.fullmatch(own)):
            yield f"{old}: redirected, and not a whole id or name"
        if new not in ids:
            yield f"{old}: redirected to {new}, which is not in the table"


def _lacks_page(row: RuleRow) -> bool:
    with suppress(Exception, SystemExit):
        return not (import_module(row.path).__doc__ or "").strip()
    return False


def _wrong_with(row: RuleRow, before: str) -> Iterator[str]:
    if not row.id.startswith(before) or not _ID.fullmatch(row.id.removeprefix(before)):
        told = f"{before} with three" if before else "three"
        yield f"the id is not {told} letters and three digits, such as '{before}ABC101'"
    if not _NAME.fullmatch(row.name):
        yield f"the name {row.name!r} is not made of words with hyphens"
    if not _MODULE.fullmatch(row.module):
        yield f"the module {row.module!r} is not the name of a module in a package"
    unknown = sorted(set(row.needs) - NEEDS)
    if unknown:
        yield f"needs {', '.join(unknown)}; known are {', '.join(sorted(NEEDS))}"
