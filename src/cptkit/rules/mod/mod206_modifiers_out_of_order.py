"""A modifier that sets the price stands behind one that does not.

Payers price a line by its first modifiers. One that changes the price comes first, the part of a test
(26, TC) before all others, and on Medicare's lines the plan of therapy (GN, GO, GP) first or second. Behind
others it may be overlooked: the line is paid at another price, or sent back.

**Fails**: ``71046-GA-26``; ``00104-QS-AA``; ``76819-52-26``; under Medicare ``97110-59-KX-GP``.

**Passes**: ``71046-26-GA``; ``97530-GO-CO``; ``90837-95-HO``.

**Cure**: the same modifiers in the order that the finding shows.

**Limits**: a warning: most payers read all places. Which modifiers set the price is our reading of what they are
for. Of 51, 78 and 79 sources say different things, so where they stand is not judged, nor is the order of those
that do not set the price; a payer's own order, such as a state's modifier in the first place, is not known here.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention, ModifierRecord
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix
from cptkit.rules.findings import Finding, FixKind, Severity
from cptkit.rules.modifiers import members, named
from cptkit.sources import Basis

RULE = ("MOD206", "modifiers-out-of-order")

_FIRST = "modifier-order/pricing"
_PARTS = "modifier-order/component"
_OPEN = ("modifier-order/open",)
_PLAN = "therapy-plan"
_PLAN_PLACE = f"modifier-order/{_PLAN}"

_PART, _PRICE, _OTHER = range(3)


def check(encounter: Encounter, context: Context) -> Iterable[Finding]:
    """One finding for every line whose modifiers stand in an order by which it may be priced wrongly."""
    lines = [line for line in encounter.lines if len(line.modifiers) > 1]
    return _check(encounter, context, lines) if lines else ()


def _check(encounter: Encounter, context: Context, lines: list[Line]) -> Iterator[Finding]:
    for line in lines:
        said = [*_behind(context, line), *_plan_too_far(context, line)]
        if said:
            order = ", ".join(_in_order(context, line))
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"the modifiers of {line.code} are out of order: {'; '.join(text for text, _ in said)}",
                severity=Severity.WARNING,
                evidence=tuple(dict.fromkeys(convention.citation for _, convention in said)),
                denial=context.denial("modifier-order"),
                fixes=(fix(FixKind.ASK, line, None, f"write them as {order}"),),
            )


def _behind(context: Context, line: Line) -> Iterator[tuple[str, Convention]]:
    """Each modifier that one of less weight for the price stands before, with the fact that says so."""
    first: dict[int, str] = {}
    for modifier in dict.fromkeys(line.modifiers):
        rank = context.kept(_rank, modifier)
        if rank is None:
            continue
        before = next((first[each] for each in (_OTHER, _PRICE) if each in first and each > rank), "")
        first.setdefault(rank, modifier)
        name = _PARTS if rank == _PART and context.kept(_rank, before) == _PRICE else _FIRST
        convention = context.convention(name) if before else None
        if convention is not None:
            yield f"{modifier} stands behind {before} ({convention.text})", convention


def _plan_too_far(context: Context, line: Line) -> Iterator[tuple[str, Convention]]:
    """The plan of therapy, where Medicare looks for it further ahead."""
    convention = context.convention(_PLAN_PLACE) if context.basis is Basis.MEDICARE else None
    if convention is not None:
        for modifier in line.modifiers[int(convention.value) :]:
            if modifier in members(_PLAN, context):
                yield f"{modifier} stands too far behind ({convention.text})", convention


def _rank(modifier: str, context: Context) -> int | None:
    """The weight of a modifier for the price; None where its place is another question."""
    record = context.modifier(modifier)
    if record is None or modifier in members(_PLAN, context) or modifier in (named(_OPEN, context) or ()):
        return None
    return _weight(record)


def _weight(record: ModifierRecord) -> int:
    if "component" in record.kinds:
        return _PART
    return _PRICE if record.order_class == 1 and "pricing" in record.kinds else _OTHER


def _in_order(context: Context, line: Line) -> list[str]:
    """The modifiers of a line with those for the price first, then the plan of therapy, then the others."""
    plan = members(_PLAN, context)

    def place(modifier: str) -> float:
        if modifier in plan:
            return _PRICE + 0.5
        rank = context.kept(_rank, modifier)
        return _OTHER if rank is None else rank

    return sorted(line.modifiers, key=place)
