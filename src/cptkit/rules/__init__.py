"""The rule book: check claims, and say what was found, bypassed and not checked."""

from cptkit.rules.engine import check, check_claims
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity, apply_fix
from cptkit.rules.registry import Rule, rule, selected
from cptkit.rules.report import Report
from cptkit.rules.table import RULES, RuleRow

__all__ = [
    "RULES",
    "Finding",
    "Fix",
    "FixKind",
    "NotChecked",
    "Outcome",
    "Report",
    "Rule",
    "RuleRow",
    "Severity",
    "apply_fix",
    "check",
    "check_claims",
    "rule",
    "selected",
]
