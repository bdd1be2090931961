"""The rows of the tables that CMS publishes, each with the quarter or year and the file it came from."""

import datetime as dt
import re

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.setting import Setting

__all__ = ["AddOnEdit", "Mue", "PfsRow", "PtpEdit", "Setting", "TelehealthService"]

# Texts of the files are kept as they are published; these are the words in them that say more than a column.
_EXCLUSIVE = "mutually exclusive"
_ONLY = (
    (re.compile(r"\bpractitioners?\W+only\b"), Setting.PRACTITIONER),
    (re.compile(r"\bfacilit(?:y|ies)\W+only\b"), Setting.HOSPITAL),
)
_NO_EXCEPTION = ("based on ", "contractor defined primary codes")
_TAKES_BACK = re.compile(
    r"remov|delet|discontinu|expir|\bend|\bno longer\b|\bnot\b|\bthrough\b|\buntil\b|effective|[0-9]/[0-9]"
)


def excludes(rationale: str) -> bool:
    """Whether a published rationale says that two codes exclude each other, in letters of any case."""
    return rationale.casefold().startswith(_EXCLUSIVE)


@attrs.frozen(slots=True)
class PtpEdit:
    """A row of the pair edits: column 1 is paid and column 2 denied, from the first to the last day.

    ``indicator``: 0, no modifier helps; 1, a modifier may; 9, never active. ``first_day`` None: the
    file does not say since when; ``last_day`` None: no end is published. ``prior_to_1996``: the flag
    of the file, which decides nothing. ``quarter`` and ``file``: what it was read from.

    >>> edit = PtpEdit("W9901", "W9902", 1, dt.date(2020, 1, 1), None, False, "own words",
    ...                Setting.PRACTITIONER, Quarter(2024, 3), "ccipra-v302r0-f1.TXT")
    >>> edit.in_force(dt.date(2020, 1, 1)), edit.in_force(dt.date(2019, 12, 31))
    (True, False)
    >>> edit.column1 = "W9903"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    column1: str
    column2: str
    indicator: int
    first_day: dt.date | None
    last_day: dt.date | None
    prior_to_1996: bool
    rationale: str
    setting: Setting
    quarter: Quarter
    file: str

    def in_force(self, day: dt.date) -> bool:
        """Whether the row is active on that day; with indicator 9 on none.

        >>> never = PtpEdit("W9901", "W9902", 9, dt.date(2020, 1, 1), dt.date(2020, 1, 1), False, "",
        ...                 Setting.PRACTITIONER, Quarter(2024, 3), "f1")
        >>> never.in_force(dt.date(2020, 1, 1))
        False
        """
        return (
            self.indicator != 9
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )

    @property
    def is_exclusive(self) -> bool:
        """Whether the two codes exclude each other: the published rationale begins so, in letters of any case.

        >>> edit = PtpEdit("W9901", "W9902", 1, None, None, False, "MUTUALLY EXCLUSIVE procedures",
        ...                Setting.PRACTITIONER, Quarter(2024, 3), "f1")
        >>> edit.is_exclusive
        True
        >>> edit.is_exclusive = False
        Traceback (most recent call last):
        ...
        attr.exceptions.FrozenInstanceError...
        """
        return excludes(self.rationale)

    def __str__(self) -> str:
        since = f"from {self.first_day}" if self.first_day else "from before records"
        until = f" to {self.last_day}" if self.last_day else ""
        return f"{self.column1}/{self.column2} indicator {self.indicator} {since}{until} ({self.setting} {self.quarter})"


@attrs.frozen(slots=True)
class Mue:
    """A unit limit: the most units of a code; 0 is a limit of zero.

    ``mai`` says how units are counted: 1, each line; 2 and 3, all lines of the day; None where the
    file has no such column.

    >>> Mue("W9901", 0, 2, "own words", Setting.PRACTITIONER, Quarter(2024, 3), "mue.csv").value
    0
    >>> Mue("W9901")
    Traceback (most recent call last):
    ...
    TypeError: Mue.__init__() missing 6 required positional arguments: ...
    """

    code: str
    value: int
    mai: int | None
    rationale: str
    setting: Setting
    quarter: Quarter
    file: str

    def __str__(self) -> str:
        judged = f" MAI {self.mai}" if self.mai else ""
        return f"{self.code} at most {self.value}{judged} ({self.setting} {self.quarter})"


@attrs.frozen(slots=True)
class AddOnEdit:
    """A row of the add-on edits: an add-on and a primary on which it may stand.

    ``primary`` None: the contractor decides (``CCCCC`` in the file). ``edit_type``: 1, the list of
    primaries is closed; 2, the contractor decides; 3, the list is open. The days are those of the
    edit; ``addon_last_day`` and ``primary_last_day`` those of codes that were deleted.

    >>> row = AddOnEdit("W9911", "W9901", 1, dt.date(2020, 1, 1), None, None, dt.date(2023, 12, 31), "",
    ...                 Quarter(2024, 3), "aoc.txt")
    >>> row.in_force(dt.date(2023, 12, 31)), row.in_force(dt.date(2024, 1, 1))
    (True, False)
    >>> row.primary = None
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    addon: str
    primary: str | None
    edit_type: int
    first_day: dt.date | None
    last_day: dt.date | None
    addon_last_day: dt.date | None
    primary_last_day: dt.date | None
    note: str
    quarter: Quarter
    file: str

    def in_force(self, day: dt.date) -> bool:
        """Whether the row counts on that day: within the edit's days and while both codes stand."""
        return (self.first_day is None or self.first_day <= day) and all(
            last is None or day <= last
            for last in (self.last_day, self.addon_last_day, self.primary_last_day)
        )

    def counts(self, setting: Setting) -> bool | None:
        """Whether the row names a primary on claims of that setting; None where its note is not read.

        Notes are free text. Two phrases decide: a row for practitioners only, or for facilities only, names
        no primary on other claims. A note that repeats what a column says, or names the text an edit is based
        on, makes no exception. Any other note may, and is not read.

        >>> def noted(note):
        ...     ends = (None, None, None, None)
        ...     return AddOnEdit("W9911", "W9901", 1, *ends, note, Quarter(2024, 3), "aoc.txt")
        >>> [noted("W9901 Practitioner Only").counts(Setting(name)) for name in ("practitioner", "hospital")]
        [True, False]
        >>> print(noted("see elsewhere").counts(Setting.HOSPITAL))
        None
        >>> noted("").counts()
        Traceback (most recent call last):
        ...
        TypeError: AddOnEdit.counts() missing 1 required positional argument: 'setting'
        """
        if not self.note:
            return True
        note = self.note.casefold()
        only = [whose for phrase, whose in _ONLY if phrase.search(note)]
        if len(only) == 1:
            return setting == only[0]
        return True if not only and note.startswith(_NO_EXCEPTION) else None

    def __str__(self) -> str:
        on = self.primary or "primaries of the contractor's choice"
        return f"{self.addon} on {on}, type {self.edit_type} (add-on edits {self.quarter})"


@attrs.frozen(slots=True)
class PfsRow:
    """The indicators of a code, with or without a modifier, in a release of the fee schedule.

    All are text as published; ``global_days`` has three characters. ``release`` is named as CMS
    names it (``24AR``), and holds from ``first_day`` until the next one. ``qpp``: the table for
    qualifying participants, which is published apart from 2026 on.

    >>> row = PfsRow("W9901", "26", "A", "000", "1", "0", "0", "0", "0", "0", "10", "80", "10", "", "09",
    ...              "99", "", "24C", dt.date(2024, 7, 1), False, "PPRRVU24_JUL.csv")
    >>> row.pctc
    '1'
    >>> row.pctc = "0"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    code: str
    modifier: str
    status: str
    global_days: str
    pctc: str
    mult: str
    bilat: str
    asst: str
    cosurg: str
    team: str
    preoperative: str
    intraoperative: str
    postoperative: str
    endo_base: str
    supervision: str
    imaging_family: str
    not_used: str
    release: str
    first_day: dt.date
    qpp: bool
    file: str

    def __str__(self) -> str:
        service = f"{self.code}-{self.modifier}" if self.modifier else self.code
        said = (
            f"status {self.status}, global {self.global_days}, PC/TC {self.pctc}, bilateral {self.bilat}, "
            f"assistant {self.asst}, co-surgeon {self.cosurg}, team {self.team}"
        )
        return f"{service} {said} (fee schedule {self.release}{' QPP' if self.qpp else ''})"


@attrs.frozen(slots=True)
class TelehealthService:
    """A code on Medicare's list of telehealth services, which holds for a calendar year.

    ``remark``: what the list says besides, with the names of its columns (``Proposed Action: Maintain``);
    descriptors are not kept.

    >>> print(TelehealthService("W9901", "Proposed Action: Maintain", 2026, "list.txt"))
    W9901 (Proposed Action: Maintain; telehealth list of 2026)
    >>> TelehealthService("W9901")
    Traceback (most recent call last):
    ...
    TypeError: TelehealthService.__init__() missing 3 required positional arguments: ...
    """

    code: str
    remark: str
    year: int
    file: str

    @property
    def counts(self) -> bool | None:
        """Whether the row puts the code on the list for the whole year; None where its remark is not read.

        Remarks are free text. One that speaks of a removal, an end or a day may take the code off the list,
        and is not read. Any other leaves it there.

        >>> remarks = ("", "Proposed Action: Addition", "Status: Deleted", "Status: Added 7/1/2026")
        >>> [TelehealthService("W9901", remark, 2026, "list.txt").counts for remark in remarks]
        [True, True, None, None]
        >>> TelehealthService("W9901", "", 2026, "list.txt").counts = None
        Traceback (most recent call last):
        ...
        attr.exceptions.FrozenInstanceError...
        """
        return None if _TAKES_BACK.search(self.remark.casefold()) else True

    def __str__(self) -> str:
        said = f"{self.remark}; " if self.remark else ""
        return f"{self.code} ({said}telehealth list of {self.year})"
