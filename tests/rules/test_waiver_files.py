"""Waivers out of TOML files: read strictly, each problem with its line."""

import datetime as dt

import pytest

from cptkit import Waiver
from cptkit.errors import BrokenWaivers
from cptkit.rules import load_waivers

FILE = """\
format = 1

[[waiver]]
rule = "time-missing"
claim = "C-1"
lines = ["1"]
reason = "on paper"
expires = 2026-06-30

[[waiver]]
rule = "PTP701"
codes = ["97530", "97140"]
reason = "the payer wrote so"
expires = "never"
"""


def test_waivers_out_of_a_file(tmp_path):
    file = tmp_path / "waivers.toml"
    file.write_text(FILE)
    first, second = load_waivers(file)
    assert first == Waiver(
        "time-missing", "on paper", expires=dt.date(2026, 6, 30), claim="C-1", lines=("1",)
    )
    assert str(second) == "PTP701 on 97530, 97140, for good: the payer wrote so"
    assert str(first) == "time-missing on claim C-1, line 1, until 2026-06-30: on paper"


def test_a_file_without_waivers(tmp_path):
    file = tmp_path / "waivers.toml"
    file.write_text("format = 1\n")
    assert load_waivers(file) == ()


BROKEN = {
    "nothing": (FILE, "", ["waivers.toml:1: format is missing"]),
    "an unknown key": ("lines =", "line =", ["waivers.toml:6: no such key: 'line'", "did you mean lines"]),
    "a table of another name": (
        '[[waiver]]\nrule = "PTP701"',
        '[[waivers]]\nrule = "PTP701"',
        ["waivers.toml:10: no such key: 'waivers'", "did you mean waiver?"],
    ),
    "an unknown rule": (
        "time-missing",
        "time-mising",
        ["waivers.toml:4: no such rule: 'time-mising'", "did you mean time-missing"],
    ),
    "a line as a number": ('["1"]', "[1]", ["waivers.toml:6: lines holds what is no text: 1"]),
    "no reason": ('reason = "on paper"\n', "", ["waivers.toml:3: reason is missing; expected a text"]),
    "a claim with a blank": (
        '"C-1"',
        '"C-1 "',
        ["waivers.toml:5: claim has blanks around it: 'C-1 '", "did you mean C-1?"],
    ),
    "a line with a blank": (
        '["1"]',
        '["2",\n " 1"]',
        ["waivers.toml:7: a line has blanks around it: ' 1'", "did you mean 1?"],
    ),
    "a code with its modifier": (
        '["97530", "97140"]',
        '["97530",\n "97140-59"]',
        ["waivers.toml:13: this is no code: '97140-59'; expected codes alone", "did you mean 97140?"],
    ),
    "no code, and what is no text": (
        '["97530", "97140"]',
        '[97530, "9714"]',
        ["waivers.toml:12: codes holds what is no text: 97530"],
    ),
    "two that match nothing": (
        '["97530", "97140"]',
        '["9753", "9714"]',
        ["2 problems in ", "waivers.toml:12: this is no code: '9753'", "this is no code: '9714'"],
    ),
    "a blank reason": ('"on paper"', '" "', ["waivers.toml:7: reason is blank"]),
    "no last day": (
        "expires = 2026-06-30\n",
        "",
        ["waivers.toml:3: expires is missing; expected a date, or 'never'"],
    ),
    "a word for the last day": (
        '"never"',
        '"nevr"',
        [
            "waivers.toml:14: expires is a text: 'nevr'; expected a date without quotes, or ",
            '"never"; did you mean never?',
        ],
    ),
    "a last day in quotes": (
        "2026-06-30",
        '"2026-06-30"',
        ["waivers.toml:8: expires is a text: '2026-06-30'; expected a date without quotes, or \"never\""],
    ),
    "no line in a list of lines": ('["1"]', "[]", ["waivers.toml:6: lines names none; expected the lines"]),
    "no code in a list of codes": (
        '["97530", "97140"]',
        "[]",
        ["waivers.toml:12: codes names none; expected the codes that it is about, or no such key"],
    ),
    "a number for the last day": (
        "2026-06-30",
        "20260630",
        ["waivers.toml:8: expires is a number: 20260630; expected a date"],
    ),
    "no place": (
        'claim = "C-1"\nlines = ["1"]\n',
        "",
        ["waivers.toml:3: a waiver names a claim, lines or codes"],
    ),
    "one twice": (
        '"PTP701"\n',
        '"PTP701"\ncodes = ["97530", "97140"]\nreason = "the payer wrote so"\nexpires = "never"\n[[waiver]]\nrule = "PTP701"\n',
        ["waivers.toml:15: the waiver stands here a second time"],
    ),
    "a line with a blank, and no reason": (
        '["1"]\nreason = "on paper"',
        '[" 1"]',
        ["2 problems in ", "waivers.toml:6: a line has blanks around it: ' 1'", "toml:3: reason is missing"],
    ),
    "two problems": (
        '["1"]\nreason = "on paper"',
        '"1"',
        ["2 problems in ", "waivers.toml:6: lines is a text", "waivers.toml:3: reason is missing"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file(name, tmp_path):
    old, new, words = BROKEN[name]
    assert FILE.count(old) == 1
    file = tmp_path / "waivers.toml"
    file.write_text(FILE.replace(old, new))
    with pytest.raises(BrokenWaivers) as raised:
        load_waivers(file)
    assert [word for word in words if word not in str(raised.value)] == []
