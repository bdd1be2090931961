"""What the rules of the fee schedule ask of every encounter, looked up once for all of them."""

from collections.abc import Collection, Iterator

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.findings import NotChecked
from cptkit.rules.pfs.rows import PAID, Told, Unjudged, told
from cptkit.setting import Setting

__all__ = ["CLEAR", "Seen", "marked", "of_status", "seen", "unjudged_statuses"]


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
    """What the schedule says of an encounter; the last one is remembered."""
    kept = context.edits.seen
    if kept is not None and kept[0] is encounter:
        known: Seen = kept[1]
        return known
    found = _seen(encounter, context)
    context.edits.seen = (encounter, found)
    return found


def _seen(encounter: Encounter, context: Context) -> Seen:
    if encounter.setting is not Setting.PRACTITIONER:
        return CLEAR
    marks: list[tuple[Line, str]] = []
    statuses: list[tuple[Line, Told]] = []
    unjudged = Unjudged()
    for line in encounter.lines:
        if line.modifiers:
            marks.extend((line, modifier) for modifier in dict.fromkeys(line.modifiers))
        said = told(context, line, "status", unjudged, listed=False)
        if said is not None and said.meaning.value != PAID:
            statuses.append((line, said))
    return Seen(tuple(marks), tuple(statuses), unjudged) if marks or statuses or unjudged else CLEAR


def marked(encounter: Encounter, context: Context, modifiers: Collection[str]) -> list[tuple[Line, str]]:
    """The lines with one of the modifiers, once with each they have."""
    return [mark for mark in seen(encounter, context).marks if mark[1] in modifiers]


def of_status(encounter: Encounter, context: Context, values: Collection[str]) -> list[tuple[Line, Told]]:
    """The lines whose status means one of these."""
    return [(line, said) for line, said in seen(encounter, context).statuses if said.meaning.value in values]


def unjudged_statuses(rule: tuple[str, str], encounter: Encounter, context: Context) -> Iterator[NotChecked]:
    """The lines of which no status could be told."""
    return seen(encounter, context).unjudged.entries(rule, encounter)
