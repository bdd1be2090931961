"""``cptkit code``: what a code is, and whether it is in force."""

import datetime as dt
import json
import sys
from typing import Any

import click

from cptkit.cli.options import codeset_for, day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.codes import parse
from cptkit.codesets import Change, CodeRecord, Codeset, Status
from cptkit.sources import Citation

__all__ = ["command"]


@click.command("code")
@click.argument("code", metavar="CODE")
@day_option(
    required=False, what="Ask about this date of service; without it the whole life of the code is shown."
)
@click.option(
    "--edition", metavar="EDITION", help="Ask this edition; by default the date's year, or the newest."
)
@format_option("text", "json")
def command(code: str, date: dt.date | None, edition: str | None, form: str) -> int:
    """Say what CODE is, since when, and what came before and after it."""
    codeset = codeset_for(edition, date)
    record = codeset[parse(code).text]
    status = None if date is None else codeset.status(record.code, date_of_service=date)
    if form == "json":
        emit(
            json.dumps(_as_dict(record, codeset, status), indent=2, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
    else:
        _page(record, codeset, status).show()
    return 0


def _page(record: CodeRecord, codeset: Codeset, status: Status | None) -> Page:
    page = Page(width_of(sys.stdout))
    page.entry(f"{record.code}  {record.label}".rstrip(), style="bold")
    kind = f"category {record.category}, {record.section}, {record.family}; kept by {record.owner}"
    marks = ", ".join(
        text for text, is_so in (("an add-on", record.is_addon), ("chosen by time", record.timed)) if is_so
    )
    page.entry(kind + (f"; {marks}" if marks else ""))
    page.line()
    if status is not None:
        page.entry(status.reason, style="bold")
        _sources(page, status.citation)
    else:
        for place, change in enumerate(record.history):
            following = record.history[place + 1] if place + 1 < len(record.history) else None
            page.entry(_stretch(change, following), style="bold")
            _sources(page, change.citation)
    day = codeset.last_day if status is None else status.date_of_service
    addon = codeset.addon(record.code, date_of_service=day)
    if addon is not None and record.status(date_of_service=day).in_force:
        primaries = ", ".join(sorted(addon.primaries)) or "none listed"
        page.entry(primaries + (" (the list is open)" if addon.is_open else ""), label="goes with: ")
    if status is None:
        _facts(page, codeset, record.code)
    if record.predecessors:
        page.entry(", ".join(record.predecessors), label="before it: ")
    page.line()
    page.line(f"edition {codeset.edition}")
    return page


def _facts(page: Page, codeset: Codeset, code: str) -> None:
    """What else is on record about the code, and where every source that was named is to be found."""
    facts = codeset.fact(code)
    for fact in facts:
        if fact.name != "life":
            since = "" if fact.since is None else f", since {fact.since}"
            page.entry(f"{fact.name}: {fact.value}{since}")
            _sources(page, fact.citation)
    page.line()
    page.line("sources")
    for source in sorted({source for fact in facts for source in fact.sources}, key=str):
        page.entry(str(source), indent=2)


def _stretch(change: Change, following: Change | None) -> str:
    """A row of a code's life as a sentence."""
    until = "" if following is None else f" up to {following.starts - dt.timedelta(days=1)}"
    if change.in_force:
        since = (
            f"in force before {change.starts} already" if change.earlier else f"in force from {change.starts}"
        )
        return since + until
    after = f"; what came after: {', '.join(change.successors)}" if change.successors else ""
    return f"not in force from {change.starts}{until}{after}"


def _sources(page: Page, citation: Citation) -> None:
    page.entry(f"{citation.confidence}: {', '.join(citation.sources)}, checked {citation.checked}", indent=2)
    if citation.note:
        page.entry(citation.note, indent=2, label="note: ")


def _as_dict(record: CodeRecord, codeset: Codeset, status: Status | None) -> dict[str, Any]:
    facts = codeset.fact(record.code)
    answer: dict[str, Any] = {
        "code": record.code,
        "label": record.label,
        "category": record.category.value,
        "section": record.section.value,
        "family": record.family,
        "owner": record.owner.value,
        "timed": record.timed,
        "is_addon": record.is_addon,
        "first_day": _iso(record.first_day),
        "last_day": _iso(record.last_day),
        "predecessors": list(record.predecessors),
        "history": [
            {
                "from": change.starts.isoformat(),
                "in_force": change.in_force,
                "earlier": change.earlier,
                "successors": list(change.successors),
                **_evidence(change.citation),
            }
            for change in record.history
        ],
        "facts": [fact.to_dict() for fact in facts],
        "sources": {
            source.key: {"grade": source.grade, "where": source.where}
            for source in sorted({source for fact in facts for source in fact.sources}, key=str)
        },
        "edition": codeset.edition,
        "digest": codeset.digest,
    }
    if status is not None:
        answer["status"] = {
            "date_of_service": status.date_of_service.isoformat(),
            "in_force": status.in_force,
            "first_day": _iso(status.first_day),
            "last_day": _iso(status.last_day),
            "successors": list(status.successors),
            "reason": status.reason,
            **_evidence(status.citation),
        }
    return answer


def _evidence(citation: Citation) -> dict[str, Any]:
    return {
        "sources": list(citation.sources),
        "confidence": citation.confidence.value,
        "checked": citation.checked.isoformat(),
        "note": citation.note,
    }


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
