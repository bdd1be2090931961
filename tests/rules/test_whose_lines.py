"""Which lines meet: those of a clinician, all of a hospital, and what other claims of the day may hold."""

import datetime as dt

import pytest

from cptkit import Catalog, Claim, Line, check, check_claims
from cptkit.edits import Mue, Quarter, Setting, Writer

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """A limit of 4 units for each setting, and a pair that no modifier bypasses."""
    folder, quarter = tmp_path_factory.mktemp("tables"), Quarter(2026, 1)
    with Writer(folder) as writer:
        for setting in Setting:
            limit = Mue("90853", 4, 3, "own words", setting, quarter, "mue.csv")
            writer.put_mue([limit], setting, quarter, [])
            if setting is not Setting.DME:
                pairs = writer.pairs(setting, quarter)
                says = pairs.row(None, None, 0, prior_to_1996=False, rationale="own words")
                pairs.extend([pairs.code("90837")], [pairs.code("90834")], [says])
                writer.put_pairs(pairs, [])
        writer.commit()
    return Catalog.from_editions("2026.1", tables=folder)


def claim(*services, setting="practitioner", patient="P1", day=DAY, **values):
    lines = [
        Line(code, units=units, rendering_provider=clinician, date_of_service=day)
        for code, units, clinician in services
    ]
    return Claim(lines, setting=setting, patient=patient, **values)


def rules(entries):
    return {entry.rule for entry in entries}


@pytest.mark.parametrize(
    ("setting", "found"), [("practitioner", set()), ("hospital", {"MUE803"}), ("dme", {"MUE803"})]
)
def test_a_hospital_is_one_whoever_works_there(catalog, setting, found):
    both = claim(("90853", 3, "N1"), ("90853", 3, "N2"), setting=setting)
    report = check(both, catalog, select=["MUE803"])
    assert rules(report.findings) == found
    assert [finding.lines for finding in report.findings] == [("1", "2")] * len(found)
    assert not any("no clinician is given" in finding.message for finding in report.findings)


@pytest.mark.parametrize(("setting", "found"), [("practitioner", set()), ("hospital", {"PTP701"})])
def test_pairs_of_a_hospital_meet_too(catalog, setting, found):
    both = claim(("90837", 1, "N1"), ("90834", 1, None), ("90834", 1, "N2"), setting=setting)
    report = check(both, catalog, select=["PTP"])
    assert rules(report.findings) == found
    assert bool(report.not_checked) is not bool(found)


@pytest.mark.parametrize(
    ("one", "other", "unchecked"),
    [
        ("N1", "N1", True),
        ("N1", "n1 ", True),
        ("N1", None, True),
        (None, "N1", True),
        (None, None, True),
        ("N1", "N2", False),
    ],
)
@pytest.mark.parametrize("ids", [("A", "B"), ("", ""), ("A", "A")])
def test_another_claim_of_the_day(catalog, one, other, unchecked, ids):
    """Claims are told apart by their place, whatever their ids; a line without a clinician may be anyone's."""
    claims = [claim(("90837", 1, one), id=ids[0]), claim(("90834", 1, other), id=ids[1])]
    for order in (claims, claims[::-1]):
        report = check_claims(order, catalog, select=["PTP"])
        assert report.findings == ()
        assert bool(report.not_checked) is unchecked
        assert report.clean is not unchecked


@pytest.mark.parametrize(
    "other",
    [
        {"patient": "P2"},
        {"patient": ""},
        {"day": dt.date(2026, 3, 3)},
        {"setting": "hospital"},
    ],
)
def test_claims_that_do_not_meet(catalog, other):
    claims = [claim(("90837", 1, "N1"), id="A"), claim(("90834", 1, "N1"), id="B", **other)]
    assert check_claims(claims, catalog, select=["PTP"]).clean


def test_units_on_another_claim_without_a_clinician(catalog):
    claims = [claim(("90853", 3, "N1"), id="A"), claim(("90853", 3, None), id="B")]
    report = check_claims(claims, catalog, select=["MUE803"])
    assert (report.findings, rules(report.not_checked)) == ((), {"MUE803"})
