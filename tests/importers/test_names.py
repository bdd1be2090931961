"""What file names say: quarter and setting, in all the ways CMS writes them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile
from cptkit.importers.names import NameClaims, Programme, claims_of

P, H, D = Setting.PRACTITIONER, Setting.HOSPITAL, Setting.DME


@pytest.mark.parametrize(
    ("name", "quarter", "setting"),
    [
        ("medicare-ncci-2026q3-practitioner-ptp-edits-ccipra-v322r0-f1.zip", "2026q3", P),
        ("medicare-ncci-2026-q4-hospital-ptp-edits-ccioph-v323r0-f4.zip", "2026q4", H),
        ("ccipra-v302r0-f1.TXT", "2024q3", P),
        ("CCIOPH-V313R0-F2.txt", "2025q4", H),
        ("medicare-ncci-2026-q3-practitioner-services-mue-table.zip", "2026q3", P),
        ("facilityoutpatienthospitalservicesmuetable-effective-10-01-2026.zip", "2026q4", H),
        ("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "2026q3", P),
        ("MCR_MUE_OutpatientHospitalServices_Eff_04-01-2024.xlsx", "2024q2", H),
        ("MCR_MUE_DMESupplierServices_Eff_01-01-2025.csv", "2025q1", D),
        ("AOC_V2026Q2-MCR.xlsx", "2026q2", None),
        ("AOC_V2025Q4_01-MCR.txt", "2025q4", None),
        ("AOC_V2026Q2-F-MCR.txt", "2026q2", None),
        ("PPRRVU2026_Jul_nonQPP.csv", "2026q3", None),
        ("PPRRVU24_JAN.csv", "2024q1", None),
        ("rvu26c.zip", "2026q3", None),
        ("rvu26a-updated-12-29-2025.zip", "2026q1", None),
        ("HCPC2026_OCT_ANWEB.csv", "2026q4", None),
        ("october-2026-alpha-numeric-hcpcs-file.zip", "2026q4", None),
        ("medicaid-ncci-q2-2026-ptp-edits-durable-medical-equipment-services.zip", "2026q2", D),
        ("HCPC2019_CONTR_ANWEB.txt", None, None),
        ("my own copy.csv", None, None),
        ("12026q31.csv", None, None),
        ("MCR_MUE_PractitionerServices_Eff_13-45-2026.csv", None, P),
    ],
)
def test_names(name, quarter, setting):
    claims = claims_of(name)
    assert claims.quarter == (None if quarter is None else Quarter.parse(quarter))
    assert claims.setting == setting


def test_what_else_a_name_says():
    assert claims_of("HCPC2019_CONTR_ANWEB.txt").year == 2019
    assert claims_of("cy2026_telehealth_list.txt").year == 2026
    assert claims_of("PPRRVU2026_Jul_nonQPP.csv").qpp is False
    assert claims_of("PPRRVU2026_Jul_QPP.csv").qpp is True
    assert claims_of("rvu24ar.zip").release == "24AR"
    assert claims_of("RVU26C.zip").release == "26C"
    assert claims_of("AOC_V2026Q2-MCR.xlsx").programme is Programme.MEDICARE
    assert claims_of("medicaid-ncci-q2-2026-mue.zip").programme is Programme.MEDICAID
    assert claims_of("2026q3-additions.txt").change == "added"
    assert claims_of("2026q3-additions-and-deletions.txt").change is None
    assert claims_of("") == NameClaims()


def test_archive_and_member_speak_together():
    assert claims_of("medicare-ncci-2026q3.zip", "practitioner.txt").setting is P
    assert claims_of("medicare-ncci-2026q3.zip", "practitioner.txt").quarter == Quarter(2026, 3)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("2026q3.zip", "ccipra-v321r0-f1.txt"), "two quarters: '2026q2 and 2026q3'"),
        (("practitioner.zip", "ccioph-v322r0-f1.txt"), "two settings: 'hospital and practitioner'"),
        (("medicaid-2026q3.zip", "MCR_MUE_2026q3.csv"), "two programmes"),
        (("rvu26a.zip", "rvu26ar.csv"), "two releases"),
        (("PPRRVU2026_Jul_QPP.zip", "PPRRVU2026_Jul_nonQPP.csv"), "two tables"),
    ],
)
def test_names_that_contradict_each_other(names, words):
    with pytest.raises(ContradictoryFile, match=words):
        claims_of(*names)


@given(st.lists(st.text(max_size=60), max_size=2))
def test_any_name_says_something_or_nothing(names):
    with contextlib.suppress(ContradictoryFile):
        assert isinstance(claims_of(*names), NameClaims)
