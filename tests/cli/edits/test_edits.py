"""``cptkit edits list``, ``show`` and ``verify``: what a folder holds, and whether it is whole."""

import csv
import io
import json

import pytest

from cptkit.edits import Origin, Quarter, Setting, Writer, attach


def refused(answer, *words):
    assert answer.status == 2, answer
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


NAMES = [
    "ptp hospital 2024q3",
    "ptp practitioner 2024q2",
    "ptp practitioner 2024q3",
    "mue dme 2024q3",
    "mue practitioner 2024q2",
    "mue practitioner 2024q3",
    "addons 2024q3",
    "pfs 24C",
]

# ---- list --------------------------------------------------------------------------------------


def test_list(call, tables):
    answer = call("edits", "list", tables)
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    with attach(tables) as edits:
        assert lines[:3] == ["8 tables in tables", edits.digest, ""]
    assert [line.partition(":")[0] for line in lines[3:] if not line.startswith(" ")] == NAMES
    assert "ptp practitioner 2024q2: 7 rows" in lines
    assert "  pairs: 7, open: 5, indicator 0: 3, indicator 1: 3, indicator 9: 1" in lines
    assert "  ccipra-v301r0-f1.zip to f2" in lines
    assert "pfs 24C: 3 rows, from 2024-07-01" in lines
    assert lines[-1] == "  rvu24c.zip"


def test_list_for_programs(call, tables):
    told = json.loads(call("edits", "list", tables, "--format", "json").out)
    assert [part["part"] for part in told["parts"]] == NAMES
    assert told["parts"][0]["counts"]["pairs"] == 1
    lines = call("edits", "list", tables, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == told["parts"]
    rows = list(csv.DictReader(io.StringIO(call("edits", "list", tables, "--format", "csv").out)))
    assert [row["part"] for row in rows] == NAMES
    assert (
        rows[1]["files"]
        == "ccipra-v301r0-f1.zip: ccipra-v301r0-f1.TXT; ccipra-v301r0-f2.zip: ccipra-v301r0-f2.TXT"
    )
    assert (rows[-1]["release"], rows[-1]["first_day"], rows[-1]["qpp"]) == ("24C", "2024-07-01", "False")


def test_where_the_tables_are(call, tables, monkeypatch):
    refused(call("edits", "list"), "--tables DIR, or the variable CPTKIT_TABLES")
    by_option = call("edits", "list", "--tables", tables)
    monkeypatch.setenv("CPTKIT_TABLES", str(tables))
    assert call("edits", "list") == by_option == call("edits", "list", tables)
    assert call("edits", "verify").status == 0
    refused(call("edits", "list", "elsewhere"), "no edit tables can be read here")


@pytest.mark.usefixtures("tables")
def test_no_tables(call, tmp_path):
    (tmp_path / "notes").mkdir()
    for name in ("list", "verify"):
        refused(call("edits", name, "notes"), "no edit tables can be read here")
        refused(call("edits", name, "nowhere"), "no edit tables can be read here")


# ---- show a part -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["ptp", "practitioner", "2024q2"], ["ptp practitioner 2024q2"]])
def test_a_part(call, tables, words):
    answer = call("edits", "show", tables, *words)
    assert answer.status == 0
    assert answer.out.startswith("ptp practitioner 2024q2: 7 rows\n")
    assert "\n  ccipra-v301r0-f2.zip\n  ccipra-v301r0-f2.TXT\n    7 rows\n    sha256:0000" in answer.out
    assert call("edits", "show", *words, "--tables", tables) == answer
    plain = json.loads(call("edits", "show", tables, *words, "--format", "json").out)
    assert (plain["part"], plain["rows"]) == ("ptp practitioner 2024q2", 7)


@pytest.mark.usefixtures("tables")
def test_a_part_with_the_pairs_that_its_files_begin_and_end_with(call):
    with Writer("more") as writer:
        builder = writer.pairs(Setting.HOSPITAL, Quarter(2024, 3))
        says = builder.row(None, None, 1, prior_to_1996=False, rationale="")
        builder.extend([builder.code("W9901")], [builder.code("W9902")], [says])
        writer.put_pairs(
            builder, [Origin("f1.TXT", None, "sha256:" + 64 * "0", 1, "W9901W9902", "W9901W9902")]
        )
        writer.commit()
    answer = call("edits", "show", "more", "ptp hospital 2024q3")
    assert "\n  f1.TXT\n    1 row, W9901/W9902 to W9901/W9902\n" in answer.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tables", "ptp", "practitioner", "2024q4"], "did you mean ptp practitioner 2024q3"),
        (["tables", "everything"], "no such part, and no code: 'everything'"),
        (["tables"], "Say what to show"),
        (["tables", "W9901"], "Give the date of service with --on"),
        (["tables", "mue dme 2024q3", "--on", "2024-08-01"], "are for a code, not for a part"),
        (["tables", "mue dme 2024q3", "--pairs"], "are for a code, not for a part"),
        (["ptp", "practitioner", "2024q3"], "--tables DIR, or the variable CPTKIT_TABLES"),
        (["nowhere", "W9901", "--on", "2024-08-01"], "no edit tables can be read here"),
        ([""], "Say what to show"),
        ([], "Missing argument"),
    ],
)
@pytest.mark.usefixtures("tables")
def test_questions_that_cannot_be_answered(call, arguments, words):
    refused(call("edits", "show", *arguments), words)


# ---- show a code -------------------------------------------------------------------------------


def test_a_code(call, tables):
    answer = call("edits", "show", tables, "w9901", "--on", "2024-08-01")
    assert answer.out == (
        "W9901 on 2024-08-01, tables of 2024q3\n"
        "\n"
        "unit limits (MUE)\n"
        "  practitioner: at most 2 units on each line (MAI 1)\n"
        "    own words; mue-practitioner.csv\n"
        "  dme: at most 2 units (the file does not say how units are counted)\n"
        "    own words; mue-dme.csv\n"
        "\n"
        "add-on edits (AOC)\n"
        "  it has none as an add-on\n"
        "\n"
        "fee schedule\n"
        "  W9901: status A, global 010, PC/TC 1, multiple 2, bilateral 1, assistant 0,\n"
        "         co-surgeon 1, team 0\n"
        "  W9901-26: status A, global 010, PC/TC 1, multiple 2, bilateral 1, assistant 0,\n"
        "            co-surgeon 1, team 0\n"
        "  release 24C from 2024-07-01; PPRRVU24_JUL.csv\n"
        "\n"
        "pair edits (PTP)\n"
        "  practitioner: paid in column 1 of 1 pair (indicator 1: 1)\n"
        "  practitioner: denied in column 2 of 2 pairs (indicator 0: 2)\n"
        "  hospital: paid in column 1 of 0 pairs\n"
        "  hospital: denied in column 2 of 1 pair (indicator 0: 1)\n"
        "\n"
        "telehealth list\n"
        "  NOT CHECKED: no list of telehealth services for 2024; there are none\n"
    )


def test_the_pairs_of_a_code(call, tables):
    asked = ("edits", "show", tables, "W9901", "--on", "2024-08-01", "--setting", "practitioner", "--pairs")
    out = call(*asked).out
    assert "    W9901/W9902 indicator 1, since 2020-01-01; Mutually exclusive\n" in out
    assert "    W9903/W9901 indicator 0, since 1996-01-01; More extensive\n" in out
    assert "W9904" not in out
    assert "hospital" not in out
    assert "dme" not in out


def test_add_ons(call, tables):
    closed = call("edits", "show", tables, "W9911", "--on", "2024-08-01").out
    assert "  type 1: the list of primaries is closed\n  primaries: W9901\n  AOC_V2024Q3.txt\n" in closed
    contractor = call("edits", "show", tables, "W9912", "--on", "2024-08-01").out
    assert "  type 2: the contractor decides on the primaries\n  note: own note\n" in contractor
    open_list = call("edits", "show", tables, "W9913", "--on", "2024-08-01").out
    assert "  type 3: the contractor may add to the primaries\n" in open_list


def test_not_published_is_not_no_limit(call, tables):
    out = call("edits", "show", tables, "W9999", "--on", "2024-08-01").out
    assert "  practitioner: none is published, which is not the same as no limit\n" in out
    assert "  release 24C does not list it\n" in out
    zero = call("edits", "show", tables, "W9905", "--on", "2024-08-01").out
    assert "practitioner: at most 0 units on a day; an appeal with records may help" in zero


def test_a_day_without_tables(call, tables):
    answer = call("edits", "show", tables, "W9901", "--on", "2025-08-01")
    assert answer.status == 0
    assert answer.out.count("NOT CHECKED: ") == 7
    told = json.loads(call("edits", "show", tables, "W9901", "--on", "2025-08-01", "--format", "json").out)
    assert all(each["not_checked"] for part in ("mue", "ptp") for each in told[part])
    assert told["addon"]["not_checked"].startswith("no add-on edits")
    assert told["pfs"]["not_checked"].startswith("no release")
    assert told["telehealth"]["not_checked"].startswith("no list")


def test_a_code_as_json(call, tables):
    told = json.loads(call("edits", "show", tables, "W9901", "--on", "2024-08-01", "--format", "json").out)
    assert [(each["setting"], each["mue"]["value"]) for each in told["mue"]] == [
        ("practitioner", 2),
        ("dme", 2),
    ]
    assert [row["modifier"] for row in told["pfs"]["rows"]] == ["", "26"]
    pairs = {
        each["setting"]: [(edit["column1"], edit["column2"]) for edit in each["edits"]]
        for each in told["ptp"]
    }
    assert pairs == {
        "practitioner": [("W9901", "W9902"), ("W9903", "W9901"), ("W9905", "W9901")],
        "hospital": [("W9903", "W9901")],
    }
    assert told["addon"] == {"not_checked": "", "rows": []}


def test_show_and_pair_say_the_same(call, tables):
    told = json.loads(call("edits", "show", tables, "W9901", "--on", "2024-05-01", "--format", "json").out)
    for each in told["ptp"][0]["edits"]:
        asked = ("pair", each["column1"], each["column2"], "--on", "2024-05-01", "--setting", "practitioner")
        (answer,) = json.loads(call(*asked, "--tables", tables, "--format", "json").out)["answers"]
        assert answer["edit"] == each


# ---- verify ------------------------------------------------------------------------------------


def test_verify(call, tables):
    with attach(tables) as edits:
        digest = edits.digest
    assert call("edits", "verify", tables) == (0, f"tables  ok  {digest}\n  8 tables, 65 rows\n", "")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("mue-dme-*.tsv", lambda data: data.replace(b"\t2\t", b"\t3\t"), "was changed"),
        ("ptp-practitioner-*.bin", lambda data: data[:200], "was changed"),
        ("addons-*.tsv", None, "no readable addons"),
        ("manifest.json", lambda data: data[: len(data) // 2], "the manifest is not JSON"),
    ],
)
def test_damaged_tables(call, tables, name, change, words):
    (path,) = tables.glob(name)
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    answer = call("edits", "verify", tables)
    assert answer.status == 1
    assert answer.out.startswith("tables  BROKEN")
    assert words in " ".join(answer.out.split())
    assert "Traceback" not in answer.err
