"""Column names: what is accepted, what is refused, and what the refusal says."""

import pytest

from cptkit.errors import UnreadableClaims
from cptkit.interop.columns import ACCEPTED, REQUIRED, map_columns, meant, recognised

NEEDED = ["patient_id", "date_of_service", "code"]


@pytest.mark.parametrize("field", ACCEPTED)
def test_every_accepted_name_is_read_as_its_field(field):
    for name in ACCEPTED[field]:
        rest = [needed for needed in NEEDED if needed != field]
        columns = map_columns([name, *rest])
        expected = {"modifier": "modifiers"}.get(field, field)
        assert columns.names[expected] == name


def test_no_name_stands_for_two_things():
    names = [name for names in ACCEPTED.values() for name in names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "spelling", ["Date of Service", "DATE_OF_SERVICE", "date-of-service", " dateOfService "]
)
def test_case_blanks_and_signs_do_not_matter(spelling):
    assert map_columns(["patient", spelling, "code"]).places["date_of_service"] == 1


def test_unknown_columns_are_listed_and_blank_ones_are_not():
    columns = map_columns(["Weather", *NEEDED, "", "Remarks "])
    assert columns.ignored == ("Weather", "Remarks")
    assert columns.width == 6


@pytest.mark.parametrize("group", REQUIRED)
def test_a_missing_column_is_named_with_its_accepted_names(group):
    header = [name for name in NEEDED if name not in group]
    with pytest.raises(UnreadableClaims) as caught:
        map_columns(header)
    for field in group:
        for name in ACCEPTED[field]:
            assert name in str(caught.value)
    for name in header:
        assert name in str(caught.value)


def test_a_name_that_is_nearly_right_is_pointed_at():
    with pytest.raises(UnreadableClaims, match="no column for the date of service") as caught:
        map_columns(["patient", "Date of Servce", "code"])
    assert caught.value.near == ("'Date of Servce'",)


def test_several_missing_columns_are_told_at_once():
    with pytest.raises(UnreadableClaims, match="for the code and none for the date of service and none for"):
        map_columns(["a", "b"])


def test_a_long_header_is_shown_in_part():
    with pytest.raises(UnreadableClaims, match="and more"):
        map_columns([f"column {number}" for number in range(30)])


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (["CPT"], ("code", "CPT")),
        (["dos"], ("date_of_service", "dos")),
        (["mods", "Mod 1"], ("mods", "Mod 1")),
        (["modifier", "modifier1"], ("modifier", "modifier1")),
        (["clinician", "NPI"], ("clinician", "NPI")),
    ],
)
def test_two_columns_for_one_thing_are_both_named(extra, named):
    with pytest.raises(UnreadableClaims, match="two columns hold the same thing") as caught:
        map_columns([*NEEDED, *extra])
    for name in named:
        assert repr(name) in str(caught.value)


def test_a_modifier_beside_modifier_2_is_the_first_one():
    columns = map_columns([*NEEDED, "Modifier 2", "Modifier"])
    assert columns.modifiers == (4, 3)


def test_recognised_counts_accepted_names():
    assert recognised(["CPT", "dos", "x", ""]) == 2


@pytest.mark.parametrize(
    ("name", "held", "near"),
    [
        ("Clinican", (), "clinician"),
        ("minuts", NEEDED, "minutes"),
        ("minuts", [*NEEDED, "minutes"], None),
        ("Modifer", NEEDED, "modifier"),
        ("Modifer", [*NEEDED, "modifier1"], None),
        ("modifier 22", [*NEEDED, "modifiers"], None),
        ("Remarks", (), None),
        ("mrm", (), None),
    ],
)
def test_a_column_that_is_not_used_may_be_meant_for_one(name, held, near):
    assert meant(name, held) == near


def test_a_choice_that_takes_a_column_away_is_told():
    with pytest.raises(
        UnreadableClaims, match="no column for the code, as 'CPT' was taken for minutes; "
    ) as caught:
        map_columns(["patient", "dos", "CPT", "cpt cod"], {"minutes": "cpt"})
    assert caught.value.near == ("'cpt cod'",)
    with pytest.raises(UnreadableClaims, match="no column for the code; "):
        map_columns(["patient", "dos", "length"], {"minutes": "length"})


@pytest.mark.parametrize(
    "cell", ["90834", "W9901", "0001U", "20260302", "2026-03-02", "3/2/2026", "2.3.2026 10:00"]
)
def test_a_claim_line_where_the_names_should_be(cell):
    with pytest.raises(
        UnreadableClaims, match=r"for the code and none .*; it looks like a claim line itself"
    ) as caught:
        map_columns(["P-1", f" {cell} ", "x"])
    assert cell not in str(caught.value)


@pytest.mark.parametrize("header", [["P-1", "units", "90834"], ["who", "when", "what"]])
def test_what_may_be_names_is_shown(header):
    with pytest.raises(UnreadableClaims, match=f"it has {', '.join(header)}"):
        map_columns(header)


def test_what_is_chosen_goes_before_the_accepted_names():
    columns = map_columns(["Day of visit", "CPT", "Patient", "dos"], {"date_of_service": "day of visit"})
    assert columns.names["date_of_service"] == "Day of visit"
    assert columns.ignored == ("dos",)


def test_of_two_columns_for_one_thing_one_can_be_chosen():
    header = ["Patient", "DOS", "CPT", "NPI", "Provider"]
    assert map_columns(header, {"rendering_provider": "NPI"}).names["rendering_provider"] == "NPI"


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"date": "DOS"}, "no such field of a claim line: 'date'; expected one of claim_id, patient_id, "),
        ({"mins": "Duration"}, "of a claim line: 'mins'; expected one of claim_id, patient_id, "),
        ({"mins": "Duration"}, "; did you mean minutes?"),
        ({"MRN": "Patient"}, "; did you mean patient_id?"),
        (
            {"minutes": "Duraton"},
            "no such column: 'Duraton'; expected one of Patient, DOS, CPT, Duration; did you mean Duration?",
        ),
    ],
)
def test_a_choice_of_what_is_not_there_is_refused(chosen, words):
    with pytest.raises(UnreadableClaims) as caught:
        map_columns(["Patient", "DOS", "CPT", "Duration"], chosen)
    assert words in str(caught.value)
