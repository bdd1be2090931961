"""What minutes earn by a time rule, and which of its codes stand alone; each answer is remembered."""

from collections.abc import Iterable, Mapping

from cptkit import timerule
from cptkit.timerule.rule import Answers

__all__ = ["MinutesOfDay", "most_units"]

Key = tuple[str, str | None]
"""A time rule of one day and basis: its family, and the code it is bound to."""

_MOST = 4096  # answers that are remembered, where claims may ask for any
_ALWAYS_COUNTED = {timerule.Kind.PER_UNIT, timerule.Kind.ANAESTHESIA_UNITS}


class MinutesOfDay:
    """The time rules of one day under one basis, as they answer for codes and minutes."""

    __slots__ = ("_answers", "_bases", "_free", "_heads", "_just", "_most", "_spans")

    def __init__(self) -> None:
        self._heads: dict[Key, frozenset[str]] = {}
        self._free: dict[Key, frozenset[str]] = {}
        self._bases: dict[tuple[Key, str], frozenset[str]] = {}
        self._most: dict[Key, Mapping[str, int]] = {}
        self._spans: dict[tuple[Key, str], tuple[int, int | None]] = {}
        self._answers: dict[tuple[str, str | None, int], tuple[Answers, Mapping[str, int]]] = {}
        self._just: dict[tuple[str, str | None, str, int, int], bool] = {}

    def heads(self, rule: timerule.TimeRule) -> frozenset[str]:
        """The codes of a time rule that may stand alone; its other codes continue one of these."""
        key = (rule.id, rule.code)
        try:
            return self._heads[key]
        except KeyError:
            found = frozenset(answer[0].code for answers in rule.answers for answer in answers if answer)
            self._heads[key] = found
            return found

    def free(self, rule: timerule.TimeRule) -> frozenset[str]:
        """The codes of a time rule that need no minutes: any length of service gives them."""
        key = (rule.id, rule.code)
        try:
            return self._free[key]
        except KeyError:
            found = frozenset[str]()
            if rule.kind not in _ALWAYS_COUNTED:
                found = frozenset(code for code in self.heads(rule) if self.takes(rule, code)[0] <= 1)
            self._free[key] = found
            return found

    def takes(self, rule: timerule.TimeRule, code: str) -> tuple[int, int | None]:
        """The first and last minute of a code of a time rule; the last is None where no minute ends it."""
        key = ((rule.id, rule.code), code)
        try:
            return self._spans[key]
        except KeyError:
            found = rule.band(code) or (0, None)  # never None for a code that minutes choose
            self._spans[key] = found
            return found

    def bases(self, rule: timerule.TimeRule, code: str) -> frozenset[str]:
        """The codes of a time rule that another one goes on top of; none where it stands alone."""
        key = ((rule.id, rule.code), code)
        try:
            return self._bases[key]
        except KeyError:
            found = frozenset(
                answer[0].code
                for answers in rule.answers
                for answer in answers
                if any(service.code == code for service in answer[1:])
            )
            if len(self._bases) < _MOST:
                self._bases[key] = found
            return found

    def most_units(self, rule: timerule.TimeRule) -> Mapping[str, int]:
        """The most units of each code that any number of minutes gives."""
        key = (rule.id, rule.code)
        try:
            return self._most[key]
        except KeyError:
            found = most_units(answer for answers in rule.answers for answer in answers)
            self._most[key] = found
            return found

    def earned(self, rule: timerule.TimeRule, minutes: int) -> tuple[Answers, Mapping[str, int]]:
        """The answers of a time rule for minutes, and the most units of each code in any of them."""
        key = (rule.id, rule.code, minutes)
        try:
            return self._answers[key]
        except KeyError:
            answers = rule.answers_at(minutes)
            found = (answers, most_units(answers))
            if len(self._answers) < _MOST:
                self._answers[key] = found
            return found

    def gives_just(self, rule: timerule.TimeRule, code: str, units: int, minutes: int) -> bool:
        """Whether minutes give so many units of a code, nothing else, and in one way only."""
        key = (rule.id, rule.code, code, units, minutes)
        try:
            return self._just[key]
        except KeyError:
            answers, _ = self.earned(rule, minutes)
            found = units > 0 and answers == ((timerule.ServiceUnits(code, units),),)
            if len(self._just) < _MOST:
                self._just[key] = found
            return found


def most_units(answers: Iterable[tuple[timerule.ServiceUnits, ...]]) -> dict[str, int]:
    """The most units of each code in any of the answers."""
    most: dict[str, int] = {}
    for answer in answers:
        for service in answer:
            most[service.code] = max(most.get(service.code, 0), service.units)
    return most
