"""Counts for studies: each against the same count made by hand."""

import datetime as dt
from collections import Counter

import pytest

pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cptkit import Catalog, timerule
from cptkit.errors import InvalidChoice, InvalidReport, NoTimeRule, UnreadableClaims
from cptkit.frames import check, research, tallying

MARCH = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.bundled()


@pytest.fixture(scope="module")
def rows(paths):
    return paths.drawing.rows(11, 400, providers=("Ann", " ann", "Bob", None))


@pytest.fixture(scope="module")
def table(paths, rows):
    return paths.table(rows)


@pytest.fixture(scope="module")
def found(table, catalog):
    return check(table, catalog, batch_rows=64)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(tallying, "BATCH_ROWS", 64)


def by_hand(rows, found, key, rules=""):
    """Lines, lines that fail, and findings, by a key of each row."""
    told = [each for each in found.table.to_pylist() if each["rule"].startswith(rules)]
    lines = Counter(key(row) for row in rows)
    failing = Counter(key(rows[at]) for at in {each["row"] for each in told if each["outcome"] == "fail"})
    outcomes = Counter((key(rows[each["row"]]), each["outcome"]) for each in told)
    return {
        name: (many, failing[name], outcomes[name, "fail"], outcomes[name, "bypassed"], failing[name] / many)
        for name, many in lines.items()
    }


def as_told(table, *names):
    keys = [tuple(row[name] for name in names) for row in table.to_pylist()]
    columns = ("lines", "lines_failed", "failed", "bypassed", "share")
    values = [tuple(row[name] for name in columns) for row in table.to_pylist()]
    assert len(set(keys)) == len(keys)
    return {key if len(names) > 1 else key[0]: value for key, value in zip(keys, values, strict=True)}


class TestFindings:
    def test_by_rule(self, found) -> None:
        told = research.by_rule(found).to_pylist()
        rows = found.table.to_pylist()
        for each in told:
            own = [row for row in rows if row["rule"] == each["rule"]]
            outcomes = Counter(row["outcome"] for row in own)
            assert (each["failed"], each["bypassed"]) == (outcomes["fail"], outcomes["bypassed"])
            assert each["lines"] == len({row["row"] for row in own})
        assert {each["rule"] for each in told} == set(found.rules)
        sums = [each["failed"] + each["bypassed"] for each in told]
        assert sums == sorted(sums, reverse=True)
        assert sums[0] > 0
        assert sums[-1] == 0

    @pytest.mark.usefixtures("small_batches")
    @pytest.mark.parametrize("rules", ["", "TIM", "TIM402"])
    def test_by_month(self, rows, table, found, rules) -> None:
        told = research.by_month(found, table, rules=rules)
        assert as_told(told, "month") == by_hand(rows, found, lambda row: str(row.day)[:7], rules)
        assert told["month"].to_pylist() == sorted(told["month"].to_pylist())

    @pytest.mark.parametrize("rules", ["TIM9", "tim", ["TIM402"], 4, None])
    def test_rules_that_did_not_run(self, table, found, rules) -> None:
        with pytest.raises(InvalidChoice, match="of no rule that ran the id begins so"):
            research.by_month(found, table, rules=rules)

    def test_what_is_no_answer_of_a_check(self, table, found, catalog) -> None:
        for given in (found.table, table, None):
            with pytest.raises(InvalidReport, match="this is no FindingsTable"):
                research.by_month(given, table)
            with pytest.raises(InvalidReport, match="this is no FindingsTable"):
                research.by_rule(given)
        with pytest.raises(UnreadableClaims, match="the table has row, line, claim, rule"):
            research.coverage(found, catalog)

    @pytest.mark.usefixtures("small_batches")
    def test_by_provider(self, rows, table, found) -> None:
        told = as_told(research.by_provider(found, table), "provider")
        wanted = by_hand(rows, found, lambda row: row.provider and row.provider.strip().casefold())
        assert {name and name.casefold(): values for name, values in told.items()} == wanted
        assert set(wanted) == {"ann", "bob", None}

    def test_providers_that_are_numbers(self, catalog) -> None:
        rows = {"patient": ["A", "B"], "dos": [MARCH] * 2, "cpt": ["90791"] * 2, "npi": pa.array([12, None])}
        table = pa.table(rows)
        assert research.by_provider(check(table, catalog), table)["provider"].to_pylist() == ["12", None]

    @pytest.mark.usefixtures("small_batches")
    def test_by_family(self, rows, table, found, catalog) -> None:
        def family(row):
            edition = catalog.edition_for(row.day)
            if edition is None:
                return None, None
            if row.code in edition:
                return edition[row.code].section.value, edition[row.code].family
            try:
                section = edition.section_of(row.code)
            except ValueError:
                return None, None
            return section and section.value, None

        told = research.by_family(found, table, catalog)
        assert as_told(told, "section", "family") == by_hand(rows, found, family)
        assert told["lines"].to_pylist() == sorted(told["lines"].to_pylist(), reverse=True)

    def test_what_it_was_counted_by(self, found, table) -> None:
        for told in (research.by_rule(found), research.by_month(found, table)):
            source = told.schema.metadata[b"source"].decode()
            assert source == ", ".join(f"{pin.name} {pin.digest}" for pin in found.pins)
            assert told.schema.metadata[b"rejected"] == b"0"

    def test_another_table_is_refused(self, found, table) -> None:
        for other in (table.slice(1), table.slice(0, 300), pa.concat_tables([table, table])):
            with pytest.raises(UnreadableClaims, match="of another table"):
                research.by_month(found, other)

    def test_other_rows_or_another_order_are_refused(self, found, table) -> None:
        """Though there are as many of them."""
        count = table.num_rows
        swapped = [1, 0, *range(2, count)]
        others = [
            table.take([*range(count - 1, -1, -1)]),
            table.take(swapped),
            table.take([*range(1, count), 0]),
        ]
        for name in ("code", "npi", "date_of_service", "patient_id"):
            place, column = table.column_names.index(name), table[name]
            others.append(table.set_column(place, name, column.take([*range(1, count), 0])))
        for other in others:
            with pytest.raises(UnreadableClaims, match="of another table"):
                research.by_provider(found, other)

    def test_rows_of_several_lines(self, catalog) -> None:
        rows = {"DESYNPUF_ID": ["A", "B"], "CLM_ID": [11, 12], "CLM_FROM_DT": [20260302, 20260402]}
        rows |= {f"HCPCS_CD_{place}": pa.nulls(2, pa.string()) for place in range(1, 14)}
        rows |= {f"PRF_PHYSN_NPI_{place}": [str(place), "9"] for place in range(1, 14)}
        table = pa.table(rows | {"HCPCS_CD_2": ["90785", "90791"], "HCPCS_CD_3": ["90791", None]})
        told = research.by_provider(check(table, catalog, select=["ADD301"]), table)
        assert dict(zip(told["provider"].to_pylist(), told["lines_failed"].to_pylist(), strict=True)) == {
            "2": 1,
            "3": 0,
            "9": 0,
        }

    @pytest.mark.parametrize("batch_rows", [100, 400, 1000])
    def test_a_file_that_is_damaged_in_the_middle(self, catalog, tmp_path, batch_rows) -> None:
        """As many of its rows are counted as were checked, whatever the batches."""
        rows = 800
        lines = {
            "patient": list(map(str, range(rows))),
            "dos": ["2026-03-02"] * rows,
            "cpt": ["90834"] * rows,
        }
        for name in ("a.parquet", "b.parquet"):
            pq.write_table(
                pa.table(lines), tmp_path / name, use_dictionary=["cpt", "dos"], data_page_size=256
            )
        start = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0)
        damaged = bytearray((tmp_path / "a.parquet").read_bytes())
        place = start.data_page_offset + start.total_compressed_size * 6 // 10
        damaged[place : place + 400] = b"\xff" * 400
        (tmp_path / "a.parquet").write_bytes(damaged)
        found = check(tmp_path, catalog, select=["TIM"], batch_rows=batch_rows)
        assert len(found.broken) == 1
        assert found.lines < 2 * rows
        assert sum(each["lines"] for each in research.by_month(found, tmp_path).to_pylist()) == found.lines

    def test_a_broken_file_that_the_findings_name(self, table, catalog, tmp_path) -> None:
        pq.write_table(table, tmp_path / "a.parquet")
        (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing PAR1")
        pq.write_table(table, tmp_path / "c.parquet")
        told = research.by_month(check(tmp_path, catalog), tmp_path)
        assert sum(told["lines"].to_pylist()) == 2 * table.num_rows
        with pytest.raises(UnreadableClaims, match=r"b\.parquet"):
            research.coverage(tmp_path, catalog)


class TestCoverage:
    @pytest.mark.usefixtures("small_batches")
    def test_by_year(self, rows, table) -> None:
        catalog = Catalog.from_editions("2025.1", "2026.1")
        told = {each["year"]: each for each in research.coverage(table, catalog).to_pylist()}
        assert set(told) == {row.day.year for row in rows}
        assert set(told) > {2024, 2026}
        for year, each in told.items():
            codes = [row.code.strip().upper() for row in rows if row.day.year == year]
            edition = catalog.edition_for(dt.date(year, 5, 5))
            known = [code for code in codes if edition is not None and code in edition]
            assert each["edition"] == (None if edition is None else edition.edition)
            assert (each["lines"], each["lines_known"]) == (len(codes), len(known))
            assert (each["codes"], each["codes_known"]) == (len(set(codes)), len(set(known)))
            assert each["share"] == len(known) / len(codes)

    def test_uncovered(self, rows, table, catalog) -> None:
        told = research.uncovered(table, catalog)
        wanted = Counter(
            (row.code, row.day.year)
            for row in rows
            if (edition := catalog.edition_for(row.day)) is None or row.code not in edition
        )
        assert {(each["code"], each["year"]): each["lines"] for each in told.to_pylist()} == wanted
        assert told["lines"].to_pylist() == sorted(told["lines"].to_pylist(), reverse=True)

    def test_rejected_rows_are_told(self, catalog) -> None:
        table = pa.table({"patient": ["A", "B"], "dos": ["2026-03-02", "2026-02-30"], "cpt": ["90834"] * 2})
        told = research.coverage(table, catalog)
        assert (told["lines"].to_pylist(), told.schema.metadata[b"rejected"]) == ([1], b"1")


@pytest.fixture(scope="module")
def sessions():
    told = [(code, minute) for code in ("90832", "90834", "90837") for minute in range(10, 70)]
    told += [("90837", None)] * 3 + [("99213", 53)] * 5
    codes, minutes = zip(*told, strict=True)
    many = len(told)
    return pa.table(
        {
            "patient": [f"P-{at}" for at in range(many)],
            "dos": [dt.date(2025, 1, 1) + dt.timedelta(3 * at) for at in range(many)],
            "cpt": codes,
            "minutes": pa.array(minutes, pa.int64()),
        }
    )


class TestTimedCodes:
    @pytest.mark.usefixtures("small_batches")
    def test_shares(self, sessions, catalog) -> None:
        told = research.time_codes(sessions, catalog, "psychotherapy", period="month").to_pylist()
        days, codes = (sessions[name].to_pylist() for name in ("dos", "cpt"))
        wanted = Counter(
            (str(day)[:7], code) for day, code in zip(days, codes, strict=True) if code != "99213"
        )
        assert {(each["period"], each["code"]): each["lines"] for each in told if each["lines"]} == wanted
        for period in {each["period"] for each in told}:
            own = [each for each in told if each["period"] == period]
            assert [each["code"] for each in own] == ["90832", "90834", "90837"]
            assert sum(each["share"] for each in own) == pytest.approx(1)
        assert research.time_codes(sessions, catalog, "90834").num_rows == 6

    def test_a_year_without_lines_of_the_family(self, catalog) -> None:
        table = pa.table({"patient": ["A"], "dos": [MARCH], "cpt": ["99213"]})
        assert research.time_codes(table, catalog, "psychotherapy").num_rows == 0

    def test_minutes(self, sessions, catalog) -> None:
        told = research.minutes(sessions, catalog, "psychotherapy").to_pylist()
        wanted = Counter(
            (minute, code)
            for minute, code in zip(sessions["minutes"].to_pylist(), sessions["cpt"].to_pylist(), strict=True)
            if code != "99213"
        )
        assert {(each["minutes"], each["code"]): each["lines"] for each in told} == wanted
        assert told[-1] == {"minutes": None, "code": "90837", "lines": 3}

    def test_minutes_of_a_clock(self, catalog) -> None:
        clocks = {"start": ["09:00", "23:30:20", "09:00"], "stop": ["09:53", "00:30:19", "10:00"]}
        rows = {
            "patient": ["A", "B", "C"],
            "dos": [MARCH] * 3,
            "cpt": ["90837"] * 3,
            "minutes": [None, None, 55],
        }
        told = research.minutes(pa.table(rows | clocks), catalog, "psychotherapy")
        assert told["minutes"].to_pylist() == [53, 55, 59]

    def test_minutes_below_zero_are_told(self, catalog) -> None:
        """They are as documented, wrong as they are; with them a clock is not looked at."""
        rows = {"patient": list("ABC"), "dos": [MARCH] * 3, "cpt": ["90837"] * 3, "minutes": [-1, -2, None]}
        table = pa.table(rows | {"start": ["09:00", "", ""], "stop": ["09:53", "", ""]})
        told = research.minutes(table, catalog, "psychotherapy")
        assert told["minutes"].to_pylist() == [-2, -1, None]
        counted = research.thresholds(table, catalog, "psychotherapy").to_pylist()
        assert {each["lines"] for each in counted} == {2}

    @pytest.mark.parametrize("within", [-1, 1.5, "x", None, True, np.array([3, 4])])
    def test_what_is_no_number_of_minutes(self, sessions, catalog, within) -> None:
        with pytest.raises(InvalidChoice, match="within is no count"):
            research.thresholds(sessions, catalog, "psychotherapy", within=within)

    @pytest.mark.parametrize("within", [0, 1, 4])
    def test_thresholds_are_those_of_the_time_rule(self, sessions, catalog, within) -> None:
        told = research.thresholds(sessions, catalog, "psychotherapy", within=within)
        rule = timerule.family("psychotherapy", date_of_service=MARCH, codeset=catalog.edition_for(MARCH))
        assert told["minutes"].to_pylist() == list(rule.floors[1:])
        assert told["services"].to_pylist() == [answers[0][0].code for answers in rule.answers[1:]]
        for each in told.to_pylist():
            at = each["minutes"]
            minutes = [minute for minute in range(10, 70) for _ in range(3)]
            assert each["lines"] == len(minutes)
            assert each["at"] == minutes.count(at)
            assert each["just_under"] == sum(at - within <= minute < at for minute in minutes)
            assert each["just_over"] == sum(at < minute <= at + within for minute in minutes)
            assert each["share"] == minutes.count(at) / len(minutes)
        assert told.schema.metadata[b"within"] == str(within).encode()

    def test_a_family_without_lines_has_its_thresholds(self, catalog) -> None:
        table = pa.table({"patient": ["A"], "dos": [MARCH], "cpt": ["99213"]})
        told = research.thresholds(table, catalog, "crisis").to_pylist()
        assert {(each["lines"], each["share"]) for each in told} == {(0, None)}
        assert [each["services"] for each in told][:2] == ["90839", "90839 + 90840"]

    def test_a_threshold_of_one_code_of_many(self, catalog) -> None:
        rows = {"patient": ["A"] * 2, "dos": [MARCH] * 2, "cpt": ["97110", "97140"], "minutes": [8, 8]}
        first, *_ = research.thresholds(pa.table(rows), catalog, "97110").to_pylist()
        assert (first["minutes"], first["services"]) == (8, "97110")

    def test_days_without_a_rule_are_told(self) -> None:
        catalog = Catalog.from_editions("2026.1")
        days = [MARCH, dt.date(2025, 3, 2), dt.date(2025, 3, 3)]
        table = pa.table({"patient": ["A"] * 3, "dos": days, "cpt": ["90834", "90837", "99213"]})
        told = research.time_codes(table, catalog, "psychotherapy")
        assert told["period"].unique().to_pylist() == ["2026"]
        assert told.schema.metadata[b"not_counted"] == b"1"
        with pytest.raises(NoTimeRule, match="no edition for any day"):
            research.time_codes(table.slice(1), catalog, "psychotherapy")

    def test_a_family_that_has_no_rule(self, catalog) -> None:
        table = pa.table({"patient": ["A"], "dos": [MARCH], "cpt": ["90834"]})
        with pytest.raises(NoTimeRule):
            research.time_codes(table, catalog, "99050")

    def test_minutes_that_choose_nothing(self, catalog) -> None:
        table = pa.table({"patient": ["A"], "dos": [MARCH], "cpt": ["99453"]})
        with pytest.raises(NoTimeRule, match="minutes do not choose among the codes"):
            research.thresholds(table, catalog, "remote-physiologic-device")

    def test_another_period(self, sessions, catalog) -> None:
        with pytest.raises(InvalidChoice, match="one of year, month"):
            research.time_codes(sessions, catalog, "psychotherapy", period="week")
