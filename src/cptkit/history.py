"""What else was billed for a patient: claims before, beside and after the one that is checked.

Some checks ask about other days (a new patient, a global period) or about other claims of the same day.
A history holds claims and says from which day on it holds all of them: what is there is known, and what
is not there is only known where the history is complete.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from cptkit.claims import Claim, Line, id_order, patient_key, several
from cptkit.errors import InvalidClaim

__all__ = ["History", "Past", "PastLine"]


@attrs.frozen(slots=True)
class PastLine:
    """A line of the same patient that stands elsewhere: on another claim, or on another day of this one."""

    line: Line
    claim: Claim

    @property
    def name(self) -> str:
        """How a report names it: the claim and the line."""
        return f"{self.claim.id or 'another claim'}/{self.line.id}"


def _claims(given: Any) -> tuple[Claim, ...]:
    if isinstance(given, Claim):
        given = given.id
    expected = "a list of claims, such as the claims of a file that was read"
    found: list[Claim] = []
    named: dict[tuple[str, str], list[Claim]] = {}
    for each in several(given, Claim, "a history holds several claims", expected):
        if not isinstance(each, Claim):
            raise InvalidClaim("a history is made of claims", given=each, expected="cptkit.Claim values")
        # a claim that two files hold alike is one claim; without an id nobody can tell
        alike = named.setdefault((patient_key(each), each.id), []) if each.id else []
        if each not in alike:
            alike.append(each)
            found.append(each)
    return tuple(found)


def _is_day(_history: Any, _attribute: Any, given: Any) -> None:
    if given is not None and (not isinstance(given, dt.date) or isinstance(given, dt.datetime)):
        raise InvalidClaim(
            "the first day of a history is not a date", given=given, expected="a datetime.date"
        )


def _by_patient(history: "History") -> Mapping[str, tuple[PastLine, ...]]:
    found: dict[str, list[PastLine]] = {}
    for claim in history.claims:
        if patient := patient_key(claim):
            found.setdefault(patient, []).extend(PastLine(line, claim) for line in claim.lines)
    return {patient: tuple(sorted(lines, key=_order)) for patient, lines in found.items()}


def _last_day(history: "History") -> dt.date:
    return max(
        (line.date_of_service for claim in history.claims for line in claim.lines), default=dt.date.min
    )


@attrs.frozen(slots=True)
class History:
    """Claims of patients, and from which day on they are all there.

    :param claims: in any order; those without a patient are never anybody's history. A claim with the
        id of the one that is checked is that claim, and one that stands here twice, alike and with an
        id, is one.
        A patient is the id without the blanks around it.
    :param since: the first day from which the history holds every claim of its patients; None where
        nobody can say, and then what it does not hold is *not checked*.
    :raises InvalidClaim: for anything but claims, or a day that is no date.

    >>> day = dt.date(2026, 3, 2)
    >>> history = History([Claim([Line("90791", date_of_service=day)], id="C-1", patient="P")], since=day)
    >>> [past.name for past in history.lines("P")], history.lines("Q")
    (['C-1/1'], ())
    >>> History(["C-1"])
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: a history is made of claims: 'C-1'; expected cptkit.Claim values
    """

    claims: tuple[Claim, ...] = attrs.field(converter=_claims)
    since: dt.date | None = attrs.field(default=None, kw_only=True, validator=_is_day)
    _lines: Mapping[str, tuple[PastLine, ...]] = attrs.field(
        default=attrs.Factory(_by_patient, takes_self=True), init=False, repr=False, eq=False
    )

    last_day: dt.date = attrs.field(
        default=attrs.Factory(_last_day, takes_self=True), init=False, repr=False, eq=False
    )
    _ours: frozenset[int] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)

    def lines(self, patient: str) -> tuple[PastLine, ...]:
        """The lines of a patient by date of service, claim and line."""
        return self._lines.get(patient.strip(), ())

    def joined(self, claims: Iterable[Claim]) -> "History":
        """With further claims, each one for itself; one that it holds already, by its id, is taken from them."""
        more = tuple(claims)
        known = {(patient_key(claim), claim.id) for claim in more if claim.id}
        own = {id(claim) for claim in more}
        kept = (
            claim
            for claim in self.claims
            if id(claim) not in own and not (claim.id and (patient_key(claim), claim.id) in known)
        )
        found = History(kept, since=self.since)
        object.__setattr__(found, "claims", (*found.claims, *more))
        object.__setattr__(found, "_lines", _by_patient(found))
        object.__setattr__(found, "last_day", _last_day(found))
        object.__setattr__(found, "_ours", frozenset(own))
        return found

    def is_claim(self, claim: Claim, other: Claim) -> bool:
        """Whether two claims are one: by id, unless the first was joined and stands here as itself."""
        if claim is other:
            return True
        return bool(claim.id) and claim.id == other.id and id(claim) not in self._ours


def _order(past: PastLine) -> tuple[Any, ...]:
    # what is billed comes last: it tells lines of claims without an id apart
    line, claim = past.line, past.claim
    billed = (line.code, sorted(line.modifiers), line.units, line.rendering_provider or "")
    return (line.date_of_service, id_order(claim.id), id_order(line.id), *billed, str(claim.billing_provider))


class Past:
    """The lines of the patient of an encounter, whatever day and claim they stand on.

    ``since``: the day from which nothing is missing, or None. Made by ``cptkit.check``.

    >>> day = dt.date(2026, 3, 2)
    >>> visits = [Claim([Line("99213", date_of_service=day)], id=name, patient="P") for name in ("C-1", "C-2")]
    >>> past = Past(visits[1], History(visits, since=day))
    >>> [each.name for each in past.between(day, day)], past.covers(day)
    (['C-1/1', 'C-2/1'], True)
    >>> Past(visits[1])
    Traceback (most recent call last):
    ...
    TypeError: Past.__init__() missing 1 required positional argument: 'history'
    """

    __slots__ = ("_claim", "_history", "_lines")

    def __init__(self, claim: Claim, history: History) -> None:
        self._claim: Claim = claim
        self._history: History = history
        self._lines: tuple[PastLine, ...] | None = None

    @property
    def claim(self) -> Claim:
        """The claim that is checked."""
        return self._claim

    @property
    def since(self) -> dt.date | None:
        """The day from which nothing is missing; None where nobody says, or the claim names no patient."""
        return self._history.since if patient_key(self._claim) else None

    @property
    def lines(self) -> tuple[PastLine, ...]:
        """By date of service, claim and line; those of the claim itself are among them."""
        if self._lines is None:
            claim = self._claim
            others = (
                past
                for past in self._history.lines(patient_key(claim))
                if not self._history.is_claim(claim, past.claim)
            )
            own = (PastLine(line, claim) for line in claim.lines)
            self._lines = tuple(sorted((*others, *own), key=_order))
        return self._lines

    def between(self, first_day: dt.date, last_day: dt.date) -> Iterator[PastLine]:
        """The lines on these days, both included; those of the claim itself are among them."""
        start = bisect_left(self.lines, first_day, key=_day)
        stop = bisect_right(self.lines, last_day, key=_day)
        return iter(self.lines[start:stop])

    def reaches(self, day: dt.date) -> bool:
        """Whether the history, or the claim, holds a line of that day or a later one, be it of another patient.

        ``since`` is no promise about days to come: what is not yet billed nobody knows.
        """
        return self._history.last_day >= day or any(line.date_of_service >= day for line in self._claim.lines)

    def covers(self, first_day: dt.date) -> bool:
        """Whether every line from that day on is there."""
        return self.since is not None and self.since <= first_day


def _day(past: PastLine) -> dt.date:
    return past.line.date_of_service
