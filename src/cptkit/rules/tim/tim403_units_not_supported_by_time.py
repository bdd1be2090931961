"""The minutes do not support the units.

Units of a timed code are earned by minutes; a code that is reported once stays at one unit however
long the session was. Units beyond that are denied, and paid back when found later.

**Fails**: ``90840`` with 2 units after 100 minutes of crisis care (one), ``90837`` with 2 units,
``96159`` after 30 minutes (none).

**Passes**: ``90839`` and 2 units of ``90840`` after 110 minutes.

**Cure**: the units that the documented minutes support.

**Not checked**: an add-on whose base is not in the encounter, or of which several bases are, so that its
minutes cannot be totalled. No minutes given, unless no length of session would give the units. Units that
count in one reading only, where no source settles which one holds. Unit codes under Medicare's total,
where a unit code of the day has no minutes, or some lines name a therapy plan and others none. A visit and
its prolonged time that both have minutes: the visit's may be the total. Anaesthesia.
A session of which a row that could not be read may be part.

**Limits**: sources differ on which code has the last unit of 24 and 8 minutes: units that only one reading
gives are a warning, and those that neither gives an error. Fewer units than the minutes would give are TIM406's. Two visits of one level on a day are two
services, and no fact limits them.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.minutes import most_units
from cptkit.rules.tim.sessions import Loose, Session, goes_by_time, judged, session_minutes
from cptkit.rules.tim.totals import Total, certainty_of, evidence_of, listed, mark_of, parted
from cptkit.rules.tim.wording import UNSETTLED, counted, doubt, obstacle, severity_of, spelled
from cptkit.sources import Confidence
from cptkit.timerule import Allocation, Kind, ServiceUnits

RULE = ("TIM403", "units-not-supported-by-time")

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every code with more units than its minutes give."""
    found = judged(encounter, context)
    alone, totals = parted(encounter, context)
    for session in alone:
        if not session.is_counted:
            reason = f"{session.lines[0].code} is paid by base units and time units, and no table here holds base units"
            yield not_checked(RULE, encounter, session.lines, reason)
        elif session.minutes is None:
            yield from _judge_without_minutes(encounter, context, session)
        elif reason := obstacle(session):
            yield not_checked(RULE, encounter, session.lines, reason)
        else:
            yield from _judge(encounter, context, session, session.minutes)
    for total in totals:
        yield from _judge_total(encounter, context, total)
    for loose in found.loose:
        if context.has_time_rule(loose.line.code):
            yield not_checked(RULE, encounter, (loose.line,), _without_base(loose, encounter, context))
    for line in found.untimed:
        yield from _judge_untimed(encounter, context, line)


def _without_base(loose: Loose, encounter: Encounter, context: Context) -> str:
    code, addon = loose.line.code, context.addon(loose.line.code)
    if loose.bases:
        return f"{code} goes on top of {' and of '.join(loose.bases)}: whose minutes it continues is not told"
    there = {line.code for line in encounter.lines}.intersection(() if addon is None else addon.primaries)
    if there:
        return f"from which minute {code} goes on top of {', '.join(sorted(there))} under {context.basis} is not on record"
    return f"none of the codes that {code} continues under {context.basis} is there, and it counts from their minutes on"


def _judge_untimed(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding]:
    """A code without minutes of which the facts say how often it is reported."""
    rule = context.time_rule(line.code)
    if rule is not None and rule.max_units is not None and line.units > rule.max_units:
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
        reason = f"{session.lines[0].code} continues a code that is not there that day, and counts from its minutes on"
        yield not_checked(RULE, encounter, session.lines, reason)
        return
    answers, earned = context.minutes.earned(session.rule, minutes)
    for code, billed in session.units().items():
        if code in session.heads and session.rule.kind is not Kind.PER_UNIT:
            # a code that the minutes do not give at all is TIM402's, unless it only continues another
            supported = sure = earned.get(code, billed)
        else:
            supported = earned.get(code, 0)
            sure = supported if session.rule.is_settled else min(_units(code, answer) for answer in answers)
        if billed > supported:
            yield _finding(encounter, context, session, code, billed, supported, f"{minutes} minutes support")
        elif billed > sure:
            lines = tuple(line for line in session.lines if line.code == code)
            reason = f"{counted(billed, 'unit')} of {code} after {minutes} minutes: {UNSETTLED}"
            yield not_checked(RULE, encounter, lines, reason)


def _units(code: str, answer: tuple[ServiceUnits, ...]) -> int:
    return next((service.units for service in answer if service.code == code), 0)


def _judge_without_minutes(
    encounter: Encounter, context: Context, session: Session
) -> Iterator[Finding | NotChecked]:
    """More units than any length of session gives need no minutes to be wrong."""
    most = context.minutes.most_units(session.rule)
    unclear: list[Line] = []
    for code, billed in session.units().items():
        # several visits of a day are several services: no fact limits them
        free = session.rule.optional and code in session.heads
        if not free and billed > most.get(code, billed):
            yield _finding(
                encounter, context, session, code, billed, most[code], "however long, a session supports"
            )
        else:
            unclear.extend(line for line in session.lines if line.code == code)
    if unclear and session.rests_on_time:
        yield not_checked(RULE, encounter, tuple(unclear), "no minutes are given")


def _judge_total(encounter: Encounter, context: Context, total: Total) -> Iterator[Finding | NotChecked]:
    """Unit codes under Medicare: the day's total decides, and each code against every right answer."""
    answer = total.answer
    if answer is None:
        yield not_checked(RULE, encounter, total.lines, total.reason)
        return
    billed = total.units()
    units, given = answer.total_units, sum(billed.values())
    told = f"under Medicare's total of {answer.total_minutes} minutes the day supports"
    # what no reading of the last unit gives is as sure as the rows are, whatever the readings differ in
    over, certainty = total.surely_over(answer), certainty_of(answer)
    if not over and given <= units:
        over, certainty = total.over(answer), answer.confidence
    for code, most in over.items():
        lines = tuple(line for line in total.lines if line.code == code)
        message = f"{counted(billed[code], 'unit')} of {code}: {told} {counted(most, 'unit')} of it"
        # one right answer that nobody disputes can be put in; otherwise the day is the clinician's to divide
        clear = answer.confidence is not Confidence.DISPUTED and answer.right_answers == 1
        fixes = _fixes(lines, most) if clear else ()
        yield _pooled_finding(encounter, context, lines, message, total, answer, certainty, fixes)
    if given > units and not over:
        message = f"{listed(billed)} make {counted(given, 'unit')}: {told} {units}"
        yield _pooled_finding(encounter, context, total.lines, message, total, answer, certainty, ())


def _pooled_finding(
    encounter: Encounter,
    context: Context,
    lines: tuple[Line, ...],
    message: str,
    total: Total,
    answer: Allocation,
    certainty: Confidence,
    fixes: tuple[Fix, ...],
) -> Finding:
    sure = certainty in SURE
    ways = _ways(answer)
    if total.other is not None:
        message += f" ({ways} in one reading, {_ways(total.other)} in the other)"
        ways += f", or {_ways(total.other)} in another reading"
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + mark_of(answer, certainty),
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=evidence_of(answer, certainty),
        denial=context.denial("units-not-supported-by-time"),
        fixes=fixes or (fix(FixKind.ASK, lines[0], None, f"report the day as {ways}"),),
    )


def _ways(answer: Allocation) -> str:
    """Its equally right answers, the first few."""
    return " or ".join(map(spelled, answer.first_answers(3)))


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
        severity=severity_of(session.rule, code),
        evidence=(
            session.rule.citation,
            *(link.citation for link in session.rule.chain if link.code == code),
        ),
        denial=context.denial("units-not-supported-by-time"),
        fixes=_without(session, lines, supported) or _fixes(lines, supported),
    )


def _without(session: Session, dropped: tuple[Line, ...], supported: int) -> tuple[Fix, ...]:
    """A question instead of a dropped line whose minutes the rest of the session cannot do without."""
    gone = {id(line) for line in dropped}  # lines of the session itself, of which there may be many
    rest = tuple(line for line in session.lines if id(line) not in gone)
    left = session_minutes(session.rule, rest)
    if supported or left == session.minutes:
        return ()
    kept = {} if left is None else most_units(session.rule.answers_at(left))
    if all(line.code in kept for line in rest if line.code in session.heads):
        return ()
    text = f"count the minutes of {dropped[0].code} with {rest[0].code}, and do not report it"
    return (fix(FixKind.ASK, dropped[0], None, text),)


def _fixes(lines: tuple[Line, ...], supported: int) -> tuple[Fix, ...]:
    provided = "that is what was given and documented"
    if supported == 0:
        return tuple(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided) for line in lines)
    if len(lines) == 1:
        text = f"report {supported} of {lines[0].code}"
        return (fix(FixKind.SET_UNITS, lines[0], supported, text, provided),)
    return (fix(FixKind.ASK, lines[0], None, f"reduce {lines[0].code} to {supported} over its lines"),)
