"""What an edition holds about a code, value by value, each with its sources."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codesets.records import citation_from
from cptkit.codesets.search import codes_in
from cptkit.codesets.tracks import dated_tracks, numbers_of
from cptkit.sources import Citation, Confidence, Source

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset

__all__ = ["Fact", "facts_of"]


@attrs.frozen(slots=True)
class Fact:
    """One value about a code: what, since when, says who, last checked when, how well known.

    ``name``: ``life``, ``section``, ``meaning``, ``add-on to``, ``add-ons``, ``time (cpt)``,
    ``exclusion``. ``since`` is None for a value without a day. ``sources`` are those keys of the
    citation that the edition can resolve.

    >>> import cptkit
    >>> fact = cptkit.codeset("2026.1").fact("90834")[0]
    >>> fact.name, fact.value, fact.since, str(fact.confidence), fact.sources[0].key
    ('life', 'in force', datetime.date(2013, 1, 1), 'verified', 'PSYCH13')
    >>> fact.value = "ended"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    name: str
    value: str
    since: dt.date | None
    citation: Citation
    sources: tuple[Source, ...] = ()

    @property
    def checked(self) -> dt.date:
        """The day a person last compared the value with its sources."""
        return self.citation.checked

    @property
    def confidence(self) -> Confidence:
        """How well the value is known."""
        return self.citation.confidence

    def to_dict(self) -> dict[str, Any]:
        """The fact as plain JSON values."""
        return {
            "name": self.name,
            "value": self.value,
            "since": None if self.since is None else self.since.isoformat(),
            "fact": self.citation.fact,
            "sources": list(self.citation.sources),
            "confidence": self.confidence.value,
            "checked": self.checked.isoformat(),
            "note": self.citation.note,
        }

    def __str__(self) -> str:
        since = "" if self.since is None else f" (since {self.since})"
        return f"{self.name}: {self.value}{since}; {self.citation}"


def facts_of(codeset: "Codeset", code: str) -> tuple[Fact, ...]:
    """The method ``Codeset.fact``."""
    found = _values(codeset, codeset[code].code)
    return tuple(
        Fact(
            name,
            value,
            since,
            cited,
            tuple(source for key in cited.sources if (source := codeset.source(key))),
        )
        for name, value, since, cited in found
    )


Value = tuple[str, str, dt.date | None, Citation]


def _values(codeset: "Codeset", code: str) -> Iterator[Value]:
    for change in codeset[code].history:
        value = "in force" if change.in_force else "ended"
        value += " before that day already, since when is not on record" if change.earlier else ""
        value += f"; see {', '.join(change.successors)}" if change.successors else ""
        yield "life", value, change.starts, change.citation
    row = next(row for row in codeset.rows("codes") if row["code"] == code)
    yield "section", row["section"], None, citation_from(f"codes/{code}", row)
    for row in codeset.rows("revisions"):
        if row["code"] == code:
            since = dt.date.fromisoformat(row["from"])
            yield "meaning", row["what"], since, citation_from(f"revisions/{code}@{since}", row)
    yield from _addons(codeset, code)
    yield from _times(codeset, code)
    yield from _exclusions(codeset, code)


def _addons(codeset: "Codeset", code: str) -> Iterator[Value]:
    """The primaries of an add-on, and the add-ons of a primary."""
    for addon, track in dated_tracks(codeset, "addons", "code", "addons").items():
        listed = False
        for entry in track:
            primaries = entry.words("primaries")
            if addon == code:
                value = ", ".join(primaries) or "none listed"
                doubtful = ", ".join(entry.words("doubtful"))
                value += f"; of these in doubt: {doubtful}" if doubtful else ""
                value += "; the list is open" if entry.row["open"] == "yes" else ""
                value += "; on the same day" if entry.row["same_day_edit"] == "yes" else ""
                yield "add-on to", value, entry.start, entry.citation
            elif (code in primaries) is not listed:
                listed = not listed
                value = f"{addon} may be added" if listed else f"{addon} may no longer be added"
                value += "; in doubt" if code in entry.words("doubtful") else ""
                yield "add-ons", value, entry.start, entry.citation


def _times(codeset: "Codeset", code: str) -> Iterator[Value]:
    for family in codeset.timerules["families"]:
        for row in sorted(family["rules"], key=lambda row: str(row["from"])):
            named = codes_in(row)
            if code not in (named if code not in family["codes"] else {*family["codes"], *named}):
                continue
            since = dt.date.fromisoformat(row["from"])
            numbers = "; ".join(
                f"{name} {value}" for name, value in numbers_of(row).items() if name != "status"
            )
            if row.get("status", "in-force") != "in-force":
                numbers = f"{row['status']}: {numbers}"
            cited = Citation(
                f"time/{family['id']}@{since}",
                tuple(row["sources"]),
                Confidence(row["confidence"]),
                dt.date.fromisoformat(row["checked"]),
                row.get("note", ""),
            )
            yield f"time ({' and '.join(row['basis'])})", f"{family['title']}: {numbers}", since, cited


def _exclusions(codeset: "Codeset", code: str) -> Iterator[Value]:
    for name, track in dated_tracks(codeset, "exclusions", "id", "exclusions").items():
        for entry in track:
            for side, others in (("codes", "excludes"), ("excludes", "codes")):
                if code in entry.words(side):
                    beside = ", ".join(entry.words(others))
                    value = f"{entry.row['status'].replace('-', ' ')}: not beside {beside} ({name})"
                    value += "; may be older" if entry.row["earlier"] == "yes" else ""
                    yield "exclusion", value, entry.start, entry.citation
