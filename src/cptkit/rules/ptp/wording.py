"""What the rules of pair edits say, and the ways out they offer."""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codes import category_of
from cptkit.rules.add.denied import gone_with
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, unnamed
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import has_room, named
from cptkit.rules.ptp.pairs import (
    CLEAR,
    EITHER_LINE,
    NO_MODIFIER,
    Pair,
    Paired,
    Tried,
    distinct,
    paired,
)
from cptkit.rules.ptp.places import is_visit, misplaced
from cptkit.setting import Setting
from cptkit.sources import Citation

__all__ = ["denied_pair", "second_column"]

Rule = tuple[str, str]

_APART, _APART_VISIT = ("apart/procedure",), ("apart/visit",)
_DECIDED = ("pfs-modifiers/visit-with-major",)
_UNCOUNTED = ("contractor", "maternity")


def second_column(
    rule: Rule, encounter: Encounter, context: Context, *, exclusive: bool
) -> Iterable[Finding | NotChecked]:
    """What is said of column 2 lines: denied without a modifier, bypassed by one, or not checked.

    ``exclusive``: of pairs that exclude each other; otherwise of all others.
    """
    found = paired(encounter, context)
    if found is CLEAR and not encounter.incomplete:
        return ()
    return _second_column(rule, encounter, context, found, exclusive=exclusive)


def _second_column(
    rule: Rule, encounter: Encounter, context: Context, found: Paired, *, exclusive: bool
) -> Iterator[Finding | NotChecked]:
    reason, lines = _unchecked(encounter, found, exclusive=exclusive)
    if lines:
        yield not_checked(rule, encounter, lines, reason)
    for pair in found.pairs:
        if pair.edit.is_exclusive is exclusive:
            if pair.bypassed:
                yield _bypassed(rule, encounter, context, pair)
            elif not pair.tried:
                end = NO_MODIFIER if pair.edit.indicator == 0 else "no modifier says that they were apart"
                yield denied_pair(rule, encounter, context, pair, end)


def _unchecked(encounter: Encounter, found: Paired, *, exclusive: bool) -> tuple[str, tuple[Line, ...]]:
    """The one reason why something was left unchecked, and the lines concerned."""
    if found.unchecked:
        return found.unchecked, _shaped(encounter.lines)
    if encounter.incomplete:
        reason = "the code of a row that could not be read may be paired with these"
        return reason, _shaped(encounter.lines)
    outside = [edit for edit in found.outside if edit.is_exclusive is exclusive]
    seconds = {edit.column2 for edit in outside}
    firsts = ", ".join(sorted({edit.column1 for edit in outside}))
    reason = f"{firsts} stands on another claim of the day or without a clinician, and is column 1 of {', '.join(sorted(seconds))}"
    return reason, tuple(line for line in encounter.lines if line.code in seconds)


def _shaped(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if category_of(line.code) is not None)


def denied_pair(
    rule: Rule,
    encounter: Encounter,
    context: Context,
    pair: Pair,
    end: str,
    evidence: tuple[Citation, ...] = (),
) -> Finding:
    """A column 2 line that is denied; ``end``: why nothing lifts that."""
    first, second = pair.edit.column1, pair.edit.column2
    return finding(
        rule,
        encounter,
        context,
        _both(encounter, pair),
        f"{_said(pair)}: {first} is paid and {second} on line {pair.line.id} denied; {end}{unnamed(encounter)}",
        severity=Severity.ERROR if pair.sure else Severity.WARNING,
        evidence=(*_indicator(context, pair), *evidence),
        denial=context.denial("ptp-mutually-exclusive" if pair.edit.is_exclusive else "ptp-bundled"),
        fixes=tuple(_fixes(encounter, context, pair)),
        edits=(pair.edit,),
    )


def _bypassed(rule: Rule, encounter: Encounter, context: Context, pair: Pair) -> Finding:
    helping = {each.record.code: each.record for each in pair.tried}
    said = ", ".join(
        f"{code} ({record.label}) on line {', '.join(each.line.id for each in pair.tried if each.record is record)}"
        for code, record in sorted(helping.items())
    )
    evidence = [record.history[-1].citation for _, record in sorted(helping.items())]
    convention = context.convention(EITHER_LINE)
    if convention is not None and any(_on_column1(pair, each, distinct(context)) for each in pair.tried):
        evidence.append(convention.citation)
    return finding(
        rule,
        encounter,
        context,
        _both(encounter, pair),
        f"{_said(pair)}, bypassed for line {pair.line.id} by {said}: the record must show two separate services, as the modifier says",
        outcome=Outcome.BYPASSED,
        severity=Severity.REVIEW,
        evidence=(*_indicator(context, pair), *evidence),
        edits=(pair.edit,),
    )


def _on_column1(pair: Pair, each: Tried, apart: frozenset[str]) -> bool:
    return each.line is not pair.line and each.record.code in apart


def _said(pair: Pair) -> str:
    edit = pair.edit
    ids = ", ".join(line.id for line in pair.column1)
    where = f"line {ids}" if len(pair.column1) == 1 else f"lines {ids}"
    return f"{edit.column2} is column 2 of {edit.column1} ({where}) in Medicare's {edit.setting} pair edits of {edit.quarter}"


def _both(encounter: Encounter, pair: Pair) -> tuple[Line, ...]:
    """The lines of the pair, in the order of the encounter."""
    return tuple(line for line in encounter.lines if line is pair.line or line in pair.column1)


def _indicator(context: Context, pair: Pair) -> tuple[Citation, ...]:
    convention = context.convention(f"ptp-indicator/{pair.edit.indicator}")
    return () if convention is None else (convention.citation,)


def _fixes(encounter: Encounter, context: Context, pair: Pair) -> Iterator[Fix]:
    line, first = pair.line, pair.edit.column1
    if pair.edit.indicator != 0:
        yield from _bypasses(encounter, context, pair)
    exclusive = pair.edit.is_exclusive
    provided = f"{first} is what was done" if exclusive else f"{line.code} was part of {first}"
    yield _drop(encounter, context, line, provided if exclusive or pair.edit.indicator else "")
    if exclusive and len(pair.column1) == 1:
        yield _drop(encounter, context, pair.column1[0], f"{line.code} is what was done")


def _drop(encounter: Encounter, context: Context, line: Line, provided: str) -> Fix:
    """A line less; add-ons that have no other primary go with it, and that is said."""
    provided = "; ".join(filter(None, (provided, gone_with(encounter, context, line))))
    return fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided)


def _bypasses(encounter: Encounter, context: Context, pair: Pair) -> Iterator[Fix]:
    """The modifiers that would say why the two were apart; a question where that is not known."""
    line, first = pair.line, pair.edit.column1
    visit = is_visit(line.code, context)
    offered: dict[str, str] = {}
    unclear = ""
    if visit is True:
        offered, unclear = _for_visit(encounter, context, first)
    elif visit is False and not is_visit(first, context) and distinct(context).isdisjoint(line.modifiers):
        offered = _where(context, _APART)
    possible = [
        (modifier, provided)
        for modifier, provided in (offered.items() if has_room(line, context) else ())
        if (record := context.modifier(modifier)) is not None
        and modifier not in line.modifiers
        and not misplaced(record, line.code, encounter.setting, context)
    ]
    if not possible:
        text = f"if {line.code} and {first} were separate services, let the modifier say so that the record supports"
        yield fix(FixKind.ASK, line, None, text + unclear)
    for modifier, provided in possible:
        yield fix(FixKind.ADD_MODIFIER, line, modifier, f"add {modifier} to {line.code}", provided)


def _where(context: Context, names: tuple[str, ...]) -> dict[str, str]:
    """The modifiers of conventions, each with what it asks of the record."""
    found = ((each, context.convention(f"apart-where/{each}")) for each in named(names, context) or ())
    return {modifier: where.text for modifier, where in found if where is not None}


def _for_visit(encounter: Encounter, context: Context, first: str) -> tuple[dict[str, str], str]:
    """The modifiers for a visit beside a procedure, by its global days; where these are not told, why."""
    offered = _where(context, _APART_VISIT)
    answer = context.edits.fee_row(first) if encounter.setting is Setting.PRACTITIONER else None
    majors = named(_DECIDED, context) or ()
    if answer is None:
        return offered, ""
    either = f": {' or '.join((*offered, *majors))}, as the global days of {first} are"
    row = answer.row
    if row is None:
        return ({}, f"{either}; {answer.not_checked}") if answer.not_checked else (offered, "")
    means = context.convention(f"pfs-global/{row.global_days}")
    schedule = f"global days {row.global_days} in Medicare's fee schedule ({row.release})"
    if means is None or means.value in _UNCOUNTED:
        return {}, f"{either}; {schedule} do not say"
    if not means.value[0].isdigit() or means.value[0] == "0":
        return offered, ""
    provided = f"the visit decided on {first}, {schedule}, and the record shows it"
    return dict.fromkeys(majors, provided), ""
