"""Facts that break a law are refused, each file in broken_facts/ with the words it names.

A line `# error: ...` at the head of a file is one problem; `...` within it stands for anything.
Each file is read beside the small facts, which are right, so what is reported is in the file.
"""

import re
import shutil
from pathlib import Path

import pytest

from cptkit.codesets.build import compile_edition, read_facts
from cptkit.errors import BrokenFacts

BROKEN = Path(__file__).parent / "broken_facts"
MARK = "# error: "


def expected_problems(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


def says(problem: str, message: str) -> bool:
    """Whether a line of the message has the pieces of the problem in their order."""
    pattern = ".*".join(re.escape(piece) for piece in problem.split(" ... "))
    return any(re.search(pattern, line) for line in message.splitlines())


def refusal(facts: Path) -> BrokenFacts:
    with pytest.raises(BrokenFacts) as caught:
        compile_edition(read_facts(facts), 2026, 1)
    return caught.value


def test_the_small_facts_are_right(small_facts):
    facts = read_facts(small_facts)
    assert len(facts.codes) == 7
    assert sorted(facts.sources) == ["ALPHA", "BETA", "UNUSED"]


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.toml")), ids=lambda path: path.stem)
def test_a_broken_file_is_refused_in_these_words(facts_copy, path):
    problems = expected_problems(path)
    assert problems, "a broken file names the words of its error"
    shutil.copy(path, facts_copy / path.name)
    error = refusal(facts_copy)
    for problem in problems:
        assert says(problem, error.message + f": {error.given!r}; expected {error.expected}"), str(error)
    counted = re.match(r"(\d+) problem\(s\) in the facts\n", error.message)
    if counted:
        assert int(counted[1]) == len(problems), str(error)
        assert error.where == str(facts_copy)


def test_every_problem_of_several_files_is_reported_at_once(facts_copy):
    names = [
        "unparsable",
        "unknown-key",
        "word-for-a-boolean",
        "float-minutes",
        "unknown-source",
        "not-a-modifier",
        "repeated-denial",
    ]
    for name in names:
        shutil.copy(BROKEN / f"{name}.toml", facts_copy)
    (facts_copy / "sources.toml").write_text(
        (facts_copy / "sources.toml")
        .read_text(encoding="utf-8")
        .replace('grade = "D"', 'grade = "D"\nyear = 2026'),
        encoding="utf-8",
    )
    shutil.copy(BROKEN / "unknown-key.toml", facts_copy / "codes" / "another.toml")
    # a register that cannot be read would make every key unknown: its own problem comes alone
    message = refusal(facts_copy).message
    assert "sources.toml: extra fields found (year) @ $['UNUSED']" in message
    assert "codes/another.toml: extra fields found (prize) @ $.code[0]" in message
    for name in names:
        pieces = [problem.split(" ... ")[0] for problem in expected_problems(BROKEN / f"{name}.toml")]
        assert all(piece in message for piece in pieces), name


def test_several_problems_of_one_file_are_counted(facts_copy):
    path = facts_copy / "denials" / "small.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("likely = true", 'likely = "yes"').replace('"single-source"', '"guess"')
    path.write_text(text + "prize = 3\n", encoding="utf-8")
    message = refusal(facts_copy).message
    assert message.startswith("3 problem(s) in the facts\n")
    assert "$.denial[0].likely" in message
    assert "$.denial[1].confidence" in message
    assert "(prize) @ $.denial[1]" in message


def test_no_list_of_modifiers(facts_copy):
    path = facts_copy / "modifiers" / "small.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[text.index("[[modifier]]") :], encoding="utf-8")
    assert (
        "one file holds [list] with the day the modifiers are complete; found 0"
        in refusal(facts_copy).message
    )


def test_the_source_of_the_list_of_modifiers_stands_in_the_register(facts_copy):
    path = facts_copy / "modifiers" / "small.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('sources = ["ALPHA"]', 'sources = ["GAMMA"]', 1), encoding="utf-8")
    assert "source 'GAMMA' is not in sources.toml @ $.list" in refusal(facts_copy).message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ALPHA]\ngrade = 1\n", "grade"),
        ('[ALPHA]\ngrade = "A"\n', "required field missing @ $['ALPHA'].where"),
        ('[ALPHA]\ngrade = "E"\nwhere = "x"\n', "@ $['ALPHA'].grade"),
        ("ALPHA = 3\n", "@ $['ALPHA']"),
        ("[ALPHA\n", "sources.toml: Expected ']'"),
    ],
)
def test_a_broken_register_of_sources(facts_copy, text, words):
    (facts_copy / "sources.toml").write_text(text, encoding="utf-8")
    assert words in refusal(facts_copy).message


def test_no_register_of_sources(facts_copy):
    (facts_copy / "sources.toml").unlink()
    assert "sources.toml: [Errno 2]" in refusal(facts_copy).message


def test_a_file_that_is_not_utf8(facts_copy):
    (facts_copy / "latin.toml").write_bytes(b'title = "caf\xe9"\n')
    assert "latin.toml: 'utf-8' codec can't decode" in refusal(facts_copy).message


def test_a_folder_that_is_not_there(tmp_path):
    message = refusal(tmp_path / "nowhere").message
    assert "sources.toml" in message


def test_files_of_other_kinds_are_left_alone(facts_copy, small_facts):
    (facts_copy / "codes" / "README.md").write_text("not a fact", encoding="utf-8")
    assert read_facts(facts_copy) == read_facts(small_facts)
