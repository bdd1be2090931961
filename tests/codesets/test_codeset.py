"""A codeset: a mapping of codes, with modifiers, relations and sources, that never changes."""

import datetime as dt
import pickle
from collections.abc import Mapping

import pytest

import cptkit
from cptkit.codes import Category, Owner, Section
from cptkit.codesets import Codeset
from cptkit.errors import DateOutsideEdition, InvalidDate, UnknownCode, UnknownModifier
from cptkit.sources import Confidence

DAY = dt.date(2026, 3, 2)


# ---- the mapping ---------------------------------------------------------------------------


def test_an_edition_is_a_mapping_of_its_codes_in_order(small):
    assert isinstance(small, Mapping)
    assert list(small) == ["0373T", "90700", "90785", "90801", "90834", "G2212"]
    assert len(small) == 6
    assert [record.code for record in small.values()] == list(small)
    assert dict(small.items())["90834"] is small["90834"]


def test_the_fields_of_a_record(small):
    record = small["90834"]
    assert (record.code, record.label, record.family) == ("90834", "session", "talk")
    assert (record.category, record.section, record.owner) == (Category.I, Section.MEDICINE, Owner.AMA)
    assert (record.timed, record.is_addon) == (True, False)
    assert (small["90785"].timed, small["90785"].is_addon) == (False, True)
    assert (small["G2212"].category, small["G2212"].owner) == (Category.HCPCS_II, Owner.CMS)


def test_sections_come_from_ranges_unless_the_fact_names_one(small):
    assert small["90834"].section is Section.MEDICINE
    assert small["90801"].section is Section.EVALUATION_MANAGEMENT
    assert small["90700"].section is Section.SURGERY
    assert small["0373T"].section is small["G2212"].section is Section.OTHER


@pytest.mark.parametrize("spelling", ["g2212", " G2212 ", "\uff272212"])
def test_a_code_is_found_in_every_spelling(small, spelling):
    assert small[spelling] is small["G2212"]
    assert small.get(spelling) is small["G2212"]
    assert spelling in small
    assert small.covers(spelling)
    assert small.status(spelling, date_of_service=DAY).code == "G2212"


@pytest.mark.parametrize("code", ["27447", "9O834", "", "99999", None, 90834])
def test_a_code_that_is_not_covered(small, code):
    assert code not in small
    assert small.get(code) is None
    assert small.get(code, "other") == "other"
    assert not small.covers(code)
    with pytest.raises(UnknownCode, match=r"edition 2026\.1 does not cover this code") as caught:
        small[code]
    assert caught.value.given == code


def test_a_near_miss_names_its_neighbours(small):
    with pytest.raises(UnknownCode) as caught:
        small["90843"]
    assert "90834" in caught.value.near


def test_the_status_of_a_code_that_is_not_covered(small):
    with pytest.raises(UnknownCode):
        small.status("27447", date_of_service=DAY)


def test_a_day_that_no_edition_of_the_year_can_know_is_said_first(small):
    with pytest.raises(DateOutsideEdition):
        small.status("27447", date_of_service=dt.date(2027, 1, 1))
    small.require_known(dt.date(2026, 12, 31))
    small.require_known(dt.date(1990, 1, 1))


# ---- identity ------------------------------------------------------------------------------


def test_two_loads_of_the_same_bytes_are_equal(small, small_folder):
    again = Codeset.from_folder(small_folder)
    assert again is not small
    assert again == small
    assert hash(again) == hash(small)
    assert {again: 1}[small] == 1


def test_another_edition_is_not_equal_even_with_the_same_codes(small, write_edition):
    other = Codeset.from_folder(write_edition(manifest={"modifiers_complete_on": "2025-01-01"}))
    assert list(other) == list(small)
    assert other != small
    assert small != dict(small)


def test_the_repr_names_edition_size_and_digest(small):
    assert repr(small) == f"<Codeset 2026.1, 6 codes, {small.digest[:19]}>"


@pytest.mark.parametrize("used", [False, True])
def test_a_codeset_survives_pickling(small_folder, used):
    """An edition goes to a worker process and answers there as it does here."""
    codeset = Codeset.from_folder(small_folder)
    if used:
        assert codeset["90834"].timed
        assert codeset.modifier("95").label
        assert codeset.addon("90785", date_of_service=DAY)
    there = pickle.loads(pickle.dumps(codeset))  # noqa: S301 - our own bytes
    assert there == codeset
    assert hash(there) == hash(codeset)
    assert there["90834"] == codeset["90834"]
    assert there.status("90801", date_of_service=DAY) == codeset.status("90801", date_of_service=DAY)
    assert there.timerules == codeset.timerules


def test_pickling_an_edition_does_not_carry_what_was_asked_before(small_folder):
    codeset = Codeset.from_folder(small_folder)
    fresh = len(pickle.dumps(codeset))
    list(codeset.values())
    assert codeset.timerules
    assert len(pickle.dumps(codeset)) == fresh


# ---- modifiers -----------------------------------------------------------------------------


def test_the_fields_of_a_modifier(small):
    video = small.modifier("95")
    assert (video.code, video.label, video.owner, video.order_class) == ("95", "by video", Owner.AMA, 3)
    assert video.kinds == ("telehealth", "informational")
    assert video.conflicts == {"GT", "93"}
    assert video.attaches_to == ("codes of the telehealth list", "by contract")
    assert video.never_on == ("inpatient stays",)
    assert video.requires == ("59",)
    assert video.ncci_bypass is False
    assert small.modifier("59").ncci_bypass is True
    assert small.modifier("59").kinds == ()
    assert small.modifier("GT").owner is Owner.CMS


def test_the_list_of_modifiers_is_sorted_and_says_up_to_when_it_is_complete(small):
    assert small.modifiers == ("59", "95", "GT", "XE")
    assert small.modifiers_complete_on == dt.date(2024, 6, 18)


@pytest.mark.parametrize("modifier", ["XP", "ZZ", ""])
def test_a_modifier_that_is_not_on_the_list(small, modifier):
    assert small.find_modifier(modifier) is None
    with pytest.raises(UnknownModifier, match=r"edition 2026\.1, complete as of 2024-06-18") as caught:
        small.modifier(modifier)
    assert caught.value.given == modifier


@pytest.mark.parametrize("spelling", ["gt", " GT "])
def test_a_modifier_is_found_in_every_spelling(small, spelling):
    assert small.modifier(spelling) is small.modifier("GT")


def test_the_standing_of_a_modifier(small):
    modifier = small.modifier("GT")
    assert small.find_modifier("GT") is modifier
    before, last, after = (
        modifier.status(date_of_service=day)
        for day in (dt.date(2009, 12, 31), dt.date(2017, 12, 31), dt.date(2018, 1, 1))
    )
    assert (before.in_force, last.in_force, after.in_force) == (None, True, False)
    assert last.last_day == after.last_day == dt.date(2017, 12, 31)
    assert after.citation.fact == "modifiers/GT@2018-01-01"


def test_the_sets_of_modifiers(small):
    distinct, telehealth = small.modifier_sets
    assert (telehealth.name, telehealth.members, telehealth.strength) == ("telehealth", {"95", "GT"}, "error")
    assert telehealth.rule == "one mode a line"
    assert distinct.citation.fact == "modifiers/distinct"
    assert distinct.citation.confidence is Confidence.DISPUTED


# ---- relations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "primaries", "is_open"),
    [
        (dt.date(2026, 1, 1), {"90834"}, False),
        (dt.date(2026, 6, 30), {"90834"}, False),
        (dt.date(2026, 7, 1), {"90834", "0373T"}, True),
        (dt.date(2026, 12, 31), {"90834", "0373T"}, True),
    ],
)
def test_the_primaries_of_an_add_on_on_a_day(small, day, primaries, *, is_open):
    row = small.addon("90785", date_of_service=day)
    assert (row.code, row.primaries, row.is_open) == ("90785", primaries, is_open)
    assert (row.aoc_type, row.same_day_edit) == (1, True)
    assert row.starts <= day


def test_an_add_on_before_its_first_row_and_a_code_that_is_none(small):
    assert small.addon("90785", date_of_service=dt.date(2025, 12, 31)) is None
    assert small.addon("90834", date_of_service=DAY) is None


def test_an_add_on_without_listed_primaries(small):
    row = small.addon("G2212", date_of_service=DAY)
    assert (row.primaries, row.is_open, row.aoc_type, row.same_day_edit) == (frozenset(), True, 0, False)


def test_an_add_on_is_found_in_every_spelling(small):
    assert small.addon(" g2212", date_of_service=DAY) == small.addon("G2212", date_of_service=DAY)


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        (dt.date(2012, 12, 31), []),
        (dt.date(2013, 1, 1), ["session-with-intake"]),
        (dt.date(2014, 12, 31), ["session-with-intake"]),
        (dt.date(2015, 1, 1), []),
        (dt.date(2025, 12, 31), []),
        (dt.date(2026, 1, 1), ["add-on-with-visit"]),
    ],
)
def test_the_exclusions_of_a_day(small, day, ids):
    assert [exclusion.id for exclusion in small.exclusions(date_of_service=day)] == ids


def test_the_fields_of_an_exclusion(small):
    (exclusion,) = small.exclusions(date_of_service=DAY)
    assert (exclusion.codes, exclusion.excludes, exclusion.bypass) == ({"90785"}, {"G2212"}, {"59", "XE"})
    assert (exclusion.drop, exclusion.denial, exclusion.in_force) == ("either", "bundled", True)
    assert (exclusion.title, exclusion.cure) == (
        "an add-on beside a long visit",
        "show that the two were separate",
    )
    assert exclusion.cure_drops == "codes"
    assert exclusion.replacements == (("90785", "0373T"), ("G2212", "90834"))
    assert exclusion.citation.fact == "exclusions/add-on-with-visit@2026-01-01"


def test_an_exclusion_without_replacements(small):
    (exclusion,) = small.exclusions(date_of_service=dt.date(2014, 1, 1))
    assert exclusion.replacements == ()
    assert (exclusion.drop, exclusion.cure_drops) == ("codes", "codes")
    assert exclusion.bypass == frozenset()


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (dt.date(2012, 12, 31), None),
        (dt.date(2013, 1, 1), "day"),
        (dt.date(2020, 6, 30), "day"),
        (dt.date(2020, 7, 1), "line"),
        (dt.date(2026, 12, 31), "line"),
    ],
)
def test_a_convention_on_a_day(small, day, value):
    found = small.convention("units-are-whole", date_of_service=day)
    assert (found and found.value) == value


def test_the_fields_of_a_convention(small):
    found = small.convention("units-are-whole", date_of_service=DAY)
    assert (found.name, found.text, found.first_day) == (
        "units-are-whole",
        "each line alone",
        dt.date(2020, 7, 1),
    )
    assert found.citation.fact == "conventions/units-are-whole@2020-07-01"
    assert (found.citation.sources, found.citation.confidence.value) == (("BETA",), "derived")
    assert found.citation.note == "made up"


def test_the_names_of_conventions(small):
    assert small.conventions == ("side/1", "units-are-whole")
    for name in ("", "side", "side/2", "SIDE/1", "units-are-whole\t2020-07-01"):
        assert small.convention(name, date_of_service=DAY) is None


@pytest.mark.parametrize("name", cptkit.codeset("2026.1").conventions)
def test_a_bundled_convention_stands_in_every_edition(name):
    """An edition holds what has begun by its last day, and the newest says the same of that day."""
    days = [cptkit.codeset(edition).last_day for edition in cptkit.codesets.bundled_editions()]
    told = []
    for day in days:
        edition = cptkit.codeset(str(day.year))
        found = edition.convention(name, date_of_service=day)
        assert found == cptkit.codeset("2026.1").convention(name, date_of_service=day)
        assert (found is not None) == (name in edition.conventions)
        told.append(found is not None)
        if found is not None:
            assert found.first_day <= day
            assert found.value
            assert found.text[-1] not in ".;"
    assert told == sorted(told)
    assert told[-1]


def test_a_distinct_modifier_counts_on_either_line_from_a_day():
    codeset, name = cptkit.codeset("2026.1"), "distinct-modifier-on-either-line"
    assert codeset.convention(name, date_of_service=dt.date(2019, 6, 30)) is None
    assert codeset.convention(name, date_of_service=dt.date(2019, 7, 1)).value == "either"


@pytest.mark.parametrize("ask", ["addon", "exclusions", "convention"])
def test_relations_after_the_last_day_are_not_answered(small, ask):
    arguments = {"addon": ["90785"], "exclusions": [], "convention": ["side/1"]}[ask]
    with pytest.raises(DateOutsideEdition):
        getattr(small, ask)(*arguments, date_of_service=dt.date(2027, 1, 1))


@pytest.mark.parametrize("wrong", ["2026-03-02", None, dt.datetime(2026, 3, 2), 20260302])  # noqa: DTZ001 - refused whatever the zone
def test_a_date_of_service_is_a_date(small, wrong):
    """A date with a time of day is none: which day it is depends on a zone."""
    for ask in (
        lambda day: small.status("90834", date_of_service=day),
        lambda day: small.addon("90785", date_of_service=day),
        lambda day: small.exclusions(date_of_service=day),
        lambda day: small.convention("side/1", date_of_service=day),
        small.require_known,
    ):
        with pytest.raises(InvalidDate, match="the date of service is not a date") as caught:
            ask(wrong)
        assert caught.value.given == wrong


def test_an_exclusion_may_have_stood_earlier():
    """``earlier`` says that the day before the first row is not known, not that there was none."""
    known = {
        exclusion.id: exclusion
        for exclusion in cptkit.codeset("2026.1").exclusions(date_of_service=dt.date(2026, 3, 2))
    }
    assert known["crisis-with-interactive-complexity"].earlier is True
    assert known["crisis-with-interactive-complexity"].starts == dt.date(2022, 1, 1)


def test_likely_denial_codes(small):
    denial = small.denial("bundled")
    assert (denial.group, denial.carc, denial.rarc, denial.likely) == ("CO", "97", ("M15", "N20"), True)
    assert denial.citation.fact == "denials/bundled"
    unpaired = small.denial("unknown-code")
    assert (unpaired.group, unpaired.carc, unpaired.rarc, unpaired.likely) == ("", "", (), False)
    assert small.denial("no-such-check") is None


# ---- provenance ----------------------------------------------------------------------------


def test_a_source_is_found_by_its_key(small):
    source = small.source("ALPHA")
    assert (source.key, source.grade, source.where) == ("ALPHA", "A", "https://example.org/alpha")
    assert source.supports == "made up for tests"
    assert small.source("UNUSED") is None
    assert small.source("no such key") is None


def test_a_note_and_the_day_it_was_checked_reach_the_citation(small):
    citation = small.status("90801", date_of_service=DAY).citation
    assert (citation.note, citation.checked) == ("one of the two", dt.date(2026, 11, 21))
    assert (citation.sources, citation.confidence) == (("ALPHA",), Confidence.DISPUTED)


def test_the_time_rules_are_data(small):
    (family,) = small.timerules["families"]
    assert family["id"] == "talk"
    assert [rule["from"] for rule in family["rules"]] == ["2013-01-01", "2012-01-01"]
    assert [policy["id"] for policy in small.timerules["policies"]] == ["cpt-per-code"]


def test_every_citation_of_a_bundled_edition_has_its_source():
    codeset = cptkit.codeset("2026")
    cited = {
        key for record in codeset.values() for change in record.history for key in change.citation.sources
    }
    assert cited
    assert not {key for key in cited if codeset.source(key) is None}
