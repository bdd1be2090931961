"""A code stands on a line of its own, and Medicare never pays it apart.

Status B in Medicare's fee schedule says that the payment of a code is part of other services, status P
that it is part of the service it is incident to. A line of its own is denied, whatever stands beside it.

**Fails**: ``90887`` (status B); ``A4550`` (status B).

**Passes**: ``90834`` (status A); ``90899`` (status C: the contractor prices it).

**Cure**: leave the line out; what it stands for is paid with another service.

**Not checked**: days without a release of the fee schedule.

**Limits**: practitioners' claims. Other payers may pay what Medicare does not, so under another basis this
is a warning. Of codes that the schedule does not list nothing is said.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.pfs.rows import found
from cptkit.rules.pfs.seen import CLEAR, of_status, seen, unjudged_statuses

RULE = ("PFS907", "never-paid-separately")

_NEVER_APART = "never-apart"


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line of a code that is never paid apart."""
    return () if seen(encounter, context) is CLEAR else _judge(encounter, context)


def _judge(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    provided = "the payer follows Medicare's fee schedule"
    for line, said in of_status(encounter, context, (_NEVER_APART,)):
        yield found(
            RULE,
            encounter,
            context,
            (line,),
            said,
            f"{line.code} has status {said.row.status} in {said.schedule}: {said.meaning.text}",
            denial=context.denial("separate-payment-never"),
            fixes=(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided),),
        )
    yield from unjudged_statuses(RULE, encounter, context)
