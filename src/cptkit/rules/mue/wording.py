"""What the rules of unit limits say, and the ways out they offer."""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter
from cptkit.rules.add.denied import gone_with
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, number, unnamed
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.mue.units import CLEAR, DAY, SEPARATE, Counted, Held, binds, counted

__all__ = ["day_over_limit", "line_over_limit"]

Rule = tuple[str, str]

_NEVER = "the code is not paid in this setting at all"  # a limit of zero
_NEVER_THERE = "Medicare does not pay the code in this setting at all, and other payers may"


def line_over_limit(
    rule: Rule, encounter: Encounter, context: Context, *, denial: str, way_out: str
) -> Iterable[Finding | NotChecked]:
    """What is said of limits that count lines, or of which nobody says what they count."""
    found = counted(encounter, context)
    return () if found is CLEAR else _by_line(rule, encounter, context, found, denial, way_out)


def _by_line(
    rule: Rule, encounter: Encounter, context: Context, found: Counted, denial: str, way_out: str
) -> Iterator[Finding | NotChecked]:
    if found.unlisted:
        yield not_checked(rule, encounter, found.unlisted, found.unchecked)
    for held in found.unsure:
        if held.how != DAY:
            reason = f"the table does not say how the limit of {held.mue.code} counts: each line is within it, all together are not"
            yield not_checked(rule, encounter, held.lines, reason)
    for held in found.over:
        if held.how != DAY:
            yield _over(rule, encounter, context, held, denial, way_out)


def day_over_limit(
    rule: Rule, encounter: Encounter, context: Context, *, mai: int, denial: str, way_out: str
) -> Iterable[Finding | NotChecked]:
    """What is said of limits of that indicator that count the day."""
    found = counted(encounter, context)
    return () if found is CLEAR else _by_day(rule, encounter, context, found, mai, denial, way_out)


def _by_day(
    rule: Rule, encounter: Encounter, context: Context, found: Counted, mai: int, denial: str, way_out: str
) -> Iterator[Finding | NotChecked]:
    if found.unlisted:
        yield not_checked(rule, encounter, found.unlisted, found.unchecked)
    for held in found.unsure:
        if held.how == DAY and held.mue.mai == mai:
            reason = (
                "a row that could not be read may hold more units of the day"
                if encounter.incomplete
                else f"more of {held.mue.code} stands on another claim of the day or without a clinician: the limit is of the day"
            )
            yield not_checked(rule, encounter, held.lines, reason)
    for held in found.over:
        if held.how == DAY and held.mue.mai == mai:
            yield _over(rule, encounter, context, held, denial, way_out)


def _over(
    rule: Rule, encounter: Encounter, context: Context, held: Held, denial: str, way_out: str
) -> Finding:
    mue = held.mue
    ids = [line.id for line in held.lines]
    where = f" on lines {', '.join(ids)}" if len(ids) > 1 else ""
    limit = f"Medicare's {mue.setting} limit of {mue.quarter} is {mue.value}" + (
        f" (MAI {mue.mai})" if mue.mai else ""
    )
    unsaid = "" if held.sure else ", and no modifier says why there are several lines"
    end = "all of them are denied, not only those beyond it" if mue.value else _NEVER
    holds = binds(mue, context)
    if not holds:
        end, way_out = _NEVER_THERE, f"ask whether the payer takes {mue.code}, as the limit is Medicare's"
    elif not mue.value:
        way_out = f"do not bill {mue.code} here; if another code stands for what was done, report that"
    resting = [f"mue-mai/{mue.mai}", "mue-all-units-denied", *(() if held.sure else (SEPARATE,))]
    conventions = [context.convention(name) for name in resting]
    return finding(
        rule,
        encounter,
        context,
        held.lines,
        f"{mue.code} has units {number(held.units)}{where}: {limit}{unsaid}; {end}{unnamed(encounter)}",
        severity=Severity.ERROR if held.sure and holds else Severity.WARNING,
        evidence=tuple(each.citation for each in conventions if each is not None),
        denial=context.denial(denial),
        fixes=(
            fix(FixKind.ASK, held.lines[0], None, way_out),
            *(_less(encounter, context, held) if holds else ()),
        ),
        edits=(mue,),
    )


def _less(encounter: Encounter, context: Context, held: Held) -> Iterator[Fix]:
    """Fewer units on one of the lines, where that is enough; else any of them could go."""
    value = held.mue.value
    provided = f"no more than {value} in all were done and documented" if value else ""
    room = {line.id: value - held.units + line.units for line in held.lines}
    lines = [line for line in reversed(held.lines) if room[line.id] >= 0] or list(reversed(held.lines))
    for line in lines:
        left = room[line.id]
        if left > 0:
            text = f"report {left} of {line.code} on line {line.id}"
            yield fix(FixKind.SET_UNITS, line, left, text, provided)
        else:
            given = "; ".join(filter(None, (provided, gone_with(encounter, context, line))))
            yield fix(FixKind.DROP_LINE, line, None, f"drop {line.code} on line {line.id}", given)
