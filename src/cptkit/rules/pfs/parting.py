"""What a modifier of a line does for the pair edits, where a rule of the fee schedule questions it."""

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.ptp.pairs import NO_MODIFIER, paired

__all__ = ["is_tried_in_vain", "parts_now"]


def is_tried_in_vain(encounter: Encounter, context: Context, line: Line, modifier: str) -> bool:
    """Whether a pair is denied because the modifier does not stand on such a line: PTP703 says so."""
    return any(
        each.line is line and each.record.code == modifier and each.why_not != NO_MODIFIER
        for pair in paired(encounter, context).pairs
        if not pair.bypassed
        for each in pair.tried
    )


def parts_now(encounter: Encounter, context: Context, line: Line, modifier: str) -> str:
    """What may be lost with the modifier: the pairs whose edit it bypasses; empty where it bypasses none."""
    lost = [
        f"{pair.edit.column2} beside {pair.edit.column1}"
        for pair in paired(encounter, context).pairs
        if pair.bypassed and any(each.line is line and each.record.code == modifier for each in pair.tried)
    ]
    if not lost:
        return ""
    return f"; it bypasses the pair edit of {', '.join(dict.fromkeys(lost))}, which may deny without it"
