"""The minutes do not support the code.

Each timed code answers for a span of minutes. Fewer minutes than it needs make a claim for a
service that was not given; more than it covers mean that another code describes the session.

**Fails**: ``90837`` with 50 minutes (they are 90834), ``90832`` with 15 (nothing is reportable),
``90832`` with 45 (90834; a warning, because too little was asked).

**Passes**: ``90834`` with 38 and with 52 minutes.

**Cure**: the code that the documented minutes support.

**Not checked**: no minutes given, or more than a day has, or the same on a base and its
add-on; a visit below the minutes of its level,
which may rest on decision making instead; a timed code for which the edition has no time rule.

**Limits**: judges the documented minutes, not whether the length was needed. A visit without
minutes, or longer than its level asks, is taken to be levelled by decision making, which is not
judged. Units, and codes that are counted in units, are TIM403.
"""

from collections.abc import Iterator

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.tim.sessions import Session, sessions
from cptkit.rules.tim.wording import ambiguous, doubt, impossible, severity_of, spelled
from cptkit.sources import Basis
from cptkit.timerule import Kind

RULE = ("TIM402", "code-not-supported-by-time")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every code that its session's minutes do not give."""
    for session in sessions(encounter, context):
        if session.rule.kind is Kind.PER_UNIT:
            continue  # units decide, and under Medicare those of the whole day: TIM403
        if session.minutes is None:
            if not session.rule.optional:
                yield not_checked(RULE, encounter, session.lines, "no minutes are given")
        elif not session.is_possible:
            yield not_checked(RULE, encounter, session.lines, impossible(session))
        elif session.is_ambiguous:
            yield not_checked(RULE, encounter, session.lines, ambiguous(session))
        else:
            right = {
                code
                for answer in session.rule.answers_at(session.minutes)
                for code in (s.code for s in answer)
            }
            for line in session.lines:
                if line.code in session.heads and line.code not in right:
                    judged = _judge(encounter, context, session, line, session.minutes)
                    if judged is not None:
                        yield judged
    for line in encounter.lines:
        record = context.record(line.code)
        status = context.standing(line.code)
        if record is None or status is None or not record.timed or status.in_force is False:
            continue
        if not context.has_time_rule(line.code):
            yield not_checked(RULE, encounter, (line,), _without_rule(line, context))


def _without_rule(line: Line, context: Context) -> str:
    other = Basis.CPT if context.basis is Basis.MEDICARE else Basis.MEDICARE
    if timerule.is_named(line.code, context.day, context.codeset, other):
        return f"{line.code} has no time rule under {context.basis}; under {other} it has one"
    return f"edition {context.codeset.edition} has no time rule for {line.code} on that day"


def _judge(
    encounter: Encounter, context: Context, session: Session, line: Line, minutes: int
) -> Finding | NotChecked | None:
    rule = session.rule
    first, last = rule.band(line.code) or (0, None)  # never None: the code is one of the rule's heads
    too_short = minutes < first
    if rule.optional:
        if not too_short:
            return None  # a visit that ran long may still be of that level by decision making
        reason = f"{minutes} minutes are fewer than {line.code} needs by time; its level may rest on decision making"
        return not_checked(RULE, encounter, (line,), reason)
    supported = rule.services(minutes)
    if supported:
        message = f"{minutes} minutes are {spelled(supported)}, not {line.code}"
    else:
        message = f"{minutes} minutes are under the minimum: nothing of {rule.title} is reportable"
    message += f" ({line.code} takes {first} to {last})" if last else f" ({line.code} takes {first} or more)"
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message + doubt(rule, context),
        severity=severity_of(rule) if too_short else Severity.WARNING,
        evidence=(rule.citation,),
        denial=context.denial("units-not-supported-by-time"),
        fixes=_fixes(session, line, minutes),
    )


def _fixes(session: Session, line: Line, minutes: int) -> tuple[Fix, ...]:
    provided = f"{minutes} minutes are what was documented"
    answers = session.rule.answers_at(minutes)
    if not answers[0]:
        other = "see whether another code fits what was done"
        return (
            fix(FixKind.ASK, line, None, other),
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided),
        )
    heads = sorted({answer[0].code for answer in answers})
    return tuple(
        fix(FixKind.REPLACE_CODE, line, code, f"report {code} instead of {line.code}", provided)
        for code in heads
    )
