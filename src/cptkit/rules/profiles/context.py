"""What a rule answers from where a profile judges: its own facts first, then those of the edition."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from cptkit.codesets import Codeset, Convention, Denial
from cptkit.rules.context import Context
from cptkit.rules.profiles.payer_facts import PayerFact, facts_by_code
from cptkit.rules.profiles.profile import Profile

if TYPE_CHECKING:
    from cptkit.edits import Edits

__all__ = ["ProfiledContext", "payer_facts", "profiled_context"]


class ProfiledContext(Context):
    """A context of the basis of a profile, whose facts come before those of the edition."""

    __slots__ = ("_denials", "_own", "_payer_facts", "_profile")

    def __init__(
        self,
        codeset: Codeset,
        day: dt.date,
        profile: Profile,
        later: tuple[Codeset, ...] = (),
        tables: "Edits | None" = None,
    ) -> None:
        super().__init__(codeset, day, profile.basis, later, tables)
        self.totals_minutes: bool = profile.totals_minutes
        self._profile: Profile = profile
        self._payer_facts: dict[frozenset[str], Mapping[str, tuple[PayerFact, ...]] | None] = {}
        self._own: dict[str, Convention] = profile.conventions_on(day)
        self._denials: dict[str, Denial] = {each.check: each for each in profile.denials}

    def convention(self, name: str) -> Convention | None:
        """A general fact as the profile has it, or else the edition."""
        own = self._own.get(name)
        return super().convention(name) if own is None else own

    def denial(self, check: str) -> Denial | None:
        """The likely denial codes of a kind of finding, as the profile has them, or else the edition."""
        own = self._denials.get(check)
        return super().denial(check) if own is None else own

    def payer_facts(self, names: frozenset[str]) -> Mapping[str, tuple[PayerFact, ...]] | None:
        """What the profile sets for itself, by code, under these first parts of names; None where nothing."""
        try:
            return self._payer_facts[names]
        except KeyError:
            found = self._payer_facts[names] = facts_by_code(self._profile, self.day, names)
            return found


def payer_facts(context: Context, names: frozenset[str]) -> Mapping[str, tuple[PayerFact, ...]] | None:
    """What a payer sets for itself, by code, under these first parts of names; None where no profile does.

    :raises BrokenProfile: for a value that the rules cannot read.
    """
    return context.payer_facts(names) if isinstance(context, ProfiledContext) else None


@lru_cache(maxsize=1024)
def profiled_context(
    codeset: Codeset,
    day: dt.date,
    profile: Profile,
    later: tuple[Codeset, ...] = (),
    tables: "Edits | None" = None,
) -> ProfiledContext:
    """The context of an edition, a day and a profile, and of edit tables where there are some."""
    return ProfiledContext(codeset, day, profile, later, tables)
