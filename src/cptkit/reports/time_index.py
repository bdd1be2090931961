"""The index of the pages about time: families by group, policies, principles, codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cptkit.codesets import Codeset
from cptkit.reports.markdown import marked, table, web_link
from cptkit.reports.time_rows import KINDS, SCOPES, Row, codes_of, row_of
from cptkit.sources import Basis, Citation
from cptkit.timerule import Kind, principles
from cptkit.timerule.compiling import citation_of
from cptkit.timerule.notes import doubt

__all__ = ["index_page", "source_lines"]

Known = Mapping[str, Sequence[Row]]


def index_page(known: Known, codeset: Codeset) -> str:
    """The page that leads to the families, with the rules that no family owns."""
    lines = ["# Time rules", ""]
    told = (
        f"Every family of time rules of edition {codeset.edition}, generated from it: the numbers are what "
        "`cptkit time` and `cptkit bands` answer. [How time rules work](../../explanation/time-rules.md) explains "
        "the words, [Confidence and sources](../../explanation/confidence-and-sources.md) the doubts."
    )
    counted = (
        f"{len(known)} families, by the group of codes they belong to, as they stand on {codeset.last_day}."
    )
    lines += [told, "", "## Families", "", counted, ""]
    for group, ids in _by_group(known, codeset):
        lines += [f"### {marked(group[:1].upper() + group[1:])}", ""]
        lines += table(
            ["family", "codes", "how it counts", "over", "confidence"],
            [_family_cells(family_id, known[family_id], codeset) for family_id in ids],
        )
    lines += _policies(codeset)
    lines += _principles(codeset)
    lines += _codes(known, codeset)
    lines += _sources(codeset)
    return "\n".join(lines).rstrip() + "\n"


def source_lines(citations: Iterable[Citation], codeset: Codeset) -> list[str]:
    """A line for each source that the citations name: its key, its grade, its address."""
    lines: list[str] = []
    for key in sorted({key for citation in citations for key in citation.sources}):
        source = codeset.source(key)
        told = "not on record" if source is None else f"grade {source.grade}. {web_link(source.where)}"
        lines.append(f"- **{marked(key)}**: {told}")
    return [*lines, ""]


def _by_group(known: Known, codeset: Codeset) -> list[tuple[str, list[str]]]:
    """Families by the group that the edition puts their first code in, in the order of the alphabet."""
    groups: dict[str, list[str]] = {}
    for family_id, rows in known.items():
        records = (codeset.get(code) for code in codes_of(rows))
        group = next((record.family for record in records if record is not None), "")
        groups.setdefault(group or "other codes", []).append(family_id)
    return sorted((group, sorted(ids)) for group, ids in groups.items())


def _family_cells(family_id: str, rows: Sequence[Row], codeset: Codeset) -> tuple[str, ...]:
    newest = rows[0].rule
    codes = [*codes_of(rows), *(f"{first} to {last}" for first, last in newest.family.ranges)]
    unit = f" of {newest.unit_minutes} minutes" if newest.kind is Kind.PER_UNIT else ""
    counts = KINDS[newest.kind].replace(" of time", unit)
    known = _confidence(rows, codeset)
    return f"[{marked(newest.title)}]({family_id}.md)", ", ".join(codes), counts, SCOPES[newest.scope], known


def _confidence(rows: Sequence[Row], codeset: Codeset) -> str:
    """How well the present rows are known, basis by basis; or when the family ended."""
    words: dict[str, str] = {}
    for basis in Basis:
        row = row_of(rows, basis, codeset.last_day)
        if row is not None:
            words[basis.value] = row.confidence(basis).value
    if not words:
        return f"ended {rows[0].days.last}"
    if len(words) == len(Basis) and len(set(words.values())) == 1:
        return next(iter(words.values()))
    return ", ".join(f"{basis}: {word}" for basis, word in words.items())


def _policies(codeset: Codeset) -> list[str]:
    page = "[Policies for units](../../explanation/units-policies.md)"
    lines = ["## Policies for units", ""]
    lines += [
        f"How the minutes of several 15-minute codes of one day become units; {page} compares them.",
        "",
    ]
    for policy in codeset.timerules.get("policies", ()):
        lines += [f"### {marked(policy['title'])}", "", f"`{policy['id']}`: {marked(policy['whose'])}.", ""]
        lines += [marked(policy["rule"]), "", *_cited(_policy_citation(policy))]
    return lines


def _policy_citation(policy: Mapping[str, Any]) -> Citation:
    return citation_of(f"time/unit-policies/{policy['id']}", policy)


def _principles(codeset: Codeset) -> list[str]:
    lines = [
        "## Principles",
        "",
        "General rules that no single code owns. What a code says for itself wins.",
        "",
    ]
    for principle in principles(codeset):
        told = principle.title[:1].upper() + principle.title[1:]
        lines += [
            f"### {marked(told)}",
            "",
            f"{marked(principle.rule)} On record from {principle.first_day}.",
            "",
        ]
        lines += _cited(principle.citation)
    return lines


def _cited(citation: Citation) -> list[str]:
    keys = ", ".join(marked(key) for key in citation.sources)
    lines = [
        f"`{citation.fact}`, {marked(doubt(citation.confidence))}; checked {citation.checked}; {keys}.",
        "",
    ]
    return [*lines, marked(citation.note), ""] if citation.note else lines


def _sources(codeset: Codeset) -> list[str]:
    cited = [_policy_citation(policy) for policy in codeset.timerules.get("policies", ())]
    cited += [principle.citation for principle in principles(codeset)]
    return ["## Sources of policies and principles", "", *source_lines(cited, codeset)]


def _codes(known: Known, codeset: Codeset) -> list[str]:
    """Which families a code belongs to, also where it only goes on top of another."""
    homes: dict[str, list[str]] = {}
    for family_id, rows in known.items():
        own = rows[0].rule.family.codes
        for code in codes_of(rows):
            shown = f"[{family_id}]({family_id}.md)"
            homes.setdefault(code, []).append(shown if code in own else f"on top in {shown}")
        for first, last in rows[0].rule.family.ranges:
            homes.setdefault(f"{first} to {last}", []).append(f"[{family_id}]({family_id}.md)")
    cells: list[tuple[str, str, str]] = []
    for code, places in sorted(homes.items()):
        record = codeset.get(code)
        cells.append(
            (code, marked(record.label) if record is not None and record.label else "-", ", ".join(places))
        )
    return ["## Codes", "", *table(["code", "in our words", "family"], cells)]
