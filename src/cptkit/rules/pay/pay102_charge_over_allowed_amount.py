"""The charge is above what the payer allows.

Such a line is paid at the amount that is allowed, and the rest is written off: nothing is denied, so this is
always a review. The amounts are in a profile; without one that holds some, the rule is left out.

**Fails**: ``90834`` with a charge of 150.00 where the payer allows 110.50.

**Passes**: a charge of 221.00 for two units at 110.50; codes without an amount.

**Cure**: nothing need be changed; see what the contract says of the difference.

**Not checked**: lines without a charge that is a number; no profile that says an amount; an amount that is not
on record for the day.

**Limits**: an amount is for a unit, whatever the modifiers, the place and the clinician: where the payer allows
less for a second procedure or another credential, that is not seen. Lines that take units back are not judged.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.charges import charged
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, number
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.pay.judging import judged
from cptkit.rules.profiles.payer_facts import PayerFact

RULE = ("PAY102", "charge-over-allowed-amount")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line and amount that its charge is above."""
    asked = "what the payer allows for a service"
    return judged(RULE, "allowed-amount", asked, _judge, encounter, context)


def _judge(
    encounter: Encounter, context: Context, fact: PayerFact, line: Line
) -> Iterator[Finding | NotChecked]:
    if line.units <= 0:
        return
    charge, allowed = charged(line), fact.amount * line.units
    if charge is None:
        reason = f"the payer allows {fact.amount} for a unit of {line.code}, and its charge is not known"
        yield not_checked(RULE, encounter, (line,), reason)
    elif charge > allowed:
        units = f"{number(line.units)} unit{'s' * (line.units > 1)}"
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{line.code} has a charge of {charge:.12g}, and the payer allows {allowed:.12g} for {units}",
            severity=Severity.REVIEW,
            evidence=(fact.convention.citation,),
            denial=context.denial("payment-at-fee"),
            fixes=(fix(FixKind.ASK, line, None, "see what the contract says of the difference"),),
        )
