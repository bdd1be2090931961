"""What cannot be said of a table that has no column of modifiers, or none of minutes and clock times.

Where a column is missing, that a line has no modifier or no minutes is nothing that anybody billed: findings that
rest on it are not made, and counted as not checked.
"""

from collections.abc import Mapping, Sequence

import attrs

from cptkit.edits import PtpEdit
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.registry import Rule
from cptkit.rules.report import Report

__all__ = ["Untold", "untold"]

_BYPASSED = "**Bypassed**"
_TIME_MISSING = "time-missing"  # the rule that asks for minutes where there are none
_NO_MODIFIERS = "the input has no modifiers, and what is said rests on these"
_NO_TIME = "the input has neither minutes nor clock times"


@attrs.frozen(slots=True)
class Untold:
    """``reasons``: why nothing is said, by rule."""

    reasons: Mapping[str, str]

    def why(self, finding: Finding) -> str | None:
        """Why a finding is not made; None where it is."""
        pairs = [edit for edit in finding.edits if isinstance(edit, PtpEdit)]
        if pairs and pairs[0].indicator == 0:  # nothing bypasses such a pair
            return None
        return self.reasons.get(finding.rule)

    def of_report(self, report: Report) -> Report:
        """The report without findings that are not made: their lines are not checked."""
        whys = [(finding, self.why(finding)) for finding in (*report.findings, *report.bypassed)]
        told = {id(finding) for finding, why in whys if why is None}
        unchecked = [
            NotChecked(each.rule, each.name, each.claim, each.lines, each.date_of_service, why)
            for each, why in whys
            if why is not None
        ]
        if not unchecked:
            return report
        return attrs.evolve(
            report,
            findings=tuple(each for each in report.findings if id(each) in told),
            bypassed=tuple(each for each in report.bypassed if id(each) in told),
            not_checked=(*report.not_checked, *dict.fromkeys(unchecked)),
        )


def untold(rules: Sequence[Rule], *, has_modifiers: bool, has_time: bool) -> Untold:
    """What is not said by rules of a table with these columns, or without."""
    reasons = {
        rule.row.id: _NO_MODIFIERS for rule in rules if not has_modifiers and _rests_on_modifiers(rule)
    }
    reasons |= {rule.row.id: _NO_TIME for rule in rules if not has_time and rule.row.name == _TIME_MISSING}
    return Untold(reasons)


def _rests_on_modifiers(rule: Rule) -> bool:
    """Whether a modifier may lift what a rule finds, or its absence is what it finds."""
    return _BYPASSED in rule.doc or "modifier" in rule.row.name
