"""What readers yield: the rows of each layout, and the rows that could not be read, with the reason.

A row says what stands in the file and nothing else: its quarter, setting and file are those of the
whole file (``cptkit.importers.recognise``). Every row has the line number it came from, so that it
can be found again.

>>> print(Rejected(17, "9O834", "not a code: '9O834'"))
line 17: not a code: '9O834'
"""

import datetime as dt
import re
from decimal import Decimal

import attrs

__all__ = [
    "AddOnRow",
    "CptRow",
    "FeeRow",
    "HcpcsRow",
    "MueRow",
    "PlaceRow",
    "PtpChangeRow",
    "Rejected",
    "Row",
    "TelehealthRow",
]


_CODE = re.compile(r"([0-9A-Z]{5})(?![0-9A-Z])")


@attrs.frozen(slots=True)
class Rejected:
    """A row that could not be read: where it stands, how it begins, and the first reason.

    ``text_start`` is the beginning of the row, and only its first cells where the rest may be
    licensed text. What precedes the first colon of ``reason`` is the same for all rows with one fault.

    >>> Rejected(17, "9O834", "not a code: '9O834'").fault
    'not a code'
    """

    line_number: int
    text_start: str
    reason: str

    @property
    def fault(self) -> str:
        """The reason without the value: what a summary counts.

        >>> Rejected(3, "", "the value is missing").fault
        'the value is missing'
        """
        return self.reason.partition(":")[0]

    @property
    def code_at_start(self) -> str:
        """The code that the row begins with; empty where none can be read.

        >>> Rejected(3, "W9901 | 8.9", "the value is not a whole number").code_at_start
        'W9901'
        >>> Rejected(3, "W99 | 8.9", "not a code: 'W99'").code_at_start
        ''
        """
        hit = _CODE.match(self.text_start.upper())
        return hit[1] if hit else ""

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.reason}"


@attrs.frozen(slots=True)
class MueRow:
    """A unit limit: the most units of a code, how it is judged (``mai`` 1, 2, 3), and CMS's rationale.

    ``mai`` is None in Medicaid's files, which have no such column. ``value`` 0 is a limit of zero.
    """

    line_number: int
    code: str
    value: int
    mai: int | None
    rationale: str


@attrs.frozen(slots=True)
class AddOnRow:
    """An add-on edit: the add-on, a primary it may stand on (None: the contractor decides), and its days.

    ``first_day`` and ``last_day`` are those of the edit; ``addon_last_day`` and ``primary_last_day``
    those of the codes, where they were deleted.
    """

    line_number: int
    addon: str
    primary: str | None
    edit_type: int
    first_day: dt.date
    last_day: dt.date | None
    addon_last_day: dt.date | None
    primary_last_day: dt.date | None
    note: str


@attrs.frozen(slots=True)
class FeeRow:
    """A row of the fee schedule's relative values: a code with a modifier, its indicators and values.

    Indicators are text as published (``global_days`` always three characters). ``priced`` is the
    32nd column, PRIC IND, None before 2026. ``mended`` names the columns whose leading zeros a
    spreadsheet had dropped and the reader put back. The description is never read.
    """

    line_number: int
    code: str
    modifier: str
    status: str
    not_used: str
    work_rvu: Decimal
    nonfacility_pe_rvu: Decimal
    nonfacility_na: str
    facility_pe_rvu: Decimal
    facility_na: str
    mp_rvu: Decimal
    nonfacility_total: Decimal
    facility_total: Decimal
    pctc: str
    global_days: str
    preoperative: Decimal
    intraoperative: Decimal
    postoperative: Decimal
    mult: str
    bilat: str
    asst: str
    cosurg: str
    team: str
    priced: str | None
    endo_base: str
    conversion_factor: Decimal
    supervision: str
    calculation_flag: str
    imaging_family: str
    opps_nonfacility_pe: Decimal
    opps_facility_pe: Decimal
    opps_mp: Decimal
    mended: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class HcpcsRow:
    """A HCPCS Level II code, or a modifier (``is_modifier``), with what CMS says of it.

    ``first_day`` is the day it was added, ``action_day`` the day of the last change (``action``),
    ``last_day`` its last day in force where it was ended. ``long`` and ``short`` are CMS's own text,
    and None for codes that are not CMS's. Repeated columns are tuples without the empty ones.
    ``asc_date`` and ``opps_date`` are text as published: some have six digits.
    """

    line_number: int
    code: str
    is_modifier: bool
    long: str | None
    short: str | None
    first_day: dt.date
    action_day: dt.date | None
    last_day: dt.date | None
    action: str
    coverage: str
    pricing: tuple[str, ...]
    multiple_pricing: str
    coverage_manual: tuple[str, ...]
    carriers_manual: tuple[str, ...]
    statute: str
    lab_certifications: tuple[str, ...]
    cross_references: tuple[str, ...]
    asc_group: str
    asc_date: str
    opps: str
    opps_indicator: str
    opps_date: str
    processing_note: str
    betos: str
    types_of_service: tuple[str, ...]
    anesthesia_units: int | None


@attrs.frozen(slots=True)
class TelehealthRow:
    """A code on Medicare's telehealth list, with what the list says of it, by the name of the column."""

    line_number: int
    code: str
    remarks: tuple[tuple[str, str], ...]


@attrs.frozen(slots=True)
class PlaceRow:
    """A place of service: two digits and CMS's name; ``facility`` where the list says which rate is paid.

    A range of unassigned numbers gives one row for each number. ``mended``: the number had lost its zero.
    """

    line_number: int
    code: str
    name: str
    facility: bool | None
    assigned: bool
    mended: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class PtpChangeRow:
    """A pair in the quarterly list of changes: ``added``, ``ended`` or ``revised``.

    ``indicator`` is the one that holds from then on (for ``ended``: the one it had),
    ``previous`` the one before, where a revision says it.
    """

    line_number: int
    change: str
    column1: str
    column2: str
    indicator: int | None
    previous: int | None
    day: dt.date | None


@attrs.frozen(slots=True)
class CptRow:
    """A code of the AMA's licensed files; texts are None unless they were asked for.

    ``descriptor_day`` is the day of the current descriptor, where the file says it. It is not the
    first day of the code.
    """

    line_number: int
    code: str
    descriptor_day: dt.date | None
    long: str | None = None
    medium: str | None = None
    short: str | None = None


Row = MueRow | AddOnRow | FeeRow | HcpcsRow | TelehealthRow | PlaceRow | PtpChangeRow | CptRow
"""A row of any layout but the pair edits, whose rows are ``cptkit.edits.PtpEdit``."""
