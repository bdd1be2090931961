"""The bands of a rule in short: a ladder that goes on and on is shown by its first rungs.

>>> import datetime as dt, cptkit
>>> from cptkit import timerule
>>> rule = timerule.family("crisis", date_of_service=dt.date(2026, 3, 2), codeset=cptkit.codeset("2026.1"))
>>> for line in timerule.outline(rule, rungs=2).lines():
...     print(line)
0 to 29 minutes: nothing
30 to 74 minutes: 90839
75 to 104 minutes: 90839 + 90840
105 to 134 minutes: 90839 + 90840 x 2
one more 90840 for each further 30 minutes
"""

from collections.abc import Sequence
from typing import Any

import attrs

from cptkit.timerule.rule import Answers, TimeRule, needs_code
from cptkit.timerule.values import Kind, ServiceUnits, count, spell, units_dict

__all__ = ["Band", "Further", "Outline", "outline"]


@attrs.frozen(slots=True)
class Band:
    """Minutes ``first`` to ``last`` (None is open) with their equally right answers.

    ``is_settled`` is False where the answers are two readings and no source says which one holds.

    >>> print(Band(38, 52, ((ServiceUnits("90834"),),)))
    38 to 52 minutes: 90834
    >>> print(Band(8, 14, ((), (ServiceUnits("G0447"),)), is_settled=False))
    8 to 14 minutes: nothing or G0447, not settled
    >>> Band(38)
    Traceback (most recent call last):
    ...
    TypeError: Band.__init__() missing 2 required positional arguments: 'last' and 'answers'
    """

    first: int
    last: int | None
    answers: Answers
    counts: str = "minutes"
    is_settled: bool = True

    def __str__(self) -> str:
        if self.last is None:
            span = f"{self.first} or more {self.counts}"
        elif self.first == self.last:
            span = count(self.first, self.counts.removesuffix("s"))
        else:
            span = f"{self.first} to {self.last} {self.counts}"
        doubt = "" if self.is_settled else ", not settled"
        return f"{span}: {' or '.join(map(spell, self.answers))}{doubt}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "first": self.first,
            "last": self.last,
            "services": units_dict(self.answers[0]),
            "alternatives": [units_dict(each) for each in self.answers[1:]],
            "is_settled": self.is_settled,
        }


@attrs.frozen(slots=True)
class Further:
    """What the rest of a ladder adds: one more ``code`` for each further ``each`` minutes.

    >>> print(Further("90840", 30))
    one more 90840 for each further 30 minutes
    >>> Further("90840")
    Traceback (most recent call last):
    ...
    TypeError: Further.__init__() missing 1 required positional argument: 'each'
    """

    code: str
    each: int
    counts: str = "minutes"

    def __str__(self) -> str:
        each = f"{self.each} {self.counts}" if self.each > 1 else self.counts.removesuffix("s")
        return f"one more {self.code} for each further {each}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"code": self.code, "each": self.each}


@attrs.frozen(slots=True)
class Outline:
    """The first bands of a rule, and what goes on after them (None where these are all).

    A band whose last is None is open. ``remark`` says instead how a rule answers that has no bands: time
    units with a decimal, or codes that minutes do not choose. Made by ``outline``.

    >>> Outline((), None, "minutes do not choose among these codes").lines()
    ('minutes do not choose among these codes',)
    >>> Outline(())
    Traceback (most recent call last):
    ...
    TypeError: Outline.__init__() missing 1 required positional argument: 'further'
    """

    bands: tuple[Band, ...]
    further: Further | None
    remark: str = ""

    def lines(self) -> tuple[str, ...]:
        """One line a band, one for what goes on, and the remark."""
        shown: list[object] = [*self.bands, self.further, self.remark]
        return tuple(str(each) for each in shown if each)


def outline(rule: TimeRule, rungs: int = 3) -> Outline:
    """The bands of a rule; of a ladder that goes on, its first ``rungs``.

    :param rule: as ``timerule.family`` gives one.
    :param rungs: how many steps of an endless ladder are shown.
    :raises NoTimeRule: each code of the family counts alone and none was named.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> talk = timerule.family("psychotherapy", date_of_service=day, codeset=codeset)
    >>> [(band.first, band.last) for band in outline(talk).bands]
    [(0, 15), (16, 37), (38, 52), (53, None)]
    >>> outline(timerule.family("therapy-timed", date_of_service=day, codeset=codeset))
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: each code of 'therapy-timed' counts alone, so name one of 97032...
    """
    if not rule.floors:
        raise needs_code(rule)
    if rule.kind in {Kind.NOT_BY_TIME, Kind.ANAESTHESIA_UNITS}:
        return Outline((), None, rule.method)
    bands = [
        Band(first, last, answers, rule.counts, rule.is_settled or len(answers) == 1)
        for first, last, answers in rule.bands()
    ]
    for period in (1, 2):
        start = _ladder_start(bands, period)
        shown = start + period * rungs
        if shown + period < len(bands):
            last = bands[start + period].first - bands[start].first
            code = _raised(bands[start].answers, bands[start + period].answers)
            return Outline(tuple(bands[:shown]), Further(code, last, rule.counts))
    return Outline(tuple(bands), None)


def _ladder_start(bands: Sequence[Band], period: int) -> int:
    """Where the regular end of the bands begins: each differs by one unit from the one a period before."""
    start = len(bands) - 1
    step, code = 0, ""
    for at in range(len(bands) - 1 - period, -1, -1):
        width = bands[at + period].first - bands[at].first
        raised = _raised(bands[at].answers, bands[at + period].answers)
        if not raised or (step and (width, raised) != (step, code)):
            break
        start, step, code = at, width, raised
    return start


def _raised(answers: Answers, later: Answers) -> str:
    """The one code that every answer has one more of later; empty if it is not so."""
    if len(answers) != len(later):
        return ""
    raised: set[str] = set()
    for before, after in zip(answers, later, strict=True):
        more = _more(before, after)
        if more is None:
            return ""
        raised.add(more)
    return raised.pop() if len(raised) == 1 else ""


def _more(before: Sequence[ServiceUnits], after: Sequence[ServiceUnits]) -> str | None:
    """The code of which ``after`` has one unit more, all else being equal; None otherwise."""
    if [each.code for each in before] != [each.code for each in after]:
        return None
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old.units != new.units]
    if len(changed) != 1 or changed[0][1].units - changed[0][0].units != 1:
        return None
    return changed[0][0].code
