"""Medicare's total of the day: the unit codes of one pool and therapy plan, and what they earn together."""

from collections.abc import Mapping, Sequence

import attrs

from cptkit import timerule
from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import number
from cptkit.rules.tim.sessions import DAY_MINUTES, Session, judged
from cptkit.rules.tim.wording import LOST
from cptkit.sources import Citation, Confidence, weakest
from cptkit.timerule import Allocation, Leftover, UnitPolicy

__all__ = ["Total", "certainty_of", "evidence_of", "listed", "mark_of", "parted"]

_TOTAL = UnitPolicy.MEDICARE_TOTAL
_NO_TOTAL = "Medicare counts the day's total, and not every code has minutes that a day can hold"
_NO_PLAN = "Medicare counts the total of each discipline, and some lines name none (GN, GO, GP) beside others"


@attrs.frozen(slots=True)
class Total:
    """Sessions whose minutes are totalled, one for each code.

    ``answer`` is None where no total is known, and ``reason`` says why. ``other``: what it is to those who
    give the last unit to a code without one; None where that is the same.
    """

    sessions: tuple[Session, ...]
    answer: Allocation | None
    reason: str = ""
    other: Allocation | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all its sessions."""
        return tuple(line for session in self.sessions for line in session.lines)

    def units(self) -> dict[str, int]:
        """Billed units by code."""
        return {code: units for session in self.sessions for code, units in session.units().items()}

    def over(self, answer: Allocation) -> dict[str, int]:
        """The codes billed with more units than any right answer gives them, with the most it gives."""
        return _over(self.units(), (answer,))

    def surely_over(self, answer: Allocation) -> dict[str, int]:
        """The codes billed with more units than any right answer of either reading gives, with the most."""
        return _over(self.units(), (answer,) if self.other is None else (answer, self.other))


def _over(billed: Mapping[str, int], answers: Sequence[Allocation]) -> dict[str, int]:
    most = {code: max(answer.most(code) for answer in answers) for code in billed}
    return {code: earned for code, earned in most.items() if billed[code] > earned}


Parted = tuple[Sequence[Session], Sequence[Total]]


def parted(encounter: Encounter, context: Context) -> Parted:
    """The sessions that are judged alone and in question, and the totals of those that Medicare counts together."""
    if not context.totals_minutes:
        return judged(encounter, context).in_question, ()
    return context.once(_parted, encounter)


def _parted(encounter: Encounter, context: Context) -> Parted:
    alone: list[Session] = []
    pools: dict[tuple[str, str], list[Session]] = {}
    found = judged(encounter, context)
    for session in found.sessions:
        if timerule.is_pooled(session.rule, policy=_TOTAL, codeset=context.codeset):
            pools.setdefault((session.rule.family.pool, session.plan), []).append(session)
        elif session in found.in_question:
            alone.append(session)
    totals: list[Total] = []
    for (name, plan), pooled in pools.items():
        planned = [other for other in pools if other[0] == name and other[1]]
        if not plan and planned:
            # which total these belong to would change all of them
            mixed = [*pooled, *(session for other in planned for session in pools[other])]
            mixed.sort(key=lambda session: encounter.lines.index(session.lines[0]))
            totals.append(Total(tuple(mixed), None, _NO_PLAN))
        elif (name, "") not in pools or not plan:
            totals.append(_total(tuple(pooled), encounter, context))
    return alone, totals


def _total(pooled: tuple[Session, ...], encounter: Encounter, context: Context) -> Total:
    if encounter.incomplete:
        return Total(pooled, None, LOST)
    known = {
        session.lines[0].code: session.minutes
        for session in pooled
        if session.minutes is not None and session.is_possible
    }
    if len(known) < len(pooled) or sum(known.values()) > DAY_MINUTES:
        return Total(pooled, None, _NO_TOTAL)
    answer = timerule.allocate(
        known, policy=_TOTAL, date_of_service=encounter.date_of_service, codeset=context.codeset
    )
    if not answer.outweighed:
        return Total(pooled, answer)
    other = timerule.allocate(
        known,
        policy=_TOTAL,
        leftover=Leftover.UNPAID_FIRST,
        date_of_service=encounter.date_of_service,
        codeset=context.codeset,
    )
    return Total(pooled, answer, other=other)


def listed(billed: Mapping[str, int]) -> str:
    """``97110 x 2 and 97140 x 1``."""
    return " and ".join(f"{code} x {number(units)}" for code, units in billed.items())


def evidence_of(answer: Allocation, confidence: Confidence | None = None) -> tuple[Citation, ...]:
    """The rows an answer rests on; it may be less sure than they are, where two pull apart.

    ``confidence``: of what is said, where that is not the answer's.
    """
    policy, *others = answer.citations
    known = (policy.confidence, answer.confidence if confidence is None else confidence)
    return (attrs.evolve(policy, confidence=weakest(known)), *others)


def certainty_of(answer: Allocation) -> Confidence:
    """How sure is what holds in either reading of the last unit: by the rows alone."""
    known = [citation.confidence for citation in answer.citations]
    known += [Confidence.DERIVED for rule in answer.rules if rule.basis is not answer.basis]
    known += [Confidence.DISPUTED for rule in answer.rules if not rule.is_settled]
    return weakest(known)


def mark_of(answer: Allocation, confidence: Confidence | None = None) -> str:
    """How sure an answer is, where it is not verified; ``confidence`` as for its evidence."""
    known = answer.confidence if confidence is None else confidence
    return "" if known is Confidence.VERIFIED else f" [this answer is {known}]"
