"""A code that is paid only where nothing else of the day is stands beside a service that is paid.

Status T in Medicare's fee schedule says that a small service is paid when it is all that was done by the
practitioner on the day, and is part of anything else that is paid.

**Fails**: ``36592`` and ``99213`` on one day by one clinician.

**Passes**: ``36592`` alone; ``36592`` beside codes that carry no payment.

**Cure**: leave the line out; it is paid with the other service.

**Not checked**: such a code beside one of which the schedule does not say that it is paid, nor that it is
not; days without a release of the fee schedule.

**Limits**: practitioners' claims. Other payers may pay both, so under another basis this is a warning. Other
claims of the day are not seen.
"""

from collections.abc import Iterable, Iterator, Sequence

from cptkit.claims import Encounter, Line
from cptkit.rules.columns import Asked, Encounters, Reads, services
from cptkit.rules.context import Context
from cptkit.rules.emit import fix, unnamed
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.pfs.rows import PAID, Told, Unjudged, found, told
from cptkit.rules.pfs.seen import CLEAR, of_status, seen, unjudged_statuses
from cptkit.rules.spans import Facts

RULE = ("PFS909", "paid-only-alone")

_ALONE = "alone"
_UNPAID = ("never-apart", "other-code", "not-covered", "measure")
_SILENT, _UNKNOWN, _PAID_ALONE = 0, 1, 2


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is paid only alone, or nobody knows."""
    return bool(of_status(alone, context, (_ALONE,)) or seen(alone, context).unjudged)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every such line beside a line that is paid."""
    return () if seen(encounter, context) is CLEAR else _judge(encounter, context)


def _judge(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    for line, said in of_status(encounter, context, (_ALONE,)):
        yield from _beside(encounter, context, line, said, unjudged)
    yield from unjudged.entries(RULE, encounter)
    yield from unjudged_statuses(RULE, encounter, context)


def _beside(
    encounter: Encounter, context: Context, line: Line, said: Told, unjudged: Unjudged
) -> Iterator[Finding]:
    silent = Unjudged()
    paid: list[Line] = []
    unsure: list[str] = []
    for other in encounter.lines:
        if other.code == line.code:
            continue
        its = told(context, other, "status", silent)
        value = "" if its is None else its.meaning.value
        if value == PAID:
            paid.append(other)
        elif value not in _UNPAID:
            unsure.append(other.code)
    if paid:
        codes = ", ".join(dict.fromkeys(other.code for other in paid))
        yield found(
            RULE,
            encounter,
            context,
            (line, *paid),
            said,
            f"{line.code} beside {codes}: {said.meaning.text} ({said.schedule}, status {said.row.status})"
            f"{unnamed(encounter)}",
            denial=context.denial("separate-payment-never"),
            fixes=(
                fix(
                    FixKind.DROP_LINE,
                    line,
                    None,
                    f"drop {line.code}",
                    "the payer follows Medicare's fee schedule",
                ),
            ),
        )
    elif unsure:
        codes = ", ".join(dict.fromkeys(unsure))
        reason = (
            f"{line.code} is paid where nothing else of the day is, and whether {codes} is paid is not known"
        )
        unjudged.add(line, reason)


def columns(block: Encounters) -> Asked:
    """The encounters with a line that is paid only alone; of others each line of which nobody knows."""
    import numpy as np

    facts = block.facts
    kind = facts.of(_kinds, block.alike, block.services, facts.kept(services).values)
    whole = block.holding(kind == _PAID_ALONE)
    members, begins = block.whole(whole)
    others = np.flatnonzero((kind == _UNKNOWN) & ~np.isin(block.encounter, whole))
    alone = begins[-1] + np.arange(1, len(others) + 1)
    return Asked(
        np.concatenate([members, others]),
        np.concatenate([begins, alone]),
        frozenset({Reads.CODE, Reads.MODIFIERS}),
    )


def _kinds(facts: Facts, span: int, values: Sequence[tuple[int, int]]) -> list[int]:
    """What is to be asked because of each code with its modifiers."""
    context = facts.contexts[span]
    found = []
    for code, modifiers in values:
        alone = facts.alone(span, code, modifiers)
        if of_status(alone, context, (_ALONE,)):
            found.append(_PAID_ALONE)
        else:
            found.append(_UNKNOWN if seen(alone, context).unjudged else _SILENT)
    return found
