"""How the time rules speak: services spelled out, and doubt marked wherever there is some."""

from collections.abc import Iterable

from cptkit.rules.context import Context
from cptkit.rules.emit import number
from cptkit.rules.findings import Severity
from cptkit.rules.tim.sessions import Session
from cptkit.sources import Basis, Confidence
from cptkit.timerule import ServiceUnits, TimeRule

__all__ = ["ambiguous", "counted", "doubt", "impossible", "severity_of", "spelled"]


def ambiguous(session: Session) -> str:
    """Why minutes that stand on a base and on its add-on alike cannot be judged."""
    lines = ", ".join(line.id for line in session.lines)
    if any(line.minutes is None and line.clock_minutes is not None for line in session.lines):
        return f"lines {lines} are one session, some with clock times and some with minutes: are these within those?"
    return f"lines {lines} are one session with the same minutes: its total, or each line's own?"


def counted(value: int, thing: str) -> str:
    """``1 unit``, ``2 units``."""
    return f"{number(value)} {thing}" if value == 1 else f"{number(value)} {thing}s"


def impossible(session: Session) -> str:
    """Why the minutes of a session cannot be judged."""
    given = [line.documented_minutes for line in session.lines]
    told = " + ".join(number(minutes) for minutes in given if minutes is not None)
    return f"{told} minutes cannot be those of one day"


def spelled(services: Iterable[ServiceUnits]) -> str:
    """``90839 + 90840 x 2``."""
    return " + ".join(str(service) for service in services)


def doubt(rule: TimeRule, context: Context) -> str:
    """What a reader must know of the rule's standing: its confidence unless verified, its basis if borrowed."""
    marks: list[str] = []
    if rule.citation.confidence is not Confidence.VERIFIED:
        marks.append(f"these minutes are {rule.citation.confidence}")
    if context.basis is Basis.MEDICARE and rule.basis is Basis.CPT:
        marks.append("no Medicare rule on record, CPT's is used")
    return f" [{'; '.join(marks)}]" if marks else ""


def severity_of(rule: TimeRule) -> Severity:
    """An error where the numbers were read or derived, a warning where they rest on weak or divided sources."""
    sure = rule.citation.confidence in (Confidence.VERIFIED, Confidence.DERIVED)
    return Severity.ERROR if sure else Severity.WARNING
