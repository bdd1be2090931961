"""Patients and days of which a row was lost: what it could change there is not checked."""

from typing import TYPE_CHECKING

import numpy as np

from cptkit.frames.lines import ANY_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

__all__ = ["Lost"]


class Lost:
    """Days by patient; it grows while batches are read, and is asked meanwhile.

    >>> lost = Lost()
    >>> lost.add([7, 8], [20514, ANY_DAY])
    >>> lost.holds(7, 20514), lost.holds(7, 20515), lost.holds(8, 20515), lost.holds(9, 20514)
    (True, False, True, False)
    >>> lost.among(np.array([9, 8, 7], np.uint64)).tolist()
    [1, 2]
    >>> lost.add([1], [])
    Traceback (most recent call last):
    ...
    ValueError: zip() argument 2 is shorter than argument 1
    """

    __slots__ = ("_days",)

    def __init__(self) -> None:
        self._days: dict[int, set[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._days)

    def add(self, patients: "list[int]", days: "list[int]") -> None:
        """Note the day of each patient, ``ANY_DAY`` where it may be any of the patient's."""
        for patient, day in zip(patients, days, strict=True):
            self._days.setdefault(patient, set()).add(day)

    def holds(self, patient: int, day: int) -> bool:
        """Whether a row of that patient and day is lost, or may be."""
        days = self._days.get(patient)
        return days is not None and (day in days or ANY_DAY in days)

    def among(self, patients: "NDArray[np.uint64]") -> "Places":
        """The places of patients of whom any row is lost."""
        if len(self._days) < len(patients):
            known = np.array(list(self._days), np.uint64)  # in one step: it may grow meanwhile
            return np.flatnonzero(np.isin(patients, known))
        days = self._days
        return np.array([place for place, each in enumerate(patients.tolist()) if each in days], np.int64)
