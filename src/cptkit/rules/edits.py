"""What a rule asks of published edit tables on one date of service; without tables nothing is checked."""

import datetime as dt
from typing import TYPE_CHECKING

from cptkit.codes import category_of
from cptkit.setting import Setting

if TYPE_CHECKING:
    from cptkit.edits import AddOnAnswer, Edits, MueAnswer, PfsAnswer, PtpSetAnswer, TelehealthAnswer

__all__ = ["NO_TABLES", "EditsOfDay"]

NO_TABLES = "the catalog holds no edit tables"
_MOST_GROUPS = 4096  # of codes that were asked for together
_MOST = 50_000  # answers that are remembered: more than there are codes


class EditsOfDay:
    """The edit tables of a catalog on one day. Each answer is remembered.

    A text that can be no code has no rows: its answer is None.
    """

    __slots__ = ("_addons", "_limits", "_pairs", "_rows", "_services", "day", "paid", "places", "tables")

    def __init__(self, tables: "Edits | None", day: dt.date) -> None:
        self.tables: Edits | None = tables
        self.day: dt.date = day
        self._limits: dict[tuple[str, Setting], MueAnswer | None] = {}
        self._addons: dict[str, AddOnAnswer | None] = {}
        self._rows: dict[tuple[str, str], PfsAnswer | None] = {}
        self._pairs: dict[tuple[frozenset[str], Setting], PtpSetAnswer] = {}
        self._services: dict[str, TelehealthAnswer | None] = {}
        # codes with their modifiers that the fee schedule simply pays
        self.paid: set[tuple[str, tuple[str, ...]]] = set()
        # why a modifier does not stand on a line with a code, where that was asked
        self.places: dict[tuple[str, str, Setting], str] = {}

    def pairs(self, codes: frozenset[str], setting: Setting) -> "PtpSetAnswer":
        """The pair edits in force among several codes, in the order of their columns."""
        key = (codes, setting)
        try:
            return self._pairs[key]
        except KeyError:
            # free text must not fill the memory: only what has a code's shape is remembered
            shaped = frozenset(code for code in codes if category_of(code) is not None)
            found = self._among(shaped, setting)
            if shaped == codes and len(self._pairs) < _MOST_GROUPS:
                self._pairs[key] = found
            return found

    def limit(self, code: str, setting: Setting) -> "MueAnswer | None":
        """The unit limit of a code."""
        key = (code, setting)
        try:
            return self._limits[key]
        except KeyError:
            found = self._limit(code, setting) if category_of(code) is not None else None
            if len(self._limits) < _MOST:
                self._limits[key] = found
            return found

    def addon(self, code: str) -> "AddOnAnswer | None":
        """The published add-on edits of a code."""
        try:
            return self._addons[code]
        except KeyError:
            found = self._addon(code) if category_of(code) is not None else None
            if len(self._addons) < _MOST:
                self._addons[code] = found
            return found

    def fee_row(self, code: str, modifier: str = "") -> "PfsAnswer | None":
        """The fee schedule's row of a code with a modifier or without."""
        key = (code, modifier)
        try:
            return self._rows[key]
        except KeyError:
            found = self._fee_row(code, modifier) if category_of(code) is not None else None
            if len(self._rows) < _MOST:
                self._rows[key] = found
            return found

    def telehealth(self, code: str) -> "TelehealthAnswer | None":
        """Whether a code is on the list of telehealth services."""
        try:
            return self._services[code]
        except KeyError:
            found = self._telehealth(code) if category_of(code) is not None else None
            if len(self._services) < _MOST:
                self._services[code] = found
            return found

    def _among(self, codes: frozenset[str], setting: Setting) -> "PtpSetAnswer":
        if self.tables is not None:
            return self.tables.ptp_among(codes, date_of_service=self.day, setting=setting)
        from cptkit.edits import PtpSetAnswer, Quarter

        return PtpSetAnswer((), setting, Quarter.of(self.day), NO_TABLES)

    def _limit(self, code: str, setting: Setting) -> "MueAnswer":
        if self.tables is not None:
            return self.tables.mue(code, date_of_service=self.day, setting=setting)
        from cptkit.edits import MueAnswer, Quarter

        return MueAnswer(code, None, setting, Quarter.of(self.day), NO_TABLES)

    def _addon(self, code: str) -> "AddOnAnswer":
        if self.tables is not None:
            return self.tables.addon(code, date_of_service=self.day)
        from cptkit.edits import AddOnAnswer, Quarter

        return AddOnAnswer(code, (), self.day, Quarter.of(self.day), NO_TABLES)

    def _fee_row(self, code: str, modifier: str) -> "PfsAnswer":
        if self.tables is not None:
            return self.tables.pfs(code, modifier, date_of_service=self.day)
        from cptkit.edits import PfsAnswer

        return PfsAnswer(code, modifier, None, self.day, "", NO_TABLES)

    def _telehealth(self, code: str) -> "TelehealthAnswer":
        if self.tables is not None:
            return self.tables.telehealth(code, date_of_service=self.day)
        from cptkit.edits import TelehealthAnswer

        return TelehealthAnswer(code, None, self.day.year, "", NO_TABLES)
