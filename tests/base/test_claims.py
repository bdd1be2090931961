"""Lines, claims, encounters: kept as written, grouped by day and provider, in an order of their own."""

import datetime as dt
import pickle
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.claims import Claim, Line, id_order, line_order
from cptkit.errors import InvalidClaim
from cptkit.modifiers import Service

DAY = dt.date(2026, 3, 2)
NEXT = dt.date(2026, 3, 3)
MOMENT = dt.datetime.combine(DAY, dt.time(9, 0))  # a date and a time at once is neither here


def line(code="90834", **values):
    return Line(code, **({"date_of_service": DAY} | values))


def grouping(claim):
    return [
        (encounter.date_of_service, encounter.rendering_provider, [one.id for one in encounter.lines])
        for encounter in claim.encounters()
    ]


# ---- lines ---------------------------------------------------------------------------------


def test_a_line_is_what_was_billed():
    billed = line(
        " h0038 ",
        modifiers="ho, 95",
        units=2,
        minutes=31,
        place_of_service="10",
        rendering_provider="N1",
        charge=Decimal("120.50"),
        id="7",
    )
    assert (billed.code, billed.modifiers, billed.units, billed.minutes) == ("H0038", ("HO", "95"), 2, 31)
    assert (billed.place_of_service, billed.rendering_provider) == ("10", "N1")
    assert (billed.charge, billed.id) == (Decimal("120.50"), "7")
    assert billed.service == Service("H0038", ("95", "HO"))


def test_an_encounter_knows_the_lines_of_the_day_beside_it():
    """Other clinicians', and those of none, in the order of their ids; of a hospital there are none."""
    lines = [
        line(rendering_provider="B", id="10"),
        line(rendering_provider="A", id="3"),
        line(id="2"),
        line(rendering_provider="b ", id="1"),
        line(rendering_provider="C", date_of_service=NEXT, id="4"),
    ]
    beside = {
        (each.date_of_service, each.rendering_provider): [one.id for one in each.beside]
        for each in Claim(lines).encounters()
    }
    assert beside == {
        (DAY, None): ["1", "3", "10"],
        (DAY, "A"): ["1", "2", "10"],
        (DAY, "B"): ["2", "3"],
        (NEXT, "C"): [],
    }
    assert [each.beside for each in Claim(lines, setting="hospital").encounters()] == [(), ()]
    assert [each.beside for each in Claim(lines[:1]).encounters()] == [()]


def test_a_plain_line_has_one_unit_and_nothing_else():
    plain = line()
    assert (plain.units, plain.minutes, plain.modifiers, plain.id) == (1, None, (), "")
    assert (plain.start, plain.stop, plain.charge, plain.rendering_provider, plain.place_of_service) == (
        None,
    ) * 5


@pytest.mark.parametrize("given", ["", (), []])
def test_no_modifiers(given):
    assert line(modifiers=given).modifiers == ()


@pytest.mark.parametrize("given", ["95 HO", "95-HO", "95ho", ["95", "", "ho", ""], ("95", "HO")])
def test_modifiers_in_every_spelling(given):
    assert line(modifiers=given).modifiers == ("95", "HO")


@pytest.mark.parametrize("units", [0, -1, 10_000])
@pytest.mark.parametrize("minutes", [None, 0, -5, 1441])
def test_impossible_numbers_are_kept_for_the_rules(units, minutes):
    odd = line("9O834", modifiers="H", units=units, minutes=minutes)
    assert (odd.code, odd.modifiers, odd.units, odd.minutes) == ("9O834", ("H",), units, minutes)


@pytest.mark.parametrize("given", ["2026-03-02", None, 20260302, MOMENT, dt.time(9, 0)])
def test_a_date_of_service_that_is_no_date_is_refused(given):
    with pytest.raises(InvalidClaim, match="the date of service is not a date") as caught:
        line(date_of_service=given)
    assert caught.value.given == given


@pytest.mark.parametrize("name", ["units", "minutes"])
@pytest.mark.parametrize("given", [1.0, 45.5, "45", True, Decimal(45)])
def test_numbers_that_are_not_whole_are_refused(name, given):
    with pytest.raises(InvalidClaim, match=f"{name} is not a whole number") as caught:
        line(**{name: given})
    assert caught.value.given == given


def test_a_line_without_units_is_refused():
    with pytest.raises(InvalidClaim, match="units is not a whole number"):
        line(units=None)


@pytest.mark.parametrize("given", [90834, None, 90834.0])
def test_a_code_that_is_no_text_is_refused_as_a_claim_error(given):
    with pytest.raises(InvalidClaim):
        line(given)


@pytest.mark.parametrize("given", [[25], ["25", None], 25])
def test_a_modifier_that_is_no_text_is_refused_as_a_claim_error(given):
    with pytest.raises(InvalidClaim):
        line(modifiers=given)


@pytest.mark.parametrize("name", ["start", "stop"])
@pytest.mark.parametrize("given", ["09:00", 900, MOMENT])
def test_a_clock_time_that_is_no_time_is_refused(name, given):
    with pytest.raises(InvalidClaim):
        line(**{"start": dt.time(9, 0), "stop": dt.time(10, 0)} | {name: given})


@pytest.mark.parametrize("name", ["id", "rendering_provider"])
@pytest.mark.parametrize("given", [7, 7.0, b"7"])
def test_a_name_that_is_no_text_is_refused(name, given):
    with pytest.raises(InvalidClaim, match=f"{name} is not text") as caught:
        line(**{name: given})
    assert caught.value.given == given


@pytest.mark.parametrize(
    ("start", "stop", "minutes"),
    [
        (dt.time(9, 0), dt.time(9, 47), 47),
        (dt.time(9, 0), dt.time(9, 47, 59), 47),
        (dt.time(9, 0, 30), dt.time(9, 47, 29), 46),
        (dt.time(9, 0, 30), dt.time(9, 47, 30), 47),
        (dt.time(23, 30), dt.time(0, 17), 47),
        (dt.time(23, 59), dt.time(0, 0), 1),
        (dt.time(0, 0), dt.time(23, 59), 1439),
        (dt.time(10, 0), dt.time(9, 0), 23 * 60),
        (dt.time(9, 0), dt.time(9, 0), 24 * 60),
    ],
)
def test_start_and_stop_give_whole_minutes_over_midnight_too(start, stop, minutes):
    assert line(start=start, stop=stop).documented_minutes == minutes


def test_minutes_given_win_over_the_clock():
    assert line(minutes=38, start=dt.time(9, 0), stop=dt.time(10, 0)).documented_minutes == 38
    assert line(minutes=0, start=dt.time(9, 0), stop=dt.time(10, 0)).documented_minutes == 0


def test_half_a_clock_documents_nothing():
    assert line().documented_minutes is None
    assert line(start=dt.time(9, 0)).documented_minutes is None
    assert line(stop=dt.time(9, 0)).documented_minutes is None


class TestClockTimes:
    """Clause: a session lasts more than 0 and at most 1,440 minutes, and ends on the clock where it says."""

    @given(st.times(), st.times())
    def test_start_plus_minutes_is_stop(self, start, stop):
        start, stop = start.replace(second=0, microsecond=0), stop.replace(second=0, microsecond=0)
        minutes = line(start=start, stop=stop).documented_minutes
        assert 0 < minutes <= 1440
        begun = dt.datetime.combine(DAY, start)
        assert (begun + dt.timedelta(minutes=minutes)).time() == stop


# ---- claims --------------------------------------------------------------------------------


def test_lines_without_an_id_are_named_by_their_place():
    claim = Claim([line(), line(id="x"), line()], id="C-1", patient="P", billing_provider="B")
    assert [one.id for one in claim.lines] == ["1", "x", "3"]
    assert (claim.id, claim.patient, claim.billing_provider) == ("C-1", "P", "B")


def test_naming_a_line_leaves_the_given_one_alone():
    given = line()
    Claim([given])
    assert given.id == ""


def test_a_claim_takes_any_iterable_and_may_be_empty():
    assert len(Claim(one for one in (line(), line())).lines) == 2
    assert Claim([]).encounters() == ()


def test_two_lines_of_one_id_are_refused():
    with pytest.raises(InvalidClaim, match="two lines of a claim have the same id: 'a'"):
        Claim([line(id="a"), line(id="b"), line(id="a")])


def test_an_id_that_is_the_place_of_a_line_without_one_is_refused():
    with pytest.raises(InvalidClaim, match="two lines of a claim have the same id: '2'"):
        Claim([line(id="2"), line()])


@pytest.mark.parametrize("given", ["90834", None, {"code": "90834"}])
def test_something_else_than_a_line_is_refused(given):
    with pytest.raises(InvalidClaim, match="a claim is made of lines"):
        Claim([line(), given])


def test_a_claim_is_frozen_and_survives_pickling():
    claim = Claim([line(minutes=45)], id="C-1")
    assert pickle.loads(pickle.dumps(claim)) == claim  # noqa: S301 - our own bytes
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        claim.id = "C-2"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        claim.lines[0].units = 2


# ---- encounters ----------------------------------------------------------------------------


def test_a_day_and_a_provider_make_an_encounter():
    claim = Claim(
        [
            line(id="1", rendering_provider="N2"),
            line(id="2", rendering_provider="N1"),
            line(id="3", rendering_provider="N2", date_of_service=NEXT),
            line(id="4", rendering_provider="N2"),
        ],
        id="C-1",
    )
    assert grouping(claim) == [(DAY, "N1", ["2"]), (DAY, "N2", ["1", "4"]), (NEXT, "N2", ["3"])]
    assert {encounter.claim for encounter in claim.encounters()} == {"C-1"}


def test_lines_without_a_provider_make_one_encounter_a_day():
    claim = Claim(
        [line(), line(rendering_provider=""), line(rendering_provider="N1"), line(date_of_service=NEXT)]
    )
    assert grouping(claim) == [(DAY, None, ["1", "2"]), (DAY, "N1", ["3"]), (NEXT, None, ["4"])]


def test_a_single_encounter_is_sorted_too():
    assert grouping(Claim([line(id="10"), line(id="9")])) == [(DAY, None, ["9", "10"])]


def test_ids_are_sorted_as_people_count():
    ids = ["L10", "10", "2", "L2", "a", "L2b", "L2a", "1"]
    assert sorted(ids, key=id_order) == ["1", "2", "10", "L2", "L2a", "L2b", "L10", "a"]
    assert [one.id for one in sorted((line(id=name) for name in ids), key=line_order)] == sorted(
        ids, key=id_order
    )


def test_digits_of_another_script_are_text():
    assert sorted(["\u0663", "3", "x"], key=id_order) == ["3", "x", "\u0663"]


def test_ids_that_count_alike_still_have_an_order():
    """`1` and `01` are two ids: their order is not that of the lines on the claim."""
    one, other = line(id="1"), line(id="01")
    assert grouping(Claim([one, other])) == grouping(Claim([other, one]))


ids = st.lists(st.text("aL12- 0\u0663", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


class TestEncountersDoNotDependOnLineOrder:
    """Clause: same lines, same encounters, whatever the order of the lines."""

    @given(ids, st.data())
    def test_any_order_gives_the_same_encounters(self, names, data):
        lines = [
            line(
                id=name,
                date_of_service=data.draw(st.sampled_from([DAY, NEXT])),
                rendering_provider=data.draw(st.sampled_from([None, "", "N1", "N2"])),
            )
            for name in names
        ]
        shuffled = data.draw(st.permutations(lines))
        assert Claim(shuffled).encounters() == Claim(lines).encounters()

    @given(ids, st.data())
    def test_every_line_stands_in_one_encounter(self, names, data):
        lines = [line(id=name, rendering_provider=data.draw(st.sampled_from([None, "N1"]))) for name in names]
        claim = Claim(lines)
        seen = [one for encounter in claim.encounters() for one in encounter.lines]
        assert sorted(seen, key=lambda one: one.id) == sorted(lines, key=lambda one: one.id)
        for encounter in claim.encounters():
            assert {one.rendering_provider or None for one in encounter.lines} == {
                encounter.rendering_provider
            }
            assert {one.date_of_service for one in encounter.lines} == {encounter.date_of_service}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(line("90834"), "a Line"), ("90834", "'90834'"), (None, ""), (90834, "90834")],
    ids=["a line", "a text", "nothing", "a number"],
)
def test_a_claim_of_what_is_no_list_of_lines(value, shown):
    with pytest.raises(InvalidClaim) as caught:
        Claim(value)
    shown = f": {shown}" if shown else ""
    assert str(caught.value) == (
        f"a claim is made of lines{shown}; expected a list of cptkit.Line values, be it of one"
    )


def test_clock_times_are_local_whatever_zone_they_name():
    zoned, plain = dt.time(10, 0, tzinfo=dt.UTC), dt.time(10, 0)
    one = Line("90834", date_of_service=dt.date(2026, 3, 2), start=zoned, stop=dt.time(10, 45))
    assert (one.start, one.stop) == (plain, dt.time(10, 45))
    assert one.start.tzinfo is None
    assert one.clock_minutes == 45
