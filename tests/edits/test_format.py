"""The bytes of a table of pair edits: what the format page says, and what opening one checks."""

import datetime as dt
import struct
import zlib
from array import array

import pytest

from cptkit.edits import Quarter, attach, layout, ptp_diff
from cptkit.edits.layout import KINDS, MAGIC
from cptkit.edits.pairs import ALWAYS, EPOCH, NEVER_ENDS, PairTable, code_number, code_text
from cptkit.edits.ptp import MappedPairs, QuarterOfPairs
from cptkit.errors import BrokenEdits

CRC_AT = 44
LAST_DAY = dt.date.max.toordinal() - EPOCH
NAMES = ", ".join(sorted(KINDS))
NOT_UTF8 = (
    "the rationales are not UTF-8: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
)
ENTRY = struct.Struct("<12sIIQQ")


@pytest.fixture
def data(kit):
    rows = [
        kit.says("W9902", "W9901", 0, dt.date(2020, 1, 1), dt.date(2020, 12, 31), prior=True, rationale="b"),
        kit.says("W9901", "W9902", 1, rationale="a"),
        kit.says("W9901", "X9903", 9, dt.date(1970, 1, 2), dt.date(1970, 1, 2), rationale="a"),
    ]
    return kit.alone(rows).to_bytes()


def renewed(data):
    """The bytes with the checksum of their header made right again."""
    count = struct.unpack_from("<I", data, 12)[0]
    head = bytearray(data[: 48 + ENTRY.size * count])
    head[CRC_AT : CRC_AT + 4] = b"\0\0\0\0"
    return data[:CRC_AT] + struct.pack("<I", zlib.crc32(head)) + data[CRC_AT + 4 :]


def entry(data, name):
    """Where the entry of a section stands, and what it says."""
    for number in range(len(KINDS)):
        at = 48 + ENTRY.size * number
        found = ENTRY.unpack_from(data, at)
        if found[0].rstrip(b"\0") == name.encode():
            return at, found
    raise AssertionError(name)


def put(data, at, content):
    return data[:at] + content + data[at + len(content) :]


def at_entry(data, name, place, content):
    """With other bytes at a place of the entry of a section."""
    return renewed(put(data, entry(data, name)[0] + place, content))


def section(data, name, typecode):
    _, (_, width, _, offset, count) = entry(data, name)
    return list(array(typecode, data[offset : offset + width * count]))


def test_every_section_byte_by_byte(data):
    magic, version, count, length, setting, spare, _ = struct.unpack_from("<8sIIQ16sII", data)
    assert (magic, version, count, length, spare) == (MAGIC, 1, len(KINDS), len(data), 0)
    assert setting == b"practitioner\0\0\0\0"
    assert renewed(data) == data
    assert [code_text(number) for number in section(data, "codes", "I")] == ["W9901", "W9902", "X9903"]
    assert section(data, "quarters", "I") == [Quarter(2024, 3).index] == [2024 * 4 + 2]
    assert section(data, "offsets", "I") == [0, 2, 2, 2]
    assert section(data, "partners", "H") == [1, 2]
    assert section(data, "classes", "H") == [0, 1]
    assert section(data, "classes_high", "B") == []
    assert section(data, "class_from", "I") == [0, 2, 3]
    assert section(data, "class_rows", "I") == [0, 2, 1]
    new_year = dt.date(2020, 1, 1).toordinal() - EPOCH
    assert section(data, "row_first", "i") == [ALWAYS, 1, new_year]
    assert section(data, "row_last", "i") == [NEVER_ENDS, 1, new_year + 365]
    assert section(data, "row_what", "I") == [1 << 8, 9 << 8, 1 | 1 << 1 | 0 << 8 | 1 << 16]
    assert section(data, "row_seen", "I") == [1, 1, 1]
    assert bytes(section(data, "rationales", "B")) == b"a\nb\n"


def test_sections_are_aligned_and_follow_each_other(data):
    place = 48 + ENTRY.size * len(KINDS)
    for name in KINDS:
        _, (_, width, spare, offset, count) = entry(data, name)
        assert (offset % 8, spare) == (0, 0)
        assert 0 <= offset - place < 8
        assert not any(data[place:offset])
        place = offset + width * count
    assert 0 <= len(data) - place < 8
    assert not any(data[place:])


@pytest.mark.parametrize(
    ("code", "number"),
    [("00000", 0), ("0000Z", 35), ("90834", 15127024), ("W9901", 54179281), ("ZZZZZ", 36**5 - 1)],
)
def test_codes_are_numbers_to_the_base_of_36(code, number):
    assert code_number(code) == number
    assert code_text(number) == code


@pytest.mark.parametrize("text", ["", "9083", "908340", "w9901", "W 901", "1_000", "+1000", "٣٤٥٦٧"])
def test_what_is_no_code_has_no_number(text):
    assert code_number(text) == -1


def test_numpy_maps_the_same_bytes(tmp_path, kit):
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    kit.put(tmp_path, [kit.says("W9901", "W9902"), kit.says("X9903", "W9901", 0)])
    with attach(tmp_path) as edits:
        pairs, _ = edits.pair_table("2024q3", setting="practitioner")
        whole = numpy.memmap(pairs.where, dtype="u1", mode="r")
        for name, part in pairs.sections.items():
            kind = "i" if KINDS[name].signed else "u"
            column = whole[part.offset : part.offset + part.count * part.width].view(f"<{kind}{part.width}")
            assert column.tolist() == list(layout.numbers(memoryview(whole), part))
        keys = numpy.repeat(numpy.arange(len(pairs.codes), dtype="u4"), numpy.diff(pairs.offsets)) << 16
        assert (keys | numpy.asarray(pairs.partners)).tolist() == [1, 2]


def test_a_machine_that_puts_the_high_byte_first(kit, monkeypatch):
    """There the numbers are turned round on the way in and out; here that shows as turned bytes."""
    monkeypatch.setattr(layout.sys, "byteorder", "big")
    turned = kit.alone([kit.says("W9901", "W9902")]).to_bytes()
    _, sections = layout.sections_of(memoryview(turned), "here")
    offset = sections["quarters"].offset
    assert turned[offset : offset + 4] == struct.pack(">I", Quarter(2024, 3).index)
    assert list(layout.numbers(memoryview(turned), sections["quarters"])) == [Quarter(2024, 3).index]
    assert PairTable.from_bytes(turned).to_bytes() == turned


# ---- opening -------------------------------------------------------------------------------------


def opened(tmp_path, data):
    path = tmp_path / "table.bin"
    path.write_bytes(data)
    pairs = MappedPairs(path)
    pairs.close()
    return pairs


def test_a_whole_table_opens(tmp_path, data):
    assert opened(tmp_path, data).setting == "practitioner"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d[:0], "the table cannot be opened: cannot mmap an empty file"),
        (lambda d: d[:7], "this is no table of pair edits"),
        (lambda d: d[:47], "this is no table of pair edits"),
        (lambda d: d.replace(b"\r\n", b"\n", 1), "this is no table of pair edits"),
        (lambda d: b"P" + d[1:], "this is no table of pair edits"),
        (lambda d: d[:-1], "the table has 679 bytes, its header says 680: it is cut short or damaged"),
        (
            lambda d: d + bytes(2_000),
            "the table has 2,680 bytes, its header says 680: it is cut short or damaged",
        ),
    ],
)
def test_what_is_no_table_or_a_part_of_one(tmp_path, kit, data, change, words):
    with kit.raises(BrokenEdits(words, where=str(tmp_path / "table.bin"))):
        opened(tmp_path, change(data))


def test_a_table_of_another_format_or_of_no_setting(tmp_path, kit, data):
    where = str(tmp_path / "table.bin")
    newer = "format 1; a newer cptkit reads newer formats"
    with kit.raises(BrokenEdits("the table has another format", given=2, expected=newer, where=where)):
        opened(tmp_path, put(data, 8, b"\2"))
    given = "no such setting: 'Practitioner'; expected one of practitioner, hospital, dme; did you mean practitioner?"
    with kit.raises(BrokenEdits("the table is for no setting", given=given, where=where)):
        opened(tmp_path, renewed(put(data, 24, b"P")))


def lengthened(data):
    """With room for more sections than there are, and a length that says so."""
    return put(data + bytes(4_000), 16, struct.pack("<Q", len(data) + 4_000))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: put(d, 12, b"\xff"), "its list of sections does not fit"),
        (lambda d: put(lengthened(d), 12, b"\x41"), "its list of sections does not fit"),
        (lambda d: put(lengthened(d), 12, b"\x40"), "its checksum is another one"),  # 64 of them may be
        (lambda d: put(d, 24, b"P"), "its checksum is another one"),
        (lambda d: put(d, 50, b"P"), "its checksum is another one"),
        (lambda d: renewed(put(put(d[:48], 16, b"\x30\0"), 12, b"\0")), f"sections are missing: {NAMES}"),
        (lambda d: renewed(put(d, 12, b"\x0b")), "sections are missing: rationales, row_seen"),
        (lambda d: renewed(put(d, entry(d, "codes")[0], b"codex")), "section 'codex' is not as it must be"),
        (lambda d: renewed(put(d, entry(d, "codes")[0], b"codesX")), "section 'codesX' is not as it must be"),
        (
            lambda d: renewed(put(d, entry(d, "quarters")[0], b"codes\0\0\0")),
            "section 'codes' is not as it must be",
        ),
        (lambda d: at_entry(d, "partners", 12, b"\1"), "section 'partners' is not as it must be"),
        (lambda d: at_entry(d, "partners", 20, b"\1"), "section 'partners' is not as it must be"),
        (lambda d: at_entry(d, "partners", 20, b"\0\0"), "section 'partners' is not as it must be"),
        (lambda d: at_entry(d, "partners", 28, b"\xff" * 8), "section 'partners' is not as it must be"),
        (
            lambda d: at_entry(d, "partners", 28, b"\0"),
            "section 'classes' has 2 numbers where the others ask for 0",
        ),
        (
            lambda d: at_entry(d, "classes", 28, b"\1"),
            "section 'classes' has 1 numbers where the others ask for 2",
        ),
        (
            lambda d: at_entry(d, "offsets", 28, b"\3"),
            "section 'offsets' has 3 numbers where the others ask for 4",
        ),
        (
            lambda d: at_entry(d, "row_last", 28, b"\2"),
            "section 'row_last' has 2 numbers where the others ask for 3",
        ),
        (
            lambda d: at_entry(d, "row_what", 28, b"\1"),
            "section 'row_what' has 1 numbers where the others ask for 3",
        ),
        (
            lambda d: at_entry(d, "row_seen", 28, b"\1"),
            "section 'row_seen' has 1 numbers where the others ask for 3",
        ),
        (
            lambda d: at_entry(d, "quarters", 28, b"\0"),
            "section 'row_seen' has 3 numbers where the others ask for 0",
        ),
        (
            lambda d: at_entry(d, "classes_high", 28, b"\1"),
            "section 'classes_high' is neither empty nor as long as 'classes'",
        ),
        (lambda d: at_entry(d, "class_from", 28, b"\0"), "section 'class_from' is empty"),
    ],
)
def test_a_damaged_header_is_found_when_the_table_is_opened(tmp_path, kit, data, change, words):
    message = f"the header of the table is damaged: {words}"
    with kit.raises(BrokenEdits(message, where=str(tmp_path / "table.bin"))):
        opened(tmp_path, change(data))


@pytest.mark.parametrize("rationale", ["7 chars", "8  chars"])
def test_the_last_section_may_reach_the_end_of_the_file(tmp_path, kit, rationale):
    data = kit.alone([kit.says("W9901", "W9902", rationale=rationale)]).to_bytes()
    assert opened(tmp_path, data).setting == "practitioner"


def test_a_table_that_is_not_there(tmp_path, kit):
    path = tmp_path / "none.bin"
    message = f"the table cannot be opened: [Errno 2] No such file or directory: '{path}'"
    with kit.raises(BrokenEdits(message, where=str(path))):
        MappedPairs(path)


# ---- checking every number -----------------------------------------------------------------------


def numbered(data, name, place, value, typecode="I"):
    _, (_, width, _, offset, _) = entry(data, name)
    return put(data, offset + width * place, struct.pack(f"<{typecode}", value))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: numbered(d, "codes", 0, 60466175), "codes do not rise"),
        (lambda d: numbered(d, "codes", 2, 36**5), "a code has no five characters"),
        (lambda d: numbered(d, "codes", 1, 0), "codes do not rise"),
        (lambda d: numbered(d, "codes", 1, code_number("W9901")), "codes do not rise"),
        (lambda d: numbered(d, "quarters", 0, 3), "a quarter is none"),
        (lambda d: numbered(d, "quarters", 0, 40_000), "a quarter is none"),
        (lambda d: numbered(d, "offsets", 0, 1), "offsets do not rise from 0 to the number of pairs"),
        (lambda d: numbered(d, "offsets", 1, 9), "offsets do not rise from 0 to the number of pairs"),
        (lambda d: numbered(d, "offsets", 3, 1), "offsets do not rise from 0 to the number of pairs"),
        (lambda d: numbered(d, "partners", 1, 3, "H"), "a pair names no code"),
        (lambda d: numbered(d, "partners", 0, 0, "H"), "pairs do not rise"),
        (lambda d: numbered(d, "partners", 0, 2, "H"), "pairs do not rise"),
        (lambda d: numbered(d, "classes", 0, 2, "H"), "a pair has no class"),
        (lambda d: numbered(d, "class_from", 1, 0), "classes do not rise"),
        (lambda d: numbered(d, "class_from", 1, 3), "classes do not rise"),
        (lambda d: numbered(d, "class_from", 0, 1), "classes do not hold all their rows"),
        (lambda d: numbered(d, "class_from", 2, 4), "classes do not hold all their rows"),
        (lambda d: numbered(d, "class_rows", 0, 3), "a class names no row"),
        (lambda d: numbered(d, "row_first", 0, ALWAYS + 1, "i"), "a first day is none"),
        (lambda d: numbered(d, "row_last", 0, NEVER_ENDS - 1, "i"), "a last day is none"),
        (lambda d: numbered(d, "row_first", 0, -EPOCH, "i"), "a first day is none"),
        (lambda d: numbered(d, "row_first", 0, LAST_DAY + 1, "i"), "a first day is none"),
        (lambda d: numbered(d, "row_last", 0, -EPOCH, "i"), "a last day is none"),
        (lambda d: numbered(d, "row_last", 0, LAST_DAY + 1, "i"), "a last day is none"),
        (lambda d: numbered(d, "row_what", 0, 1 << 8 | 128), "a row's indicator is none"),
        (lambda d: numbered(d, "row_what", 0, 2 << 8), "a row's indicator is none"),
        (lambda d: numbered(d, "row_what", 0, 1 << 8 | 4), "a row's indicator is none"),
        (lambda d: numbered(d, "row_what", 0, 1 << 8 | 2 << 16), "a row has no rationale"),
        (lambda d: numbered(d, "row_seen", 0, 0), "a row was published in no quarter"),
        (lambda d: numbered(d, "row_seen", 0, 2), "a row was published in no quarter"),
        (lambda d: numbered(d, "rationales", 0, 0xFF, "B"), NOT_UTF8),
        (lambda d: numbered(d, "rationales", 3, 0x61, "B"), "the rationales do not end in a line end"),
    ],
)
def test_a_number_that_cannot_be_is_found_by_checking_all(kit, data, change, words):
    assert PairTable.from_bytes(data).to_bytes() == data
    with kit.raises(BrokenEdits(f"the table is damaged: {words}", where="here")):
        PairTable.from_bytes(change(data), "here")


@pytest.mark.parametrize(
    ("name", "place", "value", "typecode"),
    [
        *(("row_first", 0, day, "i") for day in (1 - EPOCH, LAST_DAY)),
        *(("row_last", 0, day, "i") for day in (1 - EPOCH, LAST_DAY)),
        *(("quarters", 0, quarter, "I") for quarter in (4, 39_999)),
        *(("codes", 0, 0, "I"), ("codes", 2, 36**5 - 1, "I")),
        *(("row_what", 0, what, "I") for what in (1 << 8 | 3, 0, 9 << 8)),
    ],
)
def test_the_first_and_the_last_number_that_can_be(data, name, place, value, typecode):
    assert PairTable.from_bytes(numbered(data, name, place, value, typecode)).counts()["pairs"] == 2


def test_more_sets_of_quarters_than_a_table_holds(kit, data, monkeypatch):
    monkeypatch.setattr("cptkit.edits.checking.SET_MASK", 1)
    assert len(PairTable.from_bytes(data)) == 2
    monkeypatch.setattr("cptkit.edits.checking.SET_MASK", 0)
    with kit.raises(BrokenEdits("the table is damaged: there are too many sets of quarters", where="")):
        PairTable.from_bytes(data)


def test_a_damaged_number_is_told_when_it_is_met(tmp_path, kit, data):
    path = tmp_path / "table.bin"
    path.write_bytes(numbered(numbered(data, "class_rows", 0, 3), "class_rows", 2, 7))
    pairs = MappedPairs(path)
    table = QuarterOfPairs(pairs, Quarter(2024, 3), lambda *_: "file")
    for ask in (
        lambda: table.find("W9901", "W9902", dt.date(2024, 8, 1)),
        lambda: table.among(["W9901", "W9902"], dt.date(2024, 8, 1)),
        lambda: list(table.rows("W9901")),
    ):
        with pytest.raises(BrokenEdits, match="the table is damaged, or closed"):
            ask()
    pairs.close()
    kit.put(tmp_path / "tables", [kit.says("W9901", "W9902")])
    (path,) = (tmp_path / "tables").glob("*.bin")
    whole = path.read_bytes()
    for name, place, words in (("class_rows", 0, "or closed: "), ("class_from", 0, "classes do not rise")):
        path.write_bytes(numbered(whole, name, place, 3))
        with attach(tmp_path / "tables") as edits, pytest.raises(BrokenEdits, match=words):
            ptp_diff(edits, "2024q3", "2024q3", setting="practitioner")


def test_an_empty_table_has_bytes_too():
    table = PairTable.empty("dme")
    assert len(PairTable.from_bytes(table.to_bytes())) == 0


def test_more_than_the_format_holds(kit, monkeypatch):
    from cptkit.edits import pairs

    table = kit.alone([kit.says("W9901", "W9902", rationale="a"), kit.says("W9901", "W9903", rationale="b")])
    monkeypatch.setattr(pairs, "_MOST_RATIONALES", 1)
    told = BrokenEdits("more than a table holds", given="2 rationales, 2 classes")
    with kit.raises(told):
        table.to_bytes()
    monkeypatch.setattr(pairs, "_MOST_RATIONALES", 2)
    monkeypatch.setattr(pairs, "_MOST_CLASSES", 1)
    with kit.raises(told):
        table.to_bytes()
    monkeypatch.setattr(pairs, "_MOST_CLASSES", 2)
    assert len(PairTable.from_bytes(table.to_bytes())) == 2


def test_what_a_builder_does_not_take(kit, monkeypatch):
    from cptkit.edits import building

    builder = building.PairBuilder("dme", Quarter(2024, 3))
    for indicator, rationale in ((2, "own"), (1, "two\nlines")):
        with kit.raises(BrokenEdits("not what a row can say", given=f"{indicator} {rationale}")):
            builder.row(None, None, indicator, prior_to_1996=False, rationale=rationale)
    with kit.raises(BrokenEdits("not a code that a table can hold", given="w9901")):
        builder.code("w9901")
    monkeypatch.setattr(building, "_MOST_ROWS", 0)
    builder.row(0, None, 1, prior_to_1996=False, rationale="own")
    with kit.raises(BrokenEdits("no table of pair edits has so many different rows", given=1)):
        builder.row(1, None, 1, prior_to_1996=False, rationale="own")
