"""Whose claims an edit table is for; a claim says which of them it is."""

from enum import StrEnum

__all__ = ["Setting"]


class Setting(StrEnum):
    """Whose claims a table is for; pair edits have no table for DME suppliers.

    >>> Setting("hospital")
    <Setting.HOSPITAL: 'hospital'>
    >>> Setting("office")
    Traceback (most recent call last):
    ...
    ValueError: 'office' is not a valid Setting
    """

    PRACTITIONER = "practitioner"
    HOSPITAL = "hospital"
    DME = "dme"
