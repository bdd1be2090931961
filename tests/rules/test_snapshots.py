"""All that a rule says of its cases, word for word: what a changed rule or fact changes shows as a difference.

``snapshots/ADD301.jsonl`` has one line for each case and for the days on which the same is said. Written anew by
``CPTKIT_WRITE_SNAPSHOTS=1`` and this test; the difference is then read, as one reads a change of code.
"""

import json
import os
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("CPTKIT_WRITE_SNAPSHOTS") == "1"
OUTCOMES = ("findings", "bypassed", "not_checked")
UNSAID = {"name", "claim", "date_of_service", "edition", "codes", "outcome"}


def said(case):
    """What the report says of a case, without what the case says itself and what is empty."""
    report = case.check(select=[case.rule]).to_dict()
    return {name: [in_short(case, each) for each in report[name]] for name in OUTCOMES if report[name]}


def in_short(case, entry):
    """An entry with facts by their names, and with what is likely to be denied in one text."""
    short = {key: value for key, value in entry.items() if key not in UNSAID and value not in (None, "", [])}
    if short["rule"] == case.rule:
        del short["rule"]
    if "evidence" in short:
        short["evidence"] = [f"{each['fact']} {each['confidence']}" for each in entry["evidence"]]
    if "denial" in short:
        denial = entry["denial"]
        codes = [
            denial["group"],
            denial["carc"],
            *denial["rarc"],
            "likely" if denial["likely"] else "sourced",
        ]
        short["denial"] = " ".join(map(str, codes))
    if "fixes" in short:
        short["fixes"] = [
            [part for part in each.values() if part not in (None, "")] for each in entry["fixes"]
        ]
    if "edits" in short:
        short["edits"] = [" ".join(f"{part}" for part in each.values()) for each in entry["edits"]]
    return short


def kept(rule):
    """What was said of the cases of a rule, by case and day."""
    lines = (SNAPSHOTS / f"{rule}.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return {(each["case"], day): each["says"] for each in records for day in each["days"]}


def test_what_is_said_of_a_case(case, request):
    if WRITE:
        pytest.skip("the snapshots are written anew")
    cached = request.config.stash.setdefault(KEPT, {})
    if case.rule not in cached:
        cached[case.rule] = kept(case.rule)
    assert said(case) == cached[case.rule][case.id, str(case.day)]


KEPT = pytest.StashKey[dict]()


def test_no_snapshot_is_of_a_case_that_is_gone(cases):
    if WRITE:
        write(cases)
    there = {(case.rule, case.id, str(case.day)) for case in cases}
    rules = sorted(path.stem for path in SNAPSHOTS.glob("*.jsonl"))
    assert {(rule, *key) for rule in rules for key in kept(rule)} == there


def write(cases):
    by_rule = {}
    for case in cases:
        says = said(case)
        days = by_rule.setdefault(case.rule, {}).setdefault((case.id, json.dumps(says)), (says, []))[1]
        days.append(str(case.day))
    SNAPSHOTS.mkdir(exist_ok=True)
    for path in SNAPSHOTS.glob("*.jsonl"):
        path.unlink()
    for rule, records in by_rule.items():
        lines = [
            json.dumps({"case": case, "days": days, "says": says}, ensure_ascii=False)
            for (case, _), (says, days) in records.items()
        ]
        (SNAPSHOTS / f"{rule}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
