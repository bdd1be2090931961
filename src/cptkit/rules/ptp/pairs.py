"""The pair edits of an encounter, each held against the modifiers of its lines.

An edit names two codes: column 1 is paid and column 2 denied, whatever their order on the claim. Each
line of the column 2 code is judged by its own modifiers, and against every line of the column 1 code.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter, Line
from cptkit.codes import category_of
from cptkit.codesets import ModifierRecord
from cptkit.rules.context import Context
from cptkit.rules.modifiers import members
from cptkit.rules.ptp.places import misplaced
from cptkit.setting import Setting

if TYPE_CHECKING:
    from cptkit.edits import PtpEdit

__all__ = [
    "CLEAR",
    "EITHER_LINE",
    "NO_MODIFIER",
    "Pair",
    "Paired",
    "Tried",
    "bypassing",
    "distinct",
    "paired",
    "tried_on",
]

EITHER_LINE = "distinct-modifier-on-either-line"
"""The convention by which 59 and its like count on the line of column 1 too."""

SITE = "anatomic"
NO_MODIFIER = "no modifier bypasses this edit"
"""What indicator 0 says."""


@attrs.frozen(slots=True)
class Tried:
    """A modifier of the pair edits on a line of a pair.

    ``why_not``: why it does not bypass the edit; empty where it does. ``sure``: nobody who applies
    these edits sees it otherwise.
    """

    record: ModifierRecord
    line: Line
    why_not: str
    sure: bool = True


@attrs.frozen(slots=True)
class Pair:
    """A line of a column 2 code against the lines of the column 1 code.

    ``bypassed``: by the modifiers that are ``tried``; else ``tried`` are those that do not do it.
    """

    edit: "PtpEdit"
    column1: tuple[Line, ...]
    line: Line
    tried: tuple[Tried, ...]
    bypassed: bool

    @property
    def sure(self) -> bool:
        """Whether nobody who applies these edits sees the pair otherwise."""
        return all(each.sure for each in self.tried)


@attrs.frozen(slots=True)
class Paired:
    """The pairs of an encounter. ``unchecked``: why none could be looked up, or empty.

    ``outside``: edits between a code of the encounter, in column 2, and one that may belong to it.
    """

    pairs: tuple[Pair, ...] = ()
    unchecked: str = ""
    outside: "tuple[PtpEdit, ...]" = ()


CLEAR = Paired()
"""No pair is edited, and nothing was left unchecked."""

_NONE: list[Tried] = []


def distinct(context: Context) -> frozenset[str]:
    """59 and those that say more exactly why two services are apart."""
    return members("distinct", context)


def paired(encounter: Encounter, context: Context) -> Paired:
    """The pairs of an encounter; worked out once for all rules."""
    return context.once(_paired, encounter)


def _paired(encounter: Encounter, context: Context) -> Paired:
    # a line without units is no service, and no pair: COD103 tells of it
    codes = frozenset([line.code for line in encounter.lines if line.units > 0])
    asked = codes | encounter.elsewhere if encounter.elsewhere else codes
    if len(asked) < 2:
        return CLEAR
    answer = context.edits.pairs(asked, encounter.setting)
    if answer.not_checked:
        shaped = sum(category_of(code) is not None for code in asked)
        return Paired(unchecked=answer.not_checked) if shaped > 1 else CLEAR
    if not answer.edits:
        return CLEAR
    tried = {
        line.id: tried_on(line, encounter.setting, context) for line in encounter.lines if line.modifiers
    }
    pairs: list[Pair] = []
    outside: list[PtpEdit] = []
    for edit in answer.edits:
        if edit.column2 in codes:
            if edit.column1 in codes:
                pairs.extend(_judged(encounter, context, edit, tried))
            else:
                outside.append(edit)
    return Paired(tuple(pairs), "", tuple(outside))


def _judged(
    encounter: Encounter, context: Context, edit: "PtpEdit", tried: dict[str, list[Tried]]
) -> Iterator[Pair]:
    column1 = tuple([line for line in encounter.lines if line.code == edit.column1 and line.units > 0])
    first = [(line, tried.get(line.id, _NONE)) for line in column1]
    for line in encounter.lines:
        if line.code == edit.column2 and line.units > 0:
            yield Pair(edit, column1, line, *_held(context, edit, tried.get(line.id, _NONE), first))


def tried_on(line: Line, setting: Setting, context: Context) -> list[Tried]:
    """The modifiers of the pair edits on a line, and which of them do not stand on such a line."""
    return [
        Tried(record, line, why_not, not why_not)
        for record, why_not in bypassing(line.code, line.modifiers, setting, context)
    ]


def bypassing(
    code: str, modifiers: Iterable[str], setting: Setting, context: Context
) -> list[tuple[ModifierRecord, str]]:
    """The modifiers of the pair edits among some, each with why it does not stand on a line with that code."""
    if category_of(code) is None:
        return []
    records = [context.modifier(each) for each in sorted(set(modifiers))]
    return [
        (record, misplaced(record, code, setting, context))
        for record in records
        if record is not None and record.ncci_bypass
    ]


def _held(
    context: Context, edit: "PtpEdit", second: list[Tried], first: list[tuple[Line, list[Tried]]]
) -> tuple[tuple[Tried, ...], bool]:
    """The modifiers that bypass an edit between a line of column 2 and all of column 1, or those that do not."""
    every = [*second, *(each for _, tried in first for each in tried)]
    if not every:
        return (), False
    if edit.indicator == 0:
        return tuple([Tried(each.record, each.line, NO_MODIFIER) for each in every]), False
    sides = [(line, _against(context, second, tried)) for line, tried in first]
    working = [[each for each in side if not each.why_not] for _, side in sides]
    if all(working):
        return _once(working), True
    failing = [side for (_, side), works in zip(sides, working, strict=True) if not works]
    if any(failing):
        return _once(failing), False
    # no modifier on a line of column 2, nor on some line of column 1: those on its other lines do not help
    bare = next(line for line, side in sides if not side)
    why_not = f"it does not stand on line {bare.id} of {bare.code} too"
    return _once([[Tried(each.record, each.line, why_not, each.sure) for each in every]]), False


def _once(sides: list[list[Tried]]) -> tuple[Tried, ...]:
    found = {(each.line.id, each.record.code): each for side in sides for each in side}
    return tuple(found.values())


def _against(context: Context, second: list[Tried], first: list[Tried]) -> list[Tried]:
    """What the modifiers of a line of column 2 and of one of column 1 do between the two."""
    late = frozenset[str]() if context.convention(EITHER_LINE) is not None else distinct(context)
    no_site = _same_site(_sites(second), _sites(first))
    judged: list[Tried] = []
    for side, apart in ((second, frozenset[str]()), (first, late)):
        for each in side:
            if not each.why_not and SITE in each.record.kinds:
                judged.append(Tried(each.record, each.line, no_site, sure=False))
            elif not each.why_not and each.record.code in apart:
                judged.append(Tried(each.record, each.line, f"on {context.day} it counts on column 2 alone"))
            else:
                judged.append(each)
    return judged


def _sites(tried: list[Tried]) -> frozenset[str]:
    """The sites that a line names."""
    return frozenset(each.record.code for each in tried if not each.why_not and SITE in each.record.kinds)


def _same_site(second: frozenset[str], first: frozenset[str]) -> str:
    """Why the sites that two lines name do not bypass an edit; empty where they do."""
    if not second or not first:
        return "only one of the lines names a site"
    shared = sorted(second & first)
    return f"both lines name {', '.join(shared)}" if shared else ""
