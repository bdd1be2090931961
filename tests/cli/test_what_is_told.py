"""What ``cptkit check`` and the commands about rules say: of lines, of columns, and of what cannot be meant."""

import pytest

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
VISIT = "C-1,P-1,2026-03-02,A,99213,,1,\n"
AGAIN = "C-2,P-1,2026-03-02,A,99213,,1,\n"
LOST = "C-1,P-1,2026-02-30,A,99213,,1,\n"
HEAD = 'format = 1\nid = "medicare"\ntitle = "Ours"\nbasis = "cpt"\n'


@pytest.fixture
def put(tmp_path):
    def put(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return put


# ---- lines ---------------------------------------------------------------------------------


def test_only_lines_of_the_file_are_counted(call, put):
    new, seen = put("new.csv", HEADER + VISIT), put("seen.csv", HEADER + "\n" + AGAIN)
    out = call("check", new, "--history", seen, "--select", "DUP").out
    assert "C-2/3" in out
    assert "FINDING on 1 line\n" in out


def test_a_line_of_the_file_stands_once_among_those_not_checked(call, put):
    rows = (f"{claim},P-1,2026-03-02,A,96130,,1,\n" for claim in ("C-1", "C-2"))
    both = put("both.csv", HEADER + "".join(rows))
    profile = put("mine.toml", PAYER)
    out = call("check", both, "--history", both, "--profile", profile, "--select", "FRQ004").out
    assert "lines 2, 3: 96130 of the day is without minutes" in out
    assert "2 lines left partly unchecked" in out


PAYER = """\
format = 1
id = "mine"
title = "Ours"
basis = "cpt"
[sources.MINE]
grade = "B"
where = "a letter"
[[convention]]
name = "minutes-a-day/tests"
[[convention.history]]
from = 2026-01-01
value = "240 for 96130"
text = "own words"
sources = ["MINE"]
confidence = "verified"
checked = 2026-03-02
"""


def test_more_of_a_day_may_stand_on_another_claim(call, put):
    rows = (f"{claim},P-1,2026-03-02,A,96130,,1,60\n" for claim in ("C-1", "C-2"))
    both, profile = put("both.csv", HEADER + "".join(rows)), put("mine.toml", PAYER)
    out = " ".join(call("check", both, "--profile", profile, "--select", "FRQ004").out.split())
    where = "on another claim, on a line without a clinician, or on a row that was lost"
    assert f"more of it may stand on the day: {where}" in out


@pytest.mark.parametrize(("rows", "status"), [("", 0), (LOST, 1)], ids=["a header alone", "all rejected"])
def test_no_line_was_checked(call, put, rows, status):
    answer = call("check", put("none.csv", HEADER + rows))
    assert answer.status == status
    assert "NO LINE WAS CHECKED" in answer.out
    assert "NOTHING WRONG" not in answer.out
    page = call("check", put("none.csv", HEADER + rows), "--format", "html")
    assert (page.status, "No line was checked." in page.out) == (status, True)
    assert "Nothing wrong" not in page.out


# ---- what is given -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("mins=Foo", "no such field of a claim line: 'mins'; expected one of claim_id, "),
        ("minutes=Foo", "the file has no such column: 'Foo'; expected one of claim, patient, dos, "),
    ],
)
def test_a_column_that_is_not_there(call, put, column, said):
    file = put("week.csv", HEADER + VISIT)
    answer = call("check", file, "--column", column)
    assert answer.status == 2
    assert said in answer.err
    assert file in answer.err


@pytest.mark.parametrize("text", ["", " ", ","])
def test_a_selection_of_nothing_is_not_one_of_everything(call, put, text):
    for arguments in (("check", put("week.csv", HEADER + VISIT), "--select", text), ("rules", text)):
        answer = call(*arguments)
        assert (answer.status, answer.out) == (2, "")
        assert "names no rule" in answer.err
    assert call("check", put("week.csv", HEADER + VISIT), "--ignore", text).status == 0


def test_rules_are_listed_as_they_are_selected(call):
    answer = call("rules", "TIM, MOD")
    assert (answer.status, answer.out) == (0, call("rules", "TIM", "MOD").out)


def test_a_prefix_has_no_page_but_a_list(call):
    answer = call("explain", "TIM")
    assert (answer.status, answer.out) == (2, "")
    assert "ee `cptkit rules TIM`" in answer.err
    assert "cptkit rules" not in call("explain", "XYZ").err


@pytest.mark.parametrize("option", ["--as-of", "--history-since"])
def test_a_day_that_is_no_date_of_service(call, put, option):
    week = put("week.csv", HEADER + VISIT)
    answer = call(
        "check", week, "--history", week, "--waivers", put("none.toml", "format = 1\n"), option, "tomorrow"
    )
    assert answer.status == 2
    assert "date 'tomorrow' cannot be read" in answer.err
    assert "date of service" not in answer.err


# ---- profiles ------------------------------------------------------------------------------


def test_the_id_of_a_bundled_profile_is_taken(call, put):
    answer = call("profile", "verify", put("medicare.toml", HEAD))
    assert answer.status == 1
    said = " ".join(answer.out.split())
    assert "medicare.toml:2: the id is that of a bundled profile: reports and pins could not tell" in said


def test_a_profile_that_cannot_be_read(call, put, tmp_path):
    assert call("profile", "verify", str(tmp_path / "nope.toml")).status == 2
    both = (str(tmp_path / "nope.toml"), put("medicare.toml", HEAD))
    assert call("profile", "verify", *both).status == 2
    assert call("profile", "verify", *reversed(both)).status == 2
