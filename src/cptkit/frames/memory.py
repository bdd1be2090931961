"""What holds for checks of tables by the same rules, and what was asked of these: kept for the next table.

Most that costs in a first check is asking rules about codes, modifiers and days one by one. A process that checks
file after file, or partition after partition, asks once.
"""

import datetime as dt
from functools import lru_cache

import attrs

from cptkit.codesets import Catalog, Codeset
from cptkit.frames.keeping import recall
from cptkit.frames.lanes import Lanes
from cptkit.frames.lines import Interned
from cptkit.frames.periods import Periods
from cptkit.frames.said import Said
from cptkit.rules.choosing import chosen
from cptkit.rules.context import Context, context_for
from cptkit.rules.judged import Judge
from cptkit.rules.profiles.context import profiled_context
from cptkit.rules.running import Run
from cptkit.rules.spans import Facts
from cptkit.setting import Setting
from cptkit.sources import Basis

__all__ = ["Memory", "memory_of"]

_KEPT = 2  # the last ones: each keeps its catalog, and its tables open
_MOST_TEXTS = 1 << 18  # codes or modifiers after which a new one is made


@attrs.frozen(slots=True, eq=False)
class Memory:
    """``said``: what rules said, ``facts``: what was made of the facts, by the numbers of ``texts``."""

    catalog: Catalog
    judge: Judge
    run: Run
    lanes: Lanes
    setting: Setting
    texts: Interned
    periods: Periods
    facts: Facts
    said: Said


def memory_of(
    catalog: Catalog,
    judge: Judge,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    setting: Setting,
    *,
    has_modifiers: bool,
    kept: str | None = None,
) -> Memory:
    """That of the same catalog, judge, rules and setting, if it was used not long ago; else a new one.

    ``kept``: a folder in which an earlier process may have kept what it asked.

    :raises UnknownRule: ``select`` or ``ignore`` names no rule.
    """
    asked = _Same(catalog), judge, select, ignore, setting, has_modifiers, kept
    found = _memory_of(*asked)
    if max(len(found.texts.codes), len(found.texts.modifiers)) > _MOST_TEXTS:
        _memory_of.cache_clear()
        found = _memory_of(*asked)
    return found


class _Same:
    """A catalog that is the same as another one of the very same editions and tables.

    Editions are equal by their digest, though one may answer for more days than the other.
    """

    __slots__ = ("_parts", "catalog")

    def __init__(self, catalog: Catalog) -> None:
        self.catalog: Catalog = catalog
        self._parts = (*map(id, catalog.editions), id(catalog.tables))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)


@lru_cache(_KEPT)
def _memory_of(
    same: _Same,
    judge: Judge,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    setting: Setting,
    has_modifiers: bool,
    kept: str | None,
) -> Memory:
    catalog, texts = same.catalog, Interned(has_modifiers=has_modifiers)
    periods = Periods(catalog, () if isinstance(judge, Basis) else judge.turning_days())
    contexts = [
        _context(judge, edition, day, catalog)
        for day, edition in zip(periods.first_days, periods.editions, strict=True)
    ]
    facts = Facts(
        contexts,
        periods.first_alike,
        periods.first_of_facts,
        catalog.tables,
        setting,
        texts.codes.values,
        texts.modifiers.values,
        texts.places.values,
        has_modifiers=has_modifiers,
    )
    run = chosen(select, ignore, catalog, None, judge)
    memory = Memory(catalog, judge, run, Lanes.of(run.rules), setting, texts, periods, facts, Said())
    if kept is not None:
        recall(memory, kept)
    return memory


def _context(judge: Judge, edition: Codeset, day: dt.date, catalog: Catalog) -> Context:
    if isinstance(judge, Basis):
        return context_for(edition, day, judge, catalog.after(edition), catalog.tables)
    return profiled_context(edition, day, judge, catalog.after(edition), catalog.tables)
