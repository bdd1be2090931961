"""``cptkit bands``: which minutes give which code, for a whole family."""

import datetime as dt
import json
import sys
from typing import Any

import click

from cptkit.cli.options import basis_option, codeset_for, day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.cli.sourced import Answer, add_answer
from cptkit.codesets import Codeset
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule import TimeRule, family, outline
from cptkit.timerule.notes import counted_days_note

__all__ = ["command"]


@click.command("bands", short_help="Show which minutes give which code.")
@click.argument("code_or_family", metavar="CODE_OR_FAMILY")
@day_option(required=True, what="The date of service, such as 2026-03-02.")
@basis_option
@click.option(
    "--edition",
    metavar="EDITION",
    help="Ask this edition; by default the first bundled one that knows the day.",
)
@format_option("text", "json")
def command(code_or_family: str, date: dt.date, basis: Basis, edition: str | None, form: str) -> int:
    """Show which minutes give which code: CODE_OR_FAMILY is any code of a family, or its id (psychotherapy)."""
    codeset = codeset_for(edition, date)
    asked = family(code_or_family, date_of_service=date, codeset=codeset, basis=basis)
    rules = [asked] if asked.floors else _each(asked, date, codeset, basis)
    if form == "json":
        shown = _plain(asked, rules, date, basis, codeset.edition)
        emit(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return 0
    page = Page(width_of(sys.stdout))
    page.entry(asked.title, style="bold")
    page.entry(f"{asked.id}, {date}, basis {basis}, edition {codeset.edition}")
    page.line()
    for rule in rules:
        for line in outline(rule).lines():
            page.entry(line)
        page.line()
    answer = Answer(
        working=tuple(dict.fromkeys(rule.method for rule in rules)),
        minutes=f"{asked.whose_time}; summed over {asked.scope.in_words}",
        notes=_notes(asked, basis),
        confidence=_confidence(asked, basis),
        citations=_citations(asked),
    )
    add_answer(page, answer, codeset)
    page.show()
    return 0


def _each(rule: TimeRule, date: dt.date, codeset: Codeset, basis: Basis) -> list[TimeRule]:
    """The rules of a family whose codes count alone, one a code."""
    return [family(code, date_of_service=date, codeset=codeset, basis=basis) for code in rule.codes]


def _citations(rule: TimeRule) -> tuple[Citation, ...]:
    return (rule.citation, *(fact.citation for fact in rule.chain))


def _confidence(rule: TimeRule, basis: Basis) -> Confidence:
    known = [citation.confidence for citation in _citations(rule)]
    return weakest(known if rule.basis is basis else [*known, Confidence.DERIVED])


def _notes(rule: TimeRule, basis: Basis) -> tuple[str, ...]:
    borrowed = [] if rule.basis is basis else [f"no {basis} row is known: the {rule.basis} row answers"]
    counted = [note for fact in rule.chain if (note := counted_days_note(fact))]
    own = [citation.note for citation in _citations(rule) if citation.note]
    return (*borrowed, *([rule.scope_note] if rule.scope_note else []), *counted, *own)


def _plain(
    asked: TimeRule, rules: list[TimeRule], date: dt.date, basis: Basis, edition: str
) -> dict[str, Any]:
    """The bands as JSON: ``services`` are the codes that the family can answer with."""
    codes = dict.fromkeys(code for rule in rules for code in ((rule.code,) if rule.code else rule.codes))
    return {
        "family": asked.id,
        "title": asked.title,
        "services": [{"code": code, "units": 1} for code in codes],
        "alternatives": [],
        "bands": [_bands(rule) for rule in rules],
        "counts": asked.counts,
        "scope": asked.scope.value,
        "whose_time": asked.whose_time,
        "basis": basis.value,
        "answered_by": asked.basis.value,
        "date_of_service": date.isoformat(),
        "edition": edition,
        "working": list(dict.fromkeys(rule.method for rule in rules)),
        "facts": [citation.fact for citation in _citations(asked)],
        "sources": list(dict.fromkeys(key for citation in _citations(asked) for key in citation.sources)),
        "confidence": _confidence(asked, basis).value,
        "notes": list(_notes(asked, basis)),
    }


def _bands(rule: TimeRule) -> dict[str, Any]:
    shown = outline(rule)
    return {
        "code": rule.code,
        "bands": [band.to_dict() for band in shown.bands],
        "further": None if shown.further is None else shown.further.to_dict(),
    }
