"""The place says one thing of telehealth, the modifiers another.

Telehealth is told twice on a line: by place ``02`` or ``10``, and by a modifier that says how it was held
(``95``, ``93``, ``GT``, ``GQ``, ``FQ``). Up to the end of 2023 the place of the visit in person could
stand beside the modifier; since 2024 Medicare takes ``02`` or ``10`` alone.

**Fails**: ``90834-95`` at place ``11`` on 2024-01-02: an error under Medicare, otherwise a review, as
payers differ; ``90834`` at place ``10`` without a modifier, a review under CPT alone.

**Passes**: ``90834-95`` at ``10``; ``90834-95`` at ``11`` on 2023-12-31; under Medicare ``90834`` at ``10``;
``90834-95`` at ``22``, the clinician at the hospital and the patient at home; ``97110-GP-95`` at ``11``.

**Cure**: place ``10`` or ``02``, as the patient was at home or not and where the code may stand there; or no
modifier, where the visit was in person.

**Not checked**: under Medicare, a telehealth modifier on a line of which no place is given; once an encounter.

**Limits**: whether a code may be telehealth at all is POS004. A modifier is missed only on codes that were read on
CPT's list for ``95``; Medicare is not asked about it, as its texts differ. Two such modifiers on one line are
MOD204, a line with an unknown modifier is MOD202 first, and a place that is not on the list of the day is POS001.
Practitioners' claims only.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.modifiers import has_room
from cptkit.rules.pos.places import (
    denies_telehealth,
    misfit,
    put_telehealth,
    telehealth_elsewhere,
    telehealth_modifiers,
    telehealth_places,
    told,
    written,
)
from cptkit.setting import Setting
from cptkit.sources import Basis

RULE = ("POS002", "place-and-telehealth-modifier-disagree")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line that says both; one entry for all lines whose place is wanting."""
    if encounter.setting is not Setting.PRACTITIONER:
        return
    modes = telehealth_modifiers(context)
    asks = telehealth_places(context) if context.basis is Basis.CPT else ()
    without: list[Line] = []
    for line in encounter.lines:
        if line.modifiers and not modes.isdisjoint(line.modifiers):
            if written(line):
                yield from _elsewhere(encounter, context, line, modes)
            else:
                without.append(line)
        elif line.place_of_service is not None and written(line) in asks:
            yield from _unmarked(encounter, context, line)
    if without and context.basis is Basis.MEDICARE and telehealth_elsewhere(context) is not None:
        reason = "a modifier says telehealth, and no place of service is given"
        yield not_checked(RULE, encounter, tuple(without), reason)


def _elsewhere(
    encounter: Encounter, context: Context, line: Line, modes: frozenset[str]
) -> Iterator[Finding]:
    place = written(line)
    row = denies_telehealth(context, line, place)
    if row is None:
        return
    said = sorted(modes.intersection(line.modifiers))
    medicare = context.basis is Basis.MEDICARE
    verb = "says" if len(said) == 1 else "say"
    message = f"{' and '.join(said)} {verb} telehealth, and place {told(context, place)} does not"
    takes = " or ".join(sorted(telehealth_places(context)))
    message += f"; Medicare takes {takes}" if medicare else "; payers differ"
    fixes = (*put_telehealth(context, line), *_removed(context, line, place, said))
    ask = fix(FixKind.ASK, line, None, "say whether the visit was telehealth, and how it was held")
    yield finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.ERROR if medicare else Severity.REVIEW,
        evidence=(row.citation,),
        denial=context.denial("pos-mismatch") if medicare else None,
        fixes=fixes or (ask,),
    )


def _removed(context: Context, line: Line, place: str, said: list[str]) -> tuple[Fix, ...]:
    """The line without its telehealth modifier; a question where its code may not stand at the place either."""
    if len(said) > 1:
        return ()
    if misfit(context, line.code, place) is None:
        return (removal(line, said[0], "the visit was in person"),)
    ask = f"remove {said[0]} and enter the place where the patient was, if the visit was in person"
    return (fix(FixKind.ASK, line, None, ask),)


def _unmarked(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding]:
    wants = context.convention("telehealth-modifier-codes")
    offered = context.convention("telehealth-modifiers")
    if wants is None or offered is None or line.code not in wants.value.split():
        return
    if any(context.modifier(modifier) is None for modifier in line.modifiers):
        return  # MOD202 asks what was meant, and it may be this
    place = told(context, written(line))
    yield finding(
        RULE,
        encounter,
        context,
        (line,),
        f"place {place} says telehealth, and no modifier tells how {line.code} was held; payers differ",
        severity=Severity.REVIEW,
        evidence=(wants.citation,),
        fixes=_marked(context, line, offered.value.split()),
    )


def _marked(context: Context, line: Line, offered: list[str]) -> tuple[Fix, ...]:
    """A modifier that tells how it was held, where the line has a place for it; else a question."""
    if not has_room(line, context):
        ask = f"put {' or '.join(offered)} where the payer looks for it, if the payer asks for it"
        return (fix(FixKind.ASK, line, None, ask),)
    return tuple(
        fix(FixKind.ADD_MODIFIER, line, modifier, f"add {modifier}", _provided(context, modifier))
        for modifier in offered
    )


def _provided(context: Context, modifier: str) -> str:
    row = context.convention(f"modifier-mode/{modifier}")
    return "the payer asks for it" if row is None else f"it was {row.text}, and the payer asks for it"
