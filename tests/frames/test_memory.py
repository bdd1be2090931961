"""What is kept between checks of tables: asked once, and never taken for what another catalog or judge says."""

import datetime as dt

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")
pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")

import pyarrow as pa

from cptkit import Basis, Catalog, codeset
from cptkit.errors import UnknownRule
from cptkit.frames import memory
from cptkit.frames.running import check
from cptkit.rules.judged import judge
from cptkit.setting import Setting
from cptkit.testing.rule_cases import for_all_days

LINES = {
    "patient": ["P-1", "P-2", "P-3", "P-3"],
    "dos": [dt.date(2026, 3, 2)] * 4,
    "cpt": ["90837", "90833", "90834", "W9901"],
    "minutes": [50, 20, 60, None],
}


def asked(
    catalog, basis=Basis.CPT, select=("ALL",), ignore=(), setting=Setting.PRACTITIONER, has_modifiers=True
):
    return memory.memory_of(
        catalog,
        judge(basis, None),
        tuple(select),
        tuple(ignore),
        Setting(setting),
        has_modifiers=has_modifiers,
    )


def test_the_same_is_kept() -> None:
    one, other = (Catalog.from_editions("2025.1", "2026.1") for _ in range(2))
    assert asked(one) is asked(other)


@pytest.mark.parametrize(
    "changed",
    [
        {"basis": Basis.MEDICARE},
        {"select": ("TIM",)},
        {"ignore": ("TIM402",)},
        {"setting": Setting.HOSPITAL},
        {"has_modifiers": False},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_differs_is_another(changed) -> None:
    catalog = Catalog.from_editions("2026.1")
    assert asked(catalog) is not asked(catalog, **changed)


def test_editions_of_one_digest_that_answer_for_other_days() -> None:
    """Equal by their digest, and yet not the same."""
    edition = codeset("2026.1")
    table = pa.table({**LINES, "dos": [dt.date(2019, 3, 2)] * 4})
    plain, wide = (check(table, Catalog((each,))) for each in (edition, for_all_days(edition)))
    assert len(plain) == 0
    assert len(wide) > 0


def test_a_second_table_says_what_it_says_alone() -> None:
    """Whatever was checked before; counts of what was not checked are of one table."""
    catalog, table = Catalog.bundled(), pa.table(LINES)
    memory._memory_of.cache_clear()
    alone = check(table, catalog)
    check(pa.table({**LINES, "cpt": ["99213", "W9902", "90791", "90832"]}), catalog)
    again = check(table, catalog)
    assert again.table.equals(alone.table)
    assert again.not_checked.equals(alone.not_checked)
    assert len(alone) > 0


def test_texts_do_not_grow_without_end(monkeypatch) -> None:
    monkeypatch.setattr(memory, "_MOST_TEXTS", 4)
    catalog = Catalog.from_editions("2026.1")
    first = asked(catalog, has_modifiers=False)
    assert asked(catalog, has_modifiers=False) is first
    check(
        pa.table({**LINES, "cpt": ["W9901", "W9902", "W9903", "W9904"], "minutes": [None] * 4}),
        catalog,
        basis="cpt",
    )
    check(
        pa.table({**LINES, "cpt": ["W9905", "W9906", "W9907", "W9908"], "minutes": [None] * 4}),
        catalog,
        basis="cpt",
    )
    assert asked(catalog, has_modifiers=False) is not first


def test_an_unknown_rule() -> None:
    with pytest.raises(UnknownRule, match="XYZ1"):
        asked(Catalog.from_editions("2026.1"), select=("XYZ1",))


def test_the_case_of_a_code_beside_other_letters() -> None:
    """A cell that holds more than a code, in letters that are kept as they are, changes no other cell's code."""

    def lines(*codes):
        return pa.table({"patient": ["P"] * len(codes), "dos": ["2026-03-02"] * len(codes), "cpt": codes})

    catalog = Catalog.from_editions("2026.1")
    plain = check(lines("G2212"), catalog).not_checked
    check(lines("g2212-\xe9", "g2212"), catalog)
    assert check(lines("g2212"), catalog).not_checked.equals(plain)
