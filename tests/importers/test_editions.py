"""Licensed files and HCPCS as an edition: ``code_tables``, and ``cptkit codeset build --from-file``."""

import datetime as dt
from importlib import resources

import pytest

from cptkit import Codeset, codeset
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import code_tables
from cptkit.importers.editions import joined

DAY = dt.date(2026, 1, 5)
LONG, SHORT = "own words that stand for a licensed text of more than 48 characters", "own short words"


def hcpcs(*codes):
    ended = {"H9903": "20251231"}
    return "".join(
        f"{code}001003{'own words':80}{'short':28}".ljust(268)
        + "20240101"
        + "20240101"
        + ended.get(code, "").ljust(8)
        + "N\r\n"
        for code in codes
    )


@pytest.fixture
def files(downloads):
    """A long, a short and a consolidated file of the AMA's kind, and one of HCPCS."""
    return [
        downloads.write("2026/LONGULT.txt", f"notice\n\n0001F\t{LONG}\n9998T\t{LONG}\n"),
        downloads.write("2026/SHORTU.txt", f"notice\n\n0001F {SHORT}\n"),
        downloads.write("2026/Consolidated.txt", f"Concept Id\tCPT Code\tLong\n1\t9999F\t{LONG}\n"),
        downloads.write("2026/HCPC2026_JAN_ANWEB.txt", hcpcs("H9901", "H9903", "W9904")),
    ]


def lines(text):
    return [line.split("\t") for line in text.splitlines()]


# ---- tables ------------------------------------------------------------------------------------


def test_the_codes_of_all_files(files):
    found = code_tables(files, year=2026, checked=DAY)
    assert [row[0] for row in lines(found.tables["codes.tsv"])] == [
        "code",
        "0001F",
        "9998T",
        "9999F",
        "H9901",
        "H9903",
    ]
    history = {tuple(row[:4]) for row in lines(found.tables["code-history.tsv"])[1:]}
    assert history == {
        ("0001F", "2026-01-01", "in-force", "yes"),
        ("9998T", "2026-01-01", "in-force", "yes"),
        ("9999F", "2026-01-01", "in-force", "yes"),
        ("H9901", "2024-01-01", "in-force", "no"),
        ("H9903", "2024-01-01", "in-force", "no"),
        ("H9903", "2026-01-01", "ended", "no"),
    }
    sources = {row[0]: row[2] for row in lines(found.tables["sources.tsv"])[1:]}
    assert set(sources) == {"CPT-FILES", "HCPCS-FILE"}
    for file in found.files:
        source = "HCPCS-FILE" if file.member.name.startswith("HCPC") else "CPT-FILES"
        assert f"{file.member.name} ({file.digest})" in sources[source]
    assert "descriptors.tsv" not in found.tables
    assert LONG not in str(found.tables)
    assert found.left_out == {"codes that are not CMS's": 1}


def test_texts_come_along_when_they_are_asked_for(files):
    found = code_tables(files, year=2026, checked=DAY, known={"0001F"}, keep_descriptors=True)
    texts = {row[0]: row[1] for row in lines(found.tables["descriptors.tsv"])[1:]}
    assert texts == {"0001F": LONG, "9998T": LONG, "9999F": LONG, "H9901": "own words", "H9903": "own words"}
    assert "0001F" not in found.tables["codes.tsv"]
    assert found.left_out == {"codes that are not CMS's": 1, "codes that the edition has already": 1}


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        (
            "HCPC2025_JAN_ANWEB.txt",
            hcpcs("H9901"),
            ContradictoryFile,
            "the file is of 2025, the edition of 2026",
        ),
        ("CPT2025_LONGULT.txt", "0001F\town words\n", ContradictoryFile, "the file is of 2025"),
        ("HCPC2026_APR_ANWEB.txt", hcpcs("H9902"), ContradictoryFile, "two HCPCS files"),
        ("pos.csv", "POS code,POS name\n97,own\n", UnknownLayout, "no list of codes, but places of service"),
        ("LONGULT.txt", "H9901 own words\n", UnknownLayout, "none of the tables"),
        (
            "Consolidated.txt",
            "Concept Id\tCPT Code\tLong\n1\tH9901\tx\n",
            UnreadableFile,
            "none of its 1 rows",
        ),
        ("LONGULT.zip", "<html>", UnreadableFile, "a web page"),
    ],
)
def test_files_that_do_not_fit(downloads, files, name, content, error, words):
    wrong = downloads.write("wrong/" + name, content)
    with pytest.raises(error, match=words):
        code_tables([*files, wrong], year=2026, checked=DAY)


def test_no_file_at_all():
    with pytest.raises(UnreadableFile, match="no file to read codes from"):
        code_tables([], year=2026, checked=DAY)


@pytest.mark.parametrize(
    ("own", "more", "whole"),
    [
        ("code\n", "code\nB\n", "code\nB\n"),
        ("a\tcode\nx\tB\n", "code\tc\nB\t1\nC\t2\n", "a\tcode\tc\nx\tB\t\n\tC\t2\n"),
        ("code\ta\nB\nC\tx\n", "code\tc\nD\t1\n", "code\ta\tc\nB\t\nC\tx\t\nD\t\t1\n"),
        ("other\nB\n", "code\nC\n", "other\nB\n"),
        ("code\r\nB\r\n", "code\nC\n", "code\r\nB\r\n"),
        ("code\ta\nB\tx", "code\nB\n", "code\ta\nB\tx\n"),
    ],
)
def test_rows_of_files_stand_behind_ones_own(own, more, whole):
    assert joined(own, more) == whole


# ---- the command -------------------------------------------------------------------------------


@pytest.fixture
def build(call, files, tmp_path, monkeypatch):
    """Run ``codeset build`` with files; click is there."""
    pytest.importorskip("click", reason="pip install cptkit[cli]")
    monkeypatch.chdir(tmp_path)

    def build(*more, paths=files, edition="2026.1+acme", checked="2026-01-05"):
        named = [word for path in paths for word in ("--from-file", path)]
        asked = ["--checked", checked] if checked else []
        return call("codeset", "build", *named, *asked, "--into", "editions", "--edition", edition, *more)

    return build


def test_tables_that_an_edition_shares_with_others_stand_beside_the_files_too(build, tmp_path):
    data = resources.files("cptkit").joinpath("data")
    assert not data.joinpath("2026.1", "modifiers.tsv").is_file()
    answer = build(str(data.joinpath("2026.1")))
    assert (answer.status, answer.err) == (0, "")
    own = Codeset.from_folder(tmp_path / "editions" / "2026.1+acme")
    assert set(own.modifiers) == set(codeset("2026.1").modifiers)
    assert {"H9901", "90834"} <= set(own)


def test_an_edition_of_files(build, tmp_path):
    answer = build("--extends", "2026.1")
    assert (answer.status, answer.err) == (0, "")
    assert "  HCPC2026_JAN_ANWEB.txt: 3 rows read = 3 kept + 0 rejected\n" in answer.out
    assert "  left out: 1 codes that are not CMS's\n" in answer.out
    assert answer.out.endswith("  no text of the files was kept\n")
    own = Codeset.from_folder(tmp_path / "editions" / "2026.1+acme")
    assert {"0001F", "9999F", "H9901", "90834"} <= set(own)
    assert own.status("H9901", date_of_service=dt.date(2023, 12, 31)).in_force is False
    assert own.status("H9903", date_of_service=dt.date(2026, 1, 1)).in_force is False
    assert own.status("9998T", date_of_service=dt.date(2026, 3, 2)).in_force
    assert not (tmp_path / "editions" / "2026.1+acme" / "descriptors.tsv").exists()


def test_texts_are_kept_where_they_are_asked_for(build, tmp_path):
    answer = build("--keep-descriptors")
    assert answer.status == 0
    assert "no text" not in answer.out
    assert LONG in (tmp_path / "editions" / "2026.1+acme" / "descriptors.tsv").read_text()


def test_the_same_files_give_the_same_edition(build):
    assert build().out.splitlines()[0] == build().out.splitlines()[0]


def test_ones_own_tables_beside_the_files(build, tmp_path):
    own = tmp_path / "tables"
    own.mkdir()
    (own / "notes").mkdir()
    (own / "codes.tsv").write_text(
        "code\tlabel\tfamily\tsources\tconfidence\tchecked\n"
        "H9901\tpeer support\tstate plan\tSTATE\tverified\t2026-01-05\n"
    )
    (own / "sources.tsv").write_text("key\tgrade\twhere\nSTATE\tA\tthe state's fee schedule\n")
    answer = build(own, "--extends", "2026.1")
    assert (answer.status, answer.err) == (0, "")
    made = Codeset.from_folder(tmp_path / "editions" / "2026.1+acme")
    assert (made["H9901"].label, made["H9901"].family) == ("peer support", "state plan")
    assert made["H9901"].first_day == dt.date(2024, 1, 1)
    assert made["H9903"].label == ""


def test_problems_of_ones_own_tables_are_told_as_theirs(build, tmp_path):
    own = tmp_path / "tables"
    own.mkdir()
    (own / "codes.tsv").write_text("code\tlabel\tsources\tconfidence\tchecked\nH9901\tx\tNONE\tsure\t2026\n")
    (own / "sources.tsv").write_bytes(b"key\tgrade\twhere\n\xff\tA\tx\n")
    answer = build(own)
    assert answer.status == 1
    assert answer.out == ""
    assert f"in the tables of {own}\n" in answer.err
    assert "codes.tsv:2: confidence: 'sure'" in answer.err
    assert "sources.tsv:2: not UTF-8" in answer.err
    assert not (tmp_path / "editions").exists()


def test_rejected_rows_are_told(build, downloads):
    path = downloads.write("2026/LONGU.txt", "0001F\town words\n" * 2 + "0002F\town words\n")
    answer = build(paths=[path])
    assert answer.status == 1
    assert "3 rows read = 2 kept + 1 rejected" in answer.out
    assert "line 2: the code comes twice" in answer.out


def test_what_is_not_read_is_told(build, downloads):
    path = downloads.zipped("cpt2026.zip", {"LONGULT.txt": "0001F\town words\n", "README.txt": "read me"})
    answer = build(paths=[path])
    assert answer.status == 0
    assert "  this is none of the tables that cptkit reads\n    cpt2026.zip: README.txt\n" in answer.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"paths": []}, "Name the folder TABLES, or files with --from-file"),
        ({"paths": [], "checked": ""}, "Name the folder TABLES, or files with --from-file"),
        ({"checked": ""}, "--from-file and --checked go together"),
        ({"edition": "acme"}, "no name of an edition"),
        ({"edition": "2026.1"}, "an edition of your own has a label"),
        ({"edition": "2025.1+acme"}, "the file is of 2026, the edition of 2025"),
    ],
)
def test_usage(build, tmp_path, options, words):
    answer = build(**options)
    assert answer.status == 2
    assert words in answer.err
    assert not (tmp_path / "editions").exists()
