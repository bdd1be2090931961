"""The section of a page about one dated row: its bands, what goes on top, an example, how sure it is."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from cptkit.codesets import Codeset
from cptkit.reports.markdown import marked, table
from cptkit.reports.time_rows import KINDS, ONE_OF_THEM, Group, Row, first_on_top, spelled
from cptkit.sources import Basis, Citation, Confidence
from cptkit.timerule import Kind, Selection, TimeRule, outline, select
from cptkit.timerule.notes import counted_days_note, doubt
from cptkit.timerule.values import count

__all__ = ["example", "pictures", "section"]


def section(row: Row, codeset: Codeset) -> list[str]:
    """The lines of a row's section."""
    asked = " and ".join(dict.fromkeys(basis.value for basis, _ in row.rules))
    lines = [f"## {str(row.days)[:1].upper()}{str(row.days)[1:]}, {asked}", ""]
    lines += table(
        ["asked", "days", "answered by", "confidence"],
        [
            (basis.value, str(rule.days), _answered_by(basis, rule), _sure(row.confidence(basis)))
            for basis, rule in row.rules
        ],
    )
    if row.rule.announced:
        lines += ["Announced: not yet in force when last checked.", ""]
    lines += [f"Kind: {KINDS[row.rule.kind]}.", ""]
    for group in row.groups:
        lines += _bands(group, row, codeset)
    if row.without_minutes:
        lines += [f"Without minutes, reported whatever the time: {', '.join(row.without_minutes)}.", ""]
    return [*lines, *_on_top(row), *_example(row, codeset), *_certainty(row)]


def pictures(row: Row) -> dict[str, str]:
    """The pictures of a row as SVG, by the names of their files."""
    # drawn on request: a sheet of changes needs no pictures
    from cptkit.timerule.pictures import time_bar

    drawn: dict[str, str] = {}
    for group in row.groups:
        codes = group.codes
        named = f": {codes[0]}" if codes else ""
        if len(codes) > 1:
            named += f", and so each of the {len(codes)} codes"
        drawn[_picture_name(group, row)] = time_bar(group.rule, title=f"{row.rule.title}{named}")
    return drawn


def example(row: Row, codeset: Codeset) -> Selection:
    """A question about the row and its answer, for minutes in the middle of a band."""
    group = row.groups[0]
    return _selected(row, group, _amount(group.rule, {fact.code for fact in row.chain}), codeset)


def _sure(confidence: Confidence) -> str:
    return confidence.value if confidence is Confidence.VERIFIED else f"**{confidence}**"


def _answered_by(basis: Basis, rule: TimeRule) -> str:
    if rule.basis is basis:
        return "a row of its own"
    return f"the row of {rule.basis}, as none of {basis} is known"


def _bands(group: Group, row: Row, codeset: Codeset) -> list[str]:
    rule, codes = group.rule, group.codes
    lines: list[str] = []
    if len(codes) > 1 or len(row.groups) > 1:
        lines += [f"The same for each of these, counted alone: {', '.join(codes)}.", ""]
    told = rule.method.replace(codes[0], ONE_OF_THEM) if len(codes) > 1 else rule.method
    lines += [f"{marked(told[:1].upper() + told[1:])}.", ""]
    shown = outline(rule)
    if shown.bands:
        cells = [
            (_span(band.first, band.last), " or ".join(spelled(each, codes) for each in band.answers))
            for band in shown.bands
        ]
        lines += table([rule.counts, "reported"], cells)
    if shown.further is not None:
        lines += [_further(group, shown.further.code, shown.further.each), ""]
    if any(len(band.answers) > 1 for band in shown.bands):
        lines += [_several_answers(rule), ""]
    if rule.kind is Kind.ANAESTHESIA_UNITS:
        lines += _time_units(group, row, codeset)
    told = "No minutes decide." if rule.kind is Kind.NOT_BY_TIME else f"The same as a bar of {rule.counts}."
    return [*lines, f"![{told}]({_picture_name(group, row)})", ""]


def _span(first: int, last: int | None) -> str:
    if last is None:
        return f"{first} or more"
    return str(first) if first == last else f"{first} to {last}"


def _further(group: Group, code: str, each: int) -> str:
    rule, codes = group.rule, group.codes
    named = f"of {ONE_OF_THEM}" if len(codes) > 1 else code
    told = f"And so on: one more {named} for each further {each} {rule.counts}"
    first, _, answers = rule.bands()[-1]
    if first + each > rule.most:
        return f"{told}."
    most = " or ".join(spelled(one, codes) for one in answers)
    return f"{told}, and no more than {most}, from {first} {rule.counts} on."


def _several_answers(rule: TimeRule) -> str:
    if rule.is_settled:
        return 'Answers with "or" between them are equally right: the choice is the clinician\'s.'
    return (
        "**Not settled:** no source says from which minute the time counts. Where the readings differ both are "
        'shown, with "or" between them: first by whole minutes, then by more than half.'
    )


def _time_units(group: Group, row: Row, codeset: Codeset) -> list[str]:
    unit = group.rule.unit_minutes or 1
    cells = [
        (str(minutes), str(_selected(row, group, minutes, codeset).time_units))
        for minutes in (1, unit // 2, unit, unit + 1, 4 * unit, 4 * unit + 2)
    ]
    return ["Time units stand beside the code; some of them:", "", *table(["minutes", "time units"], cells)]


def _on_top(row: Row) -> list[str]:
    if not row.chain:
        return []
    cells: list[tuple[str, ...]] = []
    for fact in row.chain:
        counted = marked(counted_days_note(fact)) or "-"
        first = str(first_on_top(row.rule, fact))
        cells.append((fact.code, fact.after, first, counted, fact.citation.confidence.value))
    head = ["on top", "of", "from, in all", "other days that count", "confidence"]
    return ["### On top", "", *table(head, cells)]


def _example(row: Row, codeset: Codeset) -> list[str]:
    found = example(row, codeset)
    given = found.days if found.minutes is None else found.minutes
    amount = count(given or 0, row.rule.counts.removesuffix("s"))
    lines = [
        "### Example",
        "",
        f"{amount} of `{row.groups[0].asked}` on {row.day} under {row.basis}:",
        "",
    ]
    lines += ["```text", str(found)]
    lines += [f"  {step}" for step in found.working[1:]]
    lines += [f"  {near}" for near in (found.longer, found.shorter) if near is not None]
    if found.reason and found.reason not in found.working:
        lines.append(f"  {found.reason}")
    return [*lines, f"  confidence {found.confidence}", "```", ""]


def _selected(row: Row, group: Group, amount: int, codeset: Codeset) -> Selection:
    counts_days = group.rule.counts == "days"
    return select(
        group.asked,
        minutes=None if counts_days else amount,
        days=amount if counts_days else None,
        date_of_service=row.day,
        codeset=codeset,
        basis=row.basis,
    )


def _amount(rule: TimeRule, tops: AbstractSet[str]) -> int:
    """Minutes (or days) in the first band with something on top, or in the second that gives something."""
    given = [band for band in rule.bands() if all(band[2])]
    if not given:
        return 30
    if rule.kind is Kind.ANAESTHESIA_UNITS:
        return 62
    topped = (band for band in given if any(each.code in tops for one in band[2] for each in one))
    first, last, _ = next(topped, given[min(1, len(given) - 1)])
    return min(first + 5, rule.most) if last is None else (first + last) // 2


def _picture_name(group: Group, row: Row) -> str:
    code = f"-{group.codes[0]}" if len(row.groups) > 1 else ""
    return f"{row.rule.id}-{row.starts}-{row.basis}{code}.svg"


def _certainty(row: Row) -> list[str]:
    cells = [
        (
            f"`{citation.fact}`",
            marked(doubt(citation.confidence)),
            str(citation.checked),
            ", ".join(marked(key) for key in citation.sources),
        )
        for citation in row.citations
    ]
    lines = ["### How sure", "", *table(["fact", "confidence", "checked", "sources"], cells)]
    notes = [f"- {marked(note)}" for note in _notes(row.citations)]
    return [*lines, *notes, ""] if notes else lines


def _notes(citations: Sequence[Citation]) -> list[str]:
    named = [
        f"{citation.fact.rpartition('/')[2]}: {citation.note}" if place else citation.note
        for place, citation in enumerate(citations)
        if citation.note
    ]
    return list(dict.fromkeys(named))
