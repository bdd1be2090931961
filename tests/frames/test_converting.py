"""Conversion: a table of lines becomes these lines, whatever the types, the splits and the oddities of its cells."""

import datetime as dt

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

from cptkit.errors import UnreadableClaims  # noqa: E402 - behind the skip
from cptkit.frames import naming  # noqa: E402 - behind the skip
from cptkit.frames.checking import line_of  # noqa: E402 - behind the skip
from cptkit.frames.converting import convert  # noqa: E402 - behind the skip
from cptkit.frames.lines import ANY_DAY, Interned  # noqa: E402 - behind the skip
from cptkit.frames.maps import column_map, detect  # noqa: E402 - behind the skip
from cptkit.rules.columns import NO_CHARGE, NONE  # noqa: E402 - behind the skip
from cptkit.setting import Setting  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)
EPOCH = dt.date(1970, 1, 1)


def converted(columns, setting=Setting.PRACTITIONER, first_row=0, texts=None, held=None):
    batch = pa.RecordBatch.from_pydict(columns)
    held = held or detect(batch.schema.names)
    done = convert(batch, held, texts or Interned(), first_row, setting)
    assert done.rows == batch.num_rows
    assert done.cells == len(done.lines) + len(done.rejects)
    assert done.lines.row.dtype == np.int64
    for name in ("day", "code", "modifiers", "place", "units", "minutes", "start", "stop"):
        assert getattr(done.lines, name).dtype == np.int32, name
        assert len(getattr(done.lines, name)) == len(done.lines), name
    assert done.lines.patient.dtype == done.lines.provider.dtype == np.uint64
    assert sum(reason.count for reason in done.rejects.reasons) == len(done.rejects)
    return done


def one(field, cells, kind=None, **others):
    """A batch whose other columns are in order, with one column of these cells."""
    cells = cells if isinstance(cells, pa.Array) else pa.array(cells, kind)
    many = len(cells)
    columns = {"patient": ["P-1"] * many, "dos": [DAY] * many, "cpt": ["90834"] * many}
    return converted({**columns, **others, field: cells})


def as_lines(done):
    """The lines as the objects that they stand for, by their rows."""
    return [line_of(done.lines, at, str(row)) for at, row in enumerate(done.lines.row.tolist())]


def codes(done):
    return [line.code for line in as_lines(done)]


def reasons(done):
    return [
        (done.rejects.reasons[number].text, int(row))
        for number, row in zip(done.rejects.reason, done.rejects.row, strict=True)
    ]


class TestCodes:
    def test_trimmed_upper_cased_and_kept_whatever_their_shape(self):
        assert codes(one("cpt", [" g2212 ", "90834", "\uff19\uff10\uff18\uff13\uff14", "9083", "x"])) == [
            "G2212",
            "90834",
            "90834",
            "9083",
            "X",
        ]

    @pytest.mark.parametrize(
        "kind", [pa.int16(), pa.int32(), pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(9, 2)]
    )
    def test_numbers_are_filled_up_to_five_digits(self, kind):
        assert codes(one("cpt", [100, 7, None], kind)) == ["00100", "00007"]

    def test_none_and_blank_are_rejected(self):
        done = one("cpt", ["90834", None, "", "  ", "\u2003"])
        assert reasons(done) == [("no code", row) for row in (1, 2, 3, 4)]
        assert reasons(one("cpt", [float("nan"), 90834.0])) == [("no code", 0)]
        assert reasons(one("cpt", pa.nulls(2))) == [("no code", 0), ("no code", 1)]

    def test_a_cell_may_hold_the_whole_service(self):
        done = one("cpt", ["90834-95", "9083495HO", "90834", "90834 GT"], mod1=["59", None, "HO", "95"])
        assert [line.modifiers for line in as_lines(done)] == [
            ("95", "59"),
            ("95", "HO"),
            ("HO",),
            ("GT", "95"),
        ]
        assert set(codes(done)) == {"90834"}


class TestModifiers:
    def test_columns_in_their_order_blanks_dropped_duplicates_kept(self):
        done = one(
            "mod1",
            ["25", None, " gt", "", "59"],
            mod2=["59", "95", "", None, "59"],
            mod5=[None, "x", "", "5", None],
        )
        assert [line.modifiers for line in as_lines(done)] == [
            ("25", "59"),
            ("95", "X"),
            ("GT",),
            ("5",),
            ("59", "59"),
        ]

    @pytest.mark.parametrize(
        "kind",
        [
            pa.list_(pa.string()),
            pa.large_list(pa.large_string()),
            pa.list_(pa.string(), 2),
            pa.list_(pa.dictionary(pa.int8(), pa.string())),
        ],
    )
    def test_one_column_of_lists(self, kind):
        cells = [["25", "59"], None, ["", " gt"], [None, None], ["95", "95"]]
        done = one("modifiers", pa.array(cells, kind))
        assert [line.modifiers for line in as_lines(done)] == [("25", "59"), (), ("GT",), (), ("95", "95")]
        part = one("modifiers", pa.array(cells, kind).slice(2, 3))
        assert [line.modifiers for line in as_lines(part)] == [("GT",), (), ("95", "95")]

    @pytest.mark.skipif(not hasattr(pa, "list_view"), reason="this pyarrow has no list views")
    def test_views_of_lists(self):
        for kind in (pa.list_view(pa.string()), pa.large_list_view(pa.string())):
            done = one("modifiers", pa.array([["25", "59"], None, ["gt"]], kind))
            assert [line.modifiers for line in as_lines(done)] == [("25", "59"), (), ("GT",)]
            part = one("modifiers", pa.array([["25", "59"], None, ["gt"]], kind).slice(1))
            assert [line.modifiers for line in as_lines(part)] == [(), ("GT",)]

    def test_long_and_empty_lists(self):
        done = one(
            "modifiers", [[], [str(number) for number in range(10, 30)], ["25"]], pa.list_(pa.string())
        )
        assert [len(line.modifiers) for line in as_lines(done)] == [0, 20, 1]

    def test_one_text_with_separators(self):
        done = one("mods", ["25, 59", "95|HO", "2559", None, " "])
        expected = [("25", "59"), ("95", "HO"), ("25", "59"), (), ()]
        assert [line.modifiers for line in as_lines(done)] == expected

    def test_numbers(self):
        done = one("mod1", [25.0, float("nan"), None, 5])
        assert [line.modifiers for line in as_lines(done)] == [("25",), (), (), ("05",)]

    def test_none_at_all(self):
        assert one("units", [1]).lines.modifiers.tolist() == [0]
        assert one("mod1", pa.nulls(2)).lines.modifiers.tolist() == [0, 0]

    def test_only_sets_that_lines_have_are_interned(self):
        done = one("mod1", ["25", "25"], mod2=["59", "95"])
        assert done.lines.texts.modifiers.values == [(), ("25", "59"), ("25", "95")]

    @pytest.mark.parametrize("most", [10, naming._MOST_SEEN])
    def test_many_different_columns(self, monkeypatch, most):
        monkeypatch.setattr(naming, "_MOST_SEEN", most)
        cells = {
            f"mod{place}": [f"{number % 90 + 10}" for number in range(place, 4000 + place)]
            for place in range(1, 6)
        }
        done = one("cpt", ["90834"] * 4000, **cells)
        expected = [tuple(cells[name][row] for name in sorted(cells)) for row in range(4000)]
        assert [done.lines.texts.modifiers.values[number] for number in done.lines.modifiers] == expected


class TestWhoAndWhen:
    def test_without_columns(self):
        done = one("cpt", ["90834"])
        held = done.lines
        assert (held.units[0], held.minutes[0], held.start[0], held.stop[0], held.place[0]) == (
            1,
            NONE,
            NONE,
            NONE,
            0,
        )
        assert held.charge is None
        assert held.provider.tolist() == [0]
        assert done.claim is None
        assert done.line_id is None

    def test_a_claim_takes_the_place_of_a_patient_that_is_not_named(self):
        done = one("patient", ["7", None, " ", None], claim=[None, "7", "7", ""])
        assert done.lines.patient[1] == done.lines.patient[2] != done.lines.patient[0]
        assert reasons(done) == [("neither a patient nor a claim", 3)]
        assert reasons(one("patient", [None, "1"])) == [("no patient", 0)]
        alone = converted({"claim": ["7"], "dos": [DAY], "cpt": ["90834"]})
        assert alone.lines.patient[0] == done.lines.patient[1]
        assert reasons(converted({"claim": [None], "dos": [DAY], "cpt": ["1"]})) == [("no claim", 0)]

    def test_one_time_without_the_other_and_both_alike(self):
        done = one(
            "start", ["9:00", "", "9:00", "25:00", "2:15 PM"], stop=["", "9:00", "09:00", "9:00", "15:00"]
        )
        assert reasons(done) == [
            ("a start without a stop", 0),
            ("a stop without a start", 1),
            ("start and stop are one time", 2),
            ("start is not a time of day; write it 14:15 or 2:15 PM", 3),
        ]
        assert done.lines.start.tolist() == [51300]
        assert reasons(one("stop", [dt.time(9), None])) == [("a stop without a start", 0)]
        assert reasons(one("start", [dt.time(9), None])) == [("a start without a stop", 0)]

    def test_places(self):
        assert [line.place_of_service for line in as_lines(one("pos", [11, 2, None]))] == ["11", "02", None]
        assert [line.place_of_service for line in as_lines(one("pos", [" 11", "", "x"]))] == ["11", None, "x"]

    def test_the_ids_of_the_lines_go_with_them(self):
        done = one("cpt", ["90834", "", "90785"], claim=["a", "b", "c"], line=[1, 2, 3])
        assert (done.claim.to_pylist(), done.line_id.to_pylist()) == (["a", "c"], [1, 3])
        assert done.lines.row.tolist() == [0, 2]


class TestRejects:
    def test_the_first_thing_that_is_wrong_is_told_with_examples(self):
        cells = ["90834", "", None, "90834", "", ""]
        done = one(
            "cpt", cells, dos=["2026-03-02", "x", "2026-03-02", "31.12.2026", "2026-03-02", "2026-03-02"]
        )
        no_code, no_day = done.rejects.reasons
        assert (no_code.text, no_code.count, no_code.examples) == (
            "no code",
            4,
            ((1, "''"), (2, ""), (4, "''")),
        )
        assert (no_day.count, no_day.examples) == (1, ((3, "'31.12.2026'"),))
        assert done.rejects.reason.tolist() == [0, 0, 1, 0, 0]

    def test_the_patient_that_lost_a_row_is_known_where_it_could_be_read_and_its_day(self):
        done = one(
            "cpt",
            ["", "", "", "90834"],
            patient=["a", None, "a", "a"],
            dos=["2026-03-02", "2026-03-02", "x", "2026-03-02"],
        )
        assert done.rejects.is_known.tolist() == [True, False, True]
        assert done.rejects.patient[[0, 2]].tolist() == [done.lines.patient[0]] * 2
        assert done.rejects.day.tolist() == [done.lines.day[0]] * 2 + [ANY_DAY]

    def test_an_example_that_python_has_no_value_for(self):
        done = one("dos", pa.array([-(2**31)], pa.int32()).cast(pa.date32()))
        assert done.rejects.reasons[0].examples == ((0, "a date32[day] out of all bounds"),)

    def test_rows_are_counted_over_the_input(self):
        done = converted({"patient": ["a", "a"], "dos": [DAY, DAY], "cpt": ["90834", ""]}, first_row=40)
        assert (done.lines.row.tolist(), done.rejects.row.tolist()) == ([40], [41])
        assert done.rejects.reasons[0].examples == ((41, "''"),)

    def test_nothing(self):
        done = converted(
            {name: pa.array([], pa.string()) for name in ("patient", "dos", "cpt", "mods", "units")}
        )
        assert (done.cells, len(done.lines), len(done.rejects), done.rejects.reasons) == (0, 0, 0, ())


class TestSetting:
    def test_rows_of_another_setting_are_rejected_and_of_no_day_that_is_judged(self):
        cells = ["practitioner", "Hospital", "", None, "office"]
        columns = {"patient": ["a"] * 5, "dos": [DAY] * 5, "cpt": ["90834"] * 5, "setting": cells}
        done = converted(columns)
        assert done.lines.row.tolist() == [0, 2, 3]
        assert reasons(done) == [
            ("a line of the setting hospital, not practitioner", 1),
            ("no setting that is known: those are practitioner, hospital, dme", 4),
        ]
        assert done.rejects.is_known.tolist() == [False, True]  # what is not known may be ours
        other = converted(columns, setting=Setting.HOSPITAL)
        assert other.lines.row.tolist() == [1, 2, 3]
        assert other.lines.setting is Setting.HOSPITAL

    def test_what_the_texts_mean_is_the_maps(self):
        held = column_map("tuva").fit(["person_id", "claim_start_date", "hcpcs_code", "claim_type"])
        columns = {
            "person_id": [1],
            "claim_start_date": [DAY],
            "hcpcs_code": ["1"],
            "claim_type": ["institutional"],
        }
        assert len(converted(columns, held=held).rejects) == 1
        assert len(converted(columns, held=held, setting=Setting.HOSPITAL).lines) == 1


SIDE_BY_SIDE = {
    "DESYNPUF_ID": ["A", "B", "C"],
    "CLM_ID": [1, 2, 3],
    "CLM_FROM_DT": [20260302, 20260230, 20260303],
    "HCPCS_CD_1": ["90834", "90791", ""],
    "HCPCS_CD_2": [None, "96130-59", None],
    "HCPCS_CD_3": ["90785", "", None],
    "PRF_PHYSN_NPI_1": ["1", "2", None],
    "PRF_PHYSN_NPI_2": [None, "2", None],
    "PRF_PHYSN_NPI_3": ["3", None, None],
}


class TestSideBySide:
    def test_every_code_is_a_line_and_a_row_without_any_is_one_reject(self):
        done = converted(SIDE_BY_SIDE, first_row=10)
        assert (done.rows, done.cells) == (3, 5)
        assert codes(done) == ["90834", "90785"]
        assert done.lines.row.tolist() == [30, 32]
        assert done.claim.to_pylist() == [1, 1]
        assert done.line_id.to_pylist() == ["1", "3"]
        assert done.lines.provider[0] != done.lines.provider[1]
        words = "date of service is not a day of the calendar"
        assert reasons(done) == [(words, 33), (words, 34), ("no code", 36)]
        assert done.rejects.is_known.tolist() == [True, True, True]
        assert (done.rejects.day == ANY_DAY).tolist() == [True, True, False]
        assert done.rejects.reasons[0].examples == ((36, "''"),)

    def test_columns_of_the_row_hold_for_all_its_lines(self):
        own = column_map("synpuf")
        names = {
            **own.names,
            "charge": (("CHRG",),),
            "setting": (("KIND",),),
            "start": (("B",),),
            "stop": (("E",),),
        }
        wide = type(own)(own.id, own.title, own.source, names, (("MOD",),), (), 13, {"x": Setting.HOSPITAL})
        columns = {
            **{name: cells[:1] for name, cells in SIDE_BY_SIDE.items()},
            "CHRG": [5],
            "KIND": [""],
            "B": ["9:00"],
            "E": ["9:45"],
            "MOD": [["25"]],
        }
        done = converted(columns, held=wide.fit(columns))
        assert done.lines.charge.tolist() == [50_000, 50_000]
        assert [(line.modifiers, line.clock_minutes) for line in as_lines(done)] == [(("25",), 45)] * 2


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("patient", [["a"]]),
        ("cpt", [True]),
        ("dos", [dt.time(9)]),
        ("units", [DAY]),
        ("start", [9]),
        ("setting", [1]),
        ("modifiers", [[["25"]]]),
        ("charge", [{"a": 1}]),
    ],
)
def test_a_column_of_the_wrong_type_is_named(name, cells):
    with pytest.raises(UnreadableClaims, match=f"a column cannot hold .*: '{name}' "):
        one(name, cells)


def test_a_column_that_is_missing_and_bytes_that_are_no_text():
    with pytest.raises(UnreadableClaims, match="no column of that name: 'cpt'"):
        converted({"patient": ["a"], "dos": [DAY]}, held=detect(["patient", "dos", "cpt"]))
    with pytest.raises(UnreadableClaims, match="a column cannot be read"):
        one("cpt", [b"\xff"])


def test_a_type_of_another_library_is_what_it_is_stored_as():
    class Code(pa.ExtensionType):
        def __init__(self):
            super().__init__(pa.string(), "tests.code")

        def __arrow_ext_serialize__(self):
            return b""

    assert codes(one("cpt", pa.ExtensionArray.from_storage(Code(), pa.array(["90834"])))) == ["90834"]
    done = converted(
        {"patient": [1], "dos": [DAY], "cpt": ["90834"], "mod1": pa.nulls(1), "charge": pa.nulls(1)}
    )
    assert (done.lines.modifiers.tolist(), done.lines.charge.tolist()) == ([0], [NO_CHARGE])


@pytest.mark.skipif(not hasattr(pa, "decimal32"), reason="this pyarrow has no small decimals")
@pytest.mark.parametrize("kind", ["decimal32", "decimal64"])
def test_small_decimals(kind) -> None:
    """Of any field that takes numbers, also as a dictionary."""
    small = getattr(pa, kind)(9, 0)
    table = {
        "patient": pa.array([7, 8], small),
        "dos": pa.array([20260302, 20260302], small),
        "cpt": pa.array([90834, 90837], small),
        "units": pa.array([1, 2], getattr(pa, kind)(5, 2)),
        "minutes": pa.array([45, None], small),
    }
    done = converted(table)
    assert done.lines.units.tolist() == [1, 2]
    assert done.lines.minutes.tolist()[0] == 45
    assert [done.lines.texts.codes.values[code] for code in done.lines.code] == ["90834", "90837"]
    assert len(done.rejects) == 0
