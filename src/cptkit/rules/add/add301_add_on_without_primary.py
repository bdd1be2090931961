"""An add-on stands without a primary it may be added to.

An add-on extends another service and is never reported alone. It is paid only when one of its
primaries is there for the same patient, the same day and the same clinician; when the primary is
not on the list, or stands under another clinician or day, the add-on is denied.

**Fails**: ``90833`` alone; ``90833`` with ``90834`` (its primaries are visits); ``99214`` by one
clinician and ``90833`` by another.

**Passes**: ``99214`` and ``90833`` by one clinician on one day. An add-on may itself be a primary:
``99214``, ``90833`` and ``90785``. ``99457`` and, on another day of the month, ``99458``: where minutes are
counted by the calendar month, the primary may stand on any day of it, on the claim or in a history.

**Cure**: bill the primary if it was done and documented; otherwise report the code that stands
alone, or drop the add-on.

**Not checked**: a primary on a line without a clinician or on another claim of the day, or on a
row that could not be read; add-ons whose list is open or the contractor's (types 2 and 3) beside a code that
is not listed; add-ons without a same-day edit (their primary may be on an earlier day); of these the ones of a calendar month
are judged where a history holds all of the month; add-ons of a month where each day is judged by itself, as in tables.

**Limits**: without a history one claim. An add-on of a month whose primary is only billed later is told. The lists are those of the edition; ADD302 tells where the published add-on edits
differ. Whether the primary itself is paid is ADD303.
"""

from collections.abc import Iterator, Sequence

from cptkit.claims import Encounter, Line
from cptkit.codesets import AddOn
from cptkit.rules.add.monthly import in_month, is_monthly
from cptkit.rules.add.unjudged import why_unjudged
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.spans import Facts

RULE = ("ADD301", "add-on-without-primary")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every add-on that has no primary in the encounter."""
    present: set[str] | None = None
    for line in encounter.lines:
        addon = context.addon(line.code)
        if addon is None:
            continue
        if present is None:
            present = {other.code for other in encounter.lines}
        if addon.primaries.isdisjoint(present - {line.code}):
            of_month = in_month(encounter, context, line, addon.primaries)
            if of_month is True:
                continue
            reason = of_month or why_unjudged(encounter, context, line, addon)
            if reason:
                yield not_checked(RULE, encounter, (line,), reason)
            else:
                yield _finding(encounter, context, line, addon)


def _finding(encounter: Encounter, context: Context, line: Line, addon: AddOn) -> Finding:
    when = (
        "on any day of the month that is seen here"
        if is_monthly(context, line.code, addon.primaries)
        else "and day"
    )
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{line.code} is an add-on, and none of its primaries ({context.spelled(addon.primaries)}) is there "
        f"for the same clinician {when}",
        severity=_severity(addon),
        evidence=(addon.citation,),
        denial=context.denial("addon-without-primary"),
        fixes=(
            fix(FixKind.ASK, line, None, "bill the primary, if it was done and documented"),
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", "no primary was done"),
        ),
    )


def _severity(addon: AddOn) -> Severity:
    """An error where the list was read or derived, a warning where it is weak or disputed."""
    sure = addon.citation.confidence in SURE
    return Severity.ERROR if sure else Severity.WARNING


def columns(block: Encounters) -> Asked:
    """The add-ons that stand beside none of their primaries."""
    from cptkit.rules.add.columns import without_primary

    is_addon = block.facts.of_code(_are_addons, block.of_facts, block.code) > 0
    return without_primary(block, is_addon, _relation, block.of_facts)


def _are_addons(facts: Facts, span: int, codes: Sequence[str]) -> list[int]:
    context = facts.contexts[span]
    return [int(context.addon(code) is not None) for code in codes]


def _relation(facts: Facts, span: int, code: str) -> dict[str, int]:
    from cptkit.rules.add.columns import MAY_BE, SURE

    addon = facts.contexts[span].addon(code)
    named = () if addon is None else ((addon.doubtful, MAY_BE), (addon.primaries, SURE))
    return {other: what for others, what in named for other in others}
