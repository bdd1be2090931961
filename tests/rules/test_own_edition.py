"""An edition of one's own may list codes alone: what it does not hold is not checked."""

import datetime as dt

import pytest

from cptkit import Claim, Codeset, Line, check
from cptkit.codesets.build.own import build_edition, write_edition


@pytest.fixture
def codes_alone(tmp_path):
    tables = {
        "codes.tsv": "code\tlabel\tsources\tconfidence\tchecked\nW9901\town label\tOWN\tverified\t2026-01-02\n",
        "code-history.tsv": "code\tfrom\tsources\tconfidence\tchecked\nW9901\t2024-01-01\tOWN\tverified\t2026-01-02\n",
        "sources.tsv": "key\tgrade\twhere\nOWN\tA\tour book\n",
    }
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Codeset.from_folder(write_edition(build_edition(folder, "2026.1+own"), tmp_path / "editions"))


def test_modifiers_are_not_checked_against_no_list(codes_alone):
    day = dt.date(2026, 3, 2)
    lines = [Line("W9901", modifiers="LT ZQ", date_of_service=day), Line("W9901", date_of_service=day)]
    report = check(Claim(lines), codes_alone, select=["MOD202"])
    assert report.findings == ()
    assert [(entry.lines, entry.reason) for entry in report.not_checked] == [
        (("1",), "edition 2026.1+own lists no modifiers")
    ]
