"""Profiles that break their format: each is refused with the words that cure it, and with its line."""

import os
import pickle
import sys

import pytest

from cptkit.errors import BrokenProfile
from cptkit.rules import load_profile

CITED = 'sources = ["BCBSIL-PSY"], confidence = "verified", checked = 2026-03-02'
ROW = f'from = 2026-01-01, value = "line", text = "own words", {CITED}'


def convention(name="mue-mai/2", row=ROW):
    return f'[[convention]]\nname = "{name}"\nhistory = [\n  {{ {row} }},\n]\n'


def denial(**changes):
    keys = {
        "check": '"ptp-bundled"',
        "group": '"CO"',
        "carc": '"B15"',
        "sources": '["NOR-BUNDLE"]',
        "confidence": '"verified"',
        "checked": "2026-03-02",
    } | changes
    return "[[denial]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


HEADS = {
    "nothing": (
        "",
        [
            "mine.toml:1: format is missing",
            "mine.toml:1: id is missing",
            "title is missing",
            "basis is missing",
        ],
    ),
    "another format": (
        'format = 2\nid = "a"\ntitle = "b"\nbasis = "cpt"\n',
        ["mine.toml:1: another format: 2; expected 1; a newer cptkit reads newer formats"],
    ),
    "another format on a later line": (
        'id = "a"\ntitle = "b"\nbasis = "cpt"\nformat = 2\n',
        ["mine.toml:4: another format: 2"],
    ),
    "a format that is no number": (
        'format = "1"\nid = "a"\ntitle = "b"\nbasis = "cpt"\n',
        ["mine.toml:1: format is a text: '1'; expected a number"],
    ),
    "a format that is true": (
        'format = true\nid = "a"\ntitle = "b"\nbasis = "cpt"\n',
        ["mine.toml:1: format is true or false: True; expected a number"],
    ),
    "an id that is no word": (
        'format = 1\nid = "My Payer"\ntitle = "b"\nbasis = "cpt"\n',
        ["mine.toml:2: id is not in small letters, digits and single hyphens: 'My Payer'"],
    ),
    "a blank title": (
        'format = 1\nid = "a"\ntitle = " "\nbasis = "cpt"\n',
        ["mine.toml:3: title is blank or has a line break: ' '"],
    ),
    "another basis": (
        'format = 1\nid = "a"\ntitle = "b"\n\nbasis = "medicar"\n',
        [
            "mine.toml:5: basis is none of its words: 'medicar'; expected one of cpt, medicare; did you mean medicare?"
        ],
    ),
    "no TOML": (
        'format = 1\nid = "a\n',
        ["mine.toml:2: this is not TOML: Illegal character", "expected a profile"],
    ),
    "no TOML on a line before others": (
        'format = 1\nid = "a\ntitle = "b"\n',
        ["mine.toml:2: this is not TOML: Illegal character '\\n'; expected a profile"],
    ),
    "no end": ("format = 1\na = [\n1,\n", ["mine.toml:3: this is not TOML: "]),
    "a key twice": ("a = 1\na = 2\n", ["mine.toml:2: this is not TOML: Cannot overwrite a value"]),
    "a number that nobody can mean": (f"a = {'9' * 5000}\n", ["mine.toml:1: this is not TOML: "]),
    "too deep": (f"a = {'[' * 5000}{']' * 5000}\n", ["mine.toml: nested too deep"]),
}

BROKEN = {
    "an unknown key": ('ignroe = ["MUE"]\n', ["mine.toml:5: no such key: 'ignroe'", "did you mean ignore"]),
    "an unknown table": (
        "\n[severities]\nTIM401 = 'review'\n",
        ["mine.toml:6: no such key: 'severities'", "did you mean severity?"],
    ),
    "an unknown policy": (
        'unit_policy = "rule-of-eights"\n',
        [
            "mine.toml:5: unit_policy is none of its words: 'rule-of-eights'; expected one of cpt-per-code, medicare-total"
        ],
    ),
    "a policy that no rule reads": (
        'unit_policy = "payer-whole-units"\n',
        ["unit_policy is none of its words"],
    ),
    "a text for rules": ('select = "ALL"\n', ["mine.toml:5: select is a text: 'ALL'; expected an array"]),
    "a number for a rule": (
        'select = [\n  "TIM",\n  401,\n]\n',
        ["mine.toml:7: select holds what is no text: 401"],
    ),
    "a blank rule": ('select = [" "]\n', ["select holds what is no text: ' '"]),
    "a rule twice": ('ignore = ["PFS", "PFS"]\n', ["mine.toml:5: ignore says it twice: 'PFS'"]),
    "no rules": ("select = []\n", ["mine.toml:5: select names no rule"]),
    "an unknown rule": (
        'select = ["ALL"]\nignore = [\n  "MUE",\n  "TIM410",\n]\n',
        ["mine.toml:8: no such rule: 'TIM410'", "did you mean TIM40"],
    ),
    "severity of an unknown rule": (
        '[severity]\nTIM401 = "review"\nTIM4O2 = "review"\n',
        ["mine.toml:7: no such rule: 'TIM4O2'", "did you mean TIM40"],
    ),
    "a severity that is none": (
        '[severity]\nTIM401 = "error"\n',
        ["mine.toml:6: TIM401 is none of its words: 'error'; expected one of warning, review"],
    ),
    "two severities of a rule": (
        '[severity]\nTIM401 = "review"\ntime-missing = "warning"\n',
        ["mine.toml:7: the rule has a severity already: 'time-missing'"],
    ),
    "severity as a list": ("severity = []\n", ["mine.toml:5: severity is an array: []; expected a table"]),
    "an unknown fact": (
        convention("mue-mia/2"),
        ["mine.toml:6: no rule reads such a fact: 'mue-mia/2'", "did you mean mue-mai/"],
    ),
    "an unknown fact under a known heading": (
        convention("mue-mai/7-and-a-half-dozen"),
        ["mine.toml:6: no rule reads such a fact", "did you mean mue-mai/1 or mue-mai/2 or mue-mai/3?"],
    ),
    "a fact twice": (
        convention() + convention(),
        ["mine.toml:11: it stands here a second time: 'mue-mai/2'; expected one history for each name"],
    ),
    "a fact without history": ('[[convention]]\nname = "mue-mai/2"\n', ["mine.toml:5: history has no row"]),
    "an empty history": (
        '[[convention]]\nname = "mue-mai/2"\nhistory = []\n',
        ["mine.toml:7: history has no row"],
    ),
    "a history of texts": (
        '[[convention]]\nname = "mue-mai/2"\nhistory = ["line"]\n',
        ["mine.toml:7: history holds what is no table: 'line'", "mine.toml:7: history has no row"],
    ),
    "a word that no rule knows": (
        convention(row=ROW.replace('"line"', '"lines"')),
        ["mine.toml:8: the rules cannot read it: 'lines'; expected day or line; did you mean line?"],
    ),
    "two words for one": (
        convention(row=ROW.replace('"line"', '"line day"')),
        ["mine.toml:8: the rules read one word: 'line day'; expected day or line"],
    ),
    "a word for a number": (
        convention("evaluation-again-months", ROW.replace('"line"', '"six"')),
        ["mine.toml:8: the rules cannot read it: 'six'; expected whole numbers up to 999"],
    ),
    "a word where a rule reads a number": (
        convention("modifier-order/therapy-plan", ROW.replace('"line"', '"first"')),
        ["mine.toml:8: the rules cannot read it: 'first'; expected whole numbers up to 999"],
    ),
    "a number where a rule reads a word": (
        convention("modifier-order/pricing", ROW.replace('"line"', '"2"')),
        ["mine.toml:8: the rules cannot read it: '2'; expected first"],
    ),
    "a text for a modifier": (
        convention("telehealth-modifiers", ROW.replace('"line"', '"95 G T"')),
        ["mine.toml:8: the rules cannot read it: '95 G T'; expected modifiers"],
    ),
    "a number that no calendar holds": (
        convention("evaluation-again-months", ROW.replace('"line"', '"1000"')),
        ["the rules cannot read it: '1000'; expected whole numbers up to 999"],
    ),
    "a number that is no text": (
        convention("evaluation-again-months", ROW.replace('"line"', "6")),
        ["mine.toml:8: value is a number: 6; expected a text"],
    ),
    "two values from one day": (
        convention(row=f"{ROW} }},\n  {{ {ROW}"),
        ["mine.toml:9: another row begins on that day: '2026-01-01'"],
    ),
    "a time of day for a day": (
        convention(row=ROW.replace("2026-01-01", "2026-01-01T08:00:00")),
        ["mine.toml:8: from is a date with a time of day or a time", "expected a date"],
    ),
    "no first day": (
        convention(row=ROW.replace("from = 2026-01-01, ", "")),
        ["mine.toml:8: from is missing; expected a date"],
    ),
    "a key too much in a row": (
        convention(row=f"{ROW}, until = 2026-02-01"),
        ["mine.toml:8: no such key: 'until'"],
    ),
    "a key too much in a fact": (convention() + "value = 1\n", ["mine.toml:10: no such key: 'value'"]),
    "no source": (convention(row=ROW.replace('["BCBSIL-PSY"]', "[]")), ["mine.toml:8: sources names none"]),
    "an unknown source": (
        "[sources.BCBSIL-2026]\ngrade = 'B'\nwhere = 'a letter'\n"
        + convention(row=ROW.replace("BCBSIL-PSY", "BCBSIL-2025")),
        ["mine.toml:11: no such source: 'BCBSIL-2025'", "did you mean BCBSIL-2026?"],
    ),
    "a source without a place": ("[sources.MINE]\ngrade = 'B'\n", ["mine.toml:5: where is missing"]),
    "a source without a grade": (
        "[sources.MINE]\ngrade = 'E'\nwhere = 'a letter'\n",
        ["mine.toml:6: grade is none of its words: 'E'"],
    ),
    "a source with more": (
        "[sources.MINE]\ngrade = 'B'\nwhere = 'a letter'\npage = 3\n",
        ["mine.toml:8: no such key: 'page'"],
    ),
    "a source that is no table": (
        "sources.MINE = 'a letter'\n",
        ["mine.toml:5: MINE is a text", "expected a table"],
    ),
    "a confidence that is none": (
        convention(row=ROW.replace('"verified"', '"sure"')),
        ["mine.toml:8: confidence is none of its words: 'sure'; expected one of verified"],
    ),
    "an unknown denial": (
        denial(check='"ptp-bundle"'),
        ["mine.toml:6: no rule tells such a denial: 'ptp-bundle'", "did you mean ptp-bundled"],
    ),
    "a denial twice": (denial() + denial(), ["mine.toml:13: it stands here a second time: 'ptp-bundled'"]),
    "a group that is none": (
        denial(group='"XX"'),
        ["mine.toml:7: group is none of its words: 'XX'; expected one of CO, OA, PI, PR"],
    ),
    "a reason that is none": (denial(carc='"ABC"'), ["mine.toml:8: carc is no such code: 'ABC'"]),
    "a remark that is none": (
        denial(rarc='["N20", "M8O"]'),
        ["rarc holds what is no such code: 'M8O'; expected such as N20"],
    ),
    "likely as a word": (denial(likely='"no"'), ["likely is a text: 'no'; expected true or false"]),
    "a denial without a reason": (denial(carc=""), ["mine.toml:5: carc is missing"]),
    "denials that are no tables": ("denial = [1]\n", ["mine.toml:5: denial holds what is no table: 1"]),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_broken_head(name, complaint):
    text, words = HEADS[name]
    said = complaint(head=text)
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_profile(name, complaint):
    text, words = BROKEN[name]
    said = complaint(text)
    assert [word for word in words if word not in said] == []
    assert said.count("mine.toml:") == len([word for word in words if word.startswith("mine.toml:")] or [1])


def test_all_problems_are_told_at_once_in_the_order_of_lines(complaint):
    said = complaint('select = ["XYZ"]\nignroe = []\n[severity]\nTIM401 = "none"\n').split("\n")
    assert said[0] == "3 problems in mine.toml"
    assert [line.split(":")[1] for line in said[1:]] == ["5", "6", "8"]


def test_one_problem_carries_its_parts(profile_file):
    file = profile_file('ignroe = ["MUE"]\n')
    with pytest.raises(BrokenProfile) as raised:
        load_profile(file)
    error = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - our own bytes
    assert (error.message, error.given, error.near) == (
        f"{file}:5: no such key",
        "ignroe",
        ("ignore", "note"),
    )
    assert "select" in error.expected


def test_a_mark_of_the_byte_order_is_no_text(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_bytes(b'\xef\xbb\xbfformat = 1\r\nid = "mine"\r\ntitle = "b"\r\nbasis = "cpt"\r\nx = 1\r\n')
    with pytest.raises(BrokenProfile, match=r"mine\.toml:5: no such key: 'x'"):
        load_profile(file)


def test_a_file_in_another_encoding(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_bytes('title = "Röntgen"\n'.encode("latin-1"))
    with pytest.raises(BrokenProfile, match=r"the file is no UTF-8 text: .*mine\.toml'; expected a profile"):
        load_profile(file)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(BrokenProfile, match="the file cannot be read"):
        load_profile(tmp_path)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read what others may not"
)
def test_a_file_that_may_not_be_read(profile_file):
    file = profile_file()
    file.chmod(0)
    with pytest.raises(BrokenProfile, match=r"the file cannot be read \(Permission denied\)"):
        load_profile(file)


def test_a_name_that_is_none():
    with pytest.raises(BrokenProfile, match="the file is no UTF-8 text"):
        load_profile("a\0b.toml")
