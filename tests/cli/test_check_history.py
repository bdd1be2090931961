"""``cptkit check --history``: files of other claim lines, and from which day on they are complete."""

import pytest

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
NEW = HEADER + "C-2,P-1,2026-03-02,A,99203,,1,\n"
SEEN = HEADER + "C-1,P-1,2025-03-02,A,99213,,1,\n"
NOBODY = HEADER + "C-1,P-2,2025-03-02,A,99213,,1,\n"
LOST = NOBODY + "C-3,P-1,2025-02-30,A,99213,,1,\n"


@pytest.fixture
def files(tmp_path):
    named = {"new": NEW, "seen": SEEN, "nobody": NOBODY, "lost": LOST, "both": SEEN + NEW.partition("\n")[2]}
    for name, text in named.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return lambda name: str(tmp_path / name)


def test_a_patient_who_was_seen(call, files):
    status, out, err = call("check", files("new"), "--history", files("seen"))
    assert (status, err) == (1, "")
    assert "the same clinician gave 99213 on 2025-03-02 (C-1/" in " ".join(out.split())


def test_a_file_may_be_its_own_history(call, files):
    status, out, _ = call("check", files("both"), "--history", files("both"), "--history-since", "2020-01-01")
    assert (status, "FRQ001" in out, "DUP601" in out) == (1, True, False)


def test_several_files(call, files):
    status, out, _ = call("check", files("new"), "--history", files("nobody"), "--history", files("seen"))
    assert (status, "FRQ001" in out) == (1, True)


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ((), "nobody says from which day the history of the patient is complete"),
        (("--history-since", "2023-03-04"), "the history begins on 2023-03-04, 1 day too late"),
        (("--history-since", "2023-03-03"), ""),
    ],
)
def test_what_is_not_there(call, files, since, reason):
    status, out, _ = call("check", files("new"), "--history", files("nobody"), *since, "--format", "json")
    assert status == 0
    assert ("FRQ001" in out.partition('"not_checked"')[2].partition('"summary"')[0]) == bool(reason)
    assert reason in out


def test_a_row_that_is_lost_may_be_anyones(call, files):
    given = ("--history", files("lost"), "--history-since", "2020-01-01")
    status, out, err = call("check", files("new"), *given, "--format", "json")
    assert status == 0
    assert "nobody says from which day" in out
    assert "1 row cannot be read; the first is line 3: date of service" in err
    assert "complete from no day on" in err


def test_a_row_that_is_lost_of_the_file_itself_may_be_anyones(call, tmp_path, files):
    (tmp_path / "half").write_text(NEW + "C-3,P-1,2026-02-30,A,99213,,1,\n", encoding="utf-8")
    given = ("--history", files("nobody"), "--history-since", "2020-01-01")
    status, out, err = call("check", files("half"), *given, "--format", "json")
    assert status == 1
    assert "nobody says from which day" in out
    assert "complete from no day on" in err


def test_a_day_without_a_history(call, files):
    status, _, err = call("check", files("new"), "--history-since", "2020-01-01")
    assert status == 2
    assert "--history-since says of --history from which day it is complete" in err


def test_a_day_that_is_none(call, files):
    status, _, err = call("check", files("new"), "--history", files("seen"), "--history-since", "yesterday")
    assert status == 2
    assert "yesterday" in err


def test_a_file_that_is_not_there(call, files):
    status, _, err = call("check", files("new"), "--history", files("absent"))
    assert status == 2
    assert "absent" in err


def test_no_history(call, files):
    status, out, _ = call("check", files("new"), "--format", "json")
    assert (status, '"FRQ001"' in out.partition('"left_out"')[2].partition("]")[0]) == (0, True)
