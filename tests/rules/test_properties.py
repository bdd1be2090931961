"""What holds for every claim: order, independence, no surprise, and counts that add up."""

import datetime as dt
import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Line, Outcome, check, check_claims, codeset
from cptkit.rules import RULES

EDITION = codeset("2026.1")
CATALOG = Catalog.bundled()
DAY = dt.date(2026, 3, 2)
TROUBLE = [
    "90834",
    "90837",
    "90833",
    "90785",
    "90839",
    "90840",
    "90847",
    "99214",
    "99215",
    "99417",
    "96158",
    "96159",
]
TROUBLE += ["96131", "96160", "97110", "97112", "97140", "96105", "99354", "90791", "27447", "9083", ""]
TROUBLE += ["99213", "99483", "G2212", "99223", "99418", "G0316", "99285", "99238", "99490", "99439", "99454"]
TROUBLE += ["G0019", "G0022", "H2015", "00100", "96365", "96366", "96367", "97153", "97155", "97802", "90876"]
# Names that a look-up might take for more than text: families of time rules, sections, tables.
TROUBLE += [family["id"] for family in EDITION.timerules["families"]]
MODIFIERS = ["25", "59", "76", "93", "95", "FQ", "HN", "HO", "SZ", "XE", "52", "ZQ", "9", "95X"]

# Everything that a line accepts, well beyond what anybody bills.
texts = st.text(st.characters(), max_size=8)
wild_codes = st.one_of(texts, st.sampled_from(TROUBLE), st.sampled_from(sorted(EDITION)), st.just("\0"))
wild_modifiers = st.one_of(
    texts,
    st.lists(st.one_of(texts, st.sampled_from(MODIFIERS)), max_size=5),
    st.sampled_from(EDITION.modifiers),
)
numbers = st.one_of(
    st.integers(-3, 200), st.integers(), st.sampled_from([10**30, -(10**30), 10**5000, -(10**5000)])
)
times = st.one_of(st.none(), st.times(), st.times(timezones=st.just(dt.UTC)))
days = st.one_of(
    st.dates(dt.date(2023, 12, 30), dt.date(2027, 1, 2)),
    st.dates(),
    st.sampled_from([dt.date.min, dt.date.max, DAY]),
)
names = st.one_of(st.none(), st.sampled_from(["A", "B"]), texts)


@st.composite
def wild_lines(draw, **fixed):
    return Line(
        draw(wild_codes),
        **{
            "date_of_service": draw(days),
            "modifiers": draw(wild_modifiers),
            "units": draw(numbers),
            "minutes": draw(st.one_of(st.none(), numbers)),
            "start": draw(times),
            "stop": draw(times),
            "rendering_provider": draw(names),
            "place_of_service": draw(names),
            **fixed,
        },
    )


@st.composite
def likely_lines(draw):
    """Lines as a practice writes them, mistakes included: they meet often enough for rules to speak."""
    start, stop = draw(
        st.sampled_from(
            [
                (None, None),
                (dt.time(9), dt.time(9, 50)),
                (dt.time(9, 30), dt.time(10, 45)),
                (dt.time(23), dt.time(0, 10)),
            ]
        )
    )
    return Line(
        draw(st.sampled_from(TROUBLE)),
        date_of_service=draw(st.sampled_from([DAY, dt.date(2024, 12, 31)])),
        modifiers=draw(st.lists(st.sampled_from(MODIFIERS), max_size=3)),
        units=draw(st.integers(0, 3)),
        minutes=draw(st.one_of(st.none(), st.integers(0, 130))),
        start=start,
        stop=stop,
        rendering_provider=draw(st.sampled_from(["A", "A", "B", None])),
    )


def named(lines):
    """The lines with ids of their own, some of them hard to tell apart or to read as numbers."""
    odd = ["1", "01", "10", "2", "a", "A", "a1", "a01", "9" * 5000, "0", "00", " "]
    return [attrs.evolve(line, id=odd[place]) for place, line in enumerate(lines)]


claims = st.builds(
    lambda lines: named(lines[:12]), st.lists(st.one_of(likely_lines(), wild_lines()), max_size=6)
)
likely = st.builds(named, st.lists(likely_lines(), max_size=6))
bases = st.sampled_from(Basis)


@given(lines=claims, basis=bases)
def test_no_claim_makes_a_check_raise(lines, basis):
    """A malformed line is a finding; it changes no claim, and the report can be written down."""
    claim = Claim(lines, id="C")
    before = attrs.asdict(claim)
    report = check(claim, CATALOG, basis=basis)
    assert attrs.asdict(claim) == before
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()


@given(lines=claims, basis=bases)
def test_counts_add_up(lines, basis):
    report = check(Claim(lines), CATALOG, basis=basis)
    summary = report.summary()
    assert summary["lines"] == report.lines == len(lines)
    assert summary["findings"] == len(report.findings) == sum(summary["by_rule"].values())
    assert summary["findings"] == sum(summary["by_severity"].values())
    assert (summary["bypassed"], summary["not_checked"]) == (len(report.bypassed), len(report.not_checked))
    every = (*report.findings, *report.bypassed, *report.not_checked)
    told = {line for entry in every for line in entry.lines}
    assert told <= {line.id for line in lines}
    assert summary["passed"] == report.passed == len(lines) - len(told)
    assert report.clean == (not report.findings and not report.not_checked)
    assert (report.outcome is Outcome.PASS) == (not every)
    assert {entry.rule for entry in every} <= {row.id for row in RULES} | {"ALL"}
    assert all(entry.lines and len(set(entry.lines)) == len(entry.lines) for entry in every)


@given(lines=st.one_of(likely, claims), basis=bases, data=st.data())
def test_the_order_of_lines_changes_nothing(lines, basis, data):
    report = check(Claim(lines), CATALOG, basis=basis)
    shuffled = check(Claim(data.draw(st.permutations(lines))), CATALOG, basis=basis)
    assert shuffled == report
    assert json.dumps(shuffled.to_dict()) == json.dumps(report.to_dict())


@given(lines=st.one_of(likely, claims), basis=bases, data=st.data())
def test_the_order_of_modifiers_changes_nothing(lines, basis, data):
    """But for the one rule that is about it."""
    report = check(Claim(lines), CATALOG, basis=basis, ignore=["MOD206"])
    turned = [attrs.evolve(line, modifiers=data.draw(st.permutations(line.modifiers))) for line in lines]
    assert check(Claim(turned), CATALOG, basis=basis, ignore=["MOD206"]) == report


@given(many=st.lists(likely, max_size=4), basis=bases, data=st.data())
def test_the_order_of_claims_changes_nothing(many, basis, data):
    given_claims = [Claim(lines, id=f"C{place}") for place, lines in enumerate(many)]
    report = check_claims(given_claims, CATALOG, basis=basis)
    assert check_claims(data.draw(st.permutations(given_claims)), CATALOG, basis=basis) == report


@given(many=st.lists(likely, max_size=3), basis=bases, data=st.data())
def test_nor_where_all_claims_have_one_name(many, basis, data):
    given_claims = [Claim(lines) for lines in many]
    report = check_claims(given_claims, CATALOG, basis=basis)
    assert check_claims(data.draw(st.permutations(given_claims)), CATALOG, basis=basis) == report


@given(lines=likely, basis=bases)
def test_a_line_of_another_day_changes_no_finding(lines, basis):
    """Nor does one by another clinician, where every line names one, or one whose code no table knows."""
    lines = [line for line in lines if line.rendering_provider]
    report = check(Claim(lines), CATALOG, basis=basis)
    unrelated = [
        Line("90834", date_of_service=dt.date(2026, 3, 3), minutes=45, rendering_provider="A", id="x1"),
        Line("90834", date_of_service=DAY, minutes=45, rendering_provider="C", id="x2"),
        Line("99999", date_of_service=DAY, minutes=45, rendering_provider="A", id="x3"),
    ]
    for line in unrelated:
        more = check(Claim([*lines, line]), CATALOG, basis=basis)
        assert set(report.findings) <= set(more.findings)
        assert more.bypassed == report.bypassed
        assert {entry for entry in more.not_checked if line.id not in entry.lines} == set(report.not_checked)


@given(lines=likely, bad=wild_lines(date_of_service=DAY, rendering_provider="A"), basis=bases)
def test_a_malformed_line_hides_no_finding_of_the_others(lines, bad, basis):
    """Only text that is no code: a real code may well be the primary that an add-on missed."""
    bad = attrs.evolve(bad, code=f"?{bad.code}", id="x")
    report = check(Claim(lines), CATALOG, basis=basis)
    more = check(Claim([*lines, bad]), CATALOG, basis=basis)
    assert {entry for entry in more.findings if "x" not in entry.lines} == set(report.findings)
    assert ("COD101", ("x",)) in {(entry.rule, entry.lines) for entry in more.findings}


@pytest.mark.parametrize("family", [family["id"] for family in EDITION.timerules["families"]])
@pytest.mark.parametrize("basis", Basis, ids=str)
def test_the_name_of_a_family_is_no_code(family, basis):
    """It is malformed, it has no time, and it is no part of the session beside it."""
    session = Line("90832", minutes=20, date_of_service=DAY, id="session")
    report = check(
        Claim([session, Line(family, minutes=30, date_of_service=DAY, id="x")]), CATALOG, basis=basis
    )
    assert [(entry.rule, entry.lines) for entry in report.findings] == [("COD101", ("x",))]
    assert report.not_checked == ()


@given(lines=likely, basis=bases, selection=st.lists(st.sampled_from(RULES), min_size=1, unique=True))
def test_rules_do_not_know_of_each_other(lines, basis, selection):
    """Running some of the rules finds what they find among all, each named: ALL leaves some out."""
    ids = {row.id for row in selection}
    claim = Claim(lines)
    report = check(claim, CATALOG, basis=basis, select=[row.id for row in RULES])
    some = check(claim, CATALOG, basis=basis, select=ids)
    for part in ("findings", "bypassed", "not_checked"):
        expected = tuple(entry for entry in getattr(report, part) if entry.rule in ids)
        assert getattr(some, part) == expected


@given(lines=likely, basis=bases)
def test_the_same_again_is_the_same(lines, basis):
    """Nothing that was looked up before changes an answer: catalogs made anew agree."""
    report = check(Claim(lines), CATALOG, basis=basis)
    assert check(Claim(lines), Catalog.from_editions(*CATALOG.editions), basis=basis) == report
    assert hash(report) == hash(check(Claim(lines), CATALOG, basis=basis))


BLANKS = ["", " ", "  ", "\t", " \t "]


@given(lines=likely, basis=bases, data=st.data())
def test_blanks_and_case_change_nothing(lines, basis, data):
    """Around a code and a clinician, and between modifiers that stand in one text."""
    around = st.sampled_from(BLANKS)
    spaced = [
        Line(
            f"{data.draw(around)}{line.code.lower()}{data.draw(around)}",
            date_of_service=line.date_of_service,
            modifiers=data.draw(st.sampled_from(BLANKS[1:])).join(each.lower() for each in line.modifiers),
            units=line.units,
            minutes=line.minutes,
            start=line.start,
            stop=line.stop,
            rendering_provider=line.rendering_provider and f"{data.draw(around)}{line.rendering_provider}",
            id=line.id,
        )
        for line in lines
    ]
    assert check(Claim(spaced), CATALOG, basis=basis) == check(Claim(lines), CATALOG, basis=basis)
