"""The examples that `cptkit explain` shows are cases, and what they are said to rest on is what they cite.

Written anew by ``CPTKIT_WRITE_SNAPSHOTS=1`` and this test, after a rule or its cases changed.
"""

import gzip
import json
import os
from importlib import resources
from itertools import groupby
from pathlib import Path

import pytest

from cptkit.rules import RULES, rule
from cptkit.rules.explaining import EXAMPLES, explained

WRITE = os.environ.get("CPTKIT_WRITE_SNAPSHOTS") == "1"
FILE = Path(__file__).with_name("examples.jsonl")
SHIPPED = resources.files("cptkit.rules").joinpath(EXAMPLES)
UNSAID = {"code", "modifiers", "units", "id", "claim", "group", "days_before"}
WORDS = {"minutes": "{} minutes", "place_of_service": "place {}", "provider": "clinician {}", "date": "on {}"}


def texts(modifiers):
    return [modifiers] if isinstance(modifiers, str) else list(modifiers)


def line_text(given):
    service = "-".join([given["code"] or "no code", *texts(given.get("modifiers", []))])
    units = f" x{given['units']}" if given.get("units", 1) != 1 else ""
    more = [WORDS.get(key, f"{key} {{}}").format(value) for key, value in given.items() if key not in UNSAID]
    return ", ".join([f"{service}{units}", *more])


def past_text(given):
    days = given.get("days_before", 0)
    when = f"{days} days before" if days >= 0 else f"{-days} days after"
    return f"{line_text(given)}, {when}"


def rows_about(case):
    """The rows of edit tables that name a code of the claim or of its tables' answer to it."""
    about = codes(case)
    rows = [(name, row) for name, rows in (case.tables or {}).items() for row in rows]
    return [f"{name}: {row}" for name, row in rows if any(code in row for code in about if code)]


def example(case, says=()):
    given = rows_about(case) + [f"history: {past_text(each)}" for each in case.history or ()]
    if case.filed is not None:
        given.append(f"filed: {case.filed} days after the date of service")
    if case.complete_days is not None:
        given.append(f"history: complete for the last {case.complete_days} days")
    if isinstance(case.profile, str):
        given.append(f"profile: {case.profile}")
    else:
        facts = (case.profile or {}).items()
        given += [
            f"profile: {name} = {says if isinstance(says, str) else says['value']}" for name, says in facts
        ]
    told = {"day": str(case.day), "basis": case.basis.value, "setting": case.setting.value}
    told["lines"] = [line_text(each) for each in case.lines]
    return told | ({"given": given} if given else {}) | ({"says": list(says)} if says else {})


def size(case):
    given = sum(map(len, (case.tables or {}).values())) + len(list(case.history or ()))
    return not case.example, len(case.lines) + given, -case.day.toordinal()


def codes(case):
    return {line["code"] for line in case.lines}


def record(rule_id, cases):
    """What is kept of a rule: its smallest failing case, the passing one most like it, and what all cite."""
    own = [case for case in cases if case.edition is None]
    fails = min((case for case in own if case.findings), key=size)
    failed = example(fails)

    def unlike(case):
        differs = (case.setting is not fails.setting, case.basis is not fails.basis)
        same = example(case) | {"day": failed["day"]} == failed
        return not case.example, not case.lines, same, *differs, -len(codes(case) & codes(fails)), *size(case)

    clean = (case for case in own if not (case.findings or case.bypassed or case.not_checked))
    reports = [case.check(select=[rule_id]) for case in cases]
    found = [each for report in reports for each in (*report.findings, *report.bypassed)]
    cited = [citation for each in found for citation in each.evidence]
    return {
        "rule": rule_id,
        "fails": example(fails, [each.message for each in fails.check(select=[rule_id]).findings]),
        "passes": example(min(clean, key=unlike)),
        "facts": sorted({citation.fact.partition("@")[0] for citation in cited}),
        "denials": sorted({each.denial.check for each in found if each.denial is not None}),
        "sources": sorted({key for citation in cited for key in citation.sources}),
    }


@pytest.fixture(scope="module")
def records(cases):
    by_rule = groupby(cases, key=lambda case: case.rule)
    return [record(rule_id, list(own)) for rule_id, own in by_rule]


def test_the_examples_are_cases_and_rest_on_what_the_cases_cite(records):
    text = "".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in records)
    if WRITE:
        FILE.write_text(text, encoding="utf-8")
        SHIPPED.write_bytes(gzip.compress(text.encode(), mtime=0))
    kept = {json.loads(line)["rule"]: line for line in FILE.read_text(encoding="utf-8").splitlines()}
    made = {json.loads(line)["rule"]: line for line in text.splitlines()}
    stale = sorted(rule_id for rule_id in {*kept, *made} if kept.get(rule_id) != made.get(rule_id))
    assert not stale, f"write {FILE.name} anew (CPTKIT_WRITE_SNAPSHOTS=1): {stale}"
    assert gzip.decompress(SHIPPED.read_bytes()).decode() == FILE.read_text(encoding="utf-8"), (
        "write it anew too"
    )


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_every_rule_is_explained_by_examples_and_sources(row):
    page = explained(rule(row.id))
    assert page.row is row
    assert page.what.endswith(".")
    assert list(page.parts)[:2] == ["Fails", "Passes"]
    assert page.fails.says
    assert page.fails.lines
    assert not page.passes.says
    kept = next(
        told
        for told in map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
        if told["rule"] == row.id
    )
    cited = {*kept["sources"], *(key for each in page.denials for key in each.citation.sources)}
    assert [source.key for source in page.sources] == sorted(cited)
    assert all(source.where and source.grade for source in page.sources)
    assert [each.check for each in page.denials] == kept["denials"]
    assert page.denials or page.facts
    told = page.to_dict()
    assert json.loads(json.dumps(told)) == told
    for part in ("fails", "passes"):
        shown = {name: kept[part][name] for name in ("basis", "setting")}
        shown["date_of_service"] = kept[part]["day"]
        assert {name: told[f"example_{part}"][name] for name in shown} == shown
    assert told["limits"] == page.parts["Limits"]


def test_words_of_examples():
    assert (
        line_text({"code": "90834", "modifiers": ["95", "GT"], "units": 2, "minutes": 50})
        == "90834-95-GT x2, 50 minutes"
    )
    assert line_text({"code": "", "modifiers": "95", "place_of_service": "10"}) == "no code-95, place 10"
    assert (
        past_text({"code": "90791", "days_before": 3, "provider": "A"}) == "90791, clinician A, 3 days before"
    )
    assert past_text({"code": "90791", "days_before": -1}) == "90791, 1 days after"
