"""A modifier is not on the list of modifiers.

**Fails**: ``90837-ZQ``.

**Passes**: ``90837-95``.

**Cure**: correct or remove it.

**Not checked**: modifiers where an edition of one's own lists none.

**Limits**: the list is complete up to a day that the finding names. After that day an unknown
modifier may be a newer one, so the finding is a warning; up to that day it is an error.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.modifiers import is_valid_modifier
from cptkit.rules.context import Context
from cptkit.rules.emit import by_shape, finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity

RULE = ("MOD202", "unknown-modifier")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every well-formed modifier that the edition does not list."""
    for line in encounter.lines:
        for modifier in dict.fromkeys(line.modifiers):
            if context.modifier(modifier) is not None or context.modifier_starts_later(modifier) is not None:
                continue
            if is_valid_modifier(modifier):
                if not context.codeset.modifiers:
                    reason = f"edition {context.codeset.edition} lists no modifiers"
                    yield not_checked(RULE, encounter, (line,), reason)
                    break
                complete_on = context.codeset.modifiers_complete_on
                is_newer = encounter.date_of_service > complete_on
                message = f"{modifier} is not on the list of modifiers, complete as of {complete_on}"
                evidence, severity = by_shape(context, "listed-modifier")
                yield finding(
                    RULE,
                    encounter,
                    context,
                    (line,),
                    message + ("; a newer one would not be there" if is_newer else ""),
                    severity=Severity.WARNING if is_newer else severity,
                    evidence=evidence,
                    denial=context.denial("modifier-invalid-format"),
                    fixes=(fix(FixKind.ASK, line, None, "enter the modifier that was meant, or none"),),
                )
