"""The modifiers that rules ask for: what the facts name, and what is said where they name none."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Catalog, Claim, Line, Profile, Severity, check, codeset
from cptkit.edits import Mue, MueAnswer, PtpEdit, PtpSetAnswer, Quarter, Setting
from cptkit.rules import FixKind, NotChecked, rule
from cptkit.rules.context import Context
from cptkit.rules.modifiers import members, named
from cptkit.rules.pfs.seen import ROLES

DAY = dt.date(2026, 3, 2)
QUARTER = Quarter(2026, 1)
NEWEST = codeset("2026.1")
MINE = [name for name in NEWEST.conventions if name.startswith(("pfs-modifiers/", "apart/"))]


@pytest.fixture
def context():
    return Context(NEWEST, DAY, Basis.CPT)


def judged(name, context, *services):
    lines = [
        Line(code, modifiers=tuple(modifiers), date_of_service=context.day, rendering_provider="A")
        for code, *modifiers in (service.split("-") for service in services)
    ]
    (encounter,) = Claim(lines).encounters()
    return list(rule(name).check(encounter, context))


def forget(context, name):
    """As an edition is that does not know the convention."""
    context._conventions[name] = None


def limited(context, code, value, mai):
    mue = Mue(code, value, mai, "own words", Setting.PRACTITIONER, QUARTER, "mue.csv")
    context.edits._limits[code, Setting.PRACTITIONER] = MueAnswer(code, mue, Setting.PRACTITIONER, QUARTER)


def paired(context, one, other, indicator=1):
    days = (dt.date(2020, 1, 1), None)
    edit = PtpEdit(one, other, indicator, *days, False, "own words", Setting.PRACTITIONER, QUARTER, "f1")
    answer = PtpSetAnswer((edit,), Setting.PRACTITIONER, QUARTER)
    context.edits._pairs[frozenset({one, other}), Setting.PRACTITIONER] = answer


class TestFacts:
    @pytest.mark.parametrize("name", MINE)
    def test_what_a_convention_names_is_on_the_list_of_modifiers(self, name, context):
        words = named((name,), context)
        assert words
        assert [word for word in words if context.modifier(word) is None] == []

    @pytest.mark.parametrize(
        ("roles", "name"),
        [
            (("professional", "technical"), "components"),
            (("both-sides", "left", "right"), "laterality"),
            (("assistant", "co-surgeon", "team"), "surgeon-roles"),
            (("procedure-within",), "postoperative-procedure"),
        ],
    )
    def test_roles_are_those_of_the_sets(self, roles, name, context):
        words = named(tuple(f"pfs-modifiers/{role}" for role in roles), context)
        assert sorted(words) == sorted(members(name, context))

    def test_every_role_of_the_fee_schedule_is_looked_for(self):
        known = {name for name in NEWEST.conventions if name.startswith("pfs-modifiers/")}
        assert known - set(ROLES) == {"pfs-modifiers/own-row"}

    def test_why_two_were_apart_is_said_of_each(self, context):
        offered = named(("apart/procedure", "apart/visit"), context)
        assert {f"apart-where/{modifier}" for modifier in offered} == {
            name for name in NEWEST.conventions if name.startswith("apart-where/")
        }
        # XP is for two clinicians, and an encounter has one
        assert set(named(("apart/procedure",), context)) == members("distinct", context) - {"XP"}

    def test_what_parts_lines_are_sets_or_a_kind(self, context):
        *sets, kind = named(("mue-separate-line",), context)
        assert all(members(name, context) for name in sets)
        assert kind in context.modifier("LT").kinds

    def test_words_are_in_the_order_of_the_facts(self, context):
        assert named(("apart/visit", "apart/procedure"), context) == ("25", "XE", "XS", "XU", "59")

    def test_before_its_first_day_nothing_is_named(self):
        before, first = (Context(NEWEST, dt.date(year, 1, 1), Basis.CPT) for year in (2013, 2014))
        team = ("pfs-modifiers/team",)
        assert (named(team, before), named(team, first)) == (None, ("66",))
        assert named((*team, "no such convention"), first) is None

    def test_one_name_is_no_tuple_of_names(self, context):
        with pytest.raises(TypeError, match="come in a tuple, not as 'pfs-modifiers/team'"):
            named("pfs-modifiers/team", context)


class TestNotOnRecord:
    @pytest.mark.parametrize(
        ("name", "role"),
        [
            ("PFS901", "technical"),
            ("PFS902", "left"),
            ("PFS903", "assistant"),
            ("PFS904", "co-surgeon"),
            ("PFS905", "team"),
            ("PFS906", "visit-with-minor"),
        ],
    )
    def test_lines_with_modifiers_are_not_checked(self, name, role, context):
        forget(context, f"pfs-modifiers/{role}")
        (entry,) = judged(name, context, "99213-KX", "99214", "97110-GP")
        assert isinstance(entry, NotChecked)
        assert entry.lines == ("1", "3")
        assert entry.reason == "which modifiers this is about is not on record for 2026-03-02"
        assert judged(name, context, "99213", "99214") == []

    def test_lines_that_may_be_parted_are_not_added(self, context):
        limited(context, "97110", 1, 1)
        (finding,) = judged("MUE801", context, "97110", "97110")
        assert finding.severity is Severity.WARNING
        assert "conventions/mue-separate-line@2013-04-01" in [each.fact for each in finding.evidence]
        assert judged("MUE801", context, "97110", "97110-76") == []
        assert judged("MUE801", context, "97110", "97110-LT") == []
        forget(context, "mue-separate-line")
        context.named.clear()
        (entry,) = judged("MUE801", context, "97110", "97110")
        assert isinstance(entry, NotChecked)
        assert "does not say how the limit of 97110 counts" in entry.reason

    @pytest.mark.parametrize("name", ["modifier-places", "apart/procedure", "apart-where/XE"])
    def test_what_is_not_on_record_is_not_offered(self, name, context):
        paired(context, "97530", "97140")
        (finding,) = judged("PTP701", context, "97530", "97140")
        offered = [fix.value for fix in finding.fixes if fix.kind is FixKind.ADD_MODIFIER]
        assert offered == ["XE", "XS", "XU", "59"]
        forget(context, name)
        context.named.clear()
        (finding,) = judged("PTP701", context, "97530", "97140")
        left = [fix.value for fix in finding.fixes if fix.kind is FixKind.ADD_MODIFIER]
        assert left == (["XS", "XU", "59"] if name == "apart-where/XE" else [])

    @pytest.mark.parametrize(
        ("places", "modifiers", "offered"),
        [("4", "GP-KX-95", True), ("4", "GP-KX-95-52", False), ("2", "GP-KX", False), ("many", "GP", False)],
    )
    def test_a_modifier_is_offered_where_it_has_a_place(self, places, modifiers, offered, context):
        known = context.convention("modifier-places")
        context._conventions["modifier-places"] = attrs.evolve(known, value=places)
        paired(context, "97530", "97140")
        (finding,) = judged("PTP701", context, "97530", f"97140-{modifiers}")
        assert any(fix.kind is FixKind.ADD_MODIFIER for fix in finding.fixes) is offered

    def test_an_exclusion_offers_one_of_its_own(self, context):
        def offered():
            (finding,) = judged("BHX501", context, "90847", "90837")
            return [fix.value for fix in finding.fixes if fix.kind is FixKind.ADD_MODIFIER]

        assert offered() == ["59"]
        forget(context, "apart/procedure")
        context.named.clear()
        assert offered() == ["59"]


@pytest.mark.parametrize("value", ["many", "", "-1", "4.5"])
def test_places_that_are_no_number_offer_nothing_and_raise_nothing(value):
    """A profile that is built in a program is not read strictly."""
    day = dt.date(2026, 3, 2)
    says = codeset("2026.1").convention("modifier-places", date_of_service=day)
    profile = Profile("p", "A payer", Basis.MEDICARE, conventions=(attrs.evolve(says, value=value),))
    lines = [
        Line("97110", minutes=30, modifiers="KX U1", units=2, date_of_service=day),
        Line("90834", date_of_service=day),
    ]
    report = check(Claim(lines), Catalog.bundled(), profile=profile)
    assert [entry.rule for entry in report.not_checked if "places" in entry.reason] == ["MOD205"]
    assert "add-modifier" not in {
        fix.kind for finding in report.findings if finding.rule != "MOD208" for fix in finding.fixes
    }
