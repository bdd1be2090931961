"""What stands in an edition's rows arrives whole in the values: principles, families, names on demand."""

import datetime as dt

import pytest

import cptkit
from cptkit import timerule
from cptkit.sources import Basis
from cptkit.timerule.tables import tables_of

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)


@pytest.fixture(params=["2021.1", "2026.1"])
def codeset(request):
    return cptkit.codeset(request.param)


def test_principles_are_the_rows_of_the_edition(codeset):
    rows = codeset.timerules["principles"]
    assert len(rows) > 3
    found = timerule.principles(codeset)
    assert [(each.id, each.title, each.rule, each.first_day.isoformat()) for each in found] == [
        (row["id"], row["title"], row["rule"], row["from"]) for row in rows
    ]
    for each, row in zip(found, rows, strict=True):
        assert each.citation.fact == f"time/principles/{row['id']}"
        assert each.citation.sources == row["sources"]
        assert each.citation.confidence == row["confidence"]
        assert each.citation.checked.isoformat() == row["checked"]


def test_an_edition_without_principles_has_none(fake):
    assert timerule.principles(fake) == ()


def test_families_are_the_rows_of_the_edition(codeset):
    families = tables_of(codeset).families
    rows = codeset.timerules["families"]
    assert [*families] == [row["id"] for row in rows]
    for row in rows:
        family = families[row["id"]]
        assert family.performer == row.get("performer", "clinician")
        assert family.pool == row.get("pool", "")
        assert set(family.codes) == set(row["codes"])
    assert {family.performer for family in families.values()} == {"clinician", "other"}
    assert {family.pool for family in families.values()} == {"", "therapy"}


@pytest.mark.parametrize(
    ("code", "named"), [("00099", False), ("00100", True), ("01999", True), ("02000", False)]
)
def test_a_range_holds_its_first_and_last_code(code, named):
    family = tables_of(cptkit.codeset("2026.1")).families["anaesthesia"]
    assert family.names(code) is named


@pytest.mark.parametrize(
    "name", ["BREAK", "Interval", "TimeLog", "device_windows", "online_windows", "time_bar"]
)
def test_names_that_load_when_asked_for(name, monkeypatch):
    from cptkit.timerule import logs, pictures

    kept = getattr(pictures if name == "time_bar" else logs, name)
    monkeypatch.delitem(vars(timerule), name, raising=False)
    for _ in range(2):  # the second time it stands in the module
        assert getattr(timerule, name) is kept
    assert vars(timerule)[name] is kept


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match=r"^module 'cptkit.timerule' has no attribute 'TimeLogs'$"):
        timerule.TimeLogs  # noqa: B018 - asking is the test


@pytest.mark.parametrize("text", ["psychoterapy", "PSYCHOTERAPY"])
def test_a_family_nearly_named(text):
    with pytest.raises(cptkit.errors.UnknownCode) as caught:
        timerule.family(text, date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
    assert "psychotherapy" in caught.value.near


@pytest.mark.parametrize("text", ["g05O6", "G05O6"])
def test_a_code_nearly_named(text):
    with pytest.raises(cptkit.CptkitError) as caught:
        timerule.family(text, date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
    assert any(code.startswith("G05") for code in caught.value.near)


@pytest.mark.parametrize("text", ["g0454", "G0454"])
def test_a_code_without_a_rule_is_given_the_nearest_that_has_one(text):
    with pytest.raises(cptkit.errors.NoTimeRule) as caught:
        timerule.family(text, date_of_service=DAY, codeset=cptkit.codeset("2026.1"))
    assert caught.value.near
    assert all(code.startswith("G04") for code in caught.value.near)


def test_a_code_on_top_of_nothing_names_the_other_basis_or_none():
    asked = {"codeset": cptkit.codeset("2026.1")}
    with pytest.raises(cptkit.errors.NoTimeRule) as caught:
        timerule.family("G2212", date_of_service=DAY, basis=Basis.CPT, **asked)
    assert caught.value.expected == "basis medicare, under which it does"
    with pytest.raises(cptkit.errors.NoTimeRule) as caught:
        timerule.family("99417", date_of_service=dt.date(2012, 12, 31), **asked)
    assert (caught.value.message, caught.value.expected) == (
        "99417 goes on top of nothing under cpt on 2012-12-31",
        None,
    )
