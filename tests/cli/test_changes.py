"""``cptkit changes``, the sheet of a new year, and what ``cptkit code`` says about its sources."""

import json
import re

import pytest

from cptkit.codesets import codeset


def test_the_table(call):
    answer = call("changes", "2025", "2026")
    assert answer.status == 0
    assert answer.out.startswith("What changed from 2025.1 to 2026.1\n9 added, 16 deleted, 15 revised.")
    heads = [line for line in answer.out.splitlines() if line in {"Added", "Deleted", "Revised", "Sources"}]
    assert heads == ["Added", "Deleted", "Revised", "Sources"]
    long = [line for line in answer.out.splitlines() if len(line) > 80]
    assert all(re.search(r"https?://|sha256:", line) for line in long)  # these do not break


def test_what_replaced_a_deleted_code(call):
    out = call("changes", "2022", "2023", "--family", "prolonged").out
    assert re.search(r"99354 .*\n    last day 2022-12-31\n    replaced by 99417\n", out)


def test_nothing_changed(call):
    answer = call("changes", "2025", "2026", "--family", "psychotherapy")
    assert answer.status == 0
    assert "Nothing changed. Compared: the " in answer.out


def test_json(call):
    answer = json.loads(call("changes", "2025.1", "2026.1", "--format", "json").out)
    assert (answer["a"]["edition"], answer["b"]["digest"]) == ("2025.1", codeset("2026.1").digest)
    assert {change["code"] for change in answer["added"]} >= {"98979", "G0568"}
    cited = {
        key for name in ("added", "deleted", "revised") for item in answer[name] for key in item["sources"]
    }
    assert cited == set(answer["sources"])


def test_html_is_one_page_that_loads_nothing(call):
    out = call("changes", "2022", "2024", "--format", "html").out
    assert out.startswith("<!doctype html>")
    assert not re.search(r"<(script|link|img|iframe)|src=|@import|url\(", out)
    assert "<strong>99354</strong>" in out


def test_markdown(call):
    out = call("changes", "2025", "2026", "--format", "markdown").out
    assert out.startswith("# What changed from 2025.1 to 2026.1\n")
    assert "- **G2211**" in out


def test_backwards(call):
    out = call("changes", "2026", "2025").out
    assert "16 added, 9 deleted, 15 revised." in out
    assert "taken back: in force from 2026-01-01" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2025", "2026", "--family", "psychoterapy"], "did you mean psychotherapy"),
        (["2025", "2026", "--family", " "], "no family of that name"),
        (["1999", "2026"], "no such edition: '1999'"),
    ],
)
def test_refused(call, arguments, words):
    answer = call("changes", *arguments)
    assert answer.status == 2
    assert words in answer.err
    assert not answer.out


def test_a_code_with_its_sources(call):
    out = call("code", "G2211").out
    assert "add-on to: 99202, 99203" in out
    assert "\nsources\n" in out
    assert "https://" in out
    assert "checked 20" in out


def test_a_code_with_its_sources_as_json(call):
    answer = json.loads(call("code", "90834", "--format", "json").out)
    assert answer["facts"] == [fact.to_dict() for fact in codeset("2026.1").fact("90834")]
    assert {key for fact in answer["facts"] for key in fact["sources"]} == set(answer["sources"])
    assert answer["sources"]["PSYCH13"]["where"].startswith("http")


def test_an_unknown_code_has_near_ones(call):
    answer = call("code", "90835")
    assert answer.status == 2
    assert "did you mean" in answer.err
