"""Rows of the fee schedule and what their indicators mean, as the rules of this family ask for them."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention, Denial
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, not_checked
from cptkit.rules.findings import Finding, Fix, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import named
from cptkit.sources import Basis, Citation, weakest

if TYPE_CHECKING:
    from cptkit.edits import PfsAnswer, PfsRow

__all__ = [
    "NOT_APPLICABLE",
    "PAID",
    "Told",
    "Unjudged",
    "answer_for",
    "does_not_arise",
    "found",
    "is_outside",
    "is_untaken",
    "told",
]

NOT_APPLICABLE = "not-applicable"
"""The word of an indicator whose subject does not arise for the code."""

PAID = "paid"
"""The word of the status of most codes."""

_FIELDS = {"global": "global_days"}
_OWN_ROWS = ("pfs-modifiers/own-row",)
_PRICED = frozenset({PAID, "restricted", "contractor", "alone"})
_UNTAKEN = frozenset({"other-code", "not-covered"})


@attrs.frozen(slots=True)
class Told:
    """A row of the schedule, and what one of its indicators means."""

    row: "PfsRow"
    meaning: Convention

    @property
    def schedule(self) -> str:
        """The schedule by name, for a message."""
        return f"Medicare's fee schedule ({self.row.release})"


class Unjudged:
    """Lines that could not be judged, by reason: one entry for each reason."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[str, list[Line]] = {}

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, line: Line, reason: str) -> None:
        """One line more of that reason."""
        lines = self._lines.setdefault(reason, [])
        if line not in lines:
            lines.append(line)

    def entries(self, rule: tuple[str, str], encounter: Encounter) -> Iterator[NotChecked]:
        """What was not checked."""
        for reason, lines in self._lines.items():
            yield not_checked(rule, encounter, tuple(lines), reason)


def answer_for(context: Context, line: Line, modifiers: Collection[str] | None = None) -> "PfsAnswer | None":
    """The row of a line: that of its code with the modifier, where the schedule has one, or of the code.

    ``modifiers``: others than those of the line.
    """
    asked = line.modifiers if modifiers is None else modifiers
    if asked:
        with_rows = named(_OWN_ROWS, context)
        for modifier in asked:
            if with_rows is None or modifier in with_rows:
                answer = context.edits.fee_row(line.code, modifier)
                if answer is not None and answer.row is not None:
                    return answer
    return context.edits.fee_row(line.code)


def told(
    context: Context,
    line: Line,
    column: str,
    unjudged: Unjudged,
    *,
    listed: bool = True,
    modifiers: Collection[str] | None = None,
) -> Told | None:
    """What the schedule says of a line in one column; None where it says nothing.

    Why it could not be asked is added to ``unjudged``; ``listed``: that it does not list the code, too.
    ``modifiers``: by whose rows, if not by those of the line.
    """
    answer = answer_for(context, line, modifiers)
    if answer is None:  # no code at all, which is another rule's finding
        return None
    row = answer.row
    if row is None:
        if answer.not_checked:
            unjudged.add(line, answer.not_checked)
        elif listed:
            unjudged.add(line, f"Medicare's fee schedule ({answer.release}) does not list {answer.code}")
        return None
    value = getattr(row, _FIELDS.get(column, column))
    meaning = context.convention(f"pfs-{column}/{value}")
    if meaning is None:
        reason = f"what {value} means in the column {column} of the fee schedule is not on record for {context.day}"
        unjudged.add(line, reason)
        return None
    return Told(row, meaning)


def is_outside(context: Context, row: "PfsRow") -> bool:
    """Whether the schedule does not price the code at all, so that its other indicators are filled in only."""
    status = context.convention(f"pfs-status/{row.status}")
    return status is None or status.value not in _PRICED


def is_untaken(context: Context, row: "PfsRow") -> bool:
    """Whether Medicare does not take the code or does not cover it: what it is to others is not told."""
    status = context.convention(f"pfs-status/{row.status}")
    return status is None or status.value in _UNTAKEN


def does_not_arise(context: Context, said: Told) -> bool:
    """Whether nothing follows from an indicator: its subject does not arise, of a code that is not priced."""
    return said.meaning.value == NOT_APPLICABLE and is_outside(context, said.row)


def found(
    rule: tuple[str, str],
    encounter: Encounter,
    context: Context,
    lines: tuple[Line, ...],
    said: Told,
    message: str,
    *,
    denial: Denial | None,
    fixes: tuple[Fix, ...],
    also: tuple[Citation, ...] = (),
    severity: Severity | None = None,
    outcome: Outcome = Outcome.FAIL,
) -> Finding:
    """A finding that rests on a row of the schedule: under Medicare an error where all of it was read.

    ``severity``: another one, whatever the basis.
    """
    evidence = (said.meaning.citation, *also)
    if severity is None:
        sure = weakest(citation.confidence for citation in evidence) in SURE
        severity = Severity.ERROR if sure and context.basis is Basis.MEDICARE else Severity.WARNING
    return finding(
        rule,
        encounter,
        context,
        lines,
        message,
        severity=severity,
        outcome=outcome,
        evidence=evidence,
        denial=denial,
        fixes=fixes,
        edits=(said.row,),
    )
