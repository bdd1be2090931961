"""What ``check``, ``check_claims`` and ``apply_fix`` say of what they cannot take, without what is in it."""

import datetime as dt
from pathlib import Path

import pytest

from cptkit import Claim, Line, Waiver, apply_fix, check, check_claims
from cptkit.errors import InvalidChoice, InvalidClaim, InvalidWaiver
from cptkit.interop import ClaimFile
from cptkit.rules.findings import Finding, Outcome, Severity

DAY = dt.date(2026, 3, 2)
SECRET = "P-SECRET"  # noqa: S105  a patient, whom no message may name
CLAIM = Claim([Line("90834", minutes=47, date_of_service=DAY)], id="C-1", patient=SECRET)
FILE = ClaimFile((CLAIM,), 1, (), {}, ())
FINDING = Finding(
    "TIM401", "time-missing", Outcome.FAIL, Severity.ERROR, SECRET, ("1",), DAY, "2026.1", "none"
)


def told(caught) -> str:
    assert SECRET not in str(caught.value)
    assert len(str(caught.value)) < 200
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ((CLAIM,) * 40, "a tuple of 40"),
        ([CLAIM], "a list of 1"),
        ({"C-1": CLAIM}, "a dict of 1"),
        (FILE, "a ClaimFile"),
        (CLAIM.lines[0], "a Line"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_one_claim_is_checked(catalog, given, shown):
    with pytest.raises(InvalidClaim) as caught:
        check(given, catalog)
    expected = f"only a claim can be checked: {shown}; expected a cptkit.Claim; check_claims takes several"
    assert told(caught) == expected
    assert caught.value.given is given


def test_claim_and_catalog_in_the_wrong_order(catalog):
    with pytest.raises(InvalidClaim) as caught:
        check(catalog, CLAIM)
    assert told(caught).startswith("claims are checked against a catalog: a Claim; expected a cptkit.Catalog")


@pytest.mark.parametrize(
    ("given", "shown"),
    [(CLAIM, ": a Claim"), (FILE, ": a ClaimFile"), ("week.csv", ": 'week.csv'"), (None, "")],
    ids=["a claim", "a file of claims", "a path", "nothing"],
)
def test_several_claims_are_checked(catalog, given, shown):
    with pytest.raises(InvalidClaim) as caught:
        check_claims(given, catalog)
    assert told(caught).startswith(
        f"several claims are checked here{shown}; expected a list of claims, such as"
    )
    assert told(caught).endswith("; check takes one")


@pytest.mark.parametrize(
    "given", [FILE, "week.csv", Path("week.csv"), 3], ids=lambda given: type(given).__name__
)
def test_a_history_that_is_none(catalog, given):
    for checked in (
        lambda: check(CLAIM, catalog, history=given),
        lambda: check_claims([], catalog, history=given),
    ):
        with pytest.raises(InvalidClaim, match=r"^a history holds several claims: ") as caught:
            checked()
        assert "expected a list of claims" in told(caught)


@pytest.mark.parametrize("given", ["waivers.toml", Path("waivers.toml")], ids=["a text", "a path"])
def test_a_file_of_waivers_is_not_read(catalog, given):
    with pytest.raises(InvalidWaiver, match=r"the name of a file is no waivers: .*load_waivers"):
        check(CLAIM, catalog, waivers=given, as_of=DAY)


def test_one_waiver_alone(catalog):
    alone = Waiver("TIM401", "on paper", expires=None, claim="C-1")
    with pytest.raises(InvalidWaiver) as caught:
        check(CLAIM, catalog, waivers=alone, as_of=DAY)
    assert told(caught) == "waivers are several: a Waiver; expected a list of cptkit.Waiver values"


@pytest.mark.parametrize("basis", ["aetna", 3])
def test_a_basis_that_is_none(catalog, basis):
    with pytest.raises(InvalidChoice) as caught:
        check(CLAIM, catalog, basis=basis)
    assert told(caught) == f"no such basis: {basis!r}; expected one of cpt, medicare"
    assert caught.value.given == basis


def test_a_basis_that_is_near_to_one(catalog):
    with pytest.raises(InvalidChoice) as caught:
        check(CLAIM, catalog, basis="MediCare")
    assert caught.value.near == ("medicare",)


def test_a_day_to_judge_no_waivers_by(catalog):
    """An empty list of waivers, such as that of an empty file, is one."""
    for checked in (
        lambda: check(CLAIM, catalog, as_of=DAY),
        lambda: check_claims([CLAIM], catalog, as_of=DAY),
    ):
        with pytest.raises(InvalidWaiver, match=r"^as_of is the day by which waivers hold: ") as caught:
            checked()
        assert caught.value.given == DAY
        assert told(caught).endswith("expected waivers beside it, or no such day")
    assert check(CLAIM, catalog, waivers=[], as_of=DAY) == check(CLAIM, catalog)


@pytest.mark.parametrize(
    ("given", "near"), [({"C-2"}, ("C-1",)), ({"C-1", "P-9"}, ()), ([7], ())], ids=["near", "far", "number"]
)
def test_an_incomplete_claim_that_is_not_there(catalog, given, near):
    with pytest.raises(InvalidClaim, match=r"^no such claim, to be incomplete: ") as caught:
        check_claims([CLAIM], catalog, incomplete=given)
    assert told(caught).endswith(
        "the id of one of the claims that are checked" + "; did you mean C-1?" * bool(near)
    )
    assert caught.value.near == near
    assert caught.value.given in given


def test_an_incomplete_claim_alone(catalog):
    with pytest.raises(InvalidClaim) as caught:
        check_claims([CLAIM], catalog, incomplete="C-1")
    assert told(caught).startswith("incomplete claims are named one by one: 'C-1'; expected a set of ids")


def test_a_finding_is_no_fix():
    with pytest.raises(InvalidClaim) as caught:
        apply_fix(CLAIM, FINDING)
    assert (
        told(caught)
        == "this is no fix: a Finding; expected a cptkit.Fix, such as one of the fixes of a finding"
    )
    with pytest.raises(InvalidClaim) as caught:
        apply_fix([CLAIM], FINDING)
    assert told(caught) == "a fix is applied to a claim: a list of 1; expected a cptkit.Claim"
