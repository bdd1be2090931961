"""The claim is filed after the last day on which the payer takes it.

Payers take a claim for so many days after the date of service. The number is in a profile; without one that
holds it, the rule is left out.

**Fails**: a line of 2026-03-02 on a claim that is filed on 2026-06-01 where the payer takes it for 90 days. A
review where it lets a person judge.

**Passes**: the same on 2026-05-31, the ninetieth day.

**Cure**: see whether the payer takes it late, as where another payer came first.

**Not checked**: claims without a day of filing, or filed before the date of service; no profile that says the
number; a number that is not on record for the day.

**Limits**: days are counted from the date of service, without it. What a payer counts otherwise, by calendar
months or from the answer of another payer, is not seen: 365 days end a day before a calendar year that holds a
29 February. When a claim was corrected and filed again is not on it.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.pay.judging import judged
from cptkit.rules.profiles.payer_facts import PayerFact
from cptkit.rules.profiles.severity import severity_of

RULE = ("PAY103", "filed-too-late")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line and number of days that are over when the claim is filed."""
    asked = "for how many days the payer takes a claim"
    return judged(RULE, "filing-days", asked, _judge, encounter, context)


def _judge(
    encounter: Encounter, context: Context, fact: PayerFact, line: Line
) -> Iterator[Finding | NotChecked]:
    filed = encounter.filed
    if filed is None:
        reason = "no one day of filing is given for the claim"
        yield not_checked(RULE, encounter, (line,), reason)
        return
    days = (filed - encounter.date_of_service).days
    if days < 0:
        reason = f"the day of filing, {filed}, is before the date of service"
        yield not_checked(RULE, encounter, (line,), reason)
    elif days > fact.most:
        usually = "usually " if fact.usually else ""
        span = f"{fact.most} day{'s' * (fact.most > 1)}"
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{line.code} is filed on {filed}, on day {days}, and the payer {usually}takes it for {span}",
            severity=severity_of(fact),
            evidence=(fact.convention.citation,),
            denial=None if fact.usually else context.denial("timely-filing"),
            fixes=(
                fix(FixKind.ASK, line, None, "see whether the payer takes it late, and what it asks for"),
            ),
        )
