"""Kinds of rules beyond picking by minutes: days, decimals, none at all, and numbers nobody settles."""

import datetime as dt
from decimal import Decimal

import pytest

import cptkit
from cptkit.errors import BrokenEdition, InvalidMinutes, NoTimeRule
from cptkit.sources import Basis, Confidence
from cptkit.timerule import Kind, Scope, ServiceUnits, allocate, family, select
from cptkit.timerule.arithmetic import tenths_of_units

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
FIRST = "2013-01-01"


@pytest.fixture
def made(edition_of):
    """An edition of one family with one row of that kind, and a way to ask it."""

    def make(kind, codes, *, family_keys=None, **row):
        evidence = {"sources": ["S"], "confidence": "verified", "checked": "2026-11-21"}
        rule = evidence | {"from": FIRST, "kind": kind, "basis": ["cpt", "medicare"]} | row
        raw = {
            "id": "own",
            "title": "own",
            "codes": codes.split(),
            "scope": "session",
            "whose_time": "anyone's",
            "optional": False,
            "rules": [rule],
        } | (family_keys or {})
        edition = edition_of(raw)

        def ask(name="own", **amount):
            return select(name, date_of_service=DAY, codeset=edition, **amount)

        ask.edition = edition
        return ask

    return make


class TestDays:
    @pytest.fixture
    def device(self, made):
        return made(
            "day-count",
            "X0001 X0002",
            floors={"X0001": 2, "X0002": 16},
            ceiling=30,
            family_keys={"scope": "thirty-days"},
        )

    @pytest.mark.parametrize(
        ("days", "code"), [(0, None), (1, None), (2, "X0001"), (15, "X0001"), (16, "X0002"), (30, "X0002")]
    )
    def test_days_choose_the_code(self, device, days, code):
        found = device(days=days)
        assert found.services == ((ServiceUnits(code),) if code else ())
        assert (found.days, found.minutes, found.rule.counts) == (days, None, "days")

    def test_the_answer_speaks_of_days(self, device):
        found = device(days=1)
        assert found.reason == "1 day of the 2 that X0001 needs: nothing is reportable"
        assert str(found.longer) == "1 more day would make it X0001"
        assert str(device(days=20).shorter) == "5 fewer days would make it X0001"
        assert device(days=20).working[-1] == "20 days lie at 16 or more: X0002"
        assert found.rule.method == "each code has a first day: X0001 from 2, X0002 from 16"
        assert device(days=2).to_dict()["days"] == 2

    @pytest.mark.parametrize("wrong", [-1, 31, 2.0, "2", True])
    def test_days_that_are_none(self, device, wrong):
        with pytest.raises(InvalidMinutes, match="not whole days of the window") as caught:
            device(days=wrong)
        assert caught.value.expected == "a whole number from 0 to 30"

    def test_minutes_are_not_days(self, device, made):
        with pytest.raises(
            InvalidMinutes, match=r"own counts days: 20; expected days=\.\.\. and nothing else"
        ):
            device(minutes=20)
        with pytest.raises(InvalidMinutes, match="own counts days; expected"):
            device()
        with pytest.raises(InvalidMinutes, match="own counts days: 20"):
            device(minutes=20, days=20)
        timed = made("threshold", "X0003", code="X0003", from_minutes=5)
        with pytest.raises(
            InvalidMinutes, match=r"own counts minutes: 20; expected minutes=\.\.\. and nothing"
        ):
            timed(days=20)


class TestAnaesthesia:
    @pytest.fixture
    def sleep(self, made):
        return made(
            "anaesthesia-units",
            "00100 01995",
            unit_minutes=15,
            no_units=["01995"],
            family_keys={"ranges": [["00100", "01999"]]},
        )

    @pytest.mark.parametrize(
        ("minutes", "units"), [(0, "0.0"), (1, "0.1"), (4, "0.3"), (15, "1.0"), (84, "5.6"), (1440, "96.0")]
    )
    def test_units_have_one_decimal(self, sleep, minutes, units):
        found = sleep("00100", minutes=minutes)
        assert (found.time_units, str(found.time_units)) == (Decimal(units), units)
        assert found.services == ((ServiceUnits("00100"),) if minutes else ())
        assert found.to_dict()["time_units"] == units

    def test_half_a_tenth_goes_up(self):
        assert [str(tenths_of_units(minutes, 20)) for minutes in (1, 3, 5)] == ["0.1", "0.2", "0.3"]

    def test_any_code_of_the_range_is_answered_for(self, sleep):
        for code in ("00100", "00562", "01999", " 00562 "):
            assert sleep(code, minutes=69).time_units == Decimal("4.6")
        assert sleep("00562", minutes=69).services == (ServiceUnits("00562"),)
        for code in ("00099", "02000", "0056"):
            with pytest.raises(LookupError):
                sleep(code, minutes=69)

    def test_codes_without_time_units(self, sleep):
        found = sleep("01995", minutes=60)
        assert (found.time_units, found.services) == (None, (ServiceUnits("01995"),))
        assert found.rule.kind is Kind.UNTIMED
        assert found.working == ("01995 has no time units: it is reported once",)

    def test_the_family_alone_gives_the_units(self, sleep):
        found = sleep(minutes=137)
        assert (found.services, found.time_units) == ((), Decimal("9.1"))
        assert found.reason == "time units alone: name the anaesthesia code"
        assert (str(found), str(sleep("00100", minutes=137))) == ("9.1 time units", "00100, 9.1 time units")
        assert found.working[-1] == "137 minutes over 15: 9.1 time units"

    def test_the_working_of_a_code(self, sleep):
        found = sleep("00100", minutes=1)
        assert found.working[-1] == "1 minute over 15: 0.1 time units"
        assert str(sleep("00100", minutes=0).longer) == "1 more minute would make it 00100"


class TestNotByTime:
    @pytest.fixture
    def emergency(self, made):
        return made("not-by-time", "X0001 X0002")

    @pytest.mark.parametrize("name", ["own", "X0001", "x0002"])
    def test_minutes_choose_nothing(self, emergency, name):
        for minutes in (0, 30, 1440):
            found = emergency(name, minutes=minutes)
            assert (found.services, found.alternatives, found.longer) == ((), (), None)
            assert found.reason == "time does not choose among these codes, so nothing follows from minutes"
            assert found.working == ("minutes do not choose among these codes",)
            assert not found.rule.is_timed

    def test_such_a_code_is_not_allocated(self, emergency):
        with pytest.raises(NoTimeRule, match="X0001 is not counted in units of 15 minutes"):
            allocate({"X0001": 20}, policy="medicare-total", date_of_service=DAY, codeset=emergency.edition)


class TestUnsettled:
    """Nominal minutes without a source for the first minute: both readings, whole minutes first."""

    @pytest.fixture
    def pair(self, made):
        return made(
            "base-plus-each",
            "X0001 X0002",
            base="X0001",
            addon="X0002",
            nominal={"X0001": 60, "X0002": 30},
            attainment="unsettled",
        )

    @pytest.mark.parametrize(
        ("minutes", "answers"),
        [
            (30, [""]),
            (31, ["", "X0001"]),
            (59, ["", "X0001"]),
            (60, ["X0001"]),
            (75, ["X0001"]),
            (76, ["X0001", "X0001 + X0002"]),
            (89, ["X0001", "X0001 + X0002"]),
            (90, ["X0001 + X0002"]),
        ],
    )
    def test_where_the_readings_differ_both_stand(self, pair, minutes, answers):
        found = pair(minutes=minutes)
        told = [" + ".join(map(str, each)) for each in (found.services, *found.alternatives)]
        assert told == answers
        assert found.is_settled is (len(answers) == 1)
        assert found.confidence is (Confidence.VERIFIED if len(answers) == 1 else Confidence.DISPUTED)
        assert not found.rule.is_settled

    def test_the_words(self, pair):
        found = pair(minutes=40)
        assert found.reason == "40 minutes, counted in whole minutes: nothing is reportable"
        method, *steps = found.working
        assert method.split("; ") == [
            "not settled by any source: counted in whole minutes, X0001 from 60 minutes",
            "X0002 on top of X0001 from 90, one more for each further 30",
            "from more than half, X0001 from 31 minutes",
            "X0002 on top of X0001 from 76, one more for each further 30",
        ]
        assert steps == [
            "40 minutes, counted in whole minutes: nothing is reportable",
            "the other reading gives X0001; no source settles which one holds",
        ]
        assert str(found) == "nothing or X0001"
        assert pair(minutes=10).reason == "10 minutes of the 31 that X0001 needs: nothing is reportable"

    def test_a_neighbour_holds_both_readings(self, pair):
        assert str(pair(minutes=71).shorter) == "12 fewer minutes would make it nothing or X0001"
        assert str(pair(minutes=45).longer) == "15 more minutes would make it X0001"
        assert str(pair(minutes=45).shorter) == "with 15 fewer minutes nothing would be reportable"
        assert str(pair(minutes=10).longer) == "21 more minutes would make it nothing or X0001"
        assert pair(minutes=10).longer.to_dict()["alternatives"] == [[{"code": "X0001", "units": 1}]]
        assert pair(minutes=0).shorter is None

    def test_a_pick(self, made):
        ask = made("pick-by-band", "X0001 X0002", nominal={"X0001": 30, "X0002": 60}, attainment="unsettled")
        assert [str(ask(minutes=minutes)) for minutes in (15, 16, 29, 30, 44, 45, 46, 59, 60)] == [
            "nothing",
            "nothing or X0001",
            "nothing or X0001",
            "X0001",
            "X0001",
            "X0001 or X0002",
            "X0001 or X0002",
            "X0001 or X0002",
            "X0002",
        ]

    def test_a_threshold_and_units(self, made):
        ask = made("threshold", "X0001", code="X0001", nominal={"X0001": 15}, attainment="unsettled")
        assert [str(ask(minutes=minutes)) for minutes in (7, 8, 14, 15)] == [
            "nothing",
            "nothing or X0001",
            "nothing or X0001",
            "X0001",
        ]
        units = made("per-unit", "X0001 X0002", unit_minutes=15, attainment="unsettled")
        assert [str(units("X0002", minutes=minutes)) for minutes in (14, 15, 23, 30)] == [
            "nothing or X0002",
            "X0002",
            "X0002 or X0002 x 2",
            "X0002 x 2",
        ]

    def test_the_policy_settles_units(self, made):
        units = made("per-unit", "X0001 X0002", unit_minutes=15, attainment="unsettled")
        for policy, expected, sure in [
            ("payer-whole-units", "X0002", Confidence.VERIFIED),
            ("cpt-per-code", "X0001 + X0002 x 2", Confidence.DISPUTED),
            ("medicare-total", "X0001 + X0002 x 2", Confidence.DISPUTED),
        ]:
            found = allocate(
                {"X0001": 14, "X0002": 29}, policy=policy, date_of_service=DAY, codeset=units.edition
            )
            assert (str(found), found.confidence) == (expected, sure)


class TestPastTheEnd:
    def test_more_minutes_than_a_family_covers_are_not_sure(self, made):
        ask = made("threshold", "X0001", code="X0001", from_minutes=5, ceiling=15)
        assert ask(minutes=15).confidence is Confidence.VERIFIED
        assert ask(minutes=4).confidence is Confidence.VERIFIED
        past = ask(minutes=16)
        assert past.reason == "16 minutes, over the 15 that own covers: nothing is reportable"
        assert past.confidence is Confidence.DERIVED
        assert past.notes[0] == "what is reported past the last minute was not read"


class TestNoMinutesNeeded:
    def test_codes_that_minutes_do_not_choose_need_none(self, made):
        assert made("untimed", "X0001")("X0001").services == (ServiceUnits("X0001"),)
        assert made("not-by-time", "X0001")().services == ()
        with pytest.raises(InvalidMinutes):
            made("threshold", "X0001", code="X0001", from_minutes=5)()
        with pytest.raises(InvalidMinutes):
            made("untimed", "X0001")("X0001", days=3)


class TestBaseWhateverTheMinutes:
    def test_the_base_stands_from_nothing_on(self, made):
        link = {"sources": ["S"], "confidence": "verified", "checked": "2026-11-21", "counted_days": [3, 7]}
        ask = made(
            "base-plus-each",
            "X0001",
            base="X0001",
            base_from=0,
            chain=[link | {"after": "X0001", "code": "X0009", "from_minutes": 100, "step": 15}],
        )
        assert [str(ask(minutes=minutes)) for minutes in (0, 99, 100, 115)] == [
            "X0001",
            "X0001",
            "X0001 + X0009",
            "X0001 + X0009 x 2",
        ]
        assert ask(minutes=99).rule.method.startswith(
            "X0001 whatever the minutes; X0009 on top of X0001 from"
        )
        told = "X0009 counts the minutes of the date of service and of 3 days before to 7 days after it"
        assert told in ask(minutes=100).notes
        assert ask(minutes=11 * 1440).rule.most == 11 * 1440
        with pytest.raises(InvalidMinutes, match="not whole minutes of 11 days"):
            ask(minutes=11 * 1440 + 1)

    @pytest.mark.parametrize(
        ("days", "told"),
        [((0, 3), "of the date of service and of 3 days after it"), ((1, 0), "and of 1 day before it")],
    )
    def test_days_on_one_side(self, made, days, told):
        link = {"sources": ["S"], "confidence": "verified", "checked": "2026-11-21"}
        ask = made(
            "threshold",
            "X0001",
            code="X0001",
            from_minutes=30,
            chain=[
                link | {"after": "X0001", "code": "X0009", "from_minutes": 60, "counted_days": list(days)}
            ],
        )
        assert any(note.endswith(told) for note in ask(minutes=60).notes)
        assert ask(minutes=59).rule.most == 1440 * (1 + sum(days))


class TestScopes:
    @pytest.mark.parametrize(
        ("scope", "most"),
        [("session", 1440), ("day", 1440), ("seven-days", 10080), ("thirty-days", 43200), ("month", 44640)],
    )
    def test_the_most_minutes_follow_the_scope(self, made, scope, most):
        ask = made("per-unit", "X0001", unit_minutes=60, attainment="whole", family_keys={"scope": scope})
        assert ask(minutes=most).services == (ServiceUnits("X0001", most // 60),)
        with pytest.raises(InvalidMinutes) as caught:
            ask(minutes=most + 1)
        assert caught.value.expected == f"a whole number from 0 to {most}; round started minutes down"

    def test_an_unknown_scope_is_a_broken_edition(self, made):
        ask = made("untimed", "X0001", family_keys={"scope": "year"})
        with pytest.raises(BrokenEdition, match="'year' is not a valid Scope"):
            ask("X0001", minutes=0)

    def test_the_days_of_each(self):
        assert [scope.days for scope in Scope] == [1, 1, 31, 7, 30]
        assert Scope.SEVEN_DAYS.in_words == "seven days"


class TestBundled:
    """The real families that need these kinds."""

    def test_a_month_may_have_more_minutes_than_a_day(self):
        rule = family("99490", date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
        assert rule.most == 44640
        assert rule.services(44640) == (ServiceUnits("99490"), ServiceUnits("99439", 2))

    def test_medicare_only_families_say_so(self):
        with pytest.raises(NoTimeRule, match="expected basis medicare, which has one"):
            select("G0019", minutes=60, date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
        found = select(
            "G0019", minutes=60, date_of_service=DAY, codeset=cptkit.codeset("2026.1"), basis=Basis.MEDICARE
        )
        assert found.services == (ServiceUnits("G0019"),)
