"""Compiling facts into an edition: what stands up to the last day of a coding year.

The files are canonical: rows sorted, one record a line, UTF-8, LF. The same facts always give the
same bytes, so a digest names an edition and ``git diff`` shows what a changed fact changes.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from cptkit.codes import Section, category_of
from cptkit.codesets.build.schema import Evidence, Facts, FamilyFact, LifeRow, Row, SectionFact
from cptkit.codesets.tables import TABLES
from cptkit.codesets.write import edition_files, table_bytes, timerules_bytes
from cptkit.errors import BrokenFacts

__all__ = ["compile_edition"]

R = TypeVar("R", bound=Row)


def compile_edition(facts: Facts, year: int, revision: int) -> dict[str, bytes]:
    """The files of an edition, by name.

    :raises BrokenFacts: when a text cannot stand in a table (a tab or a line break).
    """
    last_day = dt.date(year, 12, 31)
    tables = {
        "codes.tsv": _codes(facts, last_day),
        "code-history.tsv": _code_history(facts, last_day),
        "addons.tsv": _addons(facts, last_day),
        "modifiers.tsv": _modifiers(facts, last_day),
        "modifier-history.tsv": _modifier_history(facts, last_day),
        "modifier-sets.tsv": _modifier_sets(facts),
        "exclusions.tsv": _exclusions(facts, last_day),
        "conventions.tsv": _conventions(facts, last_day),
        "revisions.tsv": _revisions(facts, last_day),
        "denials.tsv": _denials(facts),
        "sections.tsv": _sections(facts),
    }
    timerules = _timerules(facts, last_day)
    used = {key for rows in tables.values() for row in rows for key in row["sources"].split()}
    used |= {*_source_keys(timerules), *facts.modifier_list_sources}
    tables["sources.tsv"] = [
        {"key": key, "grade": source.grade, "where": source.where, "supports": source.supports}
        for key, source in sorted(facts.sources.items())
        if key in used
    ]
    files = {name: _table(name, rows) for name, rows in tables.items()}
    files["timerules.json"] = timerules_bytes(timerules)
    return edition_files(
        files,
        edition=f"{year}.{revision}",
        modifiers_complete_on=facts.modifiers_complete_on.isoformat(),
    )


# ---- tables ------------------------------------------------------------------------------


def _up_to(rows: Iterable[R], last_day: dt.date) -> list[R]:
    """The rows that an edition holds: those that have begun, and a first one that may be older than it says."""
    ordered = sorted(rows, key=lambda row: row.from_)
    held = [row for row in ordered if row.from_ <= last_day]
    return held or [row for row in ordered[:1] if getattr(row, "earlier", False)]


def _codes(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    predecessors: dict[str, list[str]] = {}
    for fact in sorted(facts.codes, key=lambda fact: fact.code):
        for change in _up_to(fact.history, last_day):
            for successor in change.successors:
                predecessors.setdefault(successor, []).append(fact.code)
    rows = []
    for fact in sorted(facts.codes, key=lambda fact: fact.code):
        if not _up_to(fact.history, last_day):
            continue
        section, section_row = _section(fact.code, fact.section, facts.sections)
        rows.append(
            {
                "code": fact.code,
                "label": fact.label,
                "family": fact.family,
                "section": section,
                "timed": _yes(fact.timed),
                "predecessors": " ".join(predecessors.get(fact.code, ())),
                # the label is ours; the evidence is the section's
                **_evidence(section_row),
            }
        )
    return rows


def _section(code: str, given: str, sections: Sequence[SectionFact]) -> tuple[str, SectionFact]:
    for section in sections:
        if section.name == given or (not given and _within(code, section)):
            return Section(section.name).value, section
    raise BrokenFacts("no section holds this code", given=code, expected="a range in codes/sections.toml")


def _within(code: str, section: SectionFact) -> bool:
    return any(low <= code <= high and category_of(low) is category_of(code) for low, high in section.ranges)


def _life(code: str, rows: Iterable[LifeRow], *, successors: bool) -> list[dict[str, str]]:
    table = []
    for row in rows:
        fields = {
            "code": code,
            "from": row.from_.isoformat(),
            "status": row.status,
            "earlier": _yes(row.earlier),
        }
        if successors:
            fields["successors"] = " ".join(row.successors)
        table.append(fields | _evidence(row))
    return table


def _code_history(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        row
        for fact in sorted(facts.codes, key=lambda fact: fact.code)
        for row in _life(fact.code, _up_to(fact.history, last_day), successors=True)
    ]


def _modifier_history(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        row
        for fact in sorted(facts.modifiers, key=lambda fact: fact.code)
        for row in _life(fact.code, _up_to(fact.history, last_day), successors=False)
    ]


def _addons(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        {
            "code": fact.code,
            "from": row.from_.isoformat(),
            "aoc_type": str(fact.aoc_type),
            "same_day_edit": _yes(fact.same_day_edit),
            "open": _yes(row.open),
            "primaries": " ".join(sorted(row.primaries)),
            "doubtful": " ".join(sorted(row.doubtful)),
            **_evidence(row),
        }
        for fact in sorted(facts.addons, key=lambda fact: fact.code)
        for row in _up_to(fact.history, last_day)
    ]


def _modifiers(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        {
            "code": fact.code,
            "label": fact.label,
            "owner": fact.owner,
            "kinds": "; ".join(fact.kinds),
            "order_class": str(fact.order_class),
            "ncci_bypass": _yes(fact.ncci_bypass),
            "conflicts": " ".join(sorted(fact.conflicts)),
            "requires": " ".join(fact.requires),
            "attaches_to": "; ".join(fact.attaches_to),
            "never_on": "; ".join(fact.never_on),
            # the evidence of a modifier is that of its newest row
            **_evidence(_up_to(fact.history, last_day)[-1]),
        }
        for fact in sorted(facts.modifiers, key=lambda fact: fact.code)
        if _up_to(fact.history, last_day)
    ]


def _modifier_sets(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "name": fact.name,
            "members": " ".join(sorted(fact.members)),
            "strength": fact.strength,
            "rule": fact.rule,
            **_evidence(fact),
        }
        for fact in sorted(facts.modifier_sets, key=lambda fact: fact.name)
    ]


def _exclusions(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        {
            "id": fact.id,
            "from": row.from_.isoformat(),
            "status": row.status,
            "earlier": _yes(row.earlier),
            "title": fact.title,
            "codes": " ".join(sorted(fact.codes)),
            "excludes": " ".join(sorted(fact.excludes)),
            "bypass": " ".join(sorted(fact.bypass)),
            "drop": fact.drop,
            "cure_drops": fact.cure_drops or fact.drop,
            "replacements": " ".join(f"{code}:{other}" for code, other in sorted(fact.replacements.items())),
            "denial": fact.denial,
            "cure": fact.cure,
            **_evidence(row),
        }
        for fact in sorted(facts.exclusions, key=lambda fact: fact.id)
        for row in _up_to(fact.history, last_day)
    ]


def _conventions(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    return [
        {
            "name": fact.name,
            "from": row.from_.isoformat(),
            "value": row.value,
            "text": row.text,
            **_evidence(row),
        }
        for fact in sorted(facts.conventions, key=lambda fact: fact.name)
        for row in _up_to(fact.history, last_day)
    ]


def _revisions(facts: Facts, last_day: dt.date) -> list[dict[str, str]]:
    rows = sorted(_up_to(facts.revisions, last_day), key=lambda row: (row.code, row.from_))
    return [
        {"code": row.code, "from": row.from_.isoformat(), "what": row.what, **_evidence(row)} for row in rows
    ]


def _sections(facts: Facts) -> list[dict[str, str]]:
    # in the order of the facts: the first range that holds a code wins
    return [
        {"name": fact.name, "low": low, "high": high, **_evidence(fact)}
        for fact in facts.sections
        for low, high in fact.ranges
    ]


def _denials(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "check": fact.check,
            "group": fact.group,
            "carc": fact.carc,
            "rarc": " ".join(fact.rarc),
            "likely": _yes(fact.likely),
            **_evidence(fact),
        }
        for fact in sorted(facts.denials, key=lambda fact: fact.check)
    ]


def _evidence(fact: Evidence) -> dict[str, str]:
    return {
        "sources": " ".join(fact.sources),
        "confidence": fact.confidence,
        "checked": fact.checked.isoformat(),
        "note": fact.note,
    }


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    try:
        return table_bytes(TABLES[name], rows)
    except ValueError as error:
        raise BrokenFacts(f"{name}, {error}") from error


# ---- time rules --------------------------------------------------------------------------


def _timerules(facts: Facts, last_day: dt.date) -> dict[str, Any]:
    families = []
    for family in sorted(facts.families, key=lambda family: family.id):
        rows = _up_to(family.rule, last_day)
        if rows:
            rows.sort(key=lambda row: (row.basis, row.from_))
            families.append(_family(family) | {"rules": [_plain(row) for row in rows]})
    policies = [_plain(policy) for policy in sorted(facts.policies, key=lambda policy: policy.id)]
    principles = [_plain(row) for row in sorted(_up_to(facts.principles, last_day), key=lambda row: row.id)]
    return {"families": families, "policies": policies, "principles": principles}


def _family(family: FamilyFact) -> dict[str, Any]:
    return {name: value for name, value in _plain(family).items() if name != "rule"}


def _plain(value: Any) -> Any:  # JSON
    """A fact as JSON can hold it; what was not given is left out, except booleans."""
    if attrs.has(type(value)):
        items = {
            field.name.rstrip("_"): _plain(getattr(value, field.name)) for field in attrs.fields(type(value))
        }
        return {name: item for name, item in items.items() if item not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _source_keys(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from item if name == "sources" else _source_keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _source_keys(item)
