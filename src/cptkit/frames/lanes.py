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

    Places = NDArray[np.int64]
    Sets = NDArray[np.int64]
    Spans = NDArray[np.int16]

__all__ = ["Lanes"]

_WORD = (1 << 63) - 1
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

    ``columns``: rules with a column form. ``lines``: rules that judge each line by itself, by what they look at and
    read of it. ``rest``: all others, which are asked about whole encounters.
    """

    columns: tuple[tuple[Rule, Columns], ...]
    lines: tuple[tuple[str, frozenset[Reads], tuple[Check, ...]], ...]
    rest: Run

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Lanes":
        """The lanes of rules."""
        columns = tuple((rule, rule.columns) for rule in rules if rule.columns is not None)
        others = [rule for rule in rules if rule.columns is None]
        of_lines: dict[tuple[str, frozenset[Reads]], list[Check]] = {}
        for rule in others:
            if rule.row.reads:
                reads = frozenset(_READS[name] for name in rule.row.reads)
                of_lines.setdefault((rule.row.looks_at, reads), []).append(rule.check)
        rest = tuple(rule for rule in others if not rule.row.reads)
        return cls(columns, tuple((*key, tuple(checks)) for key, checks in of_lines.items()), Run(rest, ()))

    def asked(self, block: Encounters) -> "Iterator[tuple[str, tuple[Check, ...], Asked, Spans]]":
        """What is to be asked about a block, which rules about it, and on a day of which span of each line.

        With it the id of a rule that is asked alone.
        """
        for rule, columns in self.columns:
            yield rule.row.id, (rule.check,), columns(block), _spans(rule, block)
        for looks_at, reads, checks in self.lines:
            yield "", checks, Asked(*each(_looked_at(looks_at, block)), reads | {Reads.CODE}), block.alike
        for checks, asked in _of_encounters(self.rest, block) if self.rest.rules else ():
            # some stand aside for rules of pair edits, and look at those
            yield "", checks, asked, block.period


def _spans(rule: Rule, block: Encounters) -> "Spans":
    """The spans on which a rule with a column form says the same: pair edits change on days of their own."""
    if "ptp" in rule.row.needs:
        return block.period
    return block.alike if rule.row.needs_edits else block.of_facts


def _looked_at(what: str, block: Encounters) -> "Places | int":
    """The lines that hold what rules look at: number 0 is no modifier, and no place."""
    if what == "modifiers":
        return np.flatnonzero(block.modifiers)
    if what == "places":
        return np.flatnonzero(block.place)
    return len(block)


def _of_encounters(run: Run, block: Encounters) -> "Iterator[tuple[tuple[Check, ...], Asked]]":
    """The rules that any line of an encounter may make speak, with all encounters of which they are the same."""
    if not len(block):
        return
    services = block.facts.kept(_services, run)
    alone, beside = services.concerned_by(block)
    starts = block.starts[:-1]
    sets = np.bitwise_or.reduceat(beside, starts)
    sets = np.where(np.diff(block.starts) == 1, alone.take(starts), sets)
    order = np.argsort(sets, kind="stable")
    distinct, begins = np.unique(sets[order], return_index=True)
    for rules, encounters in zip(distinct.tolist(), np.split(order, begins[1:]), strict=True):
        if rules:
            yield services.checks(rules), Asked(*block.whole(encounters), _WITHOUT_CHARGE)


class _Services(Numbers[tuple[int, int, int]]):
    """Codes with their modifiers and places, by number; and which rules of a run they concern.

    ``sets``: of such a service the rules that it may make speak alone, and beside others, as bits of a word.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.concerned = self._concerned  # one object, by which answers are remembered
        self.sets: Numbers[tuple[int, int]] = Numbers()
        self._run = run

    def concerned_by(self, block: Encounters) -> "tuple[Sets, Sets]":
        """Of each line the set of rules that it may make speak alone, and the set beside others."""
        codes = block.code.astype(np.int64) << 32 | block.modifiers
        distinct, which = np.unique(codes, return_inverse=True)
        pairs, which = np.unique(which.astype(np.int64) << 32 | block.place, return_inverse=True)
        found = [(int(distinct[pair >> 32]), pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        values = [(service >> 32, service & 0xFFFFFFFF, place) for service, place in found]
        with block.facts.lock:
            numbers = np.array([self.number(service) for service in values], np.int32)
        number = block.facts.of(self.concerned, block.alike, numbers[which], self.values)
        alone, beside = np.array(self.sets.values, np.int64).T
        return alone.take(number), beside.take(number)

    def checks(self, rules: int) -> tuple[Check, ...]:
        """The rules of a word."""
        return self._run.chosen(_apart(rules, len(self._run.rules)))

    def _concerned(self, facts: Facts, span: int, services: Sequence[tuple[int, int, int]]) -> list[int]:
        return [self.sets.number(self._one(facts, facts.contexts[span], service)) for service in services]

    def _one(self, facts: Facts, context: Context, service: tuple[int, int, int]) -> tuple[int, int]:
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
        return _together(alone), _together(beside)


def _services(_facts: Facts, run: Run) -> _Services:
    return _Services(run)


def _together(rules: int) -> int:
    """A set of rules in the bits of one word: of more rules than that several share a bit, and are asked together."""
    word = 0
    while rules:
        word, rules = word | rules & _WORD, rules >> _WORD.bit_length()
    return word


def _apart(word: int, rules: int) -> int:
    """All rules that stand behind the bits of a word."""
    found = sum(word << first for first in range(0, rules, _WORD.bit_length()))
    return found & ((1 << rules) - 1)
