"""The page on the profile format says what the reader of profiles takes."""

import re
from pathlib import Path

import pytest

from cptkit.rules import load_profile, load_waivers
from cptkit.rules.table import PAYER_FACTS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "profile-format.md"


@pytest.fixture(scope="module")
def page():
    if not PAGE.is_file():
        pytest.skip("the documentation is not here")
    return PAGE.read_text(encoding="utf-8")


def test_each_fact_that_only_a_payer_sets_is_on_the_page(page):
    starts = {re.sub(r"^(sessions|units)-(a-|in-).*", r"\1-", name) for name in PAYER_FACTS}
    assert [start for start in sorted(starts) if f"`{start}" not in page] == []


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
