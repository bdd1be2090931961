"""``cptkit check`` of tables: what is one, the summary, columns, options."""

import subprocess
import sys
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import pyarrow.parquet as pq  # noqa: E402 - behind the skip

import cptkit  # noqa: E402 - behind the skip
from cptkit.cli import check_tables_run  # noqa: E402 - behind the skip

NAMES = ("person_id", "claim_id", "claim_line_number", "claim_line_start_date", "hcpcs_code")
HEADER = "patient,dos,cpt,minutes\n"
LINE = "P-1,2026-03-02,90834,47\n"


# ---- what is a table -----------------------------------------------------------------------------


def test_a_csv_without_a_map_is_a_file_of_claims(call, file):
    plain = call("check", file(HEADER + LINE))
    assert "1 row read = 1 checked + 0 rejected" in plain.out
    as_table = call("check", file(HEADER + LINE), "--columns", "auto")
    assert as_table.status == plain.status == 0
    assert "1 row in = 1 checked + 0 rejected" in as_table.out
    assert "column map cptkit: cptkit's own names" in as_table.out


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
@pytest.mark.parametrize("ending", ["parquet", "dat"])
def test_a_table_is_known_by_its_content(summary, home, kind, ending, tuva):
    path = home / f"claims.{ending}"
    if kind == "parquet":
        pq.write_table(tuva("90785"), path)
    else:
        new = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as out, new(out, tuva("90785").schema) as writer:
            writer.write_table(tuva("90785"))
    told = summary(path)
    assert (told["rows"], told["lines"], told["rejected"]) == (1, 1, 0)
    assert [(each["rule"], each["outcome"]) for each in told["findings"]] == [("ADD301", "fail")]


def test_a_text_that_is_named_like_a_table(call, home):
    (home / "odd.parquet").write_text(HEADER + LINE, encoding="utf-8")
    assert call("check", "odd.parquet").status == 0


@pytest.mark.parametrize(
    "given",
    [
        ("--by", "rule"),
        ("--baseline", "old.json"),
        ("--waivers", "waivers.toml"),
        ("--history", "claims.parquet"),
        ("--history-since", "2026-01-01"),
        ("--output", "report.txt"),
        ("--format", "html"),
        ("--format", "csv"),
    ],
)
def test_options_of_claims(call, home, given, refused, names_in):
    refused(call("check", "claims.parquet", *given), f"{given[0]}")
    assert names_in(home) == ["claims.parquet", "clean.parquet"]


@pytest.mark.parametrize(
    "given", [("--out", "x.csv"), ("--threads", "2"), ("--batch-rows", "9"), ("--grouped",)]
)
def test_options_of_tables(call, file, given, refused):
    refused(call("check", file(HEADER + LINE), *given), f"{given[0]} is for tables")


def test_standard_input_is_no_table(call, refused):
    refused(call("check", "-", "--columns", "auto"), "Standard input (-) is read as claims alone")


@pytest.mark.parametrize("package", ["pyarrow", "numpy"])
@pytest.mark.usefixtures("home")
def test_what_is_not_installed(call, monkeypatch, package, refused):
    for name in [name for name in sys.modules if name.startswith(("cptkit.frames", package))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    refused(call("check", "claims.parquet"), f"cptkit: cptkit.frames needs {package}, which is not installed")


# ---- the summary -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
def test_the_page(call, tuva):
    rows = pa.concat_tables([tuva("90785", "27447"), tuva("90834", patient="P-2", day="2026-02-30")])
    pq.write_table(rows, "claims.parquet")
    page = call("check", "claims.parquet", "--columns", "tuva", "--out", "found.parquet").out
    for words in (
        "2 claim lines, by the code set's own rules (cpt)",
        "column map tuva: Tuva medical_claim",
        "  date_of_service     claim_line_start_date",
        "  1  fail      ADD301  add-on-without-primary",
        "  COD102  1 line: edition 2026.1 does not cover 27447",
        "--tables): ADD302",
        "  1 time  date of service is not a day of the calendar; row 2",
        "\n3 rows in = 2 checked + 1 rejected\n",
        cptkit.codeset("2026.1").digest[:19],
        "Findings: found.parquet",
    ):
        assert words in page


@pytest.mark.usefixtures("home")
def test_a_clean_table(call):
    answer = call("check", "clean.parquet", "--select", "ADD")
    assert answer.status == 0
    assert "NOTHING WRONG WAS FOUND\n" in answer.out
    assert "1 row in = 1 checked + 0 rejected" in answer.out


@pytest.mark.usefixtures("home")
def test_a_row_that_holds_several_lines(call):
    names = ["DESYNPUF_ID", "CLM_ID", "CLM_FROM_DT", "PRF_PHYSN_NPI_1", "PRF_PHYSN_NPI_2"]
    row = dict(zip(names, ("P-1", "C-1", "20260302", "N", "N"), strict=True)) | {"HCPCS_CD_1": "99213"}
    pq.write_table(pa.Table.from_pylist([row | {"HCPCS_CD_2": "90785"}]), "wide.parquet")
    assert "1 row in holds 2 codes = 2 checked + 0 rejected" in call("check", "wide.parquet").out
    pq.write_table(pa.Table.from_pylist([row | {"HCPCS_CD_2": "90785"}, row]), "wide.parquet")
    assert "2 rows in hold 3 codes = 3 checked + 0 rejected" in call("check", "wide.parquet").out


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("days", "words"),
    [
        (("2009-03-02",), "NO LINE COULD BE JUDGED"),
        (("2009-03-02", "2010-03-02"), "NO LINE COULD BE JUDGED"),
        (("2009-03-02", "2026-03-02"), "NOTHING WRONG WAS FOUND IN WHAT "),
        (("2009-03-02", "2026-02-30"), "NO LINE COULD BE JUDGED"),
    ],
)
@pytest.mark.usefixtures("home")
def test_years_without_an_edition(call, form, days, words):
    rows = [{"patient": f"P-{place}", "dos": day, "cpt": "99213"} for place, day in enumerate(days)]
    table = pa.Table.from_pylist(rows)
    if form == "parquet":
        pq.write_table(table, "old.parquet")
    else:
        text = "".join(f"{row['patient']},{row['dos']},{row['cpt']}\n" for row in rows)
        Path("old.csv").write_text(f"patient,dos,cpt\n{text}", encoding="utf-8")
    answer = call("check", f"old.{form}", "--select", "ADD")
    assert answer.status == ("2026-02-30" in days)
    assert f"\n{words}" in answer.out
    assert call("check", f"old.{form}", "--select", "ADD", "--strict").status == 1


@pytest.mark.usefixtures("home")
def test_strict(call, tuva):
    pq.write_table(tuva("27447"), "unknown.parquet")
    assert call("check", "unknown.parquet").status == 0
    assert call("check", "unknown.parquet", "--strict").status == 1
    pq.write_table(tuva("99213").slice(0, 0), "none.parquet")
    assert "NO LINE WAS CHECKED" in call("check", "none.parquet").out
    assert call("check", "none.parquet", "--strict").status == 1


@pytest.mark.usefixtures("home")
def test_what_is_bypassed_fails_nothing(summary, tuva):
    rows = tuva("90847", "90834").append_column("hcpcs_modifier_1", [[None, "59"]])
    pq.write_table(rows, "claims.parquet")
    told = summary("claims.parquet", "--select", "BHX501", status=0)
    assert told["findings"] == [{"rule": "BHX501", "outcome": "bypassed", "findings": 1}]


@pytest.mark.usefixtures("home")
def test_rules_basis_and_editions(summary):
    told = summary(
        "claims.parquet",
        "--select",
        "ADD",
        "--ignore",
        "ADD304",
        "--basis",
        "medicare",
        "--edition",
        "2026.1",
    )
    assert (told["basis"], [pin["name"] for pin in told["pins"]]) == ("medicare", ["2026.1"])
    assert "ADD301" in told["rules"]
    assert "ADD304" not in told["rules"]
    assert told["left_out"] == []  # ADD302 is named, so it says that there are no tables
    assert "ADD302" in summary("claims.parquet")["left_out"]


@pytest.mark.usefixtures("home")
def test_a_rule_that_is_none_is_told_before_the_file_is_read(call, refused):
    refused(call("check", "none.parquet", "--select", "ABD301"), "no such rule: 'ABD301'")


# ---- columns ---------------------------------------------------------------------------------------


def test_a_map_of_ones_own(summary, home, tuva):
    pq.write_table(tuva("90785").rename_columns(["Who", "Bill", "No", "When", "What"]), "own.parquet")
    (home / "own.toml").write_text(
        'format = 1\nid = "own"\ntitle = "Ours"\nsource = "us"\n[columns]\n'
        'patient = ["who"]\ndate_of_service = ["when"]\ncode = ["what"]\n',
        encoding="utf-8",
    )
    assert summary("own.parquet", "--columns", "own.toml")["columns"][0].startswith("column map own: Ours\n")
    by_field = ("--column", "patient_id=Who", "--column", "date_of_service=When", "--column", "code=What")
    assert summary("own.parquet", *by_field)["lines"] == 1


@pytest.mark.usefixtures("home")
def test_a_column_named_beside_a_map(call, tuva):
    """The map holds for all others."""
    rows = tuva("90847", "90834")
    named = rows.rename_columns(
        ["visit" if name == "claim_line_start_date" else name for name in rows.column_names]
    )
    pq.write_table(named, "claims.parquet")
    answer = call("check", "claims.parquet", "--columns", "tuva", "--column", "date_of_service=visit")
    assert "beside those of tuva" in answer.out
    assert "2 rows in = 2 checked + 0 rejected" in answer.out


@pytest.mark.usefixtures("home")
def test_modifiers_named_one_by_one(summary, tuva):
    rows = tuva("90847", "90834").append_column("m a", [[None, "59"]]).append_column("m b", [[None, "95"]])
    pq.write_table(rows, "claims.parquet")
    given = ("--column", "modifier1=m a", "--column", "modifier2=m b", "--column", "patient=person_id")
    given += ("--column", "date_of_service=claim_line_start_date", "--select", "BHX501")
    assert summary("claims.parquet", *given, status=0)["findings"][0]["outcome"] == "bypassed"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--columns", "tuwa"), "no such column map: 'tuwa'; expected the id of a bundled map"),
        (("--columns", "no.toml"), "no.toml"),
        (("--columns", "tuva", "--column", "code=x"), "the table has no such column: 'x'"),
        (
            ("--columns", "synpuf", "--column", "code=x"),
            "several lines a row cannot be changed field by field",
        ),
        (("--columns", "tuva", "--column", "map=omop"), "--column map=... names no field"),
        (("--column", "colour=x"), "no such field of a claim line: 'colour'"),
        (("--columns", "omop"), "no column for the code and none for the date of service"),
        (("--columns", "tuva", "--columns", "omop"), "--columns is given 2 times"),
    ],
)
@pytest.mark.usefixtures("home")
def test_columns_that_cannot_be(call, given, words, refused):
    refused(call("check", "claims.parquet", *given), words)


@pytest.mark.usefixtures("home")
def test_two_columns_for_one_thing(call, refused):
    pq.write_table(
        pa.table({"patient": ["P"], "dos": ["2026-03-02"], "cpt": ["1"], "code": ["1"]}), "two.parquet"
    )
    refused(call("check", "two.parquet"), "two columns hold the same thing (code): 'code' and 'cpt'")


# ---- progress --------------------------------------------------------------------------------------


def test_progress_is_for_a_terminal(call, folder, monkeypatch):
    assert call("check", folder).err == ""
    monkeypatch.setattr(check_tables_run, "is_terminal", lambda _stream: True)
    shown = call("check", folder, "--out", "found").err
    assert "3/3" in shown
    assert "a second" in shown
    (folder / "x.csv").write_text(",".join(NAMES) + "\nP,C,1,2026-03-02,99213\n", encoding="utf-8")
    assert "4/?" in call("check", folder).err


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["check", "claims.csv"]])
def test_claims_need_neither_numpy_nor_pyarrow(home, arguments):
    (home / "claims.csv").write_text(HEADER + LINE, encoding="utf-8")
    program = f"""
import sys
from cptkit.cli import main
main({arguments!r})
print({{"numpy", "pyarrow", "cptkit.frames"}} & set(sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "set()\n"
