"""What changed from one quarter's table to another's.

Quarters of one setting lie in one table, so only classes are compared, not millions of pairs.
"""

from collections.abc import Iterator
from typing import NamedTuple

import attrs

from cptkit.edits.attached import Edits
from cptkit.edits.pairs import NEVER_ENDS
from cptkit.edits.ptp import MappedRow
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Mue, PtpEdit, Setting

__all__ = ["MueChange", "MueDiff", "PtpChange", "PtpDiff", "mue_diff", "ptp_diff"]


@attrs.frozen(slots=True)
class PtpChange:
    """A pair whose open row is another one: the row of the older quarter and that of the newer.

    >>> old = PtpEdit("W9901", "W9902", 0, None, None, False, "", Setting.HOSPITAL, Quarter(2024, 2), "f1")
    >>> PtpChange(old, attrs.evolve(old, indicator=1)).is_of_indicator
    True
    >>> PtpChange(old)
    Traceback (most recent call last):
    ...
    TypeError: PtpChange.__init__() missing 1 required positional argument: 'after'
    """

    before: PtpEdit
    after: PtpEdit

    @property
    def is_of_indicator(self) -> bool:
        """Whether the indicator is another one."""
        return self.before.indicator != self.after.indicator


@attrs.frozen(slots=True)
class PtpDiff:
    """Pair edits of two quarters compared, each list in the order of columns.

    ``added``: open rows of pairs, in this order of columns, of which the older table knows nothing.
    ``reopened``: open rows of pairs of which the older table knows ended rows only.
    ``ended``: rows open in the older table, with the last day that the newer one says (None where it
    does not hold the row at all). ``replaced``: pairs with a row that ended and another that is open
    instead; its old row is among ``ended`` too. ``changed``: rows that stand in both tables, with
    another indicator.

    >>> PtpDiff(Setting.HOSPITAL, Quarter(2024, 2), Quarter(2024, 3), (), (), (), (), ()).indicator_changes
    ()
    >>> PtpDiff()
    Traceback (most recent call last):
    ...
    TypeError: PtpDiff.__init__() missing 8 required positional arguments: ...
    """

    setting: Setting
    older: Quarter
    newer: Quarter
    added: tuple[PtpEdit, ...]
    reopened: tuple[PtpEdit, ...]
    ended: tuple[PtpEdit, ...]
    replaced: tuple[PtpChange, ...]
    changed: tuple[PtpChange, ...]

    @property
    def indicator_changes(self) -> tuple[PtpChange, ...]:
        """Every pair that is open in both tables with another indicator, however the file says so."""
        found = [change for change in (*self.replaced, *self.changed) if change.is_of_indicator]
        return tuple(sorted(found, key=_columns_after))


@attrs.frozen(slots=True)
class MueChange:
    """A unit limit before and after; None where the table holds none.

    >>> MueChange(None, None).before is None
    True
    >>> MueChange()
    Traceback (most recent call last):
    ...
    TypeError: MueChange.__init__() missing 2 required positional arguments: 'before' and 'after'
    """

    before: Mue | None
    after: Mue | None


@attrs.frozen(slots=True)
class MueDiff:
    """Unit limits of two quarters compared, each list in the order of codes.

    ``up`` and ``down``: the value rose or fell. ``new`` and ``gone``: published in one table only;
    a limit that is gone may still exist. ``judged``: the adjudication indicator is another one.

    >>> MueDiff(Setting.DME, Quarter(2024, 2), Quarter(2024, 3), (), (), (), (), ()).up
    ()
    >>> MueDiff()
    Traceback (most recent call last):
    ...
    TypeError: MueDiff.__init__() missing 8 required positional arguments: ...
    """

    setting: Setting
    older: Quarter
    newer: Quarter
    up: tuple[MueChange, ...]
    down: tuple[MueChange, ...]
    new: tuple[MueChange, ...]
    gone: tuple[MueChange, ...]
    judged: tuple[MueChange, ...]


def ptp_diff(edits: Edits, older: Quarter | str, newer: Quarter | str, *, setting: Setting | str) -> PtpDiff:
    """What changed in the pair edits from one quarter to another.

    :raises UnknownTable: when one of the quarters is not there.
    :raises InvalidQuarter: when one of them is no quarter.
    :raises ValueError: when the setting is none.

    >>> import tempfile
    >>> from cptkit.edits import Writer, attach
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     for quarter, column2 in (("2024q2", "W9902"), ("2024q3", "W9903")):
    ...         builder = writer.pairs(Setting.HOSPITAL, Quarter.parse(quarter))
    ...         says = builder.row(None, None, 1, prior_to_1996=False, rationale="own words")
    ...         builder.extend([builder.code("W9901")], [builder.code(column2)], [says])
    ...         _ = writer.put_pairs(builder, [])
    ...     _ = writer.commit()
    ...     edits = attach(folder)
    >>> found = ptp_diff(edits, "2024q2", "2024q3", setting="hospital")
    >>> [row.column2 for row in found.added], [row.column2 for row in found.ended]
    (['W9903'], ['W9902'])
    >>> ptp_diff(edits, "2024q1", "2024q3", setting="hospital")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownTable: no pair edits of hospital for 2024q1; there are 2024q2, 2024q3; see ...
    >>> edits.close()
    """
    pairs, old = edits.pair_table(older, setting=setting)
    _, new = edits.pair_table(newer, setting=setting)
    found: dict[str, list[PtpEdit]] = {"added": [], "reopened": [], "ended": []}
    changes: dict[str, list[PtpChange]] = {"replaced": [], "changed": []}
    try:
        said = {
            number: events
            for number, rows in pairs.classes()
            if (events := list(_events(rows, old.bit, new.bit)))
        }
        for low, high, number in pairs.pairs_of(said.keys()):
            for event in said[number]:
                if isinstance(event, _Change):
                    before, after = old.made(low, high, event.before), new.made(low, high, event.after)
                    changes[event.name].append(PtpChange(before, after))
                else:
                    table = old if event.is_of_older else new
                    found[event.name].append(table.made(low, high, event.row))
    except (IndexError, ValueError, OverflowError) as error:
        raise pairs.broken(error) from error
    return PtpDiff(
        old.setting,
        old.quarter,
        new.quarter,
        tuple(sorted(found["added"], key=_columns)),
        tuple(sorted(found["reopened"], key=_columns)),
        tuple(sorted(found["ended"], key=_columns)),
        tuple(sorted(changes["replaced"], key=_columns_after)),
        tuple(sorted(changes["changed"], key=_columns_after)),
    )


class _Event(NamedTuple):
    """What became of the pairs of a class: the row that says it, and of which quarter it is shown."""

    name: str
    row: MappedRow
    is_of_older: bool = False


class _Change(NamedTuple):
    """A row that is open in place of another."""

    name: str
    before: MappedRow
    after: MappedRow


def _events(rows: tuple[MappedRow, ...], old: int, new: int) -> Iterator[_Event | _Change]:
    """What became of the pairs of a class, in each order of columns."""
    for turned in (False, True):
        before = [row for row in rows if row.turned is turned and row.seen & old]
        after = [row for row in rows if row.turned is turned and row.seen & new]
        was, now = _open(before), _open(after)
        if was is None:
            if now is not None:
                yield _Event("reopened" if before else "added", now)
        elif now != was:
            closed = _closed(was, after)
            if now is None:
                yield _Event("ended", was, is_of_older=True) if closed is None else _Event("ended", closed)
            elif closed is not None and closed not in before:
                yield _Event("ended", closed)
                yield _Change("replaced", was, now)
            elif was.indicator != now.indicator:
                yield _Change("changed", was, now)


def _open(rows: list[MappedRow]) -> MappedRow | None:
    return next((row for row in rows if row.last == NEVER_ENDS and row.indicator != 9), None)


def _closed(was: MappedRow, rows: list[MappedRow]) -> MappedRow | None:
    """The row that an open one became when it ended."""
    return next(
        (
            row
            for row in rows
            if row.last != NEVER_ENDS
            and (row.first, row.indicator, row.rationale) == (was.first, was.indicator, was.rationale)
        ),
        None,
    )


def mue_diff(edits: Edits, older: Quarter | str, newer: Quarter | str, *, setting: Setting | str) -> MueDiff:
    """What changed in the unit limits from one quarter to another.

    :raises UnknownTable: when one of the quarters is not there.
    :raises InvalidQuarter: when one of them is no quarter.
    :raises ValueError: when the setting is none.

    >>> import tempfile
    >>> from cptkit.edits import Writer, attach
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     for quarter, value in ((Quarter(2024, 2), 1), (Quarter(2024, 3), 0)):
    ...         limit = Mue("W9901", value, 2, "own words", Setting.DME, quarter, "mue.csv")
    ...         _ = writer.put_mue([limit], Setting.DME, quarter, [])
    ...     _ = writer.commit()
    ...     edits = attach(folder)
    ...     found = mue_diff(edits, "2024q2", "2024q3", setting="dme")
    >>> [(change.before.value, change.after.value) for change in found.down]
    [(1, 0)]
    >>> mue_diff(edits, "2024q2", "2024q3", setting="hospital")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownTable: no unit limits of hospital for 2024q2; there are none; see ...
    """
    old = {mue.code: mue for mue in edits.mue_rows(setting=setting, quarter=older)}
    new = {mue.code: mue for mue in edits.mue_rows(setting=setting, quarter=newer)}
    changes = [MueChange(old.get(code), new.get(code)) for code in sorted(old.keys() | new.keys())]
    both = [(change, change.before, change.after) for change in changes]
    return MueDiff(
        Setting(setting),
        Quarter.parse(older),
        Quarter.parse(newer),
        tuple(change for change, a, b in both if a and b and b.value > a.value),
        tuple(change for change, a, b in both if a and b and b.value < a.value),
        tuple(change for change, a, _ in both if a is None),
        tuple(change for change, _, b in both if b is None),
        tuple(change for change, a, b in both if a and b and a.mai != b.mai),
    )


def _columns(edit: PtpEdit) -> tuple[str, str]:
    return edit.column1, edit.column2


def _columns_after(change: PtpChange) -> tuple[str, str]:
    return _columns(change.after)
