"""Any file at all: rows and rejected rows, or an error of cptkit's own; never another exception, never a hang.

Laws: each reader gives rows and ``Rejected`` with line numbers that exist and do not go back; what it
keeps is well formed; and what is well written is kept, whatever stands beside it.
"""

import datetime as dt
import re
import time

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cptkit.codes import category_of
from cptkit.errors import CptkitError
from cptkit.importers import ama, aoc, hcpcs, members, mue, pfs, pos, ptp_changes, read, survey, telehealth
from cptkit.importers.rows import Rejected

PFS_NAMES = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,"
    "PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT"
)
PFS_ROW = "{code},26,text,A,,1.50,0.75,NA,0.70,,0.10,2.35,2.30,1,010,0.1,0.8,0.1,2,1,0,1,0,9,,33.4009,02,0,88,0.0,0.0,0.0"
HCPCS_NAMES = ",".join(hcpcs._COLUMNS)
HCPCS_ROW = "{code},0010,3,own words,short," + "," * 25 + "C" + "," * 14 + "20240101,20240101,,N"
HCPCS_FIXED = "{code}001003" + "own words".ljust(80) + "short".ljust(177) + "20240101".ljust(24) + "N"

# reader, lines above the rows, a row for a code, a name for the file
LAYOUTS = {
    "mue": (
        mue.read,
        '"notice\n\nof lines",,,\r\n"HCPCS/\nCPT Code",DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n',
        "{code},2,3 Date of Service Edit: Clinical,own words",
        "MCR_MUE_DME_Eff_07-01-2026.csv",
    ),
    "aoc-fixed": (aoc.read, "", "1{code}       CCCCC       2013001       own note", "AOC_V2026Q2.txt"),
    "aoc-table": (
        aoc.read,
        "notice\nAOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\tAOC_Edit_DelDT\tNotes\n",
        "1\t{code}\t\tW9900\t\t2013001\t\t",
        "AOC_V2026Q2.tab",
    ),
    "pfs": (pfs.read, ",,title\r\n" + PFS_NAMES + "\r\n", PFS_ROW, "PPRRVU2026_Jul_QPP.csv"),
    "hcpcs-fixed": (hcpcs.read, "***Disclaimers\t\t\r\n\r\n", HCPCS_FIXED, "HCPC2026_JUL_ANWEB.txt"),
    "hcpcs-table": (hcpcs.read, HCPCS_NAMES + "\r\n", HCPCS_ROW, "HCPC2026_JUL_ANWEB.csv"),
    "telehealth": (
        telehealth.read,
        "CY 2026 telehealth list\t\t\nHCPCS\tShort Descriptor\tProposed Action\n",
        "{code}\ttext\tMaintain",
        "telehealth.txt",
    ),
    "ptp-changes": (
        ptp_changes.read,
        'notice\t\t\nColumn 1\tColumn 2\t"Modifier\nIndicator"\n',
        "{code}\tW9900\t1",
        "2026q3-additions.txt",
    ),
    "cpt-list": (
        ama.read,
        "notice\n\nConcept Id\tCPT Code\tLong\tMedium\tShort\tCurrent Descriptor Effective Date\n",
        "1\t{code}\ttext\ttext\ttext\t20260101",
        "ConsolidatedCodeList.txt",
    ),
    "cpt-descriptions": (ama.read, "notice\n\n", "{code}\town words", "LONGULT.txt"),
    "pos": (pos.read, "Place of Service Code(s),Place of Service Name\n", "{code},own words", "pos.csv"),
}
IDS = sorted(LAYOUTS)
WELL_WRITTEN = {
    "pos": st.integers(0, 99).map("{:02}".format),
    "cpt-list": st.integers(0, 99999).map("{:05}".format),
    "cpt-descriptions": st.integers(0, 99999).map("{:05}".format),
}
OTHERS = st.integers(0, 9999).map("T{:04}".format)
JUNK = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='",\t\r\n 0123456789WTX*', max_size=40),
    st.sampled_from(["", '"', ",,,", "\t\t\t", "\x1a", "\u00a0", "W9901", "1", '"a\nb",', "\ufeff", "\0"]),
)
MOST_SECONDS = 5
EXAMPLES = max(25, settings.default.max_examples // 4)  # of each of the layouts


def judged(path, reader):
    """What a reader gives for a file, with every law of rows checked."""
    start = time.perf_counter()
    found = []
    refused = path.name
    try:
        for member in members(path):
            lines = member.path.read_bytes().count(b"\n") + 1
            before = 0
            for row in reader(member):
                found.append(row)
                assert 1 <= row.line_number <= lines
                assert row.line_number >= before
                before = row.line_number
                if isinstance(row, Rejected):
                    assert row.reason
                    assert len(row.text_start) <= 60
                else:
                    assert_well_formed(row)
    except CptkitError as error:
        refused = str(error)
    assert path.name in refused
    assert time.perf_counter() - start < MOST_SECONDS
    return found


def assert_well_formed(row):
    for field in attrs.fields(type(row)):
        value = getattr(row, field.name)
        if field.name in {"addon", "column1", "column2"} or (
            field.name == "code"
            and not getattr(row, "is_modifier", False)
            and type(row).__name__ != "PlaceRow"
        ):
            assert category_of(value) is not None
        if isinstance(value, str):
            assert value == value.strip()
        assert not isinstance(value, float)
        assert not isinstance(value, dt.datetime)
    if type(row).__name__ == "PlaceRow":
        assert re.fullmatch("[0-9]{2}", row.code)


@pytest.mark.parametrize("layout", IDS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_what_is_well_written_is_kept_whatever_stands_beside_it(tmp_path_factory, layout, data):
    reader, above, row, name = LAYOUTS[layout]
    codes = data.draw(st.lists(WELL_WRITTEN.get(layout, OTHERS), min_size=1, max_size=6, unique=True))
    junk = data.draw(st.lists(st.tuples(st.integers(0, 6), JUNK), max_size=5))
    lines = [row.format(code=code) for code in codes]
    spoilt = any('"' in text or "\n" in text for _, text in junk)
    for place, text in junk:
        lines.insert(place, text)
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes((above + "".join(line + "\r\n" for line in lines)).encode("utf-8", "replace"))
    found = judged(path, reader)
    kept = [getattr(one, "addon", getattr(one, "column1", getattr(one, "code", None))) for one in found]
    by_majority = layout in {"aoc-fixed", "cpt-descriptions"}  # told from other text by most of their lines
    if not spoilt and "\0" not in "".join(lines) and not (by_majority and junk):
        assert set(codes) <= set(kept)


@pytest.mark.parametrize("layout", IDS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_cells_of_any_kind(tmp_path_factory, layout, data):
    reader, above, row, name = LAYOUTS[layout]
    parting = "\t" if "\t" in row else ","
    cells = row.format(code="T9901").split(parting)
    lines = []
    for _ in range(data.draw(st.integers(1, 4))):
        changed = list(cells)
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(changed) - 1))
            changed[place] = data.draw(
                st.one_of(JUNK, st.sampled_from(["-1", "1e9", "nan", "20260230", "9" * 30]))
            )
        lines.append(parting.join(changed))
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes((above + "\r\n".join(lines)).encode("utf-8", "replace"))
    judged(path, reader)


@pytest.mark.parametrize("layout", IDS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_any_damage(tmp_path_factory, layout, data):
    reader, above, row, name = LAYOUTS[layout]
    whole = bytearray((above + "".join(row.format(code=f"T990{at}") + "\r\n" for at in range(5))).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole)))
        kind = data.draw(st.sampled_from(["insert", "cut", "replace", "repeat"]))
        piece = data.draw(st.binary(max_size=12))
        if kind == "cut":
            del whole[at:]
        elif kind == "repeat":
            whole[at:at] = whole[at : at + 40] * 3
        else:
            whole[at : at + (len(piece) if kind == "replace" else 0)] = piece
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(bytes(whole))
    judged(path, reader)


@given(content=st.binary(max_size=600), name=st.sampled_from([name for *_, name in LAYOUTS.values()]))
def test_any_bytes_to_every_reader(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(content)
    for reader in {reader for reader, *_ in LAYOUTS.values()}:
        judged(path, reader)


@given(
    parts=st.lists(
        st.one_of(
            JUNK,
            st.sampled_from([above for _, above, *_ in LAYOUTS.values()]),
            st.sampled_from([row.format(code="T9901") + "\r\n" for _, _, row, _ in LAYOUTS.values()]),
        ),
        max_size=8,
    ),
    name=st.sampled_from([name for *_, name in LAYOUTS.values()]),
)
def test_any_mixture_is_recognised_and_read_or_refused(tmp_path_factory, parts, name):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes("".join(parts).encode("utf-8", "replace"))
    refused = name
    try:
        for table in survey(path).tables:
            for row in read(table):
                assert row.line_number >= 1
    except CptkitError as error:
        refused = str(error)
    assert name in refused


@given(rows=st.lists(st.lists(JUNK, max_size=6), max_size=5), layout=st.sampled_from(IDS))
def test_workbooks_of_any_cells(tmp_path_factory, book, rows, layout):
    reader, above, row, _ = LAYOUTS[layout]
    parting = "\t" if "\t" in row else ","
    header = above.replace("\r\n", "\n").rstrip("\n").rsplit("\n", 1)[-1].split(parting)
    header = ["HCPCS/CPT Code", "MUE Values"] if layout == "mue" else header
    legal = [["".join(c for c in cell if c.isprintable()) for cell in cells] for cells in rows]
    path = tmp_path_factory.mktemp("fuzz") / "2026q3-additions-practitioner.xlsx"
    path.write_bytes(book({"A": [header, row.format(code="T9901").split(parting), *legal]}))
    refused = path.name
    try:
        for member in members(path):
            for found in reader(member):
                if not isinstance(found, Rejected):
                    assert_well_formed(found)
    except CptkitError as error:
        refused = str(error)
    assert path.name in refused
