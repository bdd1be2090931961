"""More time is documented than the codes and units on the claim take.

The minutes support a higher level of visit, an add-on or more units than stand there. That may be right:
a level may rest on decision making, and nobody has to report all of the time. It may also be a line that
was forgotten, or minutes that are not this service's own.

**Fails**: ``99213`` with 45 minutes (by time ``99215``), ``90839`` with 110 minutes and without ``90840``,
one unit of ``97110`` with 40 minutes.

**Passes**: ``99213`` with 25 minutes; ``90839`` and 2 units of ``90840`` after 110 minutes.

**Cure**: look into the record. Only what it shows can be reported: for a visit the clinician's total time
of the day, without the minutes of other services, and that the level was chosen by it.

**Limits**: a review and no error, since nothing is denied for it. Silent where TIM402, TIM403 or TIM409
find the code or the units wrong and where TIM407 finds the minutes counted twice, where no source settles from which minute a code counts, beside an add-on
whose own minutes may be among those of the visit (``90833``), and on two visits of one family and day.
Other codes than those of the family are not looked for.
A session of which a row that could not be read may be part is *not checked*; of Medicare's total TIM403 says so.
"""

from collections.abc import Iterable, Iterator, Mapping

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.tim.clocks import crowded
from cptkit.rules.tim.picked import Standing, standing
from cptkit.rules.tim.sessions import Session, goes_by_time
from cptkit.rules.tim.totals import Total, evidence_of, listed, mark_of, parted
from cptkit.rules.tim.wording import LOST, counted, doubt, obstacle_in, spelled, spelled_ways
from cptkit.timerule import Scope, ServiceUnits
from cptkit.timerule.rule import Answers

RULE = ("TIM406", "more-time-than-billed")

concerns = goes_by_time


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every session or total whose minutes support more than is billed."""
    alone, totals = parted(encounter, context)
    for session in alone:
        if session.minutes is None or obstacle_in(session):
            continue
        answers, _ = context.minutes.earned(session.rule, session.minutes)
        if _supports_more(session, session.minutes, answers, context) and not (
            _holds_others(session, encounter, context) or _is_crowded([session], encounter, context)
        ):
            if session.may_lack:
                yield not_checked(RULE, encounter, session.lines, LOST)
            else:
                yield _finding(encounter, context, session, session.minutes, answers)
    for total in totals:
        yield from _judge_total(encounter, context, total)


def _supports_more(session: Session, minutes: int, answers: Answers, context: Context) -> bool:
    """Whether every answer has more than is billed, while all that is billed is supported."""
    rule, billed = session.rule, session.units()
    if len(answers) > 1 and not rule.is_settled:
        return False
    if min(billed.values()) < 1 or any(not _is_beyond(answer, billed) for answer in answers):
        return False
    _, earned = context.minutes.earned(rule, minutes)
    if all(units <= earned.get(code, 0) for code, units in billed.items()):
        return any(code in session.heads for code in billed)
    # a code that is too low: where only time chooses, and not by the month, that is a finding of TIM402
    if (rule.optional or rule.scope is Scope.MONTH) and list(billed.values()) == [1]:
        (code,) = billed
        return standing(rule, code, minutes, answers, context) is Standing.LONG
    return False


def _is_beyond(answer: tuple[ServiceUnits, ...], billed: Mapping[str, int]) -> bool:
    """Whether an answer has something that is not billed, or not so often."""
    return any(billed.get(service.code, 0) < service.units for service in answer)


def _holds_others(session: Session, encounter: Encounter, context: Context) -> bool:
    """Whether a timed add-on beside the session goes on top of it: its minutes may be among these."""
    codes = {line.code for line in session.lines}
    for line in encounter.lines:
        if line in session.lines:
            continue
        addon = context.addon(line.code)
        if addon is not None and not addon.primaries.isdisjoint(codes):
            record = context.record(line.code)
            if record is not None and record.timed:
                return True
    return False


def _is_crowded(found: Iterable[Session], encounter: Encounter, context: Context) -> bool:
    """Whether some of the minutes are counted for another service too, as TIM407 says."""
    shared = {id(block.session) for blocks in crowded(encounter, context) for block in blocks}
    return any(id(session) in shared for session in found)


def _finding(
    encounter: Encounter, context: Context, session: Session, minutes: int, answers: Answers
) -> Finding:
    rule = session.rule
    billed = spelled(ServiceUnits(code, units) for code, units in session.units().items())
    message = f"{minutes} minutes support {spelled_ways(answers)}, and {billed} is billed"
    shown = f"the record shows {minutes} minutes ({rule.whose_time}), without those of other services"
    text = f"see whether {shown}: then more may be reported"
    if rule.optional:
        message = f"by time {message}; the level may rest on decision making"
        text = f"see whether the level was chosen by time and {shown}: then more may be reported"
    codes = {each.code for answer in answers for each in answer}
    return finding(
        RULE,
        encounter,
        context,
        session.lines,
        message + doubt(rule, context),
        severity=Severity.REVIEW,
        evidence=(rule.citation, *(link.citation for link in rule.chain if link.code in codes)),
        fixes=(fix(FixKind.ASK, session.lines[0], None, text),),
    )


def _judge_total(encounter: Encounter, context: Context, total: Total) -> Iterator[Finding]:
    """Unit codes under Medicare: the units of the day's total against all that are billed."""
    answer, billed = total.answer, total.units()
    if answer is None or min(billed.values()) < 0 or total.over(answer):
        return
    units = sum(service.units for service in answer.services)
    if sum(billed.values()) >= units or _is_crowded(total.sessions, encounter, context):
        return
    ways = " or ".join(map(spelled, answer.first_answers(3)))
    message = (
        f"Medicare's total of {answer.total_minutes} minutes supports {counted(units, 'unit')} ({ways}), "
        f"and {listed(billed)} is billed"
    )
    whose = total.sessions[0].rule.whose_time
    text = f"see whether the record shows the minutes of each service ({whose}): then more may be reported"
    yield finding(
        RULE,
        encounter,
        context,
        total.lines,
        message + mark_of(answer),
        severity=Severity.REVIEW,
        evidence=evidence_of(answer),
        fixes=(fix(FixKind.ASK, total.lines[0], None, text),),
    )
