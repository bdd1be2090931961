"""Add-ons whose time is counted by the calendar month: the primary may stand on any day of it."""

from collections.abc import Collection

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.month import rest_of_month
from cptkit.rules.whose import Whose, uncertain

__all__ = ["in_month", "is_monthly"]


def is_monthly(context: Context, code: str, primaries: Collection[str]) -> bool:
    """Whether the time of an add-on is counted over a calendar month, under either basis.

    One that goes on top of several families has no time rule of its own, but stands in those of its primaries.
    """
    return context.kept(_is_monthly, code, frozenset(primaries))


def _is_monthly(code: str, primaries: frozenset[str], context: Context) -> bool:
    return timerule.counted_by_month(
        code, (code, *primaries), date_of_service=context.day, codeset=context.codeset
    )


def in_month(encounter: Encounter, context: Context, line: Line, primaries: Collection[str]) -> bool | str:
    """Whether one of the primaries stands on another day of the month; a text says why it only may.

    False for a code whose time is not counted by the month.
    """
    if not is_monthly(context, line.code, primaries):
        return False
    reason = ""
    for each, who in rest_of_month(encounter):
        if each.line.code in primaries:
            if who is Whose.SAME:
                return True
            if who is Whose.UNNAMED:
                reason = reason or f"{uncertain(each, who)}; it may be the primary of {line.code}"
    if encounter.days_apart:
        return "the other days of the month were not looked at, and its primary may stand on one of them"
    return reason or False
