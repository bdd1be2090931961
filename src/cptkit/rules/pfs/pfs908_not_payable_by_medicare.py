"""Medicare does not take the code, or does not cover it.

Status I in Medicare's fee schedule says that Medicare wants another code for the service, status N that
it does not cover it.

**Fails**: ``99417`` (status I) and ``90875`` (status N) under the basis ``medicare``.

**Passes**: ``90834``; both codes under the basis ``cpt``, as other payers take them.

**Bypassed**: ``90875-GY``; with GA, GX, GY or GZ the line is billed in order to be denied.

**Cure**: the code that Medicare takes instead, or no line for Medicare.

**Not checked**: days without a release of the fee schedule.

**Limits**: practitioners' claims under Medicare. Codes that stand outside the schedule (status E, J, X), are
priced by the contractor (C) or only count (M) pass. Which code Medicare takes is not known here.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import expected_unpaid
from cptkit.rules.pfs.rows import Told, found
from cptkit.rules.pfs.seen import CLEAR, of_status, seen, unjudged_statuses
from cptkit.sources import Basis

RULE = ("PFS908", "not-payable-by-medicare")

_OTHER_CODE, _NOT_COVERED = "other-code", "not-covered"


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line of a code that Medicare does not take or cover."""
    if context.basis is not Basis.MEDICARE or seen(encounter, context) is CLEAR:
        return ()
    return _judge(encounter, context)


def _judge(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    for line, said in of_status(encounter, context, (_OTHER_CODE, _NOT_COVERED)):
        yield _refused(encounter, context, line, said)
    yield from unjudged_statuses(RULE, encounter, context)


def _refused(encounter: Encounter, context: Context, line: Line, said: Told) -> Finding:
    message = f"{line.code} has status {said.row.status} in {said.schedule}: {said.meaning.text}"
    record = expected_unpaid(line, context)
    if record is not None:
        return found(
            RULE,
            encounter,
            context,
            (line,),
            said,
            f"{message}; with {record.code} the line expects that",
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            also=(record.history[-1].citation,),
            denial=None,
            fixes=(),
        )
    return found(
        RULE,
        encounter,
        context,
        (line,),
        said,
        message,
        denial=context.denial("code-payer-not-accepted"),
        fixes=_fixes(line, said),
    )


def _fixes(line: Line, said: Told) -> tuple[Fix, ...]:
    drop = fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", "nothing of it is billed to Medicare")
    if said.meaning.value == _OTHER_CODE:
        return (fix(FixKind.ASK, line, None, "report the code that Medicare takes for the service"), drop)
    return (drop,)
