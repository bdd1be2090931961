"""How a code that minutes choose stands to the minutes of its session, and what to say about it."""

from enum import Enum, auto

from cptkit.claims import Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix
from cptkit.rules.findings import Fix, FixKind
from cptkit.rules.tim.sessions import Session
from cptkit.rules.tim.wording import doubt, spelled_ways
from cptkit.timerule import ServiceUnits, TimeRule
from cptkit.timerule.rule import Answers

__all__ = ["Standing", "cures", "mismatch", "standing"]


class Standing(Enum):
    """Whether the minutes give a code: fewer than it takes, more than it covers, or nobody knows."""

    SUPPORTED = auto()
    SHORT = auto()
    LONG = auto()
    UNSETTLED = auto()


def standing(rule: TimeRule, code: str, minutes: int, answers: Answers, context: Context) -> Standing:
    """How a head of a rule stands to minutes, whose answers are given.

    Where the readings of an unsettled rule differ, only what none of them gives is judged.
    """
    giving = [_has(answer, code) for answer in answers]
    if all(giving) or (rule.is_settled and any(giving)):
        return Standing.SUPPORTED
    if any(giving):
        return Standing.UNSETTLED
    return Standing.SHORT if minutes < context.minutes.takes(rule, code)[0] else Standing.LONG


def _has(answer: tuple[ServiceUnits, ...], code: str) -> bool:
    return any(service.code == code for service in answer)


def mismatch(
    rule: TimeRule, code: str, minutes: int, answers: Answers, context: Context, *, of: str = ""
) -> str:
    """What the minutes are, if not the code; ``of`` says of what time they are."""
    told = f"{minutes} minutes{of}"
    if any(answers):
        message = f"{told} are {spelled_ways(answers)}, not {code}"
    elif minutes < context.minutes.takes(rule, code)[0]:
        message = f"{told} are under the minimum: nothing of {rule.title} is reportable"
    else:
        message = f"{told} are more than {rule.title} covers, and what is reported then was not read"
    first, last = context.minutes.takes(rule, code)
    span = f"{first} to {last}" if last else f"{first} or more"
    return f"{message} ({code} takes {span}){doubt(rule, context)}"


def cures(session: Session, line: Line, minutes: int, answers: Answers, how: Standing) -> tuple[Fix, ...]:
    """The codes that the minutes give instead, or what to ask where they give none."""
    provided = f"{minutes} minutes are what was documented"
    if not any(answers):
        ask = fix(FixKind.ASK, line, None, "see whether another code fits what was done")
        carries = any(other.code not in session.heads for other in session.lines)
        # too much time for a code is no reason to report nothing, and an add-on would be left in the air
        if how is Standing.LONG or carries:
            return (ask,)
        return (ask, fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided))
    if not all(answers):
        return (fix(FixKind.ASK, line, None, f"see which of them the payer takes: {spelled_ways(answers)}"),)
    heads = sorted({answer[0].code for answer in answers})
    return tuple(
        fix(FixKind.REPLACE_CODE, line, code, f"report {code} instead of {line.code}", provided)
        for code in heads
    )
