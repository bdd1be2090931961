"""A modifier stands on a kind of code for which it is not made.

Some modifiers belong on visits alone, on anaesthesia, on laboratory tests or on a few codes; others never stand
on visits or add-ons. What a modifier says then has no meaning, and the line is denied or sent back.

**Fails**: ``99213-51``; ``99213-59`` (25 is for visits); ``90837-91`` (for laboratory tests); ``80053-76``
(91 says it there); ``90837-AA`` (for anaesthesia); ``99213-AI``; ``90785-GY``; ``99213-1P``.

**Passes**: ``99213-25``; ``92004-25``; ``00104-AA``; ``80053-91``; ``99221-AI``; ``3074F-1P``.

**Cure**: remove it, or enter the one that the documentation supports.

**Not checked**: days before the record of the modifier begins.

**Limits**: the kind of a code by its section, its category, its number and whether it is an add-on; codes of
HCPCS that stand in no section are not judged. Where a published table judges the modifier this rule is silent,
also when run alone: the fee schedule where it lists the code (PFS901 to PFS906), a pair edit that the modifier
does not bypass (PTP703). 50 and 51 on add-ons are ADD304. Which part of the body a modifier is for, and modifiers
for hospitals' or practitioners' claims alone, are not judged. Where the facts say what a modifier is for, and not
that it is for nothing else, the finding is a warning.
"""

from collections.abc import Iterable, Iterator

import attrs

from cptkit.claims import Encounter, Line
from cptkit.codes import category_of
from cptkit.codesets import Convention, ModifierRecord
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.kinds import is_kind, kind, section
from cptkit.rules.modifiers import named
from cptkit.rules.pfs.parting import is_tried_in_vain, parts_now
from cptkit.setting import Setting
from cptkit.sources import weakest

RULE = ("MOD207", "modifier-does-not-fit-code")

_ADD_ON, _ANY_OTHER = "add-on", "any-other"
_OF_ADD_ONS = ("add-on-modifiers/further-procedure", "add-on-modifiers/both-sides")
_BY_SCHEDULE = (
    "pfs-modifiers/professional",
    "pfs-modifiers/technical",
    "pfs-modifiers/assistant",
    "pfs-modifiers/co-surgeon",
    "pfs-modifiers/team",
    "pfs-modifiers/visit-unrelated",
    "pfs-modifiers/visit-with-minor",
    "pfs-modifiers/visit-with-major",
    "pfs-modifiers/procedure-within",
)
_SIDES = ("pfs-modifiers/left", "pfs-modifiers/right")


@attrs.frozen(slots=True)
class _Fault:
    """Why a modifier does not stand on a code, and the kinds of codes that say so.

    ``said``: its facts say so in words; else it is read from what the modifier is for.
    """

    text: str
    kinds: tuple[Convention, ...]
    said: bool


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a modifier is not made for the code of a line."""
    (line,) = alone.lines
    return any(context.kept(_fault, modifier, line.code) is not None for modifier in line.modifiers)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every modifier that is not made for the code it stands on."""
    lines = [line for line in encounter.lines if line.modifiers]
    return _check(encounter, context, lines) if lines else ()


def _check(encounter: Encounter, context: Context, lines: list[Line]) -> Iterator[Finding | NotChecked]:
    for line in lines:
        for modifier in dict.fromkeys(line.modifiers):
            fault = context.kept(_fault, modifier, line.code)
            if fault is not None and not _is_judged(encounter, context, line, modifier, fault):
                yield from _judge(encounter, context, line, modifier, fault)


def _fault(modifier: str, code: str, context: Context) -> _Fault | None:
    """The first reason for which a modifier does not stand on a code; None where none is known."""
    record = context.modifier(modifier)
    if record is None or category_of(code) is None:
        return None
    return _never(context, record, code) or _elsewhere(context, record, code)


def _never(context: Context, record: ModifierRecord, code: str) -> _Fault | None:
    for words in record.never_on:
        found = kind(words, context)
        if found is None or found.value == _ANY_OTHER or not is_kind(code, found.value, context):
            continue
        if found.value == _ADD_ON and record.code in (named(_OF_ADD_ONS, context) or ()):
            continue
        return _Fault(
            f"{record.code} does not stand on {found.text}, and {code} is among them", (found,), said=True
        )
    return None


def _elsewhere(context: Context, record: ModifierRecord, code: str) -> _Fault | None:
    kinds = tuple(kind(words, context) for words in record.attaches_to)
    known = tuple(found for found in kinds if found is not None)
    # where one of the kinds cannot be told by the code, the code may be of that one
    if not known or len(known) < len(kinds) or section(code, context) is None:
        return None
    if any(is_kind(code, found.value, context) for found in known):
        return None
    texts = " or ".join(found.text for found in known)
    never = (kind(words, context) for words in record.never_on)
    others = tuple(found for found in never if found is not None and found.value == _ANY_OTHER)
    message = f"{record.code} is for {texts}, and {code} is not among them"
    return _Fault(message, (*known, *others), said=bool(others))


def _is_judged(encounter: Encounter, context: Context, line: Line, modifier: str, fault: _Fault) -> bool:
    """Whether a rule that judges by a published table says the same, or better."""
    if is_tried_in_vain(encounter, context, line, modifier):
        return True
    if encounter.setting is not Setting.PRACTITIONER or any(found.value == _ADD_ON for found in fault.kinds):
        return False
    answer = context.edits.fee_row(line.code)
    if answer is None or answer.row is None:
        return False
    if modifier in (named(_BY_SCHEDULE, context) or ()):
        return True
    sides = set(named(_SIDES, context) or ())
    both = {each for other in encounter.lines if other.code == line.code for each in other.modifiers}
    return modifier in sides and sides <= both


def _judge(
    encounter: Encounter, context: Context, line: Line, modifier: str, fault: _Fault
) -> Iterator[Finding | NotChecked]:
    status = context.modifier_standing(modifier)
    if status is None or status.in_force is False:
        return  # another rule's finding
    if status.in_force is None:
        yield not_checked(RULE, encounter, (line,), f"{fault.text}; but {status.reason}")
        return
    evidence = (status.citation, *(found.citation for found in fault.kinds))
    sure = fault.said and weakest(citation.confidence for citation in evidence) in SURE
    yield finding(
        RULE,
        encounter,
        context,
        (line,),
        fault.text,
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("modifier-inconsistent"),
        fixes=_fixes(encounter, context, line, modifier),
    )


def _fixes(encounter: Encounter, context: Context, line: Line, modifier: str) -> tuple[Fix, ...]:
    asked = fix(FixKind.ASK, line, None, "enter the modifier that the documentation supports, or none")
    kept = sorted(each for each in line.modifiers if each != modifier)
    others = (other for other in encounter.lines if other is not line and other.code == line.code)
    if any(sorted(other.modifiers) == kept for other in others):
        return (asked,)  # it tells the line from another, which would be a duplicate without it
    provided = "nothing else was meant by it" + parts_now(encounter, context, line, modifier)
    return (asked, removal(line, modifier, provided))
