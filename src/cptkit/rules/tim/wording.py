"""How the time rules speak: services spelled out, and doubt marked wherever there is some."""

from collections.abc import Iterable

from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, number
from cptkit.rules.findings import Severity
from cptkit.rules.tim.sessions import DAY_MINUTES, Session
from cptkit.sources import Basis, Confidence
from cptkit.timerule import ServiceUnits, TimeRule
from cptkit.timerule.rule import Answers

__all__ = [
    "LOST",
    "UNSETTLED",
    "counted",
    "doubt",
    "impossible",
    "obstacle",
    "obstacle_in",
    "severity_of",
    "span_of",
    "spelled",
    "spelled_ways",
]

LOST = "a row that could not be read may hold minutes of this session"
UNSETTLED = "no source read settles from which minute it counts"
_WAYS_SHOWN = 3


def obstacle(session: Session) -> str:
    """Why the minutes of a session cannot be judged; empty where they can."""
    return LOST if session.may_lack else obstacle_in(session)


def obstacle_in(session: Session) -> str:
    """Why the lines that are seen of a session cannot be judged, whatever a lost row may hold; empty where they can."""
    if len(session.lines) == 1 and session.minutes is not None and 0 <= session.minutes <= DAY_MINUTES:
        return ""
    if not session.is_possible:
        return impossible(session)
    return _ambiguous(session) if session.is_ambiguous else ""


def _ambiguous(session: Session) -> str:
    # the entry names the lines: a reason that did would not be one for several claims
    if session.has_several_bases:
        further = ", ".join(sorted({line.code for line in session.lines if line.code not in session.heads}))
        return f"these lines hold several sessions: which of them does {further} continue?"
    if session.has_clock_beside_minutes:
        return "these lines are one session, some with clock times and some with minutes: are these within those?"
    return "these lines are one session with the same minutes: its total, or each line's own?"


def counted(value: int, thing: str) -> str:
    """``1 unit``, ``2 units``."""
    return f"{number(value)} {thing}" if value == 1 else f"{number(value)} {thing}s"


def impossible(session: Session) -> str:
    """Why the minutes of a session cannot be judged."""
    told = " + ".join(
        number(minutes) for minutes in map(session.minutes_of, session.lines) if minutes is not None
    )
    return f"{told} minutes cannot be those of {span_of(session.most)}"


def span_of(minutes: int) -> str:
    """The days that hold so many minutes: ``one day``, ``7 days``, ``a month``."""
    days = minutes // DAY_MINUTES
    if days == 1:
        return "one day"
    return "a month" if days == 31 else f"{days} days"


def spelled(services: Iterable[ServiceUnits]) -> str:
    """``90839 + 90840 x 2``."""
    return " + ".join(str(service) for service in services)


def spelled_ways(answers: Answers) -> str:
    """Equally right answers, the first few: ``90832 or 90834``; an empty one is ``nothing``."""
    return " or ".join(spelled(answer) or "nothing" for answer in answers[:_WAYS_SHOWN])


def doubt(rule: TimeRule, context: Context) -> str:
    """What a reader must know of the rule's standing: its confidence unless verified, its basis if borrowed."""
    marks: list[str] = []
    if rule.citation.confidence is not Confidence.VERIFIED:
        marks.append(f"these minutes are {rule.citation.confidence}")
    if context.basis is Basis.MEDICARE and rule.basis is Basis.CPT:
        marks.append("no Medicare rule on record, CPT's is used")
    return f" [{'; '.join(marks)}]" if marks else ""


def severity_of(rule: TimeRule, code: str = "") -> Severity:
    """An error where the numbers were read or derived, a warning where they rest on weak or divided sources.

    With ``code`` those of what puts it on top of another count too.
    """
    known = [rule.citation, *(link.citation for link in rule.chain if link.code == code)]
    sure = all(each.confidence in SURE for each in known)
    return Severity.ERROR if sure else Severity.WARNING
