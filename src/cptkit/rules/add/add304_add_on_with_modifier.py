"""An add-on carries a modifier that add-ons do not take.

An add-on is priced as an extra from the start. So it is never the further procedure that 51 stands for, and
most payers do not double it by 50.

**Fails**: ``90785-51``; ``64484-50``.

**Passes**: ``90785``; ``64483-50``, which is no add-on.

**Cure**: remove it. An add-on on two sides is reported as the payer asks for two sides.

**Not checked**: days before the record of the modifier begins.

**Limits**: add-ons that the edition knows. On 50 sources differ, as Medicare pays some add-ons for two sides: a
warning, and nothing here where the fee schedule of the day says of the code how its sides are paid, as
PFS902 judges by that.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.pfs.rows import Unjudged, does_not_arise, told
from cptkit.setting import Setting
from cptkit.sources import weakest

RULE = ("ADD304", "add-on-with-modifier")

_FURTHER, _SIDES = "add-on-modifiers/further-procedure", "add-on-modifiers/both-sides"


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is an add-on with a modifier."""
    (line,) = alone.lines
    return bool(line.modifiers) and context.addon(line.code) is not None


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every add-on with a modifier that add-ons do not take."""
    lines = [line for line in encounter.lines if line.modifiers and context.addon(line.code) is not None]
    return _check(encounter, context, lines) if lines else ()


def _check(encounter: Encounter, context: Context, lines: list[Line]) -> Iterator[Finding | NotChecked]:
    conventions = [(name, context.convention(name)) for name in (_FURTHER, _SIDES)]
    for line in lines:
        for name, convention in conventions:
            left = name == _SIDES and _is_told_by_sides(encounter, context, line)
            if convention is not None and not left:
                for modifier in convention.value.split():
                    if modifier in line.modifiers:
                        yield _judge(encounter, context, line, modifier, convention)


def _judge(
    encounter: Encounter, context: Context, line: Line, modifier: str, convention: Convention
) -> Finding | NotChecked:
    status = context.modifier_standing(modifier)
    if status is not None and status.in_force is None:
        return not_checked(RULE, encounter, (line,), status.reason)
    evidence = (convention.citation, *(() if status is None else (status.citation,)))
    sure = weakest(citation.confidence for citation in evidence) in SURE
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{line.code} is an add-on and does not take {modifier}: {convention.text}"
        + ("" if sure else "; payers differ"),
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("addon-with-modifier-50-51"),
        fixes=_fixes(line, modifier, convention),
    )


def _fixes(line: Line, modifier: str, convention: Convention) -> tuple[Fix, ...]:
    if convention.name == _FURTHER:
        return (removal(line, modifier),)
    return (
        fix(
            FixKind.ASK,
            line,
            None,
            "if both sides were done, report the add-on as the payer asks for two sides",
        ),
        removal(line, modifier, "it was done on one side"),
    )


def _is_told_by_sides(encounter: Encounter, context: Context, line: Line) -> bool:
    """Whether the fee schedule of the day says of a practitioner's line how two sides are paid."""
    if encounter.setting is not Setting.PRACTITIONER:
        return False
    said = told(context, line, "bilat", Unjudged())
    return said is not None and not does_not_arise(context, said)
