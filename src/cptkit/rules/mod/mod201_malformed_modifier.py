"""A modifier does not have two characters.

A modifier is two letters or digits; anything else is rejected before a payer reads further.

**Fails**: ``90834`` with ``9`` or ``95X``.

**Passes**: ``90834-95``.

**Cure**: correct or remove it. The rule never guesses which modifier was meant.

**Limits**: shape only. Whether the modifier exists is MOD202.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.modifiers import is_valid_modifier
from cptkit.rules.context import Context
from cptkit.rules.emit import by_shape, finding, fix
from cptkit.rules.findings import Finding, FixKind

RULE = ("MOD201", "malformed-modifier")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every modifier without a modifier's shape."""
    for line in encounter.lines:
        for modifier in dict.fromkeys(line.modifiers):
            if not is_valid_modifier(modifier):
                evidence, severity = by_shape(context, "modifier")
                yield finding(
                    RULE,
                    encounter,
                    context,
                    (line,),
                    f"{modifier!r} is not a modifier: two letters or digits",
                    severity=severity,
                    evidence=evidence,
                    denial=context.denial("modifier-invalid-format"),
                    fixes=(fix(FixKind.ASK, line, None, "enter the modifier that was meant, or none"),),
                )
