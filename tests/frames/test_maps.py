"""Column maps: which column of a table holds what, when two could, and when none does."""

import json
import subprocess
import sys

import pytest

from cptkit.errors import AmbiguousColumns, BrokenColumnMap, CptkitError, UnknownColumnMap, UnreadableClaims
from cptkit.frames.columns import FIELDS
from cptkit.frames.maps import bundled_maps, column_map, detect
from cptkit.interop import ACCEPTED


def words(text):
    return text.split()


# One header for each bundled map, and the columns that it must find.
HEADERS = {
    "cptkit": (
        ["Patient ID", "DOS", "CPT", "Mod 1", "Mod 2", "Units", "Time In", "Time Out", "Remarks"],
        {"patient": "Patient ID", "code": "CPT", "start": "Time In", "modifiers": "Mod 1,Mod 2"},
    ),
    "tuva": (
        words(
            "claim_id claim_line_number claim_type person_id member_id claim_start_date claim_line_start_date "
            "place_of_service_code service_unit_quantity hcpcs_code hcpcs_modifier_1 hcpcs_modifier_2 "
            "hcpcs_modifier_3 hcpcs_modifier_4 hcpcs_modifier_5 rendering_npi billing_npi charge_amount"
        ),
        {
            "patient": "person_id",
            "date_of_service": "claim_line_start_date",
            "units": "service_unit_quantity",
            "setting": "claim_type",
            "charge": "charge_amount",
            "modifiers": ",".join(f"hcpcs_modifier_{number}" for number in range(1, 6)),
        },
    ),
    "omop": (
        words(
            "procedure_occurrence_id person_id procedure_concept_id procedure_date procedure_datetime quantity "
            "modifier_concept_id provider_id visit_occurrence_id procedure_source_value modifier_source_value"
        ),
        {
            "patient": "person_id",
            "date_of_service": "procedure_date",
            "code": "procedure_source_value",
            "modifiers": "modifier_source_value",
            "rendering_provider": "provider_id",
        },
    ),
    "ccw": (
        words(
            "BENE_ID CLM_ID LINE_NUM CLM_FROM_DT LINE_1ST_EXPNS_DT HCPCS_CD HCPCS_1ST_MDFR_CD HCPCS_2ND_MDFR_CD "
            "LINE_SRVC_CNT LINE_PLACE_OF_SRVC_CD PRF_PHYSN_NPI LINE_SBMTD_CHRG_AMT LINE_NCH_PMT_AMT"
        ),
        {
            "patient": "BENE_ID",
            "date_of_service": "LINE_1ST_EXPNS_DT",
            "modifiers": "HCPCS_1ST_MDFR_CD,HCPCS_2ND_MDFR_CD",
            "charge": "LINE_SBMTD_CHRG_AMT",
        },
    ),
    "synpuf": (
        [
            *("DESYNPUF_ID", "CLM_ID", "CLM_FROM_DT", "CLM_THRU_DT"),
            *(f"PRF_PHYSN_NPI_{number}" for number in range(1, 14)),
            *(f"HCPCS_CD_{number}" for number in range(1, 14)),
        ],
        {
            "patient": "DESYNPUF_ID",
            "code": ",".join(f"HCPCS_CD_{number}" for number in range(1, 14)),
            "rendering_provider": ",".join(f"PRF_PHYSN_NPI_{number}" for number in range(1, 14)),
        },
    ),
    "bfd": (
        words(
            "clm_uniq_id clm_line_num bene_sk clm_line_from_dt clm_from_dt clm_line_hcpcs_cd hcpcs_1_mdfr_cd "
            "hcpcs_2_mdfr_cd clm_line_srvc_unit_qty clm_pos_cd prvdr_rndrng_prvdr_npi_num clm_line_sbmt_chrg_amt"
        ),
        {"patient": "bene_sk", "date_of_service": "clm_line_from_dt", "units": "clm_line_srvc_unit_qty"},
    ),
    "x12": (
        words(
            "patientControlNumber memberId lineItemControlNumber serviceDate procedureCode procedureModifiers "
            "lineItemChargeAmount serviceUnitCount placeOfServiceCode"
        ),
        {
            "claim": "patientControlNumber",
            "modifiers": "procedureModifiers",
            "charge": "lineItemChargeAmount",
        },
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_each_map_is_detected_and_finds_its_columns(name):
    header, expected = HEADERS[name]
    held = detect(header)
    assert held.map.id == name
    assert {field: ",".join(held.fields[field]) for field in expected} == expected
    assert set(held.needed) | set(held.unused) == set(header)
    assert set(held.fields) | set(held.absent) == set(FIELDS)


def test_every_bundled_map_is_tried_here_and_names_its_source():
    assert set(bundled_maps()) == set(HEADERS)
    assert all(each.source and each.title for each in bundled_maps().values())


def test_our_own_names_are_those_of_the_reader_of_claim_files():
    def key(name):
        return name.replace("_", "")

    own = bundled_maps()["cptkit"]
    names = {field: set(ranks[0]) for field, ranks in own.names.items()}
    numbered = {f"modifier{place}": set(each) for place, each in enumerate(own.modifier_columns, start=1)}
    held = {**names, **numbered, "claim_id": names["claim"], "patient_id": names["patient"]}
    elsewhere = {"billing_provider", "filed"}  # of no line
    assert {field: held[field] for field in ACCEPTED if field not in elsewhere} == {
        field: set(accepted) for field, accepted in ACCEPTED.items() if field not in elsewhere
    }


def test_names_are_compared_without_case_and_signs_and_kept_as_written():
    assert detect(["hcpcs-cd", "Bene Id", "clm id", "Line#Num", "line 1st expns dt"]).fields["code"] == (
        "hcpcs-cd",
    )


def test_preference_takes_the_better_column_and_leaves_the_other():
    held = column_map("tuva").fit(["member_id", "person_id", "claim_start_date", "hcpcs_code"])
    assert held.fields["patient"] == ("person_id",)
    assert held.unused == ("member_id",)


@pytest.mark.parametrize(
    ("header", "candidates"),
    [
        (["patient", "dos", "cpt", "hcpcs"], ("cpt", "hcpcs")),
        (["patient", "dos", "cpt", "Mod 1", "mod_1"], ("Mod 1", "mod_1")),
        (["patient", "dos", "cpt", "modifiers", "mod1"], ("modifiers", "mod1")),
        (["patient", "dos", "cpt", "modifier", "mod1"], ("modifier", "mod1")),
        (["patient", "dos", "cpt", "CPT"], ("cpt", "CPT")),
    ],
)
def test_two_columns_for_one_field_are_refused_with_both(header, candidates):
    with pytest.raises(AmbiguousColumns) as caught:
        detect(header)
    assert caught.value.near == candidates
    assert isinstance(caught.value, UnreadableClaims)


def test_modifier_then_modifier_two_is_how_some_write_it():
    assert detect(["patient", "dos", "cpt", "Modifier 2", "Modifier"]).fields["modifiers"] == (
        "Modifier",
        "Modifier 2",
    )


def test_two_maps_that_fit_equally_but_otherwise_are_refused():
    header = words("BENE_ID CLM_ID LINE_NUM CLM_FROM_DT HCPCS_CD")
    header += words("person_id claim_id claim_line_number claim_start_date hcpcs_code")
    with pytest.raises(AmbiguousColumns, match="column maps fit equally") as caught:
        detect(header)
    assert caught.value.near == ("ccw", "tuva")
    assert detect([*header, "LINE_SRVC_CNT"]).map.id == "ccw"


def test_no_map_fits_and_the_nearest_says_what_it_lacks():
    header = [name for name in HEADERS["tuva"][0] if name != "hcpcs_code"] + ["hcpcs_cod"]
    with pytest.raises(UnreadableClaims, match="tuva comes nearest: no column for the code; ") as caught:
        detect(header)
    assert caught.value.near == ("hcpcs_cod",)


@pytest.mark.parametrize("header", [[], ["a"], ["", ""], ["patient"] * 2])
def test_a_header_of_nothing(header):
    with pytest.raises(UnreadableClaims, match="no column map fits"):
        detect(header)


def test_a_long_header_is_told_in_part():
    with pytest.raises(UnreadableClaims, match="c6, c7 and 32 more; expected"):
        column_map("omop").fit([f"c{number}" for number in range(40)])
    with pytest.raises(UnreadableClaims, match=r"the table has x{200} and 1 more; expected"):
        column_map("omop").fit(["x" * 200, "y" * 200])
    with pytest.raises(UnreadableClaims, match=r"the table has x{240}\.\.\.; expected"):
        column_map("omop").fit(["x" * 999])


def test_what_is_lacking_is_told_field_by_field_with_what_to_do():
    with pytest.raises(UnreadableClaims) as caught:
        detect(["foo", "visitdat"])
    fields = [each.partition(": ")[::2] for each in caught.value.expected.split("; ")]
    assert [field for field, _ in fields] == [
        "code",
        "date_of_service",
        "patient or claim",
        "or yours named",
        "or a column map in TOML",
    ]
    own = bundled_maps()["cptkit"].names
    for field, told in fields[:3]:
        names = told.removesuffix(" ...").split(", ")
        assert len(names) <= 3
        assert set(names) <= {name for each in field.split(" or ") for name in own[each][0]}
    assert fields[3][1] == ('columns={"code": "..."}, at the command line --column code=...')
    assert caught.value.near == ("visitdat",)
    assert len(str(caught.value)) < 500


def test_of_a_field_left_out_no_name_is_told():
    with pytest.raises(UnreadableClaims, match=r"no column for the code; .*; expected yours named: columns="):
        column_map({"code": None}).fit(["patient", "dos", "cpt"])


def test_lines_side_by_side_end_where_the_names_end():
    header = HEADERS["synpuf"][0]
    assert detect(header).lines == 13
    two = [
        "DESYNPUF_ID",
        "CLM_ID",
        "CLM_FROM_DT",
        "PRF_PHYSN_NPI_1",
        "PRF_PHYSN_NPI_2",
        "HCPCS_CD_1",
        "HCPCS_CD_2",
    ]
    assert detect(two).lines == 2


@pytest.mark.parametrize("change", [["HCPCS_CD_14"], ["HCPCS_CD_20"], ["hcpcs cd 1"]])
def test_lines_that_nobody_would_read_are_no_fit(change):
    with pytest.raises(UnreadableClaims):
        detect([*HEADERS["synpuf"][0], *change])


def test_a_gap_in_the_lines_is_no_fit():
    with pytest.raises(UnreadableClaims, match="no column for the code"):
        detect([name for name in HEADERS["synpuf"][0] if name != "HCPCS_CD_4"])


def test_fewer_providers_than_lines_are_no_providers():
    header = [name for name in HEADERS["synpuf"][0] if name != "PRF_PHYSN_NPI_13"]
    held = column_map("synpuf").fit(header)
    assert held.lines == 13
    assert "rendering_provider" in held.absent


def test_describe_tells_everything():
    told = detect([*HEADERS["synpuf"][0], "TAX_NUM_1"]).describe()
    assert "code                HCPCS_CD_1 to HCPCS_CD_13 (13)" in told
    assert "absent: line, modifiers, units, minutes" in told
    assert "charge, setting\n  without units: a line is one unit\nnot used:" in told
    assert told.endswith("not used: CLM_THRU_DT, TAX_NUM_1")


def test_describe_tells_what_lines_are_taken_for():
    """Where a column that would say otherwise is missing, and only there."""
    told = detect(["claim_id", "dos", "cpt"]).describe()
    assert "  without patient: the claim takes its place\n" in told
    assert "without rendering_provider: all lines of a patient's day are judged together" in told
    every = detect(["patient", "claim_id", "dos", "cpt", "units", "rendering_provider"]).describe()
    assert "without" not in every


def test_a_column_that_is_not_used_is_told_with_the_name_that_it_nearly_has():
    header = ["patient", "dos", "cpt", "minute", "modifer", "remarks", "min", "unitz", "x"]
    told = detect(header).describe().splitlines()[-1]
    assert told == (
        "not used: minute (did you mean minutes?), modifer (did you mean modifier?), remarks, "
        "min (did you mean mins?), unitz (did you mean units?), x"
    )
    held = detect([*header, "minutes", "mod1"]).describe().splitlines()[-1]
    assert held == "not used: minute, modifer, remarks, min, unitz (did you mean units?), x"


@pytest.mark.parametrize(
    ("name", "column"),
    [("ccw", "PRF_PHYSN_UPIN"), ("tuva", "hcpcs_modifier_6"), ("cptkit", "mod 7"), ("cptkit", "position")],
)
def test_a_column_of_another_thing_is_no_slip(name, column):
    header = [each for each in HEADERS[name][0] if each not in {"PRF_PHYSN_NPI", "hcpcs_modifier_5", "POS"}]
    told = bundled_maps()[name].fit([*header, column]).describe()
    assert told.splitlines()[-1].split(": ", 1)[1].split(", ")[-1] == column


def test_what_to_write_is_told_beside_the_map():
    for name, beside, option in (
        ("tuva", '"map": "tuva", ', "--columns tuva "),
        ("cptkit", "", ""),
        ("synpuf", "", ""),
    ):
        with pytest.raises(UnreadableClaims) as caught:
            bundled_maps()[name].fit(["patient"])
        own = f'columns={{{beside}"code": "..."}}, at the command line {option}--column code=...'
        assert f"yours named: {own}; or" in caught.value.expected


def test_names_that_differ_in_signs_alone_are_one_name():
    with pytest.raises(AmbiguousColumns, match="names are compared without case, blanks and signs"):
        detect(["patient", "dos", "cpt", "CPT "])


def test_errors_are_in_the_tree():
    assert issubclass(BrokenColumnMap, CptkitError)
    assert issubclass(UnknownColumnMap, LookupError)


def test_the_package_loads_neither_numpy_nor_pyarrow():
    program = (
        "import sys, json, cptkit.frames; print(json.dumps(sorted({'numpy', 'pyarrow'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_without_pyarrow_the_extra_is_named():
    program = """
import sys
sys.modules["pyarrow"] = None
from cptkit.errors import NotInstalled
try:
    import cptkit.frames.converting
except NotInstalled as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "expected the extra frames: pip install cptkit[frames]" in done.stdout


@pytest.mark.parametrize(
    ("chosen", "names", "held"),
    [
        ("cptkit", [f"modifier{place}" for place in range(1, 8)], 7),
        ("tuva", [f"hcpcs_modifier_{place}" for place in range(1, 7)], 6),
        ("cptkit", ["modifier1", "modifier2", "modifier9"], 2),
    ],
)
def test_more_modifiers_than_a_map_knows(chosen, names, held) -> None:
    """A column that goes on counting is one of them: what is in it may bypass an edit."""
    others = {
        "cptkit": ["claim", "patient", "cpt", "dos"],
        "tuva": ["claim_id", "patient_id", "hcpcs_code", "claim_line_start_date"],
    }
    found = column_map(chosen).fit([*others[chosen], *names])
    assert found.fields["modifiers"] == tuple(names[:held])
    assert found.unused == tuple(names[held:])
