"""Which rules are asked how: by their column form, of single lines, or of whole encounters that they may concern."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

from cptkit.rules.columns import EVERYTHING, Asked, Columns, Encounters, Reads, each, services
from cptkit.rules.registry import Rule
from cptkit.rules.running import Run
from cptkit.rules.spans import Check, Facts, Numbers
from cptkit.rules.table import RuleRow

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
_OF_ENCOUNTERS = EVERYTHING - {Reads.CHARGE, Reads.PLACE}
"""What the bundled rules of whole encounters look at; those of other packages may look at all there is."""


@attrs.frozen(slots=True, eq=False)
class Lanes:
    """The rules of a run, parted.

    ``columns``: rules with a column form. ``lines``: rules that judge each line by itself, those together that are
    asked alike. ``rest``: all others, which are asked about whole encounters.
    """

    columns: tuple[tuple[Rule, Columns], ...]
    lines: "tuple[tuple[_OfLines, tuple[Check, ...]], ...]"
    rest: Run

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Lanes":
        """The lanes of rules."""
        columns = tuple((rule, rule.columns) for rule in rules if rule.columns is not None)
        others = [rule for rule in rules if rule.columns is None]
        of_lines: dict[_OfLines, list[Check]] = {}
        for rule in others:
            if rule.row.reads:
                of_lines.setdefault(_OfLines.of(rule.row), []).append(rule.check)
        rest = tuple(rule for rule in others if not rule.row.reads)
        return cls(columns, tuple((how, tuple(checks)) for how, checks in of_lines.items()), Run(rest, ()))

    def asked(self, block: Encounters) -> "Iterator[tuple[str, tuple[Check, ...], Asked, Spans]]":
        """What is to be asked about a block, which rules about it, and on a day of which span of each line.

        With it the id of a rule that is asked alone.
        """
        for rule, columns in self.columns:
            yield rule.row.id, (rule.check,), columns(block), _spans(rule, block)
        for how, checks in self.lines:
            yield "", checks, Asked(*each(_looked_at(how.looks_at, block)), how.reads), how.spans(block)
        for rules, asked, spans in _of_encounters(self.rest, block) if self.rest.rules else ():
            yield "", tuple(rule.check for rule in rules), asked, spans


class _OfLines(NamedTuple):
    """How rules of single lines are asked: of which lines, and by what they read of them.

    One of another package may ask for the pairs that a code is part of.
    """

    looks_at: str
    reads: frozenset[Reads]
    is_foreign: bool

    @classmethod
    def of(cls, row: RuleRow) -> "_OfLines":
        """That of a rule."""
        is_foreign, reads = bool(row.namespace), frozenset(_READS[name] for name in row.reads)
        return cls(row.looks_at, reads | {Reads.CODE} if is_foreign else reads, is_foreign)

    def spans(self, block: Encounters) -> "Spans":
        """The spans on which they say the same."""
        return block.period if self.is_foreign else block.alike


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


def _of_encounters(run: Run, block: Encounters) -> "Iterator[tuple[tuple[Rule, ...], Asked, Spans]]":
    """The rules that any line of an encounter may make speak, with all encounters of which they are the same."""
    if not len(block):
        return
    of_run = block.facts.kept(_services, run)
    alone, beside = of_run.concerned_by(block)
    starts = block.starts[:-1]
    is_alone = np.diff(block.starts) == 1
    sets = np.where(is_alone, alone.take(starts), np.bitwise_or.reduceat(beside, starts))
    order = np.lexsort((sets, is_alone))
    changes = (np.diff(sets[order]) != 0) | (np.diff(is_alone[order]) != 0)
    for encounters in np.split(order, np.flatnonzero(changes) + 1):
        rules = of_run.rules(int(sets[encounters[0]]))
        if rules:
            is_foreign = _is_any_foreign(rules)
            asked = Asked(*block.whole(encounters), EVERYTHING if is_foreign else _OF_ENCOUNTERS)
            # beside others a line may be part of a pair, and some rules stand aside for those of pair edits
            in_pairs = is_foreign or not is_alone[encounters[0]]
            yield rules, asked, block.period if in_pairs else block.alike


def _is_any_foreign(rules: tuple[Rule, ...]) -> bool:
    """Whether one is of another package: nobody knows what it asks for."""
    return any(rule.row.namespace for rule in rules)


class _Services(Numbers[tuple[int, int, int]]):
    """Codes with their modifiers and places, by number; and which rules of a run they concern.

    ``sets``: of such a service the rules that it may make speak alone, and beside others, as bits of a word.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.concerned = self._concerned  # one object, by which answers are remembered
        self.sets: Numbers[tuple[int, int]] = Numbers()
        self._run = run
        self._is_foreign = _is_any_foreign(run.rules)

    def concerned_by(self, block: Encounters) -> "tuple[Sets, Sets]":
        """Of each line the set of rules that it may make speak alone, and the set beside others."""
        # of the bundled rules none looks at the place
        place = block.place if self._is_foreign else np.zeros_like(block.place)
        pairs, which = np.unique(block.services.astype(np.int64) << 32 | place, return_inverse=True)
        both = block.facts.kept(services).values
        values = [(*both[pair >> 32], pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        with block.facts.lock:
            numbers = np.array([self.number(service) for service in values], np.int32)
        spans = block.period if self._is_foreign else block.alike
        number = block.facts.of(self.concerned, spans, numbers[which], self.values)
        alone, beside = np.array(self.sets.values, np.int64).T
        return alone.take(number), beside.take(number)

    def rules(self, word: int) -> tuple[Rule, ...]:
        """The rules of a word."""
        found = _apart(word, len(self._run.rules))
        return tuple(rule for place, rule in enumerate(self._run.rules) if found >> place & 1)

    def _concerned(self, facts: Facts, span: int, values: Sequence[tuple[int, int, int]]) -> list[int]:
        return [self.sets.number(self._one(facts, span, service)) for service in values]

    def _one(self, facts: Facts, span: int, service: tuple[int, int, int]) -> tuple[int, int]:
        encounter = facts.alone(span, *service)
        alone, beside = self._run.concerned(encounter.lines[0], encounter, facts.contexts[span])
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
