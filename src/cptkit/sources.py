"""Says who, as of when: sources, citations, confidence and the basis of an answer."""

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum

import attrs

from cptkit.errors import InvalidChoice, nearest

__all__ = ["Basis", "Citation", "Confidence", "Source", "by_standing", "weakest"]


class Basis(StrEnum):
    """Whose policy answers: the code set's own rules, or Medicare's.

    >>> Basis("medicare")
    <Basis.MEDICARE: 'medicare'>
    >>> Basis("aetna")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidChoice: no such basis: 'aetna'; expected one of cpt, medicare
    """

    CPT = "cpt"
    MEDICARE = "medicare"

    @classmethod
    def _missing_(cls, value: object) -> "Basis":
        near = nearest(value.lower(), cls) if isinstance(value, str) else ()
        raise InvalidChoice("no such basis", given=value, expected=f"one of {', '.join(cls)}", near=near)


class Confidence(StrEnum):
    """How well a value is known, best first.

    ``verified``: the number was read in a source of weight. ``derived``: computed from a general
    rule out of a number that was read. ``single-source``: one weak or partial source.
    ``disputed``: sources differ. A confidence is a claim about the evidence, never a guess at the
    truth, and it travels to the user's screen.

    >>> Confidence("derived")
    <Confidence.DERIVED: 'derived'>
    >>> Confidence("certain")
    Traceback (most recent call last):
    ...
    ValueError: 'certain' is not a valid Confidence
    """

    VERIFIED = "verified"
    DERIVED = "derived"
    SINGLE_SOURCE = "single-source"
    DISPUTED = "disputed"


_RANK = {confidence: rank for rank, confidence in enumerate(Confidence)}


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """The weakest of several confidences: an answer is no better known than its worst part.

    >>> weakest([Confidence.VERIFIED, Confidence.DERIVED])
    <Confidence.DERIVED: 'derived'>
    >>> weakest([])
    Traceback (most recent call last):
    ...
    ValueError: an answer rests on at least one fact
    """
    ranked = sorted(confidences, key=_RANK.__getitem__)
    if not ranked:
        raise ValueError("an answer rests on at least one fact")
    return ranked[-1]


@attrs.frozen(slots=True)
class Source:
    """Where a fact was read.

    ``grade``: A (CMS, a Medicare contractor, a society or agency), B (coder body, payer,
    university), C (vendor or aggregator), D (data set or repository).
    """

    key: str
    grade: str
    where: str
    supports: str = ""

    def __str__(self) -> str:
        return f"{self.key} ({self.grade}): {self.where}"


@attrs.frozen(slots=True)
class Citation:
    """The fact row an answer rests on, with its sources.

    ``fact`` names the row (``time/psychotherapy@2013-01-01``; ``profiles/tricare/...`` where a payer's profile
    holds it and not an edition); ``sources`` are keys that
    ``Codeset.source`` resolves; ``checked`` is the day a person last compared the row with them.

    >>> citation = Citation("time/crisis@2013-01-01", ("BCBSIL-PSY",), Confidence.VERIFIED,
    ...                     dt.date(2026, 11, 21))
    >>> print(citation)
    time/crisis@2013-01-01 [BCBSIL-PSY] verified, checked 2026-11-21
    """

    fact: str
    sources: tuple[str, ...]
    confidence: Confidence
    checked: dt.date
    note: str = ""

    @property
    def profile(self) -> str:
        """The id of the profile that holds the fact; empty where an edition does.

        >>> day = dt.date(2026, 11, 21)
        >>> Citation("profiles/tricare/units-in-days/97151@2021-01-01", ("X",), Confidence.VERIFIED, day).profile
        'tricare'
        """
        top, _, rest = self.fact.partition("/")
        return rest.partition("/")[0] if top == "profiles" else ""

    def __str__(self) -> str:
        return f"{self.fact} [{', '.join(self.sources)}] {self.confidence}, checked {self.checked}"


def by_standing(citations: Iterable[Citation]) -> Iterator[tuple[str, list[Citation]]]:
    """Citations of one standing together, the best known first: how well known, and in whose profile if in any.

    >>> day = dt.date(2026, 11, 21)
    >>> facts = ("conventions/a@2026-01-01", "profiles/tricare/b@2026-01-01")
    >>> cited = [Citation(fact, ("X",), Confidence.VERIFIED, day) for fact in facts]
    >>> [(standing, len(found)) for standing, found in by_standing(cited)]
    [('verified', 1), ('verified in profile tricare', 1)]
    >>> list(by_standing(["conventions/a"]))
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'confidence'
    """
    found: dict[tuple[int, str], list[Citation]] = {}
    for citation in citations:
        found.setdefault((_RANK[citation.confidence], citation.profile), []).append(citation)
    for (_, profile), cited in sorted(found.items(), key=lambda item: item[0]):
        yield f"{cited[0].confidence} in profile {profile}" if profile else str(cited[0].confidence), cited
