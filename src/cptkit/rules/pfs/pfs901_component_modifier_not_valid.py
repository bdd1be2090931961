"""A line bears 26 or TC, and the code has no such part.

Some tests are paid in two parts: 26 is the reading of the result, TC the equipment and staff. The PC/TC
indicator of Medicare's fee schedule says for each code whether it can be split so. A code that is a
part already, or a whole that nobody splits, takes neither.

**Fails**: ``93010-26`` (the reading alone is the code), ``90837-TC`` (a practitioner's service),
``93000-26`` (the whole test; its parts have codes of their own), ``84165-TC`` (a laboratory test whose
reading alone is priced: the test is the code without a modifier), ``80053-26`` (a laboratory test that
nobody reads apart).

**Passes**: ``71046-26`` and ``71046-TC``; a code with a row of its own for the modifier.

**Cure**: report the code of the part that was done, or the code without the modifier where all of it was
done.

**Not checked**: days without a release of the fee schedule; codes that it does not list.

**Limits**: practitioners' claims; the indicators are Medicare's, so under another basis this is a warning.
26 beside TC on one line is MOD204. That parts do not apply to a code (indicator 9) is a warning, and nothing
is said where Medicare does not take or cover the code, as its indicators are filled in only.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import fix, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.modifiers import named
from cptkit.rules.pfs.rows import NOT_APPLICABLE, Unjudged, found, is_outside, is_untaken, told
from cptkit.rules.pfs.seen import Marks, by_modifier

RULE = ("PFS901", "component-modifier-not-valid")

_ROLE = "pfs-modifiers/"
_PARTS = (f"{_ROLE}professional", f"{_ROLE}technical")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every 26 or TC on a code that has no such part."""
    return by_modifier(RULE, encounter, context, _PARTS, _judge)


def _judge(encounter: Encounter, context: Context, marks: Marks) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    for line, modifier in marks:
        with_it = context.edits.fee_row(line.code, modifier)
        if with_it is not None and with_it.row is not None:
            continue
        said = told(context, line, "pctc", unjudged, modifiers=_rows(context, line))
        if said is None or modifier in said.meaning.value.split():
            continue
        is_vague = said.meaning.value == NOT_APPLICABLE
        if is_vague and is_untaken(context, said.row):
            continue
        yield found(
            RULE,
            encounter,
            context,
            (line,),
            said,
            f"{line.code} does not take {modifier}: {said.schedule} has PC/TC indicator {said.row.pctc}, "
            f"{said.meaning.text}",
            severity=Severity.WARNING if is_vague else None,
            denial=context.denial("modifier-inconsistent"),
            fixes=_fixes(context, line, modifier, said.meaning.value),
        )
    yield from unjudged.entries(RULE, encounter)


def _rows(context: Context, line: Line) -> tuple[str, ...] | None:
    """The parts by whose rows a code is judged whose whole is not priced; None where it is."""
    whole = context.edits.fee_row(line.code)
    row = None if whole is None else whole.row
    return None if row is not None and not is_outside(context, row) else named(_PARTS, context)


def _fixes(context: Context, line: Line, modifier: str, value: str) -> tuple[Fix, ...]:
    part = f"{_ROLE}{value}"  # the indicator says of such a code which part it is
    if part in _PARTS and modifier in (named((part,), context) or ()):
        return (removal(line, modifier, because="the code is that part alone"),)
    return (
        fix(FixKind.ASK, line, None, "report the code of the part that was done, if there is one"),
        removal(line, modifier, f"all that {line.code} stands for was done"),
    )
