"""What is wrong in tables of one's own: every problem at once, each with its file and line."""

import datetime as dt
import json
from pathlib import Path

import pytest

from cptkit import timerule
from cptkit.cli import main
from cptkit.codesets import Codeset
from cptkit.codesets.build.own import build_edition, write_edition
from cptkit.codesets.files import MANIFEST
from cptkit.errors import BrokenTables

EVIDENCE = "OWN\tverified\t2026-11-01"
END = "sources\tconfidence\tchecked"
GOOD = {table.name: table.read_text() for table in sorted((Path(__file__).parent / "own_tables").iterdir())}
DAY = dt.date(2026, 3, 2)


def plus(name, *lines):
    return GOOD | {name: GOOD[name] + "".join(f"{line}\n" for line in lines)}


def instead(name, old, new):
    assert old in GOOD[name]
    return GOOD | {name: GOOD[name].replace(old, new)}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (plus("codes.tsv", "W9903\tx"), "codes.tsv:5: 2 fields, the header has 7"),
        (plus("codes.tsv", ""), "codes.tsv:5: an empty line, the header has 7"),
        (instead("codes.tsv", "label", "lable"), "codes.tsv:1: unknown column 'lable'; did you mean label?"),
        (instead("codes.tsv", "label", "code"), "codes.tsv:1: the column 'code' is there twice"),
        (instead("codes.tsv", "confidence", "note"), "codes.tsv:1: the column confidence is missing"),
        (instead("codes.tsv", "W9901", "W990l"), "codes.tsv:2: code: 'W990l' is not a code"),
        (instead("codes.tsv", "yes", "Y"), "codes.tsv:2: timed: 'Y' is none of yes, no"),
        (instead("codes.tsv", "verified", "sure"), "codes.tsv:2: confidence: 'sure' is none of verified"),
        (
            instead("codes.tsv", "2026-11-01", "01.11.2026"),
            "codes.tsv:2: checked: '01.11.2026' is not a day such as 2026-01-31",
        ),
        (instead("codes.tsv", "OWN", "OWM"), "codes.tsv:2: sources: OWM is not in sources.tsv"),
        (instead("codes.tsv", "OWN", ""), "codes.tsv:2: sources: there must be one at least"),
        (instead("codes.tsv", "\n", "\r\n"), "codes.tsv:1: holds a carriage return"),
        (instead("codes.tsv", "session", "ses\rsion"), "codes.tsv:2: holds a carriage return"),
        (instead("codes.tsv", "session", "ses\tsion"), "codes.tsv:2: 8 fields, the header has 7"),
        (
            GOOD | {"codes.tsv": b"\xef\xbb\xbf" + GOOD["codes.tsv"].encode()},
            "codes.tsv:1: starts with a byte",
        ),
        (
            GOOD | {"codes.tsv": GOOD["codes.tsv"].encode().replace(b"old", b"\xff")},
            "codes.tsv:4: not UTF-8: byte 0xff",
        ),
        (
            plus("codes.tsv", f"W9901\tx\tx\tno\t{EVIDENCE}"),
            "codes.tsv:5: W9901 is there twice, first at codes.tsv:2",
        ),
        (
            plus("codes.tsv", f"W9903\tx\tx\tno\t{EVIDENCE}"),
            "codes.tsv:5: W9903 has no row in code-history.tsv",
        ),
        (
            plus("code-history.tsv", f"W9903\t2024-01-01\t\t\t{EVIDENCE}"),
            "code-history.tsv:6: code: W9903 is not in codes.tsv",
        ),
        (
            plus("code-history.tsv", f"W9900\t2024-01-01\tended\t\t{EVIDENCE}"),
            "code-history.tsv:6: W9900 has two rows from 2024-01-01, first at code-history.tsv:4",
        ),
        (
            instead("code-history.tsv", "W9902\t2024-01-01", "W9902\t2027-01-01"),
            "code-history.tsv:5: W9902 from 2027-01-01 starts after the last day of the edition, 2026-12-31",
        ),
        (
            instead("code-history.tsv", "W9902\t2024-01-01", "W9902\t2024-02-30"),
            "code-history.tsv:5: from: '2024-02-30' is not a day",
        ),
        (
            instead("code-history.tsv", "W9902\t2024-01-01\t", "W9902\t2024-01-01\tended"),
            "code-history.tsv:5: the life of W9902 starts with a row that is not in force",
        ),
        (
            instead("code-history.tsv", "in-force", "inforce"),
            "code-history.tsv:2: status: 'inforce' is none of in-force, ended, announced",
        ),
        (
            instead("code-history.tsv", "ended\tW9901", "ended\tW9909"),
            "code-history.tsv:4: successors: W9909 is not in codes.tsv",
        ),
        (
            instead("addons.tsv", "yes\tW9901", "yes\tW9909"),
            "addons.tsv:2: primaries: W9909 is not in codes.tsv",
        ),
        (instead("addons.tsv", "\t1\t", "\t4\t"), "addons.tsv:2: aoc_type: '4' is none of 0, 1, 2, 3"),
        (
            instead("addons.tsv", "W9901", "W9901 W9901"),
            "addons.tsv:2: primaries: 'W9901 W9901' names one twice",
        ),
        (instead("sources.tsv", "\tB\t", "\tE\t"), "sources.tsv:2: grade: 'E' is none of A, B, C, D"),
        (GOOD | {"code.tsv": "x"}, "code.tsv: is no table of an edition; did you mean codes.tsv?"),
        (GOOD | {"timerules.json": '{\n"families": ['}, "timerules.json:2: not JSON"),
        (GOOD | {"timerules.json": b"\xff"}, "timerules.json: not UTF-8: byte 0xff"),
        (
            GOOD | {"timerules.json": "[]"},
            "timerules.json:1: not an object with families, policies and principles",
        ),
        (GOOD | {"timerules.json": '{"familes": []}'}, "timerules.json:1: unknown key 'familes'"),
        (GOOD | {"timerules.json": '{"families": [3]}'}, "timerules.json: a family is an object with an id"),
        (
            GOOD | {"timerules.json": '{"families": [\n{"id": "a", "id": "b"}]}'},
            "timerules.json: line 2: an object with one key twice",
        ),
        (
            GOOD
            | {
                "modifiers.tsv": f"code\tlabel\towner\torder_class\t{END}\nX\tx\tAMA\tone\t{EVIDENCE}\n",
            },
            "modifiers.tsv:2: code: 'X' is not a modifier",
        ),
        (
            GOOD | {"sections.tsv": f"name\tlow\thigh\t{END}\nsurgery\t20000\t10000\t{EVIDENCE}\n"},
            "sections.tsv:2: 20000 to 10000 is no range of one kind of code",
        ),
    ],
)
def test_a_problem_is_told_with_its_file_and_line(tables, files, told, problems_of):
    assert any(line.startswith(told) for line in problems_of(tables(files))), problems_of(tables(files))


def test_every_problem_of_every_table_is_told_at_once(tables, problems_of):
    files = {
        "codes.tsv": GOOD["codes.tsv"].replace("yes", "Y"),
        "code-history.tsv": GOOD["code-history.tsv"] + "W9903\n",
        "addons.tsv": GOOD["addons.tsv"].replace("yes\tW9901", "maybe\tW9909"),
        "sources.tsv": GOOD["sources.tsv"].replace("\tB\t", "\tE\t"),
        "timerules.json": '{"families": [\n {"id": "own",\n "rules": []}]}',
    }
    told = problems_of(tables(files))
    assert {line.split()[0] for line in told} == {
        "codes.tsv:2:",
        "code-history.tsv:6:",
        "addons.tsv:2:",
        "sources.tsv:2:",
        "timerules.json:2:",
    }
    assert "addons.tsv:2: primaries: W9909 is not in codes.tsv" in told
    assert "addons.tsv:2: same_day_edit: 'maybe' is none of yes, no" in told
    assert told == sorted(told, key=lambda line: line.split(":")[0])


RULE = {
    "from": "2024-01-01",
    "basis": ["cpt"],
    "kind": "per-unit",
    "unit_minutes": 15,
    "attainment": "midpoint",
    "sources": ["OWN"],
    "confidence": "verified",
    "checked": "2026-11-01",
}
FAMILY = {
    "id": "own",
    "title": "own units",
    "codes": ["W9901"],
    "scope": "day",
    "whose_time": "clinician",
    "optional": False,
}


def rules(*given, **family):
    whole = {"families": [FAMILY | family | {"rules": list(given)}], "policies": []}
    return GOOD | {"timerules.json": json.dumps(whole, indent=1)}


def test_a_time_rule_of_ones_own(tables, built):
    own = built(tables(rules(RULE)))
    found = timerule.select("W9901", minutes=38, date_of_service=DAY, codeset=own)
    assert [(service.code, service.units) for service in found.services] == [("W9901", 3)]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (rules(), "timerules.json:3: family own has no rules"),
        (rules(3), "timerules.json:3: family own, rule 1 is no object"),
        (rules(RULE | {"kind": "per-hour"}), "timerules.json:13: family own, rule 1: "),
        (rules(RULE | {"unit_minutes": 7.5}), "timerules.json:13: family own, rule 1: 7.5 is not int"),
        (rules(RULE | {"from": "soon"}), "timerules.json:13: family own, rule 1: 'soon' is not date"),
        (rules(RULE | {"minutes": 3}), "timerules.json:13: family own, rule 1: extra fields found (minutes)"),
        (rules(RULE | {"floors": {"W9901": 3}}), "timerules.json:13: family own, rule 1: a per-unit rule is"),
        (rules(RULE, RULE), "timerules.json:27: family own has two rules for cpt from 2024-01-01"),
        (rules(RULE, codes=["W9999"]), "timerules.json:3: family own: W9999 is not in codes.tsv"),
        (rules(RULE | {"sources": ["NO"]}), "timerules.json:13: own: source NO is not in sources.tsv"),
        (
            rules(RULE | {"from": "2031-01-01"}),
            "timerules.json:13: own from 2031-01-01 starts after the last",
        ),
        (rules(RULE, scope="week"), "timerules.json:3: family own: "),
    ],
)
def test_a_problem_of_a_time_rule_is_told_with_its_line(tables, files, told, problems_of):
    assert any(line.startswith(told) for line in problems_of(tables(files))), problems_of(tables(files))


def test_a_family_twice_and_a_policy_without_its_numbers(tables, problems_of):
    whole = {"families": [FAMILY | {"rules": [RULE]}] * 2, "policies": [{"id": "own"}]}
    told = problems_of(tables(GOOD | {"timerules.json": json.dumps(whole)}))
    assert "timerules.json:1: family own is there twice" in told
    assert any(line.startswith("timerules.json:1: policy own: required field missing") for line in told)


def test_a_table_that_cannot_be_opened_is_told_and_no_reference_to_it(tables, problems_of):
    folder = tables({name: text for name, text in GOOD.items() if name != "sources.tsv"})
    (folder / "sources.tsv").mkdir()
    (folder / "timerules.json").mkdir()
    assert problems_of(folder) == [
        "sources.tsv: cannot be read: Is a directory",
        "timerules.json: cannot be read: Is a directory",
    ]


def test_nothing_is_written_while_anything_is_wrong(tables, tmp_path):
    write_edition(build_edition(tables(), "2026.1+own"), tmp_path / "own")
    before = Codeset.from_folder(tmp_path / "own" / "2026.1+own").digest
    folder = tables(instead("codes.tsv", "yes", "Y"))
    assert (
        main(["codeset", "build", str(folder), "--into", str(tmp_path / "own"), "--edition", "2026.1+own"])
        == 1
    )
    assert Codeset.from_folder(tmp_path / "own" / "2026.1+own").digest == before


def test_what_is_no_edition_is_not_replaced(tables, tmp_path):
    folder = tmp_path / "own" / "2026.1+own"
    write_edition(build_edition(tables(), "2026.1+own"), tmp_path / "own")
    (folder / "notes.txt").write_text("x")
    with pytest.raises(BrokenTables, match=r"stands in the way: 'notes\.txt'"):
        write_edition(build_edition(tables(), "2026.1+own"), tmp_path / "own")
    (folder / "notes.txt").unlink()
    (folder / MANIFEST).unlink()
    with pytest.raises(BrokenTables, match="stands in the way"):
        write_edition(build_edition(tables(), "2026.1+own"), tmp_path / "own")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(BrokenTables, match="cannot be read"):
        build_edition(tmp_path / "none", "2026.1+own")


@pytest.mark.parametrize("name", ["codes.csv", "Codes.TSV", "codes.xlsx"])
def test_a_file_that_looks_like_a_table_is_not_passed_over(tables, name, problems_of):
    folder = tables()
    (folder / name).write_text("code\n", encoding="utf-8")
    assert any(name in problem for problem in problems_of(folder))


def test_a_closed_list_that_nothing_can_satisfy_is_told(tables, problems_of):
    told = problems_of(tables(instead("addons.tsv", "yes\tW9901", "yes\t")))
    assert told == ["addons.tsv:2: primaries: a closed list holds no code but the add-on itself"]
