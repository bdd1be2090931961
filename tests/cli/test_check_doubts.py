"""``cptkit check``: what was lost, not judged, or given in a way that could mean two things is told."""

import json

import pytest

NAMELESS = "patient,dos,cpt,minutes,clinician\n"
ADD_ON = "P-1,2026-03-02,90785,,A\n"
OTHER = "P-2,2026-03-02,90785,,A\n"
RIGHT = NAMELESS + "P-1,2026-03-02,90834,47,A\n"
UNKNOWN = NAMELESS + "P-1,2026-03-02,36415,,A\n"


@pytest.fixture
def check(call, tmp_path):
    def check(text, *arguments):
        path = tmp_path / "week.csv"
        path.write_text(text, encoding="utf-8")
        return call("check", path, *arguments)

    return check


# ---- rows that were lost -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "failed", "told"),
    [
        ("P-1,2026-03-2x,90834,45,A\n", ["P-2 2026-03-02"], "line 4 may be of any claim of its patient: "),
        (",2026-03-02,90834,45,A\n", [], "line 4 may be of any claim of the file: "),
        ("P-1,2026-03-02\n", [], "line 4 may be of any claim of the file: "),
        ("P-1,2026-03-02,90834,x,A\n", ["P-2 2026-03-02"], ""),
        ("", ["P-1 2026-03-02", "P-2 2026-03-02"], ""),
    ],
    ids=["a patient", "nobody", "too few fields", "a patient and a day", "nothing was lost"],
)
def test_what_a_lost_row_could_change_is_not_checked(check, lost, failed, told):
    text = NAMELESS + ADD_ON + OTHER + lost
    report = json.loads(check(text, "--select", "ADD301", "--format", "json").out)
    assert [finding["claim"] for finding in report["findings"]] == failed
    spared = [entry["claim"] for entry in report["not_checked"]]
    assert sorted([*failed, *spared]) == ["P-1 2026-03-02", "P-2 2026-03-02"]
    assert all("row that could not be read" in entry["reason"] for entry in report["not_checked"])
    shown = " ".join(check(text, "--select", "ADD301").out.split())
    assert ("may be of any claim" in shown) is bool(told)
    assert told in shown


def test_a_claim_with_findings_names_the_row_that_may_be_its(check):
    wrong = NAMELESS + "P-1,2026-03-02,90837,50,A\nP-2,2026-03-02,90837,50,A\nP-1,never,90834,45,A\n"
    shown = check(wrong).out
    assert shown.count("line 4 could not be read and may be of this claim: judged without it") == 1
    first, second = shown.index("Claim P-1"), shown.index("Claim P-2")
    assert first < shown.index("line 4 could not be read and may be of this claim") < second


def test_beside_a_baseline_a_lost_row_keeps_only_its_patients_open(check, tmp_path):
    wrong = NAMELESS + "P-1,2026-03-02,90837,50,A\nP-2,2026-03-02,90837,50,A\n"
    check(wrong, "--format", "json", "--output", tmp_path / "old.json")
    mended = wrong.replace("90837", "90834")
    for lost, gone in (("P-1,never,90834,45,A\n", (1, 1)), (",never,90834,45,A\n", (0, 2)), ("", (2, 0))):
        answer = check(mended + lost, "--baseline", tmp_path / "old.json", "--format", "json")
        found = json.loads(answer.out)["comparison"]
        assert (len(found["fixed"]), len(found["not_judged"])) == gone


# ---- what could not be judged --------------------------------------------------------------


def test_nothing_could_be_judged(check):
    answer = check(RIGHT, "--edition", "2025.1")
    assert answer.status == 0
    assert "\nNO LINE COULD BE JUDGED\n" in answer.out
    assert "NOTHING WRONG" not in answer.out
    page = check(RIGHT, "--edition", "2025.1", "--format", "html").out
    assert "<p>No line could be judged.</p>" in page
    assert "Nothing wrong" not in page


def test_no_line_could_be_checked_in_full(check):
    assert (
        "\nNO LINE COULD BE CHECKED IN FULL. NOTHING WRONG WAS FOUND IN WHAT COULD BE\n" in check(UNKNOWN).out
    )
    some = check(UNKNOWN + "P-2,2026-03-02,90834,47,A\n").out
    assert "\nNOTHING WRONG WAS FOUND IN WHAT COULD BE CHECKED\n" in some
    assert "\nNOTHING WRONG WAS FOUND\n" in check(RIGHT).out


@pytest.mark.parametrize(
    ("text", "arguments", "status"),
    [
        (RIGHT, (), 0),
        (RIGHT, ("--edition", "2025.1"), 1),
        (UNKNOWN, (), 1),
        (UNKNOWN, ("--ignore", "COD102"), 0),
        (NAMELESS, (), 1),
        (RIGHT.replace("47", "50").replace("90834", "90837"), (), 1),
    ],
    ids=["right", "no edition", "not covered", "not asked", "no line", "wrong"],
)
def test_strict(check, text, arguments, status):
    assert check(text, "--strict", *arguments).status == status
    assert check(text, *arguments).status == (1 if "90837" in text else 0)


# ---- columns -------------------------------------------------------------------------------


def test_a_column_that_is_nearly_named_is_told(check):
    shown = check(RIGHT.replace("clinician", "clinican,Remarks").replace(",A\n", ",A,\n")).out
    assert "Columns not used: clinican (did you mean clinician?), Remarks\n" in shown
    assert "No column names the clinician: all lines of a day count as one clinician's\n" in shown
    assert "No column names the clinician" not in check(RIGHT).out


@pytest.mark.parametrize("setting", ["hospital", "dme"])
def test_who_bills_as_one_needs_no_clinician(check, setting):
    text = RIGHT.replace(",clinician", ",who")
    assert "No column names the clinician" not in check(text, "--setting", setting).out
    assert "No column names the clinician" in check(text).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--column", "minutes=A", "--column", "minutes=B"),
            "two columns are given for minutes: A and B; name one",
        ),
        (("--column", "minutes=A", "--column", " minutes =A"), "two columns are given for minutes: A and A"),
        (("--profile", "cpt", "--profile", "medicare"), "--profile is given 2 times: give it once."),
        (("--basis", "cpt", "--basis", "cpt"), "--basis is given 2 times: give it once."),
        (
            ("--column", "minutes=cpt"),
            "no column for the code, as 'cpt' was taken for minutes; it has patient",
        ),
    ],
)
def test_what_is_given_twice_or_taken_away(check, arguments, said):
    answer = check(RIGHT, *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_what_may_be_given_twice(check):
    twice = (
        "--select",
        "TIM",
        "--select",
        "MOD",
        "--edition",
        "2026.1",
        "--edition",
        "2025.1",
        "--preview",
        "--preview",
    )
    assert check(RIGHT, *twice, "--column", "minutes=minutes", "--column", "code=cpt").status == 0


# ---- errors --------------------------------------------------------------------------------


def test_a_year_that_is_far_off_is_rejected(check):
    answer = check(RIGHT + "P-1,0026-03-02,90834,47,A\n")
    assert answer.status == 1
    assert "line 3: date of service '0026-03-02' is before 1900; write the year's" in answer.out
    assert "no edition for 26" not in answer.out


def test_a_history_that_cannot_be_read_is_named_as_one(check, tmp_path):
    (tmp_path / "past.csv").write_bytes(b"")
    answer = check(RIGHT, "--history", tmp_path / "past.csv")
    assert answer.status == 2
    assert answer.err.startswith("cptkit: --history: the file is empty: ")
    assert check("").err.startswith("cptkit: the file is empty: ")


def test_a_rule_that_is_not_there_leads_to_the_list(check):
    assert check(RIGHT, "--select", "NOPE").err.endswith("; see `cptkit rules`\n")
    assert check(RIGHT, "--select", "TIM411").err.endswith("?\n")
    assert check(RIGHT, "--ignore", "NOPE").err.endswith("; see `cptkit rules`\n")


def test_a_profile_that_leaves_no_rule(call, check, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'format = 1\nid = "mine"\ntitle = "Ours"\nbasis = "cpt"\nignore = ["ALL"]\n', encoding="utf-8"
    )
    verified = call("profile", "verify", mine)
    assert (verified.status, "mine  WRONG" in verified.out) == (1, True)
    assert "ignore leaves none of the rules that are selected" in " ".join(verified.out.split())
    answer = check(RIGHT, "--profile", mine)
    assert answer.status == 2
    assert "select ALL, ignore nothing; the profile mine selects ALL and ignores ALL" in answer.err
    mine.write_text(
        mine.read_text(encoding="utf-8").replace("ignore", "select").replace("ALL", "TIM"), encoding="utf-8"
    )
    narrowed = check(RIGHT, "--profile", mine, "--select", "MOD").err
    assert "select MOD, ignore nothing; the profile mine selects TIM and ignores nothing" in narrowed
    assert "profile" not in check(RIGHT, "--ignore", "ALL").err
