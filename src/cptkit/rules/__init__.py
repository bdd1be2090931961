"""The rule book: check claims, and say what was found, bypassed and not checked."""

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use
from cptkit.rules.engine import check, check_claims
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity, apply_fix
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.registry import DeprecatedRule, Rule, rule, selected
from cptkit.rules.report import GivenHistory, Report
from cptkit.rules.table import RULES, RuleRow, RuleStatus, RuleTable
from cptkit.rules.waivers import IdleWaiver, Waived, Waiver, WaiverState

if TYPE_CHECKING:
    from cptkit.rules.profiles.reading import bundled_profiles as bundled_profiles
    from cptkit.rules.profiles.reading import load_profile as load_profile
    from cptkit.rules.waiver_files import load_waivers as load_waivers

__all__ = [
    "RULES",
    "DeprecatedRule",
    "Finding",
    "Fix",
    "FixKind",
    "GivenHistory",
    "IdleWaiver",
    "NotChecked",
    "Outcome",
    "Profile",
    "Report",
    "Rule",
    "RuleRow",
    "RuleStatus",
    "RuleTable",
    "Severity",
    "Waived",
    "Waiver",
    "WaiverState",
    "apply_fix",
    "bundled_profiles",
    "check",
    "check_claims",
    "load_profile",
    "load_waivers",
    "rule",
    "selected",
]

_HOMES = {
    "bundled_profiles": "profiles.reading",
    "load_profile": "profiles.reading",
    "load_waivers": "waiver_files",
}


def __getattr__(name: str) -> Any:
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
