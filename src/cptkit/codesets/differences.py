"""The values of a comparison of two editions: one change, and all of them in three groups."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import attrs

from cptkit.sources import Citation

__all__ = ["CodeChange", "Diff"]


@attrs.frozen(slots=True)
class CodeChange:
    """One thing that differs between two editions.

    ``kind`` says what ``code`` names: a code (``code``, ``meaning``, ``add-on``), a ``modifier``, the id
    of a family of ``time`` rules, of an ``exclusion``, of a ``convention``, of a ``modifier-set``, of a
    kind of ``denial``, of a ``unit-policy`` or of a ``principle``. ``codes`` are all codes concerned.
    ``day`` is the first day of the change, None where the edition keeps no dates. ``what`` says it in
    plain words; ``before`` and ``after`` hold the values where one became another. ``basis`` names whose
    time rule changed. ``corrected``: nothing changed in the world, but the record of a day that both
    editions know did. ``earlier``: it is on record from that day, and may be older.

    >>> import cptkit
    >>> from cptkit import codesets
    >>> changes = codesets.diff(cptkit.codeset("2022.1"), cptkit.codeset("2023.1"))
    >>> (change,) = changes.concerning("99354").deleted
    >>> change.code, change.what, change.successors
    ('99354', 'last day 2022-12-31', ('99417',))
    >>> change.code = "99218"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    kind: str
    code: str
    family: str
    label: str
    day: dt.date | None
    what: str
    citation: Citation | None
    codes: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None
    basis: tuple[str, ...] = ()
    corrected: bool = False
    earlier: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The change as plain JSON values."""
        cited = self.citation
        return {
            "kind": self.kind,
            "code": self.code,
            "codes": list(self.codes),
            "family": self.family,
            "label": self.label,
            "day": None if self.day is None else self.day.isoformat(),
            "what": self.what,
            "successors": list(self.successors),
            "before": self.before,
            "after": self.after,
            "basis": list(self.basis),
            "corrected": self.corrected,
            "earlier": self.earlier,
            "fact": None if cited is None else cited.fact,
            "sources": [] if cited is None else list(cited.sources),
            "confidence": None if cited is None else cited.confidence.value,
            "checked": None if cited is None else cited.checked.isoformat(),
            "note": "" if cited is None else cited.note,
        }

    def __str__(self) -> str:
        text = f"{self.code}  {self.what}"
        if self.successors:
            text += f"; replaced by {', '.join(self.successors)}"
        if self.kind != "add-on" and (self.before is not None or self.after is not None):
            text += f": {self.before or 'nothing'} -> {self.after or 'nothing'}"
        return text + (" (corrected)" if self.corrected else "")


@attrs.frozen(slots=True)
class Diff:
    """What differs between two editions: codes and modifiers ``added`` and ``deleted``, the rest ``revised``.

    ``len`` counts the changes, so that an empty diff is false. Made by ``codesets.diff``:

    >>> import cptkit
    >>> from cptkit import codesets
    >>> changes = codesets.diff(cptkit.codeset("2025.1"), cptkit.codeset("2026.1"))
    >>> [change.code for change in changes.added][:3], changes.concerning({"G2211"}).revised[0].day
    (['98979', '98984', '98985'], datetime.date(2026, 1, 1))
    >>> changes.added[99]
    Traceback (most recent call last):
    ...
    IndexError: tuple index out of range
    """

    a: str
    b: str
    a_digest: str
    b_digest: str
    added: tuple[CodeChange, ...] = ()
    deleted: tuple[CodeChange, ...] = ()
    revised: tuple[CodeChange, ...] = ()

    def __len__(self) -> int:
        return len(self.added) + len(self.deleted) + len(self.revised)

    def __iter__(self) -> Iterator[CodeChange]:
        yield from self.added
        yield from self.deleted
        yield from self.revised

    def concerning(self, codes: Collection[str]) -> "Diff":
        """Only the changes that concern one of these codes; a text counts as a list of one code."""
        wanted = {codes} if isinstance(codes, str) else set(codes)
        added, deleted, revised = (
            tuple(change for change in group if wanted.intersection(change.codes))
            for group in (self.added, self.deleted, self.revised)
        )
        return attrs.evolve(self, added=added, deleted=deleted, revised=revised)

    def to_dict(self) -> dict[str, Any]:
        """The diff as plain JSON values."""
        return {
            "a": {"edition": self.a, "digest": self.a_digest},
            "b": {"edition": self.b, "digest": self.b_digest},
            "added": [change.to_dict() for change in self.added],
            "deleted": [change.to_dict() for change in self.deleted],
            "revised": [change.to_dict() for change in self.revised],
        }

    def __str__(self) -> str:
        counts = f"{len(self.added)} added, {len(self.deleted)} deleted, {len(self.revised)} revised"
        lines = [f"{self.a} -> {self.b}: {counts}"]
        for title in ("added", "deleted", "revised"):
            lines += [f"  {title}  {change}" for change in getattr(self, title)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from cptkit.codesets.html import diff_table

        return diff_table(self)
