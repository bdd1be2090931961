"""PFS906: modifiers of global periods against global days."""

import datetime as dt

import attrs
import pytest

from cptkit import Basis, Severity, codeset
from cptkit.rules.context import context_for
from cptkit.rules.pfs.pfs906_global_period_modifier_not_valid import check
from cptkit.sources import Confidence

VISITS = ("24", "25", "57")
PROCEDURES = ("58", "78", "79")
NOT_SEEN = "whether the global period of an earlier procedure was running is not seen here"
MAY_FOLLOW = (
    "no procedure of 90 global days is seen beside 57; other days, on which it may be, are not looked at here"
)


@pytest.mark.parametrize(("code", "days"), [("W9912", "010"), ("W9913", "090"), ("W9914", "000")])
@pytest.mark.parametrize("modifier", VISITS)
def test_a_visits_modifier_on_a_procedure(judged, code, days, modifier):
    report = judged("PFS906", f"{code}-{modifier}")
    (finding,) = report.findings
    assert finding.message.startswith(
        f"{modifier} is for visits; Medicare's fee schedule (24C) gives {code} "
    )
    assert f"global days {days} (" in finding.message
    assert finding.denial.check == "modifier-inconsistent"
    assert [cited.fact.partition("@")[0] for cited in finding.evidence] == [
        f"conventions/pfs-global/{days}",
        f"modifiers/{modifier}",
    ]
    # 24 was read in one source
    assert finding.severity is (Severity.WARNING if modifier == "24" else Severity.ERROR)
    assert [(fix.kind.value, fix.value) for fix in finding.fixes] == [
        ("ask", None),
        ("remove-modifier", modifier),
    ]
    assert judged("PFS906", f"{code}-{modifier}", basis=Basis.CPT).findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(("modifier", "severity"), [("58", "warning"), ("78", "warning"), ("79", "error")])
def test_a_procedures_modifier_on_a_code_without_a_global_period(judged, modifier, severity):
    (finding,) = judged("PFS906", f"W9901-{modifier}").findings
    assert finding.message.startswith(f"{modifier} is for procedures in a global period; ")
    assert (finding.severity.value, finding.edits[0].global_days) == (severity, "XXX")
    assert (finding.confidence is Confidence.VERIFIED) == (severity == "error")


@pytest.mark.parametrize(
    "code",
    [
        "W9912",
        "W9913",
        "W9914",
        "W9915",
        "W9916",
        "W9917",
        "W9911",  # outside the schedule: its XXX says nothing
    ],
)
@pytest.mark.parametrize("modifier", PROCEDURES)
def test_an_earlier_procedure_is_not_seen(judged, code, modifier):
    report = judged("PFS906", "W9901", f"{code}-{modifier}")
    assert not report.findings
    (entry,) = report.not_checked
    assert (entry.lines, entry.reason) == (("2",), NOT_SEEN)


def test_one_entry_names_all_lines_of_a_reason(judged):
    report = judged("PFS906", "W9901-24", "W9912-79", "W9901-57", "W9999-25", "W9915-24")
    assert [(entry.lines, entry.reason) for entry in report.not_checked] == [
        (("1", "2", "5"), NOT_SEEN),
        (("3",), MAY_FOLLOW),
        (("4",), "Medicare's fee schedule (24C) does not list W9999"),
    ]


def test_a_line_is_named_once_for_a_reason(judged):
    (entry,) = judged("PFS906", "W9915-24-79-58").not_checked
    assert (entry.lines, entry.reason) == (("1",), NOT_SEEN)


class TestDecisionForSurgery:
    """57 goes with a procedure of 90 days, on the day or on the next."""

    @pytest.mark.parametrize(
        "beside", [["W9913"], ["W9912", "W9913"], ["W9999", "W9913"], ["W9916", "W9913"]]
    )
    def test_clean(self, judged, beside):
        assert judged("PFS906", "W9901-57", *beside).clean

    @pytest.mark.parametrize(
        ("beside", "codes", "lines"),
        [
            (["W9912"], "W9912, global days 010", ("1", "2")),
            (["W9914"], "W9914, global days 000", ("1", "2")),
            (["W9901", "W9914", "W9912", "W9917"], "W9914, W9912, global days 000", ("1", "3", "4")),
        ],
    )
    def test_flagged(self, judged, beside, codes, lines):
        report = judged("PFS906", "W9901-57", *beside)
        (finding,) = report.findings
        assert finding.message.startswith(f"57 on W9901 beside {codes} (")
        assert finding.message.endswith("in Medicare's fee schedule (24C): 25 is the fit there")
        assert (finding.lines, finding.severity) == (lines, Severity.WARNING)
        assert [(fix.kind.value, fix.line) for fix in finding.fixes] == [("ask", "1")]
        assert not report.not_checked

    @pytest.mark.parametrize(
        "beside",
        [
            [],
            ["W9901"],
            ["W9917"],
            ["W9912", "W9999"],
            ["W9914", "W9915"],
            ["W9914", "W9916"],
            ["W9912", "?"],
        ],
    )
    def test_not_checked(self, judged, beside):
        report = judged("PFS906", "W9901-57", *beside)
        assert not report.findings
        assert [(entry.lines, entry.reason) for entry in report.not_checked] == [(("1",), MAY_FOLLOW)]


class TestVisitOfTheSameDay:
    """25 goes with procedures of 0 or 10 days, and with what other edits ask it for."""

    @pytest.mark.parametrize(
        "beside",
        [[], ["W9912"], ["W9914"], ["W9901"], ["W9913", "W9912"], ["W9913", "W9901"], ["W9913", "W9999"]],
    )
    def test_clean(self, judged, beside):
        assert judged("PFS906", "W9901-25", *beside).clean

    def test_flagged(self, judged):
        (finding,) = judged("PFS906", "W9901-25", "W9913", "W9913").findings
        assert finding.message.startswith("25 on W9901 beside W9913, global days 090 (the day before, ")
        assert finding.message.endswith("57 is the fit there")
        assert (finding.lines, finding.severity) == (("1", "2", "3"), Severity.WARNING)

    def test_both_modifiers(self, judged):
        assert judged("PFS906", "W9901-25-57", "W9913").clean

    def test_lines_without_a_clinician_are_read_as_one_clinicians(self, judged):
        (finding,) = judged("PFS906", "W9901-25@", "W9913@").findings
        assert finding.message.endswith("(no clinician is given: read as one clinician's lines)")


@pytest.mark.parametrize("unseen", [{"incomplete": True}, {"elsewhere": frozenset({"W9913"})}])
def test_what_is_not_seen_may_be_the_procedure(checked, unseen):
    """A lost row, or a line that may be this clinician's, may hold what the modifier is for."""
    context = context_for(codeset("2024.1"), checked.day, Basis.MEDICARE, (), checked.catalog.tables)
    (encounter,) = checked.claim("W9901-57", "W9912").encounters()
    assert [type(entry).__name__ for entry in check(encounter, context)] == ["Finding"]
    assert [entry.reason for entry in check(attrs.evolve(encounter, **unseen), context)] == [MAY_FOLLOW]
    (encounter,) = checked.claim("W9901-25", "W9913").encounters()
    assert [type(entry).__name__ for entry in check(encounter, context)] == ["Finding"]
    assert list(check(attrs.evolve(encounter, **unseen), context)) == []


def test_an_edition_without_the_modifier(checked):
    """The finding then rests on the row and its meaning alone."""

    class Bare:
        def __init__(self, context):
            self._context = context

        def __getattr__(self, name):
            return getattr(self._context, name)

        def modifier(self, _):
            return None

    context = context_for(codeset("2024.1"), checked.day, Basis.MEDICARE, (), checked.catalog.tables)
    (encounter,) = checked.claim("W9912-24").encounters()
    (finding,) = check(encounter, Bare(context))
    assert [cited.fact for cited in finding.evidence] == ["conventions/pfs-global/010@2014-01-01"]
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("days", "day", "first", "last"),
    [
        ("000", dt.date(2025, 1, 5), dt.date(2025, 1, 5), dt.date(2025, 1, 5)),
        ("010", dt.date(2025, 1, 5), dt.date(2025, 1, 5), dt.date(2025, 1, 15)),
        ("090", dt.date(2025, 1, 5), dt.date(2025, 1, 4), dt.date(2025, 4, 5)),
        ("090", dt.date(2024, 2, 28), dt.date(2024, 2, 27), dt.date(2024, 5, 28)),
    ],
)
def test_the_days_that_a_global_period_takes(days, day, first, last):
    """The facts hold the days before and after as numbers; calendar days count."""
    said = codeset("2025.1").convention(f"pfs-global/{days}", date_of_service=day)
    before, after = map(int, said.value.split())
    assert day - dt.timedelta(days=before) == first
    assert day + dt.timedelta(days=after) == last
