"""Which lines meet: those of a clinician, all of a hospital, and what other claims of the day may hold."""

import datetime as dt

import pytest


@pytest.fixture(scope="module")
def checked(checker):
    """A limit of 4 units for each setting, and a pair that no modifier bypasses."""
    tables = {f"mue {setting} 2026q1": ["90853 4 3"] for setting in ("practitioner", "hospital", "dme")}
    tables |= {f"ptp {setting} 2026q1": ["90837 90834 0"] for setting in ("practitioner", "hospital")}
    return checker(tables)


MAY_BE_BESIDE = "stands on another claim of the day or without a clinician"


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("practitioner", {}),
        ("hospital", {"findings": ["MUE803 1 2"]}),
        ("dme", {"findings": ["MUE803 1 2"]}),
    ],
)
def test_a_hospital_is_one_whoever_works_there(checked, told, setting, found):
    report = checked("90853@N1 x3", "90853@N2 x3", setting=setting, select="MUE803")
    assert told(report) == found
    assert not any("no clinician is given" in finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("practitioner", {"not_checked": ["PTP701 2"]}),
        ("hospital", {"findings": ["PTP701 1 2", "PTP701 1 3"]}),
    ],
)
def test_pairs_of_a_hospital_meet_too(checked, told, setting, found):
    report = checked("90837@N1", "90834@", "90834@N2", setting=setting, select="PTP")
    assert told(report) == found


@pytest.mark.parametrize(
    ("one", "other", "unchecked"),
    [
        ("N1", "N1", True),
        ("N1", "n1 ", True),
        ("N1", "", True),
        ("", "N1", True),
        ("", "", True),
        ("N1", "N2", False),
    ],
)
@pytest.mark.parametrize("ids", [("A", "B"), ("", ""), ("A", "A")])
def test_another_claim_of_the_day(checked, one, other, unchecked, ids):
    """Claims are told apart by their place, whatever their ids; a line without a clinician may be anyone's."""
    claims = [
        checked.claim(f"{code}@{clinician}", id=id_, patient="P1")
        for code, clinician, id_ in zip(("90837", "90834"), (one, other), ids, strict=True)
    ]
    for order in (claims, claims[::-1]):
        report = checked.claims(*order, select="PTP")
        assert report.findings == ()
        # column 2, of which the other claim may hold column 1
        reason = f"90837 {MAY_BE_BESIDE}, and is column 1 of 90834"
        entry = ("PTP701", ids[1], ("1",), reason)
        assert [(each.rule, each.claim, each.lines, each.reason) for each in report.not_checked] == (
            [entry] if unchecked else []
        )
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
def test_claims_that_do_not_meet(checked, other):
    claims = [
        checked.claim("90837@N1", id="A", patient="P1"),
        checked.claim("90834@N1", **{"id": "B", "patient": "P1", **other}),
    ]
    assert checked.claims(*claims, select="PTP").clean


def test_units_on_another_claim_without_a_clinician(checked):
    claims = [
        checked.claim("90853@N1 x3", id="A", patient="P1"),
        checked.claim("90853@ x3", id="B", patient="P1"),
    ]
    report = checked.claims(*claims, select="MUE803")
    assert report.findings == ()
    reason = f"more of 90853 {MAY_BE_BESIDE}: the limit is of the day"
    assert [(each.claim, each.rule, each.lines, each.reason) for each in report.not_checked] == [
        (name, "MUE803", ("1",), reason) for name in "AB"
    ]
