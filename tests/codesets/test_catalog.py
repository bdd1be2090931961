"""Catalogs: pinned editions, at most one a year, chosen by date of service; nothing global."""

import datetime as dt
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cptkit
from cptkit import Catalog, codesets
from cptkit.codesets import Codeset, Pin, bundled_editions, lookup
from cptkit.errors import UnknownEdition


@pytest.fixture
def small_2025(write_edition):
    """Another small edition, of the year before."""
    days = {"edition": "2025.1", "year": 2025, "first_day": "2025-01-01", "last_day": "2025-12-31"}
    return Codeset.from_folder(write_edition(manifest=days))


# ---- codeset() -----------------------------------------------------------------------------


@pytest.mark.parametrize("edition", bundled_editions())
def test_an_edition_is_what_its_folder_says(edition):
    found = cptkit.codeset(edition)
    year = int(edition.partition(".")[0])
    assert (found.edition, found.year) == (edition, year)
    assert (found.first_day, found.last_day) == (dt.date(year, 1, 1), dt.date(year, 12, 31))
    assert cptkit.codeset(edition) is found


def test_the_editions_of_six_years_are_bundled_oldest_first():
    names = bundled_editions()
    assert {f"{year}.1" for year in range(2021, 2027)} <= set(names)
    assert list(names) == sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def test_a_year_is_its_newest_revision(monkeypatch):
    monkeypatch.setattr(lookup, "bundled_editions", lambda: ("2025.1", "2026.1", "2026.2", "2026.10"))
    assert lookup._name("2026") == "2026.10"
    assert lookup._name("2026.2") == "2026.2"
    assert lookup._name("2025") == "2025.1"


def test_a_year_of_one_revision_is_that_one():
    newest = [name for name in bundled_editions() if name.startswith("2026.")][-1]
    assert cptkit.codeset("2026").edition == newest


@pytest.mark.parametrize(
    "name", ["1999.1", "1999", "", "2026.", ".1", "2026.99", "202", "2026.01", None, 2026]
)
def test_an_unknown_edition_names_those_that_are_there(name):
    with pytest.raises(UnknownEdition, match="no such edition") as caught:
        cptkit.codeset(name)
    assert caught.value.given == name
    assert all(edition in str(caught.value) for edition in bundled_editions())


def test_among_many_editions_the_nearest_are_named(monkeypatch):
    monkeypatch.setattr(lookup, "bundled_editions", lambda: ("2023.1", "2024.1", "2025.1", "2026.1"))
    with pytest.raises(UnknownEdition) as caught:
        lookup._name("2026.3")
    assert "2026.1" in caught.value.near


def test_editions_are_found_in_a_package_that_is_a_zip_file(tmp_path):
    package = Path(cptkit.__file__).parent
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                file.write(path, path.relative_to(package.parent))
    program = "import cptkit; print(cptkit.__file__, cptkit.codeset('2026').digest)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    )
    home, digest = done.stdout.split()
    assert home.startswith(str(archive))
    assert digest == cptkit.codeset("2026").digest


def test_the_names_of_the_package_are_loaded_when_asked_for():
    assert dir(codesets) == sorted(codesets.__all__) == codesets.__all__
    for name in codesets.__all__:
        assert getattr(codesets, name).__name__ == name
    with pytest.raises(AttributeError, match=r"module 'cptkit\.codesets' has no attribute 'Kodeset'"):
        _ = codesets.Kodeset


# ---- the edition of a day ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (dt.date(2023, 12, 31), None),
        (dt.date(2024, 1, 1), "2024.1"),
        (dt.date(2024, 2, 29), "2024.1"),
        (dt.date(2024, 12, 31), "2024.1"),
        (dt.date(2025, 1, 1), "2025.1"),
        (dt.date(2025, 12, 31), "2025.1"),
        (dt.date(2026, 1, 1), "2026.1"),
        (dt.date(2026, 12, 31), "2026.1"),
        (dt.date(2027, 1, 1), None),
    ],
)
def test_the_edition_of_a_day_at_the_edges_of_the_years(day, edition):
    found = Catalog.from_editions("2026.1", "2024.1", "2025.1").edition_for(day)
    assert (found.edition if found else None) == edition


def test_a_year_that_the_catalog_leaves_out_has_no_edition():
    gap = Catalog.from_editions("2024.1", "2026.1")
    assert gap.edition_for(dt.date(2025, 7, 1)) is None
    assert Catalog(()).edition_for(dt.date(2025, 7, 1)) is None


def test_the_editions_of_later_years():
    catalog = Catalog.from_editions("2026.1", "2021.1", "2024.1")
    by_name = {edition.edition: edition for edition in catalog.editions}
    assert catalog.after(by_name["2021.1"]) == (by_name["2024.1"], by_name["2026.1"])
    assert catalog.after(by_name["2026.1"]) == ()
    assert catalog.after(cptkit.codeset("2025.1")) == (by_name["2026.1"],)


def test_the_order_in_which_editions_are_given_does_not_matter():
    assert Catalog.from_editions("2026.1", "2024.1") == Catalog.from_editions("2024.1", "2026.1")
    assert [edition.edition for edition in Catalog.from_editions("2026.1", "2024.1").editions] == [
        "2024.1",
        "2026.1",
    ]


# ---- one edition a year --------------------------------------------------------------------


def test_two_editions_of_a_year_are_refused(small):
    with pytest.raises(UnknownEdition, match="one edition a year, and 2026 is there twice") as caught:
        Catalog.from_editions("2026.1", "2025.1", small)
    assert caught.value.given == "2026.1, 2026.1"


def test_the_same_edition_twice_is_refused():
    with pytest.raises(UnknownEdition, match="2026 is there twice"):
        Catalog.from_editions("2026.1", "2026")


def test_two_editions_of_a_year_are_refused_by_the_constructor_too(small):
    with pytest.raises(UnknownEdition, match="2026 is there twice"):
        Catalog((small, cptkit.codeset("2026.1")))


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownEdition, match=r"no such edition: '1999\.1'"):
        Catalog.from_editions("2026.1", "1999.1")


def test_a_catalog_needs_an_edition():
    with pytest.raises(UnknownEdition, match="a catalog needs an edition") as caught:
        Catalog.from_editions()
    assert "at least one name or codeset" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [["2025.1", "2026.1"], ("2026.1",), None, 2026, Catalog(()), b"2026.1"],
    ids=lambda wrong: type(wrong).__name__,
)
def test_editions_are_given_one_by_one(wrong):
    with pytest.raises(UnknownEdition, match="not an edition") as caught:
        Catalog.from_editions("2024.1", wrong)
    assert caught.value.given == wrong
    assert "one by one: from_editions('2025.1', '2026.1')" in str(caught.value)


# ---- pins ----------------------------------------------------------------------------------


def test_pins_name_and_digest_every_edition(small, small_2025):
    pins = Catalog.from_editions(small, small_2025).pins
    assert pins == (Pin("2025.1", small_2025.digest), Pin("2026.1", small.digest))


def test_the_bundled_catalog_holds_the_newest_of_every_year():
    names = [edition.edition for edition in Catalog.bundled().editions]
    years = sorted({name.partition(".")[0] for name in bundled_editions()})
    assert names == [cptkit.codeset(year).edition for year in years]


def test_two_catalogs_live_side_by_side(small):
    day = dt.date(2026, 3, 2)
    bundled, own = Catalog.from_editions("2026.1"), Catalog.from_editions(small)
    assert bundled != own
    assert (len(own.edition_for(day)), own.edition_for(day)) == (6, small)
    assert bundled.edition_for(day) is cptkit.codeset("2026.1")
    assert bundled.pins != own.pins
    assert "90837" in bundled.edition_for(day)
    assert "90837" not in own.edition_for(day)


def test_a_catalog_survives_pickling(small, small_2025):
    here = Catalog.from_editions(small, small_2025)
    there = pickle.loads(pickle.dumps(here))  # noqa: S301 - our own bytes
    assert there == here
    assert hash(there) == hash(here)
    assert there.pins == here.pins
