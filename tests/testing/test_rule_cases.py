"""The runner of a rule's cases: how files are read, and that it says what is wrong with a rule or a case."""

import datetime as dt
from types import SimpleNamespace

import attrs
import pytest

from cptkit import Finding, Fix, FixKind, Line, Outcome, Severity
from cptkit.codesets import Denial
from cptkit.edits import Setting, attach
from cptkit.sources import Citation, Confidence
from cptkit.testing import rule_cases
from cptkit.testing.edit_tables import write_edit_tables
from cptkit.testing.rule_cases import Case, Expected, lacking, problems, read_cases

DAY = dt.date(2026, 3, 2)
CITED = Citation("denials/x", ("X",), Confidence.VERIFIED, DAY)
DENIAL = Denial("code-syntax", "CO", "16", ("M51",), likely=False, citation=CITED)
HEAD = '[[case]]\nid = "a"\nwhy = "b."\ndate = 2026-03-02\n'
SAYS = "units 0: a line has at least one unit"


def case(**more):
    given = {
        "lines": [{"code": "90834", "units": 0}],
        "findings": [Expected(says=["units 0"], rule="COD103")],
    }
    return Case(rule="COD103", id="none", why="No units.", day=DAY, **given | more)


# ---- reading -------------------------------------------------------------------------------


def test_a_file_of_cases(tmp_path):
    path = tmp_path / "acme-abc101.toml"
    path.write_text(
        'rule = "COD103"\n[[case]]\nid = "none"\nwhy = "No units."\ndates = [2026-03-02, 2026-03-03]\nbasis = "medicare"\n'
        'lines = [{ code = "90834", units = 0, provider = "A", date = 2026-03-01, id = "9" }, { code = "90837", units = 0 }]\n'
        'findings = [{ says = ["units 0"], lines = ["9"], fixes = ["ask 9"] }, { says = [], lines = ["2"], rule = "COD103" }]\n'
    )  # fmt: skip
    one, two = read_cases(path)
    assert (str(one), str(two)) == ("COD103-none-2026-03-02", "COD103-none-2026-03-03")
    assert one.basis.value == "medicare"
    first, second = one.claim.lines
    assert first == Line(
        "90834", units=0, rendering_provider="A", date_of_service=dt.date(2026, 3, 1), id="9"
    )
    assert (second.date_of_service, second.rendering_provider) == (DAY, None)
    assert (one.claim.id, one.claim.patient, one.past) == ("none", "", None)
    assert problems(one) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[case]]\nid = "a"', "A.toml: case a: a case has no key 'why' and no key 'lines' and no key 'date'; the keys are b"),
        ('[[case]]\nwhy = "a"', "A.toml: case without id: a case has no key 'id' and "),
        ('[[case]]\nid = "a"\ndates = []\nwhy = "b."\nlines = []', "A.toml: case a: a case has no day in dates"),
        ('[[cases]]\nid = "a"', "A.toml: the file has the key 'cases'; the keys are case, rule"),
        ("case = ['a']", "A.toml: case 1: a case is a table of keys and values, not 'a'"),
        ("case = 3", "A.toml: case 1: a case is a table of keys and values, not 3"),
        ('[[case]]\nid = "a"\ndate = 2026-03-02\nlinse = []', "A.toml: case a: a case has the key 'linse' and no key 'why'"),
        (HEAD + "lines = []\nfindings = [{ say = [] }]",
         "A.toml: case a: an entry of findings has the key 'say' and no key 'says'; the keys are fixes, lines, rule, says"),
        (HEAD + "lines = [{ units = 0 }]", "A.toml: case a: a line has no key 'code'; the keys are charge, code, date, "),
        (HEAD + "lines = [{ code = '90834', unit = 0 }]", "A.toml: case a: a line has the key 'unit'; the keys are charge, "),
        (HEAD + "lines = ['90834']", "A.toml: case a: a line is a table of keys and values, not '90834'"),
        (HEAD + "lines = []\nhistory = [{ code = '90834', days = 1 }]",
         "A.toml: case a: a line of the history has the key 'days'; the keys are charge, claim, code, date, "),
        (
            '[[case]]\nid = "a"\nwhy = "b."\ndate = 2026-03-02\nlines = []\nbasis = "aetna"',
            "A.toml: case a: no such basis: 'aetna'; expected one of cpt, medicare",
        ),
        ("[[case", "Expected ']]'"),
        ("[[case", "A.toml: "),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(tmp_path, text, why):
    path = tmp_path / "A.toml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the words are compared below
        read_cases(path)
    assert why in str(caught.value)


def test_a_file_without_cases(tmp_path):
    path = tmp_path / "A.toml"
    path.write_text("")
    assert read_cases(path) == ()


def test_a_history_of_the_patient():
    past = case(
        history=[
            {"code": "90791", "days_before": 10},
            {"code": "90834", "days_before": 3, "units": 2},
            {"code": "90837", "days_before": -1, "claim": "H-2", "group": "G", "provider": "A"},
        ],
        complete_days=30,
        group="G",
    )
    assert (past.claim.patient, past.claim.billing_provider) == ("P", "G")
    assert past.past.since == dt.date(2026, 1, 31)
    told = [(each.name, each.line.code, str(each.line.date_of_service)) for each in past.past.lines("P")]
    assert told == [
        ("H-1/1", "90791", "2026-02-20"),
        ("H-1/2", "90834", "2026-02-27"),
        ("H-2/1", "90837", "2026-03-03"),
    ]
    assert attrs.evolve(past, complete_days=None).past.since is None
    assert problems(past) == ()


def test_what_judges_a_case():
    assert case(edition="synthetic").catalog.pins[0].name == "2026.0"
    early = dt.date(2015, 3, 2)
    assert attrs.evolve(case(), day=early).catalog.edition_for(early) is None
    assert attrs.evolve(case(), day=early, edition="2026.1").catalog.edition_for(early).edition == "2026.1"
    tables = case(tables={"mue": ["90834 1 2"], "aoc": ["90785 90834 1"]}).catalog.tables
    assert tables.mue("90834", date_of_service=DAY, setting=Setting.PRACTITIONER).mue.value == 1
    assert case().catalog.tables is None


def test_a_profile_decides_the_basis():
    asked = case(profile="medicare")
    assert asked.check(select=["COD103"]).basis.value == "medicare"


# ---- what is wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, ()),
        ({"findings": ()}, ("findings: the report has COD103 1, the case has nothing", "clean is False")),
        (
            {"findings": (), "bypassed": [Expected(says=[], rule="COD103")]},
            (
                "findings: the report has COD103 1, the case has nothing",
                "bypassed: the report has nothing, the case has COD103 1",
                "clean is False",
            ),
        ),
        (
            {"findings": [Expected(says=["units 0", "minutes", "hours"], rule="COD103")]},
            (f"findings: 'minutes', 'hours' is not in '90834 with {SAYS}'",),
        ),
        (
            {"findings": [Expected(says=[], rule="COD103", severity="warning", fixes=["set-units 1 1"])]},
            (
                f"findings: severity error, not warning: '90834 with {SAYS}'",
                "findings: the fixes are ('ask 1',), not ('set-units 1 1',)",
            ),
        ),
        (
            {
                "day": dt.date(2020, 12, 31),
                "findings": (),
                "not_checked": [Expected(says=["no table"], rule="ALL")],
            },
            ("not_checked: 'no table' is not in 'the catalog has no edition for 2020'",),
        ),
    ],
)
def test_a_report_that_says_something_else(more, told):
    assert problems(attrs.evolve(case(), **more)) == told


def finding(**more):
    given = {
        "outcome": Outcome.FAIL,
        "severity": Severity.ERROR,
        "claim": "none",
        "lines": ("1",),
        "edition": "2026.1",
    }
    given |= {"denial": DENIAL, "fixes": (Fix(FixKind.ASK, "1", None, "look at it"),), "message": "units 0"}
    return Finding("COD103", "impossible-units", date_of_service=DAY, **given | more)


def drop(line="1", **more):
    return Fix(FixKind.DROP_LINE, line, None, **{"text": "drop it", **more})


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (finding(), []),
        (finding(denial=None), ["COD103 1: no likely denial"]),
        (finding(severity=Severity.REVIEW), []),
        (finding(severity=Severity.REVIEW, denial=None), []),
        (finding(fixes=()), ["COD103 1: no way out is shown"]),
        (
            finding(fixes=(Fix(FixKind.ASK, "2", None, "x"),)),
            ["COD103 1: a fix is for a line of another finding"],
        ),
        (finding(fixes=(Fix(FixKind.ASK, "1", None, ""),)), ["COD103 1: a fix says nothing"]),
        (finding(claim="C-9"), ["COD103 1: names rule COD103, claim C-9, edition 2026.1"]),
        (finding(edition="1999.1"), ["COD103 1: names rule COD103, claim none, edition 1999.1"]),
        (attrs.evolve(finding(), rule="COD104"), ["COD104 1: names rule COD104, claim none, edition 2026.1"]),
        (finding(outcome=Outcome.BYPASSED), ["COD103 1: what is bypassed has no denial and no fix"]),
        (finding(outcome=Outcome.BYPASSED, denial=None, fixes=()), []),
    ],
)
def test_a_finding_that_says_too_little(found, told):
    is_bypassed = found.outcome is Outcome.BYPASSED
    report = attrs.evolve(
        case().check(select=["COD103"]),
        findings=() if is_bypassed else (found,),
        bypassed=(found,) if is_bypassed else (),
    )
    assert list(rule_cases._unsaid(case(), report)) == told


@pytest.mark.parametrize(
    ("before", "after", "fails_next", "told"),
    [
        ([finding(fixes=(drop(),))], [], {}, []),
        ([finding(fixes=(drop(),))], [finding()], {}, ["drop-line 1 leaves: units 0"]),
        ([finding(fixes=(drop(),)), finding()], [finding()], {}, []),
        (
            [finding(fixes=(drop(),))],
            [attrs.evolve(finding(lines=("2",)), rule="TIM401")],
            {},
            ["drop-line 1 for COD103 makes fail: TIM401 2"],
        ),
        (
            [finding(fixes=(drop(),))],
            [attrs.evolve(finding(), rule="TIM401")],
            {"drop-line 1": ["TIM401 1"]},
            [],
        ),
        (
            [finding(fixes=(drop(),))],
            [],
            {"drop-line 1": ["TIM401 1"]},
            ["drop-line 1 for COD103 makes fail: nothing"],
        ),
        (
            [finding(fixes=(drop(),))],
            [attrs.evolve(finding(severity=Severity.REVIEW), rule="TIM401")],
            {},
            [],
        ),
    ],
)
def test_a_fix_that_does_not_cure(monkeypatch, before, after, fails_next, told):
    plain = case().check(select=["COD103"])
    reports = iter([before, *(after for each in before for _ in each.fixes)])
    monkeypatch.setattr(
        rule_cases, "check", lambda *_, **__: attrs.evolve(plain, findings=tuple(next(reports)))
    )
    assert list(rule_cases._uncured(case(fails_next=fails_next))) == told


def test_an_ask_that_changes_the_claim(monkeypatch):
    monkeypatch.setattr(rule_cases, "apply_fix", lambda claim, _: attrs.evolve(claim, id="other"))
    assert set(problems(case())) == {"ask 1 changes the claim"}


# ---- what the cases of a rule lack ---------------------------------------------------------


def test_what_cases_do_not_show(monkeypatch):
    says = [Expected(says=[], rule="COD103")]
    off = [Expected(says=[], rule="ALL")]
    plain = attrs.evolve(case(), findings=())
    cases = [
        case(),
        attrs.evolve(case(), bypassed=says, id="b"),
        plain,
        attrs.evolve(plain, why="No units", id="c"),
    ]
    assert lacking(cases, "COD103") == (
        "bypassed: not on the page",
        "no case on a day that no edition holds",
        f"none stands twice on {DAY}",
        "c gives no reason",
    )
    whole = [case(), attrs.evolve(plain, id="c"), attrs.evolve(plain, id="d", not_checked=off)]
    assert lacking(whole, "COD103") == ()
    assert lacking([*whole, attrs.evolve(plain, id="e", not_checked=says)], "COD103") == (
        "not checked: not on the page",
    )
    doc = "**Bypassed**: x.\n\n**Not checked**: y."
    monkeypatch.setattr(rule_cases, "rule", lambda _: SimpleNamespace(doc=doc))
    assert lacking(whole, "COD103") == (
        "bypassed: only the page names it",
        "not checked: only the page names it",
    )


# ---- edit tables ---------------------------------------------------------------------------


def test_tables_of_every_kind(tmp_path):
    tables = {
        "ptp practitioner 2026q1": ["W9901 W9902 1 2026-02-01..2026-02-28 own words", "W9901 W9903 0"],
        "mue hospital 2026q1": ["W9901 2 3", "W9902 1 -"],
        "aoc 2026q1": ["W9911 W9901,CCCCC 3 last_day=2026-02-28 note=some own words"],
        "pfs 2026q1": ["W9901-26 status=B bilat=1"],
        "pfs 2026-02-09": ["W9901 status=A"],
    }
    write_edit_tables(tmp_path, tables)
    with attach(tmp_path) as edits:
        among = edits.ptp_among(
            {"W9901", "W9902", "W9903"}, date_of_service=dt.date(2026, 2, 10), setting=Setting.PRACTITIONER
        )
        assert len(among.edits) == 2
        assert edits.mue("W9902", date_of_service=DAY, setting=Setting.HOSPITAL).mue.mai is None
        assert [row.note for row in edits.addon("W9911", date_of_service=DAY).rows] in (
            [],
            2 * ["some own words"],
        )
        assert edits.pfs("W9901", "26", date_of_service=dt.date(2026, 1, 5)).row.bilat == "1"
        assert edits.pfs("W9901", "", date_of_service=DAY).row.release == "26AR"


def test_a_table_that_there_is_not(tmp_path):
    with pytest.raises(ValueError, match="no table of that name: 'fees'"):
        write_edit_tables(tmp_path, {"fees 2026q1": []})


def test_a_row_of_the_fee_schedule_that_has_no_such_column(tmp_path):
    with pytest.raises(ValueError, match="a row of the fee schedule has no bilateral: 'W9901 bilateral=1'"):
        write_edit_tables(tmp_path, {"pfs 2026q1": ["W9901 bilateral=1"]})
