"""``cptkit check``: grouping, the HTML page, and a baseline; in every format."""

import csv
import io
import json

import attrs
import pytest

import cptkit
from cptkit.cli.check_formats import CSV_COLUMNS, FORMATS
from cptkit.cli.check_text import report_page
from cptkit.codesets import Pin
from cptkit.interop import read_claims
from cptkit.reports import read_report
from cptkit.rules.waivers import IdleWaiver, Waived, Waiver, WaiverState

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
FAILING = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\nC-2,P-2,2026-03-02,SW-COLE,90837,,1,50\n"
CURED = FAILING.replace("90837,,1,50", "90834,,1,50")
WORSE = FAILING + "C-3,P-3,2026-03-02,SW-COLE,90834,,1,30\n"
SHIFTED = FAILING.replace(HEADER, HEADER + "C-0,P-0,2026-03-02,SW-COLE,90832,,1,30\n")
FORMS = ["table", "json", "jsonl", "csv", "html"]


@pytest.fixture
def baseline(call, file, tmp_path):
    """The report of the failing file, as kept."""
    path = tmp_path / "old.json"
    assert call("check", file(FAILING), "--format", "json", "--output", path).status == 1
    return path


# ---- grouped ---------------------------------------------------------------------------------


def test_by_rule(call, file):
    page = call("check", file(WORSE), "--by", "rule").out
    assert "TIM402 code-not-supported-by-time: 2 findings\n" in page
    assert "error  line 3  90837  2026-03-02  claim C-2\n" in page
    assert "Claim C-2" not in page
    assert call("check", file(WORSE), "--by", "claim").out == call("check", file(WORSE)).out


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_what_cannot_be_grouped_is_said(call, file, form):
    answer = call("check", file(WORSE), "--by", "rule", "--format", form)
    assert answer.status == 2
    assert f"--format is {form}" in answer.err


def test_the_commonest_causes_of_a_long_report(call, file):
    rows = "".join(f"C-{number},P-{number},2026-03-02,X,90837,,1,50\n" for number in range(20))
    page = call("check", file(HEADER + rows + "C-x,P-x,2026-03-02,X,90837,9T,1,60\n")).out
    causes = page[page.index("COMMONEST CAUSES") :]
    assert "  20 times  TIM402 code-not-supported-by-time, such as: 50 minutes are 90834," in causes
    assert "  1 time  MOD202 " in causes
    assert "COMMONEST CAUSES" not in call("check", file(FAILING)).out


# ---- HTML ------------------------------------------------------------------------------------


def test_html_into_a_file(call, file, tmp_path):
    path = tmp_path / "report.html"
    answer = call(
        "check", file(WORSE + "C-4,P-4,never,X,90834,,1,45\n"), "--format", "html", "--output", path
    )
    assert answer == (1, "", "")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>\n")
    for words in (
        "<title>Claim check: claims.csv</title>",
        "<h3>Claim C-3</h3>",
        "Rejected",
        "&#x27;never&#x27;",
    ):
        assert words in page
    by_rule = call("check", file(WORSE), "--format", "html", "--by", "rule").out
    assert "<h3>TIM402 code-not-supported-by-time</h3>" in by_rule


def test_html_of_standard_input_in_any_encoding(run):
    content = FAILING.replace("C-2", "Zoë <b>").encode()
    page = run("check", "-", "--format", "html", stdin=content, PYTHONIOENCODING="ascii").out
    assert "<title>Claim check: standard input</title>" in page
    assert "Claim Zoë &lt;b&gt;" in page


def test_a_page_names_no_patient(call, file):
    assert "P-2" not in call("check", file(FAILING), "--format", "html").out


# ---- a baseline ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("content", "status"),
    [(FAILING, 0), (SHIFTED, 0), (CURED, 0), (WORSE, 1), (FAILING + "C-4,P-4,never,X,90834,,1,4\n", 1)],
    ids=["same", "shifted", "cured", "worse", "rejected"],
)
def test_only_what_is_new_fails(call, file, baseline, content, status, form):
    answer = call("check", file(content), "--baseline", baseline, "--format", form)
    assert (answer.status, answer.err) == (status, "")


def test_the_page_tells_what_is_new(call, file, baseline):
    page = call("check", file(WORSE), "--baseline", baseline).out
    assert "error, unchanged  line 3" in page
    assert "error, new  line 4" in page
    unchanged, new = page[: page.index("error, new")], page[page.index("error, new") :]
    assert "cure: " not in unchanged
    assert "cure: " in new
    assert "BESIDE THE BASELINE: 1 new, 1 unchanged, 0 fixed, 0 not judged again" in page
    page = call("check", file(CURED), "--baseline", baseline, "--edition", "2026.1").out
    assert "FIXED" in page
    assert "claim C-2, line 3" in page
    assert "90837 2026-03-02: 50 minutes are 90834" in " ".join(page.split())
    assert "differs: the earlier check was made with 2025.1, this one without it" in page


def test_a_claim_that_went_is_not_fixed(call, file, baseline):
    only_first = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\n"
    answer = call("check", file(only_first), "--baseline", baseline)
    assert answer.status == 0
    assert "NOT JUDGED AGAIN" in answer.out
    assert "FIXED" not in answer.out


@pytest.mark.parametrize(
    ("row", "fixed"),
    [
        ("C-2,P-2,2026-02-30,SW-COLE,90837,,1,50\n", 0),
        (",,2026-02-30,SW-COLE,90837,,1,50\n", 0),
        ("", 1),
        ("C-1,P-1,2026-02-30,SW-COLE,90837,,1,50\n", 1),
    ],
    ids=["its claim", "no claim", "none", "another claim"],
)
def test_what_a_rejected_row_held_is_not_fixed(call, file, baseline, row, fixed):
    """C-2 has a row that is right, and the one that was wrong cannot be read."""
    content = CURED + row
    answer = call("check", file(content), "--baseline", baseline, "--format", "json")
    found = json.loads(answer.out)["comparison"]
    assert (len(found["fixed"]), len(found["not_judged"])) == (fixed, 1 - fixed)
    assert answer.status == (1 if row else 0)


def test_json_holds_the_comparison_and_is_the_next_baseline(call, file, baseline, tmp_path):
    path = tmp_path / "next.json"
    call("check", file(WORSE), "--baseline", baseline, "--format", "json", "--output", path)
    told = json.loads(path.read_text(encoding="utf-8"))
    found = told["comparison"]
    assert found["new"] + found["unchanged"] == sorted(
        told["findings"], key=lambda each: each["claim"], reverse=True
    )
    assert (found["fixed"], found["not_judged"], found["waived"], found["differences"]) == ([], [], [], [])
    assert len(read_report(path).findings) == 2
    assert call("check", file(WORSE), "--baseline", path).status == 0
    assert call("check", file(FAILING), "--baseline", path).status == 0


def test_json_lines_and_csv_mark_each_finding(call, file, baseline):
    content = WORSE.replace("90837,,1,50", "90834,,1,50").replace("C-1,P-1", "C-9,P-9")
    lines = call("check", file(content), "--baseline", baseline, "--format", "jsonl").out.splitlines()
    entries = [json.loads(line) for line in lines]
    states = [(entry["type"], entry.get("baseline")) for entry in entries if "rule" in entry]
    assert [state for state in states if state[0] != "not_checked"] == [
        ("finding", "new"),
        ("baseline_fixed", None),
    ]
    assert entries[-1]["type"] == "summary"
    assert entries[-1]["differences"] == []
    assert "comparison" not in entries[-1]
    text = call("check", file(content), "--baseline", baseline, "--format", "csv").out
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["type"] != "not_checked"]
    assert [(row["type"], row["claim"], row["codes"], row["baseline"]) for row in rows] == [
        ("finding", "C-3", "90834", "new"),
        ("baseline_fixed", "C-2", "90837", ""),
    ]
    assert CSV_COLUMNS[-3:] == ("codes", "baseline", "waiver")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is not JSON"),
        (FAILING.encode(), "the file is not JSON"),
        (b'{"type": "summary"}', "the file holds JSON lines"),
        (b"\xff\xfe", "the file is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"format": 7}', "newer version of cptkit"),
        (b'{"format": 1, "\\u001b[2J": 1}', "expected no field but format, pins"),
    ],
)
def test_a_baseline_that_is_none(run, file, tmp_path, content, words):
    path = tmp_path / "old.json"
    path.write_bytes(content)
    answer = run("check", file(FAILING), "--baseline", path)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("cptkit: ")
    assert answer.err.count("\n") == 1
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert "\x1b" not in answer.err


def test_a_baseline_that_is_not_there(run, file, tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        answer = run("check", file(FAILING), "--baseline", path)
        assert answer.status == 2
        assert "the report cannot be read" in answer.err


# ---- waived, and lines of other claims -------------------------------------------------------


@pytest.fixture(scope="module")
def waived():
    """A file, and its report with a finding waived, a waiver that did nothing and a profile."""
    claims = read_claims(io.BytesIO(WORSE.encode()))
    report = cptkit.check_claims(claims.claims, cptkit.Catalog.bundled())
    first, second = report.findings
    waiver = Waiver("TIM402", "=agreed", claim="C-2", expires=None)
    told = attrs.evolve(
        report,
        findings=(second,),
        waived=(Waived(first, waiver),),
        idle_waivers=(IdleWaiver(waiver, WaiverState.EXPIRED, "it ended"),),
        waivers_as_of=first.date_of_service,
        profile=Pin("plan", "sha256:0"),
    )
    return claims, told


def test_what_is_waived_stands_in_every_format(waived):
    claims, report = waived
    page = report_page(report, claims, 80).text()
    assert "WAIVED: these failed, and someone answers for them" in page
    assert "waiver: TIM402 on claim C-2, for good: =agreed" in page
    assert "WAIVERS THAT DID NOTHING: as of 2026-03-02" in page
    assert "1 waived;" in page
    assert "profile plan" in page
    entries = [json.loads(line) for line in FORMATS["jsonl"](report, claims, None).splitlines()]
    types = [entry["type"] for entry in entries]
    assert types == ["finding", "waived", "idle_waiver", "summary"]
    assert "waived" not in entries[-1]
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](report, claims, None))))
    assert [row["type"] for row in rows] == ["finding", "waived", "idle_waiver"]
    assert (rows[1]["waiver"], rows[2]["message"]) == ("TIM402 on claim C-2, for good: =agreed", "it ended")


def test_lines_of_other_claims_are_named_as_they_are():
    claims = read_claims(io.BytesIO(FAILING.encode()))
    report = cptkit.check_claims(claims.claims, cptkit.Catalog.bundled())
    (finding,) = report.findings
    report = attrs.evolve(report, findings=(attrs.evolve(finding, lines=("claim H-1 line 4", "3")),))
    for by in ("claim", "rule"):
        page = report_page(report, claims, 80, by=by).text()
        assert "error  lines 3, claim H-1 line 4  90837  2026-03-02" in page
