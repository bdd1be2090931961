"""The AMA's licensed files: codes, and texts only where they are asked for; tables for an edition."""

import datetime as dt

import pytest

from cptkit import Codeset
from cptkit.codesets.build.own import build_edition, write_edition
from cptkit.errors import BrokenTables
from cptkit.importers import Kind, ama, read, read_all, survey
from cptkit.importers.own_tables import cpt_tables, hcpcs_tables, write_tables
from cptkit.importers.rows import CptRow, HcpcsRow, Rejected

NOTICE = "Own notice of a licence, \u00a9 2025 nobody.\r\nAll rights are nobody's.\r\n\r\n"
HEADER = (
    *("Concept Id", "CPT Code", "Long", "Medium", "Short", "Consumer", "Spanish Consumer"),
    *("Current Descriptor Effective Date", "Test Name", "Lab Name", "Manufacturer Name"),
)
LONG = 'secret long, 3" wide'


def consolidated(*rows, notice=NOTICE):
    return notice + "".join("\t".join(row) + "\r\n" for row in (HEADER, *rows))


ROWS = [
    (
        "1001",
        "99990",
        LONG,
        "secret medium",
        "secret short",
        "secret consumer",
        "secreto",
        "20260101",
        "",
        "",
        "",
    ),
    ("1002", "0990T", '"secret" long', "", "", "", "", "1/1/2024", "", "", ""),
    ("1003", "0990U", "secret", "secret", "secret", "", "", "", "a test", "a lab", "a maker"),
]


@pytest.mark.parametrize("keep", [False, True])
def test_the_consolidated_list(write, keep):
    member = write("ConsolidatedCodeList.txt", consolidated(*ROWS))
    found = list(ama.read(member, keep_descriptors=keep))
    days = (dt.date(2026, 1, 1), dt.date(2024, 1, 1), None)
    texts = [(LONG, "secret medium", "secret short"), ('"secret" long', None, None), ("secret",) * 3]
    assert [row.descriptor_day for row in found] == list(days)
    assert [row.code for row in found] == ["99990", "0990T", "0990U"]
    assert [(row.long, row.medium, row.short) for row in found] == (texts if keep else [(None,) * 3] * 3)
    assert ("secret" in repr(found)) is keep
    (table,) = survey(member.path).tables
    assert table.recognised.kind is Kind.CPT_LIST
    assert read_all(table)[1].counts == {"category I": 1, "category III": 1, "category PLA": 1}


def test_the_consolidated_list_as_csv_and_workbook(write, csv_text, book):
    wanted = [
        CptRow(0, "99990", dt.date(2026, 1, 1)),
        CptRow(0, "0990T", dt.date(2024, 1, 1)),
        CptRow(0, "0990U", None),
    ]
    for member in (
        write("ConsolidatedCodeList.csv", csv_text([["Own notice"], HEADER, *ROWS])),
        write("ConsolidatedCodeList.xlsx", book({"A": [["Own notice"], HEADER, *ROWS]})),
    ):
        assert [(row.code, row.descriptor_day) for row in ama.read(member)] == [
            (row.code, row.descriptor_day) for row in wanted
        ]


def test_rejected_rows_of_the_list_name_no_text(write):
    bad = [
        ("1", "9999", LONG, *[""] * 8),
        ("1", "secret code", LONG, *[""] * 8),
        ("1", "W9901", LONG, *[""] * 8),
        ("1", "99991", LONG, *[""] * 4, "2026-13-01", "", "", ""),
        ("1", "99991", LONG, *[""] * 4, "01.01.2026", "", "", ""),
        ("1", "99990", LONG, *[""] * 8),
        ("1", "99992", LONG),
    ]
    found = list(ama.read(write("list.txt", consolidated(*ROWS, *bad)), keep_descriptors=False))
    assert [(row.text_start, row.reason) for row in found if isinstance(row, Rejected)] == [
        ("9999", "not a CPT code: '9999'"),
        ("", "not a CPT code"),
        ("W9901", "not a CPT code: 'W9901'"),
        ("99991", "not a day such as 20260101: '2026-13-01'"),
        ("99991", "not a day such as 20260101: '01.01.2026'"),
        ("99990", "the code comes twice: 99990, first in line 5"),
        ("1", "the row has another number of cells than the header: 3, not 11"),
    ]
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("name", "parting", "text", "kind"),
    [
        ("LONGULT.txt", "\t", "secret words that go on for longer than any medium text may be", "long"),
        ("MEDU.txt", " ", "SECRET WORDS THAT ARE LONGER THAN A SHORT TEXT", "medium"),
        ("MEDU.txt", "\t", "SECRET WORDS THAT ARE LONGER THAN A SHORT TEXT", "medium"),
        ("SHORTU.txt", " ", "SECRET WORDS", "short"),
    ],
)
def test_descriptions(write, name, parting, text, kind):
    lines = NOTICE + f"99990{parting}{text}\r\n0990T{parting}{text:60}\r\n99990{parting}{text}\r\n"
    member = write(name, lines.encode("cp1252"))
    dropped = list(ama.read(member))
    assert dropped[:2] == [CptRow(4, "99990", None), CptRow(5, "0990T", None)]
    assert dropped[2] == Rejected(6, "99990", "the code comes twice: 99990, first in line 4")
    assert "ecret" not in repr(dropped).lower().replace("secret code", "")
    kept = list(ama.read(member, keep_descriptors=True))
    assert [getattr(row, kind) for row in kept[:2]] == [text, text]
    assert sum(getattr(kept[0], other) is not None for other in ("long", "medium", "short")) == 1
    (table,) = survey(member.path).tables
    assert table.recognised.kind is Kind.CPT_DESCRIPTIONS


def test_lines_that_are_no_descriptions(write):
    good = "".join(f"9{at:04}\tsecret words\r\n" for at in range(40))
    text = (
        NOTICE
        + good
        + "secret words alone\r\n99\tsecret\r\nA0001\tsecret words\r\n9999X secret words\r\n\r\n"
    )
    found = list(ama.read(write("LONGULT.txt", text)))
    assert [(row.line_number, row.text_start, row.reason) for row in found[40:]] == [
        (44, "", "the line is not a code and its description"),
        (45, "", "the line is not a code and its description"),
        (46, "A0001", "the line is not a code and its description"),
        (47, "9999X", "not a CPT code: '9999X'"),
    ]


def test_the_three_files_in_one_zip(zipped):
    readme = zipped(
        "readme.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}
    ).read_bytes()
    members = {
        f"standard/{name}": NOTICE + f"99990\t{text}\r\n0990T\t{text}\r\n"
        for name, text in (
            ("LONGULT.txt", "secret " * 20),
            ("MEDU.txt", "SECRET " * 6),
            ("SHORTU.txt", "SECRET"),
        )
    }
    found = survey(zipped("cpt2026.zip", {**members, "ReadMe.docx": readme}))
    assert [table.member.name for table in found.tables] == list(members)
    assert [skipped.reason for skipped in found.skipped] == [
        "this is a zip archive, but no workbook: unpack it first"
    ]
    rows = [row for table in found.tables for row in read(table, keep_descriptors=True)]
    tables = cpt_tables(rows, first_day=dt.date(2026, 1, 1), checked=dt.date(2026, 1, 5), where="our files")
    assert tables["codes.tsv"].splitlines()[1:] == [
        "0990T\tCPT-FILES\tverified\t2026-01-05",
        "99990\tCPT-FILES\tverified\t2026-01-05",
    ]
    assert tables["descriptors.tsv"].splitlines()[1] == "0990T\t" + " ".join(["secret"] * 20)


def built(tables, tmp_path, **options):
    folder = write_tables(tables, tmp_path / "tables")
    return build_edition(folder, "2026.1+acme", **options)


@pytest.mark.parametrize("keep", [False, True])
def test_an_edition_of_ones_own(write, tmp_path, keep):
    member = write("ConsolidatedCodeList.txt", consolidated(*ROWS))
    tables = cpt_tables(
        ama.read(member, keep_descriptors=keep),
        first_day=dt.date(2026, 1, 1),
        checked=dt.date(2026, 1, 5),
        where="our licensed files of 2026",
    )
    made = built(tables, tmp_path, extends="2026.1", keep_descriptors=keep)
    assert any(b"secret" in data for data in made.files.values()) is keep
    own = Codeset.from_folder(write_edition(made, tmp_path / "editions"))
    assert own["99990"].first_day is None  # in force on that day, and before: since when is not on record
    assert own.status("99990", date_of_service=dt.date(2026, 3, 2)).in_force
    assert "90834" in own


def test_codes_of_the_extended_edition_stay_as_they_are(tmp_path):
    rows = [CptRow(1, "90834", None, long="secret"), CptRow(2, "99990", None)]
    tables = cpt_tables(
        rows, first_day=dt.date(2026, 1, 1), checked=dt.date(2026, 1, 5), where="our files", known={"90834"}
    )
    made = built(tables, tmp_path, extends="2026.1", keep_descriptors=True)
    own = Codeset.from_folder(write_edition(made, tmp_path / "editions"))
    assert own["90834"].label
    assert b"90834\tsecret" in made.files["descriptors.tsv"]


def hcpcs(code, *, last_day=None, is_modifier=False):
    blank = {
        "pricing": (),
        "coverage_manual": (),
        "carriers_manual": (),
        "lab_certifications": (),
        "cross_references": (),
    }
    texts = dict.fromkeys(
        (
            "action",
            "coverage",
            "multiple_pricing",
            "statute",
            "asc_group",
            "asc_date",
            "opps",
            "opps_indicator",
        ),
        "",
    ) | dict.fromkeys(("opps_date", "processing_note", "betos"), "")
    return HcpcsRow(
        line_number=1, code=code, is_modifier=is_modifier, long="own long words", short="own", first_day=dt.date(2024, 1, 1),
        action_day=None, last_day=last_day, types_of_service=(), anesthesia_units=None, **blank, **texts,
    )  # fmt: skip


def test_an_edition_of_hcpcs_codes(tmp_path):
    rows = [
        hcpcs("T9901"),
        hcpcs("T9902", last_day=dt.date(2025, 12, 31)),
        hcpcs("Z9", is_modifier=True),
        hcpcs("D9999"),
    ]
    tables = hcpcs_tables(
        rows, checked=dt.date(2026, 1, 5), where="HCPC2026_JAN_ANWEB.csv", keep_descriptors=True
    )
    made = built(tables, tmp_path, keep_descriptors=True)
    own = Codeset.from_folder(write_edition(made, tmp_path / "editions"))
    assert sorted(own) == ["T9901", "T9902"]
    assert own["T9902"].last_day == dt.date(2025, 12, 31)
    assert not own.status("T9902", date_of_service=dt.date(2026, 1, 1)).in_force
    assert b"T9901\town long words" in made.files["descriptors.tsv"]


def test_tables_are_never_mixed(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BrokenTables, match=r"the folder of tables is not empty: 'notes\.txt'"):
        write_tables({"codes.tsv": ""}, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt"]
