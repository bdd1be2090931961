"""What an edition knows about codes together: modifiers, add-ons, exclusions, conventions, denial codes.

Apart from ``records``, so that looking up a code loads only what it needs.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import attrs

from cptkit.codes import Owner
from cptkit.codesets.records import Change, Status, changes_from, citation_from, status_of
from cptkit.sources import Citation

__all__ = ["AddOn", "Convention", "Denial", "Exclusion", "ModifierRecord", "ModifierSet"]

Row = Mapping[str, str]


@attrs.frozen(slots=True)
class ModifierRecord:
    """A modifier as an edition knows it; ``label`` in our own words."""

    code: str
    label: str
    owner: Owner
    kinds: tuple[str, ...]
    order_class: int
    ncci_bypass: bool
    conflicts: frozenset[str]
    requires: tuple[str, ...]
    attaches_to: tuple[str, ...]
    never_on: tuple[str, ...]
    history: tuple[Change, ...]

    def status(self, *, date_of_service: dt.date) -> Status:
        """The standing of the modifier on that day."""
        return status_of(self.code, self.history, date_of_service)


@attrs.frozen(slots=True)
class ModifierSet:
    """Modifiers of which a line carries at most one.

    ``strength``: ``error`` (sources agree), ``warning``, or ``payer`` (payers differ).
    """

    name: str
    members: frozenset[str]
    strength: str
    rule: str
    citation: Citation


@attrs.frozen(slots=True)
class AddOn:
    """The primaries of an add-on from a day on.

    ``aoc_type``: 1 closed list, 2 the contractor decides, 3 open list; 0 not in the CMS add-on
    file. ``same_day_edit``: CMS pays it only with a primary on the same day; being an add-on and
    having that edit are two things. ``doubtful``: codes of which no source
    says whether they are primaries. ``is_open``: more primaries than those listed may be accepted.
    """

    code: str
    starts: dt.date
    aoc_type: int
    same_day_edit: bool
    primaries: frozenset[str]
    doubtful: frozenset[str]
    is_open: bool
    citation: Citation


@attrs.frozen(slots=True)
class Exclusion:
    """Codes that one clinician does not report for one patient on one day, from a day on.

    ``earlier``: it may have stood before ``starts`` too, which is not on record.

    Any of ``codes`` beside any of ``excludes``. ``bypass``: modifiers that lift it when the two
    were separate; empty when none does. ``drop`` says which side is denied: ``codes``,
    ``excludes`` or ``either``; ``cure_drops`` which side the cure gives up, usually the same.
    ``replacements``: pairs of a code and what it becomes beside
    the other side. ``cure``: what a biller can do, in our own words.
    """

    id: str
    title: str
    starts: dt.date
    in_force: bool
    earlier: bool
    codes: frozenset[str]
    excludes: frozenset[str]
    bypass: frozenset[str]
    drop: str
    cure_drops: str
    replacements: tuple[tuple[str, str], ...]
    cure: str
    denial: str
    citation: Citation


@attrs.frozen(slots=True)
class Convention:
    """A general fact that rules rest on, from a day on, and that is no code, modifier or set.

    ``name``: a statement (``mue-all-units-denied``), or a column and the value it explains
    (``pfs-bilat/2``). ``value``: the word that a rule compares; ``text``: the same in our own words.
    """

    name: str
    value: str
    text: str
    first_day: dt.date
    citation: Citation


@attrs.frozen(slots=True)
class Denial:
    """The codes by which a payer would likely say no: group, CARC and RARCs.

    ``likely`` is False only where a source shows the codes together.
    """

    check: str
    group: str
    carc: str
    rarc: tuple[str, ...]
    likely: bool
    citation: Citation


def modifier_from(row: Row, history: Iterable[Row]) -> ModifierRecord:
    """A modifier out of its row and the rows of its life."""
    return ModifierRecord(
        row["code"],
        row["label"],
        Owner(row["owner"]),
        _texts(row["kinds"]),
        int(row["order_class"]),
        row["ncci_bypass"] == "yes",
        frozenset(row["conflicts"].split()),
        tuple(row["requires"].split()),
        _texts(row["attaches_to"]),
        _texts(row["never_on"]),
        changes_from(f"modifiers/{row['code']}", history),
    )


def modifier_set_from(row: Row) -> ModifierSet:
    """A set of modifiers out of its row."""
    citation = citation_from(f"modifiers/{row['name']}", row)
    return ModifierSet(row["name"], frozenset(row["members"].split()), row["strength"], row["rule"], citation)


def addon_from(row: Row) -> AddOn:
    """The primaries of an add-on out of a dated row."""
    return AddOn(
        row["code"],
        dt.date.fromisoformat(row["from"]),
        int(row["aoc_type"]),
        row["same_day_edit"] == "yes",
        frozenset(row["primaries"].split()),
        frozenset(row["doubtful"].split()),
        row["open"] == "yes",
        citation_from(f"addons/{row['code']}@{row['from']}", row),
    )


def exclusion_from(row: Row) -> Exclusion:
    """An exclusion out of a dated row."""
    return Exclusion(
        row["id"],
        row["title"],
        dt.date.fromisoformat(row["from"]),
        row["status"] == "in-force",
        row["earlier"] == "yes",
        frozenset(row["codes"].split()),
        frozenset(row["excludes"].split()),
        frozenset(row["bypass"].split()),
        row["drop"],
        row["cure_drops"],
        _pairs(row["replacements"]),
        row["cure"],
        row["denial"],
        citation_from(f"exclusions/{row['id']}@{row['from']}", row),
    )


def convention_from(row: Row) -> Convention:
    """A convention out of a dated row."""
    return Convention(
        row["name"],
        row["value"],
        row["text"],
        dt.date.fromisoformat(row["from"]),
        citation_from(f"conventions/{row['name']}@{row['from']}", row),
    )


def denial_from(row: Row) -> Denial:
    """Denial codes out of a row."""
    return Denial(
        row["check"],
        row["group"],
        row["carc"],
        tuple(row["rarc"].split()),
        row["likely"] == "yes",
        citation_from(f"denials/{row['check']}", row),
    )


def _texts(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("; ")) if joined else ()


def _pairs(joined: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, other) for code, _, other in (pair.partition(":") for pair in joined.split()))
