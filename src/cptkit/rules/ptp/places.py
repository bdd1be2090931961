"""On which lines a modifier of the pair edits may stand, as the facts of the modifier say."""

import re
from collections.abc import Collection

from cptkit.codes import Section
from cptkit.codesets import ModifierRecord
from cptkit.rules.context import Context
from cptkit.setting import Setting

__all__ = ["is_no_visit", "is_visit", "misplaced"]

# the words by which the facts of a modifier say where it stands
_VISIT = "E/M"
_ADD_ON = "add-ons"
_PROFESSIONAL = "professional claims"
_MOST = 10_000  # answers that are remembered
_SPAN = re.compile(r"(\w{5})-(\w{5})")


def is_visit(code: str, context: Context) -> bool | None:
    """Whether a code is of evaluation and management; None where its section does not tell.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> [is_visit(code, context) for code in ("99214", "20610", "G0463")]
    [True, False, None]
    >>> is_visit("9921", context)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has five characters, this has 4: '9921'; expected a code such as 90834
    """
    section = context.codeset.section_of(code)
    if section is None or section is Section.OTHER:
        return None
    return section is Section.EVALUATION_MANAGEMENT


def is_no_visit(code: str, records: Collection[ModifierRecord], context: Context) -> bool:
    """Whether a code is certainly none of the visits that modifiers are for: by its section and by their facts.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> records = [context.modifier("25")]
    >>> [is_no_visit(code, records, context) for code in ("97110", "99214", "92014", "G0463")]
    [True, False, False, False]
    >>> is_no_visit("97110", [], context)
    False
    >>> is_no_visit("9711", records, context)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has five characters, this has 4: '9711'; expected a code such as 90834
    """
    if not records or is_visit(code, context) is not False:
        return False
    return all(_for_visits(record) and not _named(record, code) for record in records)


def misplaced(record: ModifierRecord, code: str, setting: Setting, context: Context) -> str:
    """Why a modifier does not stand on a line with that code; empty where it does, or nobody knows."""
    key = (record.code, code, setting)
    try:
        return context.edits.places[key]
    except KeyError:
        found = _misplaced(record, code, setting, context)
        if len(context.edits.places) < _MOST:
            context.edits.places[key] = found
        return found


def _misplaced(record: ModifierRecord, code: str, setting: Setting, context: Context) -> str:
    standing = context.modifier_standing(record.code)
    if standing is not None and standing.in_force is False:
        return f"it is not in force on {context.day}"
    if _PROFESSIONAL in record.never_on and setting is Setting.PRACTITIONER:
        return "it is not for professional claims"
    if _ADD_ON in record.never_on and context.addon(code) is not None:
        return f"it never stands on an add-on, which {code} is"
    never, only = _VISIT in record.never_on, _for_visits(record)
    visit = is_visit(code, context) if never or only else None
    if visit is True and never:
        return f"it never stands on a visit, which {code} is"
    if visit is False and only and not _named(record, code):
        return f"it belongs on a visit, which {code} is not"
    return ""


def _for_visits(record: ModifierRecord) -> bool:
    return any(text.endswith(_VISIT) for text in record.attaches_to)


def _named(record: ModifierRecord, code: str) -> bool:
    """Whether the facts name a span of codes besides visits that holds the code."""
    spans = (span for text in record.attaches_to for span in _SPAN.finditer(text))
    return any(span[1] <= code <= span[2] for span in spans)
