"""Days on which codes and modifiers began and ended, as data, asked of the edition of the year and the newest.

Where an edition of an earlier year does not hold a code that begins later, nothing is claimed.
"""

import datetime as dt
from itertools import pairwise

import pytest

import cptkit
from cptkit.codesets import bundled_editions
from cptkit.codesets.chains import addon_chains

NEWEST = cptkit.codeset("2026.1")
EDITIONS = {cptkit.codeset(name).year: cptkit.codeset(name) for name in bundled_editions()}

# code, day, in force?
CODES = """
90801 2012-12-31 yes    the intake interview, last day
90801 2013-01-01 no
90862 2012-12-31 yes    the medicine check, last day
90862 2013-01-01 no
90791 2012-12-31 no     the intakes of today begin
90791 2013-01-01 yes
90834 2012-12-31 no
90834 2013-01-01 yes
97532 2017-12-31 yes    thinking-skills therapy: three codes in three years
97532 2018-01-01 no
97127 2017-12-31 no
97127 2018-01-01 yes
97127 2019-12-31 yes
97127 2020-01-01 no
97129 2019-12-31 no
97129 2020-01-01 yes
96101 2018-12-31 yes    testing by the hour ends
96101 2019-01-01 no
96130 2018-12-31 no
96130 2019-01-01 yes
96150 2019-12-31 yes    health behaviour, old
96150 2020-01-01 no
96156 2019-12-31 no     health behaviour, new
96156 2020-01-01 yes
99201 2020-12-31 yes    the lowest new visit
99201 2021-01-01 no
99417 2020-12-31 no
99417 2021-01-01 yes
G2212 2020-12-31 no
G2212 2021-01-01 yes
99424 2021-12-31 no     one-disease care
99424 2022-01-01 yes
99354 2022-12-31 yes    extra-long contacts
99354 2023-01-01 no
99217 2022-12-31 yes    observation
99217 2023-01-01 no
99324 2022-12-31 yes    assisted living
99324 2023-01-01 no
99251 2022-12-31 yes    the lowest hospital consult
99251 2023-01-01 no
G0316 2022-12-31 no
G0316 2023-01-01 yes
G0323 2022-12-31 no
G0323 2023-01-01 yes
0001A 2023-10-31 yes    COVID shots: not in January
0001A 2023-11-01 no
90480 2023-09-10 no
90480 2023-09-11 yes
G0019 2023-12-31 no
G0019 2024-01-01 yes
97550 2023-12-31 no
97550 2024-01-01 yes
99459 2023-12-31 no
99459 2024-01-01 yes
99441 2024-12-31 yes    phone visits
99441 2025-01-01 no
98008 2024-12-31 no
98008 2025-01-01 yes
G2012 2024-12-31 yes
G2012 2025-01-01 no
98016 2024-12-31 no
98016 2025-01-01 yes
G0552 2024-12-31 no
G0552 2025-01-01 yes
37220 2025-12-31 yes    leg arteries
37220 2026-01-01 no
99445 2025-12-31 no
99445 2026-01-01 yes
98979 2025-12-31 no
98979 2026-01-01 yes
G0568 2025-12-31 no
G0568 2026-01-01 yes
90837 2026-12-31 yes
"""

# modifier, day, in force?
MODIFIERS = """
95 2016-12-31 no
95 2017-01-01 yes
93 2021-12-31 no
93 2022-01-01 yes
FQ 2021-12-31 no
FQ 2022-01-01 yes
FS 2021-12-31 no
FS 2022-01-01 yes
JZ 2022-12-31 no
JZ 2023-01-01 yes
CO 2018-12-31 no
CO 2019-01-01 yes
XE 2014-12-31 no
XE 2015-01-01 yes
96 2017-12-31 no
96 2018-01-01 yes
SZ 2017-12-31 yes
SZ 2018-01-01 no
CP 2015-12-31 no
CP 2016-01-01 yes
CP 2017-12-31 yes
CP 2018-01-01 no
ZA 2018-03-31 yes
ZA 2018-04-01 no
V8 2012-03-31 yes
V8 2012-04-01 no
59 2026-12-31 yes
"""

SAYS = {"yes": True, "no": False}


def rows(table):
    fields = [row.split()[:3] for row in table.strip().splitlines()]
    return [
        pytest.param(what, dt.date.fromisoformat(day), SAYS[says], id=f"{what}-{day}")
        for what, day, says in fields
    ]


def judges(day):
    """The newest edition, and that of the day's own year where there is one."""
    return {NEWEST, EDITIONS.get(day.year, NEWEST)}


@pytest.mark.parametrize(("code", "day", "in_force"), rows(CODES))
def test_codes(code, day, in_force):
    for edition in judges(day):
        if code not in edition:
            # an edition that was made before the code need not know it, and then nothing is claimed
            assert in_force is False
            assert edition is not NEWEST
            continue
        assert edition.status(code, date_of_service=day).in_force is in_force


@pytest.mark.parametrize(("modifier", "day", "in_force"), rows(MODIFIERS))
def test_modifiers(modifier, day, in_force):
    for edition in judges(day):
        record = edition.find_modifier(modifier)
        if record is None:
            assert in_force is False
            assert edition is not NEWEST
            continue
        assert record.status(date_of_service=day).in_force is in_force


@pytest.mark.parametrize(
    ("code", "successors"),
    [
        ("90801", {"90791", "90792"}),
        ("97127", {"97129", "97130"}),
        ("99201", {"99202"}),
        ("99354", {"99417"}),
        ("99251", {"99252"}),
        ("0001A", {"90480"}),
        ("G2012", {"98016"}),
    ],
)
def test_what_took_over(code, successors):
    last = NEWEST[code].last_day
    assert successors <= set(NEWEST.status(code, date_of_service=last + dt.timedelta(days=1)).successors)
    assert NEWEST.status(code, date_of_service=last).in_force


def test_an_add_on_without_the_edit_of_the_day():
    """Being an add-on and being paid only beside a primary of the same day are two things."""
    day = dt.date(2026, 3, 2)
    assert NEWEST["96131"].is_addon
    assert not NEWEST.addon("96131", date_of_service=day).same_day_edit
    assert NEWEST["90833"].is_addon
    assert NEWEST.addon("90833", date_of_service=day).same_day_edit
    assert not NEWEST["96130"].is_addon
    assert NEWEST.addon("96130", date_of_service=day) is None


class TestAddOnsOnAddOns:
    """Clause: the ways of an add-on lead over other add-ons to a code that stands alone."""

    DAY = dt.date(2026, 3, 2)

    def ways(self, code, among=None, day=DAY, codeset=NEWEST):
        return addon_chains(code, codeset=codeset, date_of_service=day, among=among)

    def test_two_steps(self):
        assert self.ways("90785", ["99214", "90833"]) == (("90785", "90833", "99214"),)
        assert self.ways("99416", ["99415", "99205"]) == (("99416", "99415", "99205"),)

    def test_a_gap_in_the_middle_is_no_way(self):
        assert self.ways("99416", ["99205"]) == ()
        assert self.ways("90785", ["99214"]) == ()

    def test_the_shortest_way_comes_first(self):
        assert self.ways("90785", ["90834", "90833", "99214"]) == (
            ("90785", "90834"),
            ("90785", "90833", "99214"),
        )

    def test_every_step_is_on_the_list_of_the_step_before(self):
        for code in NEWEST:
            for way in self.ways(code):
                for addon, primary in pairwise(way):
                    assert primary in NEWEST.addon(addon, date_of_service=self.DAY).primaries
                assert NEWEST.get(way[-1]) is None or not NEWEST[way[-1]].is_addon

    def test_a_primary_that_has_ended_carries_nothing(self):
        assert ("90833", "99201") not in self.ways("90833")

    def test_no_way_for_what_is_no_add_on_or_not_covered(self):
        assert self.ways("90834") == self.ways("27447") == self.ways("9083") == ()

    def test_add_ons_that_name_each_other_end(self, circle):
        assert self.ways("0373T", codeset=circle) == ()

    def test_the_code_may_be_written_in_lower_case(self):
        assert self.ways("g0514")[0][0] == "G0514"


@pytest.fixture
def circle(write_edition, compiled):
    """The small edition with two add-ons, each the primary of the other."""
    header, row, *_ = compiled["addons.tsv"].decode().splitlines()
    fields = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    both = [
        fields | {"code": "0373T", "primaries": "90834"},
        fields | {"code": "90834", "primaries": "0373T"},
    ]
    table = "\n".join((header, *("\t".join(each.values()) for each in both))) + "\n"
    return cptkit.Codeset.from_folder(write_edition({"addons.tsv": table.encode()}))


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("00104", "anesthesia"),
        ("01999", "anesthesia"),
        ("99100", "anesthesia"),
        ("99140", "anesthesia"),
        ("10004", "surgery"),
        ("69990", "surgery"),
        ("70010", "radiology"),
        ("79999", "radiology"),
        ("80047", "laboratory"),
        ("89398", "laboratory"),
        ("0438U", "laboratory"),
        ("0019M", "laboratory"),
        ("90281", "medicine"),
        ("90837", "medicine"),
        ("97153", "medicine"),
        ("98966", "medicine"),
        ("99151", "medicine"),
        ("99607", "medicine"),
        ("98000", "evaluation-management"),
        ("98016", "evaluation-management"),
        ("99201", "evaluation-management"),
        ("99499", "evaluation-management"),
        ("3074F", "other"),
        ("G2212", "other"),
    ],
)
def test_sections_by_range_and_by_exception(code, section):
    assert str(NEWEST.section_of(code)) == section


@pytest.mark.parametrize("code", ["00099", "02000", "10003", "69991", "99608", "D0120", "W1234"])
def test_what_no_section_holds(code):
    assert NEWEST.section_of(code) is None
