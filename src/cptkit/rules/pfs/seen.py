"""What the rules of the fee schedule ask of every encounter, looked up once for all of them."""

from collections.abc import Callable, Collection, Iterable, Iterator

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import not_checked
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.modifiers import named
from cptkit.rules.pfs.rows import PAID, Told, Unjudged, told
from cptkit.setting import Setting

__all__ = [
    "CLEAR",
    "ROLES",
    "Marks",
    "Seen",
    "bears",
    "by_modifier",
    "of_status",
    "seen",
    "unjudged_statuses",
]

Marks = list[tuple[Line, str]]
"""Lines, each with one of its modifiers."""

ROLES = tuple(
    f"pfs-modifiers/{role}"
    for role in (
        *("professional", "technical", "both-sides", "left", "right", "assistant", "co-surgeon", "team"),
        *("visit-unrelated", "visit-with-minor", "visit-with-major", "procedure-within"),
    )
)
"""The conventions that name the modifiers of which some rule of the family asks."""

_MOST = 10_000  # codes with their modifiers that are remembered


@attrs.frozen(slots=True)
class Seen:
    """An encounter as the schedule judges it: lines of practitioners alone.

    ``marks``: each line with each of its modifiers of which a rule asks, once; with all of them where one of
    the roles is not on record. ``statuses``: lines whose code is not simply paid. ``unjudged``: lines of which
    no status could be told.
    """

    marks: tuple[tuple[Line, str], ...]
    statuses: tuple[tuple[Line, Told], ...]
    unjudged: Unjudged


CLEAR = Seen((), (), Unjudged())
"""No line has a modifier of which a rule asks, and all are paid."""


def seen(encounter: Encounter, context: Context) -> Seen:
    """What the schedule says of an encounter; worked out once for all rules."""
    return context.once(_seen, encounter)


def _seen(encounter: Encounter, context: Context) -> Seen:
    if encounter.setting is not Setting.PRACTITIONER:
        return CLEAR
    marks: list[tuple[Line, str]] = []
    statuses: list[tuple[Line, Told]] = []
    unjudged = Unjudged()
    asked = named(ROLES, context)
    for line in encounter.lines:
        if line.modifiers:
            borne = dict.fromkeys(line.modifiers)
            marks.extend((line, each) for each in borne if asked is None or each in asked)
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


def by_modifier(
    rule: tuple[str, str],
    encounter: Encounter,
    context: Context,
    roles: tuple[str, ...],
    judge: Callable[[Encounter, Context, Marks], Iterable[Finding | NotChecked]],
) -> Iterable[Finding | NotChecked]:
    """What a rule says of the lines with a modifier of those roles, once for each that a line has.

    ``roles``: the conventions that name them. Where one is not on record for the day, no line with a
    modifier is judged.
    """
    marks = seen(encounter, context).marks
    if not marks:
        return ()
    modifiers = named(roles, context)
    if modifiers is None:
        lines = tuple(line for line in encounter.lines if line.modifiers)
        reason = f"which modifiers this is about is not on record for {context.day}"
        return (not_checked(rule, encounter, lines, reason),)
    borne = [mark for mark in marks if mark[1] in modifiers]
    return judge(encounter, context, borne) if borne else ()


def bears(roles: tuple[str, ...], alone: Encounter, context: Context) -> bool:
    """Whether a line alone has a modifier of those roles; any, where one of them is not on record."""
    (line,) = alone.lines
    modifiers = named(roles, context)
    return bool(line.modifiers) if modifiers is None else not set(modifiers).isdisjoint(line.modifiers)


def of_status(encounter: Encounter, context: Context, values: Collection[str]) -> list[tuple[Line, Told]]:
    """The lines whose status means one of these."""
    return [(line, said) for line, said in seen(encounter, context).statuses if said.meaning.value in values]


def unjudged_statuses(rule: tuple[str, str], encounter: Encounter, context: Context) -> Iterator[NotChecked]:
    """The lines of which no status could be told."""
    return seen(encounter, context).unjudged.entries(rule, encounter)
