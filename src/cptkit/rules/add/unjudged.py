"""Why an add-on without a primary is not judged by the edition's own lists."""

from cptkit.claims import Encounter, Line
from cptkit.codesets import AddOn
from cptkit.rules.add.monthly import is_monthly
from cptkit.rules.context import Context
from cptkit.rules.month import month_is_seen

__all__ = ["why_unjudged"]


def why_unjudged(encounter: Encounter, context: Context, line: Line, addon: AddOn) -> str:
    """Why an add-on, none of whose primaries is in the encounter, may have one; empty where it has none."""
    code = line.code
    if addon.is_open or addon.aoc_type in (2, 3):
        if not addon.primaries and addon.aoc_type not in (2, 3):
            return f"the primaries of {code} are not on record here, so none was looked for"
        return f"{code} has no closed list of primaries: the contractor decides whether the claim holds one"
    doubtful = sorted(addon.doubtful.intersection(other.code for other in encounter.lines))
    if doubtful:
        return f"whether {', '.join(doubtful)} is a primary of {code} is not settled: {addon.citation.note}"
    outside = ", ".join(sorted(addon.primaries & encounter.elsewhere))
    if outside:
        return f"{outside} stands on another claim of the day or without a clinician: it may be the primary of {code}"
    if encounter.incomplete:
        return f"a row that could not be read may be the primary of {code}"
    if not addon.same_day_edit:
        primaries = context.spelled(addon.primaries)
        if is_monthly(context, code, addon.primaries):
            if month_is_seen(encounter):
                return ""
            return (
                f"{code} has no same-day edit: its primary ({primaries}) may be on another day of the month"
            )
        return f"{code} has no same-day edit: its primary ({primaries}) may be on an earlier day"
    return ""
