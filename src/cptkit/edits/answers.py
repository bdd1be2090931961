"""What a look-up answers: a row, no row, or that it could not be checked. The last is never a pass."""

import datetime as dt
from functools import cached_property

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import AddOnEdit, Mue, PfsRow, PtpEdit, Setting, TelehealthService

__all__ = ["AddOnAnswer", "MueAnswer", "PfsAnswer", "PtpAnswer", "PtpSetAnswer", "TelehealthAnswer"]


class _Answer:
    """What all answers say alike."""

    __slots__ = ()

    not_checked: str

    @property
    def is_checked(self) -> bool:
        """Whether a table, or a release of the fee schedule, answered."""
        return not self.not_checked


@attrs.frozen(slots=True)
class PtpAnswer(_Answer):
    """Whether two codes are edited against each other on a day.

    ``edit``: the row in force, or None. ``not_checked``: why there is no answer, or empty.
    ``quarter``: whose table answered, or would have.

    >>> answer = PtpAnswer(None, Setting.HOSPITAL, Quarter(2026, 1), "no table")
    >>> answer.edit is None, answer.is_checked
    (True, False)
    >>> answer.edit = 1
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    edit: PtpEdit | None
    setting: Setting
    quarter: Quarter
    not_checked: str = ""


@attrs.frozen(slots=True)
class PtpSetAnswer(_Answer):
    """The edits in force among several codes on a day, in the order of their columns.

    >>> PtpSetAnswer((), Setting.HOSPITAL, Quarter(2026, 1), "no table").is_checked
    False
    >>> PtpSetAnswer()
    Traceback (most recent call last):
    ...
    TypeError: PtpSetAnswer.__init__() missing 3 required positional arguments: ...
    """

    edits: tuple[PtpEdit, ...]
    setting: Setting
    quarter: Quarter
    not_checked: str = ""


@attrs.frozen(slots=True)
class MueAnswer(_Answer):
    """The unit limit of a code in a quarter.

    ``mue`` None and ``is_published`` False: the table holds no limit for the code. Some limits are
    not published, so that is not the same as no limit. A limit of zero is a ``mue`` with value 0.

    >>> answer = MueAnswer("W9901", None, Setting.DME, Quarter(2026, 1))
    >>> answer.is_checked, answer.is_published
    (True, False)
    >>> MueAnswer("W9901", None, Setting.DME, Quarter(2026, 1), "no table").is_checked
    False
    >>> answer.mue = 0
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    code: str
    mue: Mue | None
    setting: Setting
    quarter: Quarter
    not_checked: str = ""

    @property
    def is_published(self) -> bool:
        """Whether the table holds a limit for the code."""
        return self.mue is not None


@attrs.frozen(slots=True)
class AddOnAnswer(_Answer):
    """What the add-on edits say of a code on a day.

    ``rows``: those in force, none where the code has no add-on edit. ``edit_types``: usually one.

    >>> AddOnAnswer("W9911", (), dt.date(2026, 1, 1), Quarter(2026, 1)).is_addon
    False
    >>> AddOnAnswer("W9911", (), dt.date(2026, 1, 1), Quarter(2026, 1), "no table").is_checked
    False
    >>> AddOnAnswer("W9911")
    Traceback (most recent call last):
    ...
    TypeError: AddOnAnswer.__init__() missing 3 required positional arguments: ...
    """

    code: str
    rows: tuple[AddOnEdit, ...]
    date_of_service: dt.date
    quarter: Quarter
    not_checked: str = ""

    @property
    def is_addon(self) -> bool:
        """Whether the code has an add-on edit on that day; False where nothing was checked."""
        return bool(self.rows)

    @cached_property
    def edit_types(self) -> tuple[int, ...]:
        """The types of the rows: 1 closed list, 2 the contractor decides, 3 open list."""
        return tuple(sorted({row.edit_type for row in self.rows}))

    @cached_property
    def primaries(self) -> tuple[str, ...]:
        """The listed primaries, without those that the contractor decides."""
        return tuple(sorted({row.primary for row in self.rows if row.primary is not None}))

    @cached_property
    def is_contractor_defined(self) -> bool:
        """Whether the contractor decides, or may add to, the primaries."""
        return any(row.primary is None or row.edit_type != 1 for row in self.rows)


@attrs.frozen(slots=True)
class PfsAnswer(_Answer):
    """The fee schedule's row of a code and modifier on a day.

    ``row`` None: the release does not list it. ``release`` is empty where no release was there.

    >>> PfsAnswer("W9901", "", None, dt.date(2026, 1, 1), "", "no release").is_checked
    False
    >>> PfsAnswer()
    Traceback (most recent call last):
    ...
    TypeError: PfsAnswer.__init__() missing 5 required positional arguments: ...
    """

    code: str
    modifier: str
    row: PfsRow | None
    date_of_service: dt.date
    release: str
    not_checked: str = ""


@attrs.frozen(slots=True)
class TelehealthAnswer(_Answer):
    """Whether a code stands on Medicare's list of telehealth services of a year.

    ``row`` None and ``is_checked`` True: the list leaves it out. ``file``: what the list was read from;
    empty where there is none of the year.

    >>> answer = TelehealthAnswer("W9901", None, 2026, "list.txt")
    >>> answer.is_checked, answer.is_listed
    (True, False)
    >>> TelehealthAnswer("W9901", None, 2027, "", "no list").is_checked
    False
    >>> TelehealthAnswer("W9901")
    Traceback (most recent call last):
    ...
    TypeError: TelehealthAnswer.__init__() missing 3 required positional arguments: ...
    """

    code: str
    row: TelehealthService | None
    year: int
    file: str
    not_checked: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether the list has a row for the code; what the row says may take it back (``row.counts``)."""
        return self.row is not None
