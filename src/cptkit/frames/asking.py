"""Asking rules about parts of encounters: parts that are alike in what a rule reads are asked about once.

What was said is remembered for the run (``said``), so that the commonest encounters of millions cost one check each.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

from cptkit.claims import Line, known_line
from cptkit.frames.said import Part, Said, Told
from cptkit.rules.columns import NO_CHARGE, NONE, Asked, Encounters, Reads, ranges
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.spans import UNASKED, ByGroup, Check, Facts, Verdict, evidence_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["Answers", "Asker", "Content", "clock", "money", "undated"]

_CENTS = 10_000
_CODE = frozenset({Reads.CODE})


class Content(NamedTuple):
    """What is read of a line: numbers of texts, and values as in ``Encounters``."""

    code: int
    modifiers: int = 0
    place: int = 0
    units: int = 1
    minutes: int = NONE
    start: int = NONE
    stop: int = NONE
    charge: int = NO_CHARGE

    @classmethod
    def of(cls, part: Part) -> "Iterator[Content]":
        """The lines of a part."""
        width = part[2]
        return (cls(*part[first : first + width]) for first in range(3, len(part), width))


@attrs.frozen(slots=True, eq=False)
class Answers:
    """Findings as columns: the line in the block, the number of the verdict and of the evidence."""

    line: "Places"
    verdict: "Small"
    evidence: "Small"


class Asker:
    """Puts parts of encounters to rules, and keeps what they say.

    ``verdicts``, ``evidence``, ``reasons``: what the numbers of answers mean. ``unchecked``: how many lines were
    not checked, by the number of the reason. ``untold``: why a finding is not made; it goes with ``said``.
    """

    def __init__(
        self,
        facts: Facts,
        said: Said | None = None,
        untold: Callable[[Finding], str | None] = lambda _finding: None,
    ) -> None:
        self.facts: Facts = facts
        self._untold = untold
        self.unchecked: Counter[int] = Counter()
        self._said = Said() if said is None else said
        self.verdicts: list[Verdict] = self._said.verdicts.values
        self.evidence: list[str] = self._said.evidence.values
        self.reasons: list[tuple[str, str]] = self._said.reasons.values

    def number_of(self, verdict: Verdict) -> int:
        """The number of a verdict."""
        return self._said.verdicts.number(verdict)

    def evidence_number(self, evidence: str) -> int:
        """The number of an evidence, or of the table that a row of it is of."""
        return self._said.evidence.number(evidence)

    def ask(
        self, checks: Sequence[Check], asked: Asked, block: Encounters, spans: "NDArray[np.int16]"
    ) -> Answers:
        """What the rules say of each part; what they did not check is counted.

        ``spans``: on a day of which each line is judged.
        """
        if len(asked.begins) == 1:
            return _none()
        lengths = np.diff(asked.begins)
        lines = asked.members[asked.begins[:-1]]
        alone = lengths == 1 if asked.reads == _CODE else np.zeros(len(lengths), bool)
        if alone.all():
            said = self._of_codes(checks, lines, spans[lines], block)
        elif not alone.any():
            said = self._of_parts(checks, asked, spans[lines], block)
        else:
            said = np.empty(len(lengths), np.int32)
            said[alone] = self._of_codes(checks, lines[alone], spans[lines[alone]], block)
            rest = np.flatnonzero(~alone)
            members, begins = ranges(asked.begins[rest], asked.begins[rest + 1])
            others = Asked(asked.members[members], begins, asked.reads)
            said[rest] = self._of_parts(checks, others, spans[lines[rest]], block)
        return self._answers(said, asked)

    def _of_codes(
        self, checks: Sequence[Check], lines: "Places", period: "NDArray[np.int16]", block: Encounters
    ) -> "Small":
        """The same for lines of which the code alone is read: a table by span and code holds what was said.

        A span has two rows: of lines without a clinician, and of lines with one.
        """
        facts, key = self.facts, tuple(checks)
        code, row = block.code[lines], period * np.int32(2) + block.named[lines]
        table = self._said.by_code.get(key)
        if table is None:
            with facts.lock:
                table = self._said.by_code.setdefault(key, ByGroup(2 * len(facts.contexts), facts.lock))
        said = table.at(row, code, len(facts.codes))
        unknown = np.flatnonzero(said == UNASKED)
        if len(unknown):
            with facts.lock:
                for each in np.unique(row[unknown].astype(np.int64) << 32 | code[unknown]).tolist():
                    at, number = each >> 32, each & 0xFFFFFFFF
                    told = self._asked(checks, (at >> 1, at & 1, 1, number))
                    table.put(at, number, told)
            said = table.at(row, code, len(facts.codes))
        return said

    def _of_parts(
        self,
        checks: Sequence[Check],
        asked: Asked,
        period: "NDArray[np.int16]",
        block: Encounters,
    ) -> "Small":
        lengths = np.diff(asked.begins)
        contents = self._contents(asked, block)
        kind = _kinds(contents)
        named = block.named[asked.members[asked.begins[:-1]]]
        alike = _dense(_dense(period.astype(np.int64), lengths), named.astype(np.int64))
        for place in range(int(lengths.max())):
            there = lengths > place
            if there.all():
                alike = _dense(alike, kind[asked.begins[:-1] + place])
            else:
                # parts that ended before keep apart from those that go on, by their length
                alike[there] = _dense(alike[there], kind[asked.begins[:-1][there] + place])
                alike = _dense(alike, there.astype(np.int64))
        _, example, which = np.unique(alike, return_index=True, return_inverse=True)
        said = np.empty(len(example), np.int32)
        members, begins = ranges(asked.begins[example], asked.begins[example + 1])
        values = np.stack([column[members] for column in contents], axis=1).ravel().tolist()
        width = len(contents)
        ends = (begins * width).tolist()
        of_span, is_named = period[example].tolist(), named[example].tolist()
        checks = tuple(checks)
        with self.facts.lock:
            for number, span in enumerate(of_span):
                part = (span, int(is_named[number]), width, *values[ends[number] : ends[number + 1]])
                said[number] = self._number_said(checks, part)
        return said[which]

    def _contents(self, asked: Asked, block: Encounters) -> "list[NDArray[np.int64]]":
        """What is read of the lines: code, modifiers, place, units, minutes, start and stop, and charge if it is read."""
        reads, at = asked.reads, asked.members
        nothing = np.zeros(len(at), np.int64)

        def of(column: "Small", what: Reads, other: "NDArray[np.int64]") -> "NDArray[np.int64]":
            return column[at].astype(np.int64) if what in reads else other

        units = nothing + 1
        if Reads.UNITS in reads:
            units = block.units[at].astype(np.int64)
        elif Reads.BILLED in reads:
            units = (block.units[at] > 0).astype(np.int64)
        found = [
            of(block.code, Reads.CODE, nothing),
            of(block.modifiers, Reads.MODIFIERS, nothing),
            of(block.place, Reads.PLACE, nothing),
            units,
            *(of(column, Reads.TIME, nothing + NONE) for column in (block.minutes, block.start, block.stop)),
        ]
        if Reads.CHARGE in reads and block.charge is not None:
            found.append(block.charge[at])
        return found

    def _number_said(self, checks: tuple[Check, ...], part: Part) -> int:
        """The number of what the rules say of a part."""
        try:
            return self._said.known[checks][part]
        except KeyError:
            found = self._asked(checks, part)
            self._said.learn(checks, part, found)
            return found

    def _asked(self, checks: Sequence[Check], part: Part) -> int:
        self.facts.learnt += 1
        span, named, *_ = part
        lines = tuple(self._line(content, place, span) for place, content in enumerate(Content.of(part), 1))
        told = self._told_of(self.facts.said(checks, span, lines, named=bool(named)))
        return self._said.told.number(told)

    def _told_of(self, entries: Sequence[Finding | NotChecked]) -> Told:
        findings, unchecked = [], []
        for entry in entries:
            if isinstance(entry, Finding) and (why := self._untold(entry)) is not None:
                unchecked.append((self._said.reasons.number((entry.rule, why)), 1))
            elif isinstance(entry, Finding):
                place = min(map(int, entry.lines)) - 1
                evidence = self.evidence_number(evidence_key(entry))
                findings.append((place, self.number_of(Verdict.of(entry)), evidence))
            else:
                reason = self._said.reasons.number((entry.rule, undated(entry)))
                unchecked.append((reason, len(entry.lines)))
        return Told(tuple(findings), tuple(unchecked))

    def _line(self, content: Content, place: int, span: int) -> Line:
        facts = self.facts
        return known_line(
            facts.codes[content.code],
            facts.contexts[span].day,
            facts.modifiers[content.modifiers],
            units=content.units,
            minutes=None if content.minutes == NONE else content.minutes,
            start=clock(content.start),
            stop=clock(content.stop),
            place_of_service=facts.places[content.place],
            charge=money(content.charge),
            id=str(place),
        )

    def _answers(self, said: "Small", asked: Asked) -> Answers:
        """The findings of all parts; what was not checked is counted by how often it was said."""
        loud = np.flatnonzero(said)
        if not len(loud):
            return _none()
        loud_said = said.take(loud)
        with self.facts.lock:
            flat = self._said.flat()
            times = np.bincount(loud_said, minlength=len(flat.begins) - 1)
            for entry in np.flatnonzero(times.take(flat.unchecked_of)).tolist():
                reason, lines = flat.unchecked[entry].tolist()
                self.unchecked[reason] += lines * int(times[flat.unchecked_of[entry]])
        lengths = np.diff(flat.begins)
        many = lengths.take(loud_said)
        of = np.repeat(np.arange(len(loud)), many)
        step = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
        entry = flat.findings[flat.begins.take(loud_said.take(of)) + step]
        line = asked.members[asked.begins[loud[of]] + entry[:, 0]]
        return Answers(line, entry[:, 1].astype(np.int32), entry[:, 2].astype(np.int32))


def _none() -> Answers:
    return Answers(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))


def _dense(one: "NDArray[np.int64]", other: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """The same number where both are the same, from 0 on."""
    low = int(other.min()) if len(other) else 0
    high = int(other.max()) if len(other) else 0
    if low == high:
        return one
    if low < -(2**31) or high >= 2**31:
        _, other = np.unique(other, return_inverse=True)
    found: NDArray[np.int64] = np.unique(one << 32 | (other & 0xFFFFFFFF), return_inverse=True)[1]
    return found.astype(np.int64, copy=False)


def _kinds(columns: "list[NDArray[np.int64]]") -> "NDArray[np.int64]":
    """A number for each line, the same where all columns are."""
    kind = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        kind = _dense(kind, column)
    return kind


def undated(entry: NotChecked) -> str:
    """The reason, which is counted for lines of many days, without the one that was asked about."""
    day = entry.date_of_service.isoformat()
    return entry.reason.replace(f" on {day}", " on its day").replace(f" for {day}", " for its day")


def clock(seconds: int) -> dt.time | None:
    """A time of day; None for ``NONE``."""
    return None if seconds == NONE else dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def money(charge: int) -> Decimal | None:
    """A charge as an amount; None for ``NO_CHARGE``."""
    return None if charge == NO_CHARGE else Decimal(charge) / _CENTS
