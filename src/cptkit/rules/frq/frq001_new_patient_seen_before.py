"""A visit of a new patient whom the clinician saw within the three years before.

A patient is new whom neither the clinician nor one of the same specialty in the same group gave a
service face to face in the three years before the date of service.

**Fails**: ``99203`` for a patient to whom the same clinician gave ``99213`` a year before.

**Passes**: ``99203`` where the last service was three years before, to the day, or earlier; after a test
that was read without seeing the patient.

**Cure**: the visit of an established patient at the level that was given.

**Not checked**: no history, or one that begins less than three years before; a row of the claim that could
not be read; an earlier service of a colleague of the same billing provider, as claims carry no specialty, or
of another clinician where a side names no billing provider; an earlier line or a visit without a clinician;
an earlier service that is neither known to be given face to face nor a laboratory test or a reading alone (26).

**Limits**: practitioners' claims; eye exams of new patients are not judged. The clinician is the rendering provider as spelled. A colleague of another billing provider is
another group. Medicare does not look at subspecialties, CPT does: neither is on a claim. What holds on the
very anniversary was not read, and is taken as new.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from cptkit.claims import Encounter, Line
from cptkit.codes import Category, category_of
from cptkit.codesets import Convention
from cptkit.dated import months_before
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked
from cptkit.rules.modifiers import named
from cptkit.rules.whose import Whose, repeated, told, uncertain
from cptkit.setting import Setting

RULE = ("FRQ001", "new-patient-seen-before")

_READING = ("pfs-modifiers/professional",)
_DAY = dt.timedelta(days=1)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is a visit of a new patient."""
    return context.convention(f"new-patient/{alone.lines[0].code}") is not None


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every new-patient code of a patient who was seen before."""
    if encounter.setting is not Setting.PRACTITIONER:
        return
    for line in encounter.lines:
        new = context.convention(f"new-patient/{line.code}")
        if new is not None:
            yield from _judge(encounter, context, line, new)


def _judge(
    encounter: Encounter, context: Context, line: Line, new: Convention
) -> Iterator[Finding | NotChecked]:
    years = context.convention("new-patient-years")
    day = encounter.date_of_service
    if years is None:
        reason = f"after how many years a patient is new again is not on record for {day}"
        yield not_checked(RULE, encounter, (line,), reason)
        return
    first = months_before(day, 12 * int(years.value)) + _DAY
    found = repeated(encounter, first, partial(_face_to_face, context), _unclear)
    if isinstance(found, PastLine):
        yield _finding(encounter, context, line, found, (new, years))
    elif found:
        yield not_checked(RULE, encounter, (line,), found)


def _face_to_face(context: Context, line: Line) -> bool | None:
    """Whether the patient was seen: None where nothing on record says it."""
    code = line.code
    category = category_of(code)
    if category is None or category is Category.II:
        return False
    if context.convention(f"face-to-face/{code}") is not None:
        return True
    record = context.record(code)
    family = "" if record is None else (record.family or "").replace(" ", "-")
    if family and context.convention(f"face-to-face/{family}") is not None:
        return True
    if not set(named(_READING, context) or ()).isdisjoint(line.modifiers):
        return False
    return False if context.convention(f"read-without-patient/{context.codeset.section_of(code)}") else None


def _unclear(each: PastLine, who: Whose) -> str:
    return uncertain(each, who) or f"whether {told(each)} was given face to face is not on record"


def _finding(
    encounter: Encounter, context: Context, line: Line, each: PastLine, facts: tuple[Convention, ...]
) -> Finding:
    message = (
        f"{line.code} is for a new patient, and the same clinician gave {told(each)}, "
        f"less than {facts[1].value} years before"
    )
    text = "report the visit of an established patient at the level that was given"
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        evidence=tuple(fact.citation for fact in facts),
        denial=context.denial("new-patient-rule"),
        fixes=(fix(FixKind.ASK, line, None, text),),
    )
