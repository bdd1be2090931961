"""The place of service is no number of the list on that day.

A place is two digits from the list that CMS keeps for all payers. Most numbers are unassigned, some
began lately: ``10`` on 2022-01-01, ``27`` on 2023-10-01, ``66`` on 2024-08-01.

**Fails**: place ``30``, which is unassigned; place ``10`` on 2021-12-31; ``office``; ``2``, which
a spreadsheet made of ``02``.

**Passes**: place ``11``; place ``10`` on 2022-01-01.

**Cure**: the number of the place where the patient was; two digits where a nought was lost.

**Not checked**: days before the list gives days at all, and an edition without the list.

**Limits**: a line without a place is not asked for one, and claims of a hospital have none. The date of service
decides, as the transmittals have it; a payer may go by the day of the claim. Whether the place fits the service
is POS002 and POS003.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.pos.places import first_row, told, written
from cptkit.setting import Setting
from cptkit.sources import Citation

RULE = ("POS001", "unknown-place-of-service")

_OLDER = "earlier"  # the place is older than its first row
_SHOWN = 20
_ASK = "enter the number of the place where the patient was"


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line whose place is not on the list."""
    if encounter.setting is Setting.HOSPITAL:
        return
    known = ""
    for line in encounter.lines:
        place = line.place_of_service
        if place is None or place == known:
            continue
        if context.convention(f"place/{place}") is None:
            yield from _judge(encounter, context, line, written(line))
        else:
            known = place


def _judge(encounter: Encounter, context: Context, line: Line, place: str) -> Iterator[Finding | NotChecked]:
    listed = context.convention("places-of-service")
    if not place or context.convention(f"place/{place}") is not None:
        return
    if not _is_two_digits(place):
        mended = _mended(context, line, place)
        message = f"place of service {place[:_SHOWN]!r} is not two digits"
        yield _found(encounter, context, line, message, () if listed is None else (listed.citation,), mended)
        return
    later = first_row(context, f"place/{place}")
    if later is not None and later.value != _OLDER:
        message = f"place of service {place} is not in force on {context.day}: it starts on {later.first_day}"
        yield _found(encounter, context, line, message, (later.citation,))
    elif later is not None:
        reason = f"place of service {place} is on record from {later.first_day}"
        yield not_checked(RULE, encounter, (line,), reason)
    elif listed is None:
        reason = f"edition {context.codeset.edition} has no list of places of service for that day"
        yield not_checked(RULE, encounter, (line,), reason)
    else:
        message = f"place of service {place} is unassigned: no place has that number"
        yield _found(encounter, context, line, message, (listed.citation,))


def _is_two_digits(place: str) -> bool:
    return len(place) == 2 and place.isascii() and place.isdigit()


def _mended(context: Context, line: Line, place: str) -> tuple[Fix, ...]:
    """The place with the nought that a spreadsheet took off."""
    full = f"0{place}"
    if len(place) != 1 or context.convention(f"place/{full}") is None:
        return ()
    return (fix(FixKind.SET_PLACE, line, full, f"put place {told(context, full)}", "that is the place"),)


def _found(
    encounter: Encounter,
    context: Context,
    line: Line,
    message: str,
    evidence: tuple[Citation, ...],
    mended: tuple[Fix, ...] = (),
) -> Finding:
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.ERROR if evidence else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("place-invalid"),
        fixes=(fix(FixKind.ASK, line, None, _ASK), *mended),
    )
