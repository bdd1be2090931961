"""A profile as a value."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

import attrs

from cptkit.codesets import Convention, Denial, Pin
from cptkit.errors import BrokenProfile
from cptkit.rules.findings import Severity
from cptkit.sources import Basis, Citation, Source
from cptkit.timerule import UnitPolicy

__all__ = ["Profile"]

_ORDER = tuple(Severity)
Word = TypeVar("Word", bound=StrEnum)


def _word(kind: type[Word], given: Any, name: str) -> Word:
    try:
        return kind(given)
    except ValueError:
        expected = f"one of {', '.join(kind)}"
        raise BrokenProfile(f"{name} is none that there is", given=given, expected=expected) from None


def _basis(given: Basis | str) -> Basis:
    return _word(Basis, given, "the basis")


def _policy(given: UnitPolicy | str | None) -> UnitPolicy | None:
    return None if given is None else _word(UnitPolicy, given, "the unit policy")


def _listed(given: Any, what: str, kind: type) -> tuple[Any, ...]:
    try:
        found = tuple(given)
    except TypeError:
        raise BrokenProfile(f"{what} are several", given=given, expected="a tuple of them") from None
    for each in found:
        if not isinstance(each, kind):
            expected = "texts" if kind is str else f"values of cptkit's {kind.__name__}"
            raise BrokenProfile(f"these are no {what}", given=each, expected=expected)
    return found


def _selectors(given: Iterable[str] | str) -> tuple[str, ...]:
    # one text is one selector, as for a check
    return (given,) if isinstance(given, str) else _listed(given, "selectors", str)


def _conventions(given: Iterable[Convention]) -> tuple[Convention, ...]:
    return _listed(given, "conventions", Convention)


def _denials(given: Iterable[Denial]) -> tuple[Denial, ...]:
    return _listed(given, "denials", Denial)


def _sources(given: Iterable[Source]) -> tuple[Source, ...]:
    return _listed(given, "sources", Source)


def _severities(
    given: Mapping[str, Severity | str] | Iterable[tuple[str, Severity | str]],
) -> tuple[tuple[str, Severity], ...]:
    try:
        pairs = [(rule, severity) for rule, severity in dict(given).items()]
    except (TypeError, ValueError):
        expected = "pairs of a rule and a severity"
        raise BrokenProfile("severities are told by rule", given=given, expected=expected) from None
    _listed((rule for rule, _ in pairs), "rules", str)
    return tuple((rule, _word(Severity, severity, f"the severity of {rule}")) for rule, severity in pairs)


def _is_text(_profile: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, str):
        raise BrokenProfile(f"the {attribute.name} of a profile is no text", given=given, expected="a text")


@attrs.frozen(slots=True, cache_hash=True)
class Profile:
    """Whose rules judge: the rules that run, the basis, and the facts that a payer takes otherwise.

    :param id: a short name; :param title: the same for people.
    :param basis: whose facts answer where the profile says nothing.
    :param select, ignore: the rules that run, as for ``cptkit.check``; one text is one of them.
    :param unit_policy: how the minutes of 15-minute codes become units; None as the basis has it.
    :param severities: the most severe that findings of a rule are, by its id. It only ever lowers.
    :param conventions: general facts, in the place of those of the edition that have their name, each from
        its first day on.
    :param denials: likely denial codes, in the place of those of the edition for the same kind of finding.
    :param sources: where the profile's own facts were read.
    :param note: what the profile does not cover.
    :raises BrokenProfile: for a value of another kind, such as a basis that is none. Lists become tuples,
        and the words of a basis, a policy or a severity what they name.

    Usually read from a file, with ``load_profile``; each fact cites its sources.

    >>> mine = Profile("mine", "Our practice", Basis.CPT, ignore=("PFS",))
    >>> mine.digest
    'sha256:...'
    >>> mine.digest == attrs.evolve(mine, ignore=()).digest
    False
    >>> Profile("mine", "Our practice", "mine")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenProfile: the basis is none that there is: 'mine'; expected one of cpt, medicare
    >>> Profile("mine")
    Traceback (most recent call last):
    ...
    TypeError: Profile.__init__() missing 2 required positional arguments: 'title' and 'basis'
    """

    id: str = attrs.field(validator=_is_text)
    title: str = attrs.field(validator=_is_text)
    basis: Basis = attrs.field(converter=_basis)
    select: tuple[str, ...] = attrs.field(default=("ALL",), converter=_selectors)
    ignore: tuple[str, ...] = attrs.field(default=(), converter=_selectors)
    unit_policy: UnitPolicy | None = attrs.field(default=None, converter=_policy)
    severities: tuple[tuple[str, Severity], ...] = attrs.field(default=(), converter=_severities)
    conventions: tuple[Convention, ...] = attrs.field(default=(), converter=_conventions)
    denials: tuple[Denial, ...] = attrs.field(default=(), converter=_denials)
    sources: tuple[Source, ...] = attrs.field(default=(), converter=_sources)
    note: str = attrs.field(default="", validator=_is_text)

    @property
    def totals_minutes(self) -> bool:
        """Whether minutes of 15-minute codes are totalled over the day, as Medicare does."""
        if self.unit_policy is None:
            return self.basis is Basis.MEDICARE
        return self.unit_policy is UnitPolicy.MEDICARE_TOTAL

    @property
    def pin(self) -> Pin:
        """Its id and digest, as a report names it."""
        return Pin(self.id, self.digest)

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits, of what it says; comments and order in its file do not count."""
        return _digest(self)

    def conventions_on(self, day: dt.date) -> dict[str, Convention]:
        """Its general facts by name, as they stand on a day."""
        found: dict[str, Convention] = {}
        for each in sorted(self.conventions, key=lambda each: each.first_day):
            if each.first_day <= day:
                found[each.name] = each
        return found

    def turning_days(self) -> tuple[dt.date, ...]:
        """The days from which any of its facts holds."""
        return tuple(sorted({each.first_day for each in self.conventions}))

    def source(self, key: str) -> Source | None:
        """Where a source key of its facts points, or None for another's key."""
        return next((source for source in self.sources if source.key == key), None)

    def severity(self, rule: str, given: Severity) -> Severity:
        """How severe a finding of a rule is: as given, or what the profile allows at most."""
        most = dict(self.severities).get(rule, given)
        return max(given, most, key=_ORDER.index)

    def to_dict(self) -> dict[str, Any]:
        """The profile as JSON can hold it; the same in whatever order its file names things."""
        return {
            "id": self.id,
            "title": self.title,
            "basis": self.basis.value,
            "unit_policy": None if self.unit_policy is None else self.unit_policy.value,
            "select": sorted(self.select),
            "ignore": sorted(self.ignore),
            "severity": {rule: severity.value for rule, severity in sorted(self.severities)},
            "conventions": [
                {
                    "name": each.name,
                    "from": each.first_day.isoformat(),
                    "value": each.value,
                    "text": each.text,
                }
                | _cited(each.citation)
                for each in sorted(self.conventions, key=lambda each: (each.name, each.first_day))
            ],
            "denials": [
                {"check": each.check, "group": each.group, "carc": each.carc, "rarc": list(each.rarc)}
                | {"likely": each.likely}
                | _cited(each.citation)
                for each in sorted(self.denials, key=lambda each: each.check)
            ],
            "sources": {
                each.key: {"grade": each.grade, "where": each.where, "supports": each.supports}
                for each in sorted(self.sources, key=lambda each: each.key)
            },
            "note": self.note,
        }


@lru_cache(maxsize=64)
def _digest(profile: Profile) -> str:
    import hashlib
    import json

    text = json.dumps(profile.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _cited(citation: Citation) -> dict[str, Any]:
    return {
        "sources": sorted(citation.sources),
        "confidence": citation.confidence.value,
        "checked": citation.checked.isoformat(),
        "note": citation.note,
    }
