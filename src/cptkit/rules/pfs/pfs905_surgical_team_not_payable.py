"""A team of surgeons is billed with 66, and the fee schedule does not pay a team for the code.

The indicator of Medicare's fee schedule for teams says whether more than two surgeons are paid: never,
where the need is documented, or by report.

**Fails**: ``47562-66``.

**Passes**: a code whose team is paid by report (indicator 2).

**Cure**: bill as documented: the surgeon, a second one, or an assistant, where these are paid.

**Not checked**: codes whose team is paid where the need is documented (indicator 1), as a claim does not
show that; days without a release of the fee schedule; codes that it does not list.

**Limits**: practitioners' claims; the indicators are Medicare's, so under another basis this is a warning.
A code to which teams do not apply is a warning. Two roles on one line are MOD204.
"""

from collections.abc import Iterable

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked
from cptkit.rules.pfs.roles import role_not_paid

RULE = ("PFS905", "surgical-team-not-payable")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line of a team that is not paid."""
    return role_not_paid(
        RULE,
        encounter,
        context,
        role="pfs-modifiers/team",
        column="team",
        denial="modifier-inconsistent",
        fixes=_fixes,
    )


def _fixes(line: Line) -> tuple[Fix, ...]:
    text = "bill the role that the operative report shows: surgeon, co-surgeon or assistant"
    return (fix(FixKind.ASK, line, None, text),)
