"""The invented edition: nothing real in it, everything in it, and readable as any other edition."""

import datetime as dt
import subprocess
import sys
from typing import get_args

import attrs
import pytest

import cptkit
from cptkit import Basis, Catalog, Category, Claim, Codeset, Line, UnitPolicy, check, timerule
from cptkit.codesets import bundled_editions
from cptkit.codesets.build.schema import TimeRow
from cptkit.codesets.chains import addon_chains
from cptkit.errors import BrokenEdition, UnknownEdition
from cptkit.testing import synthetic_codeset, write_synthetic_edition
from cptkit.testing.synthetic import YEARS, _Folder

DAY = dt.date(2026, 3, 2)
SYNTHETIC = synthetic_codeset()


@pytest.mark.parametrize("edition", bundled_editions())
def test_nothing_in_it_is_in_an_edition_of_real_codes(edition):
    real = cptkit.codeset(edition)
    assert not set(synthetic_codeset(2027)) & set(real)
    assert not set(synthetic_codeset(2027).modifiers) & set(real.modifiers)


def test_its_five_digit_numbers_stand_before_every_number_of_cpt():
    assert all(code < "00100" for code in SYNTHETIC if SYNTHETIC[code].category is Category.I)


def test_every_shape_is_there():
    assert {SYNTHETIC[code].category for code in SYNTHETIC} == set(Category)


def test_every_kind_of_add_on_is_there():
    rows = [SYNTHETIC.addon(code, date_of_service=DAY) for code in SYNTHETIC if SYNTHETIC[code].is_addon]
    assert {row.aoc_type for row in rows} == {0, 1, 2, 3}
    assert {row.same_day_edit for row in rows} == {True, False}
    assert {row.is_open for row in rows} == {True, False}
    assert addon_chains("00050", codeset=SYNTHETIC, date_of_service=DAY, among=["00016", "00021"]) == (
        ("00050", "00016", "00021"),
    )


def test_every_kind_of_time_rule_is_there():
    kinds = {row["kind"] for family in SYNTHETIC.timerules["families"] for row in family["rules"]}
    assert kinds == set(get_args(attrs.fields(TimeRow).kind.type))
    assert {family["scope"] for family in SYNTHETIC.timerules["families"]} == set(timerule.Scope)


def test_every_strength_of_a_set_of_modifiers_is_there():
    assert {found.strength for found in SYNTHETIC.modifier_sets} == {"error", "warning", "payer"}
    assert {SYNTHETIC.modifier(text).order_class for text in SYNTHETIC.modifiers} == {1, 2, 3}


@pytest.mark.parametrize(
    ("code", "day", "in_force"),
    [
        ("00010", DAY, True),
        ("00060", dt.date(2024, 12, 31), True),
        ("00060", dt.date(2025, 1, 1), False),
        ("00061", dt.date(2026, 6, 30), False),
        ("00061", dt.date(2026, 7, 1), True),
        ("00063", dt.date(2019, 12, 31), True),
        ("00063", dt.date(2020, 1, 1), False),
        ("00063", dt.date(2022, 1, 1), True),
        ("00064", dt.date(2017, 12, 31), None),
        ("00064", dt.date(2018, 1, 1), True),
    ],
)
def test_every_kind_of_life_is_there(code, day, in_force):
    assert SYNTHETIC.status(code, date_of_service=day).in_force is in_force


def test_the_successors_of_the_one_that_ended():
    assert SYNTHETIC.status("00060", date_of_service=DAY).successors == ("00010", "00011")
    assert SYNTHETIC["00010"].predecessors == ("00060",)


def test_a_code_of_next_year_is_known_next_year():
    assert "00062" not in SYNTHETIC
    following = synthetic_codeset(2027)
    assert following["00062"].first_day == dt.date(2027, 1, 1)
    assert (following.edition, following.year) == ("2027.0", 2027)


def test_a_code_may_stand_outside_the_section_of_its_number():
    assert str(SYNTHETIC.section_of("00065")) == "surgery"
    assert str(SYNTHETIC.section_of("00066")) == "medicine"


@pytest.mark.parametrize("year", [YEARS[0], YEARS[-1], 2025, 2026])
def test_it_compiles_for_each_of_its_years(year):
    codeset = synthetic_codeset(year)
    assert codeset.year == year
    assert synthetic_codeset(year) is codeset
    assert all(codeset[code].history for code in codeset)
    assert all(codeset.modifier(text).history for text in codeset.modifiers)


@pytest.mark.parametrize("year", [2014, 2100, 0, "2026", None])
def test_another_year_is_refused(year):
    with pytest.raises(UnknownEdition, match="no invented codes for this year"):
        synthetic_codeset(year)


def test_an_edition_on_disk_is_the_same(tmp_path):
    folder = write_synthetic_edition(tmp_path / "deep" / "2026.0")
    assert Codeset.from_folder(folder, digest=SYNTHETIC.digest) == SYNTHETIC
    assert write_synthetic_edition(folder) == folder


def test_a_missing_file_is_told_as_for_a_folder():
    with pytest.raises(BrokenEdition, match="no readable manifest"):
        Codeset.from_folder(_Folder({}))


def test_importing_reads_no_facts_and_needs_no_hypothesis():
    program = (
        "import sys; sys.modules['hypothesis'] = None; import cptkit.testing; "
        "assert 'tomllib' not in sys.modules and 'cattrs' not in sys.modules; "
        "cptkit.testing.synthetic_codeset()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_strategies_without_hypothesis_say_what_to_install():
    program = "import sys; sys.modules['hypothesis'] = None; import cptkit.testing.strategies"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cptkit.testing.strategies needs hypothesis: pip install 'cptkit[testing]'" in done.stderr


class TestCheckingWithIt:
    """What downstream tests do: minutes, units and claims, without a code of CPT."""

    @pytest.mark.parametrize(("minutes", "code"), [(15, None), (16, "00010"), (38, "00011"), (53, "00012")])
    def test_a_code_from_minutes(self, minutes, code):
        found = timerule.select("spruce", minutes=minutes, date_of_service=DAY, codeset=SYNTHETIC)
        assert [service.code for service in found.services] == ([] if code is None else [code])

    @pytest.mark.parametrize(("basis", "minutes", "codes"), [
        (Basis.CPT, 54, ["00022"]),
        (Basis.CPT, 55, ["00022", "00023"]),
        (Basis.MEDICARE, 68, ["00022"]),
        (Basis.MEDICARE, 69, ["00022", "00024"]),
    ])  # fmt: skip
    def test_the_two_bases_differ(self, basis, minutes, codes):
        found = timerule.select("cedar", minutes=minutes, date_of_service=DAY, codeset=SYNTHETIC, basis=basis)
        assert [service.code for service in found.services] == codes

    def test_units_by_the_total_of_the_day(self):
        minutes = {"00040": 33, "00041": 7}
        found = timerule.allocate(
            minutes, policy=UnitPolicy.MEDICARE_TOTAL, date_of_service=DAY, codeset=SYNTHETIC
        )
        assert sum(service.units for service in found.services) == 3

    @pytest.mark.parametrize(
        ("lines", "rules"),
        [
            ([("00011", 45)], []),
            ([("00012", 50)], ["TIM402"]),
            ([("00016", 30)], ["ADD301"]),
            ([("00020", None), ("00016", 30)], []),
            ([("00010", 30), ("00013", None)], ["BHX501"]),
            ([("00060", None)], ["COD102"]),
            ([("9O834", None)], ["COD101"]),
        ],
    )
    def test_rules_find_what_they_find_with_real_codes(self, lines, rules):
        claim = Claim([Line(code, minutes=minutes, date_of_service=DAY) for code, minutes in lines])
        report = check(claim, Catalog((SYNTHETIC,)))
        assert [finding.rule for finding in report.findings] == rules

    def test_the_invented_and_the_real_stand_in_no_catalog_together(self):
        with pytest.raises(UnknownEdition):
            Catalog.from_editions(SYNTHETIC, "2026.1")
