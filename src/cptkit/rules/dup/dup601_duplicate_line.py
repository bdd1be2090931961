"""The same service stands twice on the claim.

Two lines with the same code, the same modifiers, the same clinician and the same day are read as
one service billed twice; the second is denied. Two sessions of one kind on a day need a modifier
that says so, units, or nothing at all where the code is reported once a day. A modifier that says how a session
was held (93, 95, GT), by whom (HO, AJ) or under which programme of a state (U1) does not say so: lines that
differ in such alone look like one service, which is a warning, or a review where a state says what the modifier
means or the minutes differ.

**Fails**: ``90834`` twice for one clinician and day; ``90834`` and ``90834-95``, as a warning.

**Passes**: ``90834`` by two clinicians; ``71046-26`` and ``71046-TC``, as of other modifiers nothing is concluded.

**Bypassed**: ``90834`` and ``90834-76``, or with 59 or one of its kin, or for two sites; ``90834`` and
``90834-95`` with clock times apart. The record must show two services.

**Cure**: drop the second line if it is the same session. If there really were two, the
documentation must show both, and the payer's rule for a repeat decides.

**Not checked**: a code that stands on another claim of the patient and day too, or on a line without a
clinician: whether it is the same line is told with a history, or by the clinician.

**Limits**: the same line on another claim is found with a history. Two visits of one code with other modifiers
are DUP602, and silent here. Where no clinician is named, a modifier that says who it was may name another one;
two modifiers of a state may mean two services: of both nothing is said.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.modifiers import Service
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.dup.repeats import PARTING, Repeats, clocks_apart, repeats
from cptkit.rules.dup.visits import visits_of
from cptkit.rules.emit import by_shape, finding, fix, not_checked, unnamed
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity

RULE = ("DUP601", "duplicate-line")

_CLOCKS = "their clock times"


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every group of equal lines; the fixes drop all but the first."""
    if encounter.elsewhere:
        yield from _elsewhere(encounter)
    if len(encounter.lines) < 2:
        return
    groups: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for line in encounter.lines:
        groups.setdefault((line.code, tuple(sorted(set(line.modifiers)))), []).append(line)
    for group in groups.values():
        if len(group) > 1:
            yield _duplicates(encounter, context, tuple(group))
    codes: dict[str, list[Line]] = {}
    for (code, _), (first, *_) in groups.items():
        codes.setdefault(code, []).append(first)
    for code, lines in codes.items():
        if len(lines) > 1 and code not in visits_of(encounter, context)[1]:
            yield from _alike(encounter, context, lines)


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
    evidence, severity = by_shape(context, "repeated")
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + unnamed(encounter),
        severity=Severity.WARNING if apart else severity,
        evidence=evidence,
        denial=context.denial("duplicate-line"),
        fixes=tuple(
            fix(FixKind.DROP_LINE, line, None, f"drop line {line.id}", same_session) for line in others
        ),
    )


def _alike(encounter: Encounter, context: Context, lines: list[Line]) -> Iterator[Finding]:
    """Of lines of one code with different modifiers: those that look like one service, and those told apart."""
    found = tuple(repeats(encounter, lines, context))
    equal = [each for each in found if each.mute and not clocks_apart(each.one, each.other)]
    if equal:
        yield _not_told_apart(encounter, context, _of(equal, lines), equal)
    by_modifier = [each for each in found if each.parting]
    by_clock = [each for each in found if each.mute and each not in equal]
    for told, by in ((by_modifier, _joined(by_modifier)), (by_clock, _CLOCKS)):
        if told:
            yield _told_apart(encounter, context, _of(told, lines), by)


def _of(pairs: list[Repeats], lines: list[Line]) -> tuple[Line, ...]:
    among = {line.id for each in pairs for line in (each.one, each.other)}
    return tuple(line for line in lines if line.id in among)


def _joined(pairs: list[Repeats]) -> str:
    return ", ".join(sorted({modifier for each in pairs for modifier in (*each.parting, *each.mute)}))


def _not_told_apart(
    encounter: Encounter, context: Context, lines: tuple[Line, ...], pairs: list[Repeats]
) -> Finding:
    first, *others = lines
    said, code = _joined(pairs), first.code
    times = "twice" if len(lines) == 2 else f"{len(lines)} times"
    verb = "says" if "," not in said else "say"
    message = (
        f"{code} is billed {times} for one clinician and day, and {said} {verb} nothing of a second service"
    )
    doubtful = any(each.by_state or _minutes_differ(each) for each in pairs)
    asked = "if there were two, each with its own note, say so with the modifier that the payer wants"
    drops = tuple(
        fix(FixKind.DROP_LINE, line, None, f"drop line {line.id}", f"it is the session of line {first.id}")
        for line in others
    )
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + unnamed(encounter),
        severity=Severity.REVIEW if doubtful else Severity.WARNING,
        denial=context.denial("duplicate-line"),
        fixes=(fix(FixKind.ASK, others[-1], None, asked), *drops),
    )


def _minutes_differ(pair: Repeats) -> bool:
    one, other = pair.one.documented_minutes, pair.other.documented_minutes
    return one is not None and other is not None and one != other


def _told_apart(encounter: Encounter, context: Context, lines: tuple[Line, ...], by: str) -> Finding:
    convention = context.convention(PARTING)
    return finding(
        RULE,
        encounter,
        context,
        lines,
        f"the lines of {lines[0].code} are told apart by {by}: the record must show two services",
        outcome=Outcome.BYPASSED,
        severity=Severity.REVIEW,
        evidence=() if convention is None or by == _CLOCKS else (convention.citation,),
    )


def columns(block: Encounters) -> Asked:
    """The encounters with a code on several lines."""
    return Asked(*block.whole(block.holding(block.repeated)))
