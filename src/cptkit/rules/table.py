"""The table of rules: the one place that says which rules exist.

A row can be read without importing the rule; the module is imported when the rule is first
selected. Rule ids never change their meaning; a retired id stays here with its status.
"""

import attrs

__all__ = ["EDIT_TABLES", "RULES", "RuleRow"]

EDIT_TABLES = frozenset({"ptp", "mue", "aoc", "pfs"})
"""The needs that published edit tables meet: pair edits, unit limits, add-on edits, fee-schedule indicators."""


@attrs.frozen(slots=True)
class RuleRow:
    """A rule's entry: ``module`` under ``cptkit.rules``, ``needs`` the tables it answers from."""

    id: str
    name: str
    module: str
    needs: tuple[str, ...]
    status: str = "stable"
    since: str = "0.1.0"

    @property
    def needs_edits(self) -> bool:
        """Whether it answers from published edit tables, which a catalog need not have."""
        return not EDIT_TABLES.isdisjoint(self.needs)


RULES: tuple[RuleRow, ...] = (
    RuleRow("ADD301", "add-on-without-primary", "add.add301_add_on_without_primary", ("addons",)),
    RuleRow(
        "ADD302",
        "add-on-without-published-primary",
        "add.add302_add_on_without_published_primary",
        ("addons", "aoc"),
    ),
    RuleRow(
        "ADD303",
        "add-on-with-denied-primary",
        "add.add303_add_on_with_denied_primary",
        ("addons", "conventions", "modifiers", "modifier-sets", "aoc", "mue", "ptp"),
    ),
    RuleRow("BHX501", "codes-exclude-each-other", "bhx.bhx501_codes_exclude_each_other", ("exclusions",)),
    RuleRow("COD101", "malformed-code", "cod.cod101_malformed_code", ()),
    RuleRow("COD102", "code-not-in-force", "cod.cod102_code_not_in_force", ("codes",)),
    RuleRow("COD103", "impossible-units", "cod.cod103_impossible_units", ()),
    RuleRow("DUP601", "duplicate-line", "dup.dup601_duplicate_line", ()),
    RuleRow("MOD201", "malformed-modifier", "mod.mod201_malformed_modifier", ()),
    RuleRow("MOD202", "unknown-modifier", "mod.mod202_unknown_modifier", ("modifiers",)),
    RuleRow("MOD203", "modifier-not-in-force", "mod.mod203_modifier_not_in_force", ("modifiers",)),
    RuleRow("MOD204", "modifiers-conflict", "mod.mod204_modifiers_conflict", ("modifiers", "modifier-sets")),
    RuleRow(
        "MUE801",
        "line-over-limit",
        "mue.mue801_line_over_limit",
        ("conventions", "modifiers", "modifier-sets", "mue"),
    ),
    RuleRow("MUE802", "day-over-policy-limit", "mue.mue802_day_over_policy_limit", ("conventions", "mue")),
    RuleRow(
        "MUE803", "day-over-clinical-limit", "mue.mue803_day_over_clinical_limit", ("conventions", "mue")
    ),
    RuleRow(
        "PFS901",
        "component-modifier-not-valid",
        "pfs.pfs901_component_modifier_not_valid",
        ("conventions", "pfs"),
    ),
    RuleRow(
        "PFS902",
        "bilateral-billing-not-valid",
        "pfs.pfs902_bilateral_billing_not_valid",
        ("conventions", "pfs"),
    ),
    RuleRow("PFS903", "assistant-not-payable", "pfs.pfs903_assistant_not_payable", ("conventions", "pfs")),
    RuleRow("PFS904", "co-surgeon-not-payable", "pfs.pfs904_co_surgeon_not_payable", ("conventions", "pfs")),
    RuleRow(
        "PFS905", "surgical-team-not-payable", "pfs.pfs905_surgical_team_not_payable", ("conventions", "pfs")
    ),
    RuleRow(
        "PFS906",
        "global-period-modifier-not-valid",
        "pfs.pfs906_global_period_modifier_not_valid",
        ("conventions", "modifiers", "pfs"),
    ),
    RuleRow("PFS907", "never-paid-separately", "pfs.pfs907_never_paid_separately", ("conventions", "pfs")),
    RuleRow(
        "PFS908",
        "not-payable-by-medicare",
        "pfs.pfs908_not_payable_by_medicare",
        ("conventions", "modifiers", "pfs"),
    ),
    RuleRow("PFS909", "paid-only-alone", "pfs.pfs909_paid_only_alone", ("conventions", "pfs")),
    RuleRow("PFS910", "restricted-coverage", "pfs.pfs910_restricted_coverage", ("conventions", "pfs")),
    RuleRow(
        "PTP701",
        "column-two-without-bypass",
        "ptp.ptp701_column_two_without_bypass",
        ("conventions", "modifiers", "modifier-sets", "ptp"),
    ),
    RuleRow(
        "PTP702",
        "mutually-exclusive-codes",
        "ptp.ptp702_mutually_exclusive_codes",
        ("conventions", "modifiers", "modifier-sets", "ptp"),
    ),
    RuleRow(
        "PTP703",
        "bypass-cannot-work",
        "ptp.ptp703_bypass_cannot_work",
        ("conventions", "modifiers", "modifier-sets", "ptp"),
    ),
    RuleRow("TIM401", "time-missing", "tim.tim401_time_missing", ("timerules",)),
    RuleRow("TIM402", "code-not-supported-by-time", "tim.tim402_code_not_supported_by_time", ("timerules",)),
    RuleRow(
        "TIM403", "units-not-supported-by-time", "tim.tim403_units_not_supported_by_time", ("timerules",)
    ),
    RuleRow("TIM404", "impossible-minutes", "tim.tim404_impossible_minutes", ("timerules",)),
    RuleRow("TIM405", "minutes-exceed-clock", "tim.tim405_minutes_exceed_clock", ("timerules",)),
    RuleRow(
        "TIM406",
        "more-time-than-billed",
        "tim.tim406_more_time_than_billed",
        ("addons", "codes", "timerules"),
    ),
    RuleRow("TIM407", "minutes-counted-twice", "tim.tim407_minutes_counted_twice", ("timerules",)),
    RuleRow(
        "TIM408",
        "prolonged-code-of-other-basis",
        "tim.tim408_prolonged_code_of_other_basis",
        ("addons", "timerules"),
    ),
    RuleRow("TIM409", "monthly-minutes-too-few", "tim.tim409_monthly_minutes_too_few", ("timerules",)),
)
