"""The minutes do not support the units.

Units of a timed code are earned by minutes; a code that is reported once stays at one unit however
long the session was. Units beyond that are denied, and paid back when found later.

**Fails**: ``90840`` with 2 units after 100 minutes of crisis care (one), ``90837`` with 2 units,
``96159`` after 30 minutes (none).

**Passes**: ``90839`` and 2 units of ``90840`` after 110 minutes.

**Cure**: the units that the documented minutes support.

**Not checked**: an add-on whose base is not in the encounter, so that its minutes cannot be
totalled. No minutes given, unless no length of session would give the units. Unit codes
under Medicare's total, where a unit code of the day has no minutes.

**Limits**: fewer units than the minutes would give are not reported.
"""

from collections.abc import Iterator, Mapping

import attrs

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context, most_units
from cptkit.rules.emit import finding, fix, not_checked, number
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.tim.sessions import DAY_MINUTES, Session, sessions
from cptkit.rules.tim.wording import ambiguous, counted, doubt, impossible, severity_of, spelled
from cptkit.sources import Basis, Confidence, weakest
from cptkit.timerule import Kind, UnitPolicy

RULE = ("TIM403", "units-not-supported-by-time")
_TOTAL = UnitPolicy.MEDICARE_TOTAL
_PLANS = frozenset({"GN", "GO", "GP"})


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every code with more units than its minutes give."""
    pools: dict[str, list[Session]] = {}
    for session in sessions(encounter, context):
        if context.basis is Basis.MEDICARE and timerule.is_pooled(
            session.rule, policy=_TOTAL, codeset=context.codeset
        ):
            pools.setdefault(_discipline(session), []).append(session)
        elif session.minutes is None:
            yield from _judge_without_minutes(encounter, context, session)
        elif not session.is_possible:
            yield not_checked(RULE, encounter, session.lines, impossible(session))
        elif session.is_ambiguous:
            yield not_checked(RULE, encounter, session.lines, ambiguous(session))
        else:
            yield from _judge(encounter, context, session, session.minutes)
    for pooled in pools.values():
        yield from _judge_total(encounter, context, pooled)
    yield from _judge_untimed(encounter, context)


def _discipline(session: Session) -> str:
    """The therapy plan that a line names: Medicare's total is counted for each discipline."""
    plans = {modifier for line in session.lines for modifier in line.modifiers if modifier in _PLANS}
    return " ".join(sorted(plans))


def _judge_untimed(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """Codes without minutes of which the facts say how often they are reported."""
    for line in encounter.lines:
        rule = context.time_rule(line.code)
        if rule is None or rule.is_timed or rule.max_units is None or line.units <= rule.max_units:
            continue
        most = rule.max_units
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{counted(line.units, 'unit')} of {line.code}: it has no minutes and is reported "
            f"{'once' if most == 1 else f'{most} times'}",
            severity=severity_of(rule),
            evidence=(rule.citation,),
            denial=context.denial("units-not-supported-by-time"),
            fixes=_fixes((line,), most),
        )


def _judge(
    encounter: Encounter, context: Context, session: Session, minutes: int
) -> Iterator[Finding | NotChecked]:
    if all(line.code not in session.heads for line in session.lines):
        # the minutes that an add-on continues stand on another day, or nowhere: ADD301 tells which
        reason = f"{session.lines[0].code} continues a code that is not there, and counts from its minutes on"
        yield not_checked(RULE, encounter, session.lines, reason)
        return
    earned = most_units(session.rule.answers_at(minutes))
    for code, billed in session.units().items():
        # a code that the minutes do not give at all is TIM402's, unless it only continues another
        supported = earned.get(
            code, 0 if code not in session.heads or session.rule.kind is Kind.PER_UNIT else billed
        )
        if billed > supported:
            yield _finding(encounter, context, session, code, billed, supported, f"{minutes} minutes support")


def _judge_without_minutes(
    encounter: Encounter, context: Context, session: Session
) -> Iterator[Finding | NotChecked]:
    """More units than any length of session gives need no minutes to be wrong."""
    most = context.most_units(session.rule)
    unclear: list[Line] = []
    for code, billed in session.units().items():
        if billed > most.get(code, billed):
            yield _finding(
                encounter, context, session, code, billed, most[code], "however long, a session supports"
            )
        else:
            unclear.extend(line for line in session.lines if line.code == code)
    if unclear and session.rests_on_time:
        yield not_checked(RULE, encounter, tuple(unclear), "no minutes are given")


def _judge_total(
    encounter: Encounter, context: Context, pooled: list[Session]
) -> Iterator[Finding | NotChecked]:
    """Unit codes under Medicare: the day's total decides, and each code against every right answer."""
    known = {
        session.lines[0].code: session.minutes
        for session in pooled
        if session.minutes is not None and session.is_possible
    }
    lines = tuple(line for session in pooled for line in session.lines)
    if len(known) < len(pooled) or sum(known.values()) > DAY_MINUTES:
        yield not_checked(
            RULE,
            encounter,
            lines,
            "Medicare counts the day's total, and not every code has minutes that a day can hold",
        )
        return
    answer = timerule.allocate(
        known,
        policy=_TOTAL,
        date_of_service=encounter.date_of_service,
        codeset=context.codeset,
    )
    most = {code: answer.most(code) for code in known}
    total = sum(service.units for service in answer.services)
    billed = {code: units for session in pooled for code, units in session.units().items()}
    told = f"under Medicare's total of {answer.total_minutes} minutes the day supports"
    over = [session for session in pooled if billed[session.lines[0].code] > most[session.lines[0].code]]
    for session in over:
        code = session.lines[0].code
        message = f"{counted(billed[code], 'unit')} of {code}: {told} {counted(most[code], 'unit')}"
        # one right answer that nobody disputes can be put in; otherwise the day is the clinician's to divide
        clear = answer.confidence is not Confidence.DISPUTED and not answer.alternatives
        fixes = _fixes(session.lines, most[code]) if clear else ()
        yield _pooled_finding(encounter, context, session.lines, message, answer, fixes)
    if sum(billed.values()) > total and not over:
        message = f"{_listed(billed)} make {counted(sum(billed.values()), 'unit')}: {told} {total}"
        yield _pooled_finding(encounter, context, lines, message, answer, ())


def _pooled_finding(
    encounter: Encounter,
    context: Context,
    lines: tuple[Line, ...],
    message: str,
    answer: timerule.Allocation,
    fixes: tuple[Fix, ...],
) -> Finding:
    sure = answer.confidence in (Confidence.VERIFIED, Confidence.DERIVED)
    mark = "" if answer.confidence is Confidence.VERIFIED else f" [this answer is {answer.confidence}]"
    # the answer may be less sure than its facts: two of them can pull apart on these very minutes
    policy, *others = answer.citations
    evidence = (attrs.evolve(policy, confidence=weakest((policy.confidence, answer.confidence))), *others)
    ways = " or ".join(spelled(services) for services in (answer.services, *answer.alternatives[:2]))
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + mark,
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("units-not-supported-by-time"),
        fixes=fixes or (fix(FixKind.ASK, lines[0], None, f"report the day as {ways}"),),
    )


def _listed(billed: Mapping[str, int]) -> str:
    return " and ".join(f"{code} x {number(units)}" for code, units in billed.items())


def _finding(
    encounter: Encounter,
    context: Context,
    session: Session,
    code: str,
    billed: int,
    supported: int,
    means: str,
) -> Finding:
    lines = tuple(line for line in session.lines if line.code == code)
    return finding(
        RULE,
        encounter,
        context,
        lines,
        f"{counted(billed, 'unit')} of {code}: {means} {counted(supported, 'unit')}{doubt(session.rule, context)}",
        severity=severity_of(session.rule),
        evidence=(
            session.rule.citation,
            *(link.citation for link in session.rule.chain if link.code == code),
        ),
        denial=context.denial("units-not-supported-by-time"),
        fixes=_fixes(lines, supported),
    )


def _fixes(lines: tuple[Line, ...], supported: int) -> tuple[Fix, ...]:
    provided = "that is what was given and documented"
    if supported == 0:
        return tuple(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided) for line in lines)
    if len(lines) == 1:
        text = f"report {supported} of {lines[0].code}"
        return (fix(FixKind.SET_UNITS, lines[0], supported, text, provided),)
    return (fix(FixKind.ASK, lines[0], None, f"reduce {lines[0].code} to {supported} over its lines"),)
