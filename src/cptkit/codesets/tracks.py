"""The tables of an edition as tracks: the dated rows of one thing, ready to be compared.

A track holds the rows of one code, modifier, add-on, exclusion or time rule, oldest first. What a row
says (its state) stands apart from who says so (its evidence), so that a change of the world, a
correction of the record and new evidence can be told from one another.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.codesets.tables import EVIDENCE
from cptkit.sources import Citation, Confidence

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset

__all__ = [
    "Entry",
    "Split",
    "Track",
    "columns_of",
    "dated_tracks",
    "in_force",
    "life_of",
    "listed",
    "numbers_of",
    "policies",
    "principles",
    "split",
    "stands_on",
    "start_of",
    "static_rows",
    "time_families",
    "time_tracks",
]

Row = Mapping[str, Any]


@attrs.frozen(slots=True)
class Entry:
    """One row of a track. ``start`` is None in a table without dates."""

    fact: str
    start: dt.date | None
    row: Row
    evidence: Row

    @property
    def citation(self) -> Citation:
        """Who says so."""
        said = self.evidence
        sources = said["sources"].split() if isinstance(said["sources"], str) else said["sources"]
        return Citation(
            self.fact,
            tuple(sources),
            Confidence(said["confidence"]),
            dt.date.fromisoformat(said["checked"]),
            said.get("note", ""),
        )

    @property
    def grounds(self) -> str:
        """The evidence as text, without the day it was checked: that moves without any change."""
        cited = self.citation
        return f"{cited.confidence}: {', '.join(cited.sources)}" + (f"; {cited.note}" if cited.note else "")

    def words(self, column: str) -> tuple[str, ...]:
        """The members of a list in one field."""
        return tuple(self.row.get(column, "").split())


Track = tuple[Entry, ...]


def dated_tracks(codeset: "Codeset", table: str, key: str, fact: str) -> dict[str, Track]:
    """The rows of a dated table by their key, oldest first whatever their order in the file."""
    grouped: dict[str, list[Entry]] = {}
    for row in codeset.rows(table):
        starts = dt.date.fromisoformat(row["from"])
        grouped.setdefault(row[key], []).append(
            Entry(f"{fact}/{row[key]}@{starts}", starts, _state(row), _evidence(row))
        )
    return {name: _sorted(entries) for name, entries in grouped.items()}


def static_rows(codeset: "Codeset", table: str, key: str, fact: str) -> dict[str, Entry]:
    """The rows of a table without dates, by their key."""
    return {
        row[key]: Entry(f"{fact}/{row[key]}", None, _state(row), _evidence(row))
        for row in codeset.rows(table)
    }


def time_tracks(codeset: "Codeset") -> dict[tuple[str, str], Track]:
    """The time rules by family and basis, as numbers in words."""
    tracks: dict[tuple[str, str], list[Entry]] = {}
    for family in codeset.timerules["families"]:
        for row in family["rules"]:
            starts = dt.date.fromisoformat(row["from"])
            for basis in row["basis"]:
                tracks.setdefault((family["id"], basis), []).append(
                    Entry(f"time/{family['id']}@{starts}", starts, numbers_of(row), row)
                )
    return {name: _sorted(entries) for name, entries in tracks.items()}


def time_families(codeset: "Codeset") -> dict[str, Entry]:
    """What the families of time rules say beside their dated rows; the evidence is that of the newest row."""
    found = {}
    for family in codeset.timerules["families"]:
        said = {name: value for name, value in family.items() if name not in {"id", "rules"}}
        newest = max(family["rules"], key=lambda row: str(row["from"]))
        found[family["id"]] = Entry(f"time/{family['id']}", None, numbers_of(said), newest)
    return found


def policies(codeset: "Codeset") -> dict[str, Entry]:
    """The unit policies by their id."""
    return {
        row["id"]: Entry(f"time/unit-policies/{row['id']}", None, numbers_of(row), row)
        for row in codeset.timerules["policies"]
    }


def principles(codeset: "Codeset") -> dict[str, Entry]:
    """The general rules of time by their id."""
    return {
        row["id"]: Entry(f"time/principles/{row['id']}", None, numbers_of(row), row)
        for row in codeset.timerules.get("principles", ())
    }


def numbers_of(row: Row) -> dict[str, str]:
    """What a raw time rule says, each number with a name of its own.

    >>> numbers_of({"kind": "pick-by-threshold", "floors": {"99213": 20}, "ceiling": 29, "from": "2021-01-01",
    ...             "chain": [{"after": "99213", "code": "99417", "from_minutes": 35, "step": 15}]})
    {'kind': 'pick-by-threshold', '99213 from': '20', 'ceiling': '29', '99417 on top of 99213': 'from 35, each further 15'}
    >>> numbers_of({"chain": [{"code": "99417"}]})
    Traceback (most recent call last):
    ...
    KeyError: 'from_minutes'
    """
    said: dict[str, str] = {}
    for name, value in row.items():
        if name in {"from", "basis", *EVIDENCE}:
            continue
        if name == "chain":
            for link in value:
                said[f"{link['code']} on top of {link['after']}"] = _chained(link)
        elif name in _BY_CODE:
            said |= {f"{code} {_BY_CODE[name]}".strip(): str(number) for code, number in value.items()}
        elif isinstance(value, list | tuple):
            parts = (each if isinstance(each, str) else " to ".join(map(str, each)) for each in value)
            said[name.replace("_", " ")] = " ".join(parts)
        else:
            said[name.replace("_", " ")] = str(value)
    return said


_BY_CODE = {"nominal": "nominal minutes", "floors": "from", "max_units": "units at most"}


def _chained(link: Row) -> str:
    text = f"from {link['from_minutes']}"
    if "step" in link:
        text += f", each further {link['step']}"
    if "max_units" in link:
        text += f", at most {link['max_units']}"
    if "counted_days" in link:
        before, after = link["counted_days"]
        text += f", counting {before} days before to {after} after"
    return text


def _state(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in EVIDENCE and name != "from"}


def _evidence(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in EVIDENCE}


def _sorted(entries: Iterable[Entry]) -> Track:
    return tuple(sorted(entries, key=lambda entry: entry.start or dt.date.min))


@attrs.frozen(slots=True)
class Split:
    """How two tracks differ: what later days brought, what was corrected, what has new evidence."""

    news_a: Track
    news_b: Track
    fixed_a: Track
    fixed_b: Track
    restated: tuple[tuple[Entry, Entry], ...]


def split(a: Track, b: Track, *, a_last: dt.date, b_last: dt.date) -> Split:
    """Compare two tracks, each of an edition that knows the days up to its last."""
    by_a, by_b = {_key(entry): entry for entry in a}, {_key(entry): entry for entry in b}
    only_a = [entry for entry in a if _key(entry) not in by_b]
    only_b = [entry for entry in b if _key(entry) not in by_a]
    restated = [(by_a[key], by_b[key]) for key in by_a if key in by_b]

    def is_news(last: dt.date) -> Callable[[Entry], bool]:
        return lambda entry: entry.start is not None and entry.start > last

    news_a, news_b = is_news(b_last), is_news(a_last)
    return Split(
        tuple(filter(news_a, only_a)),
        tuple(filter(news_b, only_b)),
        tuple(entry for entry in only_a if not news_a(entry)),
        tuple(entry for entry in only_b if not news_b(entry)),
        tuple((one, other) for one, other in restated if one.grounds != other.grounds),
    )


def _key(entry: Entry) -> tuple[Any, ...]:
    return (entry.start, *sorted(entry.row.items()))


def start_of(entry: Entry) -> dt.date:
    """The first day of a row of a dated table."""
    assert entry.start is not None  # noqa: S101  only rows of dated tables come here
    return entry.start


def in_force(entry: Entry) -> bool:
    """Whether what the row is about stands from its day on."""
    return bool(entry.row["status"] == "in-force")


def stands_on(track: Track, day: dt.date) -> bool:
    """Whether the track is in force on a day."""
    past = [entry for entry in track if start_of(entry) <= day]
    return bool(past) and in_force(past[-1])


def life_of(track: Track) -> str:
    """A life in words."""
    parts = []
    for entry in track:
        part = f"{entry.row['status'].replace('-', ' ')} from {entry.start}"
        part += " and before" if entry.row["earlier"] == "yes" else ""
        part += f" (see {listed(entry.words('successors'))})" if entry.words("successors") else ""
        parts.append(part)
    return "; ".join(parts)


def columns_of(before: Entry, after: Entry, *, skip: set[str]) -> list[str]:
    """The columns in which two rows of a table differ."""
    return [
        f"{name.replace('_', ' ')} {before.row[name] or 'nothing'} -> {after.row[name] or 'nothing'}"
        for name in after.row
        if name not in skip and before.row[name] != after.row[name]
    ]


def listed(codes: Iterable[str]) -> str:
    """Codes as one reads them."""
    return ", ".join(codes)
