"""A modifier that may bypass pair edits stands on a pair, and does not bypass its edit.

It is tried in vain where the pair has indicator 0; where two site modifiers name the same site, or only
one of the lines names one; where 59 or one of XE, XP, XS and XU stands on the column 1 line alone on a
day when it counted on column 2 alone; where it stands on a line on which it never stands, such as 25 on
a procedure or 59 on a visit; and where one of several lines of column 1 is left without.

**Fails**: ``90834-59`` beside ``90837``; ``99214-25`` beside ``90792`` (both indicator 0);
``11102-RT`` and ``17110-RT`` (both lines name the right side).

**Passes**: modifiers that bypass their edit, of which PTP701 and PTP702 tell; pairs without any,
which are judged there.

**Cure**: with indicator 0 drop the column 2 line; otherwise the modifier that fits, where the record
shows two separate services.

**Not checked**: lines with such a modifier on days of a quarter of which no pair edits are there.

**Limits**: that site modifiers bypass an edit only by two different sites is a reading of the rule of
separate sites, and where a modifier may stand is not tested by every payer: both are warnings. Two
different site modifiers count as two sites even where one may hold the other, such as LT beside a
finger of the left hand.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.emit import not_checked
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.ptp.pairs import CLEAR, Pair, Paired, paired, tried_on
from cptkit.rules.ptp.wording import denied_pair
from cptkit.sources import Citation

RULE = ("PTP703", "bypass-cannot-work")


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line has a modifier that may bypass an edit."""
    records = (context.modifier(modifier) for modifier in alone.lines[0].modifiers)
    return any(record is not None and record.ncci_bypass for record in records)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every column 2 line whose pair has modifiers, none of which bypasses the edit."""
    found = paired(encounter, context)
    return () if found is CLEAR else _check(encounter, context, found)


def _check(encounter: Encounter, context: Context, found: Paired) -> Iterator[Finding | NotChecked]:
    if found.unchecked:
        lines = tuple(line for line in encounter.lines if tried_on(line, encounter.setting, context))
        if lines:
            yield not_checked(RULE, encounter, lines, found.unchecked)
    for pair in found.pairs:
        if pair.tried and not pair.bypassed:
            yield denied_pair(RULE, encounter, context, pair, _in_vain(pair), _evidence(pair))


def _in_vain(pair: Pair) -> str:
    """The modifiers and why each does not bypass the edit, those with one reason together."""
    reasons: dict[str, list[str]] = {}
    for each in pair.tried:
        reasons.setdefault(each.why_not, []).append(f"{each.record.code} on line {each.line.id}")
    return "; ".join(
        f"{', '.join(modifiers)} {'does' if len(modifiers) == 1 else 'do'} not bypass the edit: {why}"
        for why, modifiers in reasons.items()
    )


def _evidence(pair: Pair) -> tuple[Citation, ...]:
    """What the facts say of the modifiers; where no modifier helps they need not be asked."""
    records = {} if pair.edit.indicator == 0 else {each.record.code: each.record for each in pair.tried}
    return tuple(record.history[-1].citation for _, record in sorted(records.items()))
