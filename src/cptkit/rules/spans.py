"""What holds for a run of column checks: the facts of each span of days, and what was made of them.

A span is a stretch of days on which every fact and every edit is the same, so that one day answers for all of them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from cptkit.claims import Encounter, Line, known_line
from cptkit.edits.quarter import Quarter
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked, Outcome, Severity
from cptkit.setting import Setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cptkit.edits import Edits

    Small = NDArray[np.int32]

__all__ = [
    "UNASKED",
    "ByGroup",
    "Carried",
    "Check",
    "Facts",
    "Numbers",
    "Verdict",
    "Work",
    "evidence_key",
    "quarter_of_span",
]

Found = TypeVar("Found")
Value = TypeVar("Value", bound=Hashable)
Check = Callable[[Encounter, Context], Iterable[Finding | NotChecked]]
Work = Callable[["Facts", int, Sequence[Value]], Sequence[int]]

UNASKED = -(2**31)
"""What stands for no number yet."""

_SOMEBODY = "1"  # whose lines an encounter holds is nothing that a verdict rests on, but whether it is known


class Verdict(NamedTuple):
    """What a finding says but for its lines and its evidence."""

    rule: str
    outcome: Outcome
    severity: Severity
    group: str
    carc: str

    @classmethod
    def of(cls, finding: Finding) -> "Verdict":
        """That of a finding."""
        denial = finding.denial
        codes = ("", "") if denial is None else (denial.group or "", denial.carc or "")
        return cls(finding.rule, finding.outcome, finding.severity, *codes)


def evidence_key(finding: Finding) -> str:
    """The rows of edit tables that a finding rests on, or else the facts, by name."""
    if finding.edits:
        from cptkit.edits.telling import row_key

        return "; ".join(map(row_key, finding.edits))
    return "; ".join(each.fact for each in finding.evidence)


class Carried:
    """What another process may take up, as it is: it holds no table, and nothing of a catalog."""

    __slots__ = ()


class Numbers(Carried, Generic[Value]):
    """Values by number, in the order in which they were first met; a number once given stays."""

    __slots__ = ("_lock", "_numbers", "values")

    def __init__(self, first: Iterable[Value] = ()) -> None:
        self.values: list[Value] = []
        self._numbers: dict[Value, int] = {}
        self._lock = Lock()
        for value in first:
            self.number(value)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self._numbers

    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """What is there now: other threads may number more while it is written."""
        with self._lock:
            held = {"values": list(self.values), "_numbers": dict(self._numbers), "_lock": self._lock}
        return getattr(self, "__dict__", None), held

    def number(self, value: Value) -> int:
        """The number of a value, a new one for a value that was not met before."""
        number = self._numbers.get(value)
        if number is None:
            with self._lock:
                number = self._numbers.get(value, len(self.values))
                self.values[number : number + 1] = [value]  # there before its number is known to others
                self._numbers[value] = number
        return number

    def of_all(self, values: Sequence[Value]) -> list[int]:
        """The number of each value; quick where all of them were met before."""
        found = list(map(self._numbers.get, values))
        return [self.number(value) for value in values] if None in found else cast("list[int]", found)


class ByGroup(Carried):
    """Numbers by group and number of a text; a row for each group that was met."""

    __slots__ = ("_cells", "_lock", "_rows")

    def __init__(self, groups: int, lock: RLock) -> None:
        import numpy as np

        self._rows = np.full(groups, -1, np.int32)
        self._cells = np.full((0, 1024), UNASKED, np.int32)
        self._lock = lock

    def at(self, group: Any, number: Any, texts: int) -> "Small":
        """The number of each, ``UNASKED`` where none was put there yet."""
        return self.look(group, number, texts)[0]

    def look(
        self, group: Any, number: Any, texts: int, through: "Small | None" = None
    ) -> "tuple[Small, bool]":
        """The same, and whether any is ``UNASKED``; ``through``: the group of each span, where spans are given."""
        import numpy as np

        from cptkit import kernel

        held = self._rows.copy()  # before the cells: another thread may make room for more rows
        cells = self._cells
        rows = held if through is None else held.take(through)
        if cells.shape[1] >= texts and (told := kernel.cells(group, number, rows, cells, UNASKED)):
            return told
        found: Small
        group = group if through is None else through.take(group)
        if len(group) and group.min() == group.max():  # lines of a block are mostly of one span
            row = self._rows[group[:1]]
            if self._cells.shape[1] < texts or row[0] < 0:
                row = self._widened(group[:1], texts)
            found = self._cells[row[0]].take(number)
        else:
            rows = self._rows.take(group)
            if self._cells.shape[1] < texts or (rows < 0).any():
                rows = self._widened(group, texts)
            cells = self._cells
            found = cells.ravel().take(rows * np.int64(cells.shape[1]) + number)
        return found, bool((found == UNASKED).any())

    def _widened(self, group: Any, texts: int) -> "Small":
        """The rows of groups, after room was made for them and for so many texts."""
        import numpy as np

        with self._lock:
            new = np.unique(group[self._rows[group] < 0])
            height, width = self._cells.shape
            wider = np.full((height + len(new), max(width, texts + texts // 2)), UNASKED, np.int32)
            wider[:height, :width] = self._cells
            self._cells = wider
            self._rows[new] = np.arange(height, height + len(new))
        found: Small = self._rows[group]
        return found

    def put(self, group: int, number: Any, found: Sequence[int] | int) -> None:
        """Remember numbers."""
        self._cells[self._rows[group], number] = found


def _answers(facts: "Facts", _work: object, groups: int) -> ByGroup:
    return ByGroup(groups, facts.lock)


class Facts:
    """What holds for all blocks of a run: a context for each span of days, the tables, and what was made of them.

    ``first_alike``: for each span the first one since which nothing but pair edits changed; ``first_of_facts``: since
    which nothing but tables did. ``learnt``: how often something new was asked. ``codes``, ``modifiers``,
    ``places``: the texts by number; they grow from block to block. ``has_modifiers``: whether the input can hold
    any. ``lock`` is held while something is asked or remembered: blocks are checked in threads.
    """

    __slots__ = (
        "_kept",
        "_of_all",
        "codes",
        "contexts",
        "first_alike",
        "first_of_facts",
        "has_modifiers",
        "learnt",
        "lock",
        "modifiers",
        "places",
        "setting",
        "tables",
    )

    def __init__(
        self,
        contexts: Sequence[Context],
        first_alike: "NDArray[np.int16]",
        first_of_facts: "NDArray[np.int16]",
        tables: "Edits | None",
        setting: Setting,
        codes: list[str],
        modifiers: list[tuple[str, ...]],
        places: list[str | None],
        *,
        has_modifiers: bool = True,
    ) -> None:
        self.contexts: Sequence[Context] = contexts
        self.first_alike: NDArray[np.int16] = first_alike
        self.first_of_facts: NDArray[np.int16] = first_of_facts
        self.tables: Edits | None = tables
        self.setting: Setting = setting
        self.codes: list[str] = codes
        self.modifiers: list[tuple[str, ...]] = modifiers
        self.places: list[str | None] = places
        self.has_modifiers: bool = has_modifiers
        self.lock: RLock = RLock()
        self.learnt: int = 0
        self._kept: dict[Hashable, Any] = {}
        self._of_all: dict[Work[str], Small] = {}

    def kept(self, work: Callable[..., Found], *asked: Hashable) -> Found:
        """What a function makes of the facts and what is asked, remembered for the run."""
        key = (work, asked)
        try:
            found: Found = self._kept[key]
        except KeyError:
            with self.lock:  # another thread may have made it while this one waited
                if key not in self._kept:
                    self._kept[key] = work(self, *asked)
                found = self._kept[key]
        return found

    def first(self, key: Hashable, make: "Callable[[], Verdict]") -> "Verdict":
        """The verdict of a key: what was made of the first that asked for it."""
        if key not in self._kept:
            with self.lock:
                if key not in self._kept:
                    self.learnt += 1
                    self._kept[key] = make()
        found: Verdict = self._kept[key]
        return found

    def of_code(
        self, work: "Work[str]", group: Any, code: "Small", through: "tuple[Small, int] | None" = None
    ) -> "Small":
        """A number for each line by its code and its span of days; ``through``: by the group of the span instead.

        That is the group of each span, and how many there are.
        """
        return self.of(work, group, code, self.codes, through)

    def of_all_codes(self, work: "Work[str]") -> "Small":
        """A number for each code that was met, by its number; it hangs on no group of lines.

        It is worked out once for all threads, and nobody may write to it.
        """
        import numpy as np

        found = self._of_all.get(work)
        if found is None or len(found) < len(self.codes):
            codes = np.arange(len(self.codes), dtype=np.int32)
            one_group = np.zeros(1, np.int32), 1
            found = self.of(work, np.zeros(len(codes), np.int16), codes, self.codes, one_group)
            found.flags.writeable = False
            self._of_all[work] = found
        return found

    def of(
        self,
        work: Any,
        group: Any,
        number: "Small",
        values: Sequence[Any],
        through: "tuple[Small, int] | None" = None,
    ) -> "Small":
        """A number for each group and number of a value; a group is a span, or what ``through`` tells of it.

        ``work`` is given a group and values, each two once in a run, and answers a number for each value.
        """
        import numpy as np

        of_span, groups = (None, len(self.contexts)) if through is None else through
        table = self.kept(_answers, work, groups)
        found, is_any_new = table.look(group, number, len(values), of_span)
        if is_any_new:
            unknown = found == UNASKED
            new = group[unknown] if of_span is None else of_span[group[unknown]]
            asked = np.unique(new.astype(np.int64) << 32 | number[unknown])
            with self.lock:
                self.learnt += _is_free(work)
                places = asked & 0xFFFFFFFF
                met, starts = np.unique(asked >> 32, return_index=True)
                for which, of_group in zip(met.tolist(), np.split(places, starts[1:]), strict=True):
                    answers = work(self, which, [values[place] for place in of_group.tolist()])
                    table.put(which, of_group, answers)
            found, _ = table.look(group, number, len(values), of_span)
        return found

    def carried(self) -> dict[Hashable, Any]:
        """What was asked, and another process need not ask again."""
        return {key: value for key, value in self._kept.items() if _is_carried(key, value)}

    def carry(self, carried: dict[Hashable, Any]) -> None:
        """Take up what another process asked about the same."""
        self._kept.update(carried)

    def said(
        self, checks: Iterable[Check], span: int, lines: tuple[Line, ...], *, named: bool
    ) -> list[Finding | NotChecked]:
        """What rules say of lines that are an encounter of their own, on a day of the span; ``named``: by a clinician."""
        context = self.contexts[span]
        who = _SOMEBODY if named else None
        # one encounter for all of them: what one rule works out of it, another need not
        encounter = Encounter(context.day, who, lines, setting=self.setting, of_claim=lines, days_apart=True)
        return [entry for check in checks for entry in check(encounter, context)]

    def alone(self, span: int, code: int, modifiers: int, place: int = 0) -> Encounter:
        """An encounter of one line, by the numbers of its texts, on a day of the span."""
        day = self.contexts[span].day
        where = self.places[place]
        line = known_line(self.codes[code], day, self.modifiers[modifiers], place_of_service=where, id="1")
        return Encounter(day, _SOMEBODY, (line,), setting=self.setting, of_claim=(line,), days_apart=True)

    def verdict(self, check: Check, span: int, lines: tuple[Line, ...]) -> Verdict:
        """That of the one finding that a rule has of lines of which that is known."""
        (found,) = self.said((check,), span, lines, named=True)
        if not isinstance(found, Finding):
            raise TypeError(f"not a finding: {found!r}")
        return Verdict.of(found)


def _is_carried(key: Any, value: Any) -> bool:
    """Whether something that was kept can go to another process; what a table's own method said cannot."""
    asked = key[1] if isinstance(key[1], tuple) else ()
    return isinstance(value, Carried | Verdict) and all(map(_is_free, asked))


def _is_free(asked: object) -> bool:
    """Whether something is no method of what cannot go to another process."""
    owner = getattr(asked, "__self__", None)
    return owner is None or isinstance(owner, Carried)


def quarter_of_span(facts: Facts) -> "tuple[Small, tuple[Quarter, ...]]":
    """The number of the quarter of each span of days, and the quarters by number."""
    import numpy as np

    quarters = [Quarter.of(context.day) for context in facts.contexts]
    distinct = tuple(sorted(set(quarters)))
    return np.array([distinct.index(each) for each in quarters], np.int32), distinct
