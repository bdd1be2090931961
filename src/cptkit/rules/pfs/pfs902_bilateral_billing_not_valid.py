"""A line bills two sides, and the fee schedule does not pay the code by sides.

A service on both sides is reported with 50, or with LT and RT. The bilateral indicator of Medicare's fee
schedule says for each code what that pays: more, nothing more, or nothing because the code stands for
both sides already.

**Fails**: ``77067-50`` (both sides are the code); ``17110-50``; ``77067-LT`` and ``77067-RT``.

**Passes**: ``20610-50``; ``20610-LT`` and ``20610-RT``; ``17110-LT`` alone.

**Cure**: report the code once, without the modifier.

**Not checked**: days without a release of the fee schedule; with 50, codes that it does not list.

**Limits**: practitioners' claims; the indicators are Medicare's, so under another basis this is a warning.
That LT with RT is no more than 50 is a warning where the indicator speaks of 50 alone. 50 beside LT or RT
on one line is MOD204. How many lines and units a payer wants is not judged, nor is a code that the
schedule does not price (50 on an add-on of those is ADD304's).
"""

from collections.abc import Collection, Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.modifiers import named
from cptkit.rules.pfs.rows import NOT_APPLICABLE, Told, Unjudged, does_not_arise, found, told
from cptkit.rules.pfs.seen import Marks, bears, by_modifier

RULE = ("PFS902", "bilateral-billing-not-valid")

_BOTH, _LEFT, _RIGHT = ("pfs-modifiers/both-sides",), ("pfs-modifiers/left",), ("pfs-modifiers/right",)
_ALL = _BOTH + _LEFT + _RIGHT
_BY_SIDES = ("both-sides", "each-side")
_INCLUDED = "included"


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line has one of the modifiers that this is about."""
    return bears(_ALL, alone, context)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line with 50, and every code on both sides, that is not paid by sides."""
    return by_modifier(RULE, encounter, context, _ALL, _judge)


def _judge(encounter: Encounter, context: Context, marks: Marks) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    sided: dict[str, list[Line]] = {}
    for line, modifier in marks:
        if _borne(context, _BOTH, (modifier,)):
            yield from _both_on_one(encounter, context, line, modifier, unjudged)
        elif not _borne(context, _BOTH, line.modifiers) and line not in sided.setdefault(line.code, []):
            sided[line.code].append(line)
    for lines in sided.values():
        borne = [modifier for line in lines for modifier in line.modifiers]
        left, right = _borne(context, _LEFT, borne), _borne(context, _RIGHT, borne)
        if left and right:
            yield from _left_and_right(encounter, context, lines, (left[0], right[0]), unjudged)
    yield from unjudged.entries(RULE, encounter)


def _borne(context: Context, role: tuple[str], modifiers: Collection[str]) -> list[str]:
    """The modifiers of a role that are among these."""
    return [modifier for modifier in named(role, context) or () if modifier in modifiers]


def _both_on_one(
    encounter: Encounter, context: Context, line: Line, modifier: str, unjudged: Unjudged
) -> Iterator[Finding]:
    said = told(context, line, "bilat", unjudged)
    if said is None or not _is_wrong(context, said):
        return
    yield found(
        RULE,
        encounter,
        context,
        (line,),
        said,
        f"{line.code} does not take {modifier}: {_why(said)}",
        severity=Severity.WARNING if said.meaning.value == NOT_APPLICABLE else None,
        denial=context.denial("modifier-inconsistent"),
        fixes=(removal(line, modifier, "the code is reported once"),),
    )


def _left_and_right(
    encounter: Encounter, context: Context, lines: list[Line], sides: tuple[str, str], unjudged: Unjudged
) -> Iterator[Finding]:
    wrong = [
        said
        for line in lines
        if (said := told(context, line, "bilat", unjudged, listed=False)) and _is_wrong(context, said)
    ]
    if len(wrong) < len(lines):
        return
    said = wrong[0]
    yield found(
        RULE,
        encounter,
        context,
        tuple(lines),
        said,
        f"{lines[0].code} with {sides[0]} and {sides[1]} bills two sides: {_why(said)}",
        severity=None if said.meaning.value == _INCLUDED else Severity.WARNING,
        denial=context.denial("bilateral-rule"),
        fixes=_one_side(lines, sides),
    )


def _is_wrong(context: Context, said: Told) -> bool:
    return said.meaning.value not in _BY_SIDES and not does_not_arise(context, said)


def _why(said: Told) -> str:
    return f"{said.schedule} has bilateral indicator {said.row.bilat}, {said.meaning.text}"


def _one_side(lines: list[Line], sides: tuple[str, str]) -> tuple[Fix, ...]:
    provided = "the code stands for all that was done"
    if len(lines) == 1:
        return (removal(lines[0], sides[1], provided),)
    if len(lines) == 2 and not set(sides).issubset(lines[0].modifiers):
        return (
            fix(FixKind.DROP_LINE, lines[1], None, f"drop {lines[1].code}: it is reported once", provided),
        )
    return (
        fix(FixKind.ASK, lines[0], None, f"report {lines[0].code} once, if it stands for all that was done"),
    )
