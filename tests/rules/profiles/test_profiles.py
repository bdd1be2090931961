"""What a profile changes of a report, and what it leaves as it is."""

import datetime as dt
from pathlib import Path

import attrs
import pytest

import cptkit
from cptkit import Basis, Catalog, Claim, Line, Profile, Severity, UnitPolicy, check, check_claims
from cptkit.errors import BrokenProfile, UnknownProfile, UnknownRule
from cptkit.rules import bundled_profiles, load_profile
from cptkit.rules.profiles.context import profiled_context
from cptkit.rules.profiles.reading import profile_of
from cptkit.testing.edit_tables import write_edit_tables

DAY = dt.date(2024, 8, 5)
CITED = 'sources = ["BCBSIL-PSY"], confidence = "verified", checked = 2026-03-02, note = "By letter."'


def history(name, *rows):
    lines = "".join(
        f'  {{ from = {day}, value = "{value}", text = "own words", {CITED} }},\n' for day, value in rows
    )
    return f'[[convention]]\nname = "{name}"\nhistory = [\n{lines}]\n'


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    rows = {
        "ptp practitioner 2024q3": ["97530 97140 1"],
        "mue practitioner 2024q3": ["90853 1 2", "90847 3 3"],
    }
    write_edit_tables(folder, rows)
    return folder


@pytest.fixture(scope="module")
def with_tables(tables):
    return Catalog.bundled(tables=tables)


def line(code="90834", minutes=None, **more):
    return Line(code, minutes=minutes, date_of_service=more.pop("day", DAY), **more)


def said(report):
    return [(finding.rule, finding.severity.value) for finding in report.findings]


# ---- bundled ones ------------------------------------------------------------------------------------


def test_the_bundled_profiles():
    assert {"cpt", "medicare"} < set(bundled_profiles())
    for name in bundled_profiles():
        profile = profile_of(name)
        assert (profile.id, type(profile)) == (name, Profile)
        assert profile_of(name) is profile
        assert profile_of(profile) is profile


@pytest.mark.parametrize("basis", Basis)
def test_the_profile_of_a_basis_says_what_the_basis_says(basis, with_tables):
    lines = [
        line("97110", 24, units=2),
        line("97140", 8, units=1),
        line("97530", 16, units=2),
        line("99215", 80),
        line("99417", 15),
        line("90847", units=4),
        line("27447"),
    ]
    claims = [Claim(lines, id="C-1"), Claim([line("90837", 50)], id="C-2")]
    plain = check_claims(claims, with_tables, basis=basis)
    assert plain.findings
    assert plain.profile is None
    profiled = check_claims(claims, with_tables, profile=basis.value)
    assert profiled.profile == profile_of(basis.value).pin
    assert attrs.evolve(profiled, profile=None) == plain


def test_a_contractor_tells_a_pair_by_its_own_codes(with_tables):
    claim = Claim([line("97530", 15), line("97140", 15)])
    (plain,) = check(claim, with_tables, basis="medicare", select=["PTP"]).findings
    (told,) = check(claim, with_tables, profile="noridian", select=["PTP"]).findings
    assert (plain.denial.group, plain.denial.carc) == ("CO", "236")
    assert (told.denial.group, told.denial.carc, told.denial.rarc) == ("CO", "B15", ("M80",))
    assert told.denial.citation.sources == ("NOR-BUNDLE",)
    assert attrs.evolve(told, denial=plain.denial) == plain


# ---- the values of a profile -------------------------------------------------------------------------


def test_a_general_fact_of_a_profile_comes_first(profile, with_tables):
    claim = Claim([line("90847", 50, units=2), line("90847", 50, units=2)])
    (plain,) = check(claim, with_tables, select="MUE").findings
    assert plain.rule == "MUE803"
    mine = profile(history("mue-mai/3", ("2024-01-01", "line")))
    (told,) = check(claim, with_tables, profile=mine, select="MUE").findings
    assert (told.rule, told.severity) == ("MUE801", Severity.WARNING)
    first, *others = told.evidence
    assert (first.fact, first.sources, first.note) == (
        "profiles/mine/mue-mai/3@2024-01-01",
        ("BCBSIL-PSY",),
        "By letter.",
    )
    assert {each.fact.partition("/")[0] for each in others} == {"conventions"}


def test_a_general_fact_holds_from_its_first_day(profile):
    mine = profile(history("mue-mai/3", ("2024-08-06", "day"), ("2024-08-04", "line")))
    codeset = cptkit.codeset("2024.1")
    values = [
        profiled_context(codeset, dt.date(2024, 8, day), mine).convention("mue-mai/3")
        for day in (3, 4, 5, 6, 7)
    ]
    assert [value.value for value in values] == ["day", "line", "line", "day", "day"]
    assert ["profiles/" in value.citation.fact for value in values] == [False, True, True, True, True]


def test_what_a_profile_does_not_say_is_as_before(profile):
    context = profiled_context(cptkit.codeset("2024.1"), DAY, profile())
    assert context.convention("mue-mai/3").citation.fact.startswith("conventions/")
    assert context.convention("no such fact") is None
    assert context.denial("ptp-bundled").carc == "236"
    assert context.denial("no such finding") is None


def test_numbers_and_codes_that_stand_where_such_are_on_record(profile):
    mine = profile(
        history("evaluation-again-months", ("2024-01-01", "12"))
        + history("telehealth-modifier-codes", ("2024-01-01", "90834 90837"))
        + history("telehealth-modifiers", ("2024-01-01", "GT"))
        + history("new-patient/99000", ("2024-01-01", "visit"))
        + history("mue-separate-line", ("2024-01-01", "distinct"))
    )
    assert [each.value for each in mine.conventions] == ["12", "90834 90837", "GT", "visit", "distinct"]


POLICIES = {None: None, "medicare-total": UnitPolicy.MEDICARE_TOTAL, "cpt-per-code": UnitPolicy.CPT_PER_CODE}


@pytest.mark.parametrize(
    ("basis", "policy", "totals"),
    [
        ("cpt", None, False),
        ("cpt", "medicare-total", True),
        ("cpt", "cpt-per-code", False),
        ("medicare", None, True),
        ("medicare", "medicare-total", True),
        ("medicare", "cpt-per-code", False),
    ],
)
def test_the_unit_policy(profile, basis, policy, totals):
    """Two times 7 minutes: a unit of the total of the day, and none of each code alone."""
    text = "" if policy is None else f'unit_policy = "{policy}"\n'
    mine = profile(text, head=f'format = 1\nid = "mine"\ntitle = "Mine"\nbasis = "{basis}"\n')
    assert (mine.unit_policy, mine.totals_minutes) == (POLICIES[policy], totals)
    claim = Claim([line("97110", 8), line("97140", 7)])
    found = check(claim, Catalog.bundled(), profile=mine, select="TIM").findings
    assert len(check(claim, Catalog.bundled(), basis=basis, select="TIM").findings) == 1
    messages = " ".join(finding.message for finding in found)
    assert ("total" in messages) is totals


def test_a_severity_is_only_ever_lowered(profile, with_tables):
    claim = Claim([line("90837", 50), line("97530", 15), line("97140", 15, modifiers="59")])
    plain = check(claim, with_tables)
    assert ("TIM402", "error") in said(plain)
    assert [finding.severity for finding in plain.bypassed] == [Severity.REVIEW]
    mine = profile(
        '[severity]\ncode-not-supported-by-time = "review"\nPTP701 = "warning"\nTIM406 = "warning"\n'
    )
    lowered = check(claim, with_tables, profile=mine)
    expected = [(rule, "review" if rule == "TIM402" else severity) for rule, severity in said(plain)]
    assert said(lowered) == expected
    assert lowered.bypassed == plain.bypassed


# ---- which rules run ----------------------------------------------------------------------------------


def rules(catalog=None, **options):
    return set(check(Claim([]), catalog or Catalog.bundled(), **options).rules)


def test_a_profile_chooses_rules_and_a_selection_narrows_them(profile):
    mine = profile('select = ["TIM", "MOD", "COD101"]\nignore = ["TIM40", "MOD202"]\n')
    own = rules(profile=mine)
    assert own == rules(select=["TIM", "MOD", "COD101"], ignore=["TIM40", "MOD202"])
    assert rules(profile=mine, select="MOD") == {rule for rule in own if rule.startswith("MOD")}
    assert rules(profile=mine, ignore="MOD") == {rule for rule in own if not rule.startswith("MOD")}
    assert rules(profile=mine, select=["ALL", "TIM401"]) == own  # off in the profile stays off
    with pytest.raises(UnknownRule, match="the selection leaves no rule"):
        check(Claim([]), Catalog.bundled(), profile=mine, select="TIM401")


def test_rules_of_edit_tables_run_without_them_where_the_profile_names_them(profile):
    plain = check(Claim([line()]), Catalog.bundled(), profile=profile(), ignore="PTP703")
    assert "PTP701" in plain.left_out
    named = check(
        Claim([line()]), Catalog.bundled(), profile=profile('select = ["ALL", "PTP"]\n'), ignore="PTP703"
    )
    assert {"PTP701", "PTP702"} <= set(named.rules)
    assert "PTP703" not in {*named.rules, *named.left_out}
    assert "MUE801" in named.left_out


# ---- how a profile is named ---------------------------------------------------------------------------


def test_a_profile_by_value_id_or_path(profile_file):
    claim, file = Claim([line("90837", 50)]), profile_file('ignore = ["TIM"]\n')
    mine = load_profile(file)
    for given in (mine, file, str(file)):
        report = check(claim, Catalog.bundled(), profile=given)
        assert (said(report), report.profile.name, report.profile.digest) == ([], "mine", mine.digest)
    assert check(claim, Catalog.bundled(), profile="cpt").profile.name == "cpt"


def test_a_path_in_the_working_folder(profile_file, monkeypatch):
    monkeypatch.chdir(profile_file().parent)
    assert profile_of("mine.toml").id == "mine"


def test_a_name_that_no_profile_has():
    with pytest.raises(UnknownProfile, match=r"no such profile: 'medicar'.*did you mean medicare") as raised:
        check(Claim([]), Catalog.bundled(), profile="medicar")
    assert "medicare" in raised.value.near
    with pytest.raises(
        BrokenProfile, match=r"the file cannot be read \(No such file or directory\): 'x/medicare'"
    ):
        check(Claim([]), Catalog.bundled(), profile="x/medicare")
    with pytest.raises(BrokenProfile, match=r"this is no profile: 3; expected a cptkit\.Profile, the id"):
        check(Claim([]), Catalog.bundled(), profile=3)


def test_a_basis_beside_a_profile():
    assert check(Claim([]), Catalog.bundled(), profile="medicare", basis="medicare").basis is Basis.MEDICARE
    assert check(Claim([]), Catalog.bundled(), profile="medicare").basis is Basis.MEDICARE
    with pytest.raises(
        BrokenProfile, match=r"the profile medicare judges by medicare, and another basis .*: 'cpt'"
    ):
        check_claims([], Catalog.bundled(), profile="medicare", basis=Basis.CPT)
    with pytest.raises(ValueError, match="no such basis: 'aetna'; expected one of cpt, medicare"):
        check(Claim([]), Catalog.bundled(), profile="medicare", basis="aetna")


# ---- what a profile is --------------------------------------------------------------------------------


def test_the_digest_is_of_what_a_profile_says(profile):
    whole = (
        'note = "n"\nunit_policy = "cpt-per-code"\nselect = ["ALL", "PTP"]\nignore = ["MUE", "PFS"]\n'
        '[severity]\nTIM401 = "review"\n[sources.MINE]\ngrade = "B"\nwhere = "a letter"\n'
    )
    facts = history("mue-mai/3", ("2024-01-01", "line")) + history("mue-mai/2", ("2024-01-01", "line"))
    mine = profile(whole + facts)
    other = history("mue-mai/2", ("2024-01-01", "line")) + history("mue-mai/3", ("2024-01-01", "line"))
    same = '# other order\nignore = ["PFS", "MUE"]\n' + whole.replace('ignore = ["MUE", "PFS"]\n', "") + other
    assert profile(same).digest == mine.digest
    digests = {mine.digest}
    for old, new in [
        ('note = "n"', 'note = "m"'),
        ("cpt-per-code", "medicare-total"),
        ('"ALL", "PTP"', '"ALL"'),
        ('"MUE", "PFS"', '"MUE"'),
        ('TIM401 = "review"', 'TIM401 = "warning"'),
        ("a letter", "a call"),
        ('value = "line"', 'value = "day"'),
        ("2024-01-01", "2024-01-02"),
        ("By letter.", "By word."),
        ("2026-03-02", "2026-03-03"),
        ("own words", "other words"),
        ('"verified"', '"disputed"'),
    ]:
        changed = (whole + facts).replace(old, new)
        assert changed != whole + facts
        digests.add(profile(changed).digest)
    assert len(digests) == 13


def test_a_source_of_a_profile(profile):
    mine = profile('[sources.MINE]\ngrade = "B"\nwhere = "a letter of March"\nsupports = "units"\n')
    assert str(mine.source("MINE")) == "MINE (B): a letter of March"
    assert mine.source("BCBSIL-PSY") is None


def test_a_profile_as_json_holds_all_of_it(profile):
    told = profile(history("mue-mai/3", ("2024-01-01", "line"))).to_dict()
    assert set(told) == {
        *("id", "title", "basis", "unit_policy", "select", "ignore", "severity"),
        *("conventions", "denials", "sources", "note"),
    }
    assert told["conventions"][0]["from"] == "2024-01-01"
    assert profile_of("noridian").to_dict()["denials"][0]["carc"] == "B15"


def test_contexts_of_profiles_are_remembered(profile):
    codeset = cptkit.codeset("2024.1")
    assert profiled_context(codeset, DAY, profile()) is profiled_context(codeset, DAY, profile())
    assert profiled_context(codeset, DAY, profile()) is not profiled_context(
        codeset, DAY, profile('note = "x"\n')
    )


def test_a_rule_of_which_the_profile_says_nothing_keeps_its_severity():
    lenient = attrs.evolve(profile_of("medicare"), severities=(("TIM402", Severity.REVIEW),))
    assert lenient.severity("TIM402", Severity.ERROR) is Severity.REVIEW
    assert [lenient.severity("TIM403", each) for each in Severity] == list(Severity)
