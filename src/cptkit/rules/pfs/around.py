"""Procedures of other days whose global period holds a day, as far as a history and the fee schedule tell."""

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from cptkit.codes import category_of
from cptkit.codesets import Convention
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.edits import NO_TABLES
from cptkit.rules.modifiers import named
from cptkit.rules.ptp.places import is_visit
from cptkit.rules.whose import told

if TYPE_CHECKING:
    from cptkit.edits import PfsRow

__all__ = ["AFTER", "BEFORE", "Around", "around", "longest"]

AFTER, BEFORE = "global-days-after/", "global-days-before/"
"""The first parts of the names of the facts that count the days of a global period."""

_ELSEWHERE = ("global-days-elsewhere",)
_UNCOUNTED = ("contractor", "maternity")


@attrs.frozen(slots=True)
class Around:
    """A procedure around a day, and the fact that counts its days."""

    past: PastLine
    days: Convention
    is_before: bool
    row: "PfsRow"


def longest(context: Context, prefix: str) -> int:
    """The most days of any global period after a procedure, or before it; 0 where none is on record."""
    found = (context.convention(name) for name in context.codeset.conventions if name.startswith(prefix))
    return max((int(days.value) for days in found if days is not None), default=0)


def around(context: Context, each: PastLine, day: dt.date) -> Around | str | None:
    """The procedure whose days hold the day; a text says why it cannot be told, None that there is none."""
    code, done = each.line.code, each.line.date_of_service
    tables = context.edits.tables
    if category_of(code) is None or is_visit(code, context):
        return None
    if tables is None:
        return NO_TABLES
    answer = tables.pfs(code, date_of_service=done)
    said = told(each)
    if answer.not_checked:
        return f"the global days of {said}: {answer.not_checked}"
    if answer.row is None:
        return None
    row = answer.row
    means = context.convention(f"pfs-global/{row.global_days}")
    if means is not None and means.value in _UNCOUNTED:
        return f"the global days of {said} are {row.global_days} ({means.text}), which are not counted here"
    prefix = AFTER if done < day else BEFORE
    days = context.convention(prefix + row.global_days)
    if days is None or abs((day - done).days) > int(days.value):
        return None
    elsewhere = named(_ELSEWHERE, context)
    if elsewhere is None or not set(elsewhere).isdisjoint(each.line.modifiers):
        return (
            f"whose days the global period of {said} are is told by its modifiers, which are not judged here"
        )
    return Around(each, days, done > day, row)
