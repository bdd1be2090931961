"""What an answer says besides its services: doubt in words, borrowed rows, days that count too."""

from cptkit.sources import Basis, Confidence
from cptkit.timerule.rule import ChainFact, TimeRule
from cptkit.timerule.values import count

__all__ = ["counted_days_note", "doubt", "rule_notes"]

_DOUBT = {
    Confidence.DERIVED: "derived: worked out from a general rule or another basis, not read as such",
    Confidence.SINGLE_SOURCE: "single-source: one weak or partial source",
    Confidence.DISPUTED: "disputed: the sources differ",
}


def doubt(confidence: Confidence) -> str:
    """A confidence in words."""
    return _DOUBT.get(confidence, confidence.value)


def rule_notes(rule: TimeRule, asked: Basis) -> list[str]:
    """What the rule itself asks to be said, before the notes of its rows."""
    notes: list[str] = []
    if rule.basis is not asked:
        notes.append(f"no {asked} row is known for {rule.id}: the {rule.basis} row answers")
    if rule.announced:
        notes.append("announced, not yet in force when last checked")
    if rule.scope_note:
        notes.append(rule.scope_note)
    elif rule.optional:
        notes.append("by time alone: the level may rest on something other than time")
    return notes


def counted_days_note(fact: ChainFact) -> str:
    """Which days a code on top counts, where it counts more than the date of service; else empty."""
    if fact.counted_days is None:
        return ""
    before, after = fact.counted_days
    spans = [f"{count(before, 'day')} before"] if before else []
    spans += [f"{count(after, 'day')} after"] if after else []
    return f"{fact.code} counts the minutes of the date of service and of {' to '.join(spans)} it"
