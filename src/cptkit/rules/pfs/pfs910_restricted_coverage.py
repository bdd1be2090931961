"""Medicare covers the code in some cases only.

Status R in Medicare's fee schedule: special rules say when the service is paid. Nothing is wrong with the
line; a person should look whether the case is one of them.

**Fails**: ``90846`` under the basis ``medicare``, as a review.

**Passes**: ``90847``; ``90846`` under the basis ``cpt``.

**Cure**: hold the record against the contractor's rules for the code.

**Not checked**: days without a release of the fee schedule.

**Limits**: practitioners' claims under Medicare. The rules themselves are not known here.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.pfs.rows import found
from cptkit.rules.pfs.seen import CLEAR, of_status, seen, unjudged_statuses
from cptkit.sources import Basis

RULE = ("PFS910", "restricted-coverage")

_RESTRICTED = "restricted"


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """A review for every line of a code that Medicare covers in some cases only."""
    if context.basis is not Basis.MEDICARE or seen(encounter, context) is CLEAR:
        return ()
    return _judge(encounter, context)


def _judge(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    for line, said in of_status(encounter, context, (_RESTRICTED,)):
        yield found(
            RULE,
            encounter,
            context,
            (line,),
            said,
            f"{line.code} has status {said.row.status} in {said.schedule}: {said.meaning.text}",
            severity=Severity.REVIEW,
            denial=context.denial("coverage-policy"),
            fixes=(fix(FixKind.ASK, line, None, "check that the case is one that is covered"),),
        )
    yield from unjudged_statuses(RULE, encounter, context)
