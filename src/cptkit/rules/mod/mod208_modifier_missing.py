"""A line lacks a modifier that it needs.

Some modifiers need another one beside them: the therapy assistant's (CQ, CO) the plan of care (GP, GO). And
Medicare wants one on some codes: on anaesthesia who gave or directed it, on outpatient therapy whose plan it
follows, on spinal manipulation that it is active treatment.

**Fails**: ``97530-CO``; under Medicare ``00104``, ``97110`` and ``98941`` without any.

**Passes**: ``97530-GO-CO``; under Medicare ``00104-QZ``, ``97110-GP``, ``98941-AT``, ``98941-GA`` (not active).

**Cure**: add the modifier that says what was done.

**Limits**: which codes need one under Medicare is known for anaesthesia, timed therapy and spinal manipulation
alone, unless a profile lists others, and judged on practitioners' claims. For the last two it rests on weak
sources: a warning. Where two modifiers exclude each other that is MOD204. What a telehealth visit or a
clinician's degree needs is a payer's own rule, and which drugs need JW or JZ is not on record.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, removal
from cptkit.rules.findings import Finding, Fix, FixKind, Severity
from cptkit.rules.kinds import codes_of
from cptkit.rules.modifiers import has_room, members
from cptkit.setting import Setting
from cptkit.sources import Basis, Citation

RULE = ("MOD208", "modifier-missing")

_NEEDED = "modifier-needed/"
_PLAN = "therapy-plan"
_PLAN_PLACE = f"modifier-order/{_PLAN}"
_NONE = frozenset[str]()


def check(encounter: Encounter, context: Context) -> Iterable[Finding]:
    """One finding for every modifier that a line needs and does not have."""
    by_medicare = context.basis is Basis.MEDICARE and encounter.setting is Setting.PRACTITIONER
    needs = context.kept(_needs) if by_medicare else ()
    codes = context.kept(_named) if by_medicare else _NONE
    lines = [line for line in encounter.lines if line.code in codes or _needs_another(context, line)]
    return _check(encounter, context, lines, needs) if lines else ()


def _needs(context: Context) -> tuple[Convention, ...]:
    """The conventions of the day by which codes need a modifier under Medicare."""
    named = (context.convention(each) for each in context.codeset.conventions if each.startswith(_NEEDED))
    return tuple(convention for convention in named if convention is not None)


def _named(context: Context) -> frozenset[str]:
    """The codes that any of these conventions names."""
    return frozenset(code for convention in _needs(context) for code in codes_of(convention.value))


def _needs_another(context: Context, line: Line) -> bool:
    """Whether a modifier of the line needs another one beside it."""
    records = (context.modifier(modifier) for modifier in line.modifiers)
    return any(record is not None and record.requires for record in records)


def _check(
    encounter: Encounter, context: Context, lines: list[Line], needs: tuple[Convention, ...]
) -> Iterator[Finding]:
    for line in lines:
        wants = [(each, _wanted(context, each)) for each in needs if line.code in codes_of(each.value)]
        every = {modifier for _, wanted in wants for modifier in wanted}
        asked: set[str] = set()
        for modifier in dict.fromkeys(line.modifiers):
            for needed, citation in _beside(context, line, modifier):
                asked.add(needed)
                yield _without(encounter, context, line, (modifier, needed), citation, kept=needed in every)
        for convention, wanted in wants:
            if wanted.isdisjoint(line.modifiers) and wanted.isdisjoint(asked):
                yield from _on_code(encounter, context, line, convention, wanted)


def _wanted(context: Context, convention: Convention) -> frozenset[str]:
    """The modifiers of which the codes of a convention need one."""
    tail = convention.name.removeprefix(_NEEDED)
    return members(tail, context) or frozenset({tail})


def _beside(context: Context, line: Line, modifier: str) -> tuple[tuple[str, Citation], ...]:
    """What a modifier of the line needs beside it and does not have, with the fact that says so."""
    record, status = context.modifier(modifier), context.modifier_standing(modifier)
    if record is None or status is None or not status.in_force or _says_otherwise(context, line, modifier):
        return ()
    return tuple((needed, status.citation) for needed in record.requires if needed not in line.modifiers)


def _without(
    encounter: Encounter,
    context: Context,
    line: Line,
    pair: tuple[str, str],
    citation: Citation,
    *,
    kept: bool,
) -> Finding:
    """``kept``: the code needs the missing modifier too, so that taking the other one away is no cure."""
    modifier, needed = pair
    no_assistant = removal(line, modifier, "no assistant gave the service")
    fixes = _adding(context, line, needed, f"the service was under the plan that {needed} names")
    return _finding(
        encounter,
        context,
        line,
        f"{modifier} on {line.code} needs {needed} beside it",
        citation,
        fixes if kept else (*fixes, no_assistant),
    )


def _on_code(
    encounter: Encounter, context: Context, line: Line, convention: Convention, needed: frozenset[str]
) -> Iterator[Finding]:
    if all(_says_otherwise(context, line, modifier) for modifier in needed):
        return
    choice = " or ".join(sorted(needed))
    message = f"{line.code} is without {choice}: {convention.text}"
    fixes: tuple[Fix, ...] = (fix(FixKind.ASK, line, None, f"add {choice}, as the record shows"),)
    record = context.modifier(choice)
    if record is not None:  # the one that is needed
        others = " or ".join(sorted(record.conflicts))
        fixes = (
            fix(FixKind.ASK, line, None, f"add {others}, if the record shows that instead"),
            *_adding(context, line, choice, "the record shows what it stands for"),
        )
    yield _finding(encounter, context, line, message, convention.citation, fixes)


def _says_otherwise(context: Context, line: Line, modifier: str) -> bool:
    """Whether a modifier of the line excludes this one."""
    record = context.modifier(modifier)
    return record is not None and not record.conflicts.isdisjoint(line.modifiers)


def _adding(context: Context, line: Line, modifier: str, provided: str) -> tuple[Fix, ...]:
    """The modifier as a fix, where the line has a place for it; else a question."""
    plan = modifier in members(_PLAN, context) and context.basis is Basis.MEDICARE
    if has_room(line, context, _PLAN_PLACE) if plan else has_room(line, context):
        return (fix(FixKind.ADD_MODIFIER, line, modifier, f"add {modifier} to {line.code}", provided),)
    return (fix(FixKind.ASK, line, None, f"put {modifier} where the payer looks for it, if {provided}"),)


def _finding(
    encounter: Encounter,
    context: Context,
    line: Line,
    message: str,
    citation: Citation,
    fixes: tuple[Fix, ...],
) -> Finding:
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.ERROR if citation.confidence in SURE else Severity.WARNING,
        evidence=(citation,),
        denial=context.denial("modifier-missing"),
        fixes=fixes,
    )
