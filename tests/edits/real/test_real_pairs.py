"""Pair edits of CMS: every figure to the row, and every answer that of a plain reader of the raw file."""

import csv
import datetime as dt
import gzip
import random
from collections import defaultdict

import pytest

from cptkit.edits import Quarter, Setting, Writer, attach, ptp_diff, verify
from cptkit.importers import ptp_loading
from cptkit.importers.opening import members

PRACTITIONER, HOSPITAL = Setting.PRACTITIONER, Setting.HOSPITAL
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
SUMMER, SPRING = dt.date(2024, 8, 1), dt.date(2024, 5, 1)
LONG_AGO = dt.date(2014, 9, 30)


@pytest.mark.parametrize(
    ("name", "rows", "is_open", "indicators"),
    [
        ("ptp practitioner 2024q2", 2_545_089, 1_669_187, (738_981, 1_707_255, 98_853)),
        ("ptp practitioner 2024q3", 2_546_017, 1_669_820, (739_553, 1_707_611, 98_853)),
        ("ptp hospital 2024q3", 1_775_818, 1_335_857, (60_675, 1_685_259, 29_884)),
    ],
)
def test_figures_of_pair_edits(real_edits, name, rows, is_open, indicators):
    (part,) = [part for part in real_edits.parts if part.name == name]
    assert (part.rows, part.origins[0].rows, part.counts["open"]) == (rows, rows, is_open)
    assert tuple(part.counts[f"indicator {number}"] for number in (0, 1, 9)) == indicators
    assert part.counts["repeated"] == 0


def test_all_of_it_is_whole(real_tables):
    assert verify(real_tables) == ()


def test_what_changed_from_the_second_quarter_to_the_third(real_edits, real_data):
    """925 pairs added and 295 ended, none with another indicator in its row.

    Of the 295, two were replaced by a row with indicator 1 in place of 0; a third new row opens a pair again that
    had ended in 2021.
    """
    found = ptp_diff(real_edits, Q2, Q3, setting=PRACTITIONER)
    assert (len(found.added), len(found.ended), len(found.changed)) == (925, 295, 0)
    with gzip.open(real_data / "ptp" / "ptp_practitioner_changes_2024q2_to_q3.csv.gz", "rt") as file:
        changes = list(csv.DictReader(file))
    for rows, change in ((found.added, "added"), (found.ended, "deleted")):
        said = {(row["column_1"], row["column_2"]) for row in changes if row["change"] == change}
        assert {(row.column1, row.column2) for row in rows} == said
    assert {row.last_day for row in found.ended} == {dt.date(2024, 6, 30)}
    assert len(found.reopened) == 1
    assert [(change.before.indicator, change.after.indicator) for change in found.indicator_changes] == [
        (0, 1)
    ] * 2
    assert set(found.replaced) == set(found.indicator_changes)
    assert (
        len(found.added) + len(found.reopened) + len(found.replaced) - len(found.ended)
        == 1_669_820 - 1_669_187
    )


def expected(lines, day):
    """The row in force, by its deletion day alone: the source of these tables dropped the first days."""
    rows = [line.split("\t") for line in lines]
    found = [row for row in rows if row[5] != "9" and (row[4] == "*" or row[4] >= f"{day:%Y%m%d}")]
    return min(found, key=lambda row: row[4].replace("*", "99991231"), default=None)


@pytest.mark.parametrize(
    ("setting", "day"), [(PRACTITIONER, SPRING), (PRACTITIONER, SUMMER), (HOSPITAL, SUMMER)]
)
def test_random_pairs_against_a_plain_reader(real_edits, plain, setting, day):
    """100,000 pairs of codes that the table names, half of them edited ones, on the day and long before it.

    And every row of twenty codes.
    """
    quarter = Quarter.of(day)
    choose = random.Random(5)  # noqa: S311 - the same pairs on every run
    (size,) = [part.rows for part in real_edits.parts if part.name == f"ptp {setting} {quarter}"]
    places = set(choose.sample(range(size), 50_000))
    codes, pairs = set(), []
    for place, line in enumerate(plain.pairs(setting, quarter)):
        codes.add(line[:5])
        codes.add(line[6:11])
        if place in places:
            pairs.append((line[6:11], line[:5]) if place % 2 else (line[:5], line[6:11]))
    rising = sorted(codes)
    pairs += [(choose.choice(rising), choose.choice(rising)) for _ in range(50_000)]
    whole = set(choose.sample(rising, 20))
    asked = {f"{one}\t{other}" for pair in pairs for one, other in (pair, pair[::-1])}
    table, by_code = defaultdict(list), defaultdict(list)
    for line in plain.pairs(setting, quarter):
        if line[:11] in asked:
            table[line[:11]].append(line)
        for code in whole.intersection((line[:5], line[6:11])):
            by_code[code].append(line)
    hits = 0
    for code, other in pairs:
        lines = table.get(f"{code}\t{other}", []) + table.get(f"{other}\t{code}", [])
        for when in (day, LONG_AGO):
            edit = real_edits.ptp(code, other, date_of_service=when, setting=setting, quarter=quarter).edit
            row = expected(lines, when) if code != other else None
            if row is None:
                assert edit is None
            else:
                said = (edit.column1, edit.column2, str(edit.indicator), edit.rationale)
                assert said == (row[0], row[1], row[5], row[6])
                assert (f"{edit.last_day:%Y%m%d}" if edit.last_day else "*") == row[4]
                hits += 1
    assert hits > 60_000
    assert len(by_code) == 20
    for code, lines in by_code.items():
        found = sorted(
            [row.column1, row.column2, f"{row.last_day:%Y%m%d}" if row.last_day else "*", str(row.indicator)]
            for row in real_edits.ptp_rows(code, setting=setting, quarter=quarter)
        )
        assert found == sorted([line[:5], line[6:11], *line.split("\t")[4:6]] for line in lines)


def test_numpy_counts_the_same_rows_out_of_the_same_bytes(real_edits):
    """A reader that knows nothing but the page on the format."""
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    for setting, is_open in ((PRACTITIONER, 1_669_820), (HOSPITAL, 1_335_857)):
        pairs, _ = real_edits.pair_table(Q3, setting=setting)
        whole = numpy.memmap(pairs.where, dtype="u1", mode="r")

        def column(name, kind="u", whole=whole, sections=pairs.sections):
            part = sections[name]
            return whole[part.offset : part.offset + part.count * part.width].view(f"<{kind}{part.width}")

        lower = numpy.repeat(
            numpy.arange(column("codes").size, dtype="u4"), numpy.diff(column("offsets").astype("i8"))
        )
        assert (numpy.diff((lower << 16 | column("partners")).astype("i8")) > 0).all()
        bit = 1 << column("quarters").tolist().index(Q3.index)
        what = column("row_what")
        counts = column("row_last", "i") == 2**31 - 1
        counts &= (what >> 8 & 0xFF) != 9
        counts &= (column("row_seen") & bit) != 0
        of_class = numpy.add.reduceat(
            counts[column("class_rows")].astype("i8"), column("class_from")[:-1].astype("i8")
        )
        classes = column("classes").astype("u4")
        if column("classes_high").size:
            classes |= column("classes_high").astype("u4") << 16
        assert int(of_class[classes].sum()) == is_open


def test_the_excerpt_of_2026_row_by_row(real_data, tmp_path):
    """The layout of today, with first days: each row is found on its first and last day, and not beside them."""
    path = real_data / "excerpts-2026" / "ccipra-v322r0-f1.excerpt.txt"
    rows = [line.split("\t") for line in path.read_text(encoding="latin-1").splitlines() if line[5:6] == "\t"]
    assert len(rows) == 154
    (member,) = members(path)
    with Writer(tmp_path) as writer:
        builder = writer.pairs(PRACTITIONER, Quarter(2026, 3))
        assert ptp_loading.load(member, builder).kept == 154
        ptp_loading.check_quarter(builder)
        writer.put_pairs(builder, [])
        writer.commit()
    one_day = dt.timedelta(days=1)
    with attach(tmp_path) as edits:
        for column1, column2, _, first, last, indicator, _ in rows:
            begins = dt.date.fromisoformat(first)
            ends = None if last == "*" else dt.date.fromisoformat(last)

            def at(day, column1=column1, column2=column2):
                asked = {"date_of_service": day, "setting": PRACTITIONER, "quarter": "2026q3"}
                return edits.ptp(column1, column2, **asked).edit

            if indicator == "9":
                assert at(begins) is None
                continue
            assert at(begins).first_day == begins
            assert str(at(begins).indicator) == indicator
            assert at(begins - one_day) is None
            if ends is not None:
                assert at(ends).last_day == ends
                assert at(ends + one_day) is None
