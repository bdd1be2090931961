"""The primary of an add-on is denied, and the add-on with it.

An add-on is paid only where its primary is. Where published edits deny every primary that the claim has
for it, the add-on is denied too: a primary in column 2 of a pair edit (PTP701, PTP702, PTP703) or over its
unit limit (MUE801, MUE802, MUE803), or one that is itself an add-on on such a line or on none.

**Fails**: ``90834``, ``90837`` and ``90785`` where ``90834`` is column 2 and ``90837`` over its limit.

**Passes**: ``90834``, ``90837`` and ``90785``: ``90837`` is paid and carries the add-on.

**Cure**: cure what denies the primary. Where it is rightly denied, drop the add-on.

**Not checked**: add-ons with a primary where no pair edits or no unit limits of the quarter are there;
add-ons with an open list, with a primary on another day, on another claim or without a clinician, or
where a row could not be read, once the primaries that are seen are denied.

**Limits**: one claim. Denials by pair edits and unit limits alone; what other rules find does not count
here. An add-on without any primary is ADD301 or ADD302. Whether an edit that a payer applies to column
1 comes before or after is not told by the tables. Units below 1 are COD103's: such a line is neither an add-on
nor a denied primary here.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cptkit.claims import Encounter
from cptkit.rules.add.denied import Denied, Hanging, carried, hang, is_addon
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.mue.units import counted
from cptkit.rules.ptp.pairs import paired

if TYPE_CHECKING:
    from cptkit.edits.telling import EditRow

RULE = ("ADD303", "add-on-with-denied-primary")


concerns = is_addon


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every add-on whose primaries on the claim are all denied."""
    if len(encounter.lines) < 2:
        return ()
    addons = carried(encounter, context)
    return _check(encounter, context, addons) if addons else ()


def _check(encounter: Encounter, context: Context, addons: list[Hanging]) -> Iterator[Finding | NotChecked]:
    denied = hang(encounter, context, addons)
    unchecked = paired(encounter, context).unchecked or counted(encounter, context).unchecked
    unknown = []
    for each in addons:
        if not each.carriers:
            continue
        if not all(line.id in denied for line in each.carriers):
            unknown.append(each.line)
            continue
        reason = _reason(encounter, each)
        if reason:
            yield not_checked(RULE, encounter, (each.line,), reason)
        else:
            yield _finding(encounter, context, each, denied)
    if unchecked and unknown:
        reason = f"whether their primaries are denied is not known: {unchecked}"
        yield not_checked(RULE, encounter, tuple(unknown), reason)


def _reason(encounter: Encounter, each: Hanging) -> str:
    """Why another primary than those denied may be there; empty where none can."""
    code = each.line.code
    start = f"the primaries of {code} on this claim are denied, and "
    if not each.lists.closed:
        return start + "its list is open, or its primary may be on another day"
    outside = sorted(each.lists.primaries & encounter.elsewhere)
    if outside:
        return start + f"{', '.join(outside)} stands on another claim of the day or without a clinician"
    return start + "a row could not be read" if encounter.incomplete else ""


def _finding(encounter: Encounter, context: Context, each: Hanging, denied: dict[str, Denied]) -> Finding:
    causes = [(line, denied[line.id]) for line in each.carriers]
    said = ", ".join(f"{line.code} on line {line.id} ({cause.why})" for line, cause in causes)
    codes = {line.code for line in each.carriers}
    rows: list[EditRow] = [row for row in each.lists.published.rows if row.primary in codes]
    rows.extend(row for _, cause in causes for row in cause.rows)
    line, addon = each.line, each.lists.addon
    sure = addon is None or addon.citation.confidence in SURE
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{line.code} is an add-on, and its primary is denied: {said}",
        severity=Severity.ERROR if sure and all(cause.sure for _, cause in causes) else Severity.WARNING,
        evidence=() if addon is None else (addon.citation,),
        denial=context.denial("addon-primary-denied"),
        fixes=(
            fix(FixKind.ASK, line, None, "cure what denies the primary, if it was done and documented"),
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", "its primary is not billed"),
        ),
        edits=tuple(dict.fromkeys(rows)),
    )
