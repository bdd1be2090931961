"""What the rules of the fee schedule ask of every encounter, looked up once for all of them."""

from collections.abc import Collection, Iterator

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.findings import NotChecked
from cptkit.rules.pfs.rows import PAID, Told, Unjudged, told
from cptkit.setting import Setting

__all__ = ["CLEAR", "Seen", "marked", "of_status", "seen", "unjudged_statuses"]


_MOST = 10_000  # codes with their modifiers that are remembered


@attrs.frozen(slots=True)
class Seen:
    """An encounter as the schedule judges it: lines of practitioners alone.

    ``marks``: each line with each of its modifiers, once. ``statuses``: lines whose code is not simply
    paid. ``unjudged``: lines of which no status could be told.
    """

    marks: tuple[tuple[Line, str], ...]
    statuses: tuple[tuple[Line, Told], ...]
    unjudged: Unjudged


CLEAR = Seen((), (), Unjudged())
"""No line has a modifier, and all are paid."""


def seen(encounter: Encounter, context: Context) -> Seen:
    """What the schedule says of an encounter; worked out once for all rules."""
    return context.once(_seen, encounter)


def _seen(encounter: Encounter, context: Context) -> Seen:
    if encounter.setting is not Setting.PRACTITIONER:
        return CLEAR
    marks: list[tuple[Line, str]] = []
    statuses: list[tuple[Line, Told]] = []
    unjudged = Unjudged()
    for line in encounter.lines:
        if line.modifiers:
            marks.extend((line, modifier) for modifier in dict.fromkeys(line.modifiers))
        said = _unpaid(context, line, unjudged)
        if said is not None:
            statuses.append((line, said))
    return Seen(tuple(marks), tuple(statuses), unjudged) if marks or statuses or unjudged else CLEAR


def _unpaid(context: Context, line: Line, unjudged: Unjudged) -> Told | None:
    """The status of a line whose code is not simply paid; those that are, are remembered."""
    key = (line.code, line.modifiers)
    if key in context.edits.paid:
        return None
    said = told(context, line, "status", unjudged, listed=False)
    if said is None or said.meaning.value != PAID:
        return said
    if len(context.edits.paid) < _MOST:
        context.edits.paid.add(key)
    return None


def marked(encounter: Encounter, context: Context, modifiers: Collection[str]) -> list[tuple[Line, str]]:
    """The lines with one of the modifiers, once with each they have."""
    return [mark for mark in seen(encounter, context).marks if mark[1] in modifiers]


def of_status(encounter: Encounter, context: Context, values: Collection[str]) -> list[tuple[Line, Told]]:
    """The lines whose status means one of these."""
    return [(line, said) for line, said in seen(encounter, context).statuses if said.meaning.value in values]


def unjudged_statuses(rule: tuple[str, str], encounter: Encounter, context: Context) -> Iterator[NotChecked]:
    """The lines of which no status could be told."""
    return seen(encounter, context).unjudged.entries(rule, encounter)
