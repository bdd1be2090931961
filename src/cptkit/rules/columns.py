"""What a rule in columns is given, and what it answers: many encounters at once, as arrays.

A rule's file may hold a function ``columns`` beside ``check``: it tells which lines of which encounters ``check``
must be asked about, and may decide others itself. Both say the same; the function only spares most of the asking.
A rule without one is asked about every encounter that it may concern.

numpy is imported where these are used: only the column checks of ``cptkit.frames`` do.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import attrs

from cptkit.rules.spans import Facts, Numbers, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Places = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = [
    "EVERYTHING",
    "NONE",
    "NO_CHARGE",
    "Asked",
    "Columns",
    "Decided",
    "Encounters",
    "Reads",
    "Unchecked",
    "alike",
    "each",
    "ranges",
    "services",
]

Found = TypeVar("Found")

NONE = -(2**31)
"""What stands for no value in columns of whole numbers."""

NO_CHARGE = -(2**63)
"""What stands for no charge."""


_MOST_KEPT = 8  # pairs a line
_MOST_KINDS = 2**31 - 1


class Reads(StrEnum):
    """What of a line a rule looks at when it is asked; ``BILLED`` is whether its units are above zero."""

    CODE = "code"
    MODIFIERS = "modifiers"
    PLACE = "place"
    BILLED = "billed"
    UNITS = "units"
    TIME = "time"
    CHARGE = "charge"


EVERYTHING = frozenset(Reads) - {Reads.BILLED}
"""All that a line says."""


@attrs.frozen(slots=True, eq=False)
class Encounters:
    """Lines of whole encounters, one encounter after another; within one in the order of their ids.

    Arrays of one length: numbers of codes, modifiers and places as ``facts`` tells them (0 is no modifier, and no
    place), days from 1970-01-01, minutes and clock times (seconds of the day) with ``NONE``, ``charge`` in hundredths of a cent or None.
    ``named``: whether the clinician is. ``period``: the span of days; ``encounter``: the number of the encounter, from 0; ``starts``: where each begins,
    and the end.
    """

    facts: Facts
    day: "Small"
    code: "Small"
    modifiers: "Small"
    place: "Small"
    units: "Small"
    minutes: "Small"
    start: "Small"
    stop: "Small"
    charge: "NDArray[np.int64] | None"
    period: "NDArray[np.int16]"
    encounter: "Small"
    starts: "Places"
    named: "Bools"
    _kept: dict[Hashable, Any] = attrs.field(factory=dict[Hashable, Any], init=False)

    def __len__(self) -> int:
        return len(self.code)

    def once(self, work: "Callable[..., Found]", *given: Any) -> Found:
        """What a function makes of the block and what is ``given``, worked out once for all rules."""
        try:
            found: Found = self._kept[work]
        except KeyError:
            found = self._kept[work] = work(self, *given)
        return found

    @property
    def neighbours(self) -> "Iterable[Neighbours]":
        """Every two lines of an encounter, once: those next to each other, then those two apart, and so on."""
        return self.once(_neighbours)

    @property
    def alike(self) -> "NDArray[np.int16]":
        """The first span since which nothing but pair edits changed, of each line."""
        return self.once(_alike)

    @property
    def of_facts(self) -> "NDArray[np.int16]":
        """The first span since which nothing but tables changed, of each line."""
        return self.once(_of_facts)

    @property
    def services(self) -> "Small":
        """The number of the code with the modifiers of each line; ``facts.kept(services)`` tells the two behind it."""
        return self.once(_services)

    @property
    def repeated(self) -> "Bools":
        """The lines whose code stands on another line of the encounter too."""
        return self.once(_repeated)

    def holding(self, lines: "Bools") -> "Places":
        """The encounters that hold any of these lines."""
        import numpy as np

        return np.unique(self.encounter[lines]).astype(np.int64)

    def whole(self, encounters: "Places") -> "tuple[Places, Places]":
        """The lines of encounters, part by part, and where each part begins, with the end."""
        return ranges(self.starts.take(encounters), self.starts.take(encounters + 1))


def _alike(block: Encounters) -> "NDArray[np.int16]":
    found: NDArray[np.int16] = block.facts.first_alike.take(block.period)
    return found


def _of_facts(block: Encounters) -> "NDArray[np.int16]":
    found: NDArray[np.int16] = block.facts.first_of_facts.take(block.period)
    return found


def services(_facts: Facts) -> Numbers[tuple[int, int]]:
    """What ``Encounters.services`` numbers: the number of a code, and that of its modifiers."""
    return Numbers()


def _services(block: Encounters) -> "Small":
    import numpy as np

    both = block.code.astype(np.int64) << 32 | block.modifiers
    distinct, which = np.unique(both, return_inverse=True)
    values = [(service >> 32, service & 0xFFFFFFFF) for service in distinct.tolist()]
    found: Small = np.array(block.facts.kept(services).of_all(values), np.int32)[which]
    return found


def _neighbours(block: Encounters) -> "Iterable[Neighbours]":
    """All neighbours; they are kept for the next rule unless they are far more than lines."""
    lengths = block.starts[1:] - block.starts[:-1]
    pairs = int((lengths * (lengths - 1)).sum()) // 2
    found = _Walk(block)
    return list(found) if pairs <= _MOST_KEPT * len(block) else found


class Neighbours(NamedTuple):
    """Lines of an encounter that are so many apart, and their codes."""

    one: "Places"
    other: "Places"
    code: "Small"
    other_code: "Small"


class _Walk:
    """The neighbours of a block, distance by distance; can be gone through again."""

    def __init__(self, block: Encounters) -> None:
        self._block = block

    def __iter__(self) -> Iterator[Neighbours]:
        import numpy as np

        starts, code = self._block.starts, self._block.code
        ends = np.repeat(starts[1:].astype(np.int32), np.diff(starts))
        left = ends - np.arange(1, len(code) + 1, dtype=np.int32)  # lines of the encounter that follow
        one, apart = np.flatnonzero(left), 1
        left = left[one]
        while len(one):
            other = one + apart
            yield Neighbours(one, other, code.take(one), code.take(other))
            apart += 1
            kept = np.flatnonzero(left >= apart)
            one, left = one.take(kept), left.take(kept)


def _repeated(block: Encounters) -> "Bools":
    import numpy as np

    from cptkit import kernel

    compiled = kernel.repeated(block.starts, block.code, len(block.facts.codes))
    if compiled is not None:
        return compiled
    found = np.zeros(len(block), bool)
    # far more neighbours than lines, as under an id that stands for nobody
    if isinstance(block.neighbours, _Walk):
        codes = block.encounter.astype(np.int64) << 32 | block.code
        _, which, lines = np.unique(codes, return_inverse=True, return_counts=True)
        found[:] = lines[which] > 1
        return found
    for near in block.neighbours:
        same = np.flatnonzero(near.code == near.other_code)
        found[near.one.take(same)] = found[near.other.take(same)] = True
    return found


def alike(kind: "NDArray[Any]") -> "tuple[Places, Places, Places]":
    """Kinds that are 0 or more: those that occur, where each is met first, and which of these every one is."""
    import numpy as np

    from cptkit import kernel

    compiled = kernel.sets([kind]) if kind.max(initial=0) <= _MOST_KINDS else None
    if compiled is None:
        return np.unique(kind, return_index=True, return_inverse=True)
    which, example = compiled
    return kind[example], example, np.subtract(which, 1, out=which)


def each(lines: "Places | int") -> "tuple[Places, Places]":
    """Lines, or as many as there are, as parts of one line: the lines, and where each part begins, with the end."""
    import numpy as np

    found = np.arange(lines) if isinstance(lines, int) else lines
    return found, np.arange(len(found) + 1)


def ranges(starts: "Places", ends: "Places") -> "tuple[Places, Places]":
    """The numbers from each start up to its end, one after another, and where each of these stretches begins."""
    import numpy as np

    lengths = ends - starts
    begins = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=begins[1:])
    if len(starts) == begins[-1] and (lengths == 1).all():
        return starts, begins
    steps = np.ones(begins[-1], np.int64)
    there = lengths > 0
    firsts, befores = starts[there], ends[there]
    if len(firsts):
        steps[0] = firsts[0]
        steps[begins[:-1][there][1:]] = firsts[1:] - befores[:-1] + 1
    return np.cumsum(steps, out=steps), begins


@attrs.frozen(slots=True, eq=False)
class Decided:
    """Findings that need no asking: for each its line, its verdict, and the row that it rests on.

    ``evidence`` is told as the text of ``tables`` and one or two codes: ``mue practitioner 2024q3 97110``.
    ``second``: -1 where there is one code.
    """

    line: "Places"
    verdict: Sequence[Verdict]
    which: "Small"
    tables: Sequence[str]
    table: "Small"
    first: "Small"
    second: "Small"


class Unchecked(NamedTuple):
    """Lines that cannot be checked: numbers, which ``reason`` tells in words when all are counted; of each how many."""

    reason: "Callable[[Facts, int], str]"
    number: "Places"
    lines: "Places"

    @classmethod
    def of(cls, reason: "Callable[[Facts, int], str]", group: Any, number: "Small") -> "Unchecked":
        """Counted lines of few groups; a reason's number holds the group above its lowest 32 bits."""
        import numpy as np

        width = int(number.max(initial=-1)) + 1
        counts = np.bincount(group * np.int64(width) + number) if len(number) else np.zeros(0, np.int64)
        return cls.counted(reason, counts, width)

    @classmethod
    def counted(cls, reason: "Callable[[Facts, int], str]", counts: "Places", width: int) -> "Unchecked":
        """The same by how many lines there are of each group and number: ``width`` numbers a group."""
        import numpy as np

        met = np.flatnonzero(counts)
        groups, numbers = np.divmod(met, max(width, 1))
        return cls(reason, groups << 32 | numbers, counts[met])


@attrs.frozen(slots=True, eq=False)
class Asked:
    """What a rule must be asked about: parts of encounters, each as lines of its own.

    ``members``: lines, part by part, in their order; ``begins``: where each part begins, and the end. ``reads``:
    what of the lines the rule looks at, so that parts alike in these are asked once. ``decided``: what needs no
    asking. ``unchecked``: lines of which it is known that they cannot be checked.
    """

    members: "Places"
    begins: "Places"
    reads: frozenset[Reads] = EVERYTHING
    decided: tuple[Decided, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


Columns = Callable[[Encounters], Asked]
"""The column form of a rule."""
