"""Two behavioural-health codes that one clinician does not report for one patient on one day.

Some services contain or replace each other: two lengths of individual therapy, crisis care beside
other psychotherapy, an evaluation beside therapy, a visit beside stand-alone therapy (the visit
takes the add-on codes instead). For some pairs nothing helps; others stand when they were separate
sessions and a modifier says so.

**Fails**: ``90834`` and ``90837``; ``90839`` and ``90837``; ``99214-25`` and ``90834``;
``90847`` and ``90837`` without a modifier.

**Passes**: ``99214`` and ``90836``.

**Bypassed**: ``90847`` and ``90837-59``, separate sessions, each documented.

**Cure**: the finding names what to do. A modifier is never the cure by itself: the services must
have been separate and documented so.

**Not checked**: days before the record of an exclusion begins.

**Limits**: these are conventions and rows of one CMS quarter, with their confidence; the NCCI pair
edits of the quarter of the service decide for Medicare.
"""

from collections.abc import Iterator
from itertools import combinations

from cptkit.claims import Encounter, Line
from cptkit.codesets import Exclusion
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.sources import Confidence

RULE = ("BHX501", "codes-exclude-each-other")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every pair of lines that an exclusion names."""
    if len(encounter.lines) < 2:
        return
    for one, other in combinations(encounter.lines, 2):
        if one.code != other.code:
            for exclusion in context.exclusions(one.code, other.code):
                if exclusion.starts > encounter.date_of_service:
                    reason = (
                        f"{one.code} and {other.code} exclude each other from {exclusion.starts} on; "
                        "whether they did before is not on record"
                    )
                    yield not_checked(RULE, encounter, (one, other), reason)
                else:
                    yield _pair(encounter, context, one, other, exclusion)


def _pair(encounter: Encounter, context: Context, one: Line, other: Line, exclusion: Exclusion) -> Finding:
    helping = sorted(exclusion.bypass & {*one.modifiers, *other.modifiers})
    dropped = _side(one, other, exclusion, exclusion.drop)
    pair = f"{one.code} and {other.code}"
    if helping:
        message = (
            f"{pair} ({exclusion.title}) are told apart by {', '.join(helping)}: "
            "the record must show two separate services"
        )
        return finding(
            RULE,
            encounter,
            context,
            (one, other),
            message,
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(exclusion.citation,),
        )
    message = f"{pair} do not stand together for one patient, clinician and day ({exclusion.title})"
    if dropped is not None:
        message += f"; a payer denies {dropped.code}"
    message += f". {exclusion.cure}"
    certain = exclusion.citation.confidence is Confidence.VERIFIED
    return finding(
        RULE,
        encounter,
        context,
        (one, other),
        message,
        severity=Severity.ERROR if certain else Severity.WARNING,
        evidence=(exclusion.citation,),
        denial=context.denial(exclusion.denial),
        fixes=_fixes(one, other, dropped, exclusion),
    )


def _side(one: Line, other: Line, exclusion: Exclusion, side: str) -> Line | None:
    """The line on that side of the exclusion, where it says a side and only one line is on it."""
    if side == "either":
        return None
    chosen = exclusion.excludes if side == "excludes" else exclusion.codes
    lines = [line for line in (one, other) if line.code in chosen]
    return lines[0] if len(lines) == 1 else None


def _fixes(one: Line, other: Line, dropped: Line | None, exclusion: Exclusion) -> tuple[Fix, ...]:
    fixes: list[Fix] = []
    for line in (one, other):
        for instead in (other_code for code, other_code in exclusion.replacements if code == line.code):
            provided = f"the service and its minutes are documented as {instead} asks"
            text = f"report {instead} instead of {line.code}"
            fixes.append(fix(FixKind.REPLACE_CODE, line, instead, text, provided))
    if exclusion.bypass:
        target = dropped or other
        # 59 is the general form; the X modifiers say more exactly why the two were separate
        modifier = "59" if "59" in exclusion.bypass else min(exclusion.bypass)
        provided = "the two were separate sessions, each with its own note and times"
        fixes.append(
            fix(FixKind.ADD_MODIFIER, target, modifier, f"add {modifier} to {target.code}", provided)
        )
    given_up = _side(one, other, exclusion, exclusion.cure_drops)
    for line in (other, one) if given_up is other else (one, other):
        provided = f"{line.code} was not a service of its own"
        fixes.append(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided))
    return tuple(fixes)
