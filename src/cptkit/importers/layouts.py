"""Which layouts cptkit knows, and what is known of a file once it is recognised."""

import datetime as dt
from enum import StrEnum

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.importers.names import Programme

__all__ = ["Kind", "Recognised"]


class Kind(StrEnum):
    """What a file holds. Open for what CMS publishes next: compare, do not exhaust.

    >>> Kind("mue").wording
    'unit limits (MUE)'
    >>> Kind("mues")
    Traceback (most recent call last):
    ...
    ValueError: 'mues' is not a valid Kind
    """

    PTP = "ptp"
    PTP_CHANGES = "ptp-changes"
    MUE = "mue"
    AOC = "aoc"
    PFS = "pfs"
    HCPCS = "hcpcs"
    TELEHEALTH = "telehealth"
    POS = "pos"
    CPT_LIST = "cpt-list"
    CPT_DESCRIPTIONS = "cpt-descriptions"

    @property
    def wording(self) -> str:
        """What it is called in reports.

        >>> Kind.AOC.wording
        'add-on edits (AOC)'
        """
        return _WORDING[self]


_WORDING = {
    Kind.PTP: "pair edits (PTP)",
    Kind.PTP_CHANGES: "changes to the pair edits (PTP)",
    Kind.MUE: "unit limits (MUE)",
    Kind.AOC: "add-on edits (AOC)",
    Kind.PFS: "relative values of the fee schedule (PPRRVU)",
    Kind.HCPCS: "HCPCS Level II",
    Kind.TELEHEALTH: "telehealth list",
    Kind.POS: "places of service",
    Kind.CPT_LIST: "consolidated code list of the AMA",
    Kind.CPT_DESCRIPTIONS: "CPT descriptions of the AMA",
}


@attrs.frozen(slots=True)
class Recognised:
    """What a file is: its kind by content, its quarter and setting by content and name.

    ``quarter``, ``setting`` and ``year`` are None where the kind has none. ``release`` names a
    release of the fee schedule (``26C``), ``qpp`` says whether it is the table for qualifying
    participants, ``released`` the day CMS released it. ``notes`` are doubts that a person should see.

    >>> from cptkit.importers.layouts import Kind, Recognised
    >>> print(Recognised(Kind.MUE, Programme.MEDICARE, Setting.DME, Quarter(2026, 3)))
    unit limits (MUE), medicare, dme, 2026q3
    """

    kind: Kind
    programme: Programme = Programme.MEDICARE
    setting: Setting | None = None
    quarter: Quarter | None = None
    year: int | None = None
    release: str | None = None
    released: dt.date | None = None
    qpp: bool | None = None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = (self.kind.wording, self.programme, self.setting, self.quarter, self.release, self.year)
        return ", ".join(str(part) for part in said if part)
