"""The standing of a code or modifier on a day, against a reader of the tables that knows no cptkit."""

import csv
import datetime as dt
import json
from importlib import resources

import attrs
import pytest

import cptkit
from cptkit.codesets import bundled_editions
from cptkit.errors import DateOutsideEdition, UnknownCode

ONE_DAY = dt.timedelta(days=1)


# ---- the other reader ----------------------------------------------------------------------


@attrs.frozen
class Life:
    """The dated rows of a code, ascending, as the table has them."""

    rows: list[dict[str, str]]

    @property
    def starts(self) -> list[dt.date]:
        return [dt.date.fromisoformat(row["from"]) for row in self.rows]

    def row_on(self, day: dt.date) -> dict[str, str] | None:
        holding = None
        for start, row in zip(self.starts, self.rows, strict=True):
            if start <= day:
                holding = row
        return holding

    def stands_on(self, day: dt.date) -> bool | None:
        row = self.row_on(day)
        if row is None:
            return None if self.rows[0]["earlier"] == "yes" else False
        return row["status"] == "in-force"

    def first_and_last_day(self, day: dt.date) -> tuple[dt.date | None, dt.date | None]:
        """The days of the time in force that holds the day, or else of the last one before it."""
        runs = self.runs()
        begun = [run for run in runs if run[0] <= day]
        start, last = begun[-1] if begun else runs[0]
        row = self.row_on(start)
        return (None if row["earlier"] == "yes" else start), last

    def runs(self) -> list[tuple[dt.date, dt.date | None]]:
        """First and last day of each unbroken time in force."""
        runs: list[tuple[dt.date, dt.date | None]] = []
        before = False
        for start in self.starts:
            now = self.stands_on(start)
            if now and not before:
                runs.append((start, None))
            if before and not now:
                runs[-1] = (runs[-1][0], start - ONE_DAY)
            before = bool(now)
        return runs

    def edge_days(self, last_day: dt.date) -> set[dt.date]:
        """The day before, the first, the last and the day after of every row."""
        ends = [start - ONE_DAY for start in self.starts[1:]] + [last_day]
        days = {start - ONE_DAY for start in self.starts} | set(self.starts)
        return {day for day in days | set(ends) | {end + ONE_DAY for end in ends} if day <= last_day}


def lives(edition: str, table: str) -> dict[str, Life]:
    data = resources.files("cptkit").joinpath("data")
    path = data.joinpath(edition, table)
    if not path.is_file():
        manifest = json.loads(data.joinpath(edition, "manifest.json").read_text(encoding="utf-8"))
        digest = manifest["files"][table]["digest"].removeprefix("sha256:")
        path = data.joinpath("shared", f"{table.removesuffix('.tsv')}-{digest[:16]}.tsv")
    text = path.read_text(encoding="utf-8")
    found: dict[str, Life] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        found.setdefault(row["code"], Life([])).rows.append(row)
    for life in found.values():
        life.rows.sort(key=lambda row: row["from"])
    return found


def differences(code, life, ask, last_day):
    """Each edge day on which the answer is not that of the other reader."""
    for day in sorted(life.edge_days(last_day)):
        status = ask(day)
        first, last = life.first_and_last_day(day)
        stands = life.stands_on(day)
        known = {
            "in_force": stands,
            "first_day": first,
            "last_day": last,
            "successors": tuple(life.row_on(day)["successors"].split())
            if stands is False and life.row_on(day)
            else (),
        }
        if stands is None:
            known.pop("first_day")
        for name, value in known.items():
            if getattr(status, name) != value:
                yield f"{code} on {day}: {name} is {getattr(status, name)!r}, the table says {value!r}"


@pytest.mark.parametrize("edition", bundled_editions())
class TestEveryDatedRow:
    """Clause: a row holds from its first day to the day before the next row, in every bundled edition."""

    def test_codes_on_the_four_edge_days_of_each_row(self, edition):
        codeset = cptkit.codeset(edition)
        table = lives(edition, "code-history.tsv")
        assert sorted(table) == sorted(codeset)
        wrong = [
            line
            for code, life in table.items()
            for line in differences(
                code, life, lambda day, code=code: codeset.status(code, date_of_service=day), codeset.last_day
            )
        ]
        assert not wrong, wrong[:10]

    def test_modifiers_on_the_four_edge_days_of_each_row(self, edition):
        codeset = cptkit.codeset(edition)
        table = lives(edition, "modifier-history.tsv")
        assert sorted(table) == list(codeset.modifiers)
        for life in table.values():
            for row in life.rows:
                row["successors"] = ""
        wrong = [
            line
            for code, life in table.items()
            for line in differences(
                code,
                life,
                lambda day, code=code: codeset.modifier(code).status(date_of_service=day),
                codeset.last_day,
            )
        ]
        assert not wrong, wrong[:10]

    def test_first_and_last_day_of_each_record(self, edition):
        codeset = cptkit.codeset(edition)
        for code, life in lives(edition, "code-history.tsv").items():
            ends_in_force = life.stands_on(codeset.last_day)
            assert codeset[code].last_day == (None if ends_in_force else life.runs()[-1][1]), code
            first = None if life.rows[0]["earlier"] == "yes" else life.starts[0]
            assert codeset[code].first_day == first, code

    def test_predecessors_are_the_successors_turned_round(self, edition):
        codeset = cptkit.codeset(edition)
        replaced: dict[str, set[str]] = {}
        for code, life in lives(edition, "code-history.tsv").items():
            for row in life.rows:
                for successor in row["successors"].split():
                    replaced.setdefault(successor, set()).add(code)
        assert replaced, "no successor in the table: the test cannot fail"
        for code in codeset:
            assert set(codeset[code].predecessors) == replaced.get(code, set()), code

    def test_the_day_after_the_last_is_outside(self, edition):
        codeset = cptkit.codeset(edition)
        code = next(iter(codeset))
        assert codeset.status(code, date_of_service=codeset.last_day).date_of_service == codeset.last_day
        with pytest.raises(DateOutsideEdition) as caught:
            codeset.status(code, date_of_service=codeset.last_day + ONE_DAY)
        assert caught.value.given == str(codeset.last_day + ONE_DAY)
        assert caught.value.expected == f"a day up to {codeset.last_day}"
        assert edition in caught.value.message

    def test_the_citation_of_a_status_is_the_row_that_holds(self, edition):
        codeset = cptkit.codeset(edition)
        for code, life in lives(edition, "code-history.tsv").items():
            for start, row in zip(life.starts, life.rows, strict=True):
                # a first row after the year is there for one reason: the code may be older than it
                asked = min(start, codeset.last_day)
                if asked < start:
                    assert (row, row["earlier"]) == (life.rows[0], "yes"), code
                    assert codeset.status(code, date_of_service=asked).in_force is None, code
                citation = codeset.status(code, date_of_service=asked).citation
                assert citation.fact == f"codes/{code}@{row['from']}"
                assert (citation.sources, citation.confidence.value) == (
                    tuple(row["sources"].split()),
                    row["confidence"],
                )
                assert all(codeset.source(key) for key in citation.sources)


# ---- dates that are on record --------------------------------------------------------------


def on(code, day, edition="2026.1"):
    return cptkit.codeset(edition).status(code, date_of_service=dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("code", "last_in_force", "first_not"),
    [
        ("99354", "2022-12-31", "2023-01-01"),
        ("99441", "2024-12-31", "2025-01-01"),
        ("90801", "2012-12-31", "2013-01-01"),
        ("96101", "2018-12-31", "2019-01-01"),
    ],
)
def test_deleted_codes_on_their_last_day_and_the_day_after(code, last_in_force, first_not):
    assert on(code, last_in_force).in_force is True
    assert on(code, first_not).in_force is False
    assert (
        on(code, last_in_force).last_day
        == on(code, first_not).last_day
        == dt.date.fromisoformat(last_in_force)
    )
    assert on(code, first_not).successors


@pytest.mark.parametrize(
    ("code", "first_day"),
    [("90834", "2013-01-01"), ("90837", "2013-01-01"), ("99417", "2021-01-01"), ("98016", "2025-01-01")],
)
def test_new_codes_on_their_first_day_and_the_day_before(code, first_day):
    first = dt.date.fromisoformat(first_day)
    status = on(code, first_day)
    assert (status.in_force, status.first_day, status.last_day) == (True, first, None)
    before = on(code, str(first - ONE_DAY))
    assert (before.in_force, before.first_day) == (False, first)
    assert before.reason == f"{code} starts on {first_day}"


def test_an_edition_does_not_know_codes_of_later_years():
    with pytest.raises(UnknownCode):
        on("98016", "2024-12-31", edition="2024.1")
    assert on("98016", "2024-12-31", edition="2025.1").in_force is False
    assert on("99441", "2024-12-31", edition="2024.1").last_day is None
    assert on("99441", "2024-12-31", edition="2025.1").last_day == dt.date(2024, 12, 31)


# ---- lives of every kind -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "day", "in_force", "first_day", "last_day", "reason"),
    [
        ("90834", "2012-12-31", False, "2013-01-01", None, "90834 starts on 2013-01-01"),
        ("90834", "2013-01-01", True, "2013-01-01", None, "90834 is in force on 2013-01-01"),
        (
            "90801", "2012-12-30", None, None, "2012-12-31",
            "90801 is on record from 2012-12-31; whether it was in force on 2012-12-30 is not known here",
        ),
        (
            "90801", "2012-12-31", True, None, "2012-12-31",
            "90801 is in force on 2012-12-31; its last day is 2012-12-31",
        ),
        (
            "90801", "2013-01-01", False, None, "2012-12-31",
            "90801 was last in force on 2012-12-31; see 90834, 90785",
        ),
        ("0373T", "2018-12-31", False, "2019-01-01", "2021-06-30", "0373T starts on 2019-01-01"),
        (
            "0373T", "2021-06-30", True, "2019-01-01", "2021-06-30",
            "0373T is in force on 2021-06-30; its last day is 2021-06-30",
        ),
        ("0373T", "2021-07-01", False, "2019-01-01", "2021-06-30", "0373T was last in force on 2021-06-30"),
        ("0373T", "2022-12-31", False, "2019-01-01", "2021-06-30", "0373T was last in force on 2021-06-30"),
        ("0373T", "2023-01-01", True, "2023-01-01", None, "0373T is in force on 2023-01-01"),
        (
            "90700", "2015-12-31", True, "2014-01-01", "2017-12-31",
            "90700 is in force on 2015-12-31; its last day is 2017-12-31",
        ),
        (
            "90700", "2016-01-01", True, "2014-01-01", "2017-12-31",
            "90700 is in force on 2016-01-01; its last day is 2017-12-31",
        ),
        ("90700", "2018-01-01", False, "2014-01-01", "2017-12-31", "90700 was last in force on 2017-12-31"),
        (
            "90700", "2020-01-01", False, "2014-01-01", "2017-12-31",
            "90700 was last in force on 2017-12-31; see 90834",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_life(small, code, day, in_force, first_day, last_day, reason):
    status = small.status(code, date_of_service=dt.date.fromisoformat(day))
    assert status.in_force is in_force
    assert (str(status.first_day or ""), str(status.last_day or "")) == (first_day or "", last_day or "")
    assert status.reason == reason
    assert (status.code, str(status.date_of_service)) == (code, day)


def test_the_record_knows_its_first_and_last_day(small):
    days = {code: (str(small[code].first_day), str(small[code].last_day)) for code in small}
    assert days == {
        "0373T": ("2019-01-01", "None"),
        "90700": ("2014-01-01", "2017-12-31"),
        "90785": ("2026-01-01", "None"),
        "90801": ("None", "2012-12-31"),
        "90834": ("2013-01-01", "None"),
        "G2212": ("2021-01-01", "None"),
    }


def test_successors_and_predecessors_are_told_on_both_sides(small):
    day = dt.date(2026, 3, 2)
    assert small.status("90801", date_of_service=day).successors == ("90834", "90785")
    assert small.status("90834", date_of_service=day).predecessors == ("90700", "90801")
    assert small["90785"].predecessors == ("90801",)
    assert small["G2212"].predecessors == ()
