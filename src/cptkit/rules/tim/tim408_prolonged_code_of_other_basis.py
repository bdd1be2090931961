"""Prolonged time on a visit is billed with the other basis' code.

The code set and Medicare have prolonged codes of their own for the same visits, and count them from other
minutes: ``99417`` and ``99418`` here, ``G2212``, ``G0316``, ``G0317`` and ``G0318`` there. A payer takes one of the two.

**Fails**: under Medicare ``99417`` on ``99215`` (there it is ``G2212``); under CPT ``G0316`` on ``99223``
(there it is ``99418``).

**Passes**: ``99417`` on ``99215`` under CPT; ``99417`` on ``98007``, for which Medicare has no code of its own on
record.

**Cure**: the code of the basis that judges, where the documented minutes reach it; otherwise none.

**Limits**: visits for which both bases have a prolonged code on record. Prolonged time without its visit, or
on another than the highest level, is ADD301.
"""

from collections.abc import Iterator
from itertools import islice

import attrs

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix
from cptkit.rules.findings import Finding, Fix, FixKind, Severity
from cptkit.rules.minutes import most_units
from cptkit.rules.tim.sessions import Session, documented_minutes, goes_by_time, judged
from cptkit.rules.tim.wording import obstacle
from cptkit.sources import Citation
from cptkit.timerule import ChainFact, ServiceUnits

RULE = ("TIM408", "prolonged-code-of-other-basis")

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line that continues a visit under the other basis only."""
    found = judged(encounter, context)
    for loose in found.loose:
        visits = (visit for session in found.sessions for visit in _visits(loose.line, session, context))
        for session, here, there in islice(visits, 1):
            yield _finding(encounter, context, loose.line, session, here, there)


def _visits(line: Line, session: Session, context: Context) -> Iterator[tuple[Session, ChainFact, Citation]]:
    """What goes on top of the session's visit here, and what says that the line does under the other basis."""
    if line.code in session.rule.codes:
        return
    codes = {held.code for held in session.lines}
    for link in session.rule.chain:
        if link.after in codes:
            there = _evidence(line, link, context)
            if there is not None:
                yield session, link, there


def _evidence(line: Line, here: ChainFact, context: Context) -> Citation | None:
    """The fact that puts the line's code on top of the visit under the other basis, if there is one."""
    rule = context.other_time_rule(here.after)
    for link in () if rule is None else rule.chain:
        if (link.after, link.code) == (here.after, line.code):
            return link.citation
    # on some visits the pair was read, and not from which minute on
    addon = context.addon(line.code)
    named = timerule.is_named(line.code, context.day, context.codeset, context.other_basis)
    return addon.citation if named and addon is not None and here.after in addon.primaries else None


def _finding(
    encounter: Encounter, context: Context, line: Line, session: Session, here: ChainFact, there: Citation
) -> Finding:
    citations = (here.citation, there)
    sure = all(each.confidence in SURE for each in citations)
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{line.code} goes on top of {here.after} under {context.other_basis}; "
        f"under {context.basis} it is {here.code}",
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=citations,
        denial=context.denial("code-payer-not-accepted"),
        fixes=_fixes(encounter, line, session, here),
    )


def _fixes(encounter: Encounter, line: Line, session: Session, here: ChainFact) -> tuple[Fix, ...]:
    """The right code where the minutes of visit and line reach it; none where they do not; else a question."""
    lines = tuple(each for each in encounter.lines if each is line or each in session.lines)
    whole = attrs.evolve(session, lines=lines, minutes=documented_minutes(lines))
    if whole.minutes is None or obstacle(whole):
        text = f"report {here.code} if the documented minutes reach it, and nothing otherwise"
        return (fix(FixKind.ASK, line, None, text),)
    earned = most_units(session.rule.answers_at(whole.minutes)).get(here.code, 0)
    provided = f"{whole.minutes} minutes are what was documented"
    if earned == 0:
        return (
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}: {here.code} is not reached", provided),
        )
    billed = sum(each.units for each in encounter.lines if each.code in (line.code, here.code))
    stands = any(each.code == here.code for each in encounter.lines)
    if stands or billed > earned:
        text = f"report {ServiceUnits(here.code, earned)} in all instead of {line.code}"
        return (fix(FixKind.ASK, line, None, text),)
    text = f"report {here.code} instead of {line.code}"
    return (fix(FixKind.REPLACE_CODE, line, here.code, text, provided),)
