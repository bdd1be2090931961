"""Pair edits in columns: every two codes of an encounter are looked up at once.

The edit decides, and what the modifiers of the lines do; where both name sites, it is asked about, with the lines of the
two codes.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import attrs
import numpy as np

from cptkit.claims import Line
from cptkit.edits.arrays import PairArrays
from cptkit.edits.pairs import code_number
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import excludes
from cptkit.rules.columns import Asked, Decided, Encounters, Reads, Unchecked, alike
from cptkit.rules.context import Context
from cptkit.rules.ptp.pairs import EITHER_LINE, SITE, bypassing, distinct
from cptkit.rules.spans import Check, Facts, Numbers, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["pairs_in_columns"]

_READ = frozenset({Reads.CODE, Reads.MODIFIERS, Reads.BILLED})
_CODES = frozenset({Reads.CODE, Reads.BILLED})
_NO_TABLE = -1
_ANY_CODE = "00000"
_DENIED, _BYPASSED, _IN_VAIN, _TO_ASK, _UNTOLD = range(5)  # how an edit ends
_TRIED, _ON_FIRST, _ON_SECOND, _SITE = 1, 2, 4, 8  # what the modifiers of a line do


@attrs.frozen(slots=True, eq=False)
class _Hits:
    """Two lines of an encounter between whose codes an edit is in force: the lines, the row, and how it ends."""

    first: "Places"
    second: "Places"
    row: "Small"
    end: "NDArray[np.int8]"


def pairs_in_columns(block: Encounters, check: Check, *, exclusive: bool) -> Asked:
    """What a rule of pair edits is asked about, and what it need not be asked.

    ``exclusive``: the pairs that exclude each other; otherwise all others.
    """
    tables = block.facts.kept(_tables)
    unread = block.once(_without_table)
    if tables is None:
        return Asked(*block.whole(unread), _CODES)
    hits = block.once(_hits, tables)
    chosen = tables.exclusive.take(tables.pairs.reason.take(hits.row)) == exclusive
    plain = chosen & ((hits.end == _DENIED) | (hits.end == _BYPASSED))
    decided = _decided(block, tables, hits, np.flatnonzero(plain), check)
    members, begins = _parts(block, hits, np.flatnonzero(chosen & (hits.end == _TO_ASK)))
    if len(unread):
        # no table of the quarter: the reason is the same for all, and modifiers change nothing
        more, starts = block.whole(unread)
        members, begins = np.concatenate([members, more]), np.concatenate([begins, begins[-1] + starts[1:]])
    untold = np.zeros(int((chosen & (hits.end == _UNTOLD)).sum()), np.int32)
    return Asked(members, begins, _READ, (decided,), (Unchecked.of(_untold, untold, untold),))


def _untold(_facts: Facts, _number: int) -> str:
    return "the input has no modifiers, and one may bypass the edit"


@attrs.frozen(slots=True, eq=False)
class _Tables:
    """The table of the setting; for each span the place of its quarter, and the name of that part of the table."""

    pairs: PairArrays
    exclusive: "NDArray[np.bool_]"
    quarter: "Places"
    names: tuple[str, ...]

    def places(self, _facts: Facts, _group: int, codes: Sequence[str]) -> list[int]:
        """Where each code stands in the table."""
        places = (self.pairs.place(code_number(code)) for code in codes)
        return [self.pairs.nowhere if place < 0 else place for place in places]


def _tables(facts: Facts) -> _Tables | None:
    """None where there are no pair edits of the setting."""
    mapped = None if facts.tables is None else facts.tables.mapped_pairs(facts.setting)
    if mapped is None or facts.tables is None:
        return None
    pairs = PairArrays(mapped)
    there = {quarter.index for quarter in facts.tables.quarters("ptp", facts.setting)}
    of_span = [Quarter.of(context.day) for context in facts.contexts]
    asked = np.array([each.index if each.index in there else _NO_TABLE for each in of_span], np.int64)
    names = tuple(f"ptp {facts.setting} {each}" for each in of_span)
    return _Tables(
        pairs,
        np.array([excludes(text) for text in mapped.reasons()], bool),
        pairs.quarter_places(asked),
        names,
    )


def _without_table(block: Encounters) -> "Places":
    """The encounters of several lines on days for whose quarter there is no table."""
    tables = block.facts.kept(_tables)
    several = np.diff(block.starts) > 1
    if tables is not None:
        several &= tables.quarter[block.period[block.starts[:-1]]] == _NO_TABLE
    return np.flatnonzero(several)


def _hits(block: Encounters, tables: _Tables) -> _Hits:
    place = block.facts.of_all_codes(tables.places).view(np.uint32)  # as keys are
    if (compiled := tables.pairs.compiled) is not None:
        columns = block.starts, block.code, block.units, block.day, block.period
        first, second, row = compiled.in_force(*columns, place, tables.quarter)
    else:
        first, second, row = _in_force(block, tables, place, *_walked(block, tables, place))
    return _Hits(first, second, row, _ends(block, tables, first, second, row))


def _walked(block: Encounters, tables: _Tables, place: "NDArray[np.uint32]") -> "tuple[Places, Places]":
    """Every two lines with units of an encounter between which an edit may be, distance by distance."""
    none = np.zeros(0, np.int64)
    likely = [(none, none)]
    for near in block.neighbours:
        may = np.flatnonzero(tables.pairs.may_be(place.take(near.code), place.take(near.other_code)))
        likely.append((near.one.take(may), near.other.take(may)))
    one, other = (np.concatenate(each) for each in zip(*likely, strict=True))
    billed = np.flatnonzero((block.units.take(one) > 0) & (block.units.take(other) > 0))
    return one.take(billed), other.take(billed)


def _in_force(
    block: Encounters, tables: _Tables, place: "NDArray[np.uint32]", one: "Places", other: "Places"
) -> "tuple[Places, Places, Small]":
    """Lines between which an edit is in force: that of column 1, that of column 2, and the row."""
    at, beside = place.take(block.code.take(one)), place.take(block.code.take(other))
    row = tables.pairs.find(at, beside, block.day.take(one), tables.quarter.take(block.period.take(one)))
    found = np.flatnonzero(row >= 0)
    one, other, row = one.take(found), other.take(found), row.take(found)
    # column 1 is the lower code, unless the row is turned
    as_is = (at < beside).take(found) != tables.pairs.turned.take(row)
    return np.where(as_is, one, other), np.where(as_is, other, one), row


def _ends(
    block: Encounters, tables: _Tables, first: "Places", second: "Places", row: "Small"
) -> "NDArray[np.int8]":
    """How each edit ends: column 2 is denied, or bypassed; or another rule tells why a modifier does not help.

    Of several lines of column 1 with one of column 2 the first one tells; the others are set aside.
    """
    on_first, on_second = (_marks(block, lines) for lines in (first, second))
    aside = np.zeros(len(first), bool)
    several = np.flatnonzero(block.repeated.take(first))
    if len(several):
        # one of column 2 is held against all of column 1: a modifier there must stand on each of its lines
        order = several[np.lexsort((first[several], block.code[first[several]], second[several]))]
        new = np.append(
            True,
            (second[order[1:]] != second[order[:-1]])
            | (block.code[first[order[1:]]] != block.code[first[order[:-1]]]),
        )
        starts = np.flatnonzero(new)
        any_of, all_of = (each.reduceat(on_first[order], starts) for each in (np.bitwise_or, np.bitwise_and))
        on_first = on_first.copy()
        on_first[order[starts]] = (any_of & (_TRIED | _SITE)) | (all_of & _ON_FIRST)
        aside[order[~new]] = True
    tried = (on_first | on_second) & _TRIED > 0
    may = tables.pairs.indicator.take(row) != 0
    works = (on_second & _ON_SECOND > 0) | (on_first & _ON_FIRST > 0)
    sites = (on_first & _SITE > 0) & (on_second & _SITE > 0) & ~works & may
    end = np.where(tried, np.where(may & works, _BYPASSED, _IN_VAIN), _DENIED).astype(np.int8)
    if not block.facts.has_modifiers:
        end[may] = _UNTOLD
    end[sites] = _TO_ASK
    end[aside] = _IN_VAIN
    asked = end == _TO_ASK
    if asked.any():
        # who is asked about two codes of an encounter tells of all lines of these
        codes = _codes_of(block, first, second)
        end[np.isin(codes, codes[asked])] = _TO_ASK
    return end


def _codes_of(block: Encounters, first: "Places", second: "Places") -> "Places":
    """A number for the encounter of two lines and their two codes, in whichever order."""
    one, other, count = block.code[first], block.code[second], len(block.facts.codes)
    where = block.encounter[first].astype(np.int64)
    found: Places = (where * count + np.minimum(one, other)) * count + np.maximum(one, other)
    return found


def _marks(block: Encounters, lines: "Places") -> "Small":
    """What the modifiers of lines do for a pair edit."""
    facts, found = block.facts, np.zeros(len(lines), np.int32)
    modifiers = block.modifiers.take(lines)
    at = np.flatnonzero(modifiers)
    if len(at):
        spans = block.of_facts[lines[at]]
        may = facts.of(_may_bypass, spans, modifiers[at], facts.modifiers) > 0
        at, spans = at[may], spans[may]
        service = block.code[lines[at]].astype(np.int64) << 24 | modifiers[at]
        services = facts.kept(_services)
        distinct, which = np.unique(service, return_inverse=True)
        numbers = np.array(services.of_all(distinct.tolist()), np.int32)
        found[at] = facts.of(_marks_of, spans, numbers[which], services.values)
    return found


def _services(_facts: Facts) -> "Numbers[int]":
    return Numbers()


def _may_bypass(facts: Facts, span: int, modifiers: Sequence[tuple[str, ...]]) -> list[bool]:
    """Whether any of the modifiers that stand together is one of the pair edits."""
    context = facts.contexts[span]
    return [bool(bypassing(_ANY_CODE, each, facts.setting, context)) for each in modifiers]


def _marks_of(facts: Facts, span: int, services: Sequence[int]) -> list[int]:
    """What the modifiers of each service do: whether any may bypass, and on which column it would work."""
    context = facts.contexts[span]
    late = frozenset[str]() if context.convention(EITHER_LINE) is not None else distinct(context)
    return [_mark(facts, context, late, each >> 24, each & 0xFFFFFF) for each in services]


def _mark(facts: Facts, context: Context, late: frozenset[str], code: int, modifiers: int) -> int:
    tried = bypassing(facts.codes[code], facts.modifiers[modifiers], facts.setting, context)
    found = _TRIED if tried else 0
    for record, why_not in tried:
        if why_not:
            continue
        if SITE in record.kinds:
            found |= _SITE
        else:
            found |= _ON_SECOND if record.code in late else _ON_SECOND | _ON_FIRST
    return found


def _decided(block: Encounters, tables: _Tables, hits: _Hits, plain: "Places", check: Check) -> Decided:
    """The edits that decide by themselves: what is said of one is said of all with its indicator, on the same days."""
    facts = block.facts
    first, second, row = (each.take(plain) for each in (hits.first, hits.second, hits.row))
    span = block.period.take(first)
    kind = (
        span.astype(np.int64) << 8
        | tables.pairs.indicator.take(row) << 1
        | (hits.end.take(plain) == _BYPASSED)
    )
    distinct, example, which = alike(kind)
    verdicts = []
    for each, place in zip(distinct.tolist(), example.tolist(), strict=True):
        both = int(first[place]), int(second[place])
        verdicts.append(facts.first((check, each), partial(_verdict, block, check, each >> 8, both)))
    return Decided(
        np.minimum(first, second),
        verdicts,
        which.astype(np.int32),
        tables.names,
        span.astype(np.int32),
        block.code.take(first),
        block.code.take(second),
    )


def _line(block: Encounters, line: int, place: int) -> Line:
    facts = block.facts
    return Line(
        facts.codes[block.code[line]],
        date_of_service=facts.contexts[block.period[line]].day,
        modifiers=facts.modifiers[block.modifiers[line]],
        id=str(place),
    )


def _verdict(block: Encounters, check: Check, span: int, both: tuple[int, int]) -> Verdict:
    """What the rule says of two lines whose codes are edited."""
    lines = tuple(_line(block, line, place) for place, line in enumerate(both, 1))
    return block.facts.verdict(check, span, lines)


def _parts(block: Encounters, hits: _Hits, unsure: "Places") -> "tuple[Places, Places]":
    """The lines of the two codes of each pair that must be asked about, each two codes of an encounter once."""
    if not len(unsure):
        return np.zeros(0, np.int64), np.zeros(1, np.int64)
    first, second = hits.first[unsure], hits.second[unsure]
    _, at = np.unique(_codes_of(block, first, second), return_index=True)
    one, other, where = block.code[first[at]], block.code[second[at]], block.encounter[first[at]]
    members, begins = block.whole(where.astype(np.int64))
    part = np.repeat(np.arange(len(where)), np.diff(begins))
    kept = (block.code[members] == one[part]) | (block.code[members] == other[part])
    members, part = members[kept], part[kept]
    return members, np.append(np.flatnonzero(np.append(True, part[1:] != part[:-1])), len(part))
