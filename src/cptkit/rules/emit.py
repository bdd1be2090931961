"""Building findings: the fields that every rule fills alike."""

from typing import TYPE_CHECKING

from cptkit.claims import Encounter, Line
from cptkit.codesets import Denial
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.setting import Setting
from cptkit.sources import Citation, Confidence

if TYPE_CHECKING:
    from cptkit.edits.telling import EditRow

__all__ = ["SURE", "by_shape", "finding", "fix", "not_checked", "number", "removal", "unnamed"]

SURE = (Confidence.VERIFIED, Confidence.DERIVED)
"""What an error may rest on: facts that were read, or follow from such."""

_WRITTEN_OUT = 1_000_000_000


def finding(
    rule: tuple[str, str],
    encounter: Encounter,
    context: Context,
    lines: tuple[Line, ...],
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    outcome: Outcome = Outcome.FAIL,
    evidence: tuple[Citation, ...] = (),
    denial: Denial | None = None,
    fixes: tuple[Fix, ...] = (),
    edits: "tuple[EditRow, ...]" = (),
) -> Finding:
    """A finding of a rule, given as (id, name), on lines of an encounter."""
    return Finding(
        rule[0],
        rule[1],
        outcome,
        severity,
        encounter.claim,
        tuple(line.id for line in lines),
        encounter.date_of_service,
        context.codeset.edition,
        message,
        evidence,
        denial,
        fixes,
        edits,
        tuple(line.code for line in lines),
    )


def by_shape(context: Context, what: str) -> tuple[tuple[Citation, ...], Severity]:
    """What says how a line must look, and how severe it is if it does not: a warning where nothing says it."""
    convention = context.convention(f"line-shape/{what}")
    return ((), Severity.WARNING) if convention is None else ((convention.citation,), Severity.ERROR)


def fix(kind: FixKind, line: Line, value: str | int | None, text: str, provided: str = "") -> Fix:
    """A fix of a line as it is now."""
    return Fix(kind, line.id, value, text, provided, line.code)


def removal(
    line: Line, modifier: str, provided: str = "", because: str = "", *, once_stays: bool = False
) -> Fix:
    """A modifier less; a question where more than one has to go, as a fix takes one away.

    ``because``: why, in words that follow the text of the fix. ``once_stays``: one of several is kept.
    """
    why = f": {because}" if because else ""
    text = f"keep {modifier} once" if once_stays else f"remove {modifier}"
    if line.modifiers.count(modifier) - once_stays < 2:
        return fix(FixKind.REMOVE_MODIFIER, line, modifier, f"{text}{why}", provided)
    text += "" if once_stays else " wherever it stands on the line"
    return fix(FixKind.ASK, line, None, text + (f", if {provided}" if provided else "") + why)


def unnamed(encounter: Encounter) -> str:
    """What a reader must know of lines without a clinician: that they were read as one clinician's."""
    if encounter.rendering_provider or encounter.setting is not Setting.PRACTITIONER:
        return ""
    return " (no clinician is given: read as one clinician's lines)"


def not_checked(
    rule: tuple[str, str], encounter: Encounter, lines: tuple[Line, ...], reason: str
) -> NotChecked:
    """Lines that a rule, given as (id, name), could not judge."""
    ids = tuple(line.id for line in lines)
    return NotChecked(rule[0], rule[1], encounter.claim, ids, encounter.date_of_service, reason)


def number(value: int) -> str:
    """A number for a message; one that nobody can mean is not written out, however long it is."""
    if value > _WRITTEN_OUT:
        return f"over {_WRITTEN_OUT}"
    return f"under -{_WRITTEN_OUT}" if value < -_WRITTEN_OUT else str(value)
