"""Surgeons beside the surgeon: whether the fee schedule pays an assistant, a second surgeon or a team."""

from collections.abc import Callable, Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, Fix, NotChecked, Severity
from cptkit.rules.pfs.rows import NOT_APPLICABLE, Unjudged, found, is_outside, told
from cptkit.rules.pfs.seen import Marks, by_modifier

__all__ = ["role_not_paid"]

_DOCUMENTED, _NEVER = "documented", "never"


Rule = tuple[str, str]
Fixes = Callable[[Line], tuple[Fix, ...]]


def role_not_paid(
    rule: Rule,
    encounter: Encounter,
    context: Context,
    *,
    role: str,
    column: str,
    denial: str,
    fixes: Fixes,
) -> Iterable[Finding | NotChecked]:
    """One finding for every line that bills a role which the schedule does not pay for its code.

    ``role``: the convention that names its modifiers.
    """

    def judge(encounter: Encounter, context: Context, marks: Marks) -> Iterator[Finding | NotChecked]:
        return _judge(rule, encounter, context, marks, column, denial, fixes)

    return by_modifier(rule, encounter, context, (role,), judge)


def _judge(
    rule: Rule,
    encounter: Encounter,
    context: Context,
    marks: Marks,
    column: str,
    denial: str,
    fixes: Fixes,
) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    lines: dict[int, tuple[Line, list[str]]] = {}
    for line, modifier in marks:
        lines.setdefault(id(line), (line, []))[1].append(modifier)
    for line, borne in lines.values():
        said = told(context, line, column, unjudged)
        if said is None:
            continue
        value = said.meaning.value
        if value == _DOCUMENTED:
            reason = f"{said.schedule}: {said.meaning.text}, which a claim does not show"
            unjudged.add(line, reason)
        elif value == _NEVER or (value == NOT_APPLICABLE and not is_outside(context, said.row)):
            indicator = getattr(said.row, column)
            yield found(
                rule,
                encounter,
                context,
                (line,),
                said,
                f"{line.code}-{'-'.join(borne)}: {said.meaning.text} ({said.schedule}, indicator {indicator})",
                severity=Severity.WARNING if value == NOT_APPLICABLE else None,
                denial=context.denial(denial),
                fixes=fixes(line),
            )
    yield from unjudged.entries(rule, encounter)
