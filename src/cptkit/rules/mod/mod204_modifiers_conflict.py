"""Two modifiers of one line exclude each other.

Some modifiers say opposite things (26 and TC), some say one thing twice (59 and XE), and the same
modifier twice says nothing more.

**Fails**: ``90837-95-93`` (two ways of telehealth), ``90837-HO-HN`` (two degree levels),
``90834-95-95``.

**Passes**: ``90837-95-HO``.

**Cure**: keep the one that the documentation supports.

**Limits**: where payers differ (50 with LT or RT, AS with 80-82) the finding is a warning and says so, unless a
profile says what the payer takes.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from cptkit.claims import Encounter, Line
from cptkit.codesets import ModifierRecord, ModifierSet
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, removal
from cptkit.rules.findings import Finding, Severity
from cptkit.rules.profiles.modifier_sets import TOGETHER, settles

RULE = ("MOD204", "modifiers-conflict")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every pair of modifiers on a line that exclude each other."""
    for line in encounter.lines:
        if len(line.modifiers) > 1:
            yield from _repeated(encounter, context, line)
            # only those on the list can conflict, and a line may hold any text
            found = ((modifier, context.modifier(modifier)) for modifier in sorted(set(line.modifiers)))
            listed = [record for _, record in found if record is not None]
            for one, other in combinations(listed, 2):
                yield from _conflict(encounter, context, line, one, other)


def _repeated(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding]:
    times = Counter(line.modifiers)
    for modifier in sorted(modifier for modifier, count in times.items() if count > 1):
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"modifier {modifier} stands {times[modifier]} times on the line",
            severity=Severity.WARNING,
            denial=context.denial("modifier-conflict"),
            fixes=(removal(line, modifier, once_stays=True),),
        )


def _conflict(
    encounter: Encounter, context: Context, line: Line, record: ModifierRecord, opposite: ModifierRecord
) -> Iterator[Finding]:
    one, other = record.code, opposite.code
    shared = _set_of(context, one, other)
    if shared is None and other not in record.conflicts and one not in opposite.conflicts:
        return
    settled = context.convention(settles(shared.name)) if shared is not None else None
    if settled is not None and settled.value == TOGETHER:
        return
    payers_differ = shared is not None and shared.strength != "error" and settled is None
    message = f"modifiers {one} and {other} exclude each other"
    message += f" ({shared.rule if settled is None else settled.text})" if shared is not None else ""
    named_by = record if other in record.conflicts else opposite
    fact = settled or shared
    evidence = (fact.citation if fact is not None else named_by.history[-1].citation,)
    sure = settled is None or settled.citation.confidence in SURE
    yield finding(
        RULE,
        encounter,
        context,
        (line,),
        message + ("; payers differ" if payers_differ else ""),
        severity=Severity.WARNING if payers_differ or not sure else Severity.ERROR,
        evidence=evidence,
        denial=context.denial("modifier-conflict"),
        fixes=(
            removal(line, one, f"{other} is what was documented"),
            removal(line, other, f"{one} is what was documented"),
        ),
    )


def _set_of(context: Context, one: str, other: str) -> ModifierSet | None:
    """The set that holds both; where several do, the one on which sources agree."""
    shared = [
        found for found in context.codeset.modifier_sets if one in found.members and other in found.members
    ]
    return min(shared, key=lambda found: ("error", "warning", "payer").index(found.strength), default=None)
