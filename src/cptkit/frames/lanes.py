"""Which rules are asked how: by their column form, of single lines, or of whole encounters that they may concern."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from cptkit.claims import Encounter, Line
from cptkit.rules.columns import EVERYTHING, Asked, Columns, Encounters, Reads, each
from cptkit.rules.context import Context
from cptkit.rules.registry import Rule
from cptkit.rules.running import Run
from cptkit.rules.spans import Check, Facts, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Small = NDArray[np.int32]
    Spans = NDArray[np.int16]

__all__ = ["Lanes"]

_ALONE, _BESIDE = 1, 2
_READS = {
    "code": Reads.CODE,
    "modifiers": Reads.MODIFIERS,
    "place_of_service": Reads.PLACE,
    "units": Reads.UNITS,
    "charge": Reads.CHARGE,
}
_WITHOUT_CHARGE = EVERYTHING - {Reads.CHARGE}


@attrs.frozen(slots=True, eq=False)
class Lanes:
    """The rules of a run, parted.

    ``columns``: rules with a column form. ``lines``: rules that judge each line by itself, by what they read of it.
    ``rest``: all others, which are asked about whole encounters.
    """

    columns: tuple[tuple[Rule, Columns], ...]
    lines: tuple[tuple[frozenset[Reads], tuple[Check, ...]], ...]
    rest: Run

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Lanes":
        """The lanes of rules."""
        columns = tuple((rule, rule.columns) for rule in rules if rule.columns is not None)
        others = [rule for rule in rules if rule.columns is None]
        by_reads: dict[frozenset[Reads], list[Check]] = {}
        for rule in others:
            if rule.row.reads:
                by_reads.setdefault(frozenset(_READS[name] for name in rule.row.reads), []).append(rule.check)
        rest = tuple(rule for rule in others if not rule.row.reads)
        return cls(
            columns, tuple((reads, tuple(checks)) for reads, checks in by_reads.items()), Run(rest, ())
        )

    def asked(self, block: Encounters) -> "Iterator[tuple[str, tuple[Check, ...], Asked, Spans]]":
        """What is to be asked about a block, which rules about it, and on a day of which span of each line.

        With it the id of a rule that is asked alone.
        """
        for rule, columns in self.columns:
            yield rule.row.id, (rule.check,), columns(block), _spans(rule, block)
        for reads, checks in self.lines:
            yield "", checks, Asked(*each(len(block)), reads | {Reads.CODE}), block.alike
        if self.rest.rules:
            # some stand aside for rules of pair edits, and look at those
            yield "", *_of_encounters(self.rest, block), block.period


def _spans(rule: Rule, block: Encounters) -> "Spans":
    """The spans on which a rule with a column form says the same: pair edits change on days of their own."""
    if "ptp" in rule.row.needs:
        return block.period
    return block.alike if rule.row.needs_edits else block.of_facts


def _of_encounters(run: Run, block: Encounters) -> "tuple[tuple[Check, ...], Asked]":
    """The encounters with a line that concerns any of the rules."""
    bits = _concerned(run, block)
    alone = np.diff(block.starts) == 1
    most = np.maximum.reduceat(bits, block.starts[:-1]) if len(block) else bits
    asked = np.flatnonzero(np.where(alone, most & _ALONE, most) > 0)
    return tuple(rule.check for rule in run.rules), Asked(*block.whole(asked), _WITHOUT_CHARGE)


def _concerned(run: Run, block: Encounters) -> "Small":
    """Of each line, whether it may make a rule speak alone (``_ALONE``), or beside others."""
    facts = block.facts
    services = facts.kept(_services, run)
    codes = block.code.astype(np.int64) << 32 | block.modifiers
    distinct, which = np.unique(codes, return_inverse=True)
    pairs, which = np.unique(which.astype(np.int64) << 32 | block.place, return_inverse=True)
    found = [(int(distinct[pair >> 32]), pair & 0xFFFFFFFF) for pair in pairs.tolist()]
    values = [(service >> 32, service & 0xFFFFFFFF, place) for service, place in found]
    with facts.lock:
        numbers = np.array([services.number(service) for service in values], np.int32)
    return facts.of(services.concerned, block.alike, numbers[which], services.values)


class _Services(Numbers[tuple[int, int, int]]):
    """Codes with their modifiers and places, by number; and whether they concern any rule of a run."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.concerned = self._concerned  # one object, by which answers are remembered
        self._run = run

    def _concerned(self, facts: Facts, span: int, services: Sequence[tuple[int, int, int]]) -> list[int]:
        return [self._one(facts, facts.contexts[span], service) for service in services]

    def _one(self, facts: Facts, context: Context, service: tuple[int, int, int]) -> int:
        code, modifiers, place = service
        line = Line(
            facts.codes[code],
            date_of_service=context.day,
            modifiers=facts.modifiers[modifiers],
            place_of_service=facts.places[place],
            id="1",
        )
        encounter = Encounter(context.day, "1", (line,), setting=facts.setting, of_claim=(line,))
        alone, beside = self._run.concerned(line, encounter, context)
        return (_ALONE if alone else 0) | (_BESIDE if beside else 0)


def _services(_facts: Facts, run: Run) -> _Services:
    return _Services(run)
