"""Says who, as of when: sources, citations, confidence and the basis of an answer."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

import attrs

__all__ = ["Basis", "Citation", "Confidence", "Source", "weakest"]


class Basis(StrEnum):
    """Whose policy answers: the code set's own rules, or Medicare's.

    >>> Basis("medicare")
    <Basis.MEDICARE: 'medicare'>
    >>> Basis("aetna")
    Traceback (most recent call last):
    ...
    ValueError: 'aetna' is not a valid Basis; expected one of cpt, medicare
    """

    CPT = "cpt"
    MEDICARE = "medicare"

    @classmethod
    def _missing_(cls, value: object) -> "Basis":
        raise ValueError(f"{value!r} is not a valid Basis; expected one of {', '.join(cls)}")


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

    ``fact`` names the row (``time/psychotherapy@2013-01-01``); ``sources`` are keys that
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

    def __str__(self) -> str:
        return f"{self.fact} [{', '.join(self.sources)}] {self.confidence}, checked {self.checked}"
