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

**Not checked**: days before the record of an exclusion begins; a code that another one excludes which stands
on another claim of the patient and day, or on a line without a clinician.

**Limits**: these are conventions and rows of one CMS quarter, with their confidence; the NCCI pair
edits of the quarter of the service decide for Medicare. An add-on is offered instead of a code only
beside one of its primaries. Units below 1 are COD103's, and no service here.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Exclusion
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked, unnamed
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import named
from cptkit.sources import Confidence

RULE = ("BHX501", "codes-exclude-each-other")

_APART = ("apart/procedure",)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether an exclusion names the code of a line."""
    return context.is_excluding(alone.lines[0].code)


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every pair of codes that an exclusion names, with all their lines."""
    if encounter.elsewhere:
        yield from _elsewhere(encounter, context)
    if len(encounter.lines) < 2:
        return
    lines: dict[str, list[Line]] = {}
    for line in encounter.lines:
        if line.units > 0:
            lines.setdefault(line.code, []).append(line)
    for one, other, exclusion in context.exclusions_among(tuple(lines)):
        yield _pair(encounter, context, lines[one], lines[other], exclusion)


def _elsewhere(encounter: Encounter, context: Context) -> Iterator[NotChecked]:
    for line in encounter.lines:
        for code in sorted(encounter.elsewhere):
            if code != line.code and context.exclusions(line.code, code):
                reason = f"{code} stands on another claim of the day or without a clinician: it may exclude {line.code}"
                yield not_checked(RULE, encounter, (line,), reason)


def _pair(
    encounter: Encounter, context: Context, ones: list[Line], others: list[Line], exclusion: Exclusion
) -> Finding | NotChecked:
    codes = ones[0].code, others[0].code
    pair = " and ".join(codes)
    both = tuple(line for line in encounter.lines if line.code in codes and line.units > 0)
    if exclusion.starts > encounter.date_of_service:
        reason = (
            f"{pair} exclude each other from {exclusion.starts} on; whether they did before is not on record"
        )
        return not_checked(RULE, encounter, both, reason)
    helping = _told_apart(ones, exclusion) | _told_apart(others, exclusion)
    overlap = any(_overlap(one, other) for one in ones for other in others)
    if helping and not overlap:
        message = (
            f"{pair} ({exclusion.title}) are told apart by {', '.join(sorted(helping))}: "
            "the record must show two separate services"
        )
        return finding(
            RULE,
            encounter,
            context,
            both,
            message,
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(exclusion.citation,),
        )
    denied = _side(ones, others, exclusion, exclusion.drop)
    message = f"{pair} do not stand together for one patient, clinician and day ({exclusion.title})"
    if denied:
        message += f"; a payer denies {denied[0].code}"
    if helping:
        message += f"; {', '.join(sorted(helping))} does not help where their clock times overlap"
    message += f". {exclusion.cure}{_withheld(context, ones, others, exclusion)}{unnamed(encounter)}"
    certain = exclusion.citation.confidence is Confidence.VERIFIED
    return finding(
        RULE,
        encounter,
        context,
        both,
        message,
        severity=Severity.ERROR if certain else Severity.WARNING,
        evidence=(exclusion.citation,),
        denial=context.denial(exclusion.denial),
        fixes=_fixes(context, ones, others, denied, exclusion, may_bypass=not overlap),
    )


def _told_apart(lines: list[Line], exclusion: Exclusion) -> set[str]:
    """The modifiers that tell these lines from the others; none unless every line has one."""
    helping = [exclusion.bypass.intersection(line.modifiers) for line in lines]
    return set().union(*helping) if all(helping) else set()


def _overlap(one: Line, other: Line) -> bool:
    """Whether both have clock times within a day and these overlap."""
    if one.start is None or one.stop is None or other.start is None or other.stop is None:
        return False
    return (
        one.start < other.stop
        and other.start < one.stop
        and one.start < one.stop
        and other.start < other.stop
    )


def _side(ones: list[Line], others: list[Line], exclusion: Exclusion, side: str) -> list[Line]:
    """The lines on that side of the exclusion, where it says a side and only one code is on it."""
    if side == "either":
        return []
    chosen = exclusion.excludes if side == "excludes" else exclusion.codes
    found = [lines for lines in (ones, others) if lines[0].code in chosen]
    return found[0] if len(found) == 1 else []


def _each(ones: list[Line], others: list[Line]) -> Iterator[tuple[Line, str]]:
    """Each line of a pair with the code beside it."""
    yield from ((line, others[0].code) for line in ones)
    yield from ((line, ones[0].code) for line in others)


def _instead(code: str, exclusion: Exclusion) -> list[str]:
    """The codes that the exclusion names in place of one."""
    return [instead for given, instead in exclusion.replacements if given == code]


def _goes_with(context: Context, code: str, beside: str) -> bool:
    """Whether a code may be reported beside another: an add-on only beside one of its primaries of the day."""
    addon = context.addon(code)
    return addon is None or beside in addon.primaries


def _withheld(context: Context, ones: list[Line], others: list[Line], exclusion: Exclusion) -> str:
    """That the add-ons of the cure do not go with the visit that is there; empty where they do."""
    said = dict.fromkeys(
        f" {instead} is not added to {beside}."
        for line, beside in _each(ones, others)
        for instead in _instead(line.code, exclusion)
        if not _goes_with(context, instead, beside)
    )
    return "".join(said)


def _fixes(
    context: Context,
    ones: list[Line],
    others: list[Line],
    denied: list[Line],
    exclusion: Exclusion,
    *,
    may_bypass: bool,
) -> tuple[Fix, ...]:
    fixes: list[Fix] = []
    present = {ones[0].code, others[0].code}
    for line, beside in _each(ones, others):
        for instead in _instead(line.code, exclusion):
            if not _goes_with(context, instead, beside):
                continue
            provided = f"the service and its minutes are documented as {instead} asks"
            text = f"report {instead} instead of {line.code}"
            fixes.append(fix(FixKind.REPLACE_CODE, line, instead, text, provided))
    if exclusion.bypass and may_bypass:
        # the general form, which comes last; those before it say more exactly why the two were separate
        general = (named(_APART, context) or ())[-1:]
        modifier = next((each for each in general if each in exclusion.bypass), min(exclusion.bypass))
        provided = "the two were separate sessions, each with its own note and times"
        fixes.extend(
            fix(FixKind.ADD_MODIFIER, line, modifier, f"add {modifier} to {line.code}", provided)
            for line in denied or others
        )
    first = _side(ones, others, exclusion, exclusion.cure_drops) or ones
    for code in sorted(present, key=lambda code: code != first[0].code):
        provided = f"{code} was not a service of its own"
        fixes.extend(
            fix(FixKind.DROP_LINE, line, None, f"drop {code}", provided)
            for line in (*ones, *others)
            if line.code == code
        )
    return tuple(fixes)
