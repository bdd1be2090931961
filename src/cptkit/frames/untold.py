"""What cannot be said of a table that has no column of modifiers, or none of minutes and clock times.

Where a column is missing, that a line has no modifier or no minutes is nothing that anybody billed: findings that
rest on it are not made, and counted as not checked.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from cptkit.edits import AddOnEdit, PtpEdit
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.registry import Rule
from cptkit.rules.report import Report

if TYPE_CHECKING:
    from cptkit.edits.telling import EditRow

__all__ = ["Untold", "untold"]

_TIME_MISSING = "time-missing"  # the rule that asks for minutes where there are none
_NO_MODIFIERS = "the input has no modifiers, and what is said rests on these"
_NO_TIME = "the input has neither minutes nor clock times"


@attrs.frozen(slots=True)
class Untold:
    """``reasons``: why a rule says nothing at all; ``lifted``: of which rules modifiers may lift what they find, and how."""

    reasons: Mapping[str, str]
    lifted: Mapping[str, str]

    def why(self, finding: Finding) -> str | None:
        """Why a finding is not made; None where it is."""
        return self.reasons.get(finding.rule) or self.for_want_of_modifiers(finding)

    def for_want_of_modifiers(self, finding: Finding) -> str | None:
        """The same, but for rules that say nothing at all."""
        how = self.lifted.get(finding.rule)
        if how is None or (how == "several" and len(finding.lines) == 1):
            return None
        if finding.edits and not any(map(_is_lifted, finding.edits)):
            return None
        return _NO_MODIFIERS

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
    lifted = {rule.row.id: rule.row.lifted for rule in rules if rule.row.lifted and not has_modifiers}
    reasons = {rule.row.id: _NO_TIME for rule in rules if not has_time and rule.row.name == _TIME_MISSING}
    return Untold(reasons, lifted)


def _is_lifted(row: "EditRow") -> bool:
    """Whether a modifier may lift what rests on a row of an edit table."""
    return not (isinstance(row, AddOnEdit) or (isinstance(row, PtpEdit) and row.indicator == 0))
