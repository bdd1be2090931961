"""What rules said of parts of encounters, by number, as all runs about the same facts share it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

from cptkit.rules.spans import ByGroup, Check, Numbers, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

__all__ = ["Part", "Said", "Told"]

_MOST = 1 << 19  # parts of which it is remembered what was said
_MOST_AFTER = 1 << 16  # of which it is remembered when a run has ended

Part = tuple[int, ...]
"""A span, whether a clinician is named, how much is read of a line, and that of each line, one after another.

Whole numbers and no more: the collector of the interpreter passes by such tuples, of which there may be many.
"""


class Told(NamedTuple):
    """What was said of a part: findings by the place of their first line, and how many lines were not checked, and why."""

    findings: tuple[tuple[int, int, int], ...]  # place in the part, number of the verdict, of the evidence
    unchecked: tuple[tuple[int, int], ...]  # number of the rule and reason, how many lines


_SILENCE = Told((), ())


@attrs.frozen(slots=True, eq=False)
class _Flat:
    """What was told, as arrays.

    ``findings``: of all, one after another; ``begins``: where those of each number begin, with the end. ``unchecked``:
    likewise, and the number that each is of.
    """

    findings: "Places"
    begins: "Places"
    unchecked: "Places"
    unchecked_of: "Places"

    @classmethod
    def of(cls, told: "Sequence[Told]") -> "_Flat":
        findings = [entry for each in told for entry in each.findings]
        unchecked = [entry for each in told for entry in each.unchecked]
        of = [number for number, each in enumerate(told) for _ in each.unchecked]
        return cls(
            np.array(findings, np.int64).reshape(-1, 3),
            np.cumsum([0, *(len(each.findings) for each in told)]),
            np.array(unchecked, np.int64).reshape(-1, 2),
            np.array(of, np.int64),
        )

    def with_more(self, more: "_Flat") -> "_Flat":
        """With what was told after it."""
        known = len(self.begins) - 1
        return _Flat(
            np.concatenate([self.findings, more.findings]),
            np.concatenate([self.begins, more.begins[1:] + self.begins[-1]]),
            np.concatenate([self.unchecked, more.unchecked]),
            np.concatenate([self.unchecked_of, more.unchecked_of + known]),
        )


class Said:
    """What rules said of parts of encounters, and what the numbers of answers mean; all runs about the same facts share it.

    ``told``: what was said, by number. ``known``: by the rules that were asked, the number for each part; ``parts``:
    how many these are. ``by_code``: the number for each span, with and without a clinician, and code.
    """

    __slots__ = ("_flat", "by_code", "evidence", "known", "parts", "reasons", "told", "verdicts")

    def __init__(self) -> None:
        self.verdicts: Numbers[Verdict] = Numbers()
        self.evidence: Numbers[str] = Numbers()
        self.reasons: Numbers[tuple[str, str]] = Numbers()
        self.told: Numbers[Told] = Numbers([_SILENCE])
        self.known: dict[tuple[Check, ...], dict[Part, int]] = {}
        self.parts: int = 0
        self.by_code: dict[object, ByGroup] = {}
        self._flat = _Flat.of([])

    def flat(self) -> "_Flat":
        """What was told, by number, as arrays."""
        known = len(self._flat.begins) - 1
        if known < len(self.told.values):
            self._flat = self._flat.with_more(_Flat.of(self.told.values[known:]))
        return self._flat

    def take_up(self, other: "Said") -> None:
        """Hold what another one does."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def forget(self, more_than: int = _MOST_AFTER) -> None:
        """Give room free where more parts are known than that."""
        if self.parts > more_than:
            self.known.clear()
            self.parts = 0

    def learn(self, checks: tuple[Check, ...], part: Part, number: int) -> None:
        """Remember the number of what rules said of a part."""
        self.forget(_MOST - 1)
        self.known.setdefault(checks, {})[part] = number
        self.parts += 1
