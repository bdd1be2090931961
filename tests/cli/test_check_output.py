"""``cptkit check --output``: a report never takes the place of what the check reads."""

import json
import os
import shutil

import pytest

from cptkit.cli import check_output

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
WEEK = HEADER + "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47\n"
PROFILE = 'format = 1\nid = "mine"\ntitle = "Ours"\nbasis = "cpt"\n'
WAIVERS = 'format = 1\n[[waiver]]\nrule = "TIM402"\nclaim = "C-1"\nreason = "the record says 53"\n'


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The folder of the files, which is the one at work."""
    for name, text in {
        "now.csv": WEEK,
        "past.csv": WEEK,
        "mine.toml": PROFILE,
        "waivers.toml": WAIVERS,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(answer, words):
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err


@pytest.mark.parametrize(
    ("option", "name"),
    [("--profile", "./mine.toml"), ("--waivers", "waivers.toml"), ("--history", "past.csv")],
)
def test_a_file_of_an_option(call, files, option, name):
    before = (files / name).read_bytes()
    answer = call("check", "now.csv", option, name, "--output", files / name)
    refused(answer, f"--output is the file of {option}, which is read: name another file.")
    assert (files / name).read_bytes() == before


@pytest.mark.parametrize("option", ["--baseline", "--lock"])
def test_a_file_of_an_option_is_refused_before_it_is_read(call, files, option):
    refused(call("check", "now.csv", option, "past.csv", "--output", "past.csv"), f"is the file of {option}")
    refused(call("check", "now.csv", option, "none", "--output", files / "none"), f"is the file of {option}")


def test_the_second_of_several_files(call, files):
    given = ("--history", "now.csv", "--history", "past.csv", "--output", files / "past.csv")
    refused(call("check", "now.csv", *given), "--output is the file of --history")


def test_why_a_baseline_is_not_written_over(call, files):
    call("check", "now.csv", "--format", "json", "--output", "old.json")
    before = (files / "old.json").read_bytes()
    given = ("--baseline", "old.json", "--format", "json", "--output")
    refused(call("check", "now.csv", *given, "old.json"), "the next check would compare with itself")
    assert (files / "old.json").read_bytes() == before
    assert call("check", "now.csv", *given, "new.json").status == 0
    assert json.loads((files / "new.json").read_bytes())["comparison"]["new"] == []


def by_path(folder):
    return folder / ".." / folder.name / "now.csv"


def by_symlink(folder):
    (folder / "link").symlink_to("now.csv")
    return "link"


def by_hard_link(folder):
    os.link(folder / "now.csv", folder / "other.csv")
    return "other.csv"


@pytest.mark.parametrize("made", [by_path, by_symlink, by_hard_link])
def test_the_file_itself_by_any_name(call, files, made):
    other = made(files)
    refused(call("check", "now.csv", "--output", other), "--output is FILE itself, which is read")
    assert (files / "now.csv").read_text(encoding="utf-8") == WEEK
    refused(call("check", other, "--output", "now.csv"), "--output is FILE itself")


def test_a_file_that_was_not_there_is_written(call, files):
    assert call("check", "now.csv", "--history", "past.csv", "--output", "report.txt") == (0, "", "")
    assert "1 row read" in (files / "report.txt").read_text(encoding="utf-8")
    assert call("check", "now.csv", "--output", "report.txt").status == 0  # an old report may go


def test_names_of_what_is_bundled_are_no_files(call, files):
    assert call("check", "now.csv", "--profile", "cpt", "--edition", "2026.1", "--output", "cpt").status == 0
    assert call("check", "now.csv", "--edition", "2026.1", "--output", "2026.1").status == 0
    assert (files / "cpt").is_file()
    assert (files / "2026.1").is_file()


@pytest.mark.parametrize("option", ["--tables", "--edition"])
def test_a_folder_that_is_read(call, files, option):
    home = files / "folder"
    home.mkdir()
    (home / "manifest.json").write_text("{}", encoding="utf-8")
    answer = call("check", "now.csv", option, "folder", "--output", home / "manifest.json")
    refused(answer, f"--output lies in the folder of {option}, which is read: name a file outside of it.")
    assert (home / "manifest.json").read_text(encoding="utf-8") == "{}"
    refused(call("check", "now.csv", option, "folder", "--output", "folder/sub/new"), "lies in the folder")
    shutil.rmtree(home)


def test_what_an_edition_shares_with_others_is_read_too(call, files):
    home, digest = files / "folder", "sha256:" + "ab" * 32
    home.mkdir()
    says = {"files": {"codes.tsv": {"digest": digest}, "own.tsv": {"digest": digest}}}
    (home / "manifest.json").write_text(json.dumps(says), encoding="utf-8")
    (home / "own.tsv").write_text("own", encoding="utf-8")
    shared = files / "shared"
    shared.mkdir()
    answer = call(
        "check", "now.csv", "--edition", "folder", "--output", shared / "codes-abababababababab.tsv"
    )
    refused(answer, "--output is the file of --edition, which is read: name a file outside of it.")
    answer = call("check", "now.csv", "--edition", "folder", "--output", shared / "own-abababababababab.tsv")
    refused(answer, "is not an edition's manifest")
    assert list(shared.iterdir()) == []
    shutil.rmtree(shared)
    shutil.rmtree(home)


def test_standard_input_that_is_a_file(files, monkeypatch, call):
    with (files / "now.csv").open("rb") as file:
        monkeypatch.setattr(check_output.sys, "stdin", file)
        refused(call("check", "-", "--output", "now.csv"), "--output is FILE itself")
        refused(
            call("check", "past.csv", "--history", "-", "--output", "now.csv"), "is the file of --history"
        )
        assert not check_output._is_touched(files / "past.csv", "-")


def test_standard_input_that_is_no_file(run, files, monkeypatch):
    assert run("check", "-", "--output", "-", stdin=WEEK.encode()).status == 0  # a file of that name
    monkeypatch.setattr(check_output.sys, "stdin", None)
    assert not check_output._is_touched(files / "now.csv", "-")


def test_a_path_that_is_none(call, files):
    answer = call("check", "now\0.csv", "--output", files / "report.txt")
    assert (answer.status, "cannot be read" in answer.err) == (2, True)
