"""What only a payer sets: rules of it run where a profile holds it, and its values are read strictly."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, History, Line, check, check_claims
from cptkit.errors import BrokenProfile
from cptkit.rules import RULES
from cptkit.rules.context import context_for
from cptkit.rules.profiles.context import payer_facts
from cptkit.rules.profiles.payer_facts import facts_by_code, is_payer_fact, require_fact
from cptkit.rules.profiles.reading import bundled_profiles, profile_of
from cptkit.rules.profiles.shape import is_read, require_value
from cptkit.rules.rows import NEEDS, PAYER_FACTS
from cptkit.testing.case_profiles import case_profile

DAY = dt.date(2026, 3, 2)
OF_PAYERS = {row.id for row in RULES if row.payer_facts}
OF_ALL = {"BHX502", "FRQ004", "FRQ005", "PAY101", "PAY102", "PAY103"}


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_editions("2026.1")


@pytest.fixture
def claim():
    line = Line("97153", units=33, minutes=495, modifiers="HM", date_of_service=DAY, rendering_provider="A")
    return Claim([line], id="C-1", patient="P")


def made(**conventions):
    """A profile of conventions, whose names are spelled with underscores for hyphens and slashes."""
    named = {name.replace("__", "/").replace("_", "-"): value for name, value in conventions.items()}
    return case_profile(named, Basis.CPT)


def ran(report):
    return OF_PAYERS.intersection(report.rules), OF_PAYERS.intersection(report.left_out)


# ---- who runs --------------------------------------------------------------------------------------


def test_there_are_such_rules():
    assert {*OF_ALL, "DOC001"} == OF_PAYERS
    assert {name for row in RULES for name in row.payer_facts} == PAYER_FACTS
    assert {f"profile/{name}" for name in PAYER_FACTS} < NEEDS


@pytest.mark.parametrize("profile", [None, "cpt", "bcbs-illinois", "medicare"])
def test_without_such_facts_they_are_left_out_and_named(catalog, claim, profile):
    for report in (check(claim, catalog, profile=profile), check_claims([claim], catalog, profile=profile)):
        assert ran(report) == (set(), OF_ALL)
        assert report.clean


@pytest.mark.parametrize(
    ("profile", "runs"),
    [
        ("optum-commercial", {"BHX502", "FRQ004"}),
        ("medicaid-arizona", {"BHX502"}),
        ("bcbs-oklahoma", {"FRQ005"}),
        ("tricare", {"FRQ004", "FRQ005"}),
        ("ngs", set()),
    ],
)
def test_those_run_whose_facts_the_profile_holds(catalog, claim, profile, runs):
    report = check(claim, catalog, profile=profile, history=[])
    assert ran(report) == (runs, OF_ALL - runs)


def test_a_limit_of_a_span_needs_a_history_too(catalog, claim):
    assert ran(check(claim, catalog, profile="tricare")) == ({"FRQ004"}, OF_ALL - {"FRQ004"})


@pytest.mark.parametrize("rule_id", sorted(OF_PAYERS))
def test_one_that_is_named_runs_and_has_not_checked(catalog, claim, rule_id):
    for profile in (None, "cpt"):
        report = check(claim, catalog, profile=profile, select=["ALL", rule_id], history=[])
        assert rule_id in report.rules
        (entry,) = (entry for entry in report.not_checked if entry.rule == rule_id)
        assert (entry.lines, entry.reason.startswith("no profile says ")) == (("1",), True)


def test_profiles_of_one_name_are_told_apart_by_what_they_hold(catalog, claim):
    with_limit, without = made(units_a_day__97153="32 for 97153"), made()
    for _ in range(2):
        assert ran(check(claim, catalog, profile=with_limit))[0] == {"FRQ004"}
        assert ran(check(claim, catalog, profile=without))[0] == set()


# ---- the rule of notes is a preview ----------------------------------------------------------------


@pytest.fixture
def session():
    return Claim([Line("90834", minutes=45, date_of_service=DAY)], id="C-1")


@pytest.mark.parametrize("select", [["DOC"], ["ALL", "DOC001"], ["note-to-be-read"], ["ALL", "PREVIEW"]])
def test_notes_are_listed_where_it_is_named_beside_a_profile(catalog, session, select):
    report = check(session, catalog, profile="medicare", select=select)
    assert [finding.rule for finding in report.findings] == ["DOC001"]


@pytest.mark.parametrize("profile", ["medicare", "ngs"])
def test_notes_are_no_part_of_all(catalog, session, profile):
    for select in (["ALL"], ["BHX"]):
        report = check(session, catalog, profile=profile, select=[*select, "TIM"])
        assert "DOC001" not in {*report.rules, *report.left_out}
    assert check(session, catalog, profile=profile).clean


def test_a_profile_may_ask_for_it(catalog, session):
    asking = attrs.evolve(profile_of("ngs"), select=("ALL", "DOC"))
    assert [finding.rule for finding in check(session, catalog, profile=asking).findings] == ["DOC001"]
    assert not check(session, catalog, profile=asking, ignore=["DOC"]).findings


def test_a_profile_that_leaves_it_out_keeps_it_out(catalog, session):
    for change in ({"ignore": ("DOC",)}, {"select": ("TIM",)}):
        narrow = attrs.evolve(profile_of("ngs"), **change)
        report = check(session, catalog, profile=narrow, select=["TIM", "DOC"])
        assert {rule_id[:3] for rule_id in report.rules} == {"TIM"}


# ---- lines that were lost --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("units_a_day__97153", "more of it may stand on the day"),
        ("units_a_week__97153", "a row that could not be read may be of any day"),
    ],
)
def test_a_row_that_was_lost_may_hold_more(catalog, claim, name, reason):
    history, profile = History([], since=dt.date(2026, 1, 1)), made(**{name: "40 for 97153"})
    for incomplete in ((), ("C-1",)):
        report = check_claims(
            [claim],
            catalog,
            profile=profile,
            select=["FRQ004", "FRQ005"],
            history=history,
            incomplete=incomplete,
        )
        told = [entry.reason for entry in report.not_checked if entry.reason.startswith(reason)]
        assert len(told) == len(incomplete)
        assert not report.findings


def test_a_history_that_is_not_complete_is_told_before_a_row_that_was_lost(catalog, claim):
    profile = made(units_a_week__97153="40 for 97153")
    report = check_claims(
        [claim], catalog, profile=profile, select=["FRQ005"], history=[], incomplete=["C-1"]
    )
    assert [entry.reason for entry in report.not_checked] == [
        "nobody says from which day the history of the patient is complete"
    ]


def test_what_stands_on_several_claims_is_told_of_each(catalog, claim):
    claims = [claim, attrs.evolve(claim, id="C-2")]
    report = check_claims(claims, catalog, profile=made(units_a_day__97153="40 for 97153"), history=[])
    found = [
        (each.claim, each.message.partition(",")[0]) for each in report.findings if each.rule == "FRQ004"
    ]
    assert found == [("C-1", "97153: 66 units"), ("C-2", "97153: 66 units")]


def test_claims_of_another_setting_are_not_counted(catalog, claim):
    profile = made(units_a_week__97153="40 for 97153", units_a_day__97153="40 for 97153")
    for setting, found in (("practitioner", ["FRQ004", "FRQ005"]), ("hospital", [])):
        beside = attrs.evolve(claim, id="C-2", setting=setting)
        report = check(claim, catalog, profile=profile, select=["FRQ004", "FRQ005"], history=[beside])
        assert [finding.rule for finding in report.findings] == found


def test_the_order_of_lines_changes_nothing(cases):
    own = [case for case in cases if case.rule in OF_PAYERS and len(case.lines) > 1]
    assert {case.rule for case in own} == OF_PAYERS - {"FRQ005"}
    for case in own:
        turned = attrs.evolve(case.claim, lines=case.claim.lines[::-1])
        assert case.check(turned, select=[case.rule]) == case.check(select=[case.rule]), case


def test_no_patient_no_history(catalog, claim):
    nobody = attrs.evolve(claim, patient="")
    profile = made(units_a_year__97153="40 for 97153", units_a_day__97153="40 for 97153")
    report = check(nobody, catalog, profile=profile, select=["FRQ004", "FRQ005"], history=[claim])
    assert [entry.reason for entry in report.not_checked] == [
        "the claim names no patient, so no history is anybody's"
    ]


# ---- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units-a-day/97153", "32 for 97153"),
        ("sessions-a-day/individual", "1 for 90834 90837 unless 90839 90840"),
        ("sessions-a-week/long", "usually 2 for 90837"),
        ("minutes-a-day/all", "unknown for 90837"),
        ("units-a-year/0362T", "9999 for 0362T H2019"),
        ("units-in-days/97151", "usually 16 in 14 days for 97151"),
        ("units-in-months/97151", "usually 12 in 12 months for 97151"),
        ("sessions-in-months/long", "8 in 1 month for 90837"),
        ("licence-modifiers/all", "HM HO for 97151"),
        ("licence-modifiers-refused/HM", "HM for 97151 97155"),
        ("note-holds/group", "90853"),
        ("not-covered/family", "90846 90849"),
        ("not-covered/family", "usually 90846"),
        ("not-covered/family", "unknown for 90846"),
        ("allowed-amount/90834", "0.01 for 90834"),
        ("allowed-amount/long", "999999.99 for 90837 90838"),
        ("allowed-amount/long", "unknown for 90837"),
        ("filing-days/mine", "1 for all"),
        ("filing-days/mine", "usually 9999 for all"),
        ("filing-days/mine", "unknown for all"),
    ],
)
def test_a_value_that_is_read(name, value):
    assert is_payer_fact(name)
    assert is_read(name)
    require_value(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units-a-day/97153", ""),
        ("units-a-day/97153", "32"),
        ("units-a-day/97153", "32 for "),
        ("units-a-day/97153", "32 for 9715"),
        ("units-a-day/97153", "32 for 97153 or"),
        ("units-a-day/97153", "-1 for 97153"),
        ("units-a-day/97153", "10000 for 97153"),
        ("units-a-day/97153", "32 for 97153 unless"),
        ("units-a-day/97153", "32 for 97153 unless 9083"),
        ("units-a-day/97153", "usually for 97153"),
        ("units-a-day/97153", "32 in 14 days for 97153"),
        ("units-in-days/97151", "16 for 97151"),
        ("units-in-days/97151", "16 in 2 months for 97151"),
        ("units-in-months/97151", "16 in 60 days for 97151"),
        ("units-in-months/97151", "16 for 97151"),
        ("units-a-year/97151", "16 in 12 months for 97151"),
        ("licence-modifiers/all", "HOM for 97151"),
        ("licence-modifiers/all", "97151"),
        ("note-holds/group", "12 for 90853"),
        ("note-holds/group", " "),
        ("not-covered/family", "usually"),
        ("not-covered/family", "unknown 90846"),
        ("not-covered/family", "90846 unless 90847"),
        ("not-covered/family", "9084"),
        ("allowed-amount/90834", "110 for 90834"),
        ("allowed-amount/90834", "110.5 for 90834"),
        ("allowed-amount/90834", "-1.00 for 90834"),
        ("allowed-amount/90834", "$1.00 for 90834"),
        ("allowed-amount/90834", "0.00 for 90834"),
        ("allowed-amount/90834", "000.00 for 90834"),
        ("allowed-amount/90834", "1000000.00 for 90834"),
        ("allowed-amount/90834", "usually 1.00 for 90834"),
        ("allowed-amount/90834", "1.00 for all"),
        ("allowed-amount/90834", "1.00 for "),
        ("filing-days/mine", "0 for all"),
        ("filing-days/mine", "090 for all"),
        ("filing-days/mine", "90.5 for all"),
        ("filing-days/mine", "10000 for all"),
        ("filing-days/mine", "90 for 90834"),
        ("filing-days/mine", "90"),
    ],
)
def test_a_value_that_is_not(name, value):
    for read in (require_value, require_fact):
        with pytest.raises(BrokenProfile, match="the rules cannot read it") as caught:
            read(name, value)
        assert caught.value.expected.startswith("such as '")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("units-in-days/97151", "5 in 0 days for 97151", "a span of no days limits nothing"),
        ("units-in-months/97151", "5 in 0 months for 97151", "a span of no months limits nothing"),
        ("units-in-days/97151", "unknown in 000 days for 97151", "a span of no days limits nothing"),
        ("units-a-day/97153", "32 for 97153 unless 97153", "97153 would lift the limit that it is under"),
        ("sessions-a-day/all", "1 for 90834 90837 unless 90839 90837", "90837 would lift the limit"),
    ],
)
def test_a_limit_that_limits_nothing(name, value, words):
    for read in (require_value, require_fact):
        with pytest.raises(BrokenProfile, match=words) as caught:
            read(name, value)
        assert caught.value.given == value


def test_nothing_is_paid(catalog, claim):
    profile = made(units_a_day__97153="0 for 97153")
    (found,) = check(claim, catalog, profile=profile, select=["FRQ004"]).findings
    assert found.message == "97153: 33 units, and the payer pays 0 a day"


@pytest.mark.parametrize("name", ["units-a-day", "units-a-day/", "units-a-day/a b", "unit-a-day/97153"])
def test_a_name_that_is_none(name):
    assert not is_payer_fact(name)
    with pytest.raises(BrokenProfile, match="no rule reads such a fact") as caught:
        is_read(name)
    if name.startswith("unit-"):
        assert caught.value.near
    else:
        assert caught.value.expected == "units-a-day/LABEL, the label being your own"
        lacking = "a label is missing" in str(caught.value)
        assert lacking is not name.endswith("b")


def test_a_value_that_nobody_read_is_refused_by_the_check(catalog, claim):
    (limit,) = made(units_a_day__97153="32 for 97153").conventions
    broken = attrs.evolve(made(), conventions=(attrs.evolve(limit, value="many"),))
    with pytest.raises(BrokenProfile, match="the rules cannot read it: 'many'"):
        check(claim, catalog, profile=broken)


def test_every_bundled_fact_is_read():
    held = set[str]()
    for name in bundled_profiles():
        profile = profile_of(name)
        facts = facts_by_code(profile, DAY, PAYER_FACTS) or {}
        held.update(fact.heading for told in facts.values() for fact in told)
    assert held >= {"units-a-day", "sessions-a-day", "minutes-a-day", "units-a-year", "units-in-days"}
    assert held >= {"licence-modifiers", "licence-modifiers-refused", "note-holds"}


def test_a_fact_as_it_stands_on_the_day():
    (first,) = made(units_a_day__a={"value": "8 for 97153", "from": dt.date(2026, 1, 1)}).conventions
    later = attrs.evolve(first, value="9 for 97153", first_day=dt.date(2026, 2, 1))
    for rows in ((first, later), (later, first)):
        profile = attrs.evolve(made(), conventions=rows)
        days = [dt.date(2025, 12, 31), first.first_day, dt.date(2026, 1, 31), later.first_day, DAY]
        found = [facts_by_code(profile, day, frozenset({"units-a-day"}))["97153"][0] for day in days]
        assert {(fact.days, fact.months) for fact in found} == {(0, 0)}
        assert [fact.most if fact.known else None for fact in found] == [None, 8, 8, 9, 9]
    assert facts_by_code(profile, DAY, frozenset({"note-holds"})) is None


def test_no_payer_without_a_profile(catalog):
    (edition,) = catalog.editions
    assert payer_facts(context_for(edition, DAY, Basis.CPT), PAYER_FACTS) is None
