"""The bands of every family in every edition's year, on record: a changed fact shows here what it changes.

When a difference is right, write the new record: CPTKIT_WRITE_SNAPSHOTS=1 pytest tests/timerule/test_snapshots.py
"""

import datetime as dt
import os
from pathlib import Path

import pytest

import cptkit
from cptkit import timerule
from cptkit.codesets import bundled_editions
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis

pytestmark = pytest.mark.usefixtures("afresh")

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
RUNGS = 2


def spans_of(name, basis, codeset):
    """The rules of a name within the edition's year, with the first day of each in that year."""
    last = codeset.last_day
    day = last.replace(month=1, day=1)
    while day <= last:
        try:
            rule = timerule.family(name, date_of_service=day, codeset=codeset, basis=basis)
        except NoTimeRule:
            yield day, None
            day += dt.timedelta(days=1)
            continue
        yield day, rule
        if rule.days.last is None:
            return
        day = rule.days.last + dt.timedelta(days=1)


def bands_of(rule, codeset):
    """The outline of a rule; codes that count alone and in the same way stand together, as ``*``."""
    yield f"  {rule.method}"
    if rule.floors:
        yield from (f"  {line}" for line in timerule.outline(rule, rungs=RUNGS).lines())
        return
    alike = {}
    for code in rule.codes:
        day = max(rule.days.first, codeset.last_day.replace(month=1, day=1))
        alone = timerule.family(code, date_of_service=day, codeset=codeset, basis=rule.basis)
        told = (alone.method, *timerule.outline(alone, rungs=RUNGS).lines())
        lines = tuple(line.replace(code, "*") for line in told)
        alike.setdefault(lines, []).append(code)
    for lines, codes in alike.items():
        yield f"  each of {' '.join(codes)}"
        yield from (f"    {line}" for line in lines)


def expansion(codeset):
    lines = []
    for name in timerule.families(codeset):
        told = {}
        for basis in Basis:
            for day, rule in spans_of(name, basis, codeset):
                if rule is not None:
                    facts = [rule.citation, *(link.citation for link in rule.chain)]
                    sure = ", ".join(dict.fromkeys(each.confidence.value for each in facts))
                    head = f"from {max(day, rule.days.first)}, by {rule.basis}, {sure}"
                    told.setdefault((head, *bands_of(rule, codeset)), []).append(basis.value)
        if told:
            lines.append(f"{name}: {', '.join(timerule_codes(name, codeset))}")
        for (head, *bands), bases in told.items():
            lines += [f" {' and '.join(bases)} {head}", *bands]
    return lines


def timerule_codes(name, codeset):
    (raw,) = (each for each in codeset.timerules["families"] if each["id"] == name)
    return raw["codes"]


@pytest.mark.parametrize("edition", bundled_editions())
def test_the_bands_are_those_on_record(edition):
    found = "\n".join(expansion(cptkit.codeset(edition))) + "\n"
    path = SNAPSHOTS / f"bands-{edition}.txt"
    if os.environ.get("CPTKIT_WRITE_SNAPSHOTS"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_the_record_has_what_changed_from_year_to_year():
    """A change that is known: nursing visits in 2024, the first minute of remote monitoring in 2026."""
    before = (SNAPSHOTS / "bands-2023.1.txt").read_text(encoding="utf-8")
    after = (SNAPSHOTS / "bands-2024.1.txt").read_text(encoding="utf-8")
    assert "45 to 59 minutes: 99306\n" in before
    assert "50 to 64 minutes: 99306\n" in after
    assert "45 to 59 minutes: 99306\n" not in after
    newest = (SNAPSHOTS / "bands-2026.1.txt").read_text(encoding="utf-8")
    assert "10 to 19 minutes: 99470\n" in newest
    assert "99470" not in after
