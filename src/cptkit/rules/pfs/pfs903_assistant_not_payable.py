"""An assistant at surgery is billed, and the fee schedule pays none for the code.

80, 81 and 82 say that a physician assisted, AS that another practitioner did. The indicator of Medicare's
fee schedule for assistants says whether that is paid: never, where the need is documented, or always.

**Fails**: ``17110-80``; ``66984-AS``.

**Passes**: ``47562-80``; ``47562-AS``.

**Cure**: do not bill the assistant's line to a payer that follows the schedule. The modifier must not be
taken away: the line would then be a surgeon's.

**Not checked**: codes whose assistant is paid where the need is documented (indicator 0), as a claim does
not show that; days without a release of the fee schedule; codes that it does not list.

**Limits**: practitioners' claims; the indicators are Medicare's, so under another basis this is a warning.
A code to which assistants do not apply is a warning. Two roles on one line are MOD204.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked
from cptkit.rules.pfs.roles import role_not_paid

RULE = ("PFS903", "assistant-not-payable")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every assistant's line that is not paid."""
    return role_not_paid(
        RULE,
        encounter,
        context,
        role="pfs-modifiers/assistant",
        column="asst",
        denial="assistant-not-allowed",
        fixes=_fixes,
    )


def _fixes(line: Line) -> tuple[Fix, ...]:
    return (
        fix(
            FixKind.DROP_LINE,
            line,
            None,
            "drop the assistant's line",
            "the payer follows Medicare's fee schedule",
        ),
    )
