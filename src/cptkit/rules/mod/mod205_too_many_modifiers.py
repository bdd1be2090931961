"""A line has more modifiers than it has places for.

A claim line has four places for modifiers. Where more are needed, modifier 99 says so and the others are
named elsewhere on the claim, or the service is billed on two lines.

**Fails**: ``90837-95-HO-U1-59-HE``.

**Passes**: ``90837-95-HO-U1-59``; one modifier stated twice, which is MOD204, and four others.

**Bypassed**: more than four with 99 among them: the record must show where the others are named.

**Cure**: leave out those that say nothing to the payer, or name the rest elsewhere with 99.

**Not checked**: days before the number of places is on record.

**Limits**: contractors want 99 in different ways, in the fourth place or alone. Whether it stands as the payer
of the claim wants is not judged.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity

RULE = ("MOD205", "too-many-modifiers")

_PLACES = "modifier-places"
_OVERFLOW = "overflow"


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line with more different modifiers than places."""
    lines = [line for line in encounter.lines if len(line.modifiers) > 1]
    return _check(encounter, context, lines) if lines else ()


def _check(encounter: Encounter, context: Context, lines: list[Line]) -> Iterator[Finding | NotChecked]:
    places = context.convention(_PLACES)
    if places is None or not places.value.isdecimal():
        reason = f"for how many modifiers a line has places is not on record for {context.day}"
        yield not_checked(RULE, encounter, tuple(lines), reason)
        return
    for line in lines:
        # one that stands there twice goes by another rule, and leaves its place
        modifiers = tuple(dict.fromkeys(line.modifiers))
        if len(modifiers) > int(places.value):
            yield _judge(encounter, context, line, modifiers, places)


def _judge(
    encounter: Encounter, context: Context, line: Line, modifiers: tuple[str, ...], places: Convention
) -> Finding:
    says_more = [modifier for modifier in modifiers if _is_overflow(modifier, context)]
    message = f"{line.code} has {len(modifiers)} modifiers, and a line has places for {places.value}"
    if says_more:
        return finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{message}; {says_more[0]} says that there are more: the claim must name them elsewhere",
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(places.citation,),
        )
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        evidence=(places.citation,),
        denial=context.denial("modifier-too-many"),
        fixes=(
            fix(
                FixKind.ASK,
                line,
                None,
                "leave out what says nothing to the payer, such as a state's modifiers",
            ),
            fix(FixKind.ASK, line, None, "or let 99 say that there are more, and name the rest elsewhere"),
        ),
    )


def _is_overflow(modifier: str, context: Context) -> bool:
    record = context.modifier(modifier)
    return record is not None and _OVERFLOW in record.kinds
