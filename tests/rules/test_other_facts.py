"""Rules on facts that no bundled edition holds today, yet an edition may: a context is given them."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Claim, Line, codeset
from cptkit.rules import FixKind, Outcome, Severity, rule
from cptkit.rules.context import Context
from cptkit.rules.tim.picked import Standing, cures, mismatch, standing
from cptkit.rules.tim.sessions import sessions
from cptkit.sources import Confidence
from cptkit.timerule import Attainment, ServiceUnits

DAY = dt.date(2026, 3, 2)


@pytest.fixture
def context():
    return Context(codeset("2026.1"), DAY, Basis.CPT)


def judged(name, context, *lines):
    made = [line if isinstance(line, Line) else Line(line, date_of_service=DAY) for line in lines]
    (encounter,) = Claim(made).encounters()
    return list(rule(name).check(encounter, context))


def asked(finding):
    return [(fix.kind.value, fix.line, fix.value) for fix in finding.fixes]


def exclusion(context, **changes):
    found = context.exclusions("90847", "90837")[0]
    cited = attrs.evolve(found.citation, confidence=changes.pop("confidence", Confidence.VERIFIED))
    return attrs.evolve(
        found,
        **{"codes": frozenset({"90847"}), "excludes": frozenset({"90837"}), "citation": cited, **changes},
    )


def judge_pair(context, **changes):
    changed = exclusion(context, **changes)
    context._pairs.clear()
    context._exclusions = (changed,)
    (finding,) = judged("BHX501", context, "90847", "90837")
    return finding


def test_an_exclusion_that_names_no_side(context):
    finding = judge_pair(context, drop="either", cure_drops="either", bypass=frozenset())
    assert "a payer denies" not in finding.message
    assert asked(finding) == [("drop-line", "1", None), ("drop-line", "2", None)]


def test_an_exclusion_with_both_codes_on_both_sides(context):
    """Nobody can say which of two codes of one side goes."""
    both = frozenset({"90847", "90837"})
    for side in ("codes", "excludes"):
        finding = judge_pair(
            context, codes=both, excludes=both, drop=side, cure_drops=side, bypass=frozenset()
        )
        assert "a payer denies" not in finding.message


@pytest.mark.parametrize(("side", "code"), [("codes", "90847"), ("excludes", "90837")])
def test_an_exclusion_names_the_side_that_is_denied(context, side, code):
    assert f"a payer denies {code}." in judge_pair(context, drop=side).message


@pytest.mark.parametrize(("bypass", "modifier"), [("XE 59 XU", "59"), ("XU XE", "XE"), ("25", "25")])
def test_the_most_general_modifier_is_offered(context, bypass, modifier):
    finding = judge_pair(context, bypass=frozenset(bypass.split()))
    assert asked(finding)[0] == ("add-modifier", "2", modifier)


def test_the_modifier_goes_on_the_second_line_where_no_side_is_denied(context):
    assert asked(judge_pair(context, drop="either"))[0] == ("add-modifier", "2", "59")


@pytest.mark.parametrize("confidence", Confidence, ids=str)
def test_only_what_was_read_is_an_error(context, confidence):
    severity = Severity.ERROR if confidence is Confidence.VERIFIED else Severity.WARNING
    finding = judge_pair(context, confidence=confidence)
    assert (finding.severity, finding.outcome) == (severity, Outcome.FAIL)


def test_a_code_without_a_successor(context):
    status = attrs.evolve(context.standing("99354"), successors=())
    context._standing["99354"] = status
    (finding,) = judged("COD102", context, "99354")
    assert finding.message == "99354 is no longer in force: its last day was 2022-12-31"
    assert [(fix.kind, fix.text) for fix in finding.fixes] == [
        (FixKind.ASK, "find the code that was in force on the date of service")
    ]


def test_several_successors_without_a_proviso(context):
    status = context.standing("99354")
    cited = attrs.evolve(status.citation, note="")
    context._standing["99354"] = attrs.evolve(status, successors=("99417", "99418"), citation=cited)
    (finding,) = judged("COD102", context, "99354")
    assert finding.message.endswith("what came after: 99417, 99418")
    assert asked(finding) == [("ask", "1", None)]


def test_primaries_without_a_family_are_named_by_code(context):
    many = frozenset(f"{number}" for number in range(20000, 20012))
    assert not many & set(context.codeset)
    context._addons["90833"] = attrs.evolve(context.addon("90833"), primaries=many)
    (finding,) = judged("ADD301", context, "90833")
    assert "20000, 20001, " in finding.message
    assert " and 3 more)" in finding.message


def test_many_primaries_are_named_by_family(context):
    """Nine are listed; from ten on the families are, where they are no more than nine themselves."""
    codes = sorted(code for code in context.codeset if context.codeset[code].family == "psychiatry")
    context._addons["90833"] = addon = attrs.evolve(context.addon("90833"), primaries=frozenset(codes[:10]))
    for others in (codes[:9], codes[:10]):
        context._addons["90833"] = attrs.evolve(addon, primaries=frozenset(others))
        (finding,) = judged("ADD301", context, "90833")
        named = ", ".join(others) if len(others) == 9 else f"10 codes: psychiatry; such as {others[0]}"
        assert f"none of its primaries ({named}) is there" in finding.message
    by_family = {
        context.codeset[code].family: code for code in context.codeset if context.codeset[code].family
    }
    for count in (9, 10):
        some = sorted(by_family)[:count]
        primaries = {by_family[family] for family in some} | {
            code for code in context.codeset if context.codeset[code].family == some[0]
        }
        context._addons["90833"] = attrs.evolve(addon, primaries=frozenset(primaries))
        (finding,) = judged("ADD301", context, "90833")
        first = min(primaries)
        by_code = f"and {len(primaries) - 9} more)"
        told = f"({len(primaries)} codes: {', '.join(some)}; such as {first})" if count == 9 else by_code
        assert told in finding.message


def test_primaries_that_are_not_on_record(context):
    """An add-on whose primaries nobody wrote down: not looked for, which is no word of a contractor."""
    addon = attrs.evolve(context.addon("90833"), primaries=frozenset(), is_open=True)
    for kind in (0, 1):
        context._addons["90833"] = attrs.evolve(addon, aoc_type=kind)
        (entry,) = judged("ADD301", context, "90833")
        assert entry.reason == "the primaries of 90833 are not on record here, so none was looked for"
    for kind in (2, 3):
        context._addons["90833"] = attrs.evolve(addon, aoc_type=kind)
        (entry,) = judged("ADD301", context, "90833")
        assert "contractor decides" in entry.reason


def test_a_contractor_decides_about_type_2(context):
    for kind, is_open in ((2, False), (3, False), (1, True)):
        context._addons["90833"] = attrs.evolve(context.addon("90833"), aoc_type=kind, is_open=is_open)
        (entry,) = judged("ADD301", context, "90833")
        assert "contractor decides" in entry.reason


def test_modifiers_that_exclude_each_other_outside_any_set(context):
    """The evidence is the record that says so; of two that do, the first by code."""
    for modifiers, named in (("CO GP", "CO"), ("GP CO", "CO"), ("GA AT", "AT")):
        (finding,) = judged("MOD204", context, Line("97530", date_of_service=DAY, modifiers=modifiers))
        one, other = sorted(modifiers.split())
        assert finding.message == f"modifiers {one} and {other} exclude each other"
        (cited,) = finding.evidence
        assert cited.fact.partition("@")[0] == f"modifiers/{named}"
        assert context.modifier(named).conflicts & {one, other} == {one, other} - {named}


@pytest.mark.parametrize(
    ("confidence", "severity", "mark"),
    [
        (Confidence.VERIFIED, Severity.ERROR, ""),
        (Confidence.DERIVED, Severity.ERROR, " [these minutes are derived]"),
        (Confidence.SINGLE_SOURCE, Severity.WARNING, " [these minutes are single-source]"),
        (Confidence.DISPUTED, Severity.WARNING, " [these minutes are disputed]"),
    ],
    ids=str,
)
def test_doubt_about_minutes_is_said(context, confidence, severity, mark):
    found = context.time_rule("90834")
    cited = attrs.evolve(found.citation, confidence=confidence)
    for code in ("90832", "90834", "90837"):
        context._families[code] = attrs.evolve(found, citation=cited)
    short = Line("90837", minutes=50, units=2, date_of_service=DAY)
    (finding,) = judged("TIM402", context, short)
    assert finding.severity is severity
    assert finding.message == f"50 minutes are 90834, not 90837 (90837 takes 53 or more){mark}"
    (finding,) = judged("TIM403", context, attrs.evolve(short, minutes=60))
    assert finding.severity is severity
    assert finding.message == f"2 units of 90837: 60 minutes support 1 unit{mark}"


def test_borrowed_minutes_are_said():
    medicare = Context(codeset("2026.1"), DAY, Basis.MEDICARE)
    line = Line("90847", minutes=20, date_of_service=DAY)
    (finding,) = judged("TIM402", medicare, line)
    assert finding.message.endswith("[these minutes are disputed; no Medicare rule on record, CPT's is used]")


def test_a_primary_that_is_not_settled(context):
    """Neither a failure nor a pass: the note says what is open. Beside a sure primary it does not matter."""
    addon = context.addon("90833")
    cited = attrs.evolve(addon.citation, note="sources differ")
    doubtful = frozenset({"90791", "90792"})
    context._addons["90833"] = attrs.evolve(addon, doubtful=doubtful, citation=cited)
    (entry,) = judged("ADD301", context, "90833", "90792")
    assert entry.reason == "whether 90792 is a primary of 90833 is not settled: sources differ"
    assert judged("ADD301", context, "90833", "90792", "99213") == []
    (finding,) = judged("ADD301", context, "90833", "90834")
    assert finding.outcome is Outcome.FAIL


def half_hours(**values):
    times = {"start": dt.time(10), "stop": dt.time(10, 30), "rendering_provider": "A"}
    return [Line(code, date_of_service=DAY, **times, **values) for code in ("97110", "97140")]


def test_minutes_counted_twice_rest_on_the_principle(context):
    """Without it the rules of both codes are shown, and it only warns."""
    (finding,) = judged("TIM407", context, *half_hours())
    assert [cited.fact for cited in finding.evidence] == ["time/principles/no-minute-twice"]
    assert finding.severity is Severity.ERROR
    held = context.principle("no-minute-twice")
    cited = attrs.evolve(held.citation, confidence=Confidence.DISPUTED)
    context._principles["no-minute-twice"] = attrs.evolve(held, citation=cited)
    (finding,) = judged("TIM407", context, *half_hours())
    assert finding.severity is Severity.WARNING
    context._principles["no-minute-twice"] = None
    (finding,) = judged("TIM407", context, *half_hours())
    assert [cited.fact for cited in finding.evidence] == ["time/therapy-timed@2018-01-01"]
    assert finding.severity is Severity.WARNING


def test_equally_right_answers_are_right(context):
    """Two codes of one settled minute are both supported; of an unsettled one neither is."""
    settled, unsettled = context.time_rule("90834"), context.time_rule("90875")
    both = ((ServiceUnits("90832"),), (ServiceUnits("90834"),))
    assert standing(settled, "90832", 37, both, context) is Standing.SUPPORTED
    assert standing(settled, "90837", 37, both, context) is Standing.SHORT
    assert standing(unsettled, "90832", 37, both, context) is Standing.UNSETTLED
    assert standing(unsettled, "90832", 37, both[:1], context) is Standing.SUPPORTED
    assert standing(unsettled, "90875", 15, both, context) is Standing.SHORT
    assert standing(unsettled, "90875", 60, both, context) is Standing.LONG
    line = Line("90837", minutes=37, date_of_service=DAY)
    (encounter,) = Claim([line]).encounters()
    (session,) = sessions(encounter, context)
    assert [fix.value for fix in cures(session, line, 37, both, Standing.LONG)] == ["90832", "90834"]
    assert [fix.kind for fix in cures(session, line, 37, ((), *both), Standing.SHORT)] == [FixKind.ASK]
    told = mismatch(settled, "90837", 37, (*both, *both), context)
    assert told == "37 minutes are 90832 or 90834 or 90832, not 90837 (90837 takes 53 or more)"


def test_a_review_of_equally_right_answers(context):
    """Only where none of them is billed; and neither is where no source settles which reading holds."""
    found = context.time_rule("90839")
    ways = tuple((ServiceUnits("90839"), ServiceUnits("90840", units)) for units in (2, 1))
    rule = attrs.evolve(found, floors=(0,), answers=(ways,))
    lines = [Line("90839", minutes=100, date_of_service=DAY), Line("90840", date_of_service=DAY)]
    context._families |= dict.fromkeys(("90839", "90840"), rule)
    (finding,) = judged("TIM406", context, lines[0])
    assert finding.message == "100 minutes support 90839 + 90840 x 2 or 90839 + 90840, and 90839 is billed"
    assert judged("TIM406", context, *lines) == []
    unsettled = attrs.evolve(rule, attainment=Attainment.UNSETTLED)
    context._families |= dict.fromkeys(("90839", "90840"), unsettled)
    assert judged("TIM406", context, lines[0]) == []


def test_medicare_s_own_minutes_are_not_borrowed():
    medicare = Context(codeset("2026.1"), DAY, Basis.MEDICARE)
    (finding,) = judged("TIM402", medicare, Line("90837", minutes=50, date_of_service=DAY))
    assert finding.message == "50 minutes are 90834, not 90837 (90837 takes 53 or more)"


def test_a_review_shows_the_rows_of_what_it_names(context):
    (finding,) = judged("TIM406", context, Line("90839", minutes=110, date_of_service=DAY))
    assert [cited.fact for cited in finding.evidence] == [
        "time/crisis@2013-01-01",
        "time/crisis@2013-01-01/90840",
    ]
    assert "face to face with the patient or family" in finding.fixes[0].text
    (finding,) = judged("TIM406", context, Line("99213", minutes=45, date_of_service=DAY))
    assert "the level was chosen by time" in finding.fixes[0].text
    assert "staff time does not count" in finding.fixes[0].text


def test_prolonged_time_shows_both_rows():
    medicare = Context(codeset("2026.1"), DAY, Basis.MEDICARE)
    (finding,) = judged("TIM408", medicare, Line("99215", minutes=70, date_of_service=DAY), "99417")
    here, there = finding.evidence
    assert here.fact == "time/office-established@2024-01-01/medicare/G2212"
    assert there.fact == "time/office-established@2024-01-01/cpt/99417"
