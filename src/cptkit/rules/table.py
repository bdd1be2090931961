"""The table of rules: the one place that says which rules exist.

A row can be read without importing the rule; the module is imported when the rule is first
selected. Rule ids never change their meaning; an id or name that is given up stays in ``REDIRECTS``.
"""

from collections.abc import Mapping

from cptkit.rules.rows import EDIT_TABLES, HISTORY, NEEDS, PAYER_FACTS, RuleRow, RuleStatus, RuleTable

__all__ = [
    "EDIT_TABLES",
    "HISTORY",
    "NEEDS",
    "PAYER_FACTS",
    "REDIRECTS",
    "RULES",
    "TABLE",
    "RuleRow",
    "RuleStatus",
    "RuleTable",
]

REDIRECTS: Mapping[str, str] = {}
"""Old ids and names of bundled rules, each with the id that took its place."""

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
    RuleRow(
        "ADD304",
        "add-on-with-modifier",
        "add.add304_add_on_with_modifier",
        ("addons", "conventions", "modifiers"),
        looks_at="modifiers",
    ),
    RuleRow(
        "ADD305",
        "add-on-barred-by-visit-modifier",
        "add.add305_add_on_barred_by_visit_modifier",
        ("conventions",),
        looks_at="modifiers",
    ),
    RuleRow(
        "BHX501",
        "codes-exclude-each-other",
        "bhx.bhx501_codes_exclude_each_other",
        ("conventions", "exclusions"),
    ),
    RuleRow(
        "BHX502",
        "licence-modifier-missing",
        "bhx.bhx502_licence_modifier_missing",
        ("conventions", "modifiers", "profile/licence-modifiers", "profile/licence-modifiers-refused"),
    ),
    RuleRow("COD101", "malformed-code", "cod.cod101_malformed_code", ()),
    RuleRow("COD102", "code-not-in-force", "cod.cod102_code_not_in_force", ("codes",)),
    RuleRow("COD103", "impossible-units", "cod.cod103_impossible_units", ()),
    RuleRow("COD104", "tracking-code-with-charge", "cod.cod104_tracking_code_with_charge", ("conventions",)),
    RuleRow("COD105", "unlisted-code", "cod.cod105_unlisted_code", ("conventions",)),
    RuleRow(
        "DOC001",
        "note-to-be-read",
        "doc.doc001_note_to_be_read",
        ("profile/note-holds",),
        RuleStatus.PREVIEW,
    ),
    RuleRow(
        "DUP601",
        "duplicate-line",
        "dup.dup601_duplicate_line",
        ("conventions", "modifiers", "modifier-sets"),
    ),
    RuleRow("DUP602", "two-visits", "dup.dup602_two_visits", ("conventions",)),
    RuleRow(
        "FRQ001",
        "new-patient-seen-before",
        "frq.frq001_new_patient_seen_before",
        ("codes", "conventions", "history"),
    ),
    RuleRow(
        "FRQ002",
        "evaluation-repeated",
        "frq.frq002_evaluation_repeated",
        ("conventions", "history", "timerules"),
    ),
    RuleRow("FRQ003", "monthly-code-repeated", "frq.frq003_monthly_code_repeated", ("history", "timerules")),
    RuleRow(
        "FRQ004",
        "day-over-payer-limit",
        "frq.frq004_day_over_payer_limit",
        ("profile/minutes-a-day", "profile/sessions-a-day", "profile/units-a-day"),
    ),
    RuleRow(
        "FRQ005",
        "span-over-payer-limit",
        "frq.frq005_span_over_payer_limit",
        (
            "history",
            *(f"profile/sessions-{span}" for span in ("a-week", "a-year", "in-days", "in-months")),
            *(f"profile/units-{span}" for span in ("a-week", "a-year", "in-days", "in-months")),
        ),
    ),
    RuleRow("MOD201", "malformed-modifier", "mod.mod201_malformed_modifier", (), looks_at="modifiers"),
    RuleRow(
        "MOD202", "unknown-modifier", "mod.mod202_unknown_modifier", ("modifiers",), looks_at="modifiers"
    ),
    RuleRow(
        "MOD203",
        "modifier-not-in-force",
        "mod.mod203_modifier_not_in_force",
        ("modifiers",),
        looks_at="modifiers",
    ),
    RuleRow(
        "MOD204",
        "modifiers-conflict",
        "mod.mod204_modifiers_conflict",
        ("modifiers", "modifier-sets"),
        looks_at="modifiers",
    ),
    RuleRow(
        "MOD205",
        "too-many-modifiers",
        "mod.mod205_too_many_modifiers",
        ("conventions", "modifiers"),
        looks_at="modifiers",
    ),
    RuleRow(
        "MOD206",
        "modifiers-out-of-order",
        "mod.mod206_modifiers_out_of_order",
        ("conventions", "modifiers", "modifier-sets"),
        looks_at="modifiers",
    ),
    RuleRow(
        "MOD207",
        "modifier-does-not-fit-code",
        "mod.mod207_modifier_does_not_fit_code",
        ("addons", "codes", "conventions", "modifiers"),
        looks_at="modifiers",
    ),
    RuleRow(
        "MOD208",
        "modifier-missing",
        "mod.mod208_modifier_missing",
        ("conventions", "modifiers", "modifier-sets"),
    ),
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
        "PAY101",
        "service-not-covered",
        "pay.pay101_service_not_covered",
        ("modifiers", "profile/not-covered"),
    ),
    RuleRow(
        "PAY102",
        "charge-over-allowed-amount",
        "pay.pay102_charge_over_allowed_amount",
        ("profile/allowed-amount",),
    ),
    RuleRow("PAY103", "filed-too-late", "pay.pay103_filed_too_late", ("profile/filing-days",)),
    RuleRow(
        "PFS901",
        "component-modifier-not-valid",
        "pfs.pfs901_component_modifier_not_valid",
        ("conventions", "pfs"),
        looks_at="modifiers",
    ),
    RuleRow(
        "PFS902",
        "bilateral-billing-not-valid",
        "pfs.pfs902_bilateral_billing_not_valid",
        ("conventions", "pfs"),
        looks_at="modifiers",
    ),
    RuleRow(
        "PFS903",
        "assistant-not-payable",
        "pfs.pfs903_assistant_not_payable",
        ("conventions", "pfs"),
        looks_at="modifiers",
    ),
    RuleRow(
        "PFS904",
        "co-surgeon-not-payable",
        "pfs.pfs904_co_surgeon_not_payable",
        ("conventions", "pfs"),
        looks_at="modifiers",
    ),
    RuleRow(
        "PFS905",
        "surgical-team-not-payable",
        "pfs.pfs905_surgical_team_not_payable",
        ("conventions", "pfs"),
        looks_at="modifiers",
    ),
    RuleRow(
        "PFS906",
        "global-period-modifier-not-valid",
        "pfs.pfs906_global_period_modifier_not_valid",
        ("conventions", "modifiers", "pfs"),
        looks_at="modifiers",
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
        "PFS911",
        "visit-inside-global-period",
        "pfs.pfs911_visit_inside_global_period",
        ("conventions", "history", "pfs"),
    ),
    RuleRow(
        "POS001",
        "unknown-place-of-service",
        "pos.pos001_unknown_place_of_service",
        ("conventions",),
        looks_at="places",
    ),
    RuleRow(
        "POS002",
        "place-and-telehealth-modifier-disagree",
        "pos.pos002_place_and_telehealth_modifier_disagree",
        ("codes", "conventions", "modifier-sets"),
    ),
    RuleRow(
        "POS003",
        "place-does-not-fit-code",
        "pos.pos003_place_does_not_fit_code",
        ("codes", "conventions"),
        looks_at="places",
    ),
    RuleRow(
        "POS004",
        "code-not-on-telehealth-list",
        "pos.pos004_code_not_on_telehealth_list",
        ("codes", "conventions", "modifiers", "modifier-sets", "pfs", "telehealth"),
    ),
    RuleRow(
        "POS005",
        "telehealth-modifier-contradicts-code",
        "pos.pos005_telehealth_modifier_contradicts_code",
        ("conventions", "modifier-sets"),
        looks_at="modifiers",
    ),
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
        looks_at="modifiers",
    ),
    RuleRow("TIM401", "time-missing", "tim.tim401_time_missing", ("modifier-sets", "timerules")),
    RuleRow(
        "TIM402",
        "code-not-supported-by-time",
        "tim.tim402_code_not_supported_by_time",
        ("modifier-sets", "timerules"),
    ),
    RuleRow(
        "TIM403",
        "units-not-supported-by-time",
        "tim.tim403_units_not_supported_by_time",
        ("modifier-sets", "timerules"),
    ),
    RuleRow("TIM404", "impossible-minutes", "tim.tim404_impossible_minutes", ("modifier-sets", "timerules")),
    RuleRow(
        "TIM405", "minutes-exceed-clock", "tim.tim405_minutes_exceed_clock", ("modifier-sets", "timerules")
    ),
    RuleRow(
        "TIM406",
        "more-time-than-billed",
        "tim.tim406_more_time_than_billed",
        ("addons", "codes", "modifier-sets", "timerules"),
    ),
    RuleRow(
        "TIM407", "minutes-counted-twice", "tim.tim407_minutes_counted_twice", ("modifier-sets", "timerules")
    ),
    RuleRow(
        "TIM408",
        "prolonged-code-of-other-basis",
        "tim.tim408_prolonged_code_of_other_basis",
        ("addons", "modifier-sets", "timerules"),
    ),
    RuleRow(
        "TIM409",
        "monthly-minutes-too-few",
        "tim.tim409_monthly_minutes_too_few",
        ("modifier-sets", "timerules"),
    ),
)

TABLE: RuleTable = RuleTable(RULES, REDIRECTS)
"""The bundled rules."""
