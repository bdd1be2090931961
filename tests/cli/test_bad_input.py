"""Bad input: one clear line or one rejected row, never a traceback; in processes of their own."""

import pytest

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
CLEAN = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\n"


def assert_one_line(answer, *words: str) -> None:
    assert answer.status == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("cptkit: ")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_a_missing_column_is_named_with_the_accepted_names(run, file):
    answer = run("check", file("claim,dos,units\nC-1,2026-03-02,1\n"))
    assert_one_line(answer, "no column for the code", "hcpcs_code", "procedure_code")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\x7fELF\x01\0\0\xff", "the file is binary"),
        (b"PK\x03\x04", "an Excel workbook"),
        (CLEAN.encode("utf-16"), "UTF-16"),
        (CLEAN.replace("COLE", "COL\u00c9").encode("latin-1"), "line 2 is not UTF-8"),
        (b"claim,patient,dos,code,cpt\n", "two columns hold the same thing"),
    ],
)
def test_a_file_that_cannot_be_read(run, file, content, words):
    assert_one_line(run("check", file(content)), words)


def test_a_missing_file(run, tmp_path):
    assert_one_line(run("check", tmp_path / "none.csv"), "No such file", "none.csv")


def test_a_directory(run, tmp_path):
    assert_one_line(run("check", tmp_path), "the folder holds no files")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "C-2,P-2,2026-02-30,X,90834,,1,47",
            "line 3: date of service '2026-02-30' is not a day of the calendar",
        ),
        (
            'C-2,P-2,2026-03-02,"X,90834,,1,47',
            "line 3: a quote is opened in field 4 and not closed on the line",
        ),
        ("C-2,P-2,2026-03-02,X,90834,,1.5,47", "line 3: units '1.5': a whole number is needed"),
        ("C-2,P-2,2026-03-02,X,90834,,1,47.5", "line 3: minutes '47.5': whole completed minutes are needed"),
        ("C-2,P-2,2026-03-02,X,90834,,1", "line 3: 7 fields, the header has 8"),
        ("C-2,P-2,2026-03-02,X,90\x00834,,1,47", "line 3: a NUL byte in the row"),
    ],
)
def test_a_row_that_cannot_be_read(run, file, row, words):
    answer = run("check", file(f"{CLEAN}{row}\nC-3,P-3,2026-03-02,X,90837,,1,50\n"), COLUMNS="120")
    assert answer.status == 1
    assert words in answer.out
    assert "error  line 4  90837  2026-03-02" in answer.out  # the row behind it is checked
    assert "\n3 rows read = 2 checked + 1 rejected\n" in answer.out


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("C-2,P-2,2026-03-02,X,90834,,-1,47", "COD103 impossible-units"),
        (
            "C-2,P-2,2026-03-02,X,908345,,1,47",
            "'908345' is not a code: a code has five characters, this has 6",
        ),
    ],
)
def test_a_row_that_is_wrong_is_a_finding(run, file, row, words):
    answer = run("check", file(f"{CLEAN}{row}\n"))
    assert answer.status == 1
    assert "line 3" in answer.out
    assert words in answer.out
    assert "\n2 rows read = 2 checked + 0 rejected\n" in answer.out


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + CLEAN,
        CLEAN.replace("\n", "\r\n"),
        CLEAN.replace(",", ";"),
        CLEAN.replace(",", "\t"),
    ],
    ids=["BOM", "CRLF", "semicolon", "tab"],
)
def test_files_as_other_programs_write_them(run, file, content):
    answer = run("check", file(content))
    assert answer.status == 0, answer
    assert "1 row read = 1 checked + 0 rejected" in answer.out


def test_signs_that_move_the_cursor_are_spelled_out(run, file):
    answer = run(
        "check", file(f"{HEADER}C-\x1b[2J,P-1,2026-03-02,X,90\x1b[31m,,1,47\nC-1,\x07P,never,X,\x9b1,,1,1\n")
    )
    assert answer.status == 1
    assert answer.out.isascii()
    assert not {"\x1b", "\x07"} & set(answer.out)
    assert r"\x1b[2J" in answer.out
