"""The smaller commands: time, code, edition; help and version."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

import cptkit
from cptkit.cli.code import _stretch
from cptkit.codesets import Change, bundled_editions
from cptkit.codesets.lookup import edition_folder
from cptkit.sources import Citation, Confidence


def refused(answer, *words: str) -> None:
    assert answer.status == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_version(run, call):
    assert run("--version") == (0, f"cptkit {cptkit.__version__}\n", "")
    assert call("--version").out == f"cptkit {cptkit.__version__}\n"


def test_help_names_every_command(run, call):
    answer = run("--help")
    assert call("--help").out == answer.out
    assert answer.status == 0
    for name in ("check", "code", "edition", "explain", "rules", "time"):
        assert f"\n  {name} " in answer.out


@pytest.mark.parametrize("name", ["check", "code", "edition", "explain", "rules", "time"])
def test_every_command_has_help(call, name):
    answer = call(name, "-h")
    assert answer.status == 0
    assert f"Usage: cptkit {name}" in answer.out


def test_help_of_check_lists_the_column_names(call):
    assert "procedure_code" in call("check", "--help").out


def test_an_unknown_command(run, call):
    refused(run("chek"), "No such command 'chek'")
    refused(call("chek"), "No such command 'chek'")


# ---- time --------------------------------------------------------------------------------


def test_time(run):
    answer = run("time", "90834", "47", "--on", "2026-03-02")
    assert answer.status == 0
    assert answer.out.startswith("90834\n47 minutes, ")
    for words in (
        "47 minutes lie in 38 to 52: 90834",
        "6 more minutes would make it 90837",
        "would make it 90832",
        "confidence: verified",
        "time/psychotherapy@2023-01-01 (verified, checked ",
        "edition 2026.1",
        "https://",
    ):
        assert words in answer.out


def test_time_by_family_basis_and_edition(call):
    answer = call(
        "time", "office-established", "80", "--on", "3/2/2026", "--basis", "medicare", "--edition", "2026"
    )
    assert answer.out.startswith("99215 + G2212\n")
    assert "note: " in answer.out


def test_time_under_the_minimum(call):
    answer = call("time", "90834", "12", "--on", "2026-03-02")
    assert answer.status == 0
    assert answer.out.startswith("nothing reportable\n")


def test_time_as_json(call):
    answer = call("time", "90839", "110", "--on", "2026-03-02", "--format", "json")
    assert json.loads(answer.out)["services"] == [
        {"code": "90839", "units": 1},
        {"code": "90840", "units": 2},
    ]


def test_time_in_an_earlier_year_is_asked_of_the_oldest_edition_that_knows_it(call):
    assert "edition 2021.1" in call("time", "90834", "47", "--on", "2019-03-02").out
    assert "edition 2021.1" in call("time", "90834", "47", "--on", "2021-12-31").out
    assert "edition 2022.1" in call("time", "90834", "47", "--on", "2022-01-01").out
    assert "edition 2025.1" in call("time", "90834", "47", "--on", "2025-12-31").out


def test_a_source_that_the_edition_does_not_list(call, monkeypatch):
    monkeypatch.setattr(cptkit.Codeset, "source", lambda _self, _key: None)
    assert "\n  NOVITAS-PSY\n" in call("time", "90834", "47", "--on", "2026-03-02").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["90834", "47"], ["Missing option '--on'"]),
        (["90834", "47", "--on", "today"], ["date of service 'today' cannot be read"]),
        (["90834", "47", "--on", "2026-02-30"], ["is not a day of the calendar"]),
        (["90834", "47.5", "--on", "2026-03-02"], ["whole completed minutes are needed"]),
        (["90834", "5000", "--on", "2026-03-02"], ["expected a whole number from 0 to 1440"]),
        (["90834", "-5", "--on", "2026-03-02"], ["-5"]),
        (["90834", "47", "--on", "2027-03-02"], ["2026-12-31"]),
        (["90834", "47", "--on", "2012-03-02"], ["90834"]),
        (["psychotherpy", "47", "--on", "2026-03-02"], ["did you mean psychotherapy"]),
        (
            ["90834", "47", "--on", "2026-03-02", "--edition", "2031.1"],
            ["no such edition: '2031.1'", "2026.1"],
        ),
        (["90834", "47", "--on", "2026-03-02", "--basis", "aetna"], ["'aetna' is not one of"]),
    ],
)
def test_time_that_cannot_be_answered(call, arguments, words):
    refused(call("time", *arguments), *words)


# ---- code --------------------------------------------------------------------------------


def test_code(run, call):
    answer = run("code", "90834")
    assert answer == call("code", "90834")
    assert "before it: 90806" in answer.out
    assert answer.status == 0
    for words in (
        "90834  ",
        "category I, medicine, psychiatry; kept by AMA",
        "in force from 2013-01-01",
        "verified: ",
    ):
        assert words in answer.out


def test_a_deleted_code(call):
    answer = call("code", "99354")
    assert "up to 2022-12-31" in answer.out
    assert "not in force from 2023-01-01; what came after: 99417" in answer.out
    assert "an add-on" in " ".join(answer.out.split())
    assert "goes with" not in answer.out
    assert (
        "99354 was last in force on 2022-12-31; see 99417" in call("code", "99354", "--on", "2026-03-02").out
    )


def test_an_add_on(call):
    answer = call("code", "90840", "--on", "2026-03-02")
    assert "90840 is in force on 2026-03-02" in answer.out
    assert "goes with: 90839" in answer.out
    assert "(the list is open)" in call("code", "96160").out


def test_a_code_that_ended_without_successor():
    citation = Citation("codes/x", ("S",), Confidence.VERIFIED, dt.date(2026, 1, 1))
    ended = Change(dt.date(2026, 1, 1), in_force=False, citation=citation)
    back = Change(dt.date(2027, 1, 1), in_force=True, citation=citation)
    assert _stretch(ended, None) == "not in force from 2026-01-01"
    assert _stretch(ended, back) == "not in force from 2026-01-01 up to 2026-12-31"
    assert _stretch(back, None) == "in force from 2027-01-01"


def test_code_as_json(call):
    answer = json.loads(call("code", "g2212", "--format", "json").out)
    assert (answer["code"], answer["owner"], answer["is_addon"]) == ("G2212", "CMS", True)
    assert "status" not in answer
    answer = json.loads(call("code", "99354", "--on", "2026-03-02", "--format", "json").out)
    assert answer["status"]["in_force"] is False
    assert answer["status"]["last_day"] == answer["last_day"] == "2022-12-31"
    assert answer["digest"] == cptkit.codeset("2026.1").digest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["90835"], ["edition 2026.1 does not cover this code: '90835'", "did you mean "]),
        (["9083"], ["a code has five characters, this has 4"]),
        (["90834", "--on", "2026-13-01"], ["is not a day of the calendar"]),
        (["90834", "--on", "2030-01-01"], ["2026-12-31"]),
        (["90834", "--edition", "1999.1"], ["no such edition: '1999.1'"]),
    ],
)
def test_code_that_cannot_be_answered(call, arguments, words):
    refused(call("code", *arguments), *words)


# ---- edition -----------------------------------------------------------------------------


def test_edition_list_and_verify(run, call):
    listed, verified = run("edition", "list"), run("edition", "verify")
    assert (listed, verified) == (call("edition", "list"), call("edition", "verify"))
    assert listed.status == verified.status == 0
    for name in bundled_editions():
        assert cptkit.codeset(name).digest in listed.out
        assert f"{name}  ok  {cptkit.codeset(name).digest}\n" in verified.out


def test_edition_show(call):
    answer = call("edition", "show", "2026")
    assert answer.status == 0
    assert "Edition 2026.1, answers up to 2026-12-31" in answer.out
    assert "psychiatry (" in answer.out
    assert "psychotherapy-with-em" in answer.out
    refused(call("edition", "show", "26"), "no such edition: '26'")


def test_an_edition_that_was_changed(call, monkeypatch, tmp_path):
    folder = Path(shutil.copytree(edition_folder("2026.1").parent, tmp_path / "data")) / "2026.1"
    (folder / "codes.tsv").write_bytes((folder / "codes.tsv").read_bytes() + b"\n")
    monkeypatch.setattr("cptkit.cli.edition.edition_folder", lambda _name: folder)
    answer = call("edition", "verify", "2026.1")
    assert answer.status == 1
    assert answer.out.startswith("2026.1  BROKEN  sha256:")
    assert "codes.tsv: was changed: its digest is sha256:" in answer.out


def test_verifying_an_edition_that_is_not_there(call):
    refused(call("edition", "verify", "1999.1"), "no such edition")
