"""By the published add-on edits, an add-on stands without a primary.

The add-on edits (AOC) that CMS publishes list the primaries of each add-on. Type 1 has a closed list;
of types 2 and 3, and where the row says so, the contractor decides. A row whose note says practitioner
only, or facility only, names no primary on other claims. ADD301 judges by the edition's own
lists, so this rule speaks only where the published table knows more or says otherwise: an add-on that the
edition does not know; a closed list where the edition's is open or doubtful; a primary that the edition
accepts and the table does not. Where the two differ it is an error under the basis of Medicare, whose
edits these are, and else a warning.

**Fails**: ``99417`` beside ``99245`` where the table lists other visits alone; an add-on of another
specialty that stands alone.

**Passes**: an add-on beside one of its published primaries, or, where its minutes are counted by the
month, with one on another day of the month; what ADD301 says already.

**Cure**: as for ADD301: bill the primary if it was done and documented, or drop the add-on.

**Not checked**: a primary whose row has another note, where no other primary is there; add-ons, and codes
that the edition does not know, on days of a quarter of which no add-on edits are there; add-ons of types
2 and 3 beside no listed primary; a primary on a line without a clinician or on another claim of the day,
or on a row that could not be read; add-ons of a month where each day is judged by itself, as in tables.

**Limits**: without a history one claim. Run alone it says nothing of what ADD301 finds. An edit counts from its first to its
last day and while neither code is deleted.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cptkit.claims import Encounter, Line
from cptkit.codes import category_of
from cptkit.rules.add.monthly import in_month
from cptkit.rules.add.unjudged import why_unjudged
from cptkit.rules.columns import Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.spans import Facts, quarter_of_span
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits import AddOnAnswer, AddOnEdit

RULE = ("ADD302", "add-on-without-published-primary")

_MOST_ROWS = 12  # of a longer list the first row stands for all


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether the code of a line has published add-on edits, or nobody knows."""
    answer = context.edits.addon(alone.lines[0].code)
    return answer is not None and bool(answer.rows or answer.not_checked)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every add-on whose published primaries are not in the encounter."""
    look_up = context.edits.addon
    asked = [
        (line, answer)
        for line in encounter.lines
        if (answer := look_up(line.code)) is not None and (answer.rows or answer.not_checked)
    ]
    return _check(encounter, context, asked) if asked else ()


def _check(
    encounter: Encounter, context: Context, asked: "list[tuple[Line, AddOnAnswer]]"
) -> Iterator[Finding | NotChecked]:
    unlisted = tuple(line for line, answer in asked if answer.not_checked and _may_be_addon(context, line))
    if unlisted:
        yield not_checked(RULE, encounter, unlisted, asked[0][1].not_checked)
    for line, answer in asked:
        if answer.rows:
            said = _without_primary(encounter, context, line, answer)
            if said is not None:
                yield said


def _may_be_addon(context: Context, line: Line) -> bool:
    return context.record(line.code) is None or context.addon(line.code) is not None


def _without_primary(
    encounter: Encounter, context: Context, line: Line, answer: "AddOnAnswer"
) -> Finding | NotChecked | None:
    present = {other.code for other in encounter.lines if other.code != line.code}
    here = [(row, row.counts(encounter.setting)) for row in answer.rows if row.primary in present]
    if any(counted for _, counted in here):
        return None
    published = {str(row.primary) for row in answer.rows if row.counts(encounter.setting)}
    of_month = in_month(encounter, context, line, published)
    if of_month is True:
        return None
    unread = [row for row, counted in here if counted is None]
    reason = of_month or _reason(encounter, line, answer, unread)
    accepted: frozenset[str] = frozenset()
    addon = context.addon(line.code)
    if addon is not None:
        accepted = addon.primaries & present
        listed = in_month(encounter, context, line, addon.primaries)
        unsaid = listed or why_unjudged(encounter, context, line, addon)
        if not accepted and listed is not True and bool(unsaid) is bool(reason):
            return None  # ADD301 says as much
    if reason:
        return not_checked(RULE, encounter, (line,), reason)
    return _finding(encounter, context, line, answer, accepted, [row for row, _ in here])


def _reason(encounter: Encounter, line: Line, answer: "AddOnAnswer", unread: "list[AddOnEdit]") -> str:
    """Why a missing primary may be none; empty where it is."""
    if answer.is_contractor_defined:
        return f"the published primaries of {line.code} are no closed list: the contractor decides whether the claim holds one"
    if unread:
        return f"whether {unread[0].primary} is a primary of {line.code} here rests on a note: {unread[0].note!r}"
    outside = {
        row.primary
        for row in answer.rows
        if row.primary in encounter.elsewhere and row.counts(encounter.setting) is not False
    }
    if outside:
        codes = ", ".join(sorted(map(str, outside)))
        return f"{codes} stands on another claim of the day or without a clinician: it may be the primary of {line.code}"
    if encounter.incomplete:
        return f"a row that could not be read may be the primary of {line.code}"
    return ""


def _finding(
    encounter: Encounter,
    context: Context,
    line: Line,
    answer: "AddOnAnswer",
    accepted: frozenset[str],
    noted: "list[AddOnEdit]",
) -> Finding:
    listed = context.spelled(frozenset(answer.primaries))
    message = (
        f"{line.code} is an add-on, and none of its published primaries ({listed}; {answer.quarter}) is there for "
        "the same clinician and day"
    )
    if noted:
        message = (
            f"{line.code} is an add-on, and {noted[0].primary} is no primary of it on a claim of setting "
            f"{encounter.setting}: the note of its published edit ({answer.quarter}) is {noted[0].note!r}"
        )
    if accepted:
        message += f"; edition {context.codeset.edition} accepts {', '.join(sorted(accepted))}, the published edits do not"
    differs = context.addon(line.code) is not None and context.basis is not Basis.MEDICARE
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.WARNING if differs else Severity.ERROR,
        denial=context.denial("addon-without-primary"),
        fixes=(
            fix(FixKind.ASK, line, None, "bill a published primary, if it was done and documented"),
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", "no primary was done"),
        ),
        edits=tuple(noted) or (answer.rows if len(answer.rows) <= _MOST_ROWS else answer.rows[:1]),
    )


def columns(block: Encounters) -> Asked:
    """The add-ons that stand beside none of their published primaries."""
    from cptkit.rules.add.columns import without_primary

    of_span, quarters = block.facts.kept(quarter_of_span)
    published = block.facts.of_code(_are_published, block.period, block.code, (of_span, len(quarters))) > 0
    return without_primary(block, published, _related, block.alike)


def _are_published(facts: Facts, number: int, codes: Sequence[str]) -> list[int]:
    """Whether the table of a quarter may speak of each code."""
    published = facts.kept(_codes, number)
    return [int(category_of(code) is not None if published is None else code in published) for code in codes]


def _codes(facts: Facts, number: int) -> frozenset[str] | None:
    quarter = facts.kept(quarter_of_span)[1][number]
    return None if facts.tables is None else facts.tables.addon_codes(quarter=quarter)


def _related(facts: Facts, span: int, code: str) -> dict[str, int]:
    from cptkit.rules.add.columns import MAY_BE, SURE

    context = facts.contexts[span]
    answer, addon = context.edits.addon(code), context.addon(code)
    found = {} if addon is None else dict.fromkeys((*addon.primaries, *addon.doubtful), MAY_BE)
    for row in () if answer is None else answer.rows:
        if row.primary is not None and found.get(row.primary) != SURE:
            found[row.primary] = SURE if row.counts(facts.setting) else MAY_BE
    return found
