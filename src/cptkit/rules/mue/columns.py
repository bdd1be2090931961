"""Unit limits in columns: a line over its limit is decided by the limit; lines of one code together are asked about."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from cptkit import kernel
from cptkit.claims import Line
from cptkit.codes import category_of
from cptkit.rules.columns import Asked, Decided, Encounters, Reads, alike
from cptkit.rules.context import Context
from cptkit.rules.mue.units import DAY
from cptkit.rules.spans import Check, Facts, Verdict, Work, quarter_of_span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]
    Limits = Mapping[str, tuple[int, int | None]]

__all__ = ["limits_in_columns"]

_READ = frozenset({Reads.CODE, Reads.MODIFIERS, Reads.UNITS})
_UNLIMITED = 2**31 - 1
_UNKNOWN = -2
_MAI, _ZERO, _BY_DAY = 0xF, 0x10, 0x20  # of a limit: its indicator, that it is zero, that it counts the day


@attrs.frozen(slots=True, eq=False)
class _Over:
    """Limits that lines are over: the first line of each, and its kind; and the parts that must be asked about.

    Asked about are lines of one code that a limit counts one by one, and lines whose limit is not known.
    """

    line: "Places"
    kind: "Small"
    members: "Places"
    begins: "Places"


def limits_in_columns(block: Encounters, check: Check, kinds: frozenset[int]) -> Asked:
    """What a rule of unit limits is asked about, and what it need not be asked.

    ``kinds``: the indicators (MAI) of limits of the day of which it speaks; none: it speaks of all other limits.
    """
    over, facts = block.once(_over), block.facts
    by_day = over.kind & _BY_DAY > 0
    chosen = np.flatnonzero(np.where(by_day, np.isin(over.kind & _MAI, sorted(kinds)), not kinds))
    line, kind = over.line.take(chosen), over.kind.take(chosen)
    span = block.alike.take(line).astype(np.int64)
    distinct, example, which = alike(span << 8 | kind)
    verdicts = []
    for each, place in zip(distinct.tolist(), example.tolist(), strict=True):
        make = partial(_verdict, facts, check, each >> 8, facts.codes[block.code[line[place]]])
        verdicts.append(facts.first((check, each), make))
    decided = Decided(
        line,
        verdicts,
        which.astype(np.int32),
        facts.kept(_names),
        span.astype(np.int32),
        block.code.take(line),
        np.full(len(line), -1, np.int32),
    )
    return Asked(over.members, over.begins, _READ, (decided,))


def _over(block: Encounters) -> _Over:
    limit = _by_quarter(_limits, block, slice(None))
    alone, several, silent = kernel.parted(block.units, limit, block.repeated, _UNKNOWN) or _parted(
        block, limit
    )
    # of a code on several lines the units are summed, where the limit counts the day
    first, members, begins = _by_code(block, several, limit)
    line = np.concatenate([alone, first])
    members = np.concatenate([members, silent])
    begins = np.concatenate([begins, begins[-1] + np.arange(1, len(silent) + 1)])
    return _Over(line, _by_quarter(_kinds, block, line), members, begins)


def _parted(block: Encounters, limit: "Small") -> kernel.Parted:
    """Lines by the limit of their code."""
    unknown, repeated = limit == _UNKNOWN, block.repeated
    over = ~unknown & ~repeated & (block.units > limit)
    return kernel.Parted(*map(np.flatnonzero, (over, repeated & ~unknown, unknown)))


def _by_code(block: Encounters, lines: "Places", limit: "Small") -> "tuple[Places, Places, Places]":
    """Of codes on several lines those whose units are more than the limit.

    Where the limit counts the day, the first line with units; and else the lines of each code, part by part.
    """
    if not len(lines):
        return lines, lines, np.zeros(1, np.int64)
    key = block.encounter.take(lines).astype(np.int64) << 32 | block.code.take(lines)
    order = np.argsort(key, kind="stable")
    lines, key = lines.take(order), key.take(order)
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    billed = np.maximum(block.units.take(lines), 0).astype(np.int64)
    over = np.add.reduceat(billed, starts) > limit.take(lines.take(starts))
    by_day = _by_quarter(_kinds, block, lines[starts]) & _BY_DAY > 0
    lengths = np.diff(np.append(starts, len(lines)))
    # lines without units are no part of what is over
    firsts = np.minimum.reduceat(np.where(billed > 0, lines, len(block)), starts)[over & by_day]
    asked = over & ~by_day
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[asked])])
    return firsts, lines[np.repeat(asked, lengths)], begins


def _by_quarter(work: "Work[str]", block: Encounters, lines: "Any") -> "Small":
    """What the table of the quarter says of the code of each line."""
    of_span, quarters = block.facts.kept(quarter_of_span)
    return block.facts.of_code(work, block.period[lines], block.code[lines], (of_span, len(quarters)))


def _table(facts: Facts, number: int) -> "tuple[Limits, frozenset[str]] | None":
    """The limits of a quarter by code, and the codes whose row could not be read; None where there is no table."""
    quarter = facts.kept(quarter_of_span)[1][number]
    if facts.tables is None or quarter not in facts.tables.quarters("mue", facts.setting):
        return None
    limits = facts.tables.mue_limits(setting=facts.setting, quarter=quarter)
    return limits, facts.tables.rejected("mue", quarter=quarter, setting=facts.setting)


def _limits(facts: Facts, number: int, codes: Sequence[str]) -> list[int]:
    """The limit of each code; more than any units where it has none, less than none where it is not known."""
    table = facts.kept(_table, number)
    if table is None:
        return [_UNLIMITED if category_of(code) is None else _UNKNOWN for code in codes]
    limits, rejected = table
    return [limits[code][0] if code in limits else _without_limit(code, rejected) for code in codes]


def _without_limit(code: str, rejected: frozenset[str]) -> int:
    return _UNKNOWN if code in rejected and category_of(code) is not None else _UNLIMITED


def _kinds(facts: Facts, number: int, codes: Sequence[str]) -> list[int]:
    """What tells the limit of each code from others, but for its number."""
    table = facts.kept(_table, number)
    context = facts.kept(_context, number)
    return [0 if table is None else _kind(context, table[0].get(code)) for code in codes]


def _kind(context: Context, limit: "tuple[int, int | None] | None") -> int:
    if limit is None:
        return 0
    value, mai = limit
    convention = context.convention(f"mue-mai/{mai}")
    by_day = convention is not None and convention.value == DAY
    return (mai or 0) | (_ZERO if value == 0 else 0) | (_BY_DAY if by_day else 0)


def _context(facts: Facts, number: int) -> Context:
    """The facts of the first span of a quarter."""
    of_span, _ = facts.kept(quarter_of_span)
    return facts.contexts[int(np.flatnonzero(of_span == number)[0])]


def _names(facts: Facts) -> tuple[str, ...]:
    """For each span the name of its part of the table."""
    from cptkit.edits.quarter import Quarter

    return tuple(f"mue {facts.setting} {Quarter.of(context.day)}" for context in facts.contexts)


def _verdict(facts: Facts, check: Check, span: int, code: str) -> Verdict:
    """What the rule says of a line that is over its limit."""
    line = Line(code, units=_UNLIMITED, date_of_service=facts.contexts[span].day, id="1")
    return facts.verdict(check, span, (line,))
