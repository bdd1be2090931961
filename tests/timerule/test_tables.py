"""Which rule answers: by name, day and basis; the edges of every row; and why there is none."""

import datetime as dt
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit import timerule
from cptkit.dated import Span
from cptkit.errors import DateOutsideEdition, NoTimeRule
from cptkit.sources import Basis
from cptkit.timerule import Kind, ServiceUnits, UnitPolicy, family, select, timed_family
from cptkit.timerule.tables import tables_of

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
ONE_DAY = dt.timedelta(days=1)
FIRST = dt.date(2013, 1, 1)


def rows_of(codeset):
    """Each row with the basis it is for, the day it starts and the day the next one of it starts."""
    for each in codeset.timerules["families"]:
        for basis in Basis:
            firsts = sorted(
                dt.date.fromisoformat(row["from"]) for row in each["rules"] if basis in row["basis"]
            )
            for first, following in zip(firsts, [*firsts[1:], None][: len(firsts)], strict=True):
                row = next(
                    row for row in each["rules"] if basis in row["basis"] and row["from"] == first.isoformat()
                )
                yield each, row, basis, first, following


def name_of(each, row):
    """A row's name: family and first day, and the basis where two rows share the day."""
    name = f"time/{each['id']}@{row['from']}"
    shared = [other for other in each["rules"] if other["from"] == row["from"]]
    return name if len(shared) == 1 else f"{name}/{row['basis'][0]}"


def test_a_rule_says_what_it_is(ask):
    rule = ask("90834")
    assert (rule.id, rule.title, rule.scope, rule.whose_time) == (
        "psychotherapy",
        "psychotherapy",
        "session",
        "the clinician's",
    )
    assert (rule.codes, rule.code, rule.optional, rule.scope_note) == (
        ("90832", "90834", "90837"),
        None,
        False,
        "",
    )
    assert (rule.kind, rule.is_timed, rule.basis, rule.days) == (
        Kind.PICK_BY_BAND,
        True,
        Basis.CPT,
        Span(dt.date(2023, 1, 1)),
    )
    assert (rule.announced, rule.chain, rule.max_units, rule.unit_minutes) == (False, (), None, None)
    assert rule.citation.note == "one unit whatever the length"
    assert str(rule) == "psychotherapy (cpt, from 2023-01-01)"
    assert str(ask("97110", basis=Basis.MEDICARE)) == "therapy-timed for 97110 (medicare, from 2018-01-01)"
    assert ask("99205").optional
    assert ask("99205").scope_note == "Or by medical decisions."


def test_an_edition_is_read_whole(fake, edition_of):
    fresh = edition_of(*fake.timerules["families"])
    rule = family("99205", date_of_service=DAY, codeset=fresh)
    assert (rule.id, rule.scope, rule.scope_note) == ("office-new", "day", "Or by medical decisions.")
    assert (rule.title, rule.whose_time, rule.optional) == ("office-new", "the clinician's", True)
    assert family("90834", date_of_service=DAY, codeset=fresh).scope_note == ""
    policies = tables_of(fresh).policies
    assert [(each.id, each.title, each.unit_minutes) for each in policies.values()] == [
        (UnitPolicy.MEDICARE_TOTAL, "Medicare total", 15),
        (UnitPolicy.CPT_PER_CODE, "CPT per code", 15),
        (UnitPolicy.PAYER_WHOLE_UNITS, "whole units", 15),
    ]
    assert list(policies) == [each.id for each in policies.values()]


def test_codes_with_one_ladder_share_one_rule(ask, fake):
    assert ask("90832") is ask("90837") is ask("psychotherapy")
    assert ask("97110") is not ask("97140")
    assert tables_of(fake) is tables_of(fake)


def test_rules_are_equal_hashable_and_travel(ask, fake, edition_of):
    again = edition_of(*fake.timerules["families"])
    rule = ask("90837", dt.date(2022, 6, 1))
    assert rule == family("90832", date_of_service=dt.date(2022, 6, 1), codeset=again)
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301 - our own bytes
    assert len({rule, ask("90832", dt.date(2022, 6, 1))}) == 1


class TestBands:
    @pytest.mark.parametrize(
        ("target", "code", "band"),
        [
            ("90834", "90832", (16, 37)),
            ("90834", "90834", (38, 52)),
            ("90834", "90837", (53, None)),
            ("90834", "90847", None),
            ("99205", "99205", (60, None)),
            ("99205", "99417", (75, None)),
            ("96158", "96158", (16, None)),
            ("96158", "96159", (38, None)),
            ("tie", "X0001", (16, 35)),
            ("tie", "X0002", (35, None)),
            ("closed", "X0010", (5, 10)),
            ("closed", "X0011", (11, 20)),
            ("bands", "X0012", (1, 30)),
            ("bands", "X0013", (31, None)),
            ("brief", "X0014", (5, 15)),
            ("gap", "X0015", (30, None)),
            ("gap", "X0016", (89, None)),
            ("no-gap", "X0017", (30, None)),
            ("no-gap", "X0018", (75, None)),
            ("cut-short", "X0019", (30, 80)),
            ("cut-short", "X0020", (60, 80)),
            ("X0022", "X0022", (40, None)),
            ("X0022", "X0021", None),
            ("97110", "97110", (8, None)),
            ("97110", "97140", None),
            ("90791", "90791", None),
            ("99211", "99211", None),
            ("therapy-timed", "97110", None),
            ("whole-base", "X0026", (60, None)),
            ("whole-base", "X0027", (90, None)),
            ("base-alone", "X0028", (31, None)),
            ("late-chain", "X0039", None),
        ],
    )
    def test_the_band_of_a_code(self, ask, target, code, band):
        assert ask(target).band(code) == band

    def test_a_gap_ends_and_a_ladder_takes_it_up(self, ask):
        assert [
            (first, last, [str(each) for each in answers[0]]) for first, last, answers in ask("gap").bands()
        ] == [
            (0, 29, []),
            (30, 74, ["X0015"]),
            (75, 88, []),
            (89, 103, ["X0015", "X0016"]),
            (104, None, ["X0015", "X0016 x 2"]),
        ]

    def test_units_stop_at_their_limit(self, ask):
        assert ask("whole-base").services(1440) == (ServiceUnits("X0026"), ServiceUnits("X0027", 2))
        assert ask("X0025").services(1440) == (ServiceUnits("X0025", 4),)
        assert ask("X0025").max_units == 4
        assert len(ask("X0025").bands()) == 5

    def test_a_family_without_a_named_code_has_no_bands(self, ask):
        rule = ask("therapy-timed")
        assert (rule.bands(), rule.codes[:2]) == ((), ("97035", "97110"))
        with pytest.raises(NoTimeRule, match="name one of 97035"):
            rule.services(15)


@pytest.mark.parametrize("basis", Basis)
def test_bands_hold_each_minute_once_and_answers_are_what_they_say(fake, basis):
    tables = tables_of(fake)
    for name in (*tables.families, *tables.homes):
        rule = timed_family(name, DAY, fake, basis)
        if rule is None or not rule.floors:
            continue
        bands = rule.bands()
        assert bands[0][0] == 0
        assert bands[-1][1] is None
        assert all(after[0] == before[1] + 1 for before, after in pairwise(bands))
        assert all(before[2] != after[2] for before, after in pairwise(bands))
        for first, last, answers in bands:
            for minutes in {first, 1440 if last is None else last}:
                assert rule.answers_at(minutes) == answers
                assert rule.services(minutes) == answers[0]


@pytest.mark.parametrize(
    "target",
    [
        "90834",
        "90833",
        "90839",
        "90846",
        "99205",
        "99215",
        "96158",
        "96116",
        "97110",
        "no-gap",
        "whole-base",
        "X0025",
    ],
)
@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("day", [dt.date(2022, 6, 1), DAY])
def test_more_minutes_never_give_fewer_units_of_a_base_and_its_ladders(fake, target, basis, day):
    """While the base stays the same, no code on top loses a unit; and no answer becomes nothing again."""
    rule = family(target, date_of_service=day, codeset=fake, basis=basis)
    before: tuple[ServiceUnits, ...] = ()
    for minutes in range(1441):
        services = rule.services(minutes)
        assert bool(services) >= bool(before)
        if before and services[0].code == before[0].code:
            now = {each.code: each.units for each in services}
            assert all(now.get(each.code, 0) >= each.units for each in before)
        before = services


@given(
    code=st.sampled_from(["90834", "90839", "99205", "96158", "97110"]),
    minutes=st.integers(0, 1440),
    basis=st.sampled_from(Basis),
)
def test_neighbours_are_where_they_say(code, minutes, basis, fake):
    found = select(code, minutes=minutes, date_of_service=DAY, codeset=fake, basis=basis)
    for near in (found.shorter, found.longer):
        if near is None:
            continue
        step = 1 if near.is_longer else -1
        there = minutes + step * near.minutes_away
        assert found.rule.services(there) == near.services
        assert found.rule.services(there - step) == found.services
    assert (found.shorter is None) == (not found.services)
    assert (found.longer is None) == (found.rule.answers_at(1440) == found.rule.answers_at(minutes))


class TestEdgesOfRows:
    def test_of_every_row(self, fake):
        seen = 0
        for each, row, basis, first, following in rows_of(fake):
            last = min(following - ONE_DAY if following else fake.last_day, fake.last_day)
            if first > fake.last_day or row.get("status") == "ended":
                assert timed_family(each["id"], first, fake, basis) is None
                continue
            for day in (first, last):
                rule = timed_family(each["id"], day, fake, basis)
                assert rule.citation.fact == name_of(each, row)
                assert rule.basis is basis
                assert rule.days == Span(first, following - ONE_DAY if following else None)
            for outside in (first - ONE_DAY, last + ONE_DAY):
                rule = timed_family(each["id"], outside, fake, basis)
                assert rule is None or rule.citation.fact != name_of(each, row)
            seen += 1
        assert seen > 60

    def test_of_every_row_of_the_bundled_edition(self):

        codeset = cptkit.codeset("2026.1")
        for each, row, basis, first, following in rows_of(codeset):
            if row.get("status") == "ended":
                continue
            last = following - ONE_DAY if following else codeset.last_day
            facts = [
                rule and rule.citation.fact
                for day in (first - ONE_DAY, first, last, last + ONE_DAY)
                for rule in [timed_family(each["id"], day, codeset, basis)]
            ]
            fact = name_of(each, row)
            assert [each == fact for each in facts] == [False, True, True, False]

    def test_the_day_before_the_first_row(self, ask):
        assert ask("90834", FIRST).days == Span(FIRST, dt.date(2015, 12, 31))
        with pytest.raises(NoTimeRule) as caught:
            ask("90834", FIRST - ONE_DAY)
        assert str(caught.value) == (
            "90834 has no time rule under cpt on 2012-12-31: '90834'; expected a date of service from 2013-01-01; "
            "see `cptkit edition show 2026.1`"
        )

    def test_the_day_after_the_last_day_of_the_edition(self, ask, fake):
        assert ask("90834", dt.date(2026, 12, 31)).id == "psychotherapy"
        with pytest.raises(DateOutsideEdition) as caught:
            ask("90834", dt.date(2027, 1, 1))
        assert str(caught.value) == (
            "edition 2026.1 answers up to 2026-12-31: '2027-01-01'; expected an edition of that year, or an earlier "
            "date of service"
        )
        assert timed_family("90834", dt.date(2027, 1, 1), fake) is None

    def test_prolonged_time_ends_with_2022(self, ask):
        assert ask("99354", dt.date(2022, 12, 31)).band("99354") == (90, None)
        assert ask("90837", dt.date(2023, 1, 1)).band("99354") is None
        with pytest.raises(NoTimeRule) as caught:
            ask("99354", dt.date(2023, 1, 1))
        assert caught.value.expected == "a date of service 2016-01-01 to 2022-12-31"

    def test_a_family_that_ended(self, ask):
        assert ask("X0029", dt.date(2019, 12, 31)).floors == (0, 10, 20)
        with pytest.raises(NoTimeRule) as caught:
            ask("over", dt.date(2020, 1, 1))
        assert str(caught.value).startswith(
            "over has no time rule under cpt on 2020-01-01: 'over'; expected a date"
        )
        assert caught.value.expected == "a date of service 2013-01-01 to 2019-12-31"

    def test_the_last_day_of_the_edition_lies_within_it(self, ask):
        with pytest.raises(NoTimeRule):
            ask("over", dt.date(2026, 12, 31))

    def test_spans_that_do_not_touch_are_told_apart(self, fake):
        rule = {
            "kind": "untimed",
            "basis": ["cpt"],
            "sources": ["S"],
            "confidence": "verified",
            "checked": "2026-01-01",
        }
        rules = [
            rule | {"from": "2020-01-01"},
            rule | {"from": "2021-01-01"},
            rule | {"from": "2022-01-01", "status": "ended"},
            rule | {"from": "2024-01-01"},
        ]
        described = {
            "id": "off-and-on",
            "title": "",
            "codes": ["X0099"],
            "scope": "day",
            "whose_time": "",
            "optional": False,
        }
        codeset = type(fake)("test.1", fake.last_day, {"families": [described | {"rules": rules}]})
        with pytest.raises(NoTimeRule) as caught:
            family("X0099", date_of_service=dt.date(2023, 1, 1), codeset=codeset)
        assert caught.value.expected == "a date of service 2020-01-01 to 2021-12-31 or from 2024-01-01"


def test_the_public_names():
    assert dir(timerule) == sorted(timerule.__all__)
    assert all(getattr(timerule, name) is not None for name in timerule.__all__)
