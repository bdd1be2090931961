"""Places of service: what a line may hold, what an edition of one's own may lack, and what a fix puts there."""

import csv
import datetime as dt
import os
from pathlib import Path

import pytest

from cptkit import Basis, Claim, Codeset, Line, apply_fix, check, codeset
from cptkit.codesets.build.own import build_edition, write_edition
from cptkit.errors import BrokenProfile
from cptkit.rules import RULES, load_profile
from cptkit.rules.context import context_for
from cptkit.rules.pos.places import denies_telehealth

DAY = dt.date(2026, 3, 2)
REAL = os.environ.get("CPTKIT_REAL_DATA")
FAMILY = [row.id for row in RULES if row.id.startswith("POS")]


@pytest.fixture(scope="module")
def codes_alone(tmp_path_factory):
    """An edition that knows codes and nothing else."""
    folder = tmp_path_factory.mktemp("tables")
    tables = {
        "codes.tsv": "code\tlabel\tsources\tconfidence\tchecked\n90834\town label\tOWN\tverified\t2026-01-02\n",
        "code-history.tsv": "code\tfrom\tsources\tconfidence\tchecked\n90834\t2024-01-01\tOWN\tverified\t2026-01-02\n",
        "sources.tsv": "key\tgrade\twhere\nOWN\tA\tour book\n",
    }
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Codeset.from_folder(write_edition(build_edition(folder, "2026.1+own"), folder / "editions"))


def report_on(*services, select=("POS",), basis="cpt"):
    """The report on lines of 2026, given as a code and what the line holds besides."""
    lines = [Line(code, date_of_service=DAY, **values) for code, values in services]
    return check(Claim(lines), codeset("2026.1"), select=select, basis=basis)


def found(report):
    return [(entry.rule, *entry.lines) for entry in report.findings]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (11, None),
        (2, "'2' is not two digits"),
        (2.0, "'2.0' is not two digits"),
        (["11"], "is not two digits"),
        (False, "'False' is not two digits"),
        ("\u0661\u0661", "is not two digits"),
        (None, None),
    ],
)
def test_a_place_that_is_no_text_is_judged_by_how_it_is_written(place, message):
    report = report_on(("90853", {"place_of_service": place, "minutes": 60}))
    assert found(report) == ([("POS001", "1")] if message else [])
    assert all(message in finding.message for finding in report.findings)


def test_a_number_as_a_spreadsheet_gives_it_fits_its_code():
    report = report_on(
        ("99284", {"place_of_service": 23}), ("99284", {"place_of_service": 11}), select=["POS"]
    )
    assert found(report) == [("POS003", "2")]


@pytest.mark.parametrize("basis", ["cpt", "medicare"])
def test_a_claim_without_places_is_asked_for_none(basis):
    """A file that has no such column is not told so on every line."""
    lines = [(code, {}) for code in ("90834", "99213", "99284", "99308", "99232", "98005", "G0552")]
    report = report_on(*lines, basis=basis)
    assert (report.findings, report.not_checked) == ((), ())


def test_places_that_are_wanted_are_told_once_an_encounter():
    lines = [("90834", {"modifiers": "95"}), ("90847", {"modifiers": "95"}), ("90853", {})]
    report = report_on(*lines, basis="medicare")
    assert [(entry.rule, entry.lines) for entry in report.not_checked] == [
        ("POS002", ("1", "2")),
        ("POS004", ("1", "2")),
    ]


def test_a_fix_puts_the_place_on_the_line():
    claim = Claim([Line("90834", modifiers="95", place_of_service="11", date_of_service=DAY)])
    report = check(claim, codeset("2026.1"), select=["POS"], basis="medicare")
    (finding,) = report.findings
    fixes = [fix for fix in finding.fixes if fix.kind.value == "set-place"]
    assert [apply_fix(claim, fix).lines[0].place_of_service for fix in fixes] == ["10", "02"]
    assert [fix.text for fix in fixes] == [
        "put place 10 (telehealth with the patient at home)",
        "put place 02 (telehealth with the patient not at home)",
    ]


@pytest.mark.parametrize("place", ["10", "10 ", 10])
def test_a_missing_telehealth_modifier_is_asked_for_however_the_place_is_written(place):
    report = report_on(("90834", {"place_of_service": place}))
    assert found(report) == [("POS002", "1")]


@pytest.mark.parametrize("place", ["2", "30", "office", "\u0662"])
def test_one_fault_of_a_place_is_told_once(place):
    report = report_on(("90834", {"modifiers": "95", "place_of_service": place}), basis="medicare")
    assert found(report) == [("POS001", "1")]


@pytest.mark.parametrize(
    ("code", "modifiers", "place"),
    [("99284", "95", "11"), ("G0552", "95", "11"), ("99348", "95", "11"), ("90834", "95", "11")],
)
def test_a_fix_of_one_rule_of_places_leaves_no_other_standing(code, modifiers, place):
    line = Line(code, modifiers=modifiers, place_of_service=place, date_of_service=DAY)
    claim = Claim([line])
    report = check(claim, codeset("2026.1"), select=["POS"], basis="medicare")
    fixes = [fix for each in report.findings for fix in each.fixes if fix.kind.value != "ask"]
    assert fixes
    for fix in fixes:
        again = check(apply_fix(claim, fix), codeset("2026.1"), select=["POS"], basis="medicare")
        assert found(again) == [], fix.text


@pytest.mark.parametrize(
    ("code", "place", "day", "asked"),
    [
        ("99232", "11", dt.date(2023, 12, 31), "enter the place where the patient was, or"),
        (
            "99232",
            "11",
            dt.date(2024, 1, 1),
            "enter 10 or 02 if it was telehealth; or remove 95 and enter the",
        ),
        (
            "99308",
            "12",
            dt.date(2024, 1, 1),
            "enter 10 or 02 if it was telehealth; or remove 95 and enter the",
        ),
        ("G0552", "10", DAY, "remove 95, as it is no telehealth, and enter the place"),
    ],
)
def test_what_is_asked_fits_the_modifier_too(code, place, day, asked):
    line = Line(code, modifiers="95", place_of_service=place, date_of_service=day)
    (finding,) = check(Claim([line]), codeset(f"{day.year}.1"), select=["POS003"]).findings
    (fix,) = finding.fixes
    assert (fix.kind.value, fix.text[: len(asked)]) == ("ask", asked)


def test_a_fifth_modifier_is_not_offered():
    services = ("90834", {"modifiers": "HO U1 U2 U3", "place_of_service": "10"})
    (finding,) = report_on(services).findings
    assert [(fix.kind.value, fix.text) for fix in finding.fixes] == [
        ("ask", "put 95 or 93 where the payer looks for it, if the payer asks for it")
    ]


def test_an_edition_without_a_list_of_places_says_so(codes_alone):
    line = Line("90834", place_of_service="30", modifiers="95", date_of_service=DAY)
    report = check(Claim([line]), codes_alone, select=FAMILY, basis="medicare")
    assert report.findings == ()
    assert [(entry.rule, entry.reason) for entry in report.not_checked] == [
        ("POS001", "edition 2026.1+own has no list of places of service for that day")
    ]


@pytest.mark.parametrize("place", ["10", "11"])
def test_an_edition_without_the_facts_of_telehealth_finds_nothing(codes_alone, place):
    lines = [
        Line("90834", place_of_service=place, modifiers=each, date_of_service=DAY) for each in ("", "95")
    ]
    report = check(Claim(lines), codes_alone, select=["POS002", "POS003", "POS005"])
    assert (report.findings, report.not_checked) == ((), ())


def test_every_span_of_codes_is_of_codes_that_the_editions_know():
    """A span that is mistyped would judge nothing."""
    edition = codeset("2026.1")
    spans = [name for name in edition.conventions if name.startswith(("code-places/", "code-mode/"))]
    assert spans
    for name in spans:
        low, _, high = name.partition("/")[2].partition("-")
        assert (low in edition, high in edition, low < high) == (True, True, True), name


def test_every_place_that_a_fact_names_is_on_the_list():
    edition = codeset("2026.1")
    named = {
        word
        for name in edition.conventions
        if name.startswith(("code-places/", "telehealth-places", "telehealth-elsewhere"))
        for word in edition.convention(name, date_of_service=DAY).value.split()
        if word.isdigit()
    }
    assert len(named) > 10
    assert {place for place in named if f"place/{place}" not in edition.conventions} == set()


def _profile(file, name, value):
    """A profile that sets the places or the mode of a span of codes."""
    file.write_text(
        'format = 1\nid = "mine"\ntitle = "mine"\nbasis = "cpt"\n'
        '[sources.M-1]\ngrade = "B"\nwhere = "a manual, page 4"\n'
        f'[[convention]]\nname = "{name}"\nhistory = [{{ from = 2024-01-01, value = "{value}", text = "own places", '
        'sources = ["M-1"], confidence = "verified", checked = 2026-03-02 }]\n',
        encoding="utf-8",
    )
    return load_profile(file)


def test_a_profile_changes_the_places_of_a_span(tmp_path):
    profile = _profile(tmp_path / "mine.toml", "code-places/99281-99285", "11")
    lines = [Line("99284", place_of_service=place, date_of_service=DAY) for place in ("11", "23")]
    report = check(Claim(lines), codeset("2026.1"), select=["POS003"], profile=profile)
    assert [(each.lines, each.message) for each in report.findings] == [
        (("2",), "99284 at place 23 (emergency room): own places")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code-places/90839-90840", "23"),
        ("code-places/99284", "23"),
        ("code-mode/99441-99443", "sound"),
        ("code-mode/99441", "sound"),
    ],
)
def test_a_profile_cannot_add_a_span_that_no_rule_would_read(tmp_path, name, value):
    with pytest.raises(BrokenProfile, match="no rule reads such a fact"):
        _profile(tmp_path / "mine.toml", name, value)


@pytest.mark.skipif(not REAL, reason="CPTKIT_REAL_DATA is not set")
def test_the_numbers_are_those_of_the_published_list():
    """That list is of 2024, before 66 began to be used; it names it all the same."""
    with Path(REAL, "lists", "pos_codes.csv").open(encoding="utf-8", newline="") as file:
        published = {row["pos_code"] for row in csv.DictReader(file) if row["pos_type"] != "Unassigned"}
    names = codeset("2026.1").conventions
    assert {name.removeprefix("place/") for name in names if name.startswith("place/")} == published


@pytest.mark.parametrize(
    ("modifiers", "place", "is_denied"), [("", "11", False), ("95", "11", True), ("95", "10", False)]
)
def test_a_place_contradicts_a_telehealth_modifier_that_is_there(modifiers, place, is_denied):
    context = context_for(codeset("2026.1"), DAY, Basis.MEDICARE)
    line = Line("90834", modifiers=modifiers, date_of_service=DAY)
    assert (denies_telehealth(context, line, place) is not None) is is_denied
