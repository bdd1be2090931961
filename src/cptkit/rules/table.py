"""The table of rules: the one place that says which rules exist.

A row can be read without importing the rule; the module is imported when the rule is first
selected. Rule ids never change their meaning; a retired id stays here with its status.
"""

import attrs

__all__ = ["RULES", "RuleRow"]


@attrs.frozen(slots=True)
class RuleRow:
    """A rule's entry: ``module`` under ``cptkit.rules``, ``needs`` the tables it answers from."""

    id: str
    name: str
    module: str
    needs: tuple[str, ...]
    status: str = "stable"
    since: str = "0.1.0"


RULES: tuple[RuleRow, ...] = (
    RuleRow("ADD301", "add-on-without-primary", "add.add301_add_on_without_primary", ("addons",)),
    RuleRow("BHX501", "codes-exclude-each-other", "bhx.bhx501_codes_exclude_each_other", ("exclusions",)),
    RuleRow("COD101", "malformed-code", "cod.cod101_malformed_code", ()),
    RuleRow("COD102", "code-not-in-force", "cod.cod102_code_not_in_force", ("codes",)),
    RuleRow("COD103", "impossible-units", "cod.cod103_impossible_units", ()),
    RuleRow("DUP601", "duplicate-line", "dup.dup601_duplicate_line", ()),
    RuleRow("MOD201", "malformed-modifier", "mod.mod201_malformed_modifier", ()),
    RuleRow("MOD202", "unknown-modifier", "mod.mod202_unknown_modifier", ("modifiers",)),
    RuleRow("MOD203", "modifier-not-in-force", "mod.mod203_modifier_not_in_force", ("modifiers",)),
    RuleRow("MOD204", "modifiers-conflict", "mod.mod204_modifiers_conflict", ("modifiers", "modifier-sets")),
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
