"""Add-ons and the lines they hang on, where a published edit denies these."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter, Line
from cptkit.codesets import AddOn
from cptkit.rules.add.monthly import in_month
from cptkit.rules.context import Context
from cptkit.rules.mue.units import binds, counted
from cptkit.rules.ptp.pairs import paired
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits import AddOnAnswer, AddOnEdit
    from cptkit.edits.telling import EditRow

__all__ = ["Denied", "Hanging", "Lists", "carried", "gone_with", "hang"]


@attrs.frozen(slots=True)
class Denied:
    """Why a line is denied, with the rows that say so. ``sure``: nobody sees it otherwise."""

    why: str
    rows: "tuple[EditRow, ...]"
    sure: bool


@attrs.frozen(slots=True)
class Lists:
    """The primaries of an add-on on one day and in one setting.

    ``closed``: no other code and no other day can be its primary. ``addon``: what the edition says of
    it; ``published``: what the table says, and ``rows`` those that name, or may name, a primary here.
    """

    primaries: frozenset[str]
    closed: bool
    addon: AddOn | None
    published: "AddOnAnswer"
    rows: "tuple[AddOnEdit, ...]"


@attrs.frozen(slots=True)
class Hanging:
    """An add-on line, and the lines of its primaries that the encounter has."""

    line: Line
    carriers: tuple[Line, ...]
    lists: Lists


def is_addon(alone: Encounter, context: Context) -> bool:
    """Whether the code of a line alone is an add-on, by the edition's list or a published one."""
    return context.kept(_lists, alone.lines[0].code, alone.setting) is not None


def carried(encounter: Encounter, context: Context) -> list[Hanging]:
    """The add-on lines of an encounter, by the edition's lists and the published ones together."""
    found: list[Hanging] = []
    for line in encounter.lines:
        lists = context.kept(_lists, line.code, encounter.setting)
        if lists is not None and line.units > 0:
            carriers = tuple([other for other in encounter.lines if other.code in lists.primaries])
            found.append(Hanging(line, carriers, lists))
    return found


def _lists(code: str, setting: Setting, context: Context) -> Lists | None:
    addon, published = context.addon(code), context.edits.addon(code)
    if published is None or (addon is None and not published.rows):
        return None
    return _merged(code, setting, addon, published)


def _merged(code: str, setting: Setting, addon: AddOn | None, published: "AddOnAnswer") -> Lists:
    rows = tuple(row for row in published.rows if row.counts(setting) is not False)
    primaries = {row.primary for row in rows if row.primary is not None}
    closed = not published.is_contractor_defined
    if addon is not None:
        primaries |= addon.primaries | addon.doubtful
        closed = closed and addon.same_day_edit and not addon.is_open and addon.aoc_type not in (2, 3)
    return Lists(frozenset(primaries - {code}), closed, addon, published, rows)


def gone_with(encounter: Encounter, context: Context, line: Line) -> str:
    """What else must go where a line is dropped: add-ons without another primary; empty where none do."""
    alone = [
        f"{each.line.code} on line {each.line.id}"
        for each in carried(encounter, context)
        if each.carriers == (line,)
    ]
    if not alone:
        return ""
    goes = "an add-on, goes" if len(alone) == 1 else "add-ons, go"
    return f"{', '.join(alone)}, {goes} with it, as no other primary is here"


def hang(encounter: Encounter, context: Context, addons: list[Hanging]) -> dict[str, Denied]:
    """The denied lines, by id: by a pair edit, by a unit limit, or as add-ons on lines that are denied.

    An add-on that stands without a primary is denied too: others may hang on it.
    """
    denied = _by_edits(encounter, context)
    known = -1
    while known != len(denied):
        known = len(denied)
        for each in addons:
            if each.line.id not in denied:
                cause = _alone(encounter, context, each) or _with_its_primaries(encounter, each, denied)
                if cause is not None:
                    denied[each.line.id] = cause
    return denied


def _alone(encounter: Encounter, context: Context, each: Hanging) -> Denied | None:
    """Why an add-on is denied for want of a primary, by all that is known of it or by the table alone."""
    if in_month(encounter, context, each.line, each.lists.primaries):
        return None
    if not each.carriers and _is_sole(encounter, each):
        return Denied("it stands without a primary", each.lists.published.rows[:1], sure=True)
    published = each.lists.published
    if not published.rows or published.is_contractor_defined or encounter.incomplete:
        return None
    codes = {line.code for line in each.carriers}
    if any(row.primary in codes or row.primary in encounter.elsewhere for row in each.lists.rows):
        return None
    sure = each.lists.addon is None or context.basis is Basis.MEDICARE
    return Denied("it stands without a published primary", published.rows[:1], sure)


def _with_its_primaries(encounter: Encounter, each: Hanging, denied: dict[str, Denied]) -> Denied | None:
    if not each.carriers or not _is_sole(encounter, each):
        return None
    causes = [denied.get(line.id) for line in each.carriers]
    known = [cause for cause in causes if cause is not None]
    if len(known) < len(causes):
        return None
    rows = tuple(row for cause in known for row in cause.rows)
    return Denied("its own primary is denied", rows, all(cause.sure for cause in known))


def _is_sole(encounter: Encounter, each: Hanging) -> bool:
    """Whether the primaries that are seen are all there can be."""
    return (
        each.lists.closed
        and not encounter.incomplete
        and each.lists.primaries.isdisjoint(encounter.elsewhere)
    )


def _both(before: Denied, cause: Denied) -> Denied:
    why = before.why if cause.why in before.why else f"{before.why}; {cause.why}"
    return Denied(why, (*before.rows, *cause.rows), before.sure or cause.sure)


def _by_edits(encounter: Encounter, context: Context) -> dict[str, Denied]:
    denied: dict[str, Denied] = {}
    for line, cause in _causes(encounter, context):
        before = denied.get(line.id)
        denied[line.id] = cause if before is None else _both(before, cause)
    return denied


def _causes(encounter: Encounter, context: Context) -> Iterator[tuple[Line, Denied]]:
    for pair in paired(encounter, context).pairs:
        if not pair.bypassed:
            yield pair.line, Denied(f"column 2 of {pair.edit.column1}", (pair.edit,), pair.sure)
    for held in counted(encounter, context).over:
        for line in held.lines if binds(held.mue, context) else ():
            yield line, Denied("over its unit limit", (held.mue,), held.sure)
