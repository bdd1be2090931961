"""A modifier says that a telemedicine visit was held in another way than its code does.

The codes of 2025 say themselves how a visit was held: by picture and sound, or by sound alone.

**Fails**: ``98005-93`` (the code is for picture and sound, the modifier for sound alone); ``98013-95``.

**Passes**: ``98005``; ``98005-95``; ``98013-93``; ``99213-93``.

**Cure**: no modifier where the code is right, or the code for how the visit was held.

**Limits**: the codes from ``98000`` to ``98015`` alone; which other codes may be held by sound alone was not read
whole. Whether a payer takes these codes is not asked.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, removal
from cptkit.rules.findings import Finding, FixKind
from cptkit.rules.pos.places import by_code, telehealth_modifiers

RULE = ("POS005", "telehealth-modifier-contradicts-code")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every modifier that contradicts the code of its line."""
    for line in encounter.lines:
        if line.modifiers:
            row = by_code(context, "code-mode").get(line.code)
            if row is not None:
                yield from _judge(encounter, context, line, row)


def _judge(encounter: Encounter, context: Context, line: Line, row: Convention) -> Iterator[Finding]:
    for modifier in sorted(telehealth_modifiers(context).intersection(line.modifiers)):
        mode = context.convention(f"modifier-mode/{modifier}")
        if mode is None or mode.value == row.value:
            continue
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{line.code} is one of the {row.text}, and {modifier} says that it was {mode.text}",
            evidence=(row.citation, mode.citation),
            denial=context.denial("modifier-inconsistent"),
            fixes=(
                fix(FixKind.ASK, line, None, f"enter the code for a visit {mode.text}, if it was held so"),
                removal(line, modifier, "the code is right"),
            ),
        )
