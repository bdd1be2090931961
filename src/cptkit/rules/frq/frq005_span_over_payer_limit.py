"""More of a service in a week, a year or a span of days than the payer pays.

Payers limit what they pay for a patient in a calendar year, in seven days, or in a span of days or calendar
months that they name. The numbers are in a profile; without one that holds some, or without a history, the rule is left out.

**Fails**: ``96130`` in March and again in October where the payer pays it once a calendar year: the later
one; 17 units of ``97151`` within 14 days where it pays 16. A review where the payer lets a person judge.

**Passes**: ``96130`` in December and in January; where the payer pays so much in twelve months, on a day and
on the same day a year later.

**Cure**: see what the payer asks for before it pays more, such as an authorisation or a reason in the record.

**Not checked**: no profile that says a number; a number that is not on record for the day; no history, one
that begins after the first day of the span, or a row that was lost, where the number is not reached.

**Limits**: the number is the patient's, whoever gave the service, and all of the history is taken to be of
this payer. A span ends on the date of service; a week is any seven days; a span of months begins on the
day after the same day of the earlier month, or after its last day where it is shorter. Units taken back make no room. What an
authorisation allows, and when a benefit year begins, is not on a claim.
"""

import datetime as dt
from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.dated import months_before
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.frq.limits import called, judged, most_allowed, others, said
from cptkit.rules.profiles.payer_facts import PayerFact
from cptkit.rules.profiles.severity import severity_of
from cptkit.rules.whose import unknown_days

RULE = ("FRQ005", "span-over-payer-limit")

_WEEK, _YEAR = "a-week", "a-year"
_DAY = dt.timedelta(days=1)
_NAMES = frozenset(
    f"{what}-{span}" for what in ("units", "sessions") for span in (_WEEK, _YEAR, "in-days", "in-months")
)


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every limit of a span that ends on the day and that the lines are over."""
    return judged(RULE, _NAMES, _judge, encounter, context)


def _judge(
    encounter: Encounter, context: Context, fact: PayerFact, lines: tuple[Line, ...]
) -> Iterator[Finding | NotChecked]:
    first, span = _span(fact, encounter.date_of_service)
    past = others(fact, encounter, first, encounter.date_of_service) or []
    total = sum(each.line.units for each in past)
    if total > fact.most:
        yield _finding(encounter, context, fact, lines, past, span)
        return
    reason = unknown_days(encounter, first)
    if reason:
        yield not_checked(RULE, encounter, lines, reason)


def _span(fact: PayerFact, day: dt.date) -> tuple[dt.date, str]:
    """The first day of the span that ends on a day, and the span in words."""
    if fact.heading.endswith(_YEAR):
        return day.replace(month=1, day=1), "a calendar year"
    if fact.heading.endswith(_WEEK):
        return day - dt.timedelta(days=6), "a week"
    if fact.months:
        # from the day after the same one of an earlier month, or after the last of a shorter one
        first = months_before(day, fact.months) + _DAY
        return first, f"in {fact.months} month{'s' * (fact.months > 1)}"
    return day - (fact.days - 1) * _DAY, f"in {fact.days} days"


def _finding(
    encounter: Encounter,
    context: Context,
    fact: PayerFact,
    lines: tuple[Line, ...],
    past: list[PastLine],
    span: str,
) -> Finding:
    elsewhere = [each for each in past if each.line.date_of_service != encounter.date_of_service]
    total = sum(each.line.units for each in past)
    text = said(fact, (each.line for each in past), total, map(called, elsewhere))
    return finding(
        RULE,
        encounter,
        context,
        lines,
        f"{text}, and {most_allowed(fact, span)}",
        severity=severity_of(fact),
        evidence=(fact.convention.citation,),
        denial=None if fact.usually else context.denial("frequency-exceeded"),
        fixes=(fix(FixKind.ASK, lines[0], None, "see what the payer asks for before it pays more"),),
    )
