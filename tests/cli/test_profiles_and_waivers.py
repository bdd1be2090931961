"""``cptkit profile``, and a check by a profile or with waivers."""

import csv
import datetime as dt
import io
import json

import pytest

from cptkit.cli import check_judges
from cptkit.rules import bundled_profiles
from cptkit.rules.profiles.reading import profile_of

LINES = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
WEEK = (
    LINES
    + "C-1,P-1,2026-03-02,A,90837,,1,50\nC-2,P-2,2026-03-02,A,90834,95,1,47\nC-3,P-3,2026-03-02,A,90837,,1,50\n"
)
HEAD = 'format = 1\nid = "mine"\ntitle = "Our practice"\n'
WAIVER = 'format = 1\n[[waiver]]\nrule = "TIM402"\nclaim = "C-1"\nreason = "the record says 53"\nexpires = 2026-06-30\n'


@pytest.fixture
def put(tmp_path):
    def put(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return put


@pytest.fixture
def week(put):
    return put("week.csv", WEEK)


def told(answer):
    return json.loads(answer.out)


# ---- cptkit profile ----------------------------------------------------------------------------------


def test_the_list(call):
    answer = call("profile", "list")
    assert (answer.status, answer.err) == (0, "")
    for name in bundled_profiles():
        assert f"\n{name}  {profile_of(name).title} (basis {profile_of(name).basis})" in f"\n{answer.out}"
        assert profile_of(name).digest in answer.out


def test_a_bundled_profile_shown(call):
    answer = call("profile", "show", "noridian")
    assert (answer.status, answer.err) == (0, "")
    assert "basis: medicare; units: medicare-total\nrules: ALL\n" in answer.out
    assert "denial of ptp-bundled: CO-B15 / M80" in answer.out
    assert "denial of ptp-mutually-exclusive: likely CO-B15 / M80" in answer.out
    assert "single-source: NOR-BUNDLE, checked 2026-11-21." in answer.out


def test_a_profile_of_ones_own_shown(call, put):
    row = 'from = 2026-01-01, value = "line", text = "own words", sources = ["MINE"], confidence = "verified", checked = 2026-03-02'
    text = (
        f'{HEAD}basis = "cpt"\nignore = ["PFS", "MUE801"]\n[severity]\nTIM401 = "review"\n[sources.MINE]\n'
        f'grade = "B"\nwhere = "a letter"\n[[convention]]\nname = "mue-mai/2"\nhistory = [{{ {row} }}]\n'
    )
    answer = call("profile", "show", put("mine.toml", text))
    for part in (
        "mine: Our practice\nsha256:",
        "units: as the basis has it\nrules: ALL, without PFS, MUE801\nTIM401: review at most\n",
        "mue-mai/2: line, from 2026-01-01\n  own words\n  verified: MINE, checked 2026-03-02\n",
        "MINE (B): a letter\n",
    ):
        assert part in answer.out


def test_a_profile_as_json(call):
    profile = profile_of("bcbs-illinois")
    answer = call("profile", "show", "bcbs-illinois", "--format", "json")
    assert told(answer) == profile.to_dict() | {"digest": profile.digest}


def test_a_profile_that_is_not_there(call):
    answer = call("profile", "show", "medicar")
    assert (answer.status, answer.out) == (2, "")
    assert "no such profile: 'medicar'" in answer.err
    assert answer.err.rstrip().endswith("?")
    far = call("check", __file__, "--profile", "zzzzz").err
    assert far.endswith("that ends in .toml; see `cptkit profile list`\n")


def test_profiles_verified(call, put):
    answer = call("profile", "verify")
    assert answer.status == 0
    assert [line.split()[:2] for line in answer.out.splitlines()] == [
        [name, "ok"] for name in bundled_profiles()
    ]
    wrong = put("wrong.toml", f'{HEAD}basis = "cpt"\nignroe = []\nselect = ["XYZ"]\n')
    answer = call("profile", "verify", "cpt", wrong)
    assert answer.status == 1
    first, second, *problems = answer.out.splitlines()
    assert first.startswith("cpt  ok  sha256:")
    assert second.endswith("wrong.toml  BROKEN")
    assert "2 problems in" in problems[0]
    text = " ".join(problems)
    assert "wrong.toml:5: no such key: 'ignroe'" in text.replace("\n", "")
    assert "wrong.toml:6: no such rule: 'XYZ'" in text


ROW = 'from = 2026-01-01, value = "{}", text = "own words", sources = ["BCBSIL-PSY"], confidence = "verified", checked = 2026-03-02'


def fact(name, value):
    return f'[[convention]]\nname = "{name}"\nhistory = [{{ {ROW.format(value)} }}]\n'


def test_a_code_that_no_edition_knows_is_a_remark(call, put):
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\n' + fact("note-holds/all", "90834 99999"))
    answer = call("profile", "verify", mine, "cpt")
    assert (answer.status, answer.err) == (0, "")
    first, remark, last = answer.out.splitlines()
    assert (first.split()[:2], last.split()[:2]) == (["mine", "ok"], ["cpt", "ok"])
    assert remark.startswith(f"  remark: {mine}:7: 99999 is in no bundled edition: ")
    assert remark.endswith("; did you mean 99499 or 99498 or 99497?")
    strict = call("profile", "verify", "--strict", mine, "cpt")
    assert (strict.status, strict.out) == (1, answer.out)
    assert call("profile", "verify", "--strict").status == 0


def test_a_place_that_nobody_knows_is_a_problem_and_no_obstacle(call, put, week):
    text = f'{HEAD}basis = "cpt"\n' + fact("telehealth-places", "02 77") + fact("note-holds/all", "99999")
    mine = put("mine.toml", text)
    answer = call("profile", "verify", mine)
    assert answer.status == 1
    first, problem, remark = answer.out.splitlines()
    assert first.startswith("mine  WRONG  sha256:")
    assert problem == (
        f"  {mine}:7: place of service 77 is unassigned: no place has that number; did you mean 81 or 72?"
    )
    assert remark.startswith(f"  remark: {mine}:10: 99999")
    assert call("check", week, "--profile", mine).err == ""


def test_a_text_that_is_no_code_keeps_a_profile_from_being_used(call, put, week):
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\n' + fact("units-a-day/all", "32 for 9083"))
    told = f"{mine}:7: the rules cannot read it, as '9083' is no code: '32 for 9083'; expected such as '32 for 97153'"
    answer = call("profile", "verify", mine)
    assert (answer.status, told in answer.out) == (1, True)
    answer = call("check", week, "--profile", mine)
    assert (answer.status, answer.out, told in answer.err) == (2, "", True)


def test_the_short_helps_are_whole(call):
    for group in ((), ("profile",), ("edition",), ("edits",), ("codeset",)):
        out = call(*group, "--help").out
        assert "..." not in out.partition("Commands:")[2]
        assert max(map(len, out.splitlines())) <= 80


# ---- cptkit check --profile --------------------------------------------------------------------------


def test_a_check_by_a_profile(call, week, put):
    answer = call("check", week, "--profile", "medicare", "--format", "json")
    report = told(answer)
    assert (report["basis"], report["profile"]["name"]) == ("medicare", "medicare")
    assert report["profile"]["digest"] == profile_of("medicare").digest
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\nignore = ["TIM402"]\n')
    answer = call("check", week, "--profile", mine)
    assert answer.status == 0
    assert "profile mine" in answer.out
    plain = told(call("check", week, "--format", "json"))
    assert (plain["basis"], plain["profile"]) == ("cpt", None)


def test_what_select_names_and_a_profile_leaves_out_is_told(call, week, put):
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\nignore = ["TIM40", "DOC"]\n')
    answer = call("check", week, "--profile", mine, "--select", "TIM402,COD101", "--format", "json")
    assert (answer.status, told(answer)["rules"]) == (0, ["COD101"])
    assert answer.err == (
        "cptkit: not run, though --select names them: TIM402; the profile mine leaves them out, "
        "and --select only narrows a profile\n"
    )
    alone = call("check", week, "--profile", mine, "--select", "tim402,doc", "--preview")
    assert (alone.status, alone.out) == (2, "")
    first, second = alone.err.splitlines()
    assert "--select names them: DOC001, TIM402; the profile mine" in first
    assert "the selection leaves no rule to check with" in second


@pytest.mark.parametrize(
    ("profile", "given"),
    [
        ('ignore = ["TIM402"]', ()),
        ('ignore = ["TIM402"]', ("--preview",)),
        ('ignore = ["TIM402"]', ("--select", "ALL,COD")),
        ('ignore = ["TIM402"]', ("--select", "TIM", "--ignore", "TIM402")),
        ('select = ["all"]', ("--select", "DOC,COD")),
        ('select = ["COD", "DOC"]', ("--select", "DOC,COD")),
    ],
)
def test_where_nothing_is_left_out_nothing_is_told(call, week, put, profile, given):
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\n{profile}\n')
    assert call("check", week, "--profile", mine, *given).err == ""


def test_a_narrow_profile_leaves_preview_rules_out(call, week, put):
    mine = put("mine.toml", f'{HEAD}basis = "cpt"\nselect = ["COD"]\n')
    assert "names them: DOC001; " in call("check", week, "--profile", mine, "--select", "DOC,COD").err
    assert call("check", week, "--select", "DOC,COD").err == ""


def test_a_basis_beside_a_profile(call, week):
    assert call("check", week, "--profile", "medicare", "--basis", "medicare").status == 1
    answer = call("check", week, "--profile", "medicare", "--basis", "cpt")
    assert (answer.status, answer.out) == (2, "")
    assert "the profile medicare judges by medicare, and another basis is asked for: 'cpt'" in answer.err


def test_a_broken_profile_is_told_with_its_lines(call, week, put):
    wrong = put("wrong.toml", f'{HEAD}basis = "cpt"\n\x1b = 1\n')
    answer = call("check", week, "--profile", wrong)
    assert (answer.status, answer.out) == (2, "")
    assert "wrong.toml:5: this is not TOML" in answer.err
    wrong = put("wrong.toml", f'{HEAD}basis = "cpt"\n"\\u001b[2J" = 1\n')
    answer = call("check", week, "--profile", wrong)
    assert "wrong.toml:5: no such key: '\\x1b[2J'" in answer.err
    assert "\x1b" not in answer.err


# ---- cptkit check --waivers --------------------------------------------------------------------------


def test_a_check_with_waivers(call, week, put):
    waivers = put("waivers.toml", WAIVER)
    answer = call("check", week, "--waivers", waivers, "--as-of", "2026-03-09", "--format", "json")
    report = told(answer)
    assert answer.status == 1
    assert [finding["claim"] for finding in report["findings"]] == ["C-3"]
    assert [each["finding"]["claim"] for each in report["waived"]] == ["C-1"]
    assert (report["waivers_as_of"], report["summary"]["waived"], report["idle_waivers"]) == (
        "2026-03-09",
        1,
        [],
    )
    text = call("check", week, "--waivers", waivers, "--as-of", "2026-03-09").out
    assert "as of 2026-03-09" in text
    assert "the record says 53" in text


def test_what_is_waived_is_no_failure_and_no_pass(call, week, put):
    waivers = put("waivers.toml", WAIVER + WAIVER.removeprefix("format = 1\n").replace("C-1", "C-3"))
    answer = call("check", week, "--waivers", waivers, "--as-of", "2026-06-30")
    assert answer.status == 0
    assert "1 line passed everything; 0 findings" in answer.out
    assert "2 waived" in answer.out


def test_an_expired_waiver_waives_nothing(call, week, put):
    waivers = put("waivers.toml", WAIVER)
    answer = call("check", week, "--waivers", waivers, "--as-of", "2026-07-01", "--format", "csv")
    assert answer.status == 1
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["claim"] for row in rows if row["type"] == "finding"] == ["C-1", "C-3"]
    assert "its last day was 2026-06-30" in answer.out
    assert "expired waiver of TIM402" in " ".join(
        call("check", week, "--waivers", waivers, "--as-of", "2026-07-01").out.split()
    )


class Clock(dt.datetime):
    """A day that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 6, 30, 12, tzinfo=tz or dt.UTC)


def test_waivers_are_judged_by_today_where_no_day_is_named(call, week, put, monkeypatch):
    monkeypatch.setattr(check_judges.dt, "datetime", Clock)
    waivers = put("waivers.toml", WAIVER)
    report = told(call("check", week, "--waivers", waivers, "--format", "json"))
    assert (report["waivers_as_of"], len(report["waived"])) == ("2026-06-30", 1)


def test_a_day_without_waivers(call, week):
    answer = call("check", week, "--as-of", "2026-03-09")
    assert (answer.status, answer.out) == (2, "")
    assert "--as-of says by which day waivers are judged: name a file with --waivers." in answer.err


def test_broken_waivers_are_told_with_their_lines(call, week, put):
    answer = call("check", week, "--waivers", put("waivers.toml", WAIVER.replace("claim", "clam")))
    assert (answer.status, answer.out) == (2, "")
    assert "waivers.toml:4: no such key: 'clam'" in answer.err
    assert "did you mean claim" in answer.err
