"""Lines of whole patients and days, judged: by columns where a rule has them, else encounter by encounter."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import numpy as np

from cptkit.claims import Claim, Line
from cptkit.frames.asking import Answers, Asker, clock, money, undated
from cptkit.frames.found import FoundColumns, together
from cptkit.frames.grouping import grouped
from cptkit.frames.lines import Lines
from cptkit.frames.lost import Lost
from cptkit.frames.memory import Memory
from cptkit.frames.ordering import by_line_ids
from cptkit.frames.periods import EPOCH, NO_EDITION, Periods
from cptkit.frames.untold import Untold, untold
from cptkit.rules.columns import NONE, Encounters, ranges
from cptkit.rules.engine import JudgedBy, judge_claim
from cptkit.rules.findings import EVERY_RULE, Finding, NotChecked
from cptkit.rules.spans import Facts, Verdict, evidence_key
from cptkit.setting import Setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cptkit.frames.ordering import Ranks

    Places = NDArray[np.int64]

__all__ = ["Checker", "line_of"]


class Checker:
    """Judges lines, batch by batch; every batch holds all lines of its patients' days.

    ``facts`` and ``asker`` remember what was asked; ``unchecked`` counts over all batches. ``has_time``: whether a
    column tells minutes or clock times. ``untold``: what is not said for want of columns.
    """

    def __init__(self, memory: Memory, *, has_time: bool = True) -> None:
        run = memory.run
        self.periods: Periods = memory.periods
        self.facts: Facts = memory.facts
        self.untold: Untold = untold(run.rules, has_modifiers=memory.facts.has_modifiers, has_time=has_time)
        self.asker: Asker = Asker(memory.facts, memory.said, self.untold.for_want_of_modifiers)
        self.unchecked: Counter[tuple[str, str]] = Counter()
        self._lanes = memory.lanes
        self._judged = JudgedBy(memory.catalog, memory.judge, run, None, days_apart=True)
        # limits of a day count what other clinicians did
        self._beside = any(need.endswith("-a-day") for rule in run.rules for need in rule.row.needs)
        self._named: dict[tuple[str, ...], NDArray[np.int32]] = {}
        self._tallies: dict[tuple[str, Callable[[Facts, int], str]], list[tuple[Places, Places]]] = {}

    def check(
        self,
        lines: Lines,
        ids: "Places",
        lost: Lost,
        days: "Places | None" = None,
        claims: "Ranks | None" = None,
    ) -> FoundColumns:
        """What is found in lines, which hold all of their patients' days.

        ``ids``: numbers in the order of the line ids. ``lost``: patients' days of which a row could not be read.
        ``days``: where each patient and day begins, with the end, if their lines stand together. ``claims``: of lines at
        places, numbers in the order of their claims' ids, by which lines of one id are told apart.
        """
        many = len(lines)
        found: list[FoundColumns] = []
        lines, ids, claims, period = self._of_editions(lines, ids, claims)
        if self.facts.setting is not Setting.PRACTITIONER:
            # a hospital and a supplier bill as one, whoever works there
            lines = attrs.evolve(lines, provider=np.zeros(len(lines), np.uint64))
        if not len(lines):
            return together(found)
        groups = grouped(lines.patient, lines.day, lines.provider, days if many == len(lines) else None)
        order, begins = groups.order, groups.encounters
        unclear = _unclear(lines, order, groups.days, lost, beside=self._beside)
        if unclear.any():
            order = np.arange(len(lines)) if order is None else order
            for start, end in zip(groups.days[:-1][unclear], groups.days[1:][unclear], strict=True):
                of_day = by_line_ids(lines, order[start:end], np.array([0, end - start]), ids, claims)
                found.append(self._by_claim(lines, of_day, lost))
            clear = np.ones(len(lines), bool)
            members, _ = ranges(groups.days[:-1][unclear], groups.days[1:][unclear])
            clear[members] = False
            starts = np.zeros(len(lines), bool)
            starts[begins[:-1]] = True
            order, begins = order[clear], np.append(np.flatnonzero(starts[clear]), int(clear.sum()))
        if len(begins) > 1:
            order = by_line_ids(lines, order, begins, ids, claims)
            found.append(self._by_columns(lines, period, order, begins))
        return together(found)

    def _of_editions(
        self, lines: Lines, ids: "Places", claims: "Ranks | None"
    ) -> "tuple[Lines, Places, Ranks | None, NDArray[np.int16]]":
        """The lines of days that an edition holds, and the span of each; the others are not checked."""
        period = self.periods.of(lines.day)
        without = period == NO_EDITION
        if without.any():
            years = lines.day[without].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
            for year, count in zip(
                *map(np.ndarray.tolist, np.unique(years, return_counts=True)), strict=True
            ):
                self._count(EVERY_RULE, f"the catalog has no edition for {year}", count)
            kept = np.flatnonzero(~without)
            lines, ids, period = lines.take(kept), ids.take(kept), period.take(kept)
            if (of_all := claims) is not None:
                claims = lambda places: of_all(kept.take(places))  # noqa: E731 - bound to what is kept
        return lines, ids, claims, period

    def _count(self, rule: str, reason: str, lines: int) -> None:
        with self.facts.lock:
            self.unchecked[rule, reason] += lines

    def _by_columns(
        self, lines: Lines, period: "NDArray[np.int16]", order: "Places | None", begins: "Places"
    ) -> FoundColumns:
        if order is not None:
            lines, period = lines.take(order), period.take(order)
        block, rows = self._block(lines, period, begins), lines.row
        found: list[FoundColumns] = []
        for rule, checks, asked, spans in self._lanes.asked(block):
            for each in asked.unchecked:
                with self.facts.lock:
                    self._tallies.setdefault((rule, each.reason), []).append((each.number, each.lines))
            for decided in asked.decided:
                verdicts = np.array([self._number(verdict) for verdict in decided.verdict], np.int32)
                tables = self._evidences(tuple(decided.tables))
                found.append(
                    FoundColumns(
                        rows.take(decided.line),
                        verdicts.take(decided.which) if len(verdicts) else decided.which,
                        tables.take(decided.table),
                        decided.first,
                        decided.second,
                    )
                )
            answers = self._told(self.asker.ask(checks, asked, block, spans))
            nothing = np.full(len(answers.line), -1, np.int32)
            found.append(
                FoundColumns(rows.take(answers.line), answers.verdict, answers.evidence, nothing, nothing)
            )
        return together(found)

    def _told(self, answers: Answers) -> Answers:
        """The findings that are made; the others rest on a column of times that is missing, and are not checked."""
        reasons = self.untold.reasons
        if not reasons or not len(answers.line):
            return answers
        rules = [verdict.rule for verdict in self.asker.verdicts]
        is_untold = np.array([rule in reasons for rule in rules])[answers.verdict]
        for number, count in zip(*np.unique(answers.verdict[is_untold], return_counts=True), strict=True):
            self._count(rules[number], reasons[rules[number]], int(count))
        kept = ~is_untold
        return Answers(answers.line[kept], answers.verdict[kept], answers.evidence[kept])

    def _number(self, verdict: Verdict) -> int:
        with self.facts.lock:
            return self.asker.number_of(verdict)

    def _evidence(self, name: str) -> int:
        with self.facts.lock:
            return self.asker.evidence_number(name)

    def _evidences(self, names: tuple[str, ...]) -> "NDArray[np.int32]":
        """Of several names, which are the same ones for most blocks."""
        found = self._named.get(names)
        if found is None:
            found = self._named[names] = np.array([self._evidence(name) for name in names], np.int32)
        return found

    def _block(self, lines: Lines, period: "NDArray[np.int16]", begins: "Places") -> Encounters:
        encounter = np.zeros(len(lines), np.int32)
        encounter[begins[1:-1]] = 1  # each holds a line or more
        np.cumsum(encounter, dtype=np.int32, out=encounter)
        return Encounters(
            self.facts,
            lines.day,
            lines.code,
            lines.modifiers,
            lines.place,
            lines.units,
            lines.minutes,
            lines.start,
            lines.stop,
            lines.charge,
            period,
            encounter,
            begins,
            lines.provider != 0,
        )

    def _by_claim(self, lines: Lines, order: "Places", lost: Lost) -> FoundColumns:
        """The lines of a patient and day as a claim: where some name no clinician, or a row was lost."""
        numbered = enumerate(order.tolist(), 1)
        claim = Claim([line_of(lines, at, str(place)) for place, at in numbered], setting=self.facts.setting)
        incomplete = lost.holds(int(lines.patient[order[0]]), int(lines.day[order[0]]))
        entries: list[Finding | NotChecked] = []
        judge_claim(claim, self._judged, entries, incomplete=incomplete)
        row, verdict, evidence = [], [], []
        for entry in entries:
            if isinstance(entry, NotChecked):
                self._count(entry.rule, undated(entry), len(entry.lines))
                continue
            if (why := self.untold.why(entry)) is not None:
                self._count(entry.rule, why, 1)
                continue
            row.append(lines.row[order[min(map(int, entry.lines)) - 1]])
            verdict.append(self._number(Verdict.of(entry)))
            evidence.append(self._evidence(evidence_key(entry)))
        nothing = np.full(len(row), -1, np.int32)
        return FoundColumns(
            np.array(row, np.int64),
            np.array(verdict, np.int32),
            np.array(evidence, np.int32),
            nothing,
            nothing,
        )

    def not_checked(self) -> dict[tuple[str, str], int]:
        """How many lines were not checked, by rule and reason."""
        counts = Counter(self.unchecked)
        for number, lines in self.asker.unchecked.items():
            counts[self.asker.reasons[number]] += lines
        for (rule, reason), counted in self._tallies.items():
            groups, numbers = np.divmod(np.concatenate([each for each, _ in counted]), 1 << 32)
            width = int(numbers.max(initial=0)) + 1
            lines_of = np.bincount(groups * width + numbers, np.concatenate([each for _, each in counted]))
            for place in np.flatnonzero(lines_of).tolist():
                number = place // width << 32 | place % width
                counts[rule, reason(self.facts, number)] += int(lines_of[place])
        return dict(counts)


def line_of(lines: Lines, at: int, name: str) -> Line:
    """The line at a place, as an object; ``name``: its id."""
    texts, minutes, provider = lines.texts, int(lines.minutes[at]), int(lines.provider[at])
    return Line(
        texts.codes.values[lines.code[at]],
        date_of_service=dt.date.fromordinal(int(lines.day[at]) + EPOCH),
        modifiers=texts.modifiers.values[lines.modifiers[at]],
        units=int(lines.units[at]),
        minutes=None if minutes == NONE else minutes,
        start=clock(int(lines.start[at])),
        stop=clock(int(lines.stop[at])),
        place_of_service=texts.places.values[lines.place[at]],
        rendering_provider=str(provider) if provider else None,
        charge=None if lines.charge is None else money(int(lines.charge[at])),
        id=name,
    )


def _unclear(
    lines: Lines, order: "Places | None", days: "Places", lost: Lost, *, beside: bool
) -> "NDArray[np.bool_]":
    """The patients' days of which some lines name a clinician and others none, or of which a row was lost.

    ``beside``: those too on which several clinicians worked.
    """
    who = lines.provider if order is None else lines.provider.take(order)
    starts = days[:-1]
    changes = who[1:] != who[:-1]
    changes[starts[1:] - 1] = False
    several = np.unique(np.searchsorted(days, np.flatnonzero(changes), side="right") - 1)
    unclear = np.zeros(len(starts), bool)
    unclear[several] = True
    if not beside and len(several):
        members, begins = ranges(days[several], days[several + 1])
        unclear[several] = np.minimum.reduceat(who[members], begins[:-1]) == 0
    if lost:
        firsts = starts if order is None else order[starts]
        patients = lines.patient.take(firsts)
        for place in lost.among(patients).tolist():
            unclear[place] |= lost.holds(int(patients[place]), int(lines.day[firsts[place]]))
    return unclear
