"""``cptkit units``, ``bands``, and the picture and the days of ``time``."""

import json

import pytest

from cptkit.cli import units

ON = ("--on", "2026-03-02")


class TestUnits:
    def test_units_of_a_day(self, run):
        answer = run("units", "97110=33", "97140=7", "--policy", "medicare-total", *ON)
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.startswith("97110 x 2 + 97140\nMedicare: units by the total of the day, 2026-03-02")
        for text in (
            "97110: 2 whole units, 3 minutes left",
            "confidence: verified",
            "time/unit-policies/medicare-total",
        ):
            assert text in answer.out

    def test_without_a_day_the_answer_holds_all_year(self, call):
        answer = call("units", "97110=33", "97140=7", "--policy", "medicare-total")
        assert answer.status == 0
        assert "2026-01-01 to 2026-12-31, edition 2026.1" in " ".join(answer.out.split())
        plain = json.loads(call("units", "97110=33", "--policy", "cpt-per-code", "--format", "json").out)
        assert (plain["date_of_service"], plain["days"]) == (None, ["2026-01-01", "2026-12-31"])

    def test_without_a_day_a_changing_answer_is_refused(self, call, monkeypatch):
        asked = units._allocated
        monkeypatch.setattr(
            units,
            "_allocated",
            lambda _minutes, policy, leftover, day, codeset: asked(
                {"97110": 10 + 20 * (day.month == 12)}, policy, leftover, day, codeset
            ),
        )
        answer = call("units", "97110=33", "--policy", "cpt-per-code")
        assert answer.status == 2
        assert "The answer changes within 2026: give the day with --on." in " ".join(answer.err.split())

    def test_json(self, call):
        answer = call("units", "97112=20", "97110=20", "--policy", "medicare-total", *ON, "--format", "json")
        plain = json.loads(answer.out)
        assert plain["services"] == [{"code": "97112", "units": 2}, {"code": "97110", "units": 1}]
        assert plain["alternatives"] == [[{"code": "97112", "units": 1}, {"code": "97110", "units": 2}]]
        assert plain["working"]
        assert plain["sources"]
        assert plain["confidence"] == "verified"
        assert plain["date_of_service"] == "2026-03-02"

    @pytest.mark.parametrize(
        ("arguments", "first"),
        [
            (("97530-gp=10", "97530-GO=10", "--policy", "medicare-total"), "97530-GP + 97530-GO"),
            (
                ("97110=24", "97140=8", "--policy", "medicare-total", "--leftover", "unpaid-first"),
                "97110 + 97140",
            ),
            (("H2015=119", "--policy", "payer-whole-units"), "H2015 x 7"),
            (("97110=7", "--policy", "cpt-per-code"), "nothing reportable"),
        ],
    )
    def test_answers(self, call, arguments, first):
        assert call("units", *arguments, *ON).out.splitlines()[0] == first

    def test_a_reason_stands_where_nothing_is_reportable(self, call):
        out = call("units", "97110=7", "--policy", "medicare-total", *ON).out
        assert "7 minutes in all of the 8 that one unit needs" in out

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("97110", "--policy", "medicare-total"), "'97110': write a code and its minutes as 97110=33"),
            (("=33", "--policy", "medicare-total"), "write a code and its minutes"),
            (("97110=", "--policy", "medicare-total"), "minutes"),
            (("97110=7.5", "--policy", "medicare-total"), "whole completed minutes are needed"),
            (("97110=-3", "--policy", "medicare-total"), "-3"),
            (("97110=1441", "--policy", "medicare-total"), "1441"),
            (("97110=10", "97110=20", "--policy", "medicare-total"), "is given twice"),
            (("97110=10", "97110 =20", "--policy", "medicare-total"), "is given twice"),
            (("90834=45", "--policy", "medicare-total"), "select it alone"),
            (("97999=45", "--policy", "medicare-total"), "97999"),
            (("97110=10",), "Missing option '--policy'"),
            (("97110=10", "--policy", "eights"), "'eights' is not one of"),
            (("--policy", "medicare-total"), "Missing argument"),
            (("97110-GP-GO=10", "--policy", "medicare-total"), "two therapy plans"),
        ],
    )
    def test_wrong_input_is_one_message(self, call, arguments, told):
        answer = call("units", *arguments, *ON)
        assert answer.status == 2
        assert told in " ".join(answer.err.split())
        assert "Traceback" not in answer.err


class TestBands:
    def test_a_family(self, run):
        answer = run("bands", "psychotherapy", *ON)
        assert (answer.status, answer.err) == (0, "")
        lines = answer.out.splitlines()
        assert lines[0] == "individual psychotherapy"
        assert "38 to 52 minutes: 90834" in lines
        assert "53 or more minutes: 90837" in lines
        assert "confidence: verified" in answer.out

    def test_days_that_count_besides_are_told(self, call):
        out = " ".join(call("bands", "99236", *ON, "--basis", "medicare").out.split())
        assert "G0316 counts the minutes of the date of service and of 3 days after it" in out

    def test_any_code_names_its_family(self, call):
        assert call("bands", "90837", *ON).out == call("bands", "psychotherapy", *ON).out

    def test_codes_that_count_alone_are_all_shown(self, call):
        out = call("bands", "cardiac-rehabilitation", *ON, "--basis", "medicare").out
        assert "31 to 90 minutes: 93797" in out
        assert "31 to 90 minutes: 93798" in out

    def test_doubt_and_borrowed_rows_are_told(self, call):
        out = " ".join(call("bands", "health-behaviour-individual", *ON, "--basis", "medicare").out.split())
        assert "no medicare row is known: the cpt row answers" in out
        assert "confidence: derived" in out
        assert "not settled" in call("bands", "G0447", *ON, "--basis", "medicare").out
        assert "0 or more" not in call("bands", "anaesthesia", *ON, "--basis", "medicare").out

    def test_json(self, call):
        plain = json.loads(call("bands", "crisis", *ON, "--format", "json").out)
        assert plain["services"] == [{"code": "90839", "units": 1}, {"code": "90840", "units": 1}]
        assert plain["alternatives"] == []
        (only,) = plain["bands"]
        assert only["bands"][1] == {
            "first": 30,
            "last": 74,
            "services": [{"code": "90839", "units": 1}],
            "alternatives": [],
            "is_settled": True,
        }
        assert only["further"] == {"code": "90840", "each": 30}
        assert plain["working"]
        assert plain["sources"]
        assert (plain["confidence"], plain["date_of_service"]) == ("verified", "2026-03-02")
        several = json.loads(
            call("bands", "cardiac-rehabilitation", *ON, "--basis", "medicare", "--format", "json").out
        )
        assert [each["code"] for each in several["bands"]] == ["93797", "93798"]
        assert [each["code"] for each in several["services"]] == ["93797", "93798"]

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("psychotherpy", *ON), "did you mean psychotherapy"),
            (("99417", *ON), "name the one it is reported with"),
            (("G0019", *ON), "basis medicare"),
            (("99441", *ON), "2024-12-31"),
            (("psychotherapy",), "Missing option '--on'"),
            (("psychotherapy", "--on", "2026-02-30"), "2026-02-30"),
        ],
    )
    def test_wrong_input_is_one_message(self, call, arguments, told):
        answer = call("bands", *arguments)
        assert answer.status == 2
        assert told in " ".join(answer.err.split())


class TestTime:
    def test_the_picture_into_a_file(self, run, tmp_path):
        file = tmp_path / "bar.svg"
        answer = run("time", "90834", "47", *ON, "--svg", file)
        assert answer.status == 0
        assert answer.out.startswith("90834\n")
        drawn = file.read_text(encoding="utf-8")
        assert drawn.startswith("<svg")
        assert "47" in drawn

    def test_the_picture_on_standard_output_stands_alone(self, run):
        answer = run("time", "90834", "47", *ON, "--svg", "-")
        assert answer.status == 0
        assert answer.out.startswith("<svg")
        assert answer.out.rstrip().endswith("</svg>")

    def test_a_place_that_cannot_be_written(self, call, tmp_path):
        answer = call("time", "90834", "47", *ON, "--svg", tmp_path / "no" / "bar.svg")
        assert answer.status == 2
        assert "cannot be written" in answer.err

    def test_days(self, call):
        assert call("time", "99454", "--days", "16", *ON).out.splitlines()[0] == "99454"
        out = call("time", "99454", "--days", "1", *ON).out
        assert "1 day of the 2 that 99445 needs" in " ".join(out.split())

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("99454",), "counts days with data: give --days, and no minutes"),
            (("99454", "16", "--days", "16"), "give --days, and no minutes"),
            (("99454", "16"), "counts days"),
            (("90834", "--days", "16"), "counts minutes: give them after the code, and no --days"),
            (("90834",), "counts minutes: give them after the code"),
            (("90834", "47", "--days", "3"), "and no --days"),
            (("90791", "--days", "3"), "counts neither days nor minutes"),
            (("99454", "--days", "x"), "x"),
            (("99454", "--days", "31"), "0 to 30"),
        ],
    )
    def test_wrong_input_is_one_message(self, call, arguments, told):
        answer = call("time", *arguments, *ON)
        assert answer.status == 2
        assert told in " ".join(answer.err.split())

    def test_codes_without_minutes_need_none(self, call):
        assert call("time", "90791", *ON).out.splitlines()[0] == "90791"
        assert call("time", "99284", "30", *ON).out.splitlines()[0] == "not chosen by time"
        assert (
            call("time", "anaesthesia", "62", *ON, "--basis", "medicare").out.splitlines()[0]
            == "4.1 time units"
        )

    def test_readings_that_no_source_settles(self, call):
        out = " ".join(call("time", "G0447", "10", *ON, "--basis", "medicare").out.split())
        assert out.startswith("nothing or G0447")
        assert "no source settles which one holds" in out
        assert "confidence: disputed" in out

    def test_time_units(self, call):
        out = call("time", "00100", "69", *ON, "--basis", "medicare").out
        assert out.splitlines()[0] == "00100, 4.6 time units"
        assert "69 minutes over 15: 4.6 time units" in out
        plain = json.loads(call("time", "00100", "69", *ON, "--basis", "medicare", "--format", "json").out)
        assert plain["time_units"] == "4.6"


@pytest.mark.parametrize("words", [["90834", "-5"], ["-5", "90834"], ["90834", "-5", "--basis", "medicare"]])
def test_negative_minutes_are_minutes_and_no_option(run, words):
    answer = run("time", *words, *ON)
    assert answer.status == 2
    assert "not whole minutes of one day: -5; expected a whole number from 0 to 1440" in answer.err


def test_days_may_be_negative_too_and_options_are_still_options(run):
    assert "not whole days of the window: -3" in run("time", "99454", "--days", "-3", *ON).err
    err = run("time", "90834", "--foo", "5", *ON).err
    assert "No such option" in err  # how the name is written differs between versions of click
    assert "--foo" in err
