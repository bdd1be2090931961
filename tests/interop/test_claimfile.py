"""Files of claim lines: every row is checked or rejected, and says why."""

import datetime as dt
import io
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import UnreadableClaims
from cptkit.interop import ClaimFile, read_claims

HEADER = (
    "claim_id,patient_id,dos,clinician,code,modifiers,units,minutes,start,stop,pos,billing_provider,charge"
)
GOOD = "C-1,P-1,2026-03-02,SW-COLE,90834,95,1,47,,,10,B-1,150.00"


def read(text: str | bytes) -> ClaimFile:
    return read_claims(io.BytesIO(text.encode() if isinstance(text, str) else text))


def row(**cells: str) -> str:
    names = HEADER.split(",")
    return ",".join((dict(zip(names, GOOD.split(","), strict=True)) | cells)[name] for name in names)


def one(**cells: str):
    """The line that a row with these cells becomes."""
    file = read(f"{HEADER}\n{row(**cells)}\n")
    assert not file.rejected, file.rejected
    return file.claims[0].lines[0]


def reason(**cells: str) -> str:
    """Why a row with these cells is rejected."""
    file = read(f"{HEADER}\n{GOOD}\n{row(**cells)}\n{GOOD}\n")
    assert (file.rows_read, file.rows_checked) == (3, 2)
    assert file.rejected[0].line_number == 3
    assert file.rejected[0].text == row(**cells)
    return file.rejected[0].reason


def test_a_row_becomes_a_line():
    file = read(f"{HEADER}\n{GOOD}\n")
    (claim,) = file.claims
    assert (claim.id, claim.patient, claim.billing_provider) == ("C-1", "P-1", "B-1")
    (line,) = claim.lines
    assert line.id == "2"
    assert (line.code, line.modifiers, line.units, line.minutes) == ("90834", ("95",), 1, 47)
    assert (line.date_of_service, line.place_of_service) == (dt.date(2026, 3, 2), "10")
    assert (line.rendering_provider, line.charge) == ("SW-COLE", Decimal("150.00"))
    assert (line.start, line.stop) == (None, None)
    assert file.columns["date_of_service"] == "dos"
    assert file.rows_read == file.rows_checked == 1


def test_blank_cells():
    line = one(units="", minutes="", modifiers="", clinician="", pos="", charge="", billing_provider="")
    assert (line.units, line.minutes, line.modifiers) == (1, None, ())
    assert (line.rendering_provider, line.place_of_service, line.charge) == (None, None, None)


def test_times():
    line = one(minutes="", start="11:30 PM", stop="12:17 AM")
    assert line.documented_minutes == 47


@pytest.mark.parametrize("units", ["0", "-1"])
def test_impossible_units_are_kept_for_the_rules(units):
    assert one(units=units).units == int(units)


@pytest.mark.parametrize("code", ["908345", "9O834", "A"])
def test_malformed_codes_are_kept_for_the_rules(code):
    assert one(code=code).code == code


def test_modifiers_of_the_code_come_first():
    assert one(code="90834-95", modifiers="HO|AJ").modifiers == ("95", "HO", "AJ")


def test_modifier_columns_are_read_in_their_order():
    file = read("patient,dos,code,Mod 2,Mod 1\nP,2026-03-02,90834,HO,95\n")
    assert file.claims[0].lines[0].modifiers == ("95", "HO")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"dos": "2026-02-30"}, "is not a day of the calendar"),
        ({"dos": ""}, "no date of service"),
        ({"code": ""}, "no code"),
        ({"units": "1.5"}, "units '1.5': a whole number is needed"),
        ({"minutes": "47.5"}, "whole completed minutes"),
        ({"minutes": "NaN"}, "minutes 'NaN': no number"),
        ({"start": "9:00"}, "a start without a stop"),
        ({"stop": "9:00"}, "a stop without a start"),
        ({"start": "9:00", "stop": "9:00"}, "start and stop are both 9:00"),
        ({"start": "9:00", "stop": "25:00"}, "stop '25:00' is not a time of day"),
        ({"start": "x", "stop": "x"}, "start 'x' is not a time of day"),
        ({"charge": "much"}, "charge 'much' is no amount"),
        ({"claim_id": "", "patient_id": ""}, "neither a claim nor a patient"),
        ({"patient_id": "a\0b"}, "a NUL byte"),
        ({"patient_id": '"P-1'}, "a quote is opened in field 2"),
        ({"patient_id": 'P"1'}, "a stray quote in field 2"),
        ({"patient_id": "P-1,P-2"}, "14 fields, the header has 13"),
    ],
)
def test_a_row_that_cannot_be_read_costs_no_other(cells, words):
    assert words in reason(**cells)


def test_a_row_tells_everything_that_is_wrong_with_it():
    text = reason(dos="2026-02-30", units="1.5", code="")
    assert text.count("; ") == 2


def test_too_few_fields():
    file = read(f"{HEADER}\n{GOOD}\nC-2\n")
    assert file.rejected[0].reason == "1 field, the header has 13"
    assert str(file.rejected[0]) == "line 3: 1 field, the header has 13"


def test_a_rejected_row_names_its_claim_as_far_as_it_could_be_read():
    file = read(
        f"{HEADER}\n{row(claim_id='C-9', dos='never')}\n{row(claim_id='C-9', patient_id='P' + chr(34))}\n"
    )
    assert [rejected.claim for rejected in file.rejected] == ["C-9", ""]


def test_an_unclosed_quote_does_not_swallow_the_lines_that_follow():
    broken = row(clinician='"Cole')
    file = read("\n".join([HEADER, GOOD, broken, *[GOOD] * 50, broken, GOOD]) + "\n")
    assert [rejected.line_number for rejected in file.rejected] == [4 - 1, 3 + 50 + 1]
    assert file.rows_checked == 52


def test_a_field_with_a_line_break_costs_its_own_lines():
    file = read(f"{HEADER}\n{row(clinician=chr(34) + 'Cole' + chr(10) + 'SW' + chr(34))}\n{GOOD}\n")
    assert [rejected.line_number for rejected in file.rejected] == [2, 3]
    assert file.rows_checked == 1


def test_blank_lines_and_empty_spreadsheet_rows_are_no_rows():
    file = read(f"\n{HEADER}\n\n{GOOD}\n,,,,,,,,,,,,\n   \n{GOOD}\n\n")
    assert (file.rows_read, file.rows_checked) == (2, 2)
    assert [line.id for line in file.claims[0].lines] == ["4", "7"]


def test_a_header_alone_is_a_file_without_rows():
    file = read(HEADER)
    assert (file.rows_read, file.claims, file.rejected) == (0, (), ())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_line_ends_marks_and_delimiters(end, mark, delimiter):
    text = mark + "".join(line.replace(",", delimiter) + end for line in (HEADER, GOOD, GOOD))
    file = read(text)
    assert file.rows_checked == 2
    assert [line.id for line in file.claims[0].lines] == ["2", "3"]


def test_a_name_in_quotes_may_hold_another_delimiter():
    file = read('"patient; or client";patient;dos;code\nx;P-1;2026-03-02;90834\n')
    assert file.ignored == ("patient; or client",)
    assert file.rows_checked == 1


# ---- which lines make a claim ------------------------------------------------------------


def test_rows_of_one_claim_need_not_stand_together():
    rows = [row(claim_id="C-1"), row(claim_id="C-2", patient_id="P-2"), row(claim_id="C-1", code="90785")]
    file = read("\n".join([HEADER, *rows]))
    assert [(claim.id, [line.id for line in claim.lines]) for claim in file.claims] == [
        ("C-1", ["2", "4"]),
        ("C-2", ["3"]),
    ]


def test_without_a_claim_id_a_claim_is_a_patient_and_a_day():
    rows = ["P-1,2026-03-02,90834", "P-2,2026-03-02,90834", "P-1,2026-03-03,90834", "P-1,2026-03-02,90785"]
    file = read("\n".join(["patient,dos,code", *rows]))
    assert [(claim.id, len(claim.lines)) for claim in file.claims] == [
        ("P-1 2026-03-02", 2),
        ("P-2 2026-03-02", 1),
        ("P-1 2026-03-03", 1),
    ]


def test_two_patients_under_one_claim_id_are_two_claims():
    file = read("\n".join([HEADER, row(patient_id="P-1"), row(patient_id="P-2"), row(patient_id="")]))
    assert [(claim.id, claim.patient) for claim in file.claims] == [
        ("C-1", "P-1"),
        ("C-1", "P-2"),
        ("C-1", ""),
    ]


def test_a_row_without_patient_belongs_to_the_patient_of_its_claim():
    file = read("\n".join([HEADER, row(patient_id=""), row(patient_id="P-1", billing_provider="")]))
    (claim,) = file.claims
    assert (claim.patient, len(claim.lines)) == ("P-1", 2)


def test_a_file_without_a_patient_column():
    file = read("claim,dos,code\nC-1,2026-03-02,90834\n")
    assert (file.claims[0].id, file.claims[0].patient) == ("C-1", "")


# ---- the whole file ----------------------------------------------------------------------


def test_a_path_as_text_or_path(tmp_path: Path):
    path = tmp_path / "week.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    assert read_claims(path) == read_claims(str(path))


def test_files_that_cannot_be_opened(tmp_path: Path):
    for path, words in [
        (tmp_path / "missing.csv", "No such file"),
        (tmp_path, "cannot be read"),
        (f"{tmp_path}/nul\0byte", "cannot be read"),
    ]:
        with pytest.raises(UnreadableClaims, match=words) as caught:
            read_claims(path)
        assert "\n" not in str(caught.value)
        assert caught.value.given == os.fspath(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"c\0o\0d\0e\0", "binary, or UTF-16"),
        (b'"patient,dos,code\n', "a quote is opened in field 1"),
        (b"P-1,2026-03-02,90834\n", "the first line names no column for the code"),
    ],
)
def test_files_without_a_readable_header(data, words):
    with pytest.raises(UnreadableClaims, match=words) as caught:
        read(data)
    assert caught.value.given == "a stream"


def test_a_claim_line_in_the_place_of_the_names_is_told_and_not_shown():
    with pytest.raises(UnreadableClaims, match="it looks like a claim line itself") as caught:
        read(b"P-1,2026-03-02,90834\n")
    assert "P-1" not in str(caught.value)
    assert "such as patient_id,date_of_service,code,minutes" in str(caught.value)


# ---- which claims lost a row ---------------------------------------------------------------

TWO_PATIENTS = "patient,dos,code\nP-1,2026-03-02,90834\nP-1,2026-03-03,90834\nP-2,2026-03-02,90834\n"


@pytest.mark.parametrize(
    ("lost", "incomplete"),
    [
        ("", []),
        ("P-1,2026-03-03,\n", ["P-1 2026-03-03"]),
        ("P-1,2026-03-2x,90834\n", ["P-1 2026-03-02", "P-1 2026-03-03"]),
        ("P-9,2026-03-2x,90834\n", []),
        (",2026-03-02,90834\n", ["P-1 2026-03-02", "P-1 2026-03-03", "P-2 2026-03-02"]),
        ("P-1,2026-03-02\n", ["P-1 2026-03-02", "P-1 2026-03-03", "P-2 2026-03-02"]),
    ],
    ids=["none", "patient and day", "patient alone", "another patient", "nobody", "a field too few"],
)
def test_a_row_that_names_no_claim_may_be_of_several(lost, incomplete):
    assert sorted(read(TWO_PATIENTS + lost).incomplete_claims) == incomplete


def test_a_row_that_names_a_claim_is_of_that_one():
    table = "claim,patient,dos,code\nC-1,P-1,2026-03-02,90834\nC-2,P-1,2026-03-02,90834\n{},P-1,never,90834\n"
    assert read(table.format("C-1")).incomplete_claims == {"C-1"}
    assert read(table.format("")).incomplete_claims == {"C-1", "C-2"}
    assert [(each.claim, each.patient) for each in read(table.format("C-1")).rejected] == [("C-1", "P-1")]


def test_a_claim_without_a_patient_may_be_anyones():
    table = "claim,patient,dos,code\nC-1,,2026-03-02,90834\nC-2,P-2,2026-03-02,90834\n,P-1,never,90834\n"
    assert read(table).incomplete_claims == {"C-1"}


class Broken:
    name = "pipe"

    def read(self):
        raise OSError(5, "Input/output error")


def test_streams_that_give_no_bytes():
    with pytest.raises(UnreadableClaims, match=r"the stream cannot be read .*Input/output error\): 'pipe'"):
        read_claims(Broken())
    with pytest.raises(UnreadableClaims, match="opened in binary mode"):
        read_claims(io.StringIO(HEADER))


# ---- anything at all ---------------------------------------------------------------------


def rows_are_accounted_for(file: ClaimFile) -> None:
    lines = [int(line.id) for claim in file.claims for line in claim.lines]
    assert file.rows_checked == len(lines)
    assert file.rows_read == file.rows_checked + len(file.rejected)
    everyone = lines + [rejected.line_number for rejected in file.rejected]
    assert len(everyone) == len(set(everyone))
    assert all(rejected.reason for rejected in file.rejected)


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    try:
        file = read(data)
    except UnreadableClaims as error:
        refused = str(error)
    else:
        refused = ""
        rows_are_accounted_for(file)
    assert "\n" not in refused


@given(st.binary(), st.sampled_from(",;\t"))
def test_any_bytes_after_a_header(data, delimiter):
    try:
        file = read(HEADER.replace(",", delimiter).encode() + b"\n" + data)
    except UnreadableClaims:
        assert not is_utf_8(data)
    else:
        rows_are_accounted_for(file)


def is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


CELLS = st.one_of(
    st.sampled_from(
        ["", "90834", "90834-95", "2026-03-02", "3/2/2026", "9:05", "2:15 PM", "-1", "1.0", '"', "P-1", "NaN"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


@given(st.lists(st.lists(CELLS, min_size=12, max_size=14), max_size=6))
def test_any_cells(rows):
    rows_are_accounted_for(read("\n".join([HEADER, *(",".join(cells) for cells in rows)])))


# ---- the day of filing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "filed"),
    [
        ("2026-03-10", "", dt.date(2026, 3, 10)),
        ("", "03/10/2026", dt.date(2026, 3, 10)),
        ("2026-03-10", "20260310", dt.date(2026, 3, 10)),
        ("2026-03-10", "2026-03-11", None),
        ("", "", None),
    ],
)
def test_a_claim_has_the_one_day_of_filing_that_its_rows_name(first, second, filed):
    rows = f"C-1,2026-03-02,90834,{first}\nC-1,2026-03-02,90785,{second}\nC-2,2026-03-02,90834,2026-04-01\n"
    file = read(f"claim,dos,cpt,Filed on\n{rows}")
    assert [claim.filed for claim in file.claims] == [filed, dt.date(2026, 4, 1)]


def test_a_day_of_filing_that_is_none_costs_its_row():
    file = read("claim,dos,cpt,filed\nC-1,2026-03-02,90834,2026-02-30\nC-1,2026-03-02,90785,\n")
    assert [row.reason for row in file.rejected] == [
        "day of filing '2026-02-30' is not a day of the calendar"
    ]
    assert file.claims[0].filed is None
