"""Two surgeons share a procedure with 62, and the fee schedule does not pay two for the code.

With 62, two surgeons of different specialties each bill the same code. The indicator of Medicare's fee
schedule for co-surgeons says whether that is paid: never, where the need is documented, or always.

**Fails**: ``17110-62``.

**Passes**: a code whose two surgeons are paid (indicator 2).

**Cure**: bill as documented: one surgeon, and an assistant where one is paid.

**Not checked**: codes whose two surgeons are paid where the need is documented (indicator 1), as a claim
does not show that; days without a release of the fee schedule; codes that it does not list.

**Limits**: practitioners' claims; the indicators are Medicare's, so under another basis this is a warning.
The other surgeon's claim and the specialties are not seen. A code to which two surgeons do not apply is a
warning. Two roles on one line are MOD204.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked
from cptkit.rules.pfs.roles import role_not_paid

RULE = ("PFS904", "co-surgeon-not-payable")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every co-surgeon's line that is not paid."""
    return role_not_paid(
        RULE,
        encounter,
        context,
        role="pfs-modifiers/co-surgeon",
        column="cosurg",
        denial="modifier-inconsistent",
        fixes=_fixes,
    )


def _fixes(line: Line) -> tuple[Fix, ...]:
    return (
        fix(FixKind.ASK, line, None, "bill the role that the operative report shows: surgeon or assistant"),
    )
