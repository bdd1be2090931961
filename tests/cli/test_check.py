"""``cptkit check``: status, selection, formats, and the page that people read."""

import csv
import io
import json
import sys
from pathlib import Path

import attrs
import pytest

import cptkit
from cptkit.cli import check, screen
from cptkit.cli.check_formats import CSV_COLUMNS, FORMATS
from cptkit.cli.check_text import report_page
from cptkit.interop import read_claims

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
CLEAN = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\n"
FAILING = CLEAN + "C-2,P-2,2026-03-02,SW-COLE,90837,,1,50\n"
UNCHECKED = CLEAN + "C-2,P-2,2026-03-02,SW-COLE,27447,,1,\n"
REJECTED = CLEAN + "C-2,P-2,2026-02-30,SW-COLE,90834,,1,47\n"
EVERYTHING = (
    HEADER
    + """\
C-1,P-1,2026-03-02,SW-COLE,90847,,1,50
C-1,P-1,2026-03-02,SW-COLE,90834,59,1,45
C-2,P-2,2026-03-02,SW-COLE,90847,,1,50
C-2,P-2,2026-03-02,SW-COLE,90834,,1,45
C-3,P-3,2026-03-02,SW-COLE,27447,,1,
C-3,P-3,2026-03-02,SW-COLE,27448,,1,
C-3,P-3,2026-03-02,SW-COLE,27448,,1,
C-4,P-4,never,SW-COLE,90834,,1,45
C-4,P-4,2026-03-02,SW-COLE,90785,,2,
C-5,P-5,2012-03-02,SW-COLE,90834,,1,45
C-6,P-6,2026-03-02,SW-COLE,90834-9,,1,45
"""
)


@pytest.mark.parametrize(
    ("content", "status"), [(CLEAN, 0), (HEADER, 0), (UNCHECKED, 0), (FAILING, 1), (REJECTED, 1)]
)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_exit_status(call, file, content, status, form):
    answer = call("check", file(content), "--format", form)
    assert answer.status == status
    assert answer.err == ""


def test_a_clean_file(run, file):
    answer = run("check", file(CLEAN))
    assert answer.status == 0
    assert "NOTHING WRONG WAS FOUND" in answer.out
    assert "1 line passed everything" in answer.out


def test_what_is_not_checked_is_told_though_the_status_is_0(run, file):
    answer = run("check", file(UNCHECKED))
    assert answer.status == 0
    assert "line 3: edition 2026.1 does not cover 27447 (COD102)" in answer.out


def test_standard_input(run, file):
    answer = run("check", "-", stdin=FAILING.encode())
    assert answer == run("check", file(FAILING))
    assert run("check", "-", stdin=b"").err.startswith("cptkit: the file is empty: '<stdin>'")


def test_standard_input_in_this_process(call, file, monkeypatch):
    with file(FAILING).open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert call("check", "-").status == 1


def test_standard_input_that_is_closed(call, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    answer = call("check", "-")
    assert (answer.status, answer.err) == (2, "cptkit: standard input is closed\n")


# ---- the page for people -----------------------------------------------------------------


def test_a_finding_says_what_why_and_what_cures_it(run, file):
    page = run("check", file(FAILING)).out
    for words in (
        "Claim C-2, patient P-2",
        "error  line 3  90837  2026-03-02",
        "50 minutes are 90834, not 90837",
        "cure:   report 90834 instead of 90837, provided that",
        "TIM402 code-not-supported-by-time; verified: ",
        "edition 2026.1",
        "denial: likely CO-",
        "2 rows read = 2 checked + 0 rejected",
        "1 finding (1 error)",
        cptkit.codeset("2026.1").digest[:19],
        "cptkit explain TIM402",
    ):
        assert words in page


def test_a_page_with_everything_on_it(call, file):
    page = call("check", file("weather," + EVERYTHING.replace("C-", "fine,C-"))).out
    assert "Columns not used: weather" in page
    assert "11 rows read = 10 checked + 1 rejected" in page
    bypassed = page[page.index("BYPASSED") : page.index("NOT CHECKED")]
    assert "review  lines 2, 3  90847 + 90834-59  2026-03-02" in bypassed
    unchecked = page[page.index("NOT CHECKED") : page.index("REJECTED")]
    assert "line 6: edition 2026.1 does not cover 27447 (COD102)" in unchecked
    assert "lines 7, 8: edition 2026.1 does not cover 27448 (COD102)" in unchecked
    assert "line 11: the catalog has no edition for 2012" in unchecked
    rejected = page[page.index("REJECTED") : page.index("NOTES")]
    assert "line 9: date of service 'never' cannot be read" in rejected
    assert "    fine,C-4,P-4,never,SW-COLE,90834,,1,45\n" in rejected
    assert "line 9 of this claim could not be read: judged without it" in page
    assert "90785 x 2" in page
    assert "add 59 to 90834 on line 5" in page
    assert "[1]" in page


def test_a_finding_for_which_no_denial_is_known():
    claims = read_claims(io.BytesIO(FAILING.encode()))
    report = cptkit.check_claims(claims.claims, cptkit.Catalog.bundled())
    (finding,) = report.findings
    assert "denial: " in report_page(report, claims, 80).text()
    unknown = attrs.evolve(finding, denial=None, evidence=())
    report = attrs.evolve(report, findings=(unknown,))
    assert "denial: " not in report_page(report, claims, 80).text()
    (row,) = csv.DictReader(io.StringIO(FORMATS["csv"](report, claims)))
    assert (row["denial_carc"], row["sources"]) == ("", "")


def test_long_runs_of_lines_are_told_as_spans(call, file):
    rows = "".join(f"C-{number},P-1,2026-03-02,X,27447,,1,\n" for number in range(6))
    assert "lines 2-7: edition 2026.1 does not cover 27447" in call("check", file(HEADER + rows)).out


def test_a_long_rejected_row_is_cut(call, file):
    page = call("check", file(CLEAN + "x" * 500 + "\n")).out
    assert "x" * 70 + "..." in page
    assert "x" * 80 not in page


def test_a_claim_named_after_its_patient_names_it_once(call, file):
    page = call("check", file("patient,dos,code,minutes\nP-1,2026-03-02,90837,50\n")).out
    assert "Claim P-1 2026-03-02\n" in page


def test_eighty_columns_without_a_terminal_and_as_many_as_are_asked_for(run, file):
    path = file(EVERYTHING)
    narrow, wide = run("check", path).out, run("check", path, COLUMNS="110").out
    assert max(map(len, narrow.splitlines())) <= 80
    assert 80 < max(map(len, wide.splitlines())) <= 110
    assert " ".join(narrow.split()) == " ".join(wide.split())


def test_no_colours_without_a_terminal(run, file):
    assert "\x1b" not in run("check", file(FAILING), FORCE_COLOR="1", TERM="xterm-256color").out


@pytest.mark.parametrize(
    ("settings", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours_on_a_terminal(call, file, monkeypatch, settings, is_coloured):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(screen, "is_terminal", lambda _stream: True)
    assert ("\x1b[1;31m" in call("check", file(FAILING)).out) is is_coloured


def test_medicare(call, file):
    assert "Medicare's rules (medicare)" in call("check", file(CLEAN), "--basis", "medicare").out


def test_a_table_into_a_file(call, file, tmp_path):
    path = tmp_path / "report.txt"
    answer = call("check", file(FAILING), "--output", path)
    assert answer == (1, "", "")
    assert path.read_text(encoding="utf-8") == call("check", file(FAILING)).out


def test_an_output_that_cannot_be_written(run, file, tmp_path):
    answer = run("check", file(FAILING), "--format", "json", "--output", tmp_path / "none" / "report.json")
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "cannot be written (No such file or directory)" in answer.err


# ---- selection ---------------------------------------------------------------------------


def test_select_and_ignore(call, file):
    path = file(FAILING)
    assert call("check", path, "--select", "TIM,MOD").status == 1
    assert call("check", path, "--select", "MOD").status == 0
    assert call("check", path, "--ignore", "TIM402").status == 0
    assert call("check", path, "--select", "TIM402", "--ignore", "TIM").status == 1
    assert call("check", path, "--select", "code-not-supported-by-time").status == 1


def test_an_unknown_rule_is_told_before_the_file_is_read(run):
    answer = run("check", "none.csv", "--ignore", "TIM411")
    assert answer.status == 2
    assert "no such rule: 'TIM411'" in answer.err
    assert "did you mean TIM" in answer.err


def test_pinned_editions(call, file):
    answer = call("check", file(UNCHECKED), "--edition", "2025.1", "--edition", "2024.1", "--format", "json")
    report = json.loads(answer.out)
    assert [pin["name"] for pin in report["pins"]] == ["2024.1", "2025.1"]
    assert report["not_checked"][0]["reason"] == "the catalog has no edition for 2026"
    assert call("check", file(CLEAN), "--edition", "1999.1").status == 2


# ---- for programs ------------------------------------------------------------------------


def test_json_is_the_report_and_the_input(call, file):
    report = json.loads(call("check", file(EVERYTHING), "--format", "json").out)
    assert list(report)[:2] == ["format", "pins"]
    assert {"format", "pins", "findings", "bypassed", "not_checked", "summary", "input"} <= set(report)
    assert report["pins"][-1] == {"name": "2026.1", "digest": cptkit.codeset("2026.1").digest}
    rows = report["input"]
    assert (rows["rows_read"], rows["rows_checked"]) == (11, 10)
    assert rows["rejected"] == [
        {
            "line": 9,
            "claim": "C-4",
            "reason": "date of service 'never' cannot be read; "
            "write it 2026-03-02, 03/02/2026 (month first) or 20260302",
            "text": "C-4,P-4,never,SW-COLE,90834,,1,45",
        }
    ]
    assert rows["columns"]["date_of_service"] == "dos"


def test_json_lines_hold_the_same(call, file):
    path = file(EVERYTHING)
    report = json.loads(call("check", path, "--format", "json").out)
    entries = [json.loads(line) for line in call("check", path, "--format", "jsonl").out.splitlines()]
    assert all(next(iter(entry)) == "type" for entry in entries)
    by_type: dict[str, list[object]] = {}
    for entry in entries:
        by_type.setdefault(entry.pop("type"), []).append(entry)
    assert by_type["finding"] == report["findings"]
    assert by_type["bypassed"] == report["bypassed"]
    assert by_type["not_checked"] == report["not_checked"]
    assert by_type["rejected"] == report["input"]["rejected"]
    (summary,) = by_type["summary"]
    assert summary["pins"] == report["pins"]
    assert summary["input"] == report["input"]


def test_csv_has_a_row_for_everything(call, file):
    path = file(EVERYTHING)
    report = json.loads(call("check", path, "--format", "json").out)
    text = call("check", path, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert text.splitlines()[0] == ",".join(CSV_COLUMNS)
    for kind in ("findings", "bypassed", "not_checked"):
        name = "finding" if kind == "findings" else kind
        assert [row["rule"] for row in rows if row["type"] == name] == [
            entry["rule"] for entry in report[kind]
        ]
    assert [(row["lines"], row["claim"]) for row in rows if row["type"] == "rejected"] == [("9", "C-4")]
    pair = next(row for row in rows if row["rule"] == "BHX501" and row["type"] == "finding")
    assert pair["lines"] == "4 5"
    assert "(if " in pair["fixes"]
    assert (pair["denial_group"], pair["denial_likely"]) == ("CO", "yes")
    assert pair["confidence"]


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_the_same_bytes_for_the_same_input(run, file, form):
    path = file(EVERYTHING)
    first, second = (run("check", path, "--format", form, PYTHONHASHSEED=seed).out for seed in ("1", "2"))
    assert first == second
    assert first == run("check", "-", "--format", form, stdin=EVERYTHING.encode()).out


def test_names_that_are_not_ascii(run, file):
    content = CLEAN.replace("P-1", "Zoë").replace(",47", ",12")
    report = json.loads(run("check", file(content), "--format", "json", PYTHONIOENCODING="ascii").out)
    assert report["findings"][0]["claim"] == "C-1"
    page = run("check", file(content), PYTHONIOENCODING="ascii")
    assert "patient Zo?" in page.out
    assert page.status == 1


# ---- long work ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "rows", "shown"), [(True, 2001, True), (True, 10, False), (False, 2001, False)]
)
def test_progress_on_long_work_where_someone_looks(call, file, monkeypatch, terminal, rows, shown):
    monkeypatch.setattr(check, "is_terminal", lambda _stream: terminal)
    lines = "".join(f"C-{number},P-1,2026-03-02,X,90834,,1,45\n" for number in range(rows))
    answer = call("check", file(HEADER + lines))
    assert answer.status == 0
    assert ("checking" in answer.err) is shown
    assert "checking" not in answer.out


def test_paths_may_hold_blanks(call, tmp_path: Path):
    path = tmp_path / "the week.csv"
    path.write_text(CLEAN, encoding="utf-8")
    assert call("check", path).status == 0


def test_a_column_of_another_name_can_be_chosen(call, tmp_path):
    path = tmp_path / "week.csv"
    path.write_text("Who,Day,CPT,Length\nP-1,2026-03-02,90837,50\n", encoding="utf-8")
    chosen = ["--column", "patient_id=Who", "--column", "date_of_service=Day", "--column", "minutes=length"]
    answer = call("check", path, *chosen)
    assert answer.status == 1
    assert "50 minutes are 90834" in answer.out


@pytest.mark.parametrize("text", ["minutes", "minutes=", "=Length"])
def test_a_choice_that_names_no_column_is_refused(call, tmp_path, text):
    path = tmp_path / "week.csv"
    path.write_text(CLEAN, encoding="utf-8")
    answer = call("check", path, "--column", text)
    assert answer.status == 2
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_report_for_a_spreadsheet_holds_no_formula(call, tmp_path, start):
    path = tmp_path / "week.csv"
    path.write_text(HEADER + f"{start}cmd,P-1,2026-03-02,SW-COLE,90837,,1,50\n", encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(call("check", path, "--format", "csv").out)))
    assert rows[0]["claim"] == f"'{start}cmd"


def test_a_lost_row_leaves_its_claim_open(call, tmp_path):
    path = tmp_path / "week.csv"
    path.write_text(
        "patient,dos,clinician,code,units,minutes\n"
        "P-1,2026-03-02,MD,99214,x,\n"
        "P-1,2026-03-02,MD,90833,1,20\n",
        encoding="utf-8",
    )
    answer = call("check", path, "--format", "json")
    report = json.loads(answer.out)
    assert (answer.status, report["findings"]) == (1, [])
    assert "could not be read" in report["not_checked"][0]["reason"]
