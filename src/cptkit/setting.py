"""Whose claims an edit table is for; a claim says which of them it is."""

from enum import StrEnum

from cptkit.errors import InvalidChoice, nearest

__all__ = ["Setting"]


class Setting(StrEnum):
    """Whose claims a table is for; pair edits have no table for DME suppliers.

    >>> Setting("hospital")
    <Setting.HOSPITAL: 'hospital'>
    >>> Setting("office")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidChoice: no such setting: 'office'; expected one of practitioner, hospital, dme
    """

    PRACTITIONER = "practitioner"
    HOSPITAL = "hospital"
    DME = "dme"

    @classmethod
    def _missing_(cls, value: object) -> "Setting":
        near = nearest(value, list(cls)) if isinstance(value, str) else ()
        raise InvalidChoice("no such setting", given=value, expected=f"one of {', '.join(cls)}", near=near)
