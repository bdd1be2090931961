"""The code is for one setting, the place is another.

Some visits say by their code where they were held: in an emergency room, a nursing facility, at home, in a
hospital. The place of service must say the same.

**Fails**: ``99284`` at place ``11``; ``99308`` at ``12``; ``99348`` at ``11``; ``99232`` and ``G0017`` at ``11``;
``G0552`` at ``10``, as it is no telehealth.

**Passes**: ``99284`` at ``23``; ``99308`` at ``31`` and ``32``; ``99308`` at ``02``.

**Cure**: the place where the patient was, or a code for that place. Where a modifier says telehealth the place of
a visit in person would contradict it, so that both are asked for.

**Not checked**: days before the first on record for the places of a code, where that first row would leave the place
out; once an encounter.

**Limits**: an error under Medicare where a contractor or CMS says which places it takes or refuses (nursing
facility, domiciliary care, digital treatment, crisis outside the office), otherwise a warning. Of hospital visits
only ``11`` is judged, as hospitals have many numbers; hospitals of the Indian Health Service and of the military have
their own. Of crisis outside the office, too, only ``11`` is judged: the other places it leaves out were not read. Places
of telehealth are judged by POS002. A line without a place is not judged, nor a code of which the edition names no
places on any day, and a code that is not in force is COD102.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.pos.places import (
    by_code,
    denies_telehealth,
    first_row,
    misfit,
    named,
    refuses,
    telehealth_modifiers,
    telehealth_places,
    told,
    written,
)
from cptkit.setting import Setting
from cptkit.sources import Basis, Confidence

RULE = ("POS003", "place-does-not-fit-code")

_KIND = "code-places"
_NEVER = "not"


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line whose place is not one of its code's; one entry for all that are too early."""
    if encounter.setting is not Setting.PRACTITIONER:
        return
    names, rows = named(context.codeset, _KIND), by_code(context, _KIND)
    early: list[Line] = []
    for line in encounter.lines:
        name = names.get(line.code)
        if name is None or line.place_of_service is None:
            continue
        if line.code not in rows:
            first = first_row(context, name)
            if first is not None and refuses(context, first, line.code, written(line)):
                early.append(line)
        else:
            row = misfit(context, line.code, written(line))
            if row is not None:
                yield _found(encounter, context, line, row)
    if early:
        codes = ", ".join(dict.fromkeys(line.code for line in early))
        reason = f"which places {codes} may stand at is not on record for that day"
        yield not_checked(RULE, encounter, tuple(early), reason)


def _found(encounter: Encounter, context: Context, line: Line, row: Convention) -> Finding:
    sure = context.basis is Basis.MEDICARE and row.citation.confidence is Confidence.VERIFIED
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{line.code} at place {told(context, written(line))}: {row.text}",
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=(row.citation,),
        denial=context.denial("pos-mismatch"),
        fixes=tuple(_cures(context, line, row.value.split())),
    )


def _cures(context: Context, line: Line, value: list[str]) -> Iterator[Fix]:
    never = value[0] == _NEVER
    places = [] if never else value
    others = f", such as {', '.join(places)}" if len(places) > 1 else ""
    ask = f"enter the place where the patient was{others}, or the code for a visit at that place"
    said = " and ".join(sorted(telehealth_modifiers(context).intersection(line.modifiers)))
    takes = telehealth_places(context)
    if said and never and takes and set(takes) <= set(value):
        ask = f"remove {said}, as it is no telehealth, and {ask}"
    elif said and any(denies_telehealth(context, line, place) for place in places or (written(line),)):
        ask = f"enter {' or '.join(takes)} if it was telehealth; or remove {said} and {ask}"
    elif len(places) == 1:
        text, provided = f"put place {told(context, places[0])}", "the patient was there"
        yield fix(FixKind.SET_PLACE, line, places[0], text, provided)
    yield fix(FixKind.ASK, line, None, ask)
