"""Unit limits, add-on edits and the fee schedule of CMS: every figure to the row, every row as in the raw file."""

import datetime as dt
from collections import Counter, defaultdict
from types import SimpleNamespace

import pytest

from cptkit.edits import Quarter, Setting, Writer, attach, mue_diff, verify

PRACTITIONER, HOSPITAL, DME = Setting
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
SUMMER, SPRING = dt.date(2024, 8, 1), dt.date(2024, 5, 1)

# The columns of the table, and those of the copies of the fee schedule.
PFS = {
    "code": "hcpcs",
    "modifier": "mod",
    "status": "status_code",
    "global_days": "glob_days",
    "pctc": "pctc_ind",
    "mult": "mult_proc",
    "bilat": "bilat_surg",
    "asst": "asst_surg",
    "cosurg": "co_surg",
    "team": "team_surg",
    "preoperative": "pre_op",
    "intraoperative": "intra_op",
    "postoperative": "post_op",
    "endo_base": "endo_base",
    "supervision": "physician_supervision_of_diagnostic_procedures",
    "imaging_family": "diagnostic_imaging_family_indicator",
    "not_used": "not_used_for_medicare_payment",
}


@pytest.mark.parametrize(
    ("setting", "rows", "zeros", "judged"),
    [
        (PRACTITIONER, 14_677, 2_667, (41, 5_157, 9_479)),
        (HOSPITAL, 14_628, 1_435, (42, 5_802, 8_784)),
        (DME, 2_928, 977, (23, 1_256, 1_649)),
    ],
)
def test_figures_of_unit_limits(real_edits, setting, rows, zeros, judged):
    limits = list(real_edits.mue_rows(setting=setting, quarter=Q3))
    assert (len(limits), sum(limit.value == 0 for limit in limits)) == (rows, zeros)
    found = Counter(limit.mai for limit in limits)
    assert tuple(found[number] for number in (1, 2, 3)) == judged


@pytest.mark.parametrize("setting", list(Setting))
@pytest.mark.parametrize("day", [SPRING, SUMMER])
def test_every_unit_limit_against_a_plain_reader(real_edits, plain, setting, day):
    limits = plain.limits(setting, Quarter.of(day))
    every = {code for other in Setting for code in plain.limits(other, Q3)}
    assert len(every) > 14_000
    for code in sorted(every | limits.keys()):
        answer = real_edits.mue(code, date_of_service=day, setting=setting)
        assert answer.is_checked
        if code in limits:
            assert (answer.mue.value, answer.mue.mai, answer.mue.rationale) == limits[code]
        else:
            assert not answer.is_published


def test_what_changed_in_unit_limits(real_edits, plain):
    for setting in Setting:
        old, new = (plain.limits(setting, quarter) for quarter in (Q2, Q3))
        both = old.keys() & new.keys()
        found = mue_diff(real_edits, Q2, Q3, setting=setting)
        assert {c.after.code for c in found.up} == {code for code in both if new[code][0] > old[code][0]}
        assert {c.after.code for c in found.down} == {code for code in both if new[code][0] < old[code][0]}
        assert {c.after.code for c in found.new} == new.keys() - old.keys()
        assert {c.before.code for c in found.gone} == old.keys() - new.keys()
        assert {c.after.code for c in found.judged} == {code for code in both if new[code][1] != old[code][1]}


# ---- add-on edits --------------------------------------------------------------------------------


def test_figures_of_add_on_edits(real_edits, plain):
    (second, third) = [part for part in real_edits.parts if part.table == "addons"]
    assert (second.quarter, second.rows, third.quarter, third.rows) == (Q2, 8_186, Q3, 7_465)
    codes = {row["Add-On_Code"] for row in plain.addons(Q2)}
    assert len(codes) == 743
    rows = [row for code in codes for row in real_edits.addon_rows(code, quarter=Q2)]
    assert Counter(row.edit_type for row in rows) == {1: 7_496, 2: 41, 3: 649}
    assert sum(row.primary is None for row in rows) == 49
    assert len({row.primary for row in rows if row.primary}) == 2_526 - 1  # the README counts CCCCC too
    assert sum(not (row.last_day or row.addon_last_day or row.primary_last_day) for row in rows) == 7_157


def test_every_add_on_edit_against_a_plain_reader(real_edits, plain):
    def in_force(row, day):
        """By the year, where the copy kept no more."""
        ends = (row["AOC_Del_Year"], row["Primary_Code_Del_Year"])
        return (
            int(row["AOC_Edit_Eff_Year"]) <= day.year
            and all(not year or day.year <= int(year) for year in ends)
            and (not row["AOC_Edit_DelDT"] or f"{day:%Y%j}" <= row["AOC_Edit_DelDT"])
        )

    table = defaultdict(list)
    for row in plain.addons(Q2):
        table[row["Add-On_Code"]].append(row)
    for day in (SPRING, dt.date(2021, 6, 30), dt.date(2012, 12, 31)):
        found = 0
        for code, rows in table.items():
            answer = real_edits.addon(code, date_of_service=day, quarter=Q2)
            said = {(row["AOC_Edit_Type"], row["Primary_Code"]) for row in rows if in_force(row, day)}
            assert {(str(row.edit_type), row.primary or "CCCCC") for row in answer.rows} == said
            assert answer.is_addon is bool(said)
            found += len(said)
        assert (found == 0) is (day.year == 2012)
    primaries = {row["Primary_Code"] for row in plain.addons(Q2)} - table.keys()
    for code in primaries - {"CCCCC"}:
        assert not real_edits.addon(code, date_of_service=SPRING).is_addon


# ---- fee schedule --------------------------------------------------------------------------------


def test_every_row_of_the_fee_schedule_against_a_plain_reader(plain, tmp_path):
    releases = plain.releases(2024)
    starts = {name: rows[0]["date_start"] for name, rows in releases.items()}
    assert {name: len(rows) for name, rows in releases.items()}["rvu24c_jul"] == 18_664
    assert sum(map(len, releases.values())) == 74_196
    with Writer(tmp_path) as writer:
        for name, rows in releases.items():
            said = [SimpleNamespace(**{key: row[column] for key, column in PFS.items()}) for row in rows]
            part = writer.put_pfs(
                said, name[3:].split("_")[0].upper(), dt.date.fromisoformat(starts[name]), []
            )
            assert part.rows == len(rows)
        writer.commit()
    assert verify(tmp_path) == ()
    with attach(tmp_path) as edits:
        for name, rows in releases.items():
            day = dt.date.fromisoformat(starts[name])
            for row in rows:
                answer = edits.pfs(row["hcpcs"], row["mod"], date_of_service=day)
                assert answer.release == name[3:].split("_")[0].upper()
                assert {key: getattr(answer.row, key) for key in PFS} == {
                    key: row[column] for key, column in PFS.items()
                }
