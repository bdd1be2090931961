"""The part that every answer about time has on a page: working, doubt, and where it was read."""

import attrs

from cptkit.cli.screen import Page
from cptkit.codesets import Codeset
from cptkit.sources import Citation, Confidence

__all__ = ["Answer", "add_answer"]


@attrs.frozen(slots=True)
class Answer:
    """What stands below the answer itself; empty parts are left out."""

    working: tuple[str, ...]
    confidence: Confidence
    citations: tuple[Citation, ...]
    nearby: tuple[str, ...] = ()
    minutes: str = ""
    notes: tuple[str, ...] = ()


def add_answer(page: Page, answer: Answer, codeset: Codeset) -> None:
    """Print the parts with their labels, then each fact with its sources."""
    for label, texts in (
        ("working:    ", answer.working),
        ("nearby:     ", answer.nearby),
        ("minutes:    ", (answer.minutes,) if answer.minutes else ()),
        ("note:       ", answer.notes),
        ("confidence: ", (answer.confidence.value,)),
    ):
        for place, text in enumerate(texts):
            page.entry(text, label=" " * len(label) if place else label)
    for citation in answer.citations:
        page.line(f"{citation.fact} ({citation.confidence}, checked {citation.checked})")
        for key in citation.sources:
            source = codeset.source(key)
            page.line(f"  {key}" if source is None else f"  {key} ({source.grade})  {source.where}")
