"""More of a service on a day than the payer pays.

Payers limit what they pay for a patient on a day: units of a code, sessions of one kind, minutes of several
codes together. The numbers are in a profile; without one that holds some, the rule is left out.

**Fails**: ``97153`` with 33 units where the payer pays 32 a day; ``90834`` and ``90837`` on one day where it
pays one session; 241 documented minutes where it pays 240. A review where the payer lets a person judge.

**Passes**: what is within the number, on all lines of the claim, whoever's they are, and of the history.

**Bypassed**: more sessions where the payer lifts its number for a code that stands on the day, such as crisis
care.

**Cure**: see what was done, and what the payer pays above its number, before it is billed.

**Not checked**: no profile that says a number; a number that is not on record for the day; lines without
minutes where minutes are counted; codes that also stand without a clinician, and rows that were lost.

**Limits**: the number is the patient's, whoever gave the service: all lines of the claim count, each clinician
whose lines are among them is told, and what stands on other claims counts where a history is given. All of it
is taken to be of this payer. Units taken back make no room. What an authorisation allows is not on a claim.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.frq.limits import among, called, judged, most_allowed, others, said
from cptkit.rules.profiles.payer_facts import PayerFact
from cptkit.rules.profiles.severity import severity_of

RULE = ("FRQ004", "day-over-payer-limit")

_MINUTES, _SESSIONS = "minutes-a-day", "sessions-a-day"
_NAMES = frozenset({"units-a-day", _SESSIONS, _MINUTES})


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every limit of a day that the lines are over."""
    return judged(RULE, _NAMES, _judge, encounter, context)


def _judge(
    encounter: Encounter, context: Context, fact: PayerFact, lines: tuple[Line, ...]
) -> Iterator[Finding | NotChecked]:
    day = encounter.date_of_service
    past = others(fact, encounter, day, day)
    beside = tuple(among(fact, encounter.beside))
    counted = (*lines, *beside) if past is None else tuple(each.line for each in past)
    if fact.heading == _MINUTES:
        total = sum(line.documented_minutes or 0 for line in counted)
        untold = [line for line in counted if line.documented_minutes is None]
    else:
        total, untold = sum(line.units for line in counted), []
    if total > fact.most:
        yield _over(encounter, context, fact, lines, total, counted)
    elif untold:
        codes = ", ".join(sorted({line.code for line in untold}))
        yield not_checked(
            RULE, encounter, lines, f"{codes} of the day is without minutes, and they are counted"
        )
    elif encounter.incomplete or (past is None and not encounter.elsewhere.isdisjoint(fact.codes)):
        where = "on another claim, on a line without a clinician, or on a row that was lost"
        reason = f"more of it may stand on the day: {where}"
        yield not_checked(RULE, encounter, lines, reason)


def _over(
    encounter: Encounter,
    context: Context,
    fact: PayerFact,
    lines: tuple[Line, ...],
    total: int,
    counted: tuple[Line, ...],
) -> Finding:
    text = said(fact, (*lines, *counted), total, _elsewhere(encounter, fact))
    message = f"{text}, and {most_allowed(fact, 'a day')}"
    evidence = (fact.convention.citation,)
    lifting = _lifting(encounter, fact)
    if lifting:
        record = f"{message}, lifted by {lifting}: the record must show it"
        return finding(
            RULE,
            encounter,
            context,
            lines,
            record,
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=evidence,
        )
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message,
        severity=severity_of(fact),
        evidence=evidence,
        denial=None if fact.usually else context.denial(_denied(fact)),
        fixes=(fix(FixKind.ASK, lines[0], None, "see what the payer pays above its number, and when"),),
    )


def _elsewhere(encounter: Encounter, fact: PayerFact) -> Iterator[str]:
    """What else of the day counts, by name: other clinicians' lines of the claim, then those of other claims."""
    for line in among(fact, encounter.beside):
        yield f"line {line.id}"
    past, day = encounter.past, encounter.date_of_service
    if past is not None:
        counted = others(fact, encounter, day, day) or []
        yield from (called(each) for each in counted if each.claim is not past.claim)


def _denied(fact: PayerFact) -> str:
    """The kind of denial: a second session of a kind, or more units or minutes than are paid."""
    return "session-limit-day" if fact.heading == _SESSIONS else "frequency-exceeded"


def _lifting(encounter: Encounter, fact: PayerFact) -> str:
    """The codes of the patient's day that lift the limit; empty where none does."""
    day, past = encounter.date_of_service, encounter.past
    codes = {line.code for line in (*encounter.lines, *encounter.beside)}
    if past is not None:
        codes.update(each.line.code for each in past.between(day, day))
    return ", ".join(sorted(codes.intersection(fact.unless)))
