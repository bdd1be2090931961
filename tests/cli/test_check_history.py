"""``cptkit check --history``: files of other claim lines, and from which day on they are complete."""

import datetime as dt

import pytest

from cptkit.cli import check_history

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


@pytest.mark.parametrize("which", ["claims", "history"])
def test_standard_input(run, files, which):
    given = {"claims": files("new"), "history": files("seen"), which: "-"}
    stdin = (NEW if which == "claims" else SEEN).encode()
    answer = run("check", given["claims"], "--history", given["history"], stdin=stdin)
    assert (answer.status, answer.err) == (1, "")
    assert "FRQ001" in answer.out


def test_a_row_of_standard_input_that_is_lost(run, files):
    answer = run("check", files("new"), "--history", "-", stdin=LOST.encode())
    assert answer.err.startswith("cptkit: standard input: 1 row cannot be read; the first is line 3: ")


@pytest.mark.parametrize("given", [("-", "--history", "-"), ("absent", "--history", "-", "--history", "-")])
def test_standard_input_is_read_once(call, given):
    status, out, err = call("check", *given)
    assert (status, out) == (2, "")
    assert "Standard input (-) can be read once: name a file for FILE or for --history." in err


def test_standard_input_that_is_closed(call, files, monkeypatch):
    monkeypatch.setattr(check_history.sys, "stdin", None)
    assert call("check", files("new"), "--history", "-")[::2] == (2, "cptkit: standard input is closed\n")


class Clock(dt.datetime):
    """A day that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 31, 12, tzinfo=tz or dt.UTC)


TO_COME = (
    "cptkit: --history-since {} is still to come: the history is taken to be complete from that day on\n"
)
LATE = (
    "cptkit: --history-since {} is after 2026-03-02, the first date of service of the claims: "
    "whether anything is missing before it is not known\n"
)


@pytest.mark.parametrize(
    ("since", "told"),
    [("2026-03-02", ""), ("2026-03-03", LATE), ("2026-03-31", LATE), ("2026-04-01", TO_COME)],
)
def test_a_first_day_that_helps_little_is_told(call, files, monkeypatch, since, told):
    monkeypatch.setattr(check_history.dt, "datetime", Clock)
    status, _, err = call("check", files("new"), "--history", files("seen"), "--history-since", since)
    assert (status, err) == (1, told.format(since))


def test_a_first_day_beside_no_claims(call, tmp_path, files):
    (tmp_path / "none").write_text(HEADER, encoding="utf-8")
    given = ("--history", files("seen"), "--history-since", "2026-03-03")
    assert call("check", files("none"), *given).err == ""


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
