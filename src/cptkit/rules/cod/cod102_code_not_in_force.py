"""The code is not in force on the date of service.

A code must stand in the code set on the day of the service, not on the day the claim is filed;
there is no period of grace. A deleted code is denied from its first day out, a new one before its
first day in.

**Fails**: ``99354`` on 2026-03-02 (last day 2022-12-31), ``98016`` on 2024-12-31 (first day
2025-01-01).

**Passes**: ``99441`` on 2024-12-31, its last day; ``98016`` on 2025-01-01.

**Cure**: the successors, where the edition knows them. Only one successor is offered as a fix, and
only if the documentation supports it; with several the choice is the clinician's.

**Not checked**: codes the edition does not cover, and days before a code's record begins.

**Limits**: dates of the code set. Whether a payer accepts the code is another question.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cptkit.claims import Encounter, Line
from cptkit.codes import is_valid
from cptkit.codesets import Codeset, Status
from cptkit.rules.columns import Asked, Encounters, Reads, Unchecked, each
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked
from cptkit.rules.spans import Facts

if TYPE_CHECKING:
    from cptkit.rules.columns import Small

RULE = ("COD102", "code-not-in-force")

_NONE, _UNKNOWN, _KNOWN = 0, 1, 2


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every line whose code is deleted or not yet there; unknown codes not checked."""
    for line in encounter.lines:
        status = context.standing(line.code)
        if status is None:
            later = context.starts_later(line.code)
            if later is not None:
                yield _not_yet(encounter, context, line, *later)
            elif is_valid(line.code):
                yield not_checked(RULE, encounter, (line,), _uncovered(context, line.code))
        elif status.in_force is None:
            yield not_checked(RULE, encounter, (line,), status.reason)
        elif not status.in_force:
            deleted = status.last_day is not None and status.last_day < encounter.date_of_service
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                _message(status, deleted),
                evidence=(status.citation,),
                denial=context.denial("code-deleted" if deleted else "code-not-yet-effective"),
                fixes=_fixes(line, status, deleted),
            )


def _uncovered(context: Context, code: str) -> str:
    return f"edition {context.codeset.edition} does not cover {code}"


def _not_yet(encounter: Encounter, context: Context, line: Line, edition: Codeset, status: Status) -> Finding:
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{_message(status, deleted=False)} (edition {edition.edition})",
        evidence=(status.citation,),
        denial=context.denial("code-not-yet-effective"),
        fixes=_fixes(line, status, deleted=False),
    )


def _message(status: Status, deleted: bool) -> str:
    if not deleted:
        return f"{status.code} is not in force yet: it starts on {status.first_day}"
    text = f"{status.code} is no longer in force: its last day was {status.last_day}"
    if status.successors:
        text += f"; what came after: {', '.join(status.successors)}"
        text += f" ({status.citation.note})" if status.citation.note else ""
    return text


def _fixes(line: Line, status: Status, deleted: bool) -> tuple[Fix, ...]:
    if not deleted:
        return (fix(FixKind.ASK, line, None, "find the code that was in force on the date of service"),)
    if len(status.successors) == 1 and not status.citation.note:
        successor = status.successors[0]
        provided = f"the service and its documentation meet {successor}"
        return (fix(FixKind.REPLACE_CODE, line, successor, f"report {successor} instead", provided),)
    if len(status.successors) == 1:
        text = f"{status.successors[0]} came after it. Mind the note: {status.citation.note}"
    elif status.successors:
        text = f"choose by the documentation among {', '.join(status.successors)}"
    else:
        text = "find the code that was in force on the date of service"
    return (fix(FixKind.ASK, line, None, text),)


def columns(block: Encounters) -> Asked:
    """The lines whose code an edition knows; a code that none knows is the same on every day of the year."""
    import numpy as np

    from cptkit import kernel

    facts = block.facts
    years, first_spans = facts.kept(_years)
    known = facts.of_code(_are_known, block.period, block.code, (years, len(first_spans)))
    codes = len(facts.codes)  # once: another thread may meet new ones
    compiled = kernel.apart(known, _KNOWN, _UNKNOWN, block.period, years, block.code, codes)
    if compiled is not None:
        lines, counts = compiled
        unchecked = Unchecked.counted(_reason, counts, codes)
    else:
        lines, unknown = np.flatnonzero(known == _KNOWN), np.flatnonzero(known == _UNKNOWN)
        year = years.take(block.period.take(unknown))
        unchecked = Unchecked.of(_reason, year, block.code.take(unknown))
    return Asked(*each(lines), frozenset({Reads.CODE}), unchecked=(unchecked,))


def _reason(facts: Facts, number: int) -> str:
    """Why lines of a year and code are not checked."""
    _, first_spans = facts.kept(_years)
    return _uncovered(facts.contexts[first_spans[number >> 32]], facts.codes[number & 0xFFFFFFFF])


def _years(facts: Facts) -> "tuple[Small, Small]":
    """The number of the edition of each span of days, and the first span of each edition."""
    import numpy as np

    editions: dict[str, int] = {}
    names = [context.codeset.edition for context in facts.contexts]
    years = np.array([editions.setdefault(name, len(editions)) for name in names], np.int32)
    return years, np.array([names.index(name) for name in editions], np.int32)


def _are_known(facts: Facts, year: int, codes: Sequence[str]) -> list[int]:
    """Whether the edition, or a later one of the catalog, has a record of each code, or it can be none."""
    context = facts.contexts[facts.kept(_years)[1][year]]
    editions = (context.codeset, *context.later)
    known = frozenset(chain.from_iterable(editions))
    return [_KNOWN if code in known else _unlisted(code, editions) for code in codes]


def _unlisted(code: str, editions: Sequence[Codeset]) -> int:
    if is_valid(code):
        return _UNKNOWN
    return _KNOWN if any(code in edition for edition in editions) else _NONE
