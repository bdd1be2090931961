"""Quarters put together and taken apart: whatever the order, the same bytes and the same answers.

The laws: what was imported alone comes out alone; the union answers as a plain reader of all rows
does; importing is idempotent and does not depend on the order of quarters or of rows.
"""

import datetime as dt
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cptkit.edits import Quarter, Writer, attach, verify
from cptkit.edits.building import PairBuilder
from cptkit.edits.merging import carried, merged, only
from cptkit.edits.pairs import PairTable
from cptkit.edits.ptp import MappedPairs, QuarterOfPairs
from cptkit.errors import BrokenEdits

CODES = ["00009", "0999T", "W9901", "W9902", "X9903", "X9904"]
DAYS = [dt.date(2024, month, day) for month in (1, 3, 6, 7, 9) for day in (1, 30)]
QUARTERS = ["2023q4", "2024q1", "2024q2", "2024q3"]


@st.composite
def rows(draw, kit):
    """Rows of one quarter: histories, both directions, days that are missing."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        code, other = draw(st.permutations(CODES))[:2]
        first, last = draw(st.one_of(st.none(), st.sampled_from(DAYS))), draw(st.sampled_from([None, *DAYS]))
        indicator = draw(st.sampled_from([0, 1, 9]))
        reason = draw(st.sampled_from(["own words", "other words"]))
        found.append(kit.says(code, other, indicator, first, last, draw(st.booleans()), reason))
    return found


def table_of(kit, files, order):
    """The union of quarters, put together in an order."""
    union = None
    for quarter in order:
        builder = PairBuilder("hospital", Quarter.parse(quarter), union=union)
        union = kit.fill(builder, files[quarter]).finish().table
    return union


@given(st.data())
def test_the_order_of_quarters_and_of_rows_does_not_matter(kit, data):
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS[:3]}
    whole = table_of(kit, files, QUARTERS[:3]).to_bytes()
    turned = {quarter: data.draw(st.permutations(found)) for quarter, found in files.items()}
    order = data.draw(st.permutations(QUARTERS[:3]))
    assert table_of(kit, turned, order).to_bytes() == whole


@given(st.data())
def test_a_quarter_comes_out_of_the_union_as_it_went_in(kit, data):
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS}
    union = table_of(kit, files, QUARTERS)
    for quarter in QUARTERS:
        index = Quarter.parse(quarter).index
        assert only(union, [index]).to_bytes() == table_of(kit, files, [quarter]).to_bytes()
        others = [other for other in QUARTERS if other != quarter]
        rest = only(union, [Quarter.parse(other).index for other in others])
        assert rest.to_bytes() == table_of(kit, files, others).to_bytes()


@given(st.data())
def test_a_quarter_that_is_imported_again_takes_the_place_of_itself(kit, data):
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS[:3]}
    union = table_of(kit, files, QUARTERS[:3])
    files["2024q1"] = data.draw(rows(kit))
    builder = PairBuilder("hospital", Quarter.parse("2024q1"), union=union)
    again = kit.fill(builder, files["2024q1"]).finish()
    assert again.table.to_bytes() == table_of(kit, files, QUARTERS[:3]).to_bytes()
    assert again.alone.to_bytes() == table_of(kit, files, ["2024q1"]).to_bytes()


@given(st.data())
def test_rows_carried_over_are_those_of_the_base_quarter(kit, data):
    """Carrying the rows of some column 1 codes is the same as handing them over once more."""
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS[:2]}
    kept = data.draw(st.sets(st.sampled_from(CODES)))
    fresh = [row for row in data.draw(rows(kit)) if row.column1 not in kept]
    union = table_of(kit, files, QUARTERS[:2])
    base, quarter = Quarter.parse("2024q1"), Quarter.parse("2024q2")
    carried_on = carried(union, base.index, quarter.index, kept)
    alone = kit.alone(fresh, "2024q2", "hospital")
    files["2024q2"] = [*fresh, *(row for row in files["2024q1"] if row.column1 in kept)]
    assert merged(carried_on, alone).to_bytes() == table_of(kit, files, QUARTERS[:3]).to_bytes()


@given(st.data())
def test_bytes_are_read_back_as_they_were_written(kit, data):
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS[:3]}
    union = table_of(kit, files, QUARTERS[:3])
    again = PairTable.from_bytes(union.to_bytes())
    assert again.to_bytes() == union.to_bytes()
    assert list(again.codes) == list(union.codes)
    assert again.quarters == union.quarters
    assert again.counts() == union.counts()
    assert (len(again), again.terms, again.kinds) == (len(union), union.terms, union.kinds)


@given(st.data())
def test_the_union_answers_as_a_plain_reader_of_each_file_does(kit, tmp_path_factory, data):
    files = {quarter: data.draw(rows(kit)) for quarter in QUARTERS[1:]}
    files = {quarter: found for quarter, found in files.items() if found}
    assume(files)
    folder = tmp_path_factory.mktemp("tables")
    for quarter, found in files.items():
        kit.put(folder, found, quarter)
    assert [line for line in verify(folder) if "contradict each other" not in line] == []
    with attach(folder) as edits:
        for (quarter, found), day in ((file, day) for file in files.items() for day in DAYS):
            asked = {"date_of_service": day, "setting": "practitioner", "quarter": quarter}
            plain = []
            for code, other in combinations(CODES, 2):
                answer, expected = edits.ptp(code, other, **asked), kit.naive_edit(found, code, other, day)
                # of contradictory rows that begin on one day, any may be found
                assert (answer.edit is None) is (expected is None)
                if answer.edit is not None:
                    assert answer.edit.in_force(day)
                    assert kit.said(answer.edit) in found
                    assert (answer.edit.first_day, answer.edit.quarter) == (
                        expected.first,
                        Quarter.parse(quarter),
                    )
                    plain.append(answer.edit)
            among = edits.ptp_among(CODES, **asked).edits
            assert sorted(map(repr, among)) == sorted(map(repr, plain))
        for quarter, found in files.items():
            published = [
                kit.said(row)
                for code in CODES
                for row in edits.ptp_rows(code, setting="practitioner", quarter=quarter)
            ]
            assert sorted(map(repr, published)) == sorted(2 * list(map(repr, set(found))))


def test_figures_of_a_table(kit):
    table = kit.alone(
        [
            kit.says("W9901", "W9902", 1),
            kit.says("W9902", "W9901", 0, None, DAYS[0]),
            kit.says("W9901", "X9903", 9, DAYS[0], None),
            kit.says("W9901", "X9904", 0),
        ]
    )
    assert table.counts() == {
        "pairs": 3,
        "rows": 4,
        "open": 2,
        "indicator 0": 2,
        "indicator 1": 1,
        "indicator 9": 1,
    }


def test_pairs_with_the_same_history_share_a_class(kit):
    history = [(1, None, None), (0, DAYS[0], DAYS[1])]
    pairs = [("W9901", "W9902"), ("W9901", "X9903"), ("W9902", "X9904")]
    table = kit.alone([kit.says(*pair, *row) for pair in pairs for row in history])
    assert (len(table), len(table.kinds), len(table.terms)) == (3, 1, 2)


def test_rows_that_come_twice_are_counted_and_kept_once(kit):
    builder = PairBuilder("hospital", Quarter(2024, 3))
    row, other = kit.says("W9901", "W9902"), kit.says("W9902", "W9901")
    built = kit.fill(builder, [row, other, row, row]).finish()
    assert built.repeated == 2
    assert built.table.counts()["rows"] == 2


def test_more_than_sixteen_bits_of_codes_and_classes(tmp_path):
    """70,000 codes and as many classes: the format has wider numbers for both."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    builder = PairBuilder("hospital", Quarter(2024, 3))
    codes = [
        "W" + digits[n // 36**3 % 36] + digits[n // 36**2 % 36] + digits[n // 36 % 36] + digits[n % 36]
        for n in range(70_000)
    ]
    first = builder.code("00009")
    numbers = [builder.code(code) for code in codes]
    days = [builder.row(n, None, n % 2, prior_to_1996=False, rationale="own") for n in range(70_000)]
    builder.extend([first] * 70_000, numbers, days)
    builder.extend(numbers[:-1], numbers[1:], days[1:])
    table = builder.finish().table
    data = table.to_bytes()
    again = PairTable.from_bytes(data)
    assert len(again.kinds) == 70_000
    assert len(again.codes) == 70_001
    assert again.to_bytes() == data
    high = again.codes.index(codes[66_000])
    (tmp_path / "table.bin").write_bytes(data)
    pairs = MappedPairs(tmp_path / "table.bin")
    (number,) = [pairs.class_at(place) for place in range(70_000) if pairs.partners[place] == high]
    assert number > 1 << 16
    assert (0, high, number) in set(pairs.pairs_of([number]))
    assert pairs.rows_of(number)[0].first == 66_000
    found = QuarterOfPairs(pairs, Quarter(2024, 3), lambda *_: "f1")
    assert found.find(codes[66_000], "00009", dt.date(2200, 1, 1)).edit.column1 == "00009"
    pairs.close()
    assert again.terms[again.kinds[again.classes[again.partners.index(high)]][0] >> 20].first == 66_000


def test_more_than_32_quarters(kit, tmp_path):
    with Writer(tmp_path) as writer:
        for index in range(Quarter(2010, 1).index, Quarter(2020, 1).index):
            quarter = Quarter.from_index(index)
            found = [kit.says("W9901", "W9902", quarter.number % 2)]
            writer.put_pairs(kit.fill(writer.pairs("hospital", quarter), found), ())
        writer.commit()
    assert verify(tmp_path) == ()
    with attach(tmp_path) as edits:
        assert len(edits.quarters("ptp")) == 40
        for year, number in ((2010, 1), (2018, 1), (2019, 4)):
            quarter = Quarter(year, number)
            answer = edits.ptp("W9901", "W9902", date_of_service=quarter.first_day, setting="hospital")
            assert answer.edit.indicator == number % 2


def test_a_quarter_without_rows_is_refused(kit, tmp_path):
    """It would answer that there is no edit, and look like a pass."""
    with pytest.raises(BrokenEdits, match="there are no rows to put in place: 'practitioner 2024q3'"):
        kit.put(tmp_path, [], "2024q3")
    assert not (tmp_path / "manifest.json").exists()
