"""The page on the profile format says what the reader of profiles takes."""

import re
from pathlib import Path

import pytest

from cptkit.errors import BrokenProfile
from cptkit.rules import load_profile, load_waivers
from cptkit.rules.profiles.shape import require_value
from cptkit.rules.rows import PAYER_FACTS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "profile-format.md"


@pytest.fixture(scope="module")
def page():
    if not PAGE.is_file():
        pytest.skip("the documentation is not here")
    return PAGE.read_text(encoding="utf-8")


def test_each_fact_that_only_a_payer_sets_is_on_the_page(page):
    starts = {re.sub(r"^(sessions|units)-(a-|in-).*", r"\1-", name) for name in PAYER_FACTS}
    assert [start for start in sorted(starts) if f"`{start}" not in page] == []


def test_the_values_on_the_page_are_read(page):
    rows = re.findall(r"^\| (`[a-z-]+/`.*?) \| (`.*?`) \|", page, re.MULTILINE)
    assert len(rows) > 7
    for starts, values in rows:
        for start in re.findall(r"`(.*?)`", starts):
            for value in re.findall(r"`(.*?)`", values):
                require_value(f"{start}mine", value)


@pytest.mark.parametrize(
    ("words", "name", "right", "wrong"),
    [
        ("`0` says that nothing is paid", "units-a-day/mine", "0 for 97153", "-1 for 97153"),
        (
            "They are other codes than those before it",
            "sessions-a-day/mine",
            "1 for 90834 unless 90839",
            "1 for 90834 unless 90834",
        ),
        ("`in 0 days` is refused", "units-in-days/mine", "1 in 1 days for 97151", "1 in 0 days for 97151"),
        ("always with cents", "allowed-amount/mine", "110.50 for 90834", "110.5 for 90834"),
        ("An amount of `0.00`", "allowed-amount/mine", "0.01 for 90834", "0.00 for 90834"),
        ("and `0 for all`, are refused", "filing-days/mine", "1 for all", "0 for all"),
        (
            "in `allowed-amount/` only `unknown`",
            "allowed-amount/mine",
            "unknown for 90834",
            "usually 1.00 for 90834",
        ),
        ("no code by its shape, such as `9083`", "note-holds/mine", "90834", "9083"),
    ],
)
def test_what_the_page_says_of_values_holds(page, words, name, right, wrong):
    assert words in page
    require_value(name, right)
    with pytest.raises(BrokenProfile):
        require_value(name, wrong)


def test_the_files_in_the_how_tos_can_be_read(tmp_path):
    how_to = PAGE.parents[1] / "how-to"
    if not how_to.is_dir():
        pytest.skip("the documentation is not here")
    for name, read in (("judge-by-a-payer-profile.md", load_profile), ("waive-a-finding.md", load_waivers)):
        examples = re.findall(
            r"^```toml\n(.*?)^```", (how_to / name).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
        assert examples
        for example in examples:
            file = tmp_path / "example.toml"
            file.write_text(example, encoding="utf-8")
            assert read(file)
