"""Editions of one's own: from a folder of tables, alone or on top of another edition."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cptkit
from cptkit import timerule
from cptkit.cli import main
from cptkit.codesets import Codeset, bundled_editions
from cptkit.codesets.build.own import OPTIONAL, build_edition, write_edition
from cptkit.codesets.check import DESCRIPTORS
from cptkit.codesets.files import MANIFEST
from cptkit.codesets.tables import TABLES
from cptkit.errors import BrokenTables, InvalidDate, UnknownEdition

DATA = Path(cptkit.__file__).parent / "data"
EVIDENCE = "OWN\tverified\t2026-11-01"
END = "sources\tconfidence\tchecked"
GOOD = {
    "codes.tsv": f"code\tlabel\tfamily\ttimed\t{END}\n"
    f"W9901\tlocal session\tlocal\tyes\t{EVIDENCE}\n"
    f"W9902\tlocal add-on\tlocal\tno\t{EVIDENCE}\n"
    f"W9900\told session\tlocal\tno\t{EVIDENCE}\n",
    "code-history.tsv": f"code\tfrom\tstatus\tsuccessors\t{END}\n"
    f"W9900\t2020-01-01\tin-force\t\t{EVIDENCE}\n"
    f"W9901\t2024-01-01\t\t\t{EVIDENCE}\n"
    f"W9900\t2024-01-01\tended\tW9901\t{EVIDENCE}\n"
    f"W9902\t2024-01-01\t\t\t{EVIDENCE}\n",
    "addons.tsv": f"code\tfrom\taoc_type\tsame_day_edit\tprimaries\t{END}\n"
    f"W9902\t2024-01-01\t1\tyes\tW9901\t{EVIDENCE}\n",
    "sources.tsv": "key\tgrade\twhere\nOWN\tB\tthe contract of 2026\n",
}
DAY = dt.date(2026, 3, 2)


@pytest.fixture
def tables(tmp_path):
    """Writes a folder of tables."""

    def write(files=GOOD, **changed):
        folder = tmp_path / "tables"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        assert not changed
        return folder

    return write


@pytest.fixture
def built(tmp_path):
    """Builds and loads an edition."""

    def build(folder, edition="2026.1+own", **options):
        return Codeset.from_folder(write_edition(build_edition(folder, edition, **options), tmp_path / "own"))

    return build


def problems_of(folder, **options):
    with pytest.raises(BrokenTables) as caught:
        build_edition(folder, "2026.1+own", **options)
    first, *rest = str(caught.value).split("\n  ")
    assert first == f"{len(rest)} problem(s) in the tables of {folder}"
    return rest


def plus(name, *lines):
    return GOOD | {name: GOOD[name] + "".join(f"{line}\n" for line in lines)}


def instead(name, old, new):
    assert old in GOOD[name]
    return GOOD | {name: GOOD[name].replace(old, new)}


# ---- an edition alone ----------------------------------------------------------------------


def test_four_tables_make_an_edition(tables, built):
    own = built(tables())
    assert (own.edition, own.year, sorted(own)) == ("2026.1+own", 2026, ["W9900", "W9901", "W9902"])
    assert own["W9901"].predecessors == ("W9900",)
    assert own["W9901"].timed
    assert own["W9902"].is_addon
    assert own.addon("W9902", date_of_service=DAY).primaries == {"W9901"}
    status = own.status("W9900", date_of_service=DAY)
    assert (status.in_force, str(status.last_day), status.successors) == (False, "2023-12-31", ("W9901",))
    assert own.source("OWN").where == "the contract of 2026"
    assert own.modifiers == ()
    assert str(own.modifiers_complete_on) == "0001-01-01"
    assert own.timerules["families"] == ()


def test_the_same_tables_give_the_same_bytes_in_any_order_of_rows_and_columns(tables):
    first = build_edition(tables(), "2026.1+own").files
    swapped = GOOD | {"sources.tsv": "where\tkey\tgrade\nthe contract of 2026\tOWN\tB\n"}
    header, *lines = GOOD["codes.tsv"].splitlines()
    swapped["codes.tsv"] = "\n".join([header, *reversed(lines)])
    assert build_edition(tables(swapped), "2026.1+own").files == first


def test_an_empty_folder_is_an_empty_edition(tables, built):
    own = built(tables({}))
    assert len(own) == 0
    assert set(json.loads((Path(DATA) / "2026.1" / MANIFEST).read_text())["files"]) == set(
        build_edition(tables({}), "2026.1+own").files
    ) - {MANIFEST}


@pytest.mark.parametrize("edition", bundled_editions())
def test_the_tables_of_a_bundled_edition_give_the_same_tables(edition):
    files = build_edition(DATA / edition, f"{edition}+copy").files
    there = {name: (DATA / edition / name).read_bytes() for name in files if name != MANIFEST}
    assert {name: data for name, data in files.items() if name != MANIFEST} == there


def test_every_column_that_may_be_left_out_is_one_of_a_table():
    assert set(OPTIONAL) <= {column for columns in TABLES.values() for column in columns}


def test_the_day_of_the_modifiers_can_be_given(tables, built):
    assert built(tables(), modifiers_complete_on=DAY).modifiers_complete_on == DAY
    with pytest.raises(InvalidDate):
        build_edition(tables(), "2026.1+own", modifiers_complete_on="2026-03-02")


# ---- on top of another ---------------------------------------------------------------------


def test_an_edition_extends_a_bundled_one(tables, built, tmp_path):
    own, base = built(tables(), extends="2026"), cptkit.codeset("2026.1")
    assert set(own) == {*base, "W9900", "W9901", "W9902"}
    assert own["90834"] == base["90834"]
    assert own.modifiers == base.modifiers
    assert own.modifiers_complete_on == base.modifiers_complete_on
    assert own.timerules == base.timerules
    manifest = json.loads((tmp_path / "own" / "2026.1+own" / MANIFEST).read_text())
    assert manifest["extends"] == {"edition": "2026.1", "digest": base.digest}
    found = timerule.select("psychotherapy", minutes=47, date_of_service=DAY, codeset=own)
    assert [service.code for service in found.services] == ["90834"]


def test_a_local_code_gets_its_section_from_the_ranges_of_the_base(tables, built):
    files = GOOD | {
        "codes.tsv": f"code\t{END}\n92999\t{EVIDENCE}\n",
        "code-history.tsv": f"code\tfrom\t{END}\n92999\t2024-01-01\t{EVIDENCE}\n",
    }
    del files["addons.tsv"]
    assert str(built(tables(files), extends="2026.1")["92999"].section) == "medicine"
    assert str(built(tables(files))["92999"].section) == "other"


def test_a_code_in_both_is_a_conflict_unless_it_is_overridden(tables, built):
    files = plus("codes.tsv", f"90834\tours\tlocal\tyes\t{EVIDENCE}")
    (problem,) = problems_of(tables(files), extends="2026.1")
    assert problem.startswith("codes.tsv:5: 90834 stands in 2026.1 too, line ")
    assert problem.endswith("leave it out, or say --override 90834")
    own = built(tables(files), extends="2026.1", override=["90834"])
    assert own["90834"].label == "ours"
    assert own["90834"].history == cptkit.codeset("2026.1")["90834"].history
    assert len(own) == len(cptkit.codeset("2026.1")) + 3


def test_every_conflict_is_told(tables):
    files = plus("addons.tsv", f"90785\t2024-01-01\t1\tyes\tW9901\t{EVIDENCE}") | {
        "modifiers.tsv": f"code\tlabel\towner\torder_class\t{END}\n95\tours\tCMS\t1\t{EVIDENCE}\n"
    }
    told = problems_of(tables(files), extends="2026.1")
    assert [line.split()[:2] for line in told] == [["addons.tsv:3:", "90785"], ["modifiers.tsv:2:", "95"]]


def test_what_says_the_same_in_both_is_no_conflict(tables, built):
    row = next(
        line
        for line in (DATA / "2026.1" / "sources.tsv").read_text(encoding="utf-8").splitlines()
        if line.startswith("CMS-MUE\t")
    )
    files = GOOD | {"sources.tsv": f"key\tgrade\twhere\tsupports\n{row}\nOWN\tB\tx\t\n"}
    assert built(tables(files), extends="2026.1").source("CMS-MUE")


def test_an_override_of_nothing_is_told(tables):
    assert problems_of(tables(), extends="2026.1", override=["90834", "W9901"]) == [
        "--override: there is nothing to override for 90834, W9901"
    ]


def test_a_time_family_in_both_is_a_conflict(tables, built):
    rules = json.loads((DATA / "2026.1" / "timerules.json").read_text(encoding="utf-8"))
    family = next(family for family in rules["families"] if family["id"] == "psychotherapy")
    family["title"] = "ours"
    files = GOOD | {"timerules.json": json.dumps({"families": [family], "policies": []})}
    (problem,) = problems_of(tables(files), extends="2026.1")
    assert "timerules.json:1: psychotherapy stands in 2026.1 too" in problem
    own = built(tables(files), extends="2026.1", override=["psychotherapy"])
    assert timerule.family("90834", date_of_service=DAY, codeset=own).title == "ours"


@pytest.mark.parametrize("name", ["2026.1", "2026", "acme", "2026.1+", "2026.1+ACME", "2026.1+a/b", "", None])
def test_a_name_without_a_label_of_its_own(tables, name):
    with pytest.raises(UnknownEdition, match="an edition of your own has a label"):
        build_edition(tables(), name)


def test_the_base_is_one_of_the_same_year_and_is_there(tables):
    with pytest.raises(UnknownEdition, match="extends one of its own year"):
        build_edition(tables(), "2026.1+own", extends="2025.1")
    with pytest.raises(UnknownEdition, match=r"no such edition: '2031\.1'"):
        build_edition(tables(), "2031.1+own", extends="2031.1")


# ---- descriptors ---------------------------------------------------------------------------

WITH_TEXT = {
    **GOOD,
    "codes.tsv": f"code\tdescriptor\t{END}\n"
    f"W9901\tLicensed text, long\t{EVIDENCE}\nW9902\t\t{EVIDENCE}\nW9900\tMore\t{EVIDENCE}\n",
}


def test_descriptors_are_dropped(tables):
    edition = build_edition(tables(WITH_TEXT), "2026.1+own")
    assert edition.descriptors_dropped == 2
    assert DESCRIPTORS not in edition.files
    assert not any(b"Licensed" in data for data in edition.files.values())


def test_descriptors_are_kept_in_a_table_of_their_own_when_asked_for(tables, built, tmp_path):
    own = built(tables(WITH_TEXT), keep_descriptors=True)
    text = (tmp_path / "own" / own.edition / DESCRIPTORS).read_text()
    assert text == "code\tdescriptor\nW9900\tMore\nW9901\tLicensed text, long\n"
    again = build_edition(tmp_path / "own" / own.edition, "2026.1+own", keep_descriptors=True)
    assert again.files[DESCRIPTORS].decode() == text
    assert DESCRIPTORS not in build_edition(tmp_path / "own" / own.edition, "2026.1+own").files


def test_no_bundled_edition_has_descriptors():
    assert not list(DATA.rglob(DESCRIPTORS))


# ---- what is wrong -------------------------------------------------------------------------


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
        (GOOD | {"timerules.json": "[]"}, "timerules.json:1: not an object with families and policies"),
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
def test_a_problem_is_told_with_its_file_and_line(tables, files, told):
    assert any(line.startswith(told) for line in problems_of(tables(files))), problems_of(tables(files))


def test_every_problem_of_every_table_is_told_at_once(tables):
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
def test_a_problem_of_a_time_rule_is_told_with_its_line(tables, files, told):
    assert any(line.startswith(told) for line in problems_of(tables(files))), problems_of(tables(files))


def test_a_family_twice_and_a_policy_without_its_numbers(tables):
    whole = {"families": [FAMILY | {"rules": [RULE]}] * 2, "policies": [{"id": "own"}]}
    told = problems_of(tables(GOOD | {"timerules.json": json.dumps(whole)}))
    assert "timerules.json:1: family own is there twice" in told
    assert any(line.startswith("timerules.json:1: policy own: required field missing") for line in told)


def test_a_table_that_cannot_be_opened_is_told_and_no_reference_to_it(tables):
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


# ---- the command ---------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path):
    """The command line in a process of its own."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "cptkit", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(cptkit.__file__).parents[1])},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


def test_the_command_builds_and_verifies(run, tables):
    tables(WITH_TEXT)
    build = ["codeset", "build", "tables", "--into", "own", "--edition", "2026.1+own"]
    done = run(*build)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2026.1+own  sha256:")
    assert "2 descriptors were not kept" in done.stdout
    done = run(*build, "--extends", "2026.1", "--keep-descriptors", "--modifiers-complete-on", "2026-10-01")
    assert "replaces sha256:" in done.stdout
    done = run("edition", "verify", "own/2026.1+own")
    assert (done.returncode, done.stdout[:16]) == (0, "2026.1+own  ok  ")
    tables(instead("codes.tsv", "yes", "Y"))
    done = run(*build)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "1 problem(s) in the tables of tables",
        "  codes.tsv:2: timed: 'Y' is none of yes, no",
    ]
    assert run("codeset", "build", "tables", "--into", "own", "--edition", "2026.1").returncode == 2
    assert run("codeset", "build", "nowhere", "--into", "own", "--edition", "2026.1+own").returncode == 2
    assert run(*build, "--modifiers-complete-on", "soon").returncode == 2


@pytest.mark.parametrize("name", ["codes.csv", "Codes.TSV", "codes.xlsx"])
def test_a_file_that_looks_like_a_table_is_not_passed_over(tables, name):
    folder = tables()
    (folder / name).write_text("code\n", encoding="utf-8")
    assert any(name in problem for problem in problems_of(folder))


def test_a_closed_list_that_nothing_can_satisfy_is_told(tables):
    told = problems_of(tables(instead("addons.tsv", "yes\tW9901", "yes\t")))
    assert told == ["addons.tsv:2: primaries: a closed list holds no code but the add-on itself"]
