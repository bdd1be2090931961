"""Editions of one's own: from a folder of tables, alone or on top of another edition."""

import datetime as dt
import json
from pathlib import Path

import pytest

import cptkit
from cptkit import timerule
from cptkit.codesets import bundled_editions
from cptkit.codesets.build.own import OPTIONAL, build_edition
from cptkit.codesets.check import DESCRIPTORS
from cptkit.codesets.files import MANIFEST
from cptkit.codesets.tables import TABLES
from cptkit.errors import InvalidDate, UnknownEdition

DATA = Path(cptkit.__file__).parent / "data"
EVIDENCE = "OWN\tverified\t2026-11-01"
END = "sources\tconfidence\tchecked"
GOOD = {table.name: table.read_text() for table in sorted((Path(__file__).parent / "own_tables").iterdir())}
DAY = dt.date(2026, 3, 2)


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
def test_the_tables_of_a_bundled_edition_give_the_same_tables(edition, whole):
    files = build_edition(DATA / edition, f"{edition}+copy").files
    there = {name: data for name, data in whole(DATA / edition).items() if name != MANIFEST}
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


def test_a_code_in_both_is_a_conflict_unless_it_is_overridden(tables, built, problems_of):
    files = plus("codes.tsv", f"90834\tours\tlocal\tyes\t{EVIDENCE}")
    (problem,) = problems_of(tables(files), extends="2026.1")
    assert problem.startswith("codes.tsv:5: 90834 stands in 2026.1 too, line ")
    assert problem.endswith("leave it out, or say --override 90834")
    own = built(tables(files), extends="2026.1", override=["90834"])
    assert own["90834"].label == "ours"
    assert own["90834"].history == cptkit.codeset("2026.1")["90834"].history
    assert len(own) == len(cptkit.codeset("2026.1")) + 3


def test_every_conflict_is_told(tables, problems_of):
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


def test_an_override_of_nothing_is_told(tables, problems_of):
    assert problems_of(tables(), extends="2026.1", override=["90834", "W9901"]) == [
        "--override: there is nothing to override for 90834, W9901"
    ]


def test_a_time_family_in_both_is_a_conflict(tables, built, problems_of):
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


# ---- the command ---------------------------------------------------------------------------


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
