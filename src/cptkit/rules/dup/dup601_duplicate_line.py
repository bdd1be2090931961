"""The same service stands twice on the claim.

Two lines with the same code, the same modifiers, the same clinician and the same day are read as
one service billed twice; the second is denied. Two sessions of one kind on a day need a modifier
that says so, units, or nothing at all where the code is reported once a day.

**Fails**: ``90834`` twice for one clinician and day.

**Passes**: ``90834`` and ``90834-76``; ``90834`` by two clinicians.

**Cure**: drop the second line if it is the same session. If there really were two, the
documentation must show both, and the payer's rule for a repeat decides.

**Not checked**: a code that stands on another claim of the patient and day too, or on a line without a
clinician: whether it is the same line is told with a history, or by the clinician.

**Limits**: the same line on another claim is found with a history.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.modifiers import Service
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, unnamed
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity

RULE = ("DUP601", "duplicate-line")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every group of equal lines; the fixes drop all but the first."""
    if encounter.elsewhere:
        yield from _elsewhere(encounter)
    if len(encounter.lines) < 2:
        return
    groups: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for line in encounter.lines:
        groups.setdefault((line.code, tuple(sorted(line.modifiers))), []).append(line)
    for group in groups.values():
        if len(group) > 1:
            yield _duplicates(encounter, context, tuple(group))


def _elsewhere(encounter: Encounter) -> Iterator[NotChecked]:
    for code in sorted({line.code for line in encounter.lines}.intersection(encounter.elsewhere)):
        lines = tuple(line for line in encounter.lines if line.code == code)
        reason = (
            f"{code} stands on another claim of the day or without a clinician too: it may be the same line"
        )
        yield not_checked(RULE, encounter, lines, reason)


def _duplicates(encounter: Encounter, context: Context, lines: tuple[Line, ...]) -> Finding:
    first, *others = lines
    same_session = f"it is the session of line {first.id}"
    times = "twice" if len(lines) == 2 else f"{len(lines)} times"
    # in one order, so that the order in which the modifiers were written changes no report
    service = Service(first.code or repr(first.code), tuple(sorted(first.modifiers)))
    message = f"{service} is billed {times} for one clinician and day"
    apart = len({line.start for line in lines}) > 1
    if apart:
        message += "; the start times differ, but a payer sees a duplicate unless a modifier tells them apart"
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + unnamed(encounter),
        severity=Severity.WARNING if apart else Severity.ERROR,
        denial=context.denial("duplicate-line"),
        fixes=tuple(
            fix(FixKind.DROP_LINE, line, None, f"drop line {line.id}", same_session) for line in others
        ),
    )
